"""View: the dashboard's server, asked as a browser asks it: what it shows is the model to the bit, and so is what is taken away."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import abm
from abm.config.find import config_folders, names
from abm.experiment.conduct import How, sweep
from abm.model.levers import LEVERS
from abm.view.app.base import built_in
from abm.view.app.opening import base_of
from abm.view.page.packing import unpacked
from tests.view.served import RAMP, SHORT, Served, serving


@pytest.fixture(scope="module")
def here() -> Iterator[Served]:
    with serving(built_in()) as served:
        yield served


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder with a design: two scenarios, three points, three replicates."""
    out = tmp_path_factory.mktemp("viewed") / "mine"
    design = f"design={{kind: list, points: [{{}}, {{levers.audit: 0.5, levers.fence_pots: 30}}, {{levers.compact: {RAMP}}}]}}"
    sweep("tiny", out, ["quarters=6", "replicates=3", "scenarios=[baseline, finance_oversight]", design], how=How(workers=1))
    return out


@pytest.fixture(scope="module")
def stored(folder: Path) -> Iterator[Served]:
    with serving(base_of(str(folder))) as served:
        yield served


def values(frame: pd.DataFrame) -> dict[str, list[float | None]]:
    """Outcomes as the server gives them: full doubles, None where missing."""
    outcomes = [name for name in abm.outcomes()["name"] if name in frame]
    return {name: [value if np.isfinite(value) else None for value in frame[name].astype(float).tolist()] for name in outcomes}


def shown(frame: pd.DataFrame, scenario: str, replicate: int, point: int = 0) -> dict[str, list[float | None]]:
    """The outcomes of one run in a table of results."""
    return values(frame[(frame["scenario"] == scenario) & (frame["replicate"] == replicate) & (frame["point"] == point)])


def taken_away(served: Served, query: dict[str, Any], folder: Path) -> Path:
    """The config that the server gives for a setting, run as it says: `abm run` without its words."""
    answer = served.get("/api/config", query)
    assert answer.status == 200, answer.body
    name = answer.headers["content-disposition"].partition('filename="')[2].rstrip('"')
    folder.mkdir()
    (folder / name).write_bytes(answer.body)
    assert f"abm run {name}" in answer.body.decode().splitlines()[0]
    sweep(str(folder / name), folder / "out", how=How(workers=1))
    return folder / "out"


# --- what there is -----------------------------------------------------------------------------------------------------------


def test_the_start_lists_every_scenario_system_lever_and_outcome(here: Served) -> None:
    start = here.get("/api/start").json()
    assert {each["name"] for each in start["scenarios"]} == set(names(config_folders("scenarios")))
    assert {each["name"] for each in start["systems"]} == set(names(config_folders("systems")))
    assert [each["name"] for each in start["levers"]] == list(abm.levers()["name"])
    assert [each["name"] for each in start["outcomes"]] == list(abm.outcomes()["name"])
    assert {"system": "england", "quarters": 40, "a": "baseline", "b": "finance_oversight"}.items() <= start["defaults"].items()
    by_name = {each["name"]: each for each in start["levers"]}
    assert by_name["bypass_regime"]["choices"] == list(LEVERS["bypass_regime"].choices)
    assert (by_name["fence_share"]["low"], by_name["fence_share"]["high"], by_name["fence_share"]["plausible"]) == (0, 0.6, [0, 0.3])
    assert next(each for each in start["scenarios"] if each["name"] == "finance_oversight")["levers"]["finance_share"] == 0.9
    assert "not a forecast" in start["disclaimer"]


def test_the_network_of_england_has_everybody_with_money_hexagons_and_regions(here: Served) -> None:
    network = here.get("/api/network", {"system": "england", "scenario": "ring_fencing", "parameters.patience": "0.5"}).json()
    model = abm.ICSModel(abm.england(), seed=0)
    people = network["organisations"]
    assert people["code"] == list(model.facts.codes) and len(people["income_k"]) == len(people["code"]) > 400
    assert np.allclose(people["income_k"], model.state.orgs["income"], atol=0.5)
    layouts = {each["id"]: each for each in network["layouts"]}
    assert set(layouts) == {"map", "hexes", "tiers"} and len(layouts["hexes"]["areas"]) == 42
    spots = set(zip(layouts["hexes"]["x"], layouts["hexes"]["y"], strict=True))
    assert len(spots) == len(people["code"])  # nobody stands on another
    assert {each["code"] for each in network["regions"]} == set(model.facts.tables["regions"]["code"])
    assert "quarters" not in network and "scenarios" not in network


def test_a_synthetic_world_has_no_hexagons(here: Served) -> None:
    assert "hexes" not in [each["id"] for each in here.get("/api/network", {"system": "tiny"}).json()["layouts"]]


# --- the same numbers --------------------------------------------------------------------------------------------------------


def test_a_world_is_the_model_to_the_bit(here: Served) -> None:
    query = {**SHORT, "scenario": "finance_oversight", "replicate": 3, "levers.compact": RAMP, "levers.fence_pots": "30"}
    world = here.get("/api/world", query).json()
    ramp = {"ramp": {"from": 0.2, "to": 0.8, "start": "2024/25", "end": "2025/26"}}
    levers = {"finance_share": 0.9, "oversight_intensity": 0.8, "compact": ramp, "fence_pots": 30}
    model = abm.ICSModel(abm.tiny(), levers=levers, seed=5, replicate=3).run(6)
    assert world["curves"]["all"] == values(model.outcomes())
    for by in ("kind", "region"):
        frame = model.outcomes(by=by)
        assert world["curves"][by] == {code: values(rows) for code, rows in frame.groupby(by)}
    trust = unpacked(world["states"]["trust"])
    assert trust.shape == (6, len(model.state.ties)) and np.allclose(trust[-1], model.state.ties["trust"], atol=0.0026)
    assert set(world["changed"]) == {"levers.compact", "levers.fence_pots"}
    assert world["set"]["levers"]["finance_share"] == 0.9 and world["set"]["levers"]["audit"] == LEVERS["audit"].default
    assert json.loads(world["set"]["levers"]["compact"]) == ramp
    assert [each["quarter"] for each in world["quarters"]] == [1, 2, 3, 4, 1, 2] and len(world["survey"]["years"]) == 1


def test_what_is_taken_away_runs_to_the_same_numbers(here: Served, tmp_path: Path) -> None:
    own = {"b.scenario": "ring_fencing", "b.levers.finance_share": "0.31", "b.levers.compact": RAMP, "a.levers.audit": "0.2"}
    out = taken_away(here, {**SHORT, "replicate": 2, **own}, tmp_path / "taken")
    tables = {"all": abm.load(out), "kind": abm.load(out, "outcomes_by_kind"), "region": abm.load(out, "outcomes_by_region")}
    assert tables["all"]["replicate"].max() == 2
    for letter, name in (("a", "baseline_changed"), ("b", "ring_fencing_changed")):
        one = {key[2:]: value for key, value in own.items() if key.startswith(letter)} | {**SHORT, "replicate": 2}
        curves = here.get("/api/world", one).json()["curves"]
        assert curves["all"] == shown(tables["all"], name, 2)
        for by in ("kind", "region"):
            assert curves[by] == {code: shown(rows, name, 2) for code, rows in tables[by].groupby(by)}


def test_both_worlds_of_one_scenario_are_told_apart(here: Served, tmp_path: Path) -> None:
    out = taken_away(here, {**SHORT, "a.scenario": "baseline", "b.scenario": "baseline"}, tmp_path / "twice")
    frame = abm.load(out)
    assert shown(frame, "baseline_a", 0) == shown(frame, "baseline_b", 0)


@pytest.mark.parametrize(("point", "replicate"), [(0, 0), (1, 2), (2, 1)])
def test_a_results_folder_shows_what_it_stores(stored: Served, folder: Path, point: int, replicate: int) -> None:
    frame = abm.load(folder)
    for scenario in ("baseline", "finance_oversight"):
        world = stored.get("/api/world", {"scenario": scenario, "point": point, "replicate": replicate}).json()
        assert world["curves"]["all"] == shown(frame, scenario, replicate, point)


def test_a_point_of_a_folder_is_taken_away_with_what_was_changed(stored: Served, tmp_path: Path) -> None:
    query = {"point": 1, "replicate": 1, "b.levers.audit": "0.4"}
    out = taken_away(stored, query, tmp_path / "point")
    world = stored.get("/api/world", {"scenario": "finance_oversight", "point": 1, "replicate": 1, "levers.audit": "0.4"}).json()
    levers = {"finance_share": 0.9, "oversight_intensity": 0.8, "fence_pots": 30, "audit": 0.4}  # scenario, point, and by hand on top
    assert world["curves"]["all"] == values(abm.ICSModel(abm.tiny(), levers=levers, seed=7, replicate=1).run(6).outcomes())
    assert world["curves"]["all"] == shown(abm.load(out), "finance_oversight_changed", 1)
    plain = stored.get("/api/world", {"scenario": "baseline", "point": 1, "replicate": 1}).json()
    assert plain["curves"]["all"] == shown(abm.load(out), "baseline", 1)


def test_a_folder_offers_its_own(stored: Served) -> None:
    start = stored.get("/api/start").json()
    assert start["base"]["kind"] == "results" and [each["name"] for each in start["scenarios"]] == ["baseline", "finance_oversight"]
    assert [each["point"] for each in start["points"]] == [0, 1, 2] and start["points"][1]["settings"]["levers.audit"] == 0.5
    assert start["replicates"] == 3 and start["limits"]["replicate"] == [0, 2] and start["defaults"]["quarters"] == 6
    assert stored.refused("/api/world", {"point": 3})[0] == stored.refused("/api/world", {"replicate": 3})[0] == 422


def test_settings_asked_for_at_once_do_not_mix(here: Served) -> None:
    asked = [{**SHORT, "seed": 100 + i % 8, "levers.finance_share": str(0.2 + 0.1 * (i % 4))} for i in range(32)]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda query: here.get("/api/world", query).json(), asked))
    for query, answer in zip(asked, answers, strict=True):
        levers = {"finance_share": float(query["levers.finance_share"])}
        assert answer["curves"]["all"] == values(abm.ICSModel(abm.tiny(), levers=levers, seed=query["seed"]).run(6).outcomes())


def test_a_tab_that_is_closed_in_mid_run_harms_nobody(here: Served) -> None:
    for seed in range(200, 212):
        with socket.create_connection(("127.0.0.1", here.port)) as tab:
            tab.sendall(f"GET /api/world?quarters=6&seed={seed} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert here.get("/api/world", {**SHORT, "seed": 201}).json()["curves"]["all"] == values(
        abm.ICSModel(abm.tiny(), seed=201).run(6).outcomes()
    )


# --- cards, figures, tables ---------------------------------------------------------------------------------------------------


def test_an_organisation_is_told_of_both_worlds(here: Served) -> None:
    code = here.get("/api/network", {"system": "tiny"}).json()["organisations"]["code"][1]
    card = here.get("/api/organisation", {**SHORT, "org": code, "quarter": 4}).json()
    assert card["organisation"]["code"] == code and set(card["worlds"]) == {"a", "b"} and card["quarter"]["number"] == 4
    status, words = here.refused("/api/organisation", {**SHORT, "org": f"{code}X"})
    assert status == 404 and code in words
    assert here.refused("/api/organisation", {**SHORT, "org": code, "quarter": 6})[0] == 422


def test_figures_and_tables_come_as_files(here: Served) -> None:
    table = here.get("/api/table", {**SHORT, "table": "ledger", "quarter": 2})
    assert table.body.startswith(b"scenario,point,replicate,quarter,year,payer") and "ledger_baseline_quarter_2.csv" in str(table.headers)
    figure = here.get("/api/figure", {**SHORT, "figure": "network", "quarter": 3})
    assert figure.body.startswith(b"\x89PNG") and figure.headers["content-type"] == "image/png"
    assert figure.headers["content-disposition"].startswith("attachment; ")
    status, words = here.refused("/api/figure", {**SHORT, "figure": "netwrk"})
    assert status == 404 and "network" in words
    assert here.refused("/api/table", {**SHORT, "table": "outcome"})[0] == 404
