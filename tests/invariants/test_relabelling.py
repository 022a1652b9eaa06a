"""Truth: symmetry. Neither the order of a world's rows nor what its organisations are called has any effect."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

import abm
from abm.model.network import COLUMNS, TIE_KINDS, World
from abm.model.policy import ByArea
from tests.invariants.drawn import Case, cases, outcome_bits, world_of

ORGANISATIONS = ("regions", "icbs", "providers", "councils")
TIES = ["quarter", "actor", "partner", "tie"]


def shuffled(world: World, seed: int) -> World:
    """The same world, the rows of every table in another order."""
    rng = np.random.default_rng(seed)
    return replace(world, **{name: getattr(world, name).iloc[rng.permutation(len(getattr(world, name)))] for name in COLUMNS})


def renamed(world: World, seed: int) -> tuple[World, dict[str, str]]:
    """The same world under new codes in another order (a sound world: sorted, each pair of providers written once)."""
    rng = np.random.default_rng(seed)
    codes = list(world.organisations()["code"])
    new = dict(zip(codes, (f"N{number:05d}" for number in rng.permutation(len(codes))), strict=True))
    tables = {}
    for name in ORGANISATIONS:
        table = getattr(world, name).copy()
        for column in table.columns.intersection(["code", "region", "system"]):
            table[column] = table[column].map(new)
        tables[name] = table.sort_values("code", ignore_index=True)
    pairs = world.partnerships.assign(a=world.partnerships["a"].map(new), b=world.partnerships["b"].map(new))
    swap = ((pairs["kind"] == "collaborative") & (pairs["a"] > pairs["b"])).to_numpy()
    for one, other in (("a", "b"), ("share_a", "share_b")):
        first, second = pairs[one].to_numpy().copy(), pairs[other].to_numpy().copy()
        pairs[one], pairs[other] = np.where(swap, second, first), np.where(swap, first, second)
    order = pairs["kind"].map({kind: rank for rank, kind in enumerate(TIE_KINDS)})
    tables["partnerships"] = pairs.assign(order=order).sort_values(["order", "a", "b"], ignore_index=True)[list(COLUMNS["partnerships"])]
    return replace(world, draw_names={code: old for old, code in new.items()}, **tables), new


def renamed_levers(case: Case, new: dict[str, str]) -> dict:
    """The case's levers with the areas under their new codes."""

    def rename(setting):
        if not isinstance(setting, ByArea):
            return setting
        areas = ({new[code]: value for code, value in area.items()} for area in (setting.regions, setting.systems))
        return ByArea(setting.national, *areas)

    return {name: rename(setting) for name, setting in case.levers.items()}


def in_new_codes(acts: pd.DataFrame, new: dict[str, str]) -> pd.DataFrame:
    mapped = acts.assign(actor=acts["actor"].map(new), partner=acts["partner"].map(new))
    return mapped.sort_values(TIES, ignore_index=True)


@given(cases(), st.integers(0, 99))
def test_the_order_of_rows_changes_no_bit(case: Case, seed: int) -> None:
    one = case.model(keep={"acts", "ledger"}).run(case.quarters)
    other = case.model(shuffled(world_of(case.world), seed), keep={"acts", "ledger"}).run(case.quarters)
    assert outcome_bits(one) == outcome_bits(other)
    assert one.acts().equals(other.acts())
    assert one.ledger().equals(other.ledger())
    assert one.accounts().equals(other.accounts())
    assert one.survey().equals(other.survey())


@given(cases(), st.integers(0, 99))
def test_names_change_no_act_and_no_money(case: Case, seed: int) -> None:
    world, new = renamed(world_of(case.world), seed)
    abm.check_world(world)
    one = case.model(keep={"acts"}).run(case.quarters)
    other = case.model(world, levers=renamed_levers(case, new), keep={"acts"}).run(case.quarters)
    before, after = in_new_codes(one.acts(), new), other.acts().sort_values(TIES, ignore_index=True)
    assert before[[*TIES, "act"]].equals(after[[*TIES, "act"]])
    np.testing.assert_allclose(before["chance"], after["chance"], atol=1e-9)
    here = one.accounts().assign(account=lambda frame: frame["account"].map(lambda code: new.get(code, code))).set_index("account")
    there = other.accounts().set_index("account").loc[here.index]
    np.testing.assert_allclose(here, there, rtol=1e-9, atol=1e-6 * max(1.0, here.abs().to_numpy().max() * 1e-6))
    national = [model.outcomes().drop(columns="year").to_numpy(dtype=float) for model in (one, other)]
    np.testing.assert_allclose(*national, rtol=1e-8, atol=1e-9)


@settings(max_examples=3)
@given(cases(largest=3))
def test_names_do_matter_where_luck_goes_by_them(case: Case) -> None:
    """The twin: without the old names to draw by, the luck is another (so the test above is no empty one)."""
    world, _ = renamed(world_of(case.world), 1)
    one = abm.ICSModel(world_of(case.world), seed=case.seed).run(8)
    other = abm.ICSModel(replace(world, draw_names={}), seed=case.seed).run(8)
    assert one.outcomes()["collaborative_share"].tolist() != other.outcomes()["collaborative_share"].tolist()
