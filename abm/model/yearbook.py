"""The yearbook: what became of each organisation in each finished year. It watches a run and acts back on nothing.

Oversight is counted as the model counts it, in layers of management time (phase `review`, step 6), but apart by who asks:

    burden_national = reviewed * (1 + priorities / 18) + bypassed [provider]
    burden_icb      = (1 - final of the home ICB) + disputes with ICBs / 18 [provider]
    burden_other    = local_accountability + other disputes / 18 + pots / 18 [ICB with earmarked money]

Their sum, times `layer_burden` and held at 0.9, is the board's `load`; a test holds the two equal. Disputes are those of the
quarter before, as in the model. `controlled` is a provider's alone: the share of its stakes with ICBs on which these did not act
jointly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from abm.model.network import COMMISSIONING, COUNCIL, ICB, ORGANISATION_KINDS, PROVIDER, REGION
from abm.model.phases.review import LAYER_ASKS
from abm.model.state import QUARTERS

if TYPE_CHECKING:
    from abm.model.ics_model import ICSModel


class Column(NamedTuple):
    """One column: its unit and meaning."""

    unit: str
    meaning: str


COLUMNS = {
    "income_k": Column("GBP k", "Income that the year planned with"),
    "allocation_k": Column("GBP k", "An ICB's programme allocation"),
    "direct_k": Column("GBP k", "The part of a provider's income that does not come from ICBs"),
    "result_k": Column("GBP k", "Receipts less payments of the year, after any risk pool and without deficit support"),
    "support_k": Column("GBP k", "Deficit support, exceptional support and risk-pool money received in the year, net"),
    "deficit": Column("share of income", "Forecast deficit at year end, before support (below 0: a surplus)"),
    "reported": Column("share of income", "The deficit that reports show; an ICB answers for its system's, as a share of the allocation"),
    "shortfall": Column("share of income", "The deficit it answers for: its own, of an ICB its system's, as a share of the allocation"),
    "stopped": Column("share of quarters", "Quarters of the year under a section 114 notice"),
    "supported": Column("true or false", "Whether exceptional support was paid to the council in the year"),
    "spent_k": Column("GBP k", "An ICB's spending on community and prevention programmes"),
    "planned_k": Column("GBP k", "What it had planned to spend on them"),
    "effort_lasting": Column("share", "Share of the lasting programme that effort still carries, mean of the year"),
    "burden_national": Column(
        "layers", "Management time that national oversight takes (region's reviews and direct contact), mean of the year"
    ),
    "burden_icb": Column("layers", "Management time that late local plans and disputes with ICBs take, mean of the year"),
    "burden_other": Column("layers", "Management time that all else takes (local scrutiny, pots, other disputes), mean of the year"),
    "controlled": Column("share of stakes", "Stakes with ICBs on which these did not act jointly, mean of the year"),
    "overlap": Column("share of quarters", "Quarters reviewed by the region, each weighted by how far ICBs controlled it as well"),
}
_MEANS = ("stopped", "effort_lasting", "burden_national", "burden_icb", "burden_other", "controlled", "overlap")
_SUMS = ("support_k", "spent_k", "planned_k")


class Yearbook:
    """Rows of all finished years; `add` is called once after every quarter."""

    def __init__(self, model: ICSModel) -> None:
        orgs, pairs = model.state.orgs, model.state.pairs
        self._shown = np.flatnonzero(orgs["kind"] != REGION)
        self._commissioning = np.flatnonzero(pairs["kind"] == COMMISSIONING)
        self._provider, self._stake = pairs["b"][self._commissioning], pairs["stake"][self._commissioning]
        self._stakes = np.bincount(self._provider, self._stake, len(orgs))
        self._disputes = orgs["disputes"].copy()
        self._with_icbs: np.ndarray = np.zeros(len(orgs))
        self._year = self._blank()
        self._years: list[tuple[int, dict[str, np.ndarray]]] = []

    def _blank(self) -> dict[str, np.ndarray]:
        return {name: np.zeros(len(self._disputes)) for name in (*_MEANS, *_SUMS, "supported")}

    def add(self, model: ICSModel) -> None:
        """Take in the quarter that has just been run."""
        year, quarter, joint = self._year, model.quarter - 1, model.state.ties["joint"]
        icb_joint, own_joint = joint[2 * self._commissioning], joint[2 * self._commissioning + 1]
        apart = np.bincount(self._provider, self._stake * (icb_joint == 0), len(self._stakes))
        controlled = np.divide(apart, self._stakes, out=np.zeros_like(apart), where=self._stakes > 0.0)
        for name, values in burdens(model, self._disputes, self._with_icbs).items():
            year[name] += values / QUARTERS
        year["controlled"] += controlled / QUARTERS
        year["overlap"] += model.state.orgs["reviewed"] * controlled / QUARTERS
        _money(model, year)
        self._disputes = model.state.orgs["disputes"].copy()
        self._with_icbs = np.bincount(self._provider, ((icb_joint == 0) & (own_joint == 0)).astype(float), len(self._stakes))
        if quarter % QUARTERS == QUARTERS - 1:
            self._years.append((quarter, {**year, **_closing(model)}))
            self._year = self._blank()

    def frame(self, model: ICSModel) -> pd.DataFrame:
        """A row a finished year and organisation."""
        from abm.model.record import year_names

        rows, count = self._shown, len(self._years)
        quarters = np.repeat(np.array([quarter for quarter, _ in self._years], dtype=np.int64), len(rows))
        kinds = np.array(ORGANISATION_KINDS, dtype=object)[model.state.orgs["kind"][rows]]
        frame = pd.DataFrame(
            {"quarter": quarters, "organisation": np.tile(model.facts.code_array[rows], count), "kind": np.tile(kinds, count)}
        )
        frame.insert(1, "year", year_names(quarters, model.world.first_year))
        for name in COLUMNS:
            parts = [values[name][rows] for _, values in self._years]
            column = np.concatenate(parts) if parts else np.zeros(0)
            frame[name] = column > 0 if name == "supported" else column
        return frame


def burdens(model: ICSModel, disputes: np.ndarray, with_icbs: np.ndarray) -> dict[str, np.ndarray]:
    """The quarter's burden of each organisation by who asks, in layers; disputes are last quarter's, in all and with ICBs."""
    state = model.state
    orgs, icbs = state.orgs, state.icbs
    policy = state.policy[orgs["system"]]
    nhs = np.isin(orgs["kind"], (ICB, PROVIDER))
    late = 1.0 - icbs["final"][orgs["system"]]
    provider = orgs["kind"] == PROVIDER
    bypassed = np.zeros(len(orgs))
    bypassed[state.providers["org"]] = state.providers["bypassed"]
    pots = np.zeros(len(orgs))
    pots[icbs["org"]] = np.where(icbs["fenced"] > 0.0, state.policy["fence_pots"], 0.0)
    national = nhs * orgs["reviewed"] * (1.0 + policy["priorities"] / LAYER_ASKS) + bypassed
    local = policy["local_accountability"] + (disputes - with_icbs * provider + pots) / LAYER_ASKS
    return {"burden_national": national, "burden_icb": late + with_icbs * provider / LAYER_ASKS, "burden_other": local}


def _money(model: ICSModel, year: dict[str, np.ndarray]) -> None:
    """Add the quarter's support, programmes, notices and efforts to the year."""
    state, count = model.state, len(model.state.orgs)
    orgs, icbs = state.orgs, state.icbs
    support = state.books.accounts["support"][:count]
    year["support_k"] += support
    year["supported"] += (orgs["kind"] == COUNCIL) & (support > 0.0)
    year["stopped"] += (orgs["stop"] > 0) / QUARTERS
    year["effort_lasting"] += orgs["effort_lasting"] / QUARTERS
    year["spent_k"][icbs["org"]] += icbs["spent"]
    year["planned_k"][icbs["org"]] += (icbs["community"] + icbs["prevention"]) / QUARTERS


def _closing(model: ICSModel) -> dict[str, np.ndarray]:
    """What stands at year end."""
    state = model.state
    orgs, icbs, providers = state.orgs, state.icbs, state.providers
    direct, allocation, shortfall = np.zeros(len(orgs)), np.zeros(len(orgs)), orgs["deficit"].copy()
    direct[providers["org"]] = providers["direct"]
    allocation[icbs["org"]] = icbs["allocation"]
    shortfall[icbs["org"]] = state.systems["deficit"]
    return {
        "income_k": orgs["income"].copy(),
        "allocation_k": allocation,
        "direct_k": direct,
        "result_k": state.books.accounts["year_result"][: len(orgs)].copy(),
        "deficit": orgs["deficit"].copy(),
        "reported": orgs["reported"].copy(),
        "shortfall": shortfall,
    }
