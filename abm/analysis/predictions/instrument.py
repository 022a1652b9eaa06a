"""Survey items that look back, or at providers: the same ordered probit as the model's yearly survey, on states that a run has kept.

They stand here and not among `abm.model.survey.ITEMS` because they need a memory of years that the model has no use for. They
share its cut and spread (both assumptions), and nothing else is set: a rise in burden is told in layers of oversight, and counts
as it is.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from abm.model.survey import agree

RESPONDENTS, SEED = 53, 20241123
BACK = 2  # years that leaders look back


class Asked(NamedTuple):
    """An item: the words put to leaders, and how their view is made."""

    question: str
    view: str


BURDEN = "Has the burden of oversight by {} risen over the last two years?"
ITEMS = {
    "burden_national": Asked(
        BURDEN.format("the national body and its region"), "the rise in layers of management time that it takes, on two years ago"
    ),
    "burden_icb": Asked(BURDEN.format("the ICB"), "the same, of late local plans and disputes with ICBs"),
    "burden_any": Asked(BURDEN.format("anyone"), "the same, of all together"),
    "duplication": Asked(
        "Do the ICB and the national body duplicate each other's oversight?", "how often both had hold of it in a quarter"
    ),
    "commitment": Asked("Is your system strategically committed to shifting resources?", "effort on lasting work of the ICB's board"),
}


def agreed(view: pd.Series) -> pd.Series:
    """Chance that leaders of each organisation agree, Phi((view - cut) / spread), of the model's survey."""
    return pd.Series([agree.py_func(each) if hasattr(agree, "py_func") else agree(each) for each in view], index=view.index)


def rose(years: pd.DataFrame, column: str) -> pd.DataFrame:
    """Rise of `column` in BACK years: from the first year kept to that many later, a row an organisation and run."""
    labels = list(dict.fromkeys(years["year"]))
    if len(labels) <= BACK:
        return pd.DataFrame(columns=["point", "replicate", "organisation", "rise"])
    keys = ["point", "replicate", "organisation"]
    then, now = (years[years["year"] == labels[at]].set_index(keys)[column] for at in (0, BACK))
    return (now - then).rename("rise").reset_index()


def sampled(share: pd.Series, leaders: int) -> pd.Series:
    """What that many leaders would show, if each agreed with chance `share`: one draw a run, of a fixed seed."""
    return pd.Series(np.random.default_rng(SEED).binomial(leaders, share.clip(0.0, 1.0)) / leaders, index=share.index)
