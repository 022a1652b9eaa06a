"""What the model is not and does not hold: the short list that every report shows. The whole is docs/limitations.md.

Each entry names words of that page, and a test holds them to it.
"""

from __future__ import annotations

from typing import NamedTuple

PAGE = "docs/limitations.md"


class Limit(NamedTuple):
    """A limit in plain words, and a phrase of docs/limitations.md that says it at length."""

    words: str
    source: str


MAY_NOT_BE_USED_FOR = (
    Limit("It is no forecast, and no ranking or judgement of any named organisation.", "No forecast, no ranking, no judgement"),
    Limit(
        "Sizes are sizes inside the model. What can be carried out of it is a sign, an order, a threshold or an interaction, "
        "and only where it holds over the plausible ranges and under all decision rules.",
        "What can be carried out of it is a sign, an order, a threshold or an interaction",
    ),
    Limit("It makes no business case: returns on community care and prevention are inputs, not findings.", "No business case"),
    Limit("It says nothing on patients: care is an index of volume, without quality, outcome or experience.", "No statement on patients"),
)
NOT_MODELLED = (
    Limit("General practice, primary care networks, the voluntary sector and care providers as bodies that act", "Primary care networks"),
    Limit("Private and independent providers", "Private and independent providers"),
    Limit("People: chief executives, clinicians, staff, patients, and conflict inside a board", "Individuals: chief executives"),
    Limit("The change from 42 to 36 ICBs in April 2026, and any redrawing of the map", "The change from 42 to 36 ICBs"),
    Limit("National politics: settlement, growth and priorities are set from outside", "National politics"),
    Limit("Deprivation and inequality inside systems", "Deprivation and inequality inside systems"),
    Limit("Workforce, buildings and backlog, waiting lists with a memory", "Waiting lists"),
    Limit("Quality regulation and oversight segments with their cliffs", "Quality regulation"),
    Limit("Cash, borrowing, debt interest and prices: all money is real", "Cash, borrowing and debt interest"),
    Limit("Leaving a partner or finding a new one: the network is given", "Withdrawing from a tie, finding a new partner"),
)
NOT_IN_INTERVALS = (
    "whether the model is right: its form, its channels and their signs are chosen",
    "uncertain parameters, unless the design varies them: about half of those on behaviour are assumptions",
    "errors in the data on money, sizes and places, and the derived flows between organisations",
    "anything but the last year of the runs, unless the text says so",
)
