"""Predictions as figures: intervals row by row, and the chances of many organisations from highest to lowest.

A thick bar holds half of the runs, a thin one nine tenths, a dot is the median: what a blind check is held against.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from abm.experiment.store import ResultsError
from abm.view import lettering, sheet, style
from abm.view.sheet import Box, Drawn, Sheet

ROW, HEAD, FOOT = 0.34, 0.62, 0.42  # inches: a row, what stands above a panel, and its axis below
LABELS, NUMBERS = 4.7, 1.75  # inches for names at the left, numbers at the right
NEEDED = ("label", "median", "low50", "high50", "low90", "high90")
READING = "Dot: median of the runs. Thick bar: half of them; thin bar: nine in ten."


class Panel(NamedTuple):
    """Rows on one axis: heading, unit, rows (NEEDED, as they are to be shown), and whether zero is marked."""

    words: str
    unit: str
    rows: pd.DataFrame
    zero: bool = False
    limits: tuple[float, float] | None = None


def intervals(panels: Sequence[Panel], facts: Mapping[str, Any], title: str, subtitle: str = "", alt: str = "") -> Drawn:
    """Draw panels one below the other. Raises `ResultsError` where there is no row."""
    drawn = [panel._replace(rows=panel.rows.dropna(subset=["median"])) for panel in panels]
    drawn = [panel for panel in drawn if len(panel.rows)]
    if not drawn:
        raise ResultsError("no predictions to draw")
    with style.applied():
        tall = sum(HEAD + FOOT + ROW * len(panel.rows) for panel in drawn)
        page = Sheet(style.WIDTH, tall + 2.4, 0.45)
        figure = sheet.blank(page)
        top, bottom = sheet.heading(figure, page, title, subtitle, READING), sheet.footer(figure, page, facts)
        left = page.margin + LABELS
        scale = (top - bottom) / tall
        for panel in drawn:
            below = top - scale * (HEAD + FOOT + ROW * len(panel.rows))
            _panel(figure, Box(left, below + FOOT, page.width - page.margin, top), panel)
            top = below
    told = [f"{row.label} {style.number(row.median, _places(panel))} {panel.unit}" for panel in drawn for row in panel.rows.itertuples()]
    return Drawn(figure, title, READING, alt or f"{', '.join(told)}.")


def _places(panel: Panel) -> int:
    return min(3, style.decimals(float(np.nanmedian(panel.rows[["low90", "high90"]].abs().to_numpy()))))


def _panel(figure: Figure, box: Box, panel: Panel) -> None:
    head = Box(box.left, box.bottom, box.right, box.top)
    below = sheet.panel_heading(figure, head, panel.words, panel.unit)
    inner = Box(box.left, box.bottom, box.right - NUMBERS, below)
    axes = sheet.axes(figure, inner, name=f"panel:{panel.words}")
    axes.set_ylim(len(panel.rows) - 0.5, -0.5)
    axes.set_yticks([])
    wide, high = figure.get_size_inches()
    for y, row in enumerate(panel.rows.itertuples()):
        middle = (inner.top - (y + 0.5) / len(panel.rows) * inner.height) / high
        lines = lettering.wrapped(str(row.label), LABELS - 0.25, style.NOTE, most=2)
        figure.text((box.left - 0.15) / wide, middle, "\n".join(lines), size=style.NOTE, ha="right", va="center", linespacing=1.05)
        axes.plot([row.low90, row.high90], [y, y], color=style.NAVY, linewidth=1.2, solid_capstyle="butt", zorder=2)
        axes.plot([row.low50, row.high50], [y, y], color=style.SKY, linewidth=6.0, solid_capstyle="butt", zorder=3)
        axes.plot([row.median], [y], "o", markersize=5.5, markerfacecolor=style.NAVY, markeredgecolor=style.PAPER, zorder=4)
        places = _places(panel)
        span = " to ".join(style.number(value, places) for value in (row.low90, row.high90))
        figure.text(box.right / wide, middle, f"{style.number(row.median, places)} ({span})", size=7.5, ha="right", va="center")
    known = panel.rows[["low90", "high90"]].to_numpy(dtype=float)
    low, far = panel.limits or (known.min(), known.max())
    if panel.zero:
        low, far = min(low, 0.0), max(far, 0.0)
        axes.axvline(0, color=style.MUTED, linewidth=0.9, zorder=1)
    pad = 0.03 * (far - low or 1.0)
    axes.set_xlim(low - pad, far + pad)
    sheet.number_axis(axes, low - pad, far + pad, "", style.NOTE)
    axes.grid(axis="x", color=style.RULE, linewidth=0.6)


# ---- many organisations ----------------------------------------------------------------------------------------------------


def chances(groups: Mapping[str, tuple[str, pd.Series]], facts: Mapping[str, Any], title: str, subtitle: str = "", note: str = "") -> Drawn:
    """Chances of many organisations from highest to lowest, a panel a group.

    `groups`: heading → (what the chance is of, chances by organisation from 0 to 1; an index of two levels colours by its second).
    Organisations are not named: the table does that.
    """
    with style.applied():
        page = Sheet(style.WIDTH, 6.4, 0.45)
        figure = sheet.blank(page)
        top, bottom = sheet.heading(figure, page, title, subtitle, note), sheet.footer(figure, page, facts)
        boxes = sheet.cells(page, len(groups), top, bottom + 0.45)
        for box, (words, (of, values)) in zip(boxes, groups.items(), strict=True):
            _ranked(figure, box, words, of, values)
    told = [f"{words}: {of}, from {values.max():.0%} to {values.min():.0%}" for words, (of, values) in groups.items()]
    return Drawn(figure, title, note, f"{'; '.join(told)}.")


def _ranked(figure: Figure, box: Box, words: str, of: str, values: pd.Series) -> None:
    below = sheet.panel_heading(figure, box, words, of)
    ordered = values.sort_values(ascending=False, kind="stable")
    kinds = ordered.index.get_level_values(-1) if ordered.index.nlevels > 1 else pd.Index([""] * len(ordered))
    names = list(dict.fromkeys(sorted(kinds)))
    if len(names) > 1:
        wide, high = figure.get_size_inches()
        x = box.left
        for place, name in enumerate(names):
            look = style.look(place)
            figure.text((x + 0.16) / wide, (below - 0.05) / high, name, size=style.NOTE, va="center", gid=f"key:{name}")
            figure.add_artist(_mark(look, (x + 0.07) / wide, (below - 0.05) / high))
            x += lettering.width(name, style.NOTE) + 0.42
        below -= 0.2
    axes = sheet.axes(figure, Box(box.left + 0.45, box.bottom, box.right, below), name=f"panel:{words}")
    for place, name in enumerate(names):
        mine = np.flatnonzero(kinds == name)
        look = style.look(place)
        axes.plot(mine + 1, 100 * ordered.to_numpy()[mine], linestyle="none", **look.marker_style(4.6 if len(names) > 1 else 2.6))
    axes.set_ylim(-3, 103)
    axes.set_yticks([0, 25, 50, 75, 100], [f"{tick}%" for tick in (0, 25, 50, 75, 100)])
    axes.tick_params(axis="y", length=0, labelsize=style.NOTE)
    axes.grid(axis="y", color=style.RULE, linewidth=0.6)
    axes.set_xlim(0, len(ordered) + 1)
    sheet.number_axis(axes, 0, len(ordered) + 1, "Rank, most likely first", style.NOTE)


def _mark(look: style.Look, x: float, y: float) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([x], [y], linestyle="none", **look.marker_style(5.0))
