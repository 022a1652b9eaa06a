"""The layers that configs are made of: a system and a scenario, each with levers and parameters. Frozen; unknown keys are refused."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, WithJsonSchema, model_validator

from abm.config.errors import nearest, spoken
from abm.config.settings import STRICT, WHEN_ALLOWED, LeverSettings, ParameterValues, Section, When, one_of, refused
from abm.model.channels import CHANNELS
from abm.model.declaration import DeclarationError
from abm.model.network import World
from abm.model.policy import quarter_of
from abm.model.sight import SHUFFLES

SIGHT = ("blind", "shuffle")  # of a scenario: what its decisions may not see
NAME = r"^[a-z0-9][a-z0-9_\-]*$"


def _empty_mapping(value: Any) -> Any:
    """`levers:` with nothing below it means no levers."""
    return {} if value is None else value


def as_tuple(value: Any) -> Any:
    """A list as a tuple, since configs are frozen; anything else as it is."""
    return tuple(value) if isinstance(value, list) else value


def no_repeats(value: Any) -> Any:
    """The value, unless it is a tuple in which a text stands twice."""
    if isinstance(value, tuple):
        for i, item in enumerate(value):
            if isinstance(item, str) and item in value[:i]:
                raise refused(f"{spoken(item)} is listed twice")
    return value


def _one_of(names: Collection[str], what: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value not in names:
            raise refused(f"no such {what}: {spoken(value)}", ", ".join(names), nearest(value, tuple(names)))
        return value

    return check


def _in_order(names: Collection[str]) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    """In the order in which they are declared, so that the order in a file makes no other run."""
    return lambda given: tuple(name for name in names if name in given)


def _names_of(names: Collection[str], what: str) -> Any:
    """The type of a list of some of `names`, none of them twice."""
    one = Annotated[str, AfterValidator(_one_of(names, what)), WithJsonSchema({"enum": list(names)})]
    return Annotated[tuple[one, ...], BeforeValidator(as_tuple), AfterValidator(no_repeats), AfterValidator(_in_order(names))]


if TYPE_CHECKING:
    Channels = tuple[str, ...]
    Shuffles = tuple[str, ...]
else:
    Channels, Shuffles = _names_of(CHANNELS, "channel"), _names_of(SHUFFLES, "shuffle")


def _in_the_run(value: Any) -> Any:
    """A time that is not before a world's first year."""
    try:
        quarter_of(value, World.first_year)
    except DeclarationError as error:
        raise refused(error.message, WHEN_ALLOWED) from None
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


class Rewire(Config):
    """Partners drawn anew: everybody keeps the number of partners of each kind, and about the money."""

    seed: int = Field(1, ge=0, le=2**31 - 1, description="Seed of the rewiring.")
    keep: Literal["degrees", "regions", "systems"] = Field(
        "degrees",
        description="What stays beside the number of partners: nothing, how many ties cross regions, or systems as well.",
    )


class System(Layer):
    """Which world the model is built on, and that world's own levers and parameters."""

    name: Name = Field("system", description="Short name, lower case.")
    title: str = Field("", description="One line for tables and figures.")
    world: Literal["england", "synthetic", "tiny"] = Field(description="The real England, a synthetic one, or the hand-made tiny system.")
    systems: int | None = Field(None, ge=1, le=5000, description="How many systems a synthetic world has (synthetic only).")
    seed: int | None = Field(None, ge=0, le=2**31 - 1, description="Seed of a synthetic world's structure (synthetic only).")
    tables: Reference | None = Field(None, description="Folder with your own tables, relative to this file (england only).")
    successors: Annotated[When, AfterValidator(_in_the_run)] = Field(
        None, description="When the 36 ICBs of April 2026 take over from the 42: a quarter (0: from the start) or a date (england only)."
    )
    rewire: Rewire | None = Field(None, description="Partners drawn anew, degrees kept (docs/data.md).")

    @model_validator(mode="after")
    def _fits_its_world(self) -> System:
        if self.world != "synthetic" and (self.systems is not None or self.seed is not None):
            raise refused(f"'systems' and 'seed' go with world: synthetic, not with world: {self.world}")
        if self.world != "england" and self.tables is not None:
            raise refused(f"'tables' goes with world: england, not with world: {self.world}")
        if self.world != "england" and self.successors is not None:
            raise refused(f"'successors' goes with world: england, not with world: {self.world}")
        if self.rewire is not None and self.quarter_of_successors:
            raise refused("'rewire' goes with successors: 0 or none: partners are drawn anew before a run, not within it")
        return self

    @property
    def quarter_of_successors(self) -> int | None:
        """The quarter from which the successors stand; None for never."""
        return None if self.successors is None else quarter_of(self.successors, World.first_year)


class Scenario(Layer):
    """A small named set of overrides: what is done differently."""

    name: Name = Field(description="Short name, lower case; the value of the column `scenario` in results.")
    title: str = Field("", description="One line for tables and figures.")
    description: str = Field("", description="What is done, and why.")
    blind: Channels = Field((), description="Channels that decisions are blind to: they see them as at the start, under default levers.")
    shuffle: Shuffles = Field(
        (), description="Knowledge that decisions see dealt out anew among those of a kind: whose it is says nothing."
    )

    def sight(self) -> dict[str, tuple[str, ...]]:
        """What decisions may not see, as `ICSModel` takes it; {} where they see everything."""
        return {name: getattr(self, name) for name in SIGHT if getattr(self, name)}


def _inline_or_name(value: Any) -> str:
    return "(inline)" if isinstance(value, (dict, BaseModel)) else "(name)"


if TYPE_CHECKING:
    ScenarioEntry = str | Scenario
    SystemEntry = str | System
else:
    ScenarioEntry = one_of({"name": Reference, "inline": Scenario}, _inline_or_name)
    SystemEntry = one_of({"name": Reference, "inline": System}, _inline_or_name)
