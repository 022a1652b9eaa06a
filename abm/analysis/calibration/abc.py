"""Approximate Bayesian computation in two populations: members walk near on emulators, and are then run and weighted.

Simulated and observed values differ by observation error and discrepancy, of stated size: so the kernel of the approximation is their
normal density, and no tolerance has to be chosen (Wilkinson 2013, Stat Appl Genet Mol Biol 12). First population: Metropolis steps on
the emulators' density, which is let in little by little (annealing) and flattened (`FLATTER`), to cover what it should propose for.
Members are not copied on the way, as in sequential Monte Carlo by resampling (Toni et al. 2009): in sixty dimensions copies part slowly,
and members with few ancestors look far too certain. Second population: proposals are run, and weighted by the density of their run
over that of having been proposed, as in population Monte Carlo (Beaumont et al. 2009).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

FLATTER = 2.0  # by what the logarithm of the density is divided for proposals
BLOCKS = (2, 8, 16, 32)  # factors moved at once
NOISE = 0.05  # standard deviation of a step beside, in the unit cube
TOLD = 10  # every so many sweeps a row
Density = Callable[[np.ndarray], np.ndarray]  # points -> logarithm of the density, up to a constant


@dataclass
class Population:
    """Members and their log density; a row of `course` for every tenth sweep."""

    unit: np.ndarray
    density: np.ndarray
    course: list[dict[str, float]] = field(default_factory=list)


def walk(
    start: np.ndarray, density: Density, rng: np.random.Generator, nearing: int, mixing: int, flatter: float = 1.0, takes: int = 1
) -> Population:
    """Members of `density` to the power of 1 / `flatter` in the unit cube: `nearing` sweeps that let it in, then `mixing` sweeps.

    All of them are taken at the end and, with more `takes`, also that many times before, spread over the second half of the mixing.
    """
    there, course, taken = Population(start.copy(), density(start)), [], []
    last = nearing + mixing - 1
    for sweep in range(nearing + mixing):
        power = min(1.0, ((sweep + 1) / max(nearing, 1)) ** 2) / flatter
        moved = _moved(there, density, power, rng)
        if sweep % TOLD == 0 or sweep == last:
            course.append({"sweep": sweep, "power": power, "moved": moved, "median_log_density": float(np.median(there.density))})
        if (last - sweep) % max(1, mixing // (2 * takes)) == 0 and (last - sweep) // max(1, mixing // (2 * takes)) < takes:
            taken.append((there.unit.copy(), there.density.copy()))
    return Population(np.concatenate([unit for unit, _ in taken]), np.concatenate([found for _, found in taken]), course)


def _moved(there: Population, density: Density, power: float, rng: np.random.Generator) -> float:
    """A Metropolis step of every member; gives the share that moved."""
    tried = _proposed(there.unit, rng)
    found = density(tried)
    good = np.log(rng.random(len(tried))) < power * (found - there.density)
    there.unit[good], there.density[good] = tried[good], found[good]
    return float(good.mean())


def _proposed(unit: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Each member moved along some of its factors by a part of the difference of two others, and a little noise.

    Differences of members keep to the shape of what is left (ter Braak 2006, Stat Comput 16); what would leave the cube is thrown back
    at its side; the step back is as likely as the step there. Blocks and parts of several sizes: small ones are accepted, large ones
    go far.
    """
    count, width = unit.shape
    block = np.minimum(rng.choice(BLOCKS, count), width)
    chosen = np.argsort(np.argsort(rng.random((count, width)), axis=1), axis=1) < block[:, None]
    first, second = rng.integers(0, count, count), rng.integers(0, count, count)
    part = 0.2 + 0.8 * rng.random((count, 1))
    step = (unit[first] - unit[second]) * part
    folded = np.abs(unit + (step + rng.normal(0, NOISE, unit.shape)) * chosen) % 2.0
    return np.where(folded > 1.0, 2.0 - folded, folded)


@dataclass(frozen=True)
class Members:
    """An ensemble of equal weights: places of the proposals that it is made of, how many have the rank order, effective size."""

    chosen: np.ndarray
    ordered: int
    effective: float

    @property
    def different(self) -> int:
        """How many members differ."""
        return len(np.unique(self.chosen))


def members(density: np.ndarray, proposed: np.ndarray, count: int, rng: np.random.Generator) -> Members:
    """`count` of the proposals that were run, drawn by weights exp(density − proposed); −∞ where a rank order does not hold.

    Weights are cut at √n times their mean (Ionides 2008), so that no single run makes the ensemble. Systematic resampling: a weight of
    w gives floor(w) or floor(w) + 1 copies.
    """
    logs = density - proposed
    known = np.isfinite(logs)
    weights = np.where(known, np.exp(np.where(known, logs, 0.0) - logs[known].max(initial=0.0 if not known.any() else -np.inf)), 0.0)
    if not known.any():
        weights = np.ones(len(logs))
    weights = np.minimum(weights, weights.mean() * np.sqrt(len(weights)))
    weights /= weights.sum()
    edges = (np.arange(count) + rng.random()) / count
    chosen = np.minimum(np.searchsorted(np.cumsum(weights), edges), len(weights) - 1)
    return Members(chosen, int(known.sum()), float(1.0 / (weights**2).sum()))
