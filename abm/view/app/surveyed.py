"""The leaders' survey of a run, by year: England, each region, each system."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from abm.analysis.targets import targets
from abm.model.ics_model import ICSModel
from abm.model.record import year_names
from abm.model.state import QUARTERS
from abm.model.survey import ITEMS
from abm.view.app.plain import plain


def survey(model: ICSModel) -> dict[str, Any]:
    """What leaders would answer: shares 0 to 1 of the years that the model has finished, None where unknown.

    `{items: [{name, question, target, respondents, observed}], years, all: [[agree by item] by year], region: {code: ...},
    system: {code: ...}}`. `observed` is what real leaders answered.
    """
    asked = slice(QUARTERS - 1, None, QUARTERS)  # the survey is of the last quarter of a year
    observed = {each.outcome: each.value for each in targets() if not each.order}
    items = [
        {"name": item.name, "question": item.question, "target": item.target, "respondents": item.respondents}
        | {"observed": observed.get(f"survey_{item.name}")}
        for item in ITEMS
    ]
    found: dict[str, Any] = plain(
        {
            "items": items,
            "years": year_names(np.arange(model.quarter)[asked], model.world.first_year),
            "all": _answers(model.outcomes(), 1)[asked, 0],
            **{by: _by(model.outcomes(by=by), by, asked) for by in ("region", "system")},
        }
    )
    return found


def _by(rows: pd.DataFrame, by: str, asked: slice) -> dict[str, np.ndarray]:
    codes = list(dict.fromkeys(rows[by]))
    answers = _answers(rows, len(codes))
    return {code: answers[asked, place] for place, code in enumerate(codes)}


def _answers(rows: pd.DataFrame, groups: int) -> np.ndarray:
    """Shares that agree, shaped (quarters, groups, items): the outcomes named after the items."""
    return rows[[f"survey_{item.name}" for item in ITEMS]].to_numpy().reshape(-1, groups, len(ITEMS))
