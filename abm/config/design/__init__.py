"""The `design:` section of an experiment: which points are run, by kind. `docs/designs.md` says which kind answers what.

Every class says what it refuses (`faults`), what varies (`factors`), how many points it makes (`count`) and a few of its
corners, to try the model on. The points themselves are made by `abm.experiment.design`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator

from abm.config.design.base import DesignBase
from abm.config.design.levels import Factorial, FractionalFactorial, Grid, ListDesign, OneAtATime
from abm.config.design.ramp import Ramp
from abm.config.design.samples import LatinHypercube, Morris, Sobol, SobolSequence
from abm.config.design.table import Table
from abm.config.errors import nearest, spoken
from abm.config.settings import one_of, refused

DESIGNS: dict[str, type[DesignBase]] = {
    "list": ListDesign,
    "table": Table,
    "factorial": Factorial,
    "grid": Grid,
    "fractional_factorial": FractionalFactorial,
    "one_at_a_time": OneAtATime,
    "latin_hypercube": LatinHypercube,
    "sobol_sequence": SobolSequence,
    "sobol": Sobol,
    "morris": Morris,
    "ramp": Ramp,
}


def _known_kind(value: Any) -> Any:
    """Refuse, at its place, a design whose kind is missing or unknown: nothing else of it can be judged."""
    if value is None or isinstance(value, DesignBase):
        return value
    words = ", ".join(DESIGNS)
    if not isinstance(value, Mapping):
        raise refused(f"expected keys and values, got {spoken(value)}")
    if "kind" not in value:
        slip = next((key for key in value if nearest(key, ["kind"], cutoff=0.7)), None)
        if slip is not None:
            raise refused("no such key", "", "kind", at=(slip,))
        raise refused("is missing", words, at=("kind",))
    kind = value["kind"]
    if not isinstance(kind, str) or kind not in DESIGNS:
        raise refused(
            f"{spoken(kind)} is not a kind of design", words, nearest(kind, DESIGNS) if isinstance(kind, str) else "", at=("kind",)
        )
    return value


def _kind_of(value: Any) -> str:
    return f"({value.kind if isinstance(value, DesignBase) else value['kind']})"


if TYPE_CHECKING:
    Design = DesignBase
else:
    Design = Annotated[one_of(DESIGNS, _kind_of), BeforeValidator(_known_kind)]
