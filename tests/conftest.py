"""What every test may use: Hypothesis profiles, the worlds, and a compiled model that is made once.

Profiles: `quick` (the default: few examples, the same ones every time), `thorough` (many, new ones each time; choose it with
`HYPOTHESIS_PROFILE=thorough`). No deadlines: the first call of a compiled phase may wait half a minute for the compiler.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

ROOT = Path(__file__).parents[1]
COMPILING = "import abm; abm.ICSModel(abm.tiny()).run(1)"
LONGEST_COMPILE = 600  # seconds, on a slow machine

_common = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large],
    "phases": [phase for phase in Phase if phase is not Phase.explain],  # tracing lines of a model run takes minutes
}
settings.register_profile("quick", max_examples=15, derandomize=True, **_common)
settings.register_profile("thorough", max_examples=300, derandomize=False, **_common)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(scope="session")
def compiled_model(tmp_path_factory: pytest.TempPathFactory, worker_id_or_master: str) -> None:
    """The compiled model in the cache: made by the first worker that asks, awaited by the others."""
    if worker_id_or_master == "master":
        return  # a single process compiles when it comes to it
    shared = tmp_path_factory.getbasetemp().parent
    done, started = shared / "compiled.done", shared / "compiled.started"
    try:
        started.touch(exist_ok=False)
    except FileExistsError:
        for _ in range(10 * LONGEST_COMPILE):
            if done.exists():
                return
            time.sleep(0.1)
        return  # whoever compiles is stuck: go on alone
    try:
        subprocess.run([sys.executable, "-c", COMPILING], check=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
    finally:
        done.touch()


@pytest.fixture(scope="session")
def worker_id_or_master(request: pytest.FixtureRequest) -> str:
    """The name of this xdist worker, or 'master' where tests run in one process (with or without the plugin)."""
    return getattr(request.config, "workerinput", {"workerid": "master"})["workerid"]
