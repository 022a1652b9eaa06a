"""Every test here runs the model, so each waits for the compiled one."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="session")
def _compiled(compiled_model: None) -> None:
    """See `compiled_model` in tests/conftest.py."""
