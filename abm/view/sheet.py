"""The sheet that a figure is drawn on: a slide, or a card for a page; its heading, foot and panels, axes, labels that keep apart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from abm.view import finding, lettering, style
from abm.view.frames import Measure

TITLES = (style.TITLE, style.TITLE - 1, style.TITLE - 2)  # sizes tried, to keep the title on one line
GAP = 0.26  # inches between panels
YEAR_ROOM = 0.6  # inches that the name of a year asks for


@dataclass(frozen=True)
class Sheet:
    """Size and margin in inches. `titled`: with heading and foot, which on a page are the page's."""

    width: float
    height: float
    margin: float
    titled: bool = True


SLIDE = Sheet(style.WIDTH, style.HEIGHT, 0.45)
CARD = Sheet(3.55, 2.7, 0.04, titled=False)
WIDE = Sheet(5.6, 4.3, 0.04, titled=False)


class Drawn(NamedTuple):
    """A figure, what it finds, how it is to be read, and what it shows in words for those who cannot see it."""

    figure: Figure
    title: str
    note: str
    alt: str


class Box(NamedTuple):
    """A place on the sheet, in inches from its lower left corner."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From bottom to top."""
        return self.top - self.bottom


class End(NamedTuple):
    """A label at the end of a line: its text, the value it stands for, and the line's look."""

    key: str
    text: str
    value: float
    look: style.Look
    bold: bool = False


# ---- the sheet -------------------------------------------------------------------------------------------------------------


def blank(sheet: Sheet) -> Figure:
    """An empty figure of that size."""
    figure = Figure(figsize=(sheet.width, sheet.height), dpi=style.DPI)
    FigureCanvasAgg(figure)
    return figure


def write(
    figure: Figure, x: float, top: float, lines: Sequence[str], size: float, weight: str = "normal", colour: str = style.INK, name: str = ""
) -> float:
    """Write lines with their top left corner at (x, top) inches; gives the height of what is below them."""
    wide, high = figure.get_size_inches()
    text = figure.text(x / wide, top / high, "\n".join(lines), size=size, weight=weight, color=colour, va="top", ha="left", gid=name)
    text.set_linespacing(style.LINE_HEIGHT)
    return top - lettering.height(len(lines), size)


def heading(figure: Figure, sheet: Sheet, title: str, subtitle: str, note: str) -> float:
    """Title, what was run and how to read it, on a sheet that has them; gives where the panels begin."""
    if not sheet.titled:
        return sheet.height - sheet.margin
    room = sheet.width - 2 * sheet.margin
    lines, size = lettering.fitted(title, room, TITLES, "bold")
    below = write(figure, sheet.margin, sheet.height - 0.36, lines, size, "bold", name="title")
    for words, name in ((subtitle, "subtitle"), (note, "note")):
        if words:
            lines, size = lettering.fitted(words, room, [style.SUBTITLE, style.LABEL], most=2)
            below = write(figure, sheet.margin, below - 0.05, lines, size, colour=style.MUTED, name=name)
    return below - 0.22


def footer(figure: Figure, sheet: Sheet, facts: Mapping[str, Any]) -> float:
    """Disclaimer, sources and provenance, on a sheet that has them; gives where the panels end."""
    if not sheet.titled:
        return sheet.margin
    room = sheet.width - 2 * sheet.margin
    below = write(figure, sheet.margin, 0.52, [finding.DISCLAIMER], style.NOTE, "bold", name="disclaimer")
    write(figure, sheet.margin, below, lettering.wrapped(finding.SOURCES, room, style.SMALLEST), style.SMALLEST, colour=style.MUTED)
    stamp = lettering.wrapped(finding.stamp(facts), room - 4.2, style.SMALLEST, most=1)
    if stamp != [""]:
        left = sheet.width - sheet.margin - lettering.width(stamp[0], style.SMALLEST)
        write(figure, left, 0.51, stamp, style.SMALLEST, colour=style.MUTED, name="stamp")
    return 0.66


def key(figure: Figure, sheet: Sheet, top: float, entries: Sequence[tuple[str, style.Look]]) -> float:
    """A row of markers and names, for panels too small to name their lines; gives where the panels begin."""
    x, size = sheet.margin, style.NOTE
    for words, look in entries:
        wide = lettering.width(words, size) + 0.5
        if x + wide > sheet.width - sheet.margin and x > sheet.margin:
            x, top = sheet.margin, top - lettering.height(1, size) - 0.05
        middle = (top - lettering.height(1, size) / 2) / sheet.height
        line = Line2D(
            np.array([x, x + 0.13, x + 0.26]) / sheet.width,
            [middle] * 3,
            color=look.edge,
            linewidth=1.2,
            markevery=[1],
            **look.marker_style(6.0),
        )
        figure.add_artist(line)
        write(figure, x + 0.32, top, [words], size, name=f"key:{words}")
        x += wide
    return top - lettering.height(1, size) - 0.12


def cells(sheet: Sheet, count: int, top: float, bottom: float, columns: int = 0) -> list[Box]:
    """Boxes for so many panels, row by row; in so many columns, if said."""
    columns = columns or {1: 1, 2: 2, 3: 3, 4: 2, 5: 3, 6: 3, 9: 3}.get(count, 4)
    if sheet.width < 8:
        columns = 1
    rows = math.ceil(count / columns)
    wide = (sheet.width - 2 * sheet.margin + GAP) / columns
    tall = (top - bottom + GAP) / rows
    places = ((i // columns, i % columns) for i in range(count))
    return [
        Box(sheet.margin + c * wide, top - (r + 1) * tall + GAP, sheet.margin + (c + 1) * wide - GAP, top - r * tall) for r, c in places
    ]


def row_lines(rows: Sequence[str], groups: Mapping[str, str]) -> list[tuple[str, bool]]:
    """What stands at the left of rows that have headings, from top to bottom: (text, whether it is a heading)."""
    lines: list[tuple[str, bool]] = []
    last = ""
    for row in rows:
        group = groups.get(row, "")
        if group and group != last:
            lines.append((group, True))
        last = group
        lines.append((row, False))
    return lines


def text_size(box: Box) -> float:
    """Size of the letters in a panel."""
    return style.LABEL if box.width > 7 else style.NOTE if box.width > 4.6 else 8.0


# ---- a panel ---------------------------------------------------------------------------------------------------------------


def panel_heading(figure: Figure, box: Box, words: str, unit: str) -> float:
    """What a panel shows, in bold, and its unit; gives where its axes may begin."""
    size = text_size(box) + 1.0
    below = write(figure, box.left, box.top, lettering.wrapped(words, box.width, size, "bold", 2), size, "bold", name=f"panel:{words}")
    if not unit:
        return below - 0.08
    lines = lettering.wrapped(unit, box.width, size - 1.5, most=2)
    return write(figure, box.left, below, lines, size - 1.5, colour=style.MUTED) - 0.1


def axes(figure: Figure, box: Box, name: str = "") -> Axes:
    """Axes that fill a box, without frame on three sides."""
    wide, high = figure.get_size_inches()
    made: Axes = figure.add_axes((box.left / wide, box.bottom / high, box.width / wide, box.height / high), gid=name)
    for side in ("left", "right", "top"):
        made.spines[side].set_visible(False)
    made.spines["bottom"].set_color(style.RULE)
    made.set_axisbelow(True)
    return made


def box_of(axes: Axes) -> Box:
    """Where axes stand on their sheet."""
    figure = axes.figure
    assert isinstance(figure, Figure)
    wide, high = figure.get_size_inches()
    place = axes.get_position()
    return Box(place.x0 * wide, place.y0 * high, place.x1 * wide, place.y1 * high)


def places(ticks: Sequence[float] | np.ndarray) -> int:
    """Decimals that the step between ticks asks for."""
    step = abs(ticks[1] - ticks[0]) if len(ticks) > 1 else 1.0
    return max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0


def level_axis(axes: Axes, measure: Measure, size: float, least: float = 1.0) -> None:
    """The vertical axis of an outcome: ticks with their unit, a pale rule each; `least` is the smallest span of percentages."""
    low, high = axes.get_ylim()
    if measure.percent and high - low < least:
        middle = (low + high) / 2
        low, high = (0.0, least) if 0 <= axes.dataLim.y0 < least / 2 else (middle - least / 2, middle + least / 2)
    elif high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    axes.set_ylim(low, high)
    count = max(2, min(8, round(box_of(axes).height / 0.3)))
    axes.yaxis.set_major_locator(MaxNLocator(count, steps=[1, 2, 2.5, 5, 10]))
    ticks = axes.get_yticks()
    need = places(ticks) + (1 if len(ticks) > 1 and round((ticks[1] - ticks[0]) * 10 ** places(ticks), 6) % 1 else 0)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: style.number(value, need) + ("%" if measure.percent else "")))
    axes.tick_params(axis="y", length=0, labelsize=size - 0.5, pad=3)
    axes.grid(axis="y", color=style.RULE, linewidth=0.7)


def levels(measure: Measure, values: Sequence[float]) -> list[str]:
    """Values as labels say them, with one decimal more where two that differ would look the same."""
    plain = [measure.level(value) for value in values]
    known = sorted(value * measure.scale for value in values if math.isfinite(value))
    close = any(abs(b - a) > 0.05 and measure.level(a / measure.scale) == measure.level(b / measure.scale) for a, b in pairwise(known))
    if not (measure.percent and close):
        return plain
    return [f"{style.number(value * measure.scale, 1)}%" if math.isfinite(value) else "–" for value in values]


def year_axis(axes: Axes, first: int, last: int, names: Mapping[int, str], size: float) -> None:
    """Financial years, each named under its own middle; single quarters in runs of up to two years."""
    room = box_of(axes).width
    if last - first < 8:
        quarters = list(range(first, last + 1))
        axes.set_xlim((first + 0.45) / 4, (last + 1.25) / 4)
        step = 1 if room / len(quarters) > 0.3 else 2
        labels = [f"Q{q % 4 + 1}" + (f"\n{names.get(q // 4, '')}" if q == first or q % 4 == 0 else "") for q in quarters]
        if first % 4 == 3 and len(quarters) > 1:  # its year's name would meet the next one's
            labels[0] = "Q4"
        axes.set_xticks([(q + 1) / 4 for q in quarters], [label if i % step == 0 else "" for i, label in enumerate(labels)])
    else:
        axes.set_xlim(first / 4, (last + 1) / 4)
        numbers = range(first // 4, last // 4 + 1)
        step = math.ceil(len(numbers) / max(1, int(room / YEAR_ROOM)))
        axes.set_xticks([n + 0.5 for n in numbers[::step]], [names.get(n, "") for n in numbers[::step]])
        axes.set_xticks(list(numbers), minor=True)
        axes.tick_params(axis="x", which="minor", length=3, color=style.RULE)
    axes.tick_params(axis="x", which="major", length=0, labelsize=size - 0.5, pad=5)


def number_axis(axes: Axes, low: float, high: float, label: str, size: float, log: bool = False) -> None:
    """The horizontal axis of a number, with its name and unit below."""
    room = box_of(axes).width
    if log:
        axes.set_xscale("log")
        ticks = [m * 10.0**e for e in range(-6, 7) for m in (1, 2, 5) if low <= m * 10.0**e <= high]
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.set_xticks([], minor=True)
    else:
        found = MaxNLocator(max(2, int(room / 0.55)), steps=[1, 2, 5, 10]).tick_values(low, high)
        hair = 1e-9 * (high - low)
        ticks = [tick for tick in found if low - hair <= tick <= high + hair]
        axes.set_xticks(ticks, [style.number(tick, places(ticks)) for tick in ticks])
    axes.tick_params(axis="x", length=2.5, labelsize=size - 0.5, pad=2, color=style.MUTED)
    axes.spines["bottom"].set_color(style.MUTED)
    axis_label(axes, label, size)


def axis_label(axes: Axes, label: str, size: float) -> None:
    """Name and unit below the horizontal axis, on up to two lines."""
    lines = lettering.wrapped(label, box_of(axes).width + 0.5, size - 0.5, most=2)
    axes.set_xlabel("\n".join(lines), fontsize=size - 0.5, labelpad=3)


def end_labels(axes: Axes, ends: Sequence[End], room: float, size: float) -> None:
    """A label beside the end of each line, moved up or down where two would meet. `room` is in inches from the axes' edge."""
    known = [end for end in ends if math.isfinite(end.value)]
    if not known:
        return
    figure, box = axes.figure, box_of(axes)
    assert isinstance(figure, Figure)
    low, high = box.bottom - 0.15, box.top + 0.12
    bottom, top = axes.get_ylim()
    wanted = [box.bottom + (end.value - bottom) / (top - bottom) * box.height for end in known]
    for letters, most in ((size, 4), (size, 3), (size, 2), (size - 0.5, 2), (size - 1, 2), (size - 1, 1), (6.5, 1), (5.5, 1)):
        texts = [lettering.wrapped(end.text, room - 0.42, letters, "bold" if end.bold else "normal", most) for end in known]
        heights = [lettering.height(len(lines), letters) + 0.035 for lines in texts]
        if sum(heights) <= high - low:
            break
    centres = lettering.spread(wanted, heights, low, high)
    for end, lines, y, centre in zip(known, texts, wanted, centres, strict=True):
        _end_label(figure, box.right, y, centre, lines, letters, end)


def _end_label(figure: Figure, edge: float, y: float, centre: float, lines: list[str], size: float, end: End) -> None:
    wide, high = figure.get_size_inches()
    across = np.array([edge + 0.02, edge + 0.09, edge + 0.2]) / wide
    figure.add_artist(Line2D(across, np.array([y, y, centre]) / high, color=end.look.edge, linewidth=0.7))
    figure.add_artist(Line2D([(edge + 0.27) / wide], [centre / high], linestyle="none", **end.look.marker_style(min(6.0, size * 0.72))))
    figure.text(
        (edge + 0.37) / wide,
        centre / high,
        "\n".join(lines),
        size=size,
        weight="bold" if end.bold else "normal",
        va="center",
        linespacing=1.15,
        gid=f"label:{end.key}",
    )
