"""View: the interactive page in a real browser shows what the run holds, by mouse, finger and keyboard, and asks nobody for anything."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import abm
from abm.view import style
from abm.view.page import page_document, page_html, record
from abm.view.page.packing import unpacked
from tests.view import chromium
from tests.view.test_page import NASTY, film, nasty_page

pytestmark = pytest.mark.skipif(chromium.found() is None, reason="there is no Chromium on this machine to open the page in")

TITLE = "What finance does to England's systems"
VIEW = "abmNetwork.page.view"
FOUND = "abmNetwork.page.found"
SLOWEST = 100  # milliseconds that the quickest of some redraws may take on a busy machine; 6 to 10 where it has one for itself


@pytest.fixture(scope="module")
def browser() -> Iterator[chromium.Browser]:
    with chromium.browser() as running:
        yield running


@pytest.fixture(scope="module")
def films() -> list[Any]:
    return [film(abm.england(), 8, "baseline", every=4), film(abm.england(), 8, "finance", every=4, finance_share=0.9)]


@pytest.fixture(scope="module")
def england(tmp_path_factory: pytest.TempPathFactory, films: list[Any]) -> Path:
    path = tmp_path_factory.mktemp("england") / "page.html"
    path.write_text(page_html(films, {"title": TITLE, "seed": 5}), "utf-8")
    return path


@pytest.fixture(scope="module")
def opened(browser: chromium.Browser, england: Path) -> chromium.Page:
    """England in a window of 1280 × 800. A test that changes it starts from `fresh`."""
    return browser.open(england)


@pytest.fixture
def fresh(opened: chromium.Page, england: Path) -> chromium.Page:
    opened.size(1280, 800)
    opened.go(england)
    return opened


@pytest.fixture(scope="module")
def other(browser: chromium.Browser, england: Path) -> chromium.Page:
    """A page for other worlds."""
    return browser.open(england)


def put(page: chromium.Page, path: Path, text: str) -> chromium.Page:
    path.write_text(text, "utf-8")
    page.go(path)
    return page


def place(page: chromium.Page, code: str) -> list[float]:
    """Where an organisation's symbol is in the window."""
    return page.run(
        f"""(() => {{ const page = abmNetwork.page, row = page.network.organisations.findIndex((each) => each.code === "{code}"),
        box = page.canvas.getBoundingClientRect(); return [box.left + page.renderer.x[row], box.top + page.renderer.y[row]]; }})()"""
    )


def press(page: chromium.Page, selector: str) -> None:
    page.run(f"document.querySelector({selector!r}).click()")
    page.settled()


# --- what it shows ----------------------------------------------------------------------------------------------------------


def test_it_opens_without_errors_and_asks_for_nothing_but_itself(opened: chromium.Page, england: Path) -> None:
    assert opened.errors == [] and set(opened.asked) == {england.resolve().as_uri()}
    assert opened.run("document.title") == TITLE == opened.run("document.querySelector('h1').textContent")


def test_the_browser_reads_the_numbers_that_python_wrote(opened: chromium.Page, films: list[Any]) -> None:
    data = page_document(films)
    for number, scenario in enumerate(data["scenarios"]):
        for name, block in scenario["states"].items():
            sums = f"(() => {{ const t = abmNetwork.page.network.scenarios[{number}].states.{name}, s = [];"
            sums += " for (let f = 0; f < t.frames; f++) { let a = 0; for (let i = 0; i < t.columns; i++) a += t.at(f, i) * (i % 97 + 1);"
            sums += " s.push(a); } return s; })()"
            weights = np.arange(block["columns"]) % 97 + 1
            assert opened.run(sums) == pytest.approx((unpacked(block) * weights).sum(axis=1).tolist(), rel=1e-9)


def test_england_is_drawn_with_every_organisation_and_tie_counted(fresh: chromium.Page, films: list[Any]) -> None:
    acts = films[1].states["act"][-1]
    joint = np.array([each["collaborative"] for each in page_document(films)["acts"]])
    shown = acts[acts != 255].astype(int)
    assert fresh.run(f"{FOUND}.organisationCount") == 407 and fresh.run(f"{FOUND}.ties.length") == len(shown)
    assert fresh.run(f"{FOUND}.counts") == [0, int((~joint[shown]).sum()), int(joint[shown].sum())]
    legend = fresh.run("document.getElementById('legend').textContent")
    assert (
        "205 providers" in legend and f"collaborative: {int(joint[shown].sum()):,}" in legend and "494 ties of 4,732 filtered out" in legend
    )
    picture = np.array(shot(fresh))[:, :, :3].reshape(-1, 3)
    for colour in (style.NAVY, style.SKY, style.AMBER, style.GREY):
        wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        assert (np.abs(picture - wanted).max(axis=1) < 12).sum() > 40, f"no symbol in {colour}"
    inside = fresh.run(
        "abmNetwork.page.renderer.x.every((x, i) => x > 0 && x < abmNetwork.page.width) && abmNetwork.page.renderer.y.every((y) => y > 0)"
    )
    assert inside


def shot(page: chromium.Page) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(page.run("document.getElementById('canvas').toDataURL()").split(",")[1])))


def test_the_difference_counts_ties_that_are_joint_in_one_scenario_only(fresh: chromium.Page, films: list[Any]) -> None:
    joint = np.array([each["collaborative"] for each in page_document(films)["acts"]])
    first, second = (joint[each.states["act"][-1][each.states["act"][-1] != 255].astype(int)] for each in films)
    press(fresh, "#scenario label:nth-of-type(3) input")
    assert fresh.run(f"{FOUND}.counts") == [0, int((first == second).sum()), int((first & ~second).sum()), int((~first & second).sum())]
    assert "same random numbers in both" in fresh.run("document.getElementById('status').textContent")
    press(fresh, "#colour label:nth-of-type(2) input")
    assert fresh.run(f"{FOUND}.counts.reduce((a, b) => a + b, 0)") == fresh.run(f"{FOUND}.ties.length")


# --- finding, pointing, filtering -------------------------------------------------------------------------------------------


def test_an_organisation_is_found_and_chosen_by_keyboard_alone(fresh: chromium.Page, films: list[Any]) -> None:
    fresh.run("document.getElementById('search-box').focus()")
    fresh.type("guys and st")
    assert fresh.run("document.getElementById('search-box').getAttribute('aria-expanded')") == "true"
    fresh.key("ArrowDown")
    fresh.key("ArrowUp")
    fresh.key("Enter")
    fresh.settled()
    assert fresh.run("document.querySelector('#panel h2').textContent") == "Guy's and St Thomas' NHS Foundation Trust"
    code = list(films[0].network.organisations["code"]).index("RJ1")
    pairs = films[0].network.pairs
    mine = pairs[((pairs["a"] == code) | (pairs["b"] == code)) & (pairs["kind"] != 4)]
    assert fresh.run("document.querySelectorAll('#panel table:last-of-type tbody tr').length") == len(mine)
    assert fresh.run("document.getElementById('search-list').hidden") is True
    assert f"{len(mine)} ties" in fresh.run("document.getElementById('spoken').textContent")


@pytest.mark.parametrize(
    ("typed", "said"),
    [("zzz", "No organisation with “zzz”"), ("london", "organisations found; the first 8"), ("y56", "1 organisation found.")],
)
def test_search_says_how_many_it_found(fresh: chromium.Page, typed: str, said: str) -> None:
    fresh.run("document.getElementById('search-box').focus()")
    fresh.type(typed)
    assert said in fresh.run("document.getElementById('search-note').textContent")


def test_pointing_shows_a_card_and_clicking_the_ties(fresh: chromium.Page) -> None:
    x, y = place(fresh, "E06000052")  # Cornwall: nobody stands near it
    fresh.mouse("mouseMoved", x, y)
    fresh.settled()
    card = fresh.run("document.getElementById('tip').textContent")
    assert card.startswith("Cornwall") and "Council" in card and "Income £" in card and "acts collaborative" in card
    fresh.click(x, y)
    fresh.settled()
    assert fresh.run("document.querySelector('#panel h2').textContent") == "Cornwall"
    rows = fresh.run("[...document.querySelectorAll('#panel table:last-of-type tbody tr')].map((row) => row.innerText)")
    assert rows and all(any(word in row for word in ("collaborative", "pooling", "discharge")) for row in rows)
    press(fresh, "#panel table:last-of-type tbody button")
    assert fresh.run("document.querySelector('#panel h2').textContent") != "Cornwall"
    assert fresh.run("document.activeElement.dataset.key") == "chosen"
    fresh.run("document.getElementById('canvas').focus()")
    fresh.key("Escape")
    fresh.settled()
    assert "No organisation is chosen" in fresh.run("document.getElementById('panel').textContent")


def test_filters_take_away_and_an_empty_picture_says_why(fresh: chromium.Page) -> None:
    press(fresh, "#kinds label:nth-of-type(4) input")  # councils
    assert fresh.run(f"{FOUND}.organisationCount") == 254 and fresh.run(f"{FOUND}.ties.length") == 720 + 1970
    press(fresh, "#ties label:nth-of-type(5) input")  # oversight
    assert fresh.run(f"{FOUND}.counts[0]") == 494
    near = fresh.run("abmNetwork.page.camera.k")
    fresh.run("document.getElementById('region').selectedIndex = 2; document.getElementById('region').dispatchEvent(new Event('change'))")
    fresh.settled()
    region = fresh.run(f"abmNetwork.page.network.organisations.filter((each) => each.region === {VIEW}.region && each.kind < 3).length")
    assert fresh.run(f"{FOUND}.organisationCount") == region < 100 and fresh.run("abmNetwork.page.camera.k") > near
    for number in range(1, 4):
        press(fresh, f"#kinds label:nth-of-type({number}) input")
    assert fresh.run("document.getElementById('empty').innerText") == "Nothing to show: no kind of organisation is ticked."
    press(fresh, "#kinds label:nth-of-type(2) input")
    assert (
        fresh.run("document.getElementById('empty').innerText")
        == "No ties of the kinds that are ticked run between the organisations shown."
    )


def test_the_table_of_all_holds_a_row_an_organisation(fresh: chromium.Page) -> None:
    press(fresh, "#table summary")
    fresh.wait("document.querySelectorAll('#table tbody tr').length > 0")
    assert fresh.run("document.querySelectorAll('#table tbody tr').length") == 407
    fresh.run("const order = document.getElementById('order'); order.value = 'income'; order.dispatchEvent(new Event('change'))")
    fresh.settled()
    assert fresh.run("document.querySelector('#table tbody tr').innerText").count("bn") == 1


# --- time, zoom, fingers ----------------------------------------------------------------------------------------------------


def test_quarters_are_scrubbed_stepped_and_played(fresh: chromium.Page) -> None:
    assert fresh.run("document.getElementById('now').textContent") == "Q4 2025/26"
    fresh.run("document.getElementById('time').focus()")
    fresh.key("Home")
    assert fresh.run(f"{VIEW}.frame") == 0 and "April to June" in fresh.run(
        "document.getElementById('time').getAttribute('aria-valuetext')"
    )
    fresh.key("ArrowRight")
    assert fresh.run("document.getElementById('now').textContent") == "Q4 2024/25"
    press(fresh, "#earlier")
    assert fresh.run(f"{VIEW}.frame") == 0 and fresh.run("document.getElementById('earlier').disabled")
    press(fresh, "#play")
    assert fresh.run("document.getElementById('play').textContent") == "Pause"
    fresh.wait(f"{VIEW}.frame === 2 && document.getElementById('play').textContent === 'Play'")


def test_wheel_keys_and_buttons_zoom_and_move(fresh: chromium.Page) -> None:
    scale = "abmNetwork.page.camera.k"
    first, (x, y) = fresh.run(scale), place(fresh, "Y60")
    fresh.mouse("mouseWheel", x, y, deltaX=0, deltaY=-200)
    fresh.settled()
    assert fresh.run(scale) == first and not fresh.run("document.getElementById('hint').hidden")  # the wheel scrolls until asked to zoom
    fresh.mouse("mouseWheel", x, y, deltaX=0, deltaY=-200, modifiers=2)
    fresh.wait(f"{scale} > {first}")
    fresh.run("document.getElementById('canvas').focus()")
    for key, better in (("+", ">"), ("-", "<")):
        before = fresh.run(scale)
        fresh.key(key)
        assert fresh.run(f"{scale} {better} {before}")
    left = fresh.run("abmNetwork.page.camera.x")
    fresh.key("ArrowLeft")
    assert fresh.run("abmNetwork.page.camera.x") > left
    fresh.key("0")
    assert fresh.run(scale) == pytest.approx(first)
    press(fresh, "#nearer")
    assert fresh.run(scale) > first


def test_on_a_phone_nothing_overflows_and_two_fingers_zoom(other: chromium.Page, england: Path) -> None:
    page = other
    page.size(390, 800, phone=True)
    page.go(england)
    assert page.run("document.scrollingElement.scrollWidth") <= 390 and page.run("document.getElementById('filters').open") is False
    box = page.run("(() => { const b = document.getElementById('canvas').getBoundingClientRect(); return [b.left, b.top, b.width]; })()")
    assert box[2] > 340 and box[1] < 420
    page.run("window.scrollTo(0, 250)")
    x, y = place(page, "Y60")
    scale = page.run("abmNetwork.page.camera.k")
    page.touch("touchStart", (x - 20, y), (x + 20, y))
    for step in (35, 50, 70):
        page.touch("touchMove", (x - step, y), (x + step, y))
    page.touch("touchEnd")
    page.settled()
    assert page.run("abmNetwork.page.camera.k") > 2 * scale
    x, y = place(page, "Y60")
    page.touch("touchStart", (x, y))
    page.touch("touchEnd")
    page.settled()
    assert page.run("document.querySelector('#panel h2').textContent") == "Midlands"
    press(page, "#filters summary")
    press(page, "#scenario label:nth-of-type(3) input")
    assert page.run("document.scrollingElement.scrollWidth") <= 390
    assert page.errors == []
    page.size(1280, 800)


@pytest.mark.parametrize("width", [1280, 1000, 760])
def test_no_width_overflows(fresh: chromium.Page, width: int) -> None:
    fresh.size(width, 800)
    press(fresh, "#scenario label:nth-of-type(3) input")
    fresh.run("abmNetwork.page.choose(60)")
    assert fresh.run("document.scrollingElement.scrollWidth") <= width


def test_a_redraw_of_all_ties_is_quick(fresh: chromium.Page) -> None:
    press(fresh, "#ties label:nth-of-type(5) input")
    assert fresh.run(f"{FOUND}.ties.length") == 4732
    times = fresh.run(
        """(() => { const page = abmNetwork.page, times = []; for (let i = 0; i < 12; i++) { const start = performance.now();
        page.view.frame = i % 3; page.found = abmNetwork.scene.scene(page.network, page.view); page.draw();
        page.context.getImageData(0, 0, 1, 1); times.push(performance.now() - start); } return times; })()"""
    )
    assert min(times) < SLOWEST


# --- for everybody ----------------------------------------------------------------------------------------------------------


def test_every_control_is_reached_by_tab_and_shows_its_focus(fresh: chromium.Page) -> None:
    fresh.run("document.body.focus()")
    seen = []
    for _ in range(40):
        fresh.key("Tab")
        name, ring = fresh.run("((one) => [one.id || one.name || one.tagName, getComputedStyle(one).outlineStyle])(document.activeElement)")
        assert ring == "solid", f"{name} does not show its focus"
        seen.append(name)
        if name == "SUMMARY" and seen.count("SUMMARY") == 2:
            break
    for name in (
        "search-box",
        "scenario",
        "colour",
        "kinds-0",
        "ties-4",
        "region",
        "layout",
        "canvas",
        "nearer",
        "whole",
        "save",
        "play",
        "earlier",
        "time",
    ):
        assert name in seen, f"Tab does not reach {name}"


def test_every_control_has_a_name_and_pictures_have_words(fresh: chromium.Page) -> None:
    nodes = fresh.call("Accessibility.getFullAXTree")["nodes"]
    roles = {"button", "textbox", "combobox", "checkbox", "radio", "slider", "application", "Canvas", "image"}
    named = [
        (node["role"]["value"], node.get("name", {}).get("value"))
        for node in nodes
        if not node.get("ignored") and node["role"]["value"] in roles
    ]
    assert len(named) > 20 and all(name for _, name in named), [role for role, name in named if not name]
    assert fresh.run("document.getElementById('canvas').getAttribute('aria-label')").startswith(
        "Network of 407 organisations and 4,238 ties"
    )


def test_nothing_moves_by_itself_for_those_who_asked_for_that(other: chromium.Page, tmp_path: Path) -> None:
    other.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
    page = put(other, tmp_path / "page.html", page_html([film(abm.tiny(), 3)]))
    moves = "parseFloat(getComputedStyle(each).transitionDuration) > 0 || getComputedStyle(each).animationName !== 'none'"
    moving = f"[...document.querySelectorAll('*')].filter((each) => {moves}).length"
    assert page.run(moving) == 0


# --- odd pages --------------------------------------------------------------------------------------------------------------


def test_nasty_names_are_shown_as_they_are(other: chromium.Page, tmp_path: Path) -> None:
    page = put(other, tmp_path / "page.html", nasty_page())
    assert page.errors == [] and page.run("document.querySelectorAll('script').length") == 3
    assert page.run("document.querySelector('h1').textContent") == NASTY
    page.run("abmNetwork.page.choose(abmNetwork.page.network.organisations.findIndex((each) => each.kind === 2))")
    assert page.run("document.querySelector('#panel h2').textContent") == NASTY


def test_one_quarter_of_one_small_system_is_shown(other: chromium.Page, tmp_path: Path) -> None:
    world = abm.tiny()
    page = put(other, tmp_path / "page.html", page_html([film(world, 1)]))
    assert page.errors == [] and page.run("document.getElementById('time').disabled && document.getElementById('play').disabled")
    assert page.run("abmNetwork.page.renderer.layout.id") == "tiers" and page.run(f"{FOUND}.organisationCount") == 10


def test_a_damaged_page_says_so(other: chromium.Page, tmp_path: Path) -> None:
    text = page_html([film(abm.tiny(), 2)]).replace('"version":1', '"version":99')
    page = put(other, tmp_path / "page.html", text)
    assert "cannot be shown" in page.run("document.getElementById('empty').innerText")


def test_the_saved_picture_carries_title_footer_and_provenance(fresh: chromium.Page) -> None:
    text = fresh.run(
        "abmNetwork.page.save().then(() => btoa(Array.from(abmNetwork.page.saved, (byte) => String.fromCharCode(byte)).join('')))"
    )
    with Image.open(io.BytesIO(base64.b64decode(text))) as picture:
        picture.load()
        facts = picture.info
        assert picture.width >= 1300 and picture.height > picture.width * 0.8
    assert (
        facts["Title"] == TITLE and facts["seed"] == "5" and "not a forecast" in facts["Disclaimer"] and "Finance" in facts["Description"]
    )


def test_a_film_of_ones_own_models_is_shown(other: chromium.Page, tmp_path: Path) -> None:
    model = abm.ICSModel(abm.synthetic(4), seed=3)
    page = put(other, tmp_path / "page.html", page_html([record((model.run(1) for _ in range(5)), "mine", "My own")]))
    assert "My own" in page.run("document.getElementById('status').textContent") and page.errors == []
