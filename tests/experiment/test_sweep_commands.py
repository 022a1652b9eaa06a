"""Experiment: the commands around a sweep, as a user meets them: exit codes, words, and Ctrl-C in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from abm.cli import app
from abm.config.find import repository
from abm.experiment.conduct import How, sweep
from abm.experiment.store import STATE
from tests.experiment.models import FailingEngland


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def abm_command(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result.output


def test_a_sweep_from_check_to_export(here: Path) -> None:
    text = abm_command("check", "first_sweep")
    assert "design: factorial, 9 points over" in text and "levers.finance_share: 0.3, 0.6, 0.9" in text
    assert "36 (1 scenario x 9 points x 4 replicates)" in text
    text = abm_command("sweep", "first_sweep", "--out", "s", "--workers", "1")
    assert "9 design points, 36 of 36 runs" in text and "finance_share" in text
    assert "36 of 36 runs done, 0 failed, 0 to do; finished" in abm_command("status", "s")
    assert "levers.bypass_rate" in abm_command("table", "s", "points")
    assert abm_command("query", "s", "select count(*) as n from runs", "--csv").splitlines()[-2:] == ["n", "36"]
    abm_command("export", "s", "summary", "summary.csv")
    assert len(pd.read_csv("summary.csv")) == len(pd.read_csv("s/summary.csv"))
    assert "18 runs to do, 36 are there" in abm_command("extend", "s", "--replicates", "6", "--workers", "1")
    assert "is finished and whole: nothing to do" in abm_command("resume", "s")
    assert "9 points x 6 replicates" in abm_command("check", "s/config.yaml")


def test_failed_runs_show_in_words_and_exit_codes(here: Path) -> None:
    sweep("tiny", "out", how=How(workers=1, make=FailingEngland))
    text = abm_command("status", "out", code=1)
    assert "11 of 12 runs done, 1 failed" in text and "regional_bypass-0-1: ZeroDivisionError" in text
    assert "abm resume out --failed" in text
    assert "12 of 12 runs" in abm_command("resume", "out", "--failed")
    abm_command("status", "out")


def test_compare_and_reproduce(here: Path) -> None:
    small = ("--replicates", "2", "--quarters", "8")
    abm_command("run", "tiny", "--out", "a", *small)
    abm_command("run", "tiny", "--out", "b", *small)
    abm_command("run", "tiny", "--out", "c", *small, "--set", "levers.audit=0.3")
    assert "identical" in abm_command("compare", "a", "b")
    text = abm_command("compare", "a", "c", code=1)
    assert "levers.audit" in text and "outcomes" in text
    assert abm_command("reproduce", "a").splitlines()[-1].startswith("identical, to the bit")
    frame = pd.read_parquet("a/outcomes.parquet")
    frame.loc[9, "trust"] += 1e-12
    frame.to_parquet("a/outcomes.parquet")
    text = abm_command("reproduce", "a", code=1)
    assert "outcomes.parquet is not the file that was written" in text


def test_what_is_wrong_is_said_in_a_line(here: Path) -> None:
    abm_command("sweep", "first_sweep", "--out", "s", "--workers", "1")
    (here / "empty").mkdir()
    for words, said in (
        (("status", "nowhere"), "no folder nowhere"),
        (("resume", "empty"), "empty is not a results folder: it has no manifest.json"),
        (("extend", "s"), "nothing to extend by"),
        (("extend", "s", "--points", "20"), "kind factorial"),
        (("extend", "s", "--config", "tiny"), "another sweep"),
        (("table", "s", "outcome"), "outcomes"),
        (("query", "s", "selec 1"), "syntax error"),
        (("query", "s", "drop table runs"), "SELECT"),
        (("export", "s", "runs", "s/runs.csv"), "exists"),
        (("compare", "s", "empty"), "not a results folder"),
        (("reproduce", "empty"), "not a results folder"),
        (("sweep", "first_sweep", "--out", "s"), "exists already"),
        (("sweep", "first_sweeep"), "first_sweep"),
        (("sweep", "tiny", "--set", "design.kind=sobl"), "sobol"),
    ):
        assert said in abm_command(*words, code=2), words


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
@pytest.mark.slow
def test_ctrl_c_stops_cleanly_and_resume_goes_on(here: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(repository())}
    words = ["sweep", "tiny", "--replicates", "120", "--quarters", "60", "--workers", "2", "--chunk", "0.3", "--out", "out"]
    process = subprocess.Popen(
        [sys.executable, "-m", "abm.cli", *words], cwd=here, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    limit = time.monotonic() + 90
    while not list((here / "out" / STATE / "shards").glob("outcomes/*")) and process.poll() is None and time.monotonic() < limit:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers too
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "stopping" in said and "abm resume out goes on" in said and "Traceback" not in said
    assert "stopped: abm resume out goes on" in abm_command("status", "out", code=3)
    assert "480 of 480 runs" in abm_command("resume", "out")
