"""What a calibration found, in words and figures: answer.md, fit.png, marginals.png. Every number comes from its tables."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from abm.analysis.calibration.course import Calibrated
from abm.analysis.calibration.tables import CONSTRAINED
from abm.experiment.estimate import duration
from abm.experiment.folder import read_manifest
from abm.experiment.store import write_file
from abm.view import finding, fit, saving, style
from abm.view.frames import measure


def write(found: Calibrated, out: Path) -> list[Path]:
    """Write the figures and the answer into `out`; gives their paths."""
    facts = read_manifest(found.first)
    told, tables = found.told, found.tables
    subtitle = f"{told['members']} members from {told['runs']:,} runs; {told['factors']} parameters and levers over their plausible ranges"
    figures = {
        "fit": fit.fit(tables["fit"], facts, _fit_title(tables["fit"]), subtitle),
        "marginals": fit.marginals(tables["constrained"], facts, _marginals_title(tables["constrained"]), subtitle),
    }
    for name, drawn in figures.items():
        saving.save(drawn.figure, out / f"{name}.png", facts, drawn.title, f"{drawn.alt} {drawn.note}")
    lines = ["# E11: calibration", "", f"**Answer.** {answer(tables)}", "", *(f"- {text}" for text in findings(found)), ""]
    lines += [f"![{drawn.title}]({name}.png)\n" for name, drawn in figures.items()]
    names = ", ".join(f"[{name}]({name}.csv)" for name in tables)
    lines += [
        f"Tables: {names}.",
        "",
        f"{told['runs']:,} runs in {duration(float(str(told['seconds'])))}. {finding.DISCLAIMER} {finding.SOURCES}",
        "",
    ]
    write_file(out / "answer.md", "\n".join(lines))
    return [*(out / f"{name}.png" for name in figures), out / "answer.md"]


def _fit_title(table: pd.DataFrame) -> str:
    missed = list(table.loc[~table["met"], "target"])
    words = f"; missed: {', '.join(missed)}" if missed else ""
    return f"{int(table['met'].sum())} of {len(table)} targets are met by the calibrated members{words}"


def _marginals_title(table: pd.DataFrame) -> str:
    return f"The targets constrain {int(table['constrained'].sum())} of {len(table)} parameters by themselves"


def answer(tables: dict[str, pd.DataFrame]) -> str:
    """One sentence: orders first, targets met by posterior and defaults, how many parameters are constrained."""
    table, orders = tables["fit"], tables["fit"][tables["fit"]["kind"] == "order"]
    levels = table[table["kind"] != "order"]
    at_default = int(((levels["default"] - levels["observed"]).abs() <= levels["tolerance"]).sum())
    held = ", ".join(f"{row.target} in {row.posterior_inside:.0%}" for row in orders.itertuples())
    names = list(levels.loc[~levels["met"], "target"])
    missed = f"; not met: {', '.join(names)}" if names else ""
    return (
        f"The rank orders hold in most members ({held}), and {int(levels['met'].sum())} of {len(levels)} levels are met by the members' "
        f"median ({at_default} by the defaults){missed}. The targets constrain "
        f"{int(tables['constrained']['constrained'].sum())} of {len(tables['constrained'])} parameters."
    )


def findings(found: Calibrated) -> list[str]:
    """Sentences on the method's course, each target missed, the constrained parameters, defaults, contrasts and recovery."""
    told, tables = found.told, found.tables
    waves, last = tables["waves"].iloc[-1], tables["walk"].iloc[-1]
    texts = [
        f"History matching: {len(tables['waves'])} waves leave {waves.share_left:.2%} of the prior (cut at implausibility "
        f"{waves.cut:.1f}); emulators foresee a median {waves.median_r2:.0%} of the variance at points left out, "
        f"least {waves.least_r2:.0%} "
        f"({waves.least_r2_target}).",
        f"Proposals on emulators: {int(last.sweep) + 1} sweeps, {last.moved:.0%} moved in the last. Of {told['proposals']} that were run, "
        f"{told['ordered']} have the rank orders; by their weights they are worth {told['effective']} draws. "
        f"{told['different_members']} of {told['members']} members differ; their median distance is {told['median_distance']} "
        "(of a right model: 1).",
    ]
    for row in tables["fit"].itertuples():
        if not row.met:
            texts.append(
                f"{row.target} ({row.name}) is missed: observed {_value(row.observed)} ± {_value(row.tolerance)}, "
                f"posterior {_value(row.posterior)} ({_value(row.posterior_low)} to {_value(row.posterior_high)}), "
                f"prior {_value(row.prior)}, defaults {_value(row.default)}."
            )
    return [*texts, *_parameters(tables), *_contrasts(tables), *_recovery(tables, told)]


def _parameters(tables: dict[str, pd.DataFrame]) -> list[str]:
    table = tables["constrained"]
    some = table[table["constrained"]]
    named = ", ".join(f"{row.factor.split('.')[1]} ({row.spread_ratio:.2f})" for row in some.itertuples())
    shifted = table.assign(size=table["shift"].abs()).nlargest(5, "size")
    moved = ", ".join(f"{row.factor.split('.')[1]} {style.number(row.shift, 2, sign=True)}" for row in shifted.itertuples())
    out = list(table.loc[~table["default_inside"], "factor"].str.split(".").str[1])
    return [
        f"Constrained (spread below {CONSTRAINED} of the prior's): {named or 'none'}; the others are not, each by itself.",
        f"Most shifted against the prior, in its standard deviations: {moved}.",
        f"Defaults outside of the members' middle 90 %: {', '.join(out) or 'none'}; "
        f"{len(table) - len(out)} of {len(table)} lie inside. The defaults are not changed by this.",
    ]


def _contrasts(tables: dict[str, pd.DataFrame]) -> list[str]:
    texts = []
    for scenario, rows in tables["contrasts"].groupby("scenario", sort=False):
        parts = []
        for row in rows.itertuples():
            named = measure(row.outcome)
            share = max(row.above_zero, 1.0 - row.above_zero)
            parts.append(
                f"{row.outcome} {named.change(row.median)} ({named.change(row.low)} to {named.change(row.high)}; sign of {share:.0%})"
            )
        texts.append(f"{scenario} minus baseline, last year, median and middle 90 % of members: {'; '.join(parts)}.")
    return texts


def _recovery(tables: dict[str, pd.DataFrame], told: dict[str, object]) -> list[str]:
    factors, contrasts = tables["recovery_parameters"], tables["recovery_contrasts"]
    tight = factors["factor"].isin(factors.groupby("factor")["spread_ratio"].mean().nsmallest(10).index)
    size = told["size"]
    assert isinstance(size, dict)
    many, few = (0.9 * (size[name] - 1) / (size[name] + 1) for name in ("found", "draws"))
    held, held_tight, same = factors["covered"].mean(), factors.loc[tight, "covered"].mean(), contrasts["same_sign"].mean()
    return [
        f"Recovery of {told['truths']} synthetic truths (members on emulators): the middle 90 % of {size['found']} members hold the true "
        f"parameter in {held:.0%} of cases ({many:.0%} expected), of the ten most constrained in {held_tight:.0%}. Of {size['draws']} "
        f"members that were run they hold the true contrast in {contrasts['covered'].mean():.0%} ({few:.0%} expected of so few), "
        f"and {same:.0%} of members have its sign."
    ]


def _value(value: float) -> str:
    return style.number(value, 1 if abs(value) >= 2 else 3 if abs(value) < 0.1 else 2)
