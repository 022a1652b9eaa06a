"""Random runs for Hypothesis: worlds, levers in every form a config can give them, and parameters, to their hard bounds."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

import abm
from abm.model.declaration import Declaration
from abm.model.levers import LEVERS
from abm.model.parameters import PARAMETERS
from abm.model.policy import ByArea, Ramp, Schedule

CLOCK = ["key", "quarter", "season", "cost_surprise", "reorganised"]  # all but where the tallies of the last call begin
TABLES = ("clock", "orgs", "regions", "icbs", "providers", "councils", "systems", "pairs", "ties")
LONGEST = 12  # quarters of a random run; dates of schedules and ramps lie within


class WorldName(NamedTuple):
    """A world by its recipe: no systems is the tiny one."""

    systems: int
    seed: int


@cache
def world_of(name: WorldName) -> Any:
    """The world of a recipe; shared, so nobody may write into its tables."""
    return abm.synthetic(systems=name.systems, seed=name.seed) if name.systems else abm.tiny()


class Case(NamedTuple):
    """One random run."""

    world: WorldName
    levers: dict[str, Any]
    parameters: dict[str, Any]
    seed: int
    quarters: int

    def model(self, world: Any = None, **more: Any) -> abm.ICSModel:
        """The model of this case, on another world if given."""
        given = {"levers": self.levers, "parameters": self.parameters, "seed": self.seed} | more
        return abm.ICSModel(world_of(self.world) if world is None else world, **given)


def values(row: Declaration, hard: bool = True) -> st.SearchStrategy:
    """A value of a declared quantity: a choice, a plausible one, or (if `hard`) one at a hard bound."""
    if row.choices:
        return st.sampled_from(row.choices)
    low, high = row.plausible
    if row.integer:
        plausible: st.SearchStrategy = st.integers(int(low), int(high))
        ends: st.SearchStrategy = st.sampled_from([int(end) for end in row.bounds])
    else:
        plausible, ends = st.floats(low, high), st.sampled_from([float(end) for end in row.bounds])
    return st.one_of(plausible, ends) if hard else plausible


def times(row: Declaration, hard: bool = True) -> st.SearchStrategy:
    """A constant, a schedule or a ramp of a lever."""
    steps = st.dictionaries(st.integers(0, LONGEST - 1), values(row, hard), min_size=1, max_size=3).map(Schedule)
    if row.choices:
        return st.one_of(values(row, hard), steps)
    ramps = st.tuples(values(row, hard), values(row, hard), st.integers(0, 4), st.integers(5, LONGEST)).map(lambda r: Ramp(*r))
    return st.one_of(values(row, hard), steps, ramps)


@st.composite
def lever_settings(draw: st.DrawFn, name: WorldName, hard: bool = True) -> dict[str, Any]:
    """Settings of any levers: constants, schedules, ramps; some of them by region or system."""
    icbs = world_of(name).icbs
    settings = {}
    for lever in draw(st.lists(st.sampled_from(sorted(LEVERS)), unique=True, max_size=12)):
        one = times(LEVERS[lever], hard)
        setting = draw(one)
        if draw(st.booleans()):
            system, region = draw(st.sampled_from(sorted(icbs["code"]))), draw(st.sampled_from(sorted(icbs["region"])))
            setting = ByArea(draw(st.one_of(st.none(), one)), {region: draw(one)}, {system: draw(one)})
        settings[lever] = setting
    return settings


@st.composite
def parameter_values(draw: st.DrawFn, hard: bool = True) -> dict[str, Any]:
    """Values of any parameters; both rules of choice and attention are always drawn."""
    names = set(draw(st.lists(st.sampled_from(sorted(PARAMETERS)), unique=True, max_size=20)))
    return {name: draw(values(PARAMETERS[name], hard)) for name in sorted(names | {"decision_rule", "attention_rule"})}


@st.composite
def cases(draw: st.DrawFn, hard: bool = True, largest: int = 6) -> Case:
    """A random run of up to LONGEST quarters."""
    world = draw(st.builds(WorldName, st.integers(0, largest), st.integers(0, 2)))
    levers, parameters = draw(lever_settings(world, hard)), draw(parameter_values(hard))
    return Case(world, levers, parameters, draw(st.integers(0, 2**32)), draw(st.integers(1, LONGEST)))


def state_bits(model: abm.ICSModel) -> dict[str, bytes]:
    """Every array of the state except the policy in force, as bytes."""
    bits = {table: getattr(model.state, table).tobytes() for table in TABLES if table != "clock"}
    bits["clock"] = b"".join(model.state.clock[name].tobytes() for name in CLOCK)
    return bits | {"accounts": model.state.books.accounts.tobytes(), "flows": model.state.books.flows.tobytes()}


def outcome_bits(model: abm.ICSModel) -> bytes:
    """Every outcome, national and by each grouping, as bytes."""
    frames = [model.outcomes(by) for by in (None, "region", "system", "kind")]
    return b"".join(np.ascontiguousarray(frame.select_dtypes("number").to_numpy(dtype=float)).tobytes() for frame in frames)
