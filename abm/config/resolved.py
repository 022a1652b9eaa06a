"""An experiment with every layer applied, and for every value the file and line that set it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from abm.config.document import Document
from abm.config.errors import Place
from abm.config.schema import Experiment, System
from abm.model.levers import LEVERS
from abm.model.parameters import PARAMETERS

PRECEDENCE = "declared default < system < experiment < scenario < command line"  # later wins; a setting is replaced whole
DECLARED = {"levers": LEVERS, "parameters": PARAMETERS}


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
    """One scenario after all layers. `levers` and `parameters` hold what any layer set; the rest has its declared default."""

    name: str
    title: str
    description: str
    levers: Values
    parameters: Values

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
class Resolved:
    """An experiment ready to run: `abm.experiment.plan` turns it into runs. `source` is the experiment's file."""

    experiment: Experiment
    system: System
    scenarios: tuple[ResolvedScenario, ...]
    tables: Path | None
    source: Path
    places: Mapping[str, Place]  # of the experiment's own keys, for messages

    @property
    def baseline(self) -> str:
        """Name of the scenario that effects are measured from."""
        return self.experiment.baseline or self.scenarios[0].name

    def config(self) -> dict[str, Any]:
        """Plain data of an experiment file that stands alone: all defaults written out, nothing left to look up.

        Levers and parameters that all scenarios share stand at the top; each scenario holds what it has of its own.
        """
        experiment = self.experiment
        system = {key: value for key, value in self.system.model_dump(exclude={"levers", "parameters"}).items() if value not in (None, "")}
        if self.tables is not None:
            system["tables"] = "tables"
        plain = experiment.model_dump(exclude={"levers", "parameters", "system", "scenarios"})
        plain = {key: list(value) if isinstance(value, tuple) else value for key, value in plain.items()}
        head = {key: plain.pop(key) for key in ("name", "title", "question")}
        plain["baseline"] = self.baseline
        common = {section: self._common(section) for section in DECLARED}
        scenarios = [self._own(scenario, common) for scenario in self.scenarios]
        body = {key: value for key, value in plain.items() if value is not None}
        return {**head, "system": system, "scenarios": scenarios, **body, **common}

    def _common(self, section: str) -> dict[str, Any]:
        values = {name: row.default for name, row in DECLARED[section].items()}
        for name in values:
            for given in (scenario.values(section).get(name) for scenario in self.scenarios):
                if given is not None and given.layer != "scenario":
                    values[name] = given.value
        return values

    def _own(self, scenario: ResolvedScenario, common: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        own: dict[str, Any] = {"name": scenario.name, "title": scenario.title, "description": scenario.description}
        for section in DECLARED:
            mine = {n: g.value for n, g in scenario.values(section).items() if g.layer == "scenario" and g.value != common[section][n]}
            if mine:
                own[section] = {name: mine[name] for name in DECLARED[section] if name in mine}
        return own
