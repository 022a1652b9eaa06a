"""Invariants: what a run keeps of its organisations adds up to what the model itself says, and keeping it changes nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import abm
from abm.england.successors import with_successors_from
from abm.england.tables import load_tables as tables
from abm.model.declaration import DeclarationError
from abm.model.ledger import FIRST_SUPPORT, PURPOSES
from abm.model.yearbook import COLUMNS, Yearbook, burdens

LEVERS = {"risk_pooling": 0.4, "oversight_intensity": 0.8, "guidance_lateness": 5, "bypass_rate": 0.4}


@pytest.fixture(scope="module")
def kept() -> abm.ICSModel:
    return abm.ICSModel(abm.tiny(), LEVERS, seed=5, keep=("organisations", "ledger")).run(14)


def test_burdens_by_source_add_up_to_the_models_load() -> None:
    model = abm.ICSModel(abm.england(), LEVERS, seed=3)
    book = Yearbook(model)
    within = model.state.orgs["system"] >= 0
    for _ in range(6):
        before = (book._disputes, book._with_icbs)
        model.step()
        total = sum(burdens(model, *before).values())
        load = np.minimum(0.9, model.parameters["layer_burden"] * total)
        np.testing.assert_allclose(load[within], model.state.orgs["load"][within], rtol=0, atol=1e-12)
        book.add(model)


def test_results_and_support_are_those_of_the_ledger(kept: abm.ICSModel) -> None:
    found = kept.organisations().set_index(["quarter", "organisation"])
    paid = kept.ledger()
    late = paid["purpose"].map({name: place for place, name in enumerate(PURPOSES)}) >= FIRST_SUPPORT
    for quarter in (3, 7, 11):
        year = paid["quarter"].between(quarter - 3, quarter)
        earned = paid[year & ~late]
        support = paid[year & late]
        own = found.loc[quarter]
        net = earned.groupby("payee")["amount_k"].sum().sub(earned.groupby("payer")["amount_k"].sum(), fill_value=0.0)
        got = support.groupby("payee")["amount_k"].sum().sub(support.groupby("payer")["amount_k"].sum(), fill_value=0.0)
        np.testing.assert_allclose(own["support_k"], got.reindex(own.index).fillna(0.0), atol=1e-6)
        pooled = support[support["purpose"] == "risk_pool"]
        pool = pooled.groupby("payee")["amount_k"].sum().sub(pooled.groupby("payer")["amount_k"].sum(), fill_value=0.0)
        np.testing.assert_allclose(own["result_k"], net.add(pool, fill_value=0.0).reindex(own.index), atol=1e-6)


def test_a_row_a_finished_year_and_organisation(kept: abm.ICSModel) -> None:
    found = kept.organisations()
    assert list(found.columns) == ["quarter", "year", "organisation", "kind", *COLUMNS]
    assert sorted(found["quarter"].unique()) == [3, 7, 11] and "region" not in set(found["kind"])
    assert not found.duplicated(["quarter", "organisation"]).any() and not found.isna().any().any()
    first = abm.ICSModel(abm.tiny(), keep=("organisations",)).run(3).organisations()
    assert len(first) == 0 and list(first.columns) == list(found.columns)


def test_keeping_organisations_changes_nothing(kept: abm.ICSModel) -> None:
    plain = abm.ICSModel(abm.tiny(), LEVERS, seed=5).run(14)
    pd.testing.assert_frame_equal(plain.outcomes(), kept.outcomes(), check_exact=True)
    pd.testing.assert_frame_equal(plain.survey(), kept.survey(), check_exact=True)
    with pytest.raises(ValueError, match="were not kept"):
        plain.organisations()


def test_organisations_that_change_in_mid_run_are_not_kept() -> None:
    later = with_successors_from(abm.england(), tables(), 8)
    with pytest.raises(DeclarationError, match="same throughout"):
        abm.ICSModel(later, keep=("organisations",))
