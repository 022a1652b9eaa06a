"""Blind predictions from the posterior ensemble: written before anybody looks at what happened, and stamped so that this can be shown.

>>> from abm.analysis.predictions import predict
>>> predict("results/predictions", prior=20)  # doctest: +SKIP

What is predicted how, and how much of it to believe: docs/predictions.md. Nothing is fitted here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from abm.analysis.predictions import ensemble, money, oversight
from abm.analysis.predictions.rows import PREDICTED, Row, table
from abm.analysis.predictions.running import ENSEMBLE, RUNS, Ran, lighten, run_all
from abm.config.find import repository
from abm.experiment.folder import csv_text, read_manifest
from abm.experiment.manifest import commit
from abm.experiment.source import source_digest
from abm.experiment.store import ResultsError, checksum, write_file

POSTERIOR = Path("results") / "reference" / "calibration" / "posterior.csv"
STAMP, DIGITS = "stamp.json", 6
QUICK = {config: ["quarters=12", "replicates=1"] for config in ("e15_years", "e15_barriers", "e15_integration")}
COLUMNS = {  # of the yearbook that predictions read, by scenario
    "baseline": "year organisation kind income_k allocation_k result_k deficit reported stopped supported spent_k planned_k effort_lasting "
    "burden_national burden_icb burden_other overlap",
    "growth_rule": "year organisation kind income_k allocation_k direct_k result_k spent_k",
    "high_stakes": "year kind income_k deficit reported",
}
LEANS_ON = {  # the parameters and levers that each prediction leans on most; docs/predictions.md says how
    "a": "authority_loss review_memory trust_memory prior_trust_nhs levers.mandate_clarity levers.bypass_rate levers.bypass_notice",
    "b": "region_reflex stress_onset stress_slope levers.oversight_intensity levers.bypass_rate",
    "c": "own_stake effort_substitution intrinsic_motivation crowding_out bailout_belief diversion ratchet",
    "d": "choice_precision upfront_cost shiftable_cost lasting_benefit patience role_noise renewal_risk norm_weight common_fate",
    "e": "budget_gap gap_spread cost_pressure pressure_spread efficiency_yield need_growth catch_up council_reserves section114_hazard",
    "f": "fence_joint crowd_out ratchet diversion catch_up budget_gap cost_pressure",
    "g": "community_return prevention_return community_lag prevention_lag",
    "h": "misreport region_reflex review_memory levers.audit",
}


@dataclass(frozen=True)
class Predictions:
    """What is predicted: the table, tables by organisation and others by name, and the stamp."""

    folder: Path
    table: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]
    stamp: Mapping[str, Any]


def predict(
    out: Path | str,
    posterior: Path | str | None = None,
    prior: int | None = None,
    members: int | None = None,
    quick: bool = False,
    keep: bool = False,
    workers: int | None = None,
    say: Callable[[str], None] = print,
    command: str = "",
) -> Predictions:
    """Run the configs e15 at every member of the posterior (the first `members`), and write what follows into `out`.

    `prior`: so many members drawn from the plausible ranges instead, to see that it works. `quick`: three years, one replicate.
    `keep` keeps the runs' large tables. What was stopped goes on. Raises `ConfigError`, `ResultsError` or `StoppedError`.
    """
    out, path = Path(out), Path(posterior) if posterior is not None else repository() / POSTERIOR
    if (out / STAMP).exists():
        raise ResultsError(f"{out} holds predictions already, and predictions are never written anew: give a new folder")
    found = ensemble.prior(prior) if prior else ensemble.posterior(path, members)
    drawn = ensemble.completed(found)
    if commit()["dirty"]:
        say("files differ from the last commit, and the stamp will say so: commit first if anybody is to trust it")
    ran = run_all(drawn, out, QUICK if quick else {}, workers, say, command)
    rows, tables = read(ran)
    leans = _leans(found)
    tables = {"predictions": table(rows), **tables, "parameters": leans}
    for name, frame in tables.items():
        write_file(out / f"{name}.csv", csv_text(_rounded(frame)))
    told = _stamp(out, ran, None if prior else path, drawn, list(tables), quick, command)
    write_file(out / STAMP, json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    if not keep:
        lighten(ran)
    return Predictions(out, tables["predictions"], tables, told)


def read(ran: Mapping[str, Ran]) -> tuple[list[Row], dict[str, pd.DataFrame]]:
    """Every prediction from the runs, and the tables beside them."""
    years = {name: ran["e15_years"].rows("organisations", columns.split(), name) for name, columns in COLUMNS.items()}
    clear, regions = oversight.accountability(ran["e15_regions"])
    rows, tables = money.distress(years["baseline"])
    weighed, ranked = oversight.barriers(ran["e15_barriers"])
    slowed, by_year = money.integration(ran["e15_integration"])
    parts = [
        clear,
        oversight.burden(years["baseline"]),
        money.shifting(years["baseline"]),
        weighed,
        rows,
        money.fence(years["growth_rule"]),
        slowed,
        oversight.gap(years["baseline"], years["high_stakes"]),
    ]
    regional = regions.groupby(["region", "name"])[["with_and_through", "as_now"]].median().reset_index()
    return [row for part in parts for row in part], {**tables, "regions": regional, "barriers": ranked, "integration": by_year}


def _leans(found: pd.DataFrame) -> pd.DataFrame:
    """What each prediction leans on, and how that stands in the ensemble."""
    parts = []
    for part, names in LEANS_ON.items():
        standing = ensemble.standing(found, [name if "." in name else f"parameters.{name}" for name in names.split()])
        parts.append(standing.assign(prediction=part))
    frame = pd.concat(parts, ignore_index=True)
    return frame[["prediction", *frame.columns[:-1]]]


def _rounded(frame: pd.DataFrame) -> pd.DataFrame:
    floats = frame.select_dtypes("floating").columns
    return frame.assign(**{name: frame[name].map(lambda value: float(f"{value:.{DIGITS}g}")) for name in floats})


# ---- the stamp -------------------------------------------------------------------------------------------------------------


def _stamp(
    out: Path, ran: Mapping[str, Ran], posterior: Path | None, drawn: pd.DataFrame, tables: list[str], quick: bool, command: str
) -> dict[str, Any]:
    """When, by what code and from which ensemble the predictions were made, and a checksum of every table."""
    folders = [folder for each in ran.values() for folder in each.folders]
    facts = {folder.name: read_manifest(folder) for folder in folders}
    return {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "code": commit(),
        "model_sha256": source_digest(),
        "posterior": None if posterior is None else _place(posterior),
        "posterior_sha256": None if posterior is None else checksum(posterior),
        "from": "a stand-in drawn from plausible ranges: not to be believed" if posterior is None else "the posterior ensemble",
        "quick": quick,
        "members": len(drawn),
        "different_members": len(drawn.drop_duplicates()),
        "runs": {
            name: {"runs": each["runs"], "failed": each["failed"], "seconds": round(each["seconds"], 1)} for name, each in facts.items()
        },
        "files": {f"{name}.csv": checksum(out / f"{name}.csv") for name in sorted({*tables, ENSEMBLE.removesuffix(".csv")})},
        "configs": {path.name: checksum(path) for path in sorted((out / RUNS / "configs").glob("*.yaml"))},
    }


def _place(path: Path) -> str:
    """The path from the root of the project, where it is in it; else its name."""
    resolved, root = path.resolve(), repository().resolve()
    return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else path.name


def changed(folder: Path | str) -> list[str]:
    """Files of predictions that are no longer what the stamp says. Raises `ResultsError` for a folder without a stamp."""
    folder = Path(folder)
    try:
        told = json.loads((folder / STAMP).read_text("utf-8"))
    except (OSError, ValueError):
        raise ResultsError(f"{folder} has no {STAMP} that can be read: it holds no predictions") from None
    return [name for name, digest in told["files"].items() if not (folder / name).is_file() or checksum(folder / name) != digest]


__all__ = ["PREDICTED", "Predictions", "changed", "predict", "read"]
