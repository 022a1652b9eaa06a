"""A results folder made by hand from a few runs of the tiny system: the format that the readers are written against."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import abm
from abm.experiment.content import content_digest
from abm.experiment.crate import write_crate
from abm.experiment.dictionary import dictionary
from abm.experiment.effects import effects
from abm.experiment.plan import digest
from abm.experiment.store import checksums, yaml_text
from abm.experiment.summary import last_year_means, summary

FACTOR = "levers.finance_share"
TABLES = ("outcomes", "outcomes_by_kind", "outcomes_by_region", "outcomes_by_system", "survey", "acts", "ledger", "organisations")
BYPASS = {"bypass_rate": 0.8}
Change = Callable[[str, pd.DataFrame], pd.DataFrame]  # given a table's name and frame


class Made(NamedTuple):
    """What a folder is to hold. `fails` are runs (scenario, point, replicate) that failed; `facts` goes into the manifest."""

    scenarios: Mapping[str, Mapping[str, float]] = {"baseline": {}, "bypass": BYPASS}
    points: Sequence[float] = (0.3, 0.7)
    replicates: int = 2
    quarters: int = 6
    fails: Sequence[tuple[str, int, int]] = ()
    facts: Mapping[str, Any] = {}
    change: Change = lambda name, frame: frame
    tables: Sequence[str] = TABLES
    group: int = 13  # rows of a row group: odd, so that runs are cut anywhere

    def runs(self) -> list[tuple[str, int, int]]:
        return [(s, p, r) for s in self.scenarios for p in range(len(self.points)) for r in range(self.replicates)]


@cache
def _frames(levers: tuple[tuple[str, float], ...], replicate: int, quarters: int) -> dict[str, pd.DataFrame]:
    model = abm.ICSModel(abm.tiny(), levers=dict(levers), seed=7, replicate=replicate, keep=("acts", "ledger", "organisations")).run(
        quarters
    )
    by = {f"outcomes_by_{name}": model.outcomes(by=name) for name in ("kind", "region", "system")}
    return {
        "outcomes": model.outcomes(),
        **by,
        "survey": model.survey(),
        "acts": model.acts(),
        "ledger": model.ledger(),
        "organisations": model.organisations(),
    }


def _table(made: Made, name: str, keys: Sequence[tuple[str, int, int]]) -> pa.Table:
    parts = []
    for scenario, point, replicate in keys:
        levers = {"finance_share": made.points[point], **made.scenarios[scenario]}
        frame = _frames(tuple(sorted(levers.items())), replicate, made.quarters)[name]
        labels = {"scenario": scenario, "point": np.int32(point), "replicate": np.int32(replicate), FACTOR: made.points[point]}
        parts.append(pd.concat([pd.DataFrame(labels, index=frame.index), frame], axis=1))
    return pa.Table.from_pandas(made.change(name, pd.concat(parts, ignore_index=True)), preserve_index=False).replace_schema_metadata(None)


def _write(table: pa.Table, path: Path, group: int) -> None:
    floats = [field.name for field in table.schema if pa.types.is_floating(field.type)]
    others = [name for name in table.column_names if name not in floats]
    path.parent.mkdir(parents=True, exist_ok=True)
    cut = max(group, len(table) // 10)
    pq.write_table(table, path, row_group_size=cut, compression="zstd", use_dictionary=others, use_byte_stream_split=floats)


def _csv(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False, lineterminator="\n")


def _config(made: Made) -> dict[str, Any]:
    scenarios = [
        {"name": name, "title": name.title(), **({"levers": dict(levers)} if levers else {})} for name, levers in made.scenarios.items()
    ]
    system = {"name": "tiny", "world": "tiny"}
    rest = {
        "replicates": made.replicates,
        "quarters": made.quarters,
        "seed": 7,
        "design": {"kind": "list", "over": {FACTOR: list(made.points)}},
    }
    return {
        "name": "by_hand",
        "question": "What does bypass do?",
        "system": system,
        "scenarios": scenarios,
        **rest,
        "levers": {"audit": 0.1},
    }


def _manifest(made: Made) -> dict[str, Any]:
    runs = len(made.runs())
    return {
        "experiment": "by_hand",
        "title": "A folder made by hand",
        "question": "What does bypass do?",
        "world": {"name": "Tiny", "first_year": "2024/25", "sha256": "ab" * 32, "organisations": 8},
        "scenarios": [{"name": name, "title": name.title(), "description": ""} for name in made.scenarios],
        "baseline": next(iter(made.scenarios)),
        "seed": 7,
        "paired": True,
        "replicates": made.replicates,
        "points": len(made.points),
        "quarters": made.quarters,
        "runs": runs,
        "failed": len(made.fails),
        "command": "abm sweep by_hand.yaml --out made",
        "started": "2026-11-22T08:12:43+00:00",
        "finished": None,
        "seconds": 4.5,
        "software": {"name": "abm", "version": "0.1.0", "license": "MIT", "url": ""},
        "code": {"commit": "15a5e4993a474969e1a8af7ebf34a5e41effb819", "dirty": False},
        "versions": {"python": "3.11.7", "ics-abm": "0.1.0", "numpy": "2.4.6"},
        "machine": {"platform": "Linux", "machine": "x86_64", "cores": 2},
        "set_by": {},
        "tables": {},
        "files": {},
        **made.facts,
    }


USUAL = Made()


def make_folder(folder: Path, made: Made = USUAL, finished: bool = True) -> Path:
    """Write the folder, file by file in the order in which a sweep does."""
    folder.mkdir(parents=True)
    points = pd.DataFrame({FACTOR: made.points}, index=pd.RangeIndex(len(made.points), name="point"))
    (folder / "config.yaml").write_text(yaml_text(_config(made)), "utf-8")
    _csv(points.reset_index(), folder / "points.csv")
    _csv(_runs(made, finished), folder / "runs.csv")
    facts = _manifest(made)
    done = [key for key in made.runs() if key not in made.fails]
    if finished:
        facts["finished"] = "2026-11-22T08:12:48+00:00"
        for name in made.tables:
            _write(_table(made, name, done), folder / f"{name}.parquet", made.group)
            path = folder / f"{name}.parquet"
            facts["tables"][name] = {"rows": pq.read_metadata(path).num_rows, "sha256": content_digest(path)}
        _reckon(folder, made, points)
        _csv(dictionary(folder), folder / "dictionary.csv")
        facts["files"] = checksums(folder)
    else:
        for number, keys in enumerate((done[-2:], done[:1], done[3:4])):
            for name in made.tables:
                _write(_table(made, name, keys), folder / "state" / "shards" / name / f"{number:06d}.parquet", made.group)
    (folder / "manifest.json").write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
    if finished:
        write_crate(folder, facts)
    return folder


def _runs(made: Made, finished: bool) -> pd.DataFrame:
    def row(scenario: str, point: int, replicate: int) -> dict[str, Any]:
        what = [made.scenarios[scenario], made.points[point], replicate, made.quarters]
        failed = (scenario, point, replicate) in made.fails
        status = "planned" if not finished else "failed" if failed else "done"
        return {"id": digest(what)[:16], "scenario": scenario, "point": point, "replicate": replicate, "system": "tiny", "seed": 7} | {
            "quarters": made.quarters,
            "status": status,
            "seconds": 0.0125,
            "error": "ZeroDivisionError: nothing, to divide by" if failed else "",
        }

    return pd.DataFrame([row(*key) for key in made.runs()])


def _reckon(folder: Path, made: Made, points: pd.DataFrame) -> None:
    units = abm.outcomes().set_index("name")["unit"]
    means = last_year_means(folder / "outcomes.parquet")
    _csv(summary(means, points, units), folder / "summary.csv")
    names = list(made.scenarios)
    _csv(effects(means, names[0], names, units, paired=True), folder / "effects.csv")
