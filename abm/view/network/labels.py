"""Names beside symbols, only where they can be read: greedy, the most important first; what meets anything is left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.view import lettering, style

GAP = 0.035  # inches between symbol and name
LINE = 1.2  # of the letters' size


class Label(NamedTuple):
    """A name that wants to stand beside a symbol: lines, centre and radius of the symbol (inches), and the letters."""

    number: int
    lines: tuple[str, ...]
    x: float
    y: float
    radius: float
    size: float
    weight: str = "normal"
    colour: str = style.INK


class Placed(NamedTuple):
    """Where a label goes: its anchor (inches) and alignment."""

    label: Label
    x: float
    y: float
    across: str


def measured(label: Label) -> tuple[float, float]:
    """Width and height, inches."""
    return max(lettering.width(line, label.size, label.weight) for line in label.lines), len(label.lines) * label.size * LINE / 72


def place(
    labels: Sequence[Label], discs: NDArray[np.float64], room: tuple[float, float], taken: Sequence[Sequence[float]] = ()
) -> list[Placed]:
    """The labels that find a free spot, in order. `discs` are (x, y, radius) of all symbols, `taken` boxes, all in inches."""
    boxes = np.array([list(box) for box in taken], dtype=float).reshape(-1, 4)
    done: list[Placed] = []
    for label in labels:
        wide, high = measured(label)
        for x, y, across in _spots(label, high):
            left = x - {"left": 0.0, "center": 0.5, "right": 1.0}[across] * wide
            box = np.array([left - 0.02, y - high / 2, left + wide + 0.02, y + high / 2])
            if _free(box, boxes, discs, room):
                boxes = np.vstack([boxes, box])
                done.append(Placed(label, x, y, across))
                break
    return done


def _spots(label: Label, high: float) -> list[tuple[float, float, str]]:
    """Anchors tried, best first: right, left, above, below, then the corners, then the same farther off."""
    found = []
    for more in (0.0, 0.05):
        side, up = label.radius + GAP + more, label.radius + high / 2 + 0.01 + more
        slant = 0.72 * label.radius + GAP + more
        found += [(label.x + side, label.y, "left"), (label.x - side, label.y, "right")]
        found += [(label.x, label.y + up, "center"), (label.x, label.y - up, "center")]
        for way, across in ((1, "left"), (-1, "right")):
            found += [(label.x + way * slant, label.y + sign * (0.6 * label.radius + high / 2), across) for sign in (1, -1)]
    return found


def _free(box: NDArray[np.float64], boxes: NDArray[np.float64], discs: NDArray[np.float64], room: tuple[float, float]) -> bool:
    if box[0] < 0 or box[1] < 0 or box[2] > room[0] or box[3] > room[1]:
        return False
    if ((boxes[:, 0] < box[2]) & (boxes[:, 2] > box[0]) & (boxes[:, 1] < box[3]) & (boxes[:, 3] > box[1])).any():
        return False
    across = np.clip(discs[:, 0], box[0], box[2]) - discs[:, 0]
    up = np.clip(discs[:, 1], box[1], box[3]) - discs[:, 1]
    return not (np.hypot(across, up) < discs[:, 2]).any()
