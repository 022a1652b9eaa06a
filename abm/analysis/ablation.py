"""What is left of an effect when a mechanism is taken away, and whether a lever does anything where its carrier is absent.

An effect is reckoned within its own ablated world: treated less untreated, both without the mechanism and on the same random
numbers. What is left of it is the ratio of its mean to that of the intact effect; both means are of the same replicates, so
that the interval is a percentile bootstrap over replicates drawn together (Efron & Tibshirani 1993). The ratio says nothing
where the intact effect is not clearly there, and is then left blank.

>>> from abm.analysis.ablation import share
>>> tuple(round(value, 2) for value in share([0.1, 0.2, 0.1], [0.2, 0.4, 0.2]))
(0.5, 0.5, 0.5)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from abm.analysis.contrasts import DRAWS, SEED, interval
from abm.experiment.effects import outcome_columns
from abm.experiment.read import load
from abm.experiment.store import ResultsError

PULLED = "__"  # 'no_fence__pots' is the world of scenario 'no_fence' in which a lever, 'pots', is pulled


class Share(NamedTuple):
    """What is left of an effect, 1 for all of it, with its 95 % interval; `low` and `high` are NaN below two replicates."""

    left: float
    low: float
    high: float


@lru_cache(maxsize=4)
def _drawn(count: int) -> np.ndarray:
    """The replicates of each bootstrap draw."""
    return np.random.default_rng(SEED).integers(0, count, (DRAWS, count))


def share(ablated: Sequence[float] | np.ndarray, intact: Sequence[float] | np.ndarray) -> Share:
    """What is left of the effect `intact` in `ablated`, each a value a replicate, in the same order."""
    top, bottom = np.asarray(ablated, dtype=float), np.asarray(intact, dtype=float)
    known = ~(np.isnan(top) | np.isnan(bottom))
    top, bottom = top[known], bottom[known]
    with np.errstate(divide="ignore", invalid="ignore"):
        left = float(np.mean(top) / np.mean(bottom)) if len(top) else float("nan")
        if len(top) < 2:
            return Share(left, float("nan"), float("nan"))
        drawn = _drawn(len(top))
        low, high = np.nanquantile(top[drawn].mean(axis=1) / bottom[drawn].mean(axis=1), [0.025, 0.975])
    return Share(left, float(low), float(high))


def remains(runs: pd.DataFrame, outcomes: Sequence[str], treatments: Mapping[int, str], intact: str, untreated: int = 0) -> pd.DataFrame:
    """Effects of treatments (design points, with their names) in each ablation (scenario), and what they are of the intact ones.

    `runs` is as `contrasts.last_year` gives it. A row a scenario, treatment and outcome: scenario, treatment, outcome, difference,
    low, high, clear, pairs; left, left_low, left_high, which are blank where the effect is not clear in the scenario `intact`.
    Raises `ResultsError` when a scenario or point is missing.
    """
    if intact not in set(runs["scenario"]) or not {untreated, *treatments} <= set(runs["point"]):
        raise ResultsError(f"no scenario {intact!r}, or not the design points {sorted({untreated, *treatments})}")
    wide = runs.pivot(index="replicate", columns=["scenario", "point"], values=list(outcomes))
    values = {key: column.to_numpy(dtype=float) for key, column in wide.items()}
    rows = []
    for point, treatment in treatments.items():
        for outcome in outcomes:
            whole = values[outcome, intact, point] - values[outcome, intact, untreated]
            clear = interval(whole).clear
            for scenario in dict.fromkeys(runs["scenario"]):
                here = values[outcome, scenario, point] - values[outcome, scenario, untreated]
                found = interval(here)
                left = share(here, whole) if clear else Share(*[float("nan")] * 3)
                rows.append([scenario, treatment, outcome, *found[:3], found.clear, found.runs, *left])
    names = ["scenario", "treatment", "outcome", "difference", "low", "high", "clear", "pairs", "left", "left_low", "left_high"]
    return pd.DataFrame(rows, columns=names)


def placebos(folder: Path | str, outcomes: Sequence[str]) -> pd.DataFrame:
    """What each scenario `WORLD__LEVER` of a folder changes against its scenario `WORLD`, replicate by replicate.

    A row a scenario and outcome: scenario, world, lever, outcome, difference in the last year, low, high, clear, pairs; `most` is the
    largest difference of any outcome that is stored in any quarter and replicate, in the outcome's own unit, and `nought` says
    that there is none at all, to the bit.
    """
    every = load(folder, "outcomes")
    names = outcome_columns(every.columns)
    stored, means = _by_scenario(every, ["replicate", "quarter"]), _by_scenario(load(folder, "outcomes", last_year=True), ["replicate"])
    rows = []
    for scenario in stored:
        world, pulled, lever = scenario.partition(PULLED)
        if not pulled:
            continue
        if world not in stored:
            raise ResultsError(f"scenario {scenario!r} has no scenario {world!r} to be compared with")
        with_lever, without = stored[scenario][names], stored[world][names]
        same = with_lever.equals(without)
        most = float(np.nanmax(np.abs(with_lever.to_numpy(float) - without.to_numpy(float)), initial=0.0))
        for outcome in outcomes:
            found = interval((means[scenario][outcome] - means[world][outcome]).to_numpy())
            rows.append([scenario, world, lever, outcome, *found[:3], found.clear, found.runs, most, same])
    columns = ["scenario", "world", "lever", "outcome", "difference", "low", "high", "clear", "pairs", "most", "nought"]
    return pd.DataFrame(rows, columns=columns)


def _by_scenario(rows: pd.DataFrame, keys: list[str]) -> dict[str, pd.DataFrame]:
    groups = rows.groupby("scenario", sort=False, observed=True)
    return {str(name): group.set_index(keys).sort_index() for name, group in groups}
