"""Verdicts: how an effect stands to what somebody expected of it.

With common luck a change that matters to nobody can be clear of zero. A change of less than a hundredth of the outcome's level is
therefore called trifling, with or against the expectation.

>>> verdict({"difference": 0.02, "low": 0.01, "high": 0.03}, 1, 0.5)
'as the source expects'
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

EXPECTED, CONTRARY, UNCLEAR = "as the source expects", "contrary", "no clear change"
TRIFLING, TRIFLING_AGAINST = "as the source expects, but trifling", "contrary, but trifling"
TRIFLE = 0.01  # of the outcome's level where nothing is changed


def verdict(found: Mapping[str, Any], expected: int, level: float) -> str:
    """One of five wordings for an effect (`difference`, `low`, `high`) of which a rise (1) or a fall (-1) was expected; '' for 0.

    `level` is the outcome's mean where nothing is changed.
    """
    if not expected:
        return ""
    if not (found["low"] > 0 or found["high"] < 0):
        return UNCLEAR
    borne_out = found["difference"] * expected > 0
    if not matters(found, level):
        return TRIFLING if borne_out else TRIFLING_AGAINST
    return EXPECTED if borne_out else CONTRARY


def matters(found: Mapping[str, Any], level: float, trifle: float = TRIFLE) -> int:
    """The sign of an effect that is clear and not below `trifle` of the level, else 0."""
    if not (found["low"] > 0 or found["high"] < 0) or abs(found["difference"]) < trifle * abs(level):
        return 0
    return 1 if found["difference"] > 0 else -1
