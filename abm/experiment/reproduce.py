"""Run a results folder again from itself alone and say whether the same comes out, to the bit; if not, what differs first."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from abm.config.errors import shown
from abm.experiment.compare import Comparison, compared
from abm.experiment.crate import MANIFEST
from abm.experiment.crate import NAME as CRATE
from abm.experiment.difference import Sides
from abm.experiment.folder import read_manifest
from abm.experiment.store import ResultsError, checksum

IDENTICAL = "identical, to the bit"
GIVEN = (".csv", ".png", ".svg", ".txt")  # endings of what a run writes beside its tables, all of it from them
RunAgain = Callable[[Path, Path], Any]  # given a config and a new folder: runs the one into the other
SIDES = Sides("in the folder", "now")


@dataclass(frozen=True)
class Reproduction:
    """The answer, in one line, and what else there is to say. `identical`: the run gave every table of the folder again."""

    identical: bool
    answer: str
    details: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """The answer, then the details."""
        return [self.answer, *self.details]


def reproduce(folder: Path | str, run_again: RunAgain, room: Path | None = None) -> Reproduction:
    """Check the files of a finished folder, run its config.yaml again into a temporary folder, and compare every table.

    `run_again(config, out)` runs a config into the new folder `out`; `room` is where that may be (the system's temporary
    folder when left out). A table that was left out of the folder is compared by the checksum in its manifest. The folder is
    only read. Raises `ResultsError` for a folder that is none or is not finished.
    """
    folder = Path(folder)
    facts = read_manifest(folder)
    if not facts.get("finished"):
        raise ResultsError(f"{shown(folder)} is not finished: abm resume {shown(folder)} first")
    damage, left_out = check_files(folder, facts)
    if damage:
        return Reproduction(False, damage[0], tuple(damage[1:]))
    with tempfile.TemporaryDirectory(prefix="abm-reproduce-", dir=room) as temporary:
        again = Path(temporary) / "again"
        run_again(folder / "config.yaml", again)
        return _judged(compared(folder, again, SIDES), left_out)


def check_files(folder: Path, facts: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Files that are not what was written, and files that were left out, each as a line.

    What a run gives again (tables, figures) may be left out; what it needs (config.yaml, tables/) may not.
    """
    damage, left_out = [], []
    tables = {f"{name}.parquet" for name in facts.get("tables") or {}}
    for name, digest in [*_manifest_itself(folder), *(facts.get("files") or {}).items()]:
        path = folder / name
        if path.is_file():
            if checksum(path) != digest:
                damage.append(f"damaged: {name} is not the file that was written")
        elif name in tables or (path.suffix in GIVEN and path.parent == folder):
            left_out.append(f"left out of the folder: {name}")
        else:
            damage.append(f"damaged: {name} is missing")
    return damage, left_out


def _manifest_itself(folder: Path) -> list[tuple[str, str]]:
    """The checksum of the manifest, which the crate has."""
    try:
        graph = json.loads((folder / CRATE).read_text("utf-8"))["@graph"]
        return [(MANIFEST, entity["sha256"]) for entity in graph if entity["@id"] == MANIFEST]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _judged(found: Comparison, left_out: list[str]) -> Reproduction:
    """Identical when all tables are. If not, the answer is the first difference, the likely causes before what they cause."""
    made = [line for line in found.made if not line.startswith(("machine:", "time:"))]
    if not found.tables:
        notes = [f"although {line}" for line in [*made, *found.config, *found.worlds, *found.plan]]
        return Reproduction(True, IDENTICAL, (*notes, *left_out))
    lines = [*made, *found.config, *found.worlds, *found.plan, *found.tables, *found.changes]
    machine = [line for line in found.made if line.startswith("machine:")]
    return Reproduction(False, lines[0], (*lines[1:], *machine, *left_out))
