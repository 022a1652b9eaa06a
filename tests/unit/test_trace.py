"""Unit: a trace says which acts differ between two worlds, when first, through what and from whom, as the runs themselves do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import abm
from abm.analysis.trace import Trace, decisions, trace, trace_folders, trace_models
from abm.analysis.trace.cascade import BELIEVED, CROSSED, STOP
from abm.analysis.trace.spread import LEVER, NOBODY, Neighbours, distances, reach
from abm.experiment.store import ResultsError
from abm.model.acts import is_collaborative
from abm.model.parameters import ATTENTION_RULES, DECISION_RULES

PAGE = Path(__file__).parents[2] / "docs" / "trace.md"
FINANCE = {"finance_share": 0.95, "oversight_intensity": 0.9}
ONE_SYSTEM = {name: {"systems": {"I2": value}} for name, value in FINANCE.items()}
TERMS = ("belief", "trust", "money_attention", "cash_term", "value_term", "norm_term", "fate_term")


def model(levers: Mapping[str, Any], parameters: Mapping[str, Any] | None = None, seed: int = 3, **more: Any) -> abm.ICSModel:
    return abm.ICSModel(more.pop("world", None) or abm.tiny(), levers, parameters, seed=seed, **more)


@cache
def traced(case: str) -> Trace:
    """Traces that several tests look at; nobody may change them."""
    if case == "systems":
        world, code = abm.synthetic(8, seed=2), "S0003"
        levers = {name: {"systems": {code: value}} for name, value in FINANCE.items()}
        return trace_models(model({}, world=world), model(levers, world=world), 24)
    return trace_models(model({}), model(FINANCE if case == "everywhere" else ONE_SYSTEM), 32)


# --- the arithmetic of a decision ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("attention", ATTENTION_RULES)
@pytest.mark.parametrize("rule", DECISION_RULES)
def test_decisions_worked_out_again_are_the_decisions_made(rule: str, attention: str) -> None:
    one = model(FINANCE | {"activity_share": 0.9, "audit": 0.6}, {"decision_rule": rule, "attention_rule": attention})
    seen, ties = decisions.Seen(one, 12), decisions.Ties.of(one)
    for row in range(12):
        seen.before(one, row)
        one.run(1)
        seen.after(one, row)
    rows, chosen = (grid.ravel() for grid in np.mgrid[0:12, 0 : len(ties.source)])
    terms = decisions.weighed(seen.parameters, decisions.inputs(seen, ties, rows, chosen))
    for name in ("belief", "cash_term", "value_term", "norm_term", "fate_term"):
        np.testing.assert_allclose(terms[name], seen.columns[f"ties.{name}"].ravel(), rtol=0, atol=1e-12)
    np.testing.assert_allclose(terms["money_attention"], seen.columns["orgs.money"][rows, ties.source[chosen]], rtol=0, atol=1e-12)
    chance = decisions.chance(seen.parameters, terms, rows == 0)
    np.testing.assert_allclose(chance, seen.columns["ties.chance"].ravel(), rtol=0, atol=1e-12)
    stopped = seen.columns["orgs.stop"][rows, ties.source[chosen]] > 0
    luck = decisions.draws(one, ties, 0, 12).ravel()
    joint = [is_collaborative(abm.model.acts.ACTS[act]) for act in seen.columns["ties.act"].ravel()]
    assert np.array_equal(joint, (luck < chance) & ~stopped)


# --- the cascade, against the acts that models keep -----------------------------------------------------------------------------


def kept(levers: Mapping[str, Any], quarters: int = 32) -> pd.DataFrame:
    return model(levers, keep=["acts"]).run(quarters).acts().set_index(["actor", "partner", "quarter"])


@pytest.mark.parametrize(("case", "levers"), [("everywhere", FINANCE), ("one system", ONE_SYSTEM)])
def test_first_differences_are_those_of_the_acts_that_the_models_keep(case: str, levers: Mapping[str, Any]) -> None:
    found, a, b = traced(case), kept({}), kept(levers)
    differ = a["act"] != b["act"]
    first = differ[differ].reset_index().groupby(["actor", "partner"])["quarter"].min()
    order = list(zip(found.cascade["quarter"], found.cascade["step"], -found.cascade["stake_k"], strict=True))
    assert order == sorted(order) and found.first is not None and found.first["quarter"] == first.min()
    rows = found.cascade.set_index(["actor", "partner"])
    assert rows["quarter"].sort_index().to_dict() == first.sort_index().to_dict()
    for (actor, partner), row in rows.iterrows():
        for label, acts in (("a", a), ("b", b)):
            there = acts.loc[(actor, partner, row["quarter"])]
            assert row[f"act_{label}"] == there["act"] and row[f"chance_{label}"] == there["chance"]
            assert row["tie"] == there["tie"] and row["stake_k"] == there["stake_k"]
            for name in set(TERMS) - {"trust"}:  # acts() gives trust after the quarter, a decision is made on that before
                assert row[f"{name}_{label}"] == pytest.approx(there[name], abs=1e-12)


def test_counts_by_quarter_are_those_of_the_acts() -> None:
    found, a, b = traced("one system"), kept({}), kept(ONE_SYSTEM)
    frame = a.assign(differ=a["act"] != b["act"], lost=a["collaborative"] & ~b["collaborative"], change=b["chance"] - a["chance"])
    frame["gained"] = b["collaborative"] & ~a["collaborative"]
    there = frame.reset_index().groupby(["quarter", "actor_kind"])
    here = found.by_quarter.set_index(["quarter", "kind"]).sort_index()
    for name in ("differ", "lost", "gained"):
        assert here[name].to_dict() == there[name].sum().to_dict()
    assert here["acts"].to_dict() == there.size().to_dict()
    np.testing.assert_allclose(here["chance_change"], there["change"].mean().sort_index(), atol=1e-12)
    np.testing.assert_allclose(here["share"], here["differ"] / here["acts"])


def test_an_act_flips_because_the_chance_crosses_the_shared_draw() -> None:
    rows = pd.concat([traced(case).cascade for case in ("everywhere", "one system", "systems")])
    assert set(rows["how"]) <= {CROSSED, BELIEVED, STOP} and (rows["how"] == CROSSED).mean() > 0.5
    for row in rows.to_dict("records"):
        joint = [is_collaborative(row["act_a"]), is_collaborative(row["act_b"])]
        if row["how"] == CROSSED:
            low, high = sorted((row["chance_a"], row["chance_b"]))
            assert low <= row["draw"] < high and joint[0] != joint[1]
        elif row["how"] == BELIEVED:
            assert not any(joint) and (row["belief_a"] >= 0.5) != (row["belief_b"] >= 0.5)


def test_the_term_that_moved_most_is_worked_out_one_at_a_time() -> None:
    found = traced("everywhere")
    precision = abm.parameters().set_index("name")["default"]["choice_precision"]
    terms = ("cash_term", "value_term", "norm_term", "fate_term")
    rows = found.cascade[found.cascade["how"] == CROSSED].to_dict("records")
    for row in rows:

        def chance(exchanged: str = "", row: dict = row) -> float:
            gain = sum(row[f"{name}_{'b' if name == exchanged else 'a'}"] for name in terms)
            return 1 / (1 + np.exp(-precision * gain))

        moves = {name: chance(name) - chance() for name in terms}
        assert chance() == pytest.approx(row["chance_a"])
        assert abs(moves[row["moved"]]) == pytest.approx(max(map(abs, moves.values())))
        assert row["moved_chance"] == pytest.approx(moves[row["moved"]])
        assert (row["moved_a"], row["moved_b"]) == (row[f"{row['moved']}_a"], row[f"{row['moved']}_b"])


# --- identical until the levers first differ --------------------------------------------------------------------------------------


def test_two_worlds_are_identical_until_their_levers_differ() -> None:
    default = abm.levers().set_index("name")["default"]["finance_share"]
    later = {"finance_share": {"schedule": {"2024/25": default, "2026/27 Q2": 0.95}}}
    a, b = model({}), model(later)
    before = trace_models(a, b, 9)
    assert not len(before.cascade) and "No act differs in 9 quarters." in before.sentences()
    for table in ("orgs", "icbs", "providers", "councils", "systems", "pairs", "ties"):
        assert getattr(a.state, table).tobytes() == getattr(b.state, table).tobytes()
    whole = trace_models(model({}), model(later), 24)
    assert whole.cascade["quarter"].min() >= 9 and whole.levers["quarter"].tolist() == [9]
    assert not whole.by_quarter.loc[whole.by_quarter["quarter"] < 9, ["differ", "chance_change"]].to_numpy().any()
    assert "differ from 2026/27 Q2 in finance_share" in whole.sentences()[0]
    assert not whole.last["acts_beyond"].any()
    pd.testing.assert_frame_equal(trace_models(a, b, 15).cascade, whole.cascade)  # from where the nine quarters left them


def test_a_lever_that_differed_for_a_while_counts_from_then_on() -> None:
    default = abm.levers().set_index("name")["default"]["finance_share"]
    while_on = {"finance_share": {"systems": {"I2": {"schedule": {"2024/25": default, "2025/26": 0.95, "2026/27": default}}}}}
    found = trace_models(model({}), model(while_on), 16)
    beyond = found.by_quarter.groupby("quarter")["acts_beyond"].sum()
    assert beyond.nunique() == 2 and (beyond.diff().fillna(0) != 0).to_numpy().nonzero()[0].tolist() == [4]
    assert found.cascade["quarter"].min() >= 4 and found.levers[["quarter", "systems"]].to_numpy().tolist() == [[4, 1]]


def test_turned_round_the_same_acts_differ() -> None:
    found, turned = traced("everywhere").cascade, trace_models(model(FINANCE), model({}), 32).cascade
    keys = ["quarter", "actor", "partner"]
    both = found.merge(turned, on=keys, suffixes=("", "_turned"), validate="1:1")
    assert len(both) == len(found) == len(turned)
    assert (both["act_a"] == both["act_b_turned"]).all() and (both["chance_b"] == both["chance_a_turned"]).all()


def test_a_lever_that_does_nothing_says_so() -> None:
    same = trace_models(model({}), model({}), 8)
    assert same.first is None and not len(same.cascade) and not len(same.levers)
    assert repr(same) == "Trace('A', 'B': 8 quarters, 0 ties whose act differs)" and str(same) == "\n".join(same.sentences())
    assert same.sentences() == ["A and B have the same levers in force, in every system and quarter.", "No act differs in 8 quarters."]
    faint = trace_models(model({}), model({"gain_share": 0.3000001}), 8)
    assert faint.first is None and "never crossed a draw" in faint.sentences()[1] and len(faint.levers) == 1
    assert not faint.by_quarter["differ"].any() and faint.by_quarter["chance_change"].any()
    dead = trace_models(model({"convenor": "none"}), model({"convenor": "none", "running_cost_cut": 0.0}), 1)
    assert dead.first is None and "no chance of one: what differs does nothing here" in dead.sentences()[1]


# --- from whom --------------------------------------------------------------------------------------------------------------------


def test_who_is_named_as_the_source_had_changed_before() -> None:
    for levers in (FINANCE, ONE_SYSTEM, {"compact": 0.9}, {"compact": {"systems": {"I2": 0.9}}}):
        rows, a, b = trace_models(model({}), model(levers), 32).cascade, kept({})["act"], kept(levers)["act"]
        differ = a != b
        first = rows.set_index(["actor", "partner"])
        for row in rows.to_dict("records"):
            if row["via"] == "lever":
                assert row["step"] == 0 and row["in_force"]
            elif row["input"] == "trust":
                back = first.loc[(row["partner"], row["actor"])]
                assert row["via"] == row["partner"] and back["quarter"] < row["quarter"] and row["step"] == back["step"] + 1
            elif row["input"] == "received":
                assert differ[row["via"], row["actor"], row["quarter"] - 1]
                assert row["step"] == first.loc[(row["via"], row["actor"]), "step"] + 1
            if row["input"] == "trust" and (row["partner"], row["actor"]) in first.index:
                assert (row["via"] == row["partner"]) == (first.loc[(row["partner"], row["actor"]), "quarter"] < row["quarter"])
        assert (rows["via"] != "").all() and (rows["step"] <= rows["quarter"] + 1).all()


def test_compact_reaches_trust_before_any_act_does() -> None:
    rows = trace_models(model({}), model({"compact": 0.9}), 8).cascade
    assert (rows["input"] == "trust").any() and set(rows.loc[rows["quarter"] == rows["quarter"].min(), "via"]) == {"lever"}


def test_an_organisation_is_reached_from_the_earliest_then_nearest_then_largest_neighbour() -> None:
    links = {(0, 1): 5.0, (1, 2): 1.0, (0, 3): 1.0, (3, 2): 9.0, (2, 4): 1.0, (5, 4): 9.0, (6, 7): 1.0}
    ends = np.array([*links, *((b, a) for a, b in links)])
    neighbours = Neighbours(ends[:, 0], ends[:, 1], np.array([*links.values()] * 2))
    treated = np.zeros((4, 8), dtype=bool)
    treated[:, [0, 5]] = True
    found = reach(neighbours, np.array([0, 1, 1, 1, 2, 2, -1, 3]), treated)
    assert found.source.tolist() == [LEVER, 0, 3, 0, 2, LEVER, NOBODY, NOBODY]
    assert found.step.tolist() == [0, 1, 2, 1, 3, 0, -1, -1]
    inside = np.arange(8) == 0
    assert distances(neighbours, inside).tolist() == [0, 1, 2, 1, 3, 4, -1, -1]


def test_steps_and_distance_begin_where_the_lever_acts() -> None:
    found = traced("systems")
    world = found.twins.model
    graph = nx.Graph(world.network().to_undirected().edges())
    graph.remove_nodes_from(world.facts.tables["regions"]["code"])
    homes = world.facts.organisations.query("system == 'S0003'")["code"]
    graph.add_edges_from(("S0003", code) for code in homes if code != "S0003")
    far = {code: min(nx.shortest_path_length(graph, code, home) for home in homes) for code in found.cascade["actor"].unique()}
    assert (found.cascade["distance"] == found.cascade["actor"].map(far)).all()
    assert set(found.cascade["distance"]) > {0}
    outside = found.cascade[~found.cascade["in_force"]]
    assert len(outside) and (outside["distance"] > 0).all() and (outside["step"] > 0).all() and (outside["via"] != "lever").all()
    assert outside["quarter"].min() > found.cascade["quarter"].min()
    inside = found.cascade.loc[found.cascade["actor_system"] == "S0003"]
    assert inside["in_force"].all() and (inside["distance"] == 0).all()
    last = found.last
    assert last["acts_beyond"].sum() < last["acts"].sum() and (last["differ_beyond"] <= last["acts_beyond"]).all()
    assert any("Where no lever differs, the first act" in sentence for sentence in found.sentences())


# --- other worlds -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ["reinforcement", "conditional_cooperation"])
def test_rival_rules_of_decision_are_told_by_their_own_terms(rule: str) -> None:
    parameters = {"decision_rule": rule}
    found = trace_models(model({}, parameters), model(FINANCE, parameters), 24)
    own = {"reinforcement": {"learned"}, "conditional_cooperation": {"contentment", "norm_term", "motivation", "last_act"}}[rule]
    assert set(found.cascade["moved"]) & own and "" not in set(found.cascade["moved"])
    row = found.cascade.iloc[-1]
    one = found.decision(row["actor"], row["partner"], row["quarter"])
    assert one.rules == (rule, rule) and rule.replace("_", " ") in str(one)


def test_parameters_that_differ_are_named_as_the_source() -> None:
    found = trace_models(model({}), model({}, {"choice_precision": 1.0}), 8)
    assert set(found.cascade.loc[found.cascade["quarter"] == 0, "via"]) == {"parameters"}
    assert "differ in parameters" in found.sentences()[0]
    ruled = trace_models(model({}), model({}, {"decision_rule": "conditional_cooperation"}), 2)
    row = ruled.cascade.iloc[0]
    assert row["moved"] == row["input"] == "parameters"
    assert "B decides by conditional cooperation" in ruled.why(*row[["actor", "partner", "quarter"]])


def test_another_start_is_told() -> None:
    found = trace_models(model({}), model({}, before={"finance_share": 0.95}), 8)
    assert "do not start from the same state" in found.sentences()[0] and set(found.cascade["via"]) & {"start"}


def test_one_act_in_words() -> None:
    found = traced("one system")
    row = found.cascade[found.cascade["how"] == CROSSED].iloc[0]
    quarter = f"{row['year']} Q{row['quarter'] % 4 + 1}"
    words = found.why(row["actor"], row["partner"], quarter)
    assert words == found.why(row["actor"], row["partner"], int(row["quarter"]))
    acts = [row["act_a"].replace("_", " "), row["act_b"].replace("_", " ")]
    for said in (quarter, *acts, f"{row['draw']:.3f}", row["moved_words"], row["input_words"]):
        assert said in words
    one = found.decision(row["actor"], row["partner"], quarter)
    assert one.terms.set_index("name")["alone"].abs().idxmax() == row["moved"]
    assert one.inputs.set_index("name")["alone"].abs().idxmax() == row["input"]
    assert one.draw == row["draw"] and one.chances == (row["chance_a"], row["chance_b"])
    believed = traced("everywhere").cascade.query("how == @BELIEVED").iloc[0]
    assert "Belief that the partner comes" in traced("everywhere").why(*believed[["actor", "partner", "quarter"]])
    still = trace_models(model({}), model({}), 2)
    assert "No term of the decision differs." in still.why("I1", "P1", 1)


def test_the_page_names_every_column_and_input() -> None:
    told = set(re.findall(r"`([a-z_]+)`", PAGE.read_text("utf-8")))
    for name in decisions.INPUTS:
        assert name in told
    for column in [*traced("everywhere").cascade, *traced("everywhere").by_quarter]:
        stem = re.sub("_[ab]$", "", column)
        parts = {stem} if stem == column else {stem, f"{stem}_"}
        who, _, rest = column.partition("_")
        assert parts & told or column in told or (who in ("actor", "partner") and f"_{rest}" in told), column


# --- refusals ---------------------------------------------------------------------------------------------------------------------


def test_worlds_that_cannot_be_compared_are_refused() -> None:
    one = model({})
    for other, quarters, said in (
        (one, 4, "one and the same"),
        (model({}, seed=4), 4, "luck of their own"),
        (model({}, replicate=1), 4, "luck of their own"),
        (model({}, world=abm.synthetic(4)), 4, "not built on the same organisations"),
        (model({}).run(1), 4, "not at the same quarter"),
        (model({}), 0, "at least one quarter"),
    ):
        with pytest.raises(ResultsError, match=said):
            trace_models(one, other, quarters)


def test_acts_that_there_are_not_are_refused() -> None:
    found = traced("one system")
    for actor, partner, quarter, said in (
        ("I9", "P1", 0, "no organisation 'I9' in tiny"),
        ("I1", "I2", 0, "I1 chooses no act towards I2: its partners are P1"),
        ("R1", "I1", 0, "it chooses none"),
        ("I1", "P1", 32, "quarters go from 0 to 31 \\(2031/32 Q4\\); got 32"),
        ("I1", "P1", "2032/33", "quarters go from"),
        ("I1", "P1", "soon", "quarter soon: expected"),
    ):
        with pytest.raises(ResultsError, match=said):
            found.why(actor, partner, quarter)


# --- results folders --------------------------------------------------------------------------------------------------------------

CONFIG = """
name: traced
system: tiny
scenarios:
  - baseline
  - {name: finance, title: Money first, levers: {finance_share: 0.95, oversight_intensity: 0.9}}
replicates: 2
quarters: 12
seed: 3
design: {kind: grid, over: {levers.fence_share: [0.0, 0.4]}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("traced")
    (path / "traced.yaml").write_text(CONFIG)
    abm.sweep(str(path / "traced.yaml"), path / "out", workers=1)
    abm.sweep(str(path / "traced.yaml"), path / "short", ["quarters=8", "replicates=1"], workers=1)
    abm.sweep(str(path / "traced.yaml"), path / "alone", ["paired=false", "quarters=4", "replicates=1"], workers=1)
    return path / "out"


def test_scenarios_of_a_folder_are_run_again_and_traced(folder: Path) -> None:
    found = trace(folder, point=1, replicate=1)
    levers: dict[str, Any] = {"fence_share": 0.4}
    same = trace_models(model(levers, replicate=1), model({**levers, **FINANCE}, replicate=1), 12)
    pd.testing.assert_frame_equal(found.cascade, same.cascade)
    assert found.names == ("Baseline", "Money first") and found.facts["experiment"] == "traced"
    points = trace(folder, "finance", point=0, point_b=1)
    assert points.levers["lever"].tolist() == ["fence_share"] and points.names == ("Money first, point 0", "Money first, point 1")


def test_two_folders_are_traced_over_the_quarters_that_both_have(folder: Path) -> None:
    found = trace_folders(folder, folder.with_name("short"))
    assert found.twins.quarters == 8 and found.first is None and found.names[0] != found.names[1]
    assert len(trace_folders(folder, folder, "baseline", "finance").cascade)


def test_what_a_folder_does_not_have_is_refused(folder: Path) -> None:
    for arguments, said in (
        (("baseline", "financ"), "did you mean 'finance'"),
        (("baseline", "baseline"), "both worlds are scenario 'baseline'"),
        (("baseline", "finance", 2), "no design point 2"),
        (("baseline", "finance", 0, 5), "no replicate 5"),
    ):
        with pytest.raises(ResultsError, match=said):
            trace(folder, *arguments)
    with pytest.raises(ResultsError, match="luck of their own"):
        trace(folder.with_name("alone"), "baseline", "finance")
    with pytest.raises(ResultsError, match="no folder"):
        trace(folder / "none")
