"""What a scenario changes: differences from the baseline over the last year, pair by pair where luck is shared."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from abm.experiment.runs import KEY

WINDOW = 4  # quarters at the end of a run that are averaged: the last year
LABELS = (*KEY, "quarter", "year", "kind", "region", "system")  # columns that say whose row it is
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


def is_factor(column: str) -> bool:
    """Whether a column of outcomes is a factor of the design: its name is a dotted key (a factor `system` is a label)."""
    return "." in column


def outcome_columns(columns: Iterable[str]) -> list[str]:
    """Those of a table's columns that are outcomes: neither labels nor factors."""
    return [name for name in columns if name not in LABELS and not is_factor(name)]


def last_year(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Each run's outcomes averaged over its last `WINDOW` quarters; index (scenario, point, replicate), as far as there are these."""
    if outcomes.empty:
        return pd.DataFrame()
    late = outcomes[outcomes["quarter"] > outcomes["quarter"].max() - WINDOW]
    keys = [name for name in KEY if name in outcomes.columns]
    return means_by(late, keys, outcome_columns(outcomes.columns))


def means_by(rows: pd.DataFrame, keys: list[str], names: Sequence[str]) -> pd.DataFrame:
    """Means of the columns `names` (what is known of them) for each combination of `keys`, in the order in which these come.

    A group's mean has the same bits whatever other groups there are, which the means of pandas have not.
    """
    codes = rows.groupby(keys, sort=False, observed=True).ngroup().to_numpy()
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    sums, counts = sums_by(rows[list(names)].to_numpy(dtype=float)[order], starts)
    with np.errstate(invalid="ignore"):
        values = sums / counts
    return pd.DataFrame(values, columns=list(names), index=pd.MultiIndex.from_frame(rows[keys].iloc[order[starts]]))


def sums_by(values: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sums of what is known, and how much is, of groups of rows: `values` (rows, columns); group g begins at row `starts[g]`."""
    known = ~np.isnan(values)
    sums = np.add.reduceat(np.where(known, values, 0.0), starts, axis=0)
    return sums, np.add.reduceat(known.astype(np.int64), starts, axis=0)


def effects(results: pd.DataFrame, baseline: str, scenarios: Sequence[str], units: pd.Series, paired: bool) -> pd.DataFrame:
    """A row a scenario and outcome: the difference from the baseline with a 95 % t interval.

    `results` is a table of outcomes, or the runs' last-year means (`summary.last_year_means`); `units` the unit by outcome name.
    Paired: differences run by run, where a pair is the same design point and replicate, and in how many pairs the outcome
    `rose` or `fell` (`pairs` counts those that ran in both). Not paired: the difference of means with Welch's interval, and
    no pairs. Intervals are blank where there are fewer than two runs.
    """
    means = last_year(results) if "quarter" in results.columns else results
    if means.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    by_scenario = {str(name): group.droplevel("scenario") for name, group in means.groupby(level="scenario", sort=False)}
    rows = []
    for scenario in scenarios:
        if scenario == baseline or not {scenario, baseline} <= set(by_scenario):
            continue
        for outcome in means.columns:
            here, there = by_scenario[scenario][outcome].dropna(), by_scenario[baseline][outcome].dropna()
            numbers = _paired(here, there) if paired else _independent(here, there)
            rows.append({"scenario": scenario, "baseline": baseline, "outcome": outcome, "unit": units.get(outcome, ""), **numbers})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def t_quantile(freedom: float, level: float = 0.975) -> float:
    """Student's t quantile."""
    return float(stdtrit(freedom, level))


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
