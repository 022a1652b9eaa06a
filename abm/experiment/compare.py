"""Two results folders side by side: which versions made them, what was asked, what was run, and whether the tables are the same.

What differs only in who made a folder, where and when, is told and does not count: results are the same when config, worlds,
plan and tables are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from ruamel.yaml import YAML, YAMLError

from abm.config.errors import shown
from abm.experiment.content import content_digest
from abm.experiment.dictionary import PARQUET_TABLES, column_types, tables_in
from abm.experiment.difference import Sides, difference, spoken
from abm.experiment.folder import read_manifest
from abm.experiment.read import load
from abm.experiment.runs import KEY
from abm.experiment.store import ResultsError, checksum
from abm.experiment.summary import last_year_means
from abm.experiment.table import COLUMNS

TIMES = ("started", "finished")
MOST = 20  # lines of one kind that are shown
WIDEST = 100  # characters of a value in a config that are shown
RECKONED = {"summary": ["scenario", "point", "outcome"], "effects": ["scenario", "outcome"]}  # from the outcomes; with their keys


@dataclass(frozen=True)
class Comparison:
    """What differs between two folders, in lines: `made` (versions, commit, machine, times) does not count, the rest does.

    `changes` says what the differences come to: last-year means of the headline outcomes in scenarios that both have.
    """

    title: str
    made: tuple[str, ...]
    config: tuple[str, ...]
    worlds: tuple[str, ...]
    plan: tuple[str, ...]
    tables: tuple[str, ...]
    changes: tuple[str, ...]

    @property
    def identical(self) -> bool:
        """Whether config, worlds, plan and every table are the same, to the bit."""
        return not (self.config or self.worlds or self.plan or self.tables)

    def lines(self) -> list[str]:
        """In words: what A and B are, the answer, then what differs, the likely causes first."""
        answer = "identical: the same config, plan and tables, to the bit" if self.identical else "not identical"
        parts = (self.made, self.config, self.worlds, self.plan, self.tables, self.changes)
        return [self.title, answer, *(line for part in parts for line in _shortened(part))]


def _shortened(lines: Sequence[str]) -> list[str]:
    return list(lines) if len(lines) <= MOST else [*lines[:MOST], f"... and {len(lines) - MOST} more of this kind"]


def compare(a: Path | str, b: Path | str) -> Comparison:
    """Compare two finished results folders, in bounded memory. Raises `ResultsError` when one is none, or not finished."""
    return compared(Path(a), Path(b), Sides())


def compared(a: Path, b: Path, sides: Sides) -> Comparison:
    """`compare` with other words for the two."""
    left, right = _finished(a), _finished(b)
    tables = tuple(_tables(a, b, (left, right), sides))
    return Comparison(
        title=f"A is {shown(a)}, B is {shown(b)}",
        made=tuple(_made(left, right, sides)),
        config=tuple(_unlike("config", _config(a), _config(b), sides)),
        worlds=tuple(_unlike("world", _worlds(left), _worlds(right), sides)),
        plan=tuple(_plan(a, b, sides)),
        tables=tables,
        changes=tuple(_changes(a, b, sides)) if any(line.startswith("outcomes:") for line in tables) else (),
    )


def _finished(folder: Path) -> dict[str, Any]:
    facts = read_manifest(folder)
    if not facts.get("finished"):
        raise ResultsError(f"{shown(folder)} is not finished: abm resume {shown(folder)} first")
    return facts


def _unlike(what: str, a: Mapping[str, Any], b: Mapping[str, Any], sides: Sides) -> Iterator[str]:
    """A line a name whose values differ or that only one side has."""
    for name in dict.fromkeys([*a, *b]):
        if name not in a or name not in b:
            value, side = (a[name], sides.a) if name in a else (b[name], sides.b)
            yield f"{what}: {name} is only {side} ({_short(value)})"
        elif a[name] != b[name]:
            yield f"{what}: {name} is {_short(a[name])} {sides.a} and {_short(b[name])} {sides.b}"


def _short(value: Any) -> str:
    text = spoken(value)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 3]}..."


# ---- who made it, and what was asked ---------------------------------------------------------------------------------------


def _made(a: Mapping[str, Any], b: Mapping[str, Any], sides: Sides) -> Iterator[str]:
    """What is known of both folders and differs."""
    for what, left, right in (
        ("version", a.get("versions") or {}, b.get("versions") or {}),
        ("code", _code(a), _code(b)),
        ("machine", a.get("machine") or {}, b.get("machine") or {}),
        ("time", {name: a.get(name) for name in TIMES}, {name: b.get(name) for name in TIMES}),
    ):
        known = [name for name in left if left[name] not in (None, "") and right.get(name) not in (None, "")]
        yield from _unlike(what, {name: left[name] for name in known}, {name: right[name] for name in known}, sides)


def _code(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Commit, whether the source was as committed, and the hash of the model's source; '' for what is not known."""
    code = facts.get("code") or {}
    state = {None: "", True: "with changes", False: "as committed"}[code.get("dirty")]
    return {"commit": code.get("commit"), "state of the source": state, "source of the model": (facts.get("model_sha256") or "")[:12]}


def _config(folder: Path) -> dict[str, Any]:
    """The folder's config by dotted key; scenarios by their names."""
    try:
        data = YAML(typ="safe", pure=True).load((folder / "config.yaml").read_text("utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise ResultsError(f"{shown(folder / 'config.yaml')} cannot be read: {str(error).splitlines()[0]}") from None
    return dict(_flat(data, "")) if isinstance(data, Mapping) else {}


def _flat(data: Any, name: str) -> Iterator[tuple[str, Any]]:
    if isinstance(data, list) and data and all(isinstance(each, Mapping) and "name" in each for each in data):
        data = {each["name"]: {key: value for key, value in each.items() if key != "name"} or "as it is" for each in data}
    if isinstance(data, Mapping) and data:
        for key, value in data.items():
            yield from _flat(value, f"{name}.{key}" if name else str(key))
    else:
        yield name, data


def _worlds(facts: Mapping[str, Any]) -> dict[str, str]:
    worlds = facts.get("worlds") or {"": facts.get("world") or {}}
    return {name or world.get("name", ""): f"{world.get('sha256', '')[:12]}" for name, world in worlds.items()}


# ---- what was run ----------------------------------------------------------------------------------------------------------


def _plan(a: Path, b: Path, sides: Sides) -> Iterator[str]:
    """Design points that differ, runs that only one has, and runs that have the same name and yet are others."""
    for table in ("points", "points_unit"):
        yield from _frames(table, a, b, ["point"], sides)
    runs = [load(folder, "runs") for folder in (a, b)]
    keys = [name for name in KEY if all(name in frame.columns for frame in runs)]  # folders of older versions have no points
    left, right = (frame.set_index(keys) for frame in runs)
    if not (left.index.is_unique and right.index.is_unique):
        yield f"plan: runs cannot be matched by {' and '.join(keys)}"
        return
    for mine, other, side in ((left, right, sides.a), (right, left, sides.b)):
        alone = mine.index.difference(other.index, sort=False)
        if len(alone):
            yield f"plan: {_count(len(alone))} only {side}, the first {_name(alone[0])}"
    both = left.index.intersection(right.index, sort=False)
    left, right = left.loc[both], right.loc[both]
    others = left.index[left["id"].to_numpy() != right["id"].to_numpy()]
    if len(others):
        yield f"plan: {_count(len(others))} of the same name with other settings, seed or world, the first {_name(others[0])}"
    for key in left.index[left["status"].to_numpy() != right["status"].to_numpy()]:
        yield f"plan: run {_name(key)} is {_went(left.loc[key])} {sides.a} and {_went(right.loc[key])} {sides.b}"


def _count(number: int, what: str = "run") -> str:
    return f"1 {what}" if number == 1 else f"{number:,} {what}s"


def _name(key: tuple[Any, ...]) -> str:
    return "-".join(str(part) for part in key)


def _went(run: pd.Series) -> str:
    return f"{run['status']} ({run['error']})" if run["error"] else str(run["status"])


# ---- what came out -----------------------------------------------------------------------------------------------------------


def _tables(a: Path, b: Path, facts: Sequence[Mapping[str, Any]], sides: Sides) -> Iterator[str]:
    """A line or more a table that differs. What is reckoned from the outcomes is looked at only where these are the same."""
    have = [{name: files[0] for name, files in tables_in(folder).items() if files[0].suffix == ".parquet"} for folder in (a, b)]
    known = [{**dict.fromkeys(mine), **dict.fromkeys(each.get("tables") or {})} for mine, each in zip(have, facts, strict=True)]
    scenarios = [[each["name"] for each in side.get("scenarios") or []] for side in facts]
    shared = [name for name in scenarios[0] if name in scenarios[1]]
    differ = False
    for name in sorted({**known[0], **known[1]}, key=lambda table: (table not in PARQUET_TABLES, _place(table), table)):
        if name not in known[0] or name not in known[1]:
            yield f"{name}: there is such a table only {sides.a if name in known[0] else sides.b}"
            differ = True
        elif _digest(have[0], facts[0], name) != _digest(have[1], facts[1], name):
            differ = True
            yield from _in_a_table(name, have, shared, sides)
    if not differ:
        for name, keys in RECKONED.items():
            yield from _frames(name, a, b, keys, sides)


def _place(table: str) -> int:
    return PARQUET_TABLES.index(table) if table in PARQUET_TABLES else 0


def _digest(have: Mapping[str, Path], facts: Mapping[str, Any], table: str) -> str:
    """The checksum of a table's content: of its file, or, where that was left out, as the manifest has it."""
    if table in have:
        return content_digest(have[table])
    return (facts.get("tables") or {})[table]["sha256"]


def _in_a_table(name: str, have: Sequence[Mapping[str, Path]], scenarios: Sequence[str], sides: Sides) -> list[str]:
    gone = [side for side, files in zip(sides, have, strict=True) if name not in files]
    if gone:
        return [f"{name}: differs; in which rows cannot be said, since there is no {name}.parquet {' or '.join(gone)}"]
    lines = difference(name, have[0][name], have[1][name], scenarios, sides)
    return lines or [f"{name}: the rows of runs that both have are the same; others are only in one, or the order of scenarios differs"]


def _frames(name: str, a: Path, b: Path, keys: Sequence[str], sides: Sides) -> Iterator[str]:
    """What differs between two small tables, row by row with the same keys: columns, rows, then the first value."""
    has_a, has_b = (name in tables_in(folder) for folder in (a, b))
    if has_a != has_b:
        yield from _left_out(name, *((a, b, sides.a, sides.b) if has_a else (b, a, sides.b, sides.a)))
    if not (has_a and has_b) or (a / f"{name}.csv").read_bytes() == (b / f"{name}.csv").read_bytes():
        return
    left, right = (load(folder, name).set_index(list(keys)) for folder in (a, b))
    for mine, other, side in ((left, right, sides.a), (right, left, sides.b)):
        yield from (f"{name}: column {column} is only {side}" for column in mine.columns if column not in other.columns)
        alone = mine.index.difference(other.index, sort=False)
        if len(alone):
            yield f"{name}: {_count(len(alone), 'row')} only {side}, the first {_row(keys, alone[0])}"
    both = left.index.intersection(right.index, sort=False)
    columns = [column for column in left.columns if column in right.columns]
    left, right = left.loc[both, columns], right.loc[both, columns]
    unlike = pd.DataFrame({name: ~((left[name] == right[name]) | (left[name].isna() & right[name].isna())) for name in columns})
    rows = unlike.index[unlike.any(axis=1)]
    if len(rows):
        column = next(name for name in columns if unlike.loc[rows[0], name])
        values = f"{spoken(left.loc[rows[0], column])} {sides.a} and {spoken(right.loc[rows[0], column])} {sides.b}"
        yield f"{name}: first differs at {_row(keys, rows[0])}: {column} is {values}; {len(rows):,} of {len(both):,} rows differ"


def _left_out(name: str, have: Path, miss: Path, side: str, other: str) -> Iterator[str]:
    """A small table that only `have` has: where the other's manifest knows it, it was left out there, and is compared by its checksum."""
    known = (read_manifest(miss).get("files") or {}).get(f"{name}.csv")
    if known is None:
        yield f"{name}: there is such a table only {side}"
    elif known != checksum(have / f"{name}.csv"):
        yield f"{name}: differs; in which rows cannot be said, since there is no {name}.csv {other}"


def _row(keys: Sequence[str], key: Any) -> str:
    return ", ".join(f"{name} {part}" for name, part in zip(keys, key if isinstance(key, tuple) else (key,), strict=True))


def _changes(a: Path, b: Path, sides: Sides) -> Iterator[str]:
    """The last year of the headline outcomes, over the runs that both have, where it moved."""
    files = [tables_in(folder).get("outcomes") for folder in (a, b)]
    if not files[0] or not files[1]:
        return
    every = [set(column_types(folder, "outcomes")) for folder in (a, b)]
    headline = [column for column in COLUMNS if column.outcome in every[0] & every[1]]
    names = [column.outcome for column in headline]
    left, right = last_year_means(files[0], names), last_year_means(files[1], names)
    levels = [name for name in left.index.names if name in right.index.names]
    left, right = (frame.groupby(level=levels, sort=False).mean() for frame in (left, right))
    both = left.index.intersection(right.index, sort=False)
    means = [frame.loc[both].groupby(level="scenario", sort=False).mean() for frame in (left, right)]
    for scenario in means[0].index:
        for column in headline:
            x, y = (frame.loc[scenario, column.outcome] for frame in means)
            if x != y and not (pd.isna(x) and pd.isna(y)):
                x, y = (100 * x, 100 * y) if column.percent else (x, y)
                unit = "%" if column.percent else ""
                yield f"last year, {scenario}: {column.words} {x:.4g}{unit} {sides.a}, {y:.4g}{unit} {sides.b} ({y - x:+.2g})"
