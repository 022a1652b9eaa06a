"""An experiment with every layer applied, and for every value the file and line that set it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from abm.config.document import Document
from abm.config.errors import Place
from abm.config.precedence import DECLARED
from abm.config.schema import Experiment, System
from abm.config.standalone import standalone


@dataclass(frozen=True)
class Given:
    """A value, the layer that set it, and the part of that layer's document where it stands."""

    value: Any
    layer: str
    document: Document

    @property
    def place(self) -> Place:
        """Where the value was written."""
        return self.document.place(())


Values = Mapping[str, Given]


@dataclass(frozen=True)
class ResolvedScenario:
    """One scenario after all layers. `levers` and `parameters` hold what any layer set; the rest has its declared default.

    `sight` is what decisions may not see (`blind`, `shuffle`), as `ICSModel` takes it; {} where they see everything.
    """

    name: str
    title: str
    description: str
    levers: Values
    parameters: Values
    sight: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def values(self, section: str) -> Values:
        """`levers` or `parameters`."""
        return self.levers if section == "levers" else self.parameters

    def changed(self, section: str) -> dict[str, Given]:
        """What differs from the declared defaults."""
        return {name: given for name, given in self.values(section).items() if given.value != DECLARED[section][name].default}

    def settings(self, section: str) -> dict[str, Any]:
        """Plain values that differ from the declared defaults, in the order of the declarations: what `ICSModel` is given."""
        changed = self.changed(section)
        return {name: changed[name].value for name in DECLARED[section] if name in changed}


@dataclass(frozen=True)
class ResolvedWorld:
    """A system with all scenarios stacked on its own levers and parameters; `tables` is the folder of its own tables, if any."""

    system: System
    scenarios: tuple[ResolvedScenario, ...]
    tables: Path | None


@dataclass(frozen=True)
class Resolved:
    """An experiment ready to run: `abm.experiment.plan` turns it into runs.

    `own` is the experiment's own system. `worlds` holds every system that some run is built on, by name: just that one,
    unless the design varies `system`. `system_levels` names the system of each mention in the design, in the order of the
    file. `source` is the experiment's file, `document` what it says and where.
    """

    experiment: Experiment
    own: ResolvedWorld
    worlds: Mapping[str, ResolvedWorld]
    system_levels: tuple[str, ...]
    source: Path
    document: Document

    @property
    def system(self) -> System:
        """The experiment's own system."""
        return self.own.system

    @property
    def scenarios(self) -> tuple[ResolvedScenario, ...]:
        """The scenarios on the experiment's own system."""
        return self.own.scenarios

    @property
    def tables(self) -> Path | None:
        """Folder of the own system's own tables."""
        return self.own.tables

    @property
    def places(self) -> Mapping[str, Place]:
        """Where the experiment's own keys stand."""
        return {str(path[0]): place for path, place in self.document.places.items() if len(path) == 1}

    @property
    def baseline(self) -> str:
        """Name of the scenario that effects are measured from."""
        return self.experiment.baseline or self.scenarios[0].name

    def sight(self, scenario: str) -> Mapping[str, tuple[str, ...]]:
        """What a scenario's decisions may not see."""
        return next(each.sight for each in self.scenarios if each.name == scenario)

    def table_folders(self) -> dict[str, Path]:
        """Own tables to be copied beside a `config()` that stands alone: the folder there, and the folder here."""
        others = {f"tables/{name}": world.tables for name, world in self.worlds.items() if name != self.system.name}
        return {name: folder for name, folder in {"tables": self.tables, **others}.items() if folder is not None}

    def config(self) -> dict[str, Any]:
        """Plain data of an experiment file that stands alone: all defaults written out, nothing left to look up.

        Levers and parameters that all scenarios share stand at the top; each scenario holds what it has of its own. Own
        tables are in `tables` beside the file, those of another system that the design names in `tables/NAME`.
        """
        return standalone(self)
