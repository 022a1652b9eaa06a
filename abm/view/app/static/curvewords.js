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
  function sentence(curve, quarters, frame) {
    const { text, teller, a, b } = curve;
    const course = (letter, values) => {
      const known = values.filter(Number.isFinite);
      const ends = [known[0], known.at(-1)];
      return `${letter} ${way(...ends)}${known.length ? ` (${ends.map(teller.value).join(" to ")})` : ""}`;
    };
    const [one, other] = [curve.at("a", frame), curve.at("b", frame)];
    const now = `${teller.value(one)} in A, ${teller.value(other)} in B, ${teller.change(other - one)} between them`;
    return `${text}: over the run ${course("A", a)}, ${course("B", b)}. In ${abm.telling.quarter(quarters[frame])} ${now}.`;
  }

  /** A row a year's last quarter, and the last of all. */
  function yearEnds(quarters) {
    return quarters.flatMap((each, i) => (each.quarter === 4 || i === quarters.length - 1 ? [i] : []));
  }

  /** A curve's values in a quarter and what is between them, as told. */
  function valuesOf({ teller, ...curve }, frame) {
    const [a, b] = [curve.a[frame] ?? NaN, curve.b[frame] ?? NaN];
    return [teller.value(a), teller.value(b), teller.change(b - a)];
  }

  /** Sentences on all charts, then a table each of the year ends. */
  function tables(curves, quarters, frame) {
    const { make, table } = abm.element;
    const ends = yearEnds(quarters);
    return [
      make(
        "ul",
        {},
        curves.map((each) => make("li", {}, sentence(each, quarters, frame))),
      ),
      ...curves.map((curve) =>
        table({
          caption: `${curve.text}${curve.teller.unit ? ` (${curve.teller.unit})` : ""}, at the end of each year`,
          head: ["Quarter", "A", "B", "B − A"],
          rows: ends.map((i) => [abm.telling.quarter(quarters[i]), ...valuesOf(curve, i)]),
          figures: [1, 2, 3],
        }),
      ),
    ];
  }

  abm.curveWords = { tables, sentence };
})((globalThis.abmNetwork ??= {}));
