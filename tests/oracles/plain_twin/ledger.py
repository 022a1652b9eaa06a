"""Every pound has a payer, a payee and a purpose (ODD, The ledger)."""

from __future__ import annotations

from collections.abc import Iterable

TREASURY, CARE = "treasury", "care"
SUPPORT = ("deficit_support", "risk_pool", "exceptional_support")


class Account:
    """One organisation's account, in GBP k."""

    __slots__ = ("balance", "opening", "payments", "receipts", "support", "year_result")

    def __init__(self) -> None:
        self.opening = self.receipts = self.payments = self.support = self.balance = self.year_result = 0.0


class Ledger:
    """A dict of accounts, and the list of this quarter's payments: (payer, payee, purpose, amount)."""

    def __init__(self, codes: Iterable[str]) -> None:
        self.accounts = {code: Account() for code in [*codes, TREASURY, CARE]}
        self.entries: list[tuple[str, str, str, float]] = []

    def open_quarter(self) -> None:
        self.entries = []
        for account in self.accounts.values():
            account.opening = account.balance
            account.receipts = account.payments = account.support = 0.0

    def pay(self, payer: str, payee: str, purpose: str, amount: float) -> None:
        """Move money; a negative amount is paid the other way."""
        if amount < 0:
            payer, payee, amount = payee, payer, -amount
        giver, taker = self.accounts[payer], self.accounts[payee]
        giver.payments += amount
        giver.balance -= amount
        taker.receipts += amount
        taker.balance += amount
        if purpose in SUPPORT:
            giver.support -= amount
            taker.support += amount
        self.entries.append((payer, payee, purpose, amount))

    def pay_through(self, payer: str, hub: str, payee: str, purpose: str, amount: float) -> None:
        """Move money by way of a third, as two payments."""
        self.pay(payer, hub, purpose, amount)
        self.pay(hub, payee, purpose, amount)
