"""Experiment: a stored run, run again, is the run that was stored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import abm
from abm.experiment.again import model_of, quarters_of, stored_run
from abm.experiment.store import ResultsError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("again") / "out"
    abm.sweep("first_sweep", path, ["quarters=8", "replicates=2", "scenarios=[baseline, ring_fencing]"], workers=1)
    return path


def of_run(frame: pd.DataFrame, key: dict) -> pd.DataFrame:
    return frame[(frame[list(key)] == pd.Series(key)).all(axis=1)].reset_index(drop=True)


@pytest.mark.parametrize(("scenario", "point", "replicate"), [(None, 0, 0), ("ring_fencing", 7, 1), ("baseline", 8, 0)])
def test_it_is_the_stored_run(folder: Path, scenario: str | None, point: int, replicate: int) -> None:
    key = {"scenario": scenario or "baseline", "point": point, "replicate": replicate}
    stored = of_run(abm.load(folder), key)
    again = model_of(folder, scenario, point, replicate).outcomes()
    pd.testing.assert_frame_equal(stored[again.columns], again, check_dtype=False, check_exact=True)
    run = stored_run(folder, scenario, point, replicate)
    assert run.id == of_run(abm.load(folder, "runs"), key)["id"].item()


def test_quarter_by_quarter(folder: Path) -> None:
    late = [model.outcomes()["trust"].iloc[-1] for model in quarters_of(folder, point=3)]
    assert np.array_equal(late, model_of(folder, point=3).outcomes()["trust"])
    assert model_of(folder, point=3, quarters=5).quarter == 5


def test_what_is_not_there_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong, said in (
        ({"scenario": "ring_fencin"}, "did you mean 'ring_fencing'"),
        ({"point": 9}, "they go from 0 to 8"),
        ({"replicate": 2}, "no replicate 2"),
        ({"quarters": 9}, "quarters is 0 to 8"),
    ):
        with pytest.raises(ResultsError, match=said):
            model_of(folder, **wrong)
    monkeypatch.setattr("abm.experiment.again.source_digest", lambda: "another")
    with pytest.raises(ResultsError, match="source has changed"):
        model_of(folder)
    model_of(folder, changed_code=True)
