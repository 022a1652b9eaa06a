"""The register of claims: what the sources say, in the project's own words, and the contrasts that test it, fixed before any run.

`claims.csv` has a row a claim, `contrasts.csv` a row a part of its test. A contrast is a weighted sum of scenarios, written as
`a - b`, `(a - b) - (c - d)` or `a - 0.5*b`, and each scenario may say of whom and when it speaks:

    finance_high[council] - finance_low[council]     of one kind of organisation
    base[last] - base[first]                         in the last and first year (the last, where nothing is said)
    region_through[Y63] - region_through[not Y63]    of one region, and the mean of all others

Before it may stand what is measured: `spread:` the standard deviation over replicates; `lead(X):` the rank correlation over systems
of X in the first year with the outcome in the last; `trait(X):` that of X as the tables of England have it.

>>> from abm.analysis.claims.register import terms
>>> terms("(a - b[icb]) - 2*(c[icb, first] - d)")
(Term(1.0, 'a', '', 'last'), Term(-1.0, 'b', 'icb', 'last'), Term(-2.0, 'c', 'icb', 'first'), Term(2.0, 'd', '', 'last'))
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from abm.config.errors import nearest
from abm.experiment.store import ResultsError

DATA = Path(__file__).parent.parent / "data"
TOPICS = {  # in this order everywhere: how each is called
    "role": "The ICB's role: clarity and structure",
    "oversight": "Targets, oversight and complexity",
    "bypass": "Region, ICB and provider: lines of authority",
    "money": "Deficits, and who carries them",
    "time": "Settlements, guidance and renewal",
    "fence": "Earmarked money",
    "convene": "Convening, staff and places",
    "trust": "Trust, openness and conduct",
    "payment": "Payment, gains and the shift",
    "care": "Social care, capital and wider factors",
}
RUNS = {"claims": "e14_claims", "held": "e14_held", "places": "e14_places"}  # where a contrast's scenarios are run
KINDS = ("icb", "provider", "council")
TIMES = ("first", "last")
_PART = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)\s*\*|(?P<sign>[+\-])|(?P<bracket>[()])|(?P<name>[a-z][a-z0-9_]*)(?:\[(?P<tags>[^\]]*)\])?)"
)
_MEASURE = re.compile(r"^(?P<how>spread|lead|trait)(?:\((?P<of>\w+)\))?:\s*")


class Term(NamedTuple):
    """A scenario in a contrast: its weight, name, of whom ('' is England, else a kind, 'Y63' or 'not Y63') and when."""

    weight: float
    scenario: str
    where: str
    when: str


@dataclass(frozen=True)
class Part:
    """One part of a claim's test: what is compared, in which outcome, the sign that the claim expects, and what it leaves out."""

    claim: str
    runs: str
    contrast: str
    outcome: str
    sign: int
    part: str

    @property
    def key(self) -> str:
        """Names the test: contrast and outcome."""
        return f"{self.contrast} | {self.outcome}"

    @property
    def measure(self) -> tuple[str, str]:
        """What is measured and of what: ('', ''), ('spread', ''), ('lead', 'guard_acts') or ('trait', 'councils')."""
        found = _MEASURE.match(self.contrast)
        return (found["how"], found["of"] or "") if found else ("", "")

    @property
    def terms(self) -> tuple[Term, ...]:
        """The weighted scenarios."""
        return terms(_MEASURE.sub("", self.contrast))


@dataclass(frozen=True)
class Claim:
    """A claim of the sources in the project's own words, and how it is tested: by `tests`, as another claim, or not (and why)."""

    id: str
    kind: str
    scope: str
    topic: str
    source: str
    claim: str
    cause: str
    effect: str
    sign: str
    same_as: str
    why_not: str
    tests: tuple[Part, ...]

    @property
    def core(self) -> bool:
        """Whether it is one of the causal claims that the model is for."""
        return self.kind == "causal" and self.scope == "core"


def terms(text: str) -> tuple[Term, ...]:
    """The weighted sum that `text` writes. Raises `ResultsError` for what is none."""
    found: list[Term] = []
    weights, factor, position = [1.0], 1.0, 0
    while position < len(text.rstrip()):
        part = _PART.match(text, position)
        if part is None:
            raise ResultsError(f"contrast {text!r} cannot be read from {text[position:]!r}")
        position = part.end()
        if part["number"]:
            factor *= float(part["number"])
        elif part["sign"]:
            factor = -1.0 if part["sign"] == "-" else 1.0
        elif part["bracket"] == "(":
            weights.append(weights[-1] * factor)
            factor = 1.0
        elif part["bracket"] == ")":
            weights.pop()
        else:
            found.append(Term(weights[-1] * factor, part["name"], *_tags(part["tags"] or "", text)))
            factor = 1.0
        if not weights:
            raise ResultsError(f"contrast {text!r} closes a bracket that is not open")
    if len(weights) != 1 or not found:
        raise ResultsError(f"contrast {text!r} is not whole")
    return tuple(found)


def _tags(text: str, contrast: str) -> tuple[str, str]:
    where, when = "", "last"
    for tag in (each.strip() for each in text.split(",") if each.strip()):
        if tag in TIMES:
            when = tag
        elif tag in KINDS or re.fullmatch(r"(not )?[A-Z]\w*", tag):
            where = tag
        else:
            raise ResultsError(f"contrast {contrast!r}: {tag!r} is neither a kind ({', '.join(KINDS)}), a region nor {' or '.join(TIMES)}")
    return where, when


@cache
def register() -> Mapping[str, Claim]:
    """Every claim by its id, in the order of the file."""
    tests: dict[str, list[Part]] = {}
    for row in _rows("contrasts.csv"):
        sign = {"+": 1, "-": -1}[row["sign"]]
        tests.setdefault(row["claim"], []).append(Part(row["claim"], RUNS[row["runs"]], row["contrast"], row["outcome"], sign, row["part"]))
    claims = {}
    for row in _rows("claims.csv"):
        same_as = row.pop("as")
        claims[row["id"]] = Claim(**row, same_as=same_as, tests=tuple(tests.get(same_as or row["id"], ())))
    return claims


def claim_of(key: str) -> Claim:
    """One claim. Raises `ResultsError` for an id that there is not."""
    claims = register()
    if key.upper() not in claims:
        close = nearest(key.upper(), claims)
        raise ResultsError(f"no claim {key!r}{f'; did you mean {close!r}?' if close else ''} (abm claims lists them)")
    return claims[key.upper()]


def every_part() -> list[Part]:
    """Every part of every claim's own test, in the order of the claims."""
    return [test for claim in register().values() if not claim.same_as for test in claim.tests]


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
