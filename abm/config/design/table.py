"""Points from a file: a CSV table with a row a point and a column a factor, such as the posterior ensemble of a calibration.

A config names the file; `with_points` reads it before the config is validated, so that a mistake in the table is told at its
line in the table. What is read travels in `points`, which no config writes.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from abm.config.design.base import TRIED, DesignBase
from abm.config.document import Document
from abm.config.errors import ConfigError, Place, Problem, nearest, shown, spoken
from abm.config.factors import ROWS, SYSTEM, Factor, tidy
from abm.config.layers import as_tuple, no_repeats
from abm.config.settings import SECTIONS, value_of

POINTS_FILE = "points.csv"  # the table in a results folder, which its config.yaml names
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_MOST_PROBLEMS = 20  # told of one table

Text = Annotated[str, Field(min_length=1, max_length=1000)]
Names = Annotated[tuple[Text, ...], BeforeValidator(as_tuple), Field(min_length=1), AfterValidator(no_repeats)]


class Table(DesignBase):
    """Points from the rows of a CSV file; a blank cell keeps the value from below, and columns of other names are labels."""

    kind: Literal["table"]
    file: Text = Field(description="A CSV file, relative to this one. Columns: levers.NAME and parameters.NAME; others are not read.")
    rows: int | None = Field(None, ge=1, description="Take the first rows only, this many.")
    columns: Names | None = Field(None, description="Take these columns only.")
    sha256: str | None = Field(None, pattern="^[0-9a-f]{16}$", description="Refuse a file with other points; results folders have it.")
    points: SkipJsonSchema[tuple[Any, ...]] = Field((), exclude=True)

    def listed(self) -> list[dict[str, Any]]:
        """The points as plain data."""
        return list(self.points)

    def factors(self) -> tuple[Factor, ...]:
        """What varies, in the order of the columns; the levels are the different values."""
        keys = dict.fromkeys(key for point in self.points for key in point)
        return tuple(Factor(key, tuple(dict.fromkeys(point[key] for point in self.points if key in point))) for key in keys)

    def count(self) -> int:
        """How many points there are."""
        return len(self.points)

    def corners(self) -> list[dict[str, Any]]:
        """Some of the points, first and last among them."""
        return [self.points[i] for i in sorted({round(j * (len(self.points) - 1) / (TRIED - 1)) for j in range(TRIED)})]

    def plain(self) -> dict[str, Any]:
        """Plain data of the section in a results folder, whose points.csv has the points."""
        return {"kind": self.kind, "file": POINTS_FILE, "sha256": digest(self.points)}


def digest(points: Sequence[Mapping[str, Any]]) -> str:
    """What tells one set of points from another: 16 hexadecimal digits of a SHA-256."""
    return hashlib.sha256(json.dumps([dict(sorted(point.items())) for point in points]).encode()).hexdigest()[:16]


def with_points(document: Document) -> Document:
    """The document with the points of the table that its design names, if it names one. Raises `ConfigError`."""
    design = document.data.get("design") if isinstance(document.data, Mapping) else None
    if not isinstance(design, Mapping) or design.get("kind") != "table":
        return document
    if "points" in design:
        raise ConfigError([Problem(document.place(("design", "points"), of_key=True), "design.points", "no such key", "file")])
    try:
        table = Table.model_validate(design)
    except ValidationError:
        return document  # what is wrong is told with all else
    points = _Reader(document, table).points()
    return replace(document, data={**document.data, "design": {**design, "points": tuple(points)}})


@dataclass(frozen=True)
class _Reader:
    """Reads the table of a config."""

    document: Document
    table: Table

    @property
    def path(self) -> Path:
        source = self.document.source
        return (source.parent if source is not None else Path.cwd()) / Path(self.table.file).expanduser()

    def refused(self, key: str, reason: str, close: str = "", at: int | None = None, allowed: str = "") -> ConfigError:
        """A refusal at a key of the design."""
        path = ("design", key) if at is None else ("design", key, at)
        return ConfigError(
            [Problem(self.document.place(path), f"design.{key}" + ("" if at is None else f"[{at}]"), reason, close, allowed)]
        )

    def text(self) -> str:
        path = self.path
        try:
            return path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise self.refused("file", f"{shown(path)} is not UTF-8 text") from None
        except (OSError, ValueError) as error:
            if isinstance(error, (FileNotFoundError, ValueError)):
                raise self.refused("file", f"no such file {shown(path)[-200:]}", self.close(path)) from None
            raise self.refused("file", f"{shown(path)} cannot be read: {error.strerror or error}") from None

    @staticmethod
    def close(path: Path) -> str:
        try:
            return nearest(path.name, [entry.name for entry in path.parent.iterdir() if entry.suffix == ".csv"])
        except (OSError, ValueError):
            return ""

    def points(self) -> list[dict[str, Any]]:
        """The points, checked cell by cell."""
        lines = _lines(self.text(), shown(self.path))
        if not lines:
            raise self.refused("file", f"{shown(self.path)} is empty")
        head, *body = lines
        problems = list(head.problems_of_header())
        if problems:
            raise ConfigError(problems)
        wanted = self.wanted(head)
        if self.table.rows is not None and self.table.rows > len(body):
            raise self.refused("rows", f"{shown(self.path)} has {len(body)} rows", str(len(body)) if body else "")
        points = [line.point(head, wanted, problems) for line in body[: self.table.rows]]
        if not points:
            problems.append(Problem(head.place(0), "", "the table has no row below its header"))
        elif not problems and not any(points):
            problems.append(Problem(head.place(0), "", "no row sets anything"))
        if problems:
            raise ConfigError(problems[:_MOST_PROBLEMS])
        if self.table.sha256 is not None and digest(points) != self.table.sha256:
            raise self.refused("sha256", f"{shown(self.path)} has other points now ({digest(points)})")
        return points

    def wanted(self, head: _Line) -> list[int]:
        """Places of the columns to be read."""
        for i, name in enumerate(self.table.columns or ()):
            if name not in head.cells:
                raise self.refused("columns", f"{spoken(name)} is no column of {shown(self.path)}", nearest(name, head.cells), at=i)
            if name not in ROWS:
                raise self.refused("columns", f"{spoken(name)} is a label: it sets nothing", nearest(name, ROWS), at=i)
        found = [i for i, name in enumerate(head.cells) if name in (self.table.columns or ROWS)]
        if not found:
            raise ConfigError([Problem(head.place(0), "", "no column sets anything", allowed="columns levers.NAME or parameters.NAME")])
        return found


@dataclass(frozen=True)
class _Line:
    """A line of the table: its cells, and where it stands."""

    file: str
    number: int
    text: str
    cells: tuple[str, ...]

    def place(self, cell: int) -> Place:
        start = sum(len(each) + 1 for each in self.cells[:cell])  # as if nothing were quoted
        return Place(self.file, self.number, min(start, max(len(self.text) - 1, 0)) + 1, self.text)

    def problems_of_header(self) -> Iterator[Problem]:
        for i, name in enumerate(self.cells):
            if name in self.cells[:i]:
                yield Problem(self.place(i), name, "stands twice among the columns")
            section, dot, _ = name.partition(".")
            if name == SYSTEM:
                yield Problem(self.place(i), name, "a table varies levers and parameters alone")
            elif name not in ROWS and (dot and nearest(section, SECTIONS, cutoff=0.7)):
                yield Problem(self.place(i), name, "no such factor", nearest(name, ROWS))
            else:
                whole = next((f"{each}.{name}" for each in SECTIONS if f"{each}.{name}" in ROWS), "")
                if whole:
                    yield Problem(self.place(i), name, "no such factor", whole)

    def point(self, head: _Line, wanted: Sequence[int], problems: list[Problem]) -> dict[str, Any]:
        """The point that the line says; what is wrong with it goes to `problems`."""
        if len(self.cells) != len(head.cells):
            problems.append(Problem(self.place(0), "", f"has {len(self.cells)} cells under {len(head.cells)} columns"))
            return {}
        point = {}
        for i in wanted:
            key, cell = head.cells[i], self.cells[i]
            if not cell:
                continue
            value: Any = (
                cell if len(cell) > 400 or not _NUMBER.fullmatch(cell) else int(cell) if cell.lstrip("+-").isdecimal() else float(cell)
            )
            try:
                point[key] = tidy(key, value_of(ROWS[key])(value))
            except PydanticCustomError as error:
                fault = (error.context or {})["faults"][0]
                problems.append(Problem(self.place(i), key, fault.reason, fault.nearest, fault.allowed))
        return point


def _lines(text: str, file: str) -> list[_Line]:
    """The table's lines, without empty ones. Raises `ConfigError` for what is no CSV."""
    raw = text.splitlines()
    reader = csv.reader(raw, strict=True)
    lines = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append(_Line(file, reader.line_num, raw[reader.line_num - 1], tuple(cell.strip() for cell in cells)))
    except csv.Error as error:
        raise ConfigError([Problem(Place(file, max(reader.line_num, 1), 1), "", f"is not a CSV table: {error}")]) from None
    return lines
