"""Experiment: `reproduce` checks the files, runs again (here a stand-in does) and says what differs, the likeliest cause first."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from abm.experiment.reproduce import IDENTICAL, reproduce
from abm.experiment.store import ResultsError, checksum
from tests.experiment.by_hand import Made
from tests.experiment.by_hand import make_folder as make

ONCE = Made(replicates=1)
NEWER = {"versions": {"python": "3.11.7", "ics-abm": "0.1.0", "numpy": "2.5.0"}}


def make_folder(folder: Path, made: Made, finished: bool = True) -> Path:
    return make(folder, made._replace(tables=("outcomes",)), finished)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "made", ONCE)


def again(made: Made = ONCE) -> Callable[[Path, Path], None]:
    """A stand-in for a sweep: makes `made`, whatever the config says."""

    def run(config: Path, out: Path) -> None:
        assert config.name == "config.yaml" and config.is_file() and not out.exists()
        make_folder(out, made)

    return run


def never(config: Path, out: Path) -> None:
    raise AssertionError("a damaged folder is not run again")


def shifted(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(trust=np.nextafter(frame["trust"], 1.0)) if name == "outcomes" else frame


def test_the_same_results_are_identical_to_the_bit(folder: Path, tmp_path: Path) -> None:
    before = {path: (path.stat().st_mtime_ns, checksum(path)) for path in folder.rglob("*") if path.is_file()}
    seen: list[Path] = []

    def run(config: Path, out: Path) -> None:
        seen.append(out)
        again()(config, out)

    found = reproduce(str(folder), run, room=tmp_path)
    assert found.identical and found.lines() == [IDENTICAL]
    assert before == {path: (path.stat().st_mtime_ns, checksum(path)) for path in folder.rglob("*") if path.is_file()}
    assert not seen[0].parent.exists() and list(tmp_path.iterdir()) == [folder]


def test_other_versions_with_the_same_results_are_identical_and_told(folder: Path) -> None:
    found = reproduce(folder, again(Made(replicates=1, facts=NEWER)))
    assert found.identical
    assert found.lines() == [IDENTICAL, "although version: numpy is 2.4.6 in the folder and 2.5.0 now"]


def test_the_first_difference_is_the_likeliest_cause(folder: Path) -> None:
    code, world = {"commit": "abc", "dirty": False}, {"name": "Tiny", "sha256": "cd" * 32}
    row = "outcomes: first differs at scenario baseline, point 0, replicate 0, quarter 0: trust is "
    for facts, first in (
        ({**NEWER, "code": code, "world": world}, "version: numpy is 2.4.6 in the folder and 2.5.0 now"),
        ({"code": code, "world": world}, "code: commit is 15a5e4993a474969e1a8af7ebf34a5e41effb819 in the folder and abc now"),
        ({"world": world, "machine": {"platform": "Other"}}, "world: Tiny is abababababab in the folder and cdcdcdcdcdcd now"),
        ({"machine": {"platform": "Other", "machine": "x86_64", "cores": 2}}, row),
    ):
        found = reproduce(folder, again(Made(replicates=1, facts=facts, change=shifted)))
        assert not found.identical and found.answer.startswith(first)
        assert any(line.startswith(row) and "24 of 24 rows differ" in line for line in found.lines())
    assert found.details[-1] == "machine: platform is Linux in the folder and Other now"


def test_a_config_that_gives_other_runs_is_named(folder: Path) -> None:
    found = reproduce(folder, again(Made(replicates=2)))
    assert not found.identical and found.answer == "config: replicates is 1 in the folder and 2 now"
    assert "plan: 4 runs only now, the first baseline-0-1" in found.details


def test_a_run_that_fails_now_is_named(folder: Path) -> None:
    found = reproduce(folder, again(Made(replicates=1, fails=[("bypass", 0, 0)])))
    assert found.answer == "plan: run bypass-0-0 is done in the folder and failed (ZeroDivisionError: nothing, to divide by) now"


@pytest.mark.parametrize("name", ["outcomes.parquet", "config.yaml", "summary.csv", "manifest.json"])
def test_a_changed_file_is_damage_and_nothing_is_run(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content.replace(b"4.5", b"4.6") if name == "manifest.json" else content[:-1])
    found = reproduce(folder, never)
    assert not found.identical and found.answer == f"damaged: {name} is not the file that was written"


def test_a_missing_config_is_damage_and_a_table_may_be_left_out(folder: Path) -> None:
    (folder / "outcomes.parquet").unlink()
    (folder / "summary.csv").unlink()
    same = reproduce(folder, again())
    assert same.answer == IDENTICAL
    assert sorted(same.details) == ["left out of the folder: outcomes.parquet", "left out of the folder: summary.csv"]
    other = reproduce(folder, again(Made(replicates=1, change=shifted)))
    assert other.answer == "outcomes: differs; in which rows cannot be said, since there is no outcomes.parquet in the folder"
    facts = json.loads((folder / "manifest.json").read_text("utf-8"))
    (folder / "ro-crate-metadata.json").unlink()
    facts["files"]["summary.csv"] = "0" * 64
    (folder / "manifest.json").write_text(json.dumps(facts), "utf-8")
    line = "summary: differs; in which rows cannot be said, since there is no summary.csv in the folder"
    assert reproduce(folder, again()).answer == line
    (folder / "config.yaml").unlink()
    assert reproduce(folder, never).answer == "damaged: config.yaml is missing"


def test_without_a_crate_the_manifest_is_taken_at_its_word(folder: Path) -> None:
    (folder / "ro-crate-metadata.json").unlink()
    assert reproduce(folder, again()).identical


def test_folders_that_cannot_be_run_again_are_refused(tmp_path: Path) -> None:
    unfinished = make_folder(tmp_path / "unfinished", Made(replicates=2), finished=False)
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "manifest.json").write_text(json.dumps([1]), "utf-8")
    for path, said in ((unfinished, "is not finished"), (tmp_path / "none", "no folder"), (tmp_path / "odd", "is not a manifest")):
        with pytest.raises(ResultsError, match=said):
            reproduce(path, never)
