"""How a lever or a parameter is declared: once, with everything a reader or a program needs to know of it.

`levers.py` and `parameters.py` are tables of `Declaration`; the compiled record types, the config schema, the
generated defaults and the docs' tables are all read from them, so that a number has one home.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

import numpy as np
import pandas as pd

Status = Literal["evidence", "calibrated", "assumption"]
Value = float | int | str


@dataclass(frozen=True)
class Declaration:
    """One declared quantity.

    `bounds` are hard: a value outside is refused. `plausible` is the range that a sensitivity study should cover.
    A quantity with `choices` is categorical; its compiled form is the index of the choice.
    `status` says what stands behind the default: evidence, calibrated (fitted to targets) or assumption.
    """

    name: str
    default: Value
    unit: str
    meaning: str
    source: str
    status: Status
    group: str
    bounds: tuple[float, float] = (0.0, 1.0)
    plausible: tuple[float, float] = (0.0, 1.0)
    integer: bool = False
    choices: tuple[str, ...] = field(default=())

    def code(self, value: Value) -> float:
        """The compiled form of `value`: a float, or the index of a choice. Raises `DeclarationError` if refused."""
        if self.choices:
            if value not in self.choices:
                raise DeclarationError(self.name, f"{value!r} is not one of {', '.join(self.choices)}", str(value), self.choices)
            return float(self.choices.index(str(value)))
        if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
            raise DeclarationError(self.name, f"expected a number, got {value!r}")
        if self.integer and float(value) != int(value):
            raise DeclarationError(self.name, f"expected a whole number, got {value!r}")
        low, high = self.bounds
        if not low <= value <= high:
            raise DeclarationError(self.name, f"{value} is outside {low:g} to {high:g} ({self.unit})")
        return float(value)


class DeclarationError(ValueError):
    """A name or value that no declaration allows; `message` is one line, `nearest` the closest valid spelling or ''."""

    def __init__(self, name: str, message: str, given: str = "", valid: Iterable[str] = ()) -> None:
        self.name = name
        self.message = message
        near = get_close_matches(given, list(valid), n=1, cutoff=0.5) if given else []
        self.nearest = near[0] if near else ""
        hint = f"; did you mean {self.nearest!r}?" if self.nearest else ""
        super().__init__(f"{name}: {message}{hint}")


class Declarations(Mapping[str, Declaration]):
    """An ordered table of declarations, by name."""

    def __init__(self, what: str, rows: Iterable[Declaration]) -> None:
        self.what = what
        self._rows = {row.name: row for row in rows}

    def __getitem__(self, name: str) -> Declaration:
        try:
            return self._rows[name]
        except KeyError:
            raise DeclarationError(name, f"no such {self.what}", name, self._rows) from None

    def __iter__(self):
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def dtype(self) -> np.dtype:
        """The record type of one set of compiled values."""
        return np.dtype([(name, np.float64) for name in self], align=True)

    def frame(self) -> pd.DataFrame:
        """A row a declaration: name, unit, low, high (plausible), minimum, maximum (hard), default, meaning, source, status."""
        return pd.DataFrame(
            {
                "name": row.name,
                "group": row.group,
                "unit": row.unit,
                "default": row.default,
                "low": None if row.choices else row.plausible[0],
                "high": None if row.choices else row.plausible[1],
                "minimum": None if row.choices else row.bounds[0],
                "maximum": None if row.choices else row.bounds[1],
                "choices": " | ".join(row.choices),
                "meaning": row.meaning,
                "source": row.source,
                "status": row.status,
            }
            for row in self.values()
        )
