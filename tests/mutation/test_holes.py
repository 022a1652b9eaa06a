"""What only seeded faults showed to be unwatched (docs/mutation.md): the outcomes, the survey and the flows, counted once more.

Truth: docs/outcomes.md and docs/ODD.md, counted by hand from acts, payments and organisations, not from the model's tallies.
"""

from __future__ import annotations

import math
from statistics import NormalDist, fmean, pstdev

import numpy as np
import pandas as pd
import pytest

import abm
from abm.model.levers import LEVERS as LEVERS_DECLARED
from abm.model.network import COUNCIL, ICB, OVERSIGHT, PROVIDER
from abm.model.outcomes import OUTCOMES
from abm.model.policy import Policy, Ramp
from abm.model.randomness import uniforms

LEVERS = {"risk_pooling": 0.4, "fence_share": 0.2, "guidance_lateness": 4, "bypass_rate": 0.4, "allocation_growth": 0.08}
PARAMETERS = {"budget_gap": 0.01, "gap_spread": 0.03, "council_reserves": 0.01, "section114_hazard": 0.9}

PENNY = 1e-5  # GBP k


@pytest.fixture(scope="module", autouse=True)
def _compiled(compiled_model: None) -> None:
    """See `compiled_model` in tests/conftest.py."""


def run(quarters: int, world: abm.World | None = None) -> abm.ICSModel:
    return abm.ICSModel(world or abm.tiny(), LEVERS, PARAMETERS, seed=3, keep={"acts", "ledger"}).run(quarters)


def share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else math.nan


def of_acts(acts: pd.DataFrame) -> dict[str, float]:
    """Outcomes that are counts of acts. `acts` are those of the group, with a column `answered`: the partner acted jointly."""
    stake, joint = acts["stake_k"], acts["collaborative"]
    taking = {"withhold_payment", "push_activity", "renege_on_share", "withdraw_share", "shift_discharge", "delay_care", "shift_patients"}
    guarding = set(acts["act"]) - taking - set(acts["act"][joint]) - {"section_114_stop"}
    return {
        "collaborative_share": share(stake[joint].sum(), stake.sum()),
        "collaborative_acts": joint.mean(),
        "joint_spend": share(stake[joint & acts["answered"]].sum(), stake.sum()),
        "advantage_acts": acts["act"].isin(taking).mean(),
        "guard_acts": acts["act"].isin(guarding).mean(),
        "trust": share((stake * acts["trust"]).sum(), stake.sum()),
    }


def of_boards(model: abm.ICSModel, rows: list[int]) -> dict[str, float]:
    """Outcomes that are means over organisations."""
    orgs = [model.state.orgs[o] for o in rows]
    nhs = [o for o in orgs if o.kind != COUNCIL]
    providers = [model.state.providers[o.row] for o in orgs if o.kind == PROVIDER]
    councils = [model.state.councils[o.row] for o in orgs if o.kind == COUNCIL]
    found = {
        "money_attention": fmean(o.money for o in orgs),
        "management_load": fmean(o.load for o in orgs),
        "motivation": fmean(o.motivation for o in orgs),
    }
    if nhs:
        found |= {
            "felt_finance": fmean(o.felt_finance for o in nhs),
            "bailout_belief": fmean(o.bailout for o in nhs),
            "reviewed": fmean(o.reviewed for o in nhs),
        }
    if providers:
        demand = [p.demand * p.base_cost for p in providers]
        found |= {
            "providers_in_deficit": fmean(o.deficit * o.income > PENNY for o in nhs if o.kind == PROVIDER),
            "unmet_need": share(sum(p.unmet * d for p, d in zip(providers, demand, strict=True)), sum(demand)),
            "delayed_share": share(sum(p.beds * p.delayed for p in providers), sum(p.beds for p in providers)),
            "bypassed": fmean(p.bypassed for p in providers),
        }
    if councils:
        wanted = [c.care_cost * c.need for c in councils]
        found |= {
            "care_supply": share(sum(w * c.supply for w, c in zip(wanted, councils, strict=True)), sum(wanted)),
            "councils_stopped": fmean(o.stop > 0 for o in orgs if o.kind == COUNCIL),
        }
    return found


def of_systems(model: abm.ICSModel, rows: list[int]) -> dict[str, float]:
    """Outcomes that are means over systems."""
    icbs, systems = [model.state.icbs[s] for s in rows], [model.state.systems[s] for s in rows]
    return {
        "avoided_demand": sum(s.population * s.avoided for s in systems) / sum(s.population for s in systems),
        "authority": fmean(i.authority for i in icbs),
        "clarity": fmean(i.clarity for i in icbs),
        "convening": fmean(i.convening for i in icbs),
    }


def of_money(model: abm.ICSModel, payments: pd.DataFrame, rows: list[int]) -> dict[str, float]:
    """Outcomes that are shares of NHS money, from this quarter's payments and the plans of systems `rows`."""
    state, codes = model.state, model.facts.codes
    members = [o for o in range(len(codes)) if state.orgs[o].system in rows]
    icbs = [codes[state.icbs[s].org] for s in rows]
    nhs = [o for o in members if state.orgs[o].kind in (ICB, PROVIDER)]
    hospitals = [codes[o] for o in nhs if state.orgs[o].kind == PROVIDER and state.providers[state.orgs[o].row].hospital]
    allocation = sum(state.icbs[s].allocation for s in rows)
    income = allocation + sum(state.icbs[s].running_base for s in rows)
    income += sum(state.providers[state.orgs[o].row].direct for o in nhs if state.orgs[o].kind == PROVIDER)
    support = payments["purpose"].isin(["deficit_support", "risk_pool", "exceptional_support"])

    def net(code: str) -> float:
        mine = payments[support]
        return mine["amount_k"][mine["payee"] == code].sum() - mine["amount_k"][mine["payer"] == code].sum()

    def spent(*purposes: str) -> float:
        return payments["amount_k"][payments["purpose"].isin(purposes) & payments["payer"].isin(icbs)].sum()

    helped = {codes[o]: max(0.0, net(codes[o])) for o in nhs}
    earned = payments["amount_k"][payments["payee"].isin(hospitals)].sum() - sum(helped[code] for code in hospitals)
    deficits = [state.orgs[o].deficit * state.orgs[o].income for o in nhs]
    return {
        "deficit_share": sum(deficits) / allocation,
        "gross_deficit_share": sum(max(0.0, d) for d in deficits) / allocation,
        "support_share": 4 * sum(helped.values()) / allocation,
        "hospital_share": 4 * earned / income,
        "lasting_share": 4 * spent("community", "prevention") / income,
        "prevention_share": 4 * spent("prevention") / income,
        "pooled_share": 4 * spent("pooled_fund") / income,
    }


def answered(model: abm.ICSModel) -> pd.DataFrame:
    """This quarter's acts, with the system that each counts for and whether the partner acted jointly too."""
    acts = model.acts()
    acts = acts[acts["quarter"] == model.quarter - 1].reset_index(drop=True)
    done = {(row.actor, row.partner, row.tie): row.collaborative for row in acts.itertuples()}
    acts["answered"] = [bool(done[row.partner, row.actor, row.tie]) for row in acts.itertuples()]
    acts["home"] = model.state.pairs["system"][model.state.ties["pair"]][model.state.ties["kind"] < 4]
    return acts


def check(row: pd.Series, wanted: dict[str, float]) -> None:
    for name, value in wanted.items():
        assert row[name] == pytest.approx(value, rel=1e-9, abs=1e-12, nan_ok=True), f"{name} in quarter {row['quarter']}"


@pytest.fixture(scope="module", params=["tiny", "synthetic"])
def counted(request: pytest.FixtureRequest) -> list[abm.ICSModel]:
    """The same run after one, four and six quarters."""
    world = abm.tiny() if request.param == "tiny" else abm.synthetic(systems=2, seed=4)
    return [run(quarters, world) for quarters in (1, 4, 6)]


def test_outcomes_are_what_organisations_acts_and_payments_add_up_to(counted: list[abm.ICSModel]) -> None:
    for model in counted:
        orgs, systems = model.state.orgs, len(model.state.icbs)
        acts, payments = answered(model), model.ledger().query("quarter == @model.quarter - 1")
        groups = {None: list(range(systems))} | {code: [s] for s, code in enumerate(model.facts.tables["icbs"]["code"])}
        national, by_system, by_kind = model.outcomes(), model.outcomes("system"), model.outcomes("kind")
        for code, rows in groups.items():
            frame = national if code is None else by_system[by_system["system"] == code]
            members = [o for o in range(len(orgs)) if orgs[o].system in rows]
            wanted = of_acts(acts[acts["home"].isin(rows)]) | of_boards(model, members) | of_systems(model, rows)
            check(frame.iloc[-1], wanted | of_money(model, payments, rows))
        for kind, name in ((ICB, "icb"), (PROVIDER, "provider"), (COUNCIL, "council")):
            members = [o for o in range(len(orgs)) if orgs[o].kind == kind]
            wanted = of_acts(acts[acts["actor_kind"] == name]) | of_boards(model, members)
            check(by_kind[by_kind["kind"] == name].iloc[-1], wanted)


def test_something_of_everything_was_counted(counted: list[abm.ICSModel]) -> None:
    last = counted[-1].outcomes().set_index("quarter")
    year_end = counted[1].outcomes().iloc[-1]
    for name in ("advantage_acts", "guard_acts", "providers_in_deficit", "reviewed", "delayed_share", "unmet_need", "pooled_share"):
        assert last[name].abs().max() > 0, name
    assert year_end["support_share"] > 0 and abs(year_end["gross_deficit_share"] - year_end["deficit_share"]) > 1e-6


def test_outcomes_over_systems_are_statistics_of_single_systems() -> None:
    model = run(6, abm.synthetic(systems=7, seed=2))
    national, by_system = model.outcomes(), model.outcomes("system")
    for quarter, rows in by_system.groupby("quarter"):
        home = [model.facts.row[code] for code in rows["system"]]
        deficits = (rows["deficit_share"].to_numpy() * model.state.icbs["allocation"][[model.state.orgs[o].row for o in home]]).tolist()
        unmet = sorted(rows["unmet_need"].fillna(0.0))
        row = national.iloc[int(quarter)]
        assert row["systems_in_deficit"] == pytest.approx(fmean(d > PENNY for d in deficits))
        assert row["collaboration_spread"] == pytest.approx(pstdev(rows["collaborative_share"].dropna()))
        assert row["unmet_need_gap"] == pytest.approx(unmet[-1] - unmet[0]), "a fifth of seven systems is one"
        if quarter == 5:  # allocations are those of the last quarter
            worst, total = sorted((max(0.0, d) for d in deficits), reverse=True), sum(max(0.0, d) for d in deficits)
            reach = next((n for n in range(1, 8) if sum(worst[:n]) >= 0.8 * total - 1e-9), 0) if total > 0 else 0
            assert row["deficit_concentration"] == reach


def test_a_balanced_system_is_not_in_deficit() -> None:
    tallies = np.ones((1, 4), dtype=[("deficit_money", float), ("allocation", float)])
    tallies["deficit_money"] = [[0.0, -1.0, 2.0, 1e-12]]  # the last is rounding
    assert OUTCOMES["systems_in_deficit"].of(tallies).tolist() == [1 / 4]


def test_the_survey_is_an_ordered_probit_of_the_system_s_state() -> None:
    """Cut 0.5, spread 0.25, and the ten views of docs/ODD.md, at the end of a year."""
    model = run(4)
    trust = model.outcomes("system").query("quarter == 3")["trust"].to_numpy()
    phi = NormalDist(0.5, 0.25).cdf
    expected: dict[str, list[float]] = {}
    for s, icb in enumerate(model.state.icbs):
        policy, board = model.state.policy[s], model.state.orgs[icb.org]
        role = 1 - (1 - icb.clarity) * (1 - icb.authority / 2)
        lasting = (board.effort_lasting + trust[s]) / 2
        views = {
            "clear_system": role,
            "clear_region": role * (1 - icb.expected),
            "clear_national": role * (1 - icb.expected) * (1 - board.load - policy.fence_share),
            "devolved": policy.delegation + (1 - policy.delegation) * icb.convening,
            "plan_realistic": (1 - board.stress) * (1 - policy.guidance_lateness / 12) - board.money / 2,
            "confident_health": lasting,
            "confident_inequality": lasting * (1 - board.money / 4),
            "confident_productivity": (trust[s] + board.effort_money + 0.5) / 2,
            "confident_social": trust[s] * (1 - board.load),
        }
        chances = {name: phi(view) for name, view in views.items()} | {"top_up": float(board.bailout)}
        for name, chance in chances.items():
            expected.setdefault(name, []).append(chance)
    survey = model.survey().set_index("item")["agree"]
    assert {name: fmean(chances) for name, chances in expected.items()} == pytest.approx(survey.to_dict(), rel=1e-9)
    assert model.survey()["quarter"].unique().tolist() == [3]


def test_the_summary_of_flows_is_of_the_latest_quarter_and_from_payer_to_payee() -> None:
    kept, plain = run(3), abm.ICSModel(abm.tiny(), LEVERS, PARAMETERS, seed=3).run(3)
    entries = kept.ledger().query("quarter == 2")
    kinds = {row.code: row.kind for row in kept.world.organisations().itertuples()} | {"treasury": "treasury", "care": "care"}
    named = entries.assign(payer=entries["payer"].map(kinds), payee=entries["payee"].map(kinds))
    sums = named.groupby(["payer", "payee", "purpose"])["amount_k"].sum()
    flows = plain.ledger().set_index(["payer", "payee", "purpose"])["amount_k"]
    assert flows.to_dict() == pytest.approx(sums.to_dict())


def test_nhs_bodies_judge_their_region_by_how_it_deals_with_them() -> None:
    """Nobody acts on this trust, but `network()` shows it: kept is what was coordinated or asked beyond money, broken is the rest."""
    model = abm.ICSModel(abm.tiny(), {"bypass_rate": 0.6, "reorganisation": 0.0}, {"leader_turnover": 0.0}, seed=3)
    par, state = model.state.params[0], model.state
    weight = 1 / (1 - par.trust_memory)
    bodies = [*state.icbs, *state.providers]
    memory = {b.org: [weight * par.prior_trust_nhs, weight * (1 - par.prior_trust_nhs)] for b in bodies}
    own = {int(tie.source): number for number, tie in enumerate(state.ties) if tie.kind == OVERSIGHT}  # a body's tie to its region
    unlike = False
    for _ in range(6):
        model.step()
        for body in bodies:
            board = model.state.orgs[body.org]
            if board.kind == ICB:
                evidence = body.coordinated, par.broken_weight * body.unnoticed
                unlike |= body.unnoticed != body.bypassed
            else:
                asked = board.reviewed * (1 - board.felt_finance)
                evidence = asked, board.reviewed - asked
            memory[body.org] = [par.trust_memory * old + new for old, new in zip(memory[body.org], evidence, strict=True)]
            good, bad = memory[body.org]
            assert model.state.ties[own[body.org]].trust == pytest.approx(good / (good + bad), rel=1e-9)
    assert unlike, "some bypass was told of"


def test_notices_come_at_the_hazard_of_the_reserves_spent() -> None:
    """h0 (1 - reserves / reserves_0)^4 a year, against the very draws; the third power would tell some draw otherwise."""
    levers, parameters = {"social_care_growth": -0.05}, {"section114_hazard": 1.0, "council_reserves": 0.15}
    model = abm.ICSModel(abm.synthetic(systems=3, seed=2), levers, parameters, seed=7)
    councils, orgs = model.state.councils, model.state.orgs
    apart = 0
    for quarter in range(10):
        orgs["stop"] = 0
        model.step()
        reserves = model.state.books.accounts["balance"][councils["org"]]
        spent = np.clip(1 - reserves / councils["reserve_start"], 0, 1)
        draws = uniforms(model.state.clock["key"][0], quarter, "section114", orgs["draw"][councils["org"]])
        fourth, third = (1 - (1 - spent**power) ** 0.25 for power in (4, 3))
        assert ((orgs["stop"][councils["org"]] > 0) == (draws < fourth)).all()
        apart += int(((draws < fourth) != (draws < third)).sum())
    assert apart > 0


def test_a_ramp_of_a_whole_number_goes_in_whole_steps() -> None:
    """12 to 15 pots in eight quarters is three eighths a quarter, rounded; the twin reads the same policy and cannot tell."""
    policy = Policy({"fence_pots": Ramp(12, 15, 0, 8)}, {"I1": "R1"}, "2026/27")
    values = np.zeros(1, dtype=LEVERS_DECLARED.dtype())
    found = []
    for quarter in range(10):
        policy.write(quarter, values)
        found.append(float(values["fence_pots"][0]))
    assert found == [12, 12, 13, 13, 14, 14, 14, 15, 15, 15]  # 13.5 rounds to the even 14
