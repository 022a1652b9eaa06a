"""One stored run, run again: a folder keeps outcomes, not states, and a run takes milliseconds, so whoever wants its network, acts or
accounts of some quarter gets the model itself, the same to the bit."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import Path

from abm.config.errors import nearest, shown
from abm.config.load import load
from abm.config.worlds import build_worlds
from abm.experiment.folder import read_manifest
from abm.experiment.manifest import world_digest
from abm.experiment.plan import Plan, plan
from abm.experiment.runs import Run
from abm.experiment.source import source_digest
from abm.experiment.store import ResultsError
from abm.model.ics_model import ICSModel
from abm.model.network import World


def stored_run(folder: Path | str, scenario: str | None = None, point: int = 0, replicate: int = 0) -> Run:
    """A run of a results folder, by name; the baseline when no scenario is named. Raises `ResultsError` when there is none such."""
    return _found(Path(folder), scenario, point, replicate)[1]


def model_of(
    folder: Path | str,
    scenario: str | None = None,
    point: int = 0,
    replicate: int = 0,
    quarters: int | None = None,
    keep: Collection[str] = (),
    changed_code: bool = False,
) -> ICSModel:
    """The model of a stored run after `quarters` quarters (all of them when not given); `keep` is as for `ICSModel`.

    Raises `ResultsError` for a run that is not in the folder, and when the model's source or the world has changed since, so
    that it would be another run (`changed_code` allows a changed source).
    """
    model, run = _fresh(Path(folder), scenario, point, replicate, keep, changed_code)
    wanted = run.quarters if quarters is None else quarters
    if not 0 <= wanted <= run.quarters:
        raise ResultsError(f"quarters is 0 to {run.quarters} in {shown(Path(folder))}; got {wanted}")
    return model.run(wanted)


def quarters_of(
    folder: Path | str, scenario: str | None = None, point: int = 0, replicate: int = 0, changed_code: bool = False
) -> Iterator[ICSModel]:
    """The same model after each quarter in turn: look at it before asking for the next. Raises as `model_of` does."""
    model, run = _fresh(Path(folder), scenario, point, replicate, (), changed_code)
    for _ in range(run.quarters):
        model.run(1)
        yield model


def _fresh(
    folder: Path, scenario: str | None, point: int, replicate: int, keep: Collection[str], changed_code: bool
) -> tuple[ICSModel, Run]:
    facts = read_manifest(folder)
    if not changed_code and facts.get("model_sha256") not in (None, source_digest()):
        commit = (facts["code"] or {}).get("commit") or "unknown"
        raise ResultsError(
            f"the model's source has changed since {shown(folder)} was made (commit {commit[:10]}): its runs would be others"
        )
    world, run = _found(folder, scenario, point, replicate)
    return ICSModel(world, **run.settings(), seed=run.seed, replicate=run.replicate, keep=keep), run


def _found(folder: Path, scenario: str | None, point: int, replicate: int) -> tuple[World, Run]:
    facts = read_manifest(folder)
    the_plan, worlds = _planned(folder.resolve(), facts["started"])
    name = facts["baseline"] if scenario is None else scenario
    names = [each["name"] for each in facts["scenarios"]]
    if name not in names:
        close = nearest(name, names)
        hint = f"; did you mean {close!r}?" if close else ""
        raise ResultsError(f"no scenario {name!r} in {shown(folder)}{hint} (there are: {', '.join(names)})")
    points, replicates = len(the_plan.points.values), the_plan.resolved.experiment.replicates
    for what, value, count in (("design point", point, points), ("replicate", replicate, replicates)):
        if not 0 <= value < count:
            raise ResultsError(f"no {what} {value} in {shown(folder)}: they go from 0 to {count - 1}")
    (run,) = the_plan.runs([(names.index(name) * points + point) * replicates + replicate])
    return worlds[run.system], run


@lru_cache(maxsize=4)
def _planned(folder: Path, started: str) -> tuple[Plan, dict[str, World]]:
    """The folder's plan and worlds; `started` tells apart folders of one name."""
    resolved = load(str(folder / "config.yaml"))
    worlds = build_worlds(resolved)
    return plan(resolved, {name: world_digest(world) for name, world in worlds.items()}), worlds


__all__ = ["model_of", "quarters_of", "stored_run"]
