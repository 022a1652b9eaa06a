"""Unit: predictions are reckoned as their page says: known answers by hand, and one small ensemble from end to end."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from abm.analysis.predictions import ensemble, instrument, money, oversight
from abm.analysis.predictions.predicting import LEANS_ON, Predictions, changed, predict
from abm.analysis.predictions.rows import ABSENT, PREDICTED, Row, table
from abm.analysis.predictions.running import grouped
from abm.cli import app
from abm.config.factors import ROWS
from abm.config.find import repository
from abm.experiment.store import ResultsError
from abm.view.foretold import figures
from tests.view.readable import assert_readable


def runs(
    values: dict[str, list[float]], years: tuple[str, ...] = ("2024/25", "2025/26", "2026/27"), kind: str = "provider"
) -> pd.DataFrame:
    """One run of one organisation, RYJ in North West London's system, a row a year."""
    head = {"point": 0, "replicate": 0, "organisation": "QRV" if kind == "icb" else "RYJ", "kind": kind}
    return pd.DataFrame({**head, "year": list(years), **values})


# ---- the ensemble ----------------------------------------------------------------------------------------------------------


def test_a_posterior_is_completed_by_what_no_target_constrains(tmp_path: Path) -> None:
    path = tmp_path / "posterior.csv"
    pd.DataFrame({"member": range(40), "parameters.misreport": 0.2, "weight": 1.0, "levers.audit": np.linspace(0, 0.1, 40)}).to_csv(path)
    found = ensemble.posterior(path, 30)
    assert list(found.columns) == ["parameters.misreport", "levers.audit"] and len(found) == 30
    whole = ensemble.completed(found)
    assert set(ensemble.PRIOR_ONLY) <= set(whole.columns) and (whole["parameters.misreport"] == 0.2).all()
    for key in ensemble.PRIOR_ONLY[1:]:
        low, high = ROWS[key].plausible
        slices = np.floor((whole[key] - low) / (high - low) * 30 + 1e-6).clip(0, 29)
        assert sorted(slices) == list(range(30)), f"{key} is not spread evenly over its range"
    pd.testing.assert_frame_equal(whole, ensemble.completed(found))


def test_what_was_learned_is_told_from_what_was_not() -> None:
    keys = ["parameters.misreport", "parameters.community_return", "parameters.patience", "levers.audit"]
    found = pd.DataFrame({"parameters.misreport": np.linspace(0.29, 0.31, 50), "levers.audit": np.linspace(0, 0.5, 50)})
    told = ensemble.standing(found, keys).set_index("parameter")["verdict"]
    assert told.to_dict() == dict(zip(keys, ["constrained", "prior only", "prior only", "prior only"], strict=True))


@pytest.mark.parametrize("text", ["", "member,weight\n1,2\n", "parameters.patience\n"])
def test_what_is_no_ensemble_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "posterior.csv"
    path.write_text(text)
    with pytest.raises(ResultsError, match=r"no ensemble|cannot be read"):
        ensemble.posterior(path)
    with pytest.raises(ResultsError, match="no posterior ensemble"):
        ensemble.posterior(tmp_path / "none.csv")


def test_a_treatment_holds_where_the_ensemble_varies_the_same_lever() -> None:
    scenarios = [{"name": "a"}, {"name": "b", "levers": {"audit": 0.5}}, {"name": "c", "levers": {"priorities": 5}}]
    found = grouped(scenarios, ["parameters.patience", "levers.audit"])
    assert {key: [each["name"] for each in group] for key, group in found.items()} == {(): ["a", "c"], ("levers.audit",): ["b"]}


# ---- known answers ---------------------------------------------------------------------------------------------------------


def test_a_row_tells_quantiles_over_runs_and_what_is_missing() -> None:
    index = pd.MultiIndex.from_product([range(50), range(2)])
    found = table([Row("x", "s", "g", "u", pd.Series(np.arange(100.0), index)), Row("y", "s", "g", "u", None)])
    assert found.loc[0, ["median", "low50", "high50", "low90", "high90"]].tolist() == pytest.approx([49.5, 24.75, 74.25, 4.95, 94.05])
    assert found["members"].tolist() == [50, 0] and found["status"].tolist() == [PREDICTED, ABSENT]


def test_a_rise_of_half_a_layer_is_noticed_by_half() -> None:
    years = runs(
        {"burden_national": [1.0, 9.0, 1.5], "burden_icb": [0.0, 0.0, 0.0], "burden_other": [0.0, 0.0, 0.0], "overlap": [0.0, 0.0, 0.5]}
    )
    told = {row.id: row.values for row in oversight.burden(years)}
    assert told["b2"] is not None and told["b2"].iloc[0] == pytest.approx(0.5)
    assert told["b5"] is not None and told["b5"].iloc[0] == pytest.approx(0.5)
    assert told["b1"] is not None and told["b1"].iloc[0] == pytest.approx(0.02275, abs=1e-4)  # nothing rose: Phi(-2)
    assert told["b4"] is None


def test_a_budget_that_meets_its_rule_loses_share_where_spending_outruns_allocations() -> None:
    icb = runs({"income_k": [100.0, 110.0, 121.0], "allocation_k": [100.0, 110.0, 121.0], "spent_k": [10.0, 11.0, 12.1]}, kind="icb")
    icb = icb.assign(direct_k=0.0, result_k=[0.0, -11.0, -25.41])  # it spends 100, 121, 146.41
    told = {row.id: row.values.iloc[0] for row in money.fence(icb) if row.values is not None}
    assert told["f1"] == pytest.approx(100 * np.log(1 / 1.1)) and told["f2"] == pytest.approx(told["f1"])
    assert told["f4"] == 1.0 and told["f3"] == pytest.approx(100 * (1 / 1.1 - 1))


def test_the_gap_is_what_reports_leave_out() -> None:
    def years(reported: float) -> pd.DataFrame:
        return runs({"deficit": [0.1, 0.1, 0.1], "reported": [0.1, 0.1, reported], "income_k": [1000.0] * 3})

    told = {row.id: row.values.iloc[0] for row in oversight.gap(years(0.08), years(0.05)) if row.values is not None}
    assert (told["h1"], told["h2"], told["h3"]) == pytest.approx((50.0, 20.0, 30.0)) and told["h4"] == pytest.approx(0.05)


def test_what_a_sample_shows_varies_as_a_binomial() -> None:
    drawn = instrument.sampled(pd.Series(np.full(4000, 0.3)), 53)
    assert drawn.mean() == pytest.approx(0.3, abs=0.01) and drawn.std() == pytest.approx(np.sqrt(0.3 * 0.7 / 53), rel=0.05)


def test_every_prediction_leans_on_what_is_declared() -> None:
    keys = [name if "." in name else f"parameters.{name}" for names in LEANS_ON.values() for name in names.split()]
    assert set(keys) <= set(ROWS) and set(ensemble.PRIOR_ONLY) <= set(ROWS)


# ---- from end to end -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Predictions:
    return predict(tmp_path_factory.mktemp("predict") / "out", prior=2, quick=True, workers=1, say=lambda text: None)


@pytest.mark.slow
def test_a_small_ensemble_goes_from_its_configs_to_a_stamp(small: Predictions) -> None:
    found = small.table.set_index("id")
    assert {key[0] for key in found.index} == set("abcdefgh")
    known = found[found["status"] == PREDICTED]
    for low, high in (("low90", "low50"), ("low50", "median"), ("median", "high50"), ("high50", "high90")):
        assert (known[low] <= known[high] + 1e-12).all()
    shares = known[known["unit"].str.startswith("share")]
    assert shares[["low90", "high90"]].stack().between(0, 1).all() and (known["members"] <= 2).all()
    assert found.loc[["b4", "h6"], "status"].tolist() == [ABSENT, ABSENT]
    sizes = {name: len(small.tables[name]) for name in ("providers", "councils", "icbs", "regions", "barriers")}
    assert sizes == {"providers": 205, "councils": 153, "icbs": 42, "regions": 7, "barriers": 15}
    stamp = json.loads((small.folder / "stamp.json").read_text("utf-8"))
    assert stamp["members"] == 2 and stamp["posterior_sha256"] is None and "not to be believed" in stamp["from"]
    assert sum(each["failed"] for each in stamp["runs"].values()) == 0
    assert not list(small.folder.glob("runs/*/*.parquet"))


@pytest.mark.slow
def test_a_changed_file_is_found_and_nothing_is_predicted_twice(small: Predictions) -> None:
    assert changed(small.folder) == []
    path = small.folder / "providers.csv"
    text = path.read_text("utf-8")
    path.write_text(text.replace("RYJ", "RYX"), "utf-8")
    assert changed(small.folder) == ["providers.csv"]
    assert CliRunner().invoke(app, ["predict", str(small.folder), "--check"]).exit_code == 1
    path.write_text(text, "utf-8")
    again = CliRunner().invoke(app, ["predict", str(small.folder), "--prior", "2", "--quick"])
    assert again.exit_code == 2 and "holds predictions already" in again.output


@pytest.mark.slow
def test_figures_of_predictions_can_be_read(small: Predictions) -> None:
    for name, drawn in figures(small.tables, {}, "two members").items():
        assert drawn.title and drawn.alt and "nan" not in drawn.title, name
        assert_readable(drawn.figure)


def test_the_page_says_how_each_is_reckoned() -> None:
    page = (repository() / "docs" / "predictions.md").read_text("utf-8")
    assert [part for part in "abcdefgh" if f"| **{part}** |" not in page] == []
    assert re.findall(r"\bTBD\b|TODO", page) == []
    assert [key for key in ensemble.PRIOR_ONLY if f"`{key.partition('.')[2]}`" not in page] == []
