"""Slope charts: from the baseline to each scenario, an outcome a panel, grey where no change is clear."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.experiment.effects import WINDOW
from abm.experiment.store import ResultsError
from abm.view import frames, sheet, source, style
from abm.view.charts import curves
from abm.view.finding import Change
from abm.view.frames import Cast, Measure
from abm.view.sheet import SLIDE, Box, Drawn, End, Sheet
from abm.view.source import Source

MOST_PANELS, CHIEF_PANELS = 8, 6
UNCLEAR = style.MUTED  # of a slope that may be level


@dataclass(frozen=True)
class Slope:
    """A scenario's way from the baseline's value to its own, as stored, with the difference and its interval."""

    name: str
    title: str
    start: float
    end: float
    change: Change


def slope_figure(given: Source | Path | str, outcomes: Sequence[str] | None = None, scenarios: Sequence[str] | None = None) -> Figure:
    """Each outcome's mean of the last year, from the baseline (left) to every other scenario (right).

    A strong line: the 95 % interval of the difference leaves out zero; a thin one: it does not, or there is none. Raises
    `ResultsError`, also where there is one scenario.
    """
    return slope(source.opened(given), outcomes, scenarios).figure


def slope(origin: Source, outcomes: Sequence[str] | None = None, scenarios: Sequence[str] | None = None, page: Sheet = SLIDE) -> Drawn:
    """The same with its words, on any sheet."""
    names = origin.wanted(outcomes, CHIEF_PANELS)[:MOST_PANELS]
    baseline = str(origin.facts.get("baseline") or origin.scenarios[0])
    wanted = scenarios if scenarios is None or baseline in scenarios else [baseline, *scenarios]
    people = origin.people(names[0], wanted, curves.MOST_NAMED)
    if not people.treatments:
        raise ResultsError(f"{origin.name} has one scenario: there is nothing to set beside it")
    found = {name: _slopes(origin, name, people) for name in names}
    if not any(found.values()):
        raise ResultsError(f"{origin.name} has no scenario that ran beside its baseline: nothing to compare")
    left_out = len(people.titles) - len(people.names)
    note, title = _note(origin, found, left_out), curves.comparison(origin, people, origin.measure(names[0]))
    shown = [(name, slopes) for name, slopes in found.items() if slopes]
    with style.applied():
        figure = sheet.blank(page)
        top = sheet.heading(figure, page, title, source.what_was_run(origin, len(people.titles)), note)
        bottom = sheet.footer(figure, page, origin.facts)
        for box, (name, slopes) in zip(sheet.cells(page, len(shown), top, bottom), shown, strict=True):
            _panel(figure, box, origin.measure(name), slopes, people)
    return Drawn(figure, title, note, _alt(origin, shown, people))


def _slopes(origin: Source, outcome: str, people: Cast) -> list[Slope]:
    rows = origin.effects[(origin.effects["outcome"] == outcome) & origin.effects["scenario"].isin(people.treatments)]
    changes = frames.changes(rows, outcome, people)
    return [
        Slope(
            str(row.scenario),
            people.titles[str(row.scenario)],
            float(row.baseline_mean),
            float(row.scenario_mean),
            changes[str(row.scenario)],
        )
        for row in rows.itertuples(index=False)
        if math.isfinite(row.difference)
    ]


def _note(origin: Source, found: dict[str, list[Slope]], left_out: int) -> str:
    bare = not any(math.isfinite(slope.change.low) for slopes in found.values() for slope in slopes)
    late = min(WINDOW, int(origin.facts.get("quarters") or WINDOW))
    said = f"Means of the last {late} quarters. " if late > 1 else "Means of the last quarter. "
    said += (
        "One run a scenario, so nothing says which differences are luck"
        if bare
        else "Thick line: the difference's 95% interval over runs leaves out zero; thin and dotted: no clear change"
    )
    return said + (f". {left_out} scenarios with smaller effects are not drawn." if left_out else ".")


def _alt(origin: Source, shown: Sequence[tuple[str, list[Slope]]], people: Cast) -> str:
    parts = []
    for name, slopes in shown:
        measure = origin.measure(name)
        ways = [f"{each.title} {measure.level(each.end)}{'' if each.change.clear else ' (no clear change)'}" for each in slopes]
        parts.append(
            f"{measure.words} ({measure.unit}): {people.titles[people.baseline]} {measure.level(slopes[0].start)}; {'; '.join(ways)}."
        )
    return f"Slope chart{'s' if len(shown) > 1 else ''} from the baseline to each scenario. {' '.join(parts)}"


def _panel(figure: Figure, box: Box, measure: Measure, slopes: Sequence[Slope], people: Cast) -> None:
    size = sheet.text_size(box)
    top = sheet.panel_heading(figure, box, measure.words, measure.unit)
    room = min(2.6, 0.45 * box.width)
    axes = sheet.axes(figure, Box(box.left + 0.75, box.bottom + 0.2, box.right - room, top - 0.14), f"axes:{measure.outcome}")
    for each in slopes:
        _line(axes, each, measure.scale, people.looks[each.name])
    start = slopes[0].start * measure.scale
    axes.plot([0], [start], linestyle="none", zorder=5, clip_on=False, gid="start", **style.BASELINE.marker_style(6.5))
    low, high = axes.get_ylim()
    least = 1.0 if measure.percent else 1e-9
    if high - low < least:
        low, high = (low + high - least) / 2, (low + high + least) / 2
    axes.set_ylim(low, high)
    axes.set_xlim(-0.04, 1)
    axes.set_yticks([])
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks([])
    texts = sheet.levels(measure, [slopes[0].start, *(each.end for each in slopes)])
    ends = [
        End(each.name, f"{text} {each.title}", each.end * measure.scale, people.looks[each.name])
        for each, text in zip(slopes, texts[1:], strict=True)
    ]
    sheet.end_labels(axes, ends, room, size - 0.5)
    axes.annotate(
        f"{people.titles[people.baseline] if len(people.titles[people.baseline]) < 12 else 'Baseline'}\n{texts[0]}",
        (0, start),
        xytext=(-7, 0),
        textcoords="offset points",
        ha="right",
        va="center",
        size=size - 0.5,
        weight="bold",
        annotation_clip=False,
        gid="label:start",
    )


def _line(axes: Axes, each: Slope, scale: float, look: style.Look) -> None:
    ends = [each.start * scale, each.end * scale]
    if each.change.clear:
        (line,) = axes.plot([0, 1], ends, color=look.colour, linewidth=2.4, zorder=3, clip_on=False, gid=f"slope:{each.name}")
        look.outline(line)
    else:
        axes.plot([0, 1], ends, color=UNCLEAR, linewidth=1.0, linestyle=(0, (1.5, 1.5)), zorder=2, clip_on=False, gid=f"slope:{each.name}")
