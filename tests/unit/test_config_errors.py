"""Unit: every kind of bad config gives one clear message with file, line, key and nearest, exit code 2, and writes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from abm.cli import app

GOOD = """\
name: mine
title: Mine
system: tiny
scenarios: [baseline, ring_fencing]
replicates: 2
quarters: 8
levers:
  finance_share: 0.7
"""

# what is replaced, by what, and the parts that the message must have
CASES = {
    "unknown key": ("replicates: 2", "replicats: 2", ["mine.yaml:5:1: replicats: no such key; did you mean 'replicates'?"]),
    "unknown lever": (
        "finance_share: 0.7",
        "finance_shar: 0.7",
        ["mine.yaml:8:3: levers.finance_shar: no such lever; did you mean 'finance_share'?"],
    ),
    "a lever among the keys": (
        "title: Mine",
        "finance_share: 0.7",
        ["mine.yaml:2:1: finance_share", "did you mean 'levers.finance_share'?"],
    ),
    "wrong type": ("0.7", "high", ["mine.yaml:8:18: levers.finance_share: expected a number, got 'high' (allowed: 0 to 1"]),
    "a number as text": ("0.7", "'0.7'", ["mine.yaml:8:18: levers.finance_share: expected a number, got '0.7'"]),
    "true is not a number": ("quarters: 8", "quarters: true", ["mine.yaml:6:11: quarters: expected a whole number, got true"]),
    "out of range": (
        "0.7",
        "1.7",
        ["mine.yaml:8:18: levers.finance_share: 1.7 is out of range (allowed: 0 to 1, share of review questions)"],
    ),
    "not a number": ("0.7", ".nan", ["mine.yaml:8:18: levers.finance_share: nan is out of range"]),
    "run length": ("quarters: 8", "quarters: 0", ["mine.yaml:6:11: quarters: 0 is out of range (allowed: 1 to 2000)"]),
    "a choice": (
        "finance_share: 0.7",
        "convenor: ibc",
        ["mine.yaml:8:13: levers.convenor: 'ibc' is not a choice; did you mean 'icb'? (allowed: icb, partnership, none)"],
    ),
    "missing key": ("name: mine\n", "", ["mine.yaml:1:1: name: is missing"]),
    "missing system": (
        "system: tiny",
        "system: tinny",
        ["mine.yaml:3:9: system: no system 'tinny' in", "did you mean 'tiny'?", "england, synthetic20, tiny"],
    ),
    "missing scenario": (
        "ring_fencing",
        "ringfencing",
        ["mine.yaml:4:23: scenarios[1]: no scenario 'ringfencing'", "did you mean 'ring_fencing'?"],
    ),
    "missing scenario file": ("ring_fencing", "./nowhere.yaml", ["mine.yaml:4:23: scenarios[1]: no such file", "nowhere.yaml"]),
    "duplicate key": ("title: Mine", "name: twice", ["mine.yaml:2:1: name: is given twice (first on line 1)"]),
    "duplicate lever": (
        "finance_share: 0.7",
        "finance_share: 0.7\n  finance_share: 0.8",
        ["mine.yaml:9:3: levers.finance_share: is given twice (first on line 8)"],
    ),
    "yaml syntax": ("[baseline, ring_fencing]", "[baseline, ring_fencing", ["mine.yaml:5:", "not valid YAML"]),
    "a tab": ("  finance_share: 0.7", "\tfinance_share: 0.7", ["mine.yaml:8:1", "not valid YAML"]),
    "a tag": ("title: Mine", "title: !!python/object:os.system Mine", ["mine.yaml:2:8: title: the tag", "is not allowed"]),
    "a merge": ("title: Mine", "<<: {title: Mine}", ["mine.yaml:2:1: ", "merges are not part of YAML 1.2"]),
    "bad date": (
        "finance_share: 0.7",
        "finance_share: {schedule: {2026/28: 0.7}}",
        ["mine.yaml:8:30: levers.finance_share.schedule.2026/28: '2026/28' is not a time", "'2026/27 Q3'"],
    ),
    "date before the start": (
        "finance_share: 0.7",
        "finance_share: {schedule: {1999/00: 0.7}}",
        ["mine.yaml:8:30: levers.finance_share.schedule.1999/00: is before the first year"],
    ),
    "ramp that ends before it starts": (
        "finance_share: 0.7",
        "finance_share: {ramp: {from: 0.1, to: 0.9, start: 8, end: 4}}",
        ["mine.yaml:8:18: levers.finance_share: a ramp must end after it starts"],
    ),
    "ramp with a misspelt key": (
        "finance_share: 0.7",
        "finance_share: {ramp: {from: 0.1, to: 0.9, strt: 0, end: 4}}",
        ["mine.yaml:8:46: levers.finance_share.ramp.strt: no such key; did you mean 'start'? (allowed: from, to, start, end)"],
    ),
    "bad region": (
        "finance_share: 0.7",
        "finance_share: {national: 0.5, regions: {Y99: 0.7}}",
        ["mine.yaml:8:44: levers.finance_share.regions.Y99: no region 'Y99' in this world", "(allowed: "],
    ),
    "bad system code": (
        "finance_share: 0.7",
        "finance_share:\n    systems:\n      QXX: 0.7",
        ["mine.yaml:10:7: levers.finance_share.systems.QXX: no system 'QXX' in this world"],
    ),
    "bad value for a region": (
        "finance_share: 0.7",
        "finance_share: {regions: {Y56: 7}}",
        ["mine.yaml:8:34: levers.finance_share.regions.Y56: 7 is out of range"],
    ),
    "unknown outcome": (
        "title: Mine",
        "outcomes: [trust, trsut]",
        ["mine.yaml:2:11: outcomes: no such outcome 'trsut'; did you mean 'trust'?"],
    ),
    "unknown baseline": ("title: Mine", "baseline: base", ["mine.yaml:2:11: baseline: 'base' is not one of the scenarios"]),
    "empty": (GOOD, "", ["mine.yaml", "is empty"]),
    "a list": (GOOD, "- a\n- b\n", ["mine.yaml:1:1: must hold keys and values"]),
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(here: Path, *arguments: str) -> str:
    """Run `abm run` and give its message, having seen that it exits with 2, has no traceback and writes nothing."""
    before = sorted(here.rglob("*"))
    result = CliRunner().invoke(app, ["run", *arguments])
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    assert sorted(here.rglob("*")) == before
    return result.output


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.replace(" ", "-"))
def test_bad_config_is_refused_at_its_place(case: str, here: Path) -> None:
    old, new, parts = CASES[case]
    assert old in GOOD
    (here / "mine.yaml").write_text(GOOD.replace(old, new), "utf-8")
    message = refused(here, "mine.yaml")
    for part in parts:
        assert part in message


def test_all_problems_of_a_file_are_told_together(here: Path) -> None:
    (here / "mine.yaml").write_text(
        GOOD.replace("0.7", "7").replace("quarters: 8", "quaters: 8").replace("replicates: 2", "replicates: no"), "utf-8"
    )
    message = refused(here, "mine.yaml")
    assert [line.split(": ")[0] for line in message.splitlines() if line.startswith("mine.yaml")] == [
        "mine.yaml:5:13",
        "mine.yaml:6:1",
        "mine.yaml:8:18",
    ]
    assert "3 problems; nothing was written" in message


def test_the_caret_stands_under_the_fault(here: Path) -> None:
    (here / "mine.yaml").write_text(GOOD.replace("0.7", "7"), "utf-8")
    lines = refused(here, "mine.yaml").splitlines()
    assert lines[1] == "      finance_share: 7"
    assert lines[2].index("^") == lines[1].index("7")


def test_problems_in_a_scenario_file_name_that_file(here: Path) -> None:
    (here / "configs" / "scenarios").mkdir(parents=True)
    (here / "configs" / "scenarios" / "odd.yaml").write_text("name: odd\nlevers:\n  fence_pot: 3\n", "utf-8")
    (here / "mine.yaml").write_text(GOOD.replace("ring_fencing", "odd"), "utf-8")
    assert "configs/scenarios/odd.yaml:3:3: levers.fence_pot: no such lever; did you mean 'fence_pots'?" in refused(here, "mine.yaml")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("levers.finance_share=2", "--set:1:22: levers.finance_share: 2 is out of range"),
        ("levers.finance_shar=0.2", "--set:1:1: levers.finance_shar: no such lever; did you mean 'finance_share'?"),
        ("finance_share=0.2", "--set:1:1: finance_share: no such key; did you mean 'levers.finance_share'?"),
        ("parameters.trust_prior", "expected key=value"),
        ("levers={a: 1}", "levers: name one"),
        ("levers.finance_share={ramp: [", "--set:1:"),
    ],
)
def test_bad_override_is_refused_at_its_column(text: str, part: str, here: Path) -> None:
    assert part in refused(here, "tiny", "--set", text)


def test_missing_files(here: Path) -> None:
    assert "no experiment 'headlin' in configs/experiments" in (message := refused(here, "headlin"))
    assert "did you mean 'headline'?" in message
    (here / "mine.yaml").write_text(GOOD, "utf-8")
    assert "no such file main.yaml; did you mean 'mine.yaml'?" in refused(here, "main.yaml")
    (here / "folder").mkdir()
    assert "is a folder, not a config" in refused(here, "./folder")
    (here / "latin.yaml").write_bytes(b"name: mine\ntitle: caf\xe9\n")
    assert "latin.yaml:2:11: is not UTF-8 text" in refused(here, "latin.yaml")


def test_inconsistent_tables_are_refused_at_their_row(here: Path) -> None:
    from abm.england import PACKAGED

    tables = here / "tables"
    tables.mkdir()
    for path in PACKAGED.glob("*.csv"):
        (tables / path.name).write_bytes(path.read_bytes())
    lines = (tables / "icbs.csv").read_text("utf-8").splitlines()
    (tables / "icbs.csv").write_text("\n".join([*lines[:3], lines[3] + ",extra", *lines[4:]]) + "\n", "utf-8")
    (here / "mine.yaml").write_text(GOOD.replace("system: tiny", "system: {world: england, tables: tables}"), "utf-8")
    assert "tables/icbs.csv:4:1: has" in refused(here, "mine.yaml")
    (here / "mine.yaml").write_text(GOOD.replace("system: tiny", "system: {world: england, tables: tabels}"), "utf-8")
    assert "mine.yaml:3:34: tables: no such folder tabels" in refused(here, "mine.yaml")


def test_an_existing_results_folder_is_never_written_over(here: Path) -> None:
    (here / "out").mkdir()
    (here / "mine.yaml").write_text(GOOD, "utf-8")
    assert "out exists already, and results are never overwritten" in refused(here, "mine.yaml", "--out", "out")
