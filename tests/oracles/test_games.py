"""Two organisations at play. Truth: nashpy's equilibria of the stage game, axelrod's strategies in the repeated one, and hand conditions.

The stage game (`exchange`), in units of the stake, for boards with attention w to money and 1 - w + m to lasting value:

                      partner jointly      partner not
    jointly           R = -w k + v         S = -w (k + s)            v = (1 - w + m) horizon 2 gain worth B
    not               T = +w s             P = -w t
"""

from __future__ import annotations

import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import abm
from abm.model.ics_model import ICSModel
from abm.model.ledger import PURPOSES
from abm.model.network import COLUMNS, World
from abm.model.outcomes import TALLY
from abm.model.parameters import PARAMETERS
from abm.model.phases.decide import decide, quantal_response, weigh
from abm.model.phases.exchange import payoff
from abm.model.quarter import PHASES

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # axelrod tells of an optional package
    axelrod = pytest.importorskip("axelrod")
    nashpy = pytest.importorskip("nashpy")

# ---- the stage game -------------------------------------------------------------------------------------------------------


class Stage(SimpleNamespace):
    """One tie of the stage game, put to the model's own rules: `w m horizon gain worth k s_own s_partner t benefit`."""

    def payoffs(self) -> np.ndarray:
        """[own act, partner's act], 0 jointly and 1 not, as `exchange` feels them."""
        par = SimpleNamespace(lasting_benefit=self.benefit, policing_cost=self.t)
        org = SimpleNamespace(money=self.w, motivation=self.m, horizon=self.horizon)
        tie = SimpleNamespace(joint=1, hurdle=self.k)
        table = np.zeros((2, 2))
        for own in (0, 1):
            tie.joint = 1 - own
            for other in (0, 1):
                table[own, other] = payoff.py_func(par, org, tie, 1 - other, self.s_own, self.s_partner, self.gain * self.worth)
        return table

    def gain_at(self, q: float) -> float:
        """What `decide` finds in working jointly, with the belief q that the partner does."""
        par = SimpleNamespace(lasting_benefit=self.benefit, policing_cost=self.t, norm_weight=0.0, common_fate=0.0)
        org = SimpleNamespace(money=self.w, motivation=self.m, horizon=self.horizon, received=0.5)
        tie = SimpleNamespace(trust=q, hurdle=self.k)
        pair = SimpleNamespace(
            shift_a=self.s_own,
            shift_b=self.s_partner,
            gain_a=self.gain,
            worth=self.worth,
            assurance=0.0,
            secured=0.0,
            known_stress=0.0,
        )
        weigh.py_func(par, tie, pair, org, 0)
        return tie.cash_term + tie.value_term + tie.norm_term + tie.fate_term


unit = st.floats(0.05, 0.95)
stages = st.builds(
    Stage,
    w=unit,
    m=st.floats(0.0, 0.7),
    horizon=unit,
    gain=st.floats(0.2, 0.8),
    worth=st.floats(0.5, 1.0),
    k=st.floats(0.05, 0.4),
    s_own=st.floats(0.05, 0.5),
    s_partner=st.floats(0.05, 0.5),
    t=st.floats(0.02, 0.6),
    benefit=st.floats(0.05, 2.4),
)


@settings(max_examples=200, deadline=None)
@given(stage=stages, q=st.floats(0.0, 1.0))
def test_what_decide_weighs_is_what_exchange_pays_on_average(stage, q):
    """dU at belief q = q (R - T) + (1 - q)(S - P)."""
    (r, s), (t, p) = stage.payoffs()
    assert stage.gain_at(q) == pytest.approx(q * (r - t) + (1 - q) * (s - p), abs=1e-12)


def by_hand(one: np.ndarray, two: np.ndarray) -> set[tuple[float, float]]:
    """Equilibria of a 2 x 2 game without ties, as both players' chances of working jointly, by best-reply conditions."""
    (r1, s1), (t1, p1) = one
    (r2, s2), (t2, p2) = two
    found = set()
    for own, first, second in ((1, r1 > t1, r2 > t2), (0, p1 > s1, p2 > s2)):
        if first and second:
            found.add((float(own), float(own)))
    if s1 > p1 and t2 > r2:  # it works jointly though the partner does not
        found.add((1.0, 0.0))
    if t1 > r1 and s2 > p2:
        found.add((0.0, 1.0))
    q1 = (p2 - s2) / ((r2 - t2) + (p2 - s2))  # what makes the partner indifferent
    q2 = (p1 - s1) / ((r1 - t1) + (p1 - s1))
    if 0 < q1 < 1 and 0 < q2 < 1:
        found.add((q1, q2))
    return {(round(a, 6), round(b, 6)) for a, b in found}


@settings(max_examples=300, deadline=None)
@given(one=stages, two=stages)
def test_nashpy_finds_the_equilibria_that_hand_conditions_give(one, two):
    first, second = one.payoffs(), two.payoffs()
    for table in (first, second):
        assume(min(abs(table[0, 0] - table[1, 0]), abs(table[0, 1] - table[1, 1])) > 1e-3)  # no ties
        assume(abs(table[0, 0] - table[1, 0] + table[1, 1] - table[0, 1]) > 1e-3)
    game = nashpy.Game(first, second.T)
    found = {(round(float(a[0]), 6), round(float(b[0]), 6)) for a, b in game.support_enumeration()}
    assert found == by_hand(first, second)
    assert len(found) % 2 == 1  # Wilson 1971


DEFAULT = Stage(w=0.5, m=0.4, horizon=0.5, gain=0.5, worth=1.0, k=0.14, s_own=0.25, s_partner=0.25, t=0.15, benefit=1.8)


def test_the_game_at_the_defaults_is_a_stag_hunt():
    """Both equilibria in pure acts, so that trust decides; by hand R = .74, S = -.195, T = .125, P = -.075."""
    table = DEFAULT.payoffs()
    assert table == pytest.approx(np.array([[0.74, -0.195], [0.125, -0.075]]))
    assert by_hand(table, table) == {(1.0, 1.0), (0.0, 0.0), (round(0.12 / 0.735, 6),) * 2}


@pytest.mark.parametrize(
    ("change", "kind", "equilibria"),
    [
        ({"horizon": 0.05}, "prisoner's dilemma", {(0.0, 0.0)}),
        ({"w": 0.95, "m": 0.1, "horizon": 0.3}, "prisoner's dilemma", {(0.0, 0.0)}),
        ({"t": 0.5}, "harmony", {(1.0, 1.0)}),
        ({"t": 0.5, "horizon": 0.05}, "chicken", {(1.0, 0.0), (0.0, 1.0)}),
    ],
)
def test_the_kind_of_game_follows_the_pay_offs(change, kind, equilibria):
    table = Stage(**(vars(DEFAULT) | change)).payoffs()
    pure = {(a, b) for a, b in by_hand(table, table) if {a, b} <= {0.0, 1.0}}
    assert pure == equilibria, kind
    found = {(float(a[0]), float(b[0])) for a, b in nashpy.Game(table, table.T).support_enumeration()}
    assert pure <= found


def test_at_the_mixed_equilibrium_decide_is_indifferent():
    table = DEFAULT.payoffs()
    mixed = [a[0] for a, _ in nashpy.Game(table, table.T).support_enumeration() if 0 < a[0] < 1]
    assert DEFAULT.gain_at(mixed[0]) == pytest.approx(0.0, abs=1e-12)
    assert quantal_response(50.0, DEFAULT.gain_at(mixed[0])) == pytest.approx(0.5)


# ---- quantal response -----------------------------------------------------------------------------------------------------


@given(gain=st.floats(-3, 3))
def test_without_precision_choice_is_a_coin(gain):
    assert quantal_response(0.0, gain) == 0.5


@given(gain=st.floats(1e-3, 3), sign=st.sampled_from([-1, 1]))
def test_with_all_precision_choice_is_the_best_reply(gain, sign):
    assert quantal_response(1e6, sign * gain) == (1.0 if sign > 0 else 0.0)


@given(gain=st.floats(-3, 3), precision=st.floats(0, 50))
def test_quantal_response_is_fair_to_both_acts(gain, precision):
    assert quantal_response(precision, gain) + quantal_response(precision, -gain) == pytest.approx(1.0)


def fixed_points(precision: float) -> np.ndarray:
    """Chances q with q = quantal response to the belief q (symmetric logit equilibria), by sign changes on a fine grid."""
    q = np.linspace(0.0, 1.0, 4002)  # nought of the gaps falls on it
    gap = np.array([quantal_response(precision, DEFAULT.gain_at(x)) for x in q]) - q
    return q[:-1][np.sign(gap[:-1]) != np.sign(gap[1:])]


def test_logit_equilibria_run_from_the_coin_to_the_nash_equilibria():
    assert fixed_points(0.0) == pytest.approx([0.5], abs=1e-3)
    nash = sorted(float(a[0]) for a, _ in nashpy.Game(DEFAULT.payoffs(), DEFAULT.payoffs().T).support_enumeration())
    assert fixed_points(5000.0) == pytest.approx(nash, abs=1e-3)


@pytest.mark.parametrize(("precision", "far"), [(0.0, 0.5), (50.0, 0.0)])
def test_the_limits_hold_in_the_full_model(precision, far):
    model = ICSModel(abm.tiny(), parameters={"choice_precision": precision}, seed=5).run(6)
    acts = model.acts()
    gain = acts["cash_term"] + acts["value_term"] + acts["norm_term"] + acts["fate_term"]
    clear = (gain.abs() > 0.1) & (acts["act"] != "section_114_stop")
    assert clear.sum() > 20
    best = (gain > 0).astype(float)
    assert ((acts["chance"] - best).abs()[clear] <= far + 0.01).all()
    assert ((acts["chance"] - best).abs()[clear] >= far - 1e-12).all()


# ---- a world of two -------------------------------------------------------------------------------------------------------

# Nothing else goes on: no oversight felt, no convening, no bypass, no earmarks, no churn, no norms.
ALONE = {
    "oversight_intensity": 0.0,
    "finance_share": 0.0,
    "bypass_regime": "with_and_through",
    "local_accountability": 0.0,
    "fence_share": 0.0,
    "fence_pots": 0,
    "guidance_lateness": 0,
    "convenor": "none",
    "delegation": 0.0,
    "reorganisation": 0.0,
    "mandate_clarity": 1.0,
    "gain_share": 1.0,
    "audit": 0.0,
    "transparency": 1.0,
    "activity_share": 0.5,
}
PLAIN = {
    "norm_weight": 0.0,
    "common_fate": 0.0,
    "role_noise": 0.0,
    "leader_turnover": 0.0,
    "region_reflex": 0.0,
    "layer_burden": 0.0,
    "convening_effect": 0.0,
    "crowding_out": 0.0,
    "cost_shock": 0.0,
    "stress_onset": 0.2,
    "stress_slope": 0.0,  # no board is ever under stress, so the stage game stays as it is
    "choice_precision": 50.0,
}
# A memory so short that the last act alone decides: the gain from joint work is far from nought on either side.
SHORT = {
    "trust_memory": 0.2,
    "broken_weight": 1.0,
    "money_attention": 0.5,
    "upfront_cost": 0.5,
    "shiftable_cost": 0.9,
    "policing_cost": 0.1,
    "lasting_benefit": 3.0,
}
FIRST, SECOND = 0, 1  # ties: the ICB's act towards the provider, and the provider's towards the ICB


def pair_world() -> World:
    """One region, one ICB, one provider, and the one partnership between the two."""
    tiny = abm.tiny()
    icb = tiny.icbs[tiny.icbs["code"] == "I1"]
    provider = tiny.providers[tiny.providers["code"] == "P3"].assign(system="I1", income_k=100_000.0, direct_k=0.0)
    ties = [
        ("commissioning", "I1", "P3", 100_000.0, 1.0, 1.0),
        ("oversight", "R1", "I1", 0.0, 0.5, 1.0),
        ("oversight", "R1", "P3", 0.0, 0.5, 1.0),
    ]
    partnerships = pd.DataFrame(ties, columns=list(COLUMNS["partnerships"]))
    return World("pair", tiny.regions, icb.reset_index(drop=True), provider.reset_index(drop=True), tiny.councils.iloc[:0], partnerships)


WORLD = pair_world()


def play(quarters, parameters, levers=None, intervene=None, seed=0, keep=None):
    """Moves of both, shaped (quarters, 2), 1 for jointly. `intervene(quarter, moves so far, joint)` may change the acts chosen."""
    model = ICSModel(WORLD, ALONE | (levers or {}), PLAIN | parameters, seed=seed, before=ALONE)
    model.state = model.state._replace(tallies=np.zeros((quarters, model.state.tallies.shape[1]), dtype=TALLY).view(np.recarray))
    moves = []
    with np.errstate(over="ignore"):
        for quarter in range(quarters):
            for phase in PHASES:
                phase(model.state)
                if phase is decide and intervene is not None:
                    intervene(quarter, moves, model.state.ties["joint"])
            moves.append(model.state.ties["joint"][:2].copy())
            if keep is not None:
                keep(model)
    return np.array(moves)


def letters(moves) -> str:
    return "".join("C" if move else "D" for move in moves)


class Opponent:
    """An axelrod strategy in the provider's seat."""

    def __init__(self, player, seed=1) -> None:
        self.player, self.other = player, axelrod.MockPlayer([])
        self.player.set_seed(seed)

    def __call__(self, quarter, moves, joint) -> None:
        if moves:
            act = {1: axelrod.Action.C, 0: axelrod.Action.D}
            self.player.update_history(act[int(moves[-1][SECOND])], act[int(moves[-1][FIRST])])
            self.other.update_history(act[int(moves[-1][FIRST])], act[int(moves[-1][SECOND])])
        joint[SECOND] = int(self.player.strategy(self.other) == axelrod.Action.C)


def test_money_in_the_ledger_is_the_stage_game_in_cash():
    """Each of the four pairs of acts, forced: what is paid, by hand, in a quarter of the yearly stake (GBP 1,000 k)."""
    k, s, t = 0.14, 0.25, 0.15
    paid = {}
    for acts in ((1, 1), (1, 0), (0, 1), (0, 0)):

        def force(quarter, moves, joint, acts=acts):
            joint[:2] = acts

        def note(model, acts=acts):
            flows = model.state.books.flows
            paid[acts] = {name: flows[:, :, PURPOSES.index(name)] for name in ("joint_work", "shifted_cost", "dispute")}

        play(1, {}, intervene=force, keep=note)
    stake = 0.04 * 100_000.0 / 4
    icb, provider, care = 1, 2, 5
    assert paid[1, 1]["joint_work"][icb, care] == pytest.approx(k * stake)
    assert paid[1, 1]["joint_work"][provider, care] == pytest.approx(k * stake)
    assert paid[1, 0]["shifted_cost"][icb, provider] == pytest.approx(s * stake)
    assert paid[0, 1]["shifted_cost"][provider, icb] == pytest.approx(s * stake)
    assert paid[0, 0]["dispute"][icb, care] == paid[0, 0]["dispute"][provider, care] == pytest.approx(t * stake)
    totals = {acts: {name: flow.sum() for name, flow in of.items()} for acts, of in paid.items()}
    assert totals[1, 1]["shifted_cost"] == totals[1, 1]["dispute"] == totals[0, 0]["joint_work"] == totals[1, 0]["dispute"] == 0


# ---- against axelrod's strategies ------------------------------------------------------------------------------------------

OPPONENTS = [
    axelrod.Defector,
    axelrod.Alternator,
    axelrod.TitForTat,
    axelrod.SuspiciousTitForTat,
    axelrod.Grudger,
    axelrod.WinStayLoseShift,
    axelrod.TitFor2Tats,
    axelrod.CyclerDDC,
    axelrod.CyclerCCD,
    axelrod.AntiTitForTat,
    lambda: axelrod.Random(0.5),
]


@pytest.mark.parametrize("make", OPPONENTS, ids=lambda make: make().name)
def test_with_a_short_memory_and_sharp_choice_an_organisation_plays_tit_for_tat(make):
    """Its moves are those of axelrod's Tit For Tat against the same moves of the partner, move for move."""
    moves = play(20, SHORT, intervene=Opponent(make()))
    mirror, partner = axelrod.TitForTat(), axelrod.MockPlayer([])
    expected = []
    act = {1: axelrod.Action.C, 0: axelrod.Action.D}
    for own, other in moves:
        expected.append(mirror.strategy(partner))
        mirror.update_history(act[int(own)], act[int(other)])
        partner.update_history(act[int(other)], act[int(own)])
    assert letters(moves[:, FIRST]) == "".join(move.name for move in expected)


def test_without_short_memory_it_does_not():
    """The test above can fail: with the default memory one broken act does not end joint work."""
    moves = play(20, SHORT | {"trust_memory": 0.94}, intervene=Opponent(axelrod.CyclerCCD()))
    assert letters(moves[:, FIRST]) != "C" + letters(moves[:-1, SECOND])


def slip(quarter_of_slip, player=FIRST):
    """One slip of the hand: the act of one quarter turned round."""

    def intervene(quarter, moves, joint) -> None:
        if quarter == quarter_of_slip:
            joint[player] = 1 - joint[player]

    return intervene


def test_two_that_play_tit_for_tat_echo_one_slip_for_ever():
    """As axelrod's Tit For Tat does against one that slips once."""
    moves = play(16, SHORT, intervene=slip(5))
    one, other = axelrod.TitForTat(), axelrod.TitForTat()
    history = []
    for quarter in range(16):
        pair = [one.strategy(other), other.strategy(one)]
        if quarter == 5:
            pair[0] = pair[0].flip()
        one.update_history(*pair)
        other.update_history(*pair[::-1])
        history.append([int(move == axelrod.Action.C) for move in pair])
    assert moves.tolist() == history
    assert letters(moves[6:, FIRST]) == "CD" * 5


# Partners with the model's own memory, whose trust is worth having: joint work pays above a belief of about 0.7.
LONG = SHORT | {"trust_memory": 0.85, "broken_weight": 4.0, "prior_trust_nhs": 0.75, "lasting_benefit": 2.1}


def test_a_compact_forgives_a_slip_that_otherwise_ends_joint_work():
    without = play(40, LONG, intervene=slip(12))
    with_it = play(40, LONG, {"compact": 1.0}, intervene=slip(12))
    assert letters(without[:12, FIRST]) == letters(with_it[:12, FIRST]) == "C" * 12
    assert with_it[13:].all()  # never answered
    assert not without[14:].any()  # never repaired


def cooperation_of(player, other, turns: int, noise: float = 0.0) -> float:
    """Axelrod: share of joint acts of a strategy against another."""
    match = axelrod.Match((player, other), turns=turns, noise=noise, seed=3)
    match.play()
    return match.normalised_cooperation()[0]


def noisy(noise: float, seed: int):
    luck = np.random.default_rng(seed)

    def intervene(quarter, moves, joint) -> None:
        joint[:2] = np.where(luck.random(2) < noise, 1 - joint[:2], joint[:2])

    return intervene


def share_under_noise(parameters, levers, noise, quarters=120, seeds=4) -> float:
    runs = [play(quarters, parameters, levers, intervene=noisy(noise, seed)) for seed in range(seeds)]
    return float(np.mean(runs))


def test_forgiveness_pays_under_noise_in_the_order_that_axelrod_gives():
    """GTFT above TFT above Grudger; a compact or a light weight of broken acts above none, and that above an unforgetting memory."""
    noise = 1 / 16
    axelrods = [cooperation_of(player, player.clone(), 2000, noise) for player in (axelrod.GTFT(), axelrod.TitForTat(), axelrod.Grudger())]
    assert axelrods == sorted(axelrods, reverse=True)
    compact = share_under_noise(LONG, {"compact": 1.0}, noise)
    light = share_under_noise(LONG | {"broken_weight": 1.0}, {}, noise)
    echo = share_under_noise(SHORT, {}, noise)
    heavy = share_under_noise(LONG, {}, noise)
    assert compact == light  # a full compact is the weight of one
    assert compact > echo + 0.1
    assert echo > heavy + 0.3
    assert axelrods[0] > axelrods[1] + 0.1
    assert axelrods[1] > axelrods[2] + 0.3


@pytest.mark.parametrize("rule", ["quantal_response", "conditional_cooperation", "reinforcement"])
def test_cooperators_are_answered_in_kind(rule):
    """Against partners of rising readiness the organisation's own joint acts rise, as those of Tit For Tat do."""
    chances = (0.0, 0.35, 0.7, 1.0)
    shares, mirrors = [], []
    for chance in chances:
        own = play(80, {"decision_rule": rule, "choice_precision": 4.0}, intervene=Opponent(axelrod.Random(chance)), seed=2)
        shares.append(own[8:, FIRST].mean())
        mirrors.append(cooperation_of(axelrod.TitForTat(), axelrod.Random(chance), 80))
    assert mirrors == sorted(mirrors)
    assert shares == sorted(shares)
    assert shares[-1] - shares[0] > 0.3


def test_conditional_cooperators_match_belief_imperfectly():
    """Fischbacher and Gaechter: willingness = slope * belief + (1 - slope) * motivation, slope below one."""
    seen = []

    def note(model):
        tie = model.state.ties[FIRST]
        seen.append((float(tie.chance), float(tie.belief), float(model.state.orgs[tie.source].motivation)))

    play(1, {"decision_rule": "conditional_cooperation", "conditional_slope": 0.65}, keep=note)
    chance, belief, motivation = seen[0]
    assert (belief, motivation) == (PARAMETERS["prior_trust_nhs"].default, PARAMETERS["intrinsic_motivation"].default)
    assert chance == pytest.approx(0.65 * 0.6 + 0.35 * 0.4)
