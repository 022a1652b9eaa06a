"""The data dictionary: which tables a results folder has, what a row of each is, and every column's type, unit and meaning.

Each meaning is written once: here, or where the thing itself is declared (outcomes, levers, parameters).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from abm.config.errors import shown
from abm.config.precedence import DECLARED
from abm.experiment.effects import WINDOW, is_factor
from abm.experiment.store import STATE, ResultsError, table_files
from abm.model.outcomes import frame as outcome_frame
from abm.model.yearbook import COLUMNS as YEARBOOK

TEXT, INTEGER, NUMBER, BOOLEAN = "text", "integer", "number", "boolean"
GROUPINGS = {"kind": "icb, provider or council", "region": "code of the region", "system": "code of the system's ICB"}
PARQUET_TABLES = ("outcomes", *(f"outcomes_by_{name}" for name in GROUPINGS), "survey", "acts", "ledger", "organisations")
CSV_TABLES = ("points", "points_unit", "runs", "effects", "summary", "dictionary")

ROWS: Mapping[str, str] = {
    "outcomes": "What is measured, of all systems together: a row a run and quarter",
    "outcomes_by_kind": "What is measured, by kind of organisation: a row a run, quarter and kind",
    "outcomes_by_region": "What is measured, by region: a row a run, quarter and region",
    "outcomes_by_system": "What is measured, by system: a row a run, quarter and system",
    "survey": "The leaders' survey of each finished year: a row a run, year and item",
    "acts": "What organisations did and why: a row a run, quarter and tie",
    "ledger": "Payments: a row a run, quarter and payment",
    "organisations": "What became of each organisation: a row a run, finished year and organisation",
    "points": "The design: a row a point, a column a factor",
    "points_unit": "The design in the unit cube: a row a point, a column a factor",
    "runs": "The plan, and how each run went: a row a run",
    "effects": "Differences from the baseline over the last year: a row a scenario and outcome",
    "summary": "The last year at each design point: a row a scenario, point and outcome",
    "dictionary": "Every column of every table in the folder: a row a column",
}


class Meaning(NamedTuple):
    """What a column holds. A blank unit: a name or a text."""

    type: str
    unit: str
    meaning: str


_LAST = f"over the run's last {WINDOW} quarters"
_OUTCOME_UNIT = "that of the outcome"
LABELS = {
    "scenario": Meaning(TEXT, "", "Name of the scenario"),
    "point": Meaning(INTEGER, "number", "Design point, counted from 0; points.csv has its factors"),
    "replicate": Meaning(INTEGER, "number", "Replicate, counted from 0; where luck is paired, the same number has the same luck"),
    "quarter": Meaning(INTEGER, "quarters", "Quarters since the start; 0 is the first (April to June)"),
    "year": Meaning(TEXT, "financial year", "Financial year of the quarter"),
    **{name: Meaning(TEXT, "", f"Whose outcomes the row holds: {words}") for name, words in GROUPINGS.items()},
}
_SYSTEM = Meaning(TEXT, "", "Name of the system (a config in configs/systems) on whose world the run is")
_OUTCOME = Meaning(TEXT, "", "Name of the outcome")
_UNIT = Meaning(TEXT, "", "Unit of the outcome")
OWN: Mapping[str, Mapping[str, Meaning]] = {
    "survey": {
        "item": Meaning(TEXT, "", "Name of the survey item"),
        "question": Meaning(TEXT, "", "The words put to leaders"),
        "target": Meaning(TEXT, "", "The published figure that the item is held against (docs/evidence.md)"),
        "agree": Meaning(NUMBER, "share of leaders", "Share of leaders expected to agree, mean over systems"),
        "respondents": Meaning(INTEGER, "leaders", "How many leaders the real survey asked, and so the size of the sample"),
        "sampled": Meaning(NUMBER, "share of leaders", "Share that agrees in a simulated sample of that size"),
    },
    "acts": {
        "actor": Meaning(TEXT, "", "Code of the organisation that acts"),
        "actor_kind": Meaning(TEXT, "", "Its kind: icb, provider or council"),
        "partner": Meaning(TEXT, "", "Code of the organisation towards which it acts"),
        "partner_kind": Meaning(TEXT, "", "Its kind: icb, provider or council"),
        "tie": Meaning(TEXT, "", "Kind of tie: commissioning, pooling, discharge or collaborative"),
        "act": Meaning(TEXT, "", "What it did (abm/model/acts.py lists the acts)"),
        "collaborative": Meaning(BOOLEAN, "true or false", "Whether the act is classed as collaborative, after the act"),
        "stake_k": Meaning(NUMBER, "GBP k a year", "Business on the tie that the two can work on together or fight over"),
        "money_attention": Meaning(NUMBER, "share", "The actor's board attention to in-year money"),
        "chance": Meaning(NUMBER, "probability", "Chance that the actor works jointly on this tie in this quarter"),
        "belief": Meaning(NUMBER, "probability", "The actor's belief that the partner collaborates"),
        "trust": Meaning(NUMBER, "probability", "The actor's trust in the partner: kept acts among those it remembers"),
        "cash_term": Meaning(NUMBER, "pay-off, in units of the stake", "In-year money for working jointly, as weighed"),
        "value_term": Meaning(NUMBER, "pay-off, in units of the stake", "Lasting value for working jointly, as weighed"),
        "norm_term": Meaning(NUMBER, "pay-off, in units of the stake", "Pull of how its partners acted towards it"),
        "fate_term": Meaning(NUMBER, "pay-off, in units of the stake", "Worth of joint action under shared stress"),
    },
    "ledger": {
        "payer": Meaning(TEXT, "", "Code of the organisation that pays; treasury for public money from outside the model"),
        "payee": Meaning(TEXT, "", "Code of the organisation that is paid; care for care delivered (staff, suppliers)"),
        "purpose": Meaning(TEXT, "", "What the payment is for (abm/model/ledger.py lists the purposes)"),
        "amount_k": Meaning(NUMBER, "GBP k", "Amount of the payment"),
    },
    "organisations": {
        "organisation": Meaning(TEXT, "", "Code of the organisation"),
        "kind": Meaning(TEXT, "", "Its kind: icb, provider or council"),
        **{name: Meaning(BOOLEAN if unit == "true or false" else NUMBER, unit, words) for name, (unit, words) in YEARBOOK.items()},
    },
    "runs": {
        "id": Meaning(TEXT, "", "Hash of what determines the run: world, levers, parameters, seed, replicate and quarters"),
        "system": _SYSTEM,
        "seed": Meaning(INTEGER, "number", "Root seed of the run's luck"),
        "quarters": Meaning(INTEGER, "quarters", "Length of the run"),
        "status": Meaning(TEXT, "", "planned, done or failed"),
        "seconds": Meaning(NUMBER, "seconds", "Time that the run took; differs each time and on each machine"),
        "error": Meaning(TEXT, "", "Why a run failed, in one line; errors/ has the whole of it"),
    },
    "effects": {
        "baseline": Meaning(TEXT, "", "Name of the scenario that differences are taken from"),
        "outcome": _OUTCOME,
        "unit": _UNIT,
        "baseline_mean": Meaning(NUMBER, _OUTCOME_UNIT, f"Mean in the baseline {_LAST}"),
        "scenario_mean": Meaning(NUMBER, _OUTCOME_UNIT, f"Mean in the scenario {_LAST}"),
        "difference": Meaning(NUMBER, _OUTCOME_UNIT, "Scenario less baseline"),
        "low": Meaning(NUMBER, _OUTCOME_UNIT, "Lower end of the 95 % t interval of the difference; blank for fewer than two runs"),
        "high": Meaning(NUMBER, _OUTCOME_UNIT, "Upper end of it"),
        "pairs": Meaning(NUMBER, "pairs of runs", "Pairs (same point and replicate) that ran in both; blank where luck is not paired"),
        "rose": Meaning(NUMBER, "pairs of runs", "Pairs in which the outcome is higher in the scenario"),
        "fell": Meaning(NUMBER, "pairs of runs", "Pairs in which it is lower"),
        "same": Meaning(NUMBER, "pairs of runs", "Pairs in which it is the same"),
    },
    "summary": {
        "outcome": _OUTCOME,
        "unit": _UNIT,
        "mean": Meaning(NUMBER, _OUTCOME_UNIT, f"Mean of the runs' means {_LAST}"),
        "low": Meaning(NUMBER, _OUTCOME_UNIT, "Lower end of the 95 % t interval of that mean; blank for fewer than two runs"),
        "high": Meaning(NUMBER, _OUTCOME_UNIT, "Upper end of it"),
        "runs": Meaning(INTEGER, "runs", "Runs in which the outcome is known"),
    },
    "dictionary": {
        "table": Meaning(TEXT, "", "Name of the table"),
        "column": Meaning(TEXT, "", "Name of the column"),
        "type": Meaning(TEXT, "", "text, integer, number or boolean"),
        "unit": Meaning(TEXT, "", "Unit of the values; blank for names and texts"),
        "meaning": Meaning(TEXT, "", "What the column holds"),
    },
}


def dictionary(folder: Path, outcomes: pd.DataFrame | None = None) -> pd.DataFrame:
    """A row a column of each table in `folder`, its own included: table, column, type, unit, meaning (blank where none is known).

    `outcomes` has name, unit and meaning of each outcome; those of the model when left out.
    """
    known = (outcome_frame() if outcomes is None else outcomes).set_index("name")
    rows = []
    for table in tables_in(folder):
        for column, kind in column_types(folder, table).items():
            told = meaning(table, column, known)
            rows.append((table, column, kind, told.unit, told.meaning))
    own = [("dictionary", column, told.type, told.unit, told.meaning) for column, told in OWN["dictionary"].items()]
    rows = [row for row in rows if row[0] != "dictionary"] + own
    return pd.DataFrame(rows, columns=list(OWN["dictionary"]))


def meaning(table: str, column: str, outcomes: pd.DataFrame) -> Meaning:
    """Type, unit and meaning of a column; `outcomes` is indexed by name. The meaning is blank where none is known."""
    own = OWN.get(table, {})
    if column in own:
        return own[column]
    if is_factor(column) or (column == "system" and table != "outcomes_by_system"):
        return _factor(table, column)
    if column in LABELS:
        return LABELS[column]
    if column in outcomes.index:
        return Meaning(NUMBER, str(outcomes.loc[column, "unit"]), str(outcomes.loc[column, "meaning"]))
    return Meaning(TEXT, "", "")


def _factor(table: str, column: str) -> Meaning:
    """A factor of the design, as the lever or parameter is declared."""
    section, _, name = column.partition(".")
    if section in DECLARED and name in DECLARED[section]:
        row = DECLARED[section][name]
        told = Meaning(TEXT if row.choices else INTEGER if row.integer else NUMBER, row.unit, f"Factor of the design: {row.meaning}")
    elif column == "system":
        told = _SYSTEM
    else:
        told = Meaning(TEXT, "", "")
    return Meaning(NUMBER, "0 to 1", f"Where in its range this lies. {told.meaning}") if table == "points_unit" else told


# ---- what a folder has -------------------------------------------------------------------------------------------------------


def tables_in(folder: Path) -> dict[str, list[Path]]:
    """The tables of a results folder, finished or not, and the files of each: Parquet (maybe several), or one CSV."""
    parquet = [path.stem for path in folder.glob("*.parquet")] + [path.name for path in (folder / STATE / "shards").glob("*")]
    names = [*PARQUET_TABLES, *sorted(set(parquet) - set(PARQUET_TABLES))]
    found = {name: table_files(folder, name) for name in names} | {name: [folder / f"{name}.csv"] for name in CSV_TABLES}
    return {name: files for name, files in found.items() if files and all(path.is_file() for path in files)}


def column_types(folder: Path, table: str) -> dict[str, str]:
    """The columns of a table that the folder has, in order, and the type of each: text, integer, number or boolean.

    Raises `ResultsError` for a file that cannot be read.
    """
    path = tables_in(folder)[table][0]
    try:
        if path.suffix == ".parquet":
            schema = pq.read_schema(path)
            return {name: arrow_type(kind) for name, kind in zip(schema.names, schema.types, strict=True)}
        names = list(pd.read_csv(path, nrows=0).columns)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise ResultsError(f"{shown(path)} cannot be read: {str(error).splitlines()[0]}") from None
    return csv_types(folder, table, names)


def csv_types(folder: Path, table: str, columns: Iterable[str]) -> dict[str, str]:
    """Types of a CSV table's columns: as declared, and for factors as the values in points.csv are."""
    own = {**LABELS, **OWN.get(table, {})}
    factors: pd.DataFrame | None = None
    types = {}
    for name in columns:
        if table == "points_unit" and name != "point":
            types[name] = NUMBER
        elif name in own and (name != "system" or table == "runs"):
            types[name] = own[name].type
        else:
            if factors is None:
                source = folder / "points.csv"
                factors = pd.read_csv(source, keep_default_na=False, na_values=[""]) if source.is_file() else pd.DataFrame()
            types[name] = _value_type(factors[name]) if name in factors else TEXT
    return types


def _value_type(values: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(values):
        return BOOLEAN
    return INTEGER if pd.api.types.is_integer_dtype(values) else NUMBER if pd.api.types.is_float_dtype(values) else TEXT


def arrow_type(kind: pa.DataType) -> str:
    """An Arrow type in the dictionary's words."""
    if pa.types.is_boolean(kind):
        return BOOLEAN
    return INTEGER if pa.types.is_integer(kind) else NUMBER if pa.types.is_floating(kind) else TEXT
