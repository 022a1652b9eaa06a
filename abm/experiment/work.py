"""What a worker does: a chunk of runs, model by model, as Parquet bytes and a row a run. A failed run is a row with its error."""

from __future__ import annotations

import io
import pickle
import signal
import time
import traceback
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from abm.experiment.runs import KEY, Run
from abm.experiment.source import source_digest
from abm.model.network import World
from abm.model.state import QUARTERS

GROUPINGS = ("kind", "region", "system")
KEYS = (*KEY, "quarter", "year", *GROUPINGS)
ModelFactory = Callable[..., Any]


@dataclass(frozen=True)
class Wanted:
    """What of a run is stored: outcome names or 'all', finer groupings, kept logs, the survey, and how finely in time."""

    outcomes: str | tuple[str, ...] = "all"
    by: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    survey: bool = True
    every: str = "quarter"  # or 'year', or 'last_year'

    @property
    def tables(self) -> list[str]:
        """Names of the tables that a run gives."""
        return ["outcomes", *(f"outcomes_by_{grouping}" for grouping in self.by), *(["survey"] if self.survey else []), *self.keep]


@dataclass(frozen=True)
class Study:
    """What all chunks share: the worlds by system, the model's factory, what to store, and the factor columns of the design.

    `factors` has a row a design point; its columns are put into every row of every table.
    """

    worlds: Mapping[str, World]
    make: ModelFactory
    wanted: Wanted
    factors: pd.DataFrame
    source: str = ""  # digest of the model's source; workers with another one refuse

    def packed(self) -> bytes:
        """The study as bytes, to send with every chunk: a worker unpacks it once."""
        return zlib.compress(pickle.dumps(self))


@lru_cache(maxsize=1)
def _own_source() -> str:
    return source_digest()


@lru_cache(maxsize=2)
def _unpacked(packed: bytes) -> Study:
    return pickle.loads(zlib.decompress(packed))  # made by `packed` in the process that sends the chunk


def begin_work(packed: bytes) -> None:
    """A worker's first act: leave Ctrl-C to the parent, and load the compiled model with a quarter of the first world."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warm_up(_unpacked(packed))


def warm_up(study: Study) -> None:
    """Run one quarter, so that loading or compiling the model is not taken for the pace of the runs; failures show in the runs."""
    world = next(iter(study.worlds))
    run = Run(0, "", "", 0, 0, world, 0, 1, {}, {})
    try:
        run_one(study, run)
    except Exception:
        return


@dataclass(frozen=True)
class RunRow:
    """How a run went. `seconds` is building, running and reading the model."""

    number: int
    seconds: float
    error: str = ""
    traceback: str = ""


@dataclass
class Chunk:
    """The result of some runs: how each went, each table's Parquet bytes, and how many rows of it each run has."""

    runs: list[RunRow] = field(default_factory=list)
    tables: dict[str, bytes] = field(default_factory=dict)
    rows: dict[str, list[int]] = field(default_factory=dict)  # by table, in the order of `runs`


def run_chunk(packed: bytes, runs: Sequence[Run]) -> Chunk:
    """Run `runs` one after another in this process."""
    study = _unpacked(packed)
    if study.source and study.source != _own_source():
        raise RuntimeError("this worker has another version of the model than the sweep")
    chunk, frames = Chunk(), {name: [] for name in study.wanted.tables}  # type: ignore[var-annotated]
    for run in runs:
        start = time.perf_counter()
        error = trace = ""
        found: dict[str, pd.DataFrame] = {}
        try:
            found = run_one(study, run)
        except Exception as problem:
            error = f"{type(problem).__name__}: {problem}".splitlines()[0]
            trace = traceback.format_exc()
        seconds = time.perf_counter() - start
        chunk.runs.append(RunRow(run.number, seconds, error, trace))
        for name, parts in frames.items():
            if name in found:
                parts.append((run, found[name]))
            chunk.rows.setdefault(name, []).append(len(found.get(name, ())))
    for name, parts in frames.items():
        if parts:
            chunk.tables[name] = encoded(labelled(parts, study.factors))
    return chunk


def run_one(study: Study, run: Run) -> dict[str, pd.DataFrame]:
    """The frames of one run: outcomes, outcomes_by_*, survey and the logs that are kept."""
    wanted = study.wanted
    model = study.make(
        study.worlds[run.system],
        **run.settings(),
        seed=run.seed,
        replicate=run.replicate,
        keep=wanted.keep,
    )
    model.run(run.quarters)
    frames = {}
    for table, grouping in [("outcomes", None), *((f"outcomes_by_{each}", each) for each in wanted.by)]:
        frames[table] = thinned(_chosen(model.outcomes(by=grouping), wanted.outcomes), wanted.every)
    if wanted.survey:
        frames["survey"] = model.survey()
    for log in wanted.keep:
        frames[log] = getattr(model, log)()
    return frames


def _chosen(frame: pd.DataFrame, outcomes: str | Sequence[str]) -> pd.DataFrame:
    if isinstance(outcomes, str):
        return frame
    wanted = {*outcomes, *KEYS}
    return frame[[column for column in frame.columns if column in wanted]]


def thinned(frame: pd.DataFrame, every: str) -> pd.DataFrame:
    """Rows of quarters as means of years, labelled by their last quarter; of the last year alone, if asked. Blanks do not count."""
    if every == "quarter" or not len(frame):
        return frame
    labels = [name for name in frame.columns if name in KEYS]
    names = [name for name in frame.columns if name not in KEYS]
    quarters = frame["quarter"].nunique()
    groups = len(frame) // quarters  # rows of a quarter, in the same order each quarter
    values = frame[names].to_numpy(dtype=float).reshape(quarters // QUARTERS, QUARTERS, groups, len(names))
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        means = np.where(known, values, 0.0).sum(axis=1) / known.sum(axis=1)
    last = frame[labels].iloc[np.arange(len(frame)).reshape(-1, QUARTERS, groups)[:, -1].ravel()].reset_index(drop=True)
    years = pd.concat([last, pd.DataFrame(means.reshape(-1, len(names)), columns=names)], axis=1)
    return years if every == "year" else years.iloc[-groups:].reset_index(drop=True)


def labelled(parts: Sequence[tuple[Run, pd.DataFrame]], factors: pd.DataFrame) -> pa.Table:
    """The runs' frames one under another, with scenario, point, replicate and the design's factors in front."""
    lengths = [len(frame) for _, frame in parts]
    row = np.repeat(np.arange(len(parts)), lengths)
    runs = [run for run, _ in parts]
    columns: dict[str, pa.Array] = {
        "scenario": _spread([run.scenario for run in runs], row),
        "point": pa.array(np.array([run.point for run in runs], dtype=np.int32)[row]),
        "replicate": pa.array(np.array([run.replicate for run in runs], dtype=np.int32)[row]),
    }
    points = [run.point for run in runs]
    for name in factors.columns:
        columns[name] = _spread(factors[name].iloc[points].tolist(), row, factors[name].dtype)
    body = pa.Table.from_pandas(pd.concat([frame for _, frame in parts], ignore_index=True), preserve_index=False)
    body = body.replace_schema_metadata(None)
    for name in body.column_names:
        columns[name] = body.column(name)
    return pa.table(columns)


def _spread(values: Sequence[Any], row: np.ndarray, dtype: Any = None) -> pa.Array:
    """A label for each row; text as a dictionary."""
    if dtype is not None and pd.api.types.is_numeric_dtype(dtype):
        return pa.array(pd.Series(values, dtype=dtype), from_pandas=True).take(pa.array(row))
    texts = [None if pd.isna(value) else str(value) for value in values]
    return pa.array(texts, type=pa.string()).take(pa.array(row))


def encoded(table: pa.Table) -> bytes:
    """The table as the bytes of a Parquet file."""
    sink = io.BytesIO()
    with parquet_writer(sink, table.schema) as writer:
        writer.write_table(table, row_group_size=max(len(table), 1))
    return sink.getvalue()


def parquet_writer(sink: Any, schema: pa.Schema) -> pq.ParquetWriter:
    """Tidy Parquet: zstd, numbers split by byte, the rest as dictionaries; the same rows give the same bytes."""
    floats = [name for name, kind in zip(schema.names, schema.types, strict=True) if pa.types.is_floating(kind)]
    others = [name for name in schema.names if name not in floats]
    return pq.ParquetWriter(
        sink, schema, compression="zstd", use_dictionary=others or False, use_byte_stream_split=floats or False, store_schema=False
    )
