"""A run as a film: what its organisations and ties are in some of its quarters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from abm.experiment.store import ResultsError
from abm.model.ics_model import ICSModel
from abm.model.network import OVERSIGHT

Numbers = NDArray[np.float64]
NO_ACT = 255  # on oversight ties


class State(NamedTuple):
    """A kind of number in a film: its unit, the step it is kept in, and whether it belongs to "ties" or "organisations"."""

    unit: str
    scale: float
    of: str


STATES = {
    "trust": State("probability", 0.005, "ties"),
    "act": State("index of acts", 1, "ties"),
    "income": State("GBP k a year", 100, "organisations"),
    "deficit": State("share of income", 0.0001, "organisations"),
    "money_attention": State("0 to 1", 0.004, "organisations"),
    "load": State("0 to 1", 0.004, "organisations"),
    "receipts": State("GBP k a quarter", 100, "organisations"),
    "payments": State("GBP k a quarter", 100, "organisations"),
    "balance": State("GBP k", 100, "organisations"),
}


@dataclass(frozen=True)
class Network:
    """Who there is and who is tied to whom: what does not change in a run.

    `organisations` has columns code, name, kind (index of ORGANISATION_KINDS), region, system, longitude, latitude; `pairs` has a, b
    (rows of organisations), kind (index of TIE_KINDS), flow_k and stake_k (GBP k a year). Tie 2i goes from a to b of pair i,
    tie 2i + 1 from b to a.
    """

    world: str
    first_year: str
    organisations: pd.DataFrame
    pairs: pd.DataFrame


@dataclass(frozen=True)
class Film:
    """One run: `quarters` are the numbers (from 0) of those kept, `states` one table (quarters, ties or organisations) a name of STATES."""

    scenario: str
    title: str
    description: str
    network: Network
    quarters: tuple[int, ...]
    states: dict[str, Numbers]


def network_of(model: ICSModel) -> Network:
    """The network of a model."""
    facts, pairs, ties = model.facts, model.state.pairs, model.state.ties
    if not ((ties["source"][::2] == ties["target"][1::2]) & (ties["pair"][::2] == ties["pair"][1::2])).all():
        raise ResultsError("ties of this model do not come in pairs, and the page cannot draw them")
    order = ties["pair"][::2]
    where = [facts.places[code] for code in facts.codes]
    organisations = facts.organisations[["code", "name", "kind", "region", "system"]].reset_index(drop=True)
    organisations = organisations.assign(
        **{name: [float(place.get(name, np.nan)) for place in where] for name in ("longitude", "latitude")}
    )
    table = {"a": ties["source"][::2], "b": ties["target"][::2], "kind": ties["kind"][::2]}
    money = {"flow_k": pairs["flow"][order], "stake_k": pairs["stake"][order]}
    return Network(model.world.name, model.world.first_year, organisations, pd.DataFrame({**table, **money}))


def record(quarters: Iterable[ICSModel], scenario: str, title: str = "", description: str = "", every: int = 1) -> Film:
    """The film of a model that `quarters` gives after each quarter in turn (`abm.experiment.again.quarters_of`).

    Kept are the first quarter, the last one of every `every`, and the last. Raises `ResultsError` where there is none.
    """
    if isinstance(every, bool) or int(every) != every or every < 1:
        raise ResultsError(f"every is a whole number of quarters from 1; got {every!r}")
    network: Network | None = None
    kept: list[int] = []
    frames: list[dict[str, Numbers]] = []
    last: tuple[int, dict[str, Numbers]] | None = None
    for model in quarters:
        number = model.quarter - 1
        network = network or network_of(model)
        last = (number, _now(model))
        if not kept or (number + 1) % every == 0:
            kept.append(number)
            frames.append(last[1])
    if network is None or last is None:
        raise ResultsError("no quarter has been run: there is nothing to show")
    if kept[-1] != last[0]:
        kept.append(last[0])
        frames.append(last[1])
    states = {name: np.stack([frame[name] for frame in frames]) for name in STATES}
    return Film(scenario, title or scenario, description, network, tuple(kept), states)


def _now(model: ICSModel) -> dict[str, Numbers]:
    """Every state of STATES in the latest quarter."""
    ties, orgs, accounts = model.state.ties, model.state.orgs, model.state.books.accounts[: len(model.state.orgs)]
    columns = {"income": "income", "deficit": "deficit", "money_attention": "money", "load": "load"}
    money = {"receipts": "receipts", "payments": "payments", "balance": "balance"}
    found = {
        "trust": ties["trust"],
        "act": np.where(ties["kind"] == OVERSIGHT, NO_ACT, ties["act"]),
        **{name: orgs[column] for name, column in columns.items()},
        **{name: accounts[column] for name, column in money.items()},
    }
    return {name: np.array(column, dtype=float) for name, column in found.items()}


def same_network(first: Network, second: Network) -> bool:
    """Whether two films can be laid over each other."""
    return list(first.organisations["code"]) == list(second.organisations["code"]) and first.pairs[["a", "b", "kind"]].equals(
        second.pairs[["a", "b", "kind"]]
    )
