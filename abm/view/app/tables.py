"""A run's tables as CSV, with the columns of results folders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from abm.experiment.folder import csv_text
from abm.experiment.store import ResultsError
from abm.model import record
from abm.model.acts import ACTS
from abm.model.ics_model import ICSModel
from abm.model.network import ORGANISATION_KINDS, OVERSIGHT, TIE_KINDS
from abm.view.app.money import payments
from abm.view.network.scene import choice


class Table(NamedTuple):
    """A table on offer: what a row is, what the model must keep for it, and whether it is of the whole run or of one quarter."""

    words: str
    of: Callable[[ICSModel], pd.DataFrame]
    keep: tuple[str, ...] = ()
    whole: bool = True


def ties(model: ICSModel) -> pd.DataFrame:
    """A row a directed tie: both ends, business and stake of the pair, trust after the quarter, the act (none on ties of oversight)."""
    state, codes = model.state, model.facts.code_array
    rows, pairs = state.ties, state.pairs[state.ties["pair"]]
    kinds, acting = np.array(ORGANISATION_KINDS, dtype=object), rows["kind"] != OVERSIGHT
    collaborative = np.where(acting, rows["joint"] == 1, None)
    return pd.DataFrame(
        {
            **_time(model, len(rows)),
            "actor": codes[rows["source"]],
            "actor_kind": kinds[state.orgs["kind"][rows["source"]]],
            "partner": codes[rows["target"]],
            "partner_kind": kinds[state.orgs["kind"][rows["target"]]],
            "tie": np.array(TIE_KINDS, dtype=object)[rows["kind"]],
            "flow_k": np.where(acting, pairs["flow"], 0.0),
            "stake_k": np.where(acting, pairs["stake"], 0.0),
            "trust": rows["trust"].copy(),
            "act": np.where(acting, np.array(ACTS, dtype=object)[rows["act"]], None),
            "collaborative": collaborative,
        }
    )


def _accounts(model: ICSModel) -> pd.DataFrame:
    found = record.accounts(model)
    return pd.DataFrame({**_time(model, len(found)), **found})


def _ledger(model: ICSModel) -> pd.DataFrame:
    return record.ledger(model, payments(model))


def _time(model: ICSModel, rows: int) -> dict[str, Any]:
    quarters = np.full(rows, model.quarter - 1)
    return {"quarter": quarters, "year": record.year_names(quarters, model.world.first_year)}


TABLES: Mapping[str, Table] = {
    "outcomes": Table("What is measured, of all systems together: a row a quarter", ICSModel.outcomes),
    "outcomes_by_kind": Table("The same by kind of organisation: a row a quarter and kind", lambda model: model.outcomes(by="kind")),
    "outcomes_by_region": Table("The same by region: a row a quarter and region", lambda model: model.outcomes(by="region")),
    "survey": Table("The leaders' survey: a row a finished year and item", ICSModel.survey),
    "organisations": Table("What became of each organisation in each finished year", ICSModel.organisations, ("organisations",)),
    "acts": Table("What organisations did in the quarter, and why: a row a tie", record.acts, whole=False),
    "ledger": Table("Payments of the quarter: a row a payment", _ledger, ("ledger",), whole=False),
    "accounts": Table("Accounts of the quarter: a row an organisation and outside account", _accounts, whole=False),
    "ties": Table("Ties after the quarter: a row a directed tie, with trust and act", ties, whole=False),
}


def offered(name: str) -> Table:
    """The table of that name. Raises `ResultsError` with the nearest, so ask this before a model is run."""
    return TABLES[choice(name, TABLES, "table")]


def table(model: ICSModel, name: str, quarter: int, labels: Mapping[str, Any] | None = None) -> str:
    """The table as CSV. `labels` (scenario, point, replicate) are columns in front.

    `model` keeps what `offered(name).keep` says; it has run the whole run where `.whole`, else `quarter + 1` quarters.
    Raises `ResultsError` for another name, or a quarter at whose end the model does not stand.
    """
    wanted = offered(name)
    if model.quarter < 1:
        raise ResultsError("no quarter has been run: there is nothing to take away")
    if not wanted.whole and model.quarter != quarter + 1:
        raise ResultsError(f"no quarter {quarter} to take away: the run stands at the end of quarter {model.quarter - 1}")
    frame = wanted.of(model)
    return csv_text(pd.DataFrame({**{key: [value] * len(frame) for key, value in (labels or {}).items()}, **frame}))
