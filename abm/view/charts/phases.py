"""Several phase maps on one page, on one scale of shades, each with its line at the same level."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from abm.experiment.store import ResultsError
from abm.view import sheet, source, style
from abm.view.charts.phase import draw_map, extremes
from abm.view.charts.surface import Surface, surface
from abm.view.sheet import SLIDE, Box, Drawn, Sheet
from abm.view.source import Source

MOST_MAPS = 6


def phases(
    origins: Sequence[Source],
    outcomes: Sequence[str],
    title: str,
    levels: Sequence[float | None] | None = None,
    note: str = "",
    page: Sheet = SLIDE,
) -> Drawn:
    """A row an outcome, a map for each grid of two factors; `levels` has the line of each outcome (None: no line).

    The line is half-way between the extremes of all maps of the outcome when `levels` is None. Raises `ResultsError` for more
    than six maps, and for a design that is no grid of two factors.
    """
    if len(origins) * len(outcomes) > MOST_MAPS:
        raise ResultsError(f"{len(origins) * len(outcomes)} phase maps: at most {MOST_MAPS} can be read on one page")
    told = []
    with style.applied():
        figure = sheet.blank(page)
        top = sheet.heading(figure, page, title, source.what_was_run(origins[0], 1), note)
        boxes = sheet.cells(page, len(origins) * len(outcomes), top, sheet.footer(figure, page, origins[0].facts), len(origins))
        for row, outcome in enumerate(outcomes):
            maps = [_surface(origin, outcome) for origin in origins]
            low, high = (float(pick([pick(each.values) for each in maps])) for pick in (np.nanmin, np.nanmax))
            line = levels[row] if levels is not None else (low + high) / 2
            measure = origins[0].measure(outcome)
            for place, (origin, found) in enumerate(zip(origins, maps, strict=True)):
                across, up = list(origin.factors.values())
                box = boxes[row * len(origins) + place]
                below = sheet.panel_heading(figure, box, measure.words, measure.unit)
                mine = line if line is not None and found.values.min() < line < found.values.max() else None
                draw_map(figure, Box(box.left, box.bottom, box.right, below), found, measure, (across, up), mine, 8.0, (low, high))
                told.append(f"{measure.words}: {', '.join(extremes(found, measure, across, up))}.")
    return Drawn(figure, title, note, " ".join(told))


def _surface(origin: Source, outcome: str) -> Surface:
    factors = list(origin.factors.values())
    if len(factors) != 2 or any(each.choice for each in factors):
        raise ResultsError(f"a phase map needs a grid of two numbers, and the design of {origin.name} varies {', '.join(origin.factors)}")
    across, up = factors
    return surface(origin, across, up, outcome, origin.scenarios[0])
