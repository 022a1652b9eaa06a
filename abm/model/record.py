"""What a run shows for itself: data frames and a graph from the arrays. Nothing here changes the model."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np
import pandas as pd

from abm.model.acts import ACTS, COLLABORATIVE
from abm.model.ledger import ACCOUNT_KINDS, OUTSIDE_ACCOUNTS, PURPOSES
from abm.model.network import ICB, ORGANISATION_KINDS, OVERSIGHT, TIE_KINDS
from abm.model.outcomes import OUTCOMES, direct, grouped
from abm.model.randomness import uniforms
from abm.model.state import QUARTERS
from abm.model.survey import ITEM, ITEMS, LEADER, RESPONDENTS

if TYPE_CHECKING:
    from abm.model.ics_model import ICSModel

GROUPINGS = ("kind", "region", "system")
REASONS = ("chance", "belief", "trust", "cash_term", "value_term", "norm_term", "fate_term")


def year_names(quarters: np.ndarray, first_year: str) -> list[str]:
    """Financial years ('2026/27') of quarter numbers."""
    numbers, start = quarters // QUARTERS, int(first_year[:4])
    names = [f"{year}/{(year + 1) % 100:02d}" for year in range(start, start + 1 + numbers.max(initial=0))]
    return np.array(names, dtype=object)[numbers].tolist()


def outcomes(model: ICSModel, tallies: np.ndarray, by: str | None) -> pd.DataFrame:
    """Outcomes of England, or by kind, region or system. Raises `ValueError` for another `by`."""
    if by is not None and by not in GROUPINGS:
        raise ValueError(f"by is None or one of {', '.join(GROUPINGS)}; got {by!r}")
    systems = len(model.state.systems)
    each = tallies[:, :systems]
    if by is None:
        labels, values = [""], grouped(each, [slice(None)])
    elif by == "region":
        region = model.state.orgs["region"][model.state.icbs["org"]]
        labels = list(model.facts.tables["regions"]["code"])
        values = grouped(each, [np.flatnonzero(region == r) for r in range(len(labels))])
    elif by == "system":
        labels, values = list(model.facts.tables["icbs"]["code"]), direct(each)
    else:
        labels, values = list(ORGANISATION_KINDS[ICB:]), direct(tallies[:, systems + ICB :], kinds=True)
    quarters = np.repeat(np.arange(len(tallies)), len(labels))
    columns: dict[str, Any] = {"quarter": quarters, "year": year_names(quarters, model.world.first_year)}
    if by is not None:
        columns[by] = labels * len(tallies)
    return pd.DataFrame(columns | {name: array.ravel() for name, array in values.items()})


class OutcomeCollector(mesa.DataCollector):
    """Mesa's `DataCollector` of every outcome of England, and `quarter`: the whole run's rows, filled in when somebody asks.

    A step costs nothing. Row i is quarter i; `Step` is Mesa's own count (of mesa.batch_run, 0 to n - 1 in 3.3 and 1 to n from 3.5).
    """

    def __init__(self) -> None:
        super().__init__(model_reporters={name: partial(_latest, name=name) for name in ("quarter", *OUTCOMES)})
        self._collection_steps: list[int] = []  # by which Mesa 3.4 and later find a row; 3.3 goes by its place

    def collect(self, model: ICSModel) -> None:
        """Take in the quarters run since the last time; done again it changes nothing."""
        if len(self._collection_steps) != model.quarter:
            frame = model.outcomes()
            self.model_vars = {name: frame[name].tolist() for name in self.model_reporters}
            self._collection_steps = list(range(1, model.quarter + 1))


def _latest(model: ICSModel, name: str) -> Any:
    """A column of the outcomes in the latest quarter."""
    return model.outcomes()[name].iloc[-1]


def acts(model: ICSModel) -> pd.DataFrame:
    """The latest quarter's acts, with the reasons that were weighed (pay-offs in units of the tie's stake)."""
    ties = model.state.ties[model.state.ties["kind"] != OVERSIGHT]
    done = model.quarter > 0
    ties = ties if done else ties[:0]
    codes, orgs = model.facts.code_array, model.state.orgs
    quarter = np.full(len(ties), max(0, model.quarter - 1))
    names = np.array(ACTS, dtype=object)[ties["act"]]
    frame = {
        "quarter": quarter,
        "year": year_names(quarter, model.world.first_year),
        "actor": codes[ties["source"]],
        "actor_kind": np.array(ORGANISATION_KINDS, dtype=object)[orgs["kind"][ties["source"]]],
        "partner": codes[ties["target"]],
        "partner_kind": np.array(ORGANISATION_KINDS, dtype=object)[orgs["kind"][ties["target"]]],
        "tie": np.array(TIE_KINDS, dtype=object)[ties["kind"]],
        "act": names,
        "collaborative": np.array([act in COLLABORATIVE for act in ACTS])[ties["act"]],
        "stake_k": model.state.pairs["stake"][ties["pair"]],
        "money_attention": orgs["money"][ties["source"]],
    }
    return pd.DataFrame(frame | {name: ties[name].copy() for name in REASONS})


def ledger(model: ICSModel, entries: np.ndarray) -> pd.DataFrame:
    """Payments as a frame: quarter, year, payer, payee, purpose, amount_k."""
    codes = np.concatenate([model.facts.code_array, np.array(OUTSIDE_ACCOUNTS, dtype=object)])
    return pd.DataFrame(
        {
            "quarter": entries["quarter"].copy(),
            "year": year_names(entries["quarter"], model.world.first_year),
            "payer": codes[entries["payer"]],
            "payee": codes[entries["payee"]],
            "purpose": np.array(PURPOSES, dtype=object)[entries["purpose"]],
            "amount_k": entries["amount"].copy(),
        }
    )


def flows(model: ICSModel) -> pd.DataFrame:
    """The latest quarter's money by kind of payer, kind of payee and purpose, GBP k."""
    payer, payee, purpose = np.nonzero(model.state.books.flows)
    kinds = np.array(ACCOUNT_KINDS, dtype=object)
    quarter = np.full(len(payer), max(0, model.quarter - 1))
    return pd.DataFrame(
        {
            "quarter": quarter,
            "year": year_names(quarter, model.world.first_year),
            "payer": kinds[payer],
            "payee": kinds[payee],
            "purpose": np.array(PURPOSES, dtype=object)[purpose],
            "amount_k": model.state.books.flows[payer, payee, purpose],
        }
    )


def accounts(model: ICSModel) -> pd.DataFrame:
    """All accounts of the latest quarter, GBP k."""
    table = model.state.books.accounts
    codes = [*model.facts.codes, *OUTSIDE_ACCOUNTS]
    columns = {"opening_k": "opening", "receipts_k": "receipts", "payments_k": "payments", "closing_k": "balance"}
    return pd.DataFrame({"account": codes} | {label: table[name].copy() for label, name in columns.items()})


def survey(model: ICSModel, tallies: np.ndarray) -> pd.DataFrame:
    """The survey of each finished year: item, question, target, expected share, and the share in a sample of leaders.

    Leader j of n speaks for system j mod S; the sample draws from the stream "survey".
    """
    systems = len(model.state.systems)
    quarters = np.flatnonzero(tallies["leaders"][:, :systems].sum(axis=1) > 0)
    leaders = tallies["leaders"][quarters, :systems]
    chances = np.stack([tallies[item.name][quarters, :systems] / leaders for item in ITEMS], axis=1)
    asked, years = np.repeat(quarters, len(ITEMS)), len(quarters)
    columns = {
        "quarter": asked,
        "item": [item.name for item in ITEMS] * years,
        "question": [item.question for item in ITEMS] * years,
        "target": [item.target for item in ITEMS] * years,
        "agree": chances.mean(axis=2).ravel(),
        "respondents": np.tile(RESPONDENTS, years),
        "sampled": _sampled(model, quarters, chances).ravel(),
    }
    frame = pd.DataFrame(columns, dtype=None if years else object)  # before the first survey nothing tells a type
    frame.insert(1, "year", year_names(asked, model.world.first_year))
    return frame


def _sampled(model: ICSModel, quarters: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """Share of an item's simulated leaders who agree; `chances` is shaped (years, items, systems), the result (years, items)."""
    key = model.state.clock["key"][0]
    draws = np.array([uniforms(key, quarter, "survey", 1000 * ITEM + LEADER) for quarter in quarters.tolist()])
    agrees = draws.reshape(-1, len(ITEM)) < chances[:, ITEM, LEADER % chances.shape[2]]
    first = np.cumsum(RESPONDENTS) - RESPONDENTS
    return np.add.reduceat(agrees.astype(np.int64), first, axis=1) / RESPONDENTS


def network(model: ICSModel) -> Any:
    """A `networkx.DiGraph`: nodes are organisation ids with facts and state, edges are ties with flow, trust and last act."""
    import networkx as nx

    graph = nx.DiGraph(name=model.world.name, quarter=model.quarter)
    state, codes = model.state, model.facts.codes
    for number, (code, name, kind, region, system) in enumerate(model.facts.organisations.itertuples(index=False, name=None)):
        org = state.orgs[number]
        graph.add_node(
            code,
            name=name,
            kind=ORGANISATION_KINDS[kind],
            region=region,
            system=system,
            income_k=float(org.income),
            deficit=float(org.deficit),
            money_attention=float(org.money),
            load=float(org.load),
            **model.facts.places[code],
        )
    for tie in state.ties:
        pair = state.pairs[tie.pair]
        partner = tie.kind != OVERSIGHT and model.quarter > 0
        graph.add_edge(
            codes[tie.source],
            codes[tie.target],
            kind=TIE_KINDS[tie.kind],
            flow_k=float(pair.flow),
            stake_k=float(pair.stake),
            trust=float(tie.trust),
            act=ACTS[tie.act] if partner else "",
            collaborative=bool(tie.joint) if partner else None,
        )
    return graph
