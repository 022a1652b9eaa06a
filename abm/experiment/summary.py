"""The last year of every run, and what it comes to at each design point: mean and interval over the replicates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from scipy.special import stdtrit

from abm.experiment.content import tables_of
from abm.experiment.effects import WINDOW, means_by, outcome_columns, sums_by
from abm.experiment.runs import KEY

COLUMNS = ("outcome", "unit", "mean", "low", "high", "runs")


def last_year_means(files: Path | Sequence[Path], outcomes: Sequence[str] | None = None, by: str | None = None) -> pd.DataFrame:
    """Each run's outcomes averaged over the last `WINDOW` quarters, as `effects.last_year` does, in memory for a row group.

    `files` hold a table of outcomes: the rows of a run stand together, in one file; row groups may cut a run anywhere.
    `by` ('kind', 'region' or 'system') keeps apart what a table by that grouping keeps apart. Index (scenario, point,
    replicate) and `by`; columns are the outcomes (those asked for). Empty, with those columns, when there are no rows.
    """
    files = [files] if isinstance(files, Path) else list(files)
    have = pq.read_schema(files[0]).names if files else list(KEY)
    names = list(outcomes) if outcomes is not None else outcome_columns(have)
    keys = [*(name for name in KEY if name in have), *([by] if by else [])]  # results of older versions have no points
    last = _last_quarter(files)
    parts = [means_by(late, keys, names) for late in _late_rows(files, keys, names, last)]
    if not parts:
        return pd.DataFrame(columns=names, index=pd.MultiIndex.from_arrays([[]] * len(keys), names=keys), dtype=float)
    return pd.concat(parts)


def _last_quarter(files: Sequence[Path]) -> int:
    """The last quarter of any run; -1 when there is none."""
    found = [pc.max(table["quarter"]).as_py() for table in tables_of(files, columns=["quarter"]) if len(table)]
    return max(found, default=-1)


def _late_rows(files: Sequence[Path], keys: list[str], names: list[str], last: int) -> Iterator[pd.DataFrame]:
    """Rows of the last year, whole runs at a time: the last run of a row group waits for the rows that may follow."""
    waiting: pa.Table | None = None
    for table in tables_of(files, columns=[*keys, "quarter", *names]):
        late = table.filter(pc.greater(table["quarter"], last - WINDOW))
        if waiting is not None:
            late = pa.concat_tables([waiting, late])
        start = _start_of_last_run(late)
        if start:
            yield late.slice(0, start).to_pandas()
        waiting = late.slice(start)
    if waiting is not None and len(waiting):
        yield waiting.to_pandas()


def _start_of_last_run(table: pa.Table) -> int:
    """The row at which the last run of a table begins; 0 for an empty one."""
    if not len(table):
        return 0
    same = np.ones(len(table), dtype=bool)
    for name in (name for name in KEY if name in table.column_names):
        same &= pc.equal(table[name], table[name][len(table) - 1]).to_numpy()
    others = np.flatnonzero(~same)
    return int(others[-1]) + 1 if len(others) else 0


def summary(means: pd.DataFrame, points: pd.DataFrame, units: pd.Series) -> pd.DataFrame:
    """A row a scenario, design point and outcome: mean over the runs, the 95 % t interval of that mean, and how many runs.

    `means` are the runs' last-year means, `points` the factor columns by point, `units` the unit by outcome name. Rows are
    in the order of the runs, then of the outcomes. `runs` counts those in which the outcome is known; the interval is blank
    where there are fewer than two, the mean where there are none.
    """
    factors = list(points.columns)
    if means.empty:
        return pd.DataFrame(columns=["scenario", "point", *factors, *COLUMNS])
    codes = means.groupby(level=["scenario", "point"], sort=False, observed=True).ngroup().to_numpy()
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    values = means.to_numpy(dtype=float)[order]
    sums, runs = sums_by(values, starts)
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = sums / runs
        squares, _ = sums_by((values - middle[codes[order]]) ** 2, starts)
        half = _t(runs) * np.sqrt(squares / (runs - 1) / runs)
    outcomes = list(means.columns)
    rows = np.repeat(order[starts], len(outcomes))
    labels = {name: means.index.get_level_values(name)[rows] for name in ("scenario", "point")}
    labels |= {name: points[name].loc[labels["point"]].to_numpy() for name in factors}
    words = {"outcome": outcomes, "unit": [units.get(name, "") for name in outcomes]}
    numbers = {"mean": middle, "low": middle - half, "high": middle + half, "runs": runs}
    return pd.DataFrame(
        labels
        | {name: np.tile(np.array(texts, dtype=object), len(starts)) for name, texts in words.items()}
        | {name: table.ravel() for name, table in numbers.items()}
    )


def _t(count: np.ndarray) -> np.ndarray:
    """The t quantile for the mean of so many runs; NaN for fewer than two."""
    known, place = np.unique(count, return_inverse=True)
    quantiles = np.where(known > 1, stdtrit(np.maximum(known - 1, 1), 0.975), np.nan)
    return quantiles[place].reshape(count.shape)
