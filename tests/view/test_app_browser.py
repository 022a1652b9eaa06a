"""View: the dashboard in a real browser: two worlds on one camera, time, filters, keys, links, and words where something is wrong."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image

from abm.view.app.base import built_in
from abm.view.app.server import make_app
from tests.view import chromium
from tests.view.serving import Served, serving

pytestmark = pytest.mark.skipif(chromium.found() is None, reason="there is no Chromium on this machine to open the dashboard in")

VIEW, STAGE, STORE = "abmNetwork.store.view", "abmNetwork.stage.now", "abmNetwork.store"
QUARTERS = 12
SHORT = f"?quarters={QUARTERS}"
BASELINE = f"api/world?scenario=baseline&quarters={QUARTERS}"
FINANCE = f"api/world?scenario=finance_oversight&quarters={QUARTERS}"
SLOWEST = 150  # milliseconds that a step may take
WARM = 3000  # milliseconds that a warm load may take


@pytest.fixture(scope="module")
def browser() -> Iterator[chromium.Browser]:
    with chromium.browser() as running:
        yield running


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving(make_app(built_in())) as running:
        running.read(FINANCE)  # compiles where nothing is compiled yet
        yield running


@pytest.fixture(scope="module")
def worlds(served: Served) -> list[dict[str, Any]]:
    return [json.loads(served.read(path)) for path in (BASELINE, FINANCE)]


@pytest.fixture(scope="module")
def opened(browser: chromium.Browser, served: Served) -> chromium.Page:
    return browser.open(served.url + SHORT, 1440, 900)


@pytest.fixture
def page(opened: chromium.Page, served: Served) -> chromium.Page:
    """A page as it is at first, in a window of 1440 × 900; loaded again only where a test went elsewhere with it."""
    if opened.run("window.first") is None or not opened.run(f"performance.getEntriesByType('navigation')[0].name.endsWith({SHORT!r})"):
        opened.go(served.url + SHORT)
        opened.run(f"window.first = JSON.stringify({VIEW})")
    opened.run(f"(() => {{ abmNetwork.play.pause(); document.getElementById('help')?.close(); {STORE}.set(JSON.parse(first)); }})()")
    time.sleep(0.15)  # longer than the page waits before it runs worlds again
    opened.wait(f"!{STORE}.loading")
    opened.run(f"(() => {{ document.querySelectorAll('.notice').forEach((each) => each.remove()); {STAGE}.whole(); }})()")
    opened.errors.clear()
    return opened


def picture(page: chromium.Page, number: int) -> np.ndarray:
    page.settled()
    text = page.run(f"document.querySelector('#picture-{number} canvas').toDataURL()")
    return np.array(Image.open(io.BytesIO(base64.b64decode(text.split(",")[1]))).convert("RGB")).astype(int)


def text(page: chromium.Page, selector: str) -> str:
    return str(page.run(f"document.querySelector({selector!r}).textContent"))


def press(page: chromium.Page, selector: str) -> None:
    page.run(f"document.querySelector({selector!r}).click()")
    page.settled()


def key(page: chromium.Page, *names: str) -> None:
    page.run("document.activeElement.blur()")
    for name in names:
        page.key(name)
    page.settled()


def again(page: chromium.Page, change: str) -> None:
    """Change a setting and wait for its worlds."""
    page.run(f"new Promise((done) => {{ {STORE}.on('worlds', done); {STORE}.set({change}); }})")
    page.settled()


# --- what it shows ----------------------------------------------------------------------------------------------------------


def test_it_opens_quickly_without_errors_and_asks_its_own_server_only(opened: chromium.Page, served: Served) -> None:
    took = []
    for _ in range(3):
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
    london = page.run("abmNetwork.store.network.organisations.filter((each) => each.region >= 0"
                      " && abmNetwork.store.network.organisations[each.region].code === 'Y56').length")
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
    assert page.run(f"{STAGE}.visible.every(({{ renderer, width, height }}) => renderer.layout.id === '{layout}' &&"
                    " renderer.x.every((x) => x > 0 && x < width) && renderer.y.every((y) => y > 0 && y < height))")
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
    seen, hidden = set(), []
    for _ in range(90):
        page.key("Tab")
        name, shows = page.run(
            """(() => { const at = document.activeElement, on = at.closest('.segments') ? at.nextElementSibling : at, look = getComputedStyle(on);
            return [at.id || at.name || at.getAttribute('aria-label') || at.textContent.slice(0, 40), look.outlineStyle !== 'none']; })()"""
        )
        if name in seen and len(seen) > 25:
            break
        seen.add(name)
        if not shows:
            hidden.append(name)
    wanted = {"copy", "show", "ties", "layout", "region", "search-box", "Zoom in", "Fit everything", "play", "time", "speed", "hide-icb"}
    assert wanted <= seen and hidden == []


# --- links and several browsers ---------------------------------------------------------------------------------------------


def test_a_link_restores_the_view(page: chromium.Page) -> None:
    page.run(
        f"{STORE}.set({{ frame: 4, show: 'difference', ties: 'trust', layout: 'hexes', region: 'Y56', hide: ['council'], by: 'kind', tab: 'answers',"
        f" chosen: {STORE}.network.organisations.findIndex((each) => each.code === 'RJZ') }})"
    )
    again(page, "{ seed: 7, b: { scenario: 'finance_oversight', levers: { finance_share: 0.75 }, parameters: {} } }")
    state = f"[{VIEW}, {STAGE}.scenes[0].counts, document.getElementById('status').textContent]"
    before, link = page.run(state), page.run("abmNetwork.address.link()")
    page.wait(f"location.href === {link!r}")
    assert "b.levers.finance_share=0.75" in link and "org=RJZ" in link and "quarter=4" in link
    page.go(link)
    assert page.run(state) == before and page.run("document.querySelectorAll('.notice').length") == 0 and page.errors == []


def test_bad_keys_of_the_address_are_told_and_the_rest_is_shown(page: chromium.Page, served: Served) -> None:
    page.go(served.url + SHORT + "&show=sideways&frobnicate=1&org=NOPE&region=Y56&seed=minus&b.levers.finance_shar=1&ties=trust&quarter=3")
    notice = text(page, ".notice")
    for word in ("show=sideways", "frobnicate=1", "org=NOPE", "seed=minus", "finance_shar"):
        assert word in notice
    view = page.run(VIEW)
    assert (view["show"], view["region"], view["ties"], view["frame"], view["quarters"]) == ("both", "Y56", "trust", 3, QUARTERS)
    assert page.errors == []
    press(page, ".notice [aria-label='Close this notice']")
    assert page.run("document.querySelectorAll('.notice').length") == 0


def test_a_lever_of_the_address_that_is_refused_is_left_out_in_words(page: chromium.Page, served: Served) -> None:
    page.go(served.url + SHORT + "&b.levers.finance_share=77&region=Y56")
    page.wait(f"!!{STORE}.network")
    assert "finance_share" in text(page, "#notices") and "Traceback" not in text(page, "#notices")
    assert page.run(f"[{VIEW}.region, Object.keys({VIEW}.b.levers).length]") == ["Y56", 0]


def test_two_tabs_with_different_settings_stay_apart(page: chromium.Page, browser: chromium.Browser, served: Served) -> None:
    other = browser.open(served.url + SHORT + "&b.scenario=baseline&seed=9")
    shares = [each.run(f"{STORE}.worlds.b.curves.all.collaborative_share") for each in (page, other)]
    assert shares[0] != shares[1]
    again(other, "{ seed: 10 }")
    again(page, "{ replicate: 1 }")
    again(page, "{ replicate: 0 }")
    assert page.run(f"{STORE}.worlds.b.curves.all.collaborative_share") == shares[0] and "seed=10" in other.run("abmNetwork.address.link()")
    other.close()


def test_settings_changed_in_haste_end_with_the_last_one(page: chromium.Page) -> None:
    page.run(f"for (let seed = 1; seed <= 8; seed++) setTimeout(() => {STORE}.set({{ seed }}), 60 * seed + (seed % 3) * 60)")
    page.wait(f"{VIEW}.seed === 8")
    wanted = page.run(f"fetch('/api/world?' + {STORE}.query('a')).then((answer) => answer.json()).then((world) => world.key)")
    page.wait(f"{STORE}.worlds.a.key === {wanted!r} && !{STORE}.loading")
    time.sleep(0.3)
    assert page.run(f"{STORE}.worlds.a.key") == wanted and page.errors == []


# --- when something is wrong, or slow ---------------------------------------------------------------------------------------


def test_a_server_that_is_gone_is_told_in_words_and_trying_again_helps(browser: chromium.Browser) -> None:
    base = built_in()
    with serving(make_app(base)) as first:
        page = browser.open(first.url + SHORT)
    before = picture(page, 0)
    page.run(f"{STORE}.set({{ seed: 99 }})")
    page.wait("!!document.querySelector('.notice')")
    assert "does not answer" in text(page, ".notice") and "abm view" in text(page, ".notice")
    key(page, "ArrowLeft", "ArrowRight")  # what was there still works
    page.run("document.querySelector('.notice').style.position = 'fixed'")  # so that the maps are as tall as before
    assert (picture(page, 0) == before).all()
    with serving(make_app(base), first.port):
        press(page, ".notice .again")
        page.wait("!document.querySelector('.notice')")
        assert "seed=99" in page.run("abmNetwork.address.link()") and (picture(page, 0) != before).any()
    page.close()


def test_what_the_server_refuses_is_told_and_the_old_picture_stays(page: chromium.Page) -> None:
    before = picture(page, 1)
    page.run(f"{STORE}.set({{ b: {{ scenario: 'finance_oversight', levers: {{ finance_share: 'plenty' }}, parameters: {{}} }} }})")
    page.wait("!!document.querySelector('.notice')")
    assert "finance_share" in text(page, ".notice")
    page.run("document.querySelector('.notice').hidden = true")  # with it the maps are less tall
    assert (picture(page, 1) == before).all()
    again(page, "{ b: { scenario: 'finance_oversight', levers: {}, parameters: {} } }")
    assert page.run("document.querySelectorAll('.notice').length") == 0


def test_only_a_slow_answer_is_said_to_be_on_its_way(page: chromium.Page) -> None:
    page.run("(() => { window.first = null; const real = fetch; window.fetch = async (...all) => { await new Promise((done) => setTimeout(done, 900));"
             " return real(...all); }; })()")
    before = picture(page, 0)
    page.run(f"{STORE}.set({{ seed: 5 }})")
    page.wait(f"{STORE}.loading")
    assert not page.run("document.getElementById('busy').classList.contains('on')")
    page.wait("document.getElementById('busy').classList.contains('on')")
    assert (picture(page, 0) == before).all() and "Running" in text(page, "#busy")
    page.wait(f"!{STORE}.loading")
    page.wait("!document.getElementById('busy').classList.contains('on')")
    assert (picture(page, 0) != before).any()


def test_a_part_that_is_missing_does_not_break_the_page(opened: chromium.Page, served: Served) -> None:
    opened.call("Network.setBlockedURLs", urls=["*/static/curves.js", "*/static/levers.js", "*/static/card.js"])
    try:
        opened.go(served.url + SHORT)
        assert opened.run(f"{STAGE}.scenes.length") == 2
        key(opened, "Home")
        assert opened.run(f"{VIEW}.frame") == 0
    finally:
        opened.call("Network.setBlockedURLs", urls=[])


# --- everybody can read it --------------------------------------------------------------------------------------------------

CONTRAST = """(() => {
  const channel = (value) => ((value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = (node) => { for (; node; node = node.parentElement) {
    const colour = parse(getComputedStyle(node).backgroundColor); if (colour.length < 4 || colour[3] === 1) return colour; } return [255, 255, 255]; };
  const bad = [];
  for (const node of document.body.querySelectorAll("*")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!own || !node.checkVisibility({ visibilityProperty: true }) || node.closest("svg, noscript, :disabled, [aria-disabled=true]")) continue;
    const look = getComputedStyle(node), [a, b] = [light(parse(look.color)), light(ground(node))].sort((p, q) => q - p);
    const large = parseFloat(look.fontSize) >= 24 || (parseFloat(look.fontSize) >= 18.66 && look.fontWeight >= 700);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (large ? 3 : 4.5)) bad.push(`${node.tagName}.${node.className}: ${node.textContent.slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return bad; })()"""


def test_text_stands_out_from_its_ground(page: chromium.Page, served: Served) -> None:
    assert page.run(CONTRAST) == []
    page.go(served.url + SHORT + "&org=RJZ&tab=card&nonsense=1")  # with a notice
    assert page.run(CONTRAST) == []
    key(page, "?")
    assert page.run(CONTRAST) == []


@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 640), (768, 1024), (1024, 700)])
def test_no_window_scrolls_sideways(page: chromium.Page, width: int, height: int) -> None:
    page.size(width, height, phone=width < 500)
    wide = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"
    try:
        for tab in ("curves", "card", "answers"):
            page.run(f"{STORE}.set({{ tab: '{tab}', chosen: 60 }})")
            page.settled()
            assert page.run(wide) <= width
        assert page.run(f"{STAGE}.visible.every((each) => each.width > 0.35 * {min(width, 700)} && each.height > 200)")
        page.run("document.documentElement.style.fontSize = '200%'")
        page.settled()
        assert page.run(wide) <= width or width < 700  # a phone with letters of double size may
    finally:
        page.run("document.documentElement.style.fontSize = ''")
        page.size(1440, 900)


def test_nothing_turns_for_those_who_asked_for_calm(page: chromium.Page) -> None:
    turning = "(() => { const box = document.getElementById('busy'); box.classList.add('on'); return getComputedStyle(box, '::before').animationName; })()"
    assert page.run(turning) != "none"
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
    assert page.run(turning) == "none"
    page.call("Emulation.setEmulatedMedia", features=[])
