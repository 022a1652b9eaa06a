"""Experiment: the results folder is complete, explains itself and can be run again."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from abm.config.load import load
from abm.config.resolved import Resolved
from abm.experiment.store import ResultsError, new_folder
from tests.experiment.models import FailingModel, FakeModel


def test_the_folder_is_complete_and_tidy(run_fake, resolved: Resolved, tmp_path: Path) -> None:
    def draw(folder: Path, manifest: dict[str, Any], path: Path) -> None:
        assert (folder / "outcomes.parquet").is_file() and (folder / "effects.csv").is_file() and manifest["seed"] == 7
        path.write_bytes(b"figure")

    run_fake(draw=draw, config=load("tiny", ["by=[region, system]", "keep=[acts]", "figure=headline"]))
    folder = tmp_path / "out"
    assert sorted(path.name for path in folder.iterdir()) == [
        "acts.parquet",
        "config.yaml",
        "dictionary.csv",
        "effects.csv",
        "headline.png",
        "manifest.json",
        "outcomes.parquet",
        "outcomes_by_region.parquet",
        "outcomes_by_system.parquet",
        "points.csv",
        "ro-crate-metadata.json",
        "runs.csv",
        "summary.csv",
        "survey.parquet",
    ]
    outcomes = pd.read_parquet(folder / "outcomes.parquet")
    assert list(outcomes.columns[:4]) == ["scenario", "point", "replicate", "quarter"]
    assert len(outcomes) == 4 * 3 * 12
    assert not outcomes.duplicated(["scenario", "replicate", "quarter"]).any()
    assert list(pd.read_parquet(folder / "outcomes_by_region.parquet").columns[:6]) == [
        "scenario",
        "point",
        "replicate",
        "quarter",
        "year",
        "region",
    ]
    dictionary = pd.read_csv(folder / "dictionary.csv")
    assert list(dictionary.loc[dictionary["table"] == "outcomes", "column"]) == list(outcomes.columns)


def test_the_manifest_tells_versions_seed_sources_and_checksums(run_fake, tmp_path: Path) -> None:
    run_fake()
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert manifest["seed"] == 7 and manifest["runs"] == 12 and manifest["failed"] == 0
    assert {"python", "mesa", "numpy", "numba", "pandas", "ics-abm"} <= set(manifest["versions"])
    assert set(manifest["code"]) == {"commit", "dirty"}
    assert manifest["set_by"]["ring_fencing"]["levers.fence_pots"].endswith("configs/scenarios/ring_fencing.yaml:8")
    names = {path.name for path in (tmp_path / "out").iterdir()} - {"manifest.json", "ro-crate-metadata.json"}
    assert set(manifest["files"]) == names
    for name, checksum in manifest["files"].items():
        assert hashlib.sha256((tmp_path / "out" / name).read_bytes()).hexdigest() == checksum


def test_running_the_folders_config_gives_the_same_bytes(run_fake, tmp_path: Path) -> None:
    first = run_fake()
    second = run_fake("again", config=load(str(tmp_path / "out" / "config.yaml")))
    same = ["config.yaml", "outcomes.parquet", "outcomes_by_region.parquet", "survey.parquet", "effects.csv", "dictionary.csv"]
    for name in same:
        assert first.manifest["files"][name] == second.manifest["files"][name], name
    assert list(first.runs["id"]) == list(second.runs["id"])


def test_own_tables_travel_with_the_results(run_fake, tmp_path: Path) -> None:
    from abm.england import PACKAGED

    (tmp_path / "mine").mkdir()
    for path in PACKAGED.glob("*.csv"):
        (tmp_path / "mine" / path.name).write_bytes(path.read_bytes())
    (tmp_path / "own.yaml").write_text(
        "name: own\nsystem: {world: england, tables: mine}\nscenarios: [baseline]\nreplicates: 1\nquarters: 2\n", "utf-8"
    )
    first = run_fake(config=load(str(tmp_path / "own.yaml")))
    again = load(str(tmp_path / "out" / "config.yaml"))
    assert again.tables is not None and again.tables.resolve() == (tmp_path / "out" / "tables").resolve()
    assert run_fake("again", config=again).manifest["files"]["outcomes.parquet"] == first.manifest["files"]["outcomes.parquet"]


def test_a_failed_run_is_a_row_and_the_rest_go_on(run_fake, tmp_path: Path) -> None:
    results = run_fake(make=FailingModel)
    runs = pd.read_csv(tmp_path / "out" / "runs.csv", keep_default_na=False)
    failed = runs[runs["status"] == "failed"]
    assert list(failed["scenario"]) == ["regional_bypass"] and list(failed["replicate"]) == [1]
    assert failed["error"].iloc[0] == "ZeroDivisionError: no reviews to divide by"
    text = (tmp_path / "out" / "errors" / "regional_bypass-0-1.txt").read_text("utf-8")
    assert "Traceback" in text and "no reviews to divide by" in text
    assert results.manifest["failed"] == 1 and len(results.means) == 11
    pairs = results.effects.groupby("scenario")["pairs"].first()
    assert pairs["regional_bypass"] == 2 and pairs["ring_fencing"] == 3


class Hopeless(FakeModel):
    def run(self, quarters: int) -> None:
        raise RuntimeError("nothing works")


def test_when_every_run_fails_there_are_still_results_that_say_so(run_fake, tmp_path: Path) -> None:
    results = run_fake(make=Hopeless)
    assert results.manifest["failed"] == 12
    assert list(pd.read_parquet(tmp_path / "out" / "outcomes.parquet").columns) == ["scenario", "point", "replicate", "quarter", "year"]


def test_a_figure_that_fails_does_not_lose_the_results(run_fake, tmp_path: Path) -> None:
    def draw(*arguments: object) -> None:
        raise ValueError("no font")

    results = run_fake(config=load("tiny", ["figure=headline"]), draw=draw)
    assert results.figure_error == "ValueError: no font"
    assert (tmp_path / "out" / "outcomes.parquet").is_file()


def test_an_existing_folder_is_refused_and_left_alone(run_fake, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "precious.txt").write_text("keep")
    with pytest.raises(ResultsError, match="exists already"):
        run_fake()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out" / "precious.txt").read_text() == "keep"


def test_a_folder_that_appears_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="exists already"), new_folder(tmp_path / "out") as draft:
        (draft / "a.txt").write_text("a")
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "theirs.txt").write_text("theirs")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["theirs.txt"]
