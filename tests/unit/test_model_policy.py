"""Unit: levers over time and area, the frames of acts and payments, and what is refused. Truth: hand-written values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import abm
from abm.model.acts import ACTS, ACTS_BY_TIE, COLLABORATIVE, is_collaborative
from abm.model.declaration import DeclarationError
from abm.model.levers import LEVERS
from abm.model.parameters import PARAMETERS
from abm.model.policy import ByArea, Policy, Ramp, Schedule, parse_setting, quarter_of

AREAS = {"I1": "R1", "I2": "R1", "I3": "R2"}


def in_force(quarter: int, **settings) -> np.ndarray:
    """Values of the one lever given, for the three systems."""
    records = np.zeros(3, dtype=LEVERS.dtype())
    Policy(settings, AREAS, "2024/25").write(quarter, records)
    return records[next(iter(settings))].tolist()


def test_a_constant_holds_everywhere_always() -> None:
    assert in_force(0, bypass_rate=0.4) == in_force(99, bypass_rate=0.4) == [0.4, 0.4, 0.4]
    assert in_force(0, convenor="none") == [2.0, 2.0, 2.0]


def test_what_is_not_set_is_the_default() -> None:
    records = np.zeros(3, dtype=LEVERS.dtype())
    Policy({}, AREAS, "2024/25").write(7, records)
    assert {name: set(records[name]) for name in LEVERS} == {name: {row.code(row.default)} for name, row in LEVERS.items()}


@pytest.mark.parametrize(("quarter", "value"), [(0, 0.15), (4, 0.15), (5, 0.3), (7, 0.3), (8, 0.6), (40, 0.6)])
def test_a_schedule_steps_and_starts_from_the_default(quarter: int, value: float) -> None:
    setting = Schedule({8: 0.6, 5: 0.3})
    assert in_force(quarter, bypass_rate=setting) == [value] * 3
    assert in_force(quarter, bypass_rate={"schedule": {"2026/27": 0.6, "2025/26 Q2": 0.3}}) == [value] * 3


@pytest.mark.parametrize(("quarter", "value"), [(0, 0.2), (4, 0.2), (5, 0.3), (6, 0.4), (8, 0.6), (20, 0.6)])
def test_a_ramp_is_a_straight_line(quarter: int, value: float) -> None:
    assert in_force(quarter, finance_share=Ramp(0.2, 0.6, 4, 8)) == pytest.approx([value] * 3, abs=1e-15)
    given = {"ramp": {"from": 0.2, "to": 0.6, "start": "2025/26", "end": "2026/27"}}
    assert in_force(quarter, finance_share=given) == in_force(quarter, finance_share=Ramp(0.2, 0.6, 4, 8))


def test_a_ramp_of_a_whole_number_stays_whole() -> None:
    assert [in_force(quarter, fence_pots=Ramp(0, 10, 0, 4))[0] for quarter in range(6)] == [0, 2, 5, 8, 10, 10]


def test_the_nearest_area_wins() -> None:
    areas = ByArea(0.5, {"R1": 0.6}, {"I2": 0.7})
    assert in_force(0, delegation=areas) == [0.6, 0.7, 0.5]
    assert in_force(0, delegation={"systems": {"I3": 0.9}}) == [LEVERS["delegation"].default] * 2 + [0.9]
    assert in_force(3, delegation=ByArea(0.5, {"R1": Schedule({0: 0.1, 3: 0.2})}, {"I1": Ramp(0.0, 1.0, 0, 4)})) == [0.75, 0.2, 0.5]


def test_the_model_follows_areas() -> None:
    """Only the system whose ICBs convene differently has other convening."""
    frame = abm.ICSModel(abm.tiny(), levers={"convenor": {"systems": {"I2": "none"}}}, seed=1).run(3).outcomes("system")
    convening = frame.groupby("system")["convening"].max()
    assert convening["I1"] > 0 and convening["I2"] == 0


def test_the_model_follows_dates() -> None:
    model = abm.ICSModel(abm.tiny(), levers={"bypass_rate": Schedule({"2024/25 Q3": 1.0, 0: 0.0})}, parameters={"region_reflex": 0.0})
    assert model.run(4).outcomes()["bypassed"].tolist() == [0, 0, 1, 1]


@given(st.integers(0, 200))
def test_dates_and_numbers_are_the_same(quarter: int) -> None:
    year = 2024 + quarter // 4
    assert quarter_of(f"{year}/{(year + 1) % 100:02d} Q{quarter % 4 + 1}", "2024/25") == quarter_of(quarter, "2024/25") == quarter


@pytest.mark.parametrize(("steps", "expected"), [({2: 0.1, 9: 0.2}, [2, 9, None]), ({0: 0.1}, [None])])
def test_the_next_change(steps: dict, expected: list) -> None:
    policy, now, found = Policy({"bypass_rate": Schedule(steps)}, AREAS, "2024/25"), 0, []
    while not found or found[-1] is not None:
        found.append(policy.next_change(now))
        now = found[-1] or now
    assert found == expected


@pytest.mark.parametrize(
    ("levers", "words"),
    [
        ({"bypass_rat": 0.1}, "bypass_rat: no such lever; did you mean 'bypass_rate'?"),
        ({"convenor": "icbs"}, "convenor: 'icbs' is not one of icb, partnership, none; did you mean 'icb'?"),
        ({"bypass_rate": 1.2}, "bypass_rate: 1.2 is outside 0 to 1"),
        ({"bypass_rate": float("nan")}, "bypass_rate: nan is outside 0 to 1"),
        ({"bypass_rate": True}, "expected a number, got True"),
        ({"fence_pots": 2.5}, "expected a whole number, got 2.5"),
        ({"delegation": ByArea(systems={"I9": 0.1})}, "no system 'I9' in this world; did you mean 'I"),
        ({"delegation": ByArea(regions={"R7": 0.1})}, "no region 'R7' in this world; did you mean 'R1'?"),
        ({"delegation": Ramp(0.1, 0.2, 5, 5)}, "a ramp must end after it starts"),
        ({"convenor": Ramp("icb", "none", 1, 5)}, "a categorical lever cannot ramp"),
        ({"delegation": Schedule({-1: 0.1})}, "a quarter is 0 or later"),
        ({"delegation": Schedule({"2019/20": 0.1})}, "is before the first year 2024/25"),
        ({"delegation": Schedule({"2025/27": 0.1})}, "expected a quarter number, or a financial year"),
        ({"delegation": {"nation": 0.1}}, "expected a value, schedule, ramp or areas"),
        ({"delegation": {"schedule": {}}}, "expected a value, schedule, ramp or areas"),
        ({"delegation": {"systems": {"I1": {"regions": {}}}}}, "areas cannot be given within areas"),
    ],
)
def test_what_is_refused_is_named_with_the_nearest(levers: dict, words: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        abm.ICSModel(abm.tiny(), levers=levers)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"patients": 0.9}, "patients: no such parameter; did you mean 'patience'?"),
        ({"decision_rule": "quantal"}, "is not one of quantal_response"),
        ({"trust_memory": 1.0}, "trust_memory: 1.0 is outside 0 to 0.999"),
        ({"need_growth": "fast"}, "expected a number, got 'fast'"),
    ],
)
def test_a_parameter_that_is_refused(parameters: dict, words: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        abm.ICSModel(abm.tiny(), parameters=parameters)
    assert words in str(refused.value)


def test_every_default_and_every_plausible_end_is_allowed() -> None:
    for rows in (LEVERS, PARAMETERS):
        for row in rows.values():
            assert row.code(row.default) is not None
            for end in () if row.choices else (*row.plausible, *row.bounds):
                assert row.code(int(end) if row.integer else end) == end
            assert row.choices or row.bounds[0] <= row.plausible[0] <= row.plausible[1] <= row.bounds[1], row.name


def test_plain_settings_are_left_alone() -> None:
    assert parse_setting(0.3) == 0.3
    assert parse_setting("icb") == "icb"


# ---- acts and payments ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept() -> abm.ICSModel:
    return abm.ICSModel(abm.england(), parameters={"choice_precision": 3.0}, seed=8, keep={"acts", "ledger"}).run(6)


def test_acts_have_these_columns(kept: abm.ICSModel) -> None:
    acts = kept.acts()
    assert list(acts.columns) == [
        "quarter", "year", "actor", "actor_kind", "partner", "partner_kind", "tie", "act", "collaborative", "stake_k", "money_attention",
        "chance", "belief", "trust", "cash_term", "value_term", "norm_term", "fate_term",
    ]  # fmt: skip
    ties = 2 * (kept.world.partnerships["kind"] != "oversight").sum()
    assert acts.groupby("quarter").size().tolist() == [ties] * 6
    assert not acts.duplicated(["quarter", "actor", "partner", "tie"]).any()
    assert acts["year"].unique().tolist() == ["2024/25", "2025/26"]


def test_acts_belong_to_the_tie_and_the_actor(kept: abm.ICSModel) -> None:
    for (tie, kind, act), _ in kept.acts().groupby(["tie", "actor_kind", "act"]):
        assert act == "section_114_stop" or act in ACTS_BY_TIE[tie, kind]


def test_acts_are_classed_afterwards(kept: abm.ICSModel) -> None:
    acts = kept.acts()
    assert acts["collaborative"].tolist() == acts["act"].isin(COLLABORATIVE).tolist() == [is_collaborative(act) for act in acts["act"]]
    assert 0 < acts["collaborative"].mean() < 1
    assert {act for act in ACTS if is_collaborative(act)} == COLLABORATIVE
    with pytest.raises(KeyError):
        is_collaborative("hug")


def test_a_guard_acts_where_no_joint_work_is_expected(kept: abm.ICSModel) -> None:
    acts = kept.acts().query("not collaborative and act != 'section_114_stop'")
    guards = {names[2] for names in ACTS_BY_TIE.values()}
    assert (acts["act"].isin(guards) == (acts["belief"] < 0.5)).all()


def test_the_reasons_add_up_to_the_chance(kept: abm.ICSModel) -> None:
    """Quantal response: P = 1 / (1 + exp(-lambda (cash + value + norm + fate)))."""
    acts = kept.acts()
    gain = acts[["cash_term", "value_term", "norm_term", "fate_term"]].sum(axis=1)
    np.testing.assert_allclose(acts["chance"], 1 / (1 + np.exp(-3.0 * gain)), rtol=1e-12)


def test_acts_come_as_often_as_their_chance(kept: abm.ICSModel) -> None:
    """Of England's 25,000 acts, the collaborative ones are as many as the chances add up to (five standard errors)."""
    acts = kept.acts().query("act != 'section_114_stop'")
    expected, spread = acts["chance"].sum(), np.sqrt((acts["chance"] * (1 - acts["chance"])).sum())
    assert abs(acts["collaborative"].sum() - expected) < 5 * spread


def test_without_keeping_only_the_latest_quarter_is_there(kept: abm.ICSModel) -> None:
    plain = abm.ICSModel(abm.england(), parameters={"choice_precision": 3.0}, seed=8)
    assert len(plain.acts()) == 0 and list(plain.acts().columns) == list(kept.acts().columns)
    plain.run(6)
    pd.testing.assert_frame_equal(plain.acts(), kept.acts().query("quarter == 5").reset_index(drop=True))
    assert list(kept.ledger().columns) == ["quarter", "year", "payer", "payee", "purpose", "amount_k"] == list(plain.ledger().columns)
    assert kept.ledger()["quarter"].unique().tolist() == list(range(6))
    assert set(plain.ledger()["payer"]) <= {"region", "icb", "provider", "council", "treasury", "care"}


@pytest.mark.parametrize("keep", [{"act"}, {"acts", "flows"}, "acts"])
def test_keeping_something_unknown_is_refused(keep) -> None:
    with pytest.raises(ValueError, match="keep takes acts, ledger, organisations; got"):
        abm.ICSModel(abm.tiny(), keep=keep)


def test_outcomes_by_something_unknown_are_refused() -> None:
    with pytest.raises(ValueError, match="by is None or one of kind, region, system"):
        abm.ICSModel(abm.tiny()).run(1).outcomes("icb")
