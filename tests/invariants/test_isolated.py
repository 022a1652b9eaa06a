"""Truth: locality. One more organisation that deals with nobody changes nobody else.

Three kinds of newcomers: a provider without income (with a region that oversees it, or with no tie at all); a council without
ties, whose money is its own; and a whole system with its own region, provider and council. Where the newcomer lies in an old
system, only its own entry may differ in what is reported of that system. Starting luck (`gap_spread`, `pressure_spread`) is
relative to all systems and all providers' income, so that England's mean gap is the one declared: a new *system* or a provider
with income moves that mean, which is a matter of definition; those newcomers are tried with the two spreads at nought.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import abm
from abm.model.network import COLUMNS, TIE_KINDS, World
from tests.invariants.drawn import Case, cases, world_of

NO_SPREAD = {"gap_spread": 0.0, "pressure_spread": 0.0}
NEW = ("ZR", "ZS", "ZP", "ZC")


def with_rows(world: World, **rows: list[dict[str, Any]]) -> World:
    """The world with more rows, kept sorted as a sound world is."""
    tables = {}
    for name, more in rows.items():
        table = pd.concat([getattr(world, name), pd.DataFrame(more, columns=list(COLUMNS[name]))], ignore_index=True)
        if name == "partnerships":
            order = table["kind"].map({kind: rank for rank, kind in enumerate(TIE_KINDS)})
            table = table.assign(order=order).sort_values(["order", "a", "b"], ignore_index=True)[list(COLUMNS[name])]
        else:
            table = table.sort_values("code", ignore_index=True)
        tables[name] = table
    return replace(world, **tables)


def provider(system: str, region: str, income: float = 0.0) -> dict[str, Any]:
    place = {"longitude": 0.0, "latitude": 52.0}
    return {"code": "ZP", "name": "New", "sector": "community", "system": system, "region": region, "income_k": income,
            "direct_k": income, "beds": 0.0} | place  # fmt: skip


def council(system: str, region: str, health: float = 0.0) -> dict[str, Any]:
    return {"code": "ZC", "name": "New", "system": system, "region": region, "population": 1000, "deprivation": 20.0,
            "social_care_k": 50_000.0, "public_health_k": health, "longitude": 0.0, "latitude": 52.0}  # fmt: skip


def oversight(region: str, code: str) -> dict[str, Any]:
    return {"kind": "oversight", "a": region, "b": code, "flow_k": 0.0, "share_a": 0.0, "share_b": 1.0}


def newcomer(kind: str, world: World) -> World:
    home, region = world.icbs["code"].iloc[0], world.icbs["region"].iloc[0]
    if kind == "provider overseen":
        return with_rows(world, providers=[provider(home, region)], partnerships=[oversight(region, "ZP")])
    if kind == "provider alone":
        return with_rows(world, providers=[provider(home, region)])
    if kind == "council":
        return with_rows(world, councils=[council(home, region)])
    icb = world.icbs.iloc[0].to_dict() | {"code": "ZS", "name": "New", "region": "ZR"}
    return with_rows(
        world,
        regions=[{"code": "ZR", "name": "New", "longitude": 0.0, "latitude": 52.0}],
        icbs=[icb],
        providers=[provider("ZS", "ZR", 100_000.0)],
        councils=[council("ZS", "ZR", 5_000.0)],
        partnerships=[oversight("ZR", "ZS"), oversight("ZR", "ZP")],
    )


def check_nobody_else_moves(one: abm.ICSModel, more: abm.ICSModel) -> None:
    acts = one.acts().reset_index(drop=True), more.acts().query("actor not in @NEW and partner not in @NEW").reset_index(drop=True)
    same = ["quarter", "actor", "partner", "tie", "act", "collaborative"]
    assert acts[0][same].equals(acts[1][same])
    np.testing.assert_allclose(acts[0]["chance"], acts[1]["chance"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(acts[0]["trust"], acts[1]["trust"], rtol=1e-9, atol=1e-12)
    here = one.accounts().set_index("account").iloc[:-2]  # the Treasury pays the newcomer too, and care is paid by it
    there = more.accounts().set_index("account").loc[here.index]
    passing = list(one.world.regions["code"])  # regions pass on what the Treasury pays the newcomer; they keep nothing
    np.testing.assert_allclose(here["closing_k"], there["closing_k"], rtol=1e-9, atol=1e-4)
    np.testing.assert_allclose(here.drop(index=passing), there.drop(index=passing), rtol=1e-9, atol=1e-4)


@pytest.mark.parametrize("kind", ["provider overseen", "provider alone", "council"])
@given(cases())
def test_one_more_in_an_old_system(kind: str, case: Case) -> None:
    world = world_of(case.world)
    one = case.model(keep={"acts"}).run(case.quarters)
    more = case.model(newcomer(kind, world), keep={"acts"}).run(case.quarters)
    check_nobody_else_moves(one, more)


@given(cases())
def test_one_more_system_of_its_own(case: Case) -> None:
    world, parameters = world_of(case.world), case.parameters | NO_SPREAD
    one = case.model(parameters=parameters, keep={"acts"}).run(case.quarters)
    more = case.model(newcomer("system", world), parameters=parameters, keep={"acts"}).run(case.quarters)
    check_nobody_else_moves(one, more)
    old = more.outcomes("system").query("system != 'ZS'").reset_index(drop=True)
    numbers = [frame.select_dtypes("number").to_numpy(dtype=float) for frame in (one.outcomes("system"), old)]
    np.testing.assert_allclose(*numbers, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", ["provider overseen", "provider alone", "council", "system"])
def test_one_more_in_england(kind: str) -> None:
    parameters = NO_SPREAD if kind == "system" else {}
    one = abm.ICSModel(abm.england(), parameters=parameters, seed=5, keep={"acts"}).run(16)
    more = abm.ICSModel(newcomer(kind, abm.england()), parameters=parameters, seed=5, keep={"acts"}).run(16)
    check_nobody_else_moves(one, more)
