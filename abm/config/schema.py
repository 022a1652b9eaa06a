"""What a config file may say: a system, a scenario or an experiment. Frozen; unknown keys and loose types are refused.

JSON Schemas for editors are generated from these classes into `configs/schema/` (see `abm.config.defaults`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator

from abm.config.errors import spoken
from abm.config.settings import STRICT, LeverSettings, ParameterValues, Section, one_of, refused

NAME = r"^[a-z0-9][a-z0-9_\-]*$"


def _empty_mapping(value: Any) -> Any:
    """`levers:` with nothing below it means no levers."""
    return {} if value is None else value


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _no_repeats(value: Any) -> Any:
    if isinstance(value, tuple):
        for i, item in enumerate(value):
            if isinstance(item, str) and item in value[:i]:
                raise refused(f"{spoken(item)} is listed twice")
    return value


Name = Annotated[str, Field(pattern=NAME, min_length=1, max_length=80)]
Levers = Annotated[LeverSettings, BeforeValidator(_empty_mapping)]  # type: ignore[valid-type]
Parameters = Annotated[ParameterValues, BeforeValidator(_empty_mapping)]  # type: ignore[valid-type]
Reference = Annotated[str, Field(min_length=1, max_length=1000)]


class Config(BaseModel):
    """Base of all config files."""

    model_config = STRICT


class Layer(Config):
    """Values on top of those below: levers and parameters."""

    levers: Levers = Field(default_factory=LeverSettings, description="Levers set here.")
    parameters: Parameters = Field(default_factory=ParameterValues, description="Parameters set here.")

    def section(self, name: str) -> Section:
        """`levers` or `parameters`."""
        return getattr(self, name)


class System(Layer):
    """Which world the model is built on, and that world's own levers and parameters."""

    name: Name = Field("system", description="Short name, lower case.")
    title: str = Field("", description="One line for tables and figures.")
    world: Literal["england", "synthetic", "tiny"] = Field(description="The real England, a synthetic one, or the hand-made tiny system.")
    systems: int | None = Field(None, ge=1, le=5000, description="How many systems a synthetic world has (synthetic only).")
    seed: int | None = Field(None, ge=0, le=2**31 - 1, description="Seed of a synthetic world's structure (synthetic only).")
    tables: Reference | None = Field(None, description="Folder with your own tables, relative to this file (england only).")

    @model_validator(mode="after")
    def _fits_its_world(self) -> System:
        if self.world != "synthetic" and (self.systems is not None or self.seed is not None):
            raise refused(f"'systems' and 'seed' go with world: synthetic, not with world: {self.world}")
        if self.world != "england" and self.tables is not None:
            raise refused(f"'tables' goes with world: england, not with world: {self.world}")
        return self


class Scenario(Layer):
    """A small named set of overrides: what is done differently."""

    name: Name = Field(description="Short name, lower case; the value of the column `scenario` in results.")
    title: str = Field("", description="One line for tables and figures.")
    description: str = Field("", description="What is done, and why.")


def _inline_or_name(value: Any) -> str:
    return "(inline)" if isinstance(value, (dict, BaseModel)) else "(name)"


def _list_or_all(value: Any) -> str:
    return "(list)" if isinstance(value, (list, tuple)) else "(all)"


if TYPE_CHECKING:
    Outcomes = str | tuple[str, ...]
    ScenarioEntry = str | Scenario
    SystemEntry = str | System
else:
    Outcomes = one_of(
        {
            "all": Literal["all"],
            "list": Annotated[tuple[str, ...], BeforeValidator(_as_tuple), Field(min_length=1), AfterValidator(_no_repeats)],
        },
        _list_or_all,
    )
    ScenarioEntry = one_of({"name": Reference, "inline": Scenario}, _inline_or_name)
    SystemEntry = one_of({"name": Reference, "inline": System}, _inline_or_name)
Groupings = Annotated[tuple[Literal["kind", "region", "system"], ...], BeforeValidator(_as_tuple), AfterValidator(_no_repeats)]
Logs = Annotated[tuple[Literal["acts", "ledger"], ...], BeforeValidator(_as_tuple), AfterValidator(_no_repeats)]
Scenarios = Annotated[
    tuple[ScenarioEntry, ...], BeforeValidator(_as_tuple), Field(min_length=1, max_length=1000), AfterValidator(_no_repeats)
]


class Experiment(Layer):
    """A question, and the runs that answer it: scenarios on a system, replicated on common random numbers."""

    name: Name = Field(description="Short name, lower case; names the results folder.")
    title: str = Field("", description="One line for tables and figures.")
    question: str = Field("", description="What the experiment asks, in one or two sentences.")
    system: SystemEntry = Field(description="A name in configs/systems, a path, or a system written out here.")
    scenarios: Scenarios = Field(description="Names in configs/scenarios, paths, or scenarios written out here.")
    baseline: str | None = Field(None, description="Name of the scenario that effects are measured from; the first when left out.")
    replicates: int = Field(20, ge=1, le=1_000_000, description="Runs per scenario, each with its own luck.")
    quarters: int = Field(60, ge=1, le=2000, description="Length of a run in quarters.")
    seed: int = Field(1, ge=0, le=2**63 - 1, description="Root seed of all luck.")
    paired: bool = Field(True, description="Replicate r has the same luck in every scenario, so that scenarios are compared pair by pair.")
    outcomes: Outcomes = Field("all", description="'all', or a list of outcome names to store.")
    by: Groupings = Field((), description="Finer outcomes to store as well: kind, region, system.")
    keep: Logs = Field((), description="Logs to store as well: acts, ledger (large).")
    figure: Literal["headline"] | None = Field(None, description="Figure to draw into the results folder.")


KINDS: dict[str, type[Config]] = {"systems": System, "scenarios": Scenario, "experiments": Experiment}
