"""Running the configs of the predictions at every member of the ensemble.

A design overrides what a scenario sets. So that a treatment also holds where the ensemble varies the same lever, a scenario that sets such
a lever is run as a sweep of its own, without that column. Points stand for members in all of them, in the same order, and luck is shared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from abm.config.load import load
from abm.experiment.conduct import How, resume, sweep
from abm.experiment.folder import csv_text, read_manifest
from abm.experiment.progress import progress
from abm.experiment.read import load as table
from abm.experiment.store import ResultsError, write_file, yaml_text

CONFIGS = ("e15_years", "e15_regions", "e15_barriers", "e15_integration")
RUNS, ENSEMBLE = "runs", "ensemble.csv"


@dataclass(frozen=True)
class Ran:
    """The results folders of one config: each holds some of its scenarios."""

    folders: tuple[Path, ...]

    def rows(self, name: str, columns: list[str], scenario: str | None = None) -> pd.DataFrame:
        """A table's columns, of one scenario or of all, with `scenario`, `point` (the member) and `replicate`."""
        wanted = ["scenario", "point", "replicate", *columns]
        parts = []
        for folder in self.folders:
            there = [each["name"] for each in read_manifest(folder)["scenarios"]]
            if scenario is None or scenario in there:
                parts.append(table(folder, name, wanted, None if scenario is None else [scenario]))
        return pd.concat(parts, ignore_index=True)

    def titles(self) -> dict[str, str]:
        """Title of each scenario by its name, in the order of the config."""
        return {each["name"]: each["title"] for folder in self.folders for each in read_manifest(folder)["scenarios"]}


def run_all(
    ensemble: pd.DataFrame,
    out: Path,
    overrides: Mapping[str, list[str]],
    workers: int | None,
    say: Callable[[str], None],
    command: str = "",
) -> dict[str, Ran]:
    """Run every config at every member of `ensemble` below `out`/runs; what is finished is kept. Raises `ConfigError`, `ResultsError`."""
    out.mkdir(parents=True, exist_ok=True)
    text = csv_text(ensemble.rename_axis("member").reset_index())
    place = out / ENSEMBLE
    if place.exists() and place.read_text("utf-8") != text:
        raise ResultsError(f"{place} holds another ensemble: give a new folder")
    write_file(place, text)
    how = How(workers=workers, report=progress, say=say, command=command)
    return {config: Ran(tuple(_swept(config, ensemble, out, overrides.get(config, []), how))) for config in CONFIGS}


def _swept(config: str, ensemble: pd.DataFrame, out: Path, overrides: list[str], how: How) -> list[Path]:
    plain = load(config, overrides).config()
    folders = []
    for number, (left_out, scenarios) in enumerate(grouped(plain["scenarios"], list(ensemble.columns)).items()):
        name = config if number == 0 else f"{config}-{number + 1}"
        columns = [key for key in ensemble.columns if key not in left_out]
        design = {"kind": "table", "file": f"../../{ENSEMBLE}", "columns": columns}
        given = {**plain, "scenarios": scenarios, "baseline": scenarios[0]["name"], "design": design}
        folder = out / RUNS / name
        folder.parent.mkdir(parents=True, exist_ok=True)
        asked = out / RUNS / "configs" / f"{name}.yaml"
        asked.parent.mkdir(exist_ok=True)
        if folder.exists() and (not asked.exists() or asked.read_text("utf-8") != yaml_text(given)):
            raise ResultsError(f"{folder} holds results of another {config}: give a new folder")
        write_file(asked, yaml_text(given))
        if not folder.exists():
            how.say(f"{name}: {len(scenarios)} scenario{'s' if len(scenarios) > 1 else ''} at {len(ensemble)} members")
            sweep(load(str(asked)), folder, how=how)
        elif not read_manifest(folder).get("finished"):
            resume(folder, how=how)
        folders.append(folder)
    return folders


def grouped(scenarios: list[Mapping[str, Any]], columns: list[str]) -> dict[tuple[str, ...], list[Mapping[str, Any]]]:
    """Scenarios by the columns of the ensemble that they set themselves."""
    found: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for scenario in scenarios:
        own = {f"{section}.{name}" for section in ("levers", "parameters") for name in scenario.get(section) or {}}
        found.setdefault(tuple(key for key in columns if key in own), []).append(scenario)
    return found


def lighten(ran: Mapping[str, Ran]) -> None:
    """Drop the large tables of the runs, which `abm reproduce` makes again; plan, points, config and checksums stay."""
    for each in ran.values():
        for folder in each.folders:
            for path in folder.glob("*.parquet"):
                path.unlink()
