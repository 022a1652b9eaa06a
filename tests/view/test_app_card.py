"""View: the dashboard's card, survey, tables and figures say what the models did, add up, and refuse in words what there is not."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import abm
from abm.analysis.trace import trace_models
from abm.experiment.dictionary import OWN
from abm.experiment.store import ResultsError
from abm.model.acts import is_collaborative
from abm.model.ledger import PURPOSES
from abm.model.parameters import DECISION_RULES
from abm.view.app.card import card
from abm.view.app.figures import FIGURES, Wanted, figure, whole
from abm.view.app.money import WORDS
from abm.view.app.path import path
from abm.view.app.surveyed import survey
from abm.view.app.tables import TABLES, offered, table
from abm.view.page.recording import Film, record

FINANCE = {"finance_share": 0.95, "oversight_intensity": 0.9}
QUARTERS = 8


def model(levers: Mapping[str, Any], quarters: int = 0, **more: Any) -> abm.ICSModel:
    return abm.ICSModel(more.pop("world", None) or abm.tiny(), levers, seed=more.pop("seed", 3), **more).run(quarters)


def film(one: abm.ICSModel, title: str, quarters: int = QUARTERS) -> Film:
    return record((one.run(1) for _ in range(quarters)), title.lower(), title)


@cache
def films() -> tuple[Film, Film]:
    return film(model({}), "Baseline"), film(model(FINANCE), "Finance")


def shown(org: str, quarter: int) -> dict[str, Any]:
    return card((model({}), model(FINANCE)), films(), org, quarter)


CODES = list(model({}).facts.codes)


# --- the card ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("quarter", [0, 3, 6])
def test_lines_of_the_ledger_add_up_to_the_accounts_and_are_those_that_a_model_keeps(quarter: int) -> None:
    kept = model(FINANCE, quarter + 1, keep=["ledger"]).ledger()
    kept = kept[kept["quarter"] == quarter]
    for org in CODES:
        found = shown(org, quarter)["worlds"]["b"]
        money, lines = found["money"], pd.DataFrame(found["ledger"], columns=["direction", "code", "purpose", "words", "amount_k"])
        sums = lines.groupby("direction")["amount_k"].sum()
        assert sums.get("in", 0.0) == pytest.approx(money["receipts_k"], rel=1e-12)
        assert sums.get("out", 0.0) == pytest.approx(money["payments_k"], rel=1e-12)
        assert money["opening_k"] + money["receipts_k"] - money["payments_k"] == pytest.approx(money["closing_k"], abs=1e-6)
        assert lines["amount_k"].is_monotonic_decreasing and (lines["words"] == lines["purpose"].map(WORDS)).all()
        for way, own, other in (("in", "payee", "payer"), ("out", "payer", "payee")):
            there = kept[kept[own] == org].groupby([other, "purpose"])["amount_k"].sum()
            here = lines[lines["direction"] == way].set_index(["code", "purpose"])["amount_k"]
            assert here.to_dict() == pytest.approx(there.to_dict())


def test_every_purpose_is_said_in_words_of_its_own() -> None:
    assert set(WORDS) == set(PURPOSES) and len(set(WORDS.values())) == len(PURPOSES)


@pytest.mark.parametrize("rule", DECISION_RULES)
@pytest.mark.parametrize("quarter", [0, 5])
def test_terms_shown_are_those_that_the_rule_weighs_and_make_the_models_own_chance(rule: str, quarter: int) -> None:
    given = {"parameters": {"decision_rule": rule}}
    acts = model(FINANCE, quarter + 1, **given).acts().set_index(["actor", "partner"])
    precision = abm.parameters().set_index("name")["default"]["choice_precision"]
    seen = 0
    for org in CODES:
        worlds = card((model({}, **given), model(FINANCE, **given)), films(), org, quarter)["worlds"]
        for tie in worlds["b"]["ties"]:
            if tie["why"] is None:
                assert tie["tie"] == "oversight" and tie["act"] is None
                continue
            row, why = acts.loc[(org, tie["partner"])], tie["why"]
            terms = {term["name"]: term["weighed"] for term in why["terms"]}
            names = {"cash_term", "value_term", "norm_term", "fate_term"}
            if rule == "conditional_cooperation":
                willing = min(1.0, max(0.0, sum(terms[name] for name in ("belief", "motivation", "norm_term", "fate_term"))))
                repeats = terms.get("contentment", 0.0)
                made = terms.get("last_act", 0.0) + (1 - repeats) * willing
                assert ("contentment" in terms) == ("last_act" in terms) == (quarter > 0)
            else:
                made = 1 / (1 + np.exp(-precision * sum(terms.values())))
                assert set(terms) == ({"learned"} if rule == "reinforcement" and quarter else names)
                assert why["total"] == pytest.approx(sum(terms.values()))
            assert made == pytest.approx(row["chance"], abs=1e-12) and why["chance"] == row["chance"]
            for name in names & set(terms):
                assert terms[name] == pytest.approx(row[name], abs=1e-12)
            assert why["rule"] == rule.replace("_", " ") and tie["act"].replace("_", " ") in why["says"].lower()
            assert row["act"] == tie["act"] and is_collaborative(tie["act"]) == tie["collaborative"] == (why["draw"] < why["chance"])
            assert (tie["trust"], tie["stake_k"]) == (row["trust"], row["stake_k"])
            back = acts.loc[(tie["partner"], org)]
            assert (tie["trusted"], tie["their_act"], tie["their_collaborative"]) == (back["trust"], back["act"], back["collaborative"])
            seen += 1
    assert seen == len(acts)


def test_what_moved_an_act_is_told_where_the_worlds_differ_and_as_the_trace_tells_it() -> None:
    traced = trace_models(model({}), model(FINANCE), QUARTERS, ("Baseline", "Finance"))
    told = 0
    for org in CODES:
        found = shown(org, 6)
        a, b = ({tie["partner"]: tie for tie in found["worlds"][name]["ties"]} for name in "ab")
        differ = [code for code in a if a[code]["act"] != b[code]["act"]]
        assert [each["partner"] for each in found["differs"]] == differ[:5]
        for each in found["differs"]:
            assert "\n".join(each["lines"]) == traced.why(org, each["partner"], 6)
            told += 1
    assert told > 3


def test_worlds_of_their_own_luck_and_blind_decisions_are_shown_without_what_cannot_be_known() -> None:
    other = card((model({}), model({}, replicate=1)), films(), "I1", 6)
    assert other["differs"] == [] and all(tie["why"] for each in other["worlds"].values() for tie in each["ties"] if tie["act"])
    blind = card((model({}), model(FINANCE, blind=["information"])), films(), "I1", 6)
    assert blind["differs"] == [] and not any(tie["why"] for tie in blind["worlds"]["b"]["ties"])
    assert all(tie["why"] for tie in blind["worlds"]["a"]["ties"] if tie["act"])


def test_the_path_is_the_outcomes_when_organisations_are_put_together() -> None:
    one = films()[1]
    outcomes = model(FINANCE, QUARTERS).outcomes(by="kind").set_index(["kind", "quarter"])
    people, pairs = one.network.organisations, one.network.pairs
    partners = pairs[pairs["kind"] < 4]
    stakes = partners.groupby("a")["stake_k"].sum().add(partners.groupby("b")["stake_k"].sum(), fill_value=0.0)
    for number, kind in enumerate(("icb", "provider", "council"), start=1):
        rows = [row for row in people.index[people["kind"] == number] if row in stakes.index]
        paths = [path(one, row) for row in rows]
        weights = stakes[rows].to_numpy()
        for name, outcome in (("collaborative_share", "collaborative_share"), ("trust", "trust")):
            mean = np.array([each[name] for each in paths]).T @ weights / weights.sum()
            np.testing.assert_allclose(mean, outcomes.loc[kind, outcome], atol=1e-9)
        boards = [path(one, row) for row in people.index[people["kind"] == number]]
        for name, outcome in (("money_attention", "money_attention"), ("load", "management_load")):
            np.testing.assert_allclose(np.mean([each[name] for each in boards], axis=0), outcomes.loc[kind, outcome], atol=1e-9)


def test_a_card_is_plain_data_for_every_kind_of_organisation() -> None:
    for org in CODES:
        found = shown(org, 4)
        json.dumps(found, allow_nan=False)
        assert found["organisation"]["code"] == org and found["quarter"] == {"number": 4, "year": "2025/26", "quarter": 1}
        now, way = found["worlds"]["a"]["money"], found["worlds"]["a"]["path"]
        assert len({len(values) for values in way.values()}) == 1 and way["quarters"] == list(range(QUARTERS))
        assert (now["closing_k"], now["deficit"], now["load"]) == (way["balance_k"][4], way["deficit"][4], way["load"][4])
        if found["organisation"]["kind"] == "region":
            assert now["deficit"] is None and found["organisation"]["system"] is None and found["organisation"]["region"]["code"] == org
            assert way["trust"] == [None] * QUARTERS


def test_a_card_of_nobody_or_of_no_quarter_is_refused_in_words() -> None:
    with pytest.raises(ResultsError, match=r"no organisation 'I11'.*did you mean 'I"):
        shown("I11", 0)
    for quarter in (-1, QUARTERS):
        with pytest.raises(ResultsError, match="they go from 0 to 7"):
            shown("I1", quarter)


# --- the survey -------------------------------------------------------------------------------------------------------------


def test_the_survey_is_the_models_own_by_year_region_and_system() -> None:
    one = model(FINANCE, 9, world=abm.synthetic(6, seed=2))
    found, own = survey(one), one.survey()
    json.dumps(found, allow_nan=False)
    names = [item["name"] for item in found["items"]]
    assert found["years"] == ["2024/25", "2025/26"] == list(dict.fromkeys(own["year"])) and names == list(dict.fromkeys(own["item"]))
    np.testing.assert_allclose(np.ravel(found["all"]), own["agree"], atol=1e-12)
    np.testing.assert_allclose(np.mean(list(found["system"].values()), axis=0), found["all"], atol=1e-12)
    regions = one.world.icbs.groupby("region")["code"].apply(list)
    assert list(found["region"]) == list(one.world.regions["code"])
    for code, systems in regions.items():
        np.testing.assert_allclose(found["region"][code], np.mean([found["system"][each] for each in systems], axis=0), atol=1e-12)
    assert survey(model({}, 3))["years"] == survey(model({}, 3))["all"] == []


# --- tables -----------------------------------------------------------------------------------------------------------------


def read(name: str, quarter: int = 6) -> pd.DataFrame:
    ran = QUARTERS if offered(name).whole else quarter + 1
    made = table(model(FINANCE, ran, keep=offered(name).keep), name, quarter, {"scenario": "finance", "point": 0, "replicate": 0})
    return pd.read_csv(io.StringIO(made), keep_default_na=False, na_values=[""])


@pytest.mark.parametrize("name", list(TABLES))
def test_tables_have_the_columns_of_results_folders_and_the_models_numbers(name: str) -> None:
    found = read(name)
    one = model(FINANCE, QUARTERS if TABLES[name].whole else 7, keep=["acts", "ledger", "organisations"])
    assert list(found.columns[:3]) == ["scenario", "point", "replicate"] and len(found)
    if name.startswith("outcomes"):
        own = one.outcomes(by=name.partition("_by_")[2] or None)
    elif name == "ties":
        own = None
    else:
        own = getattr(one, name)()
    if name in OWN:
        assert set(found.columns) - {"scenario", "point", "replicate", "quarter", "year"} == set(OWN[name])
    if own is not None:
        own = own[own["quarter"] == 6] if "quarter" in own and not TABLES[name].whole else own
        pd.testing.assert_frame_equal(found[own.columns], own.reset_index(drop=True), check_dtype=False, rtol=1e-12)


def test_the_table_of_ties_has_every_directed_tie_with_its_trust_and_act() -> None:
    found, one = read("ties").set_index(["actor", "partner"]), model(FINANCE, 7)
    graph = one.network()
    assert len(found) == graph.number_of_edges()
    for ends, row in found.iterrows():
        edge = graph.edges[ends]
        assert (row["trust"], row["tie"]) == (pytest.approx(edge["trust"]), edge["kind"])
        assert (row["act"] == edge["act"] and row["collaborative"] == edge["collaborative"]) or (edge["act"] == "" and pd.isna(row["act"]))


def test_tables_that_there_are_not_are_refused_in_words() -> None:
    with pytest.raises(ResultsError, match="no table 'leger'; did you mean 'ledger'"):
        table(model({}, 4), "leger", 3)
    with pytest.raises(ResultsError, match="stands at the end of quarter 3"):
        table(model({}, 4), "acts", 5)
    with pytest.raises(ResultsError, match="nothing to take away"):
        table(model({}), "outcomes", 0)


# --- figures ----------------------------------------------------------------------------------------------------------------

FACTS = {"experiment": "mine", "seed": 3, "replicate": 0, "quarters": QUARTERS, "code": {"commit": "c" * 40}}


def drawn(wanted: Wanted) -> bytes:
    ran = QUARTERS if whole(wanted) else wanted.quarter + 1
    return figure((model({}, ran), model(FINANCE, ran)), ("Baseline", "Finance"), wanted, FACTS)


@pytest.mark.parametrize("name", list(FIGURES))
def test_figures_carry_where_they_come_from_and_come_out_the_same_again(name: str) -> None:
    wanted = Wanted(name, 6, org="I1")
    made = drawn(wanted)
    with Image.open(io.BytesIO(made)) as image:
        image.load()
        told = image.info
        assert image.width > 1000 and np.unique(np.asarray(image.convert("L"))).size > 10
    assert told["experiment"] == "mine" and told["commit"] == "c" * 40 and told["seed"] == "3" and told["Title"]
    assert made == drawn(wanted)


def test_figures_say_what_is_in_the_models() -> None:
    a, b = (model(levers, 7).acts()["collaborative"].mean() for levers in ({}, FINANCE))
    text = drawn(Wanted("network", 6, "svg")).decode()
    assert f"{a:.0%} of acts collaborative in baseline, {b:.0%} in finance" in text and '"commit": "' + "c" * 40 in text
    alone = drawn(Wanted("network", 6, "svg", show="b")).decode()
    assert f"{b:.0%} of" in alone and "Finance" in alone
    values = [model(levers, 7).outcomes(by="system").query("quarter == 6")["trust"] for levers in ({}, FINANCE)]
    down = int(((values[1] - values[0]) < 0).sum())
    mapped = drawn(Wanted("map", 6, "svg", outcome="trust")).decode()
    assert ("falls in" in mapped) == (2 * down >= len(values[0])) and "Q3 only" in mapped


def test_figures_of_one_world_against_itself_say_that_nothing_differs() -> None:
    for name, words in (("difference", "not one of"), ("map", "no system differs"), ("curves", "is the same in every scenario")):
        one = model({}, QUARTERS), model({}, QUARTERS)
        text = figure(one, ("Baseline", "Baseline"), Wanted(name, QUARTERS - 1, "svg"), FACTS).decode()
        assert words in text and (name == "curves" or "Baseline (B)" in text)


def test_figures_that_there_are_not_are_refused_in_words() -> None:
    for wanted, words in (
        (Wanted("netwrk", 6), "no figure 'netwrk'; did you mean 'network'"),
        (Wanted("network", 6, "pgn"), "did you mean 'png'"),
        (Wanted("network", 6, region="YZ"), "no scope 'YZ'"),
        (Wanted("network", 6, layout="hexs"), "did you mean 'hexes'"),
        (Wanted("ego", 6, org="I11"), "no organisation 'I11'.*did you mean 'I"),
        (Wanted("curves", 6, outcome="trst"), "no outcome 'trst'.*did you mean 'trust'"),
        (Wanted("map", 6, outcome="trst"), "no outcome 'trst'; did you mean 'trust'"),
        (Wanted("map", 6, outcome="systems_in_deficit"), "cannot be mapped"),
        (Wanted("curves", 6, outcome="deficit_share", by="kind"), "deficit_share is not measured by kind"),
    ):
        with pytest.raises(ResultsError, match=words):
            drawn(wanted)
    with pytest.raises(ResultsError, match="stand at the end of quarter 3"):
        figure((model({}, 4), model({}, 4)), ("A", "B"), Wanted("difference", 9), FACTS)
