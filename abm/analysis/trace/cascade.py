"""The cascade as frames: every first difference with its reasons, and how many acts differ quarter by quarter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from abm.analysis.trace import decisions
from abm.analysis.trace.decisions import INPUTS, TERMS, Columns
from abm.analysis.trace.spread import LEVER, NEVER, NOBODY, Trail, distances, reach
from abm.analysis.trace.twins import Twins
from abm.model.acts import ACTS, STOPPED
from abm.model.network import ICB, ORGANISATION_KINDS, TIE_KINDS
from abm.model.record import year_names

CROSSED, BELIEVED, STOP = "chance crossed the draw", "belief crossed one half", "section 114 notice"
SHOWN = ("belief", "trust", "money_attention", "cash_term", "value_term", "norm_term", "fate_term")  # as in ICSModel.acts()
PARAMETERS = "parameters"
WORDS = {**TERMS, "stop": "section 114 notice", PARAMETERS: "parameters"}
INPUT_WORDS = {**{name: each.words for name, each in INPUTS.items()}, "stop": "section 114 notice", PARAMETERS: "parameters"}


def cascade(twins: Twins) -> pd.DataFrame:
    """A row a directed tie whose act differs, in the first quarter in which it does; earliest first, then fewest steps, then largest stake.

    Columns (a: world A, b: world B): quarter, year; actor and partner, each with name, kind, region, system; tie, stake_k;
    act_a, act_b, chance_a, chance_b, draw, how; the terms of `SHOWN` in both; moved (the term that moved the chance most when
    it alone is as in B), moved_words, moved_a, moved_b, moved_chance; input, input_words, channel, input_a, input_b,
    input_chance (the same of what the terms are made of); in_force, distance, via, via_name, via_kind, step.
    """
    first = twins.first()
    chosen = np.flatnonzero(first != NEVER)
    chosen = chosen[np.argsort(first[chosen], kind="stable")]
    rows = first[chosen]
    reasons = _reasons(twins, rows, chosen)
    via, step, distance = _sources(twins, first, rows, chosen, list(reasons["input"]))
    names = twins.model.facts.organisations["name"].to_numpy(dtype=object)
    codes = twins.model.facts.code_array
    kinds = np.array(ORGANISATION_KINDS, dtype=object)[twins.model.state.orgs["kind"]]
    sources = np.append(codes, ["", ""])  # NOBODY and LEVER are -1 and -2
    sources[LEVER] = twins.origin
    frame = pd.DataFrame(
        {
            **_who(twins, rows, chosen),
            **reasons,
            "in_force": twins.in_force()[rows, chosen],
            "distance": pd.array(np.where(distance >= 0, distance, 0), dtype="Int64"),
            "via": sources[via],
            "via_name": np.append(names, ["", ""])[via],
            "via_kind": np.append(kinds, ["", ""])[via],
            "step": pd.array(np.maximum(step, 0), dtype="Int64"),
        }
    )
    frame.loc[distance < 0, "distance"] = pd.NA
    frame.loc[step < 0, "step"] = pd.NA
    return frame.sort_values(["quarter", "step", "stake_k"], ascending=[True, True, False], kind="stable", ignore_index=True)


def _who(twins: Twins, rows: np.ndarray, chosen: np.ndarray) -> dict[str, Any]:
    """When, who, towards whom, and what was done."""
    ties, quarters = twins.ties, twins.start + rows
    who = twins.model.facts.organisations
    kinds = np.array(ORGANISATION_KINDS, dtype=object)[who["kind"]]
    columns: dict[str, Any] = {"quarter": quarters, "year": year_names(quarters, twins.model.world.first_year)}
    for end, ids in (("actor", ties.source[chosen]), ("partner", ties.target[chosen])):
        columns[end] = who["code"].to_numpy(dtype=object)[ids]
        columns[f"{end}_name"] = who["name"].to_numpy(dtype=object)[ids]
        columns[f"{end}_kind"] = kinds[ids]
        columns |= {f"{end}_{area}": who[area].to_numpy(dtype=object)[ids] for area in ("region", "system")}
    columns["tie"] = np.array(TIE_KINDS, dtype=object)[ties.kind[chosen]]
    columns["stake_k"] = ties.stake[chosen]
    for label, acts in zip("ab", twins.acts, strict=True):
        columns[f"act_{label}"] = np.array(ACTS, dtype=object)[acts[rows, chosen]]
    return columns


def _reasons(twins: Twins, rows: np.ndarray, chosen: np.ndarray) -> dict[str, Any]:
    """Chances, terms and which of them moved most, of first differences (or of any decisions)."""
    ties, first = twins.ties, twins.start + rows == 0
    par = [twins.seen_a.parameters, twins.seen_b.parameters]
    read = [decisions.inputs(seen, ties, rows, chosen) for seen in (twins.seen_a, twins.seen_b)]
    terms = [decisions.weighed(each, seen) for each, seen in zip(par, read, strict=True)]
    how = _how(twins, rows, chosen)
    columns: dict[str, Any] = {}
    for label, seen in zip("ab", (twins.seen_a, twins.seen_b), strict=True):
        columns[f"chance_{label}"] = seen.columns["ties.chance"][rows, chosen]
    columns |= {"draw": twins.draws[rows, chosen], "how": how}
    for name in SHOWN:
        columns |= {f"{name}_{label}": (read if name == "trust" else terms)[side][name] for side, label in enumerate("ab")}
    alone = decisions.moved_by_terms(par[0], terms[0], terms[1], first)
    believed = {name: np.where(name == "belief", terms[1]["belief"] - terms[0]["belief"], 0.0) for name in TERMS}
    if par[0] != par[1]:
        alone[PARAMETERS] = decisions.chance(par[1], terms[0], first) - decisions.chance(par[0], terms[0], first)
    columns |= _most("moved", alone, believed, how, terms)
    fine = decisions.moved_by_inputs(par[0], read[0], read[1], first)
    if par[0] != par[1]:
        base = decisions.chance(par[0], terms[0], first)
        fine[PARAMETERS] = decisions.chance(par[1], decisions.weighed(par[1], read[0]), first) - base
    columns |= _most("input", fine, decisions.belief_moved_by_inputs(*read), how, read)
    columns["channel"] = [INPUTS[name].channel if name in INPUTS else "money" if name == "stop" else "" for name in columns["input"]]
    return columns


def _how(twins: Twins, rows: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """How the act came to differ."""
    acts, joint = [acts[rows, chosen] for acts in twins.acts], [joint[rows, chosen] for joint in twins.joint]
    stopped = (acts[0] == ACTS.index(STOPPED)) | (acts[1] == ACTS.index(STOPPED))
    return np.where(stopped, STOP, np.where(joint[0] != joint[1], CROSSED, BELIEVED)).astype(object)


def _most(label: str, alone: Columns, believed: Mapping[str, np.ndarray], how: np.ndarray, values: list[Columns]) -> dict[str, Any]:
    """What moved most, of the chance or, where that is what flipped the act, of the belief; with its values in both worlds."""
    names = np.array([*alone, "stop", ""], dtype=object)
    zero = np.zeros(len(how))
    size = np.array([np.where(how == BELIEVED, believed.get(name, zero), moved) for name, moved in alone.items()])
    size = size.reshape(len(alone), len(how))
    most = np.abs(size).argmax(axis=0) if len(how) else np.zeros(0, dtype=np.int64)
    effect = size[most, np.arange(len(how))]
    most = np.where(how == STOP, len(alone), np.where(effect == 0.0, len(alone) + 1, most))
    both = [np.array([*(each.get(name, zero + np.nan) for name in alone), zero + np.nan, zero + np.nan]) for each in values]
    a, b = (each.reshape(len(names), len(how))[most, np.arange(len(how))] for each in both)
    words = WORDS if label == "moved" else INPUT_WORDS
    return {
        label: names[most],
        f"{label}_words": [words.get(name, "nothing") for name in names[most]],
        f"{label}_a": a,
        f"{label}_b": b,
        f"{label}_chance": np.where(how == CROSSED, effect, np.nan),
    }


def _sources(
    twins: Twins, first: np.ndarray, rows: np.ndarray, chosen: np.ndarray, reasons: list[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Candidate source, steps from the lever, and distance from where it acts, of each first difference."""
    treated, systems, neighbours = twins.treated(), twins.treated_systems(), twins.neighbours()
    reached = reach(neighbours, twins.touched, treated)
    board = twins.model.state.icbs["org"]
    stress = [seen.columns["orgs.stress"] for seen in (twins.seen_a, twins.seen_b)]
    trail = Trail(
        twins.ties, reached, first, treated, systems, board, dict(zip("ab", twins.joint, strict=True)), dict(zip("ab", stress, strict=True))
    )
    via, step = trail.follow(chosen, reasons)
    found = {row: distances(neighbours, treated[row]) for row in _changes(treated)}
    starts = np.array(sorted(found), dtype=np.int64)
    at = starts[np.searchsorted(starts, rows, side="right") - 1] if len(rows) else rows
    distance = np.array([found[int(row)][twins.ties.source[tie]] for row, tie in zip(at, chosen, strict=True)], dtype=np.int64)
    return via, step, distance


def _changes(treated: np.ndarray) -> list[int]:
    """Quarters in which the set of organisations where a lever differs is new."""
    new = (treated[1:] != treated[:-1]).any(axis=1)
    return [0, *(np.flatnonzero(new) + 1).tolist()]


def by_quarter(twins: Twins) -> pd.DataFrame:
    """How many acts differ, a row a quarter, kind of actor and region.

    Columns: quarter, year, kind, region; acts, differ, share (differ / acts); lost (joint in A only), gained (joint in B only);
    acts_beyond, differ_beyond: those on ties where no lever differs, or has differed; chance_change: mean of B's chance less A's.
    """
    regions, orgs = list(twins.model.facts.tables["regions"]["code"]), twins.model.state.orgs
    kinds = ORGANISATION_KINDS[ICB:]
    source = twins.ties.source
    group = orgs["region"][source] * len(kinds) + orgs["kind"][source] - ICB
    count = len(regions) * len(kinds)
    (joint_a, joint_b), (act_a, act_b) = twins.joint, twins.acts
    beyond, differ = ~twins.in_force(), act_a != act_b
    chances = twins.seen_b.columns["ties.chance"] - twins.seen_a.columns["ties.chance"]

    def summed(values: np.ndarray) -> np.ndarray:
        return np.array([np.bincount(group, weights=row, minlength=count) for row in values.astype(float)]).ravel()

    acts = summed(np.ones_like(differ))
    quarters = np.repeat(twins.start + np.arange(twins.quarters), count)
    frame = pd.DataFrame(
        {
            "quarter": quarters,
            "year": year_names(quarters, twins.model.world.first_year),
            "kind": np.tile(np.tile(np.array(kinds, dtype=object), len(regions)), twins.quarters),
            "region": np.tile(np.repeat(np.array(regions, dtype=object), len(kinds)), twins.quarters),
            "acts": acts,
            "differ": summed(differ),
            "lost": summed(joint_a & ~joint_b),
            "gained": summed(joint_b & ~joint_a),
            "acts_beyond": summed(beyond),
            "differ_beyond": summed(differ & beyond),
            "chance_change": summed(chances),
        }
    )
    frame = frame[frame["acts"] > 0].reset_index(drop=True)
    frame["chance_change"] /= frame["acts"]
    counts = ["acts", "differ", "lost", "gained", "acts_beyond", "differ_beyond"]
    frame[counts] = frame[counts].astype(np.int64)
    frame.insert(frame.columns.get_loc("differ") + 1, "share", frame["differ"] / frame["acts"])
    return frame


__all__ = ["BELIEVED", "CROSSED", "NOBODY", "STOP", "by_quarter", "cascade"]
