"""What a config file may say: a system, a scenario or an experiment. Frozen; unknown keys and loose types are refused.

JSON Schemas for editors are generated from these classes into `configs/schema/` (see `abm.config.defaults`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from abm.config.design import Design
from abm.config.layers import Config, Layer, Name, Scenario, ScenarioEntry, System, SystemEntry, as_tuple, no_repeats
from abm.config.settings import one_of


def _list_or_all(value: Any) -> str:
    return "(list)" if isinstance(value, (list, tuple)) else "(all)"


if TYPE_CHECKING:
    Outcomes = str | tuple[str, ...]
else:
    Outcomes = one_of(
        {
            "all": Literal["all"],
            "list": Annotated[tuple[str, ...], BeforeValidator(as_tuple), Field(min_length=1), AfterValidator(no_repeats)],
        },
        _list_or_all,
    )
Groupings = Annotated[tuple[Literal["kind", "region", "system"], ...], BeforeValidator(as_tuple), AfterValidator(no_repeats)]
Logs = Annotated[tuple[Literal["acts", "ledger", "organisations"], ...], BeforeValidator(as_tuple), AfterValidator(no_repeats)]
Scenarios = Annotated[
    tuple[ScenarioEntry, ...], BeforeValidator(as_tuple), Field(min_length=1, max_length=1000), AfterValidator(no_repeats)
]


class Experiment(Layer):
    """A question, and the runs that answer it: scenarios on a system, at the points of a design, replicated on common random numbers."""

    name: Name = Field(description="Short name, lower case; names the results folder.")
    title: str = Field("", description="One line for tables and figures.")
    question: str = Field("", description="What the experiment asks, in one or two sentences.")
    system: SystemEntry = Field(description="A name in configs/systems, a path, or a system written out here.")
    scenarios: Scenarios = Field(description="Names in configs/scenarios, paths, or scenarios written out here.")
    baseline: str | None = Field(None, description="Name of the scenario that effects are measured from; the first when left out.")
    design: Design | None = Field(None, description="What is varied on top of every scenario, and how; a single point when left out.")
    replicates: int = Field(20, ge=1, le=1_000_000, description="Runs per scenario and design point, each with its own luck.")
    quarters: int = Field(60, ge=1, le=2000, description="Length of a run in quarters.")
    seed: int = Field(1, ge=0, le=2**63 - 1, description="Root seed of all luck.")
    paired: bool = Field(True, description="Replicate r has the same luck in every scenario and at every point: compared pair by pair.")
    outcomes: Outcomes = Field("all", description="'all', or a list of outcome names to store.")
    by: Groupings = Field((), description="Finer outcomes to store as well: kind, region, system.")
    every: Literal["quarter", "year", "last_year"] = Field(
        "quarter", description="Rows of outcomes: each quarter, the means of each year, or those of the last year alone (small)."
    )
    survey: bool = Field(True, description="Store the yearly survey as well.")
    keep: Logs = Field((), description="Logs to store as well: acts, ledger (large), organisations (a row a year and organisation).")
    figure: Literal["headline"] | None = Field(None, description="Figure to draw into the results folder.")


KINDS: dict[str, type[Config]] = {"systems": System, "scenarios": Scenario, "experiments": Experiment}
