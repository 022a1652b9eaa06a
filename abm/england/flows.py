"""How money flows are derived from shares of activity, allocations and operating expenditure (see docs/data.md).

No flow in pounds between an ICB and a provider is published; these are model inputs, not figures. Every constant is in
`assumptions.py`. `derive` works on link lists, so its cost grows with the number of links and not of pairs.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from abm.england.assumptions import VALUES
from abm.england.fitting import fit_margins
from abm.england.structure import Structure
from abm.model.network import COLUMNS, PARTNER_KINDS, TIE_KINDS, World

NHS_SHARE_OF_POOL = VALUES["pooled_nhs_k"] / (VALUES["pooled_nhs_k"] + VALUES["pooled_council_k"])


def derive(structure: Structure) -> World:
    """The world of a structure: programmes, direct income and partnerships of all kinds added. Deterministic."""
    patients = kept_patients(structure.patients)
    contracts = commissioning(structure, patients)
    parts = {
        "commissioning": contracts,
        "pooling": pooling(structure),
        "discharge": discharge(structure, patients),
        "collaborative": collaborative(structure.providers, patients),
        "oversight": oversight(structure),
    }
    return World(
        name=structure.name,
        nhs_share_of_pool=NHS_SHARE_OF_POOL,
        regions=_columns("regions", structure.regions),
        icbs=_columns("icbs", programmes(structure.icbs)),
        providers=_columns("providers", with_direct_income(structure.providers, contracts)),
        councils=_columns("councils", structure.councils),
        partnerships=with_shares(pd.concat([part.assign(kind=kind) for kind, part in parts.items()], ignore_index=True)),
    )


def _columns(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The columns of a `World` table, in order, rows by code."""
    return frame[list(COLUMNS[table])].sort_values("code", ignore_index=True)


def programmes(icbs: pd.DataFrame) -> pd.DataFrame:
    """`icbs` with community_k and prevention_k, GBP k.

    share_i = share_England * (x_i / X)**power, x the need index or the deprivation score, X such that the money of all
    systems together is the English share of their allocations.
    """
    allocation = icbs["allocation_k"]
    x = {
        "community": icbs["need_index"] ** VALUES["community_need_power"],
        "prevention": icbs["deprivation"] ** VALUES["prevention_deprivation_power"],
    }
    money = {}
    for programme, factor in x.items():
        weight = allocation * factor
        money[f"{programme}_k"] = (VALUES[f"{programme}_share"] * allocation.sum() * weight / weight.sum()).round(3)
    return icbs.assign(**money)


def kept_patients(patients: pd.DataFrame) -> pd.DataFrame:
    """Links of at least `smallest_share` of the provider's patients, shares scaled to sum to 1 again.

    The money of the smaller ones goes onto the provider's remaining links: real low-volume activity is not contracted
    with the ICB it comes from, and ICB budgets are whole anyway.
    """
    kept = patients[patients["share"] >= VALUES["smallest_share"]]
    return kept.assign(share=kept["share"] / kept.groupby("provider")["share"].transform("sum")).reset_index(drop=True)


def commissioning(structure: Structure, patients: pd.DataFrame) -> pd.DataFrame:
    """Contracts: columns a (ICB), b (provider), flow_k, rounded to the pound.

    Seed: share of the provider's patients times the ICB income it seeks. Fitted so that each ICB spends its budget and
    each provider stays as near as may be to what it seeks, none above its cap (`direct_floor`). Where every provider of
    an ICB is at its cap, the rest of the budget is not contracted and stays in the allocation.
    """
    icb = pd.Index(structure.icbs["code"]).get_indexer(patients["icb"])
    provider = pd.Index(structure.providers["code"]).get_indexer(patients["provider"])
    income = structure.providers["income_k"].to_numpy()
    budget = structure.icbs["budget_k"].to_numpy()
    flow = fit_margins(
        seed=patients["share"].to_numpy() * sought_contracts(structure)[provider],
        row=icb,
        column=provider,
        row_sum=budget,
        column_sum=sought_contracts(structure),
        column_cap=income * (1 - VALUES["direct_floor"]),
        hold=VALUES["provider_hold"],
    )
    return pd.DataFrame({"a": patients["icb"], "b": patients["provider"], "flow_k": flow.round(3)})


def sought_contracts(structure: Structure) -> np.ndarray:
    """ICB income each provider seeks, GBP k: (1 - direct_target) * income, scaled together to all ICB budgets."""
    providers = structure.providers
    sought = (providers["income_k"] * (1 - providers["direct_target"])).to_numpy()
    return sought * (structure.icbs["budget_k"].sum() / sought.sum())


def with_direct_income(providers: pd.DataFrame, contracts: pd.DataFrame) -> pd.DataFrame:
    """`providers` with direct_k = income_k - contracts, GBP k; not negative, as contracts are capped."""
    paid = contracts.groupby("b")["flow_k"].sum()
    return providers.assign(direct_k=(providers["income_k"] - providers["code"].map(paid).fillna(0.0)).round(3))


def pooling(structure: Structure) -> pd.DataFrame:
    """Pooled funds: columns a (ICB), b (council), flow_k.

    The NHS part goes by residents times the ICB's need, the councils' part by their social care spend; England's sums
    are carried by population. Pairs under `smallest_share` of both ends are left out and their money goes to the
    council's other pairs.
    """
    pairs = structure.residents
    icbs, councils = structure.icbs.set_index("code"), structure.councils.set_index("code")
    size = councils["population"].sum() / VALUES["england_people"]
    need = pairs["population"] * pairs["icb"].map(icbs["need_index"])
    spend = pairs["share_of_council"] * pairs["council"].map(councils["social_care_k"])
    flow = size * (VALUES["pooled_nhs_k"] * need / need.sum() + VALUES["pooled_council_k"] * spend / spend.sum())
    large = pairs[["share_of_council", "share_of_icb"]].max(axis=1) >= VALUES["smallest_share"]
    whole = flow.groupby(pairs["council"]).sum()
    kept = pairs[large]
    scale = kept["council"].map(whole / flow[large].groupby(kept["council"]).sum())
    return pd.DataFrame({"a": kept["icb"], "b": kept["council"], "flow_k": (flow[large] * scale).round(3)})


def discharge(structure: Structure, patients: pd.DataFrame) -> pd.DataFrame:
    """Discharge: columns a (provider), b (council), flow_k = delayed beds * cost of a bed-day * 365 * share.

    Shares: the known catchment where there is one (at least `smallest_share`), else derived from the provider's ICBs
    and their councils (at least `derived_discharge_share`, or one of its three largest). No beds, no discharge.
    """
    known = structure.catchments
    known = known[known["share"] >= VALUES["smallest_share"]]
    without = patients[~patients["provider"].isin(structure.catchments["provider"])]
    shares = pd.concat([known, _derived_catchments(without, structure.residents)], ignore_index=True)
    shares["share"] /= shares.groupby("provider")["share"].transform("sum")
    beds = shares["provider"].map(structure.providers.set_index("code")["beds"])
    value = beds * VALUES["delayed_bed_share"] * VALUES["bed_day_k"] * 365 * shares["share"]
    frame = pd.DataFrame({"a": shares["provider"], "b": shares["council"], "flow_k": value.round(3)})
    return frame[(beds > 0).to_numpy()]


def _derived_catchments(patients: pd.DataFrame, residents: pd.DataFrame) -> pd.DataFrame:
    """provider, council, share = sum over ICBs of share of provider * share of ICB, the plain ones only."""
    paths = patients.merge(residents[["icb", "council", "share_of_icb"]], on="icb")
    paths["share"] *= paths["share_of_icb"]
    shares = paths.groupby(["provider", "council"], as_index=False)["share"].sum()
    rank = shares.groupby("provider")["share"].rank(method="first", ascending=False)
    return shares[(shares["share"] >= VALUES["derived_discharge_share"]) | (rank <= 3)]


def collaborative(providers: pd.DataFrame, patients: pd.DataFrame) -> pd.DataFrame:
    """Provider pairs that share patients: columns a < b, flow_k.

    overlap = sum over ICBs of the smaller of the two shares; kept from `collaborative_overlap` up. Flow:
    `collaborative_share` of the smaller income times overlap.
    """
    pairs = patients.merge(patients, on="icb", suffixes=("_a", "_b"))
    pairs = pairs[pairs["provider_a"] < pairs["provider_b"]]
    pairs = pairs.assign(overlap=np.minimum(pairs["share_a"], pairs["share_b"]))
    overlap = pairs.groupby(["provider_a", "provider_b"], as_index=False)["overlap"].sum()
    overlap = overlap[overlap["overlap"] >= VALUES["collaborative_overlap"]]
    income = providers.set_index("code")["income_k"]
    smaller = np.minimum(overlap["provider_a"].map(income), overlap["provider_b"].map(income))
    flow = (VALUES["collaborative_share"] * smaller * overlap["overlap"]).round(3)
    return pd.DataFrame({"a": overlap["provider_a"], "b": overlap["provider_b"], "flow_k": flow})


def oversight(structure: Structure) -> pd.DataFrame:
    """Region over ICB and region over provider: columns a, b, flow_k = 0."""
    both = pd.concat([structure.icbs[["code", "region"]], structure.providers[["code", "region"]]], ignore_index=True)
    return pd.DataFrame({"a": both["region"], "b": both["code"], "flow_k": 0.0})


def with_shares(pairs: pd.DataFrame) -> pd.DataFrame:
    """The partnerships table, sorted by kind, a, b: `share_a`, `share_b` of each end's business of the kind.

    An end whose flows of a kind are all zero gives each partnership the same share.
    """
    order = pairs["kind"].map({kind: rank for rank, kind in enumerate(TIE_KINDS)})
    pairs = pairs.assign(order=order).sort_values(["order", "a", "b"], ignore_index=True)
    ends = pd.concat([pairs[["kind", end, "flow_k"]].rename(columns={end: "code"}) for end in ("a", "b")], ignore_index=True)
    groups = ends.groupby(["kind", "code"])["flow_k"]
    total, count = groups.transform("sum"), groups.transform("count")
    share = (ends["flow_k"] / total.where(total > 0)).fillna(1 / count).to_numpy()
    pairs = pairs.assign(share_a=share[: len(pairs)], share_b=share[len(pairs) :])
    return pairs[list(COLUMNS["partnerships"])]


def contract_report(structure: Structure, world: World) -> pd.DataFrame:
    """How far the fit ended from what was sought: index provider code; sector, income_k, direct_target, direct_share, at_floor."""
    providers = world.providers.set_index("code")
    share = providers["direct_k"] / providers["income_k"]
    return pd.DataFrame(
        {
            "sector": providers["sector"],
            "income_k": providers["income_k"],
            "direct_target": structure.providers.set_index("code")["direct_target"],
            "direct_share": share,
            "at_floor": share <= VALUES["direct_floor"] + 1e-6,
        }
    )


def summary(world: World) -> pd.DataFrame:
    """Partnerships and money by kind: index kind; `partnerships`, `flow_bn` (GBP bn a year)."""
    groups = world.partnerships.groupby("kind")["flow_k"]
    table = pd.DataFrame({"partnerships": groups.size(), "flow_bn": groups.sum() / 1e6})
    return table.reindex([*PARTNER_KINDS, "oversight"])
