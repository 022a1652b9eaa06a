"""Predictions about money and care: who shifts resources, who runs into distress, what a fence keeps, what integration slows."""

from __future__ import annotations

import numpy as np
import pandas as pd

import abm
from abm.analysis.predictions.instrument import BACK, agreed
from abm.analysis.predictions.rows import NAMES, QUANTILES, RUN, Row, nth_year, spread
from abm.analysis.predictions.running import Ran
from abm.model.state import ROUNDING

LARGE = 0.02  # of income: what is called a large deficit here
EFFECT = (2, 3, 5, 10)  # years after the start at which integration is looked at


def shifting(years: pd.DataFrame) -> list[Row]:
    """(c) Strategic commitment to shift resources, against what was shifted in two years."""
    icbs = years[years["kind"] == "icb"].assign(share=lambda frame: frame["spent_k"] / frame["income_k"])
    now = icbs[icbs["year"] == nth_year(icbs, BACK)]
    keys = [now[name] for name in RUN]
    committed = agreed(now["effort_lasting"]).groupby(keys).mean()
    done = (now["spent_k"].groupby(keys).sum() / now["planned_k"].groupby(keys).sum()).rename("done")
    shares = icbs.pivot(index=["organisation", *RUN], columns="year", values="share")
    change = shares[nth_year(icbs, BACK)] - shares[nth_year(icbs, 0)]
    up = (change > 0).groupby(level=RUN).mean()
    text = "over two years in community and prevention spending as a share of the ICB's income"
    return [
        Row(
            "c1",
            "Leaders whose system is strategically committed to shift resources to lasting work",
            "ICB leaders",
            "share of leaders",
            committed,
        ),
        Row("c2", f"Systems that made progress: a rise {text}", "systems", "share of systems", up),
        Row("c3", "Commitment less progress", "ICB leaders, systems", "points", 100 * (committed - up)),
        Row("c4", f"Progress: change {text}", "mean system", "points", 100 * change.groupby(level=RUN).mean()),
        Row("c5", "Planned community and prevention programmes that were carried out", "all systems", "share of plans", done),
    ]


# ---- (e) distress ----------------------------------------------------------------------------------------------------------


def distress(years: pd.DataFrame) -> tuple[list[Row], dict[str, pd.DataFrame]]:
    """(e) Deficits of providers and systems, distress of councils: shares of each kind, and a table by organisation of each."""
    providers, councils, icbs = _providers(years), _councils(years), _systems(years)
    labels = list(dict.fromkeys(years["year"]))
    rows = []
    for number, year in enumerate(dict.fromkeys((labels[0], nth_year(years, BACK), labels[-1])), start=1):
        rows += [
            Row(
                f"e{number}p",
                "Providers in deficit at year end, before support",
                year,
                "share of providers",
                _mean(providers, "deficit_any", year),
            ),
            Row(
                f"e{number}l",
                f"Providers with a deficit above {LARGE:.0%} of income",
                year,
                "share of providers",
                _mean(providers, "deficit_large", year),
            ),
            Row(
                f"e{number}c",
                "Councils under a section 114 notice or given exceptional support",
                year,
                "share of councils",
                _mean(councils, "distress", year),
            ),
            Row(f"e{number}s", "Systems (ICB and its providers) in deficit", year, "share of systems", _mean(icbs, "deficit_any", year)),
            Row(f"e{number}d", "Deficits of systems less surpluses", year, "% of allocations", 100 * _total(icbs, year)),
        ]
    ever = councils.groupby(["organisation", *RUN])["distress"].max().groupby(level=RUN).mean()
    rows.append(Row("e4c", "Councils in distress in at least one year", f"{labels[0]} to {labels[-1]}", "share of councils", ever))
    tables = {
        "providers": _by_organisation(providers, "providers", ["deficit_any", "deficit_large"], labels),
        "councils": _by_organisation(councils, "councils", ["distress"], labels),
        "icbs": _by_organisation(icbs, "icbs", ["deficit_any", "deficit_large"], labels),
    }
    return rows, tables


def _providers(years: pd.DataFrame) -> pd.DataFrame:
    mine = years[years["kind"] == "provider"]
    return _told(mine.assign(share=-mine["result_k"] / mine["income_k"], money=-mine["result_k"]))


def _councils(years: pd.DataFrame) -> pd.DataFrame:
    mine = years[years["kind"] == "council"]
    distressed = ((mine["stopped"] > 0) | mine["supported"]).astype(float)
    return mine.assign(share=-mine["result_k"] / mine["income_k"], money=-mine["result_k"], distress=distressed)


def _systems(years: pd.DataFrame) -> pd.DataFrame:
    """A row an ICB, year and run: the year's result of the ICB and its home providers, as a share of its allocation."""
    mine = years[years["kind"] != "council"]
    mine = mine.assign(organisation=mine["organisation"].map(home_system()))
    sums = mine.groupby([*RUN, "year", "organisation"], sort=False)[["result_k", "allocation_k"]].sum().reset_index()
    return _told(sums.assign(money=-sums["result_k"], share=-sums["result_k"] / sums["allocation_k"]))


def _told(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(deficit_any=(frame["share"] > 0).astype(float), deficit_large=(frame["share"] > LARGE).astype(float))


def _mean(frame: pd.DataFrame, column: str, year: str) -> pd.Series:
    return frame[frame["year"] == year].groupby(RUN)[column].mean()


def _total(icbs: pd.DataFrame, year: str) -> pd.Series:
    sums = icbs[icbs["year"] == year].groupby(RUN)[["money", "allocation_k"]].sum()
    return sums["money"] / sums["allocation_k"]


def _by_organisation(frame: pd.DataFrame, kind: str, chances: list[str], labels: list[str]) -> pd.DataFrame:
    """A row an organisation: chance of each event by year, and the result's median and intervals in the third year."""
    names = getattr(abm.england(), kind).set_index("code")
    table = names[[name for name in ("name", "sector", "system", "region") if name in names.columns]].copy()
    at = list(dict.fromkeys((labels[0], nth_year(frame, BACK), labels[-1])))
    for column in chances:
        by_year = frame.pivot_table(index="organisation", columns="year", values=column, aggfunc="mean")
        for year in at:
            table[f"chance_{column}_{year[:4]}"] = by_year[year]
    if kind == "councils":
        table["chance_distress_ever"] = frame.groupby(["organisation", *RUN])["distress"].max().groupby(level=0).mean()
    late = frame[frame["year"] == nth_year(frame, BACK)]
    told = spread(
        late.assign(deficit_pct=100 * late["share"], deficit_m=late["money"] / 1000), "organisation", ["deficit_pct", "deficit_m"]
    )
    table = table.join(told).assign(runs=late.groupby("organisation").size())
    last = table.columns[table.columns.str.startswith("chance_")][-1 if kind == "councils" else 1]
    return table.rename_axis("code").reset_index().sort_values([last, "deficit_pct_median"], ascending=False, ignore_index=True)


# ---- (f) the fence ---------------------------------------------------------------------------------------------------------


def fence(ruled: pd.DataFrame) -> list[Row]:
    """(f) Yearly drift of a fenced budget's share of NHS spending: one that just meets its growth rule, and what the programmes do.

    The rule: the budget grows at least as fast as the ICB's allocation. One that just meets it keeps its share of allocations; of what
    is *spent* its share moves as spending outruns allocations, or lags behind them.
    """
    mine = ruled[ruled["kind"] != "council"]
    outlay = mine["direct_k"] + mine["income_k"].where(mine["kind"] == "icb", 0.0) - mine["result_k"]
    systems = mine.assign(outlay=outlay, organisation=mine["organisation"].map(home_system()))
    systems = systems.groupby([*RUN, "organisation", "year"])[["outlay", "spent_k", "allocation_k"]].sum()
    nation = systems.groupby(level=[*RUN, "year"]).sum()
    just = (nation["allocation_k"] / nation["outlay"]).unstack("year")
    share = (nation["spent_k"] / nation["outlay"]).unstack("year")
    met = _kept_up(nation)
    kept = _kept_up(systems)
    steps = (100 * share.T.pct_change().T).stack()
    known = _grown(systems["spent_k"]).notna()
    text, unit = "Yearly drift of a fenced budget's share of NHS spending", "% of the share a year"
    all_years, met_years = "community and prevention programmes, rule met or not", "the same, years in which England meets the rule"
    return [
        Row("f1", text, "growth rule just met each year", unit, 100 * _slope(just)),
        Row("f2", text, all_years, unit, 100 * _slope(share)),
        Row("f3", text, met_years, unit, steps[met.reindex(steps.index)].groupby(level=RUN).mean()),
        Row("f4", "Programmes that meet the rule", "systems and years", "share", kept[known].astype(float).groupby(level=RUN).mean()),
    ]


def home_system() -> dict[str, str]:
    """Home system of each ICB and provider, by code."""
    world = abm.england()
    found = {code: code for code in world.icbs["code"]}
    return found | dict(zip(world.providers["code"], world.providers["system"], strict=True))


def _grown(values: pd.Series) -> pd.Series:
    """Each year's value by the year before's (NaN in the first year); the year is the last level of the index."""
    return values / values.groupby(level=values.index.names[:-1]).shift()


def _kept_up(sums: pd.DataFrame) -> pd.Series:
    """Whether spending grew at least as fast as allocations, to rounding."""
    return _grown(sums["spent_k"]) >= _grown(sums["allocation_k"]) * (1 - ROUNDING)


def _slope(shares: pd.DataFrame) -> pd.Series:
    """Mean yearly change of the logarithm of each row, by least squares."""
    years = np.arange(shares.shape[1]) - (shares.shape[1] - 1) / 2
    return (np.log(shares) * years).sum(axis=1) / (years**2).sum()


# ---- (g) integration -------------------------------------------------------------------------------------------------------


def integration(ran: Ran) -> tuple[list[Row], pd.DataFrame]:
    """(g) How much lower demand for provider care is under integration, by year, and when half of the last year's effect is there."""
    both = ran.rows("outcomes", ["year", "avoided_demand", "collaborative_share"]).set_index(["scenario", *RUN, "year"])
    apart = both.loc["integration"] - both.loc["baseline"]
    avoided = 100 * apart["avoided_demand"].unstack("year")
    rows = []
    for at in (each for each in EFFECT if each <= avoided.shape[1]):
        text = "Demand for provider care avoided by integration"
        rows.append(Row(f"g{at}", text, f"year {at} ({avoided.columns[at - 1]})", "% of demand", avoided.iloc[:, at - 1]))
    count = avoided.shape[1]
    slower = avoided.iloc[:, -1] / count
    rows.append(Row("gs", f"Slow-down of demand growth, mean of {count} years", "England", "points a year", slower))
    half = avoided.ge(avoided.iloc[:, -1] / 2, axis=0).to_numpy().argmax(axis=1) + 1.0
    half = pd.Series(np.where(avoided.iloc[:, -1] > 0, half, np.nan), index=avoided.index)
    rows.append(Row("gh", "Years until half of the last year's effect is there (runs in which there is one)", "England", "years", half))
    rows.append(
        Row("gp", "Runs in which demand is lower under integration at the end", "England", "share", (avoided.iloc[:, -1] > 0).astype(float))
    )
    most = pd.Series(avoided.to_numpy().argmax(axis=1) + 1.0, index=avoided.index)
    rows.append(Row("gk", "Year in which integration avoids most demand, counted from the start", "England", "years", most))
    joint = 100 * apart["collaborative_share"].unstack("year").iloc[:, -1]
    rows.append(Row("gc", "Collaborative share gained by integration at the end", "England", "points", joint))
    long = pd.DataFrame([[year, *avoided[year].quantile(list(QUANTILES))] for year in avoided.columns], columns=["year", *NAMES])
    return rows, long
