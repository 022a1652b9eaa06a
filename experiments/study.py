"""What a study is: a question, the configs that answer it, and a function that reads their results."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from abm.view.sheet import Drawn

MINUS = re.compile(r"(?<![\w.])-(?=\d)")  # not that of 2025-26 or of a name


@dataclass(frozen=True)
class Found:
    """What a study found. Every number in the words comes from the tables, none is written into the code.

    `answer`: one sentence, for the table of studies; `findings`: sentences with effects, intervals and numbers of replicates;
    `tables`: name → rows (written as CSV); `figures`: name → figure, the first of them the study's own in the table.
    """

    answer: str
    findings: Sequence[str]
    tables: Mapping[str, pd.DataFrame]
    figures: Mapping[str, Drawn]

    def __post_init__(self) -> None:
        object.__setattr__(self, "answer", _printed(self.answer))
        object.__setattr__(self, "findings", [_printed(text) for text in self.findings])


def _printed(text: str) -> str:
    """A text with real minus signs before numbers."""
    return MINUS.sub("\u2212", text)


@dataclass(frozen=True)
class Study:
    """A question, and how it is answered.

    `key`: as 'e02'; `configs`: names in configs/experiments, run in this order; `quick`: `KEY=VALUE` overrides that make the
    same study small enough for CI; `quick_of`: further ones for single configs; `read`: from the results folder of each config
    (by its name) to what was found; it runs no model. Raises `ResultsError` for results that cannot answer.
    """

    key: str
    title: str
    question: str
    configs: tuple[str, ...]
    read: Callable[[Mapping[str, Path]], Found]
    quick: tuple[str, ...] = ("replicates=2", "quarters=16")
    quick_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def overrides(self, config: str, quick: bool) -> list[str]:
        """`KEY=VALUE` texts for a config, at the size asked for."""
        return [*self.quick, *self.quick_of.get(config, ())] if quick else []
