"""Experiment: what is read from a results folder (frames, SQL, CSV, dictionary, checksum) is what was written; bad names are refused."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import abm
from abm.config.find import repository
from abm.experiment.content import content_digest
from abm.experiment.dictionary import OWN, ROWS, column_types, dictionary, meaning, tables_in
from abm.experiment.effects import last_year
from abm.experiment.read import export, head, load, query
from abm.experiment.store import ResultsError
from tests.experiment.by_hand import FACTOR, TABLES, Made, make_folder

KEYS = ["scenario", "point", "replicate"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_folder(tmp_path_factory.mktemp("read") / "made", Made(fails=[("bypass", 1, 1)]))


@pytest.fixture(scope="module")
def unfinished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_folder(tmp_path_factory.mktemp("read") / "unfinished", finished=False)


# ---- data frames -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_loaded_as_it_was_written(folder: Path, table: str) -> None:
    pd.testing.assert_frame_equal(load(folder, table), pd.read_parquet(folder / f"{table}.parquet"))
    pd.testing.assert_frame_equal(head(folder, table, 9), load(folder, table).head(9))


def test_columns_and_scenarios_are_chosen(folder: Path) -> None:
    every = load(folder)
    some = load(str(folder), columns=["trust", FACTOR], scenarios=["bypass"])
    expected = every.loc[every["scenario"] == "bypass", ["trust", FACTOR]].reset_index(drop=True)
    pd.testing.assert_frame_equal(some, expected)


def test_small_tables_keep_blank_texts_and_blank_numbers_apart(folder: Path) -> None:
    runs = load(folder, "runs")
    assert set(runs["error"]) == {"", "ZeroDivisionError: nothing, to divide by"}
    assert list(runs["status"]) == ["done"] * 7 + ["failed"]
    summary = load(folder, "summary", scenarios=["bypass"])
    assert set(summary["scenario"]) == {"bypass"} and summary["low"].isna().any() and summary["runs"].dtype == np.int64
    assert len(head(folder, "summary", 3)) == 3
    assert load(folder, "points", columns=[FACTOR])[FACTOR].tolist() == [0.3, 0.7]


def test_the_last_year_is_a_row_a_run(folder: Path) -> None:
    late = load(folder, last_year=True)
    assert list(late.columns[:5]) == [*KEYS, FACTOR, "collaborative_share"] and len(late) == 7
    expected = last_year(load(folder)).reset_index()
    pd.testing.assert_frame_equal(late.drop(columns=FACTOR), expected, check_exact=True)
    by_system = load(folder, "outcomes_by_system", columns=["scenario", "system", FACTOR, "trust"], scenarios=["bypass"], last_year=True)
    assert list(by_system.columns) == ["scenario", "system", FACTOR, "trust"] and len(by_system) == 3 * 2
    with pytest.raises(ResultsError, match="table survey has none"):
        load(folder, "survey", last_year=True)


def test_an_unfinished_sweep_gives_what_is_done_in_the_order_of_the_plan(unfinished: Path) -> None:
    done = [("baseline", 0, 0), ("baseline", 1, 1), ("bypass", 1, 0), ("bypass", 1, 1)]
    for table in ("outcomes", "ledger"):
        frame = load(unfinished, table)
        assert list(frame.groupby(KEYS, sort=False).size().index) == done
        assert frame.groupby(KEYS)["quarter"].is_monotonic_increasing.all()
    assert list(load(unfinished, columns=["replicate", "trust"]).columns) == ["replicate", "trust"]
    assert load(unfinished, last_year=True)[KEYS].to_records(index=False).tolist() == done
    assert query(unfinished, "select count(*) from outcomes").iloc[0, 0] == 4 * 6
    assert set(load(unfinished, "runs")["status"]) == {"planned"}


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"table": "outcoms"}, r"no table 'outcoms' in .*; did you mean 'outcomes'\? \(tables: outcomes, .*, dictionary\)"),
        ({"columns": ["trst"]}, r"no column 'trst' in table outcomes; did you mean 'trust'\? \(columns: scenario, "),
        ({"scenarios": ["bypas"]}, r"no scenario 'bypas' in .*; did you mean 'bypass'\? \(scenarios: baseline, bypass\)"),
        ({"table": "points", "scenarios": ["bypass"]}, r"no column 'scenario' in table points"),
        ({"table": "../made/outcomes"}, r"no table '../made/outcomes'"),
    ],
)
def test_names_that_there_are_not_are_refused(folder: Path, what: dict, said: str) -> None:
    with pytest.raises(ResultsError, match=said) as refused:
        load(folder, **what)
    assert "\n" not in str(refused.value)


def test_folders_and_files_that_cannot_be_read_are_refused(folder: Path, tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(ResultsError):
            load(path)
        with pytest.raises(ResultsError):
            query(path, "select 1")
        with pytest.raises(ResultsError):
            export(path, "runs", tmp_path / "x.csv")
    made = make_folder(tmp_path / "made", Made(replicates=1, points=(0.3,)))
    (made / "outcomes.parquet").write_bytes(b"PAR1 and no more")
    (made / "runs.csv").write_text("id,scenario,point\nx,y,not a number\n", "utf-8")
    for table in ("outcomes", "runs"):
        with pytest.raises(ResultsError, match="cannot be read") as refused:
            load(made, table)
        assert "\n" not in str(refused.value)


def test_the_examples_of_the_page_on_results_work(folder: Path) -> None:
    page = (repository() / "docs" / "results.md").read_text("utf-8")
    code = page.split("```python\n")[1].split("```")[0].replace("import abm\n", "").replace("results/mine", folder.as_posix())
    found: dict[str, Any] = {"abm": SimpleNamespace(load=load, query=query)}
    exec(code.replace("56", "2").replace("abm.query", "asked = abm.query"), found)
    assert len(found["trust"]) == 24 and len(found["late"]) == 7 and len(found["asked"]) == 2
    for table in {*ROWS} - {"outcomes_by_region", "outcomes_by_system", "dictionary"}:
        assert f"`{table}." in page, table


# ---- SQL ---------------------------------------------------------------------------------------------------------------------


def test_sql_reaches_every_table_by_name(folder: Path) -> None:
    for table in tables_in(folder):
        assert query(folder, f"select count(*) from {table}").iloc[0, 0] == len(load(folder, table)), table
    trust = query(folder, f'select scenario, "{FACTOR}" as share, avg(trust) as trust from outcomes group by all order by all')
    expected = load(folder).groupby(["scenario", FACTOR])["trust"].mean().to_numpy()
    np.testing.assert_allclose(trust["trust"], expected)
    joined = "from runs join points using (point) join effects using (scenario) where outcome = 'trust' and error = ''"
    assert len(query(folder, f"select count(*) {joined}")) == 1
    assert set(query(folder, "show tables")["name"]) == set(tables_in(folder))
    assert query(folder, "describe runs").set_index("column_name").loc["seed", "column_type"] == "BIGINT"


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select trst from outcomes", 'Candidate bindings: "trust"'),
        ("from outcoms", 'Did you mean "outcomes".*tables: outcomes, '),
        ("selec 1", "syntax error"),
        ("", "a query is one SELECT"),
        ("select 1; select 2", "a query is one SELECT"),
        ("drop view outcomes", "a query is one SELECT"),
        ("create table mine as select 1", "a query is one SELECT"),
        ("set enable_external_access = true", "a query is one SELECT"),
        ("explain analyze copy (select 1) to 'stolen.csv'", "a query is one SELECT"),
        ("copy outcomes to '{folder}/outcomes.parquet' (use_tmp_file false)", "a query is one SELECT"),
        ("from read_text('{folder}/config.yaml')", "Cannot access file"),
        ("from read_csv('{other}')", "Cannot access file"),
        ("from '{other}'", "Cannot access file"),
        ("from glob('{folder}/*')", "Cannot access"),
        ("from folder", "does not exist"),
        ("select cast('x' as int)", "Could not convert"),
    ],
)
def test_sql_that_fails_or_reaches_out_is_refused_in_one_line(folder: Path, tmp_path: Path, sql: str, said: str) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a\n1\n", "utf-8")
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    with pytest.raises(ResultsError, match=said) as refused:
        query(folder, sql.format(folder=folder, other=other))
    assert "\n" not in str(refused.value)
    assert before == {path: path.stat().st_mtime_ns for path in folder.iterdir()}


# ---- CSV ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["outcomes", "outcomes_by_kind", "acts", "runs", "summary"])
def test_csv_has_every_value_in_full(folder: Path, tmp_path: Path, table: str) -> None:
    rows = export(folder, table, tmp_path / "table.csv")
    frame = load(folder, table)
    back = pd.read_csv(tmp_path / "table.csv", dtype="str", keep_default_na=False)
    assert list(back.columns) == list(frame.columns) and len(back) == len(frame) == rows
    for name in frame.columns:
        if pd.api.types.is_float_dtype(frame[name]):
            values = [float(cell) if cell else np.nan for cell in back[name]]
            np.testing.assert_array_equal(values, frame[name])
        else:
            assert back[name].str.lower().tolist() == frame[name].astype(str).str.lower().tolist()


def test_csv_can_be_packed_and_overwrites_nothing(folder: Path, tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv.gz", "c.csv.gz"):
        export(folder, "outcomes", tmp_path / name)
    assert gzip.decompress((tmp_path / "b.csv.gz").read_bytes()) == (tmp_path / "a.csv").read_bytes()
    assert (tmp_path / "b.csv.gz").read_bytes() == (tmp_path / "c.csv.gz").read_bytes()
    for name, said in (("a.csv", "exists already"), ("a.xlsx", "neither .csv nor"), ("no/folder.csv", "cannot be written")):
        with pytest.raises(ResultsError, match=said):
            export(folder, "outcomes", tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "b.csv.gz", "c.csv.gz"]


# ---- the dictionary ----------------------------------------------------------------------------------------------------------


def test_the_dictionary_explains_every_column_of_every_table(folder: Path) -> None:
    told = load(folder, "dictionary")
    assert list(told.columns) == ["table", "column", "type", "unit", "meaning"]
    assert set(told["table"]) == set(tables_in(folder)) == {*TABLES, "points", "runs", "effects", "summary", "dictionary"}
    for table, rows in told.groupby("table", sort=False):
        assert list(rows["column"]) == list(load(folder, str(table)).columns)
    assert (told["meaning"] != "").all()
    assert set(told.loc[told["unit"] == "", "type"]) == {"text"}, "every number has a unit"
    assert set(told["type"]) == {"text", "integer", "number", "boolean"}


def test_outcomes_and_factors_are_explained_by_their_declarations(folder: Path) -> None:
    told = load(folder, "dictionary").set_index(["table", "column"])
    for outcome in abm.outcomes().itertuples():
        row = told.loc[("outcomes", outcome.name)]
        assert (row["unit"], row["meaning"], row["type"]) == (outcome.unit, outcome.meaning, "number")
    lever = abm.levers().set_index("name").loc["finance_share"]
    assert told.loc[("points", FACTOR), "unit"] == lever["unit"] and lever["meaning"] in told.loc[("points", FACTOR), "meaning"]


def test_factors_of_all_kinds_have_a_type_and_a_meaning(tmp_path: Path) -> None:
    made = make_folder(tmp_path / "made", Made(replicates=1, points=(0.3,)))
    factors = {
        "levers.fence_pots": [12, 24],
        "parameters.decision_rule": ["quantal_response", "reinforcement"],
        "levers.audit": ['{"schedule": {"0": 0.1}}', "0.2"],
        "system": ["england", "synthetic20"],
    }
    frame = pd.DataFrame(factors, index=pd.RangeIndex(2, name="point"))
    frame.to_csv(made / "points.csv")
    frame.assign(**dict.fromkeys(frame.columns, 0.5)).to_csv(made / "points_unit.csv")
    told = dictionary(made).set_index(["table", "column"])
    kinds = {"levers.fence_pots": "integer", "parameters.decision_rule": "text", "levers.audit": "text", "system": "text"}
    for name, kind in kinds.items():
        assert told.loc[("points", name), "type"] == kind
        assert (told.loc[("points_unit", name), "type"], told.loc[("points_unit", name), "unit"]) == ("number", "0 to 1")
        assert told.loc[("points", name), "meaning"] in told.loc[("points_unit", name), "meaning"]
    assert load(made, "points")["levers.audit"].tolist() == factors["levers.audit"]
    assert query(made, 'select "levers.audit" from points')["levers.audit"].tolist() == factors["levers.audit"]
    assert column_types(made, "runs")["system"] == "text"


def test_every_table_says_what_its_rows_are() -> None:
    assert set(ROWS) == {*TABLES, "points", "points_unit", "runs", "effects", "summary", "dictionary"}
    assert set(OWN) <= set(ROWS)


def test_an_unknown_column_is_told_without_a_meaning() -> None:
    assert meaning("outcomes", "surprise", abm.outcomes().set_index("name")).meaning == ""


# ---- the checksum of a table's content ---------------------------------------------------------------------------------------


def test_the_checksum_does_not_depend_on_how_the_rows_are_cut_or_coded(folder: Path, tmp_path: Path) -> None:
    for table in ("outcomes_by_kind", "acts", "ledger"):
        rows = pq.read_table(folder / f"{table}.parquet")
        expected = content_digest(folder / f"{table}.parquet")
        assert expected == json.loads((folder / "manifest.json").read_text("utf-8"))["tables"][table]["sha256"]
        long = pa.schema([field.with_type(pa.large_string()) if pa.types.is_string(field.type) else field for field in rows.schema])
        coded = rows.set_column(0, "scenario", rows["scenario"].dictionary_encode())
        for i, (how, given) in enumerate([({}, rows), ({"version": "1.0"}, rows), ({"row_group_size": 5}, rows.cast(long)), ({}, coded)]):
            pq.write_table(given, tmp_path / f"{table}{i}.parquet", **how)
            assert content_digest(tmp_path / f"{table}{i}.parquet") == expected
        pq.write_table(rows.slice(0, 11), tmp_path / "first.parquet")
        pq.write_table(rows.slice(11), tmp_path / "rest.parquet", use_dictionary=False)
        assert content_digest([tmp_path / "first.parquet", tmp_path / "rest.parquet"]) == expected
        assert content_digest(pa.concat_tables([rows.slice(0, 3), rows.slice(3)])) == expected


def test_the_checksum_changes_with_any_change_of_content() -> None:
    base = {"name": ["a", "bc", ""], "whole": [1, 2, 3], "number": [0.5, np.nan, 2.0], "flag": [True, False, True]}
    table = pa.table(base)
    others = [
        table.take([1, 0, 2]),
        table.slice(0, 2),
        table.rename_columns(["name", "whole", "numbers", "flag"]),
        table.select(["whole", "name", "number", "flag"]),
        pa.table(base | {"name": ["ab", "c", ""]}),
        pa.table(base | {"name": ["a", "bc", None]}),
        pa.table(base | {"whole": [1, 2, 4]}),
        pa.table(base | {"whole": pa.array([1, 2, 3], pa.int32())}),
        pa.table(base | {"whole": [1, None, 3]}),
        pa.table(base | {"number": [0.5, np.nan, np.nextafter(2.0, 3.0)]}),
        pa.table(base | {"number": [0.5, None, 2.0]}),
        pa.table(base | {"number": pa.array([0.5, np.nan, 2.0], pa.float32())}),
        pa.table(base | {"flag": [True, True, True]}),
        pa.table(base | {"flag": [1, 0, 1]}),
    ]
    found = {content_digest(each) for each in others}
    assert len(found) == len(others) and content_digest(table) not in found


def test_all_nan_are_one_and_every_zero_is_its_own() -> None:
    def digest(values: np.ndarray) -> str:
        return content_digest(pa.table({"x": pa.array(values, from_pandas=False)}))

    odd = np.array([0x7FF8000000000001], dtype=np.uint64).view(np.float64)
    assert digest(odd) == digest(np.array([np.nan])) == digest(-odd)
    assert digest(np.array([0.0])) != digest(np.array([-0.0]))


def test_a_table_without_rows_and_types_without_a_checksum(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": pa.array([], pa.int64())}), tmp_path / "empty.parquet")
    assert content_digest(tmp_path / "empty.parquet") == content_digest(pa.table({"x": pa.array([], pa.int64())}))
    assert content_digest(tmp_path / "empty.parquet") != content_digest(pa.table({"y": pa.array([], pa.int64())}))
    with pytest.raises(ResultsError, match="no checksum is defined"):
        content_digest(pa.table({"x": [[1, 2]]}))
    (tmp_path / "torn.parquet").write_bytes(b"PAR1")
    with pytest.raises(ResultsError, match=r"torn\.parquet cannot be read"):
        content_digest(tmp_path / "torn.parquet")


def test_the_checksum_stays_what_it_is() -> None:
    """Published folders hold these: another way of reckoning must give itself another number in `content`."""
    table = pa.table({"name": ["a", None], "whole": [1, 2], "number": [0.5, np.nan], "flag": [True, False]})
    assert content_digest(table) == "ccb3caa48b65a71c14e8dcd6bf306eccf7501edb5988b8ab3ff544458ae8770c"
