"""abm: an agent-based model of England's integrated care systems.

>>> import abm
>>> model = abm.ICSModel(abm.tiny(), levers={"finance_share": 0.9}, seed=7).run(8)
>>> model.outcomes().shape[0]
8
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import pandas as pd

from abm.england import check_world, england, synthetic, tiny
from abm.model.declaration import DeclarationError
from abm.model.levers import LEVERS
from abm.model.network import World
from abm.model.parameters import PARAMETERS
from abm.model.policy import ByArea, Ramp, Schedule

if TYPE_CHECKING:
    from abm.model.ics_model import ICSModel

try:
    __version__ = version("ics-abm")
except PackageNotFoundError:  # run from a source tree that is not installed
    __version__ = "0+unknown"

__all__ = [
    "ByArea",
    "DeclarationError",
    "ICSModel",
    "Ramp",
    "Schedule",
    "World",
    "check_world",
    "england",
    "levers",
    "outcomes",
    "parameters",
    "synthetic",
    "tiny",
]


def levers() -> pd.DataFrame:
    """What a policy maker sets: a row a lever with name, unit, default, range, meaning, source, status."""
    return LEVERS.frame()


def parameters() -> pd.DataFrame:
    """What is assumed of the world: a row a parameter with name, unit, default, range, meaning, source, status."""
    return PARAMETERS.frame()


def outcomes() -> pd.DataFrame:
    """What is measured: a row an outcome with name, unit, meaning and the groupings it exists for."""
    from abm.model.outcomes import frame

    return frame()


def __getattr__(name: str):
    """`abm.ICSModel`, loaded when first asked for (Mesa and the compiled model take a moment)."""
    if name == "ICSModel":
        from abm.model.ics_model import ICSModel

        return ICSModel
    raise AttributeError(f"module 'abm' has no attribute {name!r}")
