"""A run with closed channels, written out phase by phase: what `abm.model.sight`, the setting of experiments, is held against."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import numpy as np

from abm.model.channels import blind, columns_of, first_sight
from abm.model.ics_model import ICSModel
from abm.model.outcomes import TALLY
from abm.model.phases.decide import decide
from abm.model.quarter import PHASES


class Ablated(NamedTuple):
    """Every decision of a run, shaped (quarters, ties): `acts` (acts.ACTS; 0 on oversight ties) and `chances` of acting jointly."""

    acts: np.ndarray
    chances: np.ndarray


def run_ablated(model: ICSModel, quarters: int, channels: Collection[str], before: Mapping[str, Any] | None = None) -> Ablated:
    """Run `quarters` quarters in which `decide` is blind to `channels`; all other phases see everything.

    Just before `decide` the columns of closed channels are put to the values that they have before the first decision of
    the same England under the levers `before` (the declared defaults if not given); just after, the true ones return.
    The model's own outcomes record the run as usual.
    """
    columns = columns_of(channels)
    held = first_sight(model, before)
    acts, chances = [], []
    for _ in range(quarters):
        _open_quarter(model)
        with np.errstate(over="ignore"):  # hashing overflows on purpose where the phases run as plain Python
            for phase in PHASES:
                if phase is decide:
                    with blind(model.state, {column: held[column] for column in columns}):
                        decide(model.state)
                    acts.append(model.state.ties["act"].copy())
                    chances.append(model.state.ties["chance"].copy())
                else:
                    phase(model.state)
        model.steps += 1
        model._keep()
    return Ablated(np.array(acts), np.array(chances))


def _open_quarter(model: ICSModel) -> None:
    """Bring levers up to date and make room for the quarter's tallies, as `ICSModel` does for a stretch."""
    tallies = np.zeros((1, model.state.tallies.shape[1]), dtype=TALLY).view(np.recarray)
    model.policy.write(model.quarter, model.state.policy)
    model.state.clock["first"] = model.quarter
    model.state = model.state._replace(tallies=tallies)
    model._tallies.append(tallies)
