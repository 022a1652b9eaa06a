"""Effects set against effects: what share of one another takes back, whether one changes another, whether a package is its sum.

Everything is reckoned within replicates, which share their luck, and then summed up with a bootstrap interval over them. A share
is a ratio of two means; its interval comes from drawing both from the same replicates (percentile bootstrap of a ratio, Efron &
Tibshirani 1993, ch. 25). Where the whole is itself not clear of zero there is nothing to take a share of.

>>> import pandas as pd
>>> share(pd.Series([1.0, 2.0, 1.0]), pd.Series([2.0, 4.0, 2.0])).mean
0.5
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm.analysis.contrasts import DRAWS, SEED, Interval, interval
from abm.experiment.effects import WINDOW, means_by
from abm.experiment.read import load

NOTHING = Interval(float("nan"), float("nan"), float("nan"), 0)


def late(folder: Path | str, outcomes: Sequence[str], years: int = 1, table: str = "outcomes", area: str = "") -> pd.DataFrame:
    """A row a run (and area): each outcome averaged over the last `years` of it; scenario, point, replicate, `area`, outcomes."""
    keys = ["scenario", "point", "replicate", *([area] if area else [])]
    rows = load(folder, table, [*keys, "quarter", *outcomes])
    rows = rows[rows["quarter"] > rows["quarter"].max() - WINDOW * years]
    return means_by(rows, keys, list(outcomes)).reset_index()


def by_replicate(runs: pd.DataFrame, outcome: str, at: Mapping[str, Any]) -> pd.Series:
    """An outcome's mean in each replicate over the runs that have the values `at`."""
    chosen = np.logical_and.reduce([runs[name] == value for name, value in at.items()])
    return runs.loc[chosen].groupby("replicate")[outcome].mean()


def change(runs: pd.DataFrame, outcome: str, at: Mapping[str, Any], against: Mapping[str, Any]) -> pd.Series:
    """What `at` changes against `against`, replicate by replicate."""
    return (by_replicate(runs, outcome, at) - by_replicate(runs, outcome, against)).dropna()


def share(part: pd.Series, whole: pd.Series) -> Interval:
    """`part` as a share of `whole`, both a value a replicate; NaN with no interval where the interval of `whole` holds zero."""
    both = pd.concat([part, whole], axis=1, keys=["part", "whole"]).dropna().to_numpy(dtype=float)
    if len(both) < 2 or not interval(both[:, 1]).clear:
        return NOTHING._replace(runs=len(both))
    drawn = both[np.random.default_rng(SEED).integers(0, len(both), (DRAWS, len(both)))].mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = drawn[:, 0] / drawn[:, 1]
    low, high = np.quantile(ratios[np.isfinite(ratios)], [0.025, 0.975])
    mean = both.mean(axis=0)
    return Interval(float(mean[0] / mean[1]), float(low), float(high), len(both))


def beyond_sum(
    runs: pd.DataFrame, outcome: str, package: Any, parts: Sequence[Any], baseline: Any, column: str = "scenario"
) -> tuple[Interval, Interval]:
    """The sum of what `parts` change on their own, and what `package` changes beyond that sum; all are values of `column`."""
    alone = [change(runs, outcome, {column: name}, {column: baseline}) for name in parts]
    total = pd.concat(alone, axis=1).sum(axis=1, skipna=False).dropna()
    together = change(runs, outcome, {column: package}, {column: baseline})
    return interval(total.to_numpy()), interval((together - total).dropna().to_numpy())
