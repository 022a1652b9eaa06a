"""Curves: the course of outcomes in each scenario, a small panel each, with the spread over runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.experiment.effects import WINDOW
from abm.experiment.store import ResultsError
from abm.view import finding, frames, lettering, sheet, source, style
from abm.view.frames import Cast, Measure
from abm.view.sheet import SLIDE, Box, Drawn, End, Sheet
from abm.view.source import Source

Middle = Literal["mean", "median"]
By = Literal["kind", "region"]
MOST_PANELS, MOST_BANDS, MOST_POINTS = 12, 6, 9
CHIEF_PANELS = 6
MOST_NAMED = 6  # lines with their names at their ends; more get a key
KINDS = {"region": "Regions", "icb": "ICBs", "provider": "Providers", "council": "Councils"}


@dataclass(frozen=True)
class Who:
    """One line of every panel: a scenario, at one design point or (None) at all of them."""

    key: str
    scenario: str
    point: int | None
    title: str
    look: style.Look
    base: bool = False


@dataclass(frozen=True)
class Course:
    """A line and the ends of its band, by quarter; how many runs it is of. Values are as stored."""

    who: Who
    middle: pd.Series
    low: pd.Series
    high: pd.Series
    runs: int


@dataclass
class Panel:
    """What one panel shows."""

    words: str
    measure: Measure
    courses: list[Course] = field(default_factory=list)


def curves_figure(
    given: Source | Path | str,
    outcomes: Sequence[str] | None = None,
    scenarios: Sequence[str] | None = None,
    by: By | None = None,
    middle: Middle = "mean",
) -> Figure:
    """The course of `outcomes` (the chief ones when None) in `scenarios` (all when None), with a band of 10 to 90 % over runs.

    `by` 'kind' or 'region' makes a panel for each; `middle` is what the lines are: mean or median over runs. Raises `ResultsError`.
    """
    return curves(source.opened(given), outcomes, scenarios, by, middle).figure


def curves(
    origin: Source,
    outcomes: Sequence[str] | None = None,
    scenarios: Sequence[str] | None = None,
    by: By | None = None,
    middle: Middle = "mean",
    page: Sheet = SLIDE,
) -> Drawn:
    """The same with its words, on any sheet."""
    if by not in (None, "kind", "region"):
        raise ResultsError(f"by is 'kind' or 'region'; got {by!r}")
    if middle not in ("mean", "median"):
        raise ResultsError(f"middle is 'mean' or 'median'; got {middle!r}")
    names = origin.wanted(outcomes, 1 if by == "region" else 2 if by else CHIEF_PANELS)[:MOST_PANELS]
    people = origin.people(names[0], scenarios, MOST_NAMED if len(names) > 1 or by or not page.titled else style.MOST_LOOKS)
    lines = cast_lines(origin, people)
    panels, years, extra = _panels(origin, names, lines, by, middle)
    if not any(course.middle.notna().any() for panel in panels for course in panel.courses):
        raise ResultsError(f"{origin.name} has no finished run: nothing to draw")
    left_out = len(people.titles) - len(people.names)
    note = how_to_read(panels, lines, origin, middle, extra)
    note += f" {left_out} scenarios with smaller effects are not drawn." if left_out else ""
    title = _title(origin, panels, people, by)
    with style.applied():
        figure = sheet.blank(page)
        top = sheet.heading(figure, page, title, source.what_was_run(origin, len(people.titles)), note)
        bottom = sheet.footer(figure, page, origin.facts)
        crowded = len(lines) > 1 and (len(panels) > CHIEF_PANELS or len(lines) > MOST_NAMED)
        if crowded:
            top = sheet.key(figure, page, top, [(line.title, line.look) for line in lines])
        drawn = [
            _draw(figure, box, panel, years, not crowded)
            for box, panel in zip(sheet.cells(page, len(panels), top, bottom), panels, strict=True)
        ]
        if by is not None:
            _share_levels(drawn, panels)
        for (axes, ends, room), panel in zip(drawn, panels, strict=True):
            size = sheet.text_size(sheet.box_of(axes))
            sheet.level_axis(axes, panel.measure, size)
            sheet.end_labels(axes, ends, room, size - 0.5)
    return Drawn(figure, title, note, _alt(panels, years))


# ---- what is drawn -----------------------------------------------------------------------------------------------------------


def cast_lines(origin: Source, people: Cast) -> list[Who]:
    """The lines: a scenario each; of one scenario with a few design points, a point each."""
    points = list(origin.points.index)
    if len(people.names) == 1 and 1 < len(points) <= MOST_POINTS:
        name = people.names[0]
        return [Who(f"{name}:{p}", name, p, _capital(source.named(origin, p)), style.look(i)) for i, p in enumerate(points)]
    every = None if len(points) > 1 else points[0]
    lines = [Who(name, name, every, people.titles[name], people.looks[name], name == people.baseline) for name in people.names]
    return sorted(lines, key=lambda line: line.base)  # the baseline is drawn last, on top


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _panels(
    origin: Source, names: Sequence[str], lines: Sequence[Who], by: By | None, middle: Middle
) -> tuple[list[Panel], dict[int, str], str]:
    """The panels in their order, the names of the years by their number, and a remark on where the numbers come from."""
    panels: dict[tuple[str, str], Panel] = {}
    years: dict[int, str] = {}
    extra = ""
    called = group_names(origin, by)
    for name in names:
        measure = origin.measure(name)
        for line in lines:
            if by is None:
                keys = ["point", "replicate", "quarter", "year", name]
                rows = origin.read("outcomes", [key for key in keys if key in origin.columns("outcomes")], [line.scenario])
            else:
                rows, told = source.grouped(origin, by, name, line.scenario, line.point)
                extra = told or extra
            rows = rows if line.point is None or "point" not in rows else rows[rows["point"] == line.point]
            years |= frames.years(rows) if len(rows) else {}
            for group, part in [("", rows)] if by is None else [(str(g), part) for g, part in rows.groupby(by, sort=False)]:
                words = measure.words if by is None else called.get(group, group)
                words = f"{measure.words}: {words}" if by is not None and len(names) > 1 else words
                panel = panels.setdefault((name, group), Panel(words, measure))
                panel.courses.append(course(line, part, name, middle))
    found = [panel for panel in panels.values() if any(each.middle.notna().any() for each in panel.courses)]
    return found[:MOST_PANELS], years, extra


def group_names(origin: Source, by: str | None) -> dict[str, str]:
    """Names of kinds or regions by code; a code that is not of England stays as it is."""
    if by != "region":
        return KINDS
    with resources.files("abm.england").joinpath("data/world_regions.csv").open(encoding="utf-8") as stream:
        table = pd.read_csv(stream)
    return dict(zip(table["code"], table["name"], strict=True))


def course(who: Who, rows: pd.DataFrame, outcome: str, middle: Middle) -> Course:
    """The line of some runs and its band: each run smoothed over a year, then the middle and quantiles over runs."""
    known = pd.to_numeric(rows[outcome], errors="coerce").replace([np.inf, -np.inf], np.nan)
    keys = [rows[name] for name in ("point", "replicate") if name in rows]
    wide = known.groupby([rows["quarter"], *keys]).mean().unstack(list(range(1, len(keys) + 1)))
    if wide.empty:
        nothing = pd.Series(dtype=float)
        return Course(who, nothing, nothing, nothing, 0)
    quarters = wide.index.to_numpy()
    if len(quarters) < 2 or np.diff(quarters).min() < WINDOW:  # else a row is a year already
        wide = wide.reindex(range(int(quarters.min()), int(quarters.max()) + 1))
        span = frames.window(len(wide))
        wide = wide.rolling(span, min_periods=1).mean().iloc[span - 1 :]
    centre = wide.median(axis=1) if middle == "median" else wide.mean(axis=1)
    low, high = (wide.quantile(q, axis=1) for q in frames.BAND)
    return Course(who, centre, low, high, int(wide.notna().any().sum()))


# ---- words -------------------------------------------------------------------------------------------------------------------


def comparison(origin: Source, people: Cast, measure: Measure, room: float = SLIDE.width - 2 * SLIDE.margin) -> str:
    """The finding on an outcome against the baseline, in few words where the whole does not fit; '' where there is none."""
    changes = list(frames.changes(origin.effects, measure.outcome, people).values())
    against = people.titles.get(people.baseline, people.baseline)
    words = finding.finding(measure.noun, changes, measure.change, against)
    whole = not words or lettering.fits(words, room, sheet.TITLES[-1], "bold")
    return words if whole else finding.brief(measure.noun, changes, measure.change, against)


def _title(origin: Source, panels: Sequence[Panel], people: Cast, by: str | None) -> str:
    first = panels[0]
    if by is None and len(people.titles) > 1 and len(origin.points) == 1:
        found = comparison(origin, people, first.measure)
        if found:
            return found
    if by is not None:
        return f"{first.measure.words} by {'kind of organisation' if by == 'kind' else 'region'}"
    if len(first.courses) > 1 or len(origin.points) > 1:
        points = f" at {len(origin.points)} design points" if len(origin.points) > 1 else ""
        return f"{first.measure.words}: its course{points}"
    path = first.courses[0].middle.dropna()
    quarters = int(origin.facts.get("quarters") or len(path))
    span = style.count(quarters // 4, "year") if quarters % 4 == 0 else style.count(quarters, "quarter")
    start = float(path.iloc[0]) if len(path) > 1 else math.nan
    words = finding.course(first.measure.noun, start, frames.end(path), span, first.measure.level)
    return words if first.courses[0].runs > 1 else f"In a single run, {finding.within(words)}"


def how_to_read(panels: Sequence[Panel], lines: Sequence[Who], origin: Source, middle: Middle, extra: str) -> str:
    """What lines, bands and points are; that there is no band, where there is none."""
    counts = {each.runs for panel in panels for each in panel.courses if each.runs}
    few, many = min(counts), max(counts)
    over = "runs and design points" if len(origin.points) > 1 and lines[0].point is None else "runs"
    if many == 1:
        said = "One run a line: no band, and what differs may be luck"
    else:
        said = f"Line: {middle} of {many if few == many else f'{few} to {many}'} runs"
        said += f" over {len(origin.points)} design points" if over != "runs" else ""
        said += f"; band: 10th to 90th percentile of {over}" if len(lines) <= MOST_BANDS else "; no bands, for there are too many lines"
    if all(each.middle.notna().sum() <= 1 for panel in panels for each in panel.courses):
        last = origin.facts.get("quarters", 0) or 0
        return (
            f"{said}. One point in time{': the folder keeps the last year alone' if last > WINDOW else ''}{f'. {extra}' if extra else ''}."
        )
    steps = {int(np.diff(each.middle.index).min()) for panel in panels for each in panel.courses if len(each.middle) > 1}
    first = min((int(each.middle.index.min()) for panel in panels for each in panel.courses if len(each.middle)), default=0)
    smoothed = max(steps, default=1) >= WINDOW or first >= WINDOW - 1
    said += ". Each point averages the year up to it" if smoothed else ". Each point: one quarter"
    return f"{said}{f'. {extra}' if extra else ''}."


def _alt(panels: Sequence[Panel], years: Mapping[int, str]) -> str:
    span = f" from {years[min(years)]} to {years[max(years)]}" if len(years) > 1 else ""
    parts = []
    for panel in panels:
        ends = [f"{each.who.title} {panel.measure.level(frames.end(each.middle))}" for each in reversed(panel.courses)]
        parts.append(f"{panel.words} ({panel.measure.unit}), at the end: {'; '.join(ends)}.")
    return f"Line chart{'s' if len(panels) > 1 else ''} over time{span}. {' '.join(parts)}"


# ---- drawing -----------------------------------------------------------------------------------------------------------------


def _share_levels(drawn: Sequence[tuple[Axes, list[End], float]], panels: Sequence[Panel]) -> None:
    """Give panels of one outcome one scale, so that groups can be compared."""
    for outcome in {panel.measure.outcome for panel in panels}:
        mine = [axes for (axes, _, _), panel in zip(drawn, panels, strict=True) if panel.measure.outcome == outcome]
        spans = np.array([axes.get_ylim() for axes in mine])
        for axes in mine:
            axes.set_ylim(spans[:, 0].min(), spans[:, 1].max())


def _draw(figure: Figure, box: Box, panel: Panel, years: Mapping[int, str], named: bool) -> tuple[Axes, list[End], float]:
    """A panel's lines and time; gives its axes, the labels of its lines and the room for them."""
    size = sheet.text_size(box)
    top = sheet.panel_heading(figure, box, panel.words, panel.measure.unit)
    room = min(2.2, 0.34 * box.width) if named else 0.85
    axes = sheet.axes(figure, Box(box.left + 0.46, box.bottom + 0.3, box.right - room, top), f"axes:{panel.words}")
    banded = len(panel.courses) <= MOST_BANDS
    drawn = [each for each in panel.courses if each.middle.notna().any()]
    values = [frames.end(each.middle) for each in drawn]
    ends = []
    for place, (each, value, level) in enumerate(zip(drawn, values, sheet.levels(panel.measure, values), strict=True)):
        _line(axes, each, panel.measure.scale, banded, place, len(drawn))
        text = f"{level} {each.who.title}" if named and len(panel.courses) > 1 else level
        ends.append(End(each.who.key, text, value * panel.measure.scale, each.who.look, each.who.base))
    quarters = np.unique(np.concatenate([each.middle.index for each in drawn]))
    if len(quarters) == 1:
        _one_time(axes, int(quarters[0]), years, size)
    else:
        span = frames.window(int(quarters.max()) + 1) - 1
        sheet.year_axis(axes, max(0, int(quarters.min()) - span), int(quarters.max()), years, size)
    return axes, ends, room


def _one_time(axes: Axes, quarter: int, years: Mapping[int, str], size: float) -> None:
    """The axis of a single point in time: its quarter, or its year where a row is a year."""
    year = years.get(quarter // 4, "")
    axes.set_xlim((quarter + 0.5) / 4, (quarter + 1.5) / 4)
    axes.set_xticks([(quarter + 1) / 4], [f"mean of {year}" if quarter >= WINDOW else f"Q{quarter % 4 + 1} {year}"])
    axes.tick_params(axis="x", length=0, labelsize=size - 0.5, pad=5)


def _line(axes: Axes, each: Course, scale: float, banded: bool, place: int, count: int) -> None:
    look, path = each.who.look, each.middle * scale
    x = (path.index.to_numpy() + 1) / 4  # a quarter's value stands at its end; a year is 1
    if len(path) == 1:
        x = x + 0.2 * ((place + 0.5) / count - 0.5)  # side by side
    if banded and each.runs > 1 and len(path) > 1:
        axes.fill_between(
            x, each.low * scale, each.high * scale, color=look.colour, alpha=0.16, linewidth=0, zorder=1, gid=f"band:{each.who.key}"
        )
    elif banded and each.runs > 1:  # one point in time: the band is a bar
        axes.plot(
            [x[0]] * 2, [each.low.iloc[0] * scale, each.high.iloc[0] * scale], color=look.edge, linewidth=1.2, gid=f"bar:{each.who.key}"
        )
    wide = 2.2 if each.who.base else 1.6
    (line,) = axes.plot(
        x, path, color=look.colour, linestyle=look.dash, linewidth=wide, zorder=4 if each.who.base else 3, gid=f"line:{each.who.key}"
    )
    look.outline(line)
    every = max(1, round(len(path) / 4))
    first = (place * every) // max(1, count) if len(path) > 2 * every else 0
    axes.plot(x[first::every], path.to_numpy()[first::every], linestyle="none", zorder=5, clip_on=False, **look.marker_style(4.5))
