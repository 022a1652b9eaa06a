"""Why one organisation did what it did: the terms of one decision in both worlds, the chance and the draw."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.analysis.trace import Trace
from abm.analysis.trace.why import Decision, phrase
from abm.model.acts import STOPPED
from abm.view import lettering, sheet, style
from abm.view.sheet import Box, Sheet

MARGIN, PLAIN = 0.45, 5.0  # inches: margin; height of a page without its rows
A = style.Look(style.GREY, "-", "o")
B = style.Look(style.NAVY, "-", "D")
FALLS, RISES = style.PLUM, style.SKY
ROW = 0.34  # inches of a row
MOST_INPUTS, LEAST = 10, 0.02  # inputs drawn at most, and the part of the largest effect that one must have
UNITS = {
    "quantal_response": "Pay-off, in units of what is at stake on the tie a year; above zero speaks for working jointly",
    "reinforcement": "Pay-off, in units of what is at stake on the tie a year; above zero speaks for working jointly",
    "conditional_cooperation": "Each on its own scale of 0 to 1 or of pay-offs",
}


def why_figure(found: Trace, actor: str, partner: str, quarter: int | str) -> Figure:
    """The terms of one decision as bars in both worlds, with the chance and the draw.

    Raises `ResultsError` for an organisation, tie or quarter that there is not.
    """
    one = found.decision(actor, partner, quarter)
    with style.applied():
        rows = max(len(one.terms), len(shown_inputs(one)[0]))
        page = Sheet(style.WIDTH, PLAIN + ROW * max(2, rows), MARGIN)
        figure = sheet.blank(page)
        a, b = one.names
        subtitle = f"{one.when} · {one.tie} · A: {a}; B: {b} · replicate {found.twins.model.replicate}, the same random numbers in both"
        top = sheet.heading(figure, page, title_of(one), subtitle, "")
        bottom = sheet.footer(figure, page, found.facts) + 0.4
        right = page.width - page.margin
        below = _chances(figure, one, Box(page.margin, bottom, right, top)) - 0.3
        _terms(figure, one, Box(page.margin, bottom, 6.1, below))
        _inputs(figure, one, Box(6.55, bottom, right, below))
    return figure


def title_of(one: Decision) -> str:
    """Who did what to whom in both worlds."""
    if one.acts[0] == one.acts[1]:
        return f"{one.actor} towards {one.partner}: {phrase(one.acts[0])} in both worlds"
    return f"{one.actor} towards {one.partner}: {phrase(one.acts[0])} in A, {phrase(one.acts[1])} in B"


def _chances(figure: Figure, one: Decision, box: Box) -> float:
    """The chance in both worlds and the draw, on one line from 0 to 1; gives where it ends."""
    stopped = STOPPED in one.acts
    words = "a council under a section 114 notice makes no joint commitment" if stopped else "joint where the draw is below the chance"
    below = sheet.panel_heading(figure, box, "Chance of the joint act, and the draw that both worlds share", f"Probability; {words}")
    axes = sheet.axes(figure, Box(box.left + 0.35, below - 0.75, box.right - 0.35, below - 0.3), "chance")
    axes.set_xlim(0, 1)
    axes.set_ylim(-1, 1)
    axes.plot([0, 1], [0, 0], color=style.RULE, linewidth=3, solid_capstyle="butt", zorder=1)
    axes.plot([0, one.draw], [0, 0], color=style.MUTED, linewidth=3, solid_capstyle="butt", zorder=1)
    axes.plot([one.draw] * 2, [-0.75, 0.75], color=style.INK, linewidth=1.8, gid="draw", zorder=2)
    for look, chance, name in ((A, one.chances[0], "A"), (B, one.chances[1], "B")):
        axes.plot([chance], [0], linestyle="none", gid=f"chance:{name}", zorder=3, **look.marker_style(10))
    axes.set_yticks([])
    ticks = np.linspace(0, 1, 11)
    axes.set_xticks(ticks, [f"{tick:.1f}" for tick in ticks])
    axes.tick_params(axis="x", length=2.5, labelsize=style.NOTE)
    _named(axes, [("A", one.chances[0], A.colour), ("draw", one.draw, style.INK), ("B", one.chances[1], B.colour)])
    return sheet.box_of(axes).bottom - 0.2


def _named(axes: Axes, points: list[tuple[str, float, str]]) -> None:
    """Names of points on a line above it, moved apart."""
    texts = [f"{name} {value:.3f}" for name, value, _ in points]
    widths = [lettering.width(text, style.LABEL, "bold") + 0.16 for text in texts]
    box = sheet.box_of(axes)
    centres = lettering.spread([value * box.width for _, value, _ in points], widths, -0.3, box.width + 0.3)
    for (name, value, colour), text, centre in zip(points, texts, centres, strict=True):
        dark = style.MUTED if colour == style.GREY else colour
        axes.plot([value, centre / box.width], [0.35, 1.0], color=dark, linewidth=0.7, clip_on=False, zorder=1)
        axes.text(centre / box.width, 1.1, text, size=style.LABEL, weight="bold", ha="center", va="bottom", color=dark, gid=f"named:{name}")


def _rows(figure: Figure, box: Box, words: str, unit: str, rows: pd.DataFrame, name: str, left: float) -> Axes:
    """A panel with a labelled row for each row of the frame."""
    below = sheet.panel_heading(figure, box, words, unit) - 0.05
    tall = min(ROW * max(2, len(rows)), below - box.bottom)
    axes = sheet.axes(figure, Box(box.left + left, below - tall, box.right - 0.65, below), name)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks([])
    axes.axvline(0, color=style.MUTED, linewidth=1.0, zorder=1)
    axes.tick_params(axis="x", length=2.5, labelsize=style.NOTE - 0.5)
    for place, said in enumerate(rows["words"]):
        lines = lettering.wrapped(said, left - 0.1, style.NOTE, most=2)
        middle = below - tall * (place + 0.5) / len(rows)
        sheet.write(figure, box.left, middle + lettering.height(len(lines), style.NOTE) / 2, lines, style.NOTE, name=f"{name}:{place}")
    return axes


def _terms(figure: Figure, one: Decision, box: Box) -> None:
    rows = one.terms
    axes = _rows(figure, box, f"What was weighed ({one.rules[0].replace('_', ' ')})", UNITS[one.rules[0]], rows, "terms", 1.7)
    for world, look, shift in (("a", A, -0.19), ("b", B, 0.19)):
        places = np.arange(len(rows)) + shift
        axes.barh(places, rows[world], 0.34, color=look.colour, edgecolor=style.INK, linewidth=0.5, gid=f"terms:{world}", zorder=2)
    values = rows[["a", "b"]].to_numpy()
    _span(axes, values)
    for world, shift in (("a", -0.19), ("b", 0.19)):
        for place, value in enumerate(rows[world]):
            side = "left" if value >= 0 else "right"
            gap = (axes.get_xlim()[1] - axes.get_xlim()[0]) * 0.012 * (1 if value >= 0 else -1)
            text = f"{world.upper()} {style.number(value, 3, sign=True)}"
            axes.text(value + gap, place + shift, text, size=TINY, va="center", ha=side, gid=f"value:{world}:{place}")


TINY = 7.5  # points


def shown_inputs(one: Decision) -> tuple[pd.DataFrame, int]:
    """What moved the chance, most first, and how many more did so too little to be drawn."""
    moved = one.inputs[one.inputs["alone"] != 0]
    size = moved["alone"].abs().sort_values(ascending=False, kind="stable")
    large = size[size >= LEAST * size.max()].index[:MOST_INPUTS] if len(size) else size.index
    shown = moved.loc[large]
    return shown.assign(words=shown["words"] + " (" + shown["channel"] + ")"), len(moved) - len(shown)


def _inputs(figure: Figure, one: Decision, box: Box) -> None:
    moved, left_out = shown_inputs(one)
    if not len(moved):
        sheet.panel_heading(figure, box, "What it was made of", "Nothing that the decision read moves the chance")
        return
    unit = "Percentage points by which the chance in A moves when this alone is as in B; numbers: its value in A and in B"
    unit += f"; {left_out} smaller not shown" if left_out else ""
    axes = _rows(figure, box, "What moved the chance", unit, moved, "inputs", 2.35)
    values = 100 * moved["alone"].to_numpy()
    colours = [FALLS if value < 0 else RISES for value in values]
    axes.barh(np.arange(len(moved)), values, 0.6, color=colours, edgecolor=style.INK, linewidth=0.5, gid="inputs:alone", zorder=2)
    _span(axes, values)
    for place, row in enumerate(moved.itertuples()):
        side = "left" if row.alone >= 0 else "right"
        gap = (axes.get_xlim()[1] - axes.get_xlim()[0]) * 0.012 * (1 if row.alone >= 0 else -1)
        places = 2 if abs(row.b - row.a) >= 0.01 else 3
        text = f"{style.number(row.a, places)} → {style.number(row.b, places)}"
        axes.text(100 * row.alone + gap, place, text, size=TINY, va="center", ha=side, gid=f"moved:{place}")


def _span(axes: Axes, values: np.ndarray) -> None:
    """A scale with room for the numbers beside the bars, on both sides of zero that need it."""
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    size = max(high - low, 1e-6)
    axes.set_xlim(low - (0.35 * size if low < 0 else 0.02 * size), high + (0.35 * size if high > 0 else 0.02 * size))
