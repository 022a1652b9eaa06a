"""abm: an agent-based model of England's integrated care systems.

>>> import abm
>>> model = abm.ICSModel(abm.tiny(), levers={"finance_share": 0.9}, seed=7).run(8)
>>> model.outcomes().shape[0]
8
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from abm.england import check_world, england, synthetic, tiny
    from abm.experiment.conduct import How, Results, extend, resume, sweep
    from abm.experiment.read import export, load, query
    from abm.model.declaration import DeclarationError
    from abm.model.ics_model import ICSModel
    from abm.model.network import World
    from abm.model.policy import ByArea, Ramp, Schedule

try:
    __version__ = version("ics-abm")
except PackageNotFoundError:  # run from a source tree that is not installed
    __version__ = "0+unknown"

_HOMES = {
    "ICSModel": "abm.model.ics_model",
    "DeclarationError": "abm.model.declaration",
    "World": "abm.model.network",
    **dict.fromkeys(("How", "Results", "extend", "resume", "sweep"), "abm.experiment.conduct"),
    **dict.fromkeys(("export", "load", "query"), "abm.experiment.read"),
    **dict.fromkeys(("ByArea", "Ramp", "Schedule"), "abm.model.policy"),
    **dict.fromkeys(("check_world", "synthetic", "tiny"), "abm.england"),
}

__all__ = [
    "ByArea",
    "DeclarationError",
    "How",
    "ICSModel",
    "Ramp",
    "Results",
    "Schedule",
    "World",
    "check_world",
    "england",
    "export",
    "extend",
    "levers",
    "load",
    "outcomes",
    "parameters",
    "query",
    "resume",
    "sweep",
    "synthetic",
    "tiny",
]


def levers() -> pd.DataFrame:
    """What a policy maker sets: a row a lever with name, unit, default, range, meaning, source, status."""
    from abm.model.levers import LEVERS

    return LEVERS.frame()


def parameters() -> pd.DataFrame:
    """What is assumed of the world: a row a parameter with name, unit, default, range, meaning, source, status."""
    from abm.model.parameters import PARAMETERS

    return PARAMETERS.frame()


def outcomes() -> pd.DataFrame:
    """What is measured: a row an outcome with name, unit, meaning and the groupings it exists for."""
    from abm.model.outcomes import frame

    return frame()


def __getattr__(name: str) -> Any:
    """The public names, loaded when first asked for (pandas, Mesa and the compiled model take a moment)."""
    if name == "england":  # the package abm.england, which can be called
        return import_module("abm.england")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'abm' has no attribute {name!r}")
