"""Experiment: a sweep survives failing, dying and hanging runs, kills, damage and rivals, and ends in the same bytes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from abm.config.find import repository
from abm.config.load import load
from abm.config.worlds import build_worlds
from abm.experiment.conduct import How, StoppedError, extend, go_on, mend, resume, start, sweep
from abm.experiment.status import status_of
from abm.experiment.store import STATE, ResultsError, checksum, table_files
from abm.experiment.sweep import locked
from tests.experiment.models import DeadlyModel, EndlessModel, FailingModel, FakeModel, OnceDeadlyModel, SlowModel

TABLES = ("outcomes", "outcomes_by_system", "survey")
posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")


def sums(folder: Path) -> dict[str, str]:
    """Checksums of what a sweep's results are: the tables, and what is reckoned from them."""
    names = [*(f"{table}.parquet" for table in TABLES), "points.csv", "summary.csv", "effects.csv", "dictionary.csv", "config.yaml"]
    return {name: checksum(folder / name) for name in names}


def runs_of(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "runs.csv", keep_default_na=False).drop(columns="seconds")


def stopping_after(count: int) -> Any:
    """A reporter that asks for a stop, as Ctrl-C does, when so many runs are done."""
    from contextlib import contextmanager

    @contextmanager
    def reporter(total: int) -> Any:
        def report(done: int, failed: int) -> None:
            if done >= count:
                os.kill(os.getpid(), signal.SIGINT)
                report.__dict__["asked"] = True

        def once(done: int, failed: int) -> None:
            if "asked" not in report.__dict__:
                report(done, failed)

        yield once

    return reporter


# ---- the plan, and the same bytes however it is run -------------------------------------------------------------------------


def test_the_plan_is_written_before_anything_runs(tmp_path: Path) -> None:
    resolved = load("tiny")
    start(resolved, build_worlds(resolved), tmp_path / "out", How(command="abm run tiny"))
    runs = pd.read_csv(tmp_path / "out" / "runs.csv", keep_default_na=False)
    assert len(runs) == 12 and set(runs["status"]) == {"planned"}
    assert runs["id"].is_unique and list(runs["seed"].unique()) == [7]
    facts = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert facts["finished"] is None and facts["command"] == "abm run tiny"
    assert status_of(tmp_path / "out").planned == 12


def test_workers_do_not_change_a_bit(tmp_path: Path) -> None:
    overrides = ["replicates=7", "quarters=8"]
    sweep("tiny", tmp_path / "one", overrides, workers=1)
    sweep("tiny", tmp_path / "two", overrides, workers=2)
    assert sums(tmp_path / "one") == sums(tmp_path / "two")
    assert runs_of(tmp_path / "one").equals(runs_of(tmp_path / "two"))


def test_an_id_is_a_hash_of_what_determines_a_run(run_fake: Any, tmp_path: Path) -> None:
    def ids(name: str, *overrides: str) -> list[str]:
        return list(run_fake(name, load("tiny", list(overrides))).runs["id"])

    same = ids("a")
    assert same == ids("b", "title=other", "outcomes=[trust]", "by=[]")
    for i, change in enumerate(("seed=8", "quarters=13", "levers.audit=0.2", "parameters.patience=0.8")):
        assert not set(same) & set(ids(f"c{i}", change)), change
    assert set(same) < set(ids("more", "replicates=5"))


# ---- what can go wrong with a run --------------------------------------------------------------------------------------------


def test_failed_runs_can_be_run_again(run_fake: Any, tmp_path: Path) -> None:
    run_fake("good")
    run_fake("out", make=FailingModel)
    assert (tmp_path / "out" / "errors" / "regional_bypass-0-1.txt").is_file()
    assert resume(tmp_path / "out", how=How(make=FakeModel)) is None  # finished: a failed run is left alone unless asked
    results = resume(tmp_path / "out", failed=True, how=How(make=FakeModel))
    assert results is not None and results.manifest["failed"] == 0
    assert sums(tmp_path / "out") == sums(tmp_path / "good")
    assert not (tmp_path / "out" / "errors").exists() and not (tmp_path / "out" / STATE).exists()


@posix
def test_a_run_that_kills_its_worker_is_a_failed_row(run_fake: Any, tmp_path: Path) -> None:
    results = run_fake(make=DeadlyModel, workers=2)
    failed = results.runs[results.runs["status"] == "failed"]
    assert list(zip(failed["scenario"], failed["replicate"], strict=True)) == [("regional_bypass", 1)]
    assert "the worker process died" in failed["error"].iloc[0]
    assert len(results.means) == 11


@posix
def test_a_worker_that_dies_once_costs_nothing(run_fake: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ABM_TEST_MARK", str(tmp_path / "mark"))
    run_fake("good")
    assert run_fake("out", make=OnceDeadlyModel, workers=2).manifest["failed"] == 0
    assert (tmp_path / "mark").exists()
    assert sums(tmp_path / "out") == sums(tmp_path / "good")


def test_a_run_that_hangs_is_a_failed_row(run_fake: Any) -> None:
    results = run_fake(make=EndlessModel, workers=2, limit=0.4)
    failed = results.runs[results.runs["status"] == "failed"]
    assert list(failed["scenario"]) == ["regional_bypass"] and "took longer than 0.4 s" in failed["error"].iloc[0]


# ---- stops, kills and damage ---------------------------------------------------------------------------------------------------


@posix
@pytest.mark.parametrize("workers", [1, 2])
def test_a_stop_keeps_what_was_done(run_fake: Any, tmp_path: Path, workers: int) -> None:
    config = load("tiny", ["by=[system]", "replicates=8"])
    run_fake("good", config)
    with pytest.raises(StoppedError):
        run_fake("out", config, make=SlowModel, workers=workers, report=stopping_after(4))
    found = status_of(tmp_path / "out")
    assert found.done >= 4 and found.planned and not found.at_work and not found.finished
    assert len(pd.concat(map(pd.read_parquet, table_files(tmp_path / "out", "outcomes")))) == 12 * found.done
    resume(tmp_path / "out", how=How(make=FakeModel))
    assert sums(tmp_path / "out") == sums(tmp_path / "good")
    assert status_of(tmp_path / "out").finished


def stopped(run_fake: Any, tmp_path: Path) -> Path:
    """A sweep that stopped half-way, with some shards."""
    with pytest.raises(StoppedError):
        run_fake("out", make=SlowModel, report=stopping_after(6))
    return tmp_path / "out"


@posix
@pytest.mark.parametrize("how", ["changed", "cut", "missing"])
def test_a_damaged_shard_is_found_and_run_again(run_fake: Any, tmp_path: Path, how: str) -> None:
    run_fake("good")
    folder = stopped(run_fake, tmp_path)
    damage(sorted((folder / STATE / "shards" / "survey").glob("*.parquet"))[0], how)
    said: list[str] = []
    resume(folder, how=How(make=FakeModel, say=said.append))
    assert "damaged" in said[0] and "survey" in said[0]
    assert sums(folder) == sums(tmp_path / "good")


@pytest.mark.parametrize("how", ["changed", "cut", "missing"])
def test_a_damaged_table_is_found_set_aside_and_made_again(run_fake: Any, tmp_path: Path, how: str) -> None:
    run_fake("good")
    run_fake("out")
    damage(tmp_path / "out" / "outcomes_by_system.parquet", how)
    resume(tmp_path / "out", how=How(make=FakeModel))
    assert sums(tmp_path / "out") == sums(tmp_path / "good")
    assert (tmp_path / "out" / "outcomes_by_system.parquet.damaged").exists() == (how != "missing")


def damage(path: Path, how: str) -> None:
    content = path.read_bytes()
    if how == "missing":
        path.unlink()
    elif how == "cut":
        path.write_bytes(content[: len(content) // 2])
    else:
        middle = len(content) // 2
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])


@posix
@pytest.mark.slow
def test_kill_9_at_any_moment_loses_nothing(tmp_path: Path) -> None:
    """The real command, killed three times at moments drawn at random (seeded), ends in the bytes of the undisturbed one."""
    words = ["--replicates", "150", "--quarters", "60", "--workers", "2", "--chunk", "0.2"]
    environment = {**os.environ, "PYTHONPATH": str(repository())}
    command = [sys.executable, "-m", "abm.cli"]
    subprocess.run([*command, "sweep", "tiny", "--out", "good", *words], cwd=tmp_path, env=environment, check=True, capture_output=True)
    luck, kills, tries = np.random.default_rng(20), 0, 0
    call = ["sweep", "tiny", "--out", "out", *words]
    while kills < 3 and tries < 40:
        tries += 1
        process = subprocess.Popen([*command, *call], cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        journal = tmp_path / "out" / STATE / "journal.sqlite"
        limit = time.monotonic() + 60
        while not journal.exists() and process.poll() is None and time.monotonic() < limit:
            time.sleep(0.02)
        time.sleep(luck.uniform(0.3, 4.5))
        process.kill()
        kills += process.wait() == -signal.SIGKILL
        call = ["resume", "out", "--workers", "2", "--chunk", "0.2"]
    assert kills == 3
    subprocess.run([*command, *call], cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert sums(tmp_path / "out") == sums(tmp_path / "good")
    assert runs_of(tmp_path / "out").equals(runs_of(tmp_path / "good"))


@posix
@pytest.mark.parametrize("moment", ["merge", "publish", "runs_so_far", "write_crate", "close"])
def test_a_kill_while_the_folder_is_finished_costs_only_the_repeat(
    run_fake: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    run_fake("good")
    calls = []

    def dies(*arguments: Any, **named: Any) -> None:
        calls.append(moment)
        raise SystemExit("killed")

    with monkeypatch.context() as patched:
        patched.setattr(f"abm.experiment.{'conduct' if moment == 'close' else 'finish'}.{moment}", dies)
        with pytest.raises(SystemExit):
            run_fake("out")
    assert calls and not status_of(tmp_path / "out").finished
    resume(tmp_path / "out", how=How(make=FakeModel))
    assert sums(tmp_path / "out") == sums(tmp_path / "good") and status_of(tmp_path / "out").finished


# ---- rivals and strangers ------------------------------------------------------------------------------------------------------


def test_a_second_sweep_into_the_folder_is_refused(run_fake: Any, tmp_path: Path) -> None:
    run_fake("out", make=FailingModel)
    with pytest.raises(ResultsError, match="exists already"):
        run_fake("out")
    with locked(tmp_path / "out"), pytest.raises(ResultsError, match=f"is being written by process {os.getpid()}"):
        resume(tmp_path / "out", failed=True)
    assert status_of(tmp_path / "out").failed == 1


def test_what_is_not_a_results_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="no folder"):
        resume(tmp_path / "nothing")
    with pytest.raises(ResultsError, match=r"has no manifest\.json"):
        resume(tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(ResultsError, match="cannot be read"):
        status_of(tmp_path)


@posix
def test_results_of_two_models_do_not_mix_unnoticed(run_fake: Any, tmp_path: Path) -> None:
    folder = stopped(run_fake, tmp_path)
    facts = json.loads((folder / "manifest.json").read_text("utf-8"))
    (folder / "manifest.json").write_text(json.dumps({**facts, "model_sha256": "of another model"}), "utf-8")
    with pytest.raises(ResultsError, match="source has changed"):
        resume(folder, how=How(make=FakeModel))
    resume(folder, how=How(make=FakeModel, changed_code=True))


@posix
def test_an_edited_config_is_noticed(run_fake: Any, tmp_path: Path) -> None:
    folder = stopped(run_fake, tmp_path)
    config = folder / "config.yaml"
    config.write_text(config.read_text("utf-8").replace("seed: 7", "seed: 8"), "utf-8")
    with pytest.raises(ResultsError, match="cannot be made again"):
        resume(folder, how=How(make=FakeModel))


# ---- more of the same ------------------------------------------------------------------------------------------------------------


def test_more_replicates_are_the_runs_of_a_larger_sweep(run_fake: Any, tmp_path: Path) -> None:
    larger = load("tiny", ["by=[region, system]", "replicates=8"])
    whole = run_fake("whole", larger)
    before = run_fake("out")
    said: list[str] = []
    after = extend(tmp_path / "out", replicates=8, how=How(make=FakeModel, say=said.append))
    assert said == ["20 runs to do, 12 are there"]
    assert sums(tmp_path / "out") == sums(tmp_path / "whole")
    assert list(after.runs["id"]) == list(whole.runs["id"])
    kept = after.runs.merge(before.runs, on=["scenario", "point", "replicate", "id"], suffixes=("", "_before"))
    assert len(kept) == 12 and (kept["seconds"] == kept["seconds_before"]).all()


def test_an_extension_that_is_stopped_goes_on(run_fake: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_fake("whole", load("tiny", ["by=[region, system]", "replicates=8"]))
    run_fake("out")
    from abm.experiment.conduct import enlarge

    enlarge(tmp_path / "out", 8, None, None, How())  # a kill here leaves the larger plan with its journal
    assert status_of(tmp_path / "out").done == 12
    with pytest.raises(ResultsError, match="is not finished"):
        extend(tmp_path / "out", replicates=9)
    assert mend(tmp_path / "out", False, How()) == 20
    go_on(tmp_path / "out", How(make=FakeModel))
    assert sums(tmp_path / "out") == sums(tmp_path / "whole")


def test_an_extension_may_not_change_earlier_runs(run_fake: Any, tmp_path: Path) -> None:
    run_fake("out")
    before = sums(tmp_path / "out")
    for wrong in ({"replicates": 2}, {"points": 5}, {}):
        with pytest.raises(ResultsError):
            extend(tmp_path / "out", **wrong)
    other = tmp_path / "other.yaml"
    other.write_text((tmp_path / "out" / "config.yaml").read_text("utf-8").replace("quarters: 12", "quarters: 13"), "utf-8")
    with pytest.raises(ResultsError, match="quarters"):
        extend(tmp_path / "out", config=str(other))
    assert sums(tmp_path / "out") == before and status_of(tmp_path / "out").finished
