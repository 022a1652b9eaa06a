"""An organisation's card: who it is, its money, its ties and why it acted as it did, in two worlds in one quarter, and its path."""

from __future__ import annotations

from typing import Any

from abm.model.ics_model import ICSModel
from abm.view.page.recording import Film

KEEP = ("ledger",)  # what the models of a card are built to keep


def card(models: tuple[ICSModel, ICSModel], films: tuple[Film, Film], org: str, quarter: int) -> dict[str, Any]:
    """What the page shows of organisation `org` in quarter `quarter` (from 0), in worlds A and B: plain data, None where nothing is known.

    `models`: two models built with `keep=KEEP`, not the same object, each run `quarter` quarters or fewer; they are run on to the
    end of that quarter, and are of no use for another card. `films` are of the same worlds' whole runs (every quarter).
    Raises `ResultsError` for an organisation or quarter that there is not, with the nearest valid name.
    """
    raise NotImplementedError
