"""Where two tables of results first differ, and in how many rows: read side by side, in memory for a row group of each.

Both are in the order of a plan. Scenarios are matched by name; within one, rows are matched by design point, replicate and
quarter, so that a run or quarter that only one table has does not put the rest out of step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from abm.experiment.content import type_name

ALIGNED = ("point", "replicate", "quarter")  # ascending within a scenario
NAMING = ("scenario", *ALIGNED, "kind", "region", "system", "item", "actor", "partner", "payer", "payee", "purpose")  # of a row, in words


class Sides(NamedTuple):
    """What the two tables are called, at the end of a phrase."""

    a: str = "in A"
    b: str = "in B"


def difference(name: str, a: Path, b: Path, scenarios: Sequence[str], sides: Sides) -> list[str]:
    """What differs between two Parquet files of a table, over the scenarios that both have; [] when only their order does not agree.

    First the columns, then one line with the first row that differs, column and both values, and how many rows do.
    """
    kinds = [{c: type_name(c, t) for c, t in zip(s.names, s.types, strict=True)} for s in (pq.read_schema(a), pq.read_schema(b))]
    lines = [
        f"{name}: column {column} is only {side}" for side, mine, other in _both(sides, kinds) for column in mine if column not in other
    ]
    shared = [column for column in kinds[0] if column in kinds[1]]
    for column in shared:
        if kinds[0][column] != kinds[1][column]:
            lines.append(f"{name}: column {column} is {kinds[0][column]} {sides.a} and {kinds[1][column]} {sides.b}")
    alike = [column for column in shared if kinds[0][column] == kinds[1][column]]
    tally = _Tally(alike, sides)
    for scenario in scenarios:
        _walk(tally, *(_Cursor(_scenario_rows(path, scenario, alike), alike) for path in (a, b)))
    if tally.first:
        lines.append(f"{name}: first differs at {tally.first}; {tally.differing:,} of {tally.rows:,} rows differ")
    return lines


def _both(sides: Sides, kinds: Sequence[dict[str, str]]) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    yield sides.a, kinds[0], kinds[1]
    yield sides.b, kinds[1], kinds[0]


def _scenario_rows(path: Path, scenario: str, columns: Sequence[str]) -> Iterator[pa.Table]:
    """A scenario's rows in order, a row group at a time; row groups that say they have none are not read."""
    with pq.ParquetFile(path) as file:
        place = file.schema_arrow.get_field_index("scenario")
        for i in range(file.num_row_groups):
            found = file.metadata.row_group(i).column(place).statistics if place >= 0 else None
            if found is not None and found.has_min_max and not found.min <= scenario <= found.max:
                continue
            table = file.read_row_group(i, columns=list(columns))
            if place >= 0:
                table = table.filter(pc.equal(table["scenario"].cast(pa.string()), scenario))
            if len(table):
                yield table


class _Cursor:
    """A place in a stream of tables."""

    def __init__(self, tables: Iterator[pa.Table], columns: Sequence[str]) -> None:
        self._tables = tables
        self._names = [name for name in ALIGNED if name in columns]
        self.table: pa.Table | None = None
        self.keys = np.empty((0, len(ALIGNED)), dtype=np.int64)

    def fill(self) -> bool:
        """Have rows at hand; False at the end of the stream."""
        if not len(self.keys):
            self.table = next(self._tables, None)
            if self.table is not None:
                keys = [self.table[name].to_numpy() if name in self._names else np.zeros(len(self.table)) for name in ALIGNED]
                self.keys = np.column_stack(keys).astype(np.int64)
        return bool(len(self.keys))

    def take(self, rows: int) -> pa.Table:
        """The next rows, and go on behind them."""
        assert self.table is not None
        taken, self.table, self.keys = self.table.slice(0, rows), self.table.slice(rows), self.keys[rows:]
        return taken

    def before(self, key: np.ndarray) -> int:
        """How many of the rows at hand come before `key`."""
        less, equal = np.zeros(len(self.keys), dtype=bool), np.ones(len(self.keys), dtype=bool)
        for column in range(len(key)):
            less |= equal & (self.keys[:, column] < key[column])
            equal &= self.keys[:, column] == key[column]
        return len(less) if less.all() else int(np.argmin(less))


def _walk(tally: _Tally, a: _Cursor, b: _Cursor) -> None:
    """Go through one scenario's rows of both tables."""
    while True:
        has_a, has_b = a.fill(), b.fill()
        if not has_a and not has_b:
            return
        if not has_a or not has_b:
            cursor = a if has_a else b
            tally.only(cursor.take(len(cursor.keys)), in_a=has_a)
            continue
        count = min(len(a.keys), len(b.keys))
        same = (a.keys[:count] == b.keys[:count]).all(axis=1)
        together = count if same.all() else int(np.argmin(same))
        if together:
            tally.compare(a.take(together), b.take(together))
            continue
        ahead = a.before(b.keys[0])
        tally.only(a.take(ahead) if ahead else b.take(b.before(a.keys[0])), in_a=bool(ahead))


@dataclass
class _Tally:
    """Rows seen, rows that differ, and the first of them in words."""

    columns: list[str]
    sides: Sides
    rows: int = 0
    differing: int = 0
    first: str = ""
    _naming: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self._naming = [name for name in NAMING if name in self.columns]

    def only(self, table: pa.Table, in_a: bool) -> None:
        """Rows that one side has alone."""
        self.rows += len(table)
        self.differing += len(table)
        if not self.first and len(table):
            self.first = f"{self._place(table, 0)}, a row that is only {self.sides.a if in_a else self.sides.b}"

    def compare(self, a: pa.Table, b: pa.Table) -> None:
        """Rows that belong together, in both orders the same."""
        unlike = {name: _unlike(a[name], b[name]) for name in self.columns if name not in ALIGNED}
        any_unlike = np.zeros(len(a), dtype=bool)
        for rows in unlike.values():
            any_unlike |= rows
        self.rows += len(a)
        self.differing += int(any_unlike.sum())
        if not self.first and any_unlike.any():
            row = int(np.argmax(any_unlike))
            column = next(name for name, rows in unlike.items() if rows[row])
            values = f"{spoken(a[column][row].as_py())} {self.sides.a} and {spoken(b[column][row].as_py())} {self.sides.b}"
            self.first = f"{self._place(a, row)}: {column} is {values}"

    def _place(self, table: pa.Table, row: int) -> str:
        return ", ".join(f"{name} {table[name][row].as_py()}" for name in self._naming)


def spoken(value: Any) -> str:
    """A value in a sentence: numbers with all their digits, 'blank' for none."""
    if value is None or value == "":
        return "blank"
    return repr(float(value)) if isinstance(value, float) else str(value)


def _unlike(a: pa.ChunkedArray, b: pa.ChunkedArray) -> np.ndarray:
    """Where two columns of one type differ, to the bit; NaN is like NaN, a blank like a blank."""
    if pa.types.is_null(a.type):
        return np.zeros(len(a), dtype=bool)
    blanks = np.asarray(a.is_null()) != np.asarray(b.is_null())
    if type_name("", a.type) == "string":
        a, b = (each.cast(pa.large_string()).fill_null("") for each in (a, b))
        return blanks | np.asarray(pc.not_equal(a, b))
    zero = False if pa.types.is_boolean(a.type) else 0
    left, right = (np.asarray(pc.fill_null(each, zero)) for each in (a, b))
    if pa.types.is_floating(a.type):
        bits = np.dtype(f"i{left.itemsize}")
        unlike = np.ascontiguousarray(left).view(bits) != np.ascontiguousarray(right).view(bits)
        return blanks | (unlike & ~(np.isnan(left) & np.isnan(right)))
    return blanks | (left != right)
