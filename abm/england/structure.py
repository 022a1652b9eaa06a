"""The bones of a world before money flows: who exists, and who shares whose people. Gaps in the facts are filled here.

`structure_of` turns the published tables into a `Structure`; `synthetic.py` draws one; `flows.py` turns either into a
`World`. All money is in thousands of pounds a year at 2024/25 prices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from abm.england.assumptions import VALUES
from abm.england.tables import Tables

SECTOR_OF_SUBTYPE = {  # subtype where it decides, else the sector (below)
    "Acute - Multi-Service": "mixed",
    "Acute - Specialist": "specialist",
}
SECTOR_OF_CLASS = {
    "Acute": "acute",
    "Mental Health": "mental_health",
    "Community": "community",
    "Ambulance": "ambulance",
    "Specialist": "specialist",
}
ACUTE_SIZES = {
    "Acute - Teaching": "acute_teaching",
    "Acute - Large": "acute_large",
    "Acute - Medium": "acute_medium",
    "Acute - Small": "acute_small",
}
HOSPITAL_SECTORS = ("acute", "mixed", "specialist")  # whose beds KH03 covers in these tables


@dataclass(frozen=True)
class Structure:
    """Organisations and shared people, without flows.

    `regions`, `councils`: the columns of a `World`. `icbs`: those of a `World` without community_k and prevention_k,
    with `budget_k` (sought spending with NHS providers). `providers`: without direct_k, with `direct_target` (sought
    share of income not from ICBs). `patients`: provider, icb, share (sums to 1 by provider). `residents`: icb, council,
    population, share_of_council, share_of_icb. `catchments`: provider, council, share (known catchments; may be empty).
    """

    name: str
    regions: pd.DataFrame
    icbs: pd.DataFrame
    providers: pd.DataFrame
    councils: pd.DataFrame
    patients: pd.DataFrame
    residents: pd.DataFrame
    catchments: pd.DataFrame


def structure_of(tables: Tables, name: str = "England") -> Structure:
    """The structure that the published tables describe, blanks filled as docs/data.md says."""
    return Structure(
        name=name,
        regions=_regions(tables),
        icbs=_icbs(tables),
        providers=_providers(tables),
        councils=_councils(tables),
        patients=_links(tables.icb_provider, provider="provider_code", icb="icb_code", share="share_of_provider"),
        residents=_links(
            tables.icb_council,
            icb="icb_code",
            council="council_code",
            population="population_mid_2023",
            share_of_council="share_of_council",
            share_of_icb="share_of_icb",
        ),
        catchments=_links(tables.provider_council, provider="provider_code", council="council_code", share="share_of_provider_catchment"),
    )


def _links(frame: pd.DataFrame, **columns: str) -> pd.DataFrame:
    """The columns of `frame` under new names, rows in order of the first two."""
    renamed = pd.DataFrame({new: frame[old] for new, old in columns.items()})
    return renamed.sort_values(list(columns)[:2], ignore_index=True)


def _placed(tables: Tables, kind: str, frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with its organisations' longitude and latitude (NaN where unknown), sorted by code."""
    places = tables.places[tables.places["kind"] == kind].set_index("code")
    placed = frame.assign(longitude=frame["code"].map(places["longitude"]), latitude=frame["code"].map(places["latitude"]))
    return placed.sort_values("code", ignore_index=True)


def _regions(tables: Tables) -> pd.DataFrame:
    facts = tables.regions
    return _placed(tables, "region", pd.DataFrame({"code": facts["region_code"], "name": facts["region_name"]}))


def _icbs(tables: Tables) -> pd.DataFrame:
    """Programme allocation = core and primary medical 2024/25; running costs at their level before any cut (2023/24)."""
    facts = tables.icbs
    frame = pd.DataFrame(
        {
            "code": facts["icb_code"],
            "name": facts["icb_short_name"],
            "region": facts["region_code"],
            "population": facts["population_mid_2023"],
            "need_index": facts["need_index_core_2024_25"],
            "deprivation": facts["imd2025_avg_score"],
            "distance_from_target": facts["core_dft_closing_2024_25"],
            "allocation_k": (facts["core_total_2024_25_k"] + facts["primary_medical_allocation_2024_25_k"]).astype(float),
            "running_cost_k": facts["running_cost_2023_24_k"].astype(float),
            "budget_k": (facts["core_total_2024_25_k"] * VALUES["provider_budget_share"]).round(0),
        }
    )
    return _placed(tables, "icb", frame)


def _providers(tables: Tables) -> pd.DataFrame:
    """Income = operating expenditure carried to 2024/25 (a provider that breaks even)."""
    facts = tables.providers
    sector = facts["subtype"].map(SECTOR_OF_SUBTYPE).fillna(facts["sector"].map(SECTOR_OF_CLASS))
    size = facts["subtype"].map(ACUTE_SIZES).where(sector == "acute", sector)
    one, two = VALUES["inflation_2023_24"], VALUES["inflation_2022_23"]
    growth = facts["opex_year"].map({"2022-23": one * two, "2023-24": one, "2024-25": 1.0})
    frame = pd.DataFrame(
        {
            "code": facts["provider_code"],
            "name": facts["provider_name"],
            "sector": sector,
            "system": facts["home_icb_code"],
            "region": facts["region_code"],
            "income_k": (facts["opex_k"] * growth).round(0),
            "direct_target": ("direct_share_" + size).map(VALUES),
        }
    )
    return _placed(tables, "provider", frame.assign(beds=_beds(frame, facts["beds_available_kh03"])))


def _beds(providers: pd.DataFrame, known: pd.Series) -> pd.Series:
    """Beds, whole. A blank, or a 0 of a hospital (a return not made), is filled by beds per income of its sector."""
    income, sector = providers["income_k"], providers["sector"]
    beds = known.where(~(sector.isin(HOSPITAL_SECTORS) & (known == 0)))
    has = beds.notna()
    per_k = (beds[has].groupby(sector[has]).sum() / income[has].groupby(sector[has]).sum()).to_dict()
    per_k |= {kind: VALUES[f"beds_per_million_{kind}"] / 1000 for kind in ("mental_health", "community")}
    per_k["ambulance"] = 0.0
    return beds.fillna(income * sector.map(per_k)).round(0)


def _councils(tables: Tables) -> pd.DataFrame:
    facts = tables.councils
    frame = pd.DataFrame(
        {
            "code": facts["council_code"],
            "name": facts["council_name"],
            "system": facts["main_icb_code"],
            "region": facts["nhs_region_code"],
            "population": facts["population_mid_2023"],
            "deprivation": facts["imd2025_avg_score"],
            "social_care_k": _social_care(facts),
            "public_health_k": _filled_per_head(facts, facts["public_health_net_2024_25_k"]),
        }
    )
    return _placed(tables, "council", frame)


def _social_care(facts: pd.DataFrame) -> pd.Series:
    """Adult social care 2024/25; blank: the latest earlier year scaled by England's growth, else its class's spend a head."""
    spend = facts["asc_net_2024_25_k"]
    for earlier in ("asc_net_2023_24_k", "asc_net_2022_23_k"):
        both = facts["asc_net_2024_25_k"].notna() & facts[earlier].notna()
        growth = facts["asc_net_2024_25_k"][both].sum() / facts[earlier][both].sum()
        spend = spend.fillna((facts[earlier] * growth).round(0))
    return _filled_per_head(facts, spend)


def _filled_per_head(facts: pd.DataFrame, spend_k: pd.Series) -> pd.Series:
    """`spend_k` with blanks filled by the spend a head of the council's class, times its people."""
    people, classes = facts["population_mid_2023"], facts["council_class"]
    has = spend_k.notna()
    per_head = spend_k[has].groupby(classes[has]).sum() / people[has].groupby(classes[has]).sum()
    return spend_k.fillna((people * classes.map(per_head)).round(0)).astype(np.float64)
