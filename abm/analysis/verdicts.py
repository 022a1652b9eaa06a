"""Verdicts: how an effect stands to what somebody expected of it.

With common luck a change that matters to nobody can be clear of zero. A change of less than a hundredth of the outcome's level is
therefore called trifling, and counts neither for nor against an expectation.

>>> verdict({"difference": 0.02, "low": 0.01, "high": 0.03}, 1, 0.5)
'as the source expects'
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

EXPECTED, CONTRARY, TRIFLING, UNCLEAR = "as the source expects", "contrary", "clear, but trifling", "no clear change"
TRIFLE = 0.01  # of the outcome's level where nothing is changed


def verdict(found: Mapping[str, Any], expected: int, level: float) -> str:
    """One of four words for an effect (`difference`, `low`, `high`) of which a rise (1) or a fall (-1) was expected; '' for 0.

    `level` is the outcome's mean where nothing is changed.
    """
    if not expected:
        return ""
    if not (found["low"] > 0 or found["high"] < 0):
        return UNCLEAR
    if abs(found["difference"]) < TRIFLE * abs(level):
        return TRIFLING
    return EXPECTED if found["difference"] * expected > 0 else CONTRARY
