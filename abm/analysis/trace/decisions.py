"""What every decision of a run saw and gave, and the chance that it would have given had it seen one thing otherwise.

The equations are those of `abm.model.phases.decide`, on whole columns; tests hold them to the recorded chances. Inputs are
what a decision read; terms are what it weighed, made of inputs:

    inputs   trust, assurance, ... (INPUTS)  ->  terms   cash_term, value_term, ... (TERMS)  ->  chance of the joint act
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from abm.model.ics_model import ICSModel
from abm.model.network import ICB, OVERSIGHT
from abm.model.parameters import ATTENTION_RULES, DECISION_RULES, PARAMETERS
from abm.model.randomness import uniforms

# What `decide` reads as the quarter before left it, and what it reads or sets itself and nothing changes after it.
BEFORE = {
    "ties": ("trust", "joint", "payoff", "aspiration", "attract_joint", "attract_alone"),
    "orgs": ("motivation", "received", "stress", "stop"),
}
AFTER = {
    "ties": ("act", "chance", "belief", "cash_term", "value_term", "norm_term", "fate_term"),
    "pairs": ("assurance", "secured", "shift_a", "shift_b", "gain_a", "gain_b", "worth", "known_stress"),
    "orgs": ("money", "load", "horizon", "felt_finance"),
    "icbs": ("hurdle",),
}


class Input(NamedTuple):
    """Something that a decision reads: in words, and the channel of `abm.model.channels` that it belongs to."""

    words: str
    channel: str


INPUTS: Mapping[str, Input] = {
    "trust": Input("trust in the partner", "information"),
    "received": Input("how partners acted towards it last quarter", "information"),
    "known_stress": Input("shared stress, as far as it is known", "information"),
    "felt_finance": Input("in-year money in reviews", "attention"),
    "motivation": Input("motivation for lasting work", "attention"),
    "stress": Input("stress from its own deficit", "money"),
    "assurance": Input("being brought together", "authority"),
    "unclear_role": Input("how much dearer an unclear ICB makes the step", "authority"),
    "load": Input("management time taken", "capacity"),
    "horizon": Input("how long the relation is expected to last", "continuation"),
    "own_shift": Input("cost that it could shift", "payoffs"),
    "partner_shift": Input("cost that could be shifted on to it", "payoffs"),
    "gain": Input("its share of the joint gain", "payoffs"),
    "worth": Input("worth of the joint gain", "payoffs"),
    "secured": Input("commitments that cannot be withdrawn", "payoffs"),
    "learned": Input("what joint and other acts have paid", "experience"),
    "contentment": Input("pay-off above what it expected", "experience"),
    "last_act": Input("its own last act", "experience"),
}
TERMS: Mapping[str, str] = {  # what the decision rules weigh; a rule that does not use one gives it no effect
    "cash_term": "in-year money",
    "value_term": "lasting value",
    "norm_term": "the norm",
    "fate_term": "shared stress",
    "belief": "belief that the partner will come",
    "motivation": "motivation for lasting work",
    "learned": "learned pay-offs",
    "contentment": "contentment",
    "last_act": "its own last act",
}
BELIEF_INPUTS = ("trust", "assurance", "secured")
GAIN = ("cash_term", "value_term", "norm_term", "fate_term")
USED: Mapping[str, tuple[str, ...]] = {  # terms that each decision rule weighs; see `used`
    "quantal_response": GAIN,
    "reinforcement": ("learned",),
    "conditional_cooperation": ("belief", "motivation", "norm_term", "fate_term", "contentment", "last_act"),
}
Columns = dict[str, np.ndarray]


class Seen:
    """Every decision of one run. `columns["ties.trust"]` and the like are shaped (quarters, rows); oversight ties are left out."""

    def __init__(self, model: ICSModel, quarters: int) -> None:
        self.partner_ties = int((model.state.ties["kind"] != OVERSIGHT).sum())  # these come first
        self.parameters = {name: float(model.state.params[name][0]) for name in PARAMETERS}
        rows = {"ties": self.partner_ties, "pairs": self.partner_ties // 2, "orgs": len(model.state.orgs), "icbs": len(model.state.icbs)}
        self.columns: Columns = {}
        for table, names in [*BEFORE.items(), *AFTER.items()]:
            for name in names:
                kind = getattr(model.state, table).dtype[name]
                self.columns[f"{table}.{name}"] = np.zeros((quarters, rows[table]), dtype=np.int8 if kind == np.int64 else kind)

    def before(self, model: ICSModel, row: int) -> None:
        """Take down what the quarter about to run will read; `row` is its place in the columns."""
        self._take(model, row, BEFORE)

    def after(self, model: ICSModel, row: int) -> None:
        """Take down what the quarter just run read and gave."""
        self._take(model, row, AFTER)

    def _take(self, model: ICSModel, row: int, what: Mapping[str, tuple[str, ...]]) -> None:
        for table, names in what.items():
            records = getattr(model.state, table)
            for name in names:
                column = self.columns[f"{table}.{name}"]
                column[row] = records[name][: column.shape[1]]


class Ties(NamedTuple):
    """The directed partner ties of a model, which do not change: rows of organisations and pairs, and the ICB at either end (-1: none)."""

    source: np.ndarray
    target: np.ndarray
    pair: np.ndarray
    system: np.ndarray
    stake: np.ndarray
    flow: np.ndarray
    kind: np.ndarray
    icb: np.ndarray
    draw: np.ndarray

    @classmethod
    def of(cls, model: ICSModel) -> Ties:
        """Those of a model; the tie the other way is the row beside (number ^ 1)."""
        state = model.state
        ties = state.ties[state.ties["kind"] != OVERSIGHT]
        ends = [np.where(state.orgs["kind"][ties[end]] == ICB, state.orgs["row"][ties[end]], -1) for end in ("source", "target")]
        pairs = state.pairs[ties["pair"]]
        return cls(
            source=ties["source"].copy(),
            target=ties["target"].copy(),
            pair=ties["pair"].copy(),
            system=pairs["system"].copy(),
            stake=pairs["stake"].copy(),
            flow=pairs["flow"].copy(),
            kind=ties["kind"].copy(),
            icb=np.maximum(*ends),
            draw=ties["draw"].copy(),
        )


def draws(model: ICSModel, ties: Ties, first: int, quarters: int) -> np.ndarray:
    """The draw of every decision, shaped (quarters, ties): an act is joint where it is below the chance."""
    key = model.state.clock["key"][0]
    return np.array([uniforms(key, first + quarter, "act", ties.draw) for quarter in range(quarters)]).reshape(quarters, len(ties.draw))


def inputs(seen: Seen, ties: Ties, quarters: np.ndarray, chosen: np.ndarray) -> Columns:
    """What the decisions on ties `chosen` in `quarters` (rows of the columns) read, by the names of INPUTS."""

    def taken(name: str, rows: np.ndarray) -> np.ndarray:
        return seen.columns[name][quarters, rows].astype(float)

    source, pair, forth, icb = ties.source[chosen], ties.pair[chosen], chosen % 2 == 0, ties.icb[chosen]
    shift_a, shift_b = taken("pairs.shift_a", pair), taken("pairs.shift_b", pair)
    return {
        "trust": taken("ties.trust", chosen),
        **{name: taken(f"pairs.{name}", pair) for name in ("assurance", "secured", "worth", "known_stress")},
        **{name: taken(f"orgs.{name}", source) for name in ("received", "motivation", "stress", "felt_finance", "load", "horizon")},
        "own_shift": np.where(forth, shift_a, shift_b),
        "partner_shift": np.where(forth, shift_b, shift_a),
        "gain": np.where(forth, taken("pairs.gain_a", pair), taken("pairs.gain_b", pair)),
        "unclear_role": np.where(icb >= 0, taken("icbs.hurdle", np.maximum(icb, 0)), 1.0),
        "learned": taken("ties.attract_joint", chosen) - taken("ties.attract_alone", chosen),
        "contentment": taken("ties.payoff", chosen) - taken("ties.aspiration", chosen),
        "last_act": taken("ties.joint", chosen),
    }


def attention(par: Mapping[str, float], felt: np.ndarray, stress: np.ndarray) -> np.ndarray:
    """Board attention to in-year money (`decide.board_attention`)."""
    rest = par["money_attention"]
    if ATTENTION_RULES[int(par["attention_rule"])] == "problemistic_search":
        gripped = rest + (1.0 - rest) * (1.0 - (1.0 - felt) * (1.0 - stress * stress))
        return gripped * (1.0 - stress * (1.0 - stress))
    return rest + (1.0 - rest) * (1.0 - (1.0 - felt) * (1.0 - stress))


def belief(seen: Mapping[str, np.ndarray]) -> np.ndarray:
    """Believed chance that the partner comes."""
    return 1.0 - (1.0 - seen["trust"]) * (1.0 - seen["assurance"]) * (1.0 - seen["secured"])


def unweighed(par: Mapping[str, float], seen: Mapping[str, np.ndarray]) -> Columns:
    """The terms of GAIN before the board weighs them: pay-offs in units of the stake, the norm and shared stress from 0."""
    q = belief(seen)
    hurdle = par["upfront_cost"] * seen["unclear_role"] / (1.0 - seen["load"])
    return {
        "cash_term": -hurdle - (1.0 - q) * seen["partner_shift"] - q * seen["own_shift"] + (1.0 - q) * par["policing_cost"],
        "value_term": seen["horizon"] * q * 2.0 * seen["gain"] * seen["worth"] * par["lasting_benefit"],
        "norm_term": seen["received"] - 0.5,
        "fate_term": seen["known_stress"],
    }


def weighed(par: Mapping[str, float], seen: Mapping[str, np.ndarray]) -> Columns:
    """The terms made of inputs (`decide.weigh`), by the names of TERMS, and `money_attention`."""
    money, bare = attention(par, seen["felt_finance"], seen["stress"]), unweighed(par, seen)
    return {
        "cash_term": money * bare["cash_term"],
        "value_term": (1.0 - money + seen["motivation"]) * bare["value_term"],
        "norm_term": par["norm_weight"] * bare["norm_term"],
        "fate_term": par["common_fate"] * bare["fate_term"],
        "belief": belief(seen),
        "money_attention": money,
        **{name: seen[name] for name in ("motivation", "learned", "contentment", "last_act")},
    }


def used(rule: str, first: bool) -> tuple[str, ...]:
    """The terms that a decision rule weighs; in a run's quarter 0 (`first`) reinforcement weighs the gain."""
    return GAIN if rule == "reinforcement" and first else USED[rule]


def chance(par: Mapping[str, float], terms: Mapping[str, np.ndarray], first: np.ndarray) -> np.ndarray:
    """Chance of the joint act (`decide.chance_of_joint`); `first` marks decisions of a run's quarter 0."""
    rule, precision = DECISION_RULES[int(par["decision_rule"])], par["choice_precision"]
    by_gain = logistic(precision * (terms["cash_term"] + terms["value_term"] + terms["norm_term"] + terms["fate_term"]))
    if rule == "quantal_response":
        return by_gain
    if rule == "reinforcement":
        return np.where(first, by_gain, logistic(precision * terms["learned"]))
    slope = par["conditional_slope"]
    willing = slope * terms["belief"] + (1.0 - slope) * terms["motivation"] + terms["norm_term"] + terms["fate_term"]
    willing = np.clip(willing, 0.0, 1.0)
    satisfied = logistic(precision * terms["contentment"])
    return np.where(first, willing, satisfied * terms["last_act"] + (1.0 - satisfied) * willing)


def logistic(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), safe for any size."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0.0, 1.0, small) / (1.0 + small)


def moved_by_terms(par: Mapping[str, float], a: Columns, b: Columns, first: np.ndarray) -> Columns:
    """How far the chance in A moves when one term alone is as in B, by term."""
    base = chance(par, a, first)
    return {name: chance(par, {**a, name: b[name]}, first) - base for name in TERMS}


def moved_by_inputs(par: Mapping[str, float], a: Columns, b: Columns, first: np.ndarray) -> Columns:
    """How far the chance in A moves when one input alone is as in B, by input."""
    base = chance(par, weighed(par, a), first)
    return {name: chance(par, weighed(par, {**a, name: b[name]}), first) - base for name in INPUTS}


def belief_moved_by_inputs(a: Columns, b: Columns) -> Columns:
    """The same for the belief."""
    base = belief(a)
    return {name: belief({**a, name: b[name]}) - base if name in BELIEF_INPUTS else np.zeros_like(base) for name in INPUTS}
