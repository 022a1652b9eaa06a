"""E05: going over the ICB's head. What the direct line does, what keeping it quiet adds, and what running-cost cuts make of both.

Three regimes are compared at two rates: with and through the ICB (the region has no direct line), an informal line of which ICBs
are told with some chance, and a formal one of which they always know. In the model an informal line with full notice and a formal
one are the same thing, and with and through takes the region's grip on providers' costs away with the line; the second config says
how much hangs on that grip. Where there is no line, notice and rate have nothing to act on; the study checks all of this to the bit.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from abm.analysis.contrasts import Interval, interval, last_year
from abm.analysis.shares import change, share
from abm.experiment.store import ResultsError
from abm.view import source
from abm.view.forest import forest
from abm.view.sheet import Drawn
from experiments.study import Found, Study
from experiments.telling import clearly, effect, measure, per_cent, short, sign

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
    """The share of a quiet line's effect that telling the ICB, half or all of the time, takes back."""
    rows = []
    for cut in sorted(runs[CUT].unique()):
        for rate in sorted(runs[RATE].unique()):
            at = {CUT: cut, RATE: rate}
            for name in OUTCOMES:
                whole = change(runs, name, {**at, **QUIET}, {**at, **THROUGH})
                for words, arm in (("half", HALF), ("always", TOLD)):
                    back = change(runs, name, {**at, **arm}, {**at, **QUIET})
                    rows.append(
                        [cut, rate, name, words, interval(whole.to_numpy()).mean, *_row(interval(back.to_numpy())), *share(-back, whole)]
                    )
    return pd.DataFrame(
        rows, columns=["cut", "rate", "outcome", "told", "quiet_line", *SPAN, "share", "share_low", "share_high", "share_pairs"]
    )


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
    rows = effects[
        (effects["cut"] == AS_IS) & (effects["rate"] == rate) & (effects["step"] == list(STEPS)[step]) & (effects["outcome"] == outcome)
    ]
    return rows.iloc[0].to_dict()


def _of_rate(rate: float) -> str:
    return f"Direct contact in {rate:.0%} of quarters".replace("%", " %")


def _steps_figure(folder: Path, effects: pd.DataFrame) -> Drawn:
    origin = source.opened(folder)
    shown = effects[(effects["cut"] == AS_IS) & effects["outcome"].isin(DRAWN)]
    rows = shown["step"] + shown["rate"].map(lambda rate: f" ({rate:.0%})".replace("%", " %"))
    groups = dict(zip(rows, shown["rate"].map(_of_rate), strict=True))
    often = effects["rate"].max()
    quiet, money = _at(effects, often, 1, "collaborative_share"), _at(effects, often, 0, "deficit_share")
    title = (
        f"Quiet direct lines {clearly(quiet, 'raise', 'cost', 'do not clearly move')} collaboration "
        f"({short('collaborative_share', quiet['difference'])}); the line itself "
        f"{clearly(money, 'raises', 'lowers', 'does not clearly move')} deficits ({short('deficit_share', money['difference'])})"
    )
    note = "Change against a region that works with and through its ICBs (first and third row) or against an open line (second). Filled: clear."
    return forest(shown.assign(row=rows), origin.facts, title, source.what_was_run(origin, 1), note, DRAWN, groups)


def _repaired_figure(folder: Path, repaired: pd.DataFrame) -> Drawn:
    origin = source.opened(folder)
    known = repaired[(repaired["cut"] == AS_IS) & (repaired["told"] == "always") & repaired["share"].notna()]
    head = "Share taken back"
    rows = known["outcome"].map(lambda name: measure(name).words) + known["rate"].map(lambda rate: f", {rate:.0%}".replace("%", " %"))
    drawn = known.assign(
        row=rows, outcome=head, difference=100 * known["share"], low=100 * known["share_low"], high=100 * known["share_high"]
    )
    trust = known[known["outcome"] == "collaborative_share"].sort_values("rate").iloc[-1:]
    title = "What telling the ICB repairs of a quiet direct line's effect"
    for row in trust.itertuples():
        title = f"Telling the ICB takes back {row.share:.0%} of what quiet, frequent contact does to collaboration".replace("%", " %")
    note = "100: as with and through; 0: nothing repaired; above 100: better than with and through. Left out where a quiet line does nothing clear."
    groups = dict(zip(rows, known["rate"].map(_of_rate), strict=True))
    drawn = drawn.sort_values("rate", kind="stable")
    return forest(
        drawn, origin.facts, title, source.what_was_run(origin, 1), note, groups=groups, units={head: "% of the quiet line's effect"}
    )


def _cuts_figure(folder: Path, cuts: pd.DataFrame) -> Drawn:
    origin = source.opened(folder)
    names = ("collaborative_share", "trust", "convening", "authority")
    shown = cuts[(cuts["what"] == "cut") & cuts["outcome"].isin(names)]
    rows = shown["arm"].str.capitalize() + shown["rate"].map(lambda rate: f" ({rate:.0%})".replace("%", " %"))
    groups = dict(zip(rows, shown["rate"].map(_of_rate), strict=True))
    often = cuts["rate"].max()
    more = _crossed(cuts, often, "never told", "collaborative_share")
    title = f"Cuts to running costs cost collaboration {clearly(more, 'less', 'more', 'about as much')} where regions go over ICBs' heads"
    note = f"What a cut of {origin.points[CUT].max():.0%} does against none, in each regime.".replace("%", " %")
    return forest(shown.assign(row=rows), origin.facts, title, source.what_was_run(origin, 1), note, names, groups)


def _grip_figure(folder: Path, held: pd.DataFrame) -> Drawn:
    origin = source.opened(folder)
    often = held["rate"].max()
    shown = held[(held["rate"] == often) & held["outcome"].isin(DRAWN)]
    heads = {grip: f"Grip on costs {grip:.0%} a year".replace("%", " %") if grip else "No grip on costs" for grip in held["grip"].unique()}
    rows = shown["step"] + shown["grip"].map(lambda grip: f" [{grip:.0%}]".replace("%", " %"))
    line = held[
        (held["grip"] == 0) & (held["rate"] == often) & (held["step"] == next(iter(STEPS))) & (held["outcome"] == "deficit_share")
    ].iloc[0].to_dict()
    title = f"Without the assumed grip on costs, an open line still {clearly(line, 'raises', 'lowers', 'does not clearly move')} deficits"
    note = f"As the first figure, at direct contact in {often:.0%} of quarters, with and without the grip.".replace("%", " %")
    groups = dict(zip(rows, shown["grip"].map(heads), strict=True))
    return forest(shown.assign(row=rows), origin.facts, title, source.what_was_run(origin, 1), note, DRAWN, groups)


# ---- words -------------------------------------------------------------------------------------------------------------------


def _crossed(cuts: pd.DataFrame, rate: float, arm: str, outcome: str) -> dict[str, Any]:
    rows = cuts[(cuts["what"] == "interaction") & (cuts["rate"] == rate) & (cuts["arm"] == arm) & (cuts["outcome"] == outcome)]
    return rows.iloc[0].to_dict()


def _share(repaired: pd.DataFrame, rate: float, outcome: str, told: str = "always") -> Interval:
    rows = repaired[(repaired["cut"] == AS_IS) & (repaired["rate"] == rate) & (repaired["outcome"] == outcome) & (repaired["told"] == told)]
    row = rows.iloc[0].to_dict()
    return Interval(row["share"], row["share_low"], row["share_high"], int(row["share_pairs"]))


def _answer(effects: pd.DataFrame, repaired: pd.DataFrame, cuts: pd.DataFrame) -> str:
    often = effects["rate"].max()
    both, money = _at(effects, often, 2, "collaborative_share"), _at(effects, often, 0, "deficit_share")
    more = _crossed(cuts, often, "never told", "collaborative_share")
    back = _share(repaired, often, "collaborative_share")
    share_words = f"{back.mean:.0%} of it".replace("%", " %") if sign(both) else "no share that can be given"
    return (
        f"A quiet direct line in {often:.0%} of quarters changes collaboration by {effect('collaborative_share', both)} against working with and "
        f"through ICBs, and telling the ICB takes back {share_words}; but the line also "
        f"{clearly(money, 'raises', 'lowers', 'does not clearly move')} deficits ({effect('deficit_share', money)} of allocation), and cuts to "
        f"running costs make bypass {clearly(more, 'less harmful, not more', 'more harmful', 'neither clearly more nor less harmful')}."
    ).replace(f"{often:.0%}", f"{100 * often:.0f} %")


def _findings(effects: pd.DataFrame, repaired: pd.DataFrame, cuts: pd.DataFrame, held: pd.DataFrame, same: pd.DataFrame) -> list[str]:
    told = []
    for rate in sorted(effects["rate"].unique()):
        where = f"at direct contact in {100 * rate:.0f} % of quarters"
        for name in ("collaborative_share", "trust", "authority", "clarity", "deficit_share", "unmet_need"):
            line, quiet = _at(effects, rate, 0, name), _at(effects, rate, 1, name)
            told.append(
                f"{measure(name).words} {where}: the line itself {effect(name, line, 2)}; keeping it quiet {effect(name, quiet, 2)}."
            )
        for name in ("collaborative_share", "trust", "authority", "unmet_need"):
            told.append(
                f"Full notice takes back of a quiet line's effect on {measure(name).words.lower()} {where}: {per_cent(_share(repaired, rate, name))}."
            )
        more = _crossed(cuts, rate, "never told", "collaborative_share")
        told.append(
            f"Running costs cut by half {where}: collaboration with a quiet line changes by {effect('collaborative_share', more, 2)} "
            f"more than with and through; the cut makes bypass {clearly(more, 'less', 'more', 'neither clearly more nor less')} harmful."
        )
    told.append(_grip_words(held))
    told.append(
        "Contrary to the sources, a region that works with and through its ICBs is not better on every count: the model gives its grip on costs "
        "to the direct line alone, so that what an open line saves is lost without it."
        if sign(_at(effects, effects["rate"].max(), 0, "deficit_share")) < 0
        else "Working with and through ICBs costs no clear amount of money."
    )
    worst = same["largest_difference"].max()
    told.append(f"Where notice or rate has nothing to act on, no outcome of any replicate differs by more than {worst:.1g}.")
    return told


def _grip_words(held: pd.DataFrame) -> str:
    often, step = held["rate"].max(), next(iter(STEPS))
    told = []
    for grip in sorted(held["grip"].unique()):
        rows = held[(held["grip"] == grip) & (held["rate"] == often) & (held["step"] == step)].set_index("outcome")
        head = "with the default grip" if grip else "without any grip on costs"
        told.append(
            f"{head} {effect('deficit_share', rows.loc['deficit_share'].to_dict())} in deficits and "
            f"{effect('collaborative_share', rows.loc['collaborative_share'].to_dict())} in collaboration"
        )
    return f"An open line in {100 * often:.0f} % of quarters against with and through: {'; '.join(told)}."


STUDY = Study(
    key="e05",
    title="Going over the ICB's head",
    question="What do informal and formal direct lines do, what does notice alone repair, and do running-cost cuts make bypass worse?",
    configs=(MAIN, GRIP),
    read=read,
    quick=("replicates=2", "quarters=12"),
)
