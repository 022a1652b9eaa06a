"""Every number that stands between the published tables and the flows of the model, declared once.

No pound flow between an ICB and a provider is published. `flows.py` derives flows from shares of activity, scaled to
allocations and operating expenditure, with the constants below and no others. `docs/data.md` shows this table, and a
test fails when the two differ (`python -m abm.england.build` rewrites both the tables and the page).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["evidence", "calibrated", "assumption"]


@dataclass(frozen=True)
class Assumption:
    """One constant: what it is called, its value and unit, what it means, where it comes from, what stands behind it."""

    name: str
    value: float
    unit: str
    meaning: str
    source: str
    status: Status


_BCF = "NHS England, Better Care Fund grants and funding, 2025/26"
_ACCOUNTS = "No published table by provider read; levels set so that all ICB budgets together fit all provider incomes"

# fmt: off
ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption("inflation_2022_23", 1.06, "ratio", "provider spending 2023/24 over 2022/23",
               "Near the growth of core allocations and the pay awards; no data by provider", "assumption"),
    Assumption("inflation_2023_24", 1.04, "ratio", "provider spending 2024/25 over 2023/24",
               "Near the GDP deflator; core allocations in these tables grow 2.5 per cent", "assumption"),
    Assumption("provider_budget_share", 0.72, "fraction of core_total",
               "what an ICB spends with NHS providers; the rest is prescribing, continuing care, primary care beyond the "
               "primary medical allocation, independent and voluntary providers, pooled funds and programmes",
               "Of the order that ICB annual reports show (Bristol 2023/24: about 73 per cent on acute, community and "
               "mental health, independent providers included)", "assumption"),
    Assumption("community_share", 0.04, "fraction of allocation", "discretionary community and neighbourhood programmes, England",
               "No data on this, assumption", "assumption"),
    Assumption("prevention_share", 0.015, "fraction of allocation", "discretionary prevention programmes, England",
               "No data on this, assumption", "assumption"),
    Assumption("community_need_power", 1.0, "exponent", "how the community share rises with the need index",
               "The allocation formula gives community services by need; exponent assumed", "assumption"),
    Assumption("prevention_deprivation_power", 0.5, "exponent", "how the prevention share rises with deprivation",
               "Health inequality money goes by deprivation, but less than in proportion; exponent assumed", "assumption"),
    Assumption("smallest_share", 0.05, "fraction", "smallest share of either end's people that makes a partnership",
               "Below it, NHS England pays low-volume activity without a contract; level assumed", "assumption"),
    Assumption("direct_share_acute_teaching", 0.55, "fraction of income", "income not from ICBs, sought: acute, teaching",
               "Specialised commissioning, education and research are large. " + _ACCOUNTS, "assumption"),
    Assumption("direct_share_acute_large", 0.38, "fraction of income", "income not from ICBs, sought: acute, large",
               _ACCOUNTS, "assumption"),
    Assumption("direct_share_acute_medium", 0.34, "fraction of income", "income not from ICBs, sought: acute, medium",
               _ACCOUNTS, "assumption"),
    Assumption("direct_share_acute_small", 0.30, "fraction of income", "income not from ICBs, sought: acute, small",
               _ACCOUNTS, "assumption"),
    Assumption("direct_share_mixed", 0.36, "fraction of income", "income not from ICBs, sought: acute, multi-service",
               _ACCOUNTS, "assumption"),
    Assumption("direct_share_specialist", 0.70, "fraction of income", "income not from ICBs, sought: specialist",
               "Mostly specialised commissioning. " + _ACCOUNTS, "assumption"),
    Assumption("direct_share_mental_health", 0.32, "fraction of income", "income not from ICBs, sought: mental health",
               "Secure and specialised services, councils. " + _ACCOUNTS, "assumption"),
    Assumption("direct_share_community", 0.30, "fraction of income", "income not from ICBs, sought: community",
               "Public health contracts of councils. " + _ACCOUNTS, "assumption"),
    Assumption("direct_share_ambulance", 0.12, "fraction of income", "income not from ICBs, sought: ambulance",
               _ACCOUNTS, "assumption"),
    Assumption("direct_floor", 0.05, "fraction of income", "least direct income a provider keeps; contracts are capped to leave it",
               "Every provider has some education and other income; level assumed", "assumption"),
    Assumption("provider_hold", 0.8, "exponent", "how hard a provider's sought ICB income is held against ICB budgets "
               "(0 not at all, 1 exactly, as in iterative proportional fitting with two fixed margins)",
               "Budgets are facts scaled by one share, direct shares are guesses, so they give way", "assumption"),
    Assumption("pooled_nhs_k", 5_614_000, "GBP k a year", "NHS minimum contribution to the Better Care Fund, England",
               _BCF + " (1 to 2 per cent above 2024/25)", "evidence"),
    Assumption("pooled_council_k", 3_351_000, "GBP k a year", "councils' part: better care grant 2,640m and disabled facilities 711m",
               _BCF + " (the same sums as in 2024/25)", "evidence"),
    Assumption("england_people", 57_690_323, "people", "residents that the pooled sums are for; a world of another size gets its part",
               "regions.csv (ONS mid-2023)", "evidence"),
    Assumption("derived_discharge_share", 0.10, "fraction", "smallest share of a derived catchment that makes a discharge "
               "partnership, beside the three largest", "Derived catchments are blurred, so only the plain ones count", "assumption"),
    Assumption("delayed_bed_share", 0.12, "fraction of beds", "beds taken up by patients ready to leave",
               "Darzi investigation 2024", "evidence"),
    Assumption("bed_day_k", 0.395, "GBP k a bed-day", "cost of a delayed bed-day",
               "At least 1.7bn in 2022/23 over some 13,000 patients a day is GBP 358; carried to 2024/25", "calibrated"),
    Assumption("beds_per_million_mental_health", 0.85, "beds per GBP million", "beds of mental health providers (KH03 blank)",
               "Some 18,100 mental illness beds in England (KH03 2019/20) over their income", "calibrated"),
    Assumption("beds_per_million_community", 1.0, "beds per GBP million", "beds of community providers (KH03 blank)",
               "No data on this, assumption", "assumption"),
    Assumption("collaborative_overlap", 0.12, "fraction", "smallest overlap of patients that makes two providers partners",
               "Set so that England has about 2,100 partnerships of the four kinds", "calibrated"),
    Assumption("collaborative_share", 0.015, "fraction of income", "shared business over the smaller income, at full overlap",
               "No data on this, assumption (1 to 2 per cent)", "assumption"),
)
# fmt: on

VALUES: dict[str, float] = {row.name: row.value for row in ASSUMPTIONS}


def as_markdown() -> str:
    """The table of assumptions as Markdown, one line each, as shown in docs/data.md."""
    lines = ["| name | value | unit | meaning | source | status |", "|---|---|---|---|---|---|"]
    lines += [f"| `{row.name}` | {row.value:,.10g} | {row.unit} | {row.meaning} | {row.source} | {row.status} |" for row in ASSUMPTIONS]
    return "\n".join(lines)
