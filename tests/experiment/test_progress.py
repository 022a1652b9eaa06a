"""Experiment: progress tells the pace of this session's runs, without the start of the workers, and is silent when all is quick."""

from __future__ import annotations

import io

import pytest

from abm.experiment import progress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_the_pace_is_of_runs_after_the_first(clock: list[float]) -> None:
    pace = progress.Pace(1000)
    assert pace.words(400, 0) == ("", "")  # resumed: 400 were there
    clock[0] += 30  # the workers start
    assert pace.words(410, 1) == ("under way, 1 failed", "")
    clock[0] += 10
    assert pace.words(460, 1) == ("5 runs/s, 1 failed", "about 108 s left")


def test_a_log_gets_a_line_now_and_then(clock: list[float]) -> None:
    log = io.StringIO()
    with progress.progress(100, log) as report:
        for done in range(0, 101, 10):
            report(done, 0)
            clock[0] += 3.0
    lines = log.getvalue().splitlines()
    assert lines[0] == "10 of 100 runs, under way"
    assert lines[1] == "50 of 100 runs, 3.33 runs/s, about 15 s left"
    assert len(lines) == 3


def test_what_is_over_in_a_second_says_nothing(clock: list[float]) -> None:
    log = io.StringIO()
    with progress.progress(4, log) as report:
        for done in range(5):
            report(done, 0)
            clock[0] += 0.2
    assert log.getvalue() == ""
