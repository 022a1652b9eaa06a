"""Collaboration by kind of tie, quarter by quarter: from stored runs that are run again, for folders keep nothing by tie."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from abm.experiment.again import quarters_of
from abm.model.network import PARTNER_KINDS, TIE_KINDS


def by_tie(folder: Path | str, scenario: str | None = None, point: int = 0, replicate: int = 0) -> pd.DataFrame:
    """The collaborative share of a run's acts on each kind of tie, weighted by what is at stake: a row a quarter, a column a kind.

    NaN for a kind of which the world has no tie. Raises `ResultsError` as `abm.experiment.again.quarters_of` does.
    """
    rows = []
    for model in quarters_of(folder, scenario, point, replicate):
        ties = model.state.ties
        stake, kinds = model.state.pairs["stake"][ties["pair"]], len(TIE_KINDS)
        joint = np.bincount(ties["kind"], weights=stake * ties["joint"], minlength=kinds)
        with np.errstate(invalid="ignore"):
            rows.append(joint / np.bincount(ties["kind"], weights=stake, minlength=kinds))
    frame = pd.DataFrame(rows, columns=list(TIE_KINDS)).rename_axis("quarter")
    return frame[list(PARTNER_KINDS)]
