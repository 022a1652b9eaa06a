"""Experiment: two results folders are compared in plain words: what differs is named, with the first row and both values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from abm.experiment.compare import compare
from abm.experiment.store import ResultsError
from tests.experiment.by_hand import BYPASS, FACTOR, USUAL, Made
from tests.experiment.by_hand import make_folder as make

NEWER = {"versions": {"python": "3.12.1", "ics-abm": "0.1.0", "numpy": "2.4.6"}, "code": {"commit": "abc", "dirty": True}}


def make_folder(folder: Path, made: Made = USUAL, finished: bool = True) -> Path:
    return make(folder, made._replace(tables=("outcomes", "survey", "acts")), finished)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_folder(tmp_path_factory.mktemp("compare") / "made")


def changed(table: str, **cells: Any) -> Any:
    """A change of one table: values by column, each a (row, value) pair."""

    def change(name: str, frame: pd.DataFrame) -> pd.DataFrame:
        if name == table:
            frame = frame.copy()
            for column, (row, value) in cells.items():
                frame.loc[row, column] = value
        return frame

    return change


def test_the_same_folder_twice_is_identical_and_versions_are_told(folder: Path, tmp_path: Path) -> None:
    other = make_folder(tmp_path / "other", Made(group=11, facts=NEWER | {"started": "2027-01-01T00:00:00+00:00"}))
    found = compare(str(folder), str(other))
    assert found.identical
    assert found.lines() == [
        f"A is {folder}, B is {other}",
        "identical: the same config, plan and tables, to the bit",
        "version: python is 3.11.7 in A and 3.12.1 in B",
        "code: commit is 15a5e4993a474969e1a8af7ebf34a5e41effb819 in A and abc in B",
        "code: state of the source is as committed in A and with changes in B",
        "time: started is 2026-11-22T08:12:43+00:00 in A and 2027-01-01T00:00:00+00:00 in B",
    ]


def test_the_first_differing_row_is_named_with_both_values(folder: Path, tmp_path: Path) -> None:
    old = pd.read_parquet(folder / "outcomes.parquet").loc[17, "trust"]
    new = np.nextafter(old, 1.0)
    other = make_folder(tmp_path / "other", Made(change=changed("outcomes", trust=(17, new), unmet_need=(40, np.nan))))
    found = compare(folder, other)
    assert not found.identical and found.lines()[1] == "not identical"
    assert found.tables == (
        "outcomes: first differs at scenario baseline, point 1, replicate 0, quarter 5: "
        f"trust is {float(old)!r} in A and {float(new)!r} in B; 2 of 48 rows differ",
    )
    assert len(found.changes) == 1 and found.changes[0].startswith("last year, bypass: unmet need ")
    assert not found.config and not found.plan


def test_text_in_other_tables_and_blanks_are_compared(folder: Path, tmp_path: Path) -> None:
    acts = compare(folder, make_folder(tmp_path / "acts", Made(change=changed("acts", act=(3, "honour_pool"))))).tables
    assert len(acts) == 1 and "acts: first differs at scenario baseline, point 0, replicate 0, quarter 0, actor " in acts[0]
    assert "act is " in acts[0] and "honour_pool in B; 1 of 1,824 rows differ" in acts[0]
    survey = compare(folder, make_folder(tmp_path / "survey", Made(change=changed("survey", sampled=(79, np.nan))))).tables
    assert "scenario bypass, point 1, replicate 1, quarter 3, item " in survey[0] and "blank in B; 1 of 80 rows differ" in survey[0]


def test_config_points_and_plan_are_compared(folder: Path, tmp_path: Path) -> None:
    scenarios = {"bypass": {"bypass_rate": 0.9}, "baseline": {}, "fenced": {"fence_share": 0.3}}
    made = Made(scenarios=scenarios, points=(0.3, 0.8), replicates=3, fails=[("baseline", 0, 1)])
    found = compare(folder, make_folder(tmp_path / "other", made))
    assert "config: scenarios.bypass.levers.bypass_rate is 0.8 in A and 0.9 in B" in found.config
    assert "config: replicates is 2 in A and 3 in B" in found.config
    assert "config: scenarios.fenced.levers.fence_share is only in B (0.3)" in found.config
    assert found.plan == (
        f"points: first differs at point 1: {FACTOR} is 0.7 in A and 0.8 in B; 1 of 2 rows differ",
        "plan: 10 runs only in B, the first bypass-0-2",
        "plan: 6 runs of the same name with other settings, seed or world, the first baseline-1-0",
        "plan: run baseline-0-1 is done in A and failed (ZeroDivisionError: nothing, to divide by) in B",
    )
    outcomes = [line for line in found.tables if line.startswith("outcomes:")]
    expected = "outcomes: first differs at scenario baseline, point 0, replicate 1, quarter 0, a row that is only in A; "
    assert len(outcomes) == 1 and outcomes[0].startswith(expected) and outcomes[0].endswith(" of 72 rows differ")
    text = "\n".join(found.lines())
    assert text.index("config:") < text.index("plan:") < text.index("outcomes:") < text.index("last year, ")


def test_the_change_is_over_runs_that_both_have(folder: Path, tmp_path: Path) -> None:
    other = make_folder(tmp_path / "other", Made(points=(0.3, 0.8), replicates=2, scenarios={"baseline": {}}))
    found = compare(folder, other)
    a, b = (
        pd.read_parquet(each / "outcomes.parquet").query("scenario == 'baseline' and quarter > 1")["trust"].mean()
        for each in (folder, other)
    )
    assert f"last year, baseline: trust {a:.4g} in A, {b:.4g} in B ({b - a:+.2g})" in found.changes
    assert not [line for line in found.changes if "bypass" in line]
    assert found.plan[-2] == "plan: 4 runs only in A, the first bypass-0-0"


def test_longer_runs_are_the_same_while_both_last(folder: Path, tmp_path: Path) -> None:
    found = compare(folder, make_folder(tmp_path / "other", Made(quarters=8)))
    assert found.tables[0] == (
        "outcomes: first differs at scenario baseline, point 0, replicate 0, quarter 6, a row that is only in B; 16 of 64 rows differ"
    )


def test_scenarios_in_another_order_hold_the_same_rows(folder: Path, tmp_path: Path) -> None:
    found = compare(folder, make_folder(tmp_path / "other", Made(scenarios={"bypass": BYPASS, "baseline": {}})))
    assert not found.identical and not found.plan and not found.changes
    assert found.tables[0].startswith("outcomes: the rows of runs that both have are the same; ")


def test_columns_and_tables_that_only_one_has(folder: Path, tmp_path: Path) -> None:
    def change(name: str, frame: pd.DataFrame) -> pd.DataFrame:
        if name == "survey":
            return frame.rename(columns={"target": "aim"}).astype({"respondents": "float64"})
        return frame

    other = make_folder(tmp_path / "other", Made(change=change))
    (other / "acts.parquet").unlink()
    facts = json.loads((other / "manifest.json").read_text("utf-8"))
    del facts["tables"]["acts"]
    (other / "manifest.json").write_text(json.dumps(facts), "utf-8")
    assert compare(folder, other).tables == (
        "survey: column target is only in A",
        "survey: column aim is only in B",
        "survey: column respondents is int64 in A and double in B",
        "acts: there is such a table only in A",
    )


def test_a_table_that_was_left_out_is_compared_by_its_checksum(folder: Path, tmp_path: Path) -> None:
    same = make_folder(tmp_path / "same")
    (same / "outcomes.parquet").unlink()
    assert compare(folder, same).identical
    other = make_folder(tmp_path / "other", Made(change=changed("outcomes", trust=(0, 0.5))))
    (other / "outcomes.parquet").unlink()
    found = compare(folder, other)
    assert found.tables == ("outcomes: differs; in which rows cannot be said, since there is no outcomes.parquet in B",)
    assert not found.changes


def test_what_is_reckoned_is_compared_where_the_outcomes_agree(folder: Path, tmp_path: Path) -> None:
    other = make_folder(tmp_path / "other")
    text = (other / "effects.csv").read_text("utf-8").splitlines(keepends=True)
    (other / "effects.csv").write_text("".join([text[0], text[1].replace("share of stakes", "share"), *text[3:]]), "utf-8")
    assert compare(folder, other).tables == (
        "effects: 1 row only in A, the first scenario bypass, outcome collaborative_acts",
        "effects: first differs at scenario bypass, outcome collaborative_share: "
        "unit is share of stakes in A and share in B; 1 of 42 rows differ",
    )


def test_many_differences_of_one_kind_are_cut_short(folder: Path, tmp_path: Path) -> None:
    sides = [make_folder(tmp_path / name, Made(facts={"versions": {f"package{i}": name for i in range(30)}})) for name in ("1", "2")]
    told = compare(*sides).lines()
    assert len(told) == 2 + 20 + 1 and told[-1] == "... and 10 more of this kind"
    assert told[2] == "version: package0 is 1 in A and 2 in B"
    unknown = make_folder(
        tmp_path / "unknown", Made(facts={"versions": {"numpy": "", "scipy": "1.17"}, "code": {"commit": None, "dirty": None}})
    )
    assert len(compare(folder, unknown).lines()) == 2, "what only one folder knows is no difference"


def test_folders_that_cannot_be_compared_are_refused(folder: Path, tmp_path: Path) -> None:
    unfinished = make_folder(tmp_path / "unfinished", finished=False)
    broken = make_folder(tmp_path / "broken", Made(replicates=1))
    (broken / "config.yaml").write_text("a: [", "utf-8")
    for other, said in (
        (unfinished, "is not finished: abm resume"),
        (tmp_path / "none", "no folder"),
        (broken, "config.yaml cannot be read"),
    ):
        with pytest.raises(ResultsError, match=said) as refused:
            compare(folder, other)
        assert "\n" not in str(refused.value)
