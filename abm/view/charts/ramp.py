"""There and back: an outcome against the lever that rises and falls, and how far the way back is from the way there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import Normal, Stroke

from abm.analysis.hysteresis import schedule, ways
from abm.config.design.ramp import DIRECTION
from abm.experiment.effects import WINDOW
from abm.experiment.store import ResultsError
from abm.view import frames, sheet, source, style
from abm.view.charts.dose import Interval, interval
from abm.view.frames import Measure
from abm.view.sheet import SLIDE, Box, Drawn, Sheet
from abm.view.source import Factor, Source

MOST_PANELS = 6
SLIGHT = 0.1  # points: a gap of less is none, clear or not
THERE, BACK = style.Look(style.NAVY, "-", ">", 2.0), style.Look(style.PLUM, (0, (5, 1.6)), "<", 2.0)


@dataclass(frozen=True)
class Loop:
    """One point of a ramp: the lever's values, and the outcome on the way there and back, a row a value and a column a run.

    `gap` is back less there, averaged over the lever's range; `left` the same at the value where the ramp began; `later` the
    run's last year less the last before the ramp, where the run goes on for `rest` quarters, a year at least. As stored.
    """

    point: int
    title: str
    lever: np.ndarray
    there: np.ndarray
    back: np.ndarray
    gap: Interval
    left: Interval
    later: Interval
    rest: int

    @property
    def rises(self) -> bool:
        """Whether the lever goes up first."""
        return bool(self.lever[-1] > self.lever[0])


def ramp_figure(
    given: Source | Path | str, outcome: str = "collaborative_share", lever: str | None = None, scenario: str | None = None
) -> Figure:
    """An outcome against the lever on its way there and back, a panel a speed and direction, and the area between the two ways.

    `lever` is the first of the design when None, `scenario` the baseline. Raises `ResultsError` where the design is no ramp.
    """
    return ramp(source.opened(given), outcome, lever, scenario).figure


def ramp(
    origin: Source,
    outcome: str = "collaborative_share",
    lever: str | None = None,
    scenario: str | None = None,
    page: Sheet = SLIDE,
    points: Sequence[int] | None = None,
    title: str | None = None,
) -> Drawn:
    """The same with its words (or a `title` that says more), on any sheet; `points` are those drawn (the first six when None)."""
    factor, found = loops(origin, outcome, lever, scenario)
    shown = found[:MOST_PANELS] if points is None else [loop for loop in found if loop.point in points]
    measure = origin.measure(outcome)
    title, note = title or _title(measure, found), _note(origin, factor, shown)
    with style.applied():
        figure = sheet.blank(page)
        top = sheet.heading(figure, page, title, source.what_was_run(origin, 1), note)
        bottom = sheet.footer(figure, page, origin.facts)
        values = np.concatenate([part.ravel() for loop in shown for part in (loop.there, loop.back)]) * measure.scale
        for box, loop in zip(sheet.cells(page, len(shown), top, bottom), shown, strict=True):
            _panel(figure, box, loop, measure, factor, (float(np.nanmin(values)), float(np.nanmax(values))))
    return Drawn(figure, title, note, _alt(measure, factor, shown))


# ---- numbers -----------------------------------------------------------------------------------------------------------------


def loops(origin: Source, outcome: str, lever: str | None = None, scenario: str | None = None) -> tuple[Factor, list[Loop]]:
    """The lever, and the loop of every point of the ramp. Raises `ResultsError`."""
    if DIRECTION not in origin.points:
        raise ResultsError(f"{origin.name} is no ramp: there is no way there and back (docs/designs.md, kind: ramp)")
    (outcome,) = origin.wanted([outcome], 1)
    levers = [key for key in origin.factors if not key.startswith("ramp.")]
    factor = origin.factor(lever) if lever is not None else origin.factors[levers[0]]
    name = scenario or str(origin.facts.get("baseline") or origin.scenarios[0])
    origin.people(outcome, [name])  # refuses one that there is not
    rows = origin.read("outcomes", ["point", "replicate", "quarter", outcome], [name])
    found = []
    for point in origin.points.index:
        mine = rows[rows["point"] == point]
        if len(mine):
            found.append(_loop(origin, factor, int(point), mine, outcome))
    if not found:
        raise ResultsError(f"{origin.name} has no finished run of {name}: nothing to draw")
    return factor, found


def _loop(origin: Source, factor: Factor, point: int, rows: pd.DataFrame, outcome: str) -> Loop:
    wide = rows.pivot(index="quarter", columns="replicate", values=outcome)
    quarters = int(origin.facts.get("quarters") or wide.index.max() + 1)
    setting = schedule(str(origin.points.loc[point, factor.key]), quarters)
    there, back = ways(setting)
    if not {*there, *back} <= set(wide.index):
        raise ResultsError(f"{origin.name} does not keep every quarter of its ramps: they need `every: quarter`")
    if len(there) != len(back):
        raise ResultsError(f"the ramp of point {point} of {origin.name} does not come all the way back")
    a, b = wide.loc[there].to_numpy(), wide.loc[back].to_numpy()[::-1]
    levels = setting[there]
    width = np.gradient(levels) if len(levels) > 1 else np.ones(1)
    gaps = ((b - a) * np.abs(width)[:, None]).sum(axis=0) / np.abs(width).sum()
    rest = int(wide.index.max()) - int(back[-1])
    late, early = wide.loc[wide.index > wide.index.max() - WINDOW], wide.loc[(wide.index <= there[0]) & (wide.index > there[0] - WINDOW)]
    later = interval((late.mean() - early.mean()).to_numpy()) if rest >= WINDOW else Interval(math.nan, math.nan, math.nan)
    return Loop(point, source.named(origin, point), levels, a, b, interval(gaps), interval((b - a)[0]), later, rest)


# ---- words -------------------------------------------------------------------------------------------------------------------


def amount(measure: Measure, found: Interval) -> str:
    """A difference with its interval: '−12 points (95% −13 to −11)'."""
    if not math.isfinite(found.low):
        return f"{measure.change(found.mean)} (one run)"
    low, high = (measure.change(end).rpartition("\u00a0")[0] for end in (found.low, found.high))
    return f"{measure.change(found.mean)} (95% {low} to {high})"


def _title(measure: Measure, found: Sequence[Loop]) -> str:
    """What the way back is beside the way there, at all speeds and directions together."""
    clear = [loop for loop in found if loop.gap.clear]
    if not any(math.isfinite(loop.gap.low) for loop in found):
        return f"{measure.words}, there and back: one run each"
    if not clear:
        return f"{measure.noun} goes back the way it came: no clear gap"
    if measure.percent and all(abs(loop.gap.mean) * measure.scale < SLIGHT for loop in clear):
        return f"{measure.noun} goes back the way it came, to within {SLIGHT} points"
    widest = max(clear, key=lambda loop: abs(loop.gap.mean))
    how = f"{measure.change(widest.gap.mean)} on average".replace("\u00a0", " ")
    return f"{measure.noun} does not go back the way it came ({how}, {widest.title.split(',')[0]} first)"


def _note(origin: Source, factor: Factor, shown: Sequence[Loop]) -> str:
    others = [each.words.lower() for key, each in origin.factors.items() if key != factor.key and not key.startswith("ramp.")]
    runs = max(loop.there.shape[1] for loop in shown)
    said = f"A point: one quarter, mean of {style.count(runs, 'run')}" + (
        "; thin bars: 10th to 90th percentile" if runs > 1 else "; no band"
    )
    said += f". {' and '.join(others).capitalize()} move{'s' if len(others) == 1 else ''} with it" if others else ""
    return f"{said}. Gap: way back less way there, averaged over the lever's range; time passes too, and may be part of it."


def _alt(measure: Measure, factor: Factor, shown: Sequence[Loop]) -> str:
    parts = [f"{loop.title}: the way back lies {amount(measure, loop.gap)} from the way there." for loop in shown]
    return f"{measure.words} ({measure.unit}) against {factor.words.lower()}, there and back. {' '.join(parts)}".replace("\u00a0", " ")


# ---- drawing -----------------------------------------------------------------------------------------------------------------


def _panel(figure: Figure, box: Box, loop: Loop, measure: Measure, factor: Factor, span: tuple[float, float]) -> None:
    size = sheet.text_size(box)
    gap = f"{measure.words}, {measure.unit}; gap {amount(measure, loop.gap)}"
    top = sheet.panel_heading(figure, box, loop.title[:1].upper() + loop.title[1:], gap)
    axes = sheet.axes(figure, Box(box.left + 0.46, box.bottom + 0.52, box.right - 0.1, top), f"axes:{loop.point}")
    there, back = (np.nanmean(part, axis=1) * measure.scale for part in (loop.there, loop.back))
    axes.fill_between(loop.lever, there, back, color=style.SKY, alpha=0.25, linewidth=0, zorder=1, gid="gap")
    for name, values, runs, way in (("there", there, loop.there, THERE), ("back", back, loop.back, BACK)):
        right = loop.rises == (name == "there")
        look = way._replace(marker=">" if right else "<")
        every = max(1, len(values) // 8)
        axes.plot(loop.lever, values, color=look.colour, linestyle=look.dash, linewidth=look.width, zorder=3, gid=f"{name}:{loop.point}")
        axes.plot(loop.lever[::every], values[::every], linestyle="none", zorder=4, clip_on=False, **look.marker_style(5.0))
        if runs.shape[1] > 1:
            low, high = (np.nanquantile(runs, q, axis=1) * measure.scale for q in frames.BAND)
            axes.vlines(loop.lever, low, high, color=look.colour, alpha=0.35, linewidth=1.0, zorder=2)
    axes.plot([loop.lever[-1]] * 2, [there[-1], back[-1]], color=style.MUTED, linewidth=1.0, linestyle=(0, (1, 1.5)), zorder=2, gid="stay")
    pad = 0.06 * (span[1] - span[0])
    axes.set_ylim(span[0] - pad, span[1] + pad)
    low, high = float(loop.lever.min()), float(loop.lever.max())
    axes.set_xlim(low - 0.02 * (high - low), high + 0.02 * (high - low))
    sheet.level_axis(axes, measure, size)
    sheet.number_axis(axes, low, high, f"{factor.words} ({factor.unit})", size)
    _name_ways(axes, loop, there, back, size)


def _name_ways(axes: Axes, loop: Loop, there: np.ndarray, back: np.ndarray, size: float) -> None:
    """A name at each way, where the two are farthest apart, on its outer side."""
    place = int(np.nanargmax(np.abs(back - there)[1:-1])) + 1 if len(there) > 2 else 0
    words = ("way up", "way down") if loop.rises else ("way down", "way up")
    above = there[place] >= back[place]
    for text, values, look, over in ((words[0], there, THERE, above), (words[1], back, BACK, not above)):
        label = axes.annotate(
            text,
            (loop.lever[place], values[place]),
            xytext=(0, 9 if over else -9),
            textcoords="offset points",
            ha="center",
            va="bottom" if over else "top",
            size=size,
            weight="bold",
            color=look.colour,
            zorder=6,
            gid=f"way:{text}",
        )
        label.set_path_effects([Stroke(linewidth=2.5, foreground=style.PAPER), Normal()])
