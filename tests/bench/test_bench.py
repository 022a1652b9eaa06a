"""Truth: speed, as ratios against peers in the same process, and memory; never absolute times."""

from __future__ import annotations

import gc

import numpy as np
import pandas as pd
import pytest

import abm
from abm.analysis.bench import measure, scaling
from abm.view.charts.scaling import figure


@pytest.fixture(scope="module")
def result() -> dict[str, float]:
    return measure()


def test_far_faster_than_the_plain_twin(result: dict[str, float]) -> None:
    assert result["plain_twin_ratio"] >= 80


def test_near_one_fused_loop(result: dict[str, float]) -> None:
    assert result["fused_loop_ratio"] <= 1.5


def test_mesa_objects_and_frames_cost_less_than_the_model(result: dict[str, float]) -> None:
    assert result["objects_ratio"] < 1


def test_cost_is_in_proportion_to_the_world() -> None:
    small, large = (row["us_per_organisation_quarter"] for row in scaling((3, 30), quarters=4, rounds=8))
    assert large < 3 * small  # ten times the size: a cost in its square would be ten times as much each


def held(model: abm.ICSModel) -> int:
    """Bytes of every array that a model holds on to."""
    state = model.state
    arrays = [array for array in state if isinstance(array, np.ndarray)] + list(state.books) + model._tallies + model._entries
    return sum({id(array): array.nbytes for array in arrays}.values()) + sum(int(f.memory_usage().sum()) for f in model._acts)


def test_memory_hardly_grows_with_quarters() -> None:
    gc.collect()
    model = abm.ICSModel(abm.england(), seed=1).run(20)
    before = held(model)
    growth = (held(model.run(200)) - before) / 200
    one_quarter_of_ties = model.state.ties.nbytes
    assert growth < one_quarter_of_ties / 20


def test_the_figure_shows_every_size() -> None:
    rows = pd.DataFrame({"times_england": [1, 10], "organisations": [400, 4000], "us_per_organisation_quarter": [2.0, 2.1]})
    measured = figure(rows).axes[0].lines[1]
    assert list(measured.get_xdata()) == [400, 4000]
    assert list(measured.get_ydata()) == pytest.approx([0.8, 8.4])
