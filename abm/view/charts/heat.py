"""A table of numbers as colours: rows by columns in groups, each cell with its number; what is not clear is pale and in brackets."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from abm.experiment.store import ResultsError
from abm.view import lettering, sheet, style
from abm.view.sheet import Box, Drawn, Sheet

MOST_ROWS, MOST_COLUMNS = 40, 24
ROW = 0.27  # inches


def heat(
    values: pd.DataFrame,
    facts: Mapping[str, Any],
    title: str,
    subtitle: str,
    note: str,
    clear: pd.DataFrame | None = None,
    span: tuple[float, float] = (0.0, 1.0),
    middle: float | None = None,
    written: Callable[[float], str] = lambda value: style.number(value, 2),
    names: Mapping[str, str] | None = None,
) -> Drawn:
    """Draw `values`: index the rows, columns of two levels (group, column), in their order; NaN cells are left blank.

    `clear`: of the same shape, False where a number is not to be relied on. Colours go from `span[0]` to `span[1]`; with a `middle`
    they part there into two sides. `names` are words for rows and columns. Raises `ResultsError` for more than can be read.
    """
    if values.empty or len(values) > MOST_ROWS or values.shape[1] > MOST_COLUMNS:
        raise ResultsError(f"{len(values)} rows and {values.shape[1]} columns: 1 to {MOST_ROWS} and {MOST_COLUMNS} can be read")
    named = dict(names or {})
    with style.applied():
        page = Sheet(style.WIDTH, max(4.6, 3.2 + ROW * len(values)), 0.45)
        figure = sheet.blank(page)
        top, bottom = sheet.heading(figure, page, title, subtitle, note), sheet.footer(figure, page, facts)
        rows = [named.get(row, row) for row in values.index]
        room = min(4.6, 0.15 + max(lettering.width(row, style.NOTE) for row in rows))
        box = Box(page.margin + room, bottom + 0.12, page.width - page.margin, top - 0.62)
        colours = colormaps["cividis" if middle is None else "PuOr"]
        for i, row in enumerate(rows):
            y = box.top - (i + 0.5) / len(rows) * box.height
            (line,) = lettering.wrapped(row, room - 0.1, style.NOTE, most=1)
            _text(figure, box.left - 0.1, y, line, style.NOTE, "right", gid=f"label:{row}")
        _columns(figure, box, values, named)
        table = sheet.axes(figure, box, name="panel:heat")
        table.set_axis_off()
        table.set_xlim(0, box.width)
        table.set_ylim(0, box.height)
        for i, j in np.ndindex(*values.shape):
            good = True if clear is None else bool(clear.iloc[i, j])
            _cell(table, box, values, (i, j), good, written, _shade(colours, float(values.iloc[i, j]), span, middle))
    return Drawn(figure, title, note, _words(values, named, written))


def _shade(colours: Colormap, value: float, span: tuple[float, float], middle: float | None) -> tuple[float, ...]:
    low, high = span
    if middle is None:
        return tuple(colours(1.0 - 0.85 * float(np.clip((value - low) / (high - low), 0, 1))))
    half = max(high - middle, middle - low)
    return tuple(colours(0.5 + 0.42 * float(np.clip((value - middle) / half, -1, 1))))


def _columns(figure: Figure, box: Box, values: pd.DataFrame, named: Mapping[str, str]) -> None:
    """Names of columns, and above them those of their groups."""
    each = box.width / values.shape[1]
    groups = [str(group) for group, _ in values.columns]
    for j, (group, column) in enumerate(values.columns):
        middle = box.left + (j + 0.5) * each
        lines = lettering.wrapped(named.get(str(column), str(column)), each - 0.04, 7.0, most=2)
        _text(figure, middle, box.top + 0.05, "\n".join(lines), 7.0, "center", "bottom")
        if j == 0 or groups[j - 1] != str(group):
            wide = groups.count(str(group)) * each
            (line,) = lettering.wrapped(named.get(str(group), str(group)), wide - 0.1, style.NOTE, "bold", most=1)
            _text(figure, box.left + j * each + wide / 2, box.top + 0.42, line, style.NOTE, "center", "bottom", "bold")


def _cell(
    table: Axes,
    box: Box,
    values: pd.DataFrame,
    place: tuple[int, int],
    good: bool,
    written: Callable[[float], str],
    shade: tuple[float, ...],
) -> None:
    value = float(values.iloc[place])
    if not math.isfinite(value):
        return
    each, tall = box.width / values.shape[1], box.height / len(values)
    groups = [str(group) for group, _ in values.columns]
    left, low = box.left + place[1] * each, box.top - (place[0] + 1) * tall
    inset = 0.05 if place[1] and groups[place[1] - 1] != groups[place[1]] else 0.01
    corner = (left + inset - box.left, low + 0.01 - box.bottom)
    table.add_patch(Rectangle(corner, each - inset - 0.01, tall - 0.02, color=shade, alpha=1.0 if good else 0.35, linewidth=0))
    figure = table.figure
    assert isinstance(figure, Figure)
    dark = good and 0.3 * shade[0] + 0.59 * shade[1] + 0.11 * shade[2] < 0.5
    text = written(value) if good else f"({written(value)})"
    _text(figure, left + inset + (each - inset) / 2, low + tall / 2, text, 7.0, "center", colour=style.PAPER if dark else style.INK)


def _text(
    figure: Figure,
    x: float,
    y: float,
    text: str,
    size: float,
    across: str,
    up: str = "center",
    weight: str = "normal",
    colour: str = style.INK,
    gid: str = "number",
) -> None:
    wide, high = figure.get_size_inches()
    figure.text(x / wide, y / high, text, size=size, ha=across, va=up, weight=weight, color=colour, gid=gid)


def _words(values: pd.DataFrame, named: Mapping[str, str], written: Callable[[float], str]) -> str:
    """The largest cells in words."""
    flat = values.stack([0, 1]).dropna()
    told: Sequence[str] = [
        f"{named.get(str(row), str(row))}, {named.get(str(group), str(group))}, {named.get(str(column), str(column))}: {written(value)}"
        for (row, group, column), value in flat.sort_values(key=np.abs, ascending=False).head(12).items()
    ]
    return f"{len(values)} rows, {values.shape[1]} columns. Largest: {'; '.join(told)}."
