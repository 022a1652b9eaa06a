"""Unit: mutated configs give a message or a config, never a traceback."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from abm.cli import app
from abm.config.errors import ConfigError
from abm.config.load import load
from abm.config.resolved import Resolved

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
JUNK = st.sampled_from([*SIGNS, *SCALARS, *WORDS])
EDITS = st.lists(st.tuples(st.integers(0, len(BASE)), st.integers(0, 12), st.one_of(JUNK, st.text(max_size=4))), min_size=1, max_size=4)


def mutated(edits: list[tuple[int, int, str]]) -> str:
    text = BASE
    for start, length, new in edits:
        text = text[:start] + new + text[start + length :]
    return text


def test_the_config_that_is_mutated_resolves(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(BASE, "utf-8")
    assert isinstance(load(str(tmp_path / "mine.yaml")), Resolved)


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS)
def test_a_mutated_config_is_refused_in_words_or_resolves(edits: list[tuple[int, int, str]], tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(mutated(edits).encode("utf-8", "surrogatepass"))
    try:
        assert isinstance(load(str(path)), Resolved)
    except ConfigError as error:
        assert error.problems
        assert all(problem.reason and "\n" not in problem.line() for problem in error.problems)
        assert str(error)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    key=st.one_of(st.sampled_from(["levers.audit", "seed", "system", "by", "parameters", "a.b.c", ""]), st.text(max_size=8)),
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
