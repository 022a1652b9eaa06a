"""Experiment: on Dask the results are the same to the bit, also when one of two worker processes is killed half-way."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from abm.config.load import load
from abm.experiment.conduct import How, sweep
from abm.experiment.store import ResultsError, checksum
from tests.experiment.models import FakeModel, SlowModel

distributed = pytest.importorskip("distributed", reason="Dask is an extra: pip install 'ics-abm[dask]'")
TABLES = ("outcomes.parquet", "survey.parquet", "effects.csv", "summary.csv")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A scheduler and two worker processes on loopback."""
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as made:
        yield made


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
@pytest.mark.slow
def test_a_killed_dask_worker_loses_and_doubles_nothing(cluster: Any, tmp_path: Path) -> None:
    config = load("tiny", ["replicates=40"])
    sweep(config, tmp_path / "here", how=How(workers=1, make=FakeModel))
    killed: list[int] = []

    @contextmanager
    def killing(total: int) -> Iterator[Any]:
        def report(done: int, failed: int) -> None:
            if done >= 30 and not killed:
                with distributed.Client(cluster.scheduler_address) as client:
                    killed.append(next(iter(client.run(os.getpid).values())))
                os.kill(killed[0], signal.SIGKILL)

        yield report

    results = sweep(config, tmp_path / "dask", how=How(dask=cluster.scheduler_address, make=SlowModel, chunk=0.3, report=killing))
    assert killed and results.manifest["failed"] == 0
    assert results.manifest["executor"]["kind"] == "dask" and results.manifest["executor"]["workers"] >= 1
    for name in TABLES:
        assert checksum(tmp_path / "dask" / name) == checksum(tmp_path / "here" / name), name
    runs = pd.read_parquet(tmp_path / "dask" / "outcomes.parquet", columns=["scenario", "point", "replicate", "quarter"])
    assert len(runs) == 160 * 12 and not runs.duplicated().any()


@pytest.mark.slow
def test_the_model_gives_the_same_bits_on_dask(cluster: Any, tmp_path: Path) -> None:
    sweep("tiny", tmp_path / "here", workers=1)
    sweep("tiny", tmp_path / "dask", how=How(dask=cluster.scheduler_address))
    for name in TABLES:
        assert checksum(tmp_path / "dask" / name) == checksum(tmp_path / "here" / name), name


def test_an_address_where_nobody_answers_is_told_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("abm.experiment.executors.DASK_PATIENCE", "1s")
    with pytest.raises(ResultsError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        sweep("tiny", tmp_path / "out", how=How(dask="tcp://127.0.0.1:9", make=FakeModel))
