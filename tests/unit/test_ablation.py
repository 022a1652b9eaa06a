"""Unit: what is left of an effect, and placebos. Truth: ratios reckoned by hand, and runs that are known to be the same."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import abm
from abm.analysis.ablation import placebos, remains, share
from abm.experiment.store import ResultsError


def test_a_share_is_the_ratio_of_means() -> None:
    found = share([0.1, 0.3], [0.2, 0.6])
    assert found == pytest.approx((0.5, 0.5, 0.5))
    found = share([1.0, 3.0], [2.0, 2.0])  # drawn: 1/2, 1, 3/2
    assert found == pytest.approx((1.0, 0.5, 1.5))
    assert share([0.0, 0.0], [2.0, 2.0]).left == 0
    assert share([-1.0, float("nan")], [2.0, 1.0])[:1] == (-0.5,)
    assert math.isnan(share([1.0], [2.0]).low)
    assert math.isnan(share([], []).left)


def test_an_interval_covers_what_is_left() -> None:
    """In 300 worlds of known share 0.4, the 95 % interval holds it about as often as it should (20 replicates: a little less)."""
    luck, inside = np.random.default_rng(1), 0
    for _ in range(300):
        common = luck.normal(0, 0.2, 20)
        found = share(0.4 + 0.4 * common + luck.normal(0, 0.1, 20), 1 + common + luck.normal(0, 0.1, 20))
        inside += found.low <= 0.4 <= found.high
    assert 0.89 <= inside / 300 <= 0.98


def table() -> pd.DataFrame:
    """Two replicates; the treatment takes 0.2 off y in the intact world, 0.05 in the ablated one, and does not move z."""
    rows = []
    for replicate, luck in enumerate((0.0, 0.01)):
        for scenario, base, moved in (("whole", 0.7, 0.2), ("half", 0.6, 0.05)):
            rows.append([scenario, 0, replicate, base + luck, 0.5])
            rows.append([scenario, 1, replicate, base + luck - moved, 0.5])
    return pd.DataFrame(rows, columns=["scenario", "point", "replicate", "y", "z"])


def test_what_remains_of_a_treatment() -> None:
    found = remains(table(), ["y", "z"], {1: "it"}, "whole").set_index(["scenario", "outcome"])
    assert found.loc[("whole", "y"), "left"] == pytest.approx(1)
    assert found.loc[("half", "y"), ["difference", "left", "left_low"]].tolist() == pytest.approx([-0.05, 0.25, 0.25])
    assert found.loc[("half", "z"), ["left", "left_low"]].isna().all()  # there was nothing to be left
    assert not found.loc[("half", "z"), "clear"]
    with pytest.raises(ResultsError, match="no scenario 'other'"):
        remains(table(), ["y"], {1: "it"}, "other")
    with pytest.raises(ResultsError, match="design points"):
        remains(table(), ["y"], {2: "it"}, "whole")


CONFIG = """
name: pills
system: tiny
scenarios:
  - {name: fenceless, levers: {fence_share: 0}}
  - {name: fenceless__pots, levers: {fence_share: 0, fence_pots: 40}}
  - {name: fenceless__finance, levers: {fence_share: 0, finance_share: 0.9}}
replicates: 2
quarters: 8
"""


def test_a_placebo_is_nought_to_the_bit(tmp_path: Path) -> None:
    (tmp_path / "pills.yaml").write_text(CONFIG, "utf-8")
    abm.sweep(str(tmp_path / "pills.yaml"), tmp_path / "out", workers=1)
    found = placebos(tmp_path / "out", ["trust"]).set_index("lever")
    assert found.loc["pots", "nought"]
    assert found.loc["pots", ["difference", "most"]].tolist() == [0, 0]
    assert not found.loc["finance", "nought"]
    assert found.loc["finance", "most"] > abs(found.loc["finance", "difference"]) > 0
    (tmp_path / "alone.yaml").write_text(CONFIG.replace("{name: fenceless,", "{name: other,"), "utf-8")
    abm.sweep(str(tmp_path / "alone.yaml"), tmp_path / "alone", workers=1)
    with pytest.raises(ResultsError, match="has no scenario 'fenceless'"):
        placebos(tmp_path / "alone", ["trust"])
