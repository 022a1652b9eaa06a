"""An organisation's path through time, from a film."""

from __future__ import annotations

from typing import Any

import numpy as np

from abm.model.acts import ACTS, COLLABORATIVE
from abm.model.network import OVERSIGHT, REGION
from abm.view.page.recording import Film

JOINT = np.array([act in COLLABORATIVE for act in ACTS])
BOARD = ("deficit", "money_attention", "load")  # what regions have none of


def path(film: Film, who: int) -> dict[str, Any]:
    """By quarter of the film: trust given and received, collaborative share of its acts (each weighted by its stake), board and balance.

    None (or NaN) where the organisation has no partner or, a region, no board.
    """
    pairs, states = film.network.pairs, film.states
    kind, stake = np.repeat(pairs["kind"].to_numpy(), 2), np.repeat(pairs["stake_k"].to_numpy(dtype=float), 2)
    ends = pairs[["a", "b"]].to_numpy()
    given = np.flatnonzero((ends.ravel() == who) & (kind != OVERSIGHT))  # tie 2i goes from a to b of pair i
    received = given ^ 1
    joint = JOINT[np.where(states["act"][:, given] < len(ACTS), states["act"][:, given], 0).astype(int)]
    region = film.network.organisations["kind"].iloc[who] == REGION
    board = {name: None if region else states[name][:, who] for name in BOARD}
    count = len(film.quarters)
    return {
        "quarters": list(film.quarters),
        "trust": _mean(states["trust"][:, given], stake[given]),
        "trusted": _mean(states["trust"][:, received], stake[given]),
        "collaborative_share": _mean(joint.astype(float), stake[given]),
        **{name: [None] * count if values is None else values for name, values in board.items()},
        "balance_k": states["balance"][:, who],
    }


def _mean(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The mean of each row, as outcomes weigh it; NaN where nothing has weight."""
    total = weights.sum()
    return values @ weights / total if total > 0 else np.full(len(values), np.nan)
