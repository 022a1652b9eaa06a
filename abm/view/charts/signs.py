"""Maps of signs: over two conditions, where a treatment clearly raises an outcome, where it clearly lowers it, where nothing is clear.

A cell holds a mark whose shape and colour both say the sign, and the size of a clear effect where there is room for it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from abm.experiment.store import ResultsError
from abm.model.outcomes import OUTCOMES
from abm.view import frames, lettering, sheet, style
from abm.view.frames import Measure
from abm.view.sheet import Box, Drawn, Sheet

COLUMNS = ("row", "outcome", "x", "y", "difference", "low", "high")
MOST_ROWS, MOST_PANELS, MOST_CELLS = 4, 4, 12  # bands, panels in a band, cells along a side
PLUS, MINUS = style.Look(style.NAVY, "-", "^"), style.Look(style.AMBER, "-", "v")
UNCLEAR = style.Look(style.PAPER, "-", "o")
GROUND = {1: "#DCE6F5", -1: "#FFEFC9", 0: style.PAPER}  # pale NAVY and AMBER, behind the marks
CELL, BAND, GAP = 0.24, 0.34, 0.22  # inches: a cell's height, a band's heading, between panels
NUMBER_WIDE = 0.62  # inches a cell needs for its number


class Axis(NamedTuple):
    """A condition: what it is called, and its unit."""

    words: str
    unit: str = ""

    @property
    def label(self) -> str:
        """Name and unit below or beside an axis."""
        return f"{self.words} ({self.unit})" if self.unit else self.words


def sign(low: float, high: float) -> int:
    """1 or -1 where an interval lies on one side of zero, 0 where it does not or is not known."""
    return int(low > 0) - int(high < 0)


def signs(
    effects: pd.DataFrame,
    facts: Mapping[str, Any],
    title: str,
    x: Axis,
    y: Axis,
    subtitle: str = "",
    note: str = "",
) -> Drawn:
    """Draw `effects`: a band of panels a `row`, a panel an `outcome`, a cell an `x` and `y`, with `difference`, `low` and `high`.

    Values are as stored (shares, not per cent). Bands and panels stand in the order in which they come, levels in order of
    size. Raises `ResultsError` without effects, or with more than can be read (4 bands of 4 panels of 12 by 12 cells).
    """
    missing = [name for name in COLUMNS if name not in effects]
    if missing or effects.empty:
        raise ResultsError(f"no effects to draw{f': no column {missing[0]}' if missing else ''}")
    bands, names = list(dict.fromkeys(effects["row"])), list(dict.fromkeys(effects["outcome"]))
    across, up = sorted(effects["x"].unique()), sorted(effects["y"].unique())
    if len(bands) > MOST_ROWS or len(names) > MOST_PANELS or max(len(across), len(up)) > MOST_CELLS:
        size = f"{len(bands)} bands of {len(names)} panels of {len(across)} by {len(up)} cells"
        raise ResultsError(f"{size}: at most {MOST_ROWS}, {MOST_PANELS} and {MOST_CELLS} can be read")
    with style.applied():
        beside = max(lettering.width(text, style.NOTE) for text in (y.words, y.unit)) + 0.15
        tall = len(bands) * (BAND + max(CELL * len(up), beside)) + (len(bands) - 1) * GAP
        page = Sheet(style.WIDTH, max(5.0, 3.4 + tall), 0.45)
        figure = sheet.blank(page)
        top, bottom = sheet.heading(figure, page, title, subtitle, note), sheet.footer(figure, page, facts)
        top = _key(figure, page, top)
        for i, (band, boxes) in enumerate(zip(bands, _boxes(page, len(bands), len(names), top, bottom + 0.55), strict=True)):
            _band_heading(figure, boxes[0], band)
            for j, (name, box) in enumerate(zip(names, boxes, strict=True)):
                found = effects[(effects["row"] == band) & (effects["outcome"] == name)]
                ends = (x if i == len(bands) - 1 else None, y if j == 0 else None)
                _panel(figure, box, found, _measure(name), (across, up), ends, i == 0)
    return Drawn(figure, title, note, _words(effects, bands, names))


def _mark(found: int) -> dict[str, Any]:
    """Keywords of `plot` for the mark of a sign."""
    look = {1: PLUS, -1: MINUS, 0: UNCLEAR}[found]
    return {**look.marker_style(5.4), "markeredgecolor": look.edge if found else style.MUTED}


def _key(figure: Figure, page: Sheet, top: float) -> float:
    """What the marks mean; gives where the panels begin."""
    x, middle = page.margin, (top - lettering.height(1, style.NOTE) / 2) / page.height
    for words, found in (("clearly more", 1), ("clearly less", -1), ("not clear: the 95 % interval holds zero", 0)):
        figure.add_artist(Line2D([(x + 0.08) / page.width], [middle], linestyle="none", gid=f"key:{found}", **_mark(found)))
        sheet.write(figure, x + 0.22, top, [words], style.NOTE)
        x += lettering.width(words, style.NOTE) + 0.55
    return top - lettering.height(1, style.NOTE) - 0.1


def _measure(name: str) -> Measure:
    return frames.measure(name, OUTCOMES[name].unit if name in OUTCOMES else "")


def _boxes(page: Sheet, bands: int, panels: int, top: float, bottom: float) -> list[list[Box]]:
    """Places of the panels' cells, band by band; above the first band is room for the outcomes' names."""
    top -= 0.45
    tall = (top - bottom - (bands - 1) * GAP) / bands
    left = page.margin + 0.75
    wide = (page.width - page.margin - left + GAP) / panels
    lows = [top - (i + 1) * tall - i * GAP for i in range(bands)]
    return [[Box(left + j * wide, low, left + (j + 1) * wide - GAP, low + tall - BAND) for j in range(panels)] for low in lows]


def _band_heading(figure: Figure, box: Box, words: str) -> None:
    room = style.WIDTH - box.left - 0.45
    sheet.write(figure, box.left, box.top + 0.27, lettering.wrapped(words, room, style.LABEL, "bold", 1), style.LABEL, "bold")


def _panel(
    figure: Figure,
    box: Box,
    found: pd.DataFrame,
    measure: Measure,
    levels: tuple[Sequence[Any], Sequence[Any]],
    ends: tuple[Axis | None, Axis | None],
    first: bool,
) -> None:
    """One outcome's cells; the outcome's name above where it is the `first` band, and the axes that are named in `ends`."""
    across, up = levels
    if first:
        words = f"{measure.words} ({measure.step})"
        sheet.write(
            figure, box.left, box.top + 0.6, lettering.wrapped(words, box.width, style.NOTE, most=1), style.NOTE, colour=style.MUTED
        )
    drawn = sheet.axes(figure, box, name=f"panel:{measure.outcome}")
    drawn.set_xlim(-0.5, len(across) - 0.5)
    drawn.set_ylim(-0.5, len(up) - 0.5)
    roomy = box.width / len(across) >= NUMBER_WIDE and box.height / len(up) >= 0.17
    for row in found.itertuples(index=False):
        spot = (across.index(row.x), up.index(row.y))
        _cell(drawn, spot, float(row.difference) * measure.scale, sign(row.low, row.high), roomy)
    _ticks(drawn, across, up, ends)


def _cell(drawn: Axes, spot: tuple[int, int], value: float, found: int, roomy: bool) -> None:
    i, j = spot
    drawn.add_patch(Rectangle((i - 0.5, j - 0.5), 1, 1, facecolor=GROUND[found], edgecolor=style.RULE, linewidth=0.8, zorder=1))
    if not math.isfinite(value):
        return
    place = i - 0.27 if roomy and found else float(i)
    drawn.plot([place], [j], linestyle="none", zorder=3, gid=f"sign:{i}:{j}:{found}", **_mark(found))
    if roomy and found:  # what is not clear needs no number
        places = min(2, style.decimals(value))
        drawn.text(i - 0.1, j, style.number(value, places, sign=True), size=7.0, ha="left", va="center", zorder=3)


def _ticks(drawn: Axes, across: Sequence[Any], up: Sequence[Any], ends: tuple[Axis | None, Axis | None]) -> None:
    drawn.spines["bottom"].set_visible(False)
    drawn.tick_params(length=0, labelsize=style.NOTE - 0.5, pad=3)
    below, beside = ends
    drawn.set_xticks(range(len(across)), [_level(value) for value in across] if below else [""] * len(across))
    drawn.set_yticks(range(len(up)), [_level(value) for value in up] if beside else [""] * len(up))
    if below:
        sheet.axis_label(drawn, below.label, style.NOTE)
    if beside:
        drawn.set_ylabel(f"{beside.words}\n({beside.unit})" if beside.unit else beside.words, fontsize=style.NOTE - 0.5, labelpad=3)


def _level(value: Any) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)


def _words(effects: pd.DataFrame, bands: Sequence[str], names: Sequence[str]) -> str:
    """Of each panel, in how many cells the effect is clear, and on which side."""
    told = []
    for band in bands:
        for name in names:
            found = effects[(effects["row"] == band) & (effects["outcome"] == name)]
            each = [sign(row.low, row.high) for row in found.itertuples(index=False)]
            counts = f"more in {each.count(1)}, less in {each.count(-1)}, not clear in {each.count(0)} of {len(each)} cells"
            told.append(f"{band}, {_measure(name).words.lower()}: {counts}.")
    return " ".join(told)
