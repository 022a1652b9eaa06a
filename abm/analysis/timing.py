"""When a difference between paired runs comes: the first quarter in which it is clear, and the one by which half of it is there.

`paths` are differences of paired runs, a row a replicate and a column a quarter, from the quarter in which a lever moved. Quarters
are counted from 1, the one in which it moved. A quarter counts once what it shows stays so for a year, so that a single lucky
quarter does not. Intervals are percentile bootstrap intervals over replicates (Efron & Tibshirani 1993), with draws of a fixed seed.

>>> import numpy as np
>>> from abm.analysis.timing import half_way
>>> half_way(np.tile([0.0, -1.0, -2.0, -3.0, -4.0, -4.0, -4.0, -4.0], (5, 1))).mean
3.0
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abm.analysis.contrasts import SEED, Interval, interval

DRAWS = 1000
STAY = 4  # quarters that what is seen must last


@dataclass(frozen=True)
class Arrival:
    """When a difference comes, in quarters from 1; NaN where it does not.

    `final`: the difference in the last year; `clear`: the first quarter in which its interval leaves out zero on the side of
    `final`; `half`: the first by which it is half of `final`, with its interval. Both are NaN where `final` is not clear.
    """

    final: Interval
    clear: float
    half: Interval


def arrival(paths: np.ndarray) -> Arrival:
    """When the difference of paired runs comes."""
    final = interval(paths[:, -STAY:].mean(axis=1))
    unknown = Interval(float("nan"), float("nan"), float("nan"), len(paths))
    if not final.clear:
        return Arrival(final, float("nan"), unknown)
    sign = np.sign(final.mean)
    low = np.quantile(_drawn(paths) * sign, 0.025, axis=0)
    return Arrival(final, float(_first(low[None] > 0)[0]), half_way(paths))


def half_way(paths: np.ndarray) -> Interval:
    """The first quarter by which the mean over replicates has made half of its final change (its mean over the last year)."""
    half = float(_halves(paths.mean(axis=0, keepdims=True))[0])
    if len(paths) < 2:
        return Interval(half, float("nan"), float("nan"), len(paths))
    each = _halves(_drawn(paths))
    known = each[np.isfinite(each)]
    low, high = np.quantile(known, [0.025, 0.975]) if len(known) > DRAWS / 2 else (float("nan"), float("nan"))
    return Interval(half, float(low), float(high), len(paths))


def _halves(paths: np.ndarray) -> np.ndarray:
    final = paths[:, -STAY:].mean(axis=1, keepdims=True)
    return _first((paths * np.sign(final) >= np.abs(final) / 2) & (final != 0))


def _first(seen: np.ndarray) -> np.ndarray:
    """The first quarter of each row, from 1, from which on `seen` is true for a year, or to the end; NaN if there is none."""
    padded = np.pad(seen, ((0, 0), (0, STAY - 1)), constant_values=True)
    lasting = np.logical_and.reduce([padded[:, i : i + seen.shape[1]] for i in range(STAY)])
    return np.where(lasting.any(axis=1), lasting.argmax(axis=1) + 1.0, np.nan)


def _drawn(paths: np.ndarray) -> np.ndarray:
    """Means over replicates drawn with replacement, a row a draw and a column a quarter."""
    drawn = np.random.default_rng(SEED).integers(0, len(paths), (DRAWS, len(paths)))
    weights = np.array([np.bincount(row, minlength=len(paths)) for row in drawn]) / len(paths)
    return np.asarray(weights @ paths)
