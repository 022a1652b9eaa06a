"""Rebuild what is derived from the published tables: `python -m abm.england.build`.

Writes data/world_*.csv (the real England as a `World`) and, where docs/data.md is at hand, its table of assumptions.
A test fails when either differs from a fresh derivation.
"""

from __future__ import annotations

from pathlib import Path

from abm.england.assumptions import as_markdown
from abm.england.check import check_world
from abm.england.flows import contract_report, derive, summary
from abm.england.saved import write_world
from abm.england.structure import structure_of
from abm.england.tables import PACKAGED, load_tables

START, END = "<!-- assumptions: start (python -m abm.england.build) -->", "<!-- assumptions: end -->"


def main() -> None:
    """Derive, check, write, and print how the money fell out."""
    structure = structure_of(load_tables())
    world = derive(structure)
    check_world(world)
    write_world(world, PACKAGED)
    page = Path(__file__).parents[2] / "docs" / "data.md"
    if page.is_file():
        page.write_text(with_assumptions(page.read_text(encoding="utf-8")), encoding="utf-8")
    report = contract_report(structure, world)
    gap = (report["direct_share"] - report["direct_target"]).abs()
    print(summary(world).round(3).to_string())
    print(report.groupby(["sector", "direct_target"])["direct_share"].describe()[["count", "min", "mean", "max"]].round(3).to_string())
    print(f"direct share from the sought one: mean {gap.mean():.3f}, largest {gap.max():.3f}; at the floor: {report['at_floor'].sum()}")


def with_assumptions(page: str) -> str:
    """`page` with the table of assumptions between its two marks replaced by the declared one."""
    before, rest = page.split(START, 1)
    return f"{before}{START}\n\n{as_markdown()}\n\n{END}{rest.split(END, 1)[1]}"


if __name__ == "__main__":
    main()
