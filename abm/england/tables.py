"""The published tables of England, read strictly: a table that is inconsistent is refused, with the place of the fault.

`reading.py` checks each table by itself, `rules.py` what must hold between them. Nothing is filled in or corrected
here (that is `structure.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from abm.england.reading import PACKAGED, TableError, load_dictionary, read_table
from abm.england.rules import check_tables

__all__ = ["PACKAGED", "TableError", "Tables", "load_tables"]


@dataclass(frozen=True)
class Tables:
    """The eight tables as read, rows in file order (row i of a table stands on line i + 2 of its file)."""

    regions: pd.DataFrame
    icbs: pd.DataFrame
    councils: pd.DataFrame
    providers: pd.DataFrame
    icb_council: pd.DataFrame
    icb_provider: pd.DataFrame
    provider_council: pd.DataFrame
    places: pd.DataFrame


def load_tables(folder: Path | str = PACKAGED) -> Tables:
    """Read and check the eight tables in `folder`. Raises `TableError` at the first fault found."""
    frames = {name: read_table(Path(folder) / f"{name}.csv", columns) for name, columns in load_dictionary().items()}
    check_tables(frames)
    return Tables(**frames)
