/* Of an organisation's card: why it acted as it did on a tie. The chance, the draw, and what it weighed, A and B side by side. */
(function (abm) {
  "use strict";

  const { words } = abm;
  const PLACES = 3,
    INDENTED = /^\s/;

  /** Elements on the decision of the organisation towards one partner. */
  function why({ differs }, { a, b }, folds) {
    if (!a.why && !b.why) return [abm.element.make("p", {}, "What it weighed is not kept for this act.")];
    const moved = differs.find(({ partner }) => partner === a.partner);
    return [decision("a", a), decision("b", b), chances(a.why, b.why), terms(a.why, b.why), moved ? between(moved.lines, folds) : null];
  }

  /** What moved the decision from A to B, folded at first; `folds.moved` keeps whether it is open. */
  function between(lines, folds) {
    const { make } = abm.element;
    const told = beyond(lines).map((line) => make("p", { class: INDENTED.test(line) ? "deeper" : null }, line.trim()));
    const details = make("details", { class: "moved", open: folds.moved, toggle: () => (folds.moved = details.open) });
    details.append(make("summary", { "data-key": "moved" }, "What moved it between A and B"), make("div", {}, told));
    return details;
  }

  /** The lines behind the heading, which says what is already told above. */
  function beyond(lines) {
    const from = lines.findIndex((line, i) => i > 0 && !INDENTED.test(line));
    return from < 0 ? lines : lines.slice(from);
  }

  function decision(which, { words: said, why: found }) {
    const letter = abm.element.make("b", {}, `${which.toUpperCase()}. `);
    return abm.element.make("p", {}, letter, found ? found.says : `${words.capital(said)}: what it weighed is not kept for this act.`);
  }

  // --- the chance and the draw --------------------------------------------------------------------------------------------

  /** Bars of the chances from 0 to 1 with the draw as a line across them. */
  function chances(a, b) {
    const { svg } = abm.chart;
    const found = [a, b].filter(Boolean),
      height = 4 + 12 * found.length;
    const picture = svg("svg", {
      class: "chances",
      viewBox: `0 0 100 ${height}`,
      height,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": "Chances and the draw as bars",
    });
    [a, b].filter(Boolean).forEach((each, i) => {
      const which = each === a ? "a" : "b";
      picture.append(svg("rect", { class: "all", x: 0, y: 2 + 12 * i, width: 100, height: 10 }));
      picture.append(svg("rect", { class: `bar-${which}`, x: 0, y: 2 + 12 * i, width: 100 * each.chance, height: 10 }));
      picture.append(svg("line", { class: "draw", x1: 100 * each.draw, x2: 100 * each.draw, y1: 12 * i, y2: 14 + 12 * i }));
    });
    const { make } = abm.element;
    return make(
      "figure",
      { class: "chance" },
      picture,
      make("figcaption", { class: "note" }, "0: never. Bars: the chance in A (grey) and B (navy); the line is the draw. 1: always."),
    );
  }

  // --- what it weighed ----------------------------------------------------------------------------------------------------

  /** A table of the terms: their words, their weight in A and B as bars and numbers. */
  function terms(a, b) {
    const { make } = abm.element;
    const named = new Map();
    for (const [which, found] of [
      ["a", a],
      ["b", b],
    ])
      for (const term of found?.terms || []) named.set(term.name, { ...named.get(term.name), words: term.words, [which]: term.weighed });
    const rows = [...named.values()];
    const most = Math.max(1e-9, ...rows.flatMap(({ a: one, b: other }) => [one, other].filter(Number.isFinite).map(Math.abs)));
    const number = (value) => words.number(value ?? NaN, PLACES, true);
    const head = ["It weighed", "against – for", "A", "B"].map((text, i) =>
      make("th", { scope: "col", class: i > 1 ? "figure" : null }, text),
    );
    const line = (each) =>
      make(
        "tr",
        {},
        make("th", { scope: "row" }, words.capital(each.words)),
        make("td", {}, bars(each, most)),
        make("td", { class: "figure" }, number(each.a)),
        make("td", { class: "figure" }, number(each.b)),
      );
    const rule = [...new Set([a?.rule, b?.rule].filter(Boolean).map((each) => each.replaceAll("_", " ")))].join(" in A, ");
    return make(
      "table",
      { class: "terms" },
      make("caption", {}, `What it weighed${rule ? ` (decision rule: ${rule})` : ""}; above 0 speaks for a joint act`),
      make("thead", {}, make("tr", {}, head)),
      make("tbody", {}, rows.map(line)),
    );
  }

  /** Two bars, A's above B's, to the right of the middle where they speak for acting jointly. */
  function bars(term, most) {
    const { svg } = abm.chart;
    const picture = svg("svg", {
      class: "term",
      viewBox: "-50 0 100 20",
      preserveAspectRatio: "none",
      height: 20,
      "aria-hidden": "true",
    });
    picture.append(svg("line", { class: "zero", x1: 0, x2: 0, y1: 0, y2: 20 }));
    ["a", "b"].forEach((which, i) => {
      const value = term[which];
      if (!Number.isFinite(value)) return;
      const length = (48 * value) / most;
      picture.append(svg("rect", { class: `bar-${which}`, x: Math.min(0, length), y: 2 + 9 * i, width: Math.abs(length), height: 7 }));
    });
    return picture;
  }

  abm.cardWhy = { why, terms };
})((globalThis.abmNetwork ??= {}));
