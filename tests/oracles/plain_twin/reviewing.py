"""Phases 3 and 4: regions review and deal directly; somebody brings partners together (ODD, review and convene)."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import TYPE_CHECKING

from tests.oracles.plain_twin.draws import uniform
from tests.oracles.plain_twin.organisations import Organisation, PlainICB, PlainProvider

if TYPE_CHECKING:
    from tests.oracles.plain_twin.model import PlainModel


def pressure(deficit: float, p: SimpleNamespace) -> float:
    """The pressure of a deficit, from 0 to 1."""
    return 1 - math.exp(-p.stress_slope * max(0.0, deficit - p.stress_onset))


def leaned(base: float, under: float, p: SimpleNamespace) -> float:
    """A region leans in under pressure."""
    return base + (1 - base) * p.region_reflex * under


def review(model: PlainModel) -> None:
    """Direct contact, reviews, coordination and clarity, efforts, load."""
    for icb in model.icbs:
        icb.bypassed = icb.unnoticed = icb.coordinated = 0.0
    for council in model.councils:
        if council.stop > 0:
            council.forced = council.visible = True
    bypass, notice, reviews = model.stream("bypass"), model.stream("notice"), model.stream("review")
    for provider in model.providers:
        contact(model, provider, bypass, notice)
    for board in model.boards:
        finance = ask(model, board, reviews)
        if isinstance(board, PlainICB):
            clarify(model, board, finance)
        set_efforts(board, model.parameters)
        burden(model, board)


def contact(model: PlainModel, provider: PlainProvider, bypass: int, notice: int) -> None:
    """The region deals with a provider over its ICB's head, or does not."""
    p, levers, icb = model.parameters, provider.system.levers, provider.system.icb
    trust = icb.region.ties["oversight", icb.code].trust
    rate = leaned(levers.bypass_rate, pressure(provider.reported, p) * (1 - trust), p)
    direct = levers.bypass_regime != "with_and_through" and uniform(bypass, provider.draw) < rate
    noticed = levers.bypass_regime == "formal" or uniform(notice, provider.draw) < levers.bypass_notice
    provider.bypassed = direct
    provider.notice = direct and noticed
    if direct:
        provider.forced, provider.visible = True, noticed
    provider.grip = p.region_grip if direct else provider.grip * p.review_memory
    if direct and icb.contracts > 0:
        weight = min(1.0, provider.contract / icb.contracts)
        icb.bypassed = min(1.0, icb.bypassed + weight)
        if not noticed:
            icb.unnoticed = min(1.0, icb.unnoticed + weight)


def ask(model: PlainModel, board: Organisation, reviews: int) -> float:
    """A review, if there is one, and what the board then feels; gives back the part of it that is about money."""
    p, levers = model.parameters, board.system.levers
    under = pressure(board.reported, p)
    finance = leaned(levers.finance_share, under, p)
    intensity = leaned(levers.oversight_intensity, under, p)
    board.reviewed = board.nhs and (uniform(reviews, board.draw) < intensity or (isinstance(board, PlainProvider) and board.bypassed))
    asked = 1.0 if board.reviewed else 0.0
    lasting = min(1.0, 4 / max(1.0, levers.priorities))
    purposes = 1 - (1 - asked * (1 - finance) * lasting) * (1 - levers.local_accountability)
    m = p.review_memory
    board.felt_finance = m * board.felt_finance + (1 - m) * asked * finance
    board.felt_access = m * board.felt_access + (1 - m) * asked * (1 - finance) * (1 - lasting)
    board.felt_purpose = m * board.felt_purpose + (1 - m) * purposes
    return finance


def clarify(model: PlainModel, icb: PlainICB, finance: float) -> None:
    """Reviews about more than money coordinate; an unannounced bypass muddies the ICB's role."""
    m = model.parameters.review_memory
    icb.coordinated = (1 - finance) * (1 - icb.bypassed) if icb.reviewed else 0.0
    icb.clarity = m * icb.clarity + (1 - m) * icb.system.levers.mandate_clarity * (1 - icb.unnoticed)


def set_efforts(board: Organisation, p: SimpleNamespace) -> None:
    """Effort on money and on lasting work: the multitask problem of Holmstrom and Milgrom, in closed form."""
    bailout = board.bailout if board.nhs else 0.0
    g = p.effort_substitution
    b1 = board.felt_finance + p.own_stake * (1 - bailout)
    b2 = board.felt_purpose + board.motivation
    if g * b1 >= b2:
        e1, e2 = b1, 0.0
    elif g * b2 >= b1:
        e1, e2 = 0.0, b2
    else:
        e1, e2 = (b1 - g * b2) / (1 - g * g), (b2 - g * b1) / (1 - g * g)
    board.effort_money = e1
    board.effort_lasting = min(1.0, e2 / b2) if b2 > 0 else 0.0


def burden(model: PlainModel, board: Organisation) -> None:
    """The management time that oversight, pots, priorities, disputes and replanning take."""
    p, levers = model.parameters, board.system.levers
    layers = levers.local_accountability + (1 - board.system.icb.final)
    asks = board.disputes
    if board.nhs:
        layers += board.reviewed
        asks += levers.priorities * board.reviewed
    if isinstance(board, PlainProvider):
        layers += board.bypassed
    if isinstance(board, PlainICB) and board.fenced > 0:
        asks += levers.fence_pots
    board.load = min(0.9, p.layer_burden * (layers + asks / 18))


def convene(model: PlainModel) -> None:
    """Convening lifts the belief of partners that the other will come."""
    p = model.parameters
    for icb in model.icbs:
        convenor = icb.system.levers.convenor
        icb.initiative = min(1.0, 1 - icb.expected)
        icb.capacity = (1 - icb.load) * icb.running / icb.running_base if icb.running_base > 0 else 0.0
        if convenor == "icb":
            icb.convening = icb.authority * icb.capacity * icb.clarity * icb.initiative
        elif convenor == "partnership":
            icb.convening = p.place_readiness * (1 - icb.load)
        else:
            icb.convening = 0.0
    for pair in model.pairs:
        coordinated = pair.a.coordinated if pair.kind == "commissioning" else 0.0
        strength = (1 - pair.local) * pair.system.icb.convening + pair.local * p.place_readiness
        pair.assurance = p.convening_effect * (1 - (1 - strength) * (1 - coordinated))
        pair.known_stress = pair.seen * min(pair.a.stress, pair.b.stress)
