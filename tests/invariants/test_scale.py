"""Truth: dimensions. No act depends on the size of a pound: all money times ten is the same run with ten times the money."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from abm.model.network import COLUMNS, World
from tests.invariants.drawn import Case, cases, world_of

KEEP = {"acts", "ledger"}


def scaled(world: World, factor: float) -> World:
    """All columns in GBP k times `factor`."""
    tables = {}
    for name in COLUMNS:
        table = getattr(world, name)
        money = [column for column in table.columns if column.endswith("_k")]
        tables[name] = table.assign(**{column: table[column] * factor for column in money})
    return replace(world, **tables)


@given(cases())
def test_pounds_times_ten(case: Case) -> None:
    one = case.model(keep=KEEP).run(case.quarters)
    ten = case.model(scaled(world_of(case.world), 10.0), keep=KEEP).run(case.quarters)
    same = ["quarter", "actor", "partner", "tie", "act"]
    assert one.acts()[same].equals(ten.acts()[same])
    np.testing.assert_allclose(one.acts()["chance"], ten.acts()["chance"], atol=1e-9)
    money = ["opening_k", "receipts_k", "payments_k", "closing_k"]
    size = one.accounts()[money].abs().to_numpy().max()
    np.testing.assert_allclose(10.0 * one.accounts()[money], ten.accounts()[money], rtol=1e-9, atol=1e-13 * size)
    outcomes = [model.outcomes().drop(columns=["year", "deficit_concentration"]).to_numpy(dtype=float) for model in (one, ten)]
    np.testing.assert_allclose(*outcomes, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("factor", [8.0, 2.0**-10])
@given(cases())
def test_pounds_times_a_power_of_two_to_the_bit(factor: float, case: Case) -> None:
    """Powers of two lose nothing to rounding, so here the statement is exact."""
    one = case.model(keep=KEEP).run(case.quarters)
    other = case.model(scaled(world_of(case.world), factor), keep=KEEP).run(case.quarters)
    assert one.acts().drop(columns="stake_k").equals(other.acts().drop(columns="stake_k"))
    assert one.outcomes().equals(other.outcomes())
    assert one.outcomes("system").equals(other.outcomes("system"))
    ledger = one.ledger().assign(amount_k=factor * one.ledger()["amount_k"])
    assert ledger.equals(other.ledger())
