"""E08: what the sources recommend, alone and in packages, and the places that they name.

One scenario an ask: its levers go to the favourable end of their plausible range unless the source names a number. `ASKS` says
which claims (R001 and so on) a scenario stands for and which outcome its source expects to move which way; the levers themselves
stand in the config and are read from the results. `UNSAID` is what no lever can say. Several asks come down to the same lever
(fewer priorities are asked for three times) and are run once. Outcomes are means of the last three years, a settlement's length,
so that early money is not judged by lean years alone. A change of less than a hundredth of an outcome's level is trifling, and is
told with its direction. Plans for programmes are given: what changes conduct, as a long settlement does, need not change them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

import abm
from abm.analysis.contrasts import Interval, differences, interval
from abm.analysis.shares import beyond_sum, change, late
from abm.analysis.verdicts import CONTRARY, EXPECTED, TRIFLING, TRIFLING_AGAINST, UNCLEAR, matters, verdict
from abm.view import source
from abm.view.charts.forest import forest
from abm.view.sheet import Drawn
from abm.view.source import Source
from experiments.study import Found, Study
from experiments.telling import clearly, effect, measure, settings

MAIN, PLACES = "e08_recommendations", "e08_cases"
BASE, YEARS = "baseline", 3  # years at the end over which outcomes are averaged
OUTCOMES = ("collaborative_share", "trust", "deficit_share", "lasting_share", "prevention_share", "unmet_need", "clarity", "authority")
FURTHER = ("management_load", "delayed_share", "hospital_share", "survey_clear_region")
CHIEF = ("collaborative_share", "trust", "deficit_share", "unmet_need", "lasting_share")
GROUPS = ("The five recommendations", "Their parts", "Money and time", "Clarity, openness, convening", "Packages")
FIVE = {  # short names
    "settlement": "longer, earlier money",
    "no_fence": "no more ring-fences",
    "with_and_through": "with and through ICBs",
    "four_purposes": "oversight on four purposes",
    "devolve_and_pay": "devolve to place",
}
PACKAGES = ("five", "five_half", "five_recurrent", "clarity", "shared_risk", "money", "five_and_money")
SUMS = {  # package: the scenarios that it is made of
    "five": tuple(FIVE),
    "settlement": ("r023_years", "r024_front", "r026_early"),
    "with_and_through": ("r029_through", "r030_lighter"),
    "four_purposes": ("r032_purposes", "r033_longer"),
    "devolve_and_pay": ("r035_devolve", "r027_payment"),
    "money": ("r037_growth", "r038_social", "r039_capital"),
}


class Ask(NamedTuple):
    """A scenario: its group, the claims that it stands for, and what their sources expect (outcome: sign)."""

    scenario: str
    group: int
    claims: str
    expects: Mapping[str, int]


ASKS = (
    Ask("settlement", 0, "R023 R024 R026 C097", {"lasting_share": 1}),
    Ask("no_fence", 0, "R025 R010", {"collaborative_share": 1}),
    Ask("with_and_through", 0, "R029 R030 C113", {"authority": 1, "clarity": 1, "management_load": -1}),
    Ask("four_purposes", 0, "R032 R033", {"lasting_share": 1}),
    Ask("devolve_and_pay", 0, "R035 R036 R048 R027 R028", {"collaborative_share": 1, "hospital_share": -1}),
    Ask("r023_years", 1, "R023", {"lasting_share": 1}),
    Ask("r024_front", 1, "R024", {"lasting_share": 1}),
    Ask("r026_early", 1, "R026 R047", {"lasting_share": 1, "trust": 1}),
    Ask("r025_recurrent", 1, "R025, second reading", {"collaborative_share": 1}),
    Ask("r029_through", 1, "R029", {"authority": 1, "clarity": 1}),
    Ask("r030_lighter", 1, "R030 C113", {"management_load": -1}),
    Ask("r032_purposes", 1, "R032 R003 R008", {"lasting_share": 1, "prevention_share": 1, "collaborative_share": 1}),
    Ask("r033_longer", 1, "R033", {"lasting_share": 1}),
    Ask("r035_devolve", 1, "R035 R036 R048", {"collaborative_share": 1}),
    Ask("r027_payment", 1, "R027 R028", {"hospital_share": -1}),
    Ask("r037_growth", 2, "R037", {"unmet_need": -1}),
    Ask("r038_social", 2, "R038 R042", {"delayed_share": -1}),
    Ask("r039_capital", 2, "R039", {"unmet_need": -1}),
    Ask("r041_staff", 2, "R041", {"collaborative_share": 1}),
    Ask("r043_pooled", 2, "R043", {"lasting_share": 1}),
    Ask("r013_blended", 2, "R013 C029", {"prevention_share": 1}),
    Ask("r015_five_years", 2, "R015", {"lasting_share": 1}),
    Ask("r018_steady", 2, "R018", {"lasting_share": 1}),
    Ask("r001_mandate", 3, "R001 C009", {"collaborative_share": 1}),
    Ask("r006_no_reorganisation", 3, "R006", {"collaborative_share": 1}),
    Ask("r007_simpler", 3, "R007 C025", {"lasting_share": 1}),
    Ask("r019_convenor_clear", 3, "R019", {"collaborative_share": 1}),
    Ask("r020_partnership", 3, "R020", {"collaborative_share": 1}),
    Ask("r022_nobody", 3, "R022, reversed", {"collaborative_share": -1}),
    Ask("r004_open", 3, "R004", {"trust": 1}),
    Ask("r005_no_dominance", 3, "R005", {"trust": 1}),
    Ask("r014_scorecard", 3, "R014 C032", {"trust": 1}),
    Ask("r009_scrutiny", 3, "R009 C024", {"lasting_share": 1}),
    Ask("r017_balance", 3, "R017", {}),
    *(Ask(name, 4, "", {}) for name in PACKAGES),
)
UNSAID = {  # claims: why no lever says it
    "R002": "who does what between ICB and trusts: a role has a clarity here, not a content",
    "R011 C030": "one plan in place of several: plans are not told apart",
    "R012 C031": "better local data: knowledge of need is perfect here",
    "R016": "workforce: it is in cost pressure only",
    "R021 R044": "skills and staying of leaders: turnover is a fact of the world, not a lever",
    "R026 R028 in part": "how realistic a sum is; piloting a payment before it is used everywhere",
    "R031": "making the rules together with those who are ruled",
    "R034": "inspectors and departments that use the same local measures: there is one overseer",
    "R040": "belief in the evidence: returns on programmes are known to the model, not to its boards",
    "R041 in part": "the contract of general practice",
    "R042": "the public health grant apart from social care: one growth for both (run as R038)",
    "R045": "ratings in one word",
    "R046": "devolution deals, but for a partnership body that convenes (run as R020)",
}


class Place(NamedTuple):
    """A named case: what and where it is (table's column, code), and what is expected of it."""

    case: str
    words: str
    name: str
    area: str
    code: str
    expects: Mapping[str, int]


CASES = (
    Place("s028", "through its ICBs", "North East and Yorkshire", "region", "Y63", {"clarity": 1}),
    Place("s017", "behavioural compact", "Staffordshire", "system", "QNC", {"trust": 1}),
    Place("s022", "open books, shared deficits", "North West London", "system", "QRV", {"trust": 1, "deficit_share": -1}),
    Place("s029", "devolved, clear mandate", "Black Country", "system", "QUA", {"lasting_share": 1, "collaborative_share": 1}),
    Place("s027", "allocations by need", "", "", "", {"unmet_need_gap": -1}),
)
CASED = ("collaborative_share", "trust", "deficit_share", "unmet_need", "lasting_share", "clarity", "authority")


def read(folders: Mapping[str, Path]) -> Found:
    """Every ask's effects and verdicts, packages against their sums, and the named places."""
    origin, places = source.opened(folders[MAIN]), source.opened(folders[PLACES])
    runs = late(folders[MAIN], [*OUTCOMES, *FURTHER], YEARS)
    effects = differences(runs, [*OUTCOMES, *FURTHER], ["scenario"], {"scenario": BASE})
    effects["title"] = effects["scenario"].map(_titles(origin))
    level = runs[runs["scenario"] == BASE].mean(numeric_only=True)
    effects["matters"] = [matters(row, level[row["outcome"]], SIDE) for row in effects.to_dict("records")]
    asks, sums, last = _asks(origin, effects, level), _sums(runs), _last_in(runs)
    cases, formula = _cases(folders[PLACES]), _formula(places)
    unsaid = pd.DataFrame(list(UNSAID.items()), columns=["claims", "why"])
    figures = {
        "five": _five_figure(origin, effects, sums),
        "parts": _parts_figure(origin, effects),
        "asks": _asks_figure(origin, effects, asks),
        "places": _places_figure(places, cases),
    }
    tables = {"asks": asks, "effects": effects, "packages": sums, "last_in": last, "places": cases, "formula": formula, "unsaid": unsaid}
    return Found(_answer(effects, asks, sums), _findings(effects, asks, sums, last, cases, formula), tables, figures)


# ---- tables ------------------------------------------------------------------------------------------------------------------


def _titles(origin: Source) -> dict[str, str]:
    return {str(each["name"]): str(each["title"]) for each in origin.facts["scenarios"]}


def _asks(origin: Source, effects: pd.DataFrame, level: pd.Series) -> pd.DataFrame:
    """A row an ask and expected outcome: claims, levers, effect, verdict; what cannot be said in levers at the end."""
    titles, levers, rows = _titles(origin), settings(origin), []
    by = effects.set_index(["scenario", "outcome"])
    for ask in ASKS:
        for outcome, expected in (ask.expects or {"collaborative_share": 0}).items():
            row = by.loc[(ask.scenario, outcome)].to_dict()
            told = verdict(row, expected, level[outcome])
            span = [row["difference"], row["low"], row["high"], row["pairs"]]
            named = [ask.scenario, GROUPS[ask.group], ask.claims, titles[ask.scenario], levers[ask.scenario]]
            rows.append([*named, outcome, {1: "more", -1: "less", 0: ""}[expected], *span, told])
    for claims, why in UNSAID.items():
        rows.append(["", "Not in the model", claims, why, "", "", "", float("nan"), float("nan"), float("nan"), 0, "not in the model"])
    columns = ["scenario", "group", "claims", "ask", "levers", "outcome", "expected", "difference", "low", "high", "pairs", "verdict"]
    return pd.DataFrame(rows, columns=columns)


def _sums(runs: pd.DataFrame) -> pd.DataFrame:
    """For each package, what its parts change on their own, summed, and what the package changes beyond that."""
    rows = []
    for package, parts in SUMS.items():
        for outcome in OUTCOMES:
            total, beyond = beyond_sum(runs, outcome, package, parts, BASE)
            rows.append([package, outcome, *total[:3], *beyond[:3], beyond.clear, beyond.runs])
    return pd.DataFrame(rows, columns=["package", "outcome", "sum", "sum_low", "sum_high", "difference", "low", "high", "clear", "pairs"])


def _last_in(runs: pd.DataFrame) -> pd.DataFrame:
    """What each of the five adds on its own, and what it adds to the other four."""
    rows = []
    for name in FIVE:
        for words, this, that in (("alone", name, BASE), ("added to the other four", "five", f"without_{name}")):
            for outcome in OUTCOMES:
                found = interval(change(runs, outcome, {"scenario": this}, {"scenario": that}).to_numpy())
                rows.append([name, words, outcome, *found[:3], found.clear, found.runs])
    return pd.DataFrame(rows, columns=["scenario", "how", "outcome", "difference", "low", "high", "clear", "pairs"])


def _cases(folder: Path) -> pd.DataFrame:
    """Each case's effects: of the place's own arrangement in the place, and of the same everywhere in England."""
    rows = []
    nation = late(folder, [*CASED, "unmet_need_gap"], YEARS)
    for place in CASES:
        found = [("everywhere", "England", nation)]
        if place.area:
            there = late(folder, CASED, YEARS, f"outcomes_by_{place.area}", place.area)
            found.insert(0, ("there", place.name, there[there[place.area] == place.code]))
        for how, where, runs in found:
            for outcome in (name for name in (*CASED, "unmet_need_gap") if name in runs):
                each = interval(change(runs, outcome, {"scenario": f"{place.case}_{how}"}, {"scenario": BASE}).to_numpy())
                level = runs.loc[runs["scenario"] == BASE, outcome].mean()
                told = verdict(each._asdict() | {"difference": each.mean}, place.expects.get(outcome, 0), level)
                rows.append([place.case.upper(), place.words, where, outcome, *each[:3], each.clear, each.runs, told])
    return pd.DataFrame(rows, columns=["case", "what", "where", "outcome", "difference", "low", "high", "clear", "pairs", "verdict"])


def _formula(origin: Source) -> pd.DataFrame:
    """Each ICB's distance from its target now and after ten years of the growth that the config gives it (check of its numbers)."""
    icbs = abm.england().icbs.set_index("code")
    scenario = next(each for each in origin.config["scenarios"] if each["name"] == "s027_everywhere")
    given = scenario["levers"]["allocation_growth"]["systems"]
    growth = pd.Series({code: next(iter(each["schedule"].values())) for code, each in given.items()}).reindex(icbs.index)
    later = (1 + icbs["distance_from_target"]) * ((1 + growth) / 1.028) ** 10 - 1
    found = {"growth": growth, "distance_now": icbs["distance_from_target"], "distance_later": later}
    return pd.DataFrame(found).reset_index(names="system")


# ---- figures -----------------------------------------------------------------------------------------------------------------

READING = "Change against England as it is, mean of the last three years. Line: 95 % interval; filled: clear."


def _five_figure(origin: Source, effects: pd.DataFrame, sums: pd.DataFrame) -> Drawn:
    acts, cost = _one(effects, "five", "collaborative_share"), _one(effects, "five", "deficit_share")
    less = _beyond(sums, "five", "collaborative_share")
    title = (
        f"All five recommendations {clearly(acts, 'raise', 'lower', 'do not clearly move')} collaboration "
        f"({measure('collaborative_share').change(acts['difference'])}, {clearly(less, 'more than', 'less than', 'about')} their sum) and "
        f"{clearly(cost, 'raise', 'lower', 'do not clearly move')} deficits ({measure('deficit_share').change(cost['difference'])})"
    )
    return _forest(origin, effects, (0, 4), title, CHIEF)


def _parts_figure(origin: Source, effects: pd.DataFrame) -> Drawn:
    rows = effects[effects["scenario"].isin([ask.scenario for ask in ASKS if ask.group == 1]) & (effects["outcome"] == CHIEF[0])]
    first = rows.sort_values("difference").iloc[-1]
    title = f"Of the parts, '{first['title'].lower()}' raises collaboration most ({measure(CHIEF[0]).change(first['difference'])})"
    return _forest(origin, effects, (1,), title, CHIEF)


def _asks_figure(origin: Source, effects: pd.DataFrame, asks: pd.DataFrame) -> Drawn:
    return _forest(origin, effects, (2, 3), f"Further asks, with the parts of the five: {_counted(_verdicts(asks))}", CHIEF[:1] + CHIEF[2:])


def _counted(counts: Mapping[str, int]) -> str:
    """'22 expectations borne out, 0 contrary, 10 trifling (5 of them contrary), 0 with no clear change'."""
    found = {name: counts.get(name, 0) for name in (EXPECTED, CONTRARY, TRIFLING, TRIFLING_AGAINST, UNCLEAR)}
    trifling = f"{found[TRIFLING] + found[TRIFLING_AGAINST]} trifling ({found[TRIFLING_AGAINST]} of them contrary)"
    return f"{found[EXPECTED]} expectations borne out, {found[CONTRARY]} contrary, {trifling}, {found[UNCLEAR]} with no clear change"


def _forest(origin: Source, effects: pd.DataFrame, groups: Sequence[int], title: str, outcomes: Sequence[str]) -> Drawn:
    titles, chosen = _titles(origin), [ask for ask in ASKS if ask.group in groups]
    heads = {titles[ask.scenario]: GROUPS[ask.group] for ask in chosen}
    order = {ask.scenario: place for place, ask in enumerate(chosen)}
    shown = effects[effects["scenario"].isin(order) & effects["outcome"].isin(outcomes)].assign(row=lambda rows: rows["title"])
    shown = shown.sort_values("scenario", key=lambda names: names.map(order), kind="stable")
    return forest(shown, origin.facts, title, source.what_was_run(origin, len(origin.scenarios)), READING, outcomes, heads)


def _places_figure(origin: Source, cases: pd.DataFrame) -> Drawn:
    heads = {True: "Everywhere, measured in England", False: "In the place alone, measured there"}
    shown = cases[cases["outcome"].isin(CASED[:4])].sort_values("where", key=lambda where: where == "England", kind="stable")
    everywhere = shown["where"] == "England"
    rows = (shown["where"] + ": " + shown["what"]).where(~everywhere, shown["what"].str[:1].str.upper() + shown["what"].str[1:])
    groups = dict(zip(rows, everywhere.map(heads), strict=True))
    judged = cases[cases["verdict"] != ""]["verdict"].value_counts().to_dict()
    title = f"The named cases: {_counted(judged)}"
    return forest(
        shown.assign(row=rows), origin.facts, title, source.what_was_run(origin, len(origin.scenarios)), READING, CASED[:4], groups
    )


# ---- words -------------------------------------------------------------------------------------------------------------------


def _one(effects: pd.DataFrame, scenario: str, outcome: str) -> dict[str, Any]:
    return effects[(effects["scenario"] == scenario) & (effects["outcome"] == outcome)].iloc[0].to_dict()


def _beyond(sums: pd.DataFrame, package: str, outcome: str) -> dict[str, Any]:
    return sums[(sums["package"] == package) & (sums["outcome"] == outcome)].iloc[0].to_dict()


SIDES = {"deficit_share": 1, "unmet_need": 1, "collaborative_share": -1}  # the bad side of what most asks do not speak of
SIDE = 0.05  # of the level: what counts as a side effect


def _harmed(effects: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Single asks that move an outcome to its bad side by a twentieth of its level, most first; the retreat warned of is no ask."""
    single = {ask.scenario for ask in ASKS if ask.group in (1, 2, 3)} - {"r022_nobody"}
    rows = effects[effects["scenario"].isin(single) & (effects["outcome"] == outcome) & (effects["matters"] == SIDES[outcome])]
    return rows.sort_values("difference", key=lambda values: -values.abs())


def _verdicts(asks: pd.DataFrame) -> dict[str, int]:
    """How many expectations of single asks (parts, and further asks) came out which way."""
    single = asks[asks["group"].isin(GROUPS[1:4]) & (asks["expected"] != "")]
    return {str(name): int(count) for name, count in single["verdict"].value_counts().items()}


def _answer(effects: pd.DataFrame, asks: pd.DataFrame, sums: pd.DataFrame) -> str:
    counts, beyond = _verdicts(asks), _beyond(sums, "five", "collaborative_share")
    acts, deficits, spend = (_one(effects, "five", name) for name in ("collaborative_share", "deficit_share", "lasting_share"))
    worse = [len(_harmed(effects, name)) for name in ("deficit_share", "unmet_need")]
    less = clearly(beyond, "more than", "less than", "about")
    return (
        f"Single asks: {_counted(counts)}; but {worse[0]} asks raise deficits, and {worse[1]} unmet need, by over a twentieth. The five "
        f"recommendations together change collaboration by {effect('collaborative_share', acts)}, {less} their sum, deficits by "
        f"{effect('deficit_share', deficits)} and community and prevention by {effect('lasting_share', spend, 2)}."
    )


def _findings(
    effects: pd.DataFrame, asks: pd.DataFrame, sums: pd.DataFrame, last: pd.DataFrame, cases: pd.DataFrame, formula: pd.DataFrame
) -> list[str]:
    titles, told = effects.drop_duplicates("scenario").set_index("scenario")["title"], []
    for name in (*FIVE, *PACKAGES):
        said = (f"{measure(each).words.lower()} {effect(each, _one(effects, name, each))}" for each in CHIEF[:1] + CHIEF[2:4])
        mine = asks[(asks["scenario"] == name) & (asks["verdict"] != "")].to_dict("records")
        judged = "".join(f"; {measure(row['outcome']).words.lower()}, {row['expected']} expected: {row['verdict']}" for row in mine)
        told.append(f"{titles[name]}: {'; '.join(said)}{judged}.")
    for kind in (CONTRARY, TRIFLING_AGAINST, TRIFLING, UNCLEAR):
        single = asks[asks["group"].isin(GROUPS[1:4]) & (asks["verdict"] == kind)]
        said = (
            f"{row['ask']} ({row['claims']}), {measure(row['outcome']).words.lower()}: {effect(row['outcome'], row, 2)}"
            for row in single.to_dict("records")
        )
        told.append(f"{kind.capitalize()}: {'; '.join(said) if len(single) else 'none'}.")
    for outcome, bad in SIDES.items():
        said = (f"{row['title']} {effect(outcome, row)}" for row in _harmed(effects, outcome).to_dict("records"))
        told.append(f"{measure(outcome).words} {'raised' if bad > 0 else 'lowered'} by over a twentieth: {'; '.join(said) or 'none'}.")
    for package in SUMS:
        row = _beyond(sums, package, "collaborative_share")
        total = Interval(row["sum"], row["sum_low"], row["sum_high"], row["pairs"])
        told.append(
            f"{titles[package]}, collaboration: the parts alone sum to {effect('collaborative_share', total)}; the package differs "
            f"from that by {effect('collaborative_share', row)}."
        )
    added = last[(last["how"] != "alone") & (last["outcome"] == "collaborative_share")].to_dict("records")
    said = (f"{FIVE[row['scenario']]} {effect('collaborative_share', row)}" for row in added)
    told.append(f"What each adds to the other four in collaboration: {'; '.join(said)}.")
    told.append(_balance(effects))
    for case, rows in cases[cases["verdict"] != ""].groupby("case", sort=False):
        said = (
            f"{row['what']} ({row['where']}), {measure(row['outcome']).words.lower()} {effect(row['outcome'], row, 2)}, {row['verdict']}"
            for row in rows.to_dict("records")
        )
        told.append(f"{case}: {'; '.join(said)}.")
    now, later = formula["distance_now"], formula["distance_later"]
    told.append(
        f"The needs-based formula takes the spread of distances from target from {100 * (now.max() - now.min()):.1f} points to "
        f"{100 * (later.max() - later.min()):.2f} in ten years, with the same national sum."
    )
    told.append(f"Not in the model: asks of {len(UNSAID)} groups of claims ({'; '.join(UNSAID)}), told one by one in the table unsaid.")
    return told


def _balance(effects: pd.DataFrame) -> str:
    """R017: whether middling local scrutiny does better for lasting programmes than no more and than much more."""
    middle, much = (_one(effects, name, "lasting_share") for name in ("r017_balance", "r009_scrutiny"))
    best = "a best in between" if middle["difference"] > max(0.0, much["difference"]) else "no best in between"
    return (
        f"Local scrutiny (R017, R009) has {best} for community and prevention: middling {effect('lasting_share', middle, 2)}, strong "
        f"{effect('lasting_share', much, 2)}."
    )


STUDY = Study(
    key="e08",
    title="What the sources recommend",
    question="What does each recommendation do, alone and in packages: as its source expects, the contrary, or nothing clear?",
    configs=(MAIN, PLACES),
    read=read,
    quick=("replicates=2", "quarters=12"),
)
