"""What only the model can say about a config: dates, ramps and area codes against the world, outcome names against the model's.

A design's points are checked too: every level against every world that it may meet, and the model on a few corners.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from abm.config.design import ListDesign
from abm.config.design.base import Varied
from abm.config.document import Document, Path_, dotted
from abm.config.errors import ConfigError, Place, Problem, nearest, shown
from abm.config.factors import SYSTEM
from abm.config.resolved import Resolved, ResolvedScenario, ResolvedWorld
from abm.config.settings import SECTIONS
from abm.model.declaration import DeclarationError
from abm.model.network import World
from abm.model.policy import Policy


def check_against_world(resolved: Resolved, worlds: Mapping[str, World], outcomes: Sequence[str]) -> None:
    """Raise `ConfigError` for every setting that its world refuses and every outcome that the model does not have.

    `worlds` has the world of each of `resolved.worlds` by name (see `build_worlds`).
    """
    problems = list(_outcome_problems(resolved, outcomes))
    for name, stacked in resolved.worlds.items():
        world = worlds[name]
        for path, document, lever, value in chain(_given(stacked), _levels(resolved, name)):
            try:
                areas = dict(zip(world.icbs["code"], world.icbs["region"], strict=True))
                Policy({lever: value}, areas, world.first_year, world.later_systems())
            except DeclarationError as error:
                problems.append(_located(path, document(), error, world))
    if problems:
        raise ConfigError(problems)


Setting = tuple[Path_, Callable[[], Document], str, Any]  # its path for messages, the document below it, the lever, the value


def _given(stacked: ResolvedWorld) -> Iterator[Setting]:
    """Every lever setting of every scenario."""
    for scenario in stacked.scenarios:
        for name, given in scenario.levers.items():
            yield ("levers", name), lambda given=given: given.document, name, given.value  # type: ignore[misc]


def _levels(resolved: Resolved, system: str) -> Iterator[Setting]:
    """Every setting of a lever in the design that is more than a plain value, and may meet this system."""
    for path, key, value in _written(resolved, system):
        if key.startswith("levers.") and isinstance(value, Mapping):
            yield path, lambda path=path: resolved.document.part(path), key.split(".", 1)[1], value  # type: ignore[misc]


def _written(resolved: Resolved, system: str) -> Iterator[tuple[Path_, str, Any]]:
    design = resolved.experiment.design
    if isinstance(design, ListDesign):
        names = iter(resolved.system_levels)
        for i, point in enumerate(design.listed()):
            if system == (next(names) if SYSTEM in point else resolved.system.name):
                yield from ((("design", "points", i, key), key, value) for key, value in point.items())
    elif isinstance(design, Varied):
        for key, spec in design.keyed().plain().items():
            for i, value in enumerate(spec if isinstance(spec, (list, tuple)) else ()):
                yield ("design", "over", key, i), key, value


def _located(path: Path_, document: Document, error: DeclarationError, world: World) -> Problem:
    """The problem at the key or value inside the setting that the model's message speaks of."""
    for below, place in document.keys.items():
        if below and (str(below[-1]) == error.name or repr(below[-1]) in error.message):
            return Problem(place, dotted((*path, *below)), error.message, error.nearest, _codes(below, world))
    for below, place in document.places.items():
        if below and below[-1] in ("start", "end") and place.text[place.column - 1 :].lstrip("'\"").startswith(error.name):
            return Problem(place, dotted((*path, *below)), error.message, error.nearest)
    return Problem(document.place(()), dotted(path), error.message, error.nearest)


def _codes(path: Path_, world: World) -> str:
    """The codes that may stand where `path` ends, when it names an area and there are few."""
    table = {"regions": world.regions, "systems": world.icbs}.get(str(path[0])) if len(path) == 2 else None
    return ", ".join(table["code"]) if table is not None and len(table) <= 12 else ""


def check_models(resolved: Resolved, worlds: Mapping[str, World], make: Callable[..., Any]) -> None:
    """Build models with `make` (`abm.ICSModel`), for what only values together show. Raises `ConfigError`.

    Without a design, each scenario's. With one, the first scenario at a few corners of the design and the others at one
    each, in every world.
    """
    problems = []
    for name, stacked in resolved.worlds.items():
        corners = list(_corners(resolved, name)) or [{}]
        for i, scenario in enumerate(stacked.scenarios):
            for corner in corners if i == 0 else [corners[i % len(corners)]]:
                try:
                    make(worlds[name], **_settings(scenario, corner), **scenario.sight, seed=resolved.experiment.seed, replicate=0, keep=())
                except DeclarationError as error:
                    problems.append(_refusal(resolved, scenario, corner, error))
    if problems:
        raise ConfigError(problems)


def _corners(resolved: Resolved, system: str) -> Iterator[Mapping[str, Any]]:
    """The design's corners for one system, without the system."""
    design = resolved.experiment.design
    for corner in design.corners() if design is not None else ():
        listed = isinstance(design, ListDesign)
        if not listed or system == _name_of(resolved, corner):
            yield {key: value for key, value in corner.items() if key != SYSTEM}


def _name_of(resolved: Resolved, point: Mapping[str, Any]) -> str:
    """The name of a listed point's system."""
    design = resolved.experiment.design
    if SYSTEM not in point or not isinstance(design, ListDesign):
        return resolved.system.name
    mentions = [each[SYSTEM] for each in design.listed() if SYSTEM in each]
    return resolved.system_levels[mentions.index(point[SYSTEM])]


def _settings(scenario: ResolvedScenario, corner: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Levers and parameters of a scenario at a corner of the design."""
    own = {section: {k.split(".", 1)[1]: v for k, v in corner.items() if k.startswith(f"{section}.")} for section in SECTIONS}
    return {section: {**scenario.settings(section), **own[section]} for section in SECTIONS}


def _refusal(resolved: Resolved, scenario: ResolvedScenario, corner: Mapping[str, Any], error: DeclarationError) -> Problem:
    """The problem where the value that the model refuses was set: in the design, or in the layer that set it."""
    section = next((s for s in SECTIONS if f"{s}.{error.name}" in corner or error.name in scenario.values(s)), None)
    key = f"{section}.{error.name}" if section else error.name
    if key in corner:
        return Problem(resolved.document.place(("design", "over", key), of_key=True), f"design.over.{key}", error.message, error.nearest)
    place = scenario.values(section)[error.name].place if section else Place(shown(resolved.source))
    return Problem(place, key, error.message, error.nearest)


def _outcome_problems(resolved: Resolved, names: Sequence[str]) -> Iterable[Problem]:
    wanted = resolved.experiment.outcomes
    if isinstance(wanted, str):
        return
    place = resolved.places.get("outcomes", Place(shown(resolved.source)))
    for name in wanted:
        if name not in names:
            yield Problem(place, "outcomes", f"no such outcome {name!r}", nearest(name, names))
