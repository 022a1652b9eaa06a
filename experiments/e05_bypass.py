"""E05: going over the ICB's head. What the direct line does, what keeping it quiet adds, and what running-cost cuts make of both.

Three regimes are compared at two rates: with and through the ICB (the region has no direct line), an informal line of which ICBs
are told with some chance, and a formal one of which they always know. In the model an informal line with full notice and a formal
one are the same thing, and with and through takes the region's grip on providers' costs away with the line; the second config says
how much hangs on that grip. Where there is no line, notice and rate have nothing to act on; the study checks all of this to the bit.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from abm.analysis.contrasts import Interval, interval, last_year
from abm.analysis.shares import NOTHING, change, share
from abm.experiment.store import ResultsError
from abm.view import source
from abm.view.charts.forest import forest
from abm.view.sheet import Drawn
from experiments.study import Found, Study
from experiments.telling import clearly, effect, measure, per_cent, sign

MAIN, GRIP = "e05_bypass", "e05_grip"
REGIME, NOTICE, CUT, RATE = "levers.bypass_regime", "levers.bypass_notice", "levers.running_cost_cut", "levers.bypass_rate"
HOLD = "parameters.region_grip"
OUTCOMES = ("collaborative_share", "trust", "authority", "clarity", "deficit_share", "unmet_need", "lasting_share", "convening")
DRAWN = ("collaborative_share", "trust", "authority", "deficit_share", "unmet_need")
THROUGH: Mapping[str, Any] = {REGIME: "with_and_through"}
QUIET: Mapping[str, Any] = {REGIME: "informal", NOTICE: 0.0}
HALF: Mapping[str, Any] = {REGIME: "informal", NOTICE: 0.5}
TOLD: Mapping[str, Any] = {REGIME: "formal"}
ARMS = {"never told": QUIET, "told half of the time": HALF, "always told": TOLD}
BETTER = {"deficit_share": -1, "unmet_need": -1}  # which way is better; more is, of the others
STEPS = {  # of the way from no line to a quiet one: (what it is, against what)
    "The line itself, openly (formal line)": (TOLD, THROUGH),
    "Keeping it quiet, on top of that": (QUIET, TOLD),
    "Both: a quiet line": (QUIET, THROUGH),
}
AS_IS = 0.3  # running-cost cut: the default, at which the first figure stands


def read(folders: Mapping[str, Path]) -> Found:
    """Effects of the line and of quiet, what notice takes back, and whether cuts to running costs make it worse."""
    runs = last_year(folders[MAIN], list(OUTCOMES))
    grips = last_year(folders[GRIP], [name for name in OUTCOMES if name != "convening"])
    effects, repaired, cuts, held = _steps(runs), _repaired(runs), _cuts(runs), _held(grips)
    same = _same(runs)
    figures = {
        "line_and_quiet": _steps_figure(folders[MAIN], effects),
        "repaired": _repaired_figure(folders[MAIN], repaired),
        "running_costs": _cuts_figure(folders[MAIN], cuts),
        "grip": _grip_figure(folders[GRIP], held),
    }
    tables = {"effects": effects, "repaired": repaired, "running_costs": cuts, "grip": held, "same": same}
    return Found(_answer(effects, repaired, cuts), _findings(effects, repaired, cuts, held, same), tables, figures)


def _row(found: Interval) -> list[Any]:
    return [found.mean, found.low, found.high, found.clear, found.runs]


SPAN = ["difference", "low", "high", "clear", "pairs"]


def _steps(runs: pd.DataFrame) -> pd.DataFrame:
    """What the line does openly, what quiet adds, and both, at each rate and cut."""
    rows = []
    for cut in sorted(runs[CUT].unique()):
        for rate in sorted(runs[RATE].unique()):
            at = {CUT: cut, RATE: rate}
            for words, (this, that) in STEPS.items():
                for name in OUTCOMES:
                    rows.append([cut, rate, words, name, *_row(interval(change(runs, name, {**at, **this}, {**at, **that}).to_numpy()))])
    return pd.DataFrame(rows, columns=["cut", "rate", "step", "outcome", *SPAN])


def _repaired(runs: pd.DataFrame) -> pd.DataFrame:
    """The share of a quiet line's harm that telling the ICB, half or all of the time, takes back; none where it does no clear harm."""
    rows = []
    for cut, rate, name in product(sorted(runs[CUT].unique()), sorted(runs[RATE].unique()), OUTCOMES):
        at = {CUT: cut, RATE: rate}
        whole = change(runs, name, {**at, **QUIET}, {**at, **THROUGH})
        harm = sign(interval(whole.to_numpy())) == -BETTER.get(name, 1)
        for words, arm in (("half", HALF), ("always", TOLD)):
            back = change(runs, name, {**at, **arm}, {**at, **QUIET})
            part = share(-back, whole) if harm else NOTHING._replace(runs=len(whole))
            rows.append([cut, rate, name, words, interval(whole.to_numpy()).mean, *_row(interval(back.to_numpy())), *part])
    shares = ["share", "share_low", "share_high", "share_pairs"]
    return pd.DataFrame(rows, columns=["cut", "rate", "outcome", "told", "quiet_line", *SPAN, *shares])


def _cuts(runs: pd.DataFrame) -> pd.DataFrame:
    """What the deepest cut to running costs does in each regime, and how much more (interaction) than with and through."""
    least, most = runs[CUT].min(), runs[CUT].max()
    rows = []
    for rate in sorted(runs[RATE].unique()):
        for words, arm in {"with and through": THROUGH, **ARMS}.items():
            for name in OUTCOMES:
                done, plain = (
                    change(runs, name, {RATE: rate, CUT: most, **each}, {RATE: rate, CUT: least, **each}) for each in (arm, THROUGH)
                )
                rows.append([rate, words, name, "cut", *_row(interval(done.to_numpy()))])
                if arm is not THROUGH:
                    rows.append([rate, words, name, "interaction", *_row(interval((done - plain).to_numpy()))])
    return pd.DataFrame(rows, columns=["rate", "arm", "outcome", "what", *SPAN])


def _held(runs: pd.DataFrame) -> pd.DataFrame:
    """The steps again, with and without the grip of a direct line on costs."""
    rows = []
    for grip in sorted(runs[HOLD].unique()):
        for rate in sorted(runs[RATE].unique()):
            at = {HOLD: grip, RATE: rate}
            for words, (this, that) in STEPS.items():
                for name in (each for each in OUTCOMES if each in runs):
                    rows.append([grip, rate, words, name, *_row(interval(change(runs, name, {**at, **this}, {**at, **that}).to_numpy()))])
    return pd.DataFrame(rows, columns=["grip", "rate", "step", "outcome", *SPAN])


def _same(runs: pd.DataFrame) -> pd.DataFrame:
    """What has to be the same: the largest difference of any outcome in any replicate."""
    keys = ["replicate", CUT]
    through, formal = runs[runs[REGIME] == "with_and_through"], runs[runs[REGIME] == "formal"]
    open_line = runs[(runs[REGIME] == "informal") & (runs[NOTICE] == 1.0)].set_index([*keys, RATE])[list(OUTCOMES)]
    spread = {
        "with and through, over notice and rate": through.groupby(keys)[list(OUTCOMES)].agg(lambda values: values.max() - values.min()),
        "formal line, over notice": formal.groupby([*keys, RATE])[list(OUTCOMES)].agg(lambda values: values.max() - values.min()),
        "formal line less informal line with full notice": (formal.groupby([*keys, RATE])[list(OUTCOMES)].first() - open_line).abs(),
    }
    if any(frame.empty for frame in spread.values()):
        raise ResultsError("E05 needs all three regimes and full notice in its results")
    return pd.DataFrame([[words, float(frame.max().max())] for words, frame in spread.items()], columns=["what", "largest_difference"])


# ---- figures -----------------------------------------------------------------------------------------------------------------


def _at(effects: pd.DataFrame, rate: float, step: int, outcome: str) -> dict[str, Any]:
    """One effect at the cut as it is."""
    rows = effects[(effects["cut"] == AS_IS) & (effects["rate"] == rate) & (effects["step"] == list(STEPS)[step])]
    return rows[rows["outcome"] == outcome].iloc[0].to_dict()


def _often(rate: float) -> str:
    return f"direct contact in {100 * rate:.0f} % of quarters"


def _grouped(shown: pd.DataFrame, names: pd.Series, by: str, heads: Mapping[float, str]) -> tuple[pd.DataFrame, dict[str, str]]:
    """Rows for a forest, told apart by the group's number, and the heading of each."""
    rows = names + shown[by].map(lambda value: f", {100 * value:.0f} %")
    return shown.assign(row=rows), dict(zip(rows, shown[by].map(heads), strict=True))


def _heads(effects: pd.DataFrame) -> dict[float, str]:
    return {rate: _often(rate).capitalize() for rate in effects["rate"].unique()}


def _steps_figure(folder: Path, effects: pd.DataFrame) -> Drawn:
    origin = source.opened(folder)
    shown = effects[(effects["cut"] == AS_IS) & effects["outcome"].isin(DRAWN)]
    rows, groups = _grouped(shown, shown["step"], "rate", _heads(effects))
    often = effects["rate"].max()
    quiet, money = _at(effects, often, 1, "collaborative_share"), _at(effects, often, 0, "deficit_share")
    title = (
        f"Keeping frequent direct lines quiet {clearly(quiet, 'raises', 'costs', 'does not clearly move')} collaboration "
        f"({measure('collaborative_share').change(quiet['difference'])}); the line itself "
        f"{clearly(money, 'raises', 'lowers', 'does not clearly move')} deficits ({measure('deficit_share').change(money['difference'])})"
    )
    note = "Against working with and through ICBs (first and third row) or an open line (second). Line: 95 % interval; filled: clear."
    return forest(rows, origin.facts, title, source.what_was_run(origin, 1), note, DRAWN, groups)


def _repaired_figure(folder: Path, repaired: pd.DataFrame) -> Drawn:
    origin = source.opened(folder)
    known = repaired[(repaired["cut"] == AS_IS) & repaired["share"].notna()].sort_values(["rate", "told"], kind="stable")
    if known.empty:  # a quiet line did no clear harm: draw what telling changes
        known = repaired[(repaired["cut"] == AS_IS) & repaired["outcome"].isin(DRAWN)]
        rows, groups = _grouped(known, "Told " + known["told"], "rate", _heads(repaired))
        return forest(rows, origin.facts, "A quiet line does no clear harm to repair", source.what_was_run(origin, 1), "", DRAWN, groups)
    head = {"half": "ICB told half of the time", "always": "ICB always told"}
    shown = known.assign(outcome=known["told"].map(head), **{name: 100 * known[f"share{end}"] for name, end in SHARES})
    rows, groups = _grouped(shown, known["outcome"].map(lambda name: measure(name).words), "rate", _heads(repaired))
    main = known[(known["outcome"] == "collaborative_share") & (known["told"] == "always")]
    title = "What telling the ICB repairs of a quiet direct line's harm"
    for row in main[main["rate"] == main["rate"].max()].itertuples():
        title = f"Telling the ICB takes back {100 * row.share:.0f} % of what quiet, frequent contact costs in collaboration"
    note = (
        "100: as with and through; 0: nothing repaired; above 100: better than with and through. Only where a quiet line does clear harm."
    )
    units = dict.fromkeys(head.values(), "% of the quiet line's harm")
    return forest(rows, origin.facts, title, source.what_was_run(origin, 1), note, list(head.values()), groups, units)


SHARES = (("difference", ""), ("low", "_low"), ("high", "_high"))


def _cuts_figure(folder: Path, cuts: pd.DataFrame) -> Drawn:
    origin = source.opened(folder)
    names = ("collaborative_share", "trust", "convening")
    shown = cuts[(cuts["what"] == "cut") & cuts["outcome"].isin(names)]
    rows, groups = _grouped(shown, shown["arm"].str.capitalize(), "rate", _heads(cuts))
    more = _crossed(cuts, cuts["rate"].max(), "never told", "collaborative_share")
    title = f"Cuts to running costs cost collaboration {clearly(more, 'less', 'more', 'about as much')} where regions go over ICBs' heads"
    note = f"What a cut of {100 * origin.points[CUT].max():.0f} % does against none, in each regime. Line: 95 % interval; filled: clear."
    return forest(rows, origin.facts, title, source.what_was_run(origin, 1), note, names, groups)


def _grip_figure(folder: Path, held: pd.DataFrame) -> Drawn:
    origin = source.opened(folder)
    often = held["rate"].max()
    shown = held[(held["rate"] == often) & held["outcome"].isin(DRAWN)]
    heads = {grip: f"Grip on costs {100 * grip:.0f} % a year" if grip else "No grip on costs" for grip in held["grip"].unique()}
    rows, groups = _grouped(shown, shown["step"], "grip", heads)
    line = (
        held[(held["grip"] == 0) & (held["rate"] == often) & (held["step"] == next(iter(STEPS)))].set_index("outcome").loc["deficit_share"]
    )
    moves = clearly(line.to_dict(), "raises", "still lowers", "does not clearly move")
    title = f"Without the grip on costs that is assumed, an open line {moves} deficits"
    note = f"As the first figure, at {_often(often)}, with and without the grip."
    return forest(rows, origin.facts, title, source.what_was_run(origin, 1), note, DRAWN, groups)


# ---- words -------------------------------------------------------------------------------------------------------------------


def _crossed(cuts: pd.DataFrame, rate: float, arm: str, outcome: str) -> dict[str, Any]:
    rows = cuts[(cuts["what"] == "interaction") & (cuts["rate"] == rate) & (cuts["arm"] == arm) & (cuts["outcome"] == outcome)]
    return rows.iloc[0].to_dict()


def _share(repaired: pd.DataFrame, rate: float, outcome: str) -> Interval:
    rows = repaired[(repaired["cut"] == AS_IS) & (repaired["rate"] == rate) & (repaired["told"] == "always")]
    row = rows[rows["outcome"] == outcome].iloc[0]
    return Interval(row["share"], row["share_low"], row["share_high"], int(row["share_pairs"]))


def _answer(effects: pd.DataFrame, repaired: pd.DataFrame, cuts: pd.DataFrame) -> str:
    often = effects["rate"].max()
    both, money = _at(effects, often, 2, "collaborative_share"), _at(effects, often, 0, "deficit_share")
    more = _crossed(cuts, often, "never told", "collaborative_share")
    back = _share(repaired, often, "collaborative_share")
    taken = f"takes back {100 * back.mean:.0f} % of that" if back.mean == back.mean else "has no clear harm to take back"
    return (
        f"Against working with and through ICBs, {_often(often)} that nobody is told of changes collaboration by "
        f"{effect('collaborative_share', both)}, and telling the ICB {taken}; but the line itself "
        f"{clearly(money, 'raises', 'lowers', 'does not clearly move')} deficits ({effect('deficit_share', money)}), and running-cost "
        f"cuts make bypass {clearly(more, 'less harmful, not more', 'more harmful', 'neither clearly more nor less harmful')}."
    )


def _findings(effects: pd.DataFrame, repaired: pd.DataFrame, cuts: pd.DataFrame, held: pd.DataFrame, same: pd.DataFrame) -> list[str]:
    told = []
    for rate in sorted(effects["rate"].unique()):
        for name in DRAWN:
            line, quiet = (effect(name, _at(effects, rate, step, name), 2) for step in (0, 1))
            told.append(f"{measure(name).words} at {_often(rate)}: the line itself {line}; keeping it quiet {quiet}.")
        backs = [f"{measure(name).words.lower()} {per_cent(_share(repaired, rate, name))}" for name in DRAWN[:3]]
        told.append(f"Of a quiet line's harm at {_often(rate)}, full notice takes back: {'; '.join(backs)}.")
        more = _crossed(cuts, rate, "never told", "collaborative_share")
        told.append(
            f"Running-cost cuts, the deepest against none, at {_often(rate)}: they change a quiet line's effect on collaboration by "
            f"{effect('collaborative_share', more, 2)}, so that bypass is {clearly(more, 'less', 'more', 'neither clearly more nor less')} "
            f"harmful where they are deep."
        )
    told.append(_grip_words(held))
    told.append(_against_sources(_at(effects, effects["rate"].max(), 0, "deficit_share")))
    told.append(
        "By construction an informal line with full notice is a formal line, and notice and rate do nothing with and through: no outcome "
        f"of any replicate differs by more than {same['largest_difference'].max():.1g}. So notice repairs all that quiet adds, and nothing "
        "of the line."
    )
    return told


def _against_sources(money: Mapping[str, Any]) -> str:
    if sign(money) >= 0:
        return "Working with and through ICBs costs no clear amount of money."
    return (
        "Contrary to the sources, working with and through ICBs is not better on every count: deficits and unmet need are higher without a "
        "direct line, which in the model is a review about money as well and comes with a grip on costs."
    )


def _grip_words(held: pd.DataFrame) -> str:
    often, told = held["rate"].max(), []
    for grip in sorted(held["grip"].unique()):
        rows = held[(held["grip"] == grip) & (held["rate"] == often) & (held["step"] == next(iter(STEPS)))].set_index("outcome")
        money, acts = rows.loc["deficit_share"].to_dict(), rows.loc["collaborative_share"].to_dict()
        head = "with the default grip on costs" if grip else "without any"
        told.append(f"{head}, deficits {effect('deficit_share', money)} and collaboration {effect('collaborative_share', acts)}")
    return f"An open line ({_often(often)}) against with and through: {'; '.join(told)}."


STUDY = Study(
    key="e05",
    title="Going over the ICB's head",
    question="What do informal and formal direct lines do, what does notice alone repair, and do running-cost cuts make bypass worse?",
    configs=(MAIN, GRIP),
    read=read,
    quick=("replicates=2", "quarters=12"),
    quick_of={MAIN: ("design.over.levers.running_cost_cut=[0.3, 0.5]",)},
)
