"""There and back: how far the way back of a ramp is from the way there, what of it is mere delay, and how much of a loss comes back.

A lever that rises and falls leaves a loop where the outcome answers late (delay, which narrows as the ramp gets slower) and where
it does not come back (hysteresis in the strict sense, which stays however slow the ramp is; Strogatz 2015, ch. 3). What time does
anyway is taken off beforehand, run by run: a run with the same luck whose levers never moved.

>>> import numpy as np
>>> from abm.analysis.hysteresis import area
>>> lever = np.array([0.0, 1.0, 2.0, 2.0, 1.0, 0.0])
>>> area(lever, -np.array([[0.0, 1.0, 2.0, 2.0, 2.0, 2.0]]))
array([-0.75])
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import pandas as pd

from abm.analysis.contrasts import DRAWS, SEED, Interval, interval


def schedule(text: str, quarters: int) -> np.ndarray:
    """A lever's value in each quarter, from the schedule that a point has as JSON."""
    steps = {int(quarter): float(value) for quarter, value in json.loads(text)["schedule"].items()}
    values = pd.Series(steps).sort_index().reindex(range(quarters)).ffill()
    return values.to_numpy()


def ways(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The quarters of the way there, from the last before anything moves, and of the way back, to the first where all is as before."""
    far = int(np.argmax(np.abs(values - values[0])))
    start = int(np.flatnonzero(np.isclose(values[:far], values[0]))[-1]) if far else 0
    stay = np.flatnonzero(np.isclose(values, values[far]))[-1]
    home = np.flatnonzero(np.isclose(values[stay:], values[0]))
    end = int(stay + home[0]) if len(home) else len(values) - 1
    return np.arange(start, far + 1), np.arange(stay, end + 1)


def area(lever: np.ndarray, paths: np.ndarray) -> np.ndarray:
    """Way back less way there, averaged over the lever's range, for each run (row) of `paths`; a column a quarter."""
    there, back = ways(lever)
    gap = paths[:, back][:, ::-1] - paths[:, there]
    width = np.abs(np.gradient(lever[there])) if len(there) > 1 else np.ones(1)
    return np.asarray((gap * width).sum(axis=1) / width.sum())


def swing(lever: np.ndarray, paths: np.ndarray) -> np.ndarray:
    """What the far end did: the mean while the lever is held there, or its last quarter there, less the quarter before it moved."""
    there, back = ways(lever)
    return np.asarray(paths[:, there[-1] : back[0] + 1][:, -4:].mean(axis=1) - paths[:, there[0]])


def without_delay(areas: Mapping[int, np.ndarray]) -> Interval:
    """The loop that would be left at no speed at all, from its areas by quarters each way (one value a run, in the same order).

    Delay goes with speed, so that it is in proportion to one over the quarters; the two slowest ramps give what stays:
    (T2 g2 - T1 g1) / (T2 - T1). Exact for a first-order lag whose ramps are slow beside it; NaN with fewer than two speeds.
    """
    slow = sorted(areas)[-2:]
    if len(slow) < 2:
        return Interval(float("nan"), float("nan"), float("nan"), 0)
    one, two = slow
    return interval((two * areas[two] - one * areas[one]) / (two - one))


def recovered(loss: np.ndarray, left: np.ndarray) -> Interval:
    """Share of a loss that has come back: 1 - left / loss, of the means over runs, with a bootstrap interval over runs.

    `loss`: what each run had lost when the harm ended; `left`: what it lacks later. NaN where the loss is not clear.
    """
    if not interval(loss).clear:
        return Interval(float("nan"), float("nan"), float("nan"), len(loss))
    drawn = np.random.default_rng(SEED).integers(0, len(loss), (DRAWS, len(loss)))
    low, high = np.quantile(1 - left[drawn].mean(axis=1) / loss[drawn].mean(axis=1), [0.025, 0.975])
    return Interval(float(1 - left.mean() / loss.mean()), float(low), float(high), len(loss))
