"""PlainModel: the constructor of abm.ICSModel, and a step that runs the phases one after the other."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from types import SimpleNamespace
from typing import Any

import mesa
import numpy as np

from abm.model.levers import LEVERS
from abm.model.network import World
from abm.model.parameters import PARAMETERS
from abm.model.policy import Policy
from tests.oracles.plain_twin import caring, choosing, closing, learning, reviewing, settling
from tests.oracles.plain_twin.draws import stable_id, stream_key
from tests.oracles.plain_twin.world import build

ENTRIES = ("actor", "partner", "tie", "act", "chance", "belief", "trust", "cash_term", "value_term", "norm_term", "fate_term")


class PlainModel(mesa.Model):
    """The model of docs/ODD.md, plainly. `keep` as in abm.ICSModel, as lists by quarter: `kept_acts` and `kept_payments`."""

    def __init__(
        self,
        world: World,
        levers: Mapping[str, Any] | None = None,
        parameters: Mapping[str, Any] | None = None,
        seed: int = 0,
        replicate: int = 0,
        keep: Collection[str] = (),
        before: Mapping[str, Any] | None = None,
    ) -> None:
        self.run_key = stable_id(f"{seed}/{replicate}")
        super().__init__(rng=self.run_key)
        self.world, self.keep = world, frozenset(keep)
        self.parameters = SimpleNamespace(**{name: row.default for name, row in PARAMETERS.items()} | dict(parameters or {}))
        areas = {row.code: row.region for row in world.icbs.sort_values("code").itertuples()}
        self.policy = Policy(dict(levers or {}), areas, world.first_year)
        self.quarter = self.season = 0
        self.cost_surprise = 0.0
        build(self, levers_at(Policy(dict(before or {}), areas, world.first_year), 0, len(areas)))
        self.outcomes: list[dict[str, float]] = []
        self.kept_acts: list[list[tuple]] = []
        self.kept_payments: list[list[tuple[str, str, str, float]]] = []

    settle = settling.settle
    deliver = caring.deliver
    review = reviewing.review
    convene = reviewing.convene
    decide = choosing.decide
    exchange = choosing.exchange
    invest = learning.invest
    learn = learning.learn
    turn_over = learning.turn_over
    close = closing.close

    def step(self) -> None:
        """Run one quarter."""
        self.season = self.quarter % 4
        self.read_levers()
        self.settle()
        self.deliver()
        self.review()
        self.convene()
        self.decide()
        self.exchange()
        self.invest()
        self.learn()
        self.turn_over()
        self.close()
        self.observe()

    def run(self, quarters: int) -> PlainModel:
        """Run some quarters."""
        for _ in range(quarters):
            self.step()
        return self

    def stream(self, name: str) -> int:
        """The key of a stream of luck in this quarter."""
        return stream_key(self.run_key, self.quarter, name)

    def read_levers(self) -> None:
        """Give every system the levers in force, when they may have changed."""
        if self.quarter == 0 or self.policy.next_change(self.quarter - 1) == self.quarter:
            in_force = levers_at(self.policy, self.quarter, len(self.systems))
            for system, levers in zip(self.systems, in_force, strict=True):
                system.levers = levers

    def observe(self) -> None:
        """Add up some outcomes, put acts and payments aside where asked, and turn the clock."""
        stakes = sum(tie.pair.stake for tie in self.ties) or math.nan
        allocations = sum(icb.allocation for icb in self.icbs)
        self.outcomes.append(
            {
                "collaborative_share": sum(tie.pair.stake for tie in self.ties if tie.joint) / stakes,
                "collaborative_acts": sum(tie.joint for tie in self.ties) / len(self.ties),
                "joint_spend": sum(pair.stake for pair in self.pairs if pair.tie_a.joint and pair.tie_b.joint) * 2 / stakes,
                "trust": sum(tie.pair.stake * tie.trust for tie in self.ties) / stakes,
                "deficit_share": sum(icb.system.deficit * icb.allocation for icb in self.icbs) / allocations,
            }
        )
        if "acts" in self.keep:
            self.kept_acts.append(self.acts())
        if "ledger" in self.keep:
            self.kept_payments.append(self.ledger.entries)
        self.quarter += 1

    def acts(self) -> list[tuple]:
        """This quarter's acts, a tuple of ENTRIES each."""
        return [
            (
                tie.source.code,
                tie.target.code,
                tie.kind,
                tie.act,
                tie.chance,
                tie.belief,
                tie.trust,
                tie.cash_term,
                tie.value_term,
                tie.norm_term,
                tie.fate_term,
            )
            for tie in self.ties
        ]


def levers_at(policy: Policy, quarter: int, systems: int) -> list[SimpleNamespace]:
    """The levers in force in a quarter, one object a system; choices by name."""
    records = np.zeros(systems, dtype=LEVERS.dtype())
    policy.write(quarter, records)
    rows = []
    for record in records:
        values = {name: float(record[name]) for name in LEVERS}
        for name, lever in LEVERS.items():
            if lever.choices:
                values[name] = lever.choices[int(values[name])]
        rows.append(SimpleNamespace(**values))
    return rows
