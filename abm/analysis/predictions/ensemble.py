"""The ensemble that predictions are made from: the posterior's members, and priors for what calibration left alone.

A parameter that no target constrains is often not in the posterior at all. Held at its default it would make intervals falsely
narrow, so those that a prediction leans on (`PRIOR_ONLY`) are drawn for each member from their plausible range: a Latin
hypercube (McKay, Beckman and Conover 1979) of a fixed seed. Nothing is fitted here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from abm.config.errors import shown
from abm.config.factors import ROWS
from abm.experiment.store import ResultsError

SEED = 20241122
PRIOR_ONLY = tuple(
    f"parameters.{name}"
    for name in """
misreport community_return prevention_return community_lag prevention_lag council_reserves section114_hazard
crowd_out fence_joint fence_mismatch ratchet
""".split()
)
NARROW = 0.8  # a posterior this share of its plausible range, or wider, is called not constrained
POSTERIOR, COMPLETED, DEFAULT = "posterior", "drawn from its plausible range", "default"


def posterior(path: Path, members: int | None = None) -> pd.DataFrame:
    """The first `members` rows of a posterior ensemble: a row a member, a column a calibrated factor, and no other.

    Raises `ResultsError` for a file that is not one.
    """
    try:
        table = pd.read_csv(path)
    except FileNotFoundError:
        raise ResultsError(f"no posterior ensemble at {shown(path)}: calibrate first, or try --prior 20 (not to be believed)") from None
    except (OSError, ValueError) as error:
        raise ResultsError(f"{shown(path)} cannot be read: {str(error).splitlines()[0]}") from None
    factors = [name for name in table.columns if name in ROWS]
    if not factors or not len(table):
        raise ResultsError(f"{shown(path)} is no ensemble: it needs rows, and columns levers.NAME or parameters.NAME")
    return table[factors].iloc[:members].reset_index(drop=True)


def prior(members: int) -> pd.DataFrame:
    """A stand-in for a posterior: every parameter in numbers drawn from its plausible range. Nothing to believe."""
    keys = [key for key, row in ROWS.items() if key.startswith("parameters.") and not row.choices]
    return drawn(keys, members)


def completed(found: pd.DataFrame) -> pd.DataFrame:
    """The ensemble with the parameters of `PRIOR_ONLY` that it does not have."""
    lacking = [key for key in PRIOR_ONLY if key not in found.columns]
    return pd.concat([found, drawn(lacking, len(found))], axis=1) if lacking else found.copy()


def drawn(keys: Sequence[str], members: int) -> pd.DataFrame:
    """Values from plausible ranges, evenly spread in each: a row a member, a column a key. The same each time."""
    low, high = (np.array([ROWS[key].plausible[end] for key in keys]) for end in (0, 1))
    luck = np.random.default_rng(SEED)
    slices = np.stack([luck.permutation(members) for _ in keys], axis=1)
    unit = (slices + luck.random(slices.shape)) / members
    values = pd.DataFrame(low + unit * (high - low), columns=list(keys))
    whole = [key for key in keys if ROWS[key].integer]
    return values.round(9).assign(**{key: values[key].round().astype(int) for key in whole})


def standing(found: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """How each of `keys` stands in the ensemble: where its values come from, and how much of its plausible range they take up.

    `width`: distance of the 5th and 95th percentile, as a share of nine tenths of the range: about 1 where nothing was learned.
    """
    rows = []
    for key in keys:
        low, high = ROWS[key].plausible if not ROWS[key].choices else (np.nan, np.nan)
        if key not in found.columns:
            origin = COMPLETED if key in PRIOR_ONLY else DEFAULT
            rows.append((key, ROWS[key].status, origin, 1.0 if origin == COMPLETED else 0.0, "prior only"))
            continue
        numeric = pd.api.types.is_numeric_dtype(found[key]) and high > low
        width = float(found[key].quantile([0.05, 0.95]).diff().iloc[-1]) / (0.9 * (high - low)) if numeric else np.nan
        rows.append((key, ROWS[key].status, POSTERIOR, width, "constrained" if width < NARROW else "prior only"))
    return pd.DataFrame(rows, columns=["parameter", "status", "values", "width", "verdict"])
