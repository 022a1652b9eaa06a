"""How many acts differ, quarter by quarter, stacked by kind of organisation."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from abm.analysis.trace import Trace
from abm.view import sheet, style
from abm.view.cascade.page import KINDS, LOOKS, partial, quarter_axis, share
from abm.view.sheet import Box, End

LEFT_EDGE, LEFT_LABELS = 0.95, 1.5  # inches: left edge of the axes; room of the labels at their right


def draw_counts(figure: Figure, found: Trace, box: Box) -> None:
    """Acts that differ by quarter and kind, stacked; apart where the lever acts and where it does not."""
    table = found.by_quarter
    differ = table["differ"] - table["differ_beyond"], table["differ_beyond"]
    acts = table["acts"] - table["acts_beyond"], table["acts_beyond"]
    if not partial(found):
        _stack(figure, found, box, "Acts that differ", table["differ"], table["acts"], "all")
        return
    middle = box.bottom + 0.46 * box.height
    _stack(
        figure, found, Box(box.left, middle + 0.12, box.right, box.top), "Where the lever acts", differ[0], acts[0], "inside", years=False
    )
    _stack(figure, found, Box(box.left, box.bottom, box.right, middle - 0.12), "Where no lever differs", differ[1], acts[1], "beyond")


def _stack(
    figure: Figure, found: Trace, box: Box, words: str, differ: pd.Series, acts: pd.Series, name: str, *, years: bool = True
) -> None:
    table = found.by_quarter.assign(differ=differ, acts=acts).groupby(["quarter", "kind"])[["differ", "acts"]].sum()
    wide = table["differ"].unstack(fill_value=0).reindex(columns=list(KINDS), fill_value=0)
    unit = f"Number of acts a quarter in which B differs from A, of {int(table['acts'][wide.index[-1]].sum()):,}; labels: last quarter"
    below = sheet.panel_heading(figure, box, words, unit)
    axes = sheet.axes(figure, Box(LEFT_EDGE, box.bottom, box.right - LEFT_LABELS, below - 0.04), f"counts:{name}")
    low, edges = np.zeros(len(wide)), np.append(wide.index, wide.index[-1] + 1) / 4
    ends = []
    for kind, plural in KINDS.items():
        high = low + wide[kind].to_numpy(dtype=float)
        axes.stairs(high, edges, baseline=low, fill=True, color=LOOKS[kind].colour, linewidth=0, gid=f"area:{kind}", label=plural, zorder=2)
        axes.stairs(high, edges, baseline=None, color=style.INK, linewidth=0.6, zorder=3)
        last = wide.index[-1]
        if table["acts"].get((last, kind), 0):
            count, of = int(wide.loc[last, kind]), int(table["acts"][last, kind])
            ends.append(
                End(f"{name}:{kind}", f"{plural} {count:,} ({share(count, of)}\u00a0of\u00a0theirs)", (low[-1] + high[-1]) / 2, LOOKS[kind])
            )
        low = high
    axes.set_ylim(0, max(1.0, low.max() * 1.05))
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.tick_params(axis="y", length=0, labelsize=style.NOTE)
    axes.grid(axis="y", color=style.RULE, linewidth=0.7)
    quarter_axis(axes, found, labelled=years)
    sheet.end_labels(axes, ends, LEFT_LABELS, style.NOTE)
