"""Phase maps: an outcome over two factors of a design, and the line where it crosses half-way between its extremes."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, to_rgb
from matplotlib.figure import Figure
from matplotlib.patheffects import Normal, Stroke
from matplotlib.ticker import FuncFormatter, MaxNLocator

from abm.experiment.store import ResultsError
from abm.view import finding, lettering, sheet, source, style
from abm.view.charts.dose import Fixed
from abm.view.charts.response import is_log
from abm.view.charts.surface import Surface, surface, tells
from abm.view.frames import Measure
from abm.view.sheet import SLIDE, Box, Drawn, Sheet
from abm.view.source import Factor, Source

MOST_DOTS = 1500
ASIDE = 2.6  # inches beside the map of a slide, for its extremes in words
CELL_WIDE, CELL_HIGH = 0.42, 0.2  # inches a cell needs for its number


def phase_figure(
    given: Source | Path | str,
    x_factor: str | None = None,
    y_factor: str | None = None,
    outcome: str = "collaborative_share",
    scenario: str | None = None,
    level: float | None = None,
    fixed: Fixed | None = None,
) -> Figure:
    """An outcome (last year) over two factors, and the line where it crosses `level`: half-way between its extremes when None.

    A grid is drawn as cells, a scattered design as a smoothed field with its points. The first two factors that are numbers
    when none are named; the baseline when no `scenario` is. Other factors are averaged over or held where `fixed` says.
    Raises `ResultsError`.
    """
    return phase(source.opened(given), x_factor, y_factor, outcome, scenario, level, fixed).figure


def phase(
    origin: Source,
    x_factor: str | None = None,
    y_factor: str | None = None,
    outcome: str = "collaborative_share",
    scenario: str | None = None,
    level: float | None = None,
    fixed: Fixed | None = None,
    page: Sheet = SLIDE,
) -> Drawn:
    """The same with its words, on any sheet."""
    across, up = _factors(origin, x_factor, y_factor)
    if origin.design == "one_at_a_time":
        raise ResultsError(f"{origin.name} moves one factor at a time: its points make a cross, not a map")
    (outcome,) = origin.wanted([outcome], 1)
    people = origin.people(outcome, None if scenario is None else [scenario])
    name = scenario or people.baseline or next(iter(people.titles))
    found = surface(origin, across, up, outcome, name, fixed)
    measure = origin.measure(outcome)
    line = None if across.choice or up.choice else level if level is not None else found.half if tells(found) else None
    who = f" under {finding.within(people.titles[name])}" if len(origin.scenarios) > 1 else ""
    title = f"{measure.words} over {finding.within(across.words)} and {finding.within(up.words)}{who}"
    note = _note(origin, found, measure, across, up, line, level, fixed)
    with style.applied():
        figure = sheet.blank(page)
        top = sheet.heading(figure, page, title, source.what_was_run(origin, 1), note)
        bottom = sheet.footer(figure, page, origin.facts)
        box = Box(page.margin, bottom, page.width - page.margin - (ASIDE if page.titled else 0.0), top)
        size = sheet.text_size(box)
        below = sheet.panel_heading(figure, box, measure.words, measure.unit)
        draw_map(figure, Box(box.left, box.bottom, box.right, below), found, measure, (across, up), line, size)
        if page.titled:
            _aside(figure, Box(box.right + 0.25, bottom, page.width - page.margin, below), found, measure, (across, up), line)
    return Drawn(figure, title, note, _alt(found, measure, across, up, line))


def _factors(origin: Source, x_factor: str | None, y_factor: str | None) -> tuple[Factor, Factor]:
    given = [None if key is None else origin.factor(key) for key in (x_factor, y_factor)]
    plain = [each for each in origin.factors.values() if not each.choice and each not in given] + [
        each for each in origin.factors.values() if each.choice and each not in given
    ]
    chosen = [each if each is not None else plain.pop(0) if plain else None for each in given]
    if chosen[0] is None or chosen[1] is None or chosen[0] == chosen[1]:
        raise ResultsError(f"a phase map needs two factors, and the design of {origin.name} varies {', '.join(origin.factors) or 'none'}")
    return chosen[0], chosen[1]


# ---- words -------------------------------------------------------------------------------------------------------------------


def _note(
    origin: Source,
    found: Surface,
    measure: Measure,
    across: Factor,
    up: Factor,
    line: float | None,
    level: float | None,
    fixed: Fixed | None,
) -> str:
    held = {origin.factor(key).key: value for key, value in (fixed or {}).items()}
    others = [each.words.lower() for key, each in origin.factors.items() if key not in (across.key, up.key, *held)]
    named = ", ".join(others[:3]) + (f" and {len(others) - 3} more" if len(others) > 3 else "")
    said = "Mean of the last year"
    if len(found.dots):
        said += f" at {style.count(len(found.dots), 'point')} (dots), smoothed between them"
        said += f" while {named} differ{'s' if len(others) == 1 else ''} too" if others else ""
        said += f"; the two factors foretell {max(0.0, found.told):.0%} of the differences between points"
    else:
        said += f" at each pair of levels{f', averaged over {named}' if others else ''}"
    said += "".join(f"; {source.factor(key).words.lower()} held at {value}" for key, value in held.items())
    if line is not None:
        said += f". Line: {measure.level(line)}" + (", half-way between the lowest and the highest" if level is None else "")
    elif across.choice or up.choice:
        said += ". No line: one of the factors is a choice"
    else:
        said += ". No line: " + ("the two factors tell too little" if len(found.dots) else "the extremes are not clearly apart")
    return said + ("; one run a point, so nothing says what is luck." if found.apart is None and not len(found.dots) else ".")


def extremes(found: Surface, measure: Measure, across: Factor, up: Factor) -> list[str]:
    """The lowest and the highest value, and where they are: 'lowest 45% at finance share 0.9, bypass rate 0.6'."""
    said = []
    for word, pick in (("lowest", np.nanargmin), ("highest", np.nanargmax)):
        i, j = (int(place) for place in np.unravel_index(int(pick(found.values)), found.values.shape))
        names = (found.names[0][j], found.names[1][i]) if found.names[0] else (f"{found.x[j]:.2g}", f"{found.y[i]:.2g}")
        level = measure.level(float(found.values[i, j]))
        said.append(f"{word} {level} at {across.words.lower()} {names[0]}, {up.words.lower()} {names[1]}")
    return said


def _alt(found: Surface, measure: Measure, across: Factor, up: Factor, line: float | None) -> str:
    ends = extremes(found, measure, across, up)
    middle = f" A line marks {measure.level(line)}." if line is not None else ""
    return f"Map of {measure.words.lower()} ({measure.unit}) over {across.words.lower()} and {up.words.lower()}: {', '.join(ends)}.{middle}"


# ---- drawing -----------------------------------------------------------------------------------------------------------------


def draw_map(
    figure: Figure,
    box: Box,
    found: Surface,
    measure: Measure,
    factors: tuple[Factor, Factor],
    line: float | None,
    size: float,
    span: tuple[float, float] | None = None,
) -> None:
    """The map in a box, with its key; `span` is the lowest and highest of the shades (as stored), to be shared by several maps,
    which are then too small for a number in each cell."""
    across, up = factors
    axes = sheet.axes(figure, Box(box.left + 0.95, box.bottom + 0.55, box.right - 0.75, box.top - 0.16), "axes:map")
    values = found.values * measure.scale
    low, high = (end * measure.scale for end in span or (float(np.nanmin(found.values)), float(np.nanmax(found.values))))
    shade = Normalize(low, high) if high > low else Normalize(low - 0.5, high + 0.5)
    if len(found.dots):
        mesh = axes.pcolormesh(
            found.x, found.y, np.ma.masked_invalid(values), cmap="cividis", norm=shade, shading="nearest", rasterized=True, gid="field"
        )
        some = found.dots[:: max(1, math.ceil(len(found.dots) / MOST_DOTS))]
        axes.scatter(
            some[:, 0],
            some[:, 1],
            c=some[:, 2] * measure.scale,
            cmap="cividis",
            norm=shade,
            s=22,
            edgecolors=style.INK,
            linewidths=0.7,
            zorder=3,
            gid="dots",
        )
        _ends(axes, found.dots[:, 0], found.dots[:, 1])
    else:
        logs = [not each.choice and is_log(level) for each, level in zip(factors, (found.x, found.y), strict=True)]
        edges = [_edges(level, log) for level, log in zip((found.x, found.y), logs, strict=True)]
        mesh = axes.pcolormesh(
            *edges, np.ma.masked_invalid(values), cmap="cividis", norm=shade, edgecolors=style.PAPER, linewidth=0.6, gid="cells"
        )
        for log, scale in zip(logs, (axes.set_xscale, axes.set_yscale), strict=True):
            if log:
                scale("log")
        axes.set_xlim(edges[0][0], edges[0][-1])
        axes.set_ylim(edges[1][0], edges[1][-1])
        if span is None:
            _numbers(axes, found, values, shade, measure, size)
    if line is not None and not (across.choice or up.choice) and min(values.shape) > 1:
        _tipping(axes, found, line, measure, size)
    _map_axes(axes, found, across, up, size)
    _scale(figure, sheet.box_of(axes), mesh, measure, size)


def _edges(levels: np.ndarray, log: bool) -> np.ndarray:
    """Borders of cells, half-way between levels."""
    at = np.log(levels) if log else levels
    if len(at) == 1:
        borders = np.array([at[0] - 0.5, at[0] + 0.5])
    else:
        inner = (at[1:] + at[:-1]) / 2
        borders = np.concatenate([[2 * at[0] - inner[0]], inner, [2 * at[-1] - inner[-1]]])
    return np.exp(borders) if log else borders


def _ends(axes: Axes, x: np.ndarray, y: np.ndarray) -> None:
    for values, limit in ((x, axes.set_xlim), (y, axes.set_ylim)):
        pad = 0.03 * float(np.ptp(values))
        limit(float(values.min()) - pad, float(values.max()) + pad)


def _numbers(axes: Axes, found: Surface, values: np.ndarray, shade: Normalize, measure: Measure, size: float) -> None:
    """The value of each cell in it, where there is room."""
    box = sheet.box_of(axes)
    if box.width / len(found.x) < CELL_WIDE or box.height / len(found.y) < CELL_HIGH:
        return
    texts = sheet.levels(measure, list(found.values.ravel()))
    for place, text in enumerate(texts):
        i, j = divmod(place, len(found.x))
        if np.isfinite(values[i, j]):
            ground = colormaps["cividis"](shade(values[i, j]))
            colour = max((style.PAPER, style.INK), key=lambda each: contrast(each, ground))
            label = axes.text(
                found.x[j], found.y[i], text, ha="center", va="center", size=size - 0.5, color=colour, zorder=5, gid=f"cell:{i}:{j}"
            )
            label.set_path_effects([Stroke(linewidth=3.0, foreground=ground), Normal()])  # over the line, should it pass here


def contrast(one: Any, two: Any) -> float:
    """Contrast of two colours as WCAG reckons it, 1 to 21."""

    def light(colour: Any) -> float:
        parts = np.array(to_rgb(colour))
        return float(np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722])

    dark, bright = sorted((light(one), light(two)))
    return (bright + 0.05) / (dark + 0.05)


def _tipping(axes: Axes, found: Surface, line: float, measure: Measure, size: float) -> None:
    """The line at a level, white on dark so that it shows on every shade, and its level beside its middle."""
    drawn = axes.contour(
        found.x, found.y, np.ma.masked_invalid(found.values), levels=[line], colors=[style.PAPER], linewidths=2.2, zorder=4
    )
    drawn.set_gid("tipping")
    drawn.set_path_effects([Stroke(linewidth=4.4, foreground=style.INK), Normal()])
    pieces = [piece for piece in drawn.allsegs[0] if len(piece) > 1]
    if not pieces:
        return
    x, y = max((point for piece in pieces for point in piece), key=lambda point: point[1])
    axes.annotate(
        measure.level(line),
        (x, y),
        xytext=(x, 1.0),
        textcoords=axes.get_xaxis_transform(),
        ha="center",
        va="bottom",
        size=size,
        weight="bold",
        zorder=6,
        gid="tipping:level",
        arrowprops={"arrowstyle": "-", "color": style.INK, "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0},
    )


def _aside(figure: Figure, box: Box, found: Surface, measure: Measure, factors: tuple[Factor, Factor], line: float | None) -> None:
    """The extremes and the line in words, beside the map."""
    top = box.top - 0.1
    words = [text[:1].upper() + text[1:] for text in extremes(found, measure, *factors)]
    if line is not None:
        words.append(f"White line: {measure.level(line)}")
    for text in words:
        top = sheet.write(figure, box.left, top, lettering.wrapped(text, box.width, style.LABEL, most=5), style.LABEL) - 0.12


def _map_axes(axes: Axes, found: Surface, across: Factor, up: Factor, size: float) -> None:
    for axis, each, levels, names in ((axes.xaxis, across, found.x, found.names[0]), (axes.yaxis, up, found.y, found.names[1])):
        room = sheet.box_of(axes).width if axis is axes.xaxis else sheet.box_of(axes).height
        if names and (each.choice or len(levels) <= room / 0.45):
            axis.set_major_locator(MaxNLocator(2))
            axis.set_ticks(levels, [name.replace("_", " ") if len(name) < 14 else f"{name[:12]}…" for name in names])
            axis.set_ticks([], minor=True)
        else:
            axis.set_major_locator(MaxNLocator(max(2, int(room / 0.6)), steps=[1, 2, 5, 10]))
    axes.tick_params(length=2.5, labelsize=size - 0.5, pad=2, color=style.MUTED)
    sheet.axis_label(axes, f"{across.words} ({across.unit})" if across.unit else across.words, size)
    unit = lettering.wrapped(f"({up.unit})", sheet.box_of(axes).height + 0.3, size - 0.5, most=2) if up.unit else []
    axes.set_ylabel("\n".join([up.words, *unit]), fontsize=size - 0.5, labelpad=3)


def _scale(figure: Figure, box: Box, mesh: Any, measure: Measure, size: float) -> None:
    """The key of the shades, with the outcome's unit."""
    axes = sheet.axes(figure, Box(box.right + 0.15, box.bottom, box.right + 0.3, box.top), "scale")
    figure.colorbar(mesh, cax=axes)
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    need = sheet.places(axes.get_yticks())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: style.number(value, need) + ("%" if measure.percent else "")))
    axes.tick_params(length=0, labelsize=size - 0.5, pad=2)
    for side in axes.spines.values():
        side.set_visible(False)
