"""What the decisions of a run may not see: closed channels, and knowledge dealt out anew. A setting of experiments on mechanisms.

    blind     the columns of a closed channel (channels.CHANNELS) are shown to `decide` as the first decision of the same
              England saw them under every lever's default
    shuffle   each tie or board is shown the column of another of its like (a tie of the same kind with the same kind of
              actor; a board of the same kind of organisation), by one cycle through all of them, drawn once a run: the
              values and their spread are those of the quarter, but whose they are says nothing

Only `decide` is deceived: just before it the columns are changed, just after it the true ones return, and all other phases
see everything. What is both blind and shuffled is shuffled as held. The cycle is of the stream `shuffle`, keyed by the
stable ids of ties and organisations, so that two runs with the same seed and replicate are dealt the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from abm.model.channels import CHANNELS, Column, blind, columns_of
from abm.model.phases.decide import decide
from abm.model.quarter import PHASES
from abm.model.randomness import uniforms
from abm.model.state import State

SHUFFLES: Mapping[str, Column] = {
    "trust": ("ties", "trust"),  # what is expected of this partner
    "conduct": ("orgs", "received"),  # how one's partners acted last quarter
    "stress": ("orgs", "stress"),  # the board's own deficit
    "reviews": ("orgs", "felt_finance"),  # what one's own reviews asked
}


class Sight:
    """What decisions are shown in one run. `first` is what the first decision sees (`channels.first_sight`).

    Raises `ValueError` for a channel or shuffle that there is not.
    """

    def __init__(self, state: State, closed: Collection[str], shuffled: Collection[str], first: Mapping[Column, np.ndarray]) -> None:
        unknown = sorted(set(shuffled) - set(SHUFFLES))
        if unknown:
            raise ValueError(f"shuffles are {', '.join(SHUFFLES)}; got {', '.join(map(repr, unknown))}")
        self._held = {column: first[column] for column in columns_of(closed)}
        self._places = {SHUFFLES[name]: others(state, SHUFFLES[name][0]) for name in SHUFFLES if name in shuffled}

    def run_quarters(self, state: State, quarters: int) -> None:
        """Run `quarters` quarters, as `quarter.run_quarters` does, phase by phase from Python."""
        for _ in range(quarters):
            for phase in PHASES:
                if phase is decide:
                    with blind(state, self.shown(state)):
                        decide(state)
                else:
                    phase(state)

    def shown(self, state: State) -> dict[Column, np.ndarray]:
        """The columns that the next decision sees otherwise than they are."""
        dealt = {(table, field): self._now(state, table, field)[place] for (table, field), place in self._places.items()}
        return {**self._held, **dealt}

    def _now(self, state: State, table: str, field: str) -> np.ndarray:
        return self._held[table, field] if (table, field) in self._held else getattr(state, table)[field]


def others(state: State, table: str) -> np.ndarray:
    """For each row of `ties` or `orgs` the row whose value it is shown: the next one in a random cycle through all of its like."""
    rows = getattr(state, table)
    kinds = rows["kind"] if table == "orgs" else rows["kind"] * 100 + state.orgs["kind"][rows["source"]]
    luck = uniforms(state.clock["key"][0], 0, "shuffle", rows["draw"])
    place = np.arange(len(rows))
    for kind in np.unique(kinds):
        members = np.flatnonzero(kinds == kind)
        cycle = members[np.lexsort((rows["draw"][members], luck[members]))]
        place[cycle] = np.roll(cycle, -1)
    return place


__all__ = ["CHANNELS", "SHUFFLES", "Sight", "others"]
