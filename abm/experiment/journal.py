"""The journal of a sweep: what became of every run and where its rows are, in SQLite. Only the sweep's own process writes it.

A shard's files are on the disk before its runs are put down as done, so that a kill at any moment loses no more than the
chunks in flight: files that the journal does not know are overwritten.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
import pandas as pd

from abm.experiment.work import RunRow

PLANNED, DONE, FAILED = "planned", "done", "failed"
_TABLES = """
create table runs (
    number integer primary key, status text not null, seconds real not null, error text not null,
    shard integer
);
create table shards (number integer primary key, runs text not null);
create table files (shard integer not null, tab text not null, name text not null, rows text not null, bytes integer not null,
    sha256 text not null, primary key (shard, tab));
create table notes (name text primary key, value text not null);
"""


@dataclass(frozen=True)
class ShardFile:
    """A Parquet file of some runs: path below the results folder, rows a run (in the order of the shard's runs), size, checksum."""

    name: str
    rows: Sequence[int]
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Shard:
    """Some runs' rows, table by table."""

    number: int
    runs: Sequence[int]
    files: Mapping[str, ShardFile]


class Journal:
    """Open journal of a sweep; use it as a context manager or call `close`."""

    def __init__(self, path: Path) -> None:
        self._base = sqlite3.connect(path, timeout=60, isolation_level=None)
        self._base.execute("pragma synchronous = full")

    @classmethod
    def create(cls, path: Path, runs: int) -> Journal:
        """A new journal in which `runs` runs are planned."""
        journal = cls(path)
        with journal._changes() as base:
            for statement in _TABLES.split(";"):
                base.execute(statement)
            base.executemany("insert into runs values (?, 'planned', 0, '', null)", ((number,) for number in range(runs)))
        return journal

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def _changes(self) -> _Transaction:
        return _Transaction(self._base)

    # ---- reading ----------------------------------------------------------------------------------------------------

    def numbers(self, *statuses: str) -> np.ndarray:
        """Numbers of the runs with one of these statuses, ascending."""
        marks = ",".join("?" * len(statuses))
        found = self._base.execute(f"select number from runs where status in ({marks}) order by number", statuses)
        return np.fromiter((number for (number,) in found), dtype=np.int64)

    def counts(self) -> dict[str, int]:
        """How many runs are planned, done and failed."""
        found = dict(self._base.execute("select status, count(*) from runs group by status").fetchall())
        return {status: found.get(status, 0) for status in (PLANNED, DONE, FAILED)}

    def frame(self) -> pd.DataFrame:
        """A row a run, by number: status, seconds, error."""
        return pd.read_sql_query("select number, status, seconds, error from runs order by number", self._base, index_col="number")

    def shards(self) -> list[Shard]:
        """All shards with their files."""
        files: dict[int, dict[str, ShardFile]] = {}
        for shard, table, name, rows, size, checksum in self._base.execute("select shard, tab, name, rows, bytes, sha256 from files"):
            files.setdefault(shard, {})[table] = ShardFile(name, json.loads(rows), size, checksum)
        found = self._base.execute("select number, runs from shards order by number")
        return [Shard(number, json.loads(runs), files.get(number, {})) for number, runs in found]

    def held(self) -> dict[int, int]:
        """The shard of each done run."""
        return dict(self._base.execute("select number, shard from runs where status = 'done'").fetchall())

    def next_shard(self) -> int:
        """A shard number that no shard has."""
        return int(self._base.execute("select coalesce(max(number), -1) + 1 from shards").fetchone()[0])

    def note(self, name: str, value: str | None = None) -> str:
        """Read a note ('' when there is none), or write it."""
        if value is not None:
            with self._changes() as base:
                base.execute("insert or replace into notes values (?, ?)", (name, value))
            return value
        found = self._base.execute("select value from notes where name = ?", (name,)).fetchone()
        return found[0] if found else ""

    # ---- writing ----------------------------------------------------------------------------------------------------

    def record(self, shard: Shard, runs: Iterable[RunRow]) -> None:
        """Put down a shard whose files are on the disk, and how its runs went."""
        with self._changes() as base:
            base.execute("insert or replace into shards values (?, ?)", (shard.number, json.dumps(list(shard.runs))))
            for table, file in shard.files.items():
                row = (shard.number, table, file.name, json.dumps(list(file.rows)), file.bytes, file.sha256)
                base.execute("insert or replace into files values (?, ?, ?, ?, ?, ?)", row)
            base.executemany(
                "update runs set status = ?, seconds = ?, error = ?, shard = ? where number = ?",
                (
                    (
                        FAILED if run.error else DONE,
                        run.seconds,
                        run.error,
                        None if run.error else shard.number,
                        run.number,
                    )
                    for run in runs
                ),
            )

    def plan_again(self, numbers: Iterable[int]) -> None:
        """Put runs down as planned."""
        with self._changes() as base:
            base.executemany(
                "update runs set status = 'planned', seconds = 0, error = '', shard = null where number = ?",
                ((int(number),) for number in numbers),
            )

    def drop(self, shard: Shard) -> int:
        """Forget a shard whose files are damaged; its runs are planned again. Gives how many."""
        with self._changes() as base:
            found = base.execute(
                "update runs set status = 'planned', seconds = 0, error = '', shard = null where shard = ?", (shard.number,)
            ).rowcount
            base.execute("delete from files where shard = ?", (shard.number,))
            base.execute("delete from shards where number = ?", (shard.number,))
        return found


class _Transaction:
    """All or nothing."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base

    def __enter__(self) -> sqlite3.Connection:
        self._base.execute("begin immediate")
        return self._base

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self._base.execute("commit" if kind is None else "rollback")
