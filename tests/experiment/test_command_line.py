"""Experiment: the `abm` command from end to end, on the tiny system with the real model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from abm.cli import app
from abm.config.find import repository


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def abm_command(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == code, result.output
    return result.output


def test_run_writes_results_and_says_what_happened(here: Path) -> None:
    text = abm_command("run", "tiny", "--out", "out", "--replicates", "2")
    for part in ("Baseline", "Ring-fencing", "against Baseline", "paired runs", "8 of 8 runs of 12 quarters", "Results: out"):
        assert part in text
    assert len(pd.read_parquet(here / "out" / "outcomes.parquet")) == 4 * 2 * 12


def test_a_folders_config_runs_to_the_same_bytes(here: Path) -> None:
    abm_command("run", "tiny", "--out", "out", "--replicates", "2", "--set", "levers.finance_share={schedule: {0: 0.5, 4: 0.8}}")
    abm_command("run", "out/config.yaml", "--out", "again")
    for name in ("outcomes.parquet", "outcomes_by_system.parquet", "survey.parquet", "effects.csv", "config.yaml"):
        assert (here / "out" / name).read_bytes() == (here / "again" / name).read_bytes(), name


def test_results_go_to_a_new_folder_by_default(here: Path) -> None:
    for _ in range(2):
        abm_command("run", "tiny", "--replicates", "1", "--quarters", "4")
    folders = [path.name for path in (here / "results").iterdir()]
    assert len(folders) == 2 and all(name.startswith("tiny-") for name in folders)


def test_check_names_the_differences_their_files_and_the_cost(here: Path) -> None:
    text = abm_command("check", "tiny", "--set", "levers.audit=0.2")
    assert "levers.fence_share = 0.3   (default 0.1; scenario: " in text
    assert "ring_fencing.yaml:7)" in text
    assert "levers.audit = 0.2   (default 0.1; command line: --set:1)" in text
    assert "runs: 12 (4 scenarios x 3 replicates), 12 quarters each" in text
    assert "time: about" in text and "disk: about" in text
    assert list(here.iterdir()) == []


def test_check_in_full_prints_a_config_that_runs(here: Path) -> None:
    (here / "mine.yaml").write_text(abm_command("check", "tiny", "--full"), "utf-8")
    abm_command("run", "mine.yaml", "--replicates", "1", "--quarters", "4", "--out", "out")


@pytest.mark.parametrize("what", ["levers", "parameters", "outcomes"])
def test_lists(what: str) -> None:
    assert len(abm_command(what).splitlines()) > 12
    assert "did you mean" in abm_command(what, {"levers": "finance_shar_", "parameters": "patienc_", "outcomes": "trsut"}[what], code=2)


def test_help_is_quick_and_teaches() -> None:
    words = [sys.executable, "-m", "abm.cli", "--help"]
    done = subprocess.run(words, cwd=repository(), capture_output=True, text=True, check=True)
    assert "abm run headline" in done.stdout and "Layers, later wins" in done.stdout
    heavy = "import sys, abm.cli; sys.exit(', '.join({'numba', 'pandas', 'mesa', 'matplotlib', 'pydantic'} & set(sys.modules)) or None)"
    subprocess.run([sys.executable, "-c", heavy], cwd=repository(), check=True)
