"""Double-entry accounts: every pound has a payer, a payee and a purpose.

One account an organisation, one for the Treasury (all public money outside the model) and one for delivered care (staff,
suppliers, everything bought). For each account and quarter

    opening + receipts - payments = closing

and all balances together keep their sum, since what one account pays another receives. GBP k throughout.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from abm.compiled import part

PURPOSES = (
    "allocation",  # Treasury to region to ICB: programme money that may be used freely
    "earmarked",  # the same, arriving with a use attached
    "running_costs",  # Treasury to region to ICB to its own staff
    "direct_income",  # Treasury to region to provider: specialised commissioning, education, other
    "contract",  # ICB to provider
    "activity",  # ICB to provider: activity above or below contract, at the share that follows activity
    "other_care",  # ICB to care: primary care, prescribing, independent sector
    "pooled_fund",  # ICB to council
    "council_funding",  # Treasury (grant and local tax) to council
    "provider_care",  # provider to care: the cost of the care it gives
    "social_care",  # council to care
    "public_health",  # council to care
    "community",  # ICB to care: community and neighbourhood programmes
    "prevention",  # ICB to care: prevention programmes
    "pot_admin",  # ICB to care: administration of earmarked pots
    "joint_work",  # either to care: the upfront cost of working jointly
    "shifted_cost",  # from the one who worked jointly to the one who shifted
    "dispute",  # either to care: cost of policing each other
    "diverted",  # ICB to provider: programme money moved by a direct deal
    "raided",  # ICB to provider: programme money used for in-year deficits
    "deficit_support",  # Treasury to region to NHS body at year end
    "risk_pool",  # between members of a system at year end
    "exceptional_support",  # Treasury to council under section 114
)
MONEY = ("opening", "balance", "receipts", "payments", "support", "year_result")  # of an account, GBP k
ACCOUNT = np.dtype([("kind", np.int64), *((name, np.float64) for name in MONEY)], align=True)
ENTRY = np.dtype(
    [("quarter", np.int64), ("payer", np.int64), ("payee", np.int64), ("purpose", np.int64), ("amount", np.float64)], align=True
)
ACCOUNT_KINDS = ("region", "icb", "provider", "council", "treasury", "care")
OUTSIDE_ACCOUNTS = ("treasury", "care")
FIRST_SUPPORT = PURPOSES.index("deficit_support")  # from here on: money that hides a deficit rather than earns a balance

ALLOCATION = PURPOSES.index("allocation")
EARMARKED = PURPOSES.index("earmarked")
RUNNING_COSTS = PURPOSES.index("running_costs")
DIRECT_INCOME = PURPOSES.index("direct_income")
CONTRACT = PURPOSES.index("contract")
ACTIVITY = PURPOSES.index("activity")
OTHER_CARE = PURPOSES.index("other_care")
POOLED_FUND = PURPOSES.index("pooled_fund")
COUNCIL_FUNDING = PURPOSES.index("council_funding")
PROVIDER_CARE = PURPOSES.index("provider_care")
SOCIAL_CARE = PURPOSES.index("social_care")
PUBLIC_HEALTH = PURPOSES.index("public_health")
COMMUNITY = PURPOSES.index("community")
PREVENTION = PURPOSES.index("prevention")
POT_ADMIN = PURPOSES.index("pot_admin")
JOINT_WORK = PURPOSES.index("joint_work")
SHIFTED_COST = PURPOSES.index("shifted_cost")
DISPUTE = PURPOSES.index("dispute")
DIVERTED = PURPOSES.index("diverted")
RAIDED = PURPOSES.index("raided")
DEFICIT_SUPPORT = PURPOSES.index("deficit_support")
RISK_POOL = PURPOSES.index("risk_pool")
EXCEPTIONAL_SUPPORT = PURPOSES.index("exceptional_support")


class Books(NamedTuple):
    """The ledger's arrays: `accounts` (ACCOUNT, one an organisation, then OUTSIDE_ACCOUNTS), `flows` (kind, kind, purpose),
    `entries` (ENTRY, room for a quarter; empty if not kept) and `log` (entries made this quarter, quarter)."""

    accounts: np.ndarray
    flows: np.ndarray
    entries: np.ndarray
    log: np.ndarray


@part
def pay(books, payer, payee, purpose, amount):
    """Move `amount` (GBP k) between two accounts; a negative amount is a refund the other way."""
    if amount == 0.0:
        return
    if amount < 0.0:
        payer, payee, amount = payee, payer, -amount
    source, sink = books.accounts[payer], books.accounts[payee]
    source.balance -= amount
    source.payments += amount
    sink.balance += amount
    sink.receipts += amount
    if purpose >= FIRST_SUPPORT:
        source.support -= amount
        sink.support += amount
    books.flows[source.kind, sink.kind, purpose] += amount
    if books.entries.size > 0:
        write_entry(books, payer, payee, purpose, amount)


@part
def write_entry(books, payer, payee, purpose, amount):
    """Log one payment, if there is room; the count shows it if there was not."""
    count = books.log[0]
    if count < books.entries.size:
        entry = books.entries[count]
        entry.quarter = books.log[1]
        entry.payer = payer
        entry.payee = payee
        entry.purpose = purpose
        entry.amount = amount
    books.log[0] = count + 1


@part
def pay_through(books, region, organisation, purpose, amount):
    """Treasury to region to one of its NHS bodies: money has one more pair of hands to pass through."""
    pay(books, books.accounts.size - 2, region, purpose, amount)
    pay(books, region, organisation, purpose, amount)


@part
def open_quarter(books, quarter):
    """Every account's closing balance becomes its opening one; nothing has moved yet."""
    for number in range(books.accounts.size):
        account = books.accounts[number]
        account.opening = account.balance
        account.receipts = 0.0
        account.payments = 0.0
        account.support = 0.0
    books.flows[:] = 0.0
    books.log[0], books.log[1] = 0, quarter
