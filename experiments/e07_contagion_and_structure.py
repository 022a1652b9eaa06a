"""E07: one region alone under finance-dominated oversight (or bypass): what crosses its borders, how far, how fast; and whether it
matters who is tied to whom.

A region's outcomes count the ties whose terms are set in it. Its neighbours' losses are therefore of two sorts: treated boards
that act on shared ties (providers and councils that work for several systems), and boards that nobody treated and that answer
what they met. A trace of some runs tells them apart. Networks are redrawn with everybody's number of partners of each kind kept:
anywhere (degrees), within the region (regions), or crossing each border as often as in England (systems).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import abm
from abm.analysis.contrasts import Interval, interval, told
from abm.analysis.crossing import WHERE, crossing, exposure
from abm.analysis.trace import trace
from abm.view import sheet, source, style
from abm.view.charts.forest import forest
from abm.view.charts.shaded_table import shaded_table
from abm.view.sheet import SLIDE, Drawn
from experiments.study import Found, Study

ONE, NETWORKS = "e07_contagion", "e07_structure"
MAIN = "collaborative_share"
OUTCOMES = (MAIN, "trust", "deficit_share", "unmet_need", "delayed_share")
REGIONS = {
    "london": "Y56",
    "south_west": "Y58",
    "south_east": "Y59",
    "midlands": "Y60",
    "east": "Y61",
    "north_west": "Y62",
    "north_east": "Y63",
}
SHORT = {"Y63": "North East & Yorks."}
KINDS = {
    "england": "England as it is",
    "systems": "Same borders crossed",
    "regions": "Anywhere in the region",
    "degrees": "Anywhere in England",
}
TRACED, ENOUGH = 2, 10  # replicates of each region that are traced; from so many stored ones on, else one of two regions


def read(folders: Mapping[str, Path]) -> Found:
    """Own region against others, by pairs; what is passed on; other networks."""
    effects = _by_region(folders[ONE])
    pairs = _pairs(effects)
    systems, slope = _by_system(folders[ONE])
    crossed = _crossed(folders[ONE])
    networks, spread = _networks(folders[NETWORKS])
    facts = source.opened(folders[ONE]).facts
    figures = {
        "networks": _networks_figure(networks, folders[NETWORKS]),
        "regions": _matrix_figure(pairs, facts),
        "crossing": _crossing_figure(crossed, facts),
    }
    tables = {"regions": pairs, "systems": systems, "crossing": crossed, "networks": networks, "single_networks": spread}
    return Found(_answer(networks), _findings(effects, pairs, slope, crossed, networks, spread), tables, figures)


# ---- one region at a time ----------------------------------------------------------------------------------------------------


def _by_region(folder: Path) -> pd.DataFrame:
    """A row a treatment, treated region, region and replicate: the change of each outcome against the baseline, last year."""
    rows = abm.load(folder, "outcomes_by_region", ["scenario", "replicate", "region", *OUTCOMES], last_year=True)
    return _against_baseline(rows, ["replicate", "region"], "region")


def _against_baseline(rows: pd.DataFrame, keys: list[str], area: str) -> pd.DataFrame:
    base = rows[rows["scenario"] == "baseline"].set_index(keys)[list(OUTCOMES)]
    found = rows[rows["scenario"] != "baseline"].copy()
    found[list(OUTCOMES)] = found[list(OUTCOMES)].to_numpy() - base.loc[pd.MultiIndex.from_frame(found[keys])].to_numpy()
    parts = found["scenario"].str.split("_", n=1)
    found["treatment"] = parts.str[0]
    found["treated"] = parts.str[1].map(REGIONS).fillna("all")
    return found[["treatment", "treated", area, "replicate", *OUTCOMES]]


def _pairs(effects: pd.DataFrame) -> pd.DataFrame:
    """Mean change with interval of each region when each is treated: treatment, treated, region, outcome, difference, low, high, ..."""
    rows = []
    for keys, group in effects.groupby(["treatment", "treated", "region"], sort=False):
        for outcome in OUTCOMES:
            found = interval(group[outcome].to_numpy())
            rows.append([*keys, outcome, found.mean, found.low, found.high, found.clear, found.runs])
    return pd.DataFrame(rows, columns=["treatment", "treated", "region", "outcome", "difference", "low", "high", "clear", "pairs"])


def _elsewhere(effects: pd.DataFrame, treatment: str, outcome: str, own: bool) -> Interval:
    """Mean change of the treated regions themselves, or of the others, over all seven ways to choose one."""
    rows = effects[(effects["treatment"] == treatment) & (effects["treated"] != "all")]
    rows = rows[(rows["treated"] == rows["region"]) == own]
    return interval(rows.groupby("replicate")[outcome].mean().to_numpy())


def _by_system(folder: Path) -> tuple[pd.DataFrame, Interval]:
    """Each untreated system's change beside its business with the treated region; and the slope of one on the other, run by run."""
    columns = ["scenario", "replicate", "system", *OUTCOMES]
    rows = _against_baseline(abm.load(folder, "outcomes_by_system", columns, last_year=True), ["replicate", "system"], "system")
    world = abm.england()
    rows = rows[(rows["treatment"] == "finance") & (rows["treated"] != "all")]
    rows = rows.merge(exposure(world).rename(columns={"region": "treated", "share": "exposure"}), on=["system", "treated"])
    rows["region"] = rows["system"].map(world.icbs.set_index("code")["region"])
    rows = rows[rows["region"] != rows["treated"]]
    slopes = [float(np.polyfit(group["exposure"], group[MAIN], 1)[0]) for _, group in rows.groupby("replicate")]
    table = rows.groupby(["treated", "system", "region"], as_index=False)[["exposure", *OUTCOMES]].mean()
    table["name"] = table["system"].map(world.icbs.set_index("code")["name"])
    return table.sort_values(MAIN, ignore_index=True), interval(np.array(slopes))


def _crossed(folder: Path) -> pd.DataFrame:
    """Where joint work is lost, year by year: traces of some runs; share of stakes of the treated region's own ties."""
    stored = int(abm.load(folder, "outcomes", ["replicate"])["replicate"].max()) + 1
    chosen, runs = (list(REGIONS), TRACED) if stored >= ENOUGH else (list(REGIONS)[:2], 1)
    rows = []
    for name in chosen:
        for replicate in range(runs):
            found = trace(folder, "baseline", f"finance_{name}", replicate=replicate)
            table = crossing(found).assign(year=lambda each: each["quarter"] // 4, treated=REGIONS[name], replicate=replicate)
            steps = found.cascade[~found.cascade["in_force"]]
            table["farthest"] = float(steps["step"].max()) if len(steps) else 0.0
            table["reached"] = steps["actor"].nunique()
            rows.append(table)
    whole = pd.concat(rows, ignore_index=True)
    keys = ["treated", "replicate", "year", "where"]
    return whole.groupby(keys, as_index=False).agg(
        {"acts": "mean", "differ": "mean", "stake_k": "mean", "lost_k": "mean", "farthest": "max", "reached": "max"}
    )


def _passed_on(crossed: pd.DataFrame, where: str, late: bool = True) -> Interval:
    """Share of all joint work lost that is lost in a place, over traced runs, in the last years (all of them if not `late`)."""
    rows = crossed[crossed["year"] >= crossed["year"].max() - 4] if late else crossed
    sums = rows.pivot_table(index=["treated", "replicate"], columns="where", values="lost_k", aggfunc="sum")
    return interval((sums[where] / sums.sum(axis=1)).to_numpy())


def _arrival(crossed: pd.DataFrame) -> pd.DataFrame:
    """Lost joint work by year and place, as a share of the stakes on the treated region's inner ties: mean over traced runs."""
    inner = crossed[crossed["where"] == "inside"].groupby(["treated", "replicate"])["stake_k"].mean().rename("inner")
    rows = crossed.merge(inner.reset_index(), on=["treated", "replicate"])
    return rows.assign(share=rows["lost_k"] / rows["inner"]).groupby(["year", "where"])["share"].mean().unstack()[list(WHERE)]


# ---- other networks ----------------------------------------------------------------------------------------------------------


def _networks(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """By kind of network: level at the baseline, national effect, effect on the treated region and on the others, with intervals."""
    columns = ["scenario", "point", "replicate", "region", MAIN]
    points = abm.load(folder, "points")[["point", "system"]]
    regional = abm.load(folder, "outcomes_by_region", columns, last_year=True).merge(points, on="point")
    whole = abm.load(folder, "outcomes", ["scenario", "point", "replicate", MAIN], last_year=True).merge(points, on="point")
    keys = ["system", "replicate"]
    base = whole[whole["scenario"] == "baseline"].set_index(keys)[MAIN]
    runs = pd.DataFrame({"level": base, "everywhere": whole[whole["scenario"] == "finance"].set_index(keys)[MAIN] - base})
    one = whole[whole["scenario"].str.startswith("finance_")]
    runs["one"] = one.groupby(keys)[MAIN].mean() - base
    sides = regional[regional["scenario"].isin(["baseline", *(f"finance_{name}" for name in REGIONS)])]
    start = sides[sides["scenario"] == "baseline"].set_index([*keys, "region"])[MAIN].rename("start")
    sides = sides[sides["scenario"] != "baseline"].join(start, on=[*keys, "region"])
    sides = sides.assign(change=sides[MAIN] - sides["start"], treated=sides["scenario"].str.removeprefix("finance_").map(REGIONS))
    own = sides["treated"] == sides["region"]
    runs["own"], runs["others"] = (sides[flag].groupby(keys)["change"].mean() for flag in (own, ~own))
    runs = runs.reset_index()
    runs["network"] = runs["system"].str.split("_").str[0]
    return _told_by(runs, "network"), _told_by(runs, "system")


def _told_by(runs: pd.DataFrame, key: str) -> pd.DataFrame:
    """Means over replicates (networks of a kind averaged first), with intervals; and differences from England's network."""
    rows = []
    names = ["level", "everywhere", "one", "own", "others"]
    england = runs[runs["system"] == "england"].set_index("replicate")[names]
    for value, group in runs.groupby(key, sort=False):
        means = group.groupby("replicate")[names].mean()
        for name in names:
            found, gap = interval(means[name].to_numpy()), interval((means[name] - england[name]).to_numpy())
            row = [value, name, found.mean, found.low, found.high, gap.mean, gap.low, gap.high]
            rows.append([*row, gap.clear, group["system"].nunique(), found.runs])
    columns = [key, "measure", "difference", "low", "high", "against_england", "against_low", "against_high", "against_clear"]
    return pd.DataFrame(rows, columns=[*columns, "networks", "pairs"])


def _network(networks: pd.DataFrame, kind: str, name: str) -> pd.Series:
    return networks[(networks["network"] == kind) & (networks["measure"] == name)].iloc[0]


# ---- figures -----------------------------------------------------------------------------------------------------------------

PANELS = {
    "own": "The region itself",
    "others": "Regions that nothing was done to",
    "one": "All of England",
}


def _networks_figure(networks: pd.DataFrame, folder: Path) -> Drawn:
    rows = networks[networks["measure"].isin(PANELS)].copy()
    rows[["difference", "low", "high"]] *= 100
    rows = rows.assign(row=rows["network"].map(KINDS), outcome=rows["measure"].map(PANELS))
    ours, theirs = (-100 * _network(networks, kind, "others")["difference"] for kind in ("england", "degrees"))
    title = f"One finance-dominated region costs each other one {ours:.2f} points; were partners drawn from anywhere, {theirs:.1f}"
    facts = source.opened(folder).facts
    redrawn, runs = int(networks["networks"].sum() / networks["measure"].nunique()) - 1, int(networks["pairs"].max())
    said = f"England and {redrawn} networks drawn anew \u00b7 {_span(facts)} \u00b7 {runs} runs of each with the same random numbers"
    note = (
        "Change of collaboration when one region alone is finance-dominated, mean over the seven ways to choose it. Dot: mean of runs; "
        "line: 95 % interval. Everybody keeps the number of partners of each kind."
    )
    order = list(PANELS.values())
    return forest(rows, facts, title, said, note, outcomes=order, units=dict.fromkeys(order, "points"))


def _span(facts: Mapping[str, Any]) -> str:
    return f"{int(facts['quarters']) // 4} years from 2024/25"


def _matrix_figure(pairs: pd.DataFrame, facts: Mapping[str, Any]) -> Drawn:
    names = abm.england().regions.set_index("code")["name"].to_dict() | SHORT
    rows = pairs[(pairs["treatment"] == "finance") & (pairs["treated"] != "all") & (pairs["outcome"] == MAIN)]
    codes = list(REGIONS.values())
    values, unclear = (
        rows.pivot(index="treated", columns="region", values=name).loc[codes, codes].rename(index=names, columns=names)
        for name in ("difference", "clear")
    )
    away = rows[rows["treated"] != rows["region"]]
    most = away.loc[away["difference"].idxmin()]
    own = rows[(rows["treated"] == most["treated"]) & (rows["region"] == most["treated"])].iloc[0]
    title = (
        f"The largest loss across a border: {names[most['region']]}, {_plain(most)} points when {names[most['treated']]} "
        f"is finance-dominated and loses {_plain(own)}"
    )
    note = "Mean of paired runs, last year. Grey: the 95 % interval takes in zero. Shades go by the square root of the size."
    return shaded_table(
        values * 100,
        facts,
        title,
        f"England \u00b7 {_span(facts)} \u00b7 each region in turn against the baseline \u00b7 {rows['pairs'].max()} pairs of runs each",
        note,
        rows="Finance-dominated oversight in",
        columns="Change of collaboration there, points",
        unclear=~unclear.astype(bool),
        places=2,
    )


def _plain(row: pd.Series) -> str:
    return f"{-100 * row['difference']:.1f}"


def _crossing_figure(crossed: pd.DataFrame, facts: Mapping[str, Any]) -> Drawn:
    """Two panels: what is lost inside, and (on a scale of its own) across the border and beyond."""
    found = 100 * _arrival(crossed)
    runs = len(crossed[["treated", "replicate"]].drop_duplicates())
    border, beyond = (_passed_on(crossed, where) for where in ("border", "beyond"))
    title = f"{border.mean:.1%} of the joint work lost is lost on ties across the border, {beyond.mean:.1%} beyond it"
    note = (
        f"Joint work lost as a share of all that is at stake within the finance-dominated region; mean of {runs} traced runs over regions. "
        "Across: one of the two is treated. Beyond: neither is. Scales differ."
    )
    words = {"inside": "Within the region", "border": "Across its border", "beyond": "Beyond"}
    looks = {"inside": style.BASELINE, "border": style.look(0), "beyond": style.look(2)}
    years = {int(year): f"{2024 + int(year)}/{25 + int(year)}" for year in found.index}
    with style.applied():
        figure = sheet.blank(SLIDE)
        top, bottom = sheet.heading(figure, SLIDE, title, "", note), sheet.footer(figure, SLIDE, facts)
        for box, group in zip(sheet.cells(SLIDE, 2, top, bottom), (["inside"], ["border", "beyond"]), strict=True):
            below = sheet.panel_heading(
                figure, box, " and ".join(words[name] for name in group).capitalize(), "% of the region's own stakes"
            )
            room = 1.35
            drawn = sheet.axes(figure, sheet.Box(box.left + 0.4, box.bottom + 0.35, box.right - room, below - 0.1))
            for name in group:
                look = looks[name]
                (line,) = drawn.plot(found.index + 0.5, found[name], color=look.colour, linestyle=look.dash, linewidth=look.width, gid=name)
                look.outline(line)
            drawn.axhline(0, color=style.MUTED, linewidth=0.8, zorder=1)
            low, high = min(0.0, float(found[group].min().min())), float(found[group].max().max())
            drawn.set_ylim(low - 0.05 * (high - low), high + 0.08 * (high - low))
            drawn.tick_params(axis="y", length=0, labelsize=style.NOTE)
            drawn.grid(axis="y", color=style.RULE, linewidth=0.7)
            sheet.year_axis(drawn, 0, 4 * len(found) - 1, years, style.NOTE)
            ends = [sheet.End(name, words[name], float(found[name].iloc[-1]), looks[name]) for name in group]
            sheet.end_labels(drawn, ends, room, style.NOTE)
    last = found.iloc[-1]
    alt = "Lines by year. In the last: " + ", ".join(f"{words[name]} {last[name]:.2f} %" for name in WHERE) + "."
    return Drawn(figure, title, note, alt)


# ---- words -------------------------------------------------------------------------------------------------------------------


def _answer(networks: pd.DataFrame) -> str:
    own, others = (_network(networks, "england", name) for name in ("own", "others"))
    away, inside = (_network(networks, "degrees", name) for name in ("others", "own"))
    regional = _network(networks, "regions", "others")
    holds = 5 * abs(regional["difference"]) < abs(away["difference"])
    end = "it is regional borders that contain it" if holds else "regional borders alone do not contain it"
    return (
        f"A finance-dominated region loses {_plain(own)} points of collaboration, each other one {-100 * others['difference']:.2f}; with "
        f"partners redrawn within regions the others lose {-100 * regional['difference']:.2f}, with partners from anywhere "
        f"{_plain(away)} (the region itself {_plain(inside)}): {end}."
    )


def _findings(
    effects: pd.DataFrame, pairs: pd.DataFrame, slope: Interval, crossed: pd.DataFrame, networks: pd.DataFrame, spread: pd.DataFrame
) -> list[str]:
    said = []
    for treatment, words in (("finance", "Finance-dominated oversight in one region"), ("bypass", "Bypass in one region")):
        own, others = (_elsewhere(effects, treatment, MAIN, flag) for flag in (True, False))
        said.append(f"{words}: collaboration there {told(own, 100)}; in the other six regions, on average, {told(others, 100, digits=2)}.")
    for outcome, words in (("deficit_share", "forecast deficits"), ("unmet_need", "unmet need")):
        own, others = (_elsewhere(effects, "finance", outcome, flag) for flag in (True, False))
        said.append(f"The same for {words}: {told(own, 100)} there, {told(others, 100, digits=3)} elsewhere.")
    rows = pairs[(pairs["treatment"] == "finance") & (pairs["treated"] != "all") & (pairs["outcome"] == MAIN)]
    away = rows[rows["treated"] != rows["region"]]
    said.append(
        f"{int(away['clear'].sum())} of {len(away)} pairs of regions have a clear change across the border; the largest is "
        f"{told(away.loc[away['difference'].idxmin()], 100, digits=2)}."
    )
    said.append(
        "Across untreated systems the change goes with the share of their business that touches the treated region: "
        f"{told(Interval(slope.mean / 10, slope.low / 10, slope.high / 10, slope.runs), 100, digits=2)} for every tenth of it."
    )
    said += _told_crossing(crossed)
    for kind in ("systems", "regions", "degrees"):
        row, level = _network(networks, kind, "others"), _network(networks, kind, "level")
        gap = Interval(row["against_england"], row["against_low"], row["against_high"], int(row["pairs"]))
        base = Interval(level["against_england"], level["against_low"], level["against_high"], int(level["pairs"]))
        said.append(
            f"{KINDS[kind]} ({int(row['networks'])} networks): other regions lose {-100 * row['difference']:.2f} points, against England's "
            f"network {told(gap, 100, digits=2)}; collaboration at the baseline differs by {told(base, 100)}."
        )
    for kind in ("england", "degrees"):
        row = _network(networks, kind, "everywhere")
        found = Interval(row["difference"], row["low"], row["high"], int(row["pairs"]))
        said.append(f"Finance-dominated everywhere, {KINDS[kind].lower()}: {told(found, 100)}.")
    anywhere = spread[spread["system"].str.startswith("degrees")]
    spans = [anywhere[anywhere["measure"] == name]["difference"] * sign for name, sign in (("level", 1), ("others", -100))]
    said.append(
        f"Single networks with partners from anywhere: baseline {spans[0].min():.1%} to {spans[0].max():.1%}, other regions lose "
        f"{spans[1].min():.1f} to {spans[1].max():.1f} points; there are {anywhere['system'].nunique()}, and intervals are over runs alone."
    )
    return said


def _told_crossing(crossed: pd.DataFrame) -> list[str]:
    runs = len(crossed[["treated", "replicate"]].drop_duplicates())
    parts = [
        f"{words} {_between(_passed_on(crossed, where))}"
        for where, words in (("border", "on ties across its border"), ("beyond", "beyond"))
    ]
    shares = _arrival(crossed)
    half = {where: int((shares[where].cummax() >= shares[where].max() / 2).idxmax()) + 1 for where in ("inside", "border")}
    direct = _passed_on(crossed, "border").mean > _passed_on(crossed, "beyond").mean
    passed = (
        "more by treated boards and their partners on shared ties than passed on"
        if direct
        else "more is passed on than lost on shared ties"
    )
    return [
        f"Of the joint work lost in the last five years when one region is finance-dominated, {' and '.join(parts)} ({runs} traced runs): "
        f"{passed}.",
        f"Half of the largest yearly loss is there by year {half['inside']} inside and year {half['border']} across the border. At most "
        f"{int(crossed['farthest'].max())} links from the lever; boards beyond the border that ever act otherwise: "
        f"{crossed.groupby(['treated', 'replicate'])['reached'].max().mean():.0f} on average.",
    ]


def _between(found: Interval) -> str:
    if np.isnan(found.low):
        return f"{found.mean:.1%}"
    return f"{found.mean:.1%} ({found.low:.1%} to {found.high:.1%})"


STUDY = Study(
    key="e07",
    title="Contagion and structure",
    question="One region goes finance-dominated: what crosses its borders, how far and how fast? Does it matter who is tied to whom?",
    configs=(ONE, NETWORKS),
    read=read,
    quick=("replicates=2", "quarters=12"),
    quick_of={
        NETWORKS: (
            "replicates=2",
            "quarters=8",
            "design.over.system=[england, {name: systems_1, world: england, rewire: {keep: systems}}, {name: regions_1, world: england, "
            "rewire: {keep: regions}}, {name: degrees_1, world: england, rewire: {keep: degrees}}]",
        )
    },
)
