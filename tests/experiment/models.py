"""Stand-ins for the model, importable by worker processes: as quick as arithmetic, the same interface, able to go wrong on demand."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from abm.model.ics_model import ICSModel

NAMES = ("collaborative_share", "trust", "deficit_share", "prevention_share", "delayed_share", "unmet_need")


class FakeModel:
    """Outcomes are luck (by seed, replicate and quarter), less the distance of two levers from their defaults."""

    def __init__(
        self, world: Any, levers: Mapping[str, Any], parameters: Mapping[str, Any], seed: int, replicate: int, keep: tuple[str, ...] = ()
    ) -> None:
        self.world, self.levers, self.key, self.keep, self.quarters = world, levers, f"{seed}/{replicate}", keep, 0

    def run(self, quarters: int) -> None:
        self.quarters = quarters

    @property
    def troubled(self) -> bool:
        """Replicate 1 of the scenario that bypasses: where the models below go wrong."""
        return self.key.endswith("/1") and "bypass_rate" in self.levers

    def _luck(self, quarter: int, what: str) -> float:
        return int(hashlib.sha256(f"{self.key}/{quarter}/{what}".encode()).hexdigest()[:8], 16) / 16**8

    def outcomes(self, by: str | None = None) -> pd.DataFrame:
        push = 0.1 * float(self.levers.get("bypass_rate", 0)) + 0.1 * float(self.levers.get("fence_share", 0))
        groups = {None: [None], "region": list(self.world.regions["code"]), "system": list(self.world.icbs["code"]), "kind": ["icb"]}[by]
        return pd.DataFrame(
            {
                "quarter": quarter,
                "year": f"{2024 + quarter // 4}/25",
                **({} if by is None else {by: group}),
                **{name: 0.5 * self._luck(quarter, f"{name}{group}") - push for name in NAMES},
            }
            for quarter in range(self.quarters)
            for group in groups
        )

    def survey(self) -> pd.DataFrame:
        return pd.DataFrame({"year": ["2024/25"], "item": ["clear"], "agree": [self._luck(0, "clear")]})

    def acts(self) -> pd.DataFrame:
        return pd.DataFrame({"quarter": [0], "act": ["share"]})


class FailingModel(FakeModel):
    """Raises."""

    def run(self, quarters: int) -> None:
        if self.troubled:
            raise ZeroDivisionError("no reviews to divide by")
        super().run(quarters)


class FailingEngland(ICSModel):
    """The real model, which raises where `FailingModel` does."""

    def run(self, quarters: int) -> ICSModel:
        if self.replicate == 1 and float(self.policy.in_force(0)["bypass_rate"].max()) > 0.3:
            raise ZeroDivisionError("no reviews to divide by")
        return super().run(quarters)


class DeadlyModel(FakeModel):
    """Takes its worker process along, each time."""

    def run(self, quarters: int) -> None:
        if self.troubled:
            os.kill(os.getpid(), signal.SIGKILL)
        super().run(quarters)


class OnceDeadlyModel(FakeModel):
    """Takes its worker along the first time only: the file named by ABM_TEST_MARK remembers."""

    def run(self, quarters: int) -> None:
        mark = Path(os.environ["ABM_TEST_MARK"])
        if self.troubled and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        super().run(quarters)


class EndlessModel(FakeModel):
    """Does not come back."""

    def run(self, quarters: int) -> None:
        while self.troubled:
            time.sleep(0.1)
        super().run(quarters)


class SlowModel(FakeModel):
    """Takes its time."""

    def run(self, quarters: int) -> None:
        time.sleep(0.03)
        super().run(quarters)
