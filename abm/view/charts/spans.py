"""Spans: a row a thing; a pale bar for what was thought before, a dark one for what is left, a mark, and numbers at the right.

Used for targets of a calibration (prior, posterior, default against what was observed) and for parameters (range, members, default).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from abm.experiment.store import ResultsError
from abm.view import lettering, sheet, style
from abm.view.sheet import Box, Drawn, Sheet

MOST_ROWS = 80
ROW, LABELS = 0.235, 4.9  # inches
TAB = 0.62  # inches between the parts of a text that tabs divide


class Span(NamedTuple):
    """A row. `before` and `after`: low, middle and high (NaN: not drawn); `mark`: a single value; `text` stands at the right."""

    label: str
    before: tuple[float, float, float]
    after: tuple[float, float, float]
    mark: float
    text: str = ""
    bold: bool = False


def spans(
    rows: Sequence[Span],
    facts: Mapping[str, Any],
    title: str,
    subtitle: str,
    note: str,
    axis: str,
    view: tuple[float, float],
    keys: Sequence[str] = ("prior, middle 90 %", "members, middle 90 % and median", "default"),
    band: tuple[float, float] | None = None,
    text_head: str = "",
    columns: int = 1,
) -> Drawn:
    """Draw the rows on one scale from `view[0]` to `view[1]`; what lies beyond is cut off at an arrow. `band` is shaded.

    `keys` name the pale bar, the dark bar and the mark; `axis` is the scale's name and unit. Raises `ResultsError` for no rows or
    more than can be read.
    """
    if not rows or len(rows) > MOST_ROWS:
        raise ResultsError(f"{len(rows)} rows: 1 to {MOST_ROWS} can be read")
    tall = math.ceil(len(rows) / columns)
    with style.applied():
        page = Sheet(style.WIDTH, max(4.2, 2.9 + ROW * tall), 0.45)
        figure = sheet.blank(page)
        top, bottom = sheet.heading(figure, page, title, subtitle, note), sheet.footer(figure, page, facts)
        looks = [style.Look(style.GREY, "-", "s"), style.Look(style.NAVY, "-", "o"), style.Look(style.AMBER, "-", "D")]
        top = sheet.key(figure, page, top, list(zip(keys, looks, strict=False)))
        wide = (page.width - 2 * page.margin) / columns
        for i in range(columns):
            some = rows[i * tall : (i + 1) * tall]
            box = Box(page.margin + i * wide, bottom + 0.4, page.margin + (i + 1) * wide - (0.2 if columns > 1 else 0.0), top - 0.05)
            if some:
                _column(figure, box, some, tall, axis, view, band, text_head)
    told = [
        f"{row.label}: {style.number(row.after[1], 2)} ({style.number(row.after[0], 2)} to {style.number(row.after[2], 2)})" for row in rows
    ]
    return Drawn(figure, title, note, f"{axis}. " + "; ".join(told) + ".")


def _column(
    figure: Figure,
    box: Box,
    rows: Sequence[Span],
    tall: int,
    axis: str,
    view: tuple[float, float],
    band: tuple[float, float] | None,
    head: str,
) -> None:
    size = style.NOTE - 0.5
    labels = min(LABELS, 0.15 + max(lettering.width(row.label, size, "bold" if row.bold else "normal") for row in rows))
    labels = min(labels, 0.5 * box.width)
    texts = max([0.0, *(_wide(text, size - 0.5) for text in (head, *(row.text for row in rows)) if text)])
    high = box.top - (0.2 if head else 0.0)
    inner = Box(box.left + labels, high - (high - box.bottom) * len(rows) / tall, box.right - texts, high)
    drawn = sheet.axes(figure, inner, name="panel:spans")
    drawn.set_ylim(len(rows) - 0.5, -0.5)
    drawn.set_yticks([])
    drawn.set_xlim(*view)
    if band is not None:
        drawn.axvspan(*band, color=style.SKY, alpha=0.25, linewidth=0, zorder=0)
    if head:
        _at(figure, box.right, high + 0.1, head, size - 0.5, style.MUTED)
    for y, row in enumerate(rows):
        middle = inner.top - (y + 0.5) / len(rows) * inner.height
        _words(figure, inner.left - 0.1, middle, row, size, labels)
        if row.text:
            _at(figure, box.right, middle, row.text, size - 0.5)
        _row(drawn, y, row, view)
    sheet.number_axis(drawn, *view, axis, style.NOTE)
    drawn.grid(axis="x", color=style.RULE, linewidth=0.6)


def _words(figure: Figure, right: float, middle: float, row: Span, size: float, room: float) -> None:
    wide, high = figure.get_size_inches()
    weight = "bold" if row.bold else "normal"
    (line,) = lettering.wrapped(row.label, max(room - 0.1, 0.5), size, weight, most=1)
    figure.text(right / wide, middle / high, line, size=size, weight=weight, ha="right", va="center", gid=f"label:{row.label}")


def _wide(text: str, size: float) -> float:
    parts = text.split("\t")
    return lettering.width(parts[0], size) + (len(parts) - 1) * TAB + 0.12


def _at(figure: Figure, right: float, middle: float, text: str, size: float, colour: str = style.INK) -> None:
    wide, high = figure.get_size_inches()
    for i, part in enumerate(reversed(text.split("\t"))):
        figure.text((right - i * TAB) / wide, middle / high, part, size=size, ha="right", va="center", color=colour, gid="number")


def _row(drawn: Axes, y: int, row: Span, view: tuple[float, float]) -> None:
    low, high = view

    def cut(value: float) -> float:
        return min(max(value, low), high)

    for span, colour, width, order in ((row.before, style.RULE, 7.0, 1), (row.after, style.NAVY, 2.4, 2)):
        if math.isfinite(span[0]) and math.isfinite(span[2]):
            drawn.plot([cut(span[0]), cut(span[2])], [y, y], color=colour, linewidth=width, solid_capstyle="butt", zorder=order)
    if math.isfinite(row.after[1]):
        drawn.plot([cut(row.after[1])], [y], "o", markersize=5.0, color=style.NAVY, zorder=4, clip_on=False)
    if math.isfinite(row.mark):
        mark: dict[str, Any] = {"markersize": 5.0, "markerfacecolor": style.AMBER, "markeredgecolor": style.INK, "markeredgewidth": 0.7}
        drawn.add_line(Line2D([cut(row.mark)], [y], marker="D", linestyle="none", zorder=5, clip_on=False, **mark))
    for value, side in ((low, "<"), (high, ">")):
        if any(math.isfinite(x) and (x < low if side == "<" else x > high) for x in (row.after[1], row.mark)):
            drawn.plot([value], [y], side, markersize=4.0, color=style.INK, zorder=6, clip_on=False)
