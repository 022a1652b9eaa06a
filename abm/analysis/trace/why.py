"""One decision in two worlds: what it read, what it weighed, the chance, the draw and the act, in numbers and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from abm.analysis.trace import decisions
from abm.analysis.trace.decisions import GAIN, INPUTS, TERMS
from abm.analysis.trace.twins import Twins, when
from abm.config.errors import nearest
from abm.experiment.store import ResultsError
from abm.model.acts import ACTS, COLLABORATIVE, STOPPED
from abm.model.declaration import DeclarationError
from abm.model.network import TIE_KINDS
from abm.model.parameters import DECISION_RULES
from abm.model.policy import quarter_of


@dataclass(frozen=True)
class Decision:
    """One decision in worlds A and B. Pairs hold the two worlds' own; the terms are those that A's decision rule weighs.

    `terms` and `inputs` have a row a term or input: name, words, a, b, change (b less a), alone: how far the chance in A
    moves when this alone is as in B; inputs also channel. The joint act is chosen where `draw` is below the chance.
    """

    names: tuple[str, str]
    actor: str
    partner: str
    tie: str
    quarter: int
    when: str
    acts: tuple[str, str]
    chances: tuple[float, float]
    draw: float
    beliefs: tuple[float, float]
    rules: tuple[str, str]
    terms: pd.DataFrame
    inputs: pd.DataFrame

    def __str__(self) -> str:
        """In words."""
        return "\n".join([*_heading(self), *_terms(self), *_inputs(self)])


def phrase(act: str) -> str:
    """An act's name in words."""
    return act.replace("_", " ")


def verdict(act: str, chance: float, draw: float) -> str:
    """What the draw made of the chance, in a sentence."""
    side = "below it, so a joint act" if draw < chance else "not below it, so none"
    notice = "may make no new joint commitment (section 114)" if act == STOPPED else f"the draw {draw:.3f} is {side}"
    return f"The chance of a joint act is {chance:.3f}; {notice}."


def decide_again(twins: Twins, names: tuple[str, str], actor: str, partner: str, quarter: int | str) -> Decision:
    """The decision of `actor` towards `partner`. Raises `ResultsError` for an organisation, tie or quarter that there is not."""
    row, tie = _row(twins, quarter), _tie(twins, actor, partner)
    rows, chosen = np.array([row]), np.array([tie])
    first = twins.start + rows == 0
    par = [twins.seen_a.parameters, twins.seen_b.parameters]
    read = [decisions.inputs(seen, twins.ties, rows, chosen) for seen in (twins.seen_a, twins.seen_b)]
    terms = [decisions.weighed(each, seen) for each, seen in zip(par, read, strict=True)]
    rules = (DECISION_RULES[int(par[0]["decision_rule"])], DECISION_RULES[int(par[1]["decision_rule"])])
    used = decisions.used(rules[0], bool(first[0]))
    alone = decisions.moved_by_terms(par[0], terms[0], terms[1], first)
    fine = decisions.moved_by_inputs(par[0], read[0], read[1], first)
    who, code = twins.model.facts.organisations["name"], twins.model.facts.row
    return Decision(
        names=names,
        actor=f"{who[code[actor]]} ({actor})",
        partner=f"{who[code[partner]]} ({partner})",
        tie=TIE_KINDS[twins.ties.kind[tie]],
        quarter=twins.start + row,
        when=twins.when(row),
        acts=(ACTS[twins.acts[0][row, tie]], ACTS[twins.acts[1][row, tie]]),
        chances=(float(twins.seen_a.columns["ties.chance"][row, tie]), float(twins.seen_b.columns["ties.chance"][row, tie])),
        draw=float(twins.draws[row, tie]),
        beliefs=(float(terms[0]["belief"][0]), float(terms[1]["belief"][0])),
        rules=rules,
        terms=_table({name: TERMS[name] for name in used}, terms, alone),
        inputs=_table({name: each.words for name, each in INPUTS.items()}, read, fine, channel=[each.channel for each in INPUTS.values()]),
    )


def _table(words: dict[str, str], values: list[decisions.Columns], alone: decisions.Columns, **more: list[str]) -> pd.DataFrame:
    a, b, moved = (np.array([float(columns[name][0]) for name in words]) for columns in (*values, alone))
    return pd.DataFrame({"name": list(words), "words": list(words.values()), "a": a, "b": b, "change": b - a, "alone": moved, **more})


def _row(twins: Twins, quarter: int | str) -> int:
    first_year = twins.model.world.first_year
    try:
        number = quarter_of(int(quarter) if str(quarter).isdigit() else quarter, first_year)
    except DeclarationError as error:
        raise ResultsError(f"quarter {error}") from None
    if not twins.start <= number < twins.start + twins.quarters:
        last = twins.start + twins.quarters - 1
        raise ResultsError(f"quarters go from {twins.start} to {last} ({when(last, first_year)}); got {quarter}")
    return number - twins.start


def _tie(twins: Twins, actor: str, partner: str) -> int:
    """The row of a directed tie."""
    facts = twins.model.facts
    for code in (actor, partner):
        if code not in facts.row:
            close = nearest(code, facts.codes)
            raise ResultsError(f"no organisation {code!r} in {twins.model.world.name}" + (f"; did you mean {close!r}?" if close else ""))
    ends = facts.row[actor], facts.row[partner]
    found = np.flatnonzero((twins.ties.source == ends[0]) & (twins.ties.target == ends[1]))
    if not len(found):
        partners = facts.code_array[twins.ties.target[twins.ties.source == ends[0]]].tolist()
        told = ", ".join(partners[:12]) + (" ..." if len(partners) > 12 else "")
        raise ResultsError(
            f"{actor} chooses no act towards {partner}" + (f": its partners are {told}" if partners else ": it chooses none")
        )
    return int(found[0])


# --- in words -------------------------------------------------------------------------------------------------------------


def _heading(one: Decision) -> list[str]:
    a, b = one.names
    lines = [f"{one.when}: {one.actor} towards {one.partner}, {one.tie}."]
    for name, act, chance in zip((a, b), one.acts, one.chances, strict=True):
        lines.append(f"  {name}: {phrase(act)}. {verdict(act, chance, one.draw)}")
    if one.acts[0] != one.acts[1] and not {STOPPED, *COLLABORATIVE} & set(one.acts):
        lines.append(
            f"Belief that the partner comes: {_pair(*one.beliefs)}. A board that does not act jointly takes advantage from one half on, "
            "and guards itself below."
        )
    return lines


def _terms(one: Decision) -> list[str]:
    moved = _most_first(one.terms, "change")
    rules = [rule.replace("_", " ") for rule in one.rules]
    rule = rules[0] if rules[0] == rules[1] else f"{rules[0]}; {one.names[1]} decides by {rules[1]}"
    if not moved:
        why = f": parameters do ({rule})" if one.chances[0] != one.chances[1] else ""
        return [f"No term of the decision differs{why}."]
    kind = "chance" if one.rules[0] == "conditional_cooperation" else "pay-off"
    lines = [f"Terms of the decision ({rule}), those that moved the chance most first:"]
    for row in moved:
        unit = f" {kind}" if row.name in GAIN or row.name == "learned" else ""
        lines.append(f"  {row.words}: {_pair(row.a, row.b)}{unit}; alone it moves the chance by {_points(row.alone)}")
    return lines


def _inputs(one: Decision) -> list[str]:
    moved = _most_first(one.inputs, "alone")
    if not moved:
        return []
    lines = ["What they are made of:"]
    lines += [f"  {row.words} ({row.channel}): {_pair(row.a, row.b)}; alone {_points(row.alone)}" for row in moved]
    return [*lines, "One at a time, all else as in the first world: an account of the arithmetic, not a proof of cause."]


def _most_first(table: pd.DataFrame, differing: str) -> list[Any]:
    """Rows whose column `differing` is not 0, those that alone move the chance most first."""
    return sorted((row for row in table.itertuples(index=False) if getattr(row, differing) != 0), key=lambda row: -abs(row.alone))


def _pair(a: float, b: float) -> str:
    return f"{_number(a)} and {_number(b)}"


def _number(value: float) -> str:
    return f"{value:.3f}".replace("-", "−")


def _points(value: float) -> str:
    return f"{100 * value:+.2f} points".replace("-", "−")
