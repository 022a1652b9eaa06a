"""A resolved experiment as plain data of one file that stands alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from abm.config.factors import ROWS, SYSTEM
from abm.config.settings import SECTIONS

if TYPE_CHECKING:
    from abm.config.resolved import Resolved, ResolvedScenario, ResolvedWorld

Sections = dict[str, dict[str, Any]]


def standalone(resolved: Resolved) -> dict[str, Any]:
    """What `Resolved.config` promises: loading it gives the same plan."""
    plain = resolved.experiment.model_dump(exclude={"levers", "parameters", "system", "scenarios", "design"})
    plain = {key: list(value) if isinstance(value, tuple) else value for key, value in plain.items()}
    head = {key: plain.pop(key) for key in ("name", "title", "question")}
    plain["baseline"] = resolved.baseline
    common, inline = _parts(resolved)
    scenarios = [_own(scenario, common) for scenario in resolved.scenarios]
    body = {key: value for key, value in plain.items() if value is not None}
    first = {**head, "system": inline[resolved.system.name], "scenarios": scenarios}
    return {**first, **_design(resolved, inline), **body, **common}


def inline_systems(resolved: Resolved) -> dict[str, dict[str, Any]]:
    """Every system of the experiment by name, written out as `standalone` does it."""
    return _parts(resolved)[1]


def _parts(resolved: Resolved) -> tuple[Sections, dict[str, dict[str, Any]]]:
    """What all worlds share, and every system written out with what it does not share."""
    own = resolved.system.name
    worlds = {own: resolved.own, **resolved.worlds}
    below = {name: _below(world) for name, world in worlds.items()}
    common = _agreed(list(below.values()))
    folders = {name: "tables" if name == own else f"tables/{name}" for name in worlds}
    return common, {name: _system(world, folders[name], below[name], common) for name, world in worlds.items()}


def _below(world: ResolvedWorld) -> Sections:
    """The values that all scenarios of a world share: every declared default, or what a layer other than the scenario's set."""
    values: Sections = {section: {} for section in SECTIONS}
    for key, row in ROWS.items():
        section, name = key.split(".", 1)
        values[section][name] = row.default
        for given in (scenario.values(section).get(name) for scenario in world.scenarios):
            if given is not None and given.layer != "scenario":
                values[section][name] = given.value
    return values


def _agreed(worlds: list[Sections]) -> Sections:
    """The values on which all worlds agree."""
    first = worlds[0]
    return {
        section: {name: value for name, value in first[section].items() if all(other[section][name] == value for other in worlds[1:])}
        for section in SECTIONS
    }


def _system(world: ResolvedWorld, folder: str, below: Sections, common: Sections) -> dict[str, Any]:
    """The system written out, with the values that are not the same in all worlds."""
    plain = {key: value for key, value in world.system.model_dump(exclude=set(SECTIONS)).items() if value not in (None, "")}
    if world.tables is not None:
        plain["tables"] = folder
    for section in SECTIONS:
        mine = {name: value for name, value in below[section].items() if name not in common[section]}
        if mine:
            plain[section] = mine
    return plain


def _own(scenario: ResolvedScenario, common: Sections) -> dict[str, Any]:
    """A scenario with what it has of its own."""
    own: dict[str, Any] = {"name": scenario.name, "title": scenario.title, "description": scenario.description}
    own |= {name: list(given) for name, given in scenario.sight.items()}
    for section in SECTIONS:
        shared = common[section]
        given = {name: value for name, value in scenario.values(section).items() if value.layer == "scenario"}
        mine = {name: given[name].value for name in _names(section) if name in given}
        mine = {name: value for name, value in mine.items() if name not in shared or shared[name] != value}
        if mine:
            own[section] = mine
    return own


def _names(section: str) -> list[str]:
    return [key.split(".", 1)[1] for key in ROWS if key.startswith(f"{section}.")]


def _design(resolved: Resolved, inline: Mapping[str, Any]) -> dict[str, Any]:
    """The design section, with a system written out where it is first mentioned, and named after that."""
    design = resolved.experiment.design
    if design is None:
        return {}
    plain = design.plain()
    names = iter(resolved.system_levels)
    known = {resolved.system.name}

    def entry() -> Any:
        name = next(names)
        written = name if name in known else inline[name]
        known.add(name)
        return written

    if "over" in plain and SYSTEM in plain["over"]:
        plain["over"][SYSTEM] = [entry() for _ in plain["over"][SYSTEM]]
    for point in plain.get("points", ()) if design.kind == "list" else ():
        if SYSTEM in point:
            point[SYSTEM] = entry()
    return {"design": plain}
