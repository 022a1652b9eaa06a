"""Configs in layers: read, check and combine an experiment, its system and its scenarios.

Precedence, later wins: declared default < system < experiment < scenario < command line. A setting is replaced whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from abm.config.document import Document, Path_, parse_document, read_document
from abm.config.errors import ConfigError, Place, Problem, shown
from abm.config.find import find
from abm.config.problems import validated
from abm.config.resolved import DECLARED, Given, Resolved, ResolvedScenario
from abm.config.schema import Experiment, Layer, Scenario, System

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
    experiment = validated(document, Experiment)
    problems: list[Problem] = []
    system_document = _collect(problems, lambda: _system_document(document))
    system = _collect(problems, lambda: validated(system_document, System)) if system_document else None
    scenarios = [
        _collect(problems, lambda i=i: _scenario(document, i))  # type: ignore[misc]
        for i in range(len(experiment.scenarios))
    ]
    top = _collect(problems, lambda: validated(command, Layer))
    if problems or system is None or system_document is None or top is None:
        raise ConfigError(problems)
    lower = [("system", system, system_document), ("experiment", experiment, document)]
    upper = ("command line", top, command)
    resolved = tuple(_stack(pair[0], [*lower, ("scenario", *pair), upper]) for pair in scenarios if pair)
    _check_names(experiment, resolved, document)
    places = {str(key[0]): place for key, place in document.places.items() if len(key) == 1}
    return Resolved(experiment, system, resolved, _tables(system, system_document), document.source or Path(document.name), places)


def parse_override(text: str) -> tuple[Path_, Document]:
    """`levers.finance_share=0.9` as a path and a document; the value is YAML. Raises `ConfigError`."""
    key, equals, value = text.partition("=")
    parts = tuple(key.strip().split("."))
    start = Place(COMMAND, 1, 1, text)
    if not equals or not all(parts):
        raise ConfigError([Problem(start, key.strip()[:80], "expected key=value, for example levers.finance_share=0.9")])
    if parts[0] in DECLARED and len(parts) < 2:
        raise ConfigError([Problem(start, parts[0], f"name one, for example {parts[0]}.{next(iter(DECLARED[parts[0]]))}=...")])
    document = parse_document(value, COMMAND, before=f"{key}=")
    return parts, Document(None, COMMAND, document.data, document.places, {**document.keys, (): start})


def _collect(problems: list[Problem], work: Callable[[], T]) -> T | None:
    try:
        return work()
    except ConfigError as error:
        problems.extend(error.problems)
        return None


def _system_document(document: Document) -> Document:
    entry = document.data["system"]
    if isinstance(entry, Mapping):
        return document.part(("system",))
    return read_document(find(entry, "systems", document.source, document.place(("system",)), "system"))


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
    return ResolvedScenario(scenario.name, scenario.title or scenario.name, scenario.description, **values)


def _check_names(experiment: Experiment, scenarios: Sequence[ResolvedScenario], document: Document) -> None:
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


def _tables(system: System, document: Document) -> Path | None:
    if system.tables is None:
        return None
    base = document.source.parent if document.source is not None else Path.cwd()
    folder = base / Path(system.tables).expanduser()
    if not folder.is_dir():
        raise ConfigError([Problem(document.place(("tables",)), "tables", f"no such folder {shown(folder)}")])
    return folder
