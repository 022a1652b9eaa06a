"""Invariant: redrawing the map of ICBs in mid-run loses no pound, person or tie, and where nothing is redrawn nothing changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import abm
from abm.england import load_tables
from abm.england.successors import COLUMN, succession, with_successors, with_successors_from
from abm.experiment.manifest import world_digest
from abm.model.declaration import DeclarationError

WHEN = 5


@pytest.fixture(scope="module")
def tables():
    return load_tables()


@pytest.fixture(scope="module")
def world():
    return abm.england()


@pytest.fixture(scope="module")
def merging(world, tables):
    return with_successors_from(world, tables, WHEN)


def test_successors_that_are_the_same_change_nothing_to_the_bit(world, tables):
    same = replace(tables, icbs=tables.icbs.assign(**{COLUMN: tables.icbs["icb_code"]}))
    runs = [abm.ICSModel(each, {"finance_share": 0.8}, seed=4).run(12) for each in (world, with_successors_from(world, same, WHEN))]
    for by in (None, "system", "kind"):
        pd.testing.assert_frame_equal(*(run.outcomes(by=by) for run in runs), check_exact=True)
    assert len(with_successors(world, same).partnerships) == len(world.partnerships)


def test_until_the_redrawing_nothing_differs(world, merging):
    runs = [abm.ICSModel(each, seed=4).run(12).outcomes() for each in (world, merging)]
    sums = ["collaborative_share", "trust", "deficit_share", "unmet_need", "convening", "authority", "reviewed"]
    np.testing.assert_allclose(*(run.loc[: WHEN - 1, sums].to_numpy() for run in runs), rtol=1e-12)
    assert (runs[0].loc[WHEN:, "trust"] != runs[1].loc[WHEN:, "trust"]).all()


def test_money_people_and_evidence_go_over(world, merging):
    before = abm.ICSModel(merging, seed=4).run(WHEN)
    after = abm.ICSModel(merging, seed=4).run(WHEN)
    after._redraw()
    for table, fields in {
        "orgs": ["income", "stake_in", "joint_in", "saving"],
        "icbs": ["allocation", "running", "running_base", "community", "prevention", "other_care", "pool", "carried", "fenced"],
        "systems": ["population", "provider_cost", "prevention_k", "community_k"],
        "pairs": ["flow", "stake", "due", "paid"],
    }.items():
        for name in fields:
            sums = [float(getattr(model.state, table)[name].sum()) for model in (before, after)]
            assert sums[1] == pytest.approx(sums[0], rel=1e-6), (table, name)
    accounts = [model.state.books.accounts for model in (before, after)]
    for name in ("balance", "opening", "receipts", "payments", "year_result"):
        assert accounts[1][name].sum() == pytest.approx(accounts[0][name].sum(), abs=1.0)
    trust = [np.average(m.state.ties["trust"], weights=m.state.pairs["stake"][m.state.ties["pair"]]) for m in (before, after)]
    assert trust[1] == pytest.approx(trust[0], abs=2e-4)
    assert after.state.ties["trust"].max() <= 1 and after.state.ties["trust"].min() >= 0
    for table in ("providers", "councils"):
        for name in ("unit_cost", "need"):
            assert np.array_equal(getattr(before.state, table)[name], getattr(after.state, table)[name])


def test_a_run_goes_on_and_tells_all_quarters_by_the_new_systems(merging):
    model = abm.ICSModel(merging, seed=4, keep=["acts", "ledger"]).run(8)
    by_system = model.outcomes(by="system")
    assert by_system["system"].nunique() == 36 and len(by_system) == 8 * 36
    assert not by_system["collaborative_share"].isna().any()
    assert len(model.survey()) and len(model.acts()) and len(model.ledger())
    assert {agent.code for agent in model.agents} == set(model.facts.codes)
    accounts = model.accounts()
    assert (accounts["opening_k"] + accounts["receipts_k"] - accounts["payments_k"] - accounts["closing_k"]).abs().max() < 1e-3
    whole, stepped = abm.ICSModel(merging, seed=4).run(8), abm.ICSModel(merging, seed=4)
    for _ in range(8):
        stepped.step()
    pd.testing.assert_frame_equal(whole.outcomes(), stepped.outcomes(), check_exact=True)


def test_levers_may_be_set_for_systems_of_either_map(merging, world, tables):
    strike = {"schedule": {0: 0.0, WHEN: 1.0, WHEN + 1: 0.0}}
    new = sorted(set(succession(tables).shares["successor"]) - set(world.icbs["code"]))
    levers = {"reorganisation": {"national": 0.0, "systems": {code: strike for code in new}}}
    struck = abm.ICSModel(merging, levers, seed=4).run(8).outcomes(by="system").pivot(index="quarter", columns="system", values="authority")
    calm = abm.ICSModel(merging, {"reorganisation": 0.0}, seed=4).run(8).outcomes(by="system")
    calm = calm.pivot(index="quarter", columns="system", values="authority")
    np.testing.assert_allclose(struck.loc[: WHEN - 1], calm.loc[: WHEN - 1], rtol=1e-12)
    assert (struck.loc[WHEN, new] < 0.75 * calm.loc[WHEN, new]).all()
    assert (struck.loc[WHEN + 1, new] > 0.6 * calm.loc[WHEN + 1, new]).all()  # struck once, not twice
    abm.ICSModel(merging, {"reorganisation": {"systems": {"QJG": 0.9}}})
    with pytest.raises(DeclarationError, match="no system 'QXX'"):
        abm.ICSModel(merging, {"reorganisation": {"systems": {"QXX": 0.9}}})


def test_worlds_that_redraw_otherwise_are_told_apart(world, tables, merging):
    digests = {world_digest(each) for each in (world, merging, with_successors_from(world, tables, 6), with_successors(world, tables))}
    assert len(digests) == 4
