"""Sensitivity of contrasts: Morris's screening and Sobol' indices of groups, on what a scenario changes and not only on levels.

Morris 1991 with the mean of absolute effects (Campolongo et al. 2007); Sobol' indices by Saltelli et al. 2010 and Jansen 1999 with
bootstrap intervals, all by SALib. Every point is run in all scenarios with the same luck, and an outcome's value at a point is the
scenario's difference from the baseline, averaged over replicates.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd

from abm.analysis.members import by_point, member_contrasts
from abm.config.load import load
from abm.experiment.design import design_points, problem
from abm.experiment.store import ResultsError

SEED, RESAMPLES = 20240401, 400
NOISE = 0.05  # most share of a contrast's variance over points that luck may make


def screened(folder: Path) -> pd.DataFrame:
    """Morris's measures of a sweep with a design of kind morris. A row a contrast and factor: scenario, outcome, factor, effect
    (mean of absolute effects of moving across the range), low, high (95 %), share (of the sum over factors), sigma."""
    from SALib.analyze import morris

    resolved = load(str(folder / "config.yaml"))
    points, asked = design_points(resolved), problem(resolved)
    found = _complete(by_point(member_contrasts(folder)), len(asked["names"]) + 1)
    assert points.unit is not None
    unit = points.unit.to_numpy()[found.index.to_numpy()]
    levels = int(getattr(resolved.experiment.design, "levels", 4))
    rows = []
    for scenario, outcome in found.columns:
        values = found[(scenario, outcome)].to_numpy()
        told = morris.analyze(asked, unit, values, num_levels=levels, num_resamples=RESAMPLES, seed=SEED)
        star, wide = np.asarray(told["mu_star"], dtype=float), np.asarray(told["mu_star_conf"], dtype=float)
        total = star.sum() or 1.0
        for i, name in enumerate(told["names"]):
            low = max(0.0, star[i] - wide[i])
            rows.append([scenario, outcome, name, star[i], low, star[i] + wide[i], star[i] / total, float(told["sigma"][i])])
    return pd.DataFrame(rows, columns=["scenario", "outcome", "factor", "effect", "low", "high", "share", "sigma"])


def indices(folder: Path) -> pd.DataFrame:
    """Sobol' indices of a sweep with a design of kind sobol, by group. A row a contrast and group: scenario, outcome, group, total,
    total_low, total_high, first, first_low, first_high (95 %, bootstrap), deviation (of the contrast over points)."""
    from SALib.analyze import sobol

    resolved = load(str(folder / "config.yaml"))
    asked = problem(resolved)
    names = list(dict.fromkeys(asked.get("groups", asked["names"])))
    found = _complete(by_point(member_contrasts(folder)), len(names) + 2)
    rows = []
    for scenario, outcome in found.columns:
        values = found[(scenario, outcome)].to_numpy()
        told = sobol.analyze(asked, values, calc_second_order=False, num_resamples=RESAMPLES, seed=SEED)
        for i, name in enumerate(names):
            spans = [(told[key][i], told[key][i] - told[f"{key}_conf"][i], told[key][i] + told[f"{key}_conf"][i]) for key in ("ST", "S1")]
            rows.append([scenario, outcome, name, *(float(x) for span in spans for x in span), float(values.std())])
    columns = ["scenario", "outcome", "group", "total", "total_low", "total_high", "first", "first_low", "first_high", "deviation"]
    return pd.DataFrame(rows, columns=columns)


def _complete(found: pd.DataFrame, block: int) -> pd.DataFrame:
    """Whole blocks of points alone: one missing value would silently make all indices zero (SALib)."""
    number = found.index.to_numpy() // block
    bad = set(number[found.isna().any(axis=1).to_numpy()])
    counts = pd.Series(number).value_counts()
    bad |= set(counts.index[counts < block])
    left = found[~np.isin(number, list(bad))]
    if len(left) < 2 * block:
        raise ResultsError("too few whole blocks of points for an analysis of sensitivity")
    return left


def luck(folder: Path) -> pd.DataFrame:
    """How much of each contrast's variance over points is luck. A row a contrast: variance over points (of their expectations),
    variance over replicates at a point, share of luck in a single replicate, replicates needed for a share of `NOISE`."""
    contrasts = member_contrasts(folder)
    rows = []
    for (scenario, outcome), group in contrasts.groupby(["scenario", "outcome"], sort=False):
        wide = group.pivot(index="point", columns="replicate", values="difference")
        if wide.shape[1] < 2:
            raise ResultsError("luck shows in two replicates or more")
        within = float(wide.var(axis=1, ddof=1).mean())
        between = max(float(wide.mean(axis=1).var(ddof=1)) - within / wide.shape[1], 1e-30)
        needed = max(1, math.ceil(within / (NOISE * between)))
        rows.append([scenario, outcome, between, within, within / (between + within), needed, len(wide), wide.shape[1]])
    columns = ["scenario", "outcome", "between", "within", "share_of_luck", "replicates_needed", "points", "replicates"]
    return pd.DataFrame(rows, columns=columns)
