"""What an experiment will take, measured on some runs of it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from abm.experiment.plan import Plan
from abm.experiment.work import Study, run_chunk

SAMPLE = 4  # runs that are measured
FOOTER = 250  # bytes a column that a file has once, not once a run


@dataclass(frozen=True)
class Estimate:
    """Seconds and bytes, of one run and of the whole plan."""

    seconds_a_run: float
    bytes_a_run: int
    runs: int

    @property
    def seconds(self) -> float:
        """All runs, one after another."""
        return self.seconds_a_run * self.runs

    @property
    def bytes(self) -> int:
        """All tables; an upper guess, since many runs compress better than few."""
        return self.bytes_a_run * self.runs


def estimate(plan: Plan, study: Study) -> Estimate:
    """Run a few runs spread over the plan (once before, to warm up compiled code) and measure them. Raises what the first raises."""
    numbers = sorted({round(i * (len(plan) - 1) / (SAMPLE - 1)) for i in range(SAMPLE)})
    runs, packed = plan.runs(numbers), study.packed()
    warm = run_chunk(packed, runs[:1])
    start = time.perf_counter()
    chunk = run_chunk(packed, runs)
    seconds = (time.perf_counter() - start) / len(runs)
    failed = next((row for row in [*warm.runs, *chunk.runs] if row.error), None)
    if failed is not None:
        raise RuntimeError(failed.error)
    columns = len(study.factors.columns) + 50
    size = sum(max(len(content) - FOOTER * columns, len(content) // 4) for content in chunk.tables.values())
    return Estimate(seconds, size // len(runs), len(plan))


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
