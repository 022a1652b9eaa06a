"""The headline figure: collaboration over time in each scenario, and what each changes at the end, on one slide."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from abm.experiment.effects import WINDOW
from abm.view import finding, frames, lettering, style
from abm.view.frames import Cast, Measure

# Inches. The page from left to right: margin, axis labels, lines, their labels, gap, names of outcomes, dots, numbers, margin.
MARGIN = 0.45
PAGE = style.WIDTH - 2 * MARGIN
FOOT = 1.08  # bottom of the panels
LINES_LEFT, LINES_RIGHT, LABELS_RIGHT = 0.95, 5.95, 8.08
ROWS_LEFT, DOTS_LEFT, DOTS_RIGHT = 8.2, 9.9, 11.75
MOST_ROWS, LEAST_SPAN = 7, 4.0  # rows on the right; least height of the left-hand axis, in its unit of percent
MOST_BANDS = 6  # more would be mud
TICKED = 0.24  # inches of a row for its tick labels
YEAR_LABELS = 6
TITLES = (style.TITLE, style.TITLE - 1, style.TITLE - 2)  # sizes tried, to keep the title on one line
LABELS = ((style.LABEL, 3), (9.0, 3), (8.0, 3), (8.0, 2), (7.0, 2), (7.0, 1))  # sizes and lines tried, to fit all labels


def draw(outcomes: pd.DataFrame, effects: pd.DataFrame, manifest: dict[str, Any], path: Path) -> None:
    """Draw the figure and save it at `path` as a PNG that says in its metadata what it shows and where it comes from.

    `outcomes` has a row a scenario, replicate and quarter; `effects` is made by `abm.experiment.effects`; `manifest` is
    what the results folder says about itself, and any part of it may be missing.
    """
    with style.applied():
        slide = figure(outcomes, effects, manifest)
        slide.savefig(path, format="png", dpi=style.DPI, metadata=metadata(slide, manifest))


def metadata(slide: Figure, facts: Mapping[str, Any]) -> dict[str, str]:
    """Keywords of the PNG: the standard ones and where the numbers come from."""
    texts = {str(text.get_gid()): text.get_text().replace("\n", " ").replace("\u00a0", " ") for text in slide.texts}
    found = finding.provenance(facts)
    return {
        "Title": texts.get("title", ""),
        "Description": texts.get("subtitle", ""),
        "Disclaimer": finding.DISCLAIMER,
        "Copyright": finding.SOURCES,
        "Software": f"abm {found.get('abm_version', '')}, matplotlib {matplotlib.__version__}",
        **found,
    }


def figure(outcomes: pd.DataFrame, effects: pd.DataFrame, manifest: Mapping[str, Any]) -> Figure:
    """The figure itself, not saved; call it inside `style.applied()`."""
    slide = Figure(figsize=(style.WIDTH, style.HEIGHT), dpi=style.DPI)
    FigureCanvasAgg(slide)
    names = frames.measured(outcomes)
    if not names:
        _heading(slide, finding.course("", math.nan, math.nan, "", str), "")
        _footer(slide, manifest)
        return slide
    units = dict(zip(effects["outcome"], effects["unit"], strict=True)) if len(effects) else {}
    main = frames.measure(names[0], str(units.get(names[0], "")))
    people = frames.cast(outcomes, effects, manifest, main.outcome)
    runs = frames.paths(outcomes, main.outcome)
    rows = frames.compared(effects, people, main.outcome, MOST_ROWS)
    top = _heading(slide, _title(runs, effects, people, main, outcomes), _subtitle(outcomes, people, manifest))
    right = LINES_RIGHT if rows else style.WIDTH - MARGIN - (LABELS_RIGHT - LINES_RIGHT)
    order = _lines(slide, runs, outcomes, people, main, top, right)
    if rows:
        late = min(WINDOW, outcomes["quarter"].nunique())
        _differences(slide, effects, people, rows, order, f"last {late} quarters" if late > 1 else "last quarter", top)
    _footer(slide, manifest)
    return slide


# --- words --------------------------------------------------------------------------------------------------------------


def _title(runs: pd.DataFrame, effects: pd.DataFrame, people: Cast, main: Measure, outcomes: pd.DataFrame) -> str:
    changes = list(frames.changes(effects, main.outcome, people).values())
    against = people.titles.get(people.baseline, people.baseline)
    found = finding.finding(main.noun, changes, main.change, against)
    if found:
        whole = lettering.fits(found, PAGE, TITLES[-1], "bold")
        return found if whole else finding.brief(main.noun, changes, main.change, against)
    name = people.baseline if people.baseline in people.titles else people.names[0]
    path = frames.middle(runs, name).dropna()
    quarters = outcomes["quarter"].nunique()
    span = style.count(quarters // 4, "year") if quarters % 4 == 0 else style.count(quarters, "quarter")
    first = float(path.iloc[0]) if len(path) > 1 else math.nan
    words = finding.course(main.noun, first, frames.end(path), span, main.level)
    return f"{people.titles[name]}: {finding.within(words)}" if len(people.titles) > 1 else words


def _subtitle(outcomes: pd.DataFrame, people: Cast, facts: Mapping[str, Any]) -> str:
    quarters = outcomes["quarter"].nunique()
    first = frames.years(outcomes).get(int(outcomes["quarter"].min()) // 4, "")
    runs = outcomes.groupby("scenario")["replicate"].nunique().max()
    text = finding.what_was_run(facts, len(people.titles), int(runs), quarters, first)
    left_out = len(people.titles) - len(people.names)
    return text + (f" · {left_out} with the smallest effects not drawn" if left_out else "")


def _heading(slide: Figure, title: str, subtitle: str) -> float:
    """Title and subtitle; gives where the panels' own headings begin."""
    lines, size = lettering.fitted(title, PAGE, TITLES, "bold")
    below = lettering.write(slide, MARGIN, style.HEIGHT - 0.36, lines, size, "bold", name="title")
    if subtitle:
        lines, size = lettering.fitted(subtitle, PAGE, [style.SUBTITLE, style.LABEL], most=2)
        below = lettering.write(slide, MARGIN, below - 0.06, lines, size, colour=style.MUTED, name="subtitle")
    return below - 0.26


def _footer(slide: Figure, facts: Mapping[str, Any]) -> None:
    below = lettering.write(slide, MARGIN, 0.52, [finding.DISCLAIMER], style.NOTE, "bold", name="disclaimer")
    lettering.write(slide, MARGIN, below, lettering.wrapped(finding.SOURCES, PAGE, style.SMALLEST), style.SMALLEST, colour=style.MUTED)
    stamp = lettering.wrapped(finding.stamp(facts), PAGE - 4.2, style.SMALLEST, most=1)
    if stamp != [""]:
        left = style.WIDTH - MARGIN - lettering.width(stamp[0], style.SMALLEST)
        lettering.write(slide, left, 0.51, stamp, style.SMALLEST, colour=style.MUTED, name="stamp")


def _panel_heading(slide: Figure, left: float, right: float, top: float, words: str, note: str) -> float:
    below = lettering.write(slide, left, top, lettering.wrapped(words, right - left, style.HEADER, "bold", 1), style.HEADER, "bold")
    lines = lettering.wrapped(note, right - left, style.NOTE, most=2)
    return lettering.write(slide, left, below, lines, style.NOTE, colour=style.MUTED)


def _axes(slide: Figure, left: float, bottom: float, right: float, top: float) -> Axes:
    box = (left / style.WIDTH, bottom / style.HEIGHT, (right - left) / style.WIDTH, (top - bottom) / style.HEIGHT)
    axes = slide.add_axes(box)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.set_axisbelow(True)
    return axes


# --- left: over time ----------------------------------------------------------------------------------------------------


def _lines(slide: Figure, runs: pd.DataFrame, outcomes: pd.DataFrame, people: Cast, main: Measure, top: float, right: float) -> list[str]:
    """The lines with their bands and labels; gives the scenarios as the labels stand, from top to bottom."""
    banded = len(people.names) <= MOST_BANDS and runs.shape[1] > len(people.names)
    span = frames.window(int(outcomes["quarter"].max()) - int(outcomes["quarter"].min()) + 1)
    note = "Each point averages the year up to it" if span > 1 else "Each point: one quarter"
    count = int(outcomes.groupby("scenario")["replicate"].nunique().max())
    note += f"; line: mean of {count} runs" if count > 1 else "; one run of each scenario"
    note += "; band: 10th to 90th percentile of runs" if banded else ""
    below = _panel_heading(slide, MARGIN, right + LABELS_RIGHT - LINES_RIGHT, top, f"{main.words}, {main.unit}", note)
    axes = _axes(slide, LINES_LEFT, FOOT, right, below - 0.16)
    ends = {}
    for name in [*people.treatments, *(n for n in people.names if n == people.baseline)]:
        path = frames.middle(runs, name) * main.scale
        if path.notna().any():
            ends[name] = frames.end(path)
            _line(axes, path, people, name, frames.band(runs, name) if banded else None, main.scale)
    _level_axis(axes, main)
    _year_axis(axes, outcomes)
    return _end_labels(slide, axes, ends, people, main)


def _line(axes: Axes, path: pd.Series, people: Cast, name: str, spread: tuple[pd.Series, pd.Series] | None, scale: float) -> None:
    look, base = people.looks[name], name == people.baseline
    x = (path.index.to_numpy() + 1) / 4  # a quarter's value stands at its end; a year is 1
    if spread is not None:
        low, high = (side.to_numpy() * scale for side in spread)
        axes.fill_between(x, low, high, color=look.colour, alpha=0.16, linewidth=0, zorder=1)
    (line,) = axes.plot(
        x, path, color=look.colour, linestyle=look.dash, linewidth=look.width, zorder=4 if base else 3, gid=f"line:{name}", label=name
    )
    look.outline(line)
    every = max(1, round(len(path) / 6))
    place = people.names.index(name)
    first = (place * every) // max(1, len(people.names)) if len(path) > 2 * every else 0
    axes.plot(x[first::every], path.to_numpy()[first::every], linestyle="none", zorder=5, clip_on=False, **look.marker_style(6.0))


def _level_axis(axes: Axes, main: Measure) -> None:
    low, high = axes.get_ylim()
    least = LEAST_SPAN if main.percent else 0.0
    if high - low < least:
        centre = (low + high) / 2
        low, high = centre - least / 2, centre + least / 2
        if low < 0 <= axes.dataLim.y0:
            low, high = 0.0, least
    axes.set_ylim(low, high)
    axes.yaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10]))
    places = _places(axes.get_yticks())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: style.number(value, places) + ("%" if main.percent else "")))
    axes.tick_params(axis="y", length=0, labelsize=style.LABEL)
    axes.grid(axis="y", color=style.RULE, linewidth=0.8)


def _year_axis(axes: Axes, outcomes: pd.DataFrame) -> None:
    """Financial years, each named under its own middle; single quarters in short runs."""
    first, last = int(outcomes["quarter"].min()), int(outcomes["quarter"].max())
    names = frames.years(outcomes)
    if last - first < 8:
        quarters = range(first, last + 1)
        labels = [f"Q{q % 4 + 1}" + (f"\n{names.get(q // 4, '')}" if q == first or q % 4 == 0 else "") for q in quarters]
        axes.set_xlim((first + 0.5) / 4, (last + 1.15) / 4)
        axes.set_xticks([(q + 1) / 4 for q in quarters], labels)
    else:
        axes.set_xlim(first / 4, (last + 1) / 4)
        numbers = range(first // 4, last // 4 + 1)
        step = math.ceil(len(numbers) / YEAR_LABELS)
        axes.set_xticks([n + 0.5 for n in numbers[::step]], [names.get(n, "") for n in numbers[::step]])
        axes.set_xticks(list(numbers), minor=True)
        axes.tick_params(axis="x", which="minor", length=4, color=style.RULE)
    axes.tick_params(axis="x", which="major", length=0, labelsize=style.LABEL, pad=6)


def _end_labels(slide: Figure, axes: Axes, ends: Mapping[str, float], people: Cast, main: Measure) -> list[str]:
    """A label beside the end of each line, moved up or down where two would meet; names from top to bottom."""
    if not ends:
        return people.names
    box = axes.get_position()
    low, high, edge = box.y0 * style.HEIGHT - 0.25, box.y1 * style.HEIGHT + 0.1, box.x1 * style.WIDTH
    bottom, top = axes.get_ylim()
    wanted = [box.y0 * style.HEIGHT + (value - bottom) / (top - bottom) * box.height * style.HEIGHT for value in ends.values()]
    room = LABELS_RIGHT - LINES_RIGHT - 0.52
    weights = {name: "bold" if name == people.baseline else "normal" for name in ends}
    for size, most in LABELS:
        texts = {
            name: lettering.wrapped(f"{people.titles[name]} {main.level(value / main.scale)}", room, size, weights[name], most)
            for name, value in ends.items()
        }
        heights = [lettering.height(len(lines), size) + 0.07 for lines in texts.values()]
        if sum(heights) <= high - low:
            break
    centres = dict(zip(ends, lettering.spread(wanted, heights, low, high), strict=True))
    for name, y in zip(ends, wanted, strict=True):
        _end_label(slide, edge, y, centres[name], texts[name], size, people.looks[name], weights[name], name)
    shown = sorted(centres, key=lambda name: -centres[name])
    return [*shown, *(name for name in people.names if name not in shown)]


def _end_label(
    slide: Figure, edge: float, y: float, centre: float, lines: list[str], size: float, look: style.Look, weight: str, name: str
) -> None:
    wide, high = style.WIDTH, style.HEIGHT
    across = np.array([edge + 0.03, edge + 0.12, edge + 0.28]) / wide
    slide.add_artist(Line2D(across, np.array([y, y, centre]) / high, color=look.edge, linewidth=0.8))
    slide.add_artist(Line2D([(edge + 0.34) / wide], [centre / high], linestyle="none", **look.marker_style(7.0)))
    slide.text(
        (edge + 0.46) / wide, centre / high, "\n".join(lines), size=size, weight=weight, va="center", linespacing=1.15, gid=f"label:{name}"
    )


# --- right: the end, against the baseline -------------------------------------------------------------------------------


def _differences(
    slide: Figure, effects: pd.DataFrame, people: Cast, rows: list[Measure], order: list[str], ending: str, top: float
) -> None:
    treatments = [name for name in order if name != people.baseline]
    known = any(math.isfinite(change.low) for row in rows for change in frames.changes(effects, row.outcome, people).values())
    title = people.titles.get(people.baseline, people.baseline)
    note = "Percentage points; " if all(row.percent for row in rows) else "Percentage points or own unit; "
    note += ("bars: 95% intervals over runs; " if known else "one run, so no intervals; ") + "each row has its own scale"
    note += "" if len(treatments) == 1 else "; order as the labels on the left"
    words = f"Difference from {finding.within(title)}, {ending}"
    below = _panel_heading(slide, ROWS_LEFT, style.WIDTH - MARGIN, top, words, note) - 0.1
    # A dot needs some 0.075 inches; with many treatments there is room for fewer rows.
    fit = int((below - FOOT + TICKED) / (TICKED + 0.075 * (len(treatments) + 0.5)))
    rows = rows[: max(3, min(len(rows), fit))]
    tall = min((below - FOOT + TICKED) / len(rows), TICKED + max(1.1, 0.45 * len(treatments)))
    for place, row in enumerate(rows):
        ceiling = below - place * tall
        _row(slide, row, frames.changes(effects, row.outcome, people), treatments, people, ceiling, ceiling - tall + TICKED)


def _row(slide: Figure, row: Measure, found: Mapping[str, Any], treatments: list[str], people: Cast, top: float, bottom: float) -> None:
    gap = (top - bottom) / max(1, len(treatments))  # inches from dot to dot
    numbered = gap * 72 >= style.NOTE
    axes = _axes(slide, DOTS_LEFT, bottom, DOTS_RIGHT if numbered else style.WIDTH - MARGIN - 0.1, top)
    axes.axvline(0, color=style.MUTED, linewidth=1.0, zorder=1)
    size = min(6.5, gap * 72 * 0.85)
    values = [change[1:] for change in found.values()]
    largest = max((abs(value) for change in values for value in change if math.isfinite(value)), default=0.0)
    places = max(1, style.decimals(row.scale * largest)) if largest else 1
    for place, name in enumerate(treatments):
        difference, low, high = (row.scale * value for value in found[name][1:]) if name in found else (math.nan,) * 3
        look = people.looks[name]
        if math.isfinite(low):
            axes.plot([low, high], [place, place], color=look.edge, linewidth=1.6, zorder=2, solid_capstyle="butt", gid=f"interval:{name}")
        axes.plot([difference], [place], linestyle="none", zorder=3, gid=f"dot:{row.outcome}:{name}", **look.marker_style(size))
        if numbered:
            at = (style.WIDTH - MARGIN - DOTS_LEFT) / (DOTS_RIGHT - DOTS_LEFT)
            text = style.number(difference, places, sign=True)
            axes.text(at, place, text, transform=axes.get_yaxis_transform(), size=style.NOTE, ha="right", va="center")
    axes.set_ylim(max(1, len(treatments)) - 0.5, -0.5)
    _difference_axis(axes, np.array(values, dtype=float) * row.scale)
    lines = lettering.wrapped(row.words, DOTS_LEFT - ROWS_LEFT - 0.1, 9.5, "bold", 2)
    unit = lettering.wrapped(row.unit, DOTS_LEFT - ROWS_LEFT - 0.1, style.SMALLEST, most=1)
    start = (top + bottom) / 2 + (lettering.height(len(lines), 9.5) + lettering.height(1, style.SMALLEST)) / 2
    below = lettering.write(slide, ROWS_LEFT, start, lines, 9.5, "bold", name=f"row:{row.outcome}")
    lettering.write(slide, ROWS_LEFT, below, unit, style.SMALLEST, colour=style.MUTED)


def _places(ticks: Sequence[float] | np.ndarray) -> int:
    """Decimals that the step between ticks asks for."""
    step = abs(ticks[1] - ticks[0]) if len(ticks) > 1 else 1.0
    return max(0, -math.floor(math.log10(step) + 1e-9))


def _difference_axis(axes: Axes, values: np.ndarray) -> None:
    """A scale that holds zero and all dots and intervals, with a few ticks."""
    finite = np.append(values[np.isfinite(values)], 0.0)
    low, high = finite.min(), finite.max()
    if high - low == 0:
        low, high = -1.0, 1.0
    pad = 0.08 * (high - low)
    axes.set_xlim(low - pad, high + pad)
    axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10], min_n_ticks=2))
    ticks = [tick for tick in axes.get_xticks() if low - pad <= tick <= high + pad]
    axes.set_xticks(ticks, [style.number(tick, _places(ticks), sign=True) for tick in ticks])
    axes.tick_params(axis="x", length=2.5, labelsize=style.SMALLEST, pad=1.5, color=style.RULE)
    axes.tick_params(axis="y", left=False, labelleft=False)
    axes.spines["bottom"].set_color(style.RULE)
    axes.grid(axis="x", color=style.RULE, linewidth=0.6)
