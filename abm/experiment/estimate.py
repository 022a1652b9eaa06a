"""What an experiment will take, measured on one run of it."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from abm.config.schema import Experiment
from abm.experiment.plan import Run
from abm.experiment.run import ModelFactory, run_one
from abm.model.network import World


@dataclass(frozen=True)
class Estimate:
    """Seconds and bytes, of one run and of the whole plan (one process)."""

    seconds_a_run: float
    bytes_a_run: int
    runs: int

    @property
    def seconds(self) -> float:
        """All runs, one after another."""
        return self.seconds_a_run * self.runs

    @property
    def bytes(self) -> int:
        """All data; an upper guess, since many runs compress better than one."""
        return self.bytes_a_run * self.runs


def estimate(plan: Sequence[Run], world: World, experiment: Experiment, make: ModelFactory) -> Estimate:
    """Run the plan's first run twice (the first warms up compiled code) and measure the second."""
    run_one(plan[0], world, experiment, make)
    start = time.perf_counter()
    frames = run_one(plan[0], world, experiment, make)
    seconds = time.perf_counter() - start
    size = 0
    for frame in frames.values():
        sink = io.BytesIO()
        table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
        pq.write_table(table, sink, compression="zstd")
        footer = 250 * len(frame.columns)  # bytes that a file has once, not once a run
        size += max(sink.tell() - footer, frame.shape[0])
    return Estimate(seconds, size, len(plan))


def duration(seconds: float) -> str:
    """Seconds in words: '0.4 s', '12 s', '5 min', '3.2 h'."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def size(count: int) -> str:
    """Bytes in words: '12 kB', '3.4 MB'."""
    return f"{count / 1e3:.0f} kB" if count < 1e6 else f"{count / 1e6:.1f} MB" if count < 1e9 else f"{count / 1e9:.1f} GB"
