"""England as tables: the real one, synthetic ones of any size, and a tiny one. Each function gives a `World`.

>>> world = england()
>>> len(world.icbs), len(world.providers), len(world.councils)
(42, 205, 153)
"""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType

from abm.england.check import WorldError, check_world
from abm.england.flows import NHS_SHARE_OF_POOL, derive
from abm.england.saved import read_world, write_world
from abm.england.structure import Structure, structure_of
from abm.england.synthetic import synthetic
from abm.england.tables import PACKAGED, TableError, Tables, load_tables
from abm.england.tiny import tiny
from abm.model.network import COLUMNS, World

__all__ = [
    "Structure",
    "TableError",
    "Tables",
    "WorldError",
    "check_world",
    "derive",
    "england",
    "load_tables",
    "read_world",
    "structure_of",
    "synthetic",
    "tiny",
    "write_world",
]


def england(folder: Path | str | None = None) -> World:
    """The real England of 2024/25: 7 regions, 42 ICBs, 205 providers, 153 councils. Money in GBP k a year.

    Without `folder`, the derived world shipped with the package (data/world_*.csv). With one, the published tables in
    it are read, checked (`TableError`) and their flows derived afresh. Tables are fresh copies at each call.
    """
    if folder is not None:
        return derive(structure_of(load_tables(folder)))
    packaged = _packaged()
    return replace(packaged, draw_names={}, **{table: getattr(packaged, table).copy() for table in COLUMNS})


@cache
def _packaged() -> World:
    """The shipped world, read once."""
    return read_world(PACKAGED, "England", NHS_SHARE_OF_POOL)


class _Callable(ModuleType):
    """A package that can be called: `abm.england()` is `abm.england.england()`, although the folder has the same name."""

    def __call__(self, folder: Path | str | None = None) -> World:
        """The real England; see `england`."""
        return england(folder)


sys.modules[__name__].__class__ = _Callable
