"""What crosses a border. Truth: sums of stakes in both worlds, and shares worked out by hand on the tiny world."""

from __future__ import annotations

import numpy as np
import pytest

import abm
from abm.analysis.crossing import crossing, exposure
from abm.analysis.trace import trace_models

LEVERS = {"finance_share": {"systems": {"I1": 0.95}}, "oversight_intensity": {"systems": {"I1": 0.9}}}


@pytest.fixture(scope="module")
def found():
    return trace_models(abm.ICSModel(abm.tiny(), seed=7), abm.ICSModel(abm.tiny(), LEVERS, seed=7), quarters=12)


def test_losses_of_the_three_places_add_up(found):
    table = crossing(found)
    stakes = found.twins.ties.stake
    for quarter, rows in table.groupby("quarter"):
        joint = [(joint[quarter] * stakes).sum() for joint in found.twins.joint]
        assert rows["lost_k"].sum() == pytest.approx(joint[0] - joint[1])
        assert rows["acts"].sum() == len(stakes)
        assert rows["stake_k"].sum() == pytest.approx(stakes.sum())


def test_places_are_those_of_the_tiny_world(found):
    last = crossing(found).groupby("where")["acts"].last()
    # of 19 partnerships, two acts each: I2-P3, I2-C3 and P3-C3 are wholly of I2; in I2-P2, I2-P4, I2-C2 and P3-P4 (terms of I2)
    # one end is at home in I1, and in P4-C3 (terms of I1) one is not
    assert (last["inside"], last["border"], last["beyond"]) == (38 - 6 - 9, 5, 6 + 4)


def test_nothing_differs_before_a_lever_does():
    later = {"finance_share": {"systems": {"I1": {"schedule": {0: 0.6, 6: 0.95}}}}}
    table = crossing(trace_models(abm.ICSModel(abm.tiny(), seed=7), abm.ICSModel(abm.tiny(), later, seed=7), quarters=8))
    early = table[table["quarter"] < 6]
    assert not early["differ"].any()
    assert set(early[early["acts"] > 0]["where"]) == {"beyond"}  # nobody is treated yet


def test_exposure_by_hand():
    world = abm.tiny()
    assert np.allclose(exposure(world)["share"], 1.0)  # one region: all business touches it
    england = abm.england()
    shares = exposure(england)
    own = shares.merge(england.icbs[["code", "region"]], left_on="system", right_on="code")
    assert (own[own["region_x"] == own["region_y"]]["share"] == 1.0).all()
    assert own[own["region_x"] != own["region_y"]]["share"].max() < 0.5
