"""View: the interactive page holds what the run holds, whatever the world, and nothing in it can break out or call home."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import abm
from abm.experiment.again import model_of
from abm.experiment.store import ResultsError
from abm.model.network import COUNCIL, ICB, ORGANISATION_KINDS, PROVIDER, REGION, TIE_KINDS, World
from abm.view import style
from abm.view.page import page_html, record, write_page
from abm.view.page.document import page_document
from abm.view.page.layout import SYMBOL, layouts, project
from abm.view.page.onefile import SCRIPTS, asset, in_script
from abm.view.page.packing import packed, unpacked
from abm.view.page.recording import Film, network_of

NASTY = "</script><script>alert('x')</script> Guy's & \"St\" <!-- {{data}} \u2028 %"
LIMIT = 1.5e6  # bytes


def film(world: World, quarters: int = 4, name: str = "mine", every: int = 1, **levers: Any) -> Film:
    model = abm.ICSModel(world, levers=levers, seed=5)
    return record((model.run(1) for _ in range(quarters)), name, name.capitalize(), every=every)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("page") / "tiny"
    abm.sweep("tiny", place, ["replicates=2"])
    return place


class Elements(HTMLParser):
    """Every element of a page with its attributes and text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.inside = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), []))
        self.inside = True

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.found[-1][2].append(data)

    def all(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        return [(attributes, "".join(text)) for name, attributes, text in self.found if name == tag]

    def data(self) -> dict[str, Any]:
        return json.loads(next(text for attributes, text in self.all("script") if attributes.get("id") == "data"))


# --- data there and back ----------------------------------------------------------------------------------------------------


@given(arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 4)), elements=st.one_of(st.floats(-3e6, 3e6), st.just(np.nan))))
def test_what_is_packed_comes_back_to_half_a_step(values: np.ndarray) -> None:
    block = json.loads(json.dumps(packed(values, "GBP k", 0.5)))
    back = unpacked(block)
    assert (np.isnan(back) == np.isnan(values)).all()
    assert np.nanmax(np.abs(back - values), initial=0.0) <= 0.25 + 1e-9


def test_small_numbers_take_a_byte_each_and_too_large_ones_are_refused() -> None:
    assert packed([[0.0, 1.0]], "probability", 0.005)["type"] == "uint8"
    assert packed([[-1.0, 100.0]], "x", 1)["type"] == "int8"
    with pytest.raises(ValueError, match="too large"):
        packed([[1e12]], "GBP k", 1)


@pytest.mark.parametrize("quarter", [1, 5])
def test_the_document_says_what_the_network_says(folder: Path, quarter: int) -> None:
    model = model_of(folder, "regional_bypass", replicate=1)
    data = page_document([record((model_of(folder, "regional_bypass", replicate=1, quarters=n) for n in range(1, 7)), "x")])
    graph = model_of(folder, "regional_bypass", replicate=1, quarters=quarter + 1).network()
    codes, pairs = data["organisations"]["code"], data["pairs"]
    assert codes == list(graph.nodes) and 2 * len(pairs["a"]) == graph.number_of_edges()
    states = {name: unpacked(block)[quarter] for name, block in data["scenarios"][0]["states"].items()}
    for tie in range(2 * len(pairs["a"])):
        ends = [codes[pairs["ab"[end]][tie // 2]] for end in (tie % 2, 1 - tie % 2)]
        edge = graph.edges[ends[0], ends[1]]
        act = data["acts"][int(states["act"][tie])] if states["act"][tie] != data["no_act"] else {"id": "", "collaborative": None}
        assert (edge["kind"], edge["act"], edge["collaborative"]) == (TIE_KINDS[pairs["kind"][tie // 2]], act["id"], act["collaborative"])
        assert edge["trust"] == pytest.approx(states["trust"][tie], abs=0.0026)
        assert edge["stake_k"] == pytest.approx(pairs["stake_k"][tie // 2], abs=0.5)
    for row, (code, facts) in enumerate(graph.nodes(data=True)):
        assert facts["kind"] == data["kinds"][data["organisations"]["kind"][row]]["id"] and codes[row] == code
        assert facts["income_k"] == pytest.approx(states["income"][row], abs=50)
        assert facts["deficit"] == pytest.approx(states["deficit"][row], abs=0.00005)
    assert model.world.name == data["world"]


@pytest.mark.parametrize(
    ("quarters", "every", "kept"), [(12, 4, (0, 3, 7, 11)), (6, 4, (0, 3, 5)), (3, 1, (0, 1, 2)), (1, 4, (0,)), (2, 99, (0, 1))]
)
def test_the_first_quarter_the_last_of_every_few_and_the_last_are_kept(quarters: int, every: int, kept: tuple[int, ...]) -> None:
    assert film(abm.tiny(), quarters, every=every).quarters == kept


def test_quarters_have_their_year(folder: Path) -> None:
    assert page_document([film(abm.tiny(), 6, every=4)])["quarters"] == [
        {"number": 0, "year": "2024/25", "quarter": 1},
        {"number": 3, "year": "2024/25", "quarter": 4},
        {"number": 5, "year": "2025/26", "quarter": 2},
    ]


def test_the_document_is_written_down() -> None:
    text = (Path(__file__).parents[2] / "docs" / "interactive.md").read_text("utf-8")
    table = text[text.index("## The document") :]
    data = page_document([film(abm.tiny(), 2)])
    columns = [key for part in ("organisations", "pairs", "run") for key in data[part]]
    blocks = [*data["scenarios"][0], *data["scenarios"][0]["states"], *data["scenarios"][0]["states"]["trust"]]
    layout = [*data["layouts"][0], *data["quarters"][0]]
    assert [key for key in (*data, *columns, *blocks, *layout) if f"`{key}`" not in table] == []


# --- where organisations stand ----------------------------------------------------------------------------------------------


def test_england_stands_on_its_outlines_and_symbols_do_not_cover_each_other() -> None:
    network = network_of(abm.ICSModel(abm.england()))
    people, data = network.organisations, page_document([film(abm.england(), 1)])
    assert [each["id"] for each in data["layouts"]] == ["map", "tiers"]
    assert {layer: len(areas) for layer, areas in data["outlines"].items()} == {"icb": 42, "region": 7}
    where = np.column_stack([data["layouts"][0][axis] for axis in "xy"])
    home, kinds = project(people["longitude"], people["latitude"]), people["kind"].to_numpy()
    moved = np.hypot(*(where - home).T)
    assert moved[kinds == REGION].max() < 0.1 and moved.max() < 40 and np.median(moved) < 4
    far = np.hypot(*(where[:, None] - where[None]).transpose(2, 0, 1))
    need = (SYMBOL[kinds][:, None] + SYMBOL[kinds][None]) / 2
    np.fill_diagonal(far, 1e9)
    assert (far / need).min() > 0.8
    steps = np.array(data["outlines"]["region"][0]["rings"][0]).reshape(-1, 2)
    assert np.abs(steps[1:]).max() < 1000 and steps.sum(axis=0) == pytest.approx(steps[0], abs=2)  # kilometres / 10; the ring closes


@pytest.mark.parametrize("world", [abm.tiny(), abm.synthetic(4), abm.synthetic(60)], ids=lambda world: world.name)
def test_other_worlds_stand_in_tiers_in_the_order_of_kinds(world: World) -> None:
    people = network_of(abm.ICSModel(world)).organisations
    first, second = layouts(people)
    assert (first["id"], second["id"]) == ("tiers", "places") and page_document([film(world, 1)])["outlines"] == {}
    points, kinds = np.column_stack([first["x"], first["y"]]), people["kind"].to_numpy()
    assert len(np.unique(points, axis=0)) == len(points)
    for upper, lower in ((REGION, ICB), (ICB, PROVIDER), (PROVIDER, COUNCIL)):
        assert points[kinds == upper, 1].max() < points[kinds == lower, 1].min()


def test_a_world_without_places_has_tiers_only_and_no_nan() -> None:
    text = page_html([film(nowhere(), 2)])
    assert [each["id"] for each in Elements(text).data()["layouts"]] == ["tiers"]
    assert "NaN" not in in_script(page_document([film(nowhere(), 1)]))


def nowhere() -> World:
    world = abm.tiny()
    places = {name: getattr(world, name).assign(longitude=np.nan, latitude=np.nan) for name in ("regions", "icbs", "providers", "councils")}
    return World(name="nowhere", partnerships=world.partnerships, **places)


# --- the one file -----------------------------------------------------------------------------------------------------------


def nasty_page() -> str:
    world = abm.tiny()
    named = world.providers.assign(name=[NASTY, "O'Brien's", 'A "quoted" & <b>bold</b> trust', "Ärztehaus"])
    tables = {name: getattr(world, name) for name in ("regions", "icbs", "councils", "partnerships")}
    facts = {"title": NASTY, "question": NASTY, "experiment": NASTY, "seed": 1}
    return page_html([film(World(name=NASTY, providers=named, **tables), 2)], facts)


def test_no_title_or_name_can_become_markup() -> None:
    page = Elements(nasty_page())
    assert len(page.all("script")) == 3 and not page.all("b")
    data = page.data()
    assert data["title"] == NASTY and data["question"] == NASTY and NASTY in data["organisations"]["name"]
    assert page.all("h1")[0][1].strip() == NASTY.strip() and page.all("title")[0][1].strip() == NASTY
    linked = json.loads(next(text for attributes, text in page.all("script") if attributes.get("type") == "application/ld+json"))
    assert linked["name"] == NASTY
    assert ("abm:experiment", NASTY) in [(a.get("name"), a.get("content")) for a, _ in page.all("meta")]


def test_the_script_never_makes_markup_of_text() -> None:
    for name in SCRIPTS:
        for risky in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "fetch(", "import("):
            assert risky not in asset(name), f"{name} has {risky}"


def test_nothing_is_fetched_and_only_our_script_may_run() -> None:
    text = page_html([film(abm.tiny(), 2)])
    assert set(re.findall(r"""(?:https?:)?//[\w.-]+\.\w+""", re.sub(r"//[ -].*", "", text))) <= {"https://schema.org"}
    page = Elements(text)
    assert not page.all("link") and not page.all("img") and not page.all("iframe")
    assert not [
        attributes
        for _, attributes, _ in page.found
        if {"src", "href", "action"} & set(attributes) and attributes.get("href") != "#details"
    ]
    policy = next(a["content"] for a, _ in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    code = next(text for attributes, text in page.all("script") if not attributes)
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    assert policy is not None and policy.startswith("default-src 'none'; ") and f"script-src 'sha256-{digest}';" in policy


def test_provenance_and_disclaimer_are_in_head_and_foot(folder: Path, tmp_path: Path) -> None:
    out = write_page(folder, tmp_path / "new" / "page.html", scenario="regional_bypass", replicate=1)
    text, facts = out.read_text("utf-8"), json.loads((folder / "manifest.json").read_text("utf-8"))
    page = Elements(text)
    meta = {a["name"]: a["content"] for a, _ in page.all("meta") if a.get("name")}
    assert meta["abm:seed"] == str(facts["seed"]) and meta["abm:config_sha256"] == facts["files"]["config.yaml"]
    assert (meta["abm:scenario"], meta["abm:replicate"], meta["abm:point"]) == ("regional_bypass", "1", "0")
    foot = text[text.index("<footer>") : text.index("</footer>")]
    assert "not a forecast" in foot and "Open Government Licence" in foot and "not published figures" in foot and "config " in foot
    linked = json.loads(next(text for attributes, text in page.all("script") if attributes.get("type") == "application/ld+json"))
    assert {"name": "seed", "value": str(facts["seed"]), "@type": "PropertyValue"} in linked["additionalProperty"]


def test_sixty_quarters_of_england_in_two_scenarios_fit_the_limit() -> None:
    films = [film(abm.england(), 60, name, **levers) for name, levers in (("baseline", {}), ("finance", {"finance_share": 0.9}))]
    text = page_html(films)
    data = Elements(text).data()
    assert len(data["organisations"]["code"]) == 407 and 2 * len(data["pairs"]["a"]) == 4732 and len(data["quarters"]) == 60
    assert len(text.encode()) < LIMIT


# --- looks ------------------------------------------------------------------------------------------------------------------


def light(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return float(np.dot([0.2126, 0.7152, 0.0722], [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]))


def contrast(first: str, second: str) -> float:
    low, high = sorted((light(first), light(second)))
    return (high + 0.05) / (low + 0.05)


def test_colours_are_those_of_the_style_file_and_can_be_seen() -> None:
    look = asset("look.js")
    named = dict(re.findall(r"\b([A-Z]+) = \"(#[0-9A-F]{6})\"", look))
    for name in ("NAVY", "SKY", "AMBER", "PLUM", "GREY", "INK", "MUTED", "RULE", "PAPER"):
        assert named[name] == getattr(style, name)
    lines = [
        named["NAVY"],
        named["BRONZE"],
        named["GREY"],
        *re.findall(r"\"(#[0-9A-F]{6})\"", look[look.index("TRUST_COLOURS") : look.index("CHANGE_EDGES")]),
    ]
    lines += re.findall(r"(?:lower|higher)[^}]*colour: \"(#[0-9A-F]{6})\"", look)
    assert len(lines) >= 11 and min(contrast(colour, named["LAND"]) for colour in lines) >= 3
    page = dict(re.findall(r"--([a-z]+): (#[0-9A-F]{6})", asset("page.css")))
    for text in ("ink", "muted", "navy"):
        assert min(contrast(page[text], page["paper"]), contrast(page[text], page["pale"])) >= 4.5
    assert contrast(page["edge"], page["paper"]) >= 3
    assert len({shape for shape in re.findall(r"shape: \"(\w+)\"", look)}) == len(ORGANISATION_KINDS)


# --- what cannot be done ----------------------------------------------------------------------------------------------------


def test_the_baseline_is_what_is_compared_with(folder: Path, tmp_path: Path) -> None:
    said: list[str] = []
    for number, (own, other) in enumerate([("regional_bypass", "baseline"), (None, "regional_bypass"), ("baseline", "regional_bypass")]):
        data = Elements(write_page(folder, tmp_path / f"{number}.html", own, against=other, report=said.append).read_text("utf-8")).data()
        assert [each["name"] for each in data["scenarios"]] == ["baseline", "regional_bypass"] and data["run"]["paired"]
    assert len(said) == 9 and "Regional bypass: 4 quarters of tiny" in said


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"out": "page.png"}, "saved as .html"),
        ({"scenario": "bypas"}, "no scenario"),
        ({"against": "baseline"}, "compared with itself"),
        ({"replicate": 9}, "no replicate 9"),
        ({"point": 3}, "no design point 3"),
        ({"every": 0}, "from 1"),
        ({"out": "taken/page.html"}, "cannot write"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(folder: Path, tmp_path: Path, asked: dict[str, Any], words: str) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    out = tmp_path / asked.pop("out", "page.html")
    with pytest.raises(ResultsError, match=words) as caught:
        write_page(folder, out, **asked)
    assert "\n" not in str(caught.value) and not out.exists()


def test_a_failed_run_says_so_and_others_still_show(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("config.yaml", "manifest.json", "points.csv", "runs.csv"):
        (copy / name).write_text((folder / name).read_text("utf-8"), "utf-8")
    runs = (copy / "runs.csv").read_text("utf-8").splitlines()
    runs[1] = re.sub(r",done,([\d.]+),", r",failed,\1,out of luck", runs[1])
    (copy / "runs.csv").write_text("\n".join(runs) + "\n", "utf-8")
    with pytest.raises(ResultsError, match=r"run baseline-0-0 .* failed \(out of luck\): choose another; 7 of 8 did not fail"):
        write_page(copy, tmp_path / "page.html")
    assert write_page(copy, tmp_path / "page.html", replicate=1).exists()


def test_films_that_do_not_fit_each_other_are_refused() -> None:
    with pytest.raises(ResultsError, match="not of the same world"):
        page_html([film(abm.tiny(), 2), film(abm.synthetic(2), 2)])
    with pytest.raises(ResultsError, match="not of the same world"):
        page_html([film(abm.tiny(), 2), film(abm.tiny(), 3)])
    with pytest.raises(ResultsError, match="nothing to show"):
        record(iter(()), "none")
