"""A run's tables as CSV, with the columns of results folders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from abm.model.ics_model import ICSModel


class Table(NamedTuple):
    """A table on offer: what a row is, what the model must keep for it, and whether it is of the whole run or of one quarter."""

    words: str
    keep: tuple[str, ...] = ()
    whole: bool = True


TABLES: Mapping[str, Table] = {}


def offered(name: str) -> Table:
    """The table of that name. Raises `ResultsError` with the nearest, so ask this before a model is run."""
    raise NotImplementedError


def table(model: ICSModel, name: str, quarter: int, labels: Mapping[str, Any] | None = None) -> str:
    """The table as CSV. `labels` (scenario, point, replicate) are columns in front.

    `model` keeps what `offered(name).keep` says; it has run the whole run where `.whole`, else `quarter + 1` quarters.
    Raises `ResultsError` for another name, or a quarter at whose end the model does not stand.
    """
    raise NotImplementedError
