/* Of an organisation's card: its money, its payments in the quarter, and its path through time, A and B side by side. */
(function (abm) {
  "use strict";

  const { words, telling } = abm;
  const FIRST = 5; // lines of the ledger shown before "show more"
  const level = (value) => words.number(value, 2),
    levelChange = (value) => words.number(value, 2, true);
  const pounds = (value) => telling.money(value),
    poundsChange = (value) => telling.money(value, true);

  /** What is told of its money: name in the answer, words, how to tell it, how to tell a difference. */
  const MEASURES = [
    ["opening_k", "Balance at the start of the quarter", pounds, poundsChange],
    ["receipts_k", "Received", pounds, poundsChange],
    ["payments_k", "Paid", pounds, poundsChange],
    ["closing_k", "Balance at the end", pounds, poundsChange],
    ["deficit", "Forecast deficit, of income (−: surplus)", (value) => words.percent(value, 1), (value) => words.points(value)],
    ["money_attention", "Board's attention to in-year money (0 to 1)", level, levelChange],
    ["load", "Management time taken up (0 to 1)", level, levelChange],
  ];

  /** Cells for A, B and what is between them. */
  function cells(a, b, tell, change) {
    const known = (value) => (value === null || value === undefined ? NaN : value);
    return [tell(known(a)), tell(known(b)), change(known(b) - known(a))];
  }

  function money({ worlds: { a, b }, quarter }) {
    const rows = MEASURES.filter(([name]) => Number.isFinite(a.money[name]) || Number.isFinite(b.money[name])).map(
      ([name, label, tell, change]) => [label, ...cells(a.money[name], b.money[name], tell, change)],
    );
    const { make, table } = abm.element;
    const caption = `${telling.quarter(quarter)}; money of the quarter`;
    return [make("h3", {}, "Its money"), table({ caption, head: ["", "A", "B", "B − A"], rows, figures: [1, 2, 3] })];
  }

  // --- the ledger --------------------------------------------------------------------------------------------------------

  /** Lines of one direction of both worlds, by partner and purpose, the largest first. */
  function lines({ a, b }, direction) {
    const found = new Map();
    for (const [which, { ledger: entries }] of [
      ["a", a],
      ["b", b],
    ])
      for (const entry of entries) {
        if (entry.direction !== direction) continue;
        const key = [entry.code, entry.purpose].join(" ");
        if (!found.has(key)) found.set(key, { ...entry, a: 0, b: 0 });
        found.get(key)[which] += entry.amount_k;
      }
    return [...found.values()].sort((one, other) => Math.max(other.a, other.b) - Math.max(one.a, one.b));
  }

  function sum(list, which) {
    return list.reduce((total, each) => total + each[which], 0);
  }

  const DIRECTIONS = [
    ["in", "Money in", "From whom and for what", "Received in all"],
    ["out", "Money out", "To whom and for what", "Paid in all"],
  ];

  function ledger({ worlds }, { folds, fold }) {
    const { make, table } = abm.element;
    const parts = DIRECTIONS.map(([direction, title, first, total]) => {
      const all = lines(worlds, direction),
        some = folds[direction] ? all : all.slice(0, FIRST);
      if (!all.length) return make("p", {}, `${title}: nothing in this quarter.`);
      const row = (name, small, one) => [[name, small ? make("small", {}, small) : null], ...cells(one.a, one.b, pounds, poundsChange)];
      const rows = some.map((each) => row(telling.shortName(each.name), each.words, each));
      if (some.length < all.length) {
        const rest = all.slice(some.length);
        rows.push(row(words.count(rest.length, "smaller line"), "", { a: sum(rest, "a"), b: sum(rest, "b") }));
      }
      rows.push(row(make("b", {}, total), "", { a: sum(all, "a"), b: sum(all, "b") }));
      return make(
        "div",
        { class: "ledger", "data-direction": direction },
        table({ caption: title, head: [first, "A", "B", "B − A"], rows, figures: [1, 2, 3] }),
        all.length > FIRST ? more(direction, all.length, folds[direction], fold) : null,
      );
    });
    return [make("h3", {}, "Its payments in the quarter"), ...parts];
  }

  /** The button that shows all lines, or few again. */
  function more(name, count, open, fold) {
    const text = open ? "Show fewer" : `Show all ${words.number(count)}`;
    return abm.element.make(
      "button",
      {
        type: "button",
        class: "more",
        "data-key": `more-${name}`,
        "aria-expanded": String(open),
        click: () => fold({ [name]: !open }),
      },
      text,
    );
  }

  // --- its path ----------------------------------------------------------------------------------------------------------

  const SHARE = "share of acts";
  const PATHS = [
    ["collaborative_share", "Its acts collaborative", () => telling.teller(SHARE)],
    ["trust", "Its trust in partners", () => plain(2)],
    ["trusted", "Partners' trust in it", () => plain(2)],
    ["deficit", "Deficit, of income", () => telling.teller(SHARE)],
    ["balance_k", "Balance", () => ({ value: pounds, change: poundsChange, mark: roundPounds, unit: "" })],
    ["money_attention", "Attention to money", () => plain(2)],
    ["load", "Management time taken", () => plain(2)],
  ];

  function plain(places) {
    return {
      ...telling.teller("0 to 1"),
      value: (value) => words.number(value, places),
      change: (value) => words.number(value, places, true),
    };
  }

  /** A mark on an axis of money: as short as it can be told. */
  function roundPounds(thousand) {
    return telling.money(thousand).replace(/\.0+(?=[a-z])/, "");
  }

  /** Curves of what is known of it through the quarters. */
  function path({ worlds: { a, b } }, scrub) {
    return PATHS.filter(([name]) => telling.extent([...(a.path[name] || []), ...(b.path[name] || [])])).map(([name, title, teller]) => {
      const axis = telling.axis(telling.extent([...a.path[name], ...b.path[name]]));
      return new abm.curve.Curve({
        name,
        title,
        a: a.path[name],
        b: b.path[name],
        axis,
        teller: teller(),
        gap: "",
        height: 84,
        scrub,
      });
    });
  }

  abm.cardMoney = { money, ledger, path, lines, sum, more };
})((globalThis.abmNetwork ??= {}));
