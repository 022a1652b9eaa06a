"""An organisation's money in the latest quarter of a model: the account, and what came and went, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from abm.model.ics_model import ENTRIES_PER_ORGANISATION, ENTRIES_PER_PAIR, ICSModel
from abm.model.ledger import ENTRY, OUTSIDE_ACCOUNTS, PURPOSES
from abm.model.network import REGION

OUTSIDE: Mapping[str, str] = dict(
    zip(OUTSIDE_ACCOUNTS, ("Treasury (public money from outside the model)", "Delivered care (staff, suppliers)"), strict=True)
)
WORDS: Mapping[str, str] = {
    "allocation": "Programme allocation",
    "earmarked": "Earmarked money",
    "running_costs": "Running costs",
    "direct_income": "Income from outside ICBs (specialised care, education, other)",
    "contract": "Contract",
    "activity": "Activity above or below contract",
    "other_care": "Primary care, prescribing, independent sector",
    "pooled_fund": "Pooled fund",
    "council_funding": "Grant and local tax",
    "provider_care": "Cost of care given",
    "social_care": "Social care",
    "public_health": "Public health",
    "community": "Community and neighbourhood programmes",
    "prevention": "Prevention programmes",
    "pot_admin": "Administration of earmarked pots",
    "joint_work": "Upfront cost of working jointly",
    "shifted_cost": "Cost shifted by a partner",
    "dispute": "Cost of disputes and policing",
    "diverted": "Programme money moved by a direct deal",
    "raided": "Programme money used for in-year deficits",
    "deficit_support": "Deficit support",
    "risk_pool": "Risk pool of the system",
    "exceptional_support": "Exceptional support (section 114)",
}


def money(model: ICSModel, who: int) -> dict[str, Any]:
    """The account of the organisation in row `who`, GBP k (opening + receipts - payments = closing), and its board; a region has none."""
    account, org = model.state.books.accounts[who], model.state.orgs[who]
    board = {"deficit": "deficit", "money_attention": "money", "load": "load"}
    return {
        "opening_k": float(account["opening"]),
        "receipts_k": float(account["receipts"]),
        "payments_k": float(account["payments"]),
        "closing_k": float(account["balance"]),
        **{name: None if org["kind"] == REGION else float(org[column]) for name, column in board.items()},
    }


def take_down(model: ICSModel) -> None:
    """Let the model's books take down every payment of the quarters to come, as those of a model do that keeps its ledger."""
    books, facts = model.state.books, model.facts
    if not books.entries.size:
        room = ENTRIES_PER_PAIR * len(facts.pairs) + ENTRIES_PER_ORGANISATION * len(facts.codes)
        entries = np.zeros(room, dtype=ENTRY).view(np.recarray)
        model.state = model.state._replace(books=books._replace(entries=entries))


def payments(model: ICSModel) -> np.ndarray:
    """Every payment of the latest quarter, rows of ENTRY; none where they were not taken down."""
    books = model.state.books
    found: np.ndarray = books.entries[: int(books.log[0])]
    return found


def lines(model: ICSModel, who: int) -> list[dict[str, Any]]:
    """What came in and went out of the account of row `who`, summed by direction, partner and purpose, the largest first."""
    paid = payments(model)
    names = [*model.facts.organisations["name"], *OUTSIDE.values()]
    codes = [*model.facts.codes, *OUTSIDE]
    sums: dict[tuple[str, int, int], float] = {}
    for way, own, other in (("in", "payee", "payer"), ("out", "payer", "payee")):
        for payment in paid[paid[own] == who]:
            key = way, int(payment[other]), int(payment["purpose"])
            sums[key] = sums.get(key, 0.0) + float(payment["amount"])
    found = [
        {"direction": way, "code": codes[other], "name": names[other], "purpose": PURPOSES[purpose], "words": WORDS[PURPOSES[purpose]]}
        | {"amount_k": amount}
        for (way, other, purpose), amount in sums.items()
    ]
    return sorted(found, key=lambda line: -line["amount_k"])
