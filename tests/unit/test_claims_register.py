"""Unit: the register of claims is whole: every claim is tested or says why not, and every contrast can be run and read."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from abm.analysis.claims.register import KINDS, RUNS, TOPICS, Term, claim_of, every_part, register, terms
from abm.config.find import repository
from abm.config.settings import SECTIONS
from abm.experiment.store import ResultsError
from abm.model.levers import LEVERS
from abm.model.outcomes import OUTCOMES
from abm.model.parameters import PARAMETERS

CONFIGS = repository() / "configs" / "experiments"


@cache
def config(name: str) -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load((CONFIGS / f"{name}.yaml").read_text("utf-8"))
    return found


def test_all_claims_recommendations_and_cases_are_there() -> None:
    claims = register().values()
    assert len([claim for claim in claims if claim.core]) == 92
    assert {kind: len([claim for claim in claims if claim.kind == kind]) for kind in ("causal", "recommendation", "case")} == {
        "causal": 114,
        "recommendation": 48,
        "case": 29,
    }
    assert {claim.topic for claim in claims} == set(TOPICS)
    assert all(claim.claim and not claim.claim.endswith(".") and len(claim.claim) < 160 for claim in claims)


def test_every_claim_is_tested_or_says_why_not() -> None:
    for claim in register().values():
        assert bool(claim.tests) != bool(claim.why_not), claim.id
        if claim.same_as:
            assert register()[claim.same_as].tests == claim.tests and not register()[claim.same_as].same_as
    assert len([claim for claim in register().values() if claim.core and claim.why_not]) < 10


def test_every_contrast_names_scenarios_of_its_config_and_an_outcome_that_is_stored() -> None:
    for test in every_part():
        experiment = config(test.runs)
        names = {scenario["name"] for scenario in experiment["scenarios"]}
        outcome = OUTCOMES[test.outcome]
        assert test.outcome in experiment["outcomes"], test
        for term in test.terms:
            assert term.scenario in names, test
            if term.where in KINDS:
                assert "kind" in experiment["by"] and outcome.by_kind and not outcome.over_systems, test
            elif term.where:
                assert "region" in experiment["by"], test
        how, of = test.measure
        if how == "lead":
            assert of in experiment["outcomes"] and "system" in experiment["by"]
        elif how == "trait":
            assert "system" in experiment["by"]
        else:
            assert sum(term.weight for term in test.terms) == pytest.approx(0), f"{test} is a level, not a contrast"


def test_every_scenario_serves_a_contrast_and_differs_from_all_others() -> None:
    used = {(test.runs, term.scenario) for test in every_part() for term in test.terms}
    for name in RUNS.values():
        scenarios = config(name)["scenarios"]
        assert {(name, scenario["name"]) for scenario in scenarios} == {pair for pair in used if pair[0] == name}
        settings = [{section: scenario.get(section, {}) for section in SECTIONS} for scenario in scenarios]
        assert not [each for i, each in enumerate(settings) if each in settings[:i]]


@pytest.mark.parametrize("name", sorted(path.stem for path in CONFIGS.glob("e1[46]_*.yaml")))
def test_the_ensemble_leaves_out_what_scenarios_set(name: str) -> None:
    """Levers that were calibrated, and all parameters that a scenario sets, are no columns of the design."""
    experiment = config(name)
    left_out = set(experiment["design"].get("without", ()))
    for scenario in experiment["scenarios"]:
        own = {f"{section}.{key}" for section in SECTIONS for key in scenario.get(section, {})}
        calibrated = {f"levers.{key}" for key, lever in LEVERS.items() if lever.status == "calibrated"}
        could_be = calibrated | {f"parameters.{key}" for key in PARAMETERS}
        assert own & could_be <= left_out, scenario["name"]


def test_contrasts_are_read_as_they_are_written() -> None:
    assert terms("a - b") == (Term(1.0, "a", "", "last"), Term(-1.0, "b", "", "last"))
    assert [term.weight for term in terms("(a - b) - (c - d)")] == [1, -1, -1, 1]
    assert [term.weight for term in terms("a + 4*b - 5*c")] == [1, 4, -5]
    assert [term.weight for term in terms("a - 2*(b - 0.5*c)")] == [1, -2, 1]
    assert terms("x[icb, first]") == (Term(1.0, "x", "icb", "first"),)
    assert terms("x[not Y63]")[0].where == "not Y63"


@pytest.mark.parametrize("text", ["", "a -- %", "(a - b", "a) - b", "a[tuesday]", "1*"])
def test_what_is_no_contrast_is_refused(text: str) -> None:
    with pytest.raises(ResultsError, match="contrast"):
        terms(text)


def test_an_unknown_claim_is_refused_with_the_nearest() -> None:
    assert claim_of("c063").id == "C063"
    with pytest.raises(ResultsError, match="did you mean 'C001'"):
        claim_of("C0001")


def test_the_contradictions_read_scenarios_that_are_run() -> None:
    from experiments.e16_contradictions import CONFIGS as NAMES
    from experiments.e16_contradictions import ROWS

    for name in NAMES:
        there = {scenario["name"] for scenario in config(name)["scenarios"]}
        rows = ROWS[name]()
        assert {term.scenario for row in rows for term in terms(row.contrast)} <= there
        assert len({row.name for row in rows}) == len(rows)


def test_the_file_of_claims_is_sorted_into_no_two_lines_alike() -> None:
    text = (Path(repository()) / "abm" / "analysis" / "data" / "claims.csv").read_text("utf-8")
    claims = [claim.claim for claim in register().values()]
    assert len(set(claims)) == len(claims) and not re.search(r"[“”‘’]", text)
