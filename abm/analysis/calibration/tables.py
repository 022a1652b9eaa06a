"""What a calibration reports: fit by target, which factors are constrained, what the members predict of the contrasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import kstest

from abm.analysis import targets as aims
from abm.analysis.calibration.prior import Prior
from abm.config.factors import ROWS

CONSTRAINED = 0.8  # spread of the members against the prior's, below which a factor is called constrained
MIDDLE = (0.05, 0.5, 0.95)


def fit_table(sources: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """A row a target, rank order first. `sources`: runs as `targets.simulated` gives them, under 'default', 'prior' and 'posterior'.

    low, median and high of each are the 5th, 50th and 95th percentile of runs; `inside` is the share of runs that meet the target
    (within its tolerance, or with the order holding), `met` whether the posterior's median does.
    """
    rows = []
    for each in aims.targets():
        row: dict[str, Any] = {"target": each.id, "name": each.name, "kind": each.kind, "observed": each.value, "tolerance": each.tolerance}
        row |= {"observation_sd": each.observation, "discrepancy_sd": each.discrepancy}
        row["ensemble_sd"] = float(np.sqrt(aims.ensemble(sources["default"])[each.id]))
        for name, runs in sources.items():
            values = runs[each.id].dropna().to_numpy()
            low, median, high = np.quantile(values, MIDDLE)
            met = values >= 0 if each.order else np.abs(values - each.value) <= each.tolerance + 1e-12
            row |= {f"{name}_low": low, f"{name}": median, f"{name}_high": high, f"{name}_inside": float(met.mean())}
        row["met"] = bool(row["posterior"] >= 0 if each.order else abs(row["posterior"] - each.value) <= each.tolerance)
        rows.append(row)
    return pd.DataFrame(rows)


def constrained_table(prior: Prior, unit: np.ndarray) -> pd.DataFrame:
    """A row a factor, the most constrained first: members' middle 90 %, spread against the prior's, shift, and where the default lies.

    `spread_ratio` is the members' standard deviation over the prior's; `shift` how far their mean lies from the middle of the range,
    in standard deviations of the prior; `default_at` the share of members below the declared default; `p_uniform` the chance of so
    large a departure from the prior if there were none (Kolmogorov-Smirnov).
    """
    values, defaults = prior.values(unit), prior.defaults()[0]
    rows = []
    for i, key in enumerate(prior.keys):
        low, median, high = np.quantile(values[key], MIDDLE)
        ratio = float(unit[:, i].std() * np.sqrt(12.0))
        shift = float((unit[:, i].mean() - 0.5) * np.sqrt(12.0))
        section = key.split(".", 1)[0]
        rows.append(
            {
                "factor": key,
                "group": ROWS[key].group if section == "parameters" else "levers",
                "default": ROWS[key].default,
                "from": prior.factors[i].low,
                "to": prior.factors[i].high,
                "low": low,
                "median": median,
                "high": high,
                "spread_ratio": ratio,
                "shift": shift,
                "p_uniform": float(kstest(unit[:, i], "uniform").pvalue),
                "default_at": float((unit[:, i] < defaults[i]).mean()),
                "default_inside": bool(low <= ROWS[key].default <= high),
                "constrained": ratio < CONSTRAINED,
            }
        )
    return pd.DataFrame(rows).sort_values("spread_ratio", kind="stable", ignore_index=True)


def contrast_table(found: pd.DataFrame, default: pd.DataFrame) -> pd.DataFrame:
    """A row a scenario and outcome: the contrast at the defaults, the members' percentiles, share of members above zero.

    Both as `members.by_point` gives them.
    """
    rows = []
    for scenario, outcome in found.columns:
        values = found[(scenario, outcome)].dropna().to_numpy()
        low, median, high = np.quantile(values, MIDDLE)
        at_default = float(default[(scenario, outcome)].mean())
        rows.append([scenario, outcome, at_default, low, median, high, float((values > 0).mean()), len(values)])
    return pd.DataFrame(rows, columns=["scenario", "outcome", "default", "low", "median", "high", "above_zero", "members"])


def coverage(rows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Share of truths covered by the middle 90 %, by factor or by scenario and outcome."""
    return rows.groupby(list(by), sort=False).agg(covered=("covered", "mean"), truths=("truth", "nunique")).reset_index()
