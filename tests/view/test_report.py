"""View: the report says what its numbers say and no more, stands alone, escapes what configs hold, and can be read by everybody."""
# ruff: noqa: E501 - sentences stand whole

from __future__ import annotations

import json
import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from abm.config.find import repository
from abm.experiment.conduct import How, StoppedError, start, sweep
from abm.experiment.conduct import ready as readied
from abm.experiment.store import ResultsError
from abm.model.levers import LEVERS
from abm.view import style
from abm.view.charts.dose import Interval, Tip, Together
from abm.view.charts.dose import interval as interval_of
from abm.view.charts.phase import contrast
from abm.view.charts.ramp import Loop
from abm.view.frames import MEASURES
from abm.view.report import limits, sentences, write_report
from abm.view.report.ranking import link, strength
from abm.view.report.sentences import Effect, Link
from abm.view.source import factor
from tests.experiment.models import FailingEngland
from tests.experiment.test_sweep import stopping_after

TRUST, DEFICIT = MEASURES["trust"], MEASURES["deficit_share"]
NAN = float("nan")


# ---- one test a sentence -----------------------------------------------------------------------------------------------------


def an_effect(difference: float, low: float, high: float, pairs: float = 5, rose: float = 0, fell: float = 0) -> Effect:
    return Effect(0.57, 0.57 + difference, difference, low, high, pairs, rose, fell)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (an_effect(-0.13, -0.155, -0.097, fell=5), "Trust fell by 13 points, from 57% to 44% (95% interval −16 to −10), down in all 5 pairs of runs."),
        (an_effect(0.02, 0.01, 0.03, rose=4, fell=1), "Trust rose by 2.0 points, from 57% to 59% (95% interval +1.0 to +3.0), up in 4 of 5 pairs of runs."),
        (an_effect(-0.01, -0.03, 0.01, 2, 0, 2), "No clear change in trust: −1.0 points (95% interval −3.0 to +1.0), down in both pairs of runs."),
        (an_effect(-0.13, NAN, NAN, 1, 0, 1), "In the one run of each, trust was 13 points lower (from 57% to 44%); that may be luck."),
        (an_effect(0.0, 0.0, 0.0), "Trust was the same in both, in all 5 pairs of runs."),
        (an_effect(0.0, NAN, NAN, 1), "Trust was the same in the one run of each."),
        (an_effect(-0.13, -0.155, -0.097, NAN, NAN, NAN), "Trust fell by 13 points, from 57% to 44% (95% interval −16 to −10)."),
        (an_effect(NAN, NAN, NAN, 0), "Trust: not known, for no run of the two can be compared."),
        (an_effect(0.00002, 0.00001, 0.00003, rose=5), "Trust rose by less than 0.01 points, from 57% to 57% (95% interval +0.001 to +0.003), up in all 5 pairs of runs."),
    ],
)  # fmt: skip
def test_rose_fell_or_no_clear_change(found: Effect, said: str) -> None:
    assert sentences.moved(found, TRUST) == said


def test_a_list_names_only_what_clearly_moved() -> None:
    assert sentences.briefly(an_effect(-0.13, -0.2, -0.1), DEFICIT) == "the system deficit fell by 13 points"
    assert sentences.briefly(an_effect(-0.13, -0.2, 0.1), DEFICIT) == ""
    assert sentences.briefly(an_effect(-0.13, NAN, NAN), DEFICIT) == ""


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (-0.3, -0.26, "−30 to −26"),
        (-0.033, -0.009, "−3.3 to −0.9"),
        (0.0002, 0.0007, "+0.02 to +0.07"),
        (-0.03, -0.00004, "−3.000 to −0.004"),
    ],
)
def test_an_end_that_is_not_nought_does_not_look_it(low: float, high: float, said: str) -> None:
    assert sentences.ends(TRUST, low, high) == said


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Link("Finance share", -0.8, -0.9, -0.6, 48), "Trust is lower where finance share is higher (rank correlation −0.80, 95% interval −0.90 to −0.60, over 48 points)."),
        (Link("Pots", 0.1, -0.2, 0.4, 48), "No clear link between trust and pots (rank correlation +0.10, 95% interval −0.20 to +0.40, over 48 points)."),
        (Link("Pots", 0.9, NAN, NAN, 110), "Among these points trust is mostly higher where pots is higher (rank correlation +0.90 over 110 points, without an interval)."),
        (Link("Pots", 0.03, NAN, NAN, 9), "Among these points trust hardly goes with pots (rank correlation +0.03 over 9 points, without an interval)."),
        (Link("Pots", NAN, NAN, NAN, 9), "Nothing can be said of trust and pots: one of them does not vary."),
    ],
)  # fmt: skip
def test_links(found: Link, said: str) -> None:
    assert sentences.linked(found, TRUST) == said


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (None, ""),
        (Tip(0.5, 0.55, (0.5, 0.6), 1, 0.1), "It crosses half-way between its extremes (50%) between pots 0.5 and 0.6. The change is abrupt: half of the whole change takes 10% of the range (a straight line takes 50%)."),
        (Tip(0.5, 0.55, (0.5, 0.6), 1, 0.45), "It crosses half-way between its extremes (50%) between pots 0.5 and 0.6. The change is gradual: half of the whole change takes 45% of the range (a straight line takes 50%)."),
        (Tip(0.5, 0.55, (0.5, 0.6), 1, NAN), "It crosses half-way between its extremes (50%) between pots 0.5 and 0.6. There are too few levels to say whether the change is abrupt."),
        (Tip(0.5, 0.55, (0.5, 0.6), 3, 0.1), "It crosses half-way between its extremes (50%) between pots 0.5 and 0.6, and 2 more times after that: no one turning point can be told."),
    ],
)  # fmt: skip
def test_turning_points(found: Tip | None, said: str) -> None:
    assert sentences.turned(found, TRUST, "Pots") == said


def test_a_way_back() -> None:
    nothing = Interval(NAN, NAN, NAN)
    lever, runs = np.array([0.2, 0.8]), np.zeros((2, 3))
    clear = Loop(0, "up, then down", lever, runs, runs, Interval(-0.1, -0.12, -0.08), Interval(-0.01, -0.03, 0.01), nothing, 0)
    assert sentences.came_back(clear, TRUST) == (
        "Up, then down. On the way back trust is 10 points lower than on the way there (95% interval −12 to −8), averaged over the lever's range; "
        "back at the start it does not clearly differ from when it set out (−1.0 points, 95% interval −3.0 to +1.0)."
    )
    one = Loop(0, "up, then down", lever, runs, runs, Interval(-0.1, NAN, NAN), Interval(0.02, NAN, NAN), Interval(0.01, NAN, NAN), 8)
    assert sentences.came_back(one, TRUST).count("that may be luck") == 3


def test_factors_together() -> None:
    def found(low: float, high: float, change: Interval) -> str:
        x, y = factor("levers.finance_share"), factor("levers.bypass_rate")
        return sentences.together(Together(x, y, ("0.3", "0.9"), ("0", "0.6"), low, high, change), TRUST)

    assert found(-0.2, -0.3, Interval(-0.1, -0.15, -0.05)).startswith("Finance share does more to trust where bypass rate is high")
    assert found(-0.3, -0.2, Interval(0.1, 0.05, 0.15)).startswith("Finance share does less to trust where bypass rate is high")
    assert found(-0.1, 0.1, Interval(0.2, 0.15, 0.25)).startswith("Bypass rate turns what finance share does to trust")
    assert found(-0.2, -0.3, Interval(-0.1, -0.25, 0.05)).startswith("No clear sign that bypass rate alters")
    assert found(-0.2, -0.3, Interval(-0.1, NAN, NAN)).endswith("single runs, so the difference may be luck.")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((20, 4, 1, True), "Each scenario was run 20 times, each time with other luck, and the same luck for every scenario: differences are taken pair by pair."),
        ((20, 4, 1, False), "Each scenario was run 20 times, each time with luck of its own, so that luck blurs the differences."),
        ((1, 4, 1, True), "Each scenario was run once. One run cannot tell an effect from luck: there are no intervals."),
        ((1, 1, 40, True), "Each design point was run once: luck is part of what differs between points."),
        ((1, 1, 1, True), "Everything was run once. One run cannot tell an effect from luck: there are no intervals."),
    ],
)  # fmt: skip
def test_how_often_it_was_run(given: Any, said: str) -> None:
    assert sentences.repeated(*given) == said


def test_failed_runs_and_chance() -> None:
    assert sentences.failed(0, 12) == "All 12 runs finished." and sentences.failed(12, 12) == "None of the 12 runs finished."
    assert sentences.failed(1, 12).startswith("1 of 12 runs failed and is left out")
    assert "about 2 of them" in sentences.by_chance(40) and "about one of them" in sentences.by_chance(21) and sentences.by_chance(0) == ""
    assert sentences.many_points(1, 3) == "" and "same luck at every point" in sentences.many_points(9, 3)


# ---- which factors matter ----------------------------------------------------------------------------------------------------


def test_rank_correlation_and_its_interval() -> None:
    x = pd.Series(np.linspace(0, 1, 50))
    luck = pd.Series(np.random.default_rng(2).random(50))
    up = link("x", x, x**3 + 0.3 * luck)
    assert up.clear and up.low < up.rho < up.high <= 1
    assert not link("x", luck, x).clear
    assert link("x", x, x**3).rho == pytest.approx(1.0) and np.isnan(link("x", x, x * 0).rho)
    assert np.isnan(link("x", x, x**3, independent=False).low)


def test_strength_of_a_choice_is_that_of_its_groups() -> None:
    groups = pd.Series(["a", "b"] * 20)
    luck = pd.Series(np.random.default_rng(2).random(40))
    assert strength(luck + (groups == "a") * 5.0, groups) > 0.8 > 0.4 > strength(luck, groups)


# ---- the page ----------------------------------------------------------------------------------------------------------------


class Outline(HTMLParser):
    """Tags in their order, with a check that each that is opened is closed; names and the text of a page."""

    EMPTY = frozenset({"meta", "br", "link", "img", "input", "hr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if not {"style", "metadata", "svg"} & set(self.open):
            self.words.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


NASTY = "Bold <b>title</b> & \"quotes\" 'too' <script>alert(1)</script> {{ 7 * 7 }}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scenarios of the tiny system with a failed run and texts that would break a careless page."""
    path = tmp_path_factory.mktemp("report") / "it's <here>"
    bad = {"name": "bad", "title": NASTY, "description": "</section><i>", "levers": {"bypass_rate": 0.6}}
    sets = ["quarters=9", f"scenarios={json.dumps([{'name': 'baseline'}, bad])}", f"question={json.dumps(NASTY)}"]
    sweep("tiny", path, sets, how=How(make=FailingEngland, command="abm run tiny"))
    return path


@pytest.fixture(scope="module")
def text(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_report(folder, tmp_path_factory.mktemp("page") / "r.html").read_text("utf-8")


@pytest.fixture(scope="module")
def outline(text: str) -> Outline:
    return Outline(text)


def test_the_page_stands_alone_and_is_whole(text: str, outline: Outline) -> None:
    assert text.startswith("<!doctype html>") and outline.named("html")[0]["lang"] == "en-GB"
    assert not outline.named("script") and not outline.named("link") and not outline.named("img")
    addresses = {a for tag, attributes in outline.tags for name in ("href", "src", "xlink:href") if (a := attributes.get(name))}
    assert all(address.startswith("#") for address in addresses)
    assert "@import" not in text and not re.search(r"url\((?!#)", text)
    names = Counter(attributes["id"] for _, attributes in outline.tags if "id" in attributes)
    assert max(names.values()) == 1
    assert {address[1:] for address in addresses} <= set(names)


def test_what_configs_hold_is_escaped(text: str, outline: Outline) -> None:
    assert (
        "<script>" not in text and "<i>" not in text and "<b>title" not in text and "{{ 7 * 7 }}" in text and "49" not in outline.text[:300]
    )
    assert NASTY in outline.text
    assert "abm reproduce 'it" in outline.text


def test_it_can_be_read_by_everybody(outline: Outline) -> None:
    levels = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1 and all(b - a <= 1 for a, b in pairwise(levels))
    assert len(outline.named("caption")) == len(outline.named("table")) > 3
    assert all(attributes.get("scope") in ("row", "col", "rowgroup") for attributes in outline.named("th"))
    pictures = outline.named("svg")
    assert len(pictures) == 12 and all(each["role"] == "img" and len(str(each["aria-label"])) > 60 for each in pictures)
    assert any("no clear change" in str(each["aria-label"]) for each in pictures)


def test_colours_of_text_have_contrast_enough() -> None:
    css = (repository() / "abm/view/report/page.css").read_text("utf-8")
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", css)) | {"link": re.findall(r"a \{ color: (#[0-9a-f]{6})", css)[0]}
    for name in ("ink", "muted", "navy", "link"):
        assert contrast(colours[name], "#ffffff") >= 4.5 and contrast(colours[name], colours["pale"]) >= 4.5
    assert contrast(style.MUTED, style.PAPER) >= 4.5


def test_it_says_what_was_asked_run_and_set(outline: Outline) -> None:
    said = outline.text
    assert "1 of 6 runs failed and is left out of everything here" in said and "A model, not a forecast." in said
    assert "Each scenario was run 3 times" in said and "Open Government Licence v3.0" in said
    assert "Bypass rate (chance a quarter and provider) 0.6 0.15 " in said  # value, default, then who set it
    assert "abm run tiny" in said and "Seed" in said
    for limit in (*limits.MAY_NOT_BE_USED_FOR, *limits.NOT_MODELLED):
        assert limit.words in said
    counts = Counter(row.status for row in LEVERS.values())
    assert f"Evidence: a source gives it (docs/evidence.md) {counts['evidence']} " in said


def test_the_answer_is_that_of_the_effects(folder: Path, outline: Outline) -> None:
    effects = pd.read_csv(folder / "effects.csv").set_index("outcome")
    for name in ("collaborative_share", "trust"):
        row = effects.loc[name]
        words = sentences.moved(sentences.effect(row), MEASURES[name])
        noun = MEASURES[name].noun.lower()
        clear = row["low"] * row["high"] > 0
        told = words in outline.text if name == "collaborative_share" else noun in outline.text
        assert told and ("No clear change" in words) == (not clear)


def test_the_same_results_give_the_same_page(folder: Path, text: str, tmp_path: Path) -> None:
    assert write_report(folder, tmp_path / "again.html").read_text("utf-8") == text


def test_it_is_written_into_the_folder_unless_told_otherwise(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match=r"does not end in \.html"):
        write_report(folder, tmp_path / "report.pdf")
    with pytest.raises(ResultsError, match="not a results folder"):
        write_report(tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_short_list_of_limits_is_in_the_long_one() -> None:
    page = (repository() / limits.PAGE).read_text("utf-8")
    for limit in (*limits.MAY_NOT_BE_USED_FOR, *limits.NOT_MODELLED):
        assert limit.source in page, limit.source


# ---- other experiments, and odd ones -----------------------------------------------------------------------------------------


def of(tmp_path: Path, config: str, *sets: str, **how: Any) -> Outline:
    """The report of a sweep of two outcomes."""
    sweep(config, tmp_path / "out", ["outcomes=[collaborative_share, trust]", *sets], how=How(**how))
    return Outline(write_report(tmp_path / "out", tmp_path / "r.html").read_text("utf-8"))


def test_a_crossed_design_is_told_by_factor_and_together(tmp_path: Path) -> None:
    page = of(tmp_path, "first_sweep", "quarters=6", "replicates=2", "survey=false")
    assert "Dose and response" in page.text and "Two factors together" in page.text and "bypass rate" in page.text
    assert "What the design (factorial) varies: 9 points" in page.text and len(page.named("svg")) == 3
    assert "does more to collaboration" in page.text or "does less" in page.text or "No clear sign that" in page.text


def test_many_factors_are_told_by_rank_correlation(tmp_path: Path) -> None:
    page = of(tmp_path, "latin_hypercube", "quarters=2", "replicates=1", "system=tiny", "design.points=16")
    assert "Rank correlation of each factor" in page.text and "rank correlation" in page.text
    assert "was run once: luck is part of what differs between points" in page.text


def test_a_ramp_is_told_as_there_and_back(tmp_path: Path) -> None:
    page = of(tmp_path, "there_and_back", "system=tiny", "replicates=2", "quarters=16", "design={kind: ramp, start: 2, quarters: 4, hold: 1, "
              'over: {"levers.finance_share": {from: 0.3, to: 0.9}}}')  # fmt: skip
    assert "On the way back collaboration" in page.text and "There and back: what is left of the way there" in page.text


def test_a_list_of_cases_is_told_as_cases(tmp_path: Path) -> None:
    cases = '[{}, {"levers.finance_share": 0.9}]'
    page = of(tmp_path, "first_sweep", "quarters=4", "replicates=2", f"design={{kind: list, points: {cases}}}")
    assert "Finance share 0.9" in page.text and "each scenario beside as it is" in page.text


def test_short_single_runs_claim_nothing(tmp_path: Path) -> None:
    page = of(tmp_path, "tiny", "quarters=1", "replicates=1")
    said = page.text[page.text.index("The answer in") : page.text.rindex("What is not modelled")]
    assert "that may be luck" in said and " fell by " not in said and " rose by " not in said


def test_one_scenario_by_itself_has_nothing_beside_it(tmp_path: Path) -> None:
    page = of(tmp_path, "tiny", "quarters=8", "replicates=2", "scenarios=[baseline]")
    assert "There is nothing to compare it with" in page.text and "Figures" in page.text


class Hopeless(FailingEngland):
    def run(self, quarters: int) -> Any:
        raise RuntimeError("nothing works")


def test_without_a_finished_run_there_is_no_answer(tmp_path: Path) -> None:
    page = of(tmp_path, "tiny", "quarters=2", make=Hopeless)
    assert "No run has finished, so there is no answer." in page.text and "None of the 12 runs finished." in page.text


def test_an_unfinished_sweep_is_reported_as_far_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(StoppedError):
        sweep("tiny", tmp_path / "out", ["quarters=4", "outcomes=[trust]"], how=How(workers=1, chunk=0.001, report=stopping_after(5)))
    page = Outline(write_report(tmp_path / "out", tmp_path / "r.html").read_text("utf-8"))
    assert re.search(r"This sweep is not finished: the report shows the \d+ of 12 runs", page.text) and "not finished" in page.text
    resolved, worlds = readied("tiny")
    start(resolved, worlds, tmp_path / "planned", How())
    assert "No run has finished" in Outline(write_report(tmp_path / "planned", tmp_path / "p.html").read_text("utf-8")).text


def test_an_interval_over_runs_is_students() -> None:
    assert interval_of(np.array([1.0, 2.0, 3.0])).low == pytest.approx(2 - 4.302653 / np.sqrt(3), abs=1e-6)
