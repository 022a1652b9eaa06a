"""Forest plots: a row a treatment or term, a panel an outcome, a dot with its interval, and the numbers beside it.

What is clear (interval without zero) is filled, what is not is hollow, so that the figure can be read without its colours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.experiment.store import ResultsError
from abm.model.outcomes import OUTCOMES
from abm.view import frames, lettering, sheet, style
from abm.view.frames import Measure
from abm.view.sheet import Box, Drawn, Sheet

MOST_ROWS, MOST_PANELS = 34, 6
ROW, LEAST_HEIGHT = 0.27, 4.6  # inches
LABELS = 3.3  # inches for the rows' names, at most
NUMBERS = 1.5  # inches for the numbers of a panel
NARROW, SHORT = 2.0, 0.5  # a panel narrower than that has no room for intervals in numbers, and this for the number itself
COLUMNS = ("row", "outcome", "difference", "low", "high")


def forest(
    effects: pd.DataFrame,
    facts: Mapping[str, Any],
    title: str,
    subtitle: str = "",
    note: str = "",
    outcomes: Sequence[str] | None = None,
    groups: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    signed: bool = True,
) -> Drawn:
    """Draw `effects`: a row a `row` and `outcome`, with `difference`, `low` and `high` as stored (shares, not per cent).

    Rows and panels stand in the order in which they come. `groups` gives rows a heading, in words; rows of a group follow one
    another. `units` are those of panels that are no outcomes of the model; `signed`: numbers with a plus where they are above zero.
    Raises `ResultsError` without rows, or with more than can be read (34 rows, 6 outcomes).
    """
    missing = [name for name in COLUMNS if name not in effects]
    if missing or effects.empty:
        raise ResultsError(f"no effects to draw{f': no column {missing[0]}' if missing else ''}")
    rows, names = list(dict.fromkeys(effects["row"])), list(outcomes or dict.fromkeys(effects["outcome"]))
    if len(rows) > MOST_ROWS or len(names) > MOST_PANELS:
        raise ResultsError(f"{len(rows)} rows and {len(names)} outcomes: at most {MOST_ROWS} and {MOST_PANELS} can be read")
    lines = sheet.row_lines(rows, groups or {})
    with style.applied():
        page = Sheet(style.WIDTH, max(LEAST_HEIGHT, 2.6 + ROW * len(lines)), 0.45)
        figure = sheet.blank(page)
        top, bottom = sheet.heading(figure, page, title, subtitle, note), sheet.footer(figure, page, facts)
        room = min(LABELS, 0.2 + max(lettering.width(text, style.NOTE, "bold" if head else "normal") for text, head in lines))
        boxes = _boxes(page, len(names), room, top, bottom)
        measures = [_measure(name, units or {}) for name in names]
        below = min(_heading(figure, box, measure) for box, measure in zip(boxes, measures, strict=True))
        for i, (name, box) in enumerate(zip(names, boxes, strict=True)):
            found = effects[effects["outcome"] == name].set_index("row")
            _panel(figure, box._replace(top=below), measures[i], found, lines, room if i == 0 else None, signed)
    told = [_words(effects[effects["outcome"] == name], _measure(name, units or {})) for name in names]
    return Drawn(figure, title, note, " ".join(told))


def _boxes(page: Sheet, count: int, room: float, top: float, bottom: float) -> list[Box]:
    wide = (page.width - 2 * page.margin - room) / count
    lefts = [page.margin + room + i * wide for i in range(count)]
    return [Box(left + 0.1, bottom + 0.35, left + wide - 0.1, top) for left in lefts]


def _heading(figure: Figure, box: Box, measure: Measure) -> float:
    return sheet.panel_heading(figure, box, measure.words, "points" if measure.percent else measure.unit)


def _panel(
    figure: Figure,
    box: Box,
    measure: Measure,
    found: pd.DataFrame,
    lines: Sequence[tuple[str, bool]],
    room: float | None,
    signed: bool,
) -> None:
    """One outcome: zero line, dots and intervals, and the numbers at the right; names of rows in `room` at its left."""
    narrow = box.width < NARROW
    inner = Box(box.left, box.bottom, box.right - (SHORT if narrow else min(NUMBERS, 0.45 * box.width)), box.top)
    drawn = sheet.axes(figure, inner, name=f"panel:{measure.outcome}")
    drawn.set_ylim(len(lines) - 0.5, -0.5)
    drawn.set_yticks([])
    drawn.axvline(0, color=style.MUTED, linewidth=0.9, zorder=1)
    spans = found[["difference", "low", "high"]].to_numpy(dtype=float) * measure.scale
    for y, (text, head) in enumerate(lines):
        middle = inner.top - (y + 0.5) / len(lines) * inner.height
        if room is not None:
            _label(figure, box.left - 0.12, middle, text, head, room)
        if head or text not in found.index:
            continue
        _dot(drawn, y, spans[found.index.get_loc(text)])
        _number(figure, box.right, middle, spans[found.index.get_loc(text)], narrow, signed)
    known = spans[np.isfinite(spans)]
    low, high = min(0.0, known.min(initial=0.0)), max(0.0, known.max(initial=0.0))
    pad = 0.06 * (high - low or 1.0)
    drawn.set_xlim(low - pad, high + pad)
    sheet.number_axis(drawn, low - pad, high + pad, "", style.NOTE)
    if narrow:  # room for two numbers: zero and the farther end
        ticks = drawn.get_xticks()
        shown = (0.0, max(ticks, key=abs))
        places = sheet.places(ticks)
        drawn.set_xticks(ticks, [style.number(tick, places if tick else 0) if tick in shown else "" for tick in ticks])
    drawn.grid(axis="x", color=style.RULE, linewidth=0.6)


def _measure(name: str, units: Mapping[str, str]) -> Measure:
    if name in units:
        return Measure(name, name, name, units[name], percent=False)
    return frames.measure(name, OUTCOMES[name].unit if name in OUTCOMES else "")


def _dot(drawn: Axes, y: float, span: np.ndarray) -> None:
    mean, low, high = span
    if not math.isfinite(mean):
        return
    clear = low > 0 or high < 0
    if math.isfinite(low):
        drawn.plot([low, high], [y, y], color=style.NAVY, linewidth=1.6, solid_capstyle="butt", gid="interval", zorder=2)
    face = style.NAVY if clear else style.PAPER
    drawn.plot([mean], [y], "o", markersize=5.2, markerfacecolor=face, markeredgecolor=style.NAVY, gid="dot", zorder=3)


def _number(figure: Figure, right: float, middle: float, span: np.ndarray, narrow: bool, signed: bool) -> None:
    """'−28.1 (−28.9 to −27.3)'; without the interval where there is no room for it."""
    mean, low, high = span
    telling = (mean,) if narrow else (mean, high - low)
    places = max(style.decimals(value) for value in telling if math.isfinite(value)) if math.isfinite(mean) else 0
    places = min(places, 2)
    places = 0 if not signed and all(value == round(value) for value in span if math.isfinite(value)) else places
    text = style.number(mean, places, sign=signed)
    if math.isfinite(low) and not narrow:
        text += f" ({style.number(low, places)} to {style.number(high, places)})"
    clear = low > 0 or high < 0
    wide, high_ = figure.get_size_inches()
    colour = style.INK if clear else style.MUTED
    figure.text(right / wide, middle / high_, text, size=7.0, ha="right", va="center", color=colour, gid="number")


def _label(figure: Figure, right: float, middle: float, text: str, head: bool, room: float) -> None:
    wide, high = figure.get_size_inches()
    weight = "bold" if head else "normal"
    (line,) = lettering.wrapped(text, max(room, 0.5), style.NOTE, weight, most=1)
    figure.text(right / wide, middle / high, line, size=style.NOTE, weight=weight, ha="right", va="center", gid=f"label:{text}")


def _words(found: pd.DataFrame, measure: Measure) -> str:
    told = [f"{row.row} {measure.change(row.difference)}" for row in found.itertuples()]
    return f"{measure.words}: {', '.join(told)}."
