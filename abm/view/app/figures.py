"""Figures of two worlds to take away, drawn as those of results folders are, as PNG or SVG with where they come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from abm.config.errors import nearest
from abm.experiment.store import ResultsError
from abm.model.ics_model import ICSModel
from abm.model.outcomes import OUTCOMES
from abm.model.record import year_names
from abm.view import saving
from abm.view.app.plain import apart
from abm.view.charts.curves import By, curves
from abm.view.maps import values_by_system
from abm.view.maps.figures import found_map
from abm.view.maps.values_by_system import Found
from abm.view.network.figures import Run, difference_figure, network_figure, side_by_side
from abm.view.network.scene import EVERYTHING, choice
from abm.view.source import Source

FORMATS = ("png", "svg")
SHOWN = ("both", "a", "b", "difference")
WAYS = ("all", "kind", "region")
EDGES = {"acts": "state", "trust": "trust"}
LAYOUTS = {"map": None, "places": None, "hexes": "hex", "tiers": "tiers"}  # None: the map where the world lies on it
A, B = "a", "b"  # what the worlds are called among scenarios
Models = tuple[ICSModel, ICSModel]
Titles = tuple[str, str]


@dataclass(frozen=True)
class Wanted:
    """Which figure: `figure` of FIGURES at the end of `quarter` (from 0), `format` of FORMATS; the rest as in the page's address.

    `show` (both, a, b, difference) is for "network" (both if not said), "ego" (b) and "map" (difference); `outcome` for
    "curves" (the chief outcomes if none is named) and "map" (collaborative share), `by` (all, kind, region) for "curves";
    `org` says around whom "ego" is; `region` is a region's code, "" for all of England; `ties` acts or trust; `layout` map,
    hexes, tiers or places.
    """

    figure: str
    quarter: int
    format: str = "png"
    outcome: str = ""
    org: str = ""
    show: str = ""
    by: str = "all"
    ties: str = "acts"
    layout: str = ""
    region: str = ""


def whole(wanted: Wanted) -> bool:
    """Whether the figure needs models of the whole run ("curves"); others need them at the end of `wanted.quarter`.

    Raises `ResultsError` for a figure, format or other choice that there is not, so ask this before a model is run.
    """
    choice(wanted.figure, FIGURES, "figure")
    choice(wanted.format, FORMATS, "format of figures")
    choice(wanted.show or SHOWN[0], SHOWN, "choice to show")
    choice(wanted.by, WAYS, "way to take outcomes apart")
    choice(wanted.ties, EDGES, "look of ties")
    choice(wanted.layout or "map", LAYOUTS, "layout")
    return wanted.figure == "curves"


def figure(models: Models, titles: Titles, wanted: Wanted, facts: Mapping[str, Any]) -> bytes:
    """The figure as a file's bytes, with provenance in its metadata.

    `models` of worlds A and B have run `wanted.quarter + 1` quarters, or all where `whole(wanted)`; `titles` is what they are
    called. `facts` is as a results folder's manifest (experiment, title, seed, replicate, versions, code, config_sha256 ...), any part of
    which may be missing. Raises `ResultsError` for what there is not, with the nearest valid name.
    """
    drawn = drawing(models, titles, wanted, facts)
    return saving.rendered(drawn, wanted.format, facts, *saving.words_of(drawn))


def drawing(models: Models, titles: Titles, wanted: Wanted, facts: Mapping[str, Any]) -> Figure:
    """The same as a matplotlib figure."""
    ends = [model.quarter for model in models]
    if min(ends) < 1 or (not whole(wanted) and ends != [wanted.quarter + 1] * 2):
        raise ResultsError(f"no quarter {wanted.quarter} to draw: the runs stand at the end of quarter {min(ends) - 1}")
    return FIGURES[wanted.figure].draw(models, apart(titles), wanted, facts)


# --- networks -------------------------------------------------------------------------------------------------------------


def _network(models: Models, names: Titles, wanted: Wanted, facts: Mapping[str, Any]) -> Figure:
    return _ties(models, names, wanted, facts, wanted.region or EVERYTHING, wanted.show or "both")


def _difference(models: Models, names: Titles, wanted: Wanted, facts: Mapping[str, Any]) -> Figure:
    return _ties(models, names, wanted, facts, wanted.region or EVERYTHING, "difference")


def _ego(models: Models, names: Titles, wanted: Wanted, facts: Mapping[str, Any]) -> Figure:
    """The system of an organisation and its partners, or, of a region, the region."""
    people = models[1].facts.organisations
    found = people[people["code"] == wanted.org]
    if not len(found):
        close = nearest(wanted.org, list(people["code"]))
        raise ResultsError(f"no organisation {wanted.org!r} in {models[1].world.name}" + (f"; did you mean {close!r}?" if close else ""))
    scope = str(found["system"].iloc[0] or found["region"].iloc[0])
    return _ties(models, names, wanted, facts, scope, wanted.show or "b")


def _ties(models: Models, names: Titles, wanted: Wanted, facts: Mapping[str, Any], scope: str, show: str) -> Figure:
    """Both worlds, one of them, or the ties on which they differ."""
    layout = None if wanted.figure == "ego" else LAYOUTS[wanted.layout or "map"]
    asked: dict[str, Any] = {"facts": facts, "scope": scope, "layout": layout, "edges": EDGES[wanted.ties]}
    run = Run(replicate=facts.get("replicate"), quarters=facts.get("quarters"))
    if show == "both":
        return side_by_side(*models, names, run=run, **asked)
    if show == "difference":
        return difference_figure(*models, names=names, run=run, **asked)
    which = (A, B).index(show)
    return network_figure(models[which], run=Run(names[which], None, run.replicate, run.quarters), **asked)


# --- outcomes -------------------------------------------------------------------------------------------------------------


def _curves(models: Models, names: Titles, wanted: Wanted, facts: Mapping[str, Any]) -> Figure:
    """The course of outcomes in both worlds."""
    by: By | None = None if wanted.by == "all" else "kind" if wanted.by == "kind" else "region"
    tables = {"outcomes": _outcomes(models, None), **({f"outcomes_by_{by}": _outcomes(models, by)} if by else {})}
    return curves(Source(_told(models, names, facts), tables=tables), [wanted.outcome] if wanted.outcome else None, by=by).figure


def _outcomes(models: Models, by: By | None) -> pd.DataFrame:
    """The table of both runs, as a results folder has it."""
    return pd.concat(
        [model.outcomes(by=by).assign(scenario=name, point=0, replicate=0) for model, name in zip(models, (A, B), strict=True)],
        ignore_index=True,
    )


def _told(models: Models, names: Titles, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a folder with just these two runs."""
    world = {"name": models[1].world.name, "first_year": models[1].world.first_year, "organisations": len(models[1].facts.codes)}
    own = {"scenarios": [{"name": key, "title": name} for key, name in zip((A, B), names, strict=True)], "baseline": A}
    counts = {"points": 1, "replicates": 1, "runs": 2, "failed": 0, "quarters": models[1].quarter}
    kept = {key: value for key, value in facts.items() if key not in ("worlds", "finished")}
    return {**kept, **own, **counts, "world": {**(facts.get("world") or {}), **world}}


def _map(models: Models, names: Titles, wanted: Wanted, facts: Mapping[str, Any]) -> Figure:
    """An outcome by system, of one world or as a difference: in the quarter, or the last one before it that has it (the survey's)."""
    outcome, show = wanted.outcome or "collaborative_share", wanted.show or "difference"
    values_by_system.check(outcome)
    difference = show in ("both", "difference")
    first, which = models[0].outcomes(by="system"), 0 if show == A else 1
    tables = [each.pivot(index="quarter", columns="system", values=outcome) for each in (first, models[1].outcomes(by="system"))]
    sample = tables[1] - tables[0] if difference else tables[which]
    known = sample.dropna(how="all")
    quarter = int(known.index[-1]) if len(known) else wanted.quarter
    people = models[1].world.icbs
    values = sample.loc[quarter].reindex(list(people["code"]))
    found = Found(
        values,
        values_by_system.intervals(values.to_frame().T),
        OUTCOMES[outcome].unit,
        dict(zip(people["code"], people["name"], strict=True)),
        models[1].world.name,
        names[which],
        names[0],
        year_names(np.array([quarter]), models[1].world.first_year)[0],
        values_by_system.span([quarter]),
        1,
        0,
    )
    return found_map(found, facts, outcome, difference, layout=LAYOUTS[wanted.layout or "map"])


@dataclass(frozen=True)
class Kind:
    """A figure on offer: what it shows, and what draws it."""

    words: str
    draw: Callable[[Models, Titles, Wanted, Mapping[str, Any]], Figure]


FIGURES: Mapping[str, Kind] = {
    "network": Kind("Who works with whom, and how, in both worlds", _network),
    "difference": Kind("Ties on which the two worlds differ", _difference),
    "ego": Kind("The system of the chosen organisation and its partners", _ego),
    "curves": Kind("The course of outcomes in both worlds", _curves),
    "map": Kind("An outcome by system", _map),
}
