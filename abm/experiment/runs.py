"""One run of a plan, as a worker is given it. Light to import: workers load this, not the configs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KEY = ("scenario", "point", "replicate")  # what a run is called by


@dataclass(frozen=True)
class Run:
    """One run. `levers` and `parameters` are what differs from the declared defaults; `number` is its place in the plan.

    `sight` is what its decisions may not see (`blind`, `shuffle`), {} where they see everything.
    """

    number: int
    id: str
    scenario: str
    point: int
    replicate: int
    system: str
    seed: int
    quarters: int
    levers: Mapping[str, Any]
    parameters: Mapping[str, Any]
    sight: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def settings(self) -> dict[str, Any]:
        """What the model is made with, beside world, seed and replicate."""
        return {"levers": dict(self.levers), "parameters": dict(self.parameters), **self.sight}

    @property
    def name(self) -> str:
        """'baseline-0-3': scenario, design point and replicate."""
        return f"{self.scenario}-{self.point}-{self.replicate}"
