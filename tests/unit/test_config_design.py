"""Unit: how a design layers on systems and scenarios, which worlds it needs, that it stands alone, and what is tried before a run."""

from __future__ import annotations

from pathlib import Path

import pytest

import abm
from abm.config.checks import check_against_world, check_models
from abm.config.errors import ConfigError
from abm.config.load import load
from abm.config.resolved import Resolved
from abm.config.worlds import build_worlds
from abm.experiment.design import design_points
from abm.experiment.store import yaml_text

HEAD = "name: mine\nsystem: tiny\nscenarios: [baseline]\nquarters: 40\nreplicates: 2\ndesign:\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def text(design: str) -> str:
    return HEAD + "".join(f"  {line}\n" for line in design.splitlines())


def checked(reference: str, overrides: list[str] | None = None) -> Resolved:
    """An experiment that has passed all checks that `abm run` makes before the first run."""
    resolved = load(reference, overrides or [])
    worlds = build_worlds(resolved)
    check_against_world(resolved, worlds, list(abm.outcomes()["name"]))
    check_models(resolved, worlds, abm.ICSModel)
    return resolved


def test_without_a_design_there_is_one_world_and_one_point() -> None:
    resolved = load("tiny")
    assert list(resolved.worlds) == ["tiny"] and resolved.worlds["tiny"] is resolved.own
    points = design_points(resolved)
    assert points.values.shape == (1, 0) and points.unit is None and points.values.index.name == "point"
    assert (points.settings(0).system, points.settings(0).levers, points.settings(0).parameters) == ("tiny", {}, {})


SYSTEMS = """\
name: mine
system: {name: own, world: tiny, levers: {finance_share: 0.1, audit: 0.11, delegation: 0.12}}
scenarios:
  - name: calm
  - {name: hard, levers: {delegation: 0.33}, parameters: {patience: 0.8}}
levers: {audit: 0.22}
design:
  kind: %s
  over:
    system: [other, own, {name: third, world: synthetic, systems: 3, parameters: {trust_memory: 0.9}}]
    levers.compact: [0, 1]
"""


@pytest.fixture
def systems(here: Path) -> Path:
    (here / "configs" / "systems").mkdir(parents=True)
    (here / "configs" / "systems" / "other.yaml").write_text(
        "name: other\nworld: synthetic\nsystems: 4\nlevers: {finance_share: 0.5, audit: 0.55}\n", "utf-8"
    )
    (here / "mine.yaml").write_text(SYSTEMS % "factorial", "utf-8")
    return here


def test_scenarios_are_stacked_on_each_systems_own_values(systems: Path) -> None:
    resolved = checked("mine.yaml")
    assert list(resolved.worlds) == ["other", "own", "third"]
    stacked = {name: [scenario.settings("levers") for scenario in world.scenarios] for name, world in resolved.worlds.items()}
    assert stacked == {
        "other": [{"finance_share": 0.5, "audit": 0.22}, {"finance_share": 0.5, "audit": 0.22, "delegation": 0.33}],
        "own": [
            {"finance_share": 0.1, "audit": 0.22, "delegation": 0.12},
            {"finance_share": 0.1, "audit": 0.22, "delegation": 0.33},
        ],
        "third": [{"audit": 0.22}, {"audit": 0.22, "delegation": 0.33}],
    }
    assert resolved.worlds["third"].scenarios[1].settings("parameters") == {"patience": 0.8, "trust_memory": 0.9}
    assert resolved.worlds["other"].scenarios[0].levers["finance_share"].place.short() == "configs/systems/other.yaml:4"
    assert {name: len(world.icbs) for name, world in build_worlds(resolved).items()} == {"other": 4, "own": 2, "third": 3}
    assert [design_points(resolved).settings(i).system for i in range(6)] == ["other", "other", "own", "own", "third", "third"]


def test_the_own_system_has_a_world_only_where_a_run_uses_it(systems: Path) -> None:
    assert list(load("mine.yaml", ["design.over.system=[other, tiny]"]).worlds) == ["other", "tiny"]
    (systems / "mine.yaml").write_text(SYSTEMS % "one_at_a_time", "utf-8")
    assert list(load("mine.yaml", ["design.over.system=[other, tiny]"]).worlds) == ["own", "other", "tiny"]
    (systems / "mine.yaml").write_text(SYSTEMS.split("design:")[0], "utf-8")
    assert list(load("mine.yaml", ["design={kind: list, points: [{system: other}, {levers.audit: 0.1, system: tiny}]}"]).worlds) == [
        "other",
        "tiny",
    ]
    assert list(load("mine.yaml", ["design={kind: list, points: [{system: other}, {levers.audit: 0.1}]}"]).worlds) == ["own", "other"]


DESIGNS = {
    "systems": SYSTEMS % "factorial",
    "systems one at a time": SYSTEMS % "one_at_a_time",
    "list": SYSTEMS.split("design:")[0]
    + """\
design:
  kind: list
  points:
    - {system: other, levers.audit: 0.4}
    - {levers.finance_share: {schedule: {0: 0.1, 2026/27 Q3: 0.7}}}
    - {system: other, parameters.decision_rule: reinforcement, levers.priorities: 7}
    - {system: {name: fourth, world: tiny, levers: {compact: 0.7}}}
""",
    **{
        kind: f"name: mine\nsystem: tiny\nquarters: 60\nscenarios: [baseline, ring_fencing]\ndesign:\n  {body}\n"
        for kind, body in {
            "grid": "kind: grid\n  steps: 3\n  over: {levers.audit: plausible, levers.fence_pots: {from: 0, to: 24, steps: 4}}",
            "fraction": "kind: fractional_factorial\n  over: {levers.audit: plausible, parameters.patience: [0.8, 0.9]}",
            "hypercube": "kind: latin_hypercube\n  points: [5, 3]\n  over: {levers.convenor: plausible, levers.audit: plausible}",
            "sequence": "kind: sobol_sequence\n  points: 8\n  over: {levers.audit: {from: 0.001, to: 1, scale: log}}",
            "sobol": "kind: sobol\n  base_points: 4\n  groups: {a: [levers.audit, levers.compact]}\n"
            "  over: {levers.audit: plausible, parameters.patience: plausible, levers.compact: plausible}",
            "morris": "kind: morris\n  trajectories: [3, 2]\n  seed: 9\n  over: {levers.audit: plausible, levers.priorities: plausible}",
            "ramp": "kind: ramp\n  quarters: [4, 8]\n  direction: both\n  over: {levers.audit: plausible, levers.priorities: plausible}",
        }.items()
    },
}


@pytest.mark.parametrize("case", DESIGNS)
def test_a_resolved_design_stands_alone_and_gives_the_same_points(case: str, systems: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (systems / "mine.yaml").write_text(DESIGNS[case], "utf-8")
    first = checked("mine.yaml")
    written = yaml_text(first.config())
    alone = systems / "alone"
    alone.mkdir()
    (alone / "config.yaml").write_text(written, "utf-8")
    (systems / "configs" / "systems" / "other.yaml").unlink()
    monkeypatch.chdir(alone)
    second = checked("config.yaml")
    assert yaml_text(second.config()) == written
    assert list(first.worlds) == list(second.worlds)
    for name, world in first.worlds.items():
        for one, other in zip(world.scenarios, second.worlds[name].scenarios, strict=True):
            assert [one.settings(s) for s in ("levers", "parameters")] == [other.settings(s) for s in ("levers", "parameters")]
    points, again = design_points(first), design_points(second)
    assert points.values.equals(again.values) and list(points.values) == list(again.values)
    assert [points.settings(i) for i in range(len(points))] == [again.settings(i) for i in range(len(again))]
    assert "plausible" not in written.split("\nbaseline:")[0]


def test_own_tables_of_several_systems_go_into_folders_of_their_own(here: Path) -> None:
    from abm.england import PACKAGED

    for name in ("first", "second"):
        (here / name).mkdir()
        for path in PACKAGED.glob("*.csv"):
            (here / name / path.name).write_bytes(path.read_bytes())
    (here / "mine.yaml").write_text(
        "name: mine\nsystem: {name: one, world: england, tables: first}\nscenarios: [baseline]\n"
        "design: {kind: factorial, over: {system: [one, {name: two, world: england, tables: second}]}}\n",
        "utf-8",
    )
    resolved = load("mine.yaml")
    assert {name: folder.name for name, folder in resolved.table_folders().items()} == {"tables": "first", "tables/two": "second"}
    config = resolved.config()
    assert config["system"]["tables"] == "tables"
    assert config["design"]["over"]["system"] == ["one", {"name": "two", "world": "england", "tables": "tables/two"}]


def test_corners_of_a_design_are_tried_on_the_model(here: Path) -> None:
    (here / "mine.yaml").write_text(
        HEAD.replace("[baseline]", "[baseline, ring_fencing]")
        + "  kind: latin_hypercube\n  points: 100\n  over: {levers.audit: plausible, parameters.patience: {from: 0.7, to: 0.9}}\n",
        "utf-8",
    )
    resolved = load("mine.yaml")
    made: list[tuple[float, float, bool]] = []

    def make(world: object, levers: dict, parameters: dict, **_: object) -> None:
        made.append((levers["audit"], parameters["patience"], "fence_share" in levers))

    check_models(resolved, build_worlds(resolved), make)
    assert made == [(0.0, 0.7, False), (0.5, 0.9, False), (0.0, 0.9, False), (0.5, 0.7, False), (0.5, 0.9, True)]


def test_a_model_that_refuses_a_corner_is_told_at_the_factor(here: Path) -> None:
    (here / "mine.yaml").write_text(text("kind: factorial\nover:\n  levers.audit: [0.1, 0.3]"), "utf-8")
    resolved = load("mine.yaml")

    def make(world: object, levers: dict, **_: object) -> None:
        if levers["audit"] > 0.2:
            raise abm.DeclarationError("audit", "is too much here")

    with pytest.raises(ConfigError) as caught:
        check_models(resolved, build_worlds(resolved), make)
    assert [problem.line() for problem in caught.value.problems] == ["mine.yaml:9:5: design.over.levers.audit: is too much here"]


def test_a_setting_that_is_stored_as_json_is_a_setting_again(here: Path) -> None:
    (here / "mine.yaml").write_text(text("kind: list\npoints:\n- levers.audit: {schedule: {0: 0.1, 4: 0.3, 2026/27: 0.4}}\n- {}"), "utf-8")
    stored = design_points(load("mine.yaml")).values["levers.audit"][0]
    (here / "mine.yaml").write_text(text(f"kind: list\npoints:\n- levers.audit: {stored}\n- {{}}"), "utf-8")
    again = design_points(checked("mine.yaml"))
    assert again.values["levers.audit"][0] == stored
    assert again.settings(0).levers == {"audit": {"schedule": {0: 0.1, 4: 0.3, "2026/27": 0.4}}}
