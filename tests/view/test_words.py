"""View: the finding in words against hand-written cases; lines that fit; labels that stay apart."""

from __future__ import annotations

import math
import re

import pytest

from abm.view import lettering, style
from abm.view.finding import Change, brief, finding, within
from abm.view.frames import measure


def change(title: str, difference: float, half: float = 1.0) -> Change:
    return Change(title, difference, difference - half, difference + half)


def say(value: float) -> str:
    return f"{style.number(value, style.decimals(value), sign=True)} points"


A, B, C = "Finance-dominated oversight", "Regional bypass", "Ring-fencing"
NAN = math.nan


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ([change(A, -29), change(B, -7), change(C, -4)], "falls most under A (−29 points against baseline)"),
        ([change(A, 29), change(B, 7), change(C, 4)], "rises most under A (+29 points against baseline)"),
        ([change(A, -29), change(B, 0.5)], "falls under A (−29 points against baseline); no clear change under B"),
        ([change(A, -29), change(B, 0.5), change(C, 0)], "falls under A (−29 points against baseline); no clear change under 2 others"),
        ([change(A, 3), change(B, -7)], "falls under B (−7.0 points against baseline) and rises under A (+3.0 points)"),
        ([change(A, -5), change(B, -4.5)], "falls under A and B (−5.0 points and −4.5 points against baseline)"),
        (
            [change(A, -5), change(B, -4.5), change(C, -2)],
            "falls most under A and B (−5.0 points and −4.5 points against baseline)",
        ),
        ([change(A, -5), change(B, -4.5), change(C, -4)], "falls under 3 alternatives, by up to −5.0 points against baseline"),
    ],
)
def test_the_finding_in_words(changes: list[Change], words: str) -> None:
    whole = re.sub(r"\b[AB]\b", lambda letter: within({"A": A, "B": B}[letter[0]]), words)
    assert finding("Collaboration", changes, say) == f"Collaboration {whole}"


def test_intervals_that_hold_zero_are_no_finding() -> None:
    assert finding("Trust", [change(A, -0.9), change(B, 0.2)], say) == "No clear change in trust under any of the 2 alternatives"
    only = finding("Trust", [change(A, -0.9)], say)
    assert only == "No clear change in trust under finance-dominated oversight (95% interval −1.9 points to +0.10 points)"


def test_without_intervals_the_finding_is_of_a_single_run() -> None:
    bare = [Change(A, -5, NAN, NAN), Change(B, -4, NAN, NAN), Change(C, 0, NAN, NAN)]
    words = (
        "In a single run, trust falls most under finance-dominated oversight (−5.0 points against baseline); no change under ring-fencing"
    )
    assert finding("Trust", bare, say) == words


def test_nothing_known_nothing_said_and_no_change_is_said() -> None:
    assert finding("Trust", [Change(A, NAN, NAN, NAN)], say) == finding("Trust", [], say) == ""
    assert finding("Trust", [change(A, 0, 0), change(B, 0, 0)], say) == "Trust is the same in every scenario"


def test_in_brief() -> None:
    words = "Trust falls under 2 (by up to −5.0 points) and rises under 1 (by up to +3.0 points) of 4 alternatives to baseline"
    assert brief("Trust", [change(A, -5), change(B, -4), change(C, 3), change("D", 0)], say) == words


@pytest.mark.parametrize(
    ("title", "words"),
    [
        (A, "finance-dominated oversight"),
        (C, "ring-fencing"),
        ("NHS cuts", "NHS cuts"),
        ("London first", "London first"),
        ("2% more", "2% more"),
    ],
)
def test_a_title_within_a_sentence(title: str, words: str) -> None:
    assert within(title) == words


@pytest.mark.parametrize(
    ("value", "places", "words"), [(-0.04, 1, "0.0"), (-28.9, 1, "−28.9"), (4.0, 0, "+4"), (math.nan, 1, "–"), (-12345, 0, "−12,345")]
)
def test_numbers(value: float, places: int, words: str) -> None:
    assert style.number(value, places, sign=True) == words


def test_an_outcome_without_words_gets_them_from_its_name_and_unit() -> None:
    assert (measure("bypassed", "share of providers").unit, measure("bypassed", "share of providers").percent) == ("% of providers", True)
    assert measure("deficit_concentration", "systems").change(-4.46) == "−4.5\u00a0systems"


def test_text_is_broken_to_fit_and_cut_only_where_it_must() -> None:
    lines = lettering.wrapped("Finance-dominated oversight of everything 36%", 1.0, 10, most=9)
    assert "".join(lines).replace(" ", "") == "Finance-dominatedoversightofeverything36%"
    assert all(lettering.width(line, 10) <= 1.0 for line in lines)
    cut = lettering.wrapped("Pneumonoultramicroscopicsilicovolcanoconiosis and more words after it", 1.0, 10, most=2)
    assert len(cut) == 2 and all(line.endswith("…") and lettering.width(line, 10) <= 1.0 for line in cut)
    assert not lettering.fits("one two three four", 0.3, 10) and lettering.fits("one two", 1.0, 10)


def test_labels_stay_where_they_are_when_they_can() -> None:
    assert lettering.spread([1.0, 3.0, 2.0], [0.5] * 3, 0.0, 4.0) == pytest.approx([1.0, 3.0, 2.0])


def test_labels_that_meet_move_apart_evenly_and_stay_inside() -> None:
    assert lettering.spread([2.0, 2.0], [0.5, 0.5], 0.0, 4.0) == pytest.approx([1.75, 2.25])
    assert lettering.spread([0.0, 0.1, 3.9], [0.5, 0.5, 0.5], 0.0, 4.0) == pytest.approx([0.25, 0.75, 3.75])
    assert lettering.spread([], [], 0.0, 1.0) == []
