"""Truth: accounting identities. Every pound has a payer and a payee, whatever the world, the levers and the parameters."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from hypothesis import given, settings

from abm.model.ledger import ACCOUNT_KINDS, OUTSIDE_ACCOUNTS, PURPOSES
from tests.invariants.drawn import Case, cases

PENNY = 1e-5  # GBP k
EPS = float(np.finfo(float).eps)


def near(x: float, y: float, size: float, sums: int) -> bool:
    """Equal to a penny, and to what `sums` additions of numbers up to `size` may lose beyond it."""
    return abs(x - y) <= PENNY + EPS * size * (sums + 2)


def kind_of(model) -> dict[str, str]:
    kinds = {row.code: row.kind for row in model.world.organisations().itertuples()}
    return kinds | {name: name for name in OUTSIDE_ACCOUNTS}


@given(cases())
def test_every_account_balances_every_quarter(case: Case) -> None:
    model = case.model(keep={"ledger"})
    last = dict(zip([*model.facts.codes, *OUTSIDE_ACCOUNTS], model.state.books.accounts["balance"].tolist(), strict=True))
    total = math.fsum(last.values())
    for now in range(case.quarters):
        model.step()
        accounts = model.accounts().set_index("account")
        ledger = model.ledger()
        entries = ledger[ledger["quarter"] == now]
        paid, received = entries.groupby("payer")["amount_k"], entries.groupby("payee")["amount_k"]
        payments, receipts = paid.apply(math.fsum).to_dict(), received.apply(math.fsum).to_dict()
        count = entries["payer"].value_counts().add(entries["payee"].value_counts(), fill_value=0).to_dict()
        for code, row in zip(accounts.index, accounts.itertuples(), strict=True):
            n, size = int(count.get(code, 0)), abs(row.opening_k) + row.receipts_k + row.payments_k
            assert row.opening_k == last[code], f"{code} opens with another balance than it closed with"
            assert near(row.payments_k, payments.get(code, 0.0), size, n), code
            assert near(row.receipts_k, receipts.get(code, 0.0), size, n), code
            assert near(row.opening_k + receipts.get(code, 0.0) - payments.get(code, 0.0), row.closing_k, size, n), code
        last = accounts["closing_k"].to_dict()
        size = math.fsum(map(abs, last.values()))
        assert near(math.fsum(last.values()), total, size, len(entries)), "the sum of all balances has moved"


@given(cases())
def test_payments_are_positive_named_and_between_two(case: Case) -> None:
    model = case.model(keep={"ledger"}).run(case.quarters)
    entries = model.ledger()
    assert (entries["amount_k"] > 0).all()
    assert np.isfinite(entries["amount_k"]).all()
    assert set(entries["purpose"]) <= set(PURPOSES)
    assert set(entries["payer"]) | set(entries["payee"]) <= set(kind_of(model))
    assert (entries["payer"] != entries["payee"]).all()
    assert sorted(entries["quarter"].unique()) == list(range(case.quarters))


@given(cases())
def test_kept_entries_add_up_to_the_summary_of_flows(case: Case) -> None:
    kept, plain = case.model(keep={"ledger"}).run(case.quarters), case.model().run(case.quarters)
    assert kept.accounts().equals(plain.accounts()), "keeping the ledger changed the money"
    entries = kept.ledger().query("quarter == @case.quarters - 1")
    kinds = kind_of(kept)
    named = entries.assign(payer=entries["payer"].map(kinds), payee=entries["payee"].map(kinds))
    sums = named.groupby(["payer", "payee", "purpose"])["amount_k"].apply(math.fsum)
    flows = plain.ledger().set_index(["payer", "payee", "purpose"])["amount_k"]
    assert set(sums.index) == set(flows.index)
    for key, amount in flows.items():
        assert near(amount, sums[key], amount, len(entries)), key


@given(cases())
def test_money_only_passes_through_regions(case: Case) -> None:
    model = case.model()
    for _ in range(case.quarters):
        model.step()
        accounts = model.accounts().set_index("account").loc[list(model.world.regions["code"])]
        assert (accounts["closing_k"] == 0).all()
        assert accounts["receipts_k"].equals(accounts["payments_k"])


@given(cases())
def test_the_treasury_only_pays_and_care_only_receives(case: Case) -> None:
    model = case.model()
    for _ in range(case.quarters):
        model.step()
        accounts = model.accounts().set_index("account")
        assert accounts.loc["treasury", "receipts_k"] == 0
        assert accounts.loc["care", "payments_k"] == 0


@settings(max_examples=5)
@given(cases())
def test_the_flows_of_a_quarter_name_each_kind_pair_once(case: Case) -> None:
    flows = case.model().run(case.quarters).ledger()
    assert not flows.duplicated(["payer", "payee", "purpose"]).any()
    assert set(flows["payer"]) | set(flows["payee"]) <= set(ACCOUNT_KINDS)
    assert isinstance(flows, pd.DataFrame) and (flows["amount_k"] > 0).all()
