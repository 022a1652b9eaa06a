"""The fenced blocks of a Markdown page."""

from __future__ import annotations

import re
from dataclasses import dataclass

FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, text and line in the page, the heading it stands under, and the words just before it."""

    kind: str
    text: str
    line: int
    heading: str
    before: str

    def file(self) -> str:
        """The last file named before the block, which is what the reader saves it as."""
        return re.findall(r"`([\w./]+)`", self.before)[-1]


def blocks(page: str) -> list[Block]:
    """All blocks, in order."""
    found = []
    for match in FENCED.finditer(page):
        above = page[: match.start()]
        heading = re.findall(r"^#+ (.*)$", re.sub(FENCED, "", above), flags=re.MULTILINE)[-1]
        found.append(Block(match[1], match[2], above.count("\n") + 2, heading, above.rsplit("```", 1)[-1]))
    return found
