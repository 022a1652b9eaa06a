"""A prediction as a row of the table, and the intervals that it gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

QUANTILES = (0.5, 0.25, 0.75, 0.05, 0.95)
NAMES = ("median", "low50", "high50", "low90", "high90")
COLUMNS = ("id", "statement", "group", "unit", *NAMES, "mean", "members", "runs", "status")
PREDICTED, ABSENT = "predicted", "not in the model"
RUN = ["point", "replicate"]  # what tells one run of a scenario from another; a point is a member of the ensemble


@dataclass(frozen=True)
class Row:
    """One predicted number: what it is, of whom, in what unit, and its value in every run that tells it (NaN: it does not)."""

    id: str
    statement: str
    group: str
    unit: str
    values: pd.Series | None  # indexed by member, and replicate where there are several; None: the model has no state for it

    def cells(self) -> tuple[object, ...]:
        """The row's cells in the order of COLUMNS."""
        head = (self.id, self.statement, self.group, self.unit)
        known = pd.Series(dtype=float) if self.values is None else self.values.dropna()
        if not len(known):
            return (*head, *(np.nan,) * (len(NAMES) + 1), 0, 0, ABSENT if self.values is None else "no run tells it")
        members = known.index.get_level_values(0).nunique()
        return (*head, *known.quantile(list(QUANTILES)), known.mean(), members, len(known), PREDICTED)


def nth_year(years: pd.DataFrame, number: int) -> str:
    """The financial year that comes `number` years after the first of a table, or its last."""
    labels = list(dict.fromkeys(years["year"]))
    return str(labels[min(number, len(labels) - 1)])


def table(rows: Sequence[Row]) -> pd.DataFrame:
    """The rows as a table: quantiles over members of the ensemble and their replicates, so that both uncertainty and luck count."""
    return pd.DataFrame([row.cells() for row in rows], columns=list(COLUMNS))


def spread(values: pd.DataFrame, by: str, names: Sequence[str]) -> pd.DataFrame:
    """Median and intervals of columns over the runs, a row each value of `by`: columns NAME_median, NAME_low50 and so on."""
    found = values.groupby(by, sort=False)[list(names)].quantile(list(QUANTILES)).unstack()
    parts = {f"{name}_{label}": found[name, q] for name in names for q, label in zip(QUANTILES, NAMES, strict=True)}
    return pd.DataFrame(parts)
