"""Where a difference between two worlds came from: the candidate source of every first difference, by a plain rule.

The rule goes by what moved the decision most (`input`) and asks where that can have come from:

    trust in the partner, learned pay-offs         the partner, if its act on the same tie differed before
    how partners acted last quarter                the partner with most at stake whose act then differed, the same way
    shared stress                                  whichever of the two boards' stress moved more
    convening, the ICB's role, terms of the deal   the lever, where it is in force for the tie; else the ICB whose terms they are
    the board's own state                          the lever, where it is in force at home; else whoever brought it there

"Whoever brought it there": the neighbour that changed before this organisation did; of several the earliest, then the one
fewest links from the lever, then the one with most business between the two. It is a candidate, not a proof: other
neighbours had changed as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from abm.analysis.trace.decisions import Ties
from abm.model.ics_model import ICSModel
from abm.model.network import ICB, REGION

NOBODY, LEVER = -1, -2
NEVER = -1
FROM_PARTNER = frozenset({"trust", "learned", "contentment"})
FROM_ICB = frozenset({"assurance", "unclear_role", "own_shift", "partner_shift", "gain", "worth", "secured"})


class Neighbours(NamedTuple):
    """Who may reach whom: both ways along partner ties, and between an ICB and its home organisations; `flow` in GBP k a year."""

    source: np.ndarray
    target: np.ndarray
    flow: np.ndarray

    @classmethod
    def of(cls, model: ICSModel, ties: Ties) -> Neighbours:
        """Those of a model. Regions are left out: they decide nothing."""
        orgs = model.state.orgs
        home = np.flatnonzero((orgs["system"] >= 0) & (orgs["kind"] != ICB))
        board = model.state.icbs["org"][orgs["system"][home]]
        none = np.zeros(len(home))
        columns = ((ties.source, home, board), (ties.target, board, home), (ties.flow, none, none))
        return cls(*(np.concatenate(parts) for parts in columns))


class Reached(NamedTuple):
    """When and from where each organisation was reached; arrays over organisations.

    `quarter`: the first in which anything of its state differed (NEVER); `source`: a row of organisations, LEVER or NOBODY;
    `step`: links from the lever (-1: not known).
    """

    quarter: np.ndarray
    source: np.ndarray
    step: np.ndarray


def homes(model: ICSModel, systems: np.ndarray) -> np.ndarray:
    """Whether each organisation is at home in one of the `systems` (flags); a region is where any of its systems is."""
    orgs = model.state.orgs
    inside = np.where(orgs["system"] >= 0, systems[orgs["system"]], False)
    rows = np.flatnonzero(orgs["kind"] == REGION)
    touched = set(orgs["region"][model.state.icbs["org"][systems]].tolist())
    inside[rows] = [int(orgs["region"][row]) in touched for row in rows]
    return inside


def reach(neighbours: Neighbours, quarter: np.ndarray, treated: np.ndarray) -> Reached:
    """From where each organisation was reached; `quarter` as in `Reached`, `treated` shaped (quarters, organisations)."""
    source, step = np.full(len(quarter), NOBODY), np.full(len(quarter), -1)
    for now in np.unique(quarter[quarter != NEVER]):
        waiting = quarter == now
        by_lever = waiting & treated[now]
        source[by_lever], step[by_lever] = LEVER, 0
        waiting &= ~by_lever
        while waiting.any():
            links = np.flatnonzero((step[neighbours.source] >= 0) & waiting[neighbours.target])
            if not len(links):
                break
            first, then = neighbours.source[links], neighbours.target[links]
            order = np.lexsort((first, -neighbours.flow[links], step[first], quarter[first], then))
            newly, best = np.unique(then[order], return_index=True)
            source[newly] = first[order][best]
            step[newly] = step[source[newly]] + 1
            waiting[newly] = False
    return Reached(quarter, source, step)


def distances(neighbours: Neighbours, inside: np.ndarray) -> np.ndarray:
    """Fewest links between each organisation and one `inside` (0 for those; -1 where there is no way)."""
    found = np.where(inside, 0, -1)
    for links in range(1, len(inside) + 1):
        edge = np.unique(neighbours.target[(found[neighbours.source] == links - 1)])
        edge = edge[found[edge] < 0]
        if not len(edge):
            break
        found[edge] = links
    return found


class Trail:
    """Everything that the rule looks at. `first` is the quarter in which each tie's act first differs (NEVER).

    `joint`: {"a", "b"} -> flags (quarters, ties); `stress` the same (quarters, organisations); `treated` flags (quarters,
    organisations); `treated_systems` flags (quarters, systems); `board` the organisation of each system's ICB.
    """

    def __init__(
        self,
        ties: Ties,
        reached: Reached,
        first: np.ndarray,
        treated: np.ndarray,
        treated_systems: np.ndarray,
        board: np.ndarray,
        joint: Mapping[str, np.ndarray],
        stress: Mapping[str, np.ndarray],
    ) -> None:
        self.ties, self.reached, self.first, self.board = ties, reached, first, board
        self.treated, self.treated_systems, self.joint, self.stress = treated, treated_systems, joint, stress
        self.steps = np.full(len(first), -1)  # of the first difference on each tie
        self._towards = [np.flatnonzero(ties.target == org) for org in range(len(reached.step))]

    def follow(self, chosen: np.ndarray, reasons: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Candidate source (a row of organisations, LEVER or NOBODY) and steps of each first difference, in order of quarter."""
        found = [self._one(int(tie), reason) for tie, reason in zip(chosen, reasons, strict=True)]
        return np.array([via for via, _ in found], dtype=np.int64), self.steps[chosen]

    def in_force(self, quarter: int, tie: int) -> bool:
        """Whether a lever differs, or has differed, for the actor's home or for the system whose terms the tie has."""
        return bool(self.treated[quarter, self.ties.source[tie]] or self.treated_systems[quarter, self.ties.system[tie]])

    def _one(self, tie: int, reason: str) -> tuple[int, int]:
        quarter = int(self.first[tie])
        via, step = self._source(quarter, tie, reason)
        self.steps[tie] = step
        return via, step

    def _source(self, quarter: int, tie: int, reason: str) -> tuple[int, int]:
        actor, partner = int(self.ties.source[tie]), int(self.ties.target[tie])
        if reason == "parameters":
            return LEVER, 0
        if reason == "received":
            return self._crowd(quarter, actor)
        if reason in FROM_PARTNER:
            back = tie ^ 1
            if NEVER < self.first[back] < quarter:
                return partner, self._after(self.steps[back])
            return (LEVER, 0) if self.in_force(quarter, tie) else self._by(partner)
        if reason in FROM_ICB:
            board = int(self.board[self.ties.system[tie]])
            if self.treated_systems[quarter, self.ties.system[tie]]:
                return LEVER, 0
            return self._own(quarter, actor) if board == actor else self._by(board)
        if reason == "known_stress":
            moved = [abs(self.stress["b"][quarter, org] - self.stress["a"][quarter, org]) for org in (actor, partner)]
            return self._own(quarter, actor) if moved[0] >= moved[1] else self._by(partner)
        return self._own(quarter, actor)

    def _crowd(self, quarter: int, actor: int) -> tuple[int, int]:
        """The partner with most at stake whose act towards `actor` differed the quarter before, in the direction of them all."""
        if quarter == 0:
            return self._own(quarter, actor)
        towards = self._towards[actor]
        moved = (self.joint["b"][quarter - 1, towards].astype(int) - self.joint["a"][quarter - 1, towards]) * self.ties.stake[towards]
        most = int(np.argmax(moved * np.sign(moved.sum())))
        if moved[most] == 0:
            return self._own(quarter, actor)
        return int(self.ties.source[towards[most]]), self._after(self.steps[towards[most]])

    def _own(self, quarter: int, actor: int) -> tuple[int, int]:
        if self.treated[quarter, actor]:
            return LEVER, 0
        return int(self.reached.source[actor]), int(self.reached.step[actor])

    def _by(self, other: int) -> tuple[int, int]:
        return other, self._after(self.reached.step[other])

    @staticmethod
    def _after(step: int) -> int:
        return int(step) + 1 if step >= 0 else -1
