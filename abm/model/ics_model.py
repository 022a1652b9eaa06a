"""ICSModel: build, run the phases, stop. A Mesa model whose agents are views on arrays and whose quarter is compiled."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import mesa
import numpy as np
import pandas as pd

from abm.compiled import PLAIN_PYTHON
from abm.model import record
from abm.model.channels import first_sight
from abm.model.declaration import DeclarationError
from abm.model.initial import first_state, prepared
from abm.model.network import World
from abm.model.organisations import KINDS, Organisation
from abm.model.outcomes import TALLY
from abm.model.parameters import PARAMETERS
from abm.model.policy import Policy, as_declared
from abm.model.quarter import PHASES, run_quarters
from abm.model.randomness import run_key
from abm.model.redraw import redrawn_state, redrawn_tallies
from abm.model.sight import Sight
from abm.model.yearbook import Yearbook

KEEPABLE = ("acts", "ledger", "organisations")
ENTRIES_PER_PAIR, ENTRIES_PER_ORGANISATION = 6, 40  # more payments than a quarter can make


class ICSModel(mesa.Model):
    """England's integrated care systems (or any `World`), quarter by quarter.

    Parameters
    ----------
    world
        Who exists and who is tied to whom: `abm.england()`, `abm.synthetic()`, `abm.tiny()` or your own `World`.
    levers, parameters
        What differs from the declared defaults. A lever takes a value, a schedule, a ramp or values by area
        (see `abm.model.policy`); a parameter takes a value. Raises `DeclarationError` for a name or value not allowed.
    seed, replicate
        Whole numbers. Runs with the same two share every draw, whatever their levers (common random numbers).
        A seed of None, which is what `mesa.batch_run` gives where it was told none, is 0.
    keep
        "acts" and/or "ledger": keep every quarter's acts and payments, at the price of memory. Otherwise `acts()` and
        `ledger()` give the latest quarter. "organisations": keep what became of each organisation in each year.
    before
        Levers in force before quarter 0, as boards remember them; the declared defaults if not given.
    blind, shuffle
        For experiments on mechanisms: channels that decisions see no change of (`channels.CHANNELS`), and knowledge that
        is dealt out anew among those of a kind (`sight.SHUFFLES`). Such a run takes about twice as long.
    """

    _collector: mesa.DataCollector | None = None

    def __init__(
        self,
        world: World,
        levers: Mapping[str, Any] | None = None,
        parameters: Mapping[str, Any] | None = None,
        seed: int | None = 0,
        replicate: int = 0,
        keep: Collection[str] = (),
        before: Mapping[str, Any] | None = None,
        blind: Collection[str] = (),
        shuffle: Collection[str] = (),
    ) -> None:
        seed = 0 if seed is None else seed
        key = run_key(seed, replicate)
        super().__init__(rng=int(key))
        unknown = sorted(set(keep) - set(KEEPABLE))
        if unknown:
            raise ValueError(f"keep takes {', '.join(KEEPABLE)}; got {', '.join(map(repr, unknown))}")
        self.world, self.replicate, self.keep = world, replicate, frozenset(keep)
        self.seed_given = seed
        self.facts = prepared(world)
        self.policy = Policy(dict(levers or {}), self.facts.areas, world.first_year, world.later_systems())
        past = Policy(dict(before or {}), self.facts.areas, world.first_year).in_force(0)
        self.parameters = {name: (parameters or {}).get(name, row.default) for name, row in PARAMETERS.items()}
        room = ENTRIES_PER_PAIR * len(self.facts.pairs) + ENTRIES_PER_ORGANISATION * len(self.facts.codes)
        with _quiet():
            self.state = first_state(
                self.facts, _parameter_record(parameters or {}), past, key, entries=room if "ledger" in self.keep else 0
            )
        self.policy.write(0, self.state.policy)
        if (blind or shuffle) and world.redrawn is not None:
            given = "blind" if blind else "shuffle"
            raise DeclarationError(given, "needs the same organisations throughout: not with ICBs that are redrawn in mid-run")
        if "organisations" in self.keep and world.redrawn is not None:
            raise DeclarationError("keep", "organisations need to stay the same throughout: not with ICBs that are redrawn in mid-run")
        self.sight = Sight(self.state, blind, shuffle, first_sight(self)) if blind or shuffle else None
        self._next = world.redrawn
        self._tallies: list[np.ndarray] = []
        self._acts: list[pd.DataFrame] = []
        self._entries: list[np.ndarray] = []
        self._payments: list[pd.DataFrame] = []  # those before the ICBs were redrawn
        self._flows: list[pd.DataFrame] = []
        self._yearbook = Yearbook(self) if "organisations" in self.keep else None

    # ---- running ----------------------------------------------------------------------------------------------------

    @property
    def quarter(self) -> int:
        """Quarters run so far (also the number of the next one)."""
        return int(self.state.clock["quarter"][0])

    def step(self) -> None:
        """Run one quarter."""
        self._redraw()
        self._advance(1)

    def run(self, quarters: int) -> ICSModel:
        """Run `quarters` quarters; gives the model back, so that `ICSModel(...).run(60).outcomes()` reads on."""
        if isinstance(quarters, bool) or int(quarters) != quarters or quarters < 0:
            raise ValueError(f"quarters is a whole number from 0, got {quarters!r}")
        target = self.quarter + int(quarters)
        while self.quarter < target:
            self._redraw()
            change = self.policy.next_change(self.quarter)
            until = [target, change, None if self._next is None else self._next.quarter]
            stretch = 1 if self.keep else min(quarter for quarter in until if quarter is not None) - self.quarter
            self._advance(stretch)
            self.steps += stretch
        return self

    def _advance(self, quarters: int) -> None:
        """Run a stretch in which no lever changes, in one compiled call."""
        self.policy.write(self.quarter, self.state.policy)
        tallies = np.zeros((quarters, self.state.tallies.shape[1]), dtype=TALLY).view(np.recarray)
        self.state.clock["first"] = self.quarter
        self.state = self.state._replace(tallies=tallies)
        with _quiet():
            (run_quarters if self.sight is None else self.sight.run_quarters)(self.state, quarters)
        self._tallies.append(tallies)
        self._keep()

    def _redraw(self) -> None:
        """When it is time: go on in the world with other ICBs, from the state as it stands; what was tallied is told by the new systems."""
        how = self._next
        if how is None or how.quarter > self.quarter:
            return
        if self._entries:
            self._payments, self._entries = [self.ledger()], []
        was, now = self.facts, prepared(how.world)
        policy = Policy(self.policy.settings, now.areas, how.world.first_year, [*was.areas, *how.world.later_systems()])
        with _quiet():
            entries = len(self.state.books.entries)
            fresh = first_state(now, self.state.params, policy.in_force(self.quarter), self.state.clock["key"][0], entries=entries)
            self.state = redrawn_state(self.state, was, fresh, now, how)
        self._tallies = [redrawn_tallies(tallies, was, now, how) for tallies in self._tallies]
        self.world, self.facts, self.policy, self._next = how.world, now, policy, how.world.redrawn
        for agent in list(self._all_agents):
            agent.remove()

    def _keep(self) -> None:
        """Put the quarter's acts, payments and organisations aside, where asked."""
        if "acts" in self.keep:
            self._acts.append(record.acts(self))
        if "ledger" in self.keep:
            count = int(self.state.books.log[0])
            if count > len(self.state.books.entries):
                raise RuntimeError(f"{count} payments in a quarter, room for {len(self.state.books.entries)}: please report this")
            self._entries.append(self.state.books.entries[:count].copy())
        if self._yearbook is not None:
            self._yearbook.add(self)

    # ---- what happened ----------------------------------------------------------------------------------------------

    def outcomes(self, by: str | None = None) -> pd.DataFrame:
        """Outcomes, a row a quarter; `by` "region", "system" or "kind" (of organisation) gives a row a quarter and group.

        Columns: quarter, year, the group's code if `by`, then one column an outcome (`abm.outcomes()` says what each is).
        """
        return record.outcomes(self, self._all_tallies(), by)

    def _all_tallies(self) -> np.ndarray:
        """The tallies of all quarters so far; put together once, then kept so."""
        if not self._tallies:
            return self.state.tallies
        if len(self._tallies) > 1:
            self._tallies = [np.concatenate([tallies.view(np.float64) for tallies in self._tallies]).view(TALLY)]
        return self._tallies[0]

    def acts(self) -> pd.DataFrame:
        """Who did what to whom, and why: a row an act, of every quarter if acts were kept, else of the latest one."""
        return pd.concat(self._acts, ignore_index=True) if self._acts else record.acts(self)

    def ledger(self) -> pd.DataFrame:
        """Every payment if the ledger was kept (quarter, year, payer, payee, purpose, amount_k); else the latest quarter's
        totals by kind of payer, kind of payee and purpose."""
        if not self._entries:
            return pd.concat(self._payments, ignore_index=True) if self._payments else record.flows(self)
        return pd.concat([*self._payments, record.ledger(self, np.concatenate(self._entries))], ignore_index=True)

    def organisations(self) -> pd.DataFrame:
        """What became of each organisation in each finished year (`abm.model.yearbook` says what each column is).

        Raises `ValueError` where this was not kept: it takes every quarter of the year.
        """
        if self._yearbook is None:
            raise ValueError("organisations were not kept: ask for them with keep=['organisations']")
        return self._yearbook.frame(self)

    def accounts(self) -> pd.DataFrame:
        """The latest quarter's accounts: opening + receipts - payments = closing, a row an organisation and outside account."""
        return record.accounts(self)

    def survey(self) -> pd.DataFrame:
        """The yearly survey: a row a year and item, with the share that agrees and what that many real leaders would show."""
        return record.survey(self, self._all_tallies())

    def network(self) -> Any:
        """The organisations and their ties now, as a `networkx.DiGraph`; node id = organisation id."""
        return record.network(self)

    # ---- Mesa -------------------------------------------------------------------------------------------------------

    def _people(self) -> None:
        """Make the agents, the first time that anybody asks for one (a sweep never does)."""
        if self._all_agents or not hasattr(self, "state"):
            return
        organisations, state = self.facts.organisations, self.state
        for number, (code, name, kind, region, system) in enumerate(organisations.itertuples(index=False, name=None)):
            agent: type[Organisation] = KINDS[kind]
            row = int(state.orgs["row"][number])
            agent(self, code, name, region, system, {"orgs": number, "accounts": number, agent.table: row, "systems": row})

    @property
    def agents(self) -> Any:
        """All organisations as a Mesa `AgentSet`."""
        self._people()
        return super().agents

    @property
    def agents_by_type(self) -> Any:
        """{Region: AgentSet, ICB: ..., Provider: ..., Council: ...}."""
        self._people()
        return super().agents_by_type

    @property
    def agent_types(self) -> list[type]:
        """The four kinds of organisation."""
        self._people()
        return super().agent_types

    @property
    def datacollector(self) -> mesa.DataCollector:
        """Every outcome of each quarter so far, as a Mesa `DataCollector`; a subclass may set one of its own in its place."""
        if self._collector is None:
            self._collector = record.OutcomeCollector()
        if isinstance(self._collector, record.OutcomeCollector):
            self._collector.collect(self)
        return self._collector

    @datacollector.setter
    def datacollector(self, collector: mesa.DataCollector) -> None:
        self._collector = collector

    def __repr__(self) -> str:
        sizes = f"{len(self.state.orgs)} organisations, {len(self.state.pairs)} partnerships"
        return f"ICSModel({self.world.name}: {sizes}; quarter {self.quarter}; seed {self.seed_given}, replicate {self.replicate})"


_DEFAULTS = as_declared(PARAMETERS)


def _parameter_record(given: Mapping[str, Any]) -> np.ndarray:
    """One record of all parameters; raises `DeclarationError` for an unknown name or a value not allowed."""
    for name in given:
        PARAMETERS[name]
    values = _DEFAULTS.copy().view(np.recarray)
    for name, row in PARAMETERS.items():
        if name in given:
            values[name] = row.code(given[name])
    return values


@contextmanager
def _quiet() -> Iterator[None]:
    """In plain Python, 64-bit hashing overflows on purpose; NumPy should not warn of it."""
    if not PLAIN_PYTHON:
        yield
        return
    with np.errstate(over="ignore"):
        yield


__all__ = ["KEEPABLE", "PHASES", "ICSModel"]
