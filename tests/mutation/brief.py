"""A pytest plugin: Hypothesis with two examples a test, for runs as plain Python."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "brief", max_examples=2, derandomize=True, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
os.environ["HYPOTHESIS_PROFILE"] = "brief"  # which tests/conftest.py loads
