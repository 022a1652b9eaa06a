"""Unit: the precedence of layers, the source of each value, and that a resolved config stands alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from abm.config.load import load
from abm.config.precedence import PRECEDENCE
from abm.experiment.store import yaml_text

NAME = "finance_share"  # the lever that the layers set in turn


@pytest.fixture
def layered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "configs"
    for name in ("systems", "scenarios", "experiments"):
        (folder / name).mkdir(parents=True)
    (folder / "systems" / "small.yaml").write_text("world: tiny\nlevers:\n  finance_share: 0.1\n  audit: 0.11\n  delegation: 0.12\n")
    (folder / "scenarios" / "calm.yaml").write_text("name: calm\n")
    (folder / "scenarios" / "hard.yaml").write_text("name: hard\nlevers:\n  finance_share: 0.3\n  delegation: 0.33\n")
    (folder / "experiments" / "try.yaml").write_text(
        "name: try\nsystem: small\nscenarios: [calm, hard]\nlevers:\n  finance_share: 0.2\n  audit: 0.22\n"
    )
    return folder


def test_later_layers_win(layered: Path) -> None:
    assert PRECEDENCE.startswith("declared default < system < experiment < scenario < design < command line")
    calm, hard = load("try").scenarios
    assert calm.settings("levers") == {"finance_share": 0.2, "audit": 0.22, "delegation": 0.12}
    assert hard.settings("levers") == {"finance_share": 0.3, "audit": 0.22, "delegation": 0.33}
    calm, hard = load("try", ["levers.finance_share=0.4"]).scenarios
    assert calm.levers[NAME].value == hard.levers[NAME].value == 0.4


def test_every_value_knows_who_set_it(layered: Path) -> None:
    calm, hard = load("try", ["levers.transparency=0.9"]).scenarios
    where = {name: (given.layer, given.place.short()) for name, given in hard.levers.items()}
    assert where == {
        "finance_share": ("scenario", "configs/scenarios/hard.yaml:3"),
        "audit": ("experiment", "configs/experiments/try.yaml:6"),
        "delegation": ("scenario", "configs/scenarios/hard.yaml:4"),
        "transparency": ("command line", "--set:1"),
    }
    assert calm.levers["delegation"].place.short() == "configs/systems/small.yaml:5"


def test_the_command_line_changes_the_experiment_too(layered: Path) -> None:
    resolved = load("try", ["replicates=3", "quarters=5", "scenarios=[hard]", "title='A: b'", "levers.audit={schedule: {0: 0.1, 4: 0.2}}"])
    assert (resolved.experiment.replicates, resolved.experiment.quarters, resolved.experiment.title) == (3, 5, "A: b")
    assert [scenario.name for scenario in resolved.scenarios] == ["hard"]
    assert resolved.scenarios[0].levers["audit"].value == {"schedule": {0: 0.1, 4: 0.2}}


def test_areas_and_ramps_come_through_as_the_model_takes_them(layered: Path) -> None:
    setting = "{national: 0.5, regions: {Y56: {ramp: {from: 0.1, to: 0.9, start: 2026/27 Q1, end: 20}}}}"
    value = load("try", [f"levers.audit={setting}"]).scenarios[0].levers["audit"].value
    assert value == {"national": 0.5, "regions": {"Y56": {"ramp": {"from": 0.1, "to": 0.9, "start": "2026/27 Q1", "end": 20}}}}


def test_a_resolved_config_stands_alone_and_resolves_to_the_same(layered: Path, tmp_path: Path) -> None:
    first = load("try", ["levers.audit={schedule: {0: 0.1, 2026/27: 1.0e-05}}", "replicates=3"])
    text = yaml_text(first.config())
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "config.yaml").write_text(text, "utf-8")
    second = load(str(tmp_path / "elsewhere" / "config.yaml"))
    for one, other in zip(first.scenarios, second.scenarios, strict=True):
        assert one.name == other.name
        for section in ("levers", "parameters"):
            assert one.settings(section) == other.settings(section)
    assert yaml_text(second.config()) == text


def test_configs_are_frozen(layered: Path) -> None:
    experiment = load("try").experiment
    with pytest.raises(ValueError, match="frozen"):
        experiment.seed = 3  # type: ignore[misc]
