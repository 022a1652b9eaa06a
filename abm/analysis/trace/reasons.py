"""Why an organisation acted as it did in one world: the terms that its decision rule weighed, the chance they made, and the draw.

What the terms come to (L is the logistic function of `choice_precision` times what is in brackets):

    quantal response         L(sum of all terms as weighed)
    reinforcement            the same; its one term is what has been learned (in a run's first quarter, the terms of the gain)
    conditional cooperation  Z last act + (1 - Z) [sum of belief, motivation, norm and shared stress as weighed, from 0 to 1];
                             Z = L(contentment), which is what contentment counts for; in a run's first quarter the bracket alone
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from abm.analysis.trace import decisions
from abm.analysis.trace.decisions import TERMS, Columns, Seen, Ties
from abm.analysis.trace.why import phrase, verdict
from abm.model.acts import ACTS
from abm.model.parameters import DECISION_RULES

CLOSE = 1e-9  # a chance worked out again that is farther off than this is not the decision that was made
SUMMED = ("belief", "motivation", "norm_term", "fate_term")  # what conditional cooperation adds up


class Term(NamedTuple):
    """What a decision weighed: its value before weighing, and what it came to."""

    name: str
    words: str
    value: float
    weighed: float


@dataclass(frozen=True)
class Reasons:
    """One decision: the joint act is chosen where `draw` is below `chance`. `total` is what the terms add up to."""

    rule: str
    act: str
    chance: float
    draw: float
    belief: float
    total: float
    terms: tuple[Term, ...]

    def __str__(self) -> str:
        """In words."""
        return f"{self.made} {verdict(self.act, self.chance, self.draw)}"

    @property
    def made(self) -> str:
        """What the terms come to, in a sentence."""
        total = f"{self.total:+.3f}".replace("-", "−")
        if self.rule != "conditional_cooperation":
            side = "for" if self.total > 0 else "against"
            return f"{phrase(self.act).capitalize()}: what it weighed comes to {total} of the stake, {side} working jointly."
        repeats = next((term.weighed for term in self.terms if term.name == "contentment"), 0.0)
        again = f"; with a chance of {repeats:.2f} it does as it did last time" if repeats else ""
        return f"{phrase(self.act).capitalize()}: its willingness comes to {total}{again}."


def reasons(seen: Seen, ties: Ties, luck: np.ndarray, row: int, start: int, chosen: np.ndarray) -> list[Reasons | None]:
    """Why the acts on ties `chosen` in row `row` of `seen` (quarter `start + row`) were chosen.

    None where the terms do not make the chance that the model gave: decisions that were blind to something (`abm.model.sight`).
    """
    par, first = seen.parameters, start + row == 0
    rule = DECISION_RULES[int(par["decision_rule"])]
    read = decisions.inputs(seen, ties, np.full(len(chosen), row), chosen)
    terms = decisions.weighed(par, read)
    value = {**terms, **decisions.unweighed(par, read)}
    counts = _counting(par, rule, terms, first)
    worked_out = decisions.chance(par, terms, np.full(len(chosen), first))
    made = seen.columns["ties.chance"][row, chosen]
    acts = seen.columns["ties.act"][row, chosen]
    found: list[Reasons | None] = []
    for i in range(len(chosen)):
        if abs(worked_out[i] - made[i]) > CLOSE:
            found.append(None)
            continue
        told = tuple(Term(name, TERMS[name], float(value[name][i]), float(counts[name][i])) for name in counts)
        total = sum(term.weighed for term in told if rule != "conditional_cooperation" or term.name in SUMMED)
        draw = float(luck[row, chosen[i]])
        found.append(Reasons(rule, ACTS[acts[i]], float(made[i]), draw, float(terms["belief"][i]), total, told))
    return found


def _counting(par: Mapping[str, float], rule: str, terms: Columns, first: bool) -> Columns:
    """What each term that the rule uses counts for."""
    names = decisions.used(rule, first)
    if rule != "conditional_cooperation":
        return {name: terms[name] for name in names}
    slope = par["conditional_slope"]
    willing = {**terms, "belief": slope * terms["belief"], "motivation": (1.0 - slope) * terms["motivation"]}
    counts = {name: willing[name] for name in SUMMED}
    if first:
        return counts
    repeats = decisions.logistic(par["choice_precision"] * terms["contentment"])
    return {**counts, "contentment": repeats, "last_act": repeats * terms["last_act"]}
