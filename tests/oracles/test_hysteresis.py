"""Oracle: loops of systems whose hysteresis is known, and the part of a range that known curves need for half their change."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from abm.analysis.abruptness import abruptness, half_width
from abm.analysis.hysteresis import area, recovered, schedule, swing, without_delay


def ramp(quarters: int, hold: int = 40, rest: int = 4) -> np.ndarray:
    """A lever that goes from 0 to 1 and back."""
    up = np.linspace(0, 1, quarters + 1)
    return np.concatenate([np.zeros(rest), up, np.ones(hold), up[::-1], np.zeros(rest)])


def late(lever: np.ndarray, rate: float = 0.4) -> np.ndarray:
    """A first-order lag: goes a part of the way to the lever each quarter, and has no memory beyond that."""
    path = np.zeros_like(lever)
    for i in range(1, len(lever)):
        path[i] = path[i - 1] + rate * (lever[i] - path[i - 1])
    return path


def relay(lever: np.ndarray, up: float = 0.7, down: float = 0.3) -> np.ndarray:
    """A relay: on above `up`, off below `down` (Preisach's hysteron): its loop is the same at any speed."""
    path = np.zeros_like(lever)
    for i in range(1, len(lever)):
        path[i] = 1.0 if lever[i] > up + 1e-9 else 0.0 if lever[i] < down - 1e-9 else path[i - 1]
    return path


def test_a_lag_leaves_a_loop_that_vanishes_without_speed() -> None:
    loops = {quarters: np.tile(area(ramp(quarters), late(ramp(quarters))[None, :]), 4) for quarters in (6, 24, 48)}
    sizes = [float(loops[each].mean()) for each in (6, 24, 48)]
    assert sizes[0] > sizes[1] > sizes[2] > 0.02
    assert without_delay(loops).mean == pytest.approx(0.0, abs=0.01)


def test_a_relay_keeps_its_loop() -> None:
    loops = {quarters: np.tile(area(ramp(quarters), relay(ramp(quarters))[None, :]), 4) for quarters in (20, 40, 80)}
    assert without_delay(loops).mean == pytest.approx(0.4, abs=0.04)


def test_no_memory_no_loop() -> None:
    lever = ramp(10)
    assert area(lever, np.array([lever, -2 * lever])) == pytest.approx([0.0, 0.0])
    assert swing(lever, np.array([lever, -2 * lever])) == pytest.approx([1.0, -2.0])


def test_one_speed_tells_no_limit() -> None:
    assert math.isnan(without_delay({8: np.zeros(3)}).mean)


def test_a_schedule_holds_its_value() -> None:
    assert schedule(json.dumps({"schedule": {"0": 0.6, "2": 0.9}}), 4).tolist() == [0.6, 0.6, 0.9, 0.9]


def test_what_is_recovered() -> None:
    """A quarter of the loss is still lacking in each run: three quarters are back; nothing is told of a loss that is none."""
    loss = np.array([-4.0, -5.0, -6.0])
    assert recovered(loss, loss / 4) == pytest.approx((0.75, 0.75, 0.75, 3))
    assert math.isnan(recovered(np.array([-1.0, 1.0, 0.0]), loss).mean)


def test_a_line_takes_half_of_the_range_and_a_step_a_part_of_one_level() -> None:
    x = np.linspace(0, 1, 11)
    assert half_width(x, 3 * x) == pytest.approx(0.5)
    assert half_width(x, (x > 0.55).astype(float)) == pytest.approx(0.05)
    assert math.isnan(half_width(x[:4], x[:4]))


def test_luck_widens_what_is_known_of_a_line() -> None:
    x = np.linspace(0, 1, 11)
    found = abruptness(x, x[:, None] + np.random.default_rng(1).normal(scale=0.1, size=(11, 12)))
    assert found.low < found.mean + 1e-9 and found.low > 0.25 and found.runs == 12
