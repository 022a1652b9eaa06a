"""Matrices: a row an ablation, a column an outcome, side by side for several treatments; number and colour say how much is left.

Numbers are per cent of the whole effect, written in each cell, so that the figure can be read without its colours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from abm.experiment.store import ResultsError
from abm.view import lettering, sheet, style
from abm.view.sheet import Box, Drawn, Sheet

MOST_ROWS, MOST_COLUMNS = 30, 18
ROW, LEAST_HEIGHT = 0.245, 4.6  # inches
LABELS, GAP = 3.4, 0.16  # inches for the rows' names at most; between panels
HEADS = 0.98  # inches for the upright heads of columns
COLUMNS = ("row", "panel", "column", "value", "clear")
# turned round (amber), nothing left (white), all of it left (blue), twice as much and more (navy)
SHADES = LinearSegmentedColormap.from_list("left", [(0, style.AMBER), (1 / 3, style.PAPER), (2 / 3, "#8FB8DE"), (1, style.NAVY)])
LOWEST, HIGHEST = -1.0, 2.0


def matrix(
    cells: pd.DataFrame,
    facts: Mapping[str, Any],
    title: str,
    subtitle: str = "",
    note: str = "",
    groups: Mapping[str, str] | None = None,
    whole: Mapping[tuple[str, str], str] | None = None,
) -> Drawn:
    """Draw `cells`: a row a `row`, `panel` and `column`, with the share left as `value` (1: all of it; NaN: none to speak of)
    and `clear`, whether what is left is clearly there (else the number is in brackets).

    Rows, panels and columns stand in the order in which they come. `groups` gives rows a heading, in words; `whole` says under the
    head of a column what the whole effect is. Raises `ResultsError` without cells, or with more than can be read (30 rows, 18 columns).
    """
    missing = [name for name in COLUMNS if name not in cells]
    if missing or cells.empty:
        raise ResultsError(f"no cells to draw{f': no column {missing[0]}' if missing else ''}")
    rows = list(dict.fromkeys(cells["row"]))
    panels = {panel: list(dict.fromkeys(found["column"])) for panel, found in cells.groupby("panel", sort=False)}
    count = sum(len(columns) for columns in panels.values())
    if len(rows) > MOST_ROWS or count > MOST_COLUMNS:
        raise ResultsError(f"{len(rows)} rows and {count} columns: at most {MOST_ROWS} and {MOST_COLUMNS} can be read")
    lines = sheet.row_lines(rows, groups or {})
    with style.applied():
        page = Sheet(style.WIDTH, max(LEAST_HEIGHT, 3.5 + HEADS + ROW * len(lines)), 0.45)
        figure = sheet.blank(page)
        top, bottom = sheet.heading(figure, page, title, subtitle, note), sheet.footer(figure, page, facts) + 0.42
        room = min(LABELS, 0.2 + max(lettering.width(text, style.NOTE, "bold" if head else "normal") for text, head in lines))
        wide = (page.width - 2 * page.margin - room - GAP * len(panels)) / count
        box = Box(page.margin + room, bottom, page.width - page.margin, top)
        below = top - 0.28 - HEADS
        tall = (below - bottom) / len(lines)
        _labels(figure, box.left, below, tall, lines, room)
        left = box.left + GAP
        for panel, columns in panels.items():
            _write(figure, left, top - 0.1, str(panel), style.HEADER - 1, "left", style.INK, "bold")
            drawn = _panel(figure, Box(left, bottom, left + len(columns) * wide, below), str(panel), len(columns), len(lines))
            for i, column in enumerate(columns):
                x = left + i * wide
                _head(figure, x + wide / 2, below, column, (whole or {}).get((panel, column), ""))
                found = cells[(cells["panel"] == panel) & (cells["column"] == column)].set_index("row")
                _column(drawn, i, Box(x, bottom, x + wide, below), tall, lines, found)
            left += len(columns) * wide + GAP
        _key(figure, box.left + GAP, bottom - 0.3)
    return Drawn(figure, title, note, _words(cells))


def shade(value: float) -> tuple[float, ...]:
    """The colour of a share left; paper where there is none."""
    if not math.isfinite(value):
        return (1.0, 1.0, 1.0, 1.0)
    return SHADES((min(max(value, LOWEST), HIGHEST) - LOWEST) / (HIGHEST - LOWEST))


def readable_on(colour: tuple[float, ...]) -> str:
    """Ink or paper, whichever has the higher contrast (WCAG) on a colour."""
    ground, ink = _light(colour), _light(to_rgb(style.INK))
    return style.PAPER if 1.05 / (ground + 0.05) > (ground + 0.05) / (ink + 0.05) else style.INK


def _light(colour: tuple[float, ...]) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour[:3]]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def told(value: float) -> str:
    """A share left as a cell says it: '62', '−8', '>999', '·' where there is none."""
    if not math.isfinite(value):
        return "·"
    size = 100 * value
    return style.number(size, 0) if abs(size) < 1000 else (">999" if size > 0 else "<−999")


def _write(figure: Figure, x: float, y: float, text: str, size: float, align: str, colour: str, weight: str = "normal") -> None:
    wide, high = figure.get_size_inches()
    figure.text(x / wide, y / high, text, size=size, ha=align, va="center", color=colour, weight=weight)


def _labels(figure: Figure, right: float, top: float, tall: float, lines: Sequence[tuple[str, bool]], room: float) -> None:
    for y, (text, head) in enumerate(lines):
        weight = "bold" if head else "normal"
        (line,) = lettering.wrapped(text, room, style.NOTE, weight, most=1)
        _write(figure, right, top - (y + 0.5) * tall, line, style.NOTE, "right", style.INK, weight)


def _head(figure: Figure, middle: float, below: float, column: str, whole: str) -> None:
    """The upright head of a column, and below it the whole effect."""
    wide, high = figure.get_size_inches()
    figure.text(middle / wide, (below + 0.24) / high, column, size=8.0, rotation=90, ha="center", va="bottom", gid=f"head:{column}")
    _write(figure, middle, below + 0.11, whole, 7.0, "center", style.MUTED)


def _panel(figure: Figure, box: Box, name: str, columns: int, rows: int) -> Axes:
    """Axes in which a cell is one wide and one high, counted from the upper left corner."""
    drawn = sheet.axes(figure, box, name=f"panel:{name}")
    drawn.set_xlim(0, columns)
    drawn.set_ylim(rows, 0)
    drawn.set_axis_off()
    return drawn


def _column(drawn: Axes, number: int, box: Box, tall: float, lines: Sequence[tuple[str, bool]], found: pd.DataFrame) -> None:
    figure = drawn.figure
    assert isinstance(figure, Figure)
    for y, (text, head) in enumerate(lines):
        if head or text not in found.index:
            continue
        value, clear = float(found.at[text, "value"]), bool(found.at[text, "clear"])
        bottom = box.top - (y + 1) * tall
        colour = shade(value)
        drawn.add_patch(Rectangle((number, y), 1, 1, facecolor=colour, edgecolor=style.PAPER, linewidth=1.2, gid="cell"))
        ink = readable_on(colour) if math.isfinite(value) else style.MUTED
        text = told(value) if clear or not math.isfinite(value) else f"({told(value)})"
        _write(figure, box.left + box.width / 2, bottom + tall / 2, text, 8.0, "center", ink)


def _key(figure: Figure, left: float, middle: float) -> None:
    """What the colours say."""
    wide, high = figure.get_size_inches()
    for value, words in ((-1.0, "turned round"), (0.0, "nothing left"), (1.0, "all of it left"), (2.0, "twice as much, or more")):
        place = (left / wide, (middle - 0.07) / high)
        figure.add_artist(Rectangle(place, 0.28 / wide, 0.14 / high, facecolor=shade(value), edgecolor=style.RULE, linewidth=0.7))
        _write(figure, left + 0.36, middle, words, style.NOTE, "left", style.INK)
        left += 0.36 + lettering.width(words, style.NOTE) + 0.35


def _words(cells: pd.DataFrame) -> str:
    """The first column of each panel in words."""
    said = []
    for panel, found in cells.groupby("panel", sort=False):
        first = found[found["column"] == found["column"].iloc[0]]
        parts = [f"{row.row} {told(row.value)}" for row in first.itertuples() if math.isfinite(row.value)]
        said.append(f"{panel}, {first['column'].iloc[0]}, per cent of the effect left: {', '.join(parts)}.")
    return " ".join(said)
