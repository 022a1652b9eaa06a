"""Unit: a design whose points come from a CSV file: what it reads, what it refuses and where, and a folder that stands alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from abm.config.errors import ConfigError
from abm.config.load import load
from abm.experiment.conduct import How, resume, sweep
from abm.experiment.design import design_points, problem
from abm.experiment.store import ResultsError
from tests.experiment.models import FakeModel

HEAD = "name: mine\nsystem: tiny\nscenarios: [baseline, ring_fencing]\nquarters: 8\nreplicates: 2\ndesign:\n  kind: table\n  file: {file}\n"
GOOD = "member,parameters.trust_memory,levers.priorities,parameters.decision_rule\n"
GOOD += "0,0.9,5,\n1,9.1e-1,9,reinforcement\n\n2,0.92,,reinforcement\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def config(table: str, more: str = "", file: str = "good.csv") -> str:
    Path("good.csv").write_text(table, "utf-8")
    Path("mine.yaml").write_text(HEAD.format(file=file) + more, "utf-8")
    return "mine.yaml"


def told(table: str, more: str = "", file: str = "good.csv") -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(config(table, more, file))
    return [each.line() for each in caught.value.problems]


def test_rows_are_points_blank_keeps_what_is_below_and_labels_set_nothing(here: Path) -> None:
    points = design_points(load(config(GOOD)))
    assert list(points.values) == ["parameters.trust_memory", "levers.priorities", "parameters.decision_rule"]
    assert [(points.settings(i).levers, points.settings(i).parameters) for i in range(3)] == [
        ({"priorities": 5}, {"trust_memory": 0.9}),
        ({"priorities": 9}, {"trust_memory": 0.91, "decision_rule": "reinforcement"}),
        ({}, {"trust_memory": 0.92, "decision_rule": "reinforcement"}),
    ]
    assert points.unit is None
    with pytest.raises(ValueError, match="no sample"):
        problem(load("mine.yaml"))


def test_some_rows_and_columns(here: Path) -> None:
    resolved = load(config(GOOD, "  rows: 2\n  columns: [parameters.trust_memory]\n"))
    assert design_points(resolved).values.to_numpy().tolist() == [[0.9], [0.91]]
    assert len(design_points(load("mine.yaml", ["design.rows=1"]))) == 1
    with pytest.raises(ConfigError, match=r"varied by the design: set design\.file"):
        load("mine.yaml", ["parameters.trust_memory=0.5"])


MISTAKES = {
    "a value out of range": ("parameters.trust_memory\n0.9\n1.2\n", ["good.csv:3:1: parameters.trust_memory: 1.2 is out of range"]),
    "no number": ("member,levers.audit\n0,x\n", ["good.csv:2:3: levers.audit: expected a number, got 'x'"]),
    "not a whole number": ("member,levers.priorities\n0,2.5\n", ["good.csv:2:3: levers.priorities: "]),
    "a number without end": (f"levers.audit\n{'9' * 5000}\n", ["good.csv:2:1: levers.audit: expected a number"]),
    "a slip in a choice": (
        "parameters.decision_rule\nreinforcment\n",
        ["good.csv:2:1: parameters.decision_rule: 'reinforcment' is not a choice; did you mean 'reinforcement'?"],
    ),
    "a slip in a column": (
        "member,parameters.trust_memry\n0,0.9\n",
        ["good.csv:1:8: parameters.trust_memry: no such factor; did you mean 'parameters.trust_memory'?"],
    ),
    "a column without its section": (
        "trust_memory\n0.9\n",
        ["good.csv:1:1: trust_memory: no such factor; did you mean 'parameters.trust_memory'?"],
    ),
    "a column twice": ("levers.audit,levers.audit\n0.1,0.2\n", ["good.csv:1:14: levers.audit: stands twice among the columns"]),
    "systems": ("system,levers.audit\ntiny,0.1\n", ["good.csv:1:1: system: a table varies levers and parameters alone"]),
    "labels alone": ("member,weight\n0,1\n", ["good.csv:1:1: no column sets anything"]),
    "no rows": ("levers.audit\n", ["good.csv:1:1: the table has no row below its header"]),
    "blank rows": ("member,levers.audit\n0,\n", ["good.csv:1:1: no row sets anything"]),
    "a short row": ("member,levers.audit\n0,0.1\n1\n", ["good.csv:3:1: has 1 cells under 2 columns"]),
    "an open quote": ('levers.audit\n"0.1\n', ["good.csv:2:1: is not a CSV table:"]),
    "nothing": ("", ["mine.yaml:8:9: design.file: good.csv is empty"]),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_in_the_table_is_told_at_its_line(case: str, here: Path) -> None:
    table, expected = MISTAKES[case]
    found = told(table)
    assert [line[: len(start)] for line, start in zip(found, expected, strict=True)] == expected


def test_a_mistake_in_the_config_is_told_at_its_key(here: Path) -> None:
    assert told(GOOD, file="godo.csv") == ["mine.yaml:8:9: design.file: no such file godo.csv; did you mean 'good.csv'?"]
    assert told(GOOD, "  rows: 4\n") == ["mine.yaml:9:9: design.rows: good.csv has 3 rows; did you mean '3'?"]
    assert told(GOOD, "  rows: 0\n") == ["mine.yaml:9:9: design.rows: 0 is out of range (allowed: at least 1)"]
    assert told(GOOD, "  row: 4\n") == [
        "mine.yaml:9:3: design.row: no such key; did you mean 'rows'? (allowed: kind, file, rows, columns, without, sha256)"
    ]
    assert told(GOOD, "  points: []\n") == ["mine.yaml:9:3: design.points: no such key; did you mean 'file'?"]
    assert told(GOOD, "  columns: [levers.prioritis]\n")[0].startswith(
        "mine.yaml:9:13: design.columns[0]: 'levers.prioritis' is no column of good.csv; did you mean 'levers.priorities'?"
    )
    assert told(GOOD, "  columns: [member]\n")[0].startswith("mine.yaml:9:13: design.columns[0]: 'member' is a label")
    Path("mine.yaml").write_text(HEAD.format(file="x").replace("  file: x\n", ""), "utf-8")
    with pytest.raises(ConfigError, match=r"design\.file: is missing"):
        load("mine.yaml")
    Path("bytes.csv").write_bytes(b"\xff\xfe")
    assert told(GOOD, file="bytes.csv") == ["mine.yaml:8:9: design.file: bytes.csv is not UTF-8 text"]


def test_a_results_folder_stands_alone_and_notices_another_table(here: Path) -> None:
    fake = How(workers=1, make=FakeModel)
    sweep(config(GOOD), here / "out", how=fake)
    Path("good.csv").unlink()
    again = load("out/config.yaml")
    assert len(design_points(again)) == 3 and resume(here / "out", how=fake) is None
    sweep(str(here / "out" / "config.yaml"), here / "again", how=fake)
    assert (here / "again" / "config.yaml").read_text("utf-8") == (here / "out" / "config.yaml").read_text("utf-8")
    assert (here / "again" / "points.csv").read_text("utf-8") == (here / "out" / "points.csv").read_text("utf-8")
    text = (here / "out" / "points.csv").read_text("utf-8")
    (here / "out" / "points.csv").write_text(text.replace("0.91", "0.93"), "utf-8")
    with pytest.raises(ConfigError, match="has other points now"):
        load("out/config.yaml")
    with pytest.raises((ConfigError, ResultsError)):
        sweep("out/config.yaml", here / "third", how=fake)
