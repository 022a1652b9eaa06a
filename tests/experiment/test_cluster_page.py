"""Documents: the commands of `docs/cluster.md` have the options that they name, and its jobqueue.yaml makes a Slurm job."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from abm.cli import app
from abm.config.find import repository
from tests.experiment.markdown import blocks

PAGE = (repository() / "docs" / "cluster.md").read_text("utf-8")


def test_options_and_links_are_there() -> None:
    words = [shlex.split(line, comments=True) for block in blocks(PAGE) if block.kind == "sh" for line in block.text.splitlines()]
    given = {(word[1], option) for word in words if word[0] == "abm" for option in word if option.startswith("--")}
    assert ("sweep", "--dask") in given
    given |= {(command, "--dask") for command in ("run", "resume", "extend")} | {("sweep", "--limit"), ("sweep", "--chunk")}
    for command, option in given:
        assert option in CliRunner().invoke(app, [command, "--help"]).output, f"abm {command} {option}"
    for link in re.findall(r"\]\(([^)#]+)", PAGE):
        assert (repository() / "docs" / link).exists(), link


def test_the_slurm_example_makes_a_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = pytest.importorskip("dask.config", reason="an extra: pip install 'ics-abm[dask]'")
    monkeypatch.setattr(config, "PATH", str(tmp_path))  # where dask-jobqueue puts a template when it is imported
    jobqueue = pytest.importorskip("dask_jobqueue", reason="an extra: pip install 'ics-abm[dask]'")
    example = YAML(typ="safe").load(next(block.text for block in blocks(PAGE) if block.kind == "yaml"))
    settings = {f"jobqueue.slurm.{key}": value for key, value in example["jobqueue"]["slurm"].items()}
    with config.set(settings), jobqueue.SLURMCluster(processes=1, scheduler_options={"dashboard_address": None}) as made:
        script = made.job_script()
    for line in ("#SBATCH -A my-project", "#SBATCH --cpus-per-task=1", "#SBATCH -t 04:00:00", "export NUMBA_CACHE_DIR=/shared/abm/numba"):
        assert f"\n{line}\n" in script, script
    assert "--nthreads 1 " in script
