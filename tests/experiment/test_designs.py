"""Known answers: how many points each kind of design makes and which, what SALib says of them, and that they never change."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from abm.config.load import load
from abm.config.resolved import Resolved
from abm.experiment.design import Points, design_points, problem
from abm.model.policy import Policy

HEAD = "name: mine\nsystem: tiny\nscenarios: [baseline]\nquarters: 60\nreplicates: 1\nseed: 3\n"
TWO = "{levers.finance_share: {from: 0.2, to: 0.6}, levers.bypass_rate: {from: 0, to: 0.5}}"
MIXED = """{levers.finance_share: {from: 0.2, to: 0.95}, levers.fence_pots: {from: 0, to: 24},
    parameters.decision_rule: plausible, parameters.stress_slope: {from: 1, to: 100, scale: log}}"""
ROOT = Path(__file__).parents[2]


@pytest.fixture
def made(tmp_path: Path) -> Any:
    """Points of a design given as YAML in one line."""

    def go(design: str, **more: Any) -> Points:
        return design_points(resolve(tmp_path, design, **more))

    return go


def resolve(folder: Path, design: str, **more: Any) -> Resolved:
    path = folder / "mine.yaml"
    path.write_text(HEAD + "".join(f"{key}: {value}\n" for key, value in more.items()) + f"design: {design}\n", "utf-8")
    return load(str(path))


# ---- levels ------------------------------------------------------------------------------------------------------------


def test_a_list_is_as_written_and_blank_where_a_point_does_not_say(made: Any) -> None:
    points = made("{kind: list, points: [{levers.audit: 0.3, levers.priorities: 5}, {}, {levers.priorities: 9, levers.convenor: none}]}")
    assert points.values["levers.audit"].isna().tolist() == [False, True, True]
    assert points.values["levers.priorities"].tolist() == [5, pd.NA, 9]
    assert points.values["levers.convenor"].fillna("").tolist() == ["", "", "none"]
    assert [points.settings(i).levers for i in range(3)] == [{"audit": 0.3, "priorities": 5}, {}, {"priorities": 9, "convenor": "none"}]
    assert points.unit is None


def test_a_factorial_is_the_product_with_the_first_factor_slowest(made: Any) -> None:
    points = made("{kind: factorial, over: {levers.priorities: [5, 18, 133], levers.convenor: plausible, levers.audit: [0, 0.5]}}")
    expected = list(itertools.product([5, 18, 133], ["icb", "partnership", "none"], [0.0, 0.5]))
    assert [tuple(row) for row in points.values.to_numpy(dtype=object)] == expected
    assert points.values["levers.priorities"].dtype == "int64" and points.values["levers.audit"].dtype == "float64"
    last = points.settings(17)
    assert (last.system, last.levers, last.parameters) == ("tiny", {"priorities": 133, "convenor": "none", "audit": 0.5}, {})
    assert isinstance(last.levers["priorities"], int)


def test_a_grid_cuts_ranges_into_equal_steps_that_read_well(made: Any) -> None:
    points = made(
        "{kind: grid, steps: 4, over: {levers.finance_share: plausible, levers.priorities: {from: 1, to: 100, steps: 3, scale: log}}}"
    )
    assert points.values["levers.finance_share"].unique().tolist() == [0.2, 0.45, 0.7, 0.95]
    assert points.values["levers.priorities"].unique().tolist() == [1, 10, 100]
    assert len(points) == 12


def test_one_at_a_time_moves_one_factor_from_the_values_below(made: Any) -> None:
    points = made(
        "{kind: one_at_a_time, over: {levers.finance_share: plausible, levers.priorities: [5, 9, 133], levers.convenor: plausible}}"
    )
    assert len(points) == 1 + 2 + 3 + 3
    assert points.values.notna().sum(axis=1).tolist() == [0] + [1] * 8
    assert points.settings(0).levers == {}
    assert [points.settings(i).levers for i in (1, 2, 5, 8)] == [
        {"finance_share": 0.2},
        {"finance_share": 0.95},
        {"priorities": 133},
        {"convenor": "none"},
    ]


@pytest.mark.parametrize("factors", [1, 2, 3, 4, 5, 9])
def test_a_fractional_factorial_is_balanced_and_uncorrelated(factors: int, made: Any) -> None:
    names = ["audit", "compact", "delegation", "gain_share", "transparency", "risk_pooling", "activity_share", "bypass_rate", "fence_share"]
    points = made(f"{{kind: fractional_factorial, over: {{{', '.join(f'levers.{name}: [0.1, 0.3]' for name in names[:factors])}}}}}")
    assert len(points) == 2 * next(2**k for k in range(10) if 2**k >= factors)
    signs = 2 * points.unit.to_numpy() - 1
    assert (signs.T @ signs == len(points) * np.eye(factors)).all()  # orthogonal columns
    assert (signs.sum(axis=0) == 0).all()
    assert set(points.values["levers.audit"]) == {0.1, 0.3} and list(points.values) == list(points.unit)


def test_a_level_that_is_no_number_is_stored_as_json(made: Any) -> None:
    points = made("{kind: factorial, over: {levers.audit: [0.3, {schedule: {0: 0.1, 2026/27: 0.5}}, {regions: {R1: 0.2}}]}}")
    assert [json.loads(value) for value in points.values["levers.audit"]] == [
        0.3,
        {"schedule": {"0": 0.1, "2026/27": 0.5}},
        {"regions": {"R1": 0.2}},
    ]
    assert points.settings(1).levers == {"audit": {"schedule": {0: 0.1, "2026/27": 0.5}}}
    assert points.settings(0).levers == {"audit": 0.3}


def test_systems_are_levels_by_name(made: Any) -> None:
    points = made("{kind: factorial, over: {system: [tiny, {name: small, world: synthetic, systems: 3}], levers.audit: [0, 1]}}")
    assert points.values["system"].tolist() == ["tiny", "tiny", "small", "small"]
    assert [points.settings(i).system for i in range(4)] == ["tiny", "tiny", "small", "small"]


def test_points_of_any_kind_can_be_listed(made: Any) -> None:
    over = "{system: [tiny, synthetic20], levers.audit: [0, {ramp: {from: 0, to: 1, start: 1, end: 5}}]}"
    for design in (f"one_at_a_time, over: {over}", f"ramp, quarters: [4, 8], over: {TWO}"):
        points = made(f"{{kind: {design}}}")
        listed = [points.listed(i) for i in range(len(points))]
        again = made(f"{{kind: list, points: {json.dumps(listed)}}}")
        assert [again.settings(i) for i in range(len(again))] == [points.settings(i) for i in range(len(points))]


# ---- samples -----------------------------------------------------------------------------------------------------------


def test_a_latin_hypercube_has_one_point_a_slice_in_every_batch(made: Any) -> None:
    points = made(f"{{kind: latin_hypercube, points: [64, 32], over: {MIXED}}}")
    for batch in (points.unit.iloc[:64], points.unit.iloc[64:]):
        slices = np.floor(batch.to_numpy() * len(batch)).astype(int)
        assert all(sorted(column) == list(range(len(batch))) for column in slices.T)


def test_values_are_where_the_unit_cube_says(made: Any) -> None:
    points = made(f"{{kind: latin_hypercube, points: 200, over: {MIXED}}}")
    values, unit = points.values, points.unit
    assert np.allclose(values["levers.finance_share"], 0.2 + 0.75 * unit["levers.finance_share"])
    assert np.allclose(np.log(values["parameters.stress_slope"]), np.log(100) * unit["parameters.stress_slope"])
    assert (values["levers.fence_pots"] == np.floor(25 * unit["levers.fence_pots"])).all()
    rules = ["quantal_response", "reinforcement", "conditional_cooperation"]
    assert values["parameters.decision_rule"].tolist() == [rules[int(3 * u)] for u in unit["parameters.decision_rule"]]
    settings = points.settings(7)
    assert settings.levers == {"finance_share": values["levers.finance_share"][7], "fence_pots": values["levers.fence_pots"][7]}
    assert isinstance(settings.levers["fence_pots"], int) and isinstance(settings.levers["finance_share"], float)


def test_whole_numbers_and_choices_are_equally_likely(made: Any) -> None:
    points = made(f"{{kind: latin_hypercube, points: 7500, over: {MIXED}}}")
    assert points.values["levers.fence_pots"].value_counts().sort_index().to_dict() == dict.fromkeys(range(25), 300)
    assert set(points.values["parameters.decision_rule"].value_counts()) == {2500}
    half = made("{kind: sobol_sequence, points: 1024, over: {levers.settlement_years: {from: 1, to: 4}}}")
    assert half.values["levers.settlement_years"].value_counts().sort_index().to_dict() == dict.fromkeys(range(1, 5), 256)


def test_a_log_scale_has_as_many_points_in_every_factor_of_ten(made: Any) -> None:
    slope = made(f"{{kind: latin_hypercube, points: 1000, over: {MIXED}}}").values["parameters.stress_slope"]
    assert (slope < 10).sum() == 500 and slope.between(1, 100).all()
    whole = made("{kind: latin_hypercube, points: 1000, over: {levers.priorities: {from: 1, to: 99, scale: log}}}").values[
        "levers.priorities"
    ]
    assert (whole < 10).sum() == 500 and whole.min() == 1 and whole.max() == 99 and whole.dtype == "int64"


def test_saltellis_scheme_swaps_one_column_a_row(made: Any) -> None:
    points = made(f"{{kind: sobol, base_points: 8, over: {MIXED}}}")
    assert len(points) == 8 * (4 + 2)
    for block in np.split(points.unit.to_numpy(), 8):
        first, last = block[0], block[-1]
        for column in range(4):
            assert (block[1 + column] == np.where(np.arange(4) == column, last, first)).all()
    assert len(made(f"{{kind: sobol, base_points: 8, second_order: true, over: {MIXED}}}")) == 8 * (2 * 4 + 2)
    grouped = made(f"{{kind: sobol, base_points: 8, over: {MIXED}, groups: {{a: [levers.fence_pots, levers.finance_share]}}}}")
    assert len(grouped) == 8 * (3 + 2)


def test_morris_walks_move_one_factor_a_step_by_the_same_distance(made: Any) -> None:
    points = made(f"{{kind: morris, trajectories: 6, levels: 4, over: {MIXED}}}")
    assert len(points) == 6 * 5
    for walk in np.split(points.unit.to_numpy(), 6):
        steps = np.diff(walk, axis=0)
        assert ((np.abs(steps) > 0).sum(axis=1) == 1).all() and ((np.abs(steps) > 0).sum(axis=0) == 1).all()
        assert np.abs(steps).max(axis=1) == pytest.approx([2 / 3] * 4)
    assert set(np.unique(points.unit)) <= {0, 1 / 3, 2 / 3, 1}
    moved = points.values.map(str).to_numpy().reshape(6, 5, 4)
    assert ((moved[:, 1:] != moved[:, :-1]).sum(axis=2) == 1).all()  # whole numbers and choices move too
    grouped = made(f"{{kind: morris, trajectories: 5, over: {MIXED}, groups: {{a: [levers.fence_pots, levers.finance_share]}}}}")
    assert len(grouped) == 5 * 4


@pytest.mark.parametrize("levels", [2, 4, 6, 10])
@pytest.mark.parametrize("top", [1, 2, 3, 6])
def test_a_step_of_a_walk_always_moves_a_whole_number(levels: int, top: int, made: Any) -> None:
    points = made(
        f"{{kind: morris, trajectories: 40, levels: {levels}, over: {{levers.priorities: {{from: 0, to: {top}}}, levers.audit: [0, 1]}}}}"
    )
    walks = points.values.to_numpy().reshape(40, 3, 2)
    assert ((walks[:, 1:] != walks[:, :-1]).sum(axis=2) == 1).all()


def test_batches_and_doubling_keep_the_earlier_points(made: Any) -> None:
    for small, large in (
        (f"{{kind: latin_hypercube, points: 64, over: {MIXED}}}", f"{{kind: latin_hypercube, points: [64, 32, 5], over: {MIXED}}}"),
        (f"{{kind: morris, trajectories: [4, 3], over: {MIXED}}}", f"{{kind: morris, trajectories: [4, 3, 6], over: {MIXED}}}"),
        (f"{{kind: sobol_sequence, points: 32, over: {MIXED}}}", f"{{kind: sobol_sequence, points: 128, over: {MIXED}}}"),
        (f"{{kind: sobol, base_points: 16, over: {MIXED}}}", f"{{kind: sobol, base_points: 32, over: {MIXED}}}"),
        (
            f"{{kind: sobol, base_points: 2, second_order: true, over: {MIXED}}}",
            f"{{kind: sobol, base_points: 64, second_order: true, over: {MIXED}}}",
        ),
        (f"{{kind: ramp, quarters: 8, direction: both, over: {TWO}}}", f"{{kind: ramp, quarters: [8, 4], direction: both, over: {TWO}}}"),
    ):
        before, after = made(small), made(large)
        assert len(after) > len(before)
        assert after.values.iloc[: len(before)].equals(before.values)
        assert before.unit is None or after.unit.iloc[: len(before)].equals(before.unit)
    one, two = np.split(made(f"{{kind: latin_hypercube, points: [8, 8], over: {MIXED}}}").unit.to_numpy(), 2)
    assert not (one == two).any()  # a batch is not a copy of another


def test_the_designs_seed_is_the_experiments_unless_it_has_its_own(tmp_path: Path) -> None:
    design = "kind: latin_hypercube, points: 8, over: {levers.audit: plausible}"
    three = design_points(resolve(tmp_path, f"{{{design}}}")).values
    assert design_points(resolve(tmp_path, f"{{{design}, seed: 3}}")).values.equals(three)
    other = design_points(resolve(tmp_path, f"{{{design}, seed: 4}}")).values
    assert not other.equals(three)
    path = str(tmp_path / "mine.yaml")
    assert design_points(load(path, ["seed=9"])).values.equals(other)  # runs with other luck at the same points


# ---- what SALib makes of them ------------------------------------------------------------------------------------------


def test_sobol_indices_of_a_sum_are_the_shares_of_its_variance(tmp_path: Path) -> None:
    from SALib.analyze import sobol

    resolved = resolve(tmp_path, f"{{kind: sobol, base_points: 512, over: {MIXED}}}")
    weights = np.array([4.0, 2.0, 1.0, 0.0])
    found = sobol.analyze(problem(resolved), design_points(resolved).unit.to_numpy() @ weights, calc_second_order=False, seed=1)
    assert found["S1"] == pytest.approx(weights**2 / (weights**2).sum(), abs=0.01)
    assert found["ST"] == pytest.approx(weights**2 / (weights**2).sum(), abs=0.01)


def test_sobol_indices_of_groups_add_up(tmp_path: Path) -> None:
    from SALib.analyze import sobol

    groups = "{both: [levers.fence_pots, levers.finance_share]}"
    resolved = resolve(tmp_path, f"{{kind: sobol, base_points: 512, over: {MIXED}, groups: {groups}}}")
    assert problem(resolved)["groups"] == ["both", "both", "parameters.decision_rule", "parameters.stress_slope"]
    found = sobol.analyze(problem(resolved), design_points(resolved).unit.to_numpy() @ [4, 2, 1, 0], calc_second_order=False, seed=1)
    assert found["S1"] == pytest.approx([20 / 21, 1 / 21, 0], abs=0.01)


def test_elementary_effects_of_a_sum_are_its_weights(tmp_path: Path) -> None:
    from SALib.analyze import morris

    resolved = resolve(tmp_path, f"{{kind: morris, trajectories: [5, 5], levels: 6, over: {MIXED}}}")
    unit = design_points(resolved).unit.to_numpy()
    found = morris.analyze(problem(resolved), unit, unit @ [4.0, -2.0, 1.0, 0.0], num_levels=6, seed=1)
    assert np.allclose(found["mu"], [4, -2, 1, 0]) and np.allclose(found["sigma"], 0)


def test_main_effects_of_a_fraction_are_found_again(tmp_path: Path) -> None:
    from SALib.analyze import ff

    resolved = resolve(
        tmp_path, "{kind: fractional_factorial, over: {levers.audit: plausible, levers.compact: plausible, levers.delegation: plausible}}"
    )
    unit = design_points(resolved).unit.to_numpy()
    found = ff.analyze(problem(resolved), unit, unit @ [4.0, -2.0, 1.0])
    assert found["ME"][:3] == pytest.approx([2, -1, 0.5])  # half of what the whole range does


def test_a_design_without_a_sample_has_no_problem_for_salib(tmp_path: Path) -> None:
    for design in ("null", "{kind: list, points: [{levers.audit: 0.1}]}", f"{{kind: ramp, quarters: 4, over: {TWO}}}"):
        with pytest.raises(ValueError, match="no sample"):
            problem(resolve(tmp_path, design))


# ---- ramps -------------------------------------------------------------------------------------------------------------


def test_a_ramp_goes_there_waits_and_comes_back_the_way_it_went(made: Any) -> None:
    points = made(f"{{kind: ramp, start: 2, quarters: 4, hold: 3, over: {TWO}}}")
    assert points.settings(0).levers == {
        "finance_share": {"schedule": {0: 0.2, 3: 0.3, 4: 0.4, 5: 0.5, 6: 0.6, 10: 0.5, 11: 0.4, 12: 0.3, 13: 0.2}},
        "bypass_rate": {"schedule": {0: 0.0, 3: 0.125, 4: 0.25, 5: 0.375, 6: 0.5, 10: 0.375, 11: 0.25, 12: 0.125, 13: 0.0}},
    }
    assert points.values["ramp.quarters"].tolist() == [4] and points.values["ramp.direction"].tolist() == ["up_down"]
    assert json.loads(points.values["levers.bypass_rate"][0])["schedule"]["5"] == 0.375


def test_a_ramp_has_a_point_a_speed_and_direction(made: Any) -> None:
    points = made(f"{{kind: ramp, quarters: [8, 20], direction: both, over: {TWO}}}")
    assert list(zip(points.values["ramp.quarters"], points.values["ramp.direction"], strict=True)) == [
        (8, "up_down"),
        (8, "down_up"),
        (20, "up_down"),
        (20, "down_up"),
    ]
    up, down = (points.settings(i).levers["finance_share"]["schedule"] for i in (0, 1))
    assert [up[quarter] + down[quarter] for quarter in up] == pytest.approx([0.8] * len(up))


def test_the_model_sees_a_ramp_as_it_was_meant(made: Any) -> None:
    setting = made(
        "{kind: ramp, start: 1, quarters: 3, hold: 1, direction: down_up, "
        "over: {levers.fence_pots: {from: 0, to: 10}, levers.audit: plausible}}"
    )
    policy = Policy(setting.settings(0).levers, {"A": "R1"}, "2024/25")
    from abm.model.levers import LEVERS

    record = np.zeros(1, LEVERS.dtype())
    seen = []
    for quarter in range(12):
        policy.write(quarter, record)
        seen.append((record["fence_pots"][0], record["audit"][0]))
    assert [pots for pots, _ in seen] == [10, 10, 7, 3, 0, 0, 3, 7, 10, 10, 10, 10]
    assert [audit for _, audit in seen] == pytest.approx([0.5, 0.5, 1 / 3, 1 / 6, 0, 0, 1 / 6, 1 / 3, 0.5, 0.5, 0.5, 0.5])


# ---- the same everywhere, and for ever ---------------------------------------------------------------------------------

KINDS = {
    "hypercube": f"{{kind: latin_hypercube, points: [6, 4], over: {MIXED}}}",
    "sequence": f"{{kind: sobol_sequence, points: 8, over: {MIXED}}}",
    "sobol": f"{{kind: sobol, base_points: 4, over: {MIXED}}}",
    "morris": f"{{kind: morris, trajectories: 3, over: {MIXED}}}",
}
FIRST = {
    "hypercube": [0.271541783061, 2, "reinforcement", 17.5703890848],
    "sequence": [0.896676120861, 7, "conditional_cooperation", 39.0958754324],
    "sobol": [0.871653852332, 18, "conditional_cooperation", 1.74425971692],
    "morris": [0.95, 0, "conditional_cooperation", 21.5443469003],
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_point_is_what_it_always_was(kind: str, made: Any) -> None:
    """If this fails, a library's sampler has changed: sweeps of the same config no longer have the same points."""
    assert made(KINDS[kind]).values.iloc[0].tolist() == FIRST[kind]


@pytest.mark.slow
def test_two_processes_with_other_hash_seeds_make_the_same_points(tmp_path: Path) -> None:
    code = """
import hashlib, sys
from pathlib import Path
from tests.experiment.test_designs import KINDS, resolve
from abm.experiment.design import design_points
for kind, design in KINDS.items():
    points = design_points(resolve(Path(sys.argv[1]), design))
    print(kind, hashlib.sha256(points.values.to_csv(float_format='%.17g').encode()).hexdigest(), points.settings(1))
"""
    started = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        folder.mkdir()
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        started.append(subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True, env=environment))
    one, two = (process.communicate(timeout=300)[0] for process in started)
    assert one == two and len(one.splitlines()) == len(KINDS)


def test_no_global_generator_is_touched(made: Any) -> None:
    before = np.random.get_state(legacy=False)["state"]  # noqa: NPY002
    for design in KINDS.values():
        made(design)
    after = np.random.get_state(legacy=False)["state"]  # noqa: NPY002
    assert before["pos"] == after["pos"] and (before["key"] == after["key"]).all()


def test_many_points_are_quick(made: Any) -> None:
    import time

    started = time.perf_counter()
    points = made(f"{{kind: latin_hypercube, points: 200000, over: {MIXED}}}")
    total = sum(points.settings(i).levers["fence_pots"] for i in range(0, 200_000, 10))
    assert time.perf_counter() - started < 10 and total > 0
