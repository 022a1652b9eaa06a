/* The rail of the two worlds: their scenarios, what they share, and every lever by group. */
(function (abm) {
  "use strict";

  const { make } = abm.element;
  const { count, capital } = abm.words;
  const setting = abm.setting;
  const GROUPS = {
    // the three treatments first; groups that are not named here follow in their own order
    oversight: "Finance oversight",
    bypass: "Regional bypass",
    "ring-fence": "Ring-fencing",
    settlement: "Settlement",
    partnership: "How partners work",
    growth: "Growth of money",
  };
  const MOVES = { a: "A", b: "B", both: "both" };

  /** Rows by group, the groups in the order they are shown. */
  function byGroup(rows) {
    const names = [...new Set([...Object.keys(GROUPS), ...rows.map((row) => row.group)])];
    return names.map((name) => [name, rows.filter((row) => row.group === name)]).filter(([, own]) => own.length);
  }

  /** A folded group of levers; it opens by itself when a scenario that is chosen sets one of them. */
  function group(store, section, name, rows, moves) {
    const levers = rows.map((row) => new abm.lever.Lever(store, section, row, moves));
    const told = make("span", { class: "told" });
    const details = make(
      "details",
      { class: "group", "data-group": name },
      make("summary", {}, GROUPS[name] || capital(name), told),
      levers.map((each) => each.element),
    );
    let seen = "";
    return {
      levers,
      element: details,
      refresh() {
        for (const each of levers) each.refresh();
        const changed = levers.filter((each) => each.changedIn().length).length;
        const scenarios = setting.BOTH.map((which) => store.start.scenarios.find((each) => each.name === store.view[which].scenario));
        const set = rows.some((row) => scenarios.some((each) => each?.[section]?.[row.name] !== undefined));
        told.textContent = changed ? `${changed} changed` : "";
        const now = scenarios.map((each) => each?.name).join("|");
        if (now !== seen && (set || changed)) details.open = true;
        seen = now;
      },
    };
  }

  /** Which worlds the sliders move. */
  function moved(changed) {
    let moves = "b";
    const choices = Object.entries(MOVES).map(([value, words]) =>
      abm.element.choice("radio", "moves", words, value === moves, () => {
        moves = value;
        changed();
      }),
    );
    return {
      element: make("fieldset", { class: "moves" }, make("legend", {}, "Sliders move"), choices),
      worlds: () => (moves === "both" ? setting.BOTH : [moves]),
    };
  }

  /** What was let go when a world got another scenario, and a way to take it back. */
  function notice(store) {
    const words = make("span"),
      undo = make("button", { type: "button" }, "Take that back");
    const element = make("p", { class: "let-go", role: "status" }, words, undo);
    element.hidden = true;
    let kept = null;
    undo.addEventListener("click", () => {
      store.set({ [kept.which]: kept.before });
      element.hidden = true;
      document.getElementById(`scenario-${kept.which}`).focus();
    });
    return {
      element,
      /** `before` is the world's setting as it was. */
      say(which, before) {
        const names = ["levers", "parameters"].flatMap((section) => Object.keys(before[section] || {}));
        kept = { which, before };
        element.hidden = !names.length;
        const were = `${count(names.length, "change")} of yours ${names.length === 1 ? "was" : "were"}`;
        words.textContent = `World ${which.toUpperCase()} is now as its scenario says; ${were} let go. `;
      },
    };
  }

  /** What the marks on the sliders mean. */
  function key() {
    const mark = (name, words) => make("span", { class: "of" }, make("i", { class: `sample ${name}`, "aria-hidden": "true" }), words);
    return make("p", { class: "note signs" }, mark("plausible", "plausible"), mark("default", "default"), mark("a", "A"), mark("b", "B"));
  }

  /** Why the server refused a value, beside the lever that it names; other lines are for the page's own notice. */
  function blame(levers, lines) {
    for (const lever of levers) {
      const own = lines.filter((line) => new RegExp(`\\b${lever.section}\\.${lever.row.name}(?!\\w)`).test(line));
      if (!own.length) continue;
      lever.say(own.join(" "), true);
      for (let at = lever.element.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
    }
  }

  /** The levers (and parameters, where any are offered), with what moves them and what puts them back. */
  function sections(store, moves) {
    const groups = byGroup(store.start.levers).map(([name, rows]) => group(store, "levers", name, rows, moves.worlds));
    const assumed = byGroup(store.start.parameters || []).map(([name, rows]) => group(store, "parameters", name, rows, moves.worlds));
    const back = make("button", { type: "button", class: "all-back" });
    back.addEventListener("click", () => {
      for (const lever of [...groups, ...assumed].flatMap((each) => each.levers)) lever.say("");
      setting.putAllBack(store);
    });
    const parameters = assumed.length
      ? make(
          "details",
          { class: "assumed" },
          make("summary", {}, "Parameters (assumptions)"),
          assumed.map((each) => each.element),
        )
      : null;
    return {
      levers: [...groups, ...assumed].flatMap((each) => each.levers),
      elements: [
        make("div", { class: "moving" }, make("h2", {}, "Levers"), moves.element, key(), back),
        groups.map((each) => each.element),
        parameters,
      ],
      refresh() {
        for (const each of [...groups, ...assumed]) each.refresh();
        const changes = setting.changes(store);
        back.textContent = changes ? `Put all back (${changes})` : "Nothing is changed";
        back.setAttribute("aria-disabled", String(!changes));
      },
    };
  }

  function mount(root, store) {
    const told = notice(store),
      letGo = (which, before) => {
        told.say(which, before);
        for (const lever of parts.levers) lever.forget();
      },
      worlds = setting.BOTH.map((which) => abm.chosen.scenario(store, which, letGo)),
      run = abm.chosen.run(store),
      moves = moved(() => refresh());
    const parts = sections(store, moves);
    const refresh = () => {
      for (const each of [...worlds, run, parts]) each.refresh();
    };
    root.replaceChildren(...worlds.map((each) => each.element), told.element, run.element, ...parts.elements.flat().filter(Boolean));
    store.on("view", refresh);
    store.on("worlds", () => {
      for (const lever of parts.levers) if (lever.byServer) lever.say("");
      refresh();
    });
    store.on("error", (error) => blame(parts.levers, error.lines || []));
    refresh();
  }

  abm.levers = { mount, byGroup };
})((globalThis.abmNetwork ??= {}));
