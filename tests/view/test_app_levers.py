"""View: the dashboard's levers and take-away menu in a real browser: what is moved is run, what is refused is said, what is taken runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import abm
from abm.experiment.conduct import How, sweep
from abm.view.app.opening import base_of
from tests.view import chromium
from tests.view.rail import AS_AT_FIRST, STORE, address, arrived, choose, curve, fault, lever, mark, slide, type_in
from tests.view.served import Served, serving

pytestmark = pytest.mark.skipif(chromium.found() is None, reason="there is no Chromium on this machine to open the dashboard in")

TINY = "?system=tiny&quarters=8"
COURSE = """
name: courses
system: tiny
quarters: 8
seed: 5
replicates: 2
scenarios:
  - name: plain
    title: As it is
  - name: courses
    title: Over time and by area
    levers:
      finance_share: {schedule: {2024/25: 0.6, 2025/26 Q3: 0.9}}
      audit: {ramp: {from: 0.1, to: 0.4, start: 0, end: 6}}
      bypass_regime: {national: formal, regions: {R1: informal}}
design: {kind: list, points: [{}, {levers.compact: 0.4}]}
"""


@pytest.fixture(scope="module")
def opened(browser: chromium.Browser, served: Served) -> chromium.Page:
    return browser.open(served.url + TINY, 1440, 900)


@pytest.fixture
def page(opened: chromium.Page, served: Served) -> chromium.Page:
    """A page with both worlds there, as it is at first; loaded again only where a test went elsewhere with it."""
    if opened.run("window.first") is None:
        opened.go(served.url + TINY)
        arrived(opened)
        opened.run(f"void (window.first = JSON.stringify({STORE}.view))")
    opened.run(AS_AT_FIRST)
    opened.run("new Promise((done) => setTimeout(done, 150))")  # longer than the page waits before it runs worlds again
    arrived(opened)
    opened.errors.clear()
    return opened


# --- sliders, numbers, choices -----------------------------------------------------------------------------------------------


def test_a_slider_that_is_moved_runs_world_b_and_is_in_the_address(page: chromium.Page, served: Served) -> None:
    first, a = curve(page), curve(page, "a")
    mark(page)
    slide(page, "finance_share", 0.3)
    arrived(page)
    told = json.loads(served.read(f"api/world{TINY}&scenario=finance_oversight&levers.finance_share=0.3"))
    assert curve(page) == told["curves"]["all"]["collaborative_share"] != first and curve(page, "a") == a
    assert address(page)["b.levers.finance_share"] == "0.3"
    assert page.run(f"{lever('finance_share', '.standings')}.textContent").startswith("A 0.6B 0.3")
    assert page.run(f"{lever('finance_share', '.changed')}.textContent") == "changed in B" and not page.errors


def test_a_drag_moves_nothing_on_the_page_and_asks_once_it_rests(page: chromium.Page) -> None:
    tops = "JSON.stringify([...document.querySelectorAll('#levers .lever, #levers summary')].map((e) => e.getBoundingClientRect().top))"
    before = page.run(tops)
    page.asked.clear()
    mark(page)
    x, y, wide = page.run(
        f"(({{ x, y, width, height }}) => [x, y + height / 2, width])({lever('finance_share', 'input')}.getBoundingClientRect())"
    )
    page.mouse("mousePressed", x + 0.5 * wide, y, button="left", clickCount=1)
    for share in (0.45, 0.4, 0.35, 0.3):
        page.mouse("mouseMoved", x + share * wide, y, button="left", buttons=1)
        assert page.run(tops) == before
    page.mouse("mouseReleased", x + 0.3 * wide, y, button="left", clickCount=1)
    arrived(page)
    assert page.run(tops) == before and abs(page.run(f"{STORE}.view.b.levers.finance_share") - 0.28) < 0.03
    assert len([url for url in page.asked if "/api/world" in url]) <= 2


def test_a_slider_goes_by_keyboard_and_says_its_value_with_its_unit(page: chromium.Page) -> None:
    frame = page.run(f"{STORE}.view.frame")
    page.run(f"{lever('finance_share', 'input[type=range]')}.focus()")
    mark(page)
    for _ in range(3):
        page.key("ArrowLeft")
    arrived(page)
    assert page.run(f"{STORE}.view.b.levers.finance_share") == 0.87 and page.run(f"{STORE}.view.frame") == frame
    slider = "document.activeElement"
    assert page.run(f"{slider}.getAttribute('aria-valuetext')") == "0.87, share of review questions"
    assert page.run(f"{slider}.labels[0].textContent") == "Finance share, world B"
    page.key("Home")
    assert page.run(f"{STORE}.view.b.levers.finance_share") == 0 and page.run(f"{STORE}.view.frame") == frame


def test_a_value_that_cannot_be_is_refused_beside_its_lever_and_the_worlds_stay(page: chromium.Page) -> None:
    first, query = curve(page), page.run(f"{STORE}.query('both')")
    for name, typed, words in (
        ("finance_share", "1.4", "1.4 is out of range. It takes 0 to 1"),
        ("finance_share", "much", "“much” is not a number"),
        ("priorities", "7.5", "7.5 is not a whole number"),
        ("audit", " ", "Nothing is not a number"),
    ):
        before = page.run(f"{lever(name, '.number')}.value")
        type_in(page, name, typed)
        assert words in fault(page, name) and "left as they were" in fault(page, name)
        assert page.run(f"{lever(name, '.number')}.getAttribute('aria-invalid')") == "true"
        assert curve(page) == first and page.run(f"{STORE}.query('both')") == query
        page.key("Escape")
        assert fault(page, name) == "" and page.run(f"{lever(name, '.number')}.value") == before


def test_what_the_server_refuses_is_said_beside_the_lever_too(page: chromium.Page) -> None:
    first = curve(page)
    page.run(f"{STORE}.set({{ b: {{ ...{STORE}.view.b, levers: {{ audit: 7, delegation: 2 }} }} }})")
    page.wait(f"{lever('audit', '.fault')}.textContent !== ''")
    assert "2 is out of range" in fault(page, "delegation") and page.run("document.querySelector('[data-group=partnership]').open")
    page.run(f"{lever('delegation', '.put-back')}.click()")
    page.wait(f"{lever('delegation', '.fault')}.textContent === '' && {lever('audit', '.fault')}.textContent !== '' && !{STORE}.loading")
    assert "7 is out of range (allowed: 0 to 1" in fault(page, "audit") and fault(page, "finance_share") == "" and curve(page) == first
    mark(page)
    type_in(page, "audit", "0.7")
    arrived(page)
    assert fault(page, "audit") == "" and curve(page) != first


def test_one_lever_and_all_are_put_back(page: chromium.Page) -> None:
    first = curve(page)
    for name, value in (("finance_share", 0.2), ("audit", 0.4)):
        mark(page)
        slide(page, name, value)
        arrived(page)
    back = "document.querySelector('.all-back')"
    assert page.run(f"{back}.textContent") == "Put all back (2)"
    mark(page)
    page.run(f"{lever('audit', '.put-back')}.click()")
    arrived(page)
    assert page.run(f"Object.keys({STORE}.view.b.levers).join()") == "finance_share"
    assert page.run(f"document.activeElement === {lever('audit', 'input')}")  # the focus is not lost with the button
    mark(page)
    page.run(f"{back}.click()")
    arrived(page)
    assert curve(page) == first and page.run(f"{back}.textContent") == "Nothing is changed"
    assert page.run(f"{lever('finance_share', '.number')}.value") == "0.9"


def test_sliders_move_world_a_or_both_when_told(page: chromium.Page) -> None:
    for number, moved in ((0, {"a": 0.3, "b": None}), (2, {"a": 0.4, "b": 0.4})):
        page.run(f"document.querySelectorAll('#levers input[name=moves]')[{number}].click()")
        slide(page, "audit", 0.3 if number == 0 else 0.4)
        assert {which: page.run(f"{STORE}.view.{which}.levers.audit ?? null") for which in "ab"} == moved
    assert page.run(f"{lever('audit', 'label')}.textContent") == "Audit, worlds A and B"
    assert page.run(f"{lever('audit', '.changed')}.textContent") == "changed in A, B"


def test_a_choice_is_a_list_in_plain_words(page: chromium.Page) -> None:
    mark(page)
    choose(page, "[data-lever=convenor] select", "none")
    arrived(page)
    assert address(page)["b.levers.convenor"] == page.run(f"{STORE}.worlds.b.set.levers.convenor") == "none"
    assert "with and through" in page.run(f"{lever('bypass_regime', 'select')}.textContent")


def test_every_lever_has_words_meaning_unit_marks_and_a_label(page: chromium.Page) -> None:
    rows = page.run(
        "[...document.querySelectorAll('#levers .lever')].map((e) => ({ name: e.dataset.lever, text: e.textContent,"
        " labelled: !!e.querySelector('input[type=range], select').labels.length, step: e.querySelector('input')?.step,"
        " at: e.querySelector('.default')?.style.getPropertyValue('--at'),"
        " from: e.querySelector('.plausible')?.style.getPropertyValue('--from') }))"
    )
    table = abm.levers().set_index("name")
    assert {row["name"] for row in rows} == set(table.index)
    for row in rows:
        told = table.loc[row["name"]]
        assert row["labelled"] and told["meaning"] in row["text"] and told["source"] in row["text"] and told["unit"] in row["text"]
        if not told["choices"]:
            place = [(told[key] - told["minimum"]) / (told["maximum"] - told["minimum"]) for key in ("default", "low")]
            assert [float(row["at"]), float(row["from"])] == pytest.approx(place)
    assert {row["name"] for row in rows if row.get("step") == "1"} == {"priorities", "fence_pots", "settlement_years"}
    groups = page.run("[...document.querySelectorAll('#levers .group')].map((e) => [e.dataset.group, e.open])")
    assert groups[:3] == [["oversight", True], ["bypass", False], ["ring-fence", False]] and not any(is_open for _, is_open in groups[3:])


# --- what the worlds are -----------------------------------------------------------------------------------------------------


def test_another_scenario_is_run_as_it_is_and_what_was_changed_can_be_had_back(page: chromium.Page, served: Served) -> None:
    slide(page, "finance_share", 0.2)
    type_in(page, "audit", "9")
    mark(page)
    choose(page, "#scenario-b", "ring_fencing")
    arrived(page)
    assert fault(page, "audit") == ""
    told = json.loads(served.read(f"api/world{TINY}&scenario=ring_fencing"))
    assert curve(page) == told["curves"]["all"]["collaborative_share"]
    assert page.run("document.querySelector('[data-group=ring-fence]').open")
    assert "Three tenths" in page.run("document.querySelector('#scenario-b-about').textContent")
    assert page.run(f"{lever('fence_share', '.number')}.value") == "0.3"
    assert "1 change of yours was let go" in page.run("document.querySelector('.let-go').textContent")
    page.run("document.querySelector('.let-go button').click()")
    assert page.run(f"[{STORE}.view.b.scenario, {STORE}.view.b.levers.finance_share]") == ["finance_oversight", 0.2]
    assert page.run("document.querySelector('#scenario-b').value") == "finance_oversight"


def test_length_seed_and_replicate_are_shared_and_checked(page: chromium.Page) -> None:
    first = curve(page)
    for name, typed in (("quarters", "0"), ("quarters", "500"), ("seed", "luck"), ("replicate", "1.5")):
        page.run(f"document.querySelector('#run-{name}').value = '{typed}'")
        page.run(f"document.querySelector('#run-{name}').dispatchEvent(new Event('change'))")
        assert "left as they were" in page.run(f"document.querySelector('#run-{name}-fault').textContent") and curve(page) == first
    mark(page)
    choose(page, "#run-quarters", "12")
    arrived(page)
    assert len(curve(page)) == len(curve(page, "a")) == 12 and curve(page)[:8] == first
    mark(page)
    choose(page, "#run-replicate", "3")
    arrived(page)
    assert curve(page)[:8] != first and address(page)["replicate"] == "3"
    assert "12 quarters, seed 2024, replicate 3" in page.run("document.querySelector('.run summary').textContent")


def test_a_lever_that_changes_over_time_or_by_area_says_so_in_words(browser: chromium.Browser, tmp_path: Path) -> None:
    path = tmp_path / "courses.yaml"
    path.write_text(COURSE, encoding="utf-8")
    with serving(base_of(str(path))) as served:
        page = browser.open(served.url, 1440, 900)
        arrived(page)
        forms = {name: page.run(f"{lever(name, '.form')}.textContent") for name in ("finance_share", "audit", "bypass_regime", "compact")}
        assert "World B: the scenario sets 0.6 from 2024/25, then 0.9 from 2025/26 Q3." in forms["finance_share"]
        assert "Moving the slider makes it constant" in forms["finance_share"] and forms["compact"] == ""
        assert "0.1 in quarter 0, moving evenly to 0.4 in quarter 6" in forms["audit"]
        assert "formal in general; informal in region R1" in forms["bypass_regime"]
        assert page.run(f"{lever('audit', 'input')}.getAttribute('aria-valuetext')").startswith("Varies: 0.1 in quarter 0")
        mark(page)
        slide(page, "finance_share", 0.9)
        arrived(page)
        assert page.run(f"{STORE}.worlds.b.set.levers.finance_share") == 0.9
        assert "It is constant now" in page.run(f"{lever('finance_share', '.form')}.textContent")
        options = page.run("[...document.querySelectorAll('#run-point option')].map((e) => e.textContent)")
        assert options == ["0: as the scenario", "1: Compact 0.4"]
        choose(page, "#run-point", "1")
        page.wait(f"{STORE}.worlds.a.set.levers.compact === 0.4 && !{STORE}.loading")
        assert page.run(f"{lever('compact', '.standings')}.textContent").startswith("A 0.4B 0.4") and not page.errors
        page.close()


# --- take it away ------------------------------------------------------------------------------------------------------------


def opened_menu(page: chromium.Page) -> None:
    page.run("document.querySelector('#take > button').click()")
    page.wait("document.querySelector('#take-command').value !== ''")


def files(page: chromium.Page) -> dict[str, Any]:
    """Links of the menu by what they say that they are."""
    return dict(
        page.run("[...document.querySelectorAll('#take-menu .file')].map((e) => [e.getAttribute('aria-label'), e.getAttribute('href')])")
    )


def wait_for(page: chromium.Page, path: Path) -> None:
    page.wait("/Saved as|fault/.test(document.querySelector('#take-menu .how').outerHTML)")
    for _ in range(200):
        if path.exists():
            return
        page.settled()
    raise AssertionError(f"{path} is not there; {page.run('document.querySelector(`#take-menu .how`).textContent')}")


def test_the_config_that_is_saved_runs_to_the_numbers_shown(page: chromium.Page, browser: chromium.Browser, tmp_path: Path) -> None:
    mark(page)
    slide(page, "finance_share", 0.35)
    arrived(page)
    opened_menu(page)
    command = page.run("document.querySelector('#take-command').value")
    assert command.startswith("abm run ") and command.endswith(".yaml")
    path = tmp_path / command.removeprefix("abm run ")
    browser.call("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    page.run("document.querySelector('#take-menu .file').click()")
    wait_for(page, path)
    assert page.run("document.querySelector('#take-menu .yaml').textContent") == path.read_text(encoding="utf-8")
    sweep(str(path), tmp_path / "out", how=How(workers=1))
    stored = abm.load(tmp_path / "out")
    for which, scenario in (("a", "baseline"), ("b", "finance_oversight_changed")):
        rows = stored[stored["scenario"] == scenario].sort_values("quarter")
        assert rows["collaborative_share"].tolist() == curve(page, which)


def test_every_link_of_the_menu_gives_what_it_says(page: chromium.Page, served: Served) -> None:
    page.run(f"{STORE}.set({{ chosen: 3, frame: 2 }})")
    opened_menu(page)
    page.wait("!!document.querySelector('#take-menu [aria-label=\"One organisation as PNG\"]').getAttribute('href')")
    links = files(page)
    assert len(links) == 1 + 2 * 5 + 9 and all(links.values())
    starts = {"PNG": b"\x89PNG", "SVG": b"<?xml", "CSV": b"scenario,"}
    for label in ("Networks as SVG", "One organisation as PNG", *(label for label in links if label.endswith("CSV"))):
        assert served.read(links[label].lstrip("/")).startswith(starts[label[-3:]]), label
    assert "scenario=finance_oversight" in links["the table Ledger as CSV"] and "quarter=2" in links["the table Ledger as CSV"]
    page.run("document.querySelectorAll('#take-menu input[name=take-world]')[0].click()")
    assert "scenario=baseline" in files(page)["the table Ledger as CSV"]


def test_without_an_organisation_its_figure_says_what_to_do(page: chromium.Page) -> None:
    opened_menu(page)
    assert files(page)["One organisation as PNG"] is None
    assert "Choose an organisation first" in page.run("document.querySelector('#take-menu').textContent")


def test_the_menu_opens_closes_by_keyboard_and_gives_the_focus_back(page: chromium.Page) -> None:
    page.run("document.querySelector('#take > button').focus()")
    page.key("Enter")
    assert page.run("document.querySelector('#take-menu').contains(document.activeElement)")
    page.key("Escape")
    assert page.run("document.querySelector('#take-menu').hidden && document.activeElement === document.querySelector('#take > button')")


def test_a_link_brings_the_same_worlds_back(page: chromium.Page) -> None:
    mark(page)
    slide(page, "finance_share", 0.25)
    arrived(page)
    opened_menu(page)
    shown, link = curve(page), page.run("document.querySelector('#take-link').value")
    page.go(link)
    arrived(page)
    assert curve(page) == shown and page.run(f"{lever('finance_share', '.number')}.value") == "0.25"
    assert page.run(f"{lever('finance_share', '.changed')}.textContent") == "changed in B"


def test_a_file_that_cannot_be_made_is_told_in_words(page: chromium.Page) -> None:
    opened_menu(page)
    link = "document.querySelector('#take-menu [aria-label=\"Map as PNG\"]')"
    page.run(f"{link}.setAttribute('href', '/api/figure?figure=mapp'), {link}.click()")
    page.wait("document.querySelector('#take-menu .how').classList.contains('fault')")
    words = page.run("document.querySelector('#take-menu .how').textContent")
    assert "map" in words and "{" not in words


def test_on_a_phone_nothing_is_wider_than_the_window(browser: chromium.Browser, served: Served) -> None:
    page = browser.open(served.url + TINY, 390, 844, phone=True)
    arrived(page)
    page.run("document.querySelectorAll('#levers details').forEach((e) => (e.open = true))")
    opened_menu(page)
    assert page.run("document.documentElement.scrollWidth") <= 390
    inside = "[...document.querySelectorAll('#levers input, #levers select, #take-menu a, #take-menu button, #take-menu input')]"
    assert page.run(f"{inside}.every((e) => {{ const r = e.getBoundingClientRect(); return r.left >= 0 && r.right <= 390; }})")
    page.close()
