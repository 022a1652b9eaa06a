"""Reproduce: every published result is the file that was written, and comes out again, to the bit, from its folder alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from abm.config.find import repository
from abm.experiment.conduct import How, sweep
from abm.experiment.content import content_digest
from abm.experiment.folder import read_manifest
from abm.experiment.reproduce import check_files, reproduce

FOLDERS = sorted(path.parent for path in (repository() / "results" / "reference").glob("*/manifest.json"))
each_folder = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
MOST_RUNS = 400  # of a reference that is run again here; larger ones are for `abm reproduce` by hand


def test_there_are_published_results() -> None:
    assert any(folder.name == "headline" for folder in FOLDERS)


@each_folder
def test_files_are_those_that_were_written(folder: Path) -> None:
    facts = read_manifest(folder)
    damaged, _ = check_files(folder, facts)
    assert not damaged
    assert facts["finished"] and facts["code"]["commit"] and not facts["code"]["dirty"]
    for table, told in facts["tables"].items():
        path = folder / f"{table}.parquet"
        if path.is_file():
            assert content_digest(path) == told["sha256"], table


@each_folder
@pytest.mark.slow
def test_it_comes_out_again(folder: Path) -> None:
    if read_manifest(folder)["runs"] > MOST_RUNS:
        pytest.skip(f"more than {MOST_RUNS} runs: abm reproduce {folder.name}")
    found = reproduce(folder, lambda config, out: sweep(str(config), out, how=How(workers=1)))
    assert found.identical, found.lines()
