"""Sweeps with a stand-in for the model (tests/experiment/models.py), into folders below `tmp_path`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from abm.config.load import load
from abm.config.resolved import Resolved
from abm.experiment.conduct import How, Results, sweep
from tests.experiment.models import FakeModel

Runner = Callable[..., Results]


@pytest.fixture
def resolved() -> Resolved:
    return load("tiny", ["by=[region, system]"])


@pytest.fixture
def run_fake(resolved: Resolved, tmp_path: Path) -> Runner:
    """Run a resolved config with the fake model into a folder below `tmp_path`."""

    def go(name: str = "out", config: Resolved = resolved, make: Any = FakeModel, workers: int = 1, **more: Any) -> Results:
        return sweep(config, tmp_path / name, how=How(workers=workers, make=make, **more))

    return go
