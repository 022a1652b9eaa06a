"""Known answers of the calibration: how targets are read and judged, history matching on a known function, a whole one in small."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import abm
from abm.analysis import targets as aims
from abm.analysis.calibration import history, tables
from abm.analysis.calibration.course import QUICK, calibrate
from abm.analysis.calibration.prior import prior_of
from abm.analysis.members import by_point, member_contrasts
from abm.config.find import repository
from abm.config.load import load
from abm.experiment.conduct import How, sweep
from abm.experiment.store import ResultsError
from abm.view import calibrated
from tests.view.readable import assert_readable


def test_targets_are_those_of_the_evidence_page_and_their_errors_are_apart() -> None:
    page = (repository() / "docs" / "evidence.md").read_text("utf-8")
    found = {each.id: each for each in aims.targets()}
    assert [each.id for each in aims.orders()] == ["O5", "O20"] and len(aims.levels()) == 16
    assert all(f"| {each.id} |" in page or f"| {each.evidence} |" in page for each in aims.levels())
    assert all(each.why and each.discrepancy > 0 for each in aims.levels())
    item = found["T5a"]
    assert item.observation == pytest.approx(math.sqrt(0.57 * 0.43 / 53)) and item.spread == pytest.approx(
        math.hypot(item.observation, 0.05)
    )
    assert found["T3"].observation == pytest.approx(0.002)
    assert aims.weights().sum() == pytest.approx(len({each.evidence for each in aims.levels()}))
    assert set(aims.outcomes()) <= set(abm.outcomes()["name"])


def test_targets_are_read_from_a_run_as_the_table_says(tmp_path: Path) -> None:
    names = "[" + ", ".join(aims.outcomes()) + "]"
    sweep("tiny", tmp_path / "run", ["quarters=40", "replicates=2", f"outcomes={names}", "by=[]"], how=How(workers=1))
    found = aims.simulated(tmp_path / "run")
    rows = abm.load(tmp_path / "run", "outcomes")
    rows = rows[(rows["scenario"] == "baseline") & (rows["replicate"] == 1)].set_index("quarter")
    one = found.loc[(0, 1)]
    assert one["T1"] == pytest.approx(100 * (rows["hospital_share"][39] - rows["hospital_share"][3]) / 9)
    assert one["T3"] == pytest.approx(rows["deficit_share"][[3, 7, 11]].mean())
    assert one["T12"] == rows["delayed_share"][0] and one["T14"] == -0.75
    clear = [rows[f"survey_clear_{name}"][[3, 7, 11]].mean() for name in ("system", "region", "national")]
    assert one["O5"] == pytest.approx(min(clear[0] - clear[1], clear[1] - clear[2])) and one["T5b"] == pytest.approx(clear[1])
    assert aims.ensemble(found)["T3"] == pytest.approx(found["T3"].var(ddof=1))
    sweep("tiny", tmp_path / "short", ["quarters=8", "replicates=1", f"outcomes={names}", "by=[]"], how=How(workers=1))
    with pytest.raises(ResultsError, match="quarters: 40"):
        aims.simulated(tmp_path / "short")


def test_a_right_model_is_at_a_distance_of_one_and_order_comes_first() -> None:
    rng = np.random.default_rng(0)
    wanted = np.array([each.value for each in aims.levels()])
    runs = wanted + rng.normal(size=(4000, len(wanted))) * [each.spread for each in aims.levels()]
    gaps = np.ones((4000, 2))
    assert np.mean(aims.distance(runs, gaps) ** 2) == pytest.approx(1.0, abs=0.03)
    gaps[0, 1] = -0.01
    assert aims.distance(runs, gaps)[0] == np.inf and np.isfinite(aims.distance(runs, gaps)[1:]).all()
    assert aims.distance(wanted[None, :], gaps[1:2]) == pytest.approx([0.0])


def test_history_matching_keeps_what_agrees_and_rules_out_what_does_not() -> None:
    """A model in which factor 0 moves every level by up to forty spreads, and meets them all in the middle of its range."""
    rng = np.random.default_rng(1)
    unit = rng.random((120, 3))
    ids, levels = [each.id for each in aims.targets()], aims.levels()

    def run(points: np.ndarray) -> pd.DataFrame:
        columns = {each.id: each.value + each.spread * 40 * (points[:, 0] - 0.5) for each in levels}
        frame = pd.DataFrame({name: columns.get(name, np.full(len(points), 0.1)) for name in ids})
        both = pd.concat([frame, frame + 1e-4 * rng.normal(size=frame.shape)], keys=[0, 1], names=["replicate", "point"])
        return both.swaplevel().sort_index()

    first = history.wave(unit, run(unit))
    near, far = np.full((1, 3), 0.5), np.array([[0.9, 0.5, 0.5]])
    assert first.judged(near)[0] < 1.0 and first.judged(far)[0] > 10.0
    left = history.sample([first], 3, 200, 2048, rng)
    assert left.share == pytest.approx(6 / 40, abs=0.03)  # three spreads either way
    assert np.abs(left.unit[:, 0] - 0.5).max() < 0.09 and left.unit[:, 1].std() > 0.2 and len(left.unit) == 200
    assert not history.inside([first], np.array([[0.5, 1.2, 0.5]])).any()


def test_a_calibration_needs_ranges() -> None:
    with pytest.raises(ResultsError, match="needs a design over ranges"):
        prior_of(load("tiny"))
    with pytest.raises(ResultsError, match=r"levers\.fence_pots: a calibration takes ranges of numbers"):
        prior_of(load("latin_hypercube", ["design.over={levers.fence_pots: plausible, levers.audit: plausible}"]))


@pytest.mark.slow
@pytest.mark.long
def test_a_small_calibration_recovers_and_reports(tmp_path: Path) -> None:
    few = "{kind: sobol_sequence, points: 64, over: {parameters.cost_pressure: plausible, parameters.trust_memory: plausible, "
    few += "parameters.budget_gap: plausible, levers.delegation: plausible}}"
    how, small = How(workers=1), ["system=tiny", f"design={few}", "replicates=2"]
    found = calibrate("e11_calibration", tmp_path, QUICK, small, how)
    posterior = pd.read_csv(tmp_path / "posterior.csv")
    assert next(iter(posterior)) == "member" and len(posterior) == QUICK.members
    assert len(found.tables["fit"]) == len(aims.targets()) and len(found.tables["constrained"]) == 4
    constrained = found.tables["constrained"].set_index("factor")
    assert constrained["spread_ratio"]["levers.delegation"] < 0.75  # what T11 sees is found; a bystander is not
    assert constrained["spread_ratio"]["levers.delegation"] < constrained["spread_ratio"]["parameters.trust_memory"]
    recovered = found.tables["recovery_parameters"]
    assert recovered.groupby("factor")["covered"].mean()["levers.delegation"] >= 0.5 and recovered["covered"].mean() >= 0.7
    assert set(found.tables["recovery_contrasts"]["scenario"]) == {"finance_oversight", "regional_bypass", "ring_fencing"}
    before = (tmp_path / "wave-2" / "manifest.json").read_bytes()
    again = calibrate("e11_calibration", tmp_path, QUICK, small, how)  # everything is there already
    assert (tmp_path / "wave-2" / "manifest.json").read_bytes() == before
    pd.testing.assert_frame_equal(again.tables["posterior"], found.tables["posterior"])
    with pytest.raises(ResultsError, match="another calibration's runs"):
        calibrate("e11_calibration", tmp_path, QUICK, [*small, "seed=5"], how)
    calibrated.write(found, tmp_path)
    text = (tmp_path / "answer.md").read_text("utf-8")
    assert not re.search(r"\bnan\b|\binf\b|None", text) and (tmp_path / "fit.png").stat().st_size > 5000
    assert json.loads((tmp_path / "calibration.json").read_text("utf-8"))["members"] == QUICK.members


def test_the_figures_of_a_calibration_can_be_read() -> None:
    from abm.view import fit

    rng = np.random.default_rng(0)
    ids = [each.id for each in aims.targets()]
    index = pd.MultiIndex.from_product([range(30), [0]], names=["point", "replicate"])
    runs = {
        name: pd.DataFrame({each.id: each.value + 0.05 * rng.normal(size=30) for each in aims.targets()}, index=index)[ids]
        for name in ("default", "prior", "posterior")
    }
    table = tables.fit_table(runs)
    assert table["ensemble_sd"].eq(0).all() and table["posterior_inside"].between(0, 1).all()
    assert_readable(fit.fit(table, {}, "A finding").figure)
    prior = prior_of(load("e11_calibration"))
    marginals = tables.constrained_table(prior, rng.random((200, len(prior.factors))))
    assert marginals["spread_ratio"].between(0.85, 1.15).all() and not marginals["constrained"].any()
    assert_readable(fit.marginals(marginals, {}, "A finding").figure)


def test_contrasts_of_members_are_differences_on_common_luck(tmp_path: Path) -> None:
    sweep("tiny", tmp_path / "run", ["quarters=4", "replicates=2", "by=[]"], how=How(workers=1))
    found = by_point(member_contrasts(tmp_path / "run", ("trust",)))
    means = abm.load(tmp_path / "run", "outcomes").groupby("scenario")["trust"].mean()
    assert found.loc[0, ("ring_fencing", "trust")] == pytest.approx(means["ring_fencing"] - means["baseline"])
