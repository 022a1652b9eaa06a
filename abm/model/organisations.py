"""Region, ICB, Provider, Council: Mesa agents that are live views on a row of state.

An agent holds nothing of its own. Reading `icb.authority` reads the run's state, writing it writes through, so Mesa's
`AgentSet.select`, `get`, `agg` and `set` work on the very numbers that the compiled phases use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa

from abm.model.ledger import MONEY
from abm.model.state import FIELDS, record_type

if TYPE_CHECKING:
    from abm.model.ics_model import ICSModel

INTERNAL = frozenset({"kind", "row", "org", "region", "system", "draw", "first", "last_one", "oversight"})  # row numbers, not for people


class Field:
    """One field of an agent's row, read from and written to the state that the model holds now."""

    def __init__(self, table: str, name: str, unit: str) -> None:
        self.table, self.name = table, name
        self.__doc__ = unit

    def __get__(self, agent: Organisation | None, owner: type | None = None) -> Any:
        """The value now; the descriptor itself when asked of the class."""
        if agent is None:
            return self
        return self._column(agent)[agent.rows[self.table]].item()

    def __set__(self, agent: Organisation, value: float) -> None:
        """Write through to the state."""
        self._column(agent)[agent.rows[self.table]] = value

    def _column(self, agent: Organisation) -> Any:
        state = agent.model.state
        return (state.books.accounts if self.table == "accounts" else getattr(state, self.table))[self.name]


class Organisation(mesa.Agent):
    """An organisation. `code` is its id everywhere outside the model; `system` and `region` are codes too."""

    model: ICSModel
    table = ""

    def __init__(self, model: ICSModel, code: str, name: str, region: str, system: str, rows: dict[str, int]) -> None:
        super().__init__(model)
        self.code, self.name, self.region, self.system, self.rows = code, name, region, system, rows

    @property
    def kind(self) -> str:
        """The kind of organisation, as in the outcome tables."""
        return type(self).__name__.lower()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code!r}, {self.name!r})"


def _give_fields(kind: type[Organisation], table: str) -> None:
    """Hang every field of a table on an agent class."""
    for line in FIELDS[table].strip().splitlines():
        name, _, rest = line.split(maxsplit=2)
        if name not in INTERNAL:
            setattr(kind, name, Field(table, name, rest))


_give_fields(Organisation, "orgs")
for _name in MONEY:
    setattr(Organisation, _name, Field("accounts", _name, "GBP k"))


class Region(Organisation):
    """An NHS England region."""

    table = "regions"


class ICB(Organisation):
    """An integrated care board; fields of its system are on it too, unless the ICB has one of that name."""

    table = "icbs"


class Provider(Organisation):
    """An NHS provider (an NHS trust or foundation trust)."""

    table = "providers"


class Council(Organisation):
    """An upper-tier council."""

    table = "councils"


KINDS: tuple[type[Organisation], ...] = (Region, ICB, Provider, Council)
for _kind in KINDS:
    _give_fields(_kind, _kind.table)
for _field in record_type("systems").names or ():
    if not hasattr(ICB, _field):
        setattr(ICB, _field, Field("systems", _field, "of its system"))
