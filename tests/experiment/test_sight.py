"""Experiment: runs whose decisions are blind, or shown others' knowledge, are runs like any other."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import abm
from abm.analysis.trace import trace
from abm.cli import app
from abm.config.errors import ConfigError
from abm.config.load import load
from abm.experiment.again import model_of, stored_run
from abm.experiment.folder import read_manifest
from abm.experiment.plan import plan
from abm.experiment.store import ResultsError
from abm.model.ics_model import ICSModel

CONFIG = """
name: seen
system: tiny
scenarios:
  - name: intact
  - {name: closed, blind: [attention, money], levers: {finance_share: 0.9}}
  - {name: dealt, shuffle: [trust], levers: {finance_share: 0.9}}
  - {name: treated, levers: {finance_share: 0.9}}
replicates: 2
quarters: 8
"""


def written(folder: Path, text: str) -> str:
    (folder / "seen.yaml").write_text(text, "utf-8")
    return str(folder / "seen.yaml")


def said_by(*words: str) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sight")
    abm.sweep(written(path, CONFIG), path / "out", workers=1)
    return path / "out"


def test_the_stored_run_is_the_model_so_made(folder: Path) -> None:
    settings = {"closed": {"blind": ["money", "attention"]}, "dealt": {"shuffle": ["trust"]}, "treated": {}}
    stored = abm.load(folder)
    for scenario, sight in settings.items():
        wanted = ICSModel(abm.tiny(), {"finance_share": 0.9}, seed=1, replicate=1, **sight).run(8).outcomes()
        found = stored[(stored["scenario"] == scenario) & (stored["replicate"] == 1)].reset_index(drop=True)
        pd.testing.assert_frame_equal(found[wanted.columns], wanted, check_dtype=False, check_exact=True)
        again = model_of(folder, scenario, replicate=1)
        pd.testing.assert_frame_equal(again.outcomes(), wanted, check_exact=True)
    shares = abm.load(folder, last_year=True).groupby("scenario")["collaborative_share"].mean()
    assert shares["closed"] > shares["treated"]  # the treatment works through what is closed


def test_ids_say_what_is_seen_and_nothing_new_of_other_runs(folder: Path, tmp_path: Path) -> None:
    resolved = load(str(folder / "config.yaml"))
    frame = plan(resolved, {"tiny": "w"}).frame
    assert frame["id"].is_unique
    plain = plan(
        load(written(tmp_path, CONFIG.replace("blind: [attention, money], ", "").replace("shuffle: [trust], ", ""))), {"tiny": "w"}
    )
    first = plain.frame.set_index(["scenario", "replicate"])["id"]
    ids = frame.set_index(["scenario", "replicate"])["id"]
    assert (ids[["intact", "treated"]] == first[["intact", "treated"]]).all()
    assert (ids[["closed", "dealt"]] != first[["closed", "dealt"]]).all()
    turned = plan(load(written(tmp_path, CONFIG.replace("[attention, money]", "[money, attention]"))), {"tiny": "w"})
    assert list(turned.frame["id"]) == list(frame["id"])


def test_the_folder_says_it_and_reproduces(folder: Path) -> None:
    told = {each["name"]: each for each in read_manifest(folder)["scenarios"]}
    assert told["closed"]["blind"] == ["money", "attention"]
    assert told["dealt"]["shuffle"] == ["trust"]
    assert "blind" not in told["intact"]
    assert stored_run(folder, "closed").settings()["blind"] == ("money", "attention")
    assert "identical, to the bit" in said_by("reproduce", str(folder))


@pytest.mark.slow
def test_worker_processes_give_the_same(folder: Path, tmp_path: Path) -> None:
    abm.sweep(written(tmp_path, CONFIG), tmp_path / "out", workers=2)
    pd.testing.assert_frame_equal(abm.load(tmp_path / "out"), abm.load(folder), check_exact=True)


def test_check_tells_it(tmp_path: Path) -> None:
    said = said_by("check", written(tmp_path, CONFIG))
    assert "blind = money, attention" in said
    assert "shuffle = trust" in said


def test_what_is_wrong_is_told_at_its_place(tmp_path: Path) -> None:
    wrong = CONFIG.replace("[attention, money]", "[atention, money]").replace("[trust]", "trust")
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, wrong))
    said = str(caught.value)
    assert "seen.yaml:6:28" in said
    assert "no such channel: 'atention'; did you mean 'attention'?" in said
    assert "expected a list, got 'trust'" in said
    with pytest.raises(ConfigError, match="'money' is listed twice"):
        load(written(tmp_path, CONFIG.replace("[attention, money]", "[money, money]")))


def test_what_they_saw_is_not_kept_so_they_are_not_traced(folder: Path) -> None:
    with pytest.raises(ResultsError, match="cannot be traced"):
        trace(folder, "intact", "closed")


def test_a_schedule_may_mix_quarters_and_dates(tmp_path: Path) -> None:
    mixed = "levers: {finance_share: {schedule: {0: 0.5, 2025/26: 0.9}}}"
    frame = plan(load(written(tmp_path, CONFIG.replace("levers: {finance_share: 0.9}", mixed))), {"tiny": "w"}).frame
    assert frame["id"].is_unique
