"""Scenario discovery: the box in parameter space where something happens (PRIM: Friedman & Fisher 1999; Bryant & Lempert 2010).

From the whole space, thin slices are peeled off one side at a time, each time the one whose loss leaves the densest
box. Of the boxes on the way the one with the best balance of density and coverage is taken, and sides
that hold the box for no good reason are given up again. Its density and coverage are told at points that it was not found on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

PEEL = 0.06  # share of the box's points that a peel takes off
LEAST_POINTS = 20  # of a box
SIDES_KEPT = 4  # most factors that a box may restrict
GAIN = 0.02  # of the balance, that a side must be worth


@dataclass(frozen=True)
class BoxFound:
    """Limits by factor (only those that restrict), and how the box does: share of its points where it happens (density), share of all
    such points that lie in it (coverage), share of points in it (mass)."""

    limits: Mapping[str, tuple[float, float]]
    density: float
    coverage: float
    mass: float

    def holds(self, points: pd.DataFrame) -> np.ndarray:
        """Which points lie in the box."""
        inside = np.ones(len(points), dtype=bool)
        for name, (low, high) in self.limits.items():
            inside &= points[name].between(low, high).to_numpy()
        return inside

    def words(self, points: pd.DataFrame) -> str:
        """The box in words: 'patience below 0.85 and trust_memory above 0.93'."""
        parts = []
        for name, (low, high) in self.limits.items():
            word = name.split(".", 1)[-1]
            above, below = low > points[name].min(), high < points[name].max()
            if above and below:
                parts.append(f"{word} from {low:.3g} to {high:.3g}")
            elif above or below:
                parts.append(f"{word} above {low:.3g}" if above else f"{word} below {high:.3g}")
        return " and ".join(parts)


def judged(limits: Mapping[str, tuple[float, float]], points: pd.DataFrame, happens: np.ndarray) -> BoxFound:
    """A box with its density, coverage and mass at these points."""
    bare = BoxFound(limits, 0.0, 0.0, 0.0)
    inside = bare.holds(points)
    hits = float((happens & inside).sum())
    return BoxFound(limits, hits / max(inside.sum(), 1), hits / max(happens.sum(), 1), float(inside.mean()))


def prim(points: pd.DataFrame, happens: np.ndarray) -> BoxFound:
    """The box of the best balance (harmonic mean of density and coverage) at `points`, where `happens` says at which it does."""
    limits: dict[str, tuple[float, float]] = {}
    best, box = judged({}, points, happens), judged({}, points, happens)
    while True:
        step = _best_peel(box, points, happens)
        if step is None:
            break
        limits = {**limits, **step}
        box = judged(limits, points, happens)
        if _balance(box) > _balance(best):
            best = box
    return _pruned(best, points, happens)


def _balance(box: BoxFound) -> float:
    both = box.density + box.coverage
    return 2.0 * box.density * box.coverage / both if both else 0.0


def _best_peel(box: BoxFound, points: pd.DataFrame, happens: np.ndarray) -> dict[str, tuple[float, float]] | None:
    """The thin slice whose loss leaves the densest box; None when the box would become too small or too many-sided."""
    inside = box.holds(points)
    if inside.sum() * (1 - PEEL) < LEAST_POINTS or not happens[inside].any() or happens[inside].all():
        return None
    found, best = None, -1.0
    within, hits = points[inside], happens[inside]
    names = list(box.limits) if len(box.limits) >= SIDES_KEPT else list(points.columns)
    for name in names:
        column = within[name].to_numpy()
        low, high = box.limits.get(name, (-np.inf, np.inf))
        for cut, side in ((np.quantile(column, PEEL), "low"), (np.quantile(column, 1 - PEEL), "high")):
            left = column > cut if side == "low" else column < cut
            if LEAST_POINTS <= left.sum() < len(column) and hits[left].mean() > best:
                best = float(hits[left].mean())
                found = {name: (float(column[left].min()), high) if side == "low" else (low, float(column[left].max()))}
    return found


def _pruned(box: BoxFound, points: pd.DataFrame, happens: np.ndarray) -> BoxFound:
    """The box without the sides that it can do without."""
    while box.limits:
        tried = [judged({k: v for k, v in box.limits.items() if k != name}, points, happens) for name in box.limits]
        without = max(tried, key=_balance)
        if _balance(without) < _balance(box) - GAIN:
            break
        box = without
    return box
