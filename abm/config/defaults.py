"""What is generated from the code: `configs/defaults.yaml`, the JSON Schemas, and the tables in `docs/`.

`python -m abm.config.defaults` (or `abm defaults`) rewrites them; a test fails when one is stale.
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import pandas as pd

from abm.config.find import repository
from abm.config.schema import Config, Experiment, Scenario, System
from abm.config.settings import allowed
from abm.model.declaration import Declaration, Declarations
from abm.model.levers import LEVERS
from abm.model.outcomes import frame as outcome_table
from abm.model.parameters import PARAMETERS

SCHEMAS: dict[str, type[Config]] = {"system": System, "scenario": Scenario, "experiment": Experiment}
_NOTE = "Generated from the code by `abm defaults`; do not edit."
_STATUS = "*evidence*: a source gives it; *calibrated*: fitted to targets; *assumption*: judgement, so vary it."


@cache
def generated() -> Mapping[str, str]:
    """Every generated file's text, by its path below the repository."""
    files = {"configs/defaults.yaml": defaults_yaml(), "docs/parameters.md": parameters_page()}
    for name, model in SCHEMAS.items():
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema(by_alias=True)}
        files[f"configs/schema/{name}.json"] = json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
    files["docs/outcomes.md"] = outcomes_page()
    return files


def stale(root: Path) -> list[str]:
    """Generated files below `root` that differ from what the code says, or are missing."""
    return [name for name, text in generated().items() if not (root / name).is_file() or (root / name).read_text("utf-8") != text]


def write(root: Path) -> list[str]:
    """Rewrite the stale files below `root`; their names."""
    names, texts = stale(root), generated()
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(texts[name], "utf-8")
    return names


def defaults_yaml() -> str:
    """Every lever and parameter at its default, as a scenario that can be copied and cut down."""
    lines = [
        "# yaml-language-server: $schema=schema/scenario.json",
        f"# {_NOTE}",
        "# Every lever and parameter at its declared default. A scenario or experiment names only what it changes.",
        "# A lever may also be {schedule: {2026/27 Q1: value, ...}}, {ramp: {from, to, start, end}} or",
        "# {national: ..., regions: {code: ...}, systems: {code: ...}}.",
        "name: defaults",
        "title: Every lever and parameter at its default",
    ]
    for section, rows in (("levers", LEVERS), ("parameters", PARAMETERS)):
        lines += [*([""] if lines[-1] else []), f"{section}:"]
        for group, members in _groups(rows):
            lines += [f"  # ---- {group} ----"]
            lines += [line for row in members for line in _entry(row)]
    return "\n".join(lines).rstrip() + "\n"


def _entry(row: Declaration) -> list[str]:
    span = "" if row.choices else f"; plausible {row.plausible[0]:g} to {row.plausible[1]:g}"
    texts = (f"{row.meaning}.", f"Allowed: {allowed(row)}{span}.", f"Source ({row.status}): {row.source}.")
    wrapped = [f"  # {line}" for text in texts for line in textwrap.wrap(text, 116)]
    return [*wrapped, f"  {row.name}: {row.default}", ""]


def _groups(rows: Declarations) -> Iterable[tuple[str, list[Declaration]]]:
    groups: dict[str, list[Declaration]] = {}
    for row in rows.values():
        groups.setdefault(row.group, []).append(row)
    return groups.items()


def parameters_page() -> str:
    """`docs/parameters.md`: a table of the levers and one of the parameters."""
    intro = (
        "# Levers and parameters\n\n"
        f"{_NOTE}\n\nA *lever* is something a policy maker sets; it may change over time and differ by region and system. "
        "A *parameter* is something about the world. *Range* is what a sensitivity study should cover; values outside *allowed* are "
        f"refused. Status: {_STATUS}\n"
    )
    return intro + "\n" + "\n".join(_tables(title, rows) for title, rows in (("Levers", LEVERS), ("Parameters", PARAMETERS)))


def _tables(title: str, rows: Declarations) -> str:
    text = f"## {title} ({len(rows)})\n"
    header = ("name", "default", "range", "allowed", "meaning", "source", "status")
    for group, members in _groups(rows):
        text += f"\n### {title}: {group}\n\n" + markdown(header, [_cells(row) for row in members])
    return text


def _cells(row: Declaration) -> tuple[str, ...]:
    span = "" if row.choices else f"{row.plausible[0]:g} to {row.plausible[1]:g}"
    return (f"`{row.name}`", str(row.default), span, allowed(row), row.meaning, row.source, row.status)


def outcomes_page() -> str:
    """`docs/outcomes.md`: what each column of the results means."""
    frame = outcome_table()
    rows = [tuple("" if pd.isna(value) else str(value) for value in row) for row in frame.itertuples(index=False, name=None)]
    cells = [(f"`{row[0]}`", *row[1:]) for row in rows]
    return f"# Outcomes\n\n{_NOTE}\n\nEach is a column of the results, a row a quarter.\n\n" + markdown(tuple(frame.columns), cells)


def markdown(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for changed in write(repository()):
        sys.stdout.write(f"wrote {changed}\n")
