"""The loader refuses each kind of faulty table and names the place; a world that is not sound is refused too.

Truth: faults made on purpose, one at a time, in a copied folder or in the tiny world.
"""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace

import pytest

from abm.england import TableError, WorldError, check_world, load_tables, tiny
from abm.england.reading import load_dictionary
from abm.england.tables import PACKAGED


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(PACKAGED, tmp_path / "data")


def read(folder, file):
    with (folder / file).open(newline="", encoding="utf-8") as handle:
        return list(csv.reader(handle))


def write(folder, file, rows):
    with (folder / file).open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle, lineterminator="\n").writerows(rows)


def put(folder, file, line, column, value):
    """Change one cell; line 1 is the header."""
    rows = read(folder, file)
    rows[line - 1][rows[0].index(column)] = value
    write(folder, file, rows)


def refused(folder):
    with pytest.raises(TableError) as caught:
        load_tables(folder)
    assert "\n" not in str(caught.value)
    return caught.value


BAD_CELLS = [
    # file, line, column, value, reason
    ("icbs.csv", 5, "icb_name", "", "blank"),
    ("icb_provider.csv", 9, "share_of_provider", "", "blank"),
    ("icbs.csv", 3, "population_mid_2023", "many", "'many' is not a number"),
    ("icbs.csv", 3, "population_mid_2023", "12.5", "not a whole number"),
    ("providers.csv", 8, "opex_k", "nan", "not a finite number"),
    ("providers.csv", 8, "opex_k", "-1", "negative"),
    ("icbs.csv", 4, "core_total_2024_25_k", "-5", "negative"),
    ("councils.csv", 6, "asc_net_2024_25_k", "-0.5", "negative"),
    ("icb_provider.csv", 2, "share_of_provider", "1.01", "above 1"),
    ("providers.csv", 2, "foundation_trust", "2", "above 1"),
    ("providers.csv", 4, "sector", "Acut", "nearest: 'Acute'"),
    ("providers.csv", 4, "subtype", "Acute - Huge", "is not one of"),
    ("councils.csv", 4, "council_class", "Metropolitan District", "is not one of"),
    ("providers.csv", 4, "opex_year", "2023/24", "nearest: '2023-24'"),
    ("places.csv", 4, "kind", "regions", "nearest: 'region'"),
    ("icbs.csv", 2, "region_code", "Y99", "is not a code in regions.csv (nearest: 'Y5"),
    ("councils.csv", 9, "main_icb_code", "QH", "is not a code in icbs.csv (nearest: 'QH"),
    ("icb_provider.csv", 7, "icb_code", "QXX", "is not a code in icbs.csv"),
    ("icb_provider.csv", 7, "provider_code", "R0AA", "is not a code in providers.csv (nearest: 'R0A')"),
    ("icb_council.csv", 3, "council_code", "E0600000X", "is not a code in councils.csv"),
    ("provider_council.csv", 3, "provider_code", "ZZZ", "is not a code in providers.csv"),
    ("places.csv", 30, "code", "nowhere", "is not a code in"),
    ("providers.csv", 3, "region_code", "Y56", "is not the region of its ICB QOP, which is 'Y62'"),
    ("councils.csv", 2, "nhs_region_code", "Y56", "is not the region of its ICB QHM"),
]


@pytest.mark.parametrize(("file", "line", "column", "value", "reason"), BAD_CELLS)
def test_a_bad_cell_is_refused_with_its_place(folder, file, line, column, value, reason):
    put(folder, file, line, column, value)
    error = refused(folder)
    assert (error.file, error.line, error.column) == (file, line, column)
    assert reason in error.reason
    assert str(error) == f"{file}, line {line}, column {column}: {error.reason}"


def test_a_missing_file_is_refused(folder):
    (folder / "icbs.csv").rename(folder / "icb.csv")
    error = refused(folder)
    assert (error.file, error.line) == ("icbs.csv", 0)
    assert str(error) == "icbs.csv: file is missing (nearest: 'icb.csv')"


@pytest.mark.parametrize("file", ["regions.csv", "providers.csv", "places.csv"])
def test_a_missing_column_is_refused(folder, file):
    rows = read(folder, file)
    write(folder, file, [row[:-1] for row in rows])
    error = refused(folder)
    assert (error.file, error.line, error.column, error.reason) == (file, 1, rows[0][-1], "column is missing")


def test_an_unknown_column_is_refused(folder):
    put(folder, "icbs.csv", 1, "icb_name", "icb_nam")
    error = refused(folder)
    assert (error.line, error.column, error.reason) == (1, "icb_nam", "unknown column (nearest: 'icb_name')")


def test_a_column_twice_is_refused(folder):
    rows = read(folder, "regions.csv")
    write(folder, "regions.csv", [[*row, row[0]] for row in rows])
    assert refused(folder).reason == "column occurs twice"


def test_a_ragged_row_is_refused(folder):
    rows = read(folder, "regions.csv")
    write(folder, "regions.csv", [*rows[:3], rows[3][:-1], *rows[4:]])
    error = refused(folder)
    assert (error.line, error.reason) == (4, "has 3 fields, the header has 4")


def test_an_empty_file_is_refused(folder):
    (folder / "regions.csv").write_text("")
    assert refused(folder).reason == "column is missing"


@pytest.mark.parametrize("file", ["regions.csv", "providers.csv", "icb_provider.csv"])
def test_a_key_twice_is_refused(folder, file):
    rows = read(folder, file)
    write(folder, file, [*rows, rows[1]])
    error = refused(folder)
    assert (error.file, error.line) == (file, len(rows) + 1)
    assert "occurs twice" in error.reason


@pytest.mark.parametrize(
    ("file", "line", "column"),
    [("icb_provider.csv", 4, "share_of_provider"), ("icb_council.csv", 2, "share_of_council"), ("icb_council.csv", 2, "share_of_icb")],
)
def test_shares_that_do_not_sum_to_one_are_refused_at_the_first_row_of_the_group(folder, file, line, column):
    rows = read(folder, file)
    at = rows[0].index(column)
    key = {"share_of_provider": "provider_code", "share_of_council": "council_code", "share_of_icb": "icb_code"}[column]
    code = rows[line - 1][rows[0].index(key)]
    first = next(number for number, row in enumerate(rows, start=1) if row[rows[0].index(key)] == code)
    put(folder, file, line, column, str(float(rows[line - 1][at]) - 0.02))
    error = refused(folder)
    assert (error.file, error.line, error.column) == (file, first, column)
    assert f"shares of {code} sum to 0.98" in error.reason


def test_shares_within_the_tolerance_pass(folder):
    rows = read(folder, "icb_provider.csv")
    put(folder, "icb_provider.csv", 4, "share_of_provider", str(float(rows[3][2]) - 0.004))
    load_tables(folder)


def test_a_provider_without_patients_is_refused_at_its_own_line(folder):
    rows = read(folder, "icb_provider.csv")
    write(folder, "icb_provider.csv", [row for row in rows if row[1] != "R0A"])
    error = refused(folder)
    assert (error.file, error.line, error.reason) == ("providers.csv", 3, "'R0A' has no row in icb_provider.csv")


def test_catchments_above_one_are_refused(folder):
    put(folder, "provider_council.csv", 4, "share_of_provider_catchment", "0.99")
    error = refused(folder)
    assert (error.file, error.line) == ("provider_council.csv", 2)
    assert "expected at most 1" in error.reason


def test_the_dictionary_describes_each_column_once():
    for table, columns in load_dictionary().items():
        names = [column.name for column in columns]
        assert len(names) == len(set(names)), table
        assert names == read(PACKAGED, f"{table}.csv")[0]
        assert {column.type for column in columns} <= {"text", "integer", "number"}


def changed(table, row, column, value):
    """The tiny world with one cell changed."""
    frame = getattr(tiny(), table)
    frame.loc[row, column] = value
    return replace(tiny(), **{table: frame})


BAD_WORLDS = [
    ("icbs", 1, "code", "I1", "'I1' occurs twice"),
    ("councils", 0, "code", "P1", "'P1' occurs twice"),
    ("icbs", 0, "allocation_k", float("nan"), "not a finite number"),
    ("providers", 0, "beds", -1.0, "negative"),
    ("providers", 0, "sector", "acutes", "nearest: 'acute'"),
    ("icbs", 0, "region", "R2", "nearest: 'R1'"),
    ("councils", 0, "system", "I3", "is not known"),
    ("providers", 0, "region", "R9", "is not the region of its system"),
    ("partnerships", 0, "kind", "commission", "nearest: 'commissioning'"),
    ("partnerships", 0, "b", "C1", "is not known"),
    ("partnerships", 0, "share_a", 0.6, "sum to 0.975000"),
    ("partnerships", 0, "flow_k", 499_999.0, "is not contracts plus direct income"),
    ("providers", 3, "direct_k", 100_000.002, "is not contracts plus direct income"),
    ("icbs", 1, "allocation_k", 460_000.0, "is less than contracts, pooled funds and programmes"),
]


@pytest.mark.parametrize(("table", "row", "column", "value", "reason"), BAD_WORLDS)
def test_an_unsound_world_is_refused_with_its_place(table, row, column, value, reason):
    with pytest.raises(WorldError) as caught:
        check_world(changed(table, row, column, value))
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.row or caught.value.column


def test_missing_places_are_allowed_but_a_missing_column_is_not():
    check_world(changed("councils", 0, "longitude", float("nan")))
    with pytest.raises(WorldError, match="councils, column longitude: column is missing"):
        check_world(replace(tiny(), councils=tiny().councils.drop(columns="longitude")))


def test_rows_out_of_order_and_pairs_written_backwards_are_refused():
    world = tiny()
    with pytest.raises(WorldError, match="not sorted by kind"):
        check_world(replace(world, partnerships=world.partnerships.iloc[::-1].reset_index(drop=True)))
    with pytest.raises(WorldError, match="providers, column code: rows are not sorted"):
        check_world(replace(world, providers=world.providers.iloc[::-1].reset_index(drop=True)))
    backwards = world.partnerships.copy()
    backwards.loc[18, ["a", "b"]] = ["P4", "P3"]
    with pytest.raises(WorldError, match="does not come after the first end"):
        check_world(replace(world, partnerships=backwards))
