"""The leaders' survey of a run, by year: England, each region, each system."""

from __future__ import annotations

from typing import Any

from abm.model.ics_model import ICSModel


def survey(model: ICSModel) -> dict[str, Any]:
    """`{items: [{name, question, target, respondents}], years, all: [[agree by item] by year], region: {code: ...}, system: {code: ...}}`.

    Of the years that the model has finished; shares 0 to 1, None where unknown.
    """
    raise NotImplementedError
