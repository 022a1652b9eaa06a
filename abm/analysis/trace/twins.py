"""Two worlds on the same random numbers, stepped side by side: what every decision saw in both, and where anything differed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from abm.analysis.trace.decisions import Seen, Ties, draws
from abm.analysis.trace.spread import NEVER, Neighbours, homes
from abm.experiment.store import ResultsError
from abm.model.acts import ACTS, COLLABORATIVE
from abm.model.ics_model import ICSModel
from abm.model.levers import LEVERS
from abm.model.record import year_names

JOINT = np.array([act in COLLABORATIVE for act in ACTS])
PARTS = ("icbs", "providers", "councils")  # tables of one kind of organisation, each with the row of its organisation
STATE = ("orgs", "regions", "icbs", "providers", "councils", "systems", "pairs", "ties")


@dataclass(frozen=True, repr=False)
class Twins:
    """Two worlds after their quarters; row q of every array is quarter `start + q`, and "A" and "B" are the two.

    `policy_a`, `policy_b`: lever values, shaped (quarters, systems, levers); `touched`: the first quarter (a row) at whose end
    anything of each organisation's state differed (NEVER); `origin`: what differs between them, "lever", "parameters" or "start".
    """

    model: ICSModel
    quarters: int
    start: int
    seen_a: Seen
    seen_b: Seen
    ties: Ties
    draws: np.ndarray
    policy_a: np.ndarray
    policy_b: np.ndarray
    touched: np.ndarray
    origin: str

    @property
    def acts(self) -> tuple[np.ndarray, np.ndarray]:
        """Act numbers in A and in B, shaped (quarters, ties)."""
        return self.seen_a.columns["ties.act"], self.seen_b.columns["ties.act"]

    @property
    def joint(self) -> tuple[np.ndarray, np.ndarray]:
        """Whether each act was joint, in A and in B."""
        return JOINT[self.acts[0]], JOINT[self.acts[1]]

    def first(self) -> np.ndarray:
        """The first quarter (a row) in which each tie's act differs; NEVER if it does not."""
        differs = self.acts[0] != self.acts[1]
        return np.where(differs.any(axis=0), differs.argmax(axis=0), NEVER)

    def treated_systems(self) -> np.ndarray:
        """Where a lever differs or has differed, flags shaped (quarters, systems); everywhere if more than levers differs."""
        differs = (self.policy_a != self.policy_b).any(axis=2)
        return np.logical_or.accumulate(differs, axis=0) | (self.origin != "lever")

    def treated(self) -> np.ndarray:
        """The same for organisations, by their home; shaped (quarters, organisations)."""
        systems = self.treated_systems()
        return np.array([homes(self.model, row) for row in systems]).reshape(self.quarters, len(self.model.state.orgs))

    def in_force(self) -> np.ndarray:
        """The same for acts: the actor's home or the system whose terms the tie has; shaped (quarters, ties)."""
        return self.treated()[:, self.ties.source] | self.treated_systems()[:, self.ties.system]

    def neighbours(self) -> Neighbours:
        """Who may reach whom."""
        return Neighbours.of(self.model, self.ties)

    def when(self, row: int) -> str:
        """A quarter as '2026/27 Q3'."""
        return when(self.start + row, self.model.world.first_year)

    def levers(self) -> pd.DataFrame:
        """A row a lever that differs: lever, unit, quarter and year from which, in how many systems, its values then in A and B."""
        rows = []
        for number, name in enumerate(LEVERS):
            differs = self.policy_a[:, :, number] != self.policy_b[:, :, number]
            if not differs.any():
                continue
            row = int(differs.any(axis=1).argmax())
            values = [_spoken(name, policy[row, differs[row], number]) for policy in (self.policy_a, self.policy_b)]
            systems = int(differs.any(axis=0).sum())
            rows.append((name, LEVERS[name].unit, self.start + row, self.when(row)[:7], systems, *values))
        return pd.DataFrame(rows, columns=["lever", "unit", "quarter", "year", "systems", "a", "b"])


def when(quarter: int, first_year: str) -> str:
    """A quarter number as '2026/27 Q3'."""
    return f"{year_names(np.array([quarter]), first_year)[0]} Q{quarter % 4 + 1}"


def _spoken(name: str, values: np.ndarray) -> str:
    """A lever's values in several systems: one where they agree, else their range."""
    choices = LEVERS[name].choices
    said = [choices[int(value)] if choices else f"{value:.4g}" for value in (values.min(), values.max())]
    return said[0] if said[0] == said[1] else (f"{said[0]} to {said[1]}" if not choices else "several")


def watch(a: ICSModel, b: ICSModel, quarters: int) -> Twins:
    """Step both worlds `quarters` quarters. Raises `ResultsError` where they are not two worlds on the same random numbers."""
    _check(a, b, quarters)
    start, origin, ties = a.quarter, _origin(a, b), Ties.of(a)
    seen_a, seen_b = Seen(a, quarters), Seen(b, quarters)
    policies = [np.zeros((quarters, len(a.state.policy), len(LEVERS))) for _ in range(2)]
    touched = np.full(len(a.state.orgs), NEVER)
    for row in range(quarters):
        for model, seen, policy in ((a, seen_a, policies[0]), (b, seen_b, policies[1])):
            seen.before(model, row)
            model.run(1)
            seen.after(model, row)
            policy[row] = _bits(model.state.policy).view(np.float64)
        touched[(touched == NEVER) & _differing(a, b, ties)] = row
    luck = draws(a, ties, start, quarters)
    return Twins(a, quarters, start, seen_a, seen_b, ties, luck, policies[0], policies[1], touched, origin)


def watch_one(model: ICSModel, quarters: int) -> Seen:
    """Step one world `quarters` quarters and take down what its decisions saw."""
    seen = Seen(model, quarters)
    for row in range(quarters):
        seen.before(model, row)
        model.run(1)
        seen.after(model, row)
    return seen


def _check(a: ICSModel, b: ICSModel, quarters: int) -> None:
    if a is b:
        raise ResultsError("the two worlds are one and the same model: build two")
    if a.world.redrawn is not None or b.world.redrawn is not None:
        raise ResultsError("the ICBs of one of the worlds are redrawn in mid-run, so that its ties are not the same throughout")
    if quarters < 1:
        raise ResultsError(f"a trace needs at least one quarter; got {quarters}")
    if a.facts is not b.facts and not a.facts.are_of(b.world):
        raise ResultsError(f"the two worlds are not built on the same organisations and ties ({a.world.name} and {b.world.name})")
    if a.state.clock["key"][0] != b.state.clock["key"][0]:
        raise ResultsError(
            "the two worlds have luck of their own (another seed or replicate, or paired: false), so acts cannot be compared"
        )
    if a.quarter != b.quarter:
        raise ResultsError(f"the two worlds are not at the same quarter ({a.quarter} and {b.quarter})")


def _origin(a: ICSModel, b: ICSModel) -> str:
    """What differs before anything is run: the parameters, the start, or at most levers."""
    if a.state.params.tobytes() != b.state.params.tobytes():
        return "parameters"
    same = all(np.array_equal(_bits(getattr(a.state, table)), _bits(getattr(b.state, table))) for table in STATE)
    return "lever" if same else "start"


def _bits(records: np.ndarray) -> np.ndarray:
    """Records as a matrix of 64-bit words: what is not a number equals itself."""
    return np.ascontiguousarray(records).view(np.uint64).reshape(len(records), -1)


def _differing(a: ICSModel, b: ICSModel, ties: Ties) -> np.ndarray:
    """Organisations of which anything differs now: their board, what is theirs alone, their system, their acts."""

    def rows(table: str) -> np.ndarray:
        return (_bits(getattr(a.state, table)) != _bits(getattr(b.state, table))).any(axis=1)

    found = rows("orgs")
    for table in PARTS:
        found[getattr(a.state, table)["org"][rows(table)]] = True
    found[a.state.icbs["org"][rows("systems")]] = True
    count = len(ties.source)
    acted = a.state.ties["act"][:count] != b.state.ties["act"][:count]
    found[ties.source[acted]] = True
    return found
