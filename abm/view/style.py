"""How every figure looks: palette, shapes, letters and numbers, each in one place.

Colours are of the NHS palette and told apart under colour-blindness; a scenario also has a marker and a dash of its own,
so that a figure survives a black-and-white printer.
"""

from __future__ import annotations

import math
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

import matplotlib.style
from matplotlib.lines import Line2D
from matplotlib.patheffects import Normal, Stroke

# --- colours ------------------------------------------------------------------------------------------------------------

NAVY, SKY, AMBER, PLUM, GREY = "#003087", "#41B6E6", "#FFB81C", "#7C2855", "#768692"
LIGHT = (SKY, AMBER)  # too pale on white without a dark outline
INK, MUTED, RULE, PAPER = "#212B32", "#4C6272", "#D8DDE0", "#FFFFFF"

# --- sizes --------------------------------------------------------------------------------------------------------------

WIDTH, HEIGHT = 12.8, 7.2  # inches: a 16:9 slide
DPI = 150
TITLE, SUBTITLE, HEADER, LABEL, NOTE, SMALLEST = 20.0, 11.5, 11.0, 10.0, 8.5, 7.5  # points
LINE_HEIGHT = 1.25  # of the letters' size
FONT = "DejaVu Sans"  # comes with matplotlib: the same letters on every machine
SETTINGS: dict[str, Any] = {
    "font.family": [FONT],
    "text.color": INK,
    "text.parse_math": False,  # a scenario's title may hold a $
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "savefig.dpi": DPI,
    "figure.facecolor": PAPER,
}


def applied() -> AbstractContextManager[None]:
    """Draw and save inside this: our settings on matplotlib's own defaults, whatever the user's matplotlibrc says."""
    return matplotlib.style.context(["default", SETTINGS])


# --- scenarios ----------------------------------------------------------------------------------------------------------


class Look(NamedTuple):
    """What a scenario looks like wherever it is drawn."""

    colour: str
    dash: Any
    marker: str
    width: float = 2.0

    @property
    def edge(self) -> str:
        """Colour of a marker's outline."""
        return INK if self.colour in LIGHT else self.colour

    def marker_style(self, size: float) -> dict[str, Any]:
        """Keywords of `plot` for the marker alone."""
        return {
            "marker": self.marker,
            "markersize": size,
            "markerfacecolor": self.colour,
            "markeredgecolor": self.edge,
            "markeredgewidth": 0.7,
        }

    def outline(self, line: Line2D) -> None:
        """Give a pale line a dark edge."""
        if self.colour in LIGHT:
            line.set_path_effects([Stroke(linewidth=line.get_linewidth() + 1.1, foreground=INK), Normal()])


COLOURS = (NAVY, AMBER, PLUM, SKY)
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.6)), (0, (1.6, 1.1)), (0, (6, 1.4, 1.4, 1.4)))
MARKERS = ("s", "^", "D", "v", "P", "X", "<", ">", "p", "h", "*", "d")
BASELINE = Look(GREY, "-", "o", 2.8)
MOST_LOOKS = 12  # treatments that can be told apart


def look(place: int) -> Look:
    """The look of the treatment at `place`, from 0: no two of the first 12 share a marker or both colour and dash."""
    return Look(COLOURS[place % 4], DASHES[(place + place // 4) % 4], MARKERS[place % len(MARKERS)])


# --- numbers ------------------------------------------------------------------------------------------------------------


def decimals(size: float) -> int:
    """Decimals that show a number of this size with about two figures that count."""
    size = abs(size)
    return next((places for places, least in ((0, 9.95), (1, 0.95), (2, 0.095)) if size >= least), 3)


def number(value: float, places: int, sign: bool = False) -> str:
    """A number with a real minus, no negative zero, and a dash where it is missing."""
    if not math.isfinite(value):
        return "–"
    text = f"{abs(value):,.{places}f}"
    if float(text.replace(",", "")) == 0:
        return text
    return f"{'−' if value < 0 else '+' if sign else ''}{text}"


def count(value: int, word: str) -> str:
    """'1 run', '6 runs', '1,200 runs'."""
    return f"{value:,} {word}{'' if value == 1 else 's'}"
