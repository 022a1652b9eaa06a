"""Unit: Mesa for real. Truth: Mesa's own tools (agent sets, collector, batch runner) and networkx work on the model's numbers."""

from __future__ import annotations

import itertools
import pickle

import mesa
import networkx as nx
import numpy as np
import pandas as pd
import pytest

import abm
from abm.model import record
from abm.model.organisations import ICB, Council, Organisation, Provider, Region


@pytest.fixture
def model() -> abm.ICSModel:
    return abm.ICSModel(abm.tiny(), seed=2).run(5)


def test_it_is_a_mesa_model_of_mesa_agents(model: abm.ICSModel) -> None:
    assert isinstance(model, mesa.Model)
    assert all(callable(getattr(model.agents, verb)) for verb in ("select", "get", "agg", "set"))
    assert all(isinstance(agent, mesa.Agent) and isinstance(agent, Organisation) for agent in model.agents)
    assert {kind: len(agents) for kind, agents in model.agents_by_type.items()} == {Region: 1, ICB: 2, Provider: 4, Council: 3}
    assert set(model.agent_types) == {Region, ICB, Provider, Council}
    assert [agent.code for agent in model.agents] == model.facts.codes
    assert len({agent.unique_id for agent in model.agents}) == len(model.facts.codes)
    assert len(model.agents) == 10, "asking twice makes nobody anew"


def test_agents_show_the_state(model: abm.ICSModel) -> None:
    icb = next(iter(model.agents_by_type[ICB].select(lambda agent: agent.code == "I2")))
    assert (icb.kind, icb.name, icb.region, icb.system) == ("icb", "Southshire", "R1", "I2")
    assert icb.authority == model.state.icbs["authority"][1]
    assert icb.deficit == model.state.orgs["deficit"][2]
    assert icb.balance == model.state.books.accounts["balance"][2]
    assert icb.need == model.state.systems["need"][1]
    hospital = next(agent for agent in model.agents_by_type[Provider] if agent.code == "P4")
    assert hospital.beds == 500.0
    model.run(3)
    assert icb.authority == model.state.icbs["authority"][1], "an agent is a live view, after later quarters too"


def test_agent_sets(model: abm.ICSModel) -> None:
    providers = model.agents_by_type[Provider]
    assert providers.get("beds") == [800.0, 200.0, 100.0, 500.0]
    assert providers.agg("beds", sum) == 1600.0
    assert [agent.code for agent in providers.select(lambda agent: agent.beds > 400)] == ["P1", "P4"]
    assert [agent.code for agent in model.agents.select(agent_type=Council)] == ["C1", "C2", "C3"]
    providers.set("motivation", 0.25)
    assert (model.state.orgs["motivation"][model.state.providers["org"]] == 0.25).all()
    assert (model.state.orgs["motivation"][model.state.councils["org"]] != 0.25).all()


def test_writing_to_an_agent_changes_the_next_quarter() -> None:
    plain, touched = (abm.ICSModel(abm.tiny(), seed=2).run(5) for _ in range(2))
    icb = next(iter(touched.agents_by_type[ICB]))
    icb.authority = 0.1
    assert touched.state.icbs["authority"][0] == 0.1
    plain.step()
    touched.step()
    shares = [model.outcomes("system").set_index(["quarter", "system"])["convening"] for model in (plain, touched)]
    assert shares[0].loc[(5, "I1")] > shares[1].loc[(5, "I1")]
    assert shares[0].loc[(5, "I2")] == shares[1].loc[(5, "I2")]


def arrays_of(model: abm.ICSModel) -> list[np.ndarray]:
    """Every array of a model's state."""
    return [array for array in (*model.state, *model.state.books) if isinstance(array, np.ndarray)]


def test_models_of_one_world_share_nothing_that_a_run_may_write() -> None:
    world = abm.tiny()
    written, beside = abm.ICSModel(world, seed=2, keep={"ledger"}), abm.ICSModel(world, seed=2, keep={"ledger"})
    at_start = [array.tobytes() for array in arrays_of(beside)]
    written.run(5).agents.set("motivation", 0.25)
    written.agents_by_type[ICB].set("authority", 0.1)
    for array in arrays_of(written):
        array.view(np.uint8, np.ndarray)[...] = 7
    after = abm.ICSModel(world, seed=2, keep={"ledger"})
    assert [array.tobytes() for array in arrays_of(beside)] == [array.tobytes() for array in arrays_of(after)] == at_start
    assert not any(np.shares_memory(mine, other) for mine in arrays_of(beside) for other in arrays_of(after))


@pytest.mark.parametrize(("table", "column"), [("icbs", "allocation_k"), ("partnerships", "flow_k")])
def test_a_world_written_to_between_two_models_is_told_apart(table: str, column: str) -> None:
    world = abm.tiny()
    before, again = abm.ICSModel(world, seed=2).run(4), abm.ICSModel(world, seed=2).run(4)
    getattr(world, table).loc[0, column] *= 1.5
    after = abm.ICSModel(world, seed=2).run(4)
    fresh = abm.ICSModel(abm.tiny(), seed=2).run(4)
    assert before.accounts().equals(again.accounts()) and before.accounts().equals(fresh.accounts())
    assert not before.accounts().equals(after.accounts())


def test_an_agent_set_writes_what_a_column_would() -> None:
    by_agents, by_column = (abm.ICSModel(abm.tiny(), seed=2).run(2) for _ in range(2))
    by_agents.agents_by_type[ICB].set("clarity", 0.9)
    by_column.state.icbs["clarity"][:] = 0.9
    assert by_agents.run(4).outcomes().equals(by_column.run(4).outcomes())


def test_the_data_collector_collects() -> None:
    model = abm.ICSModel(abm.tiny(), seed=2)
    collector = mesa.DataCollector(
        model_reporters={"share": lambda m: m.outcomes()["collaborative_share"].iloc[-1], "quarter": "quarter"},
        agent_reporters={"income": "income", "deficit": lambda agent: agent.deficit},
    )
    for _ in range(4):
        model.step()
        collector.collect(model)
    frame = collector.get_model_vars_dataframe()
    assert frame["quarter"].tolist() == [1, 2, 3, 4]
    assert frame["share"].tolist() == model.outcomes()["collaborative_share"].tolist()
    people = collector.get_agent_vars_dataframe()
    assert people.shape == (40, 2)
    assert people.loc[4, "deficit"].tolist() == model.state.orgs["deficit"].tolist()


SETTINGS = {"levers": [{"finance_share": 0.2}, {"finance_share": 0.9}], "replicate": [0, 1]}
BATCH = {"max_steps": 5, "data_collection_period": 1, "display_progress": False}  # Mesa 3.3 makes six steps of it


def without_world(rows: list[dict]) -> list[dict]:
    """Rows of a batch in the order of runs and steps; worlds are equal, and not the same, when they come from other processes."""
    return [{name: row[name] for name in row if name != "world"} for row in sorted(rows, key=lambda row: (row["RunId"], row["Step"]))]


@pytest.fixture(scope="module")
def batch() -> list[dict]:
    return mesa.batch_run(abm.ICSModel, parameters={"world": [abm.tiny()], **SETTINGS}, **BATCH)


def test_batch_run_on_the_model_as_it_is(batch: list[dict]) -> None:
    given = [next(rows) for _, rows in itertools.groupby(batch, key=lambda row: row["RunId"])]
    assert [(row["levers"], row["replicate"]) for row in given] == [*itertools.product(*SETTINGS.values())]
    for number, row in enumerate(given):
        expected = abm.ICSModel(abm.tiny(), levers=row["levers"], replicate=row["replicate"]).run(6).outcomes()
        rows = [row for row in batch if row["RunId"] == number]
        assert [row["quarter"] for row in rows] == list(range(len(rows))) and len(rows) in (5, 6)
        for name in abm.outcomes()["name"]:
            assert np.array_equal([row[name] for row in rows], expected[name][: len(rows)], equal_nan=True), name
    last = mesa.batch_run(abm.ICSModel, parameters={"world": [abm.tiny()], **SETTINGS}, **BATCH | {"data_collection_period": -1})
    assert [row["trust"] for row in last] == [row["trust"] for row in batch if row["quarter"] == last[0]["quarter"]]
    assert len({row["trust"] for row in last}) == 4


def test_batch_run_in_two_processes_gives_the_same(batch: list[dict]) -> None:
    rows = mesa.batch_run(abm.ICSModel, parameters={"world": [abm.tiny()], **SETTINGS}, number_processes=2, **BATCH)
    pd.testing.assert_frame_equal(pd.DataFrame(without_world(rows)), pd.DataFrame(without_world(batch)))


@pytest.mark.filterwarnings("ignore:The `iterations` keyword:DeprecationWarning")
def test_iterations_of_a_batch_are_one_run_again() -> None:
    rows = mesa.batch_run(abm.ICSModel, parameters={"world": [abm.tiny()]}, iterations=2, **BATCH)
    first, second = ([row["trust"] for row in rows if row["iteration"] == iteration] for iteration in (0, 1))
    assert first == second, "replicates go by `replicate`"


def test_the_collector_on_board() -> None:
    model = abm.ICSModel(abm.tiny(), seed=2)
    assert len(model.datacollector.get_model_vars_dataframe()) == 0
    assert set(model.datacollector.model_reporters) == {"quarter", *abm.outcomes()["name"]}
    model.step()
    collector = model.run(3).datacollector
    frame = collector.get_model_vars_dataframe()
    assert frame.equals(model.outcomes().drop(columns="year")) and len(frame) == 4
    latest = {name: reporter(model) for name, reporter in collector.model_reporters.items()}
    pd.testing.assert_series_equal(pd.Series(latest), frame.iloc[-1], check_names=False)
    collector.collect(model)  # what the step of a Mesa model often does
    model.step()
    assert model.datacollector is collector and len(collector.get_model_vars_dataframe()) == 5
    assert pickle.loads(pickle.dumps(model)).datacollector.get_model_vars_dataframe().equals(collector.get_model_vars_dataframe())


def test_a_run_that_nobody_asks_collects_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(record, "outcomes", lambda *given: asked.append(given) or pd.DataFrame({"quarter": [0]}))
    model = abm.ICSModel(abm.tiny())
    model.step()
    model.run(3)
    assert not asked and model._collector is None


def test_a_frame_is_made_once_a_quarter(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, asked = record.outcomes, []
    monkeypatch.setattr(record, "outcomes", lambda *given: asked.append(given) or whole(*given))
    model = abm.ICSModel(abm.tiny()).run(3)
    for _ in range(3):
        assert len(model.datacollector.model_vars["trust"]) == 3
    assert len(asked) == 1


class Collected(abm.ICSModel):
    """The model with a collector of its own, as Mesa models usually have it."""

    def __init__(self, world, replicate=0, finance_share=0.6, seed=None) -> None:
        super().__init__(world, levers={"finance_share": finance_share}, replicate=replicate, seed=seed)
        self.datacollector = mesa.DataCollector(
            model_reporters={"latest": lambda m: m.outcomes()["trust"].iloc[-1]}, agent_reporters={"income": "income"}
        )

    def step(self) -> None:
        super().step()
        self.datacollector.collect(self)


def test_a_subclass_may_have_a_collector_of_its_own() -> None:
    world = abm.tiny()
    settings = {"world": [world], "replicate": [0, 1], "finance_share": [0.2, 0.9]}
    rows = mesa.batch_run(Collected, parameters=settings, **BATCH | {"data_collection_period": -1})
    per_run = {row["RunId"]: row for row in rows}
    assert len(per_run) == 4 and "trust" not in rows[0]
    for row in per_run.values():
        assert not isinstance(row["latest"], list)
        quarters = row["Step"] + (mesa.__version__ < "3.5")  # steps count from 0 before
        model = abm.ICSModel(world, levers={"finance_share": row["finance_share"]}, replicate=row["replicate"]).run(int(quarters))
        assert row["latest"] == model.outcomes()["trust"].iloc[-1]
    assert len({row["latest"] for row in rows}) == 4


def test_steps_and_quarters_agree() -> None:
    model = abm.ICSModel(abm.tiny())
    assert (model.steps, model.quarter) == (0, 0)
    model.step()
    assert (model.steps, model.quarter) == (1, 1)
    assert model.run(4) is model
    assert (model.steps, model.quarter) == (5, 5)
    model.run(0)
    assert model.quarter == 5


@pytest.mark.parametrize("bad", [-1, 1.5, True])
def test_a_run_of_no_whole_number_of_quarters_is_refused(bad) -> None:
    with pytest.raises(ValueError, match="whole number"):
        abm.ICSModel(abm.tiny()).run(bad)


@pytest.mark.parametrize("make", [abm.tiny, abm.england])
def test_the_network(make) -> None:
    world = make()
    model = abm.ICSModel(world, seed=1)
    fresh = model.network()
    assert {act for _, _, act in fresh.edges(data="act")} == {""}, "before the first quarter nobody has acted"
    graph = model.run(2).network()
    assert type(graph) is nx.DiGraph
    assert set(graph) == set(world.organisations()["code"])
    assert graph.number_of_edges() == 2 * len(world.partnerships)
    assert all(graph.has_edge(target, source) for source, target in graph.edges)
    assert nx.get_node_attributes(graph, "kind") == dict(world.organisations()[["code", "kind"]].itertuples(index=False, name=None))
    acts = model.acts().set_index(["actor", "partner", "tie"])
    for source, target, tie in graph.edges(data=True):
        if tie["kind"] != "oversight":
            row = acts.loc[(source, target, tie["kind"])]
            assert (tie["act"], tie["collaborative"], tie["trust"]) == (row["act"], row["collaborative"], row["trust"])
        assert 0 <= tie["trust"] <= 1


def test_the_graph_is_plain_data(model: abm.ICSModel, tmp_path) -> None:
    graph = model.network()
    for _, data in [*graph.nodes(data=True), *((0, data) for _, _, data in graph.edges(data=True))]:
        assert all(isinstance(value, (str, int, float, bool, type(None))) and not isinstance(value, np.generic) for value in data.values())
