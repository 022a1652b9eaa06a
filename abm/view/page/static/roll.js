/* The table of all organisations shown: the picture in words. */
(function (abm) {
  "use strict";

  const { words } = abm;
  const { money, number, percent, points } = words;

  const ORDERS = {
    kind: ["kind and name", null],
    share: ["least collaborative", "share"],
    trust: ["least trust", "trust"],
    income: ["largest income", "income", true],
    deficit: ["largest deficit", "deficit", true],
  };

  /** A record an organisation that shows: its numbers in each shown scenario. */
  function records(found) {
    const { network, view } = found,
      mine = network.organisations.map(() => []);
    for (const tie of found.ties) mine[network.source[tie]].push(tie);
    return network.organisations
      .map((each, row) => ({ each, row }))
      .filter(({ row }) => found.organisations[row])
      .map(({ each, row }) => {
        const values = abm.scene.scenariosOf(view).map((scenario) => {
          const { share, trust } = abm.scene.summary(network, scenario, view.frame, mine[row]),
            { states } = network.scenarios[scenario];
          return { share, trust, income: states.income.at(view.frame, row), deficit: states.deficit.at(view.frame, row) };
        });
        return { each, row, ties: mine[row].length, values };
      });
  }

  function ordered(list, order) {
    const [, name, largest] = ORDERS[order];
    if (!name) return list.sort((a, b) => a.each.kind - b.each.kind || a.each.name.localeCompare(b.each.name));
    const value = (record) => record.values.at(-1)[name],
      sign = largest ? -1 : 1;
    return list.sort(
      (a, b) =>
        (Number.isFinite(value(a)) ? sign * value(a) : Infinity) - (Number.isFinite(value(b)) ? sign * value(b) : Infinity) ||
        a.row - b.row,
    );
  }

  /** Elements of the table. `choose(row)` goes to an organisation; `sorted(key)` sorts it by a key of ORDERS. */
  function roll(found, choose, order, sorted) {
    const { make, table } = abm.element,
      { network, view } = found;
    if (!found.organisationCount) return [make("p", {}, abm.scene.emptiness(found))];
    const both = (values, name, told, change) =>
      values.length < 2 ? told(values[0][name]) : [told(values[1][name]), make("small", {}, change(values[1][name] - values[0][name]))];
    const rows = ordered(records(found), order).map(({ each, row, ties, values }) => [
      [
        make("button", { type: "button", class: "go", click: () => choose(row), "data-key": `roll-${row}` }, each.name),
        make("small", {}, each.code),
      ],
      network.kinds[each.kind].name,
      each.region >= 0 ? network.organisations[each.region].name : words.NONE,
      number(ties),
      both(values, "share", percent, (value) => points(value, 0)),
      both(
        values,
        "trust",
        (value) => number(value, 2),
        (value) => number(value, 2, true),
      ),
      each.region === row ? words.NONE : both(values, "income", money, (value) => money(value, true)),
      each.region === row ? words.NONE : both(values, "deficit", (value) => percent(value, 1), points),
    ]);
    const select = make(
      "select",
      { id: "order", "data-key": "order", change: () => sorted(select.value) },
      Object.entries(ORDERS).map(([key, [label]]) => make("option", { value: key, selected: key === order }, label)),
    );
    const small = view.scenario === abm.scene.DIFFERENCE ? "; in small letters the change" : "";
    const caption = `${abm.panel.scenarioTitle(network, view)}, ${words.quarter(network.quarters[view.frame])}: ${words.count(found.organisationCount, "organisation")}${small}`;
    const head = [
      "Organisation",
      "Kind",
      "Region",
      "Ties shown",
      "Its acts collaborative",
      "Its mean trust",
      "Income a year",
      "Deficit (−: surplus), of income",
    ];
    return [
      make("div", { class: "bar" }, make("label", { for: "order" }, "Sort by"), select),
      make(
        "div",
        { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of organisations" },
        table({ caption, head, rows, figures: [3, 4, 5, 6, 7] }),
      ),
    ];
  }

  abm.roll = { roll, records, ordered };
})((globalThis.abmNetwork ??= {}));
