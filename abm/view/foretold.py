"""The figures of a folder of predictions: deficits of systems, chances of distress, shares, barriers, drifts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from abm.analysis.predictions.predicting import STAMP
from abm.view import saving, style
from abm.view.maps import map_figure
from abm.view.predicted import Panel, chances, intervals
from abm.view.sheet import Drawn

PERCENT = ["median", "low50", "high50", "low90", "high90"]
COLOURS = 256  # in a saved figure


def draw(folder: Path) -> list[Path]:
    """Draw all figures of `folder` into it; gives their paths."""
    told = json.loads((folder / STAMP).read_text("utf-8"))
    tables = {path.stem: pd.read_csv(path) for path in folder.glob("*.csv")}
    facts = {"code": told["code"], "finished": told["made"]}
    made = []
    for name, drawn in figures(tables, facts, what(told)).items():
        made.append(folder / f"{name}.png")
        saving.save(drawn.figure, made[-1], facts, drawn.title, f"{drawn.alt} {drawn.note}")
        _lighten(made[-1])
    return made


def _lighten(path: Path) -> None:
    """Save a PNG again with as many colours as can be told apart, and the same words in it: half the size."""
    with Image.open(path) as image:
        words = PngInfo()
        for name, value in image.text.items():  # type: ignore[attr-defined]
            words.add_itxt(name, value)
        image.convert("RGB").quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE).save(
            path, optimize=True, pnginfo=words, dpi=(style.DPI, style.DPI)
        )


def what(told: Mapping[str, Any]) -> str:
    """What was run, in words."""
    runs = sum(each["runs"] for each in told["runs"].values())
    origin = "the posterior ensemble" if told["posterior"] else "plausible ranges (a stand-in, not to be believed)"
    return f"{style.count(told['members'], 'member')} of {origin} · {style.count(runs, 'run')} in all · made {told['made'][:10]}"


def figures(tables: Mapping[str, pd.DataFrame], facts: Mapping[str, Any], ran: str) -> dict[str, Drawn]:
    """Every figure by name."""
    rows = tables["predictions"]
    return {
        "deficits": _deficits(tables["icbs"], facts, ran),
        "distress": _distress(tables["providers"], tables["councils"], facts, ran),
        "shares": _shares(rows, facts, ran),
        "barriers": _barriers(rows, facts, ran),
        "drifts": _drifts(rows, facts, ran),
    }


def _year(table: pd.DataFrame, event: str) -> tuple[str, str]:
    """The column of an event's chance in the year looked at, and that year: '2026/27'."""
    columns = [name for name in table.columns if name.startswith(f"chance_{event}_2")]
    column = columns[min(1, len(columns) - 1)]
    year = int(column.rpartition("_")[2])
    return column, f"{year}/{(year + 1) % 100:02d}"


def _deficits(icbs: pd.DataFrame, facts: Mapping[str, Any], ran: str) -> Drawn:
    found = icbs.set_index("code")
    column, year = _year(icbs, "deficit_any")
    sure = int((found[column] > 0.9).sum())
    likely = int((found[column] > 0.5).sum())
    title = f"More likely than not in deficit in {year}: {likely} of {len(found)} systems, {sure} of them nearly surely"
    spans = pd.DataFrame({"low": -found["deficit_pct_high90"], "high": -found["deficit_pct_low90"]})
    note = "Year's result, median over the runs; bars: nine in ten runs (an arrow: it goes on). Below 0: a deficit."
    words = "% of allocation"
    figure = map_figure(-found["deficit_pct_median"], title, words, ran, facts, found["name"].to_dict(), True, spans, note=note)
    return Drawn(figure, title, note, f"Map of the median result of {len(found)} systems in {year}, {words}.")


def _distress(providers: pd.DataFrame, councils: pd.DataFrame, facts: Mapping[str, Any], ran: str) -> Drawn:
    large, year = _year(providers, "deficit_large")
    likely = int((providers[large] > 0.5).sum())
    ever = councils.set_index("code")["chance_distress_ever"]
    title = (
        f"A large deficit in {year} is more likely than not for {likely} of {style.count(len(providers), 'provider')}; "
        f"a council's chance of distress is at most {ever.max():.0%}"
    )
    by = providers.assign(sector=providers["sector"].str.replace("_", " ")).set_index(["code", "sector"])[large]
    groups = {
        f"{len(by)} providers": (f"Chance of a deficit above 2 % of income in {year}", by),
        f"{len(ever)} councils": ("Chance of a section 114 notice or exceptional support in the years run", ever),
    }
    note = "Each mark is an organisation; tables name them. Providers of a system share its trouble: their order among themselves is weak."
    return chances(groups, facts, title, ran, note)


def _labelled(rows: pd.DataFrame, part: str, label: str, scale: float = 1.0, unit: str | None = None) -> pd.DataFrame:
    mine = rows[rows["id"].str.startswith(part)]
    mine = mine if unit is None else mine[mine["unit"] == unit]
    shown = mine[PERCENT] * scale
    return shown.assign(label=mine[label].str[:1].str.upper() + mine[label].str[1:])


def _shares(rows: pd.DataFrame, facts: Mapping[str, Any], ran: str) -> Drawn:
    middle = 100 * rows.set_index("id")["median"]
    title = (
        f"Accountability with the region is clear to {middle['a1']:.0f} % where it works with and through ICBs, "
        f"to {middle['a2']:.0f} % elsewhere; burden of national oversight up for {middle['b2']:.0f} % of providers"
    )
    clear = _labelled(rows, "a", "group", 100, "share of leaders").iloc[:2]
    burden = _labelled(rows, "b", "group", 100, "share of providers").iloc[:-1]
    duplicated = _labelled(rows, "b5", "statement", 100)
    commitment = pd.concat([_labelled(rows, f"c{n}", "statement", 100) for n in (1, 2, 5)])
    ends = rows[rows["id"].str.fullmatch(r"e[123][plcs]")].sort_values("statement", kind="stable")
    ends = (ends[PERCENT] * 100).assign(label=ends["statement"] + ", " + ends["group"])
    panels = [
        Panel("(a) Accountability with the region is clear", "% of leaders", clear),
        Panel("(b) Oversight burden rose in two years, by source; duplication", "% of providers", pd.concat([burden, duplicated])),
        Panel("(c) Commitment to shift resources, and progress", "% of leaders, systems or plans", commitment),
        Panel("(e) Deficit and distress", "% of organisations", ends),
    ]
    return intervals([panel._replace(limits=(0.0, 100.0)) for panel in panels], facts, title, ran)


def _barriers(rows: pd.DataFrame, facts: Mapping[str, Any], ran: str) -> Drawn:
    gains = _labelled(rows[rows["id"].str.endswith(".gain")], "d", "group")
    ranks = _labelled(rows[rows["id"].str.endswith(".rank")], "d", "group")
    title = f"Heaviest barrier to working jointly: {str(ranks['label'].iloc[0]).lower()}"
    panels = [
        Panel("Rank of the barrier", "1 the heaviest, by what lifting it alone brings", ranks),
        Panel("Collaborative share gained by lifting it alone", "points, last year of the run", gains, zero=True),
    ]
    return intervals(panels, facts, title, ran)


def _drifts(rows: pd.DataFrame, facts: Mapping[str, Any], ran: str) -> Drawn:
    drift = rows.set_index("id").loc["f1", "median"]
    moved = f"{style.number(drift, 2, sign=True)} % of itself a year"
    fence = _labelled(rows, "f", "group", 1, "% of the share a year")
    avoided = _labelled(rows, "g", "group", 1, "% of demand")
    hidden = _labelled(rows, "h", "group", 1, "% of the deficits")
    panels = [
        Panel("(f) Drift of a fenced budget's share of NHS spending", "% of the share a year", fence, True),
        Panel("(g) Demand avoided by integration", "% of demand", avoided, True),
        Panel("(h) Provider deficits that reports do not show", "% of the deficits", hidden, True),
    ]
    return intervals(panels, facts, f"A fenced budget that just meets its growth rule: its share of spending drifts by {moved}", ran)
