"""Iterative proportional fitting on a list of links, with fixed row sums and column sums that give way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

ROUNDS = 200  # the fit changes by less than a pound well before


def fit_margins(*, seed: Floats, row: Rows, column: Rows, row_sum: Floats, column_sum: Floats, column_cap: Floats, hold: float) -> Floats:
    """Flows u[row] * seed * v[column] on the links of `seed` (n,), the nearest to the seed with the wanted margins.

    v = (column_sum / column total)**hold, so `hold` = 1 is plain iterative proportional fitting, 0 leaves columns to
    follow the rows, and between the two a column that does not fit gives way (unbalanced optimal transport with a
    Kullback-Leibler penalty of weight hold / (1 - hold)). Column totals stay at or under `column_cap`; rows meet
    `row_sum` unless all their columns are at the cap. Rows and columns are indices into the margins; every row and
    column with a link must have a positive seed. Same units throughout (GBP k a year).
    """
    u = np.ones_like(row_sum)
    v = np.ones_like(column_sum)
    for _ in range(ROUNDS):
        reach = np.bincount(column, seed * u[row], minlength=len(v))
        with np.errstate(divide="ignore", invalid="ignore"):
            v = np.where(reach > 0, np.minimum((column_sum / reach) ** hold, column_cap / reach), 0.0)
            offered = np.bincount(row, seed * v[column], minlength=len(u))
            u = np.where(offered > 0, row_sum / offered, 0.0)
    flow: Floats = seed * u[row] * v[column]
    total = np.bincount(column, flow, minlength=len(v))
    with np.errstate(divide="ignore", invalid="ignore"):
        over = np.where(total > column_cap, column_cap / total, 1.0)
    return flow * over[column]
