"""What the dashboard offers, that of `configs/` or that of one experiment or results folder; and a setting of it as a config."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from abm.config import find
from abm.config.document import Document
from abm.config.errors import ConfigError
from abm.config.load import COMMAND, resolve
from abm.config.resolved import Resolved
from abm.config.schema import System
from abm.config.settings import SECTIONS
from abm.config.standalone import inline_systems
from abm.experiment.design import Points
from abm.experiment.manifest import commit, versions
from abm.view.app.setting import LARGEST_SEED, Choices, RefusedError, Setting, Shared, WorldSetting

LONGEST, MOST_REPLICATES = 120, 1000  # quarters, replicates
USUAL = Shared(system="england", quarters=40, seed=2024)  # the headline's seed
USUAL_SCENARIOS = ("baseline", "finance_oversight")
NAME = 80  # characters of a config's name


@dataclass(frozen=True)
class Base:
    """What there is to choose from. `experiments` has the resolved experiment of each system that is offered, by its name.

    `points` are those of the experiment's design; `kind` is "built in", "results" or "experiment"; `left_out` tells in words what
    of `configs/` cannot be offered; `failed` has the runs of a results folder that failed, with why; `facts` is as a manifest.
    """

    kind: str
    name: str
    title: str
    question: str
    experiments: Mapping[str, Resolved]
    choices: Choices
    points: Points | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    failed: Mapping[tuple[str, int, int], str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    @cached_property
    def scenarios(self) -> dict[str, dict[str, Any]]:
        """Every scenario that is offered, written out."""
        return {each["name"]: each for each in self._plain(next(iter(self.experiments)))["scenarios"]}

    def _plain(self, system: str) -> dict[str, Any]:
        return self.experiments[system].config()

    def config(self, setting: Setting) -> dict[str, Any]:
        """The experiment that the setting is, as plain data that stands alone: what is run here, and what is taken away.

        Raises `RefusedError` for a design point on a system whose ICBs merge within a run.
        """
        shared = setting.shared
        plain, resolved = self._plain(shared.system), self.experiments[shared.system]
        here = self.points.settings(shared.point) if self.points is not None else None
        system = inline_systems(resolved)[resolved.system.name if here is None else here.system]
        world = resolved.worlds.get(system["name"], resolved.own)
        if world.tables is not None:
            system = {**system, "tables": str(world.tables.resolve())}
        _refuse_mergers(world.system)
        point = {section: getattr(here, section) if here is not None else {} for section in SECTIONS}
        own = {each["name"]: each for each in plain["scenarios"]}
        names = called(setting.worlds)
        scenarios = [_scenario(own[world.scenario], point, world, name) for world, name in zip(setting.worlds, names, strict=True)]
        return {
            "name": _named(self.name, names),
            "title": " beside ".join(reversed([each["title"] or each["name"] for each in scenarios])),
            "question": self.question,
            "system": system,
            "scenarios": scenarios,
            "baseline": names[0],
            "replicates": shared.replicate + 1,
            "quarters": shared.quarters,
            "seed": shared.seed,
            "paired": True,
            "outcomes": "all",
            "by": ["kind", "region"],
            "survey": True,
            **{section: plain[section] for section in SECTIONS},
        }

    def resolved(self, setting: Setting) -> Resolved:
        """The same, resolved as `abm run` resolves it. Raises `ConfigError`."""
        return resolve(Document(None, "the setting", self.config(setting)), Document(None, COMMAND, {}))


def called(worlds: Sequence[WorldSetting]) -> list[str]:
    """What the worlds' scenarios are called in the config: their own, with a word more where they were changed or would be the same."""
    found = [world.scenario[: NAME - 12] + ("_changed" if world.changed else "") for world in worlds]
    return found if len(set(found)) == len(found) else [f"{name}_{letter}" for name, letter in zip(found, "ab", strict=False)]


def _named(base: str, scenarios: Sequence[str]) -> str:
    return f"{base}_{'_beside_'.join(reversed(scenarios))}"[:NAME]


def _scenario(own: Mapping[str, Any], point: Mapping[str, Any], world: WorldSetting, name: str) -> dict[str, Any]:
    """A scenario written out, with what the design point sets on top, and what was set by hand on top of that."""
    set_here = {section: {**own.get(section, {}), **point[section], **getattr(world, section)} for section in SECTIONS}
    title = own["title"] or own["name"]
    told = {"name": name, "title": f"{title}, changed" if world.changed else title, "description": own["description"]}
    sight = {key: value for key, value in own.items() if key not in (*told, *SECTIONS)}
    return {**told, **sight, **{section: values for section, values in set_here.items() if values}}


def _refuse_mergers(system: System) -> None:
    if system.quarter_of_successors:
        raise RefusedError(
            "This system cannot be shown here",
            [f"in {system.name!r} ICBs merge within a run, and the page shows the same organisations throughout; abm run runs it"],
        )


def built_in() -> Base:
    """The scenarios and systems of `configs/`, here and in the package. Raises `ConfigError` where none can be read."""
    left_out: list[str] = []
    files: dict[str, str] = {}  # by the name of the scenario in it
    for file in _first(find.names(find.config_folders("scenarios")), USUAL_SCENARIOS):
        found = _reads(USUAL.system, [file], left_out)
        if found is not None:
            files.setdefault(found.scenarios[0].name, file)
    systems = _first(find.names(find.config_folders("systems")), (USUAL.system,))
    read = {system: _reads(system, list(files.values()), left_out) for system in systems}
    experiments = {system: found for system, found in read.items() if found is not None}
    if not experiments:
        _built_in(USUAL.system, list(USUAL_SCENARIOS))  # says what is wrong
    scenarios = list(files)
    worlds = (scenarios[0], USUAL_SCENARIOS[1] if USUAL_SCENARIOS[1] in scenarios else scenarios[-1])
    choices = Choices(
        systems=tuple(experiments),
        scenarios=tuple(scenarios),
        limits=limits(MOST_REPLICATES, 1, LONGEST, LARGEST_SEED),
        defaults=USUAL.model_copy(update={"system": next(iter(experiments))}),
        worlds=worlds,
    )
    facts = {"versions": versions(), "code": commit()}
    title, question = "England's integrated care systems", "What becomes of collaboration when one thing is done differently?"
    return Base("built in", "view", title, question, experiments, choices, facts=facts, left_out=tuple(left_out))


def _first(found: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """The names, with those wanted first."""
    return [*(name for name in wanted if name in found), *(name for name in found if name not in wanted)]


def limits(replicates: int, points: int, quarters: int, seed: int) -> dict[str, tuple[int, int]]:
    """From the lowest to the highest of each number that a query may give."""
    return {"quarters": (1, quarters), "seed": (0, seed), "replicate": (0, replicates - 1), "point": (0, points - 1)}


def _reads(system: str, scenarios: list[str], left_out: list[str]) -> Resolved | None:
    try:
        return _built_in(system, scenarios)
    except ConfigError as error:
        left_out.append(f"left out: {error.problems[0].line()}")
        return None


def _built_in(system: str, scenarios: list[str]) -> Resolved:
    return resolve(Document(None, "view", {"name": "view", "system": system, "scenarios": scenarios}), Document(None, COMMAND, {}))
