"""Unit: a thousand mutated configs give a message or a config, never a traceback."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from abm.cli import app
from abm.config.errors import ConfigError
from abm.config.load import load
from abm.config.resolved import Resolved
from abm.experiment.design import design_points

BASE = """\
name: mine
title: Mine
system: {world: synthetic, systems: 3, seed: 1}
scenarios:
  - baseline
  - name: other
    levers:
      finance_share: {ramp: {from: 0.2, to: 0.9, start: 2026/27 Q1, end: 20}}
      fence_pots: {national: 3, regions: {Y56: {schedule: {0: 5, 2025/26: 9}}}}
    parameters: {decision_rule: reinforcement}
replicates: 2
quarters: 8
seed: 5
paired: true
outcomes: [trust]
by: [region]
levers:
  convenor: none
"""
FACTORS = "{levers.finance_share: {from: 0.2, to: 0.9}, levers.convenor: plausible, parameters.patience: [0.8, 0.9]}"
DESIGNS = [
    "kind: list\n  points:\n    - {levers.audit: 0.2, system: tiny}\n    - levers.audit: {schedule: {0: 0.1, 2026/27: 0.4}}\n    - {}",
    "kind: factorial\n  over:\n    system: [tiny, {name: other, world: synthetic, systems: 3}]\n    levers.audit: [0.1, {national: 0.3}]",
    "kind: grid\n  steps: 3\n  over: {levers.audit: plausible, levers.priorities: {from: 1, to: 99, steps: 4, scale: log}}",
    "kind: one_at_a_time\n  over: " + FACTORS,
    "kind: fractional_factorial\n  over: {levers.audit: plausible, levers.compact: [0, 1]}",
    "kind: latin_hypercube\n  points: [8, 4]\n  seed: 3\n  over: " + FACTORS,
    "kind: sobol_sequence\n  points: 16\n  over: " + FACTORS,
    "kind: sobol\n  base_points: 4\n  second_order: true\n  groups: {money: [levers.finance_share, parameters.patience]}\n  over: "
    + FACTORS,
    "kind: morris\n  trajectories: [3, 2]\n  levels: 4\n  over: " + FACTORS,
    "kind: ramp\n  start: 2\n  quarters: [4, 8]\n  hold: 1\n  direction: both\n  over: {levers.audit: {from: 0.1, to: 0.4}}",
]
DESIGNED = [f"name: mine\nsystem: tiny\nscenarios: [baseline]\nreplicates: 2\nquarters: 40\ndesign:\n  {design}\n" for design in DESIGNS]
MOST_POINTS = 2000  # of a design whose points are made as well
SIGNS = [
    "",
    ":",
    "-",
    "{",
    "}",
    "[",
    "]",
    "'",
    '"',
    "&a",
    "*a",
    "!!x",
    "|",
    ">",
    "%",
    "@",
    "#",
    "\t",
    "\n",
    "  ",
    "<<: ",
    "? ",
    "---",
    "...",
]
SCALARS = [
    "null",
    "~",
    "true",
    ".nan",
    "1e999",
    "-1",
    "9" * 400,
    "0x1F",
    "0o17",
    "1_0",
    "2024-01-01",
    "\x00",
    "\x07",
    "\u2028",
    "é",
    "\ud7ff",
]
WORDS = ["levers", "regions", "name", "{a: {b: {c: d}}}", "[[[[]]]]", "{}", "[]", "../..", "/", "~nobody/x.yaml", "finance_share: 2"]
DESIGN_WORDS = [
    "table",
    "file",
    "plausible",
    "kind",
    "over",
    "points",
    "system",
    "{from: 0, to: 1}",
    "[0.1, 0.2]",
    "[1, 2, 3]",
    "log",
    "3",
    "0",
    "-4",
    "1.5",
]
JUNK = st.sampled_from([*SIGNS, *SCALARS, *WORDS])
EDITS = st.lists(st.tuples(st.integers(0, len(BASE)), st.integers(0, 12), st.one_of(JUNK, st.text(max_size=4))), min_size=1, max_size=4)
VALUE = re.compile(r"(?<=[:\[{,] )[^\s:,{}\[\]]+|[a-z_.]+(?=:)")  # a scalar or a key in a config


def replaced(text: str, swaps: list[tuple[int, str]]) -> str:
    """The text with some of its scalars and keys, counted round and round, replaced."""
    for number, new in swaps:
        found = list(VALUE.finditer(text))
        if found:
            spot = found[number % len(found)]
            text = text[: spot.start()] + new + text[spot.end() :]
    return text


def mutated(edits: list[tuple[int, int, str]], text: str = BASE) -> str:
    for start, length, new in edits:
        text = text[:start] + new + text[start + length :]
    return text


def test_the_config_that_is_mutated_resolves(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(BASE, "utf-8")
    assert isinstance(load(str(tmp_path / "mine.yaml")), Resolved)


def refused_in_words_or_resolved(path: Path) -> Resolved | None:
    """Load a config; if it is refused, see that every problem is told in one line."""
    try:
        resolved = load(str(path))
    except ConfigError as error:
        assert error.problems
        assert all(problem.reason and "\n" not in problem.line() for problem in error.problems)
        assert str(error)
        return None
    return resolved


MANY = {"deadline": None, "derandomize": True, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


@settings(max_examples=200, **MANY)
@given(edits=EDITS)
def test_a_mutated_config_is_refused_in_words_or_resolves(edits: list[tuple[int, int, str]], tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(mutated(edits).encode("utf-8", "surrogatepass"))
    refused_in_words_or_resolved(path)


def test_the_designs_that_are_mutated_resolve(tmp_path: Path) -> None:
    for text in DESIGNED:
        (tmp_path / "mine.yaml").write_text(text, "utf-8")
        assert load(str(tmp_path / "mine.yaml")).experiment.design is not None


@settings(max_examples=700, **MANY)
@given(
    base=st.sampled_from(DESIGNED),
    swaps=st.lists(st.tuples(st.integers(0, 60), st.sampled_from([*DESIGN_WORDS, *SCALARS, *WORDS])), max_size=3),
    edits=st.one_of(st.just([]), EDITS),
)
def test_a_mutated_design_is_refused_in_words_or_makes_its_points(
    base: str, swaps: list[tuple[int, str]], edits: list[tuple[int, int, str]], tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(mutated(edits, replaced(base, swaps)).encode("utf-8", "surrogatepass"))
    resolved = refused_in_words_or_resolved(path)
    if resolved is None or resolved.experiment.design is None or resolved.experiment.design.count() > MOST_POINTS:
        return
    points = design_points(resolved)
    assert len(points) == resolved.experiment.design.count()
    assert points.settings(len(points) - 1).system in resolved.worlds
    resolved.config()


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    key=st.one_of(
        st.sampled_from(["levers.audit", "seed", "system", "by", "parameters", "a.b.c", "", "design", "design.over", "design.points.0"]),
        st.text(max_size=8),
    ),
    value=st.one_of(JUNK, st.text(max_size=8)),
)
def test_a_mutated_override_is_refused_in_words_or_resolves(key: str, value: str) -> None:
    try:
        assert isinstance(load("tiny", [f"{key}={value}"]), Resolved)
    except ConfigError as error:
        assert error.problems


@pytest.mark.parametrize("seed", range(20))
def test_the_command_exits_with_2_and_writes_nothing(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = BASE.splitlines()
    line = lines[seed % len(lines)]
    lines[seed % len(lines)] = line.replace(":", "x:", 1) if ":" in line else line + "x"
    (tmp_path / "mine.yaml").write_text("\n".join(lines) + "\n", "utf-8")
    result = CliRunner().invoke(app, ["run", "mine.yaml"])
    assert result.exit_code == 2, result.output
    assert "mine.yaml:" in result.output and "Traceback" not in result.output
    assert os.listdir(tmp_path) == ["mine.yaml"]
