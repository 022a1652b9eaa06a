/* Curves for those who do not see them: a sentence and a table, year by year. */
(function (abm) {
  "use strict";

  const LITTLE = 0.02; // a change of less than this share of the value is told as none

  function way(from, to) {
    if (!Number.isFinite(from) || !Number.isFinite(to)) return "is not known throughout";
    if (Math.abs(to - from) <= LITTLE * Math.max(Math.abs(from), Math.abs(to))) return "hardly moves";
    return to > from ? "rises" : "falls";
  }

  /** 'Trust. A falls from 0.61 to 0.55, B rises ...; in Q4 2030/31 A 0.58, B 0.60, B − A +0.02.' */
  function sentence({ title, teller, a = [], b = [] }, quarters, frame) {
    const course = (letter, values) => {
      const known = values.filter(Number.isFinite);
      return `${letter} ${way(known[0], known.at(-1))}${known.length ? ` (${teller.value(known[0])} to ${teller.value(known.at(-1))})` : ""}`;
    };
    const now = `${teller.value(a[frame] ?? NaN)} in A, ${teller.value(b[frame] ?? NaN)} in B, ${teller.change((b[frame] ?? NaN) - (a[frame] ?? NaN))} between them`;
    return `${title}: over the run ${course("A", a)}, ${course("B", b)}. In ${abm.words.quarter(quarters[frame])} ${now}.`;
  }

  /** A row a year's last quarter, and the last of all. */
  function yearEnds(quarters) {
    return quarters.flatMap((each, i) => (each.quarter === 4 || i === quarters.length - 1 ? [i] : []));
  }

  /** Sentences on all charts, then a table each of the year ends. */
  function tables(charts, quarters, frame) {
    const { make, table } = abm.element;
    const ends = yearEnds(quarters);
    return [
      make(
        "ul",
        {},
        charts.map((each) => make("li", {}, sentence(each, quarters, frame))),
      ),
      ...charts.map(({ title, teller, a = [], b = [] }) =>
        table({
          caption: `${title} (${teller.unit}), at the end of each year`,
          head: ["Quarter", "A", "B", "B − A"],
          rows: ends.map((i) => [
            abm.words.quarter(quarters[i]),
            teller.value(a[i] ?? NaN),
            teller.value(b[i] ?? NaN),
            teller.change((b[i] ?? NaN) - (a[i] ?? NaN)),
          ]),
          figures: [1, 2, 3],
        }),
      ),
    ];
  }

  abm.curveWords = { tables, sentence };
})((globalThis.abmNetwork ??= {}));
