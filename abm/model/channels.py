"""The channels through which anything reaches `decide`, and runs in which decisions are blind to some of them.

The emergence rule says that a lever acts on what organisations do only through money, information, attention, pay-offs,
authority, capacity and the chance that a relation continues. Here is that list, column by column: whatever `decide`
reads is in `CHANNELS`, or is a constant of structure, or is its own working of the same quarter, or is a parameter. Tests
hold the list complete. What is left of a lever's effect when channels are closed is a setting of experiments:
`abm.model.sight`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.model.initial import first_state
from abm.model.phases.decide import decide
from abm.model.policy import Policy
from abm.model.quarter import PHASES
from abm.model.state import State

if TYPE_CHECKING:
    from abm.model.ics_model import ICSModel

Column = tuple[str, str]  # table, field

CHANNELS: Mapping[str, tuple[Column, ...]] = {
    "money": (  # the board's own deficit, and the budget rule that stops a council
        ("orgs", "stress"),
        ("orgs", "stop"),
    ),
    "information": (  # what is known of partners
        ("ties", "trust"),
        ("orgs", "received"),
        ("pairs", "known_stress"),
    ),
    "attention": (  # what reviews asked, and what boards care for unasked
        ("orgs", "felt_finance"),
        ("orgs", "motivation"),
    ),
    "payoffs": (  # the terms of the deal
        ("pairs", "shift_a"),
        ("pairs", "shift_b"),
        ("pairs", "gain_a"),
        ("pairs", "gain_b"),
        ("pairs", "worth"),
        ("pairs", "secured"),
    ),
    "authority": (  # whose role is clear, and who is brought together by whom
        ("icbs", "clarity"),
        ("pairs", "assurance"),
    ),
    "capacity": (("orgs", "load"),),  # management time
    "continuation": (("orgs", "horizon"),),  # the shadow of the future
    "experience": (  # pay-offs felt so far; read by the rival decision rules only
        ("ties", "payoff"),
        ("ties", "aspiration"),
        ("ties", "attract_joint"),
        ("ties", "attract_alone"),
        ("ties", "joint"),
    ),
}

# Who exists and who is tied to whom; never changes in a run (but for the clock).
STRUCTURE: frozenset[Column] = frozenset(
    {
        ("clock", "key"),
        ("clock", "quarter"),
        ("orgs", "kind"),
        ("orgs", "row"),
        ("ties", "source"),
        ("ties", "target"),
        ("ties", "pair"),
        ("ties", "kind"),
        ("ties", "draw"),
    }
)

# What `decide` sets each quarter before it reads it.
WORKINGS: frozenset[Column] = frozenset(
    {
        ("icbs", "hurdle"),
        ("orgs", "money"),
        *(("ties", name) for name in ("hurdle", "belief", "cash_term", "value_term", "norm_term", "fate_term", "chance")),
    }
)

# What `decide` both reads from earlier quarters and sets, so that a blind quarter's own values stand.
REMEMBERED: frozenset[Column] = frozenset({("ties", "joint"), ("ties", "attract_joint"), ("ties", "attract_alone")})


def columns_of(channels: Collection[str]) -> list[Column]:
    """The columns of some channels. Raises `ValueError` for a channel that is not in CHANNELS."""
    unknown = sorted(set(channels) - set(CHANNELS))
    if unknown:
        raise ValueError(f"channels are {', '.join(CHANNELS)}; got {', '.join(map(repr, unknown))}")
    return [column for name in CHANNELS if name in channels for column in CHANNELS[name]]


def first_sight(model: ICSModel, before: Mapping[str, Any] | None = None) -> dict[Column, np.ndarray]:
    """What the first decision of the same England sees under the levers `before` (the declared defaults if not given)."""
    areas, first_year = model.facts.areas, model.world.first_year
    remembered, policy = Policy({}, areas, first_year), Policy(dict(before or {}), areas, first_year)
    with np.errstate(over="ignore"):  # hashing overflows on purpose where the phases run as plain Python
        state = first_state(model.facts, model.state.params.copy(), remembered.in_force(0), model.state.clock["key"][0], entries=0)
        policy.write(0, state.policy)
        for phase in PHASES[: PHASES.index(decide)]:
            phase(state)
    return {column: getattr(state, column[0])[column[1]].copy() for column in columns_of(CHANNELS)}


@contextmanager
def blind(state: State, held: Mapping[Column, np.ndarray]) -> Iterator[None]:
    """Show `held` in place of the true columns for a while. What `decide` itself sets stays."""
    true = {}
    for table, field in held:
        column = getattr(state, table)[field]
        true[table, field] = column.copy()
        column[:] = held[table, field]
    try:
        yield
    finally:
        for (table, field), values in true.items():
            if (table, field) not in REMEMBERED:
                getattr(state, table)[field][:] = values
