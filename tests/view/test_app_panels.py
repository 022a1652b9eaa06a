"""View: curves, organisation card and survey of the dashboard show what its server answers, in a real browser on a real server."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest

from tests.view import chromium
from tests.view.served import Served

pytestmark = pytest.mark.skipif(chromium.found() is None, reason="there is no Chromium on this machine to open the dashboard in")

SETTING = {"system": "england", "quarters": 10, "seed": 7, "replicate": 0, "point": 0}
WORLDS = {"a": "baseline", "b": "finance_oversight"}
CHIEF = ["collaborative_share", "trust", "deficit_share", "lasting_share", "unmet_need"]
TRUST = "R0A"  # Manchester University NHS Foundation Trust
STORE = "abmNetwork.store"
SLOWEST = 10  # milliseconds for the curves to follow a quarter
LISTEN = "globalThis.said = []; console.error = (...words) => said.push(words.map(String).join(' '));"


@pytest.fixture(scope="module")
def address(served: Served) -> str:
    return served.url


@pytest.fixture(scope="module")
def opened(browser: chromium.Browser, address: str) -> chromium.Page:
    page = browser.open(query_of(address), 1440, 900)
    page.call("Page.addScriptToEvaluateOnNewDocument", source=LISTEN)
    page.go(query_of(address))
    page.wait(f"!!{STORE}.worlds.b")
    return page


def query_of(address: str) -> str:
    return f"{address}?{urlencode({**SETTING, **{f'{which}.scenario': name for which, name in WORLDS.items()}})}"


@pytest.fixture
def page(opened: chromium.Page) -> Iterator[chromium.Page]:
    """The dashboard at quarter 6 with nobody chosen; no part of it may have stumbled when the test is over."""
    opened.size(1440, 900)
    put(opened, "frame: 6, chosen: -1, by: 'all', outcome: '', region: '', tab: 'curves'")
    yield opened
    assert opened.run("said") == []


@pytest.fixture(scope="module")
def worlds(address: str) -> dict[str, Any]:
    return {which: ask(address, "world", scenario=name) for which, name in WORLDS.items()}


@pytest.fixture(scope="module")
def card(address: str) -> dict[str, Any]:
    return ask(address, "organisation", **{f"{which}.scenario": name for which, name in WORLDS.items()}, org=TRUST, quarter=6)


def ask(address: str, what: str, **more: Any) -> Any:
    with urllib.request.urlopen(f"{address}api/{what}?{urlencode({**SETTING, **more})}", timeout=60) as answer:
        return json.load(answer)


def put(page: chromium.Page, change: str) -> None:
    page.run(f"{STORE}.set({{ {change} }})")
    page.settled()


def choose(page: chromium.Page, code: str = TRUST) -> None:
    """Choose an organisation and wait for its card."""
    put(page, f"tab: 'card', chosen: {STORE}.network.organisations.findIndex((each) => each.code === '{code}')")
    page.wait("document.querySelector('#card').getAttribute('aria-busy') === 'false' && !!document.querySelector('#card .ledger')")


def texts(page: chromium.Page, selector: str) -> list[str]:
    return page.run(f"[...document.querySelectorAll({selector!r})].map((each) => each.textContent)")


def number(text: str) -> float:
    """A number as the page tells it: '−13.6 pts', '£1.88bn'."""
    found = re.fullmatch(r"([+−]?)£?([\d,.]+)(%| pts|k|m|bn)?", text)
    assert found, text
    size = {"%": 0.01, " pts": 0.01, "k": 1, "m": 1e3, "bn": 1e6}.get(found[3] or "", 1)
    return float(found[2].replace(",", "")) * size * (-1 if found[1] == "−" else 1)


def drawn(page: chromium.Page, name: str, which: str) -> np.ndarray:
    """The points of a line, in pixels."""
    path = page.run(f"document.querySelector('#curves [data-name=\"{name}\"] .line-{which}').getAttribute('d')")
    return np.array([[float(each) for each in pair.split(",")] for pair in re.split("[ML]", path)[1:]])


def errand(page: chromium.Page, selector: str) -> None:
    page.run(f"document.querySelector({selector!r}).click()")
    page.settled()


# --- curves -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("frame", [0, 6])
def test_the_curves_say_and_draw_what_the_server_answers(page: chromium.Page, worlds: dict[str, Any], frame: int) -> None:
    put(page, f"frame: {frame}")
    assert page.run("[...document.querySelectorAll('#curves figure')].map((each) => each.dataset.name)") == CHIEF
    for name in CHIEF:
        values = {which: np.array(worlds[which]["curves"]["all"][name]) for which in WORLDS}
        told = [number(text) for text in texts(page, f"#curves [data-name={name}] .values b")]
        a, b = (values[which][frame] for which in WORLDS)
        assert told == pytest.approx([a, b, b - a], abs=0.0006)
        assert texts(page, f"#curves [data-name={name}] .unit")[0]
        points = [drawn(page, name, which) for which in WORLDS]
        up, both = np.concatenate([values[which] for which in WORLDS]), np.concatenate([each[:, 1] for each in points])
        slope, level = np.polyfit(up, both, 1)
        assert slope < 0 and np.abs(slope * up + level - both).max() < 0.1, "both worlds on one scale, upwards"
        assert len(points[0]) == SETTING["quarters"] and np.ptp(np.diff(points[0][:, 0])) < 0.2


def test_a_click_or_drag_in_a_curve_moves_the_quarter(page: chromium.Page) -> None:
    box = page.run(
        "(() => { const b = document.querySelector('#curves .chart').getBoundingClientRect(); return [b.left, b.top, b.height]; })()"
    )
    at = box[0] + drawn(page, "collaborative_share", "a")[:, 0]
    middle = box[1] + box[2] / 2
    page.click(at[3] + 2, middle)
    assert page.run(f"{STORE}.view.frame") == 3
    page.mouse("mousePressed", at[3], middle, button="left", clickCount=1)
    page.mouse("mouseMoved", at[8], middle, button="left")
    page.mouse("mouseReleased", at[8], middle, button="left", clickCount=1)
    assert page.run(f"{STORE}.view.frame") == 8
    line = page.run("document.querySelector('#curves .now-line').getAttribute('transform')")
    assert float(re.findall(r"[\d.]+", line)[0]) == pytest.approx(at[8] - box[0], abs=0.1)


def test_a_new_quarter_only_moves_the_line_and_quickly(page: chromium.Page) -> None:
    took = page.run(
        f"""(() => {{ const heard = {{}}, store = Object.create({STORE}, {{ on: {{ value: (event, fn) => (heard[event] = fn) }} }});
        store.view = {{ ...{STORE}.view }};
        const root = document.createElement("div"), all = () => [...root.querySelectorAll("path, figure")], times = [];
        root.style.width = "400px";
        document.getElementById("curves").append(root);
        abmNetwork.curves.mount(root, store);
        const before = all();
        for (let i = 0; i < 41; i++) {{
          const start = performance.now();
          store.view.frame = i % 10; heard.frame(); root.offsetHeight;
          times.push(performance.now() - start);
        }}
        const same = all().every((each, i) => each === before[i]);
        root.remove();
        return [before.length, same, times.sort((a, b) => a - b)[20]]; }})()"""
    )
    assert took[0] == 3 * len(CHIEF) and took[1] and took[2] < SLOWEST, took


def test_by_kind_and_by_region_there_is_a_chart_each(page: chromium.Page, worlds: dict[str, Any]) -> None:
    for by, codes in (("kind", ["icb", "provider", "council"]), ("region", list(worlds["a"]["curves"]["region"]))):
        put(page, f"by: '{by}', outcome: 'trust'")
        assert sorted(page.run("[...document.querySelectorAll('#curves figure')].map((each) => each.dataset.name)")) == sorted(codes)
        assert len(texts(page, "#curves .line-a")) == len(texts(page, "#curves .line-b")) == len(codes)
        for code in codes:
            told = [number(text) for text in texts(page, f"#curves [data-name={code}] .values b")]
            a, b = (worlds[which]["curves"][by][code]["trust"][6] for which in WORLDS)
            assert told == pytest.approx([a, b, b - a], abs=0.0006)
        values = np.concatenate([worlds["a"]["curves"][by][code]["trust"] for code in codes])
        heights = np.concatenate([drawn(page, code, "a")[:, 1] for code in codes])
        slope, level = np.polyfit(values, heights, 1)
        assert slope < 0 and np.abs(slope * values + level - heights).max() < 0.1, "one scale for all"
    errand(page, "#curves [data-name=Y62] button")
    assert page.run(f"{STORE}.view.region") == "Y62" and texts(page, "#curves .marked .title") == ["North West (chosen)"]
    put(page, "by: 'kind', outcome: 'deficit_share'")
    assert "not worked out by kind" in texts(page, "#curves .curves")[0]


def test_another_outcome_joins_the_chief_ones_and_all_is_there_in_words(page: chromium.Page, worlds: dict[str, Any]) -> None:
    page.run(
        "(() => { const s = document.getElementById('curves-outcome'); s.value = 'authority'; s.dispatchEvent(new Event('change')); })()"
    )
    page.settled()
    assert page.run(f"{STORE}.view.outcome") == "authority" and len(texts(page, "#curves figure")) == 6
    errand(page, "#curves summary")
    page.wait("!!document.querySelector('#curves .in-words table')")
    assert len(texts(page, "#curves .in-words table")) == len(texts(page, "#curves .in-words li")) == 6
    rows = texts(page, "#curves .in-words table:nth-of-type(1) tbody tr")
    year_end = worlds["a"]["quarters"][3]
    assert rows[0].startswith(f"{year_end['year']} Q4") and len(rows) == 3


def test_the_axis_keeps_still_while_values_fit_it(page: chromium.Page) -> None:
    axis = "abmNetwork.telling.steadyAxis"
    first = page.run(f"{axis}(null, [0.41, 0.72])")
    assert first["low"] <= 0.41 and first["high"] >= 0.72 and abs(first["low"] / first["step"] - round(first["low"] / first["step"])) < 1e-9
    ask = json.dumps(first)
    assert page.run(f"{axis}({ask}, [0.45, 0.69])") == first, "a little less"
    assert page.run(f"{axis}({ask}, [0.41, 0.95])")["high"] >= 0.95, "more"
    assert page.run(f"{axis}({ask}, [0.5, 0.51])")["high"] < first["high"], "far less"
    assert page.run(f"{axis}(null, [0, 0])")["high"] > 0 and page.run(f"{axis}(null, null)")["high"] == 1


# --- the organisation's card ------------------------------------------------------------------------------------------------


def test_nobody_chosen_is_said_in_words(page: chromium.Page) -> None:
    put(page, "tab: 'card', chosen: -1")
    assert "No organisation is chosen" in texts(page, "#card")[0] and "search box" in texts(page, "#card")[0]


def test_the_card_shows_who_it_is_and_money_that_adds_up(page: chromium.Page, card: dict[str, Any]) -> None:
    choose(page)
    assert texts(page, "#card h2") == ["Manchester University NHS Foundation Trust"]
    assert "Provider · R0A · North West · Greater Manchester system" in texts(page, "#card p")
    table = {row[0]: row[1:] for row in cells(page, "#card .card-body > table tr")}
    for which, column in (("a", 0), ("b", 1)):
        money = card["worlds"][which]["money"]
        for label, name in (("Received", "receipts_k"), ("Paid", "payments_k"), ("Balance at the end", "closing_k")):
            assert number(table[label][column]) == pytest.approx(money[name], rel=0.006, abs=60)
        assert money["opening_k"] + money["receipts_k"] - money["payments_k"] == pytest.approx(money["closing_k"])
    for direction, label, name in (("in", "Received in all", "Received"), ("out", "Paid in all", "Paid")):
        rows = cells(page, f"#card [data-direction={direction}] tr")
        assert rows[-1][0] == label and rows[-1][1:] == table[name]
        lines = [each for each in card["worlds"]["b"]["ledger"] if each["direction"] == direction]
        page.run(f"document.querySelector('#card [data-key=more-{direction}]')?.click()")
        more = cells(page, f"#card [data-direction={direction}] tr")
        assert sum(number(row[2]) > 0 for row in more[1:-1]) == len(lines)
        assert sum(number(row[2]) for row in more[1:-1]) == pytest.approx(number(more[-1][2]), rel=0.01)


def cells(page: chromium.Page, selector: str) -> list[list[str]]:
    """Rows of tables as texts, without what is in small letters."""
    plain = "(cell) => { const c = cell.cloneNode(true); c.querySelectorAll('small').forEach((s) => s.remove()); return c.textContent; }"
    return page.run(f"[...document.querySelectorAll({selector!r})].map((row) => [...row.cells].map({plain}))")


def test_its_ties_and_why_it_acted_so(page: chromium.Page, card: dict[str, Any]) -> None:
    choose(page)
    ties = {which: card["worlds"][which]["ties"] for which in WORLDS}
    errand(page, "#card [data-key=more-ties]")
    shown = page.run("[...document.querySelectorAll('#card tr[data-partner]')].map((row) => row.dataset.partner)")
    assert shown == [each["partner"] for each in ties["a"]]
    first = {which: ties[which][0] for which in WORLDS}
    row = texts(page, f"#card tr[data-partner={shown[0]}] td")[0]
    for which in WORLDS:
        assert f"{first[which]['words']}, {first[which]['trust']:.2f}" in row
    page.run("document.querySelector('#card .ask').focus()")
    page.key("Enter")
    page.settled()
    assert page.run("document.activeElement.textContent") == "Close", "the focus stays where it was"
    assert first["a"]["why"]["says"] in texts(page, "#card .why-row")[0]
    terms = cells(page, "#card .terms tbody tr")
    for told, *weighed in zip(terms, first["a"]["why"]["terms"], first["b"]["why"]["terms"], strict=True):
        assert told[0].lower() == weighed[0]["words"].lower()
        assert [number(told[2]), number(told[3])] == pytest.approx([each["weighed"] for each in weighed], abs=0.0006)
    long = page.run("[...document.querySelectorAll('#card .chances rect[class^=bar]')].map((each) => each.width.baseVal.value / 100)")
    assert long == pytest.approx([first[which]["why"]["chance"] for which in WORLDS], abs=1e-4)
    moved = next(each for each in card["differs"])
    errand(page, f"#card tr[data-partner={moved['partner']}] .ask")
    assert moved["lines"][-1] in texts(page, "#card .moved")[0]


def test_partners_can_be_gone_to_and_back_and_let_go(page: chromium.Page) -> None:
    choose(page)
    errand(page, "#card tr[data-partner=QOP] .go")
    page.wait("document.querySelector('#card h2').textContent === 'Greater Manchester'")
    page.settled()
    assert page.run("document.activeElement.textContent") == "Greater Manchester", "the focus goes to the new heading"
    errand(page, "#card [data-key=back]")
    page.wait("document.querySelector('#card h2').textContent.startsWith('Manchester University')")
    assert page.run("document.querySelector('#card [data-key=back]')") is None
    errand(page, "#card [data-key=let-go]")
    assert page.run(f"{STORE}.view.chosen") == -1 and "No organisation is chosen" in texts(page, "#card")[0]


def test_the_card_follows_the_quarter_once_it_rests(page: chromium.Page) -> None:
    choose(page)
    page.asked.clear()
    for frame in (2, 3, 4):
        put(page, f"frame: {frame}")
    assert page.run("document.getElementById('card').classList.contains('waiting')"), "the last card is greyed"
    page.wait("!document.getElementById('card').classList.contains('waiting')")
    assert "Quarter 1 of" in texts(page, "#card .card-body > .note")[0]
    assert [url for url in page.asked if "organisation" in url and "quarter=4" in url] and not [
        url for url in page.asked if "quarter=3" in url
    ]
    assert len(texts(page, "#card .curve")) == 7


def test_a_server_that_does_not_answer_is_words_and_can_be_tried_again(page: chromium.Page) -> None:
    offline = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    page.call("Network.emulateNetworkConditions", offline=True, **offline)
    put(page, "tab: 'card', chosen: 60")
    page.wait("document.getElementById('card').textContent.includes('does not answer')")
    page.call("Network.emulateNetworkConditions", offline=False, **offline)
    errand(page, "#card [data-key=card-again]")
    page.wait("!!document.querySelector('#card .ledger')")
    assert "does not answer" not in texts(page, "#card")[0]


# --- the survey -------------------------------------------------------------------------------------------------------------


def answered(page: chromium.Page) -> list[list[float]]:
    rows = page.run(
        "[...document.querySelectorAll('#answers .item')].map((item) => [...item.querySelectorAll('.values b')].map((b) => b.textContent))"
    )
    return [[number(text) for text in row] for row in rows]


def test_the_survey_shows_the_shares_that_the_server_answers(page: chromium.Page, worlds: dict[str, Any]) -> None:
    put(page, "tab: 'answers'")
    survey = {which: worlds[which]["survey"] for which in WORLDS}
    items = survey["a"]["items"]
    assert texts(page, "#answers .question") == [item["question"] for item in items] and len(items) == 10
    assert survey["a"]["years"][0] in texts(page, "#answers h2")[0]
    expected = [[a, b, b - a] for a, b in zip(survey["a"]["all"][0], survey["b"]["all"][0], strict=True)]
    assert np.abs(np.array(answered(page)) - expected).max() < 0.0051
    assert "real leaders 57%" in texts(page, "#answers .item")[0], "what was observed is named as such"
    assert "53 leaders" in texts(page, "#answers")[0] and "Simulated" in texts(page, "#answers")[0]
    put(page, f"frame: 8, chosen: {STORE}.network.organisations.findIndex((each) => each.code === 'R0A')")
    for place, group, code in (("region", "region", "Y62"), ("system", "system", "QOP")):
        errand(page, f"#answers [data-key=survey-place-{place}]")
        expected = [[a, b, b - a] for a, b in zip(*(survey[which][group][code][1] for which in WORLDS), strict=True)]
        assert np.abs(np.array(answered(page)) - expected).max() < 0.0051
        assert page.run("document.activeElement.dataset.key || 'none'") in (f"survey-place-{place}", "none")


def test_before_the_first_survey_there_are_words(page: chromium.Page) -> None:
    put(page, "tab: 'answers', frame: 2")
    assert "No survey has been taken by this quarter" in texts(page, "#answers")[0] and not texts(page, "#answers .item")


# --- a phone ----------------------------------------------------------------------------------------------------------------


def test_a_phone_shows_every_panel_without_sideways_scroll(page: chromium.Page) -> None:
    page.size(390, 844, phone=True)
    choose(page)
    for change in ("tab: 'curves', by: 'all'", "by: 'region'", "tab: 'card'", "tab: 'answers'"):
        put(page, change)
        time.sleep(0.1)
        over = "[...document.querySelectorAll('#side *')].filter((each) => each.getBoundingClientRect().right > innerWidth + 1).length"
        assert page.run("document.documentElement.scrollWidth") <= 390 and page.run(over) == 0, change
        small = "[...document.querySelectorAll('#side svg text')].every((each) => parseFloat(getComputedStyle(each).fontSize) >= 12)"
        assert page.run(small)
