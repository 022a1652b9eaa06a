"""Maps: one number a system, on the outlines of the ICBs, beside the same numbers from highest to lowest.

>>> from abm.view.maps import map_figure
>>> import pandas as pd
>>> len(map_figure(pd.Series({"QMJ": 0.4, "QSL": 0.6}), "Two systems", "share").axes) > 1
True
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from abm.experiment.folder import read_manifest
from abm.view import finding, frames, saving, style
from abm.view.maps import choropleth, values_by_system
from abm.view.maps.choropleth import Reading


def map_figure(
    values: pd.Series,
    title: str,
    unit: str,
    subtitle: str = "",
    facts: Mapping[str, Any] | None = None,
    names: Mapping[str, str] | None = None,
    difference: bool = False,
    intervals: pd.DataFrame | None = None,
    layout: str | None = None,
    note: str = "",
) -> Figure:
    """A map of `values` by ICB code, and a list of all systems with their values.

    `unit` is that of the values as given; "%" and "points" are written after them. `difference` colours them around zero.
    `intervals` may hold columns `low` and `high` by code, drawn in the list. Codes of the outlines that have no value, or a
    NaN, are hatched. `layout` is "map", or "hex", which is also what worlds without outlines get; `names` by code are
    needed for those. Raises `ResultsError` for no values at all or another layout.
    """
    given = values.astype(float)
    sheet = choropleth.sheet_of(given, names, layout)
    reading = Reading(sheet.ordered(given), unit, difference, intervals)
    with style.applied():
        return choropleth.page(sheet, reading, title, subtitle, facts or {}, note)


def outcome_map(
    folder: Path | str,
    outcome: str,
    scenario: str | None = None,
    year: str | None = None,
    against: str | None = None,
    point: int = 0,
    layout: str | None = None,
    report: Callable[[str], None] = lambda words: None,
) -> Figure:
    """An outcome by system in a financial year ("2038/39"; the last one when left out), as a mean over replicates.

    `against` is another scenario, from which differences are taken run by run. Taken from the folder's outcomes by system, or,
    where these were not stored, from its runs done again (`report` is told so). Raises `ResultsError` for what there is not.
    """
    folder = Path(folder)
    facts = read_manifest(folder)
    found = values_by_system.found(folder, facts, outcome, scenario, year, against, point, report)
    return found_map(found, facts, outcome, against is not None, point, layout)


def found_map(
    found: values_by_system.Found, facts: Mapping[str, Any], outcome: str, difference: bool, point: int = 0, layout: str | None = None
) -> Figure:
    """The map of an outcome's values that were found, or of differences."""
    measure = frames.measure(outcome, found.unit)
    unit = "percentage points" if difference and measure.percent else measure.unit
    values, intervals = found.values * measure.scale, found.intervals * measure.scale
    title = _title(values, measure, found, difference)
    parts = [found.world, found.title if not difference else f"{found.title} against {finding.within(found.against)}"]
    parts += [f"{found.year}, {found.span}", f"mean of {found.runs} runs" if found.runs > 1 else "one run"]
    parts += [f"design point {point}"] if int(facts.get("points") or 1) > 1 else []
    note = _note(found, difference)
    words = " · ".join(part for part in parts if part)
    return map_figure(values, title, unit, words, facts, found.names, difference, intervals, layout, note)


def draw_map(
    folder: Path | str,
    out: Path | str,
    outcome: str,
    scenario: str | None = None,
    against: str | None = None,
    year: str | None = None,
    point: int = 0,
    layout: str | None = None,
    report: Callable[[str], None] = lambda words: None,
) -> Path:
    """Draw `outcome_map` and save it at `out` (.png, .svg or .pdf); gives that path. Raises `ResultsError` for what there is not."""
    figure = outcome_map(folder, outcome, scenario, year, against, point, layout, report)
    saving.save(figure, Path(out), read_manifest(Path(folder)), *saving.words_of(figure))
    return Path(out)


def _note(found: values_by_system.Found, difference: bool) -> str:
    """How to read the list's bars, and what is not in it."""
    note = "One run, so no intervals."
    if found.runs > 1:
        clearly = "; clearly: all on one side of zero" if difference else ""
        note = f"Bars: 95% intervals over {found.runs} runs (an arrow: it goes on){clearly}."
    return note + (f" {style.count(found.failed, 'run')} failed and left out." if found.failed else "")


def _title(values: pd.Series, measure: frames.Measure, found: values_by_system.Found, difference: bool) -> str:
    """The range over the systems; of differences how many rise and fall."""
    known = values.dropna()
    if not len(known):
        return f"{measure.words}: no system has a value in {found.year}"
    places = style.decimals(float(known.abs().max()))
    sign = "%" if measure.percent else f" {measure.unit}"
    if not difference:
        low, high = (style.number(float(value), places) for value in (known.min(), known.max()))
        if low == high:
            return f"{measure.words}: {low}{sign} in every system"
        return f"{measure.words}: from {low}{sign} in {_name(found, known.idxmin())} to {high}{sign} in {_name(found, known.idxmax())}"
    falls, rises = int((known < 0).sum()), int((known > 0).sum())
    mean = style.number(float(known.mean()), style.decimals(float(known.mean())), sign=True)
    unit = "points" if measure.percent else measure.unit
    if falls == rises == 0:
        return f"{measure.words}: no system differs"
    verb, count = ("falls", falls) if falls >= rises else ("rises", rises)
    where = (
        "both systems"
        if count == len(known) == 2
        else f"all {count} systems"
        if count == len(known) > 1
        else f"{count} of {style.count(len(known), 'system')}"
    )
    sure = (found.intervals["high"] < 0) if verb == "falls" else (found.intervals["low"] > 0)
    clearly = f", clearly in {'none' if not sure.any() else int(sure.sum())}" if found.runs > 1 else ""
    return f"{measure.noun} {verb} in {where}{clearly} ({mean} {unit} on average)"


def _name(found: values_by_system.Found, code: Any) -> str:
    return found.names.get(str(code), str(code))
