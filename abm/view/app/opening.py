"""What `abm view WHAT` means: nothing, a results folder, or an experiment; what is not to be shown is refused in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from abm.config.errors import ConfigError, nearest, shown
from abm.config.find import SUFFIXES, config_folders, names
from abm.config.load import load
from abm.config.resolved import Resolved
from abm.config.worlds import build_worlds
from abm.experiment.design import design_points
from abm.experiment.folder import planned_runs, read_manifest
from abm.experiment.journal import FAILED
from abm.experiment.manifest import commit, versions, world_digest
from abm.experiment.plan import plan
from abm.experiment.source import source_digest
from abm.experiment.store import ResultsError
from abm.view.app.base import LONGEST, Base, built_in, limits
from abm.view.app.setting import LARGEST_SEED, Choices, RefusedError, Setting, Shared, WorldSetting

RESULTS, MANIFEST = "results", "manifest.json"
EXACT = 2**53 - 1  # larger whole numbers a browser does not keep


def base_of(what: str | None, changed_code: bool = False) -> Base:
    """What there is to show. Raises `ConfigError` or `ResultsError`."""
    if what is None:
        return built_in()
    path = Path(what)
    experiments = names(config_folders("experiments"))
    if what not in experiments and _is_folder(path):
        return of_folder(path, changed_code)
    if what in experiments or what.endswith(SUFFIXES):
        return of_experiment(what)
    folders = [shown(each) for root in {path.parent, Path(RESULTS)} if _is_folder(root) for each in root.iterdir() if _is_folder(each)]
    raise ResultsError(f"no results folder and no experiment {what[:200]!r}{_meant(what, [*experiments, *folders])}")


def of_folder(folder: Path, changed_code: bool = False) -> Base:
    """The scenarios, design points and replicates of a results folder, finished or not.

    Raises `ResultsError` for a folder that is none, and where the model's source, the config or the tables are no longer what
    its runs were made with (`changed_code` allows a changed source).
    """
    if not (folder / MANIFEST).is_file():
        found = [*folder.glob(f"*/{MANIFEST}"), *folder.glob(f"*/*/{MANIFEST}")]
        hint = f"; did you mean {shown(found[0].parent)!r}?" if found else ""
        raise ResultsError(f"{shown(folder)} is not a results folder: it has no {MANIFEST}{hint}")
    facts = read_manifest(folder)
    if not changed_code and facts.get("model_sha256") not in (None, source_digest()):
        made = (facts["code"] or {}).get("commit") or "unknown"
        raise ResultsError(
            f"the model's source has changed since {shown(folder)} was made (commit {made[:10]}): its runs would be others; "
            "--changed-code shows them all the same"
        )
    try:
        resolved = load(str(folder / "config.yaml"))
        the_plan = plan(resolved, {name: world_digest(world) for name, world in build_worlds(resolved).items()})
    except ConfigError as error:
        raise ResultsError(f"the config in {shown(folder)} no longer fits this version:\n{error}") from None
    rows = planned_runs(folder)
    if list(rows["id"]) != list(the_plan.frame["id"]):
        raise ResultsError(
            f"the config in {shown(folder)} gives other runs than its runs.csv has: one of them was edited, or tables have changed"
        )
    broken = rows[rows["status"] == FAILED]
    keys = zip(broken["scenario"], broken["point"].tolist(), broken["replicate"].tolist(), strict=True)
    failed = dict(zip(keys, broken["error"], strict=True))
    return _of(resolved, "results", folder.resolve().name, facts, failed)


def of_experiment(reference: str) -> Base:
    """The scenarios and design points of an experiment. Raises `ConfigError` or `ResultsError`."""
    resolved = load(reference)
    experiment = resolved.experiment
    facts = {
        "experiment": experiment.name,
        "title": experiment.title,
        "question": experiment.question,
        "versions": versions(),
        "code": commit(),
    }
    return _of(resolved, "experiment", experiment.name, facts, {})


def _of(resolved: Resolved, kind: str, name: str, facts: Mapping[str, Any], failed: Mapping[tuple[str, int, int], str]) -> Base:
    experiment, points = resolved.experiment, design_points(resolved)
    if not experiment.paired and (len(resolved.scenarios) > 1 or len(points) > 1):
        raise ResultsError(
            f"{name} gives each scenario and point luck of its own (paired: false); the page compares on the same random numbers"
        )
    if experiment.seed > EXACT:
        raise ResultsError(f"{name} has the seed {experiment.seed}, which is too large for a browser")
    scenarios = [each.name for each in resolved.scenarios]
    other = next((each for each in scenarios if each != resolved.baseline), resolved.baseline)
    longest = max(LONGEST, min(experiment.quarters, 2 * LONGEST))
    choices = Choices(
        systems=(resolved.system.name,),
        scenarios=tuple(scenarios),
        limits=limits(experiment.replicates, len(points), longest, max(LARGEST_SEED, experiment.seed)),
        defaults=Shared(system=resolved.system.name, quarters=min(experiment.quarters, longest), seed=experiment.seed),
        worlds=(resolved.baseline, other),
    )
    title = experiment.title or experiment.name
    base = Base(kind, name, title, experiment.question, {resolved.system.name: resolved}, choices, points, facts, failed)
    try:
        base.config(Setting(shared=choices.defaults, worlds=(WorldSetting(scenario=resolved.baseline),)))
    except RefusedError as error:
        raise ResultsError(f"{name} cannot be shown here: {'; '.join(error.lines)}") from None
    return base


def _meant(what: str, there: Iterable[str]) -> str:
    close = nearest(what, there)
    return f"; did you mean {close!r}?" if close else ""


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False
