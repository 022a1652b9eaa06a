"""Targets of the calibration: what is observed, how it is read from a run, and how far off a run may be for which reason.

The table is `abm/analysis/data/targets.csv`; its `evidence` names rows of docs/evidence.md, section 10. Three reasons why a
right model would still miss a target are kept apart: *observation* (for survey items the binomial error of the sample, else
half of the published tolerance), *discrepancy* (what the model leaves out; a judgement, with its `why`), and *ensemble* (runs
of the same values differ by luck; estimated from replicates). Criteria of rank order have no value: they hold or they do not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from abm.config.factors import ROWS
from abm.experiment.read import load
from abm.experiment.store import ResultsError
from abm.model.state import QUARTERS

TABLE = Path(__file__).parent / "data" / "targets.csv"


class Target(NamedTuple):
    """One target: a row of the table."""

    id: str
    evidence: str
    name: str
    kind: str  # level, survey, input (met by the prior) or order
    reading: str
    outcome: str
    first_year: int
    last_year: int
    value: float
    tolerance: float
    respondents: float
    discrepancy: float
    why: str

    @property
    def order(self) -> bool:
        """Whether it is a criterion of rank order."""
        return self.kind == "order"

    @property
    def observation(self) -> float:
        """Standard error of what was observed."""
        if self.kind == "survey":
            return math.sqrt(self.value * (1.0 - self.value) / self.respondents)
        return self.tolerance / 2.0

    @property
    def spread(self) -> float:
        """Standard deviation of what was observed around a right model's expectation, luck of the run aside."""
        return math.hypot(self.observation, self.discrepancy)


@lru_cache(maxsize=1)
def targets() -> tuple[Target, ...]:
    """All targets, rank order first."""
    frame = pd.read_csv(TABLE)
    return tuple(Target(*row) for row in frame.itertuples(index=False, name=None))


def levels() -> tuple[Target, ...]:
    """The targets that have a value."""
    return tuple(each for each in targets() if not each.order)


def orders() -> tuple[Target, ...]:
    """The criteria of rank order."""
    return tuple(each for each in targets() if each.order)


def weights() -> np.ndarray:
    """A weight a level: the items of one survey question share the weight of one target."""
    share = pd.Series([each.evidence for each in levels()])
    return (1.0 / share.map(share.value_counts())).to_numpy()


def outcomes() -> list[str]:
    """Names of the outcomes that the targets are read from."""
    named = [name for each in targets() if each.kind != "input" for name in each.outcome.replace(">", "<").split("<")]
    return list(dict.fromkeys(named))


def simulated(folder: Path | str, scenario: str | None = None) -> pd.DataFrame:
    """A row a run (index point, replicate) and a column a target id, in the first scenario or the one named.

    A criterion of order is the least gap by which it holds (below zero: it does not). Raises `ResultsError` for results that
    are too short or not stored by quarter.
    """
    rows = load(folder, "outcomes", ["scenario", "point", "replicate", "quarter", *outcomes()])
    rows = rows[rows["scenario"] == (scenario or rows["scenario"].iloc[0])]
    years = max(each.last_year for each in targets())
    if rows["quarter"].max() + 1 < years * QUARTERS or rows["quarter"].nunique() < QUARTERS:
        raise ResultsError(f"the targets are read from quarters of {years} years: quarters: {years * QUARTERS}, every: quarter")
    rows = rows.set_index(["point", "replicate", "quarter"])[outcomes()]
    points = load(folder, "points").set_index("point")
    return pd.DataFrame({each.id: _read(each, rows, points) for each in targets()})


def _read(target: Target, rows: pd.DataFrame, points: pd.DataFrame) -> pd.Series:
    run = ["point", "replicate"]
    if target.reading == "parameter":
        index = rows.index.droplevel("quarter").unique()
        key = target.outcome
        values = points[key] if key in points else pd.Series(ROWS[key].default, index=points.index)
        return -pd.Series(values.loc[index.get_level_values("point")].to_numpy(dtype=float), index=index)
    if target.reading == "first_quarter":
        return rows.xs(0, level="quarter")[target.outcome]
    first, last = target.first_year * QUARTERS - 1, target.last_year * QUARTERS - 1
    ends = rows[rows.index.get_level_values("quarter") % QUARTERS == QUARTERS - 1]
    quarter = ends.index.get_level_values("quarter")
    ends = ends[(quarter >= first) & (quarter <= last)]
    if target.reading == "drift":
        change = ends.xs(last, level="quarter")[target.outcome] - ends.xs(first, level="quarter")[target.outcome]
        return 100.0 * change / (target.last_year - target.first_year)
    means = ends.groupby(level=run).mean()
    if target.reading == "order":
        names = target.outcome.split(">")
        return pd.concat([means[a] - means[b] for a, b in pairwise(names)], axis=1).min(axis=1)
    if target.reading == "lowest":
        lowest, *others = target.outcome.split("<")
        return means[others].min(axis=1) - means[lowest]
    return means[target.outcome]


def ensemble(runs: pd.DataFrame) -> pd.Series:
    """Variance over replicates of each target, pooled over points; zero where every point was run once."""
    counts = runs.groupby(level="point").size()
    if (counts < 2).all():
        return pd.Series(0.0, index=runs.columns)
    return runs.groupby(level="point").var(ddof=1).mean()


def misses(values: np.ndarray, observed: Sequence[float] | None = None) -> np.ndarray:
    """How far runs are from the levels, in standard deviations of `spread`; a row a run, columns as `levels()`."""
    wanted = np.array([each.value for each in levels()] if observed is None else observed)
    return (values - wanted) / np.array([each.spread for each in levels()])


def log_density(values: np.ndarray, gaps: np.ndarray, observed: Sequence[float] | None = None) -> np.ndarray:
    """Logarithm of the density of what was observed around each run, up to a constant; −∞ where a rank order does not hold.

    Items of one survey question share the weight of one target, since their errors are not independent.
    """
    found = -0.5 * misses(values, observed) ** 2 @ weights()
    return np.where((gaps >= 0).all(axis=1) & ~np.isnan(found), found, -np.inf)


def distance(values: np.ndarray, gaps: np.ndarray, observed: Sequence[float] | None = None) -> np.ndarray:
    """Root mean square miss of each run, 1 on average for a right model; infinite where a rank order does not hold."""
    found = np.sqrt(misses(values, observed) ** 2 @ weights() / weights().sum())
    found = np.where(np.isnan(found), np.inf, found)
    return np.where((gaps >= 0).all(axis=1), found, np.inf)
