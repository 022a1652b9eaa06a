"""A world with the same organisations and other partners: double-edge swaps within each kind of tie, degrees kept.

Two ties (a, b) and (c, d) of a kind become (a, d) and (c, b), if neither is there yet (Maslov & Sneppen 2002). Everybody
keeps the number of partners of each kind; who they are is drawn anew. Ties are swapped with ties of about the same money,
and flows are fitted to the margins of before, so that an organisation's business stays near what it was. Oversight and
membership (whose home is where) stay.

>>> from abm.england import england
>>> world = england()
>>> other = rewired(world, seed=1)
>>> len(other.partnerships) == len(world.partnerships)
True
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from abm.england.assumptions import VALUES
from abm.england.fitting import ROUNDS, fit_margins
from abm.england.flows import with_direct_income, with_shares
from abm.model.network import PARTNER_KINDS, World

KEEPS = ("degrees", "regions", "systems")
TRIES = 20  # swaps tried a tie; about half are done, several times what mixing needs
SMALLEST_BIN, MOST_BINS = 20, 8  # ties swapped with each other: at least so many, sorted by money into at most so many bins
HOME, REGION, ENGLAND = range(3)  # where a tie's other end is: the same system, the same region, another region

Floats = NDArray[np.float64]


def rewired(world: World, seed: int = 1, keep: str = "degrees") -> World:
    """`world` with partners drawn anew; the same two numbers give the same world.

    `keep` "degrees": partners from anywhere. "regions": a tie within a region stays within it, one that crosses regions crosses
    regions, so that as many ties cross the border of each region as before. "systems": the same for systems within regions as
    well, so that only who exactly is tied to whom differs. Raises ValueError for another `keep`.
    """
    if keep not in KEEPS:
        raise ValueError(f"keep is one of {', '.join(KEEPS)}; got {keep!r}")
    rng = np.random.default_rng(seed)
    reach = None if keep == "degrees" else _reach(world, keep == "systems")
    pairs = world.partnerships
    parts = [pairs[~pairs["kind"].isin(PARTNER_KINDS)][["kind", "a", "b", "flow_k"]]]
    for kind in PARTNER_KINDS:
        ties = pairs[pairs["kind"] == kind].reset_index(drop=True)
        if len(ties):
            parts.append(_FITTED[kind](world, ties, _swapped(ties, reach, rng, kind == "collaborative")).assign(kind=kind))
    partnerships = with_shares(pd.concat(parts, ignore_index=True))
    contracts = partnerships[partnerships["kind"] == "commissioning"]
    name = f"{world.name}, rewired (seed {seed}, {keep} kept)"
    return replace(world, name=name, partnerships=partnerships, providers=with_direct_income(world.providers, contracts))


# ---- who is tied to whom -----------------------------------------------------------------------------------------------------

Area = Callable[[str, str], tuple[int, str]]


def _reach(world: World, systems: bool) -> Area:
    """A function that says where a tie lies: how far it reaches, and the system or region that it stays in ('' if none)."""
    organisations = world.organisations()
    system = dict(zip(organisations["code"], organisations["system"], strict=True))
    region = dict(zip(organisations["code"], organisations["region"], strict=True))

    def area(a: str, b: str) -> tuple[int, str]:
        if systems and system[a] == system[b]:
            return HOME, system[a]
        return (REGION, region[a]) if region[a] == region[b] else (ENGLAND, "")

    return area


def _swapped(ties: pd.DataFrame, reach: Area | None, rng: np.random.Generator, alike: bool) -> pd.DataFrame:
    """Ties after the swaps: a, b, and the flow each end had before with its old partner (`flow_a`, `flow_b`).

    `alike`: both ends are of one kind, so that a tie may be turned round before a swap, and is written with a < b.
    """
    a, b = ties["a"].to_list(), ties["b"].to_list()
    money = ties["flow_k"].to_numpy()
    flow_a, flow_b = money.copy(), money.copy()
    there = set(zip(a, b, strict=True))
    for bin_ in _bins(a, b, money, reach):
        ours = rng.integers(0, len(bin_), (TRIES * len(bin_), 2))
        turns = rng.random(len(ours)) < 0.5
        for (first, second), turn in zip(bin_[ours].tolist(), turns.tolist(), strict=True):
            if alike and turn:
                a[second], b[second] = b[second], a[second]
                flow_a[second], flow_b[second] = flow_b[second], flow_a[second]
            new = [_written(a[first], b[second], alike), _written(a[second], b[first], alike)]
            if first == second or not _allowed(new, there, reach, (a[first], b[first])):
                continue
            there -= {_written(a[first], b[first], alike), _written(a[second], b[second], alike)}
            there |= set(new)
            b[first], b[second] = b[second], b[first]
            flow_b[first], flow_b[second] = flow_b[second], flow_b[first]
    ends = [_written(x, y, alike) for x, y in zip(a, b, strict=True)]
    return pd.DataFrame({"a": [x for x, _ in ends], "b": [y for _, y in ends], "flow_k": np.sqrt(flow_a * flow_b)})


def _written(x: str, y: str, alike: bool) -> tuple[str, str]:
    """A tie as it is written: two of one kind in order."""
    return (y, x) if alike and y < x else (x, y)


def _allowed(new: list[tuple[str, str]], there: set[tuple[str, str]], reach: Area | None, old: tuple[str, str]) -> bool:
    """Whether both new ties are between two organisations, different, not there yet, and reach as far as the old one did."""
    if new[0] == new[1] or any(x == y or (x, y) in there for x, y in new):
        return False
    return reach is None or all(reach(x, y) == reach(*old) for x, y in new)


def _bins(a: list[str], b: list[str], money: Floats, reach: Area | None) -> Iterator[NDArray[np.intp]]:
    """Rows of ties that may be swapped with each other: of one area where borders are kept, and of about the same money."""
    areas = pd.Series([reach(x, y) for x, y in zip(a, b, strict=True)] if reach else [(ENGLAND, "")] * len(a))
    for _, rows in areas.groupby(areas, sort=True):
        ranked = rows.index.to_numpy()[np.argsort(money[rows.index], kind="stable")]
        yield from np.array_split(ranked, min(MOST_BINS, max(1, len(ranked) // SMALLEST_BIN)))


# ---- how much flows ----------------------------------------------------------------------------------------------------------


def _commissioning(world: World, old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Every ICB spends what it spent; providers give way a little, none above its cap (as in `flows.commissioning`)."""
    income = world.providers.set_index("code")["income_k"]
    cap = (income * (1 - VALUES["direct_floor"])).clip(lower=old.groupby("b")["flow_k"].sum().reindex(income.index).fillna(0.0))
    return _fitted(old, new, "a", "b", cap, VALUES["provider_hold"])


def _pooling(world: World, old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Every council pools what it pooled (its budget is the hard one); ICBs give way, none above its allocation."""
    icbs = world.icbs.set_index("code")
    contracts = world.partnerships[world.partnerships["kind"] == "commissioning"].groupby("a")["flow_k"].sum()
    left = icbs["allocation_k"] - icbs["community_k"] - icbs["prevention_k"] - contracts.reindex(icbs.index).fillna(0.0)
    cap = left / world.nhs_share_of_pool if world.nhs_share_of_pool > 0 else left * np.inf
    return _fitted(old, new, "b", "a", cap, VALUES["provider_hold"])


def _discharge(world: World, old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Every provider has the delayed beds that it had; councils give way."""
    cap = pd.Series(np.inf, index=world.councils["code"])
    return _fitted(old, new, "a", "b", cap, VALUES["provider_hold"])


def _fitted(old: pd.DataFrame, new: pd.DataFrame, fixed: str, gives: str, cap: pd.Series, hold: float) -> pd.DataFrame:
    """`new` with flows fitted to the sums that `old` has at both ends; the `fixed` end's are met, the other's give way."""
    sums = {end: old.groupby(end)["flow_k"].sum() for end in (fixed, gives)}
    rows = {end: pd.Index(sums[end].index).get_indexer(new[end]) for end in (fixed, gives)}
    flow = fit_margins(
        seed=np.maximum(new["flow_k"].to_numpy(), 1e-9),
        row=rows[fixed],
        column=rows[gives],
        row_sum=sums[fixed].to_numpy(),
        column_sum=sums[gives].to_numpy(),
        column_cap=cap.reindex(sums[gives].index).to_numpy(dtype=float),
        hold=hold,
    )
    return new.assign(flow_k=flow.round(3))


def _collaborative(_: World, old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Flows scaled at both ends, in turn, towards the sum that each provider had with all its partners."""
    ends = pd.concat([old[["a", "flow_k"]].set_axis(["code", "flow_k"], axis=1), old[["b", "flow_k"]].set_axis(["code", "flow_k"], axis=1)])
    wanted = ends.groupby("code")["flow_k"].sum()
    a, b = (wanted.index.get_indexer(new[end]) for end in ("a", "b"))
    flow, target = new["flow_k"].to_numpy(), wanted.to_numpy()
    for _round in range(ROUNDS):
        total = np.bincount(a, flow, minlength=len(target)) + np.bincount(b, flow, minlength=len(target))
        ratio = np.sqrt(np.divide(target, total, out=np.ones_like(target), where=total > 0))
        flow = flow * ratio[a] * ratio[b]
    return new.assign(flow_k=flow.round(3))


_FITTED = {"commissioning": _commissioning, "pooling": _pooling, "discharge": _discharge, "collaborative": _collaborative}
