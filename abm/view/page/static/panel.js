/* The same in words and numbers: the chosen organisation with its ties, a summary where none is chosen, and a table of all. */
(function (abm) {
  "use strict";

  const { words } = abm;
  const { DIFFERENCE, jointly, scenariosOf, summary, tiesOfChosen } = abm.scene;
  const { money, number, percent, points, count } = words;

  /** Titles of the scenarios, the second with what it is compared with. */
  function scenarioTitle(network, view) {
    const titles = network.scenarios.map((each) => each.title);
    return view.scenario === DIFFERENCE ? `${titles[1]} against ${titles[0]}` : titles[view.scenario];
  }

  /** Values of the shown scenarios as cells, and their difference where two are shown. */
  function cells(network, view, of, told, change) {
    const values = scenariosOf(view).map(of);
    return [...values.map((value) => told(value)), ...(values.length > 1 ? [change(values[1] - values[0])] : [])];
  }

  function heads(network, view, single, change = "Change") {
    return view.scenario === DIFFERENCE ? [...network.scenarios.map((each) => each.title), change] : [single];
  }

  // --- nobody chosen ---------------------------------------------------------------------------------------------------

  /** Elements that sum up what is shown, by kind of tie. */
  function overview(found) {
    const { make, table } = abm.element,
      { network, view } = found;
    const where = view.region < 0 ? network.world : network.organisations[view.region].name;
    const groups = network.tie_kinds
      .map((kind, i) => ({ kind, ties: found.ties.filter((tie) => network.tieKind[tie] === i) }))
      .filter(({ ties }) => ties.length);
    const rows = groups.map(({ kind, ties }) =>
      overviewRow(found, make("span", {}, kind.name, make("small", {}, `${number(ties.length)} ${kind.between}`)), ties),
    );
    if (groups.length > 1)
      rows.push(overviewRow(found, make("span", {}, "All shown", make("small", {}, number(found.ties.length))), found.ties));
    const measure = view.colour === "acts" ? "collaborative acts" : "mean trust";
    const all = [
      make("h2", {}, where),
      make("p", {}, `${scenarioTitle(network, view)}, ${words.quarter(network.quarters[view.frame])}`),
      network.question ? make("p", { class: "note" }, network.question) : null,
      make(
        "p",
        { class: "note" },
        "No organisation is chosen: click one, or find it by name, for its money, its ties and their last acts.",
      ),
    ];
    if (!rows.length) return [...all, make("p", {}, abm.scene.emptiness(found))];
    const head = ["Ties", ...heads(network, view, words.capital(measure), view.colour === "acts" ? "Change, points" : "Change")];
    const figures = head.map((_, i) => i).slice(1);
    return [
      ...all,
      make("h3", {}, `Ties shown${view.scenario === DIFFERENCE ? `: ${measure}` : ""}`),
      table({ head, rows, figures }),
      view.colour === "acts"
        ? make("p", { class: "note" }, "Every tie counts once. The model's outcome “collaborative share” weighs ties by what is at stake.")
        : null,
    ];
  }

  function overviewRow({ network, view }, name, ties) {
    const of = (scenario) => summary(network, scenario, view.frame, ties)[view.colour === "acts" ? "share" : "trust"];
    if (view.colour === "acts")
      return [
        name,
        ...cells(
          network,
          view,
          of,
          (value) => (Number.isFinite(value) ? percent(value) : "no acts"),
          (value) => number(100 * value, 0, true),
        ),
      ];
    return [
      name,
      ...cells(
        network,
        view,
        of,
        (value) => number(value, 2),
        (value) => number(value, 2, true),
      ),
    ];
  }

  // --- the chosen one --------------------------------------------------------------------------------------------------

  /** What an organisation is, in a line: kind, code, region and system. */
  function whoIs(network, row) {
    const each = network.organisations[row],
      { kinds, organisations } = network;
    const of = (other) => (other >= 0 && other !== row ? organisations[other].name : "");
    return [kinds[each.kind].name, each.code, of(each.region), of(each.system) && `${of(each.system)} ICB`].filter(Boolean).join(" · ");
  }

  /** Its numbers: [what, value in thousands or whatever it is, how to tell it, how to tell a change]. */
  const MEASURES = [
    ["Income (a year)", "income", money, (value) => money(value, true)],
    ["Forecast deficit (−: surplus)", "deficit", (value) => percent(value, 1), points],
    ["Receipts (the quarter)", "receipts", money, (value) => money(value, true)],
    ["Payments (the quarter)", "payments", money, (value) => money(value, true)],
    ["Balance", "balance", money, (value) => money(value, true)],
    ["Attention to money (0 to 1)", "money_attention", (value) => number(value, 2), (value) => number(value, 2, true)],
    ["Management time taken (0 to 1)", "load", (value) => number(value, 2), (value) => number(value, 2, true)],
  ];

  function measuresOf(network, row) {
    return network.kinds[network.organisations[row].kind].id === "region" ? MEASURES.slice(2, 5) : MEASURES;
  }

  /** Elements on the chosen organisation. `choose(row)` goes to another, `closely()` zooms to its ties; `sort` is a key of SORTS,
      `sorted(key)` changes it. */
  function chosen(found, { choose, closely, sort, sorted }) {
    const { make, table } = abm.element,
      { network, view } = found,
      row = view.chosen;
    const of = (name) => (scenario) => network.scenarios[scenario].states[name].at(view.frame, row);
    const rows = measuresOf(network, row).map(([label, name, told, change]) => [label, ...cells(network, view, of(name), told, change)]);
    const head = ["Money and time", ...heads(network, view, "Value")];
    return [
      make("h2", { tabindex: "-1", "data-key": "chosen" }, network.organisations[row].name),
      make("p", {}, whoIs(network, row)),
      make(
        "div",
        { class: "bar" },
        make("button", { type: "button", click: closely, "data-key": "closely" }, "Zoom to its ties"),
        make("button", { type: "button", click: () => choose(-1), "data-key": "let-go" }, "Let go"),
      ),
      table({
        caption: `${scenarioTitle(network, view)}, ${words.quarter(network.quarters[view.frame])}`,
        head,
        rows,
        figures: head.map((_, i) => i).slice(1),
      }),
      make("h3", {}, "Ties and last acts"),
      ...tieTable(found, choose, sort, sorted),
    ];
  }

  const SORTS = {
    stake: ["largest stake", (network) => (a, b) => network.pairs.stake_k[b >> 1] - network.pairs.stake_k[a >> 1]],
    name: [
      "name",
      (network) => (a, b) => network.organisations[network.target[a]].name.localeCompare(network.organisations[network.target[b]].name),
    ],
    trust: ["least trust", (network, view) => (a, b) => lastTrust(network, view, a) - lastTrust(network, view, b)],
    acts: ["collaborative last", (network, view) => (a, b) => lastJoint(network, view, a) - lastJoint(network, view, b)],
  };
  const shownOne = (view) => scenariosOf(view).at(-1);
  const lastTrust = (network, view, tie) => network.scenarios[shownOne(view)].states.trust.at(view.frame, tie);
  const lastJoint = (network, view, tie) => jointly(network, shownOne(view), view.frame, tie);

  function tieTable(found, choose, sort, sorted) {
    const { make, table } = abm.element,
      { network, view } = found;
    const ties = tiesOfChosen(network, view),
      hidden = network.tiesOf[view.chosen].length - ties.length;
    const unticked = hidden ? ` ${count(hidden, "more is", "more are")} of a kind that is not ticked.` : "";
    if (!ties.length) return [make("p", {}, `No ties of the kinds that are ticked.${unticked}`)];
    const said = scenariosOf(view).map((scenario) => {
      const own = summary(network, scenario, view.frame, ties),
        back = summary(
          network,
          scenario,
          view.frame,
          ties.map((tie) => tie ^ 1),
        );
      const which = view.scenario === DIFFERENCE ? `${network.scenarios[scenario].title}: ` : "";
      return own.acts
        ? make("p", {}, `${which}${own.joint} of its ${own.acts} acts are collaborative, and ${back.joint} of ${back.acts} towards it.`)
        : null;
    });
    const select = make(
      "select",
      { id: "sort", "data-key": "sort", change: () => sorted(select.value) },
      Object.entries(SORTS).map(([key, [label]]) => make("option", { value: key, selected: key === sort }, label)),
    );
    const [, order] = SORTS[sort];
    const rows = ties
      .slice()
      .sort(order(network, view))
      .map((tie) => tieRow(found, tie, choose));
    const arrow =
      view.scenario === DIFFERENCE ? ` In each cell first ${network.scenarios[0].title}, then → ${network.scenarios[1].title}.` : "";
    return [
      ...said,
      make("p", { class: "note" }, `${count(ties.length, "tie")}.${unticked}${arrow}`),
      make("div", { class: "bar" }, make("label", { for: "sort" }, "Sort by"), select),
      table({ head: ["Partner and tie", "Its act, its trust", "Partner's act, trust"], rows }),
    ];
  }

  function tieRow(found, tie, choose) {
    const { make } = abm.element,
      { network } = found;
    const partner = network.target[tie],
      stake = network.pairs.stake_k[tie >> 1];
    const who = network.kinds[network.organisations[partner].kind].name;
    const kind = `${who} · ${network.tie_kinds[network.tieKind[tie]].name.toLowerCase()} tie${stake ? `, ${money(stake)} a year at stake` : ""}`;
    const name = make(
      "button",
      { type: "button", class: "go", click: () => choose(partner), "data-key": `tie-${tie}` },
      network.organisations[partner].name,
    );
    return [[name, make("small", {}, kind)], acts(found, tie), acts(found, tie ^ 1)];
  }

  /** What was done on a tie and how far its source trusts its target, in each scenario shown. */
  function acts({ network, view }, tie) {
    const { make } = abm.element;
    return scenariosOf(view).map((scenario) => {
      const { act, trust } = network.scenarios[scenario].states,
        is = jointly(network, scenario, view.frame, tie);
      const name = is < 0 ? "reviews, no act" : network.acts[act.at(view.frame, tie)].name;
      const sign =
        is < 0 ? null : make("span", { class: is ? "joint" : "alone", role: "img", "aria-label": is ? "collaborative" : "transactional" });
      return make(
        "div",
        {},
        view.scenario === DIFFERENCE && scenario ? "→ " : null,
        sign,
        `${name}, ${number(trust.at(view.frame, tie), 2)}`,
      );
    });
  }

  // --- pointing at one -------------------------------------------------------------------------------------------------

  /** Lines for the card beside the pointer. */
  function tip(found, row) {
    const { make } = abm.element,
      { network, view } = found;
    const one = shownOne(view),
      { states } = network.scenarios[one],
      at = (name) => states[name].at(view.frame, row);
    const cash =
      network.kinds[network.organisations[row].kind].id === "region"
        ? `Passes on ${money(at("payments"))} in the quarter`
        : `Income ${money(at("income"))} a year, ${at("deficit") < 0 ? "surplus" : "deficit"} ${percent(Math.abs(at("deficit")), 1)} of it, balance ${money(at("balance"))}`;
    const ties = network.tiesOf[row].filter((tie) => view.ties[network.tieKind[tie]] && jointly(network, one, view.frame, tie) >= 0);
    const { joint, acts: total } = summary(network, one, view.frame, ties);
    const largest = ties
      .sort(SORTS.stake[1](network))
      .slice(0, 3)
      .map((tie) => {
        const act = network.acts[states.act.at(view.frame, tie)];
        return make(
          "div",
          {},
          make("span", { class: act.collaborative ? "joint" : "alone" }),
          `${act.name} → ${words.shortened(network.organisations[network.target[tie]].short, 30)}`,
        );
      });
    return [
      make("b", {}, network.organisations[row].name),
      make("div", {}, whoIs(network, row)),
      make("div", {}, cash),
      total
        ? make(
            "div",
            {},
            `${joint} of ${total} acts collaborative${view.scenario === DIFFERENCE ? ` (${network.scenarios[one].title})` : ""}; on its largest stakes:`,
          )
        : null,
      ...largest,
    ];
  }

  abm.panel = { scenarioTitle, whoIs, overview, chosen, tip, MEASURES, SORTS, shownOne };
})((globalThis.abmNetwork ??= {}));
