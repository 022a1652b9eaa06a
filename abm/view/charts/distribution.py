"""Distributions: how an outcome is spread over systems, year by year, so that two groups of systems show as two humps."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.experiment.effects import WINDOW
from abm.experiment.store import ResultsError
from abm.view import sheet, source, style
from abm.view.frames import Cast, Measure
from abm.view.sheet import SLIDE, Box, Drawn, Sheet
from abm.view.source import Source

Form = Literal["ridge", "heat"]
MOST_PANELS, MOST_RIDGES, MOST_ACROSS = 6, 8, 4
LEAST_CURVE = 12  # values below which single dots are drawn, not a curve
OVERLAP = 1.7  # height of a ridge in steps from ridge to ridge
BINS = 28


@dataclass(frozen=True)
class Cloud:
    """One scenario's values, scaled as shown: a row a year, a column a system and run (NaN where unknown)."""

    name: str
    title: str
    values: pd.DataFrame
    systems: int
    runs: int


def distribution_figure(
    given: Source | Path | str,
    outcome: str = "collaborative_share",
    scenarios: Sequence[str] | None = None,
    form: Form = "ridge",
    point: int | None = None,
) -> Figure:
    """The spread of an outcome over systems, year by year, a panel a scenario: ridges, or `form` 'heat'.

    Values are a system's mean over a year, in every run of `point` (of all design points when None). Where the folder keeps
    nothing by system, a few runs are run again. Raises `ResultsError`.
    """
    return distribution(source.opened(given), outcome, scenarios, form, point).figure


def distribution(
    origin: Source,
    outcome: str = "collaborative_share",
    scenarios: Sequence[str] | None = None,
    form: Form = "ridge",
    point: int | None = None,
    page: Sheet = SLIDE,
) -> Drawn:
    """The same with its words, on any sheet."""
    if form not in ("ridge", "heat"):
        raise ResultsError(f"form is 'ridge' or 'heat'; got {form!r}")
    (outcome,) = origin.wanted([outcome], 1)
    measure = origin.measure(outcome)
    people = origin.people(outcome, scenarios, MOST_PANELS - 1)
    clouds, extra = _clouds(origin, outcome, measure, people, point)
    note, title = _note(clouds, form, extra, len(people.titles) - len(people.names)), f"{measure.words} across systems, year by year"
    span = _span(clouds)
    with style.applied():
        figure = sheet.blank(page)
        top = sheet.heading(figure, page, title, source.what_was_run(origin, len(people.titles)), note)
        bottom = sheet.footer(figure, page, origin.facts)
        shades = _shades(clouds, span)
        across = len(clouds) if form == "ridge" and len(clouds) <= MOST_ACROSS else 0  # ridges like height
        for box, cloud in zip(sheet.cells(page, len(clouds), top, bottom, across), clouds, strict=True):
            size = sheet.text_size(box)
            words = cloud.title if len(clouds) > 1 or page.titled else measure.words
            below = sheet.panel_heading(figure, box, words, f"{measure.words}, {measure.unit}" if page.titled else measure.unit)
            if form == "ridge" or cloud.values.count(axis=1).max() < LEAST_CURVE:
                _ridges(figure, box, below, cloud, people.looks[cloud.name], measure, span, size)
            else:
                _heat(figure, box, below, cloud, shades, measure, span, size)
    return Drawn(figure, title, note, _alt(clouds, measure))


# ---- numbers -----------------------------------------------------------------------------------------------------------------


def _clouds(origin: Source, outcome: str, measure: Measure, people: Cast, point: int | None) -> tuple[list[Cloud], str]:
    clouds, extra = [], ""
    for name in people.names:
        rows, told = source.grouped(origin, "system", outcome, name, point)
        extra = told or extra
        values = yearly(rows, outcome) * measure.scale
        if values.notna().any().any():
            runs = rows[["point", "replicate"]].drop_duplicates()
            clouds.append(Cloud(name, people.titles[name], values, rows["system"].nunique(), len(runs)))
    if not clouds:
        raise ResultsError(f"{origin.name} has no finished run: nothing to draw")
    return clouds, extra


def yearly(rows: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Means over each financial year: a row a year (by its name), a column a system and run."""
    known = pd.to_numeric(rows[outcome], errors="coerce").replace([np.inf, -np.inf], np.nan)
    number = rows["quarter"] // WINDOW
    wide = known.groupby([number, rows["point"], rows["replicate"], rows["system"]]).mean().unstack([1, 2, 3])
    names = dict(zip(number, rows["year"].astype(str), strict=True))
    return wide.set_axis([names[i] for i in wide.index])


def _span(clouds: Sequence[Cloud]) -> tuple[float, float]:
    low = min(float(np.nanmin(cloud.values.to_numpy())) for cloud in clouds)
    high = max(float(np.nanmax(cloud.values.to_numpy())) for cloud in clouds)
    pad = 0.04 * (high - low) or 1.0
    return low - pad, high + pad


def density(values: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """A smooth curve of how values are spread, by Gaussian kernels of Silverman's width; its area is 1."""
    spread = min(values.std(ddof=1), (np.quantile(values, 0.75) - np.quantile(values, 0.25)) / 1.349 or math.inf)
    width = max(0.9 * spread * len(values) ** -0.2, (grid[-1] - grid[0]) / 150)
    total = np.zeros_like(grid)
    for part in np.array_split(values, max(1, len(values) // 2000)):
        total += np.exp(-0.5 * ((grid[:, None] - part[None, :]) / width) ** 2).sum(axis=1)
    return total / (len(values) * width * math.sqrt(2 * math.pi))


def _shades(clouds: Sequence[Cloud], span: tuple[float, float]) -> dict[str, np.ndarray]:
    """Share of systems in each bin (rows, from below) and year (columns), by scenario; a column adds up to 1."""
    edges = np.linspace(*span, BINS + 1)
    found = {}
    for cloud in clouds:
        counts = [np.histogram(row[np.isfinite(row)], edges)[0] for row in cloud.values.to_numpy()]
        found[cloud.name] = np.array([count / max(1, count.sum()) for count in counts]).T
    return found


# ---- words -------------------------------------------------------------------------------------------------------------------


def _note(clouds: Sequence[Cloud], form: Form, extra: str, left_out: int) -> str:
    first = clouds[0]
    count = f"{style.count(first.systems, 'system')} × {style.count(max(cloud.runs for cloud in clouds), 'run')}"
    dots = all(cloud.values.count(axis=1).max() < LEAST_CURVE for cloud in clouds)
    if dots:
        said = f"A dot: one system in one run, mean of the year ({count}; too few for a curve)"
    elif form == "ridge":
        said = f"Height: how many systems are near that value ({count}, means of the year); line: the median. Two humps may be two groups"
    else:
        said = f"Colour: share of systems ({count}, means of the year) near it, white: none; line: the median. Two bands may be two groups"
    said += f". {extra[:1].upper()}{extra[1:]}" if extra else ""
    return said + (f". {left_out} scenarios with smaller effects are not drawn." if left_out else ".")


def _alt(clouds: Sequence[Cloud], measure: Measure) -> str:
    parts = []
    for cloud in clouds:
        last = cloud.values.iloc[-1].dropna().to_numpy() / measure.scale
        low, middle, high = (measure.level(float(np.quantile(last, q))) for q in (0.1, 0.5, 0.9))
        parts.append(f"{cloud.title}: median {middle}, tenth to ninetieth percentile {low} to {high}.")
    return f"{measure.words} ({measure.unit}) across systems in {clouds[0].values.index[-1]}. {' '.join(parts)}"


# ---- drawing -----------------------------------------------------------------------------------------------------------------


def shown_years(count: int, most: int = MOST_RIDGES) -> list[int]:
    """Places of the years that get a ridge: the last and others evenly before it."""
    return sorted({round(x) for x in np.linspace(0, count - 1, min(count, most))})


def _ridges(
    figure: Figure, box: Box, top: float, cloud: Cloud, look: style.Look, measure: Measure, span: tuple[float, float], size: float
) -> None:
    years = shown_years(len(cloud.values), max(2, min(MOST_RIDGES, int((top - box.bottom - 0.4) / 0.2))))
    axes = sheet.axes(figure, Box(box.left + 0.58, box.bottom + 0.34, box.right - 0.1, top), f"axes:{cloud.name}")
    grid = np.linspace(*span, 200)
    rows = [cloud.values.iloc[year].dropna().to_numpy() for year in years]
    curves = [density(row, grid) if len(row) >= LEAST_CURVE else None for row in rows]
    tallest = max((float(curve.max()) for curve in curves if curve is not None), default=1.0)
    for place, (row, curve) in enumerate(zip(rows, curves, strict=True)):
        base = len(years) - 1 - place
        axes.axhline(base, color=style.RULE, linewidth=0.7, zorder=place)
        if curve is None:
            axes.plot(
                row,
                np.full(len(row), base + 0.15),
                linestyle="none",
                zorder=place + 1,
                gid=f"dots:{cloud.name}:{place}",
                **look.marker_style(4.0),
            )
        else:
            _ridge(axes, grid, base, curve * OVERLAP / tallest, float(np.median(row)), look, place, f"ridge:{cloud.name}:{place}")
    axes.set_ylim(-0.25, len(years) - 1 + (OVERLAP if tallest != 1.0 else 0.7))
    axes.set_yticks(range(len(years)), [cloud.values.index[year] for year in reversed(years)])
    axes.tick_params(axis="y", length=0, labelsize=size - 0.5, pad=3)
    _value_axis(axes, span, measure, size)


def _ridge(axes: Axes, grid: np.ndarray, base: float, height: np.ndarray, middle: float, look: style.Look, place: int, name: str) -> None:
    axes.fill_between(grid, base, base + height, color=look.colour, linewidth=0, zorder=place + 1, gid=name)
    axes.plot(grid, base + height, color=style.PAPER, linewidth=2.0, zorder=place + 1.2)
    axes.plot(grid, base + height, color=style.INK, linewidth=0.8, zorder=place + 1.3)
    top = base + float(np.interp(middle, grid, height))
    axes.plot(
        [middle] * 2,
        [base, top],
        color=style.INK if look.colour in style.LIGHT else style.PAPER,
        linewidth=1.5,
        zorder=place + 1.4,
        gid=f"median:{name}",
    )


def _value_axis(axes: Axes, span: tuple[float, float], measure: Measure, size: float) -> None:
    axes.set_xlim(*span)
    found = [tick for tick in matplotlib.ticker.MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(*span) if span[0] <= tick <= span[1]]
    need = sheet.places(found)
    axes.set_xticks(found, [style.number(tick, need) + ("%" if measure.percent else "") for tick in found])
    axes.tick_params(axis="x", length=2.5, labelsize=size - 0.5, pad=2, color=style.MUTED)
    axes.grid(axis="x", color=style.RULE, linewidth=0.6)


def _heat(
    figure: Figure,
    box: Box,
    top: float,
    cloud: Cloud,
    shades: Mapping[str, np.ndarray],
    measure: Measure,
    span: tuple[float, float],
    size: float,
) -> None:
    axes = sheet.axes(figure, Box(box.left + 0.46, box.bottom + 0.3, box.right - 0.75, top), f"axes:{cloud.name}")
    cells = shades[cloud.name]
    most = max(float(each.max()) for each in shades.values())
    mesh = axes.pcolormesh(
        np.arange(cells.shape[1] + 1),
        np.linspace(*span, BINS + 1),
        np.ma.masked_equal(cells, 0),
        cmap="cividis",
        vmin=0,
        vmax=most,
        gid=f"heat:{cloud.name}",
    )
    middle = cloud.values.median(axis=1)
    x = np.arange(len(middle)) + 0.5
    axes.plot(x, middle, color=style.INK, linewidth=3.0)
    axes.plot(x, middle, color=style.PAPER, linewidth=1.4, gid=f"median:{cloud.name}")
    axes.set_ylim(*span)
    sheet.level_axis(axes, measure, size)
    axes.grid(False)
    step = math.ceil(len(middle) / max(1, int(sheet.box_of(axes).width / sheet.YEAR_ROOM)))
    axes.set_xticks(x[::step], middle.index[::step])
    axes.tick_params(axis="x", length=0, labelsize=size - 0.5, pad=5)
    _scale(figure, sheet.box_of(axes), mesh, most, size)


def _scale(figure: Figure, box: Box, mesh: matplotlib.cm.ScalarMappable, most: float, size: float) -> None:
    """The key of the shades: shares of systems, beside the panel."""
    axes = sheet.axes(figure, Box(box.right + 0.12, box.bottom, box.right + 0.22, box.top), "scale")
    figure.colorbar(mesh, cax=axes)
    axes.yaxis.set_major_locator(matplotlib.ticker.MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(matplotlib.ticker.FuncFormatter(lambda value, _: f"{100 * value:.0f}%"))
    axes.tick_params(length=0, labelsize=size - 1, pad=2)
    for side in axes.spines.values():
        side.set_visible(False)
