"""Phase 10: forecasts and stress; at year end the risk pool, support, plans; councils' reserves (ODD, close)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tests.oracles.plain_twin.draws import uniform
from tests.oracles.plain_twin.learning import quarterly
from tests.oracles.plain_twin.ledger import TREASURY
from tests.oracles.plain_twin.organisations import QUARTERS, Organisation, PlainCouncil, PlainICB
from tests.oracles.plain_twin.reviewing import pressure

if TYPE_CHECKING:
    from tests.oracles.plain_twin.model import PlainModel


def close(model: PlainModel) -> None:
    """Close the quarter's books, and the year's at its end."""
    for account in model.ledger.accounts.values():
        account.year_result += account.receipts - account.payments - account.support
    if model.season == 3:
        for icb in model.icbs:
            share_risk(model, icb)
        for body in [*model.icbs, *model.providers]:
            support(model, body)
        for icb in model.icbs:
            replan(model, icb)
    hazard, length = model.stream("section114"), model.stream("section114_length")
    for council in model.councils:
        watch_reserves(model, council, hazard, length)
    for board in model.boards:
        if board.income > 0:
            board.deficit += (QUARTERS * spending(board) / board.income - board.deficit) / QUARTERS
    for system in model.systems:
        members = [system.icb, *system.providers]
        system.deficit = sum(body.deficit * body.income for body in members) / system.icb.allocation
    for board in model.boards:
        feel(model, board)


def spending(board: Organisation) -> float:
    """What was paid beyond what was received this quarter, support left out."""
    account = board.account
    return account.payments - account.receipts + account.support


def share_risk(model: PlainModel, icb: PlainICB) -> None:
    """Members in surplus cover a part of the deficits of others. The ICB is a member, and the hub that payments go through."""
    members, ledger = [icb, *icb.system.providers], model.ledger
    lacking = sum(max(0.0, -member.account.year_result) for member in members)
    spare = sum(max(0.0, member.account.year_result) for member in members)
    covered = min(spare, icb.system.levers.risk_pooling * lacking)
    for member in members:
        member.covered = covered / lacking if lacking > 0 else 0.0
        result = member.account.year_result
        if covered > 0:
            moved = -result * covered / lacking if result < 0 else -result * covered / spare  # what it receives
            if member is not icb:
                ledger.pay(icb.code, member.code, "risk_pool", moved)
            member.account.year_result += moved


def support(model: PlainModel, body: Organisation) -> None:
    """The centre covers a part of a deficit, and boards learn how sure that is."""
    given = body.system.levers.deficit_support
    model.ledger.pay_through(TREASURY, body.region.code, body.code, "deficit_support", given * max(0.0, -body.account.year_result))
    body.bailout += (1 - model.parameters.trust_memory**4) * (given - body.bailout)


def replan(model: PlainModel, icb: PlainICB) -> None:
    """Next year's programmes start, in part, from what was really spent."""
    if icb.planned_year > 0 and icb.usual > 0:
        done = icb.programme_year / icb.planned_year
        change = model.parameters.ratchet * min(1.0, done / icb.usual - 1)
        icb.usual += model.parameters.ratchet * (done - icb.usual)
        icb.community *= 1 + change
        icb.prevention *= 1 + change
    icb.carried = icb.programme_year = icb.planned_year = 0.0


def watch_reserves(model: PlainModel, council: PlainCouncil, hazard: int, length: int) -> None:
    """A section 114 notice, when reserves are gone or nearly so."""
    p = model.parameters
    council.stop = max(0, council.stop - 1)
    reserves = council.account.balance
    chance = 0.0
    if council.reserve_start > 0:
        chance = quarterly(p.section114_hazard * min(max(1 - reserves / council.reserve_start, 0.0), 1.0) ** 4)
    if reserves < 0 or (council.stop == 0 and uniform(hazard, council.draw) < chance):
        council.stop = 2 + math.floor(3 * uniform(length, council.draw))
    if reserves < 0:
        model.ledger.pay(TREASURY, council.code, "exceptional_support", -reserves)


def feel(model: PlainModel, board: Organisation) -> None:
    """What the board reports, and the stress that it feels."""
    p = model.parameters
    shortfall = board.system.deficit if isinstance(board, PlainICB) else board.deficit
    hidden = p.misreport * max(0.0, board.felt_finance - board.system.levers.audit)
    board.reported = shortfall * (1 - hidden) if shortfall > 0 else shortfall
    board.stress = pressure(shortfall * (1 - board.covered), p)
