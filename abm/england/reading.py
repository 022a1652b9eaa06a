"""Reading one published table strictly: every column of the data dictionary, each cell of its type, blanks only where allowed.

`columns.csv` is the data dictionary. A fault raises `TableError`, whose message is one line that names the place.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pandas as pd

PACKAGED = Path(__file__).parent / "data"
SIGNED_UNITS = ("signed fraction", "degrees")


class TableError(ValueError):
    """A table that cannot be used. The message is one line; `file`, `line` (header = 1, 0 = whole file), `column`, `reason`."""

    def __init__(self, file: str, line: int, column: str, reason: str) -> None:
        """All four go into the message; `line` 0 and `column` '' are left out of it."""
        where = file + (f", line {line}" if line else "") + (f", column {column}" if column else "")
        super().__init__(f"{where}: {reason}")
        self.file, self.line, self.column, self.reason = file, line, column, reason


@dataclass(frozen=True)
class Column:
    """One row of the data dictionary: how a column is typed and whether blanks are allowed."""

    name: str
    type: str
    unit: str
    required: bool


def load_dictionary() -> dict[str, list[Column]]:
    """The data dictionary by table, from the packaged columns.csv."""
    with (PACKAGED / "columns.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    found: dict[str, list[Column]] = {}
    for row in rows:
        found.setdefault(row["table"], []).append(Column(row["column"], row["type"], row["unit"], row["required"] == "yes"))
    return found


def nearest(value: str, valid: list[str] | tuple[str, ...]) -> str:
    """' (nearest: ...)' with the closest valid spelling, or '' if none is close."""
    close = get_close_matches(value, valid, n=1, cutoff=0.5)
    return f" (nearest: {close[0]!r})" if close else ""


def read_table(path: Path, columns: list[Column]) -> pd.DataFrame:
    """One csv as a typed frame; blanks in text become '', in numbers NaN."""
    if not path.is_file():
        present = sorted(other.name for other in path.parent.glob("*.csv"))
        raise TableError(path.name, 0, "", "file is missing" + nearest(path.name, present))
    with path.open(newline="", encoding="utf-8-sig") as file:
        header, *rows = list(csv.reader(file)) or [[]]
    _check_header(path.name, header, columns)
    for line, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise TableError(path.name, line, "", f"has {len(row)} fields, the header has {len(header)}")
    cells = dict(zip(header, zip(*rows, strict=True), strict=True)) if rows else {name: () for name in header}
    return pd.DataFrame({column.name: _typed(path.name, column, cells[column.name]) for column in columns})


def _check_header(file: str, header: list[str], columns: list[Column]) -> None:
    """Every column of the dictionary once, and no other."""
    names = [column.name for column in columns]
    for name in header:
        if name not in names:
            raise TableError(file, 1, name, "unknown column" + nearest(name, names))
        if header.count(name) > 1:
            raise TableError(file, 1, name, "column occurs twice")
    for name in names:
        if name not in header:
            raise TableError(file, 1, name, "column is missing")


def _typed(file: str, column: Column, cells: tuple[str, ...]) -> pd.Series:
    """The cells of one column as text, int64 (no blanks) or float64."""
    if column.required and "" in cells:
        raise TableError(file, cells.index("") + 2, column.name, "is blank; this column must be filled")
    if column.type == "text":
        return pd.Series(cells, dtype=str)
    values = [_number(file, line, column, cell) for line, cell in enumerate(cells, start=2)]
    whole = column.type == "integer" and column.required
    return pd.Series(values, dtype=np.int64 if whole else np.float64)


def _number(file: str, line: int, column: Column, cell: str) -> float:
    """One cell as a number in its unit's bounds; blank is NaN."""
    if cell == "":
        return math.nan
    try:
        value = float(cell)
    except ValueError:
        raise TableError(file, line, column.name, f"{cell!r} is not a number") from None
    if not math.isfinite(value):
        raise TableError(file, line, column.name, f"{cell!r} is not a finite number")
    if column.type == "integer" and value != int(value):
        raise TableError(file, line, column.name, f"{cell!r} is not a whole number")
    if value < 0 and column.unit not in SIGNED_UNITS:
        raise TableError(file, line, column.name, f"{cell} {column.unit} is negative")
    if value > 1 and column.unit in ("fraction", "0 or 1"):
        raise TableError(file, line, column.name, f"{cell} is above 1")
    return value
