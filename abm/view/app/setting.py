"""The setting of one world or of two, as the query of an address says it; whatever is wrong with it is told in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict

from abm.config.document import Document
from abm.config.errors import ConfigError, Problem, nearest
from abm.config.layers import Layer
from abm.config.load import parse_override
from abm.config.problems import validated
from abm.config.settings import SECTIONS

SHARED = ("system", "quarters", "seed", "replicate", "point")
NUMBERS = SHARED[1:]
SCENARIO = "scenario"
LONGEST_QUERY, LONGEST_VALUE, MOST_KEYS = 16_000, 2_000, 200
LARGEST_SEED = 2**31 - 1
DEEPEST = 20  # brackets within brackets; a setting by area has three


class RefusedError(Exception):
    """What cannot be answered: the HTTP status, a title, and a line a problem."""

    def __init__(self, title: str, lines: Sequence[str] = (), status: int = 422) -> None:
        super().__init__(title)
        self.title, self.lines, self.status = title, tuple(lines), status


class WorldSetting(BaseModel):
    """One world: a scenario that is offered, and what is set differently on top of it (plain data, as configs have it)."""

    model_config = ConfigDict(frozen=True)

    scenario: str
    levers: Mapping[str, Any] = {}
    parameters: Mapping[str, Any] = {}

    @property
    def changed(self) -> list[str]:
        """Dotted keys of what is set on top of the scenario."""
        return [f"{section}.{name}" for section in SECTIONS for name in getattr(self, section)]


class Shared(BaseModel):
    """What two worlds that are compared have in common; `point` is a design point of an experiment or results folder."""

    model_config = ConfigDict(frozen=True)

    system: str
    quarters: int
    seed: int
    replicate: int = 0
    point: int = 0


class Setting(BaseModel):
    """What is asked for: one world, or A and B."""

    model_config = ConfigDict(frozen=True)

    shared: Shared
    worlds: tuple[WorldSetting, ...]


class Choices(BaseModel):
    """What a query may ask for, and what it means where it says nothing."""

    model_config = ConfigDict(frozen=True)

    systems: tuple[str, ...]
    scenarios: tuple[str, ...]
    limits: Mapping[str, tuple[int, int]]
    defaults: Shared
    worlds: tuple[str, str]  # scenarios of A and B


class Query:
    """The keys and texts of a query, taken one by one; what is left in the end is refused.

    Raises `RefusedError` for a text that is not a query, is too long, or gives a key twice.
    """

    def __init__(self, text: str, known: Collection[str] = ()) -> None:
        self.problems: list[str] = []
        self.known = {*known, *SHARED}
        if len(text) > LONGEST_QUERY:
            raise RefusedError("This address is too long", [f"its query has {len(text):,} characters, and may have {LONGEST_QUERY:,}"])
        try:
            pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), errors="strict", max_num_fields=MOST_KEYS)
        except ValueError:
            raise RefusedError("This address cannot be read", ["its query is not made of keys and values: KEY=VALUE&KEY=VALUE"]) from None
        self.left: dict[str, str] = {}
        for key, value in pairs:
            if key in self.left:
                self.problems.append(f"{_short(key)}: is given twice")
            elif len(value) > LONGEST_VALUE:
                self.problems.append(f"{_short(key)}: has {len(value):,} characters, and may have {LONGEST_VALUE:,}")
            else:
                self.left[key] = value

    def text(self, key: str, default: str = "") -> str:
        """The text of a key."""
        self.known.add(key)
        return self.left.pop(key, default)

    def choice(self, key: str, names: Collection[str], default: str, what: str) -> str:
        """One of `names`."""
        given = self.text(key, default)
        if given not in names:
            close = nearest(given, names)
            hint = f"; did you mean {close!r}?" if close else ""
            few = f" (there are: {', '.join(names)})" if len(names) <= 12 else ""
            self.problems.append(f"{key}: no {what} {_short(given)!r}{hint}{few}")
            return default
        return given

    def number(self, key: str, limits: tuple[int, int], default: int) -> int:
        """A whole number within limits."""
        given = self.text(key, str(default))
        low, high = limits
        if not (given.isascii() and given.isdecimal() and len(given) <= 15 and low <= int(given) <= high):
            self.problems.append(f"{key}: {_short(given)!r} is not a whole number from {low} to {high}")
            return default
        return int(given)

    def done(self) -> None:
        """Raise `RefusedError` for all that was wrong and all that nobody asked for."""
        for key in self.left:
            close = nearest(key, self.known)
            self.problems.append(f"{_short(key)}: no such key" + (f"; did you mean {close!r}?" if close else ""))
        if self.problems:
            raise RefusedError("This address asks for what there is not", self.problems)


def one_world(query: Query, choices: Choices) -> Setting:
    """The setting of one world, out of a query whose other keys were taken. Raises `RefusedError`."""
    return _setting(query, choices, [("", choices.worlds[0])])


def both_worlds(query: Query, choices: Choices) -> Setting:
    """The setting of A and B. Raises `RefusedError`."""
    return _setting(query, choices, [("a.", choices.worlds[0]), ("b.", choices.worlds[1])])


def _setting(query: Query, choices: Choices, worlds: Sequence[tuple[str, str]]) -> Setting:
    shared = _shared(query, choices)
    made = tuple(_world(query, choices, prefix, default) for prefix, default in worlds)
    query.done()
    return Setting(shared=shared, worlds=made)


def _shared(query: Query, choices: Choices) -> Shared:
    usual = choices.defaults
    system = query.choice("system", choices.systems, usual.system, "system")
    return Shared(system=system, **{name: query.number(name, choices.limits[name], getattr(usual, name)) for name in NUMBERS})


def _world(query: Query, choices: Choices, prefix: str, default: str) -> WorldSetting:
    """The keys of one world, which begin with `prefix`."""
    scenario = query.choice(f"{prefix}{SCENARIO}", choices.scenarios, default, "scenario")
    document = Document(None, "", {})
    query.known |= {f"{prefix}{section}" for section in SECTIONS}
    for key in [key for key in query.left if key.startswith(tuple(f"{prefix}{section}." for section in SECTIONS))]:
        text = query.left.pop(key)
        if _depth(text) > DEEPEST:
            query.problems.append(f"{_short(key)}: nested too deeply")
            continue
        try:
            path, value = parse_override(f"{key.removeprefix(prefix)}={text}")
            if len(path) != 2:
                raise ConfigError([Problem(value.place(()), key.removeprefix(prefix), "name a lever or parameter and nothing below it")])
            document = document.with_value(path, value)
        except ConfigError as error:
            query.problems += problem_lines(error, prefix)
    try:
        layer = validated(document, Layer)
    except ConfigError as error:
        query.problems += problem_lines(error, prefix)
        return WorldSetting(scenario=scenario)
    return WorldSetting(scenario=scenario, **{section: layer.section(section).given() for section in SECTIONS})


def problem_lines(error: ConfigError, prefix: str = "") -> list[str]:
    """The problems of a config without places, which an address does not have."""
    lines = []
    for each in error.problems:
        close = f"; did you mean {each.nearest!r}?" if each.nearest else ""
        allowed = f" (allowed: {each.allowed})" if each.allowed else ""
        lines.append(f"{prefix}{each.key}: {each.reason}{close}{allowed}" if each.key else f"{each.reason}{close}{allowed}")
    return lines


def _depth(text: str) -> int:
    """How deep brackets are nested, at most: a parser takes long to find out."""
    depth = deepest = 0
    for sign in text:
        depth += (sign in "[{") - (sign in "]}")
        deepest = max(deepest, depth)
    return deepest


def _short(text: str) -> str:
    """A text of others as a message shows it: not too long, and of signs that can be printed."""
    plain = "".join(sign if sign.isprintable() else "?" for sign in text[:80])
    return plain if len(text) <= 80 else f"{plain}..."
