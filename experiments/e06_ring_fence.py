"""E06: the ring-fence. What each of its features does alone and together, where a fence protects and where it harms.

Five features: share of the allocation that is fenced, floor, restriction of use, recurrence, number of pots. Each is moved alone in a
light fence (a tenth of the allocation) and in a heavy one (three tenths); two packages move several. Then three kinds of fence are
laid over England at shares from none up, against two pressures on money: how slowly allocations grow, and how much of oversight is
about money. A cell of a map is the paired change against no fence in the same England. Two things that the model fixes: earmarked
money that does not come again arrives free, so that a fence that never recurs is none; and a floor counts against the earmark, not
against what was spent before, so that a high floor on a large earmark adds to programmes as well as protecting them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

import abm
from abm.analysis.contrasts import Interval, differences, last_year
from abm.analysis.shares import beyond_sum
from abm.experiment.effects import is_factor
from abm.view import source
from abm.view.charts.forest import forest
from abm.view.charts.signs import Axis, signs
from abm.view.sheet import Drawn
from experiments.study import Found, Study
from experiments.telling import effect, measure, sign

FEATURES, GROWTH, OVERSIGHT = "e06_features", "e06_growth", "e06_oversight"
OUTCOMES = ("lasting_share", "prevention_share", "collaborative_share", "trust", "management_load", "deficit_share", "unmet_need")
MAPPED = ("lasting_share", "collaborative_share", "unmet_need")
SHARE = "levers.fence_share"
PRESSURES = {GROWTH: "levers.allocation_growth", OVERSIGHT: "levers.finance_share"}
KINDS = {"as_it_is": "the fence as it is", "protective": "a protective fence", "harmful": "many narrow passing pots"}
WORDS = {  # of a feature's levels, in the forest
    "fence_floor": "floor",
    "fence_restriction": "restriction of use",
    "fence_recurrence": "recurrence",
    "fence_pots": "pots",
    "fence_share": "share of allocation",
}
PACKAGES = {  # in a point's features: what it is called
    frozenset(("fence_floor", "fence_recurrence", "fence_pots")): "Protective: full floor, recurrent, few pots",
    frozenset(("fence_restriction", "fence_recurrence", "fence_pots")): "Harmful: many narrow passing pots",
}


def read(folders: Mapping[str, Path]) -> Found:
    """Effects of features and packages, maps of signs against two pressures, and what a package is beyond its parts."""
    points = _points(folders[FEATURES])
    features, sums = _features(folders[FEATURES], points), _sums(folders[FEATURES], points)
    maps = {config: _map(folders[config], PRESSURES[config]) for config in PRESSURES}
    counts = _counts(maps)
    figures = {
        "signs_growth": _signs_figure(folders[GROWTH], maps[GROWTH], GROWTH, counts),
        "signs_oversight": _signs_figure(folders[OVERSIGHT], maps[OVERSIGHT], OVERSIGHT, counts),
        "features": _features_figure(folders[FEATURES], features),
    }
    tables = {"features": features, "packages": sums, "signs_growth": maps[GROWTH], "signs_oversight": maps[OVERSIGHT], "cells": counts}
    return Found(_answer(maps[GROWTH], counts), _findings(features, sums, maps, counts), tables, figures)


# ---- features and packages ---------------------------------------------------------------------------------------------------


def _points(folder: Path) -> pd.DataFrame:
    """Each point of the list: what it is called, the feature it moves ('' where several or none), and whether it is a package."""
    table = abm.load(folder, "points").set_index("point")
    rows = []
    for point, given in table[[name for name in table.columns if is_factor(name)]].iterrows():
        moved = {name.rpartition(".")[2]: value for name, value in given.items() if pd.notna(value)}
        package = PACKAGES.get(frozenset(moved), "")
        single = next(iter(moved)) if len(moved) == 1 else ""
        words = package or (f"{WORDS[single].capitalize()} {moved[single]:g}" if single else "as it is")
        rows.append([point, words, single, bool(package)])
    return pd.DataFrame(rows, columns=["point", "words", "feature", "package"])


def _runs(folder: Path, scenario: str) -> pd.DataFrame:
    """Last-year outcomes by point and replicate, in one fence."""
    return last_year(folder, list(OUTCOMES), [scenario])[["scenario", "point", "replicate", *OUTCOMES]]


def _features(folder: Path, points: pd.DataFrame) -> pd.DataFrame:
    """What each point changes against the fence as it is, in the light and in the heavy fence."""
    found = []
    for fence in ("light", "heavy"):
        table = differences(_runs(folder, fence), OUTCOMES, ["point"], {"point": 0})
        found.append(table.merge(points, on="point").assign(fence=fence))
    columns = ["fence", "words", "feature", "package", "outcome", "difference", "low", "high", "clear", "pairs"]
    return pd.concat(found, ignore_index=True)[columns]


def _sums(folder: Path, points: pd.DataFrame) -> pd.DataFrame:
    """For each package, the sum of its features' own effects and what the package does beyond that sum."""
    parts = {
        PACKAGES[frozenset(("fence_floor", "fence_recurrence", "fence_pots"))]: ("Floor 1", "Recurrence 1", "Pots 4"),
        PACKAGES[frozenset(("fence_restriction", "fence_recurrence", "fence_pots"))]: (
            "Restriction of use 1",
            "Recurrence 0.25",
            "Pots 40",
        ),
    }
    number = points.set_index("words")["point"]
    rows = []
    for fence in ("light", "heavy"):
        runs = _runs(folder, fence)
        for package, names in parts.items():
            for outcome in OUTCOMES:
                total, beyond = beyond_sum(runs, outcome, number[package], [number[name] for name in names], 0, "point")
                rows.append([fence, package, outcome, *total[:3], *beyond[:3], beyond.clear, beyond.runs])
    columns = ["fence", "package", "outcome", "sum", "sum_low", "sum_high", "difference", "low", "high", "clear", "pairs"]
    return pd.DataFrame(rows, columns=columns)


# ---- maps of signs -----------------------------------------------------------------------------------------------------------


def _map(folder: Path, pressure: str) -> pd.DataFrame:
    """The paired change against no fence, for each kind of fence, pressure and share."""
    runs = last_year(folder, list(OUTCOMES))
    found = []
    for (kind, level), group in runs.groupby(["scenario", pressure], sort=False):
        table = differences(group, OUTCOMES, [SHARE], {SHARE: 0.0})
        found.append(table.assign(kind=kind, pressure=level))
    return pd.concat(found, ignore_index=True).rename(columns={SHARE: "share"})


def _counts(maps: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """In how many cells of each map an outcome clearly rises, clearly falls, or neither."""
    rows = []
    for config, table in maps.items():
        for (kind, outcome), group in table.groupby(["kind", "outcome"], sort=False):
            each = [sign(row) for row in group.to_dict("records")]
            rows.append([config, kind, outcome, each.count(1), each.count(-1), each.count(0), len(each)])
    return pd.DataFrame(rows, columns=["map", "kind", "outcome", "more", "less", "unclear", "cells"])


def _signs_figure(folder: Path, table: pd.DataFrame, config: str, counts: pd.DataFrame) -> Drawn:
    origin = source.opened(folder)
    titles = {str(each["name"]): str(each["title"]) for each in origin.facts["scenarios"]}
    scale = 100.0 if config == GROWTH else 1.0
    shown = table[table["outcome"].isin(MAPPED)]
    shown = shown.assign(row=shown["kind"].map(titles), x=shown["share"], y=(scale * shown["pressure"]).round(6))
    order = {name: place for place, name in enumerate(MAPPED)}
    shown = shown.sort_values("outcome", key=lambda names: names.map(order), kind="stable")
    shown = shown.sort_values("kind", key=lambda names: names.map({kind: i for i, kind in enumerate(KINDS)}), kind="stable")
    up = Axis("Real growth of allocations", "% a year") if config == GROWTH else Axis("Money in oversight", "share of questions")
    title = _title(table, config, counts)
    note = "Each cell: change against no fence at the same pressure, mean over pairs of runs on the same random numbers."
    return signs(shown, origin.facts, title, Axis("Fenced share of allocation"), up, source.what_was_run(origin, len(KINDS)), note)


def _cells(counts: pd.DataFrame, config: str, kind: str, outcome: str) -> Mapping[str, Any]:
    rows = counts[(counts["map"] == config) & (counts["kind"] == kind) & (counts["outcome"] == outcome)]
    return rows.iloc[0].to_dict()


def _title(table: pd.DataFrame, config: str, counts: pd.DataFrame) -> str:
    """Whether the smallest fence as it is turns its sign between the least and the hardest pressure, and who helps collaboration."""
    rows = table[(table["kind"] == "as_it_is") & (table["outcome"] == "lasting_share") & (table["share"] == table["share"].min())]
    ends = rows.set_index("pressure")[["low", "high"]].sort_index(ascending=config == GROWTH)  # the hardest first
    hard, easy = sign(ends.iloc[0].to_dict()), sign(ends.iloc[-1].to_dict())
    where = "where money is tight" if config == GROWTH else "where oversight talks of money"
    verb = {1: "hold up", -1: "lower", 0: "do not clearly move"}
    first = f"Small fences {verb[hard]} community and prevention {where}" + (f" and {verb[easy]} it where not" if easy != hard else "")
    helpers = [
        KINDS[kind]
        for kind in KINDS
        if 2 * _cells(counts, config, kind, "collaborative_share")["more"] > len(table) / len(KINDS) / len(OUTCOMES)
    ]
    return f"{first}; collaboration gains from {' and '.join(helpers) if helpers else 'none of the three kinds'}"


def _features_figure(folder: Path, features: pd.DataFrame) -> Drawn:
    origin = source.opened(folder)
    names = ("lasting_share", "collaborative_share", "unmet_need", "management_load")
    heads = {"light": "A tenth of the allocation is fenced", "heavy": "Three tenths are fenced"}
    shown = features[features["outcome"].isin(names)]
    shown = shown[~((shown["fence"] == "light") & (shown["feature"] == "fence_share") & ~shown["words"].str.endswith(" 0"))]
    rows = shown["words"] + shown["fence"].map({"light": "", "heavy": "\u200b"})  # no width, but another row
    best = _strongest(features, "collaborative_share")
    moved = measure("collaborative_share").change(best["difference"])
    title = f"Of a heavy fence's features, {best['words'].lower()} does most to collaboration ({moved})"
    note = "Change against the same fence with every feature at its default. Line: 95 % interval; filled: clear."
    groups = dict(zip(rows, shown["fence"].map(heads), strict=True))
    return forest(shown.assign(row=rows), origin.facts, title, source.what_was_run(origin, 2), note, names, groups)


def _strongest(features: pd.DataFrame, outcome: str) -> dict[str, Any]:
    """The single feature that moves an outcome most in a heavy fence, its share apart."""
    rows = features[
        (features["fence"] == "heavy") & (features["outcome"] == outcome) & ~features["package"] & (features["feature"] != "fence_share")
    ]
    return rows.loc[rows["difference"].abs().idxmax()].to_dict()


# ---- words -------------------------------------------------------------------------------------------------------------------


def _most(table: pd.DataFrame, kind: str, outcome: str, hard: bool, least: bool = False) -> dict[str, Any]:
    """The effect of the largest (or least) share of a kind of fence, where allocations grow least (hard) or most."""
    level = table["pressure"].min() if hard else table["pressure"].max()
    rows = table[(table["kind"] == kind) & (table["outcome"] == outcome) & (table["pressure"] == level)]
    return rows.loc[rows["share"].idxmin() if least else rows["share"].idxmax()].to_dict()


def _answer(growth: pd.DataFrame, counts: pd.DataFrame) -> str:
    good, bad = _most(growth, "protective", "collaborative_share", True), _most(growth, "harmful", "collaborative_share", True)
    held = [_most(growth, "as_it_is", "lasting_share", hard, least=True) for hard in (True, False)]
    cells = _cells(counts, GROWTH, "as_it_is", "collaborative_share")
    return (
        f"It is the kind of fence that decides: at the tightest growth a large protective fence changes collaboration by "
        f"{effect('collaborative_share', good)}, many narrow passing pots by {effect('collaborative_share', bad)}. Fences as they are cost "
        f"collaboration in {cells['less']} of {cells['cells']} cells; a small one changes community and prevention by "
        f"{effect('lasting_share', held[0], 2)} where money is tight and {effect('lasting_share', held[1], 2)} where it is not."
    )


def _findings(features: pd.DataFrame, sums: pd.DataFrame, maps: Mapping[str, pd.DataFrame], counts: pd.DataFrame) -> list[str]:
    told = []
    for config, head in ((GROWTH, "against growth of money"), (OVERSIGHT, "against talk of money in oversight")):
        for kind, words in KINDS.items():
            parts = []
            for name in MAPPED:
                cells = _cells(counts, config, kind, name)
                parts.append(
                    f"{measure(name).words.lower()} more in {cells['more']}, less in {cells['less']}, unclear in {cells['unclear']}"
                )
            told.append(f"Cells {head}, {words} ({cells['cells']} each): {'; '.join(parts)}.")
    for fence in ("light", "heavy"):
        for feature in WORDS:
            told += _feature_words(features, fence, feature)
    for row in sums[sums["outcome"].isin(("lasting_share", "collaborative_share")) & (sums["fence"] == "heavy")].to_dict("records"):
        told.append(
            f"{row['package']}, heavy, {measure(row['outcome']).words.lower()}: its features alone add up to "
            f"{effect(row['outcome'], Interval(row['sum'], row['sum_low'], row['sum_high'], row['pairs']), 2)}; "
            f"together beyond that {effect(row['outcome'], row, 2)}."
        )
    told.append(_against_sources(counts, features))
    return told


def _feature_words(features: pd.DataFrame, fence: str, feature: str) -> Sequence[str]:
    """One feature's levels in one fence: spend and collaboration; left out where the fence is not of its kind."""
    if feature == "fence_share" and fence == "heavy":
        return []
    rows = features[(features["fence"] == fence) & (features["feature"] == feature)]
    said = []
    for words, group in rows.groupby("words", sort=False):
        by = group.set_index("outcome")
        two = [
            f"{measure(name).words.lower()} {effect(name, by.loc[name].to_dict(), 2)}" for name in ("lasting_share", "collaborative_share")
        ]
        said.append(f"{str(words).lower()}: {', '.join(two)}")
    return [f"In the {fence} fence, {'; '.join(said)}."]


def _against_sources(counts: pd.DataFrame, features: pd.DataFrame) -> str:
    """What speaks against the expectation that fences only harm, or that their number of pots is what harms."""
    good = _cells(counts, GROWTH, "protective", "collaborative_share")
    heavy = features[(features["fence"] == "heavy") & (features["outcome"] == "collaborative_share")].set_index("words")
    pots, passing = heavy.loc["Pots 40"].to_dict(), heavy.loc["Recurrence 0.25"].to_dict()
    said = (
        f"Against the expectation that ring-fences harm collaboration, protective ones raise it in {good['more']} of {good['cells']} cells"
    )
    if not good["more"]:
        said = "As sources expect, no kind of fence raises collaboration"
    larger = "less" if abs(pots["difference"]) < abs(passing["difference"]) else "more"
    return (
        f"{said}; and of a heavy fence's features the number of pots does {larger} than that they pass: forty pots "
        f"{effect('collaborative_share', pots, 2)}, rare recurrence {effect('collaborative_share', passing, 2)}."
    )


STUDY = Study(
    key="e06",
    title="The ring-fence: where it protects, where it harms",
    question="What do a ring-fence's features do alone and together, and at which pressure on money does a fence protect or harm?",
    configs=(FEATURES, GROWTH, OVERSIGHT),
    read=read,
    quick=("replicates=2", "quarters=8"),
    quick_of={
        GROWTH: ("design.over.levers.allocation_growth=[0.01, 0.045]", "design.over.levers.fence_share=[0.0, 0.3]"),
        OVERSIGHT: ("design.over.levers.finance_share=[0.2, 0.95]", "design.over.levers.fence_share=[0.0, 0.3]"),
    },
)
