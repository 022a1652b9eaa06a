"""Unit: verdicts follow from effects by the stated rules; a planted dependence is found, and luck is not taken for one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from abm.analysis.claims.register import Part, register
from abm.analysis.claims.verdict import (
    ABSENT,
    CONTRADICTED,
    DEPENDS,
    SUPPORTED,
    UNCLEAR,
    VERDICTS,
    Verdict,
    best_split,
    judge,
    luck_of,
    of_claim,
    tally,
    two_way,
    verdicts,
)

RNG = np.random.default_rng(5)
MEMBERS = pd.DataFrame(RNG.uniform(0, 1, (30, 6)), columns=[f"parameters.p{i}" for i in range(6)])


def part(sign: int = 1, contrast: str = "a - b", outcome: str = "trust") -> Part:
    return Part("C001", "e14_claims", contrast, outcome, sign, "")


def effects(means: np.ndarray | float, luck: float = 0.002, replicates: int = 3) -> np.ndarray:
    own = np.random.default_rng(5)  # of each call, so that no test hangs on which ran before
    return np.broadcast_to(np.asarray(means, dtype=float), (30,))[:, None] + own.normal(0, luck, (30, replicates))


def test_a_clear_effect_is_supported_or_contradicted_as_its_sign_says() -> None:
    assert judge(part(1), effects(0.05), MEMBERS).verdict == SUPPORTED
    assert judge(part(-1), effects(-0.05), MEMBERS).verdict == SUPPORTED
    assert judge(part(-1), effects(0.05), MEMBERS).verdict == CONTRADICTED
    found = judge(part(1), effects(0.05), MEMBERS)
    assert found.low < found.effect < found.high and found.share == 1.0 and (found.members, found.replicates) == (30, 3)


def test_nothing_and_next_to_nothing_are_not_identifiable() -> None:
    assert judge(part(), np.zeros((30, 3)), MEMBERS).verdict == UNCLEAR
    assert judge(part(), effects(0.0003, 1e-6), MEMBERS).on == "no effect to speak of"
    assert judge(part(contrast="lead(guard_acts): a"), effects(0.03, 1e-4), MEMBERS).verdict == UNCLEAR


def test_luck_is_not_taken_for_a_dependence() -> None:
    found = judge(part(), effects(0.0, 0.02), MEMBERS)
    assert found.verdict == UNCLEAR and "luck" in found.on
    assert found.on == "the sign is not told from luck"
    means = np.where(np.arange(30) < 25, 0.03, -0.0015)  # five of 30 next to nothing
    most = judge(part(), means[:, None] + 0.003 * np.array([-1.0, 0.0, 1.0]), MEMBERS)
    assert most.verdict == UNCLEAR and most.low > 0 and "too few members share it" in most.on
    one = effects(0.0, 0.02, replicates=1)
    assert judge(part(), one, MEMBERS).verdict == UNCLEAR  # luck unknown


def test_a_planted_dependence_is_found_with_its_cut() -> None:
    means = 0.2 * (MEMBERS["parameters.p3"].to_numpy() - 0.4)
    found = judge(part(1), effects(means), MEMBERS)
    assert found.verdict == DEPENDS and found.on.startswith("p3: as expected above 0.") and "rank correlation +" in found.on
    assert judge(part(-1), effects(means), MEMBERS).on.startswith("p3: as expected below 0.")


def test_a_choice_can_be_what_it_depends_on() -> None:
    members = MEMBERS.assign(**{"parameters.decision_rule": ["reinforcement", "quantal_response"] * 15})
    means = np.where(members["parameters.decision_rule"] == "reinforcement", 0.05, -0.05)
    assert best_split(means + RNG.normal(0, 0.002, 30), members).startswith("decision_rule = ")


def test_noise_names_no_factor_but_rarely() -> None:
    named = sum(not best_split(RNG.normal(0, 1, 30), MEMBERS).startswith("no single") for _ in range(60))
    assert named <= 9  # 5 % of 60 is 3
    assert best_split(RNG.normal(0, 1, 5), MEMBERS.head(5)).startswith("too few")


def test_the_interval_counts_luck_that_all_members_share() -> None:
    """Replicates shift all members alike: an interval over members alone would be far too narrow."""
    shared = np.array([[-0.02, 0.0, 0.02, 0.04]]) + RNG.normal(0, 1e-4, (30, 4))
    low, high = two_way(shared)
    assert high - low > 0.02
    low, high = two_way(0.01 + RNG.normal(0, 0.01, (30, 4)))
    assert low < 0.01 < high and high - low < 0.02
    assert np.isnan(two_way(np.zeros((1, 2)))).all() and np.isnan(luck_of(np.zeros((3, 1))))


def test_failed_runs_are_left_out() -> None:
    holes = effects(0.05)
    holes[0] = np.nan
    holes[1, 0] = np.nan
    found = judge(part(), holes, MEMBERS)
    assert found.verdict == SUPPORTED and found.members == 29
    assert judge(part(), np.full((30, 2), np.nan), MEMBERS).verdict == UNCLEAR


def verdict(word: str, outcome: str = "trust") -> Verdict:
    return Verdict(part(outcome=outcome), 0.1, 0.0, 0.2, 1.0, 0.01, 30, 2, word, "")


def test_a_claim_has_the_verdict_of_its_parts_or_depends_on_what_is_measured() -> None:
    claims = register()
    assert of_claim(claims["C001"], [verdict(SUPPORTED)])[0] == SUPPORTED
    found, on = of_claim(claims["C010"], [verdict(SUPPORTED), verdict(CONTRADICTED, "joint_spend")])
    assert found == DEPENDS and on == "what is measured: trust supported, joint_spend contradicted"
    assert of_claim(claims["C065"], []) == (ABSENT, claims["C065"].why_not)


def test_every_claim_gets_a_verdict_and_the_tally_adds_up() -> None:
    from dataclasses import replace

    from abm.analysis.claims.register import every_part

    made = verdicts([replace(verdict(SUPPORTED), test=test) for test in every_part()])
    assert list(made["claim"]) == list(register()) and not made.isna().any(axis=None)
    core, every = tally(made), tally(made, core=False)
    assert sum(core.values()) == 92 and sum(every.values()) == len(register()) and tuple(core) == VERDICTS
    assert made.set_index("claim").loc["R001", "verdict"] == SUPPORTED


@pytest.mark.parametrize("word", VERDICTS)
def test_verdicts_are_words_that_the_page_explains(word: str) -> None:
    from abm.view.claims_page import page

    assert word in page(None)
