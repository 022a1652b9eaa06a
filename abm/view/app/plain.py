"""Data as JSON can hold it: no arrays, and None for what is not a number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from abm.model.record import year_names
from abm.model.state import QUARTERS


def plain(value: Any) -> Any:
    """`value` with arrays as lists, numbers as Python's own, and None for NaN and infinities."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, (np.ndarray, np.generic)):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def quarter_of(number: int, first_year: str) -> dict[str, Any]:
    """A quarter as the page has it: its number from 0, its financial year, 1 to 4."""
    return {"number": number, "year": year_names(np.array([number]), first_year)[0], "quarter": number % QUARTERS + 1}


def apart(titles: tuple[str, str]) -> tuple[str, str]:
    """What the two worlds are called, told apart where they are of one name."""
    return titles if titles[0] != titles[1] else (f"{titles[0]} (A)", f"{titles[1]} (B)")
