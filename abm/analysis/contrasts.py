"""Contrasts of runs on common random numbers: means with intervals, differences pair by pair, effects and interactions of factors.

A run's value is its outcome averaged over the last year. Replicate r of every scenario and design point has the same luck, so
that a difference within a replicate is the lever's doing, and its spread over replicates is what luck adds to it. Intervals are
percentile bootstrap intervals over replicates (Efron & Tibshirani 1993), with draws of a fixed seed.

>>> from abm.analysis.contrasts import interval
>>> interval([0.1, 0.2, 0.3, 0.2]).mean
0.2
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from abm.experiment.read import load
from abm.experiment.runs import KEY

DRAWS, SEED = 4000, 20240401


class Interval(NamedTuple):
    """A mean over replicates with its 95 % bootstrap interval; `low` and `high` are NaN below two replicates."""

    mean: float
    low: float
    high: float
    runs: int

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


def interval(values: Sequence[float] | np.ndarray, level: float = 0.95) -> Interval:
    """Mean of what is known of `values` (one a replicate), with a percentile bootstrap interval."""
    known = np.asarray(values, dtype=float)
    known = known[~np.isnan(known)]
    if len(known) < 2:
        return Interval(float(known.mean()) if len(known) else float("nan"), float("nan"), float("nan"), len(known))
    drawn = np.random.default_rng(SEED).integers(0, len(known), (DRAWS, len(known)))
    low, high = np.quantile(known[drawn].mean(axis=1), [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(known.mean()), float(low), float(high), len(known))


def last_year(folder: Path | str, outcomes: Sequence[str], scenarios: Sequence[str] | None = None) -> pd.DataFrame:
    """A row a run: scenario, point, replicate, the factors of the design, and each outcome averaged over the last year."""
    values = load(folder, "outcomes", [*KEY, *outcomes], scenarios, last_year=True)
    points = load(folder, "points")
    factors = [name for name in points.columns if name not in values.columns or name == "point"]
    return values.merge(points[factors], on="point", how="left")


def differences(runs: pd.DataFrame, outcomes: Sequence[str], by: Sequence[str], against: Mapping[str, Any]) -> pd.DataFrame:
    """What each combination of `by` changes against the one in which they have the values `against`, replicate by replicate.

    `runs` is as `last_year` gives it; columns that are neither outcomes, `by`, `point` nor `replicate` are held together: a run
    is compared with the one that shares them. A row a combination and outcome: `by`, outcome, difference, low, high, clear, pairs.
    """
    held = [name for name in runs.columns if name not in (*outcomes, *by, "point")]
    first = np.logical_and.reduce([runs[name] == value for name, value in against.items()])
    base = runs.loc[first, [*held, *outcomes]]
    pairs = runs[~first].merge(base, on=held, suffixes=("", " base"))
    rows = []
    for values, group in pairs.groupby(list(by), sort=False):
        for outcome in outcomes:
            change = group[outcome] - group[f"{outcome} base"]
            found = interval(change.groupby(group["replicate"]).mean().to_numpy())
            rows.append([*values, outcome, found.mean, found.low, found.high, found.clear, found.runs])
    return pd.DataFrame(rows, columns=[*by, "outcome", "difference", "low", "high", "clear", "pairs"])


def factorial(runs: pd.DataFrame, factors: Sequence[str], outcome: str) -> pd.DataFrame:
    """Effects and all interactions of a crossed design's factors, from their lowest to their highest level.

    A factor's effect is the mean change of `outcome` from its lowest to its highest level, over the extremes of the others; an
    interaction is half the change that one factor's extremes make to the effect of the other, and so on (Box, Hunter & Hunter
    2005, ch. 5). A row a term: term, order, effect, low, high, clear, replicates; effects reckoned within each replicate.
    """
    signs = pd.DataFrame({name: np.select([runs[name] == runs[name].min(), runs[name] == runs[name].max()], [-1, 1]) for name in factors})
    corners = (signs != 0).all(axis=1).to_numpy()
    values, signs, replicate = runs.loc[corners, outcome].to_numpy(), signs[corners], runs.loc[corners, "replicate"].to_numpy()
    rows = []
    for chosen in sorted(product((False, True), repeat=len(factors)), key=sum):
        names = [name for name, one in zip(factors, chosen, strict=True) if one]
        if names:
            contrast = pd.Series(values * signs[names].prod(axis=1).to_numpy() * 2)
            found = interval(contrast.groupby(replicate).mean().to_numpy())
            rows.append([" x ".join(names), len(names), found.mean, found.low, found.high, found.clear, found.runs])
    return pd.DataFrame(rows, columns=["term", "order", "effect", "low", "high", "clear", "replicates"])


def simple_effects(runs: pd.DataFrame, factors: Sequence[str], outcome: str) -> pd.DataFrame:
    """What each factor of a crossed design does, from its lowest to its highest level, at either extreme of each other factor.

    Averaged over the extremes of the rest. A row a factor, other factor and its level: factor, other, level, effect, low, high,
    clear, replicates; effects reckoned within each replicate. Where the two signs differ, a main effect misleads.
    """
    ends = {name: (runs[name].min(), runs[name].max()) for name in factors}
    corners = runs[np.logical_and.reduce([runs[name].isin(ends[name]) for name in factors])]
    rows = []
    for name in factors:
        for other in factors:
            for level in ends[other] if other != name else ():
                means = corners[corners[other] == level].groupby(["replicate", name])[outcome].mean().unstack()
                found = interval((means[ends[name][1]] - means[ends[name][0]]).to_numpy())
                rows.append([name, other, level, found.mean, found.low, found.high, found.clear, found.runs])
    return pd.DataFrame(rows, columns=["factor", "other", "level", "effect", "low", "high", "clear", "replicates"])


def told(found: Interval | Mapping[str, Any], scale: float = 1.0, unit: str = "points", digits: int = 1) -> str:
    """An effect in words: '-28.1 points (95 % interval -28.9 to -27.3, 20 pairs)'; `scale` turns it into `unit`."""
    if isinstance(found, Interval):
        mean, low, high, runs = found
    else:
        mean = found["difference"] if "difference" in found else found["effect"]
        low, high, runs = found["low"], found["high"], found["pairs"] if "pairs" in found else found["replicates"]
    if np.isnan(low):
        return f"{mean * scale:+.{digits}f} {unit} (one pair, no interval)"
    return f"{mean * scale:+.{digits}f} {unit} (95 % interval {low * scale:+.{digits}f} to {high * scale:+.{digits}f}, {runs} pairs)"
