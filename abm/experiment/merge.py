"""From shards in the order in which they came to one file a table in the order of the plan, in bounded memory.

Row groups are cut at the same rows whatever the shards were, so that the file's bytes do not depend on how often a sweep
was killed, how many workers it had or in what order they finished.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from abm.experiment.journal import Shard
from abm.experiment.store import ResultsError
from abm.experiment.work import parquet_writer

MIXED = "the rows of {} do not all have the same columns: they come from two versions of the model, and were not merged"
GROUP = 1 << 16  # rows of a row group


@dataclass(frozen=True)
class Piece:
    """Neighbouring rows of one file."""

    file: Path
    start: int
    rows: int


def merge(folder: Path, table: str, shards: Sequence[Shard], held: dict[int, int], target: Path) -> int:
    """Write `target` from the rows of `table` in the shards; gives the number of rows. `held` is each done run's shard."""
    written = 0
    writer: pq.ParquetWriter | None = None
    try:
        for group in _groups(_rows(pieces(folder, table, shards, held))):
            if writer is None:
                writer = parquet_writer(target, group.schema)
            elif group.schema != writer.schema:
                raise ResultsError(MIXED.format(table))
            writer.write_table(group, row_group_size=GROUP)
            written += len(group)
    finally:
        if writer is not None:
            writer.close()
    return written


def pieces(folder: Path, table: str, shards: Sequence[Shard], held: dict[int, int]) -> Iterator[Piece]:
    """Where the rows of the runs are, in the order of the plan; neighbouring runs in one file make one piece."""
    places: dict[int, tuple[Path, int, int]] = {}
    for shard in shards:
        file = shard.files.get(table)
        if file is None:
            continue
        starts = np.concatenate([[0], np.cumsum(file.rows)]).tolist()
        for i, run in enumerate(shard.runs):
            if held.get(run) == shard.number:
                places[run] = (folder / file.name, starts[i], file.rows[i])
    current: Piece | None = None
    for run in sorted(places):
        path, start, rows = places[run]
        if current is not None and path == current.file and start == current.start + current.rows:
            current = Piece(path, current.start, current.rows + rows)
            continue
        if current is not None:
            yield current
        current = Piece(path, start, rows)
    if current is not None:
        yield current


def _rows(found: Iterator[Piece]) -> Iterator[pa.Table]:
    """The pieces' rows, at most a row group of their file at a time."""
    for piece in found:
        with pq.ParquetFile(piece.file) as file:
            first = 0
            for i in range(file.num_row_groups):
                count = file.metadata.row_group(i).num_rows
                start, stop = max(piece.start - first, 0), min(piece.start + piece.rows - first, count)
                if start < stop:
                    yield file.read_row_group(i).slice(start, stop - start)
                first += count


def _groups(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The same rows in tables of `GROUP` rows; the last may be shorter."""
    waiting: list[pa.Table] = []
    count = 0
    for table in tables:
        waiting.append(table)
        count += len(table)
        while count >= GROUP:
            whole = _joined(waiting)
            yield whole.slice(0, GROUP).combine_chunks()
            waiting, count = [whole.slice(GROUP)], count - GROUP
    if count:
        yield _joined(waiting).combine_chunks()


def _joined(tables: list[pa.Table]) -> pa.Table:
    if any(table.schema != tables[0].schema for table in tables):
        raise ResultsError(MIXED.format("a table"))
    return pa.concat_tables(tables)
