"""Which factors of a design matter: rank correlations of an outcome with each factor over the design's points."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from abm.view.charts import dose
from abm.view.report.sentences import Link
from abm.view.source import Source

DEPENDENT = (*dose.DEPENDENT, "one_at_a_time", "list")  # designs whose points are no sample: no interval


def links(origin: Source, outcome: str, scenario: str) -> list[Link]:
    """A link for each factor that is a number, the strongest first; [] where there are fewer than four points."""
    runs = origin.runs([outcome], [scenario])
    means = runs[np.isfinite(runs[outcome])].groupby("point")[outcome].mean()
    if len(means) < 4:
        return []
    found = [
        link(factor.words, origin.levels(key).loc[means.index], means, origin.design not in DEPENDENT)
        for key, factor in origin.factors.items()
        if not factor.choice
    ]
    return sorted(found, key=lambda each: -abs(each.rho) if math.isfinite(each.rho) else 1.0)


def strength(values: pd.Series, groups: pd.Series) -> float:
    """How much an outcome differs between choices, from 0 to 1 as a rank correlation's size: from the ranks' sums of squares (epsilon)."""
    ranks = values.rank()
    total = float(((ranks - ranks.mean()) ** 2).sum())
    count = groups.nunique()
    if total <= 0 or len(ranks) <= count:
        return 0.0
    within = float(((ranks - ranks.groupby(groups).transform("mean")) ** 2).sum())
    return math.sqrt(max(0.0, 1 - within / total * (len(ranks) - 1) / (len(ranks) - count)))


def strongest(origin: Source, outcome: str, scenario: str) -> list[str]:
    """Keys of the design's factors, those that go most with an outcome first."""
    runs = origin.runs([outcome], [scenario])
    means = runs[np.isfinite(runs[outcome])].groupby("point")[outcome].mean()
    sizes = {}
    for key, factor in origin.factors.items():
        levels = origin.levels(key).loc[means.index]
        found = strength(means, levels.astype(str)) if factor.choice else abs(link(factor.words, levels, means, False).rho)
        sizes[key] = found if math.isfinite(found) else 0.0
    return sorted(sizes, key=lambda key: -sizes[key])


def link(words: str, levels: pd.Series, values: pd.Series, independent: bool = True) -> Link:
    """Spearman's rank correlation with the interval of Bonett and Wright (2000); no interval where points are not independent."""
    x, y = levels.astype(float).rank().to_numpy(), values.astype(float).rank().to_numpy()  # ties share their mean rank
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return Link(words, math.nan, math.nan, math.nan, len(x))
    rho = float(np.clip(np.corrcoef(x, y)[0, 1], -1.0, 1.0))
    if not independent or len(x) < 5:
        return Link(words, rho, math.nan, math.nan, len(x))
    middle = math.atanh(max(-0.999999, min(0.999999, rho)))
    half = 1.959964 * math.sqrt((1 + rho**2 / 2) / (len(x) - 3))
    return Link(words, rho, math.tanh(middle - half), math.tanh(middle + half), len(x))
