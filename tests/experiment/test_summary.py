"""Experiment: last-year means, read in pieces, are those of the whole table to the bit; the summary agrees with closed forms."""

from __future__ import annotations

import math
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import abm
from abm.experiment.effects import last_year, means_by
from abm.experiment.summary import last_year_means, summary
from tests.experiment.by_hand import FACTOR, Made, make_folder

KEYS = ["scenario", "point", "replicate"]
UNITS = pd.Series({"trust": "probability", "unmet_need": "share of demand"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_folder(tmp_path_factory.mktemp("summary") / "made")


@pytest.mark.parametrize("group", [1, 2, 5, 6, 7, 13, 1000])
def test_means_in_pieces_are_those_of_the_whole_to_the_bit(folder: Path, tmp_path: Path, group: int) -> None:
    table = pq.read_table(folder / "outcomes.parquet")
    pq.write_table(table, tmp_path / "cut.parquet", row_group_size=group)
    found = last_year_means(tmp_path / "cut.parquet")
    pd.testing.assert_frame_equal(found, last_year(table.to_pandas()), check_exact=True)
    assert FACTOR not in found.columns and len(found.columns) == len(abm.outcomes())


def test_several_files_and_chosen_outcomes(folder: Path, tmp_path: Path) -> None:
    table = pq.read_table(folder / "outcomes.parquet")
    pq.write_table(table.slice(24), tmp_path / "a.parquet", row_group_size=5)
    pq.write_table(table.slice(0, 24), tmp_path / "b.parquet", row_group_size=5)
    found = last_year_means([tmp_path / "a.parquet", tmp_path / "b.parquet"], ["trust", "unmet_need"])
    expected = last_year(table.to_pandas())[["trust", "unmet_need"]]
    assert list(found.columns) == ["trust", "unmet_need"]
    pd.testing.assert_frame_equal(found.sort_index(), expected.sort_index(), check_exact=True)


@pytest.mark.parametrize("by", ["kind", "region", "system"])
def test_groupings_are_kept_apart(folder: Path, by: str) -> None:
    frame = pd.read_parquet(folder / f"outcomes_by_{by}.parquet")
    found = last_year_means(folder / f"outcomes_by_{by}.parquet", by=by)
    expected = frame[frame["quarter"] > 1].groupby([*KEYS, by], sort=False)["trust"].mean()
    np.testing.assert_allclose(found["trust"], expected, rtol=1e-14)
    assert list(found.index) == list(expected.index)


def test_unknown_values_are_left_out_of_means(tmp_path: Path) -> None:
    rows = {"scenario": ["a"] * 6, "point": [0] * 6, "replicate": [0] * 6, "quarter": range(6), "year": ["y"] * 6}
    rows |= {"some": [9.0, 9.0, np.nan, 1.0, np.nan, 4.0], "none": [1.0, 1.0, np.nan, np.nan, np.nan, np.nan]}
    pq.write_table(pa.Table.from_pandas(pd.DataFrame(rows)), tmp_path / "t.parquet", row_group_size=4)
    found = last_year_means(tmp_path / "t.parquet")
    assert found["some"].tolist() == [2.5] and math.isnan(found["none"].iloc[0])


def test_a_table_without_rows_gives_no_means_and_an_empty_summary(tmp_path: Path) -> None:
    frame = pd.DataFrame({"scenario": ["a"], "point": [0], "replicate": [0], "quarter": [0], "year": ["y"], "trust": [0.5]})
    pq.write_table(pa.Table.from_pandas(frame.head(0)), tmp_path / "none.parquet")
    found = last_year_means(tmp_path / "none.parquet")
    assert len(found) == 0 and list(found.columns) == ["trust"] and list(found.index.names) == KEYS
    assert list(summary(found, pd.DataFrame({FACTOR: [0.5]}), UNITS).columns[:4]) == ["scenario", "point", FACTOR, "outcome"]


def means(values: dict[tuple[str, int], list[float]], **more: list[float]) -> pd.DataFrame:
    index = [(scenario, point, i) for (scenario, point), runs in values.items() for i in range(len(runs))]
    columns = {"trust": [value for runs in values.values() for value in runs], **more}
    return pd.DataFrame(columns, index=pd.MultiIndex.from_tuples(index, names=KEYS))


def test_the_summary_has_means_and_t_intervals() -> None:
    runs = {("base", 0): [0.1, 0.5, 0.9], ("base", 1): [0.2], ("up", 0): [0.4, 0.6], ("up", 1): [math.nan, math.nan]}
    points = pd.DataFrame({FACTOR: [0.3, 0.7]}, index=pd.RangeIndex(2, name="point"))
    frame = summary(means(runs, unmet_need=[1.0] * 8), points, UNITS)
    assert list(frame.columns) == ["scenario", "point", FACTOR, "outcome", "unit", "mean", "low", "high", "runs"]
    assert frame[["scenario", "point", FACTOR, "outcome"]].to_records(index=False).tolist() == [
        (scenario, point, factor, outcome)
        for scenario in ("base", "up")
        for point, factor in ((0, 0.3), (1, 0.7))
        for outcome in ("trust", "unmet_need")
    ]
    trust = frame[frame["outcome"] == "trust"]
    assert trust["runs"].tolist() == [3, 1, 2, 0] and set(trust["unit"]) == {"probability"}
    assert trust["mean"].tolist()[:3] == pytest.approx([0.5, 0.2, 0.5]) and math.isnan(trust["mean"].iloc[3])
    half = 0.95 * math.sqrt(2 / (4 * 0.975 * 0.025)) * 0.4 / math.sqrt(3)  # t of 2 degrees of freedom; standard deviation 0.4
    assert (trust["low"].iloc[0], trust["high"].iloc[0]) == pytest.approx((0.5 - half, 0.5 + half), rel=1e-12)
    half = math.tan(math.pi * 0.475) * math.sqrt(0.02) / math.sqrt(2)  # t of 1
    assert trust["high"].iloc[2] == pytest.approx(0.5 + half, rel=1e-12)
    assert trust[["low", "high"]].iloc[[1, 3]].isna().all().all()
    steady = frame[(frame["outcome"] == "unmet_need") & (frame["runs"] > 1)]
    assert (steady["low"] == 1.0).all() and (steady["high"] == 1.0).all()


def test_the_summary_needs_no_design() -> None:
    frame = summary(means({("base", 0): [0.25, 0.75]}), pd.DataFrame(index=pd.RangeIndex(1, name="point")), UNITS)
    assert list(frame.columns) == ["scenario", "point", "outcome", "unit", "mean", "low", "high", "runs"]
    assert frame["mean"].tolist() == [0.5]


def test_a_groups_mean_does_not_depend_on_other_groups() -> None:
    rng = np.random.default_rng(5)
    rows = pd.DataFrame({"run": np.repeat(np.arange(50), 4), "x": rng.random(200), "y": rng.random(200)})
    whole = means_by(rows, ["run"], ["x", "y"])
    alone = pd.concat([means_by(part, ["run"], ["x", "y"]) for _, part in rows.groupby("run")])
    mixed = means_by(rows.sort_values("run", kind="stable").iloc[np.argsort(np.tile(np.arange(4), 50), kind="stable")], ["run"], ["x", "y"])
    pd.testing.assert_frame_equal(whole, alone, check_exact=True)
    pd.testing.assert_frame_equal(whole, mixed, check_exact=True)


def test_ten_thousand_points_are_summed_up_in_seconds() -> None:
    points, outcomes = 10_000, 43
    index = pd.MultiIndex.from_product([["base"], range(points), range(3)], names=KEYS)
    frame = pd.DataFrame(np.random.default_rng(1).random((len(index), outcomes)), index=index, columns=[f"o{i}" for i in range(outcomes)])
    start = time.perf_counter()
    found = summary(frame, pd.DataFrame({FACTOR: np.linspace(0, 1, points)}), UNITS)
    assert len(found) == points * outcomes and time.perf_counter() - start < 10  # half a second where nothing else runs


def test_a_folder_holds_the_summary_of_its_outcomes(tmp_path: Path) -> None:
    made = make_folder(tmp_path / "made", Made(tables=["outcomes"]))
    frame = pd.read_csv(made / "summary.csv")
    trust = frame[(frame["outcome"] == "trust")].set_index(["scenario", "point"])["mean"]
    late = pd.read_parquet(made / "outcomes.parquet").query("quarter > 1").groupby(["scenario", "point"])["trust"].mean()
    np.testing.assert_allclose(trust.sort_index(), late.sort_index(), rtol=1e-12)
