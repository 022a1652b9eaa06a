"""E01: England as it was. Where collaboration goes with every lever at its default, and where and why systems differ."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

import abm
from abm.analysis.contrasts import Interval, interval
from abm.view import source, style
from abm.view.charts.curves import curves
from abm.view.charts.distribution import distribution
from abm.view.charts.forest import forest
from experiments import telling
from experiments.study import Found, Study

CONFIG = "e01_baseline"
OUTCOMES = ("collaborative_share", "trust", "deficit_share", "lasting_share", "unmet_need", "delayed_share")
TRAITS = {  # of a system: how it is called
    "population": "Population",
    "need_index": "Need per head",
    "deprivation": "Deprivation",
    "distance_from_target": "Allocation above target",
    "running_cost_share": "Running costs of allocation",
    "lasting_start": "Community and prevention at the start",
    "providers": "Providers at home",
    "councils": "Councils",
    "crossing": "Contracts with other systems' providers",
    "deficit_share": "Deficit, last year of the run",
}


def read(folders: Mapping[str, Path]) -> Found:
    """Trajectories, spread over systems, and what goes with it."""
    origin = source.opened(folders[CONFIG])
    years = _years(folders[CONFIG])
    systems = _systems(folders[CONFIG])
    ranks = _ranks(systems)
    traits = systems.groupby("system", sort=False).mean(numeric_only=True).drop(columns="replicate")
    drawn = forest(
        ranks.rename(columns={"trait": "row"}).assign(outcome="Rank correlation with collaboration"),
        origin.facts,
        "What goes with more collaboration between systems",
        source.what_was_run(origin, 1),
        "Rank correlation over 42 systems in the last year: dot, mean over runs; line, 95 % interval over runs. Not a proof of cause.",
        units={"Rank correlation with collaboration": "from −1 to 1"},
    )
    figures = {"trajectories": curves(origin, OUTCOMES), "systems": distribution(origin), "why": drawn}
    return Found(
        _answer(years, traits), _findings(years, traits, ranks), {"years": years, "systems": traits.reset_index(), "why": ranks}, figures
    )


def _years(folder: Path) -> pd.DataFrame:
    """Each outcome by financial year: mean over runs with interval, and the 10th to 90th percentile of runs."""
    rows = abm.load(folder, "outcomes", ["replicate", "year", *OUTCOMES])
    means = rows.groupby(["year", "replicate"], sort=False)[list(OUTCOMES)].mean()
    table = []
    for year, group in means.groupby(level="year", sort=False):
        for name in OUTCOMES:
            found = interval(group[name].to_numpy())
            table.append([year, name, *found[:3], *group[name].quantile([0.1, 0.9]), found.runs])
    return pd.DataFrame(table, columns=["year", "outcome", "mean", "low", "high", "p10", "p90", "runs"])


def _systems(folder: Path) -> pd.DataFrame:
    """A row a system and run: outcomes of the last year, and what the system is like."""
    wanted = ["replicate", "system", "quarter", "collaborative_share", "trust", "deficit_share"]
    rows = abm.load(folder, "outcomes_by_system", wanted)
    late = rows[rows["quarter"] > rows["quarter"].max() - 4]
    means = late.groupby(["replicate", "system"], sort=False)[wanted[3:]].mean().reset_index()
    return means.merge(_traits(), left_on="system", right_index=True, how="left")


def _traits() -> pd.DataFrame:
    """What is known of each system from the tables of England."""
    world = abm.england()
    icbs = world.icbs.set_index("code")
    home = world.providers.set_index("code")["system"]
    contracts = world.partnerships[world.partnerships["kind"] == "commissioning"]
    away = contracts["flow_k"].where(contracts["b"].map(home) != contracts["a"], 0.0)
    return pd.DataFrame(
        {
            "name": icbs["name"],
            "region": icbs["region"],
            "population": icbs["population"],
            "need_index": icbs["need_index"],
            "deprivation": icbs["deprivation"],
            "distance_from_target": icbs["distance_from_target"],
            "running_cost_share": icbs["running_cost_k"] / icbs["allocation_k"],
            "lasting_start": (icbs["community_k"] + icbs["prevention_k"]) / icbs["allocation_k"],
            "providers": world.providers["system"].value_counts().reindex(icbs.index).fillna(0),
            "councils": world.councils["system"].value_counts().reindex(icbs.index).fillna(0),
            "crossing": away.groupby(contracts["a"]).sum() / contracts.groupby("a")["flow_k"].sum(),
        }
    )


def _ranks(systems: pd.DataFrame) -> pd.DataFrame:
    """Rank correlation of each trait with collaboration over systems, run by run."""
    rows = []
    for trait, words in TRAITS.items():
        each = [group[trait].corr(group["collaborative_share"], method="spearman") for _, group in systems.groupby("replicate")]
        found = interval(np.array(each))
        rows.append([words, found.mean, found.low, found.high, found.runs])
    table = pd.DataFrame(rows, columns=["trait", "difference", "low", "high", "runs"])
    return table.sort_values("difference", key=lambda values: -values.abs(), ignore_index=True)


def _at(years: pd.DataFrame, outcome: str, last: bool) -> Interval:
    rows = years[years["outcome"] == outcome]
    row = rows.iloc[-1 if last else 0]
    return Interval(row["mean"], row["low"], row["high"], int(row["runs"]))


def _answer(years: pd.DataFrame, traits: pd.DataFrame) -> str:
    first, last = _at(years, "collaborative_share", False), _at(years, "collaborative_share", True)
    share = traits["collaborative_share"]
    low, high = traits.loc[share.idxmin(), "collaborative_share"], share.max()
    return (
        f"Collaboration goes from {first.mean:.0%} to {last.mean:.0%} of what is at stake, and systems differ more than runs: "
        f"from {low:.0%} to {high:.0%} at the end."
    )


def _findings(years: pd.DataFrame, traits: pd.DataFrame, ranks: pd.DataFrame) -> list[str]:
    told = []
    for name in OUTCOMES:
        first, last = _at(years, name, False), _at(years, name, True)
        told.append(
            f"{telling.measure(name).words}: {first.mean:.1%} in the first year, {last.mean:.1%} in the last "
            f"({last.low:.1%} to {last.high:.1%}, {last.runs} runs)."
        )
    spread = traits["collaborative_share"].std()
    told.append(f"Between systems the standard deviation of collaboration in the last year is {spread:.1%} (means over runs).")
    for row in ranks.head(3).itertuples():
        size, low, high = (style.number(value, 2, sign=True) for value in (row.difference, row.low, row.high))
        told.append(f"{row.trait}: rank correlation with collaboration {size} ({low} to {high}, {row.runs} runs).")
    return told


STUDY = Study(
    key="e01",
    title="England as it was",
    question="With every lever at its default, where does collaboration go over 15 years, and where and why do systems differ?",
    configs=(CONFIG,),
    read=read,
    quick=("replicates=3", "quarters=16"),
)
