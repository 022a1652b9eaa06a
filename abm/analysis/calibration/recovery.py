"""Recovery: does the calibration find a truth that is known? Synthetic truths are held-out points of the first wave.

Each truth's own run, with survey samples and errors drawn as stated, is taken for what was observed. Members are drawn by the same
sampler on emulators that were fitted without the truths; they are not run and weighted, so that a dozen truths cost minutes. What is
asked, as in simulation-based calibration (Talts et al. 2018): how often the middle 90 % of the members hold the true value, of every
factor and of every contrast of scenarios; contrasts are run, not emulated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from abm.analysis import targets as aims
from abm.analysis.calibration.abc import Population, walk
from abm.analysis.calibration.history import Emulated, sample, wave
from abm.analysis.calibration.sweeps import Sweeps
from abm.analysis.members import by_point, member_contrasts

TRAINED = 512  # points of the first wave that the emulators see
MIDDLE = (0.05, 0.95)


@dataclass(frozen=True)
class Truth:
    """One truth: its point, what was observed of it, and the members that were found."""

    point: np.ndarray
    observed: list[float]
    found: Population
    start: np.ndarray


def recover(unit: np.ndarray, runs: pd.DataFrame, count: int, members: int, sweeps: int, candidates: int, seed: int) -> list[Truth]:
    """Members for `count` truths among the points of the first wave (`runs` as `targets.simulated` gives them)."""
    rng = np.random.default_rng([seed, 77])
    chosen = _chosen(runs, count, rng)
    rest = np.setdiff1d(runs.index.unique("point").to_numpy(), chosen)
    rest = rest[:: max(1, len(rest) // TRAINED)]
    emulators = wave(unit, runs.loc[rest], rank=2)
    found = []
    for point in chosen:
        observed = _observed(runs.loc[(point, 0)], rng)
        start = sample([emulators], unit.shape[1], members, candidates, rng, observed)
        emulated = Emulated(emulators, start.unit[:200], observed)
        population = walk(start.unit, emulated.log_density, rng, sweeps, sweeps)
        found.append(Truth(unit[point], observed, population, start.unit))
    return found


def _chosen(runs: pd.DataFrame, count: int, rng: np.random.Generator) -> np.ndarray:
    """Points at which the rank orders hold, as they do in what was really observed."""
    first = runs.xs(0, level="replicate")
    holds = (first[[each.id for each in aims.orders()]] >= 0).all(axis=1)
    pool = first.index[holds] if holds.sum() >= count else first.index
    return np.sort(rng.choice(pool.to_numpy(), count, replace=False))


def _observed(row: pd.Series, rng: np.random.Generator) -> list[float]:
    """What a survey and accounts would say of a run: its values, with sampling error and discrepancy drawn."""
    values = []
    for each in aims.levels():
        value = row[each.id] + rng.normal(0, each.discrepancy)
        if each.kind == "survey":
            values.append(rng.binomial(int(each.respondents), float(np.clip(value, 0, 1))) / each.respondents)
        else:
            values.append(value + rng.normal(0, each.observation))
    return [float(value) for value in values]


def parameters(truths: Sequence[Truth], keys: Sequence[str]) -> pd.DataFrame:
    """A row a truth and factor, in the unit cube: truth, low and high of the members' middle 90 %, covered, spread against the prior's."""
    rows = []
    for number, truth in enumerate(truths):
        low, high = np.quantile(truth.found.unit, MIDDLE, axis=0)
        spread = truth.found.unit.std(axis=0) * np.sqrt(12.0)
        for i, key in enumerate(keys):
            rows.append([number, key, truth.point[i], low[i], high[i], bool(low[i] <= truth.point[i] <= high[i]), spread[i]])
    return pd.DataFrame(rows, columns=["truth", "factor", "true", "low", "high", "covered", "spread_ratio"])


def contrasts(truths: Sequence[Truth], sweeps: Sweeps, draws: int, scenarios: int) -> pd.DataFrame:
    """A row a truth, scenario and outcome: the true contrast, the members' middle 90 %, covered; `draws` members are run for each."""
    points = np.concatenate([np.concatenate([truth.point[None, :], _some(truth.found.unit, draws)]) for truth in truths])
    found = by_point(member_contrasts(sweeps.run("recovery", points, 1, scenarios)))
    rows = []
    for number in range(len(truths)):
        block = found.iloc[number * (draws + 1) : (number + 1) * (draws + 1)]
        for scenario, outcome in found.columns:
            values = block[(scenario, outcome)].to_numpy()
            low, high = np.quantile(values[1:], MIDDLE)
            row = [number, scenario, outcome, values[0], low, high, bool(low <= values[0] <= high), np.mean(values[1:] * values[0] > 0)]
            rows.append(row)
    return pd.DataFrame(rows, columns=["truth", "scenario", "outcome", "true", "low", "high", "covered", "same_sign"])


def _some(unit: np.ndarray, count: int) -> np.ndarray:
    """Members spread over the ensemble."""
    return unit[np.linspace(0, len(unit) - 1, count).round().astype(int)]
