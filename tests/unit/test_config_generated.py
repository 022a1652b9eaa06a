"""Unit: the generated files are what the code says, the shipped configs resolve, and the short table's columns exist."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import abm
from abm.config import defaults
from abm.config.document import read_document
from abm.config.find import repository
from abm.config.load import load
from abm.config.problems import validated
from abm.config.schema import KINDS, Scenario
from abm.experiment.table import COLUMNS
from abm.model.levers import LEVERS
from abm.model.parameters import PARAMETERS

CONFIGS = [path for kind in KINDS for path in sorted((repository() / "configs" / kind).glob("*.yaml"))]


def test_generated_files_are_fresh() -> None:
    assert defaults.stale(repository()) == [], "stale: run `abm defaults`"


def test_a_stale_or_missing_file_is_noticed_and_rewritten(tmp_path: Path) -> None:
    names = sorted(defaults.generated())
    assert sorted(defaults.write(tmp_path)) == names
    (tmp_path / "configs" / "defaults.yaml").write_text("name: other\n")
    assert defaults.stale(tmp_path) == ["configs/defaults.yaml"]


def test_defaults_name_every_lever_and_parameter_at_its_default() -> None:
    scenario = validated(read_document(repository() / "configs" / "defaults.yaml"), Scenario)
    assert scenario.levers.given() == {name: row.default for name, row in LEVERS.items()}
    assert scenario.parameters.given() == {name: row.default for name, row in PARAMETERS.items()}


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_shipped_configs_are_valid_named_as_their_file_and_known_to_editors(path: Path) -> None:
    config = validated(read_document(path), KINDS[path.parent.name])
    assert config.model_dump()["name"] == path.stem
    schema = path.parent.name.removesuffix("s")
    assert path.read_text("utf-8").startswith(f"# yaml-language-server: $schema=../schema/{schema}.json\n")
    assert json.loads((repository() / "configs" / "schema" / f"{schema}.json").read_text("utf-8"))["type"] == "object"


def test_the_headline_is_what_the_readme_says() -> None:
    headline = load("headline")
    assert (headline.experiment.quarters, headline.experiment.replicates, headline.experiment.paired) == (60, 20, True)
    assert [scenario.name for scenario in headline.scenarios] == ["baseline", "finance_oversight", "regional_bypass", "ring_fencing"]
    assert headline.system.world == "england"
    assert headline.scenarios[0].settings("levers") == {}


def test_the_short_table_shows_outcomes_that_exist() -> None:
    assert {column.outcome for column in COLUMNS} <= set(abm.outcomes()["name"])
