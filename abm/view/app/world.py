"""Worlds: a setting's config made into a model and run, with its film and curves. The last few are kept; nothing else is."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from abm.config.checks import check_against_world
from abm.config.errors import ConfigError
from abm.config.precedence import DECLARED
from abm.config.resolved import Resolved
from abm.config.settings import SECTIONS
from abm.config.worlds import build_world
from abm.experiment.manifest import world_digest
from abm.experiment.plan import digest, plan
from abm.experiment.runs import Run
from abm.model.declaration import DeclarationError
from abm.model.ics_model import ICSModel
from abm.model.network import World
from abm.model.outcomes import OUTCOMES
from abm.model.record import year_names
from abm.view.app.base import Base
from abm.view.app.kept import PATIENCE, Kept, busy
from abm.view.app.networks import network_json
from abm.view.app.setting import RefusedError, Setting, Shared, WorldSetting, problem_lines
from abm.view.app.surveyed import survey
from abm.view.page.packing import packed
from abm.view.page.recording import STATES, Film, record

MOST_WORLDS, ROOM = 24, 300_000_000  # kept: worlds, and bytes of their films and answers
AT_ONCE = 2  # runs
EFFORT = 3  # of zlib: 1 is quick, 9 is small


@dataclass(frozen=True)
class Ready:
    """A world that is known to be one: its config, its structure, and the run that `abm run` would make of it."""

    resolved: Resolved
    world: World
    run: Run


@dataclass(frozen=True)
class Played:
    """A world that was run: its film of every quarter, and the answer to `/api/world` as bytes of JSON."""

    ready: Ready
    film: Film
    answer: bytes

    @cached_property
    def size(self) -> int:
        """Bytes that it takes up, about."""
        return len(self.answer) + sum(state.nbytes for state in self.film.states.values())


class Worlds:
    """The worlds of what is offered. Safe to ask from many threads."""

    def __init__(self, base: Base) -> None:
        self.base = base
        self._structures: Kept[tuple[World, str]] = Kept(8)
        self._ready: Kept[Ready] = Kept(64)
        self._played: Kept[Played] = Kept(MOST_WORLDS, lambda played: played.size, ROOM)
        self._networks: Kept[bytes] = Kept(8)
        self._slots = threading.BoundedSemaphore(AT_ONCE)

    def ready(self, shared: Shared, world: WorldSetting, prefix: str = "") -> Ready:
        """The world checked, as `abm check` does it. Raises `RefusedError`; `prefix` is put before the keys it names."""
        return self._ready.get(_key(shared, world), lambda: self._checked(shared, world, prefix))

    def model(
        self, shared: Shared, world: WorldSetting, quarters: int | None = None, keep: Collection[str] = (), prefix: str = ""
    ) -> ICSModel:
        """A fresh model of the world after `quarters` quarters (all of them when not given). Raises `RefusedError`."""
        ready = self.ready(shared, world, prefix)
        with self._running(ready, prefix):
            return _fresh(ready, keep).run(shared.quarters if quarters is None else quarters)

    def film(self, shared: Shared, world: WorldSetting, prefix: str = "") -> Film:
        """The film of the whole run. Raises `RefusedError`."""
        return self.played(shared, world, prefix).film

    def played(self, shared: Shared, world: WorldSetting, prefix: str = "") -> Played:
        """The world run and told. Raises `RefusedError`."""
        return self._played.get(_key(shared, world), lambda: self._play(shared, world, prefix))

    def network(self, shared: Shared, world: WorldSetting) -> bytes:
        """Who there is and who is tied to whom before anything has happened, as bytes of JSON. Raises `RefusedError`."""
        ready = self.ready(shared, world)
        system, parameters = digest(ready.resolved.system.model_dump()), sorted(ready.run.parameters.items())
        return self._networks.get((system, repr(parameters)), lambda: as_bytes(self._network(ready)))

    def _network(self, ready: Ready) -> dict[str, Any]:
        with self._running(ready, ""):
            return network_json(_fresh(ready), self.base.facts)

    def _checked(self, shared: Shared, world: WorldSetting, prefix: str) -> Ready:
        self._refuse_failed(shared, world)
        try:
            resolved = self.base.resolved(Setting(shared=shared, worlds=(world,)))
            system = resolved.own
            key = digest([system.system.model_dump(exclude={"levers", "parameters", "name", "title"}), str(system.tables)])
            structure, identity = self._structures.get(key, lambda: _structure(resolved))
            check_against_world(resolved, {resolved.system.name: structure}, list(OUTCOMES))
        except ConfigError as error:
            raise RefusedError("This setting is refused", problem_lines(error, prefix)) from None
        (run,) = plan(resolved, {resolved.system.name: identity}).runs([shared.replicate])
        return Ready(resolved, structure, run)

    def _refuse_failed(self, shared: Shared, world: WorldSetting) -> None:
        why = self.base.failed.get((world.scenario, shared.point, shared.replicate))
        if why is not None and not world.changed:
            run = f"{world.scenario}-{shared.point}-{shared.replicate}"
            raise RefusedError("This run failed", [f"run {run} of {self.base.name} failed ({why}): choose another"], 404)

    @contextmanager
    def room(self) -> Iterator[None]:
        """Room for something costly: few do so at a time. Not to be asked for by who has it."""
        if not self._slots.acquire(timeout=PATIENCE):
            raise busy()
        try:
            yield
        finally:
            self._slots.release()

    @contextmanager
    def _running(self, ready: Ready, prefix: str) -> Iterator[None]:
        """Room to run, and words for whatever goes wrong in it."""
        try:
            with self.room():
                yield
        except DeclarationError as error:
            section = next((each for each in SECTIONS if error.name in DECLARED[each]), "")
            key = f"{prefix}{section}.{error.name}" if section else error.name
            hint = f"; did you mean {error.nearest!r}?" if error.nearest else ""
            raise RefusedError("This setting is refused", [f"{key}: {error.message}{hint}"]) from None
        except (ValueError, ArithmeticError, RuntimeError) as error:
            told = f"{type(error).__name__}: {error}".splitlines()[0]
            raise RefusedError("This world cannot be run to its end", [f"scenario {ready.run.scenario}: {told}"]) from None

    def _play(self, shared: Shared, world: WorldSetting, prefix: str) -> Played:
        ready = self.ready(shared, world, prefix)
        with self._running(ready, prefix):
            start = time.perf_counter()
            model = _fresh(ready)
            own = self.base.scenarios[world.scenario]
            film = record(_quarters(model, shared.quarters), world.scenario, own["title"], own["description"])
            told = {
                "key": _key(shared, world),
                "scenario": world.scenario,
                "title": film.title,
                "description": film.description,
                "set": _effective(ready.resolved),
                "changed": world.changed,
                **_course(model, film),
            }
            told["seconds"] = round(time.perf_counter() - start, 4)
        return Played(ready, film, as_bytes(told))


def _key(shared: Shared, world: WorldSetting) -> str:
    """The same for the same setting, whatever the order of its keys."""
    return digest([shared.model_dump(), world.model_dump()])[:24]


def _structure(resolved: Resolved) -> tuple[World, str]:
    world = build_world(resolved)
    return world, world_digest(world)


def _fresh(ready: Ready, keep: Collection[str] = ()) -> ICSModel:
    run = ready.run
    return ICSModel(ready.world, **run.settings(), seed=run.seed, replicate=run.replicate, keep=keep)


def _quarters(model: ICSModel, quarters: int) -> Iterator[ICSModel]:
    for _ in range(quarters):
        yield model.run(1)


def _effective(resolved: Resolved) -> dict[str, dict[str, Any]]:
    """Every lever and parameter as it is in this world: a constant, or a setting that varies as text."""
    (scenario,) = resolved.scenarios
    given = {section: {name: each.value for name, each in scenario.values(section).items()} for section in SECTIONS}
    return {
        section: {name: as_text(given[section].get(name, row.default)) for name, row in rows.items()} for section, rows in DECLARED.items()
    }


def as_text(value: Any) -> Any:
    """A constant as it is; a schedule, ramp or setting by area as the text that means it (JSON is YAML)."""
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, Mapping) else value


def _course(model: ICSModel, film: Film) -> dict[str, Any]:
    """What a run was, quarter by quarter."""
    numbers = np.array(film.quarters)
    names = year_names(numbers, film.network.first_year)
    return {
        "first_year": film.network.first_year,
        "quarters": [{"number": n, "year": year, "quarter": n % 4 + 1} for n, year in zip(numbers.tolist(), names, strict=True)],
        "states": {name: packed(film.states[name], state.unit, state.scale, EFFORT) for name, state in STATES.items()},
        "curves": {"all": _columns(model.outcomes()), "kind": _grouped(model, "kind"), "region": _grouped(model, "region")},
        "survey": survey(model),
    }


def _grouped(model: ICSModel, by: str) -> dict[str, dict[str, list[float | None]]]:
    return {str(name): _columns(rows) for name, rows in model.outcomes(by=by).groupby(by, sort=False)}


def _columns(frame: pd.DataFrame) -> dict[str, list[float | None]]:
    """Outcomes as lists of full doubles, missing ones None."""
    names = [name for name in OUTCOMES if name in frame]
    table = frame[names].to_numpy(dtype=float).T
    plain = table.astype(object)
    plain[~np.isfinite(table)] = None
    return dict(zip(names, plain.tolist(), strict=True))


def as_bytes(told: Any) -> bytes:
    """Plain data as JSON; floats in full."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
