"""Unit: when a difference of paired runs comes, from paths whose answer is plain."""

from __future__ import annotations

import math

import numpy as np

from abm.analysis.timing import arrival, half_way

LINE = np.array([0.0, -1.0, -2.0, -3.0, -4.0, -4.0, -4.0, -4.0])


def test_a_straight_fall_is_half_made_half_way() -> None:
    """Half of four is reached in the third quarter; without luck the interval is a point."""
    found = half_way(np.tile(LINE, (6, 1)))
    assert found == (3.0, 3.0, 3.0, 6)


def test_it_is_clear_as_soon_as_it_is_there() -> None:
    found = arrival(np.tile(LINE, (6, 1)))
    assert found.final.mean == -4.0 and found.clear == 2.0


def test_a_lucky_quarter_is_not_an_arrival() -> None:
    """Half is there in the first quarter, gone in the second, and there for good from the fifth."""
    path = np.array([4.0, 0.0, 0.0, 0.0, 3.0, 4.0, 4.0, 4.0, 4.0, 4.0])
    assert half_way(np.tile(path, (4, 1))).mean == 5.0


def test_what_does_not_change_never_arrives() -> None:
    found = arrival(np.zeros((5, 8)))
    assert not found.final.clear and math.isnan(found.clear) and math.isnan(found.half.mean)


def test_one_run_has_no_interval() -> None:
    found = half_way(LINE[None, :])
    assert found.mean == 3.0 and math.isnan(found.low)


def test_later_paths_arrive_later() -> None:
    """The same fall two quarters later; luck widens the interval, which holds the truth."""
    luck = np.random.default_rng(5).normal(scale=0.5, size=(40, 20))
    path = np.concatenate([np.zeros(4), np.linspace(0, 8, 9), np.full(7, 8.0)])
    found = half_way(path + luck)
    assert found.low <= 9 <= found.high and found.low < found.high
