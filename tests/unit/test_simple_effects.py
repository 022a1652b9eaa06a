"""Unit: effects of a factor at the ends of another, and collaboration by kind of tie, against what they must add up to."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import abm
import abm.experiment.again
from abm.analysis.by_tie import by_tie
from abm.analysis.contrasts import factorial, simple_effects
from abm.config.load import load
from abm.experiment.conduct import How, sweep


def crossed() -> pd.DataFrame:
    """y = 2 a - b + 3 a b and a replicate's luck, over three levels of each."""
    rows = [(a, b, r, 2 * a - b + 3 * a * b + 0.1 * r) for a, b, r in product((0.0, 0.5, 1.0), (0.0, 0.5, 1.0), range(5))]
    return pd.DataFrame(rows, columns=["a", "b", "replicate", "y"])


def test_an_effect_is_told_at_either_end_of_the_other() -> None:
    found = simple_effects(crossed(), ["a", "b"], "y").set_index(["factor", "level"])["effect"]
    assert found["a", 0.0] == pytest.approx(2.0) and found["a", 1.0] == pytest.approx(5.0)
    assert found["b", 0.0] == pytest.approx(-1.0) and found["b", 1.0] == pytest.approx(2.0)


def test_ends_average_to_the_main_effect_and_differ_by_twice_the_interaction() -> None:
    ends = simple_effects(crossed(), ["a", "b"], "y").groupby("factor")["effect"].agg(["mean", np.ptp])
    whole = factorial(crossed(), ["a", "b"], "y").set_index("term")["effect"]
    assert ends.loc["a", "mean"] == pytest.approx(whole["a"]) and ends.loc["b", "mean"] == pytest.approx(whole["b"])
    assert ends.loc["a", "ptp"] == pytest.approx(2 * whole["a x b"])


def test_kinds_of_tie_add_up_to_all_of_them(tmp_path: Path) -> None:
    """Weighted by the kinds' stakes, their shares are the share that the folder keeps."""
    folder = tmp_path / "made"
    sweep(load("tiny", ["replicates=1", "quarters=6", "scenarios=[baseline]"]), folder, how=How(workers=1))
    shares = by_tie(folder)
    model = abm.experiment.again.model_of(folder, quarters=0)
    ties = model.state.ties
    stakes = np.bincount(ties["kind"], weights=model.state.pairs["stake"][ties["pair"]], minlength=5)[:4]
    whole = (shares.fillna(0.0).to_numpy() * stakes).sum(axis=1) / stakes.sum()
    assert whole == pytest.approx(abm.load(folder, "outcomes")["collaborative_share"].to_numpy())
