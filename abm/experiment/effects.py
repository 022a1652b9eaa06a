"""What a scenario changes: differences from the baseline over the last year, pair by pair where luck is shared."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import pandas as pd

from abm.experiment.run import KEYS

WINDOW = 4  # quarters at the end of a run that are averaged: the last year
COLUMNS = (
    "scenario",
    "baseline",
    "outcome",
    "unit",
    "baseline_mean",
    "scenario_mean",
    "difference",
    "low",
    "high",
    "pairs",
    "rose",
    "fell",
    "same",
)


def last_year(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Each run's outcomes averaged over its last `WINDOW` quarters; index (scenario, replicate)."""
    if outcomes.empty:
        return pd.DataFrame()
    late = outcomes[outcomes["quarter"] > outcomes["quarter"].max() - WINDOW]
    columns = [name for name in outcomes.columns if name not in KEYS]
    return late.groupby(["scenario", "replicate"], sort=False)[columns].mean()


def effects(outcomes: pd.DataFrame, baseline: str, scenarios: Sequence[str], units: pd.Series, paired: bool) -> pd.DataFrame:
    """A row a scenario and outcome: the difference from the baseline with a 95 % t interval.

    Paired: differences run by run, and in how many pairs the outcome `rose` or `fell` (`pairs` counts the replicates
    that ran in both). Not paired: the difference of means with Welch's interval, and no pairs. `units` is the unit by
    outcome name. Intervals are blank where there are fewer than two runs.
    """
    means = last_year(outcomes)
    rows = []
    have = set(means.index.get_level_values("scenario")) if len(means) else set()
    for scenario in scenarios:
        if scenario == baseline or not {scenario, baseline} <= have:
            continue
        for outcome in means.columns:
            here, there = means.loc[scenario, outcome].dropna(), means.loc[baseline, outcome].dropna()
            numbers = _paired(here, there) if paired else _independent(here, there)
            rows.append({"scenario": scenario, "baseline": baseline, "outcome": outcome, "unit": units.get(outcome, ""), **numbers})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def t_quantile(freedom: float, level: float = 0.975) -> float:
    """Student's t quantile: exact for 1 and 2 degrees of freedom, else the expansion of Abramowitz and Stegun 26.7.5 (error < 0.5 %)."""
    if freedom <= 1:
        return math.tan(math.pi * (level - 0.5))
    if freedom <= 2:
        return (2 * level - 1) * math.sqrt(2 / (4 * level * (1 - level)))
    z = NormalDist().inv_cdf(level)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / freedom**power for power, term in enumerate(terms, start=1))


def _paired(here: pd.Series, there: pd.Series) -> dict[str, float]:
    here, there = here.align(there, join="inner")
    change = (here - there).to_numpy(dtype=float)
    spread = change.std(ddof=1) / math.sqrt(len(change)) if len(change) > 1 else math.nan
    half = t_quantile(max(len(change) - 1, 1)) * spread
    middle = change.mean() if len(change) else math.nan
    signs = {"pairs": len(change), "rose": int((change > 0).sum()), "fell": int((change < 0).sum()), "same": int((change == 0).sum())}
    return {
        "baseline_mean": there.mean(),
        "scenario_mean": here.mean(),
        "difference": middle,
        "low": middle - half,
        "high": middle + half,
        **signs,
    }


def _independent(here: pd.Series, there: pd.Series) -> dict[str, float]:
    middle = here.mean() - there.mean()
    half = math.nan
    if len(here) > 1 and len(there) > 1:
        parts = np.array([here.var(ddof=1) / len(here), there.var(ddof=1) / len(there)])
        total = parts.sum()
        freedom = total**2 / (parts**2 / np.array([len(here) - 1, len(there) - 1])).sum() if total > 0 else 1.0
        half = t_quantile(freedom) * math.sqrt(total)
    signs = {"pairs": math.nan, "rose": math.nan, "fell": math.nan, "same": math.nan}
    return {
        "baseline_mean": there.mean(),
        "scenario_mean": here.mean(),
        "difference": middle,
        "low": middle - half,
        "high": middle + half,
        **signs,
    }
