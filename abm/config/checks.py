"""What only the model can say about a config: dates, ramps and area codes against the world, outcome names against the model's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from abm.config.document import Path_, dotted
from abm.config.errors import ConfigError, Place, Problem, nearest, shown
from abm.config.resolved import Given, Resolved
from abm.model.declaration import DeclarationError
from abm.model.network import World
from abm.model.policy import Policy


def check_against_world(resolved: Resolved, world: World, outcomes: Sequence[str]) -> None:
    """Raise `ConfigError` for every setting that the world refuses and every outcome that the model does not have."""
    problems = [*_setting_problems(resolved, world), *_outcome_problems(resolved, outcomes)]
    if problems:
        raise ConfigError(problems)


def _setting_problems(resolved: Resolved, world: World) -> Iterable[Problem]:
    systems = dict(zip(world.icbs["code"], world.icbs["region"], strict=True))
    for scenario in resolved.scenarios:
        for name, given in scenario.levers.items():
            try:
                Policy({name: given.value}, systems, world.first_year)
            except DeclarationError as error:
                yield _located(name, given, error, world)


def _located(name: str, given: Given, error: DeclarationError, world: World) -> Problem:
    """The problem at the key or value inside the setting that the model's message speaks of."""
    for path, place in given.document.keys.items():
        if path and (str(path[-1]) == error.name or repr(path[-1]) in error.message):
            return Problem(place, dotted(("levers", name, *path)), error.message, error.nearest, _codes(path, world))
    for path, place in given.document.places.items():
        if path and path[-1] in ("start", "end") and place.text[place.column - 1 :].lstrip("'\"").startswith(error.name):
            return Problem(place, dotted(("levers", name, *path)), error.message, error.nearest)
    return Problem(given.place, f"levers.{name}", error.message, error.nearest)


def _codes(path: Path_, world: World) -> str:
    """The codes that may stand where `path` ends, when it names an area and there are few."""
    table = {"regions": world.regions, "systems": world.icbs}.get(str(path[0])) if len(path) == 2 else None
    return ", ".join(table["code"]) if table is not None and len(table) <= 12 else ""


def check_models(resolved: Resolved, world: World, make: Callable[..., Any]) -> None:
    """Build each scenario's model once with `make` (`abm.ICSModel`), for what only values together show. Raises `ConfigError`."""
    problems = []
    for scenario in resolved.scenarios:
        levers, parameters = scenario.settings("levers"), scenario.settings("parameters")
        try:
            make(world, levers=levers, parameters=parameters, seed=resolved.experiment.seed, replicate=0, keep=())
        except DeclarationError as error:
            given = scenario.levers.get(error.name) or scenario.parameters.get(error.name)
            section = "levers" if error.name in scenario.levers else "parameters"
            place = given.place if given else Place(shown(resolved.source))
            problems.append(Problem(place, f"{section}.{error.name}" if given else error.name, error.message, error.nearest))
    if problems:
        raise ConfigError(problems)


def _outcome_problems(resolved: Resolved, names: Sequence[str]) -> Iterable[Problem]:
    wanted = resolved.experiment.outcomes
    if isinstance(wanted, str):
        return
    place = resolved.places.get("outcomes", Place(shown(resolved.source)))
    for name in wanted:
        if name not in names:
            yield Problem(place, "outcomes", f"no such outcome {name!r}", nearest(name, names))
