"""Whether an outcome changes abruptly or gradually along a lever: the part of the lever's range in which half of the change happens.

A straight line takes half of the range for half of its change, a step none of it. Means are joined by straight lines, so that a
step between two levels counts as half the distance between them.

>>> import numpy as np
>>> from abm.analysis.abruptness import half_width
>>> round(half_width(np.linspace(0, 1, 11), np.linspace(3, 5, 11)), 2)
0.5
"""

from __future__ import annotations

import math

import numpy as np

from abm.analysis.contrasts import SEED, Interval

ABRUPT = 0.25  # a change is abrupt when half of it takes no more of the range
LEAST = 5  # levels needed to say so
FINE, COARSE, DRAWS = 401, 101, 400  # places on the range; of each draw


def half_width(x: np.ndarray, y: np.ndarray, places: int = FINE) -> float:
    """The least part of the range in which the line through the means changes by half of its whole change; NaN below five levels.

    Reckoned on so many `places` of the range.
    """
    if len(x) < LEAST:
        return math.nan
    fine = np.linspace(x[0], x[-1], places)
    path = np.interp(fine, x, y)
    far = np.abs(path[:, None] - path[None, :]) >= (y.max() - y.min()) / 2 * (1 - 1e-9)
    steps = np.abs(np.subtract.outer(np.arange(places), np.arange(places)))
    return float(steps[far].min() / (places - 1))


def abruptness(x: np.ndarray, runs: np.ndarray) -> Interval:
    """`half_width` of the mean over runs (a row a level, a column a run), with a bootstrap interval over runs."""
    count = runs.shape[1]
    found = half_width(x, runs.mean(axis=1))
    if count < 2 or math.isnan(found):
        return Interval(found, math.nan, math.nan, count)
    drawn = np.random.default_rng(SEED).integers(0, count, (DRAWS, count))
    low, high = np.quantile([half_width(x, runs[:, row].mean(axis=1), COARSE) for row in drawn], [0.025, 0.975])
    return Interval(found, float(low), float(high), count)
