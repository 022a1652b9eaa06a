"""The page of a cascade, and what its panels share: looks of the kinds, the axis of quarters, shares in words."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes

from abm.analysis.trace import Trace
from abm.model.record import year_names
from abm.view import sheet, style
from abm.view.sheet import Sheet

PAGE, SMALL = Sheet(style.WIDTH, 9.2, 0.45), Sheet(style.WIDTH, 3.4, 0.45)
KINDS = {"provider": "Providers", "icb": "ICBs", "council": "Councils"}  # the largest at the bottom of the stack
LOOKS = {
    "icb": style.Look(style.NAVY, "-", "s"),
    "provider": style.Look(style.SKY, "-", "o"),
    "council": style.Look(style.AMBER, "-", "^"),
}
TINY = 7.0  # points: letters of many rows
SHORT_RUN = 8  # quarters, up to which each has its own tick


def partial(found: Trace) -> bool:
    """Whether there are acts, at the end, that no lever bears on directly."""
    return bool(found.last["acts_beyond"].sum())


def share(part: float, whole: float) -> str:
    """A share in percent, as a text."""
    percent = 100 * part / whole if whole else math.nan
    if 0 < percent < 0.05:
        return "<0.1%"
    return f"{style.number(percent, 0 if percent >= 9.95 or percent == 0 else 1)}%"


def quarter_axis(axes: Axes, found: Trace, labelled: bool = True) -> None:
    """The horizontal axis: a quarter is a cell, a year has its name in its middle."""
    first, last = found.twins.start, found.twins.start + found.twins.quarters - 1
    axes.set_xlim(first / 4, (last + 1) / 4)
    room = sheet.box_of(axes).width
    year = found.twins.model.world.first_year
    if last - first < SHORT_RUN:
        numbers = np.arange(first, last + 1)
        step = math.ceil(len(numbers) * 0.72 / room)
        names = [f"{name[2:]} Q{q % 4 + 1}" for q, name in zip(numbers, year_names(numbers, year), strict=True)]
        axes.set_xticks((numbers[::step] + 0.5) / 4, names[::step] if labelled else [""] * len(numbers[::step]))
    else:
        numbers = np.arange(first // 4, last // 4 + 1)
        step = math.ceil(len(numbers) / max(1, int(room / 0.62)))
        shown = [n for n in numbers[::step] if first / 4 <= n + 0.5 <= (last + 1) / 4]
        axes.set_xticks([n + 0.5 for n in shown], year_names(4 * np.array(shown), year) if labelled else [""] * len(shown))
        axes.set_xticks([n for n in numbers if n >= first / 4], minor=True)
        axes.tick_params(axis="x", which="minor", length=3, color=style.MUTED)
    axes.tick_params(axis="x", which="major", length=0, labelsize=style.NOTE, pad=4)
