"""Matrices: rows and columns with a number in each field, shaded by its size, so that what stays on the diagonal is seen at once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from abm.experiment.store import ResultsError
from abm.view import lettering, sheet, style
from abm.view.sheet import SLIDE, Box, Drawn

MOST = 16
SHADES = {
    -1: LinearSegmentedColormap.from_list("less", [style.PAPER, style.PLUM]),
    1: LinearSegmentedColormap.from_list("more", [style.PAPER, style.NAVY]),
}
LABELS = 2.9  # inches for names of rows, at most


def shaded_table(
    values: pd.DataFrame,
    facts: Mapping[str, Any],
    title: str,
    subtitle: str = "",
    note: str = "",
    rows: str = "",
    columns: str = "",
    unclear: pd.DataFrame | None = None,
    places: int = 1,
) -> Drawn:
    """Draw `values` as they are (labels: its index and columns); `rows` and `columns` say what those are, with the unit.

    `unclear`: flags of fields whose interval takes in zero; they are written in grey. Shades go by the square root of the
    size, so that small numbers show beside large ones; below zero plum, above navy. Raises `ResultsError` for more than 16
    rows or columns, or none.
    """
    if values.empty or max(values.shape) > MOST:
        raise ResultsError(f"a matrix of {values.shape[0]} by {values.shape[1]}: 1 to {MOST} each can be read")
    with style.applied():
        figure = sheet.blank(SLIDE)
        top, bottom = sheet.heading(figure, SLIDE, title, subtitle, note), sheet.footer(figure, SLIDE, facts)
        room = min(LABELS, 0.3 + max(lettering.width(str(text), style.LABEL) for text in values.index))
        below = sheet.write(
            figure,
            SLIDE.margin + room,
            top,
            lettering.wrapped(columns, SLIDE.width - 2 * SLIDE.margin - room, style.LABEL, "bold"),
            style.LABEL,
            "bold",
        )
        box = Box(SLIDE.margin + room, bottom + 0.15, SLIDE.width - SLIDE.margin, below - 0.5)
        sheet.write(figure, SLIDE.margin, below - 0.05, lettering.wrapped(rows, room - 0.1, style.NOTE, "bold"), style.NOTE, "bold")
        _fields(figure, box, values, unclear, places)
        _names(figure, box, values, room)
    return Drawn(figure, title, note, _alt(values, places))


def _fields(figure: Figure, box: Box, values: pd.DataFrame, unclear: pd.DataFrame | None, places: int) -> None:
    drawn = sheet.axes(figure, box, name="matrix")
    drawn.spines["bottom"].set_visible(False)
    high, wide = values.shape
    drawn.set_xlim(0, wide)
    drawn.set_ylim(high, 0)
    drawn.set_xticks([])
    drawn.set_yticks([])
    numbers = values.to_numpy(dtype=float)
    largest = float(np.nanmax(np.abs(numbers), initial=0.0)) or 1.0
    for (row, column), value in np.ndenumerate(numbers):
        strength = math.sqrt(abs(value) / largest) if math.isfinite(value) else 0.0
        shade = SHADES[1 if value > 0 else -1](0.85 * strength)
        drawn.add_patch(_square(column, row, shade))
        grey = unclear is not None and bool(unclear.iat[row, column])
        ink = style.PAPER if strength > 0.65 else style.MUTED if grey else style.INK
        drawn.text(
            column + 0.5,
            row + 0.5,
            style.number(value, places, sign=True),
            ha="center",
            va="center",
            color=ink,
            size=style.LABEL,
            gid="field",
        )


def _square(column: float, row: float, shade: Any) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((column, row), 1, 1, facecolor=shade, edgecolor=style.RULE, linewidth=0.8)


def _names(figure: Figure, box: Box, values: pd.DataFrame, room: float) -> None:
    wide, high = figure.get_size_inches()
    step = box.width / values.shape[1]
    for i, name in enumerate(values.columns):
        lines = lettering.wrapped(str(name), step - 0.08, style.NOTE, most=2)
        figure.text(
            (box.left + (i + 0.5) * step) / wide,
            (box.top + 0.06) / high,
            "\n".join(lines),
            size=style.NOTE,
            ha="center",
            va="bottom",
            gid=f"column:{name}",
        )
    tall = box.height / values.shape[0]
    for i, name in enumerate(values.index):
        (line,) = lettering.wrapped(str(name), room - 0.15, style.LABEL, most=1)
        figure.text(
            (box.left - 0.12) / wide,
            (box.top - (i + 0.5) * tall) / high,
            line,
            size=style.LABEL,
            ha="right",
            va="center",
            gid=f"row:{name}",
        )


def _alt(values: pd.DataFrame, places: int) -> str:
    told = [
        f"{row}: " + ", ".join(f"{column} {style.number(value, places, sign=True)}" for column, value in found.items())
        for row, found in values.iterrows()
    ]
    return "A table shaded by size. " + "; ".join(told) + "."
