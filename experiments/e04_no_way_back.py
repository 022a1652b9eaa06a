"""E04: no way back? Levers that go to the harsh end and return, and rescues of several lengths and depths after harsh years.

The loop between the way there and the way back is reckoned on what a run differs from its twin (the same luck, levers never moved),
so that what time does anyway is off. What is left is delay and hysteresis; delay goes with the speed, so that the two slowest ramps
say what would stay at no speed at all. A rescue sets all three levers between their defaults and the gentle ends of their plausible
ranges; it costs nothing here, which no real rescue does.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

import abm
from abm.analysis.contrasts import Interval, interval, told
from abm.analysis.hysteresis import area, recovered, schedule, swing, without_delay
from abm.experiment.folder import read_manifest
from abm.view import source, style
from abm.view.charts.ramp import ramp
from abm.view.charts.series import series
from abm.view.frames import Measure
from abm.view.sheet import Drawn
from abm.view.source import Source
from experiments.study import Found, Study

RAMPS = {  # config: what it moves, and the lever that stands for it
    "e04_finance": ("Finance share", "levers.finance_share"),
    "e04_bypass": ("Bypass", "levers.bypass_rate"),
    "e04_fence": ("Ring-fence", "levers.fence_share"),
    "e04_together": ("All three", "levers.finance_share"),
    "e04_relief": ("All three, relief", "levers.finance_share"),
    "e04_hold": ("All three, held ten years", "levers.finance_share"),
}
TOGETHER, HOLD = RAMPS["e04_together"][0], RAMPS["e04_hold"][0]
RESCUE = "e04_rescue"
OUTCOMES = ("collaborative_share", "trust", "lasting_share", "deficit_share", "unmet_need")
MAIN = "collaborative_share"
LEVERS = {"levers.finance_share": (0.6, 0.2), "levers.bypass_rate": (0.15, 0.0), "levers.fence_share": (0.1, 0.0)}  # default, gentle end
YEAR = 4
LATER = (1, 2, 3, 5, 8)  # years after the harsh ones at which is asked how much is back
LATE = 5
SMALL = 0.002  # a gap of less than a fifth of a point is not said to grow
SOON = f"{LATER[1]} years after the harm"
WHILE, AFTER = "ten years after the harm, mean", f"{LATE} years after the rescue"


def read(folders: Mapping[str, Path]) -> Found:
    """Loops with and without delay, and what is recovered when."""
    twins = {name: _paths(folders[RESCUE], name)[0] for name in OUTCOMES}
    loops, limits, longer = _loops(folders, twins)
    cases = _cases(source.opened(folders[RESCUE]))
    rescue = _recovered(folders[RESCUE], cases)
    gains = _gains(folders[RESCUE], cases)
    figures = {
        "rescue": _drawn_rescue(folders[RESCUE], cases, rescue),
        "loops": _drawn_loops(source.opened(folders["e04_together"]), loops, limits),
        "there_and_back": _drawn_ramp(source.opened(folders["e04_together"]), loops),
    }
    tables = {"loops": loops, "without_delay": limits, "ten_years_against_two": longer, "recovery": rescue, "what_a_rescue_adds": gains}
    return Found(_answer(limits, rescue, gains), _findings(loops, limits, longer, rescue, gains), tables, figures)


@lru_cache(maxsize=16)
def _paths(folder: Path, outcome: str) -> dict[int, np.ndarray]:
    """By design point: a row a replicate, a column a quarter."""
    table = abm.load(folder, "outcomes", ["point", "replicate", "quarter", outcome])
    wide = table.pivot(index=["point", "replicate"], columns="quarter", values=outcome)
    return {int(point): part.to_numpy() for point, part in wide.groupby(level="point")}


# ---- ramps -----------------------------------------------------------------------------------------------------------------


def _loops(folders: Mapping[str, Path], twins: Mapping[str, np.ndarray]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """A row a ramp, speed and outcome: what the far end did, the loop as it is and net of the twin; a row a ramp and outcome: what
    stays without delay; and a row an outcome and speed: what ten years at the far end add to the gap of two."""
    rows, limits, areas = [], [], {}
    for config, (words, key) in RAMPS.items():
        points, quarters = abm.load(folders[config], "points").set_index("point"), int(read_manifest(folders[config])["quarters"])
        for name in OUTCOMES:
            mine = areas[words, name] = {}
            for point, paths in _paths(folders[config], name).items():
                lever, each = schedule(points.loc[point, key], quarters), int(points.loc[point, "ramp.quarters"])
                net = paths - twins[name][: len(paths), :quarters]
                mine[each], far = area(lever, net), interval(swing(lever, net))
                end, plain = interval(net[:, -YEAR:].mean(axis=1)), interval(area(lever, paths))
                rows.append([words, name, each, *far[:3], *plain[:3], *interval(mine[each])[:3], *end[:3], len(net)])
            if config != "e04_hold":
                left = without_delay(mine) if _narrows(mine) else Interval(*[float("nan")] * 3, 0)
                limits.append([words, name, *far[:3], *left[:3], _narrows(mine), left.clear, left.runs])
    longer = [
        [name, each, *(found := interval(gaps - areas[TOGETHER, name][each]))[:3], found.clear, found.runs]
        for name in OUTCOMES
        for each, gaps in areas[HOLD, name].items()
        if each in areas[TOGETHER, name]
    ]
    spans = [[f"{what}{end}" for end in ("", "_low", "_high")] for what in ("far_end", "gap_with_drift", "gap", "end")]
    told_of = ["difference", "low", "high"]
    return (
        pd.DataFrame(rows, columns=["ramp", "outcome", "quarters", *(name for span in spans for name in span), "runs"]),
        pd.DataFrame(limits, columns=["ramp", "outcome", *spans[0], *told_of, "narrows", "clear", "pairs"]),
        pd.DataFrame(longer, columns=["outcome", "quarters", *told_of, "clear", "pairs"]),
    )


def _narrows(areas: Mapping[int, np.ndarray]) -> bool:
    """Whether the slowest ramp has no larger gap than the next: else it is not delay, and there is no limit to tell."""
    one, two = (areas[each] for each in sorted(areas)[-2:])
    return bool(abs(two.mean()) <= abs(one.mean()) or abs(two.mean()) < SMALL or not interval(two).clear)


def _drawn_loops(origin: Source, loops: pd.DataFrame, limits: pd.DataFrame) -> Drawn:
    mine = loops[loops["outcome"] == MAIN]
    columns = {"gap": "mean", "gap_low": "low", "gap_high": "high"}
    table = mine.rename(columns={"ramp": "line", "quarters": "x"} | columns).assign(panel="Gap and speed of the ramp")
    table[["mean", "low", "high"]] *= 100
    share = Measure(MAIN, "Way back less way there", "The gap", "points of collaboration", percent=False)
    return series(
        table,
        origin.facts,
        _title_of_loops(limits),
        share,
        "Quarters that each way takes",
        source.what_was_run(origin, 1),
        "Collaboration at the same lever, way back less way there, averaged over the lever's range; the course of runs "
        "whose levers never moved is taken off. Band: 95 % interval over runs.",
    )


def _title_of_loops(limits: pd.DataFrame) -> str:
    one = limits[(limits["ramp"] == TOGETHER) & (limits["outcome"] == MAIN)].iloc[0]
    if not one["narrows"]:
        return "The gap between the ways does not narrow as the ramp gets slower: it is not delay"
    if not one["clear"]:
        return "Collaboration comes back as it went: without delay, no clear gap is left"
    side = "lower" if one["difference"] < 0 else "higher"
    size = f"{100 * abs(one['difference']):.1f} points {side}"
    return f"Without delay the way back is {size} than the way there, of {100 * abs(one['far_end']):.0f} that all three levers move"


def _drawn_ramp(origin: Source, loops: pd.DataFrame) -> Drawn:
    mine = loops[(loops["ramp"] == TOGETHER) & (loops["outcome"] == MAIN)].sort_values("quarters")
    fast, slow = mine.iloc[0], mine.iloc[-1]
    one, two = (style.number(100 * row["gap_with_drift"], 1, sign=True) for row in (fast, slow))
    title = f"Gap between way back and way there: {one} points at {fast['quarters']} quarters each way, {two} at {slow['quarters']}"
    return ramp(origin, MAIN, "finance_share", title=title)


# ---- rescue ----------------------------------------------------------------------------------------------------------------


def _cases(origin: Source) -> pd.DataFrame:
    """A row a case with harsh years: point, quarters of harm, depth (0 to 1) and years of rescue, and when harm and rescue end."""
    rows = []
    for point, text in origin.points["levers.finance_share"].items():
        if not str(text).startswith("{"):
            continue
        values = schedule(str(text), int(origin.facts["quarters"]))
        default, gentle = LEVERS["levers.finance_share"]
        harsh, gentler = np.flatnonzero(values > default), np.flatnonzero(values < default)
        depth = (default - values[gentler[0]]) / (default - gentle) if len(gentler) else 0.0
        done = int(gentler[-1]) + 1 if len(gentler) else int(harsh[-1]) + 1
        rows.append([point, len(harsh) / YEAR, round(depth, 3), len(gentler) / YEAR, int(harsh[-1]) + 1, done])
    return pd.DataFrame(rows, columns=["point", "harsh_years", "depth", "rescue_years", "harm_ends", "rescue_ends"]).set_index("point")


def _year(paths: np.ndarray, end: int) -> np.ndarray:
    """Mean of the year that ends before quarter `end`; NaN where the run does not reach it."""
    return paths[:, end - YEAR : end].mean(axis=1) if end <= paths.shape[1] else np.full(len(paths), np.nan)


def _recovered(folder: Path, cases: pd.DataFrame) -> pd.DataFrame:
    """A row a case, outcome and time asked about: what was lost, what is still lacking, and the share that is back."""
    rows = []
    for name in OUTCOMES:
        paths = _paths(folder, name)
        for case in cases.itertuples():
            net = paths[case.Index] - paths[0]
            lost = _year(net, case.harm_ends)
            times = {f"{years} years after the harm": case.harm_ends + YEAR * years for years in LATER}
            times[f"{LATE} years after the rescue"] = case.rescue_ends + YEAR * LATE
            for words, end in times.items():
                if end > net.shape[1]:
                    continue
                left = _year(net, end)
                said = [*interval(lost)[:3], *interval(left)[:3], *recovered(lost, left)[:3]]
                rows.append([case.Index, case.harsh_years, case.depth, case.rescue_years, name, words, *said, len(net)])
    first = ["point", "harsh_years", "depth", "rescue_years", "outcome", "asked"]
    spans = [f"{what}{end}" for what in ("lost", "lacking", "back") for end in ("", "_low", "_high")]
    return pd.DataFrame(rows, columns=[*first, *spans, "runs"])


def _gains(folder: Path, cases: pd.DataFrame) -> pd.DataFrame:
    """What each rescue adds to merely going back to the defaults, in the same quarters: over ten years after the harm, and later."""
    rows = []
    for name in OUTCOMES:
        paths = _paths(folder, name)
        for case in cases[cases["depth"] > 0].itertuples():
            (none,) = cases.index[(cases["harsh_years"] == case.harsh_years) & (cases["depth"] == 0)]
            change, late = paths[case.Index] - paths[none], case.rescue_ends + YEAR * LATE
            spans = {WHILE: (case.harm_ends, case.harm_ends + 10 * YEAR), AFTER: (late - YEAR, late)}
            for asked, (first, last) in spans.items():
                if last <= change.shape[1]:
                    found = interval(change[:, first:last].mean(axis=1))
                    rows.append([case.harsh_years, case.depth, case.rescue_years, name, asked, *found[:3], found.clear, found.runs])
    columns = ["harsh_years", "depth", "rescue_years", "outcome", "asked", "difference", "low", "high", "clear", "pairs"]
    return pd.DataFrame(rows, columns=columns)


def _drawn_rescue(folder: Path, cases: pd.DataFrame, rescue: pd.DataFrame) -> Drawn:
    """Collaboration against the twin, from the end of the harm, for each length of harm: no rescue, and deep ones."""
    origin, paths, rows = source.opened(folder), _paths(folder, MAIN), []
    for case in cases[(cases["harm_ends"] <= origin.facts["quarters"] - YEAR) & cases["depth"].isin([0.0, 1.0])].itertuples():
        net = 100 * (paths[case.Index] - paths[0])
        name = f"Rescue of {case.rescue_years:.0f} year{'s' if case.rescue_years > 1 else ''}" if case.depth else "Back to default"
        panel = f"After {case.harsh_years:g} harsh year{'s' if case.harsh_years > 1 else ''}"
        for years in range(0, 11):
            end = case.harm_ends + YEAR * years
            if end <= net.shape[1]:
                rows.append([panel, name, years, *interval(_year(net, end))[:3]])
    table = pd.DataFrame(rows, columns=["panel", "line", "x", "mean", "low", "high"])
    return series(
        table,
        origin.facts,
        _title_of_rescue(rescue),
        Measure(MAIN, "Difference from never harsh", "The difference", "points of collaboration", percent=False),
        "Years after the harsh ones",
        source.what_was_run(origin, 1),
        "Mean of each year less the run with the same luck whose levers never moved; band: 95 % interval over runs. Rescue: all three "
        "levers at their gentle ends for some years, then back to the defaults.",
    )


def _case(rescue: pd.DataFrame, outcome: str, asked: str, years: float, depth: float = 0.0, length: float = 0.0) -> pd.Series | None:
    keys = {"outcome": outcome, "asked": asked, "harsh_years": years, "depth": depth, "rescue_years": length}
    found = rescue[np.logical_and.reduce([rescue[key] == value for key, value in keys.items()])]
    return found.iloc[0] if len(found) else None


def _longest(rescue: pd.DataFrame) -> float:
    """The longest harm that ends early enough to be asked about."""
    return float(rescue.loc[rescue["asked"] == SOON, "harsh_years"].max())


def _title_of_rescue(rescue: pd.DataFrame) -> str:
    if rescue.empty:
        return "The runs end too soon after the harsh years to say"
    years = _longest(rescue)
    one = _case(rescue, MAIN, SOON, years)
    if one is None or not np.isfinite(one["back"]):
        return "What is lost in the harsh years is not clear"
    return f"{one['back']:.0%} of the collaboration that {years:g} harsh years took is back in {LATER[1]} years, without rescue"


# ---- words -------------------------------------------------------------------------------------------------------------------


def _answer(limits: pd.DataFrame, rescue: pd.DataFrame, gains: pd.DataFrame) -> str:
    one = limits[(limits["ramp"] == TOGETHER) & (limits["outcome"] == MAIN)].iloc[0]
    left = f"{100 * one['difference']:+.1f} points ({100 * one['low']:+.1f} to {100 * one['high']:+.1f})".replace("-", "−")
    gap = f"a gap of {left} is left" if one["clear"] else f"no clear gap is left ({left})"
    said = f"After all three levers went to their harsh ends and back, {gap if one['narrows'] else 'the gap is no delay'}"
    fast = None if rescue.empty else _case(rescue, MAIN, SOON, _longest(rescue))
    trust = None if rescue.empty else _case(rescue, "trust", SOON, _longest(rescue))
    if fast is None or trust is None:
        return f"{said}; the runs end too soon to say what a rescue does."
    when = SOON.replace("the harm", f"{_longest(rescue):g} harsh years")
    back = f"{_back(fast)} of lost collaboration and {_back(trust)} of lost trust is back {when}"
    deepest = gains[
        (gains["harsh_years"] == _longest(rescue)) & (gains["depth"] == 1) & (gains["outcome"] == MAIN) & (gains["asked"] == AFTER)
    ]
    if deepest.empty:
        return f"{said}; with levers merely at their defaults again {back}."
    last = deepest.loc[deepest["rescue_years"].idxmax()]
    size = f"{_span(last['difference'], last['low'], last['high'])} points, {'clear' if last['clear'] else 'not clear'}".replace("-", "−")
    deep = f"{LATE} years after its end a deep rescue of {last['rescue_years']:g} years leaves, against none, {size}"
    return f"{said}; with levers merely at their defaults again {back}; {deep}."


def _back(row: pd.Series) -> str:
    if not np.isfinite(row["back"]):
        return "(nothing clear was lost)"
    return f"{row['back']:.0%} ({row['back_low']:.0%} to {row['back_high']:.0%})"


def _limit(row: pd.Series) -> str:
    if not row["narrows"]:
        return "the gap does not narrow with slower ramps, so that it is not only delay and no limit is told"
    return f"without delay {told(row, 100.0, digits=2)}{'' if row['clear'] else ', not clear'}"


def _findings(loops: pd.DataFrame, limits: pd.DataFrame, longer: pd.DataFrame, rescue: pd.DataFrame, gains: pd.DataFrame) -> list[str]:
    lines = []
    for words, part in loops[loops["outcome"] == MAIN].groupby("ramp", sort=False):
        gaps = [f"{row.quarters} quarters each way {_span(row.gap, row.gap_low, row.gap_high)}" for row in part.itertuples()]
        slow, limit = part.iloc[-1], limits[(limits["ramp"] == words) & (limits["outcome"] == MAIN)]
        bare = f"; {_limit(limit.iloc[0])}" if len(limit) else ""
        drift = _span(slow["gap_with_drift"], slow["gap_with_drift_low"], slow["gap_with_drift_high"])
        lines.append(
            f"{words}: the far end moves collaboration by {_span(*slow[['far_end', 'far_end_low', 'far_end_high']])} points; gap between "
            f"the ways: {', '.join(gaps)} ({part['runs'].max()} pairs); with drift left in, the slowest {drift}{bare}."
        )
    for name in OUTCOMES[1:]:
        part = limits[limits["outcome"] == name]
        lines.append(f"{name}: {'; '.join(f'{row.ramp.lower()}: {_limit(row)}' for _, row in part.iterrows())}.")
    for name, part in longer.groupby("outcome", sort=False):
        said = [f"{row['quarters']} quarters each way {told(row, 100.0, digits=2)}" for _, row in part.iterrows()]
        lines.append(f"{name}, ten years at the harsh ends in place of two, change of the gap: {'; '.join(said)}.")
    return [*lines, *_rescues(rescue), *_added(gains)]


def _span(mean: float, low: float, high: float) -> str:
    return f"{100 * mean:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"


def _rescues(rescue: pd.DataFrame) -> list[str]:
    """What is back at which time without a rescue; and what a rescue adds, in points, some years after its end."""
    lines = []
    chosen = rescue[(rescue["depth"] == 0) & rescue["outcome"].isin([MAIN, "trust", "lasting_share", "unmet_need"])]
    for (name, years), part in chosen.groupby(["outcome", "harsh_years"], sort=False):
        times = part[part["asked"].str.endswith("harm")]
        lost = _span(*times.iloc[0][["lost", "lost_low", "lost_high"]])
        said = [f"year {row['asked'].split()[0]} {_back(row)}" for _, row in times.iterrows()]
        lines.append(
            f"{name}, {years:g} harsh years took {lost} points; back without a rescue: {', '.join(said)} ({part['runs'].max()} pairs)."
        )
    return lines


def _added(gains: pd.DataFrame) -> list[str]:
    """What rescues add to merely going back to the defaults."""
    lines = []
    for (name, years, asked), part in gains.groupby(["outcome", "harsh_years", "asked"], sort=False):
        if name == MAIN or (name == "deficit_share" and asked == AFTER):
            said = [f"{_named(row)} {_span(row['difference'], row['low'], row['high'])}" for _, row in part.iterrows()]
            lines.append(
                f"{name}, {asked}, rescue less none after {years:g} harsh years, points: {'; '.join(said)} ({part['pairs'].max()} pairs)."
            )
    return lines


def _named(row: pd.Series) -> str:
    return f"{'full' if row['depth'] == 1 else 'half'} depth for {row['rescue_years']:g} year{'s' if row['rescue_years'] > 1 else ''}"


STUDY = Study(
    key="e04",
    title="No way back?",
    question="When levers return, does collaboration come back as it went, and how long and how deep must a rescue be?",
    configs=(*RAMPS, RESCUE),
    read=read,
    quick=("replicates=2",),
    quick_of={
        **{name: ("design.quarters=[2, 4]", "design.hold=1", "quarters=16") for name in RAMPS},
        RESCUE: ("quarters=40",),
    },
)
