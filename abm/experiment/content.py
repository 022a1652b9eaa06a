"""What a table says, as one checksum: names, types and values in row order, however the file that holds it was made.

Row groups, dictionaries, compression and the version of Parquet do not count; the order of rows and every bit of a value do
(all NaN are one NaN, and a blank is not a NaN). Two results folders with the same checksums hold the same results.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from abm.config.errors import shown
from abm.experiment.store import ResultsError

_HEAD = "abm table content 1"  # names this way of reckoning; another way gets another number
_NAN: dict[pa.DataType, Any] = {pa.float32(): np.uint32(0x7FC00000), pa.float64(): np.uint64(0x7FF8000000000000)}


def content_digest(source: Path | Sequence[Path] | pa.Table) -> str:
    """SHA-256 of the content of a Parquet file, of several read as one, or of a table; memory for one row group at a time.

    Columns may hold text, whole numbers, floats or booleans. Raises `ResultsError` for another type, for a file that is not
    Parquet, and for files whose columns differ.
    """
    columns: list[_Column] | None = None
    rows = 0
    for table in tables_of(source):
        found = [(name, type_name(name, kind)) for name, kind in zip(table.schema.names, table.schema.types, strict=True)]
        if columns is None:
            columns = [_Column(name, kind) for name, kind in found]
        elif found != [(column.name, column.kind) for column in columns]:
            raise ResultsError("files of one table must have the same columns, and these do not")
        for column, values in zip(columns, table.columns, strict=True):
            for chunk in values.chunks:
                column.add(chunk)
        rows += len(table)
    told = [column.told() for column in columns or []]
    return hashlib.sha256(json.dumps([_HEAD, rows, told], ensure_ascii=False).encode()).hexdigest()


def tables_of(source: Path | Sequence[Path] | pa.Table, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """The source in tables of at most a row group, in order; at least one, which may be empty, so that the columns are known."""
    if isinstance(source, pa.Table):
        yield source if columns is None else source.select(list(columns))
        return
    for path in [source] if isinstance(source, Path) else source:
        try:
            with pq.ParquetFile(path) as file:
                if not file.num_row_groups:
                    yield file.read(columns=columns)
                for i in range(file.num_row_groups):
                    yield file.read_row_group(i, columns=columns)
        except (OSError, pa.ArrowException) as error:
            raise ResultsError(f"{shown(path)} cannot be read: {str(error).splitlines()[0]}") from None


def type_name(column: str, kind: pa.DataType) -> str:
    """The type as it is told: a dictionary of texts is text, and so are Arrow's long and view strings."""
    if pa.types.is_dictionary(kind):
        return type_name(column, kind.value_type)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return "string"
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_null(kind) or kind in _NAN:
        return str(kind)
    raise ResultsError(f"column {column}: no checksum is defined for values of type {kind}")


@dataclass
class _Column:
    """The running checksums of one column: its values (blanks as zero), where blanks are, and the lengths of texts."""

    name: str
    kind: str
    rows: int = 0
    values: Any = field(default_factory=hashlib.sha256)
    blanks: Any = field(default_factory=hashlib.sha256)
    lengths: Any = field(default_factory=hashlib.sha256)

    def add(self, chunk: pa.Array) -> None:
        """Take in the next values."""
        if pa.types.is_dictionary(chunk.type):
            chunk = chunk.dictionary_decode()
        if chunk.null_count:
            rows = np.flatnonzero(chunk.is_null().to_numpy(zero_copy_only=False)) + self.rows
            self.blanks.update(rows.astype("<i8").tobytes())
        if self.kind == "string":
            self._add_text(chunk.cast(pa.large_string()).fill_null(""))
        elif self.kind != "null":
            self.values.update(_plain_bytes(chunk))
        self.rows += len(chunk)

    def _add_text(self, chunk: pa.Array) -> None:
        if not len(chunk):
            return
        _, places, letters = chunk.buffers()
        starts = np.frombuffer(places, dtype=np.int64)[chunk.offset : chunk.offset + len(chunk) + 1]
        self.lengths.update(np.diff(starts).astype("<i8").tobytes())
        if letters is not None:
            self.values.update(memoryview(letters)[int(starts[0]) : int(starts[-1])])

    def told(self) -> list[str]:
        """Name, type and checksums."""
        return [self.name, self.kind, self.values.hexdigest(), self.blanks.hexdigest(), self.lengths.hexdigest()]


def _plain_bytes(chunk: pa.Array) -> bytes:
    """The values of a column of numbers or booleans, smallest byte first."""
    if pa.types.is_boolean(chunk.type):
        chunk = chunk.cast(pa.uint8())
    values = pc.fill_null(chunk, 0).to_numpy(zero_copy_only=False)
    if chunk.type in _NAN:
        bits = np.ascontiguousarray(values).view(_NAN[chunk.type].dtype)
        values = np.where(np.isnan(values), _NAN[chunk.type], bits)
    return np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<"), copy=False).tobytes()
