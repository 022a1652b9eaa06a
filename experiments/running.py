"""Running a study's configs: what is done is kept, what was stopped goes on, and results of another config are not overwritten."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from abm.config.load import load
from abm.experiment.conduct import How, resume, sweep
from abm.experiment.folder import read_manifest
from abm.experiment.progress import progress
from abm.experiment.store import ResultsError, yaml_text
from experiments.study import Study


def place_of(study: Study, root: Path, quick: bool) -> Path:
    """Where a study's results stand: `results/e02`, or `results/quick/e02`."""
    return root / "quick" / study.key if quick else root / study.key


def run(study: Study, root: Path, quick: bool, workers: int | None, say: Callable[[str], None], command: str = "") -> dict[str, Path]:
    """The results folder of each config of a study, run where it is not there yet. Raises `ConfigError` or `ResultsError`."""
    folders = {}
    how = How(workers=workers, report=progress, say=say, command=command)
    for config in study.configs:
        folder = place_of(study, root, quick) / config
        folders[config] = folder
        resolved = load(config, study.overrides(config, quick))
        if not folder.exists():
            say(f"{study.key}: {config}")
            sweep(resolved, folder, how=how)
            continue
        if (folder / "config.yaml").read_text("utf-8") != yaml_text(resolved.config()):
            raise ResultsError(f"{folder} holds results of another {config}: the config or a default has changed; move it away first")
        if not read_manifest(folder).get("finished"):
            say(f"{study.key}: {config}, going on where it was stopped")
            resume(folder, how=how)
    return folders


def folders_of(study: Study, root: Path, quick: bool) -> dict[str, Path]:
    """The results folder of each config of a study that has been run. Raises `ResultsError` where one is missing."""
    folders = {config: place_of(study, root, quick) / config for config in study.configs}
    for config, folder in folders.items():
        if not read_manifest(folder).get("finished"):
            raise ResultsError(f"{config} has not been run to its end: python -m experiments run {study.key}{' --quick' if quick else ''}")
    return folders
