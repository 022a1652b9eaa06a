"""What is said when a config is wrong: the file, line, column and key, the reason, the nearest valid key, and the line itself."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

_WIDEST = 120  # characters of a source line that are shown


@dataclass(frozen=True)
class Place:
    """A spot in a text: the file as shown to a reader, line and column counted from 1, and the text of that line."""

    file: str
    line: int = 0
    column: int = 0
    text: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    def short(self) -> str:
        """File and line, without the column."""
        return f"{self.file}:{self.line}" if self.line else self.file

    def caret(self) -> str:
        """The source line with a caret under the column; '' when there is no line to show."""
        if not self.line or not self.text.strip():
            return ""
        start = max(0, self.column - _WIDEST + 20)
        text = "".join(c if c.isprintable() or c == "\t" else "?" for c in self.text[start : start + _WIDEST])
        lead = "".join("\t" if c == "\t" else " " for c in text[: self.column - 1 - start])
        return f"    {text}\n    {lead}^"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, in one line: `place: key: reason; did you mean 'x'? (allowed: ...)`, then the source line."""

    place: Place
    key: str
    reason: str
    nearest: str = ""
    allowed: str = ""

    def line(self) -> str:
        """The message without the source line."""
        key = f"{self.key}: " if self.key else ""
        nearest = f"; did you mean '{self.nearest}'?" if self.nearest else ""
        allowed = f" (allowed: {self.allowed})" if self.allowed else ""
        return f"{self.place}: {key}{self.reason}{nearest}{allowed}"

    def __str__(self) -> str:
        caret = self.place.caret()
        return f"{self.line()}\n{caret}" if caret else self.line()


class ConfigError(Exception):
    """One or more problems in configs, in the order of their files and lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        unique = dict.fromkeys(problems)
        self.problems: tuple[Problem, ...] = tuple(sorted(unique, key=lambda p: (p.place.file, p.place.line, p.place.column)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def shown(path: Path) -> str:
    """`path` as a reader would write it: relative when it lies below the current folder, absolute otherwise."""
    absolute = os.path.abspath(path)
    relative = os.path.relpath(absolute)
    return absolute if relative.startswith("..") else relative


def nearest(given: object, valid: Iterable[str], cutoff: float = 0.55) -> str:
    """The valid spelling closest to `given`, or ''."""
    names = {name.lower(): name for name in valid}
    near = get_close_matches(str(given).lower()[:100], names, n=1, cutoff=cutoff)
    return names[near[0]] if near else ""


def spoken(value: object) -> str:
    """A value as an error message shows it: short, and 'nothing' for an empty one."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and abs(value) >= 10**15:
        return "a very large number"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
