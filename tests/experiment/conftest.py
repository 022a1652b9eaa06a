"""A stand-in for the model: as quick as arithmetic, the same interface, and able to fail on demand."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from abm.config.load import load
from abm.config.resolved import Resolved
from abm.config.worlds import build_world
from abm.experiment.results import Results, run_experiment

NAMES = ("collaborative_share", "trust", "deficit_share", "prevention_share", "delayed_share", "unmet_need")
DICTIONARY = pd.DataFrame({"name": NAMES, "unit": ["share"] * 5 + ["index"], "meaning": [name.replace("_", " ") for name in NAMES]})


class FakeModel:
    """Outcomes are luck (by seed, replicate and quarter), less the distance of two levers from their defaults."""

    def __init__(
        self, world: Any, levers: Mapping[str, Any], parameters: Mapping[str, Any], seed: int, replicate: int, keep: tuple[str, ...] = ()
    ) -> None:
        self.world, self.levers, self.key, self.keep, self.quarters = world, levers, f"{seed}/{replicate}", keep, 0

    def run(self, quarters: int) -> None:
        self.quarters = quarters

    def _luck(self, quarter: int, what: str) -> float:
        return int(hashlib.sha256(f"{self.key}/{quarter}/{what}".encode()).hexdigest()[:8], 16) / 16**8

    def outcomes(self, by: str | None = None) -> pd.DataFrame:
        push = 0.1 * float(self.levers.get("bypass_rate", 0)) + 0.1 * float(self.levers.get("fence_share", 0))
        groups = {None: [None], "region": list(self.world.regions["code"]), "system": list(self.world.icbs["code"]), "kind": ["icb"]}[by]
        return pd.DataFrame(
            {
                "quarter": quarter,
                "year": 2024 + quarter // 4,
                **({} if by is None else {by: group}),
                **{name: 0.5 * self._luck(quarter, f"{name}{group}") - push for name in NAMES},
            }
            for quarter in range(self.quarters)
            for group in groups
        )

    def survey(self) -> pd.DataFrame:
        return pd.DataFrame({"item": ["clear"], "quarter": [0], "year": [2024], "agree": [self._luck(0, "clear")]})

    def acts(self) -> pd.DataFrame:
        return pd.DataFrame({"quarter": [0], "act": ["share"]})


class FailingModel(FakeModel):
    """Fails in replicate 1 of the scenario that bypasses."""

    def run(self, quarters: int) -> None:
        if self.key.endswith("/1") and "bypass_rate" in self.levers:
            raise ZeroDivisionError("no reviews to divide by")
        super().run(quarters)


@pytest.fixture
def resolved() -> Resolved:
    return load("tiny", ["by=[region, system]"])


Runner = Callable[..., Results]


@pytest.fixture
def run_fake(resolved: Resolved, tmp_path: Path) -> Runner:
    """Run a resolved config with the fake model into a folder below `tmp_path`."""

    def go(name: str = "out", config: Resolved = resolved, make: Any = FakeModel, **more: Any) -> Results:
        return run_experiment(config, build_world(config), DICTIONARY, make, tmp_path / name, **more)

    return go


@pytest.fixture
def fakes() -> dict[str, type]:
    return {"good": FakeModel, "failing": FailingModel}
