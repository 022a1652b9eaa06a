"""View: figures and page of the claims register say what the verdicts say, can be read, and are kept true."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from abm.analysis.claims.evaluate import CLAIMS, PARTS, Evaluated, stored
from abm.analysis.claims.register import TOPICS, Part, every_part
from abm.analysis.claims.verdict import CONTRADICTED, DEPENDS, SUPPORTED, UNCLEAR, Verdict, verdicts
from abm.cli import app
from abm.config.find import repository
from abm.experiment.store import ResultsError
from abm.view import claims, claims_page
from tests.view.readable import assert_readable


def made_up() -> Evaluated:
    rng = np.random.default_rng(3)
    parts = []
    for i, test in enumerate(every_part()):
        word = (SUPPORTED, SUPPORTED, SUPPORTED, CONTRADICTED, DEPENDS, UNCLEAR)[i % 6]
        mean = rng.normal(0, 0.08)
        parts.append(
            Verdict(test, mean, mean - 0.01, mean + 0.02, 0.9, 0.002, 30, 2, word, "p3: as expected above 0.4" if word == DEPENDS else "")
        )
    return Evaluated(verdicts(parts), pd.DataFrame([part.row() for part in parts]))


@pytest.fixture(scope="module")
def evaluated() -> Evaluated:
    return made_up()


def test_verdicts_at_a_glance(evaluated: Evaluated) -> None:
    drawn = claims.glance(evaluated.claims, {})
    assert_readable(drawn.figure)
    assert drawn.title.startswith("Of 92 core claims") and "Earmarked money: " in drawn.alt


@pytest.mark.parametrize("topic", TOPICS)
def test_the_forest_of_a_topic(topic: str, evaluated: Evaluated) -> None:
    drawn = claims.of_topic(evaluated.parts, topic, {})
    assert_readable(drawn.figure)
    assert drawn.title.startswith(TOPICS[topic])


def test_an_unknown_topic_is_refused(evaluated: Evaluated) -> None:
    with pytest.raises(ResultsError, match="no contrasts on weather"):
        claims.of_topic(evaluated.parts, "weather", {})


def test_effects_are_turned_to_what_is_expected() -> None:
    test = Part("C001", "e14_claims", "a - b", "trust", -1, "")
    row = Verdict(test, -0.05, -0.06, -0.04, 1.0, 0.001, 5, 2, SUPPORTED, "").row()
    drawn = claims.effects(pd.DataFrame([row]), {}, "T")
    assert "+5" in drawn.alt and "C001" in drawn.alt


def test_labels_are_all_different(evaluated: Evaluated) -> None:
    names = claims.labels(evaluated.parts)
    assert len(set(names)) == len(names)


def test_the_page_of_the_project_is_that_of_what_is_published() -> None:
    published = repository() / "results" / "reference" / "e14"
    evaluated = stored(published) if (published / PARTS).is_file() else None
    text = (repository() / claims_page.PAGE).read_text("utf-8")
    assert text == claims_page.page(evaluated), "docs/claims.md is out of date: abm claims --write"
    if evaluated is not None:
        assert all((repository() / claims_page.IMAGES / f"{topic}.png").is_file() for topic in TOPICS)


def test_page_and_command_from_stored_verdicts(tmp_path: Path, evaluated: Evaluated) -> None:
    evaluated.claims.to_csv(tmp_path / CLAIMS, index=False)
    evaluated.parts.to_csv(tmp_path / PARTS, index=False)
    again = stored(tmp_path)
    text = claims_page.page(again)
    assert text.count("\n| **C") == 114 and not re.search(r"\bnan\b", text) and claims_page.NONE_YET not in text
    told = CliRunner().invoke(app, ["claims", str(tmp_path), "C063"])
    assert told.exit_code == 0 and "squeeze - base" in told.output and "verdict: " in told.output and not re.search(r"\bnan\b", told.output)
    told = CliRunner().invoke(app, ["claims", str(tmp_path)])
    assert told.exit_code == 0 and "92 core claims: " in told.output
    one = replace(evaluated, claims=evaluated.claims)
    assert claims.sentences(one.parts, CONTRADICTED, 2)


def test_the_command_without_verdicts_and_with_bad_input(tmp_path: Path) -> None:
    runner = CliRunner()
    assert "The crisis is so deep" in runner.invoke(app, ["claims", "C063"]).output
    for arguments, words in ((["C9"], "did you mean"), ([str(tmp_path)], "holds no verdicts"), ([str(tmp_path), "X1"], "no claim 'X1'")):
        told = runner.invoke(app, ["claims", *arguments])
        assert told.exit_code == 2 and words in told.output and "Traceback" not in told.output
