"""History matching: what of the space is ruled out by what was observed, wave by wave (Craig et al. 1997; Vernon et al. 2010;
Andrianakis et al. 2015).

Implausibility of a point for a target: |observed − emulated mean| / √(emulator + ensemble + observation + discrepancy variance).
A point is ruled out where it is above 3 (Pukelsheim's rule of three standard deviations, 1994), in the first wave where the
second highest is, since a first emulator is rough. A criterion of rank order counts by how far its emulated gap is below zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.special import log_ndtr
from scipy.stats import qmc

from abm.analysis import targets as aims
from abm.analysis.emulator import Emulator, fit

CUT = 3.0
LEAST = 20  # points that must be left of the candidates; the cut is raised until they are


@dataclass(frozen=True)
class Wave:
    """Emulators of one wave. `rank`: which of the highest implausibilities is judged; `cut`: above it a point is ruled out."""

    emulators: Mapping[str, Emulator]
    ensemble: pd.Series
    rank: int = 1
    cut: float = CUT

    def implausibility(self, unit: np.ndarray, observed: Sequence[float] | None = None) -> np.ndarray:
        """A row a point, a column a target (as `targets()`)."""
        wanted = dict(zip((each.id for each in aims.levels()), observed or [each.value for each in aims.levels()], strict=True))
        columns = []
        for each in aims.targets():
            mean, variance = self.emulators[each.id].predict(unit)
            miss = np.maximum(-mean, 0.0) if each.order else np.abs(mean - wanted[each.id])
            own = 0.0 if each.order else each.spread**2
            columns.append(miss / np.sqrt(variance + self.ensemble[each.id] + own + 1e-12))
        return np.stack(columns, axis=1)

    def judged(self, unit: np.ndarray, observed: Sequence[float] | None = None) -> np.ndarray:
        """The implausibility by which each point is judged."""
        return np.sort(self.implausibility(unit, observed), axis=1)[:, -self.rank]


@dataclass(frozen=True)
class Emulated:
    """Emulators in place of runs: their means; their own variance (its mean over `typical` points) and the luck of a run as noise."""

    wave: Wave
    typical: np.ndarray
    observed: Sequence[float] | None = None

    @cached_property
    def noise(self) -> np.ndarray:
        """Variance of a run of each target around its emulated mean."""
        own = [self.wave.emulators[each.id].predict(self.typical)[1].mean() + self.wave.ensemble[each.id] for each in aims.targets()]
        return np.array(own) + 1e-12

    def log_density(self, unit: np.ndarray) -> np.ndarray:
        """Logarithm of the density of what was observed, luck and the emulators' ignorance counted in; orders by their chance to hold."""
        levels, split = aims.levels(), len(aims.orders())
        means = np.stack([self.wave.emulators[each.id].mean(unit) for each in aims.targets()], axis=1)
        wanted = np.array([each.value for each in levels] if self.observed is None else self.observed)
        variance = np.array([each.spread**2 for each in levels]) + self.noise[split:]
        found = -0.5 * ((means[:, split:] - wanted) ** 2 / variance) @ aims.weights()
        return found + log_ndtr(means[:, :split] / np.sqrt(self.noise[:split])).sum(axis=1)


def wave(unit: np.ndarray, runs: pd.DataFrame, rank: int = 1) -> Wave:
    """Emulators of every target, fitted to the means of runs (index point, replicate; point i is row i of `unit`)."""
    means = runs.groupby(level="point").mean()
    places = unit[means.index.to_numpy()]
    return Wave({each.id: fit(places, means[each.id].to_numpy()) for each in aims.targets()}, aims.ensemble(runs), rank)


def inside(waves: Sequence[Wave], unit: np.ndarray, observed: Sequence[float] | None = None) -> np.ndarray:
    """Which points no wave has ruled out."""
    left: np.ndarray = np.all((unit >= 0) & (unit <= 1), axis=1)  # type: ignore[assignment]
    for each in waves:
        if left.any():
            left[left] = each.judged(unit[left], observed) <= each.cut
    return left


@dataclass(frozen=True)
class Left:
    """Points not ruled out yet, and how large a share of the prior they stand for."""

    unit: np.ndarray
    share: float
    waves: tuple[Wave, ...]  # the last with its cut raised, where nearly nothing was left


def sample(
    waves: Sequence[Wave], width: int, count: int, candidates: int, rng: np.random.Generator, observed: Sequence[float] | None = None
) -> Left:
    """`count` points spread over what is not ruled out: of a scrambled Sobol' sequence, then steps from those (a uniform walk)."""
    tried = qmc.Sobol(width, seed=rng).random(candidates)
    before = inside(waves[:-1], tried, observed)
    judged = np.full(len(tried), np.inf)
    if before.any():
        judged[before] = waves[-1].judged(tried[before], observed)
    least = np.sort(judged)[min(LEAST, len(judged)) - 1]
    if not np.isfinite(least):  # earlier waves leave fewer than that
        least = judged[np.isfinite(judged)].max(initial=CUT)
    last = Wave(waves[-1].emulators, waves[-1].ensemble, waves[-1].rank, max(waves[-1].cut, float(least)))
    waves = (*waves[:-1], last)
    found = tried[judged <= last.cut]
    if not len(found):  # earlier waves rule all candidates out: their best
        found = tried[np.argsort(np.max([each.judged(tried, observed) for each in waves], axis=0))[:LEAST]]
    return Left(_spread(waves, found, count, rng, observed), float((judged <= waves[-1].cut).mean()), tuple(waves))


def _spread(waves: Sequence[Wave], found: np.ndarray, count: int, rng: np.random.Generator, observed: Sequence[float] | None) -> np.ndarray:
    """`count` of the found points; where they are too few, moved copies that are not ruled out either."""
    if len(found) >= count:
        return found[:count]
    copies = found[np.arange(count) % len(found)].copy()
    for _ in range(20):
        step = rng.normal(0, 0.15, copies.shape) * (rng.random(copies.shape) < 0.3)
        moved = copies + step
        good = inside(waves, moved, observed)
        copies[good] = moved[good]
    return copies
