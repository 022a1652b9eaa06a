"""Approximate Bayesian computation by sequential Monte Carlo: members that come nearer and nearer to what was observed.

After Toni et al. 2009 (J R Soc Interface 6) in the form of Del Moral, Doucet & Jasra 2012 (Stat Comput 22): the tolerance falls
to a quantile of the members' distances, members beyond it are replaced by copies of others, and every member moves by a Metropolis
step that keeps the uniform prior, so that weights stay equal (the importance weights of population Monte Carlo, Beaumont et al. 2009,
degenerate in sixty dimensions). The last tolerance is 1: the distance of a right model, whose misses have the stated spread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

KEEP = 0.6  # quantile of the distances that becomes the next tolerance
FINAL = 1.0
SETTLED = 0.7  # part of the generations after which the tolerance stays
BLOCKS = (1, 2, 4, 8, 16)  # factors moved at once
NOISE = 0.02  # standard deviation beside, in the unit cube
Simulate = Callable[[np.ndarray, int], tuple[np.ndarray, np.ndarray]]  # points, generation -> distances, what was simulated
Inside = Callable[[np.ndarray], np.ndarray]


@dataclass
class Population:
    """Members, their distances, what was simulated for each; a row of `course` a generation: tolerance, moved, simulations."""

    unit: np.ndarray
    distance: np.ndarray
    values: np.ndarray
    course: list[dict[str, float]] = field(default_factory=list)


def smc(start: np.ndarray, simulate: Simulate, inside: Inside, rng: np.random.Generator, generations: int) -> Population:
    """Members drawn near, from points spread over the prior. At most so many `generations`; the last ones at the last tolerance."""
    distance, values = simulate(start, 0)
    there = Population(start.copy(), distance, values)
    there.course.append(_row(0, np.inf, there, len(start), 1.0))
    for generation in range(1, generations + 1):
        settled = generation > SETTLED * generations  # no lower: members only move, so that copies part
        tolerance = there.course[-1]["tolerance"] if settled else max(FINAL, _tolerance(there.distance))
        if there.course[-1]["tolerance"] == FINAL and len(np.unique(there.unit, axis=0)) > 0.97 * len(start):
            break
        there = _resampled(there, tolerance, rng)
        moved = _proposed(there.unit, rng)
        tried = np.flatnonzero(inside(moved))
        accepted = np.zeros(len(moved), dtype=bool)
        if len(tried):
            distance, values = simulate(moved[tried], generation)
            good = distance <= tolerance
            accepted[tried[good]] = True
            there.unit[accepted], there.distance[accepted], there.values[accepted] = moved[accepted], distance[good], values[good]
        there.course.append(_row(generation, tolerance, there, len(tried), float(accepted.mean())))
    return there


def _tolerance(distance: np.ndarray) -> float:
    known = distance[np.isfinite(distance)]
    if not len(known):
        return np.inf
    return float(np.quantile(known, KEEP) if len(known) == len(distance) else known.max())


def _resampled(there: Population, tolerance: float, rng: np.random.Generator) -> Population:
    """Members within the tolerance stay; the others become copies of them."""
    near = np.flatnonzero(there.distance <= tolerance)
    if not len(near):
        return there
    chosen = np.arange(len(there.unit))
    far = np.setdiff1d(chosen, near)
    chosen[far] = rng.choice(near, len(far), replace=len(far) > len(near))
    return Population(there.unit[chosen], there.distance[chosen], there.values[chosen], there.course)


def _proposed(unit: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Each member moved along a few of its factors by a part of the difference of two others, and a little noise.

    Differences of members keep to the shape of what is left (ter Braak 2006, Stat Comput 16, with steps of 2.38 / √(2 block)); the
    step back is as likely as the step there. Blocks of several sizes: small ones are accepted, large ones go far.
    """
    count, width = unit.shape
    block = np.minimum(rng.choice(BLOCKS, count), width)
    chosen = np.argsort(np.argsort(rng.random((count, width)), axis=1), axis=1) < block[:, None]
    first, second = rng.integers(0, count, count), rng.integers(0, count, count)
    step = (unit[first] - unit[second]) * (2.38 / np.sqrt(2.0 * block))[:, None]
    return unit + (step + rng.normal(0, NOISE, unit.shape)) * chosen


def _row(generation: int, tolerance: float, there: Population, tried: int, moved: float) -> dict[str, float]:
    known = there.distance[np.isfinite(there.distance)]
    return {
        "generation": generation,
        "tolerance": tolerance,
        "median_distance": float(np.median(known)) if len(known) else float("nan"),
        "simulated": tried,
        "moved": moved,
        "different": len(np.unique(there.unit, axis=0)),
    }
