"""The prior: independent, uniform over the range of each factor of a design (in the logarithm where its scale is log)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from abm.config.factors import DIGITS, ROWS, Factor
from abm.config.resolved import Resolved
from abm.experiment.store import ResultsError


@dataclass(frozen=True)
class Prior:
    """Ranges of the factors; a point of the unit cube stands for a set of values."""

    factors: tuple[Factor, ...]

    @property
    def keys(self) -> list[str]:
        """Dotted keys of the factors."""
        return [each.key for each in self.factors]

    def values(self, unit: np.ndarray) -> pd.DataFrame:
        """Points of the unit cube as values, to 12 digits."""
        columns = {}
        for i, each in enumerate(self.factors):
            if each.log:
                numbers = np.exp(np.log(each.low) + unit[:, i] * (np.log(each.high) - np.log(each.low)))
            else:
                numbers = each.low + unit[:, i] * (each.high - each.low)
            columns[each.key] = np.clip([float(f"{number:.{DIGITS}g}") for number in numbers], each.low, each.high)
        return pd.DataFrame(columns)

    def unit(self, values: pd.DataFrame) -> np.ndarray:
        """Values as points of the unit cube."""
        columns = []
        for each in self.factors:
            number = values[each.key].to_numpy(dtype=float)
            low, high = (np.log(each.low), np.log(each.high)) if each.log else (each.low, each.high)
            columns.append(((np.log(number) if each.log else number) - low) / (high - low))
        return np.stack(columns, axis=1)

    def defaults(self) -> np.ndarray:
        """The declared defaults as one point of the cube; on its border where a default lies outside of the range."""
        frame = pd.DataFrame({each.key: [float(ROWS[each.key].default)] for each in self.factors})
        return np.clip(self.unit(frame), 0.0, 1.0)


def prior_of(resolved: Resolved) -> Prior:
    """The prior that an experiment's design means. Raises `ResultsError` for a design without ranges."""
    design = resolved.experiment.design
    factors = design.factors() if design is not None else ()
    if not factors:
        raise ResultsError(
            "a calibration needs a design over ranges: kind: sobol_sequence or latin_hypercube, over: {parameters.NAME: plausible}"
        )
    for each in factors:
        if each.levels or each.whole:
            raise ResultsError(f"{each.key}: a calibration takes ranges of numbers; choices and whole numbers stay at their values")
    return Prior(factors)
