"""View: a network figure shows the organisations and ties that the model has, where they are, and nothing over anything else."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

import abm
from abm.experiment.store import ResultsError
from abm.model.acts import COLLABORATIVE
from abm.view import places, style
from abm.view.network import difference_figure, draw_network, layouts, looks, network_figure, small_multiples, stand
from abm.view.network.scene import JOINT, chosen_ties, scene
from tests.view.readable import assert_readable

MODELS: dict[str, abm.ICSModel] = {}


def model(name: str = "tiny") -> abm.ICSModel:
    """A model of a world after four quarters, made once."""
    if name not in MODELS:
        world = {"tiny": abm.tiny, "england": abm.england, "synthetic": lambda: abm.synthetic(4)}[name]()
        MODELS[name] = abm.ICSModel(world, seed=3).run(4)
    return MODELS[name]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("network") / "out"
    abm.sweep("tiny", path, ["quarters=8", "replicates=2", "scenarios=[baseline, finance_oversight]"], workers=1)
    return path


def panels(figure: Figure, *names: str) -> list[Any]:
    return [axes for axes in figure.axes if str(axes.get_gid()).startswith(names)]


def nodes(figure: Figure, *names: str) -> dict[str, np.ndarray]:
    """Places of symbols by kind, over the named panels."""
    found: dict[str, list[np.ndarray]] = {}
    for axes in panels(figure, *(names or ("main", "inset"))):
        for marks in axes.collections:
            if isinstance(marks, PathCollection) and str(marks.get_gid()).startswith("nodes:"):
                found.setdefault(str(marks.get_gid())[6:], []).append(np.asarray(marks.get_offsets()))
    return {kind: np.concatenate(parts) for kind, parts in found.items()}


def lines(figure: Figure, *names: str) -> list[LineCollection]:
    return [each for axes in panels(figure, *(names or ("main",))) for each in axes.collections if isinstance(each, LineCollection)]


def tie_numbers(figure: Figure, *names: str) -> set[int]:
    return {int(tie) for each in lines(figure, *names) for tie in each.ties}  # type: ignore[attr-defined]


def text(figure: Figure, name: str) -> str:
    return next(t.get_text() for t in figure.texts if t.get_gid() == name).replace("\n", " ").replace("\u00a0", " ")


def key(figure: Figure) -> str:
    return " ".join(t.get_text() for axes in panels(figure, "key") for t in axes.texts).replace("\n", " ")


def assert_symbols_clear(figure: Figure) -> None:
    """No name stands on the middle half of a symbol."""
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    renderer = canvas.get_renderer()
    for axes in panels(figure, "main", "inset"):
        boxes = [t.get_window_extent(renderer) for t in axes.texts if str(t.get_gid()).startswith("name:")]
        for marks in axes.collections:
            if not str(marks.get_gid()).startswith("nodes:"):
                continue
            spots = axes.transData.transform(np.asarray(marks.get_offsets()))
            radii = np.sqrt(marks.get_sizes()) / 2 * figure.dpi / 72 / 2  # type: ignore[attr-defined]
            for box in boxes:
                across = np.clip(spots[:, 0], box.x0, box.x1) - spots[:, 0]
                up = np.clip(spots[:, 1], box.y0, box.y1) - spots[:, 1]
                assert (np.hypot(across, up) >= radii).all()


# --- places -------------------------------------------------------------------------------------------------------------------


def test_the_map_is_the_british_grid_to_a_kilometre() -> None:
    table = pd.read_csv(Path(places.__file__).parents[1] / "england" / "data" / "places.csv")
    here = places.project(table["longitude"], table["latitude"])
    there = table[["easting", "northing"]].to_numpy() / 1000
    apart = here - there
    assert np.abs(apart - np.median(apart, axis=0)).max() < 1


def test_every_icb_lies_in_its_own_outline_and_every_region_is_there() -> None:
    world = abm.england()
    assert set(places.outlines("icb")) == set(world.icbs["code"]) and set(places.outlines("region")) == set(world.regions["code"])
    points = places.project(world.icbs["longitude"], world.icbs["latitude"])
    inside = [places.outlines("icb")[code].shape().contains_point(point) for code, point in zip(world.icbs["code"], points, strict=True)]
    assert all(inside)


def test_crowds_move_apart_and_the_lone_stay() -> None:
    points = np.array([[0.0, 0.0]] * 5 + [[0.5, 0.0], [40.0, 40.0]])
    radii = np.array([1.0, 1.0, 2.0, 1.0, 0.5, 1.0, 1.0])
    moved = places.apart(points, radii)
    distance = np.hypot(*(moved[:, None] - moved[None]).transpose(2, 0, 1)) + 99 * np.eye(7)
    assert (distance >= 0.98 * (radii[:, None] + radii[None])).all()
    assert np.abs(moved[6] - points[6]).max() < 0.01 and np.abs(moved[:6]).max() < 8
    assert np.array_equal(moved, places.apart(points, radii))


def test_symbols_of_england_do_not_cover_each_other() -> None:
    drawn = scene(model("england"))
    main = stand.on_map(drawn, "england", (7.5, 7.3), without="Y56")
    at, radii = main.at[main.shown], main.radius[main.shown] / 72 * main.scale
    distance = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)) + 999 * np.eye(len(at))
    assert (distance >= 0.9 * (radii[:, None] + radii[None])).all()
    assert main.moved < 30


def test_each_system_has_a_hexagon_of_its_own() -> None:
    for name in ("england", "synthetic", "tiny"):
        drawn = scene(model(name))
        main = layouts.in_hexes(drawn, "england", (8.0, 7.0))
        centres = np.array([area.rings[0][:-1].mean(axis=0) for area in main.areas])
        assert len({tuple(np.round(centre, 3)) for centre in centres}) == len(drawn.icbs)
        own = {drawn.codes[i]: main.at[i] for i in range(len(drawn.codes))}
        for i in np.flatnonzero(drawn.kind >= 2):  # all in the hexagon of their own system
            area = next(area for area in main.areas if area.code == drawn.system[i])
            assert area.shape().contains_point(own[drawn.codes[i]])


# --- scenes -------------------------------------------------------------------------------------------------------------------


def test_a_scene_is_the_models_network() -> None:
    drawn, graph = scene(model()), model().network()
    assert list(drawn.codes) == list(graph)
    edges = list(zip(drawn.source, drawn.target, drawn.trust, drawn.flow, drawn.act, strict=True))
    assert len(edges) == graph.number_of_edges()
    for source, target, trust, flow, act in edges:
        tie = graph.edges[drawn.codes[source], drawn.codes[target]]
        assert (tie["trust"], tie["flow_k"]) == (trust, flow)
        assert (act == JOINT) == (tie["act"] in COLLABORATIVE)


# --- one network -----------------------------------------------------------------------------------------------------------------


def test_england_shows_everybody_once_and_every_tie() -> None:
    figure = network_figure(model("england"))
    found = nodes(figure)
    assert {kind: len(at) for kind, at in found.items()} == {"region": 7, "ICB": 42, "provider": 205, "council": 153}
    assert len(nodes(figure, "inset")["council"]) == 33  # London is enlarged beside the map, and not on it
    drawn = chosen_ties(scene(model("england")), None)
    assert tie_numbers(figure, "main", "inset") == set(range(len(drawn.tie))) and len(drawn.tie) == 4238
    for each in lines(figure, "main", "inset"):
        joint = drawn.act[each.ties] == JOINT  # type: ignore[attr-defined]
        expected = np.where(joint[:, None], to_rgb(style.NAVY), to_rgb(style.AMBER))
        np.testing.assert_allclose(np.asarray(each.get_colors())[:, :3], expected)
    assert f"{drawn.joint:.0%} of 4,238 acts are collaborative" in text(figure, "title")
    named = sum(str(t.get_gid()).startswith("name:") for axes in panels(figure, "main", "inset") for t in axes.texts)
    assert named >= 60 and f"{407 - named} of 407 organisations are not named" in key(figure)
    assert_symbols_clear(figure)
    assert "Outlines: ONS" in text(figure, "sources") and "not a forecast" in text(figure, "disclaimer")
    assert_readable(figure)


def test_half_a_tie_lies_by_its_owner() -> None:
    drawn = chosen_ties(scene(model()), None)
    figure = network_figure(model(), layout="map")
    at = {code: spot for kind in nodes(figure).values() for code, spot in zip(_codes_at(figure, kind), kind, strict=True)}
    for each in lines(figure):
        for tie, points in zip(each.ties, each.get_segments(), strict=True):  # type: ignore[attr-defined]
            a, b = at[drawn.codes[drawn.source[tie]]], at[drawn.codes[drawn.target[tie]]]
            np.testing.assert_allclose(points[0], a, atol=1e-6)
            np.testing.assert_allclose(points[-1], (a + b) / 2, atol=1e-6)


def _codes_at(figure: Figure, spots: np.ndarray) -> list[str]:
    """Codes of the symbols at these places, by the names beside them being all there."""
    drawn = scene(model())
    main = stand.on_map(drawn, "england", _room(figure))
    return [drawn.codes[int(np.argmin(np.hypot(*(main.at - spot).T)))] for spot in spots]


def _room(figure: Figure) -> tuple[float, float]:
    box = panels(figure, "main")[0].get_position()
    wide, high = figure.get_size_inches()
    return float(box.width * wide), float(box.height * high)


def test_the_bent_halves_of_a_tie_meet() -> None:
    drawn = chosen_ties(scene(model()), None, abm.model.network.TIE_KINDS)
    for scope, layout in (("I1", None), ("england", "tiers"), ("england", "hex")):
        halves: dict[tuple[int, int, int], np.ndarray] = {}
        figure = network_figure(model(), scope=scope, layout=layout, ties=abm.model.network.TIE_KINDS)
        inside = drawn.members(scope)
        own = drawn.with_ties(inside[drawn.source] | inside[drawn.target])
        for each in lines(figure):
            for tie, points in zip(each.ties, each.get_segments(), strict=True):  # type: ignore[attr-defined]
                halves[int(own.source[tie]), int(own.target[tie]), int(own.tie[tie])] = points[-1]
        assert halves
        for (source, target, kind), end in halves.items():
            np.testing.assert_allclose(end, halves[target, source, kind], atol=1e-9)


def test_trust_is_shown_on_its_own_scale() -> None:
    drawn = chosen_ties(scene(model()), None)
    for each in lines(network_figure(model(), edges="trust")):
        ties = each.ties  # type: ignore[attr-defined]
        low, high = looks.TRUST_SPAN
        expected = looks.TRUST_COLOURS(np.clip((drawn.trust[ties] - low) / (high - low), 0, 1))
        np.testing.assert_allclose(np.asarray(each.get_colors())[:, :3], expected[:, :3], atol=0.01)


def test_flows_are_one_line_a_pair_with_width_by_square_root() -> None:
    drawn = chosen_ties(scene(model()), None)
    figure = network_figure(model(), edges="flow")
    assert len(tie_numbers(figure)) == len(drawn.tie) // 2
    for each in lines(figure):
        widths = np.asarray(each.get_linewidths())
        wide = widths > looks.THINNEST
        ratio = widths[wide] / np.sqrt(drawn.flow[each.ties][wide])  # type: ignore[attr-defined]
        assert ratio.std() < 1e-9 * ratio.mean()
    assert "of business a year" in key(figure)


@pytest.mark.parametrize("edges", ["act", "trust", "flow"])
@pytest.mark.parametrize(
    ("world", "scope", "layout"),
    [
        ("tiny", "england", None),
        ("tiny", "england", "hex"),
        ("tiny", "I1", None),
        ("synthetic", "england", None),
        ("synthetic", "S0002", "hex"),
    ],
)
def test_every_layout_can_be_read(world: str, scope: str, layout: str | None, edges: str) -> None:
    figure = network_figure(model(world), scope=scope, layout=layout, edges=edges)
    assert_readable(figure)
    drawn = scene(model(world))
    members = int(drawn.members(scope).sum())
    assert sum(map(len, nodes(figure).values())) in (members, members + 1)  # a system's region stands above it


@pytest.mark.parametrize(("scope", "layout"), [("Y58", None), ("London", None), ("QMJ", None), ("england", "tiers"), ("england", "hex")])
def test_england_from_nearer_can_be_read(scope: str, layout: str | None) -> None:
    figure = network_figure(model("england"), scope=scope, layout=layout)
    assert_readable(figure)


def test_a_system_shows_its_partners_in_bundles() -> None:
    figure = network_figure(model("england"), scope="North Central London")
    words = [t.get_text().replace("\n", " ").replace("\u00a0", " ") for t in panels(figure, "main")[0].texts]
    assert {"Barnet", "Royal Free London", "Moorfields Eye Hospital", "North West London (12)"} <= set(words)
    centre = nodes(figure)["ICB"][0]
    assert np.allclose([nodes(figure)[kind][:, 1].mean() for kind in ("provider", "council")], centre[1])
    assert len(nodes(figure)["provider"]) == 8 and len(nodes(figure)["council"]) == 5
    graph = model("england").network()
    own = {code for code, facts in graph.nodes(data=True) if facts["system"] == "QMJ"}
    assert len(tie_numbers(figure)) == sum(a in own or b in own for a, b in graph.edges)


def test_ties_of_some_kinds_only_and_none_at_all() -> None:
    figure = network_figure(model(), ties=["pooling"])
    assert len(tie_numbers(figure)) == 8 and "ties of pooling only" in text(figure, "subtitle")
    lone = dataclasses.replace(scene(model()).with_ties(np.zeros(len(scene(model()).tie), dtype=bool)))
    for edges in looks.EDGES:
        figure = network_figure(lone, edges=edges)
        assert "No ties of these kinds here" in key(figure) and not tie_numbers(figure)
        assert_readable(figure)
    assert "0 ties" in text(figure, "title")


def test_before_the_first_quarter_there_is_no_act() -> None:
    figure = network_figure(abm.ICSModel(abm.tiny()))
    assert "before the first quarter" in text(figure, "subtitle") and "no act: 38" in key(figure)


def test_a_world_without_places_stands_in_tiers_and_is_no_map() -> None:
    tiny = abm.tiny()
    blank = {name: getattr(tiny, name).assign(longitude=np.nan, latitude=np.nan) for name in ("regions", "icbs", "providers", "councils")}
    nowhere = abm.ICSModel(dataclasses.replace(tiny, **blank)).run(1)
    for layout in (None, "tiers", "hex"):
        assert_readable(network_figure(nowhere, layout=layout))
    with pytest.raises(ResultsError, match="10 of its 10 organisations have no longitude and latitude; layout 'tiers' needs none"):
        network_figure(nowhere, layout="map")


# --- several moments, differences ----------------------------------------------------------------------------------------------------


def test_panels_stand_alike_and_say_their_quarter(folder: Path) -> None:
    figure = small_multiples(folder, quarters=[0, 2, 8], scenario="finance_oversight")
    heads = [text(figure, f"head:{i}") for i in range(3)]
    assert heads == ["At the start", "Q2 2024/25", "Q4 2025/26"] and text(figure, "note:0") == "no act yet"
    first, *others = ([nodes(figure, f"panel:{i}")[kind] for kind in looks_words()] for i in range(3))
    for other in others:
        for a, b in zip(first, other, strict=True):
            assert np.array_equal(a, b)
    again = abm.ICSModel(abm.tiny()).run(0)
    assert len(nodes(figure, "panel:0")["provider"]) == len(
        again.agents_by_type[next(t for t in again.agent_types if t.__name__ == "Provider")]
    )
    assert_readable(figure)


def looks_words() -> list[str]:
    return [symbol.word for symbol in looks.SYMBOLS.values()]


def test_too_many_moments_are_thinned_and_it_is_said() -> None:
    models = [scene(model())] * 20
    figure = small_multiples(models)
    assert len(panels(figure, "panel:")) == 12 and "8 more moments are not drawn" in text(figure, "subtitle")
    with pytest.raises(ResultsError, match="no model to draw"):
        small_multiples([])


def test_differences_are_the_ties_that_differ() -> None:
    before, after = (abm.ICSModel(abm.tiny(), levers=levers, seed=3).run(12) for levers in ({}, {"finance_share": 0.95}))
    a, b = chosen_ties(scene(before), None), chosen_ties(scene(after), None)
    to, off = (a.act != JOINT) & (b.act == JOINT), (a.act == JOINT) & (b.act != JOINT)
    assert off.any()
    figure = difference_figure(before, after, names=("Baseline", "Finance"))
    for each in lines(figure):
        for tie, colour in zip(each.ties, np.asarray(each.get_colors()), strict=True):  # type: ignore[attr-defined]
            expected = style.NAVY if to[tie] else style.AMBER if off[tie] else style.GREY
            np.testing.assert_allclose(colour[:3], to_rgb(expected))
    assert f"{off.sum()} of 38 acts are transactional instead, {to.sum()} collaborative instead" in text(figure, "title")
    assert "Finance against baseline" in text(figure, "subtitle")
    trust = difference_figure(before, after, edges="trust")
    mean = (b.trust - a.trust).mean()
    assert style.number(mean, 2, sign=True) in text(trust, "title")
    for each in (figure, trust, difference_figure(before, after, edges="act")):
        assert_readable(each)


def test_no_difference_and_no_comparison_are_said() -> None:
    figure = difference_figure(model(), model())
    assert "not one of 38 acts differs" in text(figure, "title")
    with pytest.raises(ResultsError, match="other organisations or ties"):
        difference_figure(model(), model("synthetic"))
    with pytest.raises(ResultsError, match="ties differ by state, act, trust"):
        difference_figure(model(), model(), edges="flow")


# --- what there is not ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            {"scope": "Northshir"},
            "no scope 'Northshir' in tiny; did you mean I1 (Northshire)? (there are: england, R1, I1, I2, or their names)",
        ),
        ({"layout": "tier"}, "no layout 'tier'; did you mean 'tiers'? (there are: map, tiers, hex)"),
        ({"edges": "trusts"}, "no look of edges 'trusts'; did you mean 'trust'? (there are: state, trust, kind, act, flow)"),
        (
            {"ties": ["poling"]},
            "no kind of tie 'poling'; did you mean 'pooling'? (there are: commissioning, pooling, discharge, collaborative, oversight)",
        ),
    ],
)
def test_what_there_is_not_is_refused_with_the_nearest(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(ResultsError) as error:
        network_figure(model(), **asked)
    assert str(error.value) == said


# --- from a folder ---------------------------------------------------------------------------------------------------------------------


def test_a_stored_run_is_drawn_with_its_provenance(folder: Path, tmp_path: Path) -> None:
    told: list[str] = []
    path = draw_network(folder, tmp_path / "a.png", "finance_oversight", replicate=1, report=told.append)
    with Image.open(path) as image:
        said = image.text  # type: ignore[attr-defined]
    assert said["experiment"] == "tiny" and said["seed"] == "7" and "acts are collaborative" in said["Title"]
    assert "Finance-dominated oversight · Q4 2025/26 (quarter 8 of 8) · replicate 1 alone" in said["Description"]
    assert told == ["running Finance-dominated oversight again", f"saving {path}"]
    draw_network(folder, tmp_path / "b.png", "finance_oversight", replicate=1)
    assert path.read_bytes() == (tmp_path / "b.png").read_bytes()
    svg = draw_network(folder, tmp_path / "c.svg", "finance_oversight", against="baseline", quarters=[4, 8])
    assert "Finance-dominated oversight against baseline" in svg.read_text("utf-8")


def test_what_the_folder_has_not_is_refused(folder: Path, tmp_path: Path) -> None:
    for asked, said in (
        ({"scenario": "finance"}, "no scenario 'finance'"),
        ({"against": "base"}, "no scenario 'base'.*did you mean 'baseline'"),
        ({"replicate": 2}, "no replicate 2"),
        ({"quarters": [9]}, "quarters is 0 to 8"),
        ({"quarters": [-1, 4]}, "quarters is 0 to 8"),
    ):
        with pytest.raises(ResultsError, match=said):
            draw_network(folder, tmp_path / "no.png", **asked)  # type: ignore[arg-type]
    with pytest.raises(ResultsError, match="figures are saved as"):
        draw_network(folder, tmp_path / "no.jpg")


def test_a_failed_run_is_refused_and_the_others_are_drawn(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from abm.view.network import figures as network

    runs = network.planned_runs(folder)
    failed = (runs["scenario"] == "baseline") & (runs["replicate"] == 0)
    runs.loc[failed, "status"], runs.loc[failed, "error"] = "failed", "ValueError: no"
    monkeypatch.setattr(network, "planned_runs", lambda _: runs)
    with pytest.raises(ResultsError, match=r"run baseline, point 0, replicate 0 failed \(ValueError: no\): see errors/baseline-0-0.txt"):
        draw_network(folder, tmp_path / "no.png")
    assert draw_network(folder, tmp_path / "yes.png", replicate=1).exists()
