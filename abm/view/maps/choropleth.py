"""A map of one number a system, drawn: areas in colour with their ranks, London enlarged, colour bar, and the list of all systems."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, Normalize, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from abm.experiment.store import ResultsError
from abm.view import lettering, places, style
from abm.view.network import layouts, paint
from abm.view.network.looks import DIVERGING, FRONT
from abm.view.network.page import MARGIN, OUTLINES, Page
from abm.view.network.scene import choice
from abm.view.places import Outline, Points

LAYOUTS = ("map", "hex")
HEIGHT = 8.6  # inches
LIST = 5.7  # inches of the list on the right
ROW = 0.158  # inches at most, of a line of the list
NAMES = 3.3  # inches of the names in it
MOST_ROWS = 44  # more systems than that: the ends of the list only
CROWDED = "Y56"  # London, enlarged
MISSING, HATCH = style.PAPER, "////"


def round_up(value: float) -> float:
    """The least of some round numbers that is not below `value`; 0 for 0."""
    if value <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(digit * power for digit in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if digit * power >= value * (1 - 1e-12))


@dataclass(frozen=True)
class Sheet:
    """The areas of a map by code, where the rank of each is written, and the systems' names."""

    layout: str
    areas: dict[str, Outline]
    middles: dict[str, Points]
    names: dict[str, str]
    fronts: tuple[Outline, ...] = ()
    enlarged: tuple[str, ...] = ()

    def ordered(self, values: pd.Series) -> pd.Series:
        """Values of every area of the sheet; NaN where there is none."""
        return values.reindex(list(self.areas))


@dataclass(frozen=True)
class Reading:
    """Values by code with their unit, and the colours that stand for them."""

    values: pd.Series
    unit: str
    difference: bool
    intervals: pd.DataFrame | None

    @cached_property
    def norm(self) -> Normalize:
        """From the lowest to the highest, at round numbers; around zero for differences."""
        known = self.values.dropna().to_numpy()
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
        if self.difference:
            most = round_up(max(abs(low), abs(high))) or 1.0
            return Normalize(-most, most)
        if high - low <= 1e-9 * max(1.0, abs(high)):
            spare = 0.1 * abs(high) or 1.0
            return Normalize(low - spare, high + spare)
        ticks = MaxNLocator(8, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
        return Normalize(float(ticks[0]), float(ticks[-1]))

    @cached_property
    def colours(self) -> Colormap:
        """Cividis; for differences the palette around white."""
        return DIVERGING if self.difference else colormaps["cividis"]

    @cached_property
    def places(self) -> int:
        """Decimals of the values."""
        known = self.values.abs()[self.values.abs() > 0]
        return style.decimals(float(known.median())) if len(known) else 0

    @cached_property
    def span(self) -> tuple[float, float]:
        """Ends of the list's scale: the colours' and, as far as twice that reaches, the intervals'."""
        low, high = float(self.norm.vmin or 0.0), float(self.norm.vmax or 0.0)
        if self.intervals is None or not np.isfinite(self.intervals.to_numpy(dtype=float)).any():
            return low, high
        more = 0.5 * (high - low)
        least, most = float(self.intervals["low"].min()), float(self.intervals["high"].max())
        return max(low - more, min(low, least)), min(high + more, max(high, most))

    def text(self, value: float) -> str:
        """A value with its sign, if it is a difference."""
        return style.number(value, self.places, sign=self.difference) if math.isfinite(value) else "no value"

    def colour(self, value: float) -> Any:
        """The colour of a value; white where there is none."""
        return self.colours(self.norm(value)) if math.isfinite(value) else MISSING


def sheet_of(values: pd.Series, names: Mapping[str, str] | None, layout: str | None) -> Sheet:
    """The map that these systems are drawn on. Raises `ResultsError` when there is no system or no such layout."""
    if layout is not None:
        choice(layout, LAYOUTS, "layout")
    codes = [str(code) for code in values.index]
    if not codes:
        raise ResultsError("no system to map: the values are empty")
    own = places.outlined(codes)
    if layout == "map" and not own:
        strange = [code for code in codes if code not in places.outlines("icb")]
        raise ResultsError(f"no outline of {', '.join(strange[:5])}{' …' if len(strange) > 5 else ''}: layout 'hex' needs none")
    if own and layout != "hex":
        return _england(names)
    return _hexes(_england(names) if own else None, codes, names)


@cache
def _world() -> tuple[dict[str, str], dict[str, str], dict[str, Points]]:
    """Names, regions and middles (km) of England's ICBs."""
    from abm.england import england

    table = england().icbs.set_index("code")
    middles = dict(zip(table.index, places.project(table["longitude"], table["latitude"]), strict=True))
    return table["name"].to_dict(), table["region"].to_dict(), middles


def _england(names: Mapping[str, str] | None) -> Sheet:
    own, regions, middles = _world()
    london = tuple(code for code, region in regions.items() if region == CROWDED)
    fronts = tuple(places.outlines("region").values())
    return Sheet("map", places.outlines("icb"), middles, {**own, **(names or {})}, fronts, london)


def _hexes(england: Sheet | None, codes: list[str], names: Mapping[str, str] | None) -> Sheet:
    """Hexagons; in rows where nothing is known of places."""
    if england is not None:
        codes = list(england.areas)
        around = np.array([england.middles[code] for code in codes])
        centres = layouts.hexagons(tuple(map(tuple, np.round(around, 1).tolist())))
    else:
        centres = layouts.rows_of_hexagons(len(codes))
    ring = places.hexagon_corners()[[0, 1, 2, 3, 4, 5, 0]]
    areas = {code: Outline(code, (centre + 0.97 * ring,)) for code, centre in zip(codes, centres, strict=True)}
    known = england.names if england is not None else {}
    return Sheet(
        "hex", areas, dict(zip(codes, centres, strict=True)), {code: str({**known, **(names or {})}.get(code, code)) for code in codes}
    )


# --- the page ------------------------------------------------------------------------------------------------------------------


def page(sheet: Sheet, reading: Reading, title: str, subtitle: str, facts: Mapping[str, Any], note: str) -> Figure:
    """Map on the left, list on the right."""
    made = Page(style.WIDTH, HEIGHT)
    top = made.heading(title, subtitle)
    foot = made.footer(facts, [OUTLINES] if sheet.layout == "map" else [])
    right = made.width - MARGIN - LIST
    head = top - (0.75 if sheet.layout == "hex" else 0.0)  # hexagons keep clear of the colour bar; on the map it lies on the sea
    room = right - 0.3 - MARGIN, head - foot
    ranks = reading.values.rank(ascending=False, method="first")
    extent = _extent(sheet, list(sheet.areas), room)
    axes = made.panel(MARGIN, foot, MARGIN + room[0], head, extent, "map")
    _areas(axes, sheet, reading, ranks, (extent[2] - extent[0]) / room[0])
    if sheet.enlarged:
        wide, tall = 2.25, 1.75
        inset = _extent(sheet, list(sheet.enlarged), (wide, tall))
        part = made.panel(right - 0.3 - wide, top - tall - 0.1, right - 0.3, top - 0.1, inset, "inset")
        _areas(part, sheet, reading, ranks, (inset[2] - inset[0]) / wide)
        paint.frame(part)
        made.write(right - 0.3 - wide, top + 0.06, ["London, enlarged"], style.SMALLEST, colour=style.MUTED, name="enlarged")
    _bar(made, reading, MARGIN, top - 0.05)
    _listed(made, sheet, reading, ranks, (right, foot, top), note)
    return made.figure


def _extent(sheet: Sheet, codes: list[str], room: tuple[float, float]) -> tuple[float, float, float, float]:
    """What holds these areas, in the shape of the room: against its right side on the map of England, where the sea is on the left."""
    left, bottom, right, top = places.bounds([ring for code in codes for ring in sheet.areas[code].rings], 0.02)
    scale = max((right - left) / room[0], (top - bottom) / room[1])
    x, y = (left + right) / 2, (bottom + top) / 2
    return x - room[0] * scale / 2, y - room[1] * scale / 2, x + room[0] * scale / 2, y + room[1] * scale / 2


def _areas(axes: Axes, sheet: Sheet, reading: Reading, ranks: pd.Series, scale: float) -> None:
    """Areas in their colours, hatched where there is no value, each with its rank; `scale` is units an inch."""
    small = [code for code in sheet.enlarged if axes.get_gid() == "map"]
    for code, area in sheet.areas.items():
        value = float(reading.values[code])
        missing = not math.isfinite(value)
        patch = PathPatch(area.shape(), facecolor=reading.colour(value), edgecolor=style.MUTED if missing else style.PAPER, linewidth=0.6)
        patch.set(gid=f"area:{code}", hatch=HATCH if missing else None)
        axes.add_artist(patch)
        if not missing and code not in small:
            x, y = sheet.middles[code]
            ink = style.PAPER if _dark(reading.colour(value)) else style.INK
            axes.text(
                x, y, f"{ranks[code]:.0f}", size=style.SMALLEST, color=ink, ha="center", va="center", gid=f"rank:{code}", clip_on=True
            )
    for front in sheet.fronts:
        axes.add_artist(
            PathPatch(
                front.shape(),
                facecolor="none",
                edgecolor=style.INK if reading.difference else FRONT,
                linewidth=0.9,
                gid=f"front:{front.code}",
            )
        )
    if small:
        left, bottom, right, top = places.bounds([ring for code in small for ring in sheet.areas[code].rings], 0.05)
        box = Rectangle((left, bottom), right - left, top - bottom, facecolor="none", edgecolor=style.INK, linewidth=0.9, gid="window")
        box.set_path_effects([withStroke(linewidth=2.6, foreground=style.PAPER)])
        axes.add_artist(box)


def _dark(colour: Any) -> bool:
    red, green, blue = to_rgb(colour)
    return 0.299 * red + 0.587 * green + 0.114 * blue < 0.5


def _bar(made: Page, reading: Reading, left: float, top: float) -> None:
    """The colour bar with its unit, ticks at round numbers, and a hatched box where values are missing."""
    wide, tall = 2.3, 0.17
    axes = made.panel(left, top - 1.4, left + wide + 0.4, top, name="bar")
    y = 1.4
    lines = lettering.wrapped(reading.unit, wide + 0.4, style.LABEL, most=2)
    axes.text(0.0, y, "\n".join(lines), size=style.LABEL, va="top", gid="unit")
    y -= lettering.height(len(lines), style.LABEL) + 0.06
    norm = reading.norm
    axes.imshow(reading.colours(np.linspace(0, 1, 256))[None], extent=(0.05, wide, y - tall, y), aspect="auto")
    low, high = float(norm.vmin or 0.0), float(norm.vmax or 0.0)
    for tick, label in _ticks(reading, wide - 0.05):
        x = 0.05 + (tick - low) / (high - low) * (wide - 0.05)
        axes.add_line(Line2D([x, x], [y - tall, y - tall - 0.05], color=style.MUTED, linewidth=0.8))
        axes.text(x, y - tall - 0.07, label, size=style.NOTE, ha="center", va="top", gid="tick")
    if reading.values.isna().any():
        axes.add_artist(Rectangle((0.05, y - 0.68), 0.26, 0.15, facecolor=MISSING, edgecolor=style.MUTED, hatch=HATCH, linewidth=0.6))
        axes.text(0.38, y - 0.605, f"no value ({int(reading.values.isna().sum())})", size=style.NOTE, va="center", gid="missing")
    axes.set_xlim(0, wide + 0.4)
    axes.set_ylim(0, 1.4)


def _ticks(reading: Reading, wide: float) -> list[tuple[float, str]]:
    """Ticks of the colour bar with their labels, as many as have room."""
    low, high = float(reading.norm.vmin or 0.0), float(reading.norm.vmax or 0.0)
    found: list[tuple[float, str]] = []
    for most in (4, 3, 2, 1):
        nice = [low, 0.0, high] if reading.difference else MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
        values = np.array(nice, dtype=float)
        values = values[(values >= low - 1e-9 * abs(low)) & (values <= high + 1e-9 * abs(high))]
        step = abs(values[1] - values[0]) if len(values) > 1 else abs(high - low)
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        decimals += 0 if np.allclose(np.round(values, decimals), values, rtol=0, atol=1e-6 * step) else 1
        found = [(float(value), style.number(float(value), decimals, sign=reading.difference and value != 0)) for value in values]
        taken = max((lettering.width(label, style.NOTE) for _, label in found), default=0.0) + 0.08
        if taken <= step / (high - low) * wide:
            return found
    return found if len(found) < 2 else [found[0], found[-1]]


def _listed(made: Page, sheet: Sheet, reading: Reading, ranks: pd.Series, box: tuple[float, float, float], note: str) -> None:
    """All systems from the highest to the lowest: rank, name, a dot with its interval, value."""
    left, foot, top = box
    order = ranks.dropna().sort_values().index.tolist()
    dropped = max(0, len(order) - MOST_ROWS)
    if dropped:
        order = [*order[: MOST_ROWS // 2], *order[-(MOST_ROWS // 2) :]]
    axes = made.panel(left, foot, made.width - MARGIN, top, name="list")
    note = f"{note} Values: {reading.unit}.".strip()
    lines = lettering.wrapped(note + (f" {dropped} systems in the middle are not listed." if dropped else ""), LIST, style.NOTE, most=2)
    below = top - foot - lettering.height(len(lines), style.NOTE) - 0.08
    axes.text(0.0, top - foot, "\n".join(lines), size=style.NOTE, color=style.MUTED, va="top", gid="note")
    missing = [code for code in reading.values.index if code not in ranks.dropna().index]
    step = min(2.2 * ROW, below / max(1, len(order) + (1 if missing else 0)))
    size = min(style.NOTE, step * 72 / 1.2)
    rows = Rows(axes, sheet, reading, size)
    axes.add_line(Line2D([rows.base] * 2, [below, below - step * len(order)], color=style.RULE, linewidth=0.9, zorder=0))
    for place, code in enumerate(order):
        rows.write(code, f"{ranks[code]:.0f}", below - (place + 0.5) * step)
    if missing:
        words = lettering.wrapped(f"No value: {', '.join(sheet.names.get(code, code) for code in missing)}", LIST, size, most=1)[0]
        axes.text(0.0, below - (len(order) + 0.5) * step, words, size=size, color=style.MUTED, va="center", gid="row")


class Rows:
    """Writes lines of the list, in letters of one size."""

    def __init__(self, axes: Axes, sheet: Sheet, reading: Reading, size: float) -> None:
        self.axes, self.sheet, self.reading, self.size = axes, sheet, reading, size
        self.base = self.across(0.0 if reading.difference else float(reading.norm.vmin or 0.0))

    def across(self, value: float) -> float:
        """Where a value lies, in inches from the left; at the end of the scale if it lies beyond."""
        low, high = self.reading.span
        start, end = NAMES + 0.4, LIST - 0.62
        return start + (min(max(value, low), high) - low) / (high - low) * (end - start)

    def write(self, code: str, rank: str, y: float) -> None:
        """Rank, name, dot and value of a system at height `y`."""
        value, size = float(self.reading.values[code]), self.size
        self.axes.text(0.2, y, rank, size=size, ha="right", va="center", color=style.MUTED, gid="row")
        name = lettering.wrapped(self.sheet.names.get(code, code), NAMES, size, most=1)[0]
        self.axes.text(0.3, y, name, size=size, va="center", gid=f"row:{code}")
        x = self.across(value)
        self._interval(code, y)
        self.axes.add_line(Line2D([self.base, x], [y, y], color=style.RULE, linewidth=1.2, zorder=1))
        dot = self.axes.scatter([x], [y], s=26, color=[self.reading.colour(value)], edgecolor=style.INK, linewidth=0.6)
        dot.set(zorder=3, gid=f"dot:{code}")
        self.axes.text(LIST, y, self.reading.text(value), size=size, ha="right", va="center", gid=f"value:{code}")

    def _interval(self, code: str, y: float) -> None:
        given = self.reading.intervals
        if given is None or code not in given.index:
            return
        low, high = (float(given.at[code, side]) for side in ("low", "high"))
        if not (math.isfinite(low) and math.isfinite(high)):
            return
        line = Line2D([self.across(low), self.across(high)], [y, y], color=style.MUTED, linewidth=1.4, zorder=2, gid=f"interval:{code}")
        self.axes.add_line(line)
        ends = self.reading.span
        for value, beyond, marker in ((low, low < ends[0], "<"), (high, high > ends[1], ">")):
            if beyond:  # the interval goes on
                self.axes.scatter([self.across(value)], [y], s=12, marker=marker, color=style.MUTED, zorder=2, gid=f"beyond:{code}")
