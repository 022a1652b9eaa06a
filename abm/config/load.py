"""Configs in layers: read, check and combine an experiment, its system and its scenarios.

Precedence, later wins: declared default < system < experiment < scenario < design < command line. A setting is replaced
whole. The command line cannot set what the design varies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from abm.config.design.table import with_points
from abm.config.document import Document, Path_, parse_document, read_document
from abm.config.errors import ConfigError, Place, Problem
from abm.config.find import find
from abm.config.layers import Layer
from abm.config.plan_checks import plan_problems
from abm.config.precedence import DECLARED
from abm.config.problems import validated
from abm.config.resolved import Given, Resolved, ResolvedScenario, ResolvedWorld
from abm.config.schema import Experiment, Scenario
from abm.config.systems import Chosen, choose

T = TypeVar("T")
COMMAND = "--set"


def load(reference: str, overrides: Sequence[str] = ()) -> Resolved:
    """The experiment that `reference` (a path, or a name in `configs/experiments`) means, with `key=value` overrides on top.

    Raises `ConfigError` with all problems found; reads only.
    """
    path = find(reference, "experiments", None, Place(reference))
    document, command = read_document(path), Document(None, COMMAND, {}, {(): Place(COMMAND)})
    for text in overrides:
        keys, value = parse_override(text)
        if keys[0] in DECLARED:
            command = command.with_value(keys, value)
        else:
            document = document.with_value(keys, value)
    return resolve(document, command)


def resolve(document: Document, command: Document) -> Resolved:
    """Combine an experiment's document with what it names and with the command line's layer."""
    document = with_points(document)
    experiment = validated(document, Experiment)
    problems: list[Problem] = []
    systems = _collect(problems, lambda: choose(experiment, document))
    scenarios = [
        _collect(problems, lambda i=i: _scenario(document, i))  # type: ignore[misc]
        for i in range(len(experiment.scenarios))
    ]
    top = _collect(problems, lambda: validated(command, Layer))
    if top is not None:
        problems += plan_problems(experiment, document, top, command)
    if problems or systems is None or top is None:
        raise ConfigError(problems)
    found = [pair for pair in scenarios if pair]
    _check_names(experiment, [scenario for scenario, _ in found], document)

    def stacked(chosen: Chosen) -> ResolvedWorld:
        lower = [("system", chosen.system, chosen.document), ("experiment", experiment, document)]
        upper = ("command line", top, command)
        scenarios = tuple(_stack(pair[0], [*lower, ("scenario", *pair), upper]) for pair in found)
        return ResolvedWorld(chosen.system, scenarios, chosen.tables)

    worlds = {name: stacked(chosen) for name, chosen in systems.used.items()}
    own = worlds.get(systems.own.system.name) or stacked(systems.own)
    source = document.source or Path(document.name)
    return Resolved(experiment, own, worlds, systems.levels, source, document)


def parse_override(text: str) -> tuple[Path_, Document]:
    """`levers.finance_share=0.9` as a path and a document; the value is YAML. Raises `ConfigError`."""
    key, equals, value = text.partition("=")
    parts = _steps(key.strip())
    start = Place(COMMAND, 1, 1, text)
    if not equals or not all(parts):
        raise ConfigError([Problem(start, key.strip()[:80], "expected key=value, for example levers.finance_share=0.9")])
    if parts[0] in DECLARED and len(parts) < 2:
        raise ConfigError([Problem(start, parts[0], f"name one, for example {parts[0]}.{next(iter(DECLARED[parts[0]]))}=...")])
    document = parse_document(value, COMMAND, before=f"{key}=")
    return parts, Document(None, COMMAND, document.data, document.places, {**document.keys, (): start})


def _steps(key: str) -> tuple[str, ...]:
    """The steps of a dotted key; under `design.over` a factor's own dot does not count."""
    parts = key.split(".")
    if parts[:2] == ["design", "over"] and len(parts) > 3 and parts[2] in DECLARED:
        parts[2:4] = [f"{parts[2]}.{parts[3]}"]
    return tuple(parts)


def _collect(problems: list[Problem], work: Callable[[], T]) -> T | None:
    try:
        return work()
    except ConfigError as error:
        problems.extend(error.problems)
        return None


def _scenario(document: Document, index: int) -> tuple[Scenario, Document]:
    here: Path_ = ("scenarios", index)
    entry = document.data["scenarios"][index]
    if isinstance(entry, Mapping):
        inner = document.part(here)
    else:
        inner = read_document(find(entry, "scenarios", document.source, document.place(here), f"scenarios[{index}]"))
    return validated(inner, Scenario), inner


def _stack(scenario: Scenario, layers: Sequence[tuple[str, Layer, Document]]) -> ResolvedScenario:
    """Later layers replace earlier ones, setting by setting."""
    values: dict[str, dict[str, Given]] = {section: {} for section in DECLARED}
    for name, layer, document in layers:
        for section, found in values.items():
            for key, value in layer.section(section).given().items():
                found[key] = Given(value, name, document.part((section, key)))
    return ResolvedScenario(scenario.name, scenario.title or scenario.name, scenario.description, **values, sight=scenario.sight())


def _check_names(experiment: Experiment, scenarios: Sequence[Scenario], document: Document) -> None:
    names = [scenario.name for scenario in scenarios]
    problems = [
        Problem(document.place(("scenarios", i)), f"scenarios[{i}]", f"a second scenario is named {name!r}")
        for i, name in enumerate(names)
        if name in names[:i]
    ]
    if experiment.baseline is not None and experiment.baseline not in names:
        reason = f"{experiment.baseline!r} is not one of the scenarios"
        problems.append(Problem(document.place(("baseline",)), "baseline", reason, allowed=", ".join(names)))
    if problems:
        raise ConfigError(problems)
