"""The worlds that an experiment's systems name."""

from __future__ import annotations

import csv
from pathlib import Path

from abm.config.errors import ConfigError, Place, Problem, shown
from abm.config.resolved import Resolved
from abm.config.schema import System
from abm.england import TableError, WorldError, check_world, england, load_tables, synthetic, tiny
from abm.england.reading import PACKAGED
from abm.england.rewired import rewired
from abm.england.successors import with_successors_from
from abm.model.network import World

SYSTEMS, SEED = 20, 1  # of a synthetic world that does not say


def build_world(resolved: Resolved, name: str | None = None) -> World:
    """Build the world of the experiment's own system, or of the one in `resolved.worlds` that is named.

    Raises `ConfigError` naming file and line when its tables are inconsistent.
    """
    chosen = resolved.own if name is None else resolved.worlds[name]
    system = chosen.system
    world = _unwired(system, chosen.tables)
    return world if system.rewire is None else rewired(world, system.rewire.seed, system.rewire.keep)


def _unwired(system: System, tables: Path | None) -> World:
    """The world before partners are drawn anew."""
    if system.world == "tiny":
        return tiny()
    if system.world == "synthetic":
        return synthetic(systems=system.systems or SYSTEMS, seed=SEED if system.seed is None else system.seed)
    quarter = system.quarter_of_successors
    if tables is None and quarter is None:
        return england()
    return _from_tables(tables, quarter)


def build_worlds(resolved: Resolved) -> dict[str, World]:
    """The world of every system that some run is built on, by the system's name. Raises `ConfigError` as `build_world` does."""
    return {name: build_world(resolved, name) for name in resolved.worlds}


def _from_tables(own: Path | None, successors: int | None) -> World:
    """England from one's own tables or the shipped ones, with its successor ICBs from a quarter on. Raises `ConfigError`."""
    folder = PACKAGED if own is None else own
    try:
        world = england(own)
        check_world(world)
        if successors is not None:
            world = with_successors_from(world, load_tables(folder), successors)
            check_world(world if world.redrawn is None else world.redrawn.world)
    except TableError as error:
        raise ConfigError([Problem(_place(folder, error), error.column, error.reason)]) from None
    except WorldError as error:
        raise ConfigError([Problem(Place(shown(folder)), error.column, f"{error.table} {error.row}: {error.reason}")]) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError([Problem(Place(shown(folder)), "", f"a table cannot be read: {error}")]) from None
    return world


def _place(folder: Path, error: TableError) -> Place:
    """The place of a table's fault, with the row's text and the column's start where both can be told."""
    path = folder / error.file
    if not error.line or not path.is_file():
        return Place(shown(path))
    lines = path.read_text("utf-8", errors="replace").splitlines()
    text = lines[error.line - 1] if error.line <= len(lines) else ""
    names = next(csv.reader(lines[:1]), [])
    position = names.index(error.column) if error.column in names else 0
    cells = text.split(",")
    column = 1 + sum(len(cell) + 1 for cell in cells[:position]) if position < len(cells) and '"' not in text else 1
    return Place(shown(path), error.line, column, text)
