"""The first state: from a World's tables to agents with money, memory and ties (ODD, Initialisation)."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import TYPE_CHECKING

from tests.oracles.plain_twin.draws import normal, stable_id, stream_key
from tests.oracles.plain_twin.ledger import Ledger
from tests.oracles.plain_twin.organisations import Organisation, Pair, PlainCouncil, PlainICB, PlainProvider, PlainRegion, System, Tie
from tests.oracles.plain_twin.reviewing import set_efforts

if TYPE_CHECKING:
    from tests.oracles.plain_twin.model import PlainModel

KINDS = ("commissioning", "pooling", "discharge", "collaborative", "oversight")


def rows_of(table) -> list[SimpleNamespace]:
    """The rows of a data frame, by code."""
    rows = [SimpleNamespace(**row) for row in table.to_dict("records")]
    return sorted(rows, key=lambda row: row.code)


def build(model: PlainModel, before: list[SimpleNamespace]) -> None:
    """Make everyone, and give them the state they start with. `before` has the levers of the past, one a system."""
    world = model.world
    regions, icbs, providers, councils = (rows_of(getattr(world, name)) for name in ("regions", "icbs", "providers", "councils"))
    model.ledger = Ledger(row.code for row in [*regions, *icbs, *providers, *councils])
    model.regions = [PlainRegion(model, row.code, None, None) for row in regions]
    model.systems = [System(row.code) for row in icbs]
    region_of = {region.code: region for region in model.regions}
    system_of = {system.code: system for system in model.systems}
    model.icbs = [PlainICB(model, row.code, region_of[row.region], system_of[row.code]) for row in icbs]
    model.providers = [PlainProvider(model, row.code, region_of[row.region], system_of[row.system]) for row in providers]
    model.councils = [PlainCouncil(model, row.code, region_of[row.region], system_of[row.system]) for row in councils]
    model.boards = [*model.icbs, *model.providers, *model.councils]
    model.organisations = [*model.regions, *model.boards]
    for icb in model.icbs:
        icb.system.icb = icb
    for provider in model.providers:
        provider.system.providers.append(provider)
    for council in model.councils:
        council.system.councils.append(council)

    start_pairs(model)
    past = dict(zip(system_of, before, strict=True))
    start_money(model, icbs, providers, councils, past)
    for board in model.boards:
        start_memory(model, board, past[board.system.code])
    for region in model.regions:
        region.received = model.parameters.prior_trust_nhs
    for system in model.systems:
        start_programmes(model, system, past[system.code])


def start_pairs(model: PlainModel) -> None:
    """Pairs by kind, then a, then b; two ties each."""
    p, world = model.parameters, model.world
    by_code = {organisation.code: organisation for organisation in model.organisations}
    names = {code: world.draw_names.get(code, code) for code in by_code}
    rows = [SimpleNamespace(**row) for row in world.partnerships.to_dict("records")]
    for row in rows:
        if row.kind == "collaborative" and names[row.a] > names[row.b]:
            row.a, row.b, row.share_a, row.share_b = row.b, row.a, row.share_b, row.share_a
    rows.sort(key=lambda row: (KINDS.index(row.kind), row.a, row.b))
    weight = 1 / (1 - p.trust_memory)
    model.pairs, model.ties, model.oversight = [], [], []
    for row in rows:
        a, b = by_code[row.a], by_code[row.b]
        name_a, name_b = names[row.a], names[row.b]
        pair = Pair(row.kind, a, b, a.system or b.system, stable_id(f"{name_a}>{name_b}:{row.kind}"))
        pair.flow, pair.share_a, pair.share_b = row.flow_k, row.share_a, row.share_b
        pair.stake = p.stake_share * pair.flow
        if row.kind == "commissioning":
            pair.due = pair.flow
        elif row.kind == "pooling":
            pair.due = pair.flow * world.nhs_share_of_pool
        prior = p.prior_trust_council if isinstance(b, PlainCouncil) else p.prior_trust_nhs
        pair.programme = pair.start = prior * prior
        pair.tie_a = Tie(pair, a, b, stable_id(f"{name_a}>{name_b}:{row.kind}:act"), prior, weight)
        pair.tie_b = Tie(pair, b, a, stable_id(f"{name_b}>{name_a}:{row.kind}:act"), prior, weight)
        pair.tie_a.back, pair.tie_b.back = pair.tie_b, pair.tie_a
        for organisation, tie in ((a, pair.tie_a), (b, pair.tie_b)):
            organisation.pairs[row.kind].append(pair)
            organisation.ties[row.kind, tie.target.code] = tie
        if row.kind == "oversight":
            model.oversight.append(pair)
        else:
            model.pairs.append(pair)
            model.ties += [pair.tie_a, pair.tie_b]
    model.all_ties = model.ties + [tie for pair in model.oversight for tie in (pair.tie_a, pair.tie_b)]


def standardised(values: list[float]) -> list[float]:
    """Distance from the mean, in standard deviations; 0 if all are alike."""
    mean = sum(values) / len(values)
    spread = math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))
    return [(value - mean) / spread if spread > 0 else 0.0 for value in values]


def troubles(model: PlainModel, icbs: list[SimpleNamespace]) -> list[float]:
    """How much trouble with money each system starts in: half facts, half luck, and skewed."""
    need = standardised([row.need_index for row in icbs])
    distance = standardised([row.distance_from_target for row in icbs])
    known = standardised([n - d for n, d in zip(need, distance, strict=True)])
    key = stream_key(model.run_key, 0, "initial")
    luck = [normal(key, icb.draw) for icb in model.icbs]
    return standardised([math.exp((k + z) / math.sqrt(2)) for k, z in zip(known, luck, strict=True)])


def start_money(
    model: PlainModel,
    icbs: list[SimpleNamespace],
    providers: list[SimpleNamespace],
    councils: list[SimpleNamespace],
    past: dict[str, SimpleNamespace],
) -> None:
    """Budgets, contracts, costs and reserves."""
    p = model.parameters
    for icb, row in zip(model.icbs, icbs, strict=True):
        icb.allocation = icb.start = icb.last = row.allocation_k
        icb.running_base = icb.running = row.running_cost_k
        icb.community, icb.prevention = row.community_k, row.prevention_k
        icb.pool = sum(pair.due for pair in icb.pairs["pooling"])
        contracts = sum(pair.due for pair in icb.pairs["commissioning"])
        administration = p.pot_admin * past[icb.code].fence_share * past[icb.code].fence_recurrence * icb.allocation
        icb.other_care = icb.allocation - contracts - icb.pool - icb.community - icb.prevention - administration
        icb.income = icb.allocation + icb.running

    for provider, row in zip(model.providers, providers, strict=True):
        provider.contract = sum(pair.flow for pair in provider.pairs["commissioning"])
        provider.direct = row.direct_k
        provider.income = provider.contract + provider.direct
        provider.bed_value = sum(pair.flow for pair in provider.pairs["discharge"])
        provider.delayed = p.delayed_start if provider.bed_value > 0 else 0.0
        provider.joint = provider.joint_0 = p.prior_trust_council**2
        provider.system.icb.contracts += provider.contract
    trouble = dict(zip([system.code for system in model.systems], troubles(model, icbs), strict=True))
    all_income = sum(provider.income for provider in model.providers)
    mean = sum(trouble[provider.system.code] * provider.income for provider in model.providers) / all_income
    for provider in model.providers:
        t = trouble[provider.system.code] - mean
        provider.base_cost = provider.income * (1 + p.budget_gap + p.gap_spread * t)
        provider.pressure = p.cost_pressure * (1 + p.pressure_spread * t)
        provider.system.provider_cost += provider.base_cost

    for council, row in zip(model.councils, councils, strict=True):
        pooled = sum(pair.due for pair in council.pairs["pooling"])
        council.funding = row.social_care_k + row.public_health_k
        council.health = row.public_health_k
        council.care_cost = row.social_care_k + pooled
        council.income = council.funding + pooled
        council.reserve_start = p.council_reserves * row.social_care_k
        council.account.opening = council.account.balance = council.reserve_start


def start_memory(model: PlainModel, board: Organisation, past: SimpleNamespace) -> None:
    """What a board remembers of the years before."""
    p = model.parameters
    lasting = min(1, 4 / max(1, past.priorities))
    asked = past.oversight_intensity if board.nhs else 0.0
    board.felt_finance = asked * past.finance_share
    board.felt_access = asked * (1 - past.finance_share) * (1 - lasting)
    board.felt_purpose = 1 - (1 - asked * (1 - past.finance_share) * lasting) * (1 - past.local_accountability)
    board.motivation = p.intrinsic_motivation
    board.bailout = p.bailout_belief if board.nhs else 0.0
    board.load = p.layer_burden * asked * (1 + past.priorities / 18)
    board.received = p.prior_trust_nhs
    set_efforts(board, p)
    if isinstance(board, PlainICB):
        board.authority = board.respect = p.prior_trust_nhs
        board.expected = 0.0 if past.bypass_regime == "with_and_through" else past.bypass_rate
        board.clarity = past.mandate_clarity
        if past.bypass_regime == "informal":
            board.clarity = past.mandate_clarity * (1 - board.expected * (1 - past.bypass_notice))


def start_programmes(model: PlainModel, system: System, past: SimpleNamespace) -> None:
    """Programmes start as they were carried out before, so that nothing matures or decays out of the past."""
    p, icb = model.parameters, system.icb
    planned = icb.community + icb.prevention
    coverage = 0.0
    if planned > 0:
        coverage = min(1, p.fence_joint * past.fence_share * icb.allocation / planned) * past.fence_recurrence
    icb.displaced = icb.displaced_0 = p.crowd_out * coverage
    icb.protected = coverage * (1 - (1 - past.fence_floor) * (1 - past.fence_restriction))
    never = icb.load * (1 + icb.load + icb.load**2 + icb.load**3) / 4  # what could not be started is still carried at year end
    icb.usual = (1 - never) * (icb.protected + (1 - icb.protected) * (1 - p.diversion * icb.expected) * icb.effort_lasting)
    effect = 1 - p.fence_mismatch * past.fence_restriction * coverage
    system.community_k = icb.community
    system.prevention_k = icb.prevention + sum(council.health for council in system.councils)
    system.community_0 = icb.usual * effect
    if system.prevention_k > 0:
        by_councils = sum(council.health * council.effort_lasting for council in system.councils)
        system.prevention_0 = (icb.prevention * icb.usual * effect + by_councils) / system.prevention_k
    system.community_1 = system.community_2 = system.community = system.community_0
    system.prevention_1 = system.prevention_2 = system.prevention = system.prevention_0
    system.spent_comm = system.community_0 * system.community_k / 4
    system.spent_prev = system.prevention_0 * system.prevention_k / 4
