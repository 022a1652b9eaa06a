"""A calibration from its config to its ensemble: waves of history matching, then proposals that walk near, then runs of these."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from abm.analysis import targets as aims
from abm.analysis.calibration import recovery, tables
from abm.analysis.calibration.abc import FLATTER, Members, Population, members, walk
from abm.analysis.calibration.history import Emulated, Left, Wave, inside, sample, wave
from abm.analysis.calibration.prior import Prior, prior_of
from abm.analysis.calibration.sweeps import Sweeps
from abm.analysis.members import by_point, member_contrasts
from abm.config.load import load
from abm.experiment.conduct import How
from abm.experiment.design import design_points
from abm.experiment.folder import csv_text
from abm.experiment.store import ResultsError, write_file


@dataclass(frozen=True)
class Size:
    """How much is run beside the config's own first wave; the config says the replicates of the waves."""

    waves: tuple[int, ...] = (512, 512)  # points of the later waves
    walkers: int = 384
    takes: int = 4  # times that all walkers are taken as proposals, which are run
    members: int = 256
    nearing: int = 250  # sweeps in which the walkers' density is let in
    mixing: int = 200  # sweeps after that
    candidates: int = 2**15
    defaults: int = 16  # replicates at the defaults
    truths: int = 12
    found: int = 128  # walkers of each truth, which are its members
    sweeps: int = 150  # nearing, and as many mixing, of each truth
    draws: int = 16  # members of each truth that are run in all scenarios


QUICK = Size((32,), 32, 2, 24, 60, 40, 2**10, 4, 2, 32, 40, 4)


@dataclass(frozen=True)
class Calibrated:
    """What came out. `tables` by name; `members` in the unit cube; `facts` of the first wave's results folder."""

    prior: Prior
    members: np.ndarray
    tables: dict[str, pd.DataFrame]
    told: dict[str, object]
    first: Path


def calibrate(config: str, out: Path, size: Size | None = None, overrides: Sequence[str] = (), how: How | None = None) -> Calibrated:
    """Calibrate as `config` says into the folder `out`; what is there already is used. Raises `ConfigError` or `ResultsError`.

    The config's first scenario is what the targets are of; its others are what contrasts are predicted for. Its design's ranges
    are the prior, its design's points the first wave.
    """
    size, begun = size or Size(), time.monotonic()
    resolved = load(config, overrides)
    prior = prior_of(resolved)
    unit = design_points(resolved).unit
    if unit is None or len(resolved.scenarios) < 2:
        raise ResultsError("a calibration needs a design of samples, and a scenario to compare with the first")
    out.mkdir(parents=True, exist_ok=True)
    sweeps = Sweeps(resolved, prior, out, how or How())
    seed, replicates, scenarios = resolved.experiment.seed, resolved.experiment.replicates, len(resolved.scenarios)
    first = sweeps.run("wave-1", unit.to_numpy(), replicates)
    defaults = sweeps.run("defaults", prior.defaults(), size.defaults, scenarios)
    matched = _match(sweeps, unit.to_numpy(), aims.simulated(first), size, seed, replicates)
    there = _ensemble(sweeps, matched.left[-1], size, seed)
    predicted = sweeps.run("predictive", there.unit, 1, scenarios)
    truths = recovery.recover(
        unit.to_numpy(), aims.simulated(first), size.truths, size.found, size.sweeps, max(size.candidates // 4, 512), seed
    )
    runs = {"default": aims.simulated(defaults), "prior": aims.simulated(first), "posterior": aims.simulated(predicted)}
    recovered = recovery.parameters(truths, prior.keys), recovery.contrasts(truths, sweeps, size.draws, scenarios)
    found = {
        "fit": tables.fit_table(runs),
        "constrained": tables.constrained_table(prior, there.unit),
        "contrasts": tables.contrast_table(by_point(member_contrasts(predicted)), by_point(member_contrasts(defaults))),
        "waves": matched.table(),
        "walk": pd.DataFrame(there.proposals.course),
        "recovery_parameters": recovered[0],
        "recovery_contrasts": recovered[1],
        "posterior": _posterior(prior, there.unit),
        "values": runs["posterior"].reset_index(),
    }
    told = _told(found, sweeps, size, there, matched, time.monotonic() - begun)
    _write(out, found, told)
    return Calibrated(prior, there.unit, found, told, first)


@dataclass(frozen=True)
class _Matched:
    left: tuple[Left, ...]
    waves: tuple[Wave, ...]
    counts: tuple[int, ...]

    def table(self) -> pd.DataFrame:
        """A row a wave: points, share of the prior left, cut, how well the emulators do."""
        rows = []
        for number, (left, points) in enumerate(zip(self.left, self.counts, strict=True), 1):
            fitted = left.waves[-1].emulators
            r2 = {name: each.fit_r2 for name, each in fitted.items()}
            within = float(np.mean([np.mean(np.abs(each.loo) <= 2) for each in fitted.values()]))
            row = [number, points, left.share, left.waves[-1].cut, left.waves[-1].rank, np.median(list(r2.values())), min(r2.values())]
            rows.append([*row, min(r2, key=lambda name: r2[name]), within])
        names = ["wave", "points", "share_left", "cut", "judged_highest", "median_r2", "least_r2", "least_r2_target", "loo_within_2sd"]
        return pd.DataFrame(rows, columns=names)


def _match(sweeps: Sweeps, unit: np.ndarray, runs: pd.DataFrame, size: Size, seed: int, replicates: int) -> _Matched:
    """Waves of history matching; each is fitted to its own points and to earlier ones that were not ruled out."""
    width = unit.shape[1]
    waves: tuple[Wave, ...] = (wave(unit, runs, rank=2),)
    lefts, counts = [], [len(unit)]
    for number, points in enumerate(size.waves, 2):
        rng = np.random.default_rng([seed, number])
        left = sample(waves, width, points, size.candidates, rng)
        lefts.append(left)
        folder = sweeps.run(f"wave-{number}", left.unit, replicates)
        more, count = aims.simulated(folder), len(unit)
        near = np.flatnonzero(inside(left.waves, unit))
        old = runs[runs.index.get_level_values("point").isin(near)]
        moved = more.rename(index=lambda point, first=count: point + first, level="point")
        unit, runs = np.concatenate([unit, left.unit]), pd.concat([runs, moved])
        waves = (*left.waves, wave(unit, pd.concat([old, moved])))
        counts.append(points)
    lefts.append(sample(waves, width, size.walkers, size.candidates, np.random.default_rng([seed, 99])))
    return _Matched(tuple(lefts), lefts[-1].waves, tuple(counts))


@dataclass(frozen=True)
class _Ensemble:
    unit: np.ndarray
    proposals: Population
    members: Members
    distance: np.ndarray  # of the members' runs


def _ensemble(sweeps: Sweeps, left: Left, size: Size, seed: int) -> _Ensemble:
    """Proposals that walk near on the emulators of the last wave; members are drawn of them by what their runs give."""
    rng = np.random.default_rng([seed, 55])
    emulated = Emulated(left.waves[-1], left.unit[:200])
    proposals = walk(left.unit, emulated.log_density, rng, size.nearing, size.mixing, FLATTER, size.takes)
    runs = aims.simulated(sweeps.run("proposals", proposals.unit, 1, independent=True))
    values, split = runs[[each.id for each in aims.targets()]].to_numpy(), len(aims.orders())
    density = aims.log_density(values[:, split:], values[:, :split])
    found = members(density, proposals.density / FLATTER, size.members, rng)
    distance = aims.distance(values[:, split:], values[:, :split])
    chosen = rng.permutation(found.chosen)  # so that the first n members are a sample of the ensemble
    return _Ensemble(proposals.unit[chosen], proposals, found, distance[chosen])


def _posterior(prior: Prior, unit: np.ndarray) -> pd.DataFrame:
    frame = prior.values(unit)
    frame.insert(0, "member", range(len(frame)))
    return frame


def _told(
    found: dict[str, pd.DataFrame], sweeps: Sweeps, size: Size, there: _Ensemble, matched: _Matched, seconds: float
) -> dict[str, object]:
    """What is said of it in words and numbers."""
    fit, constrained = found["fit"], found["constrained"]
    return {
        "runs": sweeps.runs,
        "seconds": round(seconds),
        "factors": len(constrained),
        "members": len(found["posterior"]),
        "different_members": there.members.different,
        "effective": round(there.members.effective, 1),
        "proposals": len(there.proposals.unit),
        "ordered": there.members.ordered,
        "median_distance": round(float(np.median(there.distance)), 3),
        "share_left": float(matched.left[-1].share),
        "targets": len(fit),
        "met": int(fit["met"].sum()),
        "not_met": list(fit.loc[~fit["met"], "target"]),
        "constrained": list(constrained.loc[constrained["constrained"], "factor"]),
        "defaults_outside": list(constrained.loc[~constrained["default_inside"], "factor"]),
        "coverage_parameters": round(float(found["recovery_parameters"]["covered"].mean()), 3),
        "coverage_contrasts": round(float(found["recovery_contrasts"]["covered"].mean()), 3),
        "truths": size.truths,
        "size": asdict(size),
    }


def _write(out: Path, found: dict[str, pd.DataFrame], told: dict[str, object]) -> None:
    for name, table in found.items():
        write_file(out / f"{name}.csv", csv_text(table if name == "posterior" else table.round(6)))
    write_file(out / "calibration.json", json.dumps(told, indent=1) + "\n")
