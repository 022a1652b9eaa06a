"""Series: an effect against time or dose, a panel a group, a line with its interval for each of a few treatments.

Unlike `curves`, which reads a results folder, this draws a table that a study has worked out. Single values without a name can
stand behind, as dashes (each system, each replicate).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.experiment.store import ResultsError
from abm.view import lettering, sheet, style
from abm.view.frames import Measure
from abm.view.sheet import SLIDE, Box, Drawn, End, Sheet

MOST_PANELS, MOST_LINES = 6, 8
PALE = "#8E9AA3"
COLUMNS = ("panel", "line", "x", "mean", "low", "high")


def series(
    table: pd.DataFrame,
    facts: Mapping[str, Any],
    title: str,
    measure: Measure,
    x_label: str | Mapping[str, str],
    subtitle: str = "",
    note: str = "",
    shared: bool = True,
    page: Sheet = SLIDE,
) -> Drawn:
    """Draw `table`: a row a `panel`, `line` and `x`, with `mean`, `low` and `high` as stored; in the order in which they come.

    Rows whose line has no name are dashes behind the lines. `x_label` has the name and unit of
    the horizontal axis, for all panels or for each; `shared`: one vertical scale for all. Raises `ResultsError` without rows, or
    with more than can be read (6 panels, 8 named lines).
    """
    missing = [name for name in COLUMNS if name not in table]
    if missing or table.empty:
        raise ResultsError(f"no series to draw{f': no column {missing[0]}' if missing else ''}")
    panels, lines = list(dict.fromkeys(table["panel"])), [name for name in dict.fromkeys(table["line"]) if name]
    if len(panels) > MOST_PANELS or len(lines) > MOST_LINES:
        raise ResultsError(f"{len(panels)} panels and {len(lines)} lines: at most {MOST_PANELS} and {MOST_LINES} can be read")
    looks = {name: style.look(place) for place, name in enumerate(lines)}
    with style.applied():
        figure = sheet.blank(page)
        top, bottom = sheet.heading(figure, page, title, subtitle, note), sheet.footer(figure, page, facts)
        drawn = []
        for box, name in zip(sheet.cells(page, len(panels), top, bottom), panels, strict=True):
            label = x_label if isinstance(x_label, str) else x_label[name]
            drawn.append(_panel(figure, box, name, table[table["panel"] == name], measure, label, looks))
        if shared:
            spans = np.array([axes.get_ylim() for axes, _, _ in drawn])
            for axes, _, _ in drawn:
                axes.set_ylim(spans[:, 0].min(), spans[:, 1].max())
        for axes, ends, room in drawn:
            size = sheet.text_size(sheet.box_of(axes))
            sheet.level_axis(axes, measure, size)
            sheet.end_labels(axes, ends, room, size - 0.5)
    return Drawn(figure, title, note, _alt(table, panels, measure))


def _panel(
    figure: Figure, box: Box, name: str, rows: pd.DataFrame, measure: Measure, label: str, looks: Mapping[str, style.Look]
) -> tuple[Axes, list[End], float]:
    """A panel's lines; gives its axes, the names of its lines and the room for them."""
    size = sheet.text_size(box)
    top = sheet.panel_heading(figure, box, name, f"{measure.words}, {measure.unit}")
    mine = [line for line in looks if line in set(rows["line"])]
    room = min(0.4 * box.width, 0.5 + max((lettering.width(line, size) for line in mine), default=-0.4))
    axes = sheet.axes(figure, Box(box.left + 0.5, box.bottom + 0.52, box.right - room, top), f"axes:{name}")
    pale = rows[rows["line"] == ""]
    axes.plot(
        pale["x"], pale["mean"] * measure.scale, linestyle="none", marker="_", markersize=9, markeredgewidth=0.7, color=PALE, gid="pale"
    )
    ends = []
    for line in mine:
        each, look = rows[rows["line"] == line], looks[line]
        x, (middle, low, high) = each["x"].to_numpy(), (each[column].to_numpy() * measure.scale for column in ("mean", "low", "high"))
        if len(x) > 1:
            axes.fill_between(x, low, high, color=look.colour, alpha=0.2, linewidth=0, zorder=2, gid=f"band:{line}")
        else:
            axes.vlines(x, low, high, color=look.edge, linewidth=1.2, zorder=3)
        (path,) = axes.plot(x, middle, color=look.colour, linestyle=look.dash, linewidth=1.9, zorder=3, gid=f"line:{line}")
        look.outline(path)
        every = max(1, len(x) // 12)
        axes.plot(x[::every], middle[::every], linestyle="none", zorder=4, clip_on=False, **look.marker_style(4.5))
        known = middle[np.isfinite(middle)]
        if len(known):
            ends.append(End(line, line, float(known[-1]), look))
    low, high = float(rows["x"].min()), float(rows["x"].max())
    axes.set_xlim(low - 0.03 * (high - low or 1), high + 0.03 * (high - low or 1))
    sheet.number_axis(axes, low, high, label, size)
    bottom, above = axes.get_ylim()
    if bottom < 0 < above:
        axes.axhline(0, color=style.MUTED, linewidth=1.0, zorder=1.5, gid="zero")
    return axes, ends, room


def _alt(table: pd.DataFrame, panels: list[str], measure: Measure) -> str:
    parts = []
    for panel in panels:
        rows = table[(table["panel"] == panel) & (table["line"] != "")]
        last = [f"{line} {measure.level(each['mean'].iloc[-1])}" for line, each in rows.groupby("line", sort=False)]
        parts.append(f"{panel}, at the right end: {'; '.join(last)}.")
    return f"Line chart of {measure.words.lower()} ({measure.unit}). {' '.join(parts)}"
