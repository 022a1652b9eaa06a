"""E10: is it the mechanism? What is left of each headline effect with channels closed, mechanisms off, trust shuffled, and placebos.

An effect is treated less untreated within the same ablated England on the same luck: the baseline is ablated too. A channel that
is closed is held at what the first decision sees under default levers, so that closing it takes away its later drift as well as the
lever's doing. "Habit" and "learning" have no parameter that switches them off; habit is in the rule of conditional cooperation,
learning is what channels `information` and `experience` show to decisions, and these can be closed. `pooled accounts` are no
mechanism of the model beside `risk_pooling`, which is 0 by default.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from abm.analysis.ablation import PULLED, placebos, remains
from abm.analysis.contrasts import differences, last_year, told
from abm.experiment.store import ResultsError
from abm.view import source, style
from abm.view.charts.forest import forest
from abm.view.charts.matrix import matrix
from abm.view.sheet import Drawn
from experiments.study import Found, Study

ABLATIONS, PLACEBOS = "e10_ablations", "e10_placebos"
MAIN = "collaborative_share"
OUTCOMES = {  # what columns of the matrices are called
    MAIN: "Collaboration",
    "trust": "Trust",
    "deficit_share": "Deficit",
    "lasting_share": "Lasting share",
    "unmet_need": "Unmet need",
}
TREATMENTS = {1: "Finance-dominated oversight", 2: "Regional bypass", 3: "Ring-fencing"}  # design points of the config
RULES = {"reinforcement": "reinforcement", "conditional_cooperation": "conditional cooperation"}
GROUPS = {  # of scenarios, by how their names begin
    "blind_": "One channel closed",
    "only_": "All channels closed but one",
    "shuffle_": "Knowledge of partners dealt out anew",
    "rule_": "Another rule (of the default rule's effect)",
}
KINDS = {  # of placebos, in the order in which they are shown
    "absent": "The carrier is absent",
    "setting": "A setting that changes nothing",
    "open": "The carrier is absent, another way is open",
    "control": "The carrier is there",
}
NAMED = {  # mechanisms by which the sources say that a treatment works, with their claims (CLAIMS.csv)
    "Finance-dominated oversight": ("C017, C020", ("no_substitution", "no_crowding_out")),
    "Regional bypass": ("C006, C019", ("no_authority_loss", "blind_authority")),
    "Ring-fencing": ("C035, C057", ("blind_continuation", "no_burden", "no_mismatch")),
}
OTHER_WAYS = {  # worlds of placebos in which the lever is left another way, and which
    "bypass_unasked": "regions go direct of their own accord where deficits are reported",
    "review_bypass": "a direct contact counts as a review",
    "review_unasked": "regions review of their own accord where deficits are reported",
    "misreport_none": "audit also puts shifted costs right",
}


def read(folders: Mapping[str, Path]) -> Found:
    """What is left, matrix by matrix, and the placebos."""
    origin, second = (source.opened(folders[name]) for name in (ABLATIONS, PLACEBOS))
    runs = last_year(folders[ABLATIONS], list(OUTCOMES))
    left = remains(runs, list(OUTCOMES), TREATMENTS, "intact")
    rivals = [remains(runs[runs["scenario"].str.startswith(f"rule_{rule}")], list(OUTCOMES), TREATMENTS, f"rule_{rule}") for rule in RULES]
    within = pd.concat([each[each["scenario"].str.contains(PULLED)] for each in rivals], ignore_index=True)
    pulled = placebos(folders[PLACEBOS], list(OUTCOMES))
    titles = {each["name"]: each["title"] for facts in (origin.facts, second.facts) for each in facts["scenarios"]}
    figures = {
        "channels": _channels(left, titles, origin),
        "mechanisms": _mechanisms(left, titles, origin),
        "rules": _rules(left, within, titles, origin),
        "placebos": _placebos(pulled, titles, second),
    }
    tables = {"left": _titled(left, titles), "rules": _titled(within, titles), "placebos": _titled(pulled, titles)}
    findings = [*_findings(left, within, pulled, titles), *_of_untreated(runs, titles)]
    return Found(_answer(left, pulled), findings, tables, figures)


def _titled(rows: pd.DataFrame, titles: Mapping[str, str]) -> pd.DataFrame:
    return rows.assign(title=rows["scenario"].map(titles))


# ---- reading the tables ------------------------------------------------------------------------------------------------------


def _row(left: pd.DataFrame, scenario: str, treatment: str, outcome: str = MAIN) -> Mapping[str, Any]:
    found = left[(left["scenario"] == scenario) & (left["treatment"] == treatment) & (left["outcome"] == outcome)]
    if found.empty:
        raise ResultsError(f"no results of {scenario} under {treatment}")
    return found.iloc[0].to_dict()


def _ranked(left: pd.DataFrame, begin: str, treatment: str) -> pd.DataFrame:
    """Single channels closed ('blind_') or alone open ('only_') by what is left of collaboration's effect, least first."""
    here = left[left["scenario"].str.startswith(begin) & (left["treatment"] == treatment) & (left["outcome"] == MAIN)]
    here = here[here["scenario"] != "blind_all"]
    return here.assign(channel=here["scenario"].str.removeprefix(begin)).sort_values("left", ignore_index=True)


def _span(row: Mapping[str, Any]) -> str:
    """'62% (58% to 66%)'."""
    return f"{_percent(row['left'])} ({_percent(row['left_low'])} to {_percent(row['left_high'])})"


def _percent(value: float) -> str:
    """'62%', without a zero that has a sign."""
    return f"{round(100 * value) + 0}%"


# ---- figures -----------------------------------------------------------------------------------------------------------------


def _matrix(
    left: pd.DataFrame,
    whole: pd.DataFrame,
    titles: Mapping[str, str],
    origin: source.Source,
    title: str,
    note: str,
    groups: Mapping[str, str],
) -> Drawn:
    """A matrix of `left`; `whole` has the whole effects that stand under the heads of columns."""
    cells = pd.DataFrame(
        {
            "row": left["scenario"].map(titles),
            "panel": left["treatment"],
            "column": left["outcome"].map(OUTCOMES),
            "value": left["left"],
            "clear": left["clear"],
        }
    )
    heads = {(row.treatment, OUTCOMES[row.outcome]): _points(row.difference) for row in whole.itertuples()}
    return matrix(cells, origin.facts, title, source.what_was_run(origin, len(origin.scenarios)), note, groups, heads)


def _points(difference: float) -> str:
    """A whole effect in points, with what decimals it needs: '−28.1', '+0.03'."""
    return style.number(100 * difference, 2 if abs(difference) < 0.00095 else 1, sign=True)


NOTE = (
    "Per cent of the effect that is left; under each head the whole effect in points, last year. In brackets: not clearly there "
    "(95 % interval); dot: nor is the whole effect. The baseline is ablated too. Intervals: left.csv."
)


def _channels(left: pd.DataFrame, titles: Mapping[str, str], origin: source.Source) -> Drawn:
    names = [name for name in titles if name.startswith(tuple(GROUPS)) and (PULLED not in name)]
    shown = left[left["scenario"].isin(names)].copy()
    order = {name: i for i, name in enumerate(sorted(names, key=lambda name: [name.startswith(begin) for begin in GROUPS].index(True)))}
    shown = shown.sort_values("scenario", key=lambda values: values.map(order), kind="stable")
    groups = {titles[name]: next(words for begin, words in GROUPS.items() if name.startswith(begin)) for name in names}
    said = [f"{_least(left, treatment)['channel']} for {words}" for treatment, words in zip(TREATMENTS.values(), SHORT, strict=True)]
    title = f"What decisions must see for collaboration to move: {said[0]}, {said[1]}, {said[2]}"
    return _matrix(shown, left[left["scenario"] == "intact"], titles, origin, title, NOTE, groups)


SHORT = ("finance talk", "bypass", "fences")


def _least(left: pd.DataFrame, treatment: str) -> Mapping[str, Any]:
    """The channel whose closing leaves least of a treatment's effect on collaboration."""
    return _ranked(left, "blind_", treatment).iloc[0].to_dict()


def _most(left: pd.DataFrame, treatment: str) -> Mapping[str, Any]:
    """The channel that alone leaves most of it."""
    ranked = _ranked(left, "only_", treatment)
    return ranked.iloc[len(ranked.dropna(subset=["left"])) - 1].to_dict()


def _mechanisms(left: pd.DataFrame, titles: Mapping[str, str], origin: source.Source) -> Drawn:
    shown = left[left["scenario"].str.startswith("no_")]
    main = shown[(shown["outcome"] == MAIN)].dropna(subset=["left"])
    turned = main[(main["left"] < 0) & main["clear"]]
    least = main.sort_values("left").drop_duplicates("treatment").set_index("treatment") if len(main) else pd.DataFrame()
    title = f"Of {shown['scenario'].nunique()} mechanisms switched off one by one, " + (
        "none turns an effect on collaboration round" if turned.empty else f"{turned['scenario'].nunique()} turn an effect on collaboration"
    )
    if len(least):
        title += f"; none leaves less than {least['left'].min():.0%}" if turned.empty else ""
    return _matrix(shown, left[left["scenario"] == "intact"], titles, origin, title, NOTE, {})


def _rules(left: pd.DataFrame, within: pd.DataFrame, titles: Mapping[str, str], origin: source.Source) -> Drawn:
    default = left[left["scenario"].isin(["blind_attention", "blind_information", "blind_payoffs", "shuffle_trust"])]
    shown = pd.concat([default, within], ignore_index=True)
    words = {"": "Quantal response (default)", **{rule: said.capitalize() for rule, said in RULES.items()}}
    rule_of = {name: name.removeprefix("rule_").partition(PULLED)[0] if name.startswith("rule_") else "" for name in shown["scenario"]}
    groups = {titles[name]: words[rule] for name, rule in rule_of.items()}
    clear = {rule: _signs(left, rule) for rule in RULES}
    kept = sum(all(clear[rule].get(name, False) for rule in RULES) for name in TREATMENTS.values())
    title = f"{kept} of {len(TREATMENTS)} effects on collaboration keep their sign under all three decision rules"
    note = NOTE + " Under the other rules: of the effect under that rule; heads give it under the default."
    return _matrix(shown, left[left["scenario"] == "intact"], titles, origin, title, note, groups)


def _signs(left: pd.DataFrame, rule: str, outcome: str = MAIN) -> dict[str, bool]:
    """For each treatment whether its effect under a rival rule is clear and has the sign that it has under the default one."""
    found = {}
    for treatment in TREATMENTS.values():
        here, whole = (_row(left, name, treatment, outcome) for name in (f"rule_{rule}", "intact"))
        found[treatment] = bool(here["clear"] and whole["clear"] and here["difference"] * whole["difference"] > 0)
    return found


def _placebos(pulled: pd.DataFrame, titles: Mapping[str, str], origin: source.Source) -> Drawn:
    shown = pulled[pulled["outcome"].isin([MAIN, "deficit_share", "unmet_need"])]
    kinds = [_kind(row.world, row.lever) for row in shown.itertuples()]
    shown = shown.assign(kind=kinds, row=shown["scenario"].map(titles))
    shown = shown.sort_values("kind", key=lambda values: values.map(list(KINDS).index), kind="stable")
    count, nought = _counted(pulled)
    title = f"{nought} of {count} placebos do nothing at all, to the bit, in any outcome or quarter"
    note = "Change in the last year against the same England without the lever pulled: dot, mean over runs; line, 95 % interval."
    groups = {row.row: KINDS[row.kind] for row in shown.itertuples()}
    return forest(shown, origin.facts, title, source.what_was_run(origin, len(origin.scenarios)), note, groups=groups)


def _counted(pulled: pd.DataFrame) -> tuple[int, int]:
    """How many placebos there are in which no other way is open, and how many of them do nothing at all."""
    strict = _strict(pulled.drop_duplicates("scenario"))
    return len(strict), int(strict["nought"].sum())


def _kind(world: str, lever: str) -> str:
    """What sort of placebo it is (KINDS), by the world in which which lever is pulled."""
    if lever in ("schedule", "ramp"):
        return "setting"
    return "control" if world == "present" else "open" if world in OTHER_WAYS else "absent"


def _strict(pulled: pd.DataFrame) -> pd.DataFrame:
    """The placebos that should do nothing."""
    return pulled[[_kind(row.world, row.lever) in ("absent", "setting") for row in pulled.itertuples()]]


# ---- words -------------------------------------------------------------------------------------------------------------------


def _answer(left: pd.DataFrame, pulled: pd.DataFrame) -> str:
    parts = []
    for treatment in TREATMENTS.values():
        whole = _row(left, "intact", treatment)
        if not whole["clear"]:
            parts.append(f"{treatment.lower()} has no clear effect on collaboration")
            continue
        least, shuffled = _least(left, treatment), _row(left, "shuffle_trust", treatment)
        parts.append(
            f"{treatment.lower()} ({100 * whole['difference']:+.1f} points of collaboration) needs {least['channel']} "
            f"({_percent(least['left'])} left without), and {_percent(shuffled['left'])} is left when trust is shuffled"
        )
    count, nought = _counted(pulled)
    kept = sum(all(_signs(left, rule)[name] for rule in RULES) for name in TREATMENTS.values())
    return (
        f"{'; '.join(parts)[:1].upper()}{'; '.join(parts)[1:]}. {nought} of {count} placebos do nothing at all, "
        f"and {kept} of {len(TREATMENTS)} effects keep their sign under all three decision rules."
    )


def _findings(left: pd.DataFrame, within: pd.DataFrame, pulled: pd.DataFrame, titles: Mapping[str, str]) -> list[str]:
    said = [text for treatment in TREATMENTS.values() for text in _of_treatment(left, treatment)]
    return [*said, *_of_rules(left, within, titles), *_of_placebos(pulled, titles)]


def _of_treatment(left: pd.DataFrame, treatment: str) -> list[str]:
    """What one treatment does, which channel it needs, which is enough, what no channel carries, which mechanism matters most."""
    whole = [f"{OUTCOMES[name].lower()} {told(_row(left, 'intact', treatment, name), 100)}" for name in OUTCOMES]
    said = [f"{treatment}, nothing taken away: {'; '.join(whole)}."]
    if _row(left, "intact", treatment)["clear"]:
        ranked, most = _ranked(left, "blind_", treatment), _most(left, treatment)
        closed = ", ".join(f"{row['channel']} {_span(row)}" for row in ranked.head(3).to_dict("records"))
        said.append(
            f"{treatment}, of the effect on collaboration, is left with one channel closed (least three): {closed}; with only "
            f"{most['channel']} open {_span(most)}; with all closed {_percent(_row(left, 'blind_all', treatment)['left'])}."
        )
        off = left[left["scenario"].str.startswith("no_") & (left["treatment"] == treatment) & (left["outcome"] == MAIN)]
        ends = off.sort_values("left").to_dict("records")
        said.append(
            f"{treatment}, of the effect on collaboration, with one mechanism switched off: least is left without "
            f"{ends[0]['scenario'].removeprefix('no_').replace('_', ' ')}, {_span(ends[0])}; most without "
            f"{ends[-1]['scenario'].removeprefix('no_').replace('_', ' ')}, {_span(ends[-1])}."
        )
        said += _named(left, treatment) + _against(ranked, treatment)
    beyond = []
    for name in list(OUTCOMES)[1:]:
        row = _row(left, "blind_all", treatment, name)
        if row["left"] == row["left"]:
            beyond.append(f"{OUTCOMES[name].lower()} {_span(row)}")
    if beyond:
        said.append(f"{treatment}, where decisions see nothing of it, is left in: {', '.join(beyond)}: what does not pass through acts.")
    return said


def _named(left: pd.DataFrame, treatment: str) -> list[str]:
    """What is left without the mechanisms that the sources name."""
    claims, names = NAMED[treatment]
    parts = [
        f"{name.replace('no_', 'without ').replace('blind_', 'blind to ').replace('_', ' ')} {_span(_row(left, name, treatment))}"
        for name in names
    ]
    return [f"{treatment}, of the effect on collaboration, is left without what the sources name ({claims}): {'; '.join(parts)}."]


def _against(ranked: pd.DataFrame, treatment: str) -> list[str]:
    """Channels that work against the effect: closing them leaves clearly more than all of it."""
    more = ranked[ranked["left_low"] > 1].iloc[::-1].to_dict("records")
    parts = ", ".join(f"{row['channel']} {_span(row)}" for row in more)
    return (
        [f"{treatment}: channels that work against the effect, so that closing them leaves more than all of it: {parts}."] if more else []
    )


def _of_rules(left: pd.DataFrame, within: pd.DataFrame, titles: Mapping[str, str]) -> list[str]:
    said = []
    for rule, words in RULES.items():
        effects = [f"{name.lower()} {told(_row(left, f'rule_{rule}', name), 100)}" for name in TREATMENTS.values()]
        said.append(f"Collaboration under {words}: {'; '.join(effects)}.")
        for outcome, name in OUTCOMES.items():
            lost = [treatment.lower() for treatment, same in _signs(left, rule, outcome).items() if not same]
            if lost:
                said.append(
                    f"Under {words} or by default the effect on {name.lower()} is not clear, or of another sign, of {', '.join(lost)}."
                )
        main = within[within["scenario"].str.startswith(f"rule_{rule}") & (within["outcome"] == MAIN)].dropna(subset=["left"])
        for treatment, found in main.groupby("treatment", sort=False):
            least = found.sort_values("left").iloc[0]
            said.append(f"{treatment} under {words}: least is left when {titles[least['scenario']].partition(', ')[2]}, {_span(least)}.")
    return said


def _of_untreated(runs: pd.DataFrame, titles: Mapping[str, str]) -> list[str]:
    """How the untreated England differs where trust is shuffled, and where nothing is seen."""
    plain = runs.loc[runs["point"] == 0, ["scenario", "point", "replicate", MAIN]]
    moved = differences(plain, [MAIN], ["scenario"], {"scenario": "intact"}).set_index("scenario")
    names = ("shuffle_trust", "shuffle_partners", "blind_attention", "blind_all")
    said = "; ".join(f"{titles[name].lower()} {told(moved.loc[name].to_dict(), 100)}" for name in names)
    return [f"The untreated England itself, collaboration against nothing taken away: {said}."]


def _of_placebos(pulled: pd.DataFrame, titles: Mapping[str, str]) -> list[str]:
    main = pulled[pulled["outcome"] == MAIN]
    strict = _strict(main)
    nothing = "; ".join(titles[name].lower() for name in strict.loc[strict["nought"], "scenario"])
    said = [f"Placebos that do nothing at all, to the bit: {nothing or 'none'}."]
    for row in strict[~strict["nought"]].to_dict("records"):
        said.append(f"A placebo that does something: {titles[row['scenario']]}, collaboration {told(row, 100, digits=2)}.")
    for row in main[main["world"].isin(OTHER_WAYS)].to_dict("records"):
        said.append(
            f"{titles[row['scenario']]}: collaboration {told(row, 100, digits=2)}; not a pure placebo, since {OTHER_WAYS[row['world']]}."
        )
    return said


STUDY = Study(
    key="e10",
    title="Is it the mechanism?",
    question=(
        "How much of each headline effect is left with each channel closed, each mechanism off, trust shuffled, placebo levers, and "
        "under other decision rules?"
    ),
    configs=(ABLATIONS, PLACEBOS),
    read=read,
    quick=("system=tiny", "replicates=2", "quarters=4"),
)
