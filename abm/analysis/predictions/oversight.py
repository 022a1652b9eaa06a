"""Predictions about oversight: who finds accountability clear, whose burden rose, which barriers weigh, what reports hide."""

from __future__ import annotations

import pandas as pd

import abm
from abm.analysis.predictions.instrument import BACK, RESPONDENTS, agreed, rose, sampled
from abm.analysis.predictions.rows import RUN, Row, nth_year
from abm.analysis.predictions.running import Ran

SHARE = "share of leaders"


def accountability(ran: Ran) -> tuple[list[Row], pd.DataFrame]:
    """(a) Leaders who find accountability with the region clear, by whether it works with and through its ICBs; also by region."""
    icbs = abm.england().icbs.set_index("code")
    rows = ran.rows("outcomes_by_system", ["system", "survey_clear_region"])
    region = rows["system"].map(icbs["region"])
    code = abm.england().regions.set_index("code")["name"]
    chosen = rows["scenario"].map({_slug(name): key for key, name in code.items()})
    rows = rows.assign(region=region, within=region == chosen)
    means = rows.groupby([*RUN, "scenario", "within"])["survey_clear_region"].mean().unstack()
    leaders = {True: max(1, round(RESPONDENTS / len(code))), False: RESPONDENTS - round(RESPONDENTS / len(code))}
    words = {True: "region that works with and through its ICBs", False: "the other regions"}
    text = "Leaders who agree that accountabilities are clear between ICB and region"
    told = [Row(f"a{2 - key}", text, words[key], SHARE, means[key].groupby(level=RUN).mean()) for key in (True, False)]
    told.append(
        Row(
            "a3",
            f"{text}: difference",
            "with and through less the others",
            "points",
            100 * (means[True] - means[False]).groupby(level=RUN).mean(),
        )
    )
    for number, key in ((4, True), (5, False)):
        told.append(
            Row(f"a{number}", f"{text}: what {leaders[key]} leaders would show", words[key], SHARE, sampled(means[key], leaders[key]))
        )
    by_region = rows[rows["within"]].groupby(["region", *RUN])["survey_clear_region"].mean().rename("with_and_through").reset_index()
    others = rows[~rows["within"]].groupby(["region", *RUN])["survey_clear_region"].mean().rename("as_now").reset_index()
    return told, by_region.merge(others, on=["region", *RUN]).assign(name=lambda frame: frame["region"].map(code))


def _slug(name: str) -> str:
    return name.lower().replace(" and ", "_").replace(" ", "_")


def burden(years: pd.DataFrame) -> list[Row]:
    """(b) Providers whose oversight burden rose over two years, by source, and who see duplication."""
    providers = years[years["kind"] == "provider"]
    providers = providers.assign(burden_any=providers[["burden_national", "burden_icb", "burden_other"]].sum(axis=1))
    text, unit, rows = "Providers who say that their oversight burden rose over two years", "share of providers", []
    groups = {"burden_icb": "ICB", "burden_national": "national body and its region", "burden_any": "all sources together"}
    for number, (column, group) in enumerate(groups.items(), start=1):
        change = rose(providers, column)
        share = agreed(change["rise"]).groupby([change[name] for name in RUN]).mean()
        rows.append(Row(f"b{number}", text, group, unit, share))
    rows.append(Row("b4", text, "quality regulator", unit, None))
    late = providers[providers["year"] == nth_year(providers, BACK)]
    seen = agreed(late["overlap"]).groupby([late[name] for name in RUN]).mean()
    rows.append(Row("b5", "Providers who see the ICB and the national body duplicate each other", "providers", unit, seen))
    rise = rose(providers, "burden_any")
    rows.append(
        Row(
            "b6", "Change of management time taken by oversight over two years", "mean provider", "layers", rise.groupby(RUN)["rise"].mean()
        )
    )
    return rows


def barriers(ran: Ran) -> tuple[list[Row], pd.DataFrame]:
    """(d) Barriers by what lifting each alone adds to the collaborative share in the fifth year, and their ranks member by member."""
    shares = ran.rows("outcomes", ["collaborative_share"]).set_index(["scenario", *RUN])["collaborative_share"].unstack("scenario")
    gains = 100 * shares.drop(columns="baseline").sub(shares["baseline"], axis=0)
    ranks = gains.rank(axis=1, ascending=False)
    order = ranks.median().sort_values(kind="stable").index
    titles, rows = ran.titles(), []
    for name in order:
        rows.append(Row(f"d.{name}.rank", "Rank of the barrier, 1 the heaviest", titles[name], "rank", ranks[name]))
    for name in order:
        text = "Collaborative share gained in the last year by lifting the barrier alone"
        rows.append(Row(f"d.{name}.gain", text, titles[name], "points", gains[name]))
    told = pd.DataFrame({"barrier": order, "title": [titles[name] for name in order], "median_rank": ranks.median()[order].to_numpy()})
    told["first"], told["among_first_three"] = (ranks[order] == 1).mean().to_numpy(), (ranks[order] <= 3).mean().to_numpy()
    return rows, told.assign(gain_median=gains.median()[order].to_numpy(), gain_above_zero=(gains[order] > 0).mean().to_numpy())


def gap(baseline: pd.DataFrame, stakes: pd.DataFrame) -> list[Row]:
    """(h) Deficits kept out of reports, under a high-stakes money target and as it is now; third year."""
    rows = []
    groups = (("under a high-stakes target", stakes), ("oversight as it is", baseline))
    hidden = {}
    for number, (group, years) in enumerate(groups, start=1):
        mine = years[(years["kind"] == "provider") & (years["deficit"] > 0) & (years["year"] == nth_year(years, BACK))]
        keys = [mine[name] for name in RUN]
        true = (mine["deficit"] * mine["income_k"]).groupby(keys).sum()
        shown = (mine["reported"] * mine["income_k"]).groupby(keys).sum()
        hidden[number] = 100 * (1 - shown / true)
        rows.append(Row(f"h{number}", "Provider deficits that reports do not show", group, "% of the deficits", hidden[number]))
        rows.append(Row(f"h{number + 3}", "The same in money", group, "GBP m a year", (true - shown) / 1000))
    rows.insert(2, Row("h3", "The gap that the high stakes add", "high-stakes target less now", "points", hidden[1] - hidden[2]))
    rows.append(Row("h6", "Gap between reported and true waits, or any other measured care", "all", "", None))
    return rows
