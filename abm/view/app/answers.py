"""The answers about two worlds, and those to take away: organisation, config, figure, table. Each is a file or JSON of a query alone."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import fields
from typing import Any, NamedTuple

from abm.config.errors import ConfigError
from abm.model.ics_model import ICSModel
from abm.view.app import figures, tables
from abm.view.app.base import called
from abm.view.app.card import card
from abm.view.app.kept import Kept
from abm.view.app.setting import Query, RefusedError, Setting, both_worlds, one_world, problem_lines
from abm.view.app.taken import config_text
from abm.view.app.world import Worlds, as_bytes

LETTERS = ("a.", "b.")
TYPES = {"png": "image/png", "svg": "image/svg+xml"}
CHOICES = ("figure", "format", "outcome", "org", "show", "by", "ties", "layout", "region")  # of figures, beside `quarter`


class File(NamedTuple):
    """Something to save: its name, what it is, and its bytes."""

    name: str
    type: str
    content: bytes


class Answers:
    """Answers of what `worlds` offers. Safe to ask from many threads."""

    def __init__(self, worlds: Worlds) -> None:
        self.worlds, self.base = worlds, worlds.base
        self._cards: Kept[bytes] = Kept(64)
        self._drawing = threading.Lock()  # matplotlib draws one figure at a time

    def organisation(self, query: Query) -> bytes:
        """An organisation's card in both worlds, as JSON."""
        org, setting, quarter = query.text("org"), *self._both(query)
        return self._cards.get((setting.model_dump_json(), org, quarter), lambda: self._card(setting, org, quarter))

    def _card(self, setting: Setting, org: str, quarter: int) -> bytes:
        films = [self.worlds.film(setting.shared, world, letter) for world, letter in zip(setting.worlds, LETTERS, strict=True)]
        models = self._models(setting, quarter)
        with self.worlds.room():
            return as_bytes(card(models, (films[0], films[1]), org, quarter))

    def config(self, query: Query) -> File:
        """The setting as an experiment that stands alone."""
        setting = both_worlds(query, self.base.choices)
        for world, letter in zip(setting.worlds, LETTERS, strict=True):
            self.worlds.ready(setting.shared, world, letter)
        try:
            resolved = self.base.resolved(setting)
        except ConfigError as error:
            raise RefusedError("This setting is refused", problem_lines(error)) from None
        text = config_text(self.base, setting, resolved)
        return File(f"{resolved.experiment.name}.yaml", "application/yaml", text.encode())

    def figure(self, query: Query) -> File:
        """A figure of both worlds."""
        usual = {field.name: str(field.default) for field in fields(figures.Wanted) if field.name in CHOICES[1:]}
        asked = {name: query.text(name, usual.get(name, "")) for name in CHOICES}
        setting, quarter = self._both(query)
        wanted = figures.Wanted(quarter=quarter, **asked)
        models = self._models(setting, setting.shared.quarters if figures.whole(wanted) else quarter + 1)
        names = called(setting.worlds)
        titles = [each["title"] for each in self.base.config(setting)["scenarios"]]
        with self._drawing, self.worlds.room():
            content = figures.figure(models, (titles[0], titles[1]), wanted, self._facts(setting))
        stem = "_".join(["abm", wanted.figure, *reversed(names)] + ([f"quarter_{quarter}"] if not figures.whole(wanted) else []))
        return File(f"{stem}.{wanted.format}", TYPES[wanted.format], content)

    def table(self, query: Query) -> File:
        """A table of one world, as CSV."""
        name = query.text("table")
        offered = tables.offered(name)
        quarter = query.number("quarter", (0, self.base.choices.limits["quarters"][1] - 1), 0)
        setting = one_world(query, self.base.choices)
        shared, (world,) = setting.shared, setting.worlds
        _within(quarter, shared.quarters)
        model = self.worlds.model(shared, world, shared.quarters if offered.whole else quarter + 1, offered.keep)
        (scenario,) = called(setting.worlds)
        labels = {"scenario": scenario, "point": shared.point, "replicate": shared.replicate}
        with self.worlds.room():
            text = tables.table(model, name, quarter, labels)
        stem = f"{name}_{scenario}" + ("" if offered.whole else f"_quarter_{quarter}")
        return File(f"{stem}.csv", "text/csv; charset=utf-8", text.encode())

    def _both(self, query: Query) -> tuple[Setting, int]:
        """The setting and quarter that are asked for; the last quarter where none is."""
        last = self.base.choices.limits["quarters"][1] - 1
        told = "quarter" in query.left
        quarter = query.number("quarter", (0, last), 0)
        setting = both_worlds(query, self.base.choices)
        quarter = quarter if told else setting.shared.quarters - 1
        _within(quarter, setting.shared.quarters)
        return setting, quarter

    def _models(self, setting: Setting, quarters: int) -> tuple[ICSModel, ICSModel]:
        a, b = (
            self.worlds.model(setting.shared, world, quarters, prefix=letter) for world, letter in zip(setting.worlds, LETTERS, strict=True)
        )
        return a, b

    def _facts(self, setting: Setting) -> dict[str, Any]:
        """Where a figure comes from, as a manifest has it."""
        text = config_text(self.base, setting, self.base.resolved(setting))
        told = {"title": self.base.title, "question": self.base.question, "paired": True, **setting.shared.model_dump()}
        return {**self.base.facts, **told, "config_sha256": hashlib.sha256(text.encode()).hexdigest()}


def _within(quarter: int, quarters: int) -> None:
    if quarter >= quarters:
        raise RefusedError("This run has no such quarter", [f"quarter: {quarter} is not a number from 0 to {quarters - 1}"])


__all__ = ["Answers", "File"]
