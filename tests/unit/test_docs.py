"""Unit: the documents hold together: links lead somewhere, the ODD names all there is, sources resolve, nothing points outside."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from abm.model.acts import ACTS
from abm.model.ledger import PURPOSES
from abm.model.levers import LEVERS
from abm.model.parameters import ATTENTION_RULES, DECISION_RULES, PARAMETERS
from abm.model.quarter import PHASE_NAMES
from abm.model.randomness import STREAMS
from abm.model.survey import ITEMS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.glob("*.md")), ROOT / "README.md", ROOT / "CHANGELOG.md"]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
HOSTS = {"keepachangelog.com", "semver.org"}  # that a document may link to

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def prose_of(path: Path) -> str:
    """The text without code blocks."""
    return FENCE.sub("", text_of(path))


@cache
def anchors_of(path: Path) -> frozenset[str]:
    """The anchors that GitHub gives a page's headings: lower case, punctuation dropped, blanks to hyphens; repeats are numbered."""
    seen: dict[str, int] = {}
    anchors = set()
    for heading in HEADING.findall(prose_of(path)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        anchors.add(slug if slug not in seen else f"{slug}-{seen[slug]}")
        seen[slug] = seen.get(slug, 0) + 1
    return frozenset(anchors)


def fault(page: Path, target: str) -> str | None:
    """What is wrong with a relative link on `page`; None if it leads somewhere."""
    name, _, anchor = target.partition("#")
    path = (page.parent / name).resolve() if name else page
    if not path.is_relative_to(ROOT):
        return f"{target}: leads outside the repository"
    if not path.exists():
        return f"{target}: no such file"
    if anchor and (path.suffix != ".md" or anchor not in anchors_of(path)):
        return f"{target}: no such heading"
    return None


def links(page: Path) -> list[str]:
    return LINK.findall(prose_of(page))


@each_page
def test_every_relative_link_leads_to_a_file_and_heading(page: Path) -> None:
    relative = [target for target in links(page) if not re.match(r"[a-z]+:", target)]
    assert [found for target in relative if (found := fault(page, target))] == []


def test_a_broken_link_would_be_found() -> None:
    odd = DOCS / "ODD.md"
    assert fault(odd, "../abm/model/phases/decide.py") is None
    assert fault(odd, "#phase-5-decide") is None
    assert fault(odd, "../abm/model/phases/decides.py") is not None
    assert fault(odd, "data.md#no-such-heading") is not None
    assert fault(odd, "../../elsewhere.md") is not None


def sections(page: Path, pattern: str) -> dict[str, str]:
    """{first group of `pattern`: text of the section} of the headings that match, in the order of the page."""
    found = re.split(rf"^#{{2,3}} {pattern}$", text_of(page), flags=re.MULTILINE)
    bodies = [re.split(r"^#{2,3} ", body, maxsplit=1, flags=re.MULTILINE)[0] for body in found[2::2]]
    return dict(zip(found[1::2], bodies, strict=True))


def test_the_odd_has_a_section_for_each_phase_in_order_that_links_its_file() -> None:
    phases = sections(DOCS / "ODD.md", r"Phase \d+: (\w+)")
    assert tuple(phases) == PHASE_NAMES
    for number, (name, body) in enumerate(phases.items(), start=1):
        assert f"### Phase {number}: {name}" in text_of(DOCS / "ODD.md")
        assert f"(../abm/model/phases/{name}.py)" in body, f"the section on {name} does not link its file"


def test_the_odd_schedule_lists_the_phases_in_order() -> None:
    rows = re.findall(r"^\| (\d+) \| \[(\w+)\]\(#phase-\d+-\w+\) \|", text_of(DOCS / "ODD.md"), re.MULTILINE)
    assert rows == [(str(number), name) for number, name in enumerate(PHASE_NAMES, start=1)]


@pytest.mark.parametrize(
    ("what", "names"),
    [
        ("lever", tuple(LEVERS)),
        ("parameter", tuple(PARAMETERS)),
        ("rule", (*DECISION_RULES, *ATTENTION_RULES)),
        ("choice", tuple(choice for lever in LEVERS.values() for choice in lever.choices)),
        ("act", ACTS),
        ("purpose", PURPOSES),
        ("survey item", tuple(item.name for item in ITEMS)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_odd_names_all_there_is(what: str, names: tuple[str, ...]) -> None:
    odd = text_of(DOCS / "ODD.md")
    missing = [name for name in names if not re.search(rf"(?<![A-Za-z0-9_]){name}(?![A-Za-z0-9_])", odd)]
    assert missing == [], f"{what} not in docs/ODD.md"


def test_every_lever_has_its_channel_and_phase_files() -> None:
    emergence = sections(DOCS / "ODD.md", "(Emergence)")["Emergence"]
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", emergence, re.MULTILINE))
    assert list(rows) == list(LEVERS)
    assert [name for name, row in rows.items() if "(../abm/model/phases/" not in row] == []


def test_the_odd_numbers_the_streams_as_the_code_does() -> None:
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", text_of(DOCS / "ODD.md"), re.MULTILINE)
    assert rows == [(str(number), name) for number, name in enumerate(STREAMS, start=1)]


def cited(pattern: str) -> set[str]:
    """What the sources of levers and parameters name."""
    return {found for table in (LEVERS, PARAMETERS) for row in table.values() for found in re.findall(pattern, row.source)}


def test_sources_resolve_in_the_evidence() -> None:
    evidence = sections(DOCS / "evidence.md", r"(\d+ .+)")
    numbers = {title.split(" ", 1)[0]: body for title, body in evidence.items()}
    named = {number for run in cited(r"EVIDENCE (§\d+(?:(?:,| and) §\d+)*)") for number in re.findall(r"\d+", run)}
    assert named, "sources name no section: has their form changed?"
    assert sorted(named - set(numbers)) == []
    assert sorted(row for row in cited(r"\bP\d{2}\b") if f"| {row} |" not in numbers["12"]) == []
    assert sorted(claim for claim in cited(r"\bC\d{3}\b") if f"| {claim} |" not in numbers["14"]) == []


def test_survey_items_meet_targets_that_the_evidence_gives() -> None:
    evidence = text_of(DOCS / "evidence.md")
    assert sorted({item.target for item in ITEMS if f"\n| {item.target} |" not in evidence}) == []


@each_page
def test_nothing_points_to_a_machine_or_to_files_that_are_not_here(page: Path) -> None:
    text = text_of(page)
    assert re.findall(r"(?<![\w.)/-])/(?:home|root|tmp|work|mnt|Users|var|opt)\b[\w/.-]*", text) == [], "a path of one machine"
    assert re.findall(r"\.\./shared\b|\b(?:localhost|127\.0\.0\.1)\b|\b\d{1,3}(?:\.\d{1,3}){3}\b", text) == [], "a host of one machine"
    assert sorted(host for host in re.findall(r"https?://([^/\s)]+)", text) if host not in HOSTS) == [], "a host that nobody agreed to"
    here = {path.name for path in [*DOCS.iterdir(), *ROOT.iterdir(), *(ROOT / "abm" / "england" / "data").iterdir()]}
    assert sorted(name for name in re.findall(r"\b[A-Z]{3,}\.(?:md|csv)\b", text) if name not in here) == [], "a file that is not here"
