"""Studies: each runs at its small size from its configs to its answer, and what it writes holds together."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from abm.config.find import repository
from abm.config.load import load
from abm.experiment.folder import read_manifest
from abm.experiment.store import ResultsError
from experiments import catalogue, running, writing
from experiments.study import Found, Study
from tests.view.readable import assert_readable

STUDIES = catalogue.studies()
FILES = sorted((repository() / "experiments").glob("*.py"))
REFERENCE = repository() / "results" / "reference"
STEPPING = {"abm.model.ics_model", "abm.experiment.again", "abm.experiment.work", "mesa"}  # what no study may import
each_study = pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> tuple[Study, Found, dict[str, Path], Path]:
    """A study, run and read at its small size."""
    study: Study = request.param
    root = tmp_path_factory.mktemp(study.key)
    folders = running.run(study, root, quick=True, workers=1, say=lambda text: None)
    place = running.place_of(study, root, quick=True)
    found = study.read(folders)
    writing.write(study, found, folders, place)
    return study, found, folders, place


each_run = pytest.mark.parametrize("ran", STUDIES.values(), ids=STUDIES, indirect=True)


@pytest.mark.slow
@pytest.mark.long
@each_run
def test_a_small_study_goes_from_its_configs_to_an_answer(ran: tuple[Study, Found, dict[str, Path], Path]) -> None:
    study, found, folders, place = ran
    assert all(read_manifest(folder)["failed"] == 0 for folder in folders.values())
    assert found.answer.endswith(".") and 30 < len(found.answer) < 600 and found.findings
    for text in (found.answer, *found.findings):
        assert not re.search(r"\bnan\b|\binf\b|None|\{|\}", text), text
    for name, table in found.tables.items():
        assert len(table) and not table.columns.duplicated().any(), name
        assert not table.isna().all(axis=1).any(), f"{name} has rows of nothing"
        pd.testing.assert_frame_equal(pd.read_csv(place / f"{name}.csv").head(0), table.reset_index(drop=True).head(0), check_dtype=False)
    told = json.loads((place / writing.FACTS).read_text("utf-8"))
    assert told["answer"] == found.answer and list(told["configs"]) == list(study.configs)
    text = (place / writing.ANSWER).read_text("utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", text):
        assert (place / target).is_file(), target
    assert running.folders_of(study, place.parents[1], quick=True) == folders


@pytest.mark.slow
@pytest.mark.long
@each_run
def test_figures_of_a_study_can_be_read(ran: tuple[Study, Found, dict[str, Path], Path]) -> None:
    _, found, _, place = ran
    assert 1 <= len(found.figures) <= 5
    for name, drawn in found.figures.items():
        assert drawn.title and drawn.alt and (place / f"{name}.png").stat().st_size > 5_000
        assert_readable(drawn.figure)
        assert any(axes.has_data() or axes.images or axes.collections for axes in drawn.figure.axes), f"{name} is empty"


# ---- what is true of the folder experiments/ -------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_study_steps_a_model(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    named = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    named |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not {name for name in named if any(name == bad or name.startswith(f"{bad}.") for bad in STEPPING)}
    assert not re.search(r"\bICSModel\b|\.step\(", path.read_text("utf-8"))


@each_study
def test_a_study_names_its_configs_and_says_its_question(study: Study) -> None:
    assert re.fullmatch(r"e\d\d", study.key) and study.title and study.question.endswith("?")
    for config in study.configs:
        experiment = load(config).experiment
        assert config.startswith(study.key) and experiment.question, config
        load(config, study.overrides(config, quick=True))


def test_an_unknown_study_is_refused_with_the_nearest() -> None:
    with pytest.raises(ResultsError, match="did you mean 'e01'"):
        catalogue.chosen(["e011"])
    assert catalogue.chosen(["all"]) == list(STUDIES.values())


def test_results_of_another_config_are_not_overwritten(tmp_path: Path) -> None:
    study = Study("e99", "T", "Q?", ("tiny",), read=lambda folders: None, quick=("quarters=2", "replicates=1"))  # type: ignore[arg-type,return-value]
    first = running.run(study, tmp_path, quick=True, workers=1, say=lambda text: None)
    before = (first["tiny"] / "manifest.json").read_bytes()
    running.run(study, tmp_path, quick=True, workers=1, say=lambda text: None)
    assert (first["tiny"] / "manifest.json").read_bytes() == before
    other = Study("e99", "T", "Q?", ("tiny",), read=study.read, quick=("quarters=3", "replicates=1"))
    with pytest.raises(ResultsError, match="holds results of another tiny"):
        running.run(other, tmp_path, quick=True, workers=1, say=lambda text: None)
    with pytest.raises(ResultsError, match="no folder"):
        running.folders_of(study, tmp_path, quick=False)


def test_what_a_run_gives_again_is_not_published_where_it_is_large(tmp_path: Path) -> None:
    sizes = {"outcomes.parquet": 10, "figure.png": 10, "summary.csv": writing.LARGE + 1, "effects.csv": writing.LARGE, "config.yaml": 10}
    for name, size in sizes.items():
        (tmp_path / name).write_bytes(b" " * size)
    assert sorted(writing.made_again(str(tmp_path), sorted(sizes))) == ["figure.png", "outcomes.parquet", "summary.csv"]


# ---- what is published -----------------------------------------------------------------------------------------------------

PUBLISHED = sorted(path.parent for path in REFERENCE.glob(f"*/{writing.FACTS}"))


def test_the_tables_of_studies_are_those_of_what_is_published() -> None:
    rows = writing.table(REFERENCE)
    for page, up in ((repository() / "README.md", ""), (repository() / "experiments" / "README.md", "../")):
        text = page.read_text("utf-8")
        assert writing.with_table(text, rows, up) == text, f"{page.name} is out of date: python -m experiments table"


@pytest.mark.parametrize("folder", PUBLISHED, ids=lambda folder: folder.name)
def test_a_published_study_comes_from_the_configs_that_are_here(folder: Path) -> None:
    told = json.loads((folder / writing.FACTS).read_text("utf-8"))
    study = STUDIES[folder.name]
    assert list(told["configs"]) == list(study.configs) and told["question"] == study.question
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 4_000_000
    for config in study.configs:
        facts = read_manifest(folder / "runs" / config)
        assert facts["finished"] and not facts["code"]["dirty"], config
        here = load(config)
        there = load(str(folder / "runs" / config / "config.yaml"))
        assert _asked(here.config()) == _asked(there.config()), f"{config} has changed since it was published"


def _asked(config: dict) -> dict:  # type: ignore[type-arg]
    """A resolved experiment without the words."""
    return {key: value for key, value in config.items() if key not in ("title", "question")}
