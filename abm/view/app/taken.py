"""The current setting as an experiment's YAML: `abm run` of it gives the numbers that the page showed, to the bit."""

from __future__ import annotations

from typing import Any

from abm.config.resolved import Resolved
from abm.experiment.store import yaml_text
from abm.view import finding
from abm.view.app.base import Base
from abm.view.app.setting import Setting


def config_text(base: Base, setting: Setting, resolved: Resolved) -> str:
    """The config with a comment at its head that says where it is from and how to run it; `resolved` is `base.resolved(setting)`."""
    shared, name = setting.shared, resolved.experiment.name
    lines = [
        "From the dashboard (abm view). Run it: abm run " + f"{name}.yaml",
        f"The page showed replicate {shared.replicate} (the last of {shared.replicate + 1} here), point {shared.point} of {base.name}.",
        *(f"{letter}: {_told(world)}" for letter, world in zip("AB", setting.worlds, strict=False)),
        *(["The tables that it names lie on the machine where this was made."] if resolved.tables is not None else []),
        finding.stamp({**base.facts, "seed": shared.seed}),
    ]
    head = "".join(f"# {' '.join(line.split())}\n" for line in lines if line)
    return yaml_text(resolved.config(), head)


def _told(world: Any) -> str:
    return f"scenario {world.scenario}" + (f", changed: {', '.join(world.changed)}" if world.changed else ", unchanged")


__all__ = ["config_text"]
