"""Where a conclusion's sign flips: for every contrast, the box of parameters in which the rarer sign is found (see `prim`).

Boxes are found on one half of the design's blocks of points and judged on the other.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from abm.analysis.members import by_point, member_contrasts
from abm.analysis.prim import judged, prim
from abm.experiment.read import load

RARE = 0.03  # share of points below which a sign is too rare to look for


def flips(folder: Path, block: int) -> pd.DataFrame:
    """A row a contrast: share of points with each sign, and for the rarer one the box in words, with density, coverage and mass on
    points it was not found on. `block`: how many points of the design belong together."""
    found = by_point(member_contrasts(folder))
    points = load(folder, "points").set_index("point").loc[found.index].select_dtypes("number")
    held_out = (found.index.to_numpy() // block) % 2 == 1
    rows = []
    for scenario, outcome in found.columns:
        values = found[(scenario, outcome)].to_numpy()
        above = float((values > 0).mean())
        rarer = "falls" if above > 0.5 else "rises"
        happens = values < 0 if rarer == "falls" else values > 0
        row = {"scenario": scenario, "outcome": outcome, "above_zero": above, "rarer": rarer, "share": float(happens.mean())}
        if happens.mean() >= RARE and happens[~held_out].any() and happens[held_out].any():
            box = prim(points[~held_out], happens[~held_out])
            checked = judged(box.limits, points[held_out], happens[held_out])
            row |= {
                "box": box.words(points) if box.limits else "",
                "density": checked.density,
                "coverage": checked.coverage,
                "mass": checked.mass,
            }
        rows.append({"box": "", "density": np.nan, "coverage": np.nan, "mass": np.nan, **row})
    columns = ["scenario", "outcome", "above_zero", "rarer", "share", "box", "density", "coverage", "mass"]
    return pd.DataFrame(rows)[columns]
