"""The survey instrument: from agents' states to the ordered answers that leaders gave.

Each ICB holds a view y in [0, 1] on each item; a leader agrees with probability Phi((y - CUT) / SPREAD), an ordered probit
cut once ("agree" or not). All items share one cut and one spread, so the order of items comes from the model's state.
The real surveys had 53 leaders (19 finance chiefs for `plan_realistic`), hence a sampling error of some 13 points.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from abm.compiled import compiled


class Item(NamedTuple):
    """One survey item: its name, the words put to leaders, how many answered, the target it meets (TARGETS), its view."""

    name: str
    question: str
    respondents: int
    target: str
    view: str


ITEMS = (
    Item(
        "clear_system",
        "Accountabilities are clear within the system",
        53,
        "T5a",
        "the ICB's role as partners see it, raised by its authority",
    ),
    Item("clear_region", "Accountabilities are clear between ICB and region", 53, "T5b", "the same, less the bypass the ICB expects"),
    Item(
        "clear_national",
        "Accountabilities are clear between ICB and national team",
        53,
        "T5c",
        "the same, less what earmarks and priorities leave open",
    ),
    Item("devolved", "The system devolves decisions to the most local level", 53, "T11", "delegation, with what convening makes of it"),
    Item("plan_realistic", "Our financial plan is realistic", 19, "T18", "freedom from financial stress, in a year planned in time"),
    Item("top_up", "We expect an in-year top-up", 53, "T19", "the believed chance of deficit support (not through the probit)"),
    Item("confident_health", "Confident to improve population health", 53, "T20", "effort on lasting work and trust"),
    Item("confident_inequality", "Confident to tackle inequalities", 53, "T20", "the same, less money's hold on the board"),
    Item("confident_productivity", "Confident to improve productivity", 53, "T20", "trust and effort on money"),
    Item("confident_social", "Confident to support social and economic development", 53, "T20", "trust with councils and free attention"),
)
RESPONDENTS = np.array([item.respondents for item in ITEMS])
ITEM = np.repeat(np.arange(len(ITEMS)), RESPONDENTS)  # item that each answer is to, item after item
LEADER = np.concatenate([np.arange(count) for count in RESPONDENTS])  # number of the leader who gives it
CUT = 0.5  # view at which half of leaders agree (assumption)
SPREAD = 0.25  # standard deviation of leaders' answers around their system's state (assumption)


@compiled
def agree(view):
    """Chance that a leader whose system has this view (0 to 1) agrees: Phi((view - CUT) / SPREAD)."""
    return 0.5 * (1.0 + math.erf((view - CUT) / (SPREAD * math.sqrt(2.0))))


@compiled
def answer(state, i, trust, tally):
    """Write into `tally` the chance that system i's leaders agree with each item; `trust` is its partners' mean trust."""
    icb, policy = state.icbs[i], state.policy[i]
    org = state.orgs[icb.org]
    role = 1.0 - (1.0 - icb.clarity) * (1.0 - 0.5 * icb.authority)
    layered = org.load + policy.fence_share
    tally.leaders = 1.0
    tally.clear_system = agree(role)
    tally.clear_region = agree(role * (1.0 - icb.expected))
    tally.clear_national = agree(role * (1.0 - icb.expected) * (1.0 - layered))
    tally.devolved = agree(policy.delegation + (1.0 - policy.delegation) * icb.convening)
    tally.plan_realistic = agree((1.0 - org.stress) * (1.0 - policy.guidance_lateness / 12.0) - org.money / 2.0)
    tally.top_up = org.bailout
    tally.confident_health = agree((org.effort_lasting + trust) / 2.0)
    tally.confident_inequality = agree((org.effort_lasting + trust) / 2.0 * (1.0 - org.money / 4.0))
    tally.confident_productivity = agree((trust + org.effort_money + 0.5) / 2.0)
    tally.confident_social = agree(trust * (1.0 - org.load))
