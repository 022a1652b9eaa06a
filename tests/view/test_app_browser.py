"""View: the dashboard in a real browser draws two worlds on one camera, and follows time, filters, keys and pointer."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
import pytest

from tests.view import chromium
from tests.view.dashboard import QUARTERS, SHORT, STAGE, STORE, VIEW, again, key, picture, press, text
from tests.view.served import Served

pytestmark = pytest.mark.skipif(chromium.found() is None, reason="there is no Chromium on this machine to open the dashboard in")

SLOWEST = 150  # milliseconds that a step may take
WARM = 3000  # milliseconds that a warm load may take


@pytest.fixture(scope="module")
def worlds(served: Served) -> list[dict[str, Any]]:
    paths = [f"api/world{SHORT}&scenario={name}" for name in ("baseline", "finance_oversight")]
    return [json.loads(served.read(path)) for path in paths]


# --- what it shows ----------------------------------------------------------------------------------------------------------


def test_it_opens_quickly_without_errors_and_asks_its_own_server_only(opened: chromium.Page, served: Served) -> None:
    took = []
    for _ in range(2):
        opened.go(served.url + SHORT)
        took.append(opened.run("performance.getEntriesByName('ready')[0].startTime"))
        assert opened.errors == []
        assert all(url.startswith((served.url, "data:")) for url in opened.asked)
    print(f"loaded in {min(took):.0f} ms")
    assert min(took) < WARM, f"a warm load took {took} ms"


def test_both_worlds_are_drawn_and_differ(page: chromium.Page, worlds: list[dict[str, Any]]) -> None:
    first, second = picture(page, 0), picture(page, 1)
    assert first.shape == second.shape and (np.abs(first - second).max(axis=2) > 24).mean() > 0.02
    for number, world in enumerate(worlds):
        assert f"{100 * world['curves']['all']['collaborative_share'][-1]:.1f}%" in text(page, f"#picture-{number} figcaption")
        assert world["title"] in text(page, f"#picture-{number} figcaption")
    assert text(page, "#status") == "England · 2026/27 Q4 · baseline against finance-dominated oversight · same luck"
    same = page.run("abmNetwork.stage.now.pictures[0].renderer.network.organisations.length")
    assert same == 407 and "205" in text(page, "#filters")


def test_the_same_world_twice_gives_the_same_picture(page: chromium.Page) -> None:
    again(page, f"{{ b: {VIEW}.a }}")
    assert (picture(page, 0) == picture(page, 1)).all()


def test_captions_tell_what_the_ties_show(page: chromium.Page, worlds: list[dict[str, Any]]) -> None:
    press(page, "[name=ties][value=trust]")
    a, b = (world["curves"]["all"]["trust"][-1] for world in worlds)
    assert text(page, "#picture-0 figcaption").endswith(f"{a:.3f} mean trust")
    assert f"{abs(b - a):.3f} on A" in text(page, "#picture-1 figcaption") and "%" not in text(page, "#picture-1 figcaption")


def test_the_difference_counts_what_differs(page: chromium.Page) -> None:
    counts = page.run(f"{STAGE}.scenes.map((each) => each.counts)")
    key(page, "4")
    assert page.run(f"{STAGE}.visible.length") == 1
    _, _, lost, won = page.run(f"{STAGE}.scenes[0].counts")
    assert won - lost == counts[1][2] - counts[0][2] and lost > 0
    assert "pts" in text(page, "#picture-2 figcaption") and "No longer collaborative" in text(page, "#legend")
    press(page, "[name=ties][value=trust]")
    assert "Lower by" in text(page, "#legend") and "mean trust" in text(page, "#legend")


def test_a_region_and_hidden_kinds_are_filtered_in_both(page: chromium.Page, worlds: list[dict[str, Any]]) -> None:
    page.run("(() => { const box = document.getElementById('region'); box.value = 'Y56'; box.dispatchEvent(new Event('change')); })()")
    page.settled()
    kinds = f"{STAGE}.scenes.map((each) => each.organisationCount)"
    london = page.run(
        "abmNetwork.store.network.organisations.filter((each) => each.region >= 0"
        " && abmNetwork.store.network.organisations[each.region].code === 'Y56').length"
    )
    assert page.run(kinds) == [london, london] and 20 < london < 120
    assert f"{100 * worlds[1]['curves']['region']['Y56']['collaborative_share'][-1]:.1f}%" in text(page, "#picture-1 figcaption")
    press(page, "[name=hide-council]")
    assert page.run(kinds)[0] < london and "council" in page.run(f"{VIEW}.hide")
    for name in ("hide-region", "hide-icb", "hide-provider"):
        press(page, f"[name={name}]")
    assert "no kind of organisation is ticked" in text(page, "#empty") and not page.run("document.getElementById('empty').hidden")


@pytest.mark.parametrize("layout", ["map", "hexes", "tiers"])
def test_every_layout_is_drawn_within_the_picture(page: chromium.Page, layout: str) -> None:
    page.run(f"{STORE}.set({{ layout: '{layout}' }})")
    page.settled()
    assert page.run(
        f"{STAGE}.visible.every(({{ renderer, width, height }}) => renderer.layout.id === '{layout}' &&"
        " renderer.x.every((x) => x > 0 && x < width) && renderer.y.every((y) => y > 0 && y < height))"
    )
    assert len(np.unique(picture(page, 1).reshape(-1, 3), axis=0)) > 100


def test_another_system_takes_the_place_of_england_and_back(page: chromium.Page) -> None:
    page.run(f"{STORE}.set({{ chosen: 60, region: 'Y56', layout: 'hexes' }})")
    again(page, "{ system: 'tiny' }")
    assert page.run(f"{STAGE}.scenes.map((each) => each.organisationCount)") == [10, 10] and "tiny" in text(page, "#status")
    assert page.run(f"[{VIEW}.chosen, {VIEW}.region, document.getElementById('layout').value]") == [-1, "", "tiers"]
    again(page, "{ system: 'england' }")
    assert page.run(f"{STAGE}.scenes[0].organisationCount") == 407 and page.errors == []


# --- time -------------------------------------------------------------------------------------------------------------------


def test_steps_scrubbing_and_the_ends(page: chromium.Page) -> None:
    last = QUARTERS - 1
    assert page.run(f"{VIEW}.frame") == last
    before = picture(page, 1)
    key(page, "ArrowLeft")
    assert page.run(f"{VIEW}.frame") == last - 1 and (picture(page, 1) != before).any() and "2026/27 Q3" in text(page, "#status")
    key(page, "Home")
    assert page.run(f"{VIEW}.frame") == 0 and text(page, "#now") == "2024/25 Q1"
    key(page, "ArrowLeft")
    assert page.run(f"{VIEW}.frame") == 0
    press(page, "[aria-label='Next quarter']")
    assert page.run(f"{VIEW}.frame") == 1
    page.run("(() => { const time = document.getElementById('time'); time.value = 6; time.dispatchEvent(new Event('input')); })()")
    assert page.run(f"{VIEW}.frame") == 6 and "October to December" in page.run("document.getElementById('time').ariaValueText")
    key(page, "End", "ArrowRight")
    assert page.run(f"{VIEW}.frame") == last


def test_space_plays_from_the_start_and_pauses(page: chromium.Page) -> None:
    page.run("document.getElementById('speed').value = 'quick'")
    key(page, " ")
    assert text(page, "#play") == "Pause"
    page.wait(f"{VIEW}.frame === 2")
    key(page, " ")
    now = page.run(f"{VIEW}.frame")
    assert text(page, "#play") == "Play" and 2 <= now <= 4
    time.sleep(0.5)
    assert page.run(f"{VIEW}.frame") == now
    key(page, "End", "ArrowLeft", " ")
    page.wait(f"{VIEW}.frame === {QUARTERS - 1}")
    page.wait("document.getElementById('play').textContent === 'Play'")


def test_a_step_is_drawn_in_time(opened: chromium.Page, served: Served) -> None:
    opened.size(1440, 900)
    opened.go(served.url)  # 40 quarters
    took = opened.run(
        f"""(async () => {{
        const stage = {STAGE}, took = [], read = () => stage.visible.forEach((each) => each.context.getImageData(0, 0, 1, 1));
        for (let frame = 0; frame < 40; frame++) {{
          const start = performance.now();
          {STORE}.set({{ frame }});
          stage.draw();
          read(); // so that what was drawn is there
          took.push(performance.now() - start);
          await new Promise(requestAnimationFrame);
        }}
        return took.sort((a, b) => a - b); }})()"""
    )
    print(f"a step of both maps: median {took[20]:.0f} ms, nine in ten under {took[36]:.0f} ms, slowest {took[39]:.0f} ms")
    assert took[20] < SLOWEST


# --- keys, pointing, choosing -----------------------------------------------------------------------------------------------


def test_keys_show_search_and_help(page: chromium.Page) -> None:
    for name, shown in (("2", "a"), ("3", "b"), ("4", "difference"), ("1", "both")):
        key(page, name)
        assert page.run(f"{VIEW}.show") == shown and page.run(f"document.querySelector('[name=show][value={shown}]').checked")
    key(page, "?")
    assert page.run("document.getElementById('help').open")
    page.key("Escape")
    assert not page.run("document.getElementById('help').open")
    key(page, "/")
    assert page.run("document.activeElement.id") == "search-box"
    page.type("king's college")
    page.key("2", "2")  # a digit in the box is a digit
    assert page.run(f"{VIEW}.show") == "both"
    page.run("(() => { const box = document.getElementById('search-box'); box.value = 'RJZ'; box.dispatchEvent(new Event('input')); })()")
    page.key("Enter")
    page.settled()
    assert page.run(f"abmNetwork.store.network.organisations[{VIEW}.chosen].code") == "RJZ" and page.run(f"{VIEW}.tab") == "card"
    key(page, "Escape")
    assert page.run(f"{VIEW}.chosen") == -1


def test_a_click_chooses_in_both_maps_and_pointing_tells(page: chromium.Page) -> None:
    x, y = page.run(
        f"""(() => {{ const {{ renderer, canvas }} = {STAGE}.pictures[1], box = canvas.getBoundingClientRect(),
        row = {STORE}.network.organisations.findIndex((each) => each.code === 'Y58');
        return [box.left + renderer.x[row], box.top + renderer.y[row]]; }})()"""
    )
    before = picture(page, 0)
    page.mouse("mouseMoved", x, y)
    page.settled()
    assert "South West" in text(page, "#picture-1 .tip") and (picture(page, 0) != before).any()
    page.click(x, y)
    page.settled()
    assert page.run(f"abmNetwork.store.network.organisations[{VIEW}.chosen].code") == "Y58"
    page.click(x, y)
    assert page.run(f"{VIEW}.chosen") == -1


def test_one_camera_moves_both_maps(page: chromium.Page) -> None:
    press(page, "[aria-label='Zoom in']")
    where = page.run(f"{STAGE}.pictures.slice(0, 2).map(({{ renderer }}) => [renderer.x[9], renderer.y[9]])")
    assert where[0] == where[1] and page.run(f"{STAGE}.camera.nearer")
    page.run("document.querySelector('#picture-0 canvas').focus()")
    page.key("0")
    assert not page.run(f"{STAGE}.camera.nearer")


def test_tab_reaches_every_control_and_the_focus_shows(page: chromium.Page) -> None:
    page.run("(() => { document.activeElement.blur(); document.querySelector('.skip').focus(); })()")
    seen: set[str] = set()
    hidden = []
    for _ in range(90):
        page.key("Tab")
        name, shows = page.run(
            """(() => { const at = document.activeElement, on = at.closest('.segments') ? at.nextElementSibling : at,
            look = getComputedStyle(on), name = at.id || at.name || at.getAttribute('aria-label') || at.textContent.slice(0, 40);
            return [name, look.outlineStyle !== 'none']; })()"""
        )
        if name in seen and len(seen) > 25:
            break
        seen.add(name)
        if not shows:
            hidden.append(name)
    wanted = {"copy", "show", "ties", "layout", "region", "search-box", "Zoom in", "Fit everything", "play", "time", "speed", "hide-icb"}
    assert wanted <= seen and hidden == []
