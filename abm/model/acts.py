"""What organisations can do to each other, and how an act is classed, after the act.

On a tie an organisation acts jointly or not; what "not" looks like depends on what it expects of its partner. Expecting
the partner to work jointly, it takes advantage (shifts a cost, withholds a share); expecting it not to, it guards
itself (polices, disputes). The class of an act is looked up here once it has been done and logged.
"""

from __future__ import annotations

from abm.model.network import TIE_KINDS

# (tie kind, kind of the actor): the joint act, the act that takes advantage, the act that guards.
ACTS_BY_TIE = {
    ("commissioning", "icb"): ("plan_together", "withhold_payment", "police_contract"),
    ("commissioning", "provider"): ("honour_plan", "push_activity", "contest_plan"),
    ("pooling", "icb"): ("honour_pool", "renege_on_share", "demand_assurance"),
    ("pooling", "council"): ("honour_pool", "withdraw_share", "withhold_information"),
    ("discharge", "provider"): ("discharge_jointly", "shift_discharge", "dispute_discharge"),
    ("discharge", "council"): ("absorb_discharge", "delay_care", "dispute_responsibility"),
    ("collaborative", "provider"): ("mutual_aid", "shift_patients", "keep_to_itself"),
}
STOPPED = "section_114_stop"  # a council that may make no new joint commitment
ACTS = tuple(dict.fromkeys([act for acts in ACTS_BY_TIE.values() for act in acts] + [STOPPED]))
COLLABORATIVE = frozenset(acts[0] for acts in ACTS_BY_TIE.values())


def is_collaborative(act: str) -> bool:
    """The class of a logged act. Raises `KeyError` for an act that nobody can do."""
    if act not in ACTS:
        raise KeyError(act)
    return act in COLLABORATIVE


def _codes() -> list[list[tuple[int, int, int]]]:
    """Act numbers by tie kind and end (0 is the pair's first organisation)."""
    ends = {
        "commissioning": ("icb", "provider"),
        "pooling": ("icb", "council"),
        "discharge": ("provider", "council"),
        "collaborative": ("provider", "provider"),
    }
    table = []
    for kind in TIE_KINDS[:4]:
        row = [ACTS_BY_TIE[kind, actor] for actor in ends[kind]]
        table.append([(ACTS.index(joint), ACTS.index(take), ACTS.index(guard)) for joint, take, guard in row])
    return table


ACT_CODES = tuple(tuple(row) for row in _codes())  # [tie kind][end][joint, advantage, guard]
STOPPED_CODE = ACTS.index(STOPPED)
