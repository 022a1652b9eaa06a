"""Reading a results folder, finished or not: tables as data frames, questions in SQL without loading anything, export to CSV.

>>> import abm
>>> abm.load("results/mine", last_year=True)  # doctest: +SKIP
>>> abm.query("results/mine", "select scenario, avg(trust) from outcomes group by scenario")  # doctest: +SKIP
"""

from __future__ import annotations

import csv
import gzip
import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.dataset as ds

from abm.config.errors import nearest, shown
from abm.experiment.content import tables_of
from abm.experiment.dictionary import BOOLEAN, GROUPINGS, INTEGER, NUMBER, TEXT, column_types, tables_in
from abm.experiment.effects import outcome_columns
from abm.experiment.folder import read_manifest
from abm.experiment.runs import KEY
from abm.experiment.store import ResultsError
from abm.experiment.summary import last_year_means

_ARROW = {TEXT: pa.string(), INTEGER: pa.int64(), NUMBER: pa.float64(), BOOLEAN: pa.bool_()}
_SQL = {TEXT: "VARCHAR", INTEGER: "BIGINT", NUMBER: "DOUBLE", BOOLEAN: "BOOLEAN"}
_MOST_NAMED = 60  # columns that an error message lists


def load(
    folder: Path | str,
    table: str = "outcomes",
    columns: Sequence[str] | None = None,
    scenarios: Sequence[str] | None = None,
    last_year: bool = False,
) -> pd.DataFrame:
    """A table of a results folder, in the order of the plan.

    `columns` are those wanted (all when left out), `scenarios` whose rows. `last_year`: a row a run, each outcome averaged
    over the last four quarters (tables of outcomes only). Of an unfinished sweep this gives what is done so far. Raises
    `ResultsError` for a folder, table, column or scenario that there is not.
    """
    folder = Path(folder)
    files, types = _table(folder, table)
    _check(columns or (), types, "column", f"table {table}")
    if scenarios is not None:
        _check(["scenario"], types, "column", f"table {table}")
        _check(scenarios, _scenarios(folder), "scenario", shown(folder))
    if last_year:
        return _last_year(folder, table, files, columns, scenarios)
    if files[0].suffix == ".csv":
        frame = _read_csv(files[0], types)
        frame = frame if scenarios is None else frame[frame["scenario"].isin(scenarios)].reset_index(drop=True)
        return frame if columns is None else frame[list(columns)]
    return _read_parquet(folder, files, list(types), columns, scenarios)


def head(folder: Path | str, table: str = "outcomes", rows: int = 10) -> pd.DataFrame:
    """The first rows of a table, without reading the rest. Raises `ResultsError` as `load` does."""
    files, types = _table(Path(folder), table)
    if files[0].suffix == ".csv":
        return _read_csv(files[0], types).head(rows)
    parts: list[pa.Table] = []
    for part in tables_of(files):
        parts.append(part.slice(0, rows - sum(map(len, parts))))
        if sum(map(len, parts)) >= rows:
            break
    return pa.concat_tables(parts).to_pandas()


def query(folder: Path | str, sql: str) -> pd.DataFrame:
    """The answer to one DuckDB query, in which every table of the folder can be named (`outcomes`, `runs`, `points` ...).

    Tables are read as the query needs them and may be larger than memory; nothing can be written, and no other file read.
    Raises `ResultsError`, in one line, for a folder that is none and for SQL that fails.
    """
    folder = Path(folder)
    read_manifest(folder)
    with tempfile.TemporaryDirectory(prefix="abm-query-") as room, duckdb.connect(":memory:") as base:
        try:
            _admit(base, folder, room)
            statements = base.extract_statements(sql)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise ResultsError("a query is one SELECT (or FROM, WITH, DESCRIBE, SUMMARIZE, SHOW TABLES): nothing else is done here")
            return base.execute(statements[0]).df()
        except (duckdb.Error, RuntimeError) as error:
            hint = f" (tables: {', '.join(tables_in(folder))})" if isinstance(error, duckdb.CatalogException) else ""
            raise ResultsError(f"{_one_line(error)}{hint}") from None


def export(folder: Path | str, table: str, path: Path | str) -> int:
    """Write a table to the new file `path` (.csv or .csv.gz), piece by piece; gives the number of rows.

    Blanks are empty cells, numbers keep all their digits. Raises `ResultsError` when the file exists or cannot be written.
    """
    path = Path(path)
    files, types = _table(Path(folder), table)
    if not path.name.endswith((".csv", ".csv.gz")):
        raise ResultsError(f"{path.name} is neither .csv nor .csv.gz")
    if os.path.lexists(path):
        raise ResultsError(f"{shown(path)} exists already and is not overwritten")
    draft = path.with_name(f".{path.name}.partial-{os.getpid()}")
    try:
        with open(draft, "xb") as raw:
            if path.suffix == ".gz":
                with cast(IO[bytes], gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0)) as packed:
                    rows = _write_csv(files, list(types), packed)
            else:
                rows = _write_csv(files, list(types), raw)
        os.replace(draft, path)
    except OSError as error:
        raise ResultsError(f"{shown(path)} cannot be written: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    return rows


# ---- finding and checking --------------------------------------------------------------------------------------------------


def _table(folder: Path, table: str) -> tuple[list[Path], dict[str, str]]:
    """The files of a table and its columns with their types. Raises `ResultsError` when there is no such folder or table."""
    read_manifest(folder)
    tables = tables_in(folder)
    _check([table], tables, "table", shown(folder))
    return tables[table], column_types(folder, table)


def _scenarios(folder: Path) -> list[str]:
    """Names of the scenarios, in the order of the plan."""
    return [each["name"] for each in read_manifest(folder).get("scenarios") or []]


def _check(given: Iterable[str], valid: Iterable[str], what: str, where: str) -> None:
    names = list(valid)
    for name in given:
        if name not in names:
            close = nearest(name, names)
            hint = f"; did you mean {close!r}?" if close else ""
            more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
            raise ResultsError(f"no {what} {name!r} in {where}{hint} ({what}s: {', '.join(names[:_MOST_NAMED]) or 'none yet'}{more})")


# ---- data frames ------------------------------------------------------------------------------------------------------------


def _read_csv(path: Path, types: dict[str, str]) -> pd.DataFrame:
    """Blank numbers are NaN, blank texts are texts; numbers are read to the last digit."""
    convert = pcsv.ConvertOptions(
        column_types={name: _ARROW[kind] for name, kind in types.items()}, null_values=[""], strings_can_be_null=False
    )
    try:
        return pcsv.read_csv(path, convert_options=convert, parse_options=pcsv.ParseOptions(newlines_in_values=True)).to_pandas()
    except (OSError, pa.ArrowException) as error:
        raise ResultsError(f"{shown(path)} cannot be read: {str(error).splitlines()[0]}") from None


def _read_parquet(
    folder: Path, files: list[Path], every: list[str], columns: Sequence[str] | None, scenarios: Sequence[str] | None
) -> pd.DataFrame:
    """Rows of a table in the order of the plan; the shards of an unfinished sweep come in any."""
    order = [name for name in KEY if name in every] if len(files) > 1 else []
    wanted = list(every if columns is None else columns)
    chosen = None if scenarios is None else ds.field("scenario").isin(list(scenarios))
    try:
        found = ds.dataset([str(path) for path in files], format="parquet").to_table(
            columns=[*wanted, *(name for name in order if name not in wanted)], filter=chosen
        )
        frame = found.to_pandas(split_blocks=True, self_destruct=True)
    except (OSError, pa.ArrowException) as error:
        raise ResultsError(f"{shown(files[0].parent)} cannot be read: {str(error).splitlines()[0]}") from None
    if order:
        place = {name: i for i, name in enumerate(_scenarios(folder))}
        keys = frame[order].assign(scenario=frame["scenario"].map(place))
        frame = frame.loc[keys.sort_values(order, kind="stable").index].reset_index(drop=True)
    return frame[wanted]


def _last_year(folder: Path, table: str, files: list[Path], columns: Sequence[str] | None, scenarios: Sequence[str] | None) -> pd.DataFrame:
    by = table.removeprefix("outcomes_by_")
    if table != "outcomes" and by not in GROUPINGS:
        raise ResultsError(f"the last year is an average of outcomes, and table {table} has none")
    wanted = None if columns is None else outcome_columns(columns)
    means = last_year_means(files, wanted, None if table == "outcomes" else by).reset_index()
    if len(files) > 1:
        place = {name: i for i, name in enumerate(_scenarios(folder))}
        means = means.sort_values(list(KEY), key=lambda keys: keys.map(place) if keys.name == "scenario" else keys, kind="stable")
    if "points" in tables_in(folder):
        points = load(folder, "points").set_index("point")
        for i, name in enumerate(name for name in points.columns if name != by):  # outcomes by system have codes there
            means.insert(len(KEY) + i, name, points[name].loc[means["point"]].to_numpy())
    if scenarios is not None:
        means = means[means["scenario"].isin(scenarios)]
    if columns is not None:
        _check(columns, means.columns, "column", "a table of last-year means")
        means = means[list(columns)]
    return means.reset_index(drop=True)


# ---- SQL ---------------------------------------------------------------------------------------------------------------------


def _admit(base: duckdb.DuckDBPyConnection, folder: Path, room: str) -> None:
    """Make a view of every table, let `base` spill into `room`, and shut it off from everything else for good."""
    tables = {name: [str(path.resolve()) for path in files] for name, files in tables_in(folder).items()}
    base.execute(f"SET temp_directory = {_quoted(room)}")
    base.execute(f"SET allowed_paths = [{', '.join(_quoted(path) for paths in tables.values() for path in paths)}]")
    base.execute("SET enable_external_access = false")
    for name, paths in tables.items():
        if paths[0].endswith(".parquet"):
            source = f"read_parquet([{', '.join(map(_quoted, paths))}])"
        else:
            types = column_types(folder, name)
            columns = ", ".join(f"{_quoted(column)}: {_quoted(_SQL[kind])}" for column, kind in types.items())
            texts = ", ".join(_quoted(column) for column, kind in types.items() if kind == TEXT)
            blank = f", force_not_null=[{texts}]" if texts else ""  # a blank text is a text
            source = f"read_csv({_quoted(paths[0])}, header=true, auto_detect=false, columns={{{columns}}}{blank})"
        base.execute(f'CREATE VIEW "{name}" AS SELECT * FROM {source}')
    base.execute("SET lock_configuration = true")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _one_line(error: Exception) -> str:
    """DuckDB's message and hint, without the picture of the query."""
    lines = str(error).split("\nLINE ")[0].splitlines()
    return " ".join(line.strip() for line in lines if line.strip())


# ---- CSV ---------------------------------------------------------------------------------------------------------------------


def _write_csv(files: list[Path], columns: list[str], sink: IO[bytes]) -> int:
    if files[0].suffix == ".csv":
        with open(files[0], "rb") as source:
            shutil.copyfileobj(source, sink)
        with open(files[0], encoding="utf-8", newline="") as source:
            return sum(1 for _ in csv.reader(source)) - 1
    rows = 0
    sink.write((",".join(columns) + "\n").encode())
    for table in tables_of(files, columns=columns):
        plain = pa.table([_blank_nan(values) for values in table.columns], names=table.column_names)
        pcsv.write_csv(plain, sink, pcsv.WriteOptions(include_header=False, quoting_style="needed"))
        rows += len(table)
    return rows


def _blank_nan(values: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pa.types.is_floating(values.type):
        return values
    return pc.if_else(pc.fill_null(pc.is_nan(values), True), pa.scalar(None, values.type), values)
