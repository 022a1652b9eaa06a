"""Networks: who works with whom, and how, at one moment, through time, and in one scenario against another.

>>> from abm.view.network import network_figure
>>> import abm
>>> network_figure(abm.ICSModel(abm.tiny()).run(4)).axes[0].get_gid()
'main'
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from abm.experiment.again import model_of, quarters_of
from abm.experiment.folder import planned_runs, read_manifest
from abm.experiment.store import ResultsError
from abm.model.network import OVERSIGHT, TIE_KINDS
from abm.view import finding, saving, style
from abm.view.network import differences, looks
from abm.view.network.compose import Part, Shot, several, shot, single
from abm.view.network.legend import pounds
from abm.view.network.scene import EVERYTHING, Scene, moment, scene

if TYPE_CHECKING:
    from abm.model.ics_model import ICSModel

MOST_PANELS = 12


@dataclass(frozen=True)
class Run:
    """Which run a picture is of, in words; '' or None where it is not known."""

    scenario: str = ""
    point: int | None = None
    replicate: int | None = None
    quarters: int | None = None

    def words(self, drawn: Scene, dated: bool = True) -> str:
        """A subtitle: world, scenario, quarter (if `dated`) and replicate."""
        parts = [drawn.world, self.scenario, when(drawn, self.quarters) if dated else ""]
        parts.append(f"replicate {self.replicate} alone, not a mean" if self.replicate is not None else "")
        parts.append(f"design point {self.point}" if self.point else "")
        return " · ".join(part for part in parts if part)


def when(drawn: Scene, quarters: int | None = None) -> str:
    """'Q4 2038/39 (quarter 60 of 60)', or that nothing has been done yet."""
    of = f" of {quarters}" if quarters else ""
    return f"{moment(drawn.quarter, drawn.year)} (quarter {drawn.quarter}{of})" if drawn.quarter else "before the first quarter"


def network_figure(
    model: ICSModel | Scene,
    facts: Mapping[str, Any] | None = None,
    scope: str = EVERYTHING,
    layout: str | None = None,
    edges: str = "state",
    ties: Collection[str] | None = None,
    run: Run | None = None,
) -> Figure:
    """The network of a model as it stands: England, a region or one system and its partners.

    `scope` is "england", or the code or name of a region or system. `layout` is "map", "tiers" or "hex"; left out, it is the
    map where the world lies on England's outlines, tiers elsewhere, and a system stands with its partners around its ICB.
    `edges` is what lines show: "state" (collaborative or transactional last act), "act", "trust", "kind" or "flow"; `ties`
    the kinds of tie drawn (all but oversight; around a system all). `facts` is a results folder's manifest, for the
    provenance in the foot. Raises `ResultsError` for what there is not.
    """
    one = shot(_scene(model), scope, layout, edges, ties)
    subtitle = (run or Run()).words(one.scene) + _ties_words(one.scene, ties)
    with style.applied():
        return single(one, looks.look(one.scene, edges, one.close), _title(one), subtitle, facts or {})


def small_multiples(
    models: Iterable[ICSModel | Scene] | Path | str,
    facts: Mapping[str, Any] | None = None,
    quarters: Sequence[int] | None = None,
    scope: str = EVERYTHING,
    layout: str | None = None,
    edges: str = "state",
    ties: Collection[str] | None = None,
    run: Run | None = None,
    **which: Any,
) -> Figure:
    """The same network at several moments, side by side and standing alike.

    `models` are models (or scenes) at those moments; or a results folder, of which `which` (scenario, point, replicate) says
    the run and `quarters` after how many quarters (four evenly spread when left out). Up to 12 are drawn. Raises `ResultsError`.
    """
    if isinstance(models, (str, Path)):
        facts = facts or read_manifest(Path(models))
        run = run or run_of(facts, **which)
        moments = evenly(int(facts["quarters"])) if quarters is None else list(quarters)
        if not moments:
            raise ResultsError("no quarter to draw: give at least one")
        scenes = _scenes(Path(models), thinned(moments), which)
        left_out = len(set(moments)) - len(scenes)
    else:
        every = [_scene(model) for model in models]
        scenes = [every[round(i)] for i in np.linspace(0, len(every) - 1, min(len(every), MOST_PANELS))]
        left_out = len(every) - len(scenes)
    if not scenes:
        raise ResultsError("no model to draw: give at least one")
    shots = [shot(each, scope, layout, edges, ties) for each in scenes]
    parts = [
        Part(one, looks.look(one.scene, edges, small(one)), moment(one.scene.quarter, one.scene.year).capitalize(), _share(one))
        for one in shots
    ]
    title = course_of(shots, edges)
    more = f" · {left_out} more moments are not drawn" if left_out else ""
    subtitle = (run or Run()).words(scenes[0], dated=False) + _ties_words(shots[0].scene, ties) + more
    with style.applied():
        return several(parts, title, subtitle, facts or {})


def side_by_side(
    model_a: ICSModel | Scene,
    model_b: ICSModel | Scene,
    names: tuple[str, str],
    facts: Mapping[str, Any] | None = None,
    scope: str = EVERYTHING,
    layout: str | None = None,
    edges: str = "state",
    run: Run | None = None,
) -> Figure:
    """Two worlds at one moment beside each other, standing alike; `names` is what they are called. Raises `ResultsError`."""
    shots = [shot(_scene(model), scope, layout, edges, None) for model in (model_a, model_b)]
    parts = [Part(one, looks.look(one.scene, edges, small(one)), name, _share(one)) for one, name in zip(shots, names, strict=True)]
    title = _compared(shots, names)
    subtitle = (run or Run()).words(shots[1].scene)
    with style.applied():
        return several(parts, title, subtitle, facts or {})


def difference_figure(
    model_a: ICSModel | Scene,
    model_b: ICSModel | Scene,
    facts: Mapping[str, Any] | None = None,
    scope: str = EVERYTHING,
    layout: str | None = None,
    edges: str = "state",
    ties: Collection[str] | None = None,
    names: tuple[str, str] = ("before", "after"),
    run: Run | None = None,
) -> Figure:
    """Ties on which `model_b` differs from `model_a` (the same world: before and after, or baseline and treated).

    `edges` is "state", "act" or "trust"; ties that are the same are left as pale lines. `names` is what the two are called.
    Raises `ResultsError` for two worlds or another `edges`.
    """
    a, b = _scene(model_a), _scene(model_b)
    differences.check(a, b, edges)
    first, second = shot(a, scope, layout, edges, ties), shot(b, scope, layout, edges, ties)
    found = differences.difference(first.scene, second.scene, edges, second.close, names)
    words = replace(run or Run(), scenario="")
    one_time = a.quarter == b.quarter
    time = "" if one_time else f" · {when(a)} and {when(b)}"
    subtitle = f"{words.words(b, dated=one_time)}{time} · {names[1]} against {finding.within(names[0])}{_ties_words(second.scene, ties)}"
    with style.applied():
        return single(second, found.look, f"{second.place}: {found.words}", subtitle, facts or {})


# --- from a results folder ---------------------------------------------------------------------------------------------------


def draw_network(
    folder: Path | str,
    out: Path | str,
    scenario: str | None = None,
    point: int = 0,
    replicate: int = 0,
    quarters: Sequence[int] | None = None,
    scope: str = EVERYTHING,
    layout: str | None = None,
    edges: str = "state",
    ties: Collection[str] | None = None,
    against: str | None = None,
    report: Callable[[str], None] = lambda words: None,
) -> Path:
    """Draw the network of a stored run and save it at `out` (.png, .svg or .pdf); gives that path.

    `quarters` counts quarters run: one gives one picture (the last by default, 0 is the start), several give small multiples.
    `against` is another scenario: then the ties on which this one differs from it. Raises `ResultsError` for what there is not.
    """
    folder, out = Path(folder), Path(out)
    facts = read_manifest(folder)
    moments = [int(facts["quarters"])] if quarters is None or not len(quarters) else list(quarters)
    which: dict[str, Any] = {"scenario": scenario, "point": point, "replicate": replicate}
    run = run_of(facts, **which)
    asked: dict[str, Any] = {"facts": facts, "scope": scope, "layout": layout, "edges": edges, "ties": ties or None, "run": run}
    report(f"running {run.scenario} again")
    if against is not None:
        other: dict[str, Any] = {**which, "scenario": against}
        names = run_of(facts, **other).scenario, run.scenario
        figure = _differences(folder, moments, which, other, names, asked)
    elif len(moments) > 1:
        figure = small_multiples(folder, quarters=moments, **{**asked, **which})
    else:
        figure = network_figure(_scenes(folder, moments, which)[0], **asked)
    report(f"saving {out}")
    saving.save(figure, out, facts, *saving.words_of(figure))
    return out


def _differences(
    folder: Path, moments: Sequence[int], which: Mapping[str, Any], other: Mapping[str, Any], names: tuple[str, str], asked: dict[str, Any]
) -> Figure:
    """One difference, or one a moment."""
    if len(moments) == 1:
        return difference_figure(_scenes(folder, moments, other)[0], _scenes(folder, moments, which)[0], names=names, **asked)
    moments = thinned(moments)
    edges, ties = asked["edges"], asked["ties"]
    parts = []
    for a, b in zip(_scenes(folder, moments, other), _scenes(folder, moments, which), strict=True):
        differences.check(a, b, edges)
        first, second = (shot(each, asked["scope"], asked["layout"], edges, ties) for each in (a, b))
        found = differences.difference(first.scene, second.scene, edges, small(second), names)
        parts.append(Part(second, found.look, moment(b.quarter, b.year).capitalize(), found.brief))
    which_run = replace(asked["run"], scenario="").words(b, dated=False)
    subtitle = f"{which_run} · {names[1]} against {finding.within(names[0])}{_ties_words(second.scene, ties)}"
    with style.applied():
        return several(parts, f"{second.place}: {found.words}", subtitle, asked["facts"])


def run_of(facts: Mapping[str, Any], scenario: str | None = None, point: int = 0, replicate: int = 0) -> Run:
    """The run in words; an unknown scenario keeps its name (whoever loads it refuses it)."""
    name = facts["baseline"] if scenario is None else scenario
    titles = {each["name"]: each.get("title") or each["name"] for each in facts["scenarios"]}
    several_points = int(facts.get("points") or 1) > 1
    return Run(titles.get(name, name), point if several_points else None, replicate, int(facts["quarters"]))


def _scenes(folder: Path, moments: Sequence[int], which: Mapping[str, Any]) -> list[Scene]:
    """Scenes of one run after each of the given numbers of quarters, in one pass. Raises `ResultsError` as `model_of` does."""
    check_run(folder, **which)
    found = {quarter: scene(model_of(folder, **which, quarters=quarter)) for quarter in {min(moments), max(moments)}}
    if set(moments) - set(found):
        for model in quarters_of(folder, **which):
            if model.quarter in moments:
                found[model.quarter] = scene(model)
    return [found[quarter] for quarter in sorted(set(moments))]


def check_run(folder: Path, scenario: str | None = None, point: int = 0, replicate: int = 0) -> None:
    """Raise `ResultsError` for a run that failed: there is nothing to be seen of it."""
    runs = planned_runs(folder)
    name = read_manifest(folder)["baseline"] if scenario is None else scenario
    key = (runs["scenario"] == name) & (runs["point"] == point) & (runs["replicate"] == replicate)
    failed = runs[key & (runs["status"] == "failed")]
    if len(failed):
        where = f"errors/{name}-{point}-{replicate}.txt"
        raise ResultsError(
            f"run {name}, point {point}, replicate {replicate} failed ({failed['error'].iloc[0]}): see {where}; draw another replicate"
        )


def thinned(moments: Sequence[int]) -> list[int]:
    """At most MOST_PANELS of the moments, evenly spread, the first and the last among them."""
    every = sorted(set(moments))
    if len(every) <= MOST_PANELS:
        return every
    return [every[round(i)] for i in np.linspace(0, len(every) - 1, MOST_PANELS)]


def evenly(quarters: int, count: int = 4) -> list[int]:
    """Up to `count` moments of a run, evenly spread, the last one among them: year ends where years are whole."""
    step = quarters / count
    return sorted({max(1, round(step * (i + 1))) for i in range(count)})


def small(one: Shot) -> str:
    """How ties look in one of several panels: without dashes, which would not be seen."""
    return "region" if one.close == "system" else one.close


def _scene(model: ICSModel | Scene) -> Scene:
    return model if isinstance(model, Scene) else scene(model)


# --- words ---------------------------------------------------------------------------------------------------------------------


def _title(one: Shot) -> str:
    """What is seen, from the ties drawn."""
    drawn = one.scene
    partners = drawn.tie != OVERSIGHT
    if one.edges == "trust" and partners.any():
        return f"{one.place}: trust between partners averages {drawn.trust[partners].mean():.2f}"
    if one.edges in ("state", "act") and drawn.acts.any():
        return f"{one.place}: {drawn.joint:.0%} of {drawn.acts.sum():,} acts are collaborative"
    if one.edges == "flow" and drawn.flow.sum() > 0:
        return f"{one.place}: {pounds(float(drawn.flow.sum()) / 2)} of business a year between partners"
    members = int(drawn.members(one.scope).sum())
    return f"{one.place}: {style.count(len(drawn.tie) // 2, 'tie')} of {style.count(members, 'organisation')}"


def _share(one: Shot) -> str:
    """The number that goes with one of several panels."""
    drawn = one.scene
    partners = drawn.tie != OVERSIGHT
    if one.edges == "trust" and partners.any():
        return f"mean trust {drawn.trust[partners].mean():.2f}"
    if one.edges in ("state", "act"):
        return f"{drawn.joint:.0%} of {drawn.acts.sum():,} acts collaborative" if drawn.acts.any() else "no act yet"
    return style.count(len(drawn.tie) // 2, "tie")


def _compared(shots: Sequence[Shot], names: tuple[str, str]) -> str:
    """What is seen in two worlds: 'England: 67% of acts collaborative in A, 34% in B'."""
    found, place = [one.scene for one in shots], shots[0].place
    if shots[0].edges == "trust" and all((each.tie != OVERSIGHT).any() for each in found):
        first, second = (f"{each.trust[each.tie != OVERSIGHT].mean():.2f}" for each in found)
        said = f"{place}: mean trust {first}"
    elif shots[0].edges != "trust" and all(each.acts.any() for each in found):
        first, second = (f"{each.joint:.0%}" for each in found)
        said = f"{place}: {first} of acts collaborative"
    else:
        return _title(shots[1])
    return f"{said} in {finding.within(names[0])}, {second} in {finding.within(names[1])}"


def course_of(shots: Sequence[Shot], edges: str) -> str:
    """How the panels go from the first to the last."""
    first, last = shots[0], shots[-1]
    if len(shots) == 1 or edges in ("kind", "flow"):
        return _title(last)
    if edges == "trust":
        start, end = (each.scene.trust[each.scene.tie != OVERSIGHT] for each in (first, last))
        return f"{last.place}: mean trust goes from {start.mean():.2f} to {end.mean():.2f}" if len(start) else _title(last)
    acted = [each for each in shots if each.scene.acts.any()]
    if len(acted) < 2:
        return _title(last)
    return f"{last.place}: collaborative acts go from {acted[0].scene.joint:.0%} to {acted[-1].scene.joint:.0%}"


def _ties_words(drawn: Scene, ties: Collection[str] | None) -> str:
    """Which kinds of tie are drawn, where that was asked for."""
    kinds = [TIE_KINDS[kind] for kind in np.unique(drawn.tie)]
    return "" if ties is None else f" · ties of {', '.join(kinds) or ', '.join(ties)} only"


__all__ = ["Run", "difference_figure", "draw_network", "network_figure", "side_by_side", "small_multiples"]
