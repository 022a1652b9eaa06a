"""A world as five csv files (world_icbs.csv, ...), so that it can be read, compared and changed by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from abm.model.network import COLUMNS, World

WHOLE_COLUMNS = ("population",)
TEXT_COLUMNS = ("code", "name", "region", "system", "sector", "kind", "a", "b")


def write_world(world: World, folder: Path | str) -> None:
    """Write the five tables of `world` into `folder` as world_<table>.csv. Numbers keep all their digits."""
    for table in COLUMNS:
        path = Path(folder) / f"world_{table}.csv"
        getattr(world, table).to_csv(path, index=False, lineterminator="\n")


def read_world(folder: Path | str, name: str, nhs_share_of_pool: float = 1.0) -> World:
    """The world that `write_world` put into `folder`. Consistency is for `check_world` to judge."""
    return World(
        name=name,
        nhs_share_of_pool=nhs_share_of_pool,
        **{table: _read(Path(folder) / f"world_{table}.csv", list(COLUMNS[table])) for table in COLUMNS},
    )


def _read(path: Path, columns: list[str]) -> pd.DataFrame:
    """One table with text as text, people whole, all else float64; blank numbers are NaN. Raises ValueError if a column is missing."""
    cells = pd.read_csv(path, dtype=str, keep_default_na=False, usecols=columns)
    return pd.DataFrame({name: _typed(name, cells[name]) for name in columns})


def _typed(name: str, cells: pd.Series) -> pd.Series:
    """Text as it is, else numbers read to the last digit (as `float` and `int` do, whatever the version of pandas)."""
    if name in TEXT_COLUMNS:
        return cells
    if name in WHOLE_COLUMNS:
        return pd.Series([int(cell) for cell in cells], dtype=np.int64)
    return pd.Series([float(cell) if cell else np.nan for cell in cells], dtype=np.float64)
