"""Which systems an experiment's runs are built on: its own, and those that its design varies over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from abm.config.design import ListDesign, OneAtATime
from abm.config.design.base import Varied
from abm.config.document import Document, Path_, dotted, read_document
from abm.config.errors import ConfigError, Problem, shown
from abm.config.factors import SYSTEM
from abm.config.find import find
from abm.config.problems import validated
from abm.config.schema import Experiment, System


@dataclass(frozen=True)
class Chosen:
    """A system, the document it was read from, and the folder of its own tables, if it has one."""

    system: System
    document: Document
    tables: Path | None

    def same(self, other: Chosen) -> bool:
        """Whether both are the same world with the same levers and parameters."""

        def facts(chosen: Chosen) -> list[Any]:
            system = chosen.system
            return [
                [system.world, system.systems, system.seed, system.quarter_of_successors, system.rewire],
                chosen.tables and chosen.tables.resolve(),
                system.section("levers").given(),
                system.section("parameters").given(),
            ]

        return facts(self) == facts(other)


@dataclass(frozen=True)
class Systems:
    """The experiment's own system; all that some run uses, by name; and the name of each level of the design's `system`."""

    own: Chosen
    used: Mapping[str, Chosen]
    levels: tuple[str, ...] = ()


def choose(experiment: Experiment, document: Document) -> Systems:
    """Find and read every system that the experiment names. Raises `ConfigError` with all problems found."""
    problems: list[Problem] = []
    inline: dict[str, Chosen] = {}
    found: dict[Path_, Chosen] = {}
    entries = sorted(_entries(experiment, document), key=lambda pair: not isinstance(pair[1], Mapping))
    for path, entry in [((SYSTEM,), document.data[SYSTEM]), *entries]:  # those written out come first: a name may mean one of them
        try:
            found[path] = inline[entry] if isinstance(entry, str) and entry in inline else _read(document, path, entry)
        except ConfigError as error:
            problems.extend(error.problems)
            continue
        if isinstance(entry, Mapping):
            inline.setdefault(found[path].system.name, found[path])
    if problems:
        raise ConfigError(problems)
    own = found.pop((SYSTEM,))
    named: dict[str, Chosen] = {own.system.name: own}
    for path, chosen in found.items():
        if not named.setdefault(chosen.system.name, chosen).same(chosen):
            reason = f"another system is named {chosen.system.name!r}; names of systems must differ"
            problems.append(Problem(document.place(path), dotted(path), reason))
    levels = [found[path].system.name for path, _ in _entries(experiment, document)]
    problems += _repeated(experiment, document, levels)
    if problems:
        raise ConfigError(problems)
    names = [*([own.system.name] if _own_is_used(experiment) else []), *levels]
    return Systems(own, {name: named[name] for name in dict.fromkeys(names)}, tuple(levels))


def _entries(experiment: Experiment, document: Document) -> Iterator[tuple[Path_, Any]]:
    """Where the design names a system, and what it says there."""
    design = experiment.design
    if isinstance(design, ListDesign):
        for i, point in enumerate(document.data["design"]["points"]):
            if SYSTEM in point:
                yield ("design", "points", i, SYSTEM), point[SYSTEM]
    elif isinstance(design, Varied):
        for i, entry in enumerate(document.data["design"]["over"].get(SYSTEM, ())):
            yield ("design", "over", SYSTEM, i), entry


def _repeated(experiment: Experiment, document: Document, levels: list[str]) -> Iterator[Problem]:
    if isinstance(experiment.design, ListDesign):
        return
    for i, name in enumerate(levels):
        if name in levels[:i]:
            path: Path_ = ("design", "over", SYSTEM, i)
            yield Problem(document.place(path), dotted(path), f"the system {name!r} is listed twice")


def _own_is_used(experiment: Experiment) -> bool:
    """Whether some run is built on the experiment's own system."""
    design = experiment.design
    if isinstance(design, ListDesign):
        return any(SYSTEM not in point for point in design.listed())
    return design is None or isinstance(design, OneAtATime) or all(each.key != SYSTEM for each in design.factors())


def _read(document: Document, path: Path_, entry: Any) -> Chosen:
    if isinstance(entry, Mapping):
        inner = document.part(path)
    else:
        inner = read_document(find(entry, "systems", document.source, document.place(path), dotted(path)))
    system = validated(inner, System)
    return Chosen(system, inner, _tables(system, inner))


def _tables(system: System, document: Document) -> Path | None:
    if system.tables is None:
        return None
    base = document.source.parent if document.source is not None else Path.cwd()
    folder = base / Path(system.tables).expanduser()
    if not folder.is_dir():
        raise ConfigError([Problem(document.place(("tables",)), "tables", f"no such folder {shown(folder)}")])
    return folder
