"""Unit: an effect is borne out, contrary, trifling or unclear, as its interval and its size say."""

from __future__ import annotations

import pytest

from abm.analysis.verdicts import CONTRARY, EXPECTED, TRIFLING, TRIFLING_AGAINST, UNCLEAR, matters, verdict


@pytest.mark.parametrize(
    ("difference", "low", "high", "expected", "told"),
    [
        (0.10, 0.05, 0.15, 1, EXPECTED),
        (-0.10, -0.15, -0.05, -1, EXPECTED),
        (-0.10, -0.15, -0.05, 1, CONTRARY),
        (0.10, -0.05, 0.25, 1, UNCLEAR),
        (0.004, 0.003, 0.005, 1, TRIFLING),
        (0.004, 0.003, 0.005, -1, TRIFLING_AGAINST),
        (0.10, float("nan"), float("nan"), 1, UNCLEAR),
        (0.10, 0.05, 0.15, 0, ""),
    ],
)
def test_a_verdict_follows_interval_and_size(difference: float, low: float, high: float, expected: int, told: str) -> None:
    assert verdict({"difference": difference, "low": low, "high": high}, expected, 0.5) == told


def test_what_matters_has_a_sign() -> None:
    assert matters({"difference": -0.1, "low": -0.2, "high": -0.05}, 0.5) == -1
    assert matters({"difference": -0.004, "low": -0.005, "high": -0.003}, 0.5) == 0
    assert matters({"difference": 0.1, "low": -0.1, "high": 0.3}, 0.5) == 0
