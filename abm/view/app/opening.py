"""What `abm view WHAT` means: nothing, a results folder, or an experiment; whatever is not to be shown is refused in words."""

from __future__ import annotations

from abm.experiment.store import ResultsError
from abm.view.app.base import Base, built_in


def base_of(what: str | None, changed_code: bool = False) -> Base:
    """What there is to show. Raises `ConfigError` or `ResultsError`."""
    if what is None:
        return built_in()
    raise ResultsError("not made yet")
