"""View: the dashboard in a real browser keeps its view in a link, says in words what is wrong, and can be read by everybody."""

from __future__ import annotations

import time

import pytest

from abm.view.app.base import built_in
from tests.view import chromium
from tests.view.dashboard import QUARTERS, SHORT, STAGE, STORE, VIEW, again, key, picture, press, text
from tests.view.served import Served, serving

pytestmark = pytest.mark.skipif(chromium.found() is None, reason="there is no Chromium on this machine to open the dashboard in")


# --- links and several browsers ---------------------------------------------------------------------------------------------


def test_a_link_restores_the_view(page: chromium.Page) -> None:
    page.run(
        f"{STORE}.set({{ frame: 4, show: 'difference', ties: 'trust', layout: 'hexes', region: 'Y56', hide: ['council'], by: 'kind',"
        f" tab: 'answers', chosen: {STORE}.network.organisations.findIndex((each) => each.code === 'RJZ') }})"
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
    with serving(base) as first:
        page = browser.open(first.url + SHORT)
    before = picture(page, 0)
    page.run(f"{STORE}.set({{ seed: 99 }})")
    page.wait("!!document.querySelector('.notice')")
    assert "does not answer" in text(page, ".notice") and "abm view" in text(page, ".notice")
    key(page, "ArrowLeft", "ArrowRight")  # what was there still works
    page.run("document.querySelector('.notice').style.position = 'fixed'")  # so that the maps are as tall as before
    assert (picture(page, 0) == before).all()
    with serving(base, first.port):
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
    page.run(
        "(() => { window.first = null; const real = fetch;"
        " window.fetch = async (...all) => { await new Promise((done) => setTimeout(done, 900));"
        " return real(...all); }; })()"
    )
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
    const colour = parse(getComputedStyle(node).backgroundColor);
    if (colour.length < 4 || colour[3] === 1) return colour; } return [255, 255, 255]; };
  const bad = [], off = "svg, noscript, :disabled, [aria-disabled=true]";
  for (const node of document.body.querySelectorAll("*")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!own || !node.checkVisibility({ visibilityProperty: true }) || node.closest(off)) continue;
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


def test_on_a_phone_the_player_stays_in_sight_while_the_maps_are_scrolled(page: chromium.Page) -> None:
    page.size(390, 844, phone=True)
    try:
        for down in (0, 150):
            page.run(f"scrollTo(0, {down})")
            page.settled()
            top, bottom = page.run("(({ top, bottom }) => [top, bottom])(document.getElementById('player').getBoundingClientRect())")
            assert 0 < top and bottom <= 844.5, (down, top, bottom)
    finally:
        page.run("scrollTo(0, 0)")
        page.size(1440, 900)


def test_nothing_turns_for_those_who_asked_for_calm(page: chromium.Page) -> None:
    page.run("document.getElementById('busy').classList.add('on')")
    turning = "getComputedStyle(document.getElementById('busy'), '::before').animationName"
    assert page.run(turning) != "none"
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
    assert page.run(turning) == "none"
    page.call("Emulation.setEmulatedMedia", features=[])
    page.run("document.getElementById('busy').classList.remove('on')")
