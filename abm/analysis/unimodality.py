"""Whether values fall into more than one group: the dip statistic and its test (Hartigan & Hartigan 1985, Annals of Statistics 13).

The dip is how far the values' distribution is, at its farthest, from the nearest distribution with a single hump: 0 to 1/4.
The test asks how often as many uniform values, the worst case of a single hump, have a dip as large.

>>> from abm.analysis.unimodality import dip
>>> dip([0.0, 0.01, 0.02, 0.98, 0.99, 1.0]) > 0.15
True
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

DRAWS, SEED = 1000, 20240401
LEAST = 4  # values below which there is nothing to say


def dip(values: Sequence[float] | np.ndarray) -> float:
    """The dip of what is known of `values`. The method is Hartigan's (1985, Applied Statistics 34, AS 217).

    Between its ends, the nearest distribution follows the greatest convex minorant up to the hump's start and the least concave
    majorant from the hump's end; the hump is narrowed until the two are no farther apart than what is left outside it.
    """
    known = np.asarray(values, dtype=float)
    x, counts = np.unique(known[np.isfinite(known)], return_counts=True)
    if len(x) < 2:
        return 0.0
    after = np.cumsum(counts) / counts.sum()  # share of values up to x, and below x
    before = after - counts / counts.sum()
    start, end, found = 0, len(x) - 1, 0.0
    while True:
        part = slice(start, end + 1)
        below, above = start + _hull(x[part], before[part], 1.0), start + _hull(x[part], after[part], -1.0)
        floor, roof = np.interp(x[part], x[below], before[below]), np.interp(x[part], x[above], after[above])
        apart = roof - floor
        at_below, at_above = apart[below - start], apart[above - start]
        if at_below.max() > at_above.max():
            first = int(below[at_below.argmax()])
            last = int(above[above >= first][0])
        else:
            last = int(above[at_above.argmax()])
            first = int(below[below <= last][-1])
        if max(at_below.max(), at_above.max()) <= found:
            return found / 2
        left = (after[part] - floor)[: first - start + 1].max()
        right = (roof - before[part])[last - start :].max()
        found = max(found, float(left), float(right))
        if (first, last) == (start, end):
            return found / 2
        start, end = first, last


def dip_test(values: Sequence[float] | np.ndarray) -> tuple[float, float]:
    """The dip, and the share of equally many uniform values' dips that are as large (p); NaN for fewer than four values."""
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    if len(known) < LEAST:
        return float("nan"), float("nan")
    found = dip(known)
    return found, float((1 + (_uniform(len(known)) >= found).sum()) / (1 + DRAWS))


@lru_cache(maxsize=16)
def _uniform(count: int) -> np.ndarray:
    """Dips of `count` uniform values, drawn with a fixed seed."""
    drawn = np.random.default_rng(SEED).random((DRAWS, count))
    return np.array([dip(row) for row in drawn])


def _hull(x: np.ndarray, y: np.ndarray, side: float) -> np.ndarray:
    """Places of the points on the lower (side 1) or upper (−1) convex hull."""
    kept: list[int] = []
    for place in range(len(x)):
        while len(kept) > 1:
            i, j = kept[-2], kept[-1]
            if side * ((y[j] - y[i]) * (x[place] - x[i]) - (y[place] - y[i]) * (x[j] - x[i])) < 0:
                break
            kept.pop()
        kept.append(place)
    return np.array(kept)
