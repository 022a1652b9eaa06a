"""Responses: a figure of outcomes at the levels of one factor of a design, with intervals, and where they cross half-way."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.view import finding, lettering, sheet, source, style
from abm.view.charts.dose import BUILT, Fixed, Response, Tip, distinct, ends_apart, respond, tip
from abm.view.frames import Cast, Measure
from abm.view.sheet import SLIDE, Box, Drawn, End, Sheet
from abm.view.source import Factor, Source

MOST_PANELS, CHIEF_PANELS = 8, 6
MOST_PATHS = 24  # replicates drawn as lines of their own
MOST_DOTS = 400  # single points drawn behind bins
Spans = Mapping[str, tuple[float, float]]  # lowest and highest of an outcome, as stored


def response_figure(
    given: Source | Path | str,
    factor: str,
    outcomes: Sequence[str] | None = None,
    scenarios: Sequence[str] | None = None,
    fixed: Fixed | None = None,
) -> Figure:
    """Dose and response: outcomes at the levels of one factor, a panel an outcome, a line a scenario, 95 % intervals.

    Other factors are averaged over, or held where `fixed` says ({key: value}). Raises `ResultsError`.
    """
    return response(source.opened(given), [factor], outcomes, scenarios, fixed).figure


def response(
    origin: Source,
    factors: Sequence[str],
    outcomes: Sequence[str] | None = None,
    scenarios: Sequence[str] | None = None,
    fixed: Fixed | None = None,
    page: Sheet = SLIDE,
    spans: Spans | None = None,
    title: str | None = None,
) -> Drawn:
    """The same with its words (or a `title` that says more), on any sheet; of several factors a panel each and outcome.

    `spans` are scales to be shared.
    """
    names = origin.wanted(outcomes, max(1, CHIEF_PANELS // len(factors)))
    people = origin.people(names[0], scenarios, 5)
    panels = [(origin.factor(key), name) for name in names for key in factors][:MOST_PANELS]
    found = [[respond(origin, factor.key, name, scenario, fixed) for scenario in _order(people)] for factor, name in panels]
    note, title = _note(found, fixed, origin), title or _title(origin, found)
    with style.applied():
        figure = sheet.blank(page)
        top = sheet.heading(figure, page, title, source.what_was_run(origin, len(people.titles)), note)
        bottom = sheet.footer(figure, page, origin.facts)
        several = len(factors) > 1 or spans is not None
        spans = shared_spans(found) if len(factors) > 1 else spans or {}
        for box, (factor, name), mine in zip(sheet.cells(page, len(panels), top, bottom), panels, found, strict=True):
            measure = origin.measure(name)
            words, unit = (factor.words, f"{measure.words}, {measure.unit}") if several else (measure.words, measure.unit)
            below = sheet.panel_heading(figure, box, words, unit)
            _panel(figure, box, below, measure, mine, people, spans.get(name))
    return Drawn(figure, title, note, _alt(origin, found, people))


def _order(people: Cast) -> list[str]:
    return [*people.treatments, *(name for name in people.names if name == people.baseline)]


# ---- words -------------------------------------------------------------------------------------------------------------------


def _title(origin: Source, found: Sequence[Sequence[Response]]) -> str:
    first = found[0][-1]
    measure, factor = origin.measure(first.outcome), first.factor
    if len({each[0].factor.key for each in found}) > 1:
        return f"{measure.words}: what the design's factors do"
    known = np.flatnonzero(np.isfinite(first.mean))
    if factor.choice or len(known) < 2:
        return f"{measure.words} by {factor.words.lower()}"
    apart, ends = distinct(first), ends_apart(first)
    if apart is False:
        return f"No clear change in {finding.within(measure.noun)} over the range of {factor.words.lower()}"
    if apart and not ends:
        bottom, top = (first.names[int(place)] for place in (np.nanargmin(first.mean), np.nanargmax(first.mean)))
        return f"{measure.noun} is lowest where {factor.words.lower()} is {bottom}, highest where it is {top}"
    words = f"{course(measure, first)} between {factor.words.lower()} {first.names[known[0]]} and {first.names[known[-1]]}"
    return f"{measure.noun} {words}" if ends else f"In single runs, {finding.within(measure.noun)} {words}"


def course(measure: Measure, found: Response) -> str:
    """How the outcome goes from one end of the range to the other: 'falls from 78% to 50%', 'hardly changes (−0.05 points)'."""
    known = np.flatnonzero(np.isfinite(found.mean))
    start, end = (float(found.mean[place]) for place in (known[0], known[-1]))
    if measure.level(start) == measure.level(end):
        return f"hardly changes ({measure.change(end - start)})".replace("\u00a0", " ")
    return f"{'rises' if end > start else 'falls'} from {measure.level(start)} to {measure.level(end)}"


def _note(found: Sequence[Sequence[Response]], fixed: Fixed | None, origin: Source) -> str:
    every = [each for mine in found for each in mine]
    bases = list(dict.fromkeys(each.basis for each in every))
    intervals = any(each.intervals for each in every)
    binned = any(len(each.dots) for each in every)
    said = "Means of the last year"
    said += ", neighbours taken together" if binned else ""
    said += f"; bars: 95% intervals over {bases[0] if len(bases) == 1 else 'design points or replicates'}" if intervals else ""
    if not intervals:
        why = f"over {BUILT}" if BUILT in bases else f"one run each{bases[0].removeprefix('replicates') if len(bases) == 1 else ''}"
        said += f"; no intervals: {why}"
    said += "; pale dots: single design points" if binned else ""
    paths = any(_drawn_paths(each).shape[1] for each in every) and len(found[0]) == 1
    said += "; pale lines: replicates, each with the same luck at every level" if paths else ""
    held = [f"{origin.factor(key).words.lower()} held at {value}" for key, value in (fixed or {}).items()]
    return f"{said}{'; ' if held else ''}{'; '.join(held)}. Dashed: half-way between the extremes, where they are clearly apart."


def _alt(origin: Source, found: Sequence[Sequence[Response]], people: Cast) -> str:
    parts = []
    for mine in found:
        for each in mine:
            measure = origin.measure(each.outcome)
            levels = [f"{name} {measure.level(value)}" for name, value in zip(each.names, each.mean, strict=True)]
            shown = levels if len(levels) <= 6 else [levels[0], levels[len(levels) // 2], levels[-1]]
            who = f", {people.titles[each.scenario]}" if len(mine) > 1 else ""
            parts.append(f"{measure.words} ({measure.unit}) by {each.factor.words.lower()}{who}: {', '.join(shown)}.")
    return " ".join(parts)


# ---- drawing -----------------------------------------------------------------------------------------------------------------


def shared_spans(found: Sequence[Sequence[Response]]) -> dict[str, tuple[float, float]]:
    """Lowest and highest of what is drawn of each outcome, so that its panels can share a scale."""
    spans: dict[str, tuple[float, float]] = {}
    for each in (each for mine in found for each in mine):
        low, high = spans.get(each.outcome, (math.inf, -math.inf))
        values = np.concatenate([each.mean, each.low, each.high, each.dots[:, 1]])
        spans[each.outcome] = (min(low, float(np.nanmin(values))), max(high, float(np.nanmax(values))))
    return spans


def _panel(
    figure: Figure,
    box: Box,
    top: float,
    measure: Measure,
    mine: Sequence[Response],
    people: Cast,
    span: tuple[float, float] | None,
) -> None:
    size = sheet.text_size(box)
    room = min(2.2, 0.34 * box.width) if len(mine) > 1 else 0.12
    axes = sheet.axes(figure, Box(box.left + 0.46, box.bottom + 0.52, box.right - room, top), f"axes:{mine[0].outcome}")
    ends = []
    for place, each in enumerate(mine):
        look = people.looks[each.scenario] if len(mine) > 1 else style.look(0)
        _line(axes, each, measure.scale, look, (place - (len(mine) - 1) / 2) * 0.06, len(mine) == 1 and span is None)
        known = each.mean[np.isfinite(each.mean)]
        if len(known):
            ends.append(End(each.scenario, people.titles[each.scenario], known[-1] * measure.scale, look, each.scenario == people.baseline))
    if span is not None:
        pad = 0.03 * (span[1] - span[0])
        axes.set_ylim((span[0] - pad) * measure.scale, (span[1] + pad) * measure.scale)
    turn = tip(mine[0]) if len(mine) == 1 else None
    sheet.level_axis(axes, measure, size)
    factor_axis(axes, mine[0].factor, mine[0].x, mine[0].names, [each.dots for each in mine], size)
    if turn is not None and turn.times == 1:
        _half_way(axes, turn, measure, mine[0].factor.key, size)
    if len(mine) > 1:
        sheet.end_labels(axes, ends, room, size - 0.5)


def _drawn_paths(each: Response) -> np.ndarray:
    """The replicates that are drawn: none where there are too many to tell apart."""
    return each.paths if each.paths.shape[1] <= MOST_PATHS and not each.factor.choice else each.paths[:, :0]


def _line(axes: Axes, each: Response, scale: float, look: style.Look, shift: float, paths: bool) -> None:
    x = each.x + (shift if each.factor.choice else 0.0)
    for path in _drawn_paths(each).T if paths else ():
        axes.plot(x, path * scale, color=look.colour, alpha=0.25, linewidth=0.8, zorder=1, gid="path")
    if len(each.dots):
        some = each.dots[:: max(1, math.ceil(len(each.dots) / MOST_DOTS))]
        axes.plot(
            some[:, 0], some[:, 1] * scale, linestyle="none", marker="o", markersize=3.0, color=style.GREY, alpha=0.45, zorder=1, gid="dots"
        )
    axes.vlines(x, each.low * scale, each.high * scale, color=look.edge, linewidth=1.2, zorder=2, gid=f"intervals:{each.scenario}")
    joined = "none" if each.factor.choice else look.dash
    (line,) = axes.plot(x, each.mean * scale, color=look.colour, linestyle=joined, linewidth=1.8, zorder=3, gid=f"line:{each.scenario}")
    look.outline(line)
    axes.plot(x, each.mean * scale, linestyle="none", zorder=4, clip_on=False, **look.marker_style(5.0 if len(x) < 15 else 3.0))


def factor_axis(axes: Axes, factor: Factor, x: np.ndarray, names: Sequence[str], dots: Sequence[np.ndarray], size: float) -> None:
    """The horizontal axis of a factor: its levels where they are few, or numbers."""
    label = f"{factor.words} ({factor.unit})" if factor.unit else factor.words
    ends = np.concatenate([x, *(each[:, 0] for each in dots if len(each))])
    low, high = float(ends.min()), float(ends.max())
    if factor.choice:
        axes.set_xlim(-0.5, len(x) - 0.5)
        room = sheet.box_of(axes).width / len(x) - 0.05
        axes.set_xticks(x, ["\n".join(lettering.wrapped(name.replace("_", " "), room, size - 0.5, most=2)) for name in names])
        axes.tick_params(axis="x", length=0, labelsize=size - 0.5, pad=3)
        sheet.axis_label(axes, label, size)
        return
    log = low > 0 and high / low >= 10 and is_log(x)
    pad = 0.04 * (high - low) or 0.5
    axes.set_xlim((low / 1.1, high * 1.1) if log else (low - pad, high + pad))
    sheet.number_axis(axes, low, high, label, size, log)
    if len(x) <= 4 and not any(len(each) for each in dots):
        axes.set_xticks(x, list(names))


def is_log(x: np.ndarray) -> bool:
    """Whether numbers lie more evenly in the logarithm."""
    if len(x) < 3 or x.min() <= 0:
        return False
    plain, log = np.diff(np.sort(x)), np.diff(np.sort(np.log(x)))
    return bool(log.std() / log.mean() < 0.5 * plain.std() / plain.mean())


def _half_way(axes: Axes, turn: Tip, measure: Measure, key: str, size: float) -> None:
    """Dashed lines to where the outcome crosses half-way, with both values."""
    y = turn.level * measure.scale
    left, bottom = axes.get_xlim()[0], axes.get_ylim()[0]
    axes.plot([left, turn.at], [y, y], color=style.MUTED, linewidth=0.9, linestyle=(0, (4, 2)), zorder=1.5, gid="half:level")
    axes.plot([turn.at, turn.at], [bottom, y], color=style.MUTED, linewidth=0.9, linestyle=(0, (4, 2)), zorder=1.5, gid="half:at")
    text = f"{measure.level(turn.level)} at {source.spelled(key, float(f'{turn.at:.2g}'))}"
    axes.annotate(
        text,
        (turn.at, bottom),
        xytext=(3, 3),
        textcoords="offset points",
        size=size - 1,
        color=style.MUTED,
        ha="left" if turn.at < np.mean(axes.get_xlim()) else "right",
        va="bottom",
        gid="half",
        bbox={"facecolor": style.PAPER, "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
    )
