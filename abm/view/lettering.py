"""Text that fits: lines broken by measured width, and labels moved apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.textpath import TextToPath

from abm.view import style

SAFETY = 1.03  # hinted letters on the screen are a little wider than their outlines


@lru_cache(maxsize=4096)
def width(text: str, size: float, weight: str = "normal") -> float:
    """Width of one line of text, in inches."""
    font = FontProperties(family=style.FONT, size=size, weight=weight)
    return float(TextToPath().get_text_width_height_descent(text, font, ismath=False)[0]) / 72 * SAFETY


def height(lines: int, size: float) -> float:
    """Height of so many lines, in inches."""
    return lines * size * style.LINE_HEIGHT / 72


def wrapped(text: str, room: float, size: float, weight: str = "normal", most: int = 3) -> list[str]:
    """`text` broken into lines no wider than `room` inches, at most `most` of them; an ellipsis stands for what is cut."""
    lines: list[str] = []
    for word in text.split(" "):  # a no-break space does not break
        for part in _parts(word, room, size, weight):
            space = "" if lines and part is not word and lines[-1].endswith("-") else " "
            if lines and width(f"{lines[-1]}{space}{part}", size, weight) <= room:
                lines[-1] = f"{lines[-1]}{space}{part}"
            else:
                lines.append(part)
    cut = len(lines) > most
    lines = lines[:most]
    if cut:
        lines[-1] += "…"
    return [_shortened(line, room, size, weight) for line in lines]


def _parts(word: str, room: float, size: float, weight: str) -> list[str]:
    """The word whole; broken after its hyphens where it is wider than the room."""
    if width(word, size, weight) <= room:
        return [word]
    return [part for part in re.split("(?<=-)", word) if part]


def _shortened(line: str, room: float, size: float, weight: str) -> str:
    while len(line) > 2 and width(line, size, weight) > room:
        line = line[:-2].rstrip("… ") + "…"
    return line


def fitted(text: str, room: float, sizes: Sequence[float], weight: str = "normal", most: int = 2) -> tuple[list[str], float]:
    """Lines and letter size: the largest of `sizes` that gives one line, else the smallest, on up to `most` even lines."""
    for size in sizes:
        if width(text, size, weight) <= room:
            return [text], size
    lines = wrapped(text, room, sizes[-1], weight, most)
    narrower = (wrapped(text, room * part / 100, sizes[-1], weight, most + 1) for part in range(50, 100, 2))
    return next((even for even in narrower if len(even) == len(lines)), lines), sizes[-1]


def fits(text: str, room: float, size: float, weight: str = "normal", most: int = 2) -> bool:
    """Whether nothing of the text is cut off."""
    return not any(line.endswith("…") for line in wrapped(text, room, size, weight, most))


def spread(wanted: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Centres as near as can be to the wanted ones (least squares), in their order, without overlap, within low to high.

    With cumulated heights taken off, 'no overlap' is 'not falling': isotonic regression by pooling neighbours.
    """
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
    tall = np.array([heights[i] for i in order])
    offsets = np.cumsum(tall) - tall / 2
    pools: list[list[float]] = []  # each with its sum and count
    for value in np.array([wanted[i] for i in order]) - offsets:
        pools.append([value, 1])
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] >= pools[-1][0] / pools[-1][1]:
            total, members = pools.pop()
            pools[-1][0] += total
            pools[-1][1] += members
    flat = np.concatenate([np.full(int(members), total / members) for total, members in pools]) if pools else np.array([])
    placed = np.clip(flat, low, max(low, high - tall.sum())) + offsets
    centres = [0.0] * len(order)
    for i, centre in zip(order, placed, strict=True):
        centres[i] = float(centre)
    return centres


def write(
    figure: Figure, x: float, top: float, lines: Sequence[str], size: float, weight: str = "normal", colour: str = style.INK, name: str = ""
) -> float:
    """Write lines with their top left corner at (x, top) inches; gives the height of what is below them."""
    text: Text = figure.text(
        x / style.WIDTH, top / style.HEIGHT, "\n".join(lines), size=size, weight=weight, color=colour, va="top", ha="left", gid=name
    )
    text.set_linespacing(style.LINE_HEIGHT)
    return top - height(len(lines), size)
