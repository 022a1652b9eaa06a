/* Take it away: the setting as a config, figures, tables, and the link that brings this view back. */
(function (abm) {
  "use strict";

  const { make } = abm.element;
  const { link, copy, fetched } = abm.handing;
  const OUTCOME = "collaborative_share"; // of the map where none is chosen
  const FIGURES = [
    ["network", "Networks", "Both worlds' networks side by side in the quarter shown: who acts how towards whom."],
    ["difference", "Difference", "What world B changes: ties that are newly or no longer collaborative in the quarter shown."],
    ["curves", "Curves", "The chief outcomes of both worlds over all quarters."],
    ["map", "Map", "Where B differs from A in the quarter shown, by system:"],
    ["ego", "One organisation", "with its ties in both worlds in the quarter shown."],
  ];
  const TABLES = [
    // name in the server's words, title, what it holds, whether it is of the quarter shown
    ["outcomes", "Outcomes", "Every outcome, all systems together: a row a quarter.", false],
    ["outcomes_by_kind", "Outcomes by kind", "The same for ICBs, providers and councils: a row a quarter and kind.", false],
    ["outcomes_by_region", "Outcomes by region", "The same for each region: a row a quarter and region.", false],
    ["survey", "Survey", "What the leaders would answer: a row a finished year and item.", false],
    ["organisations", "Organisations", "What became of each organisation in each finished year.", false],
    ["accounts", "Accounts", "What everybody received, paid and holds in the quarter shown.", true],
    ["ledger", "Ledger", "Every payment of the quarter shown: who, to whom, what for.", true],
    ["ties", "Ties", "Every tie after the quarter shown, with trust and act: a row a direction.", true],
    ["acts", "Acts", "Who acted how towards whom in the quarter shown, and why.", true],
  ];
  const NOT_YET = "Choose an organisation first: click it, or find it by name.";

  /** The quarter shown, by number and in words. */
  function shown(store) {
    const quarter = store.network?.quarters[store.view.frame];
    return { number: quarter ? quarter.number : store.view.frame, words: quarter ? abm.words.quarter(quarter) : "the last quarter" };
  }

  /** The setting as a file of its own, and how to run it again. */
  function config(store, say) {
    const address = () => `/api/config?${store.query("both")}`;
    const file = link("Config (YAML)", "the config of both worlds", address, "setting.yaml", say),
      command = copy("Command to run it, where it was saved", "take-command", say),
      text = make("pre", { class: "yaml", tabindex: "0", "aria-label": "The config" });
    const look = make("details", {}, make("summary", {}, "Look at it"), text);
    let asked = "";
    async function fetchText() {
      asked = address();
      const mine = asked;
      command.set("");
      try {
        const { name, blob } = await fetched(mine, "setting.yaml");
        const words = await blob.text();
        if (mine !== asked) return;
        command.set(`abm run ${name}`);
        text.textContent = words;
      } catch (error) {
        if (mine !== asked) return;
        asked = ""; // so that it is asked for again
        text.textContent = error.message;
        say(error.message, true);
      }
    }
    return {
      element: section(
        "The setting",
        "Both worlds as one experiment, with all you changed, system, length and seed. It gives the same numbers to the last digit.",
        make("p", {}, file.element),
        command.element,
        look,
      ),
      refresh() {
        file.refresh();
        if (address() !== asked) fetchText();
      },
    };
  }

  function section(title, words, ...children) {
    return make("section", {}, make("h3", {}, title), make("p", { class: "note" }, words), children);
  }

  /** One thing to take: its name and what it holds, and links to its files. */
  function row(name, words, files) {
    const note = make("span", { class: "note" }, words);
    return {
      note,
      element: make("li", {}, make("div", { class: "what" }, make("b", {}, name), note), make("div", { class: "files" }, files)),
    };
  }

  /** What a figure's query says beside both worlds: what is on the screen. */
  function figureQuery(store, figure, format) {
    const { view } = store,
      org = view.chosen >= 0 ? store.network?.organisations[view.chosen]?.code : null;
    if (figure === "ego" && !org) return null;
    const more = { figure, format, quarter: shown(store).number };
    if (figure === "network" || figure === "difference") Object.assign(more, { ties: view.ties, region: view.region || null });
    if (figure === "map") more.outcome = mapped(store).name;
    if (figure === "curves" && view.by !== "all") more.by = view.by;
    if (figure === "ego") Object.assign(more, { org, ties: view.ties, show: "both" });
    return `/api/figure?${store.query("both", more)}`;
  }

  function figures(store, say) {
    const rows = FIGURES.map(([figure, name, words]) => {
      const files = ["png", "svg"].map((format) =>
        link(
          format.toUpperCase(),
          `${name} as ${format.toUpperCase()}`,
          () => figureQuery(store, figure, format),
          `${figure}.${format}`,
          say,
        ),
      );
      return {
        figure,
        words,
        files,
        ...row(
          name,
          words,
          files.map((each) => each.element),
        ),
      };
    });
    const said = make("p", { class: "note" });
    const element = section(
      "Figures",
      "For slides (PNG) and print (SVG); each says at its foot where it comes from.",
      said,
      make(
        "ul",
        { class: "things" },
        rows.map((each) => each.element),
      ),
    );
    return {
      element,
      refresh() {
        said.textContent = `The quarter shown is ${shown(store).words}.`;
        for (const each of rows) {
          for (const file of each.files) file.refresh();
          each.note.textContent = figureWords(store, each.figure, each.words);
        }
      },
    };
  }

  /** The outcome that the map is of. */
  function mapped({ view, start }) {
    const name = view.outcome || OUTCOME;
    return start.outcomes.find((each) => each.name === name) || { name, words: name };
  }

  /** What a figure holds, with what is chosen now. */
  function figureWords(store, figure, words) {
    const name = store.view.chosen >= 0 && store.network?.organisations[store.view.chosen]?.name;
    if (figure === "ego") return name ? `${name}, ${words}` : NOT_YET;
    return figure === "map" ? `${words} ${mapped(store).words.toLowerCase()}.` : words;
  }

  function tables(store, say) {
    let which = "b";
    const choices = abm.setting.BOTH.map((each) =>
      abm.element.choice("radio", "take-world", `World ${each.toUpperCase()}`, each === which, () => {
        which = each;
        refresh();
      }),
    );
    const rows = TABLES.map(([table, name, words, quarterly]) => {
      const address = () => `/api/table?${store.query(which, { table, ...(quarterly ? { quarter: shown(store).number } : {}) })}`;
      const file = link("CSV", `the table ${name} as CSV`, address, `${table}.csv`, say);
      return { file, ...row(name, words, [file.element]) };
    });
    const refresh = () => rows.forEach((each) => each.file.refresh());
    const world = make("fieldset", { class: "moves" }, make("legend", { class: "hidden" }, "Tables of which world"), choices);
    const element = section(
      "Tables",
      "One world at a time, as CSV for spreadsheets and R.",
      world,
      make(
        "ul",
        { class: "things" },
        rows.map((each) => each.element),
      ),
    );
    return { element, refresh };
  }

  /** The link of this view. */
  function address(say) {
    const made = copy("Link to this view", "take-link", say);
    return {
      element: section(
        "The link",
        "Brings back both worlds, the quarter and what is chosen, on a computer where abm view runs at the same address.",
        made.element,
      ),
      refresh: () => made.set(abm.address ? abm.address.link() : location.href),
    };
  }

  /** The menu: a button and what it opens; Escape closes it and gives the focus back. */
  function menu(parts, status) {
    const button = make("button", { type: "button", "aria-expanded": "false", "aria-controls": "take-menu" }, "Take it away"),
      close = make("button", { type: "button", class: "close" }, "Close");
    const panel = make(
      "div",
      { id: "take-menu", role: "region", "aria-label": "Take it away" },
      make("div", { class: "top" }, make("h2", {}, "Take it away"), close),
      status,
      parts.map((each) => each.element),
    );
    panel.hidden = true;
    const show = (on) => {
      panel.hidden = !on;
      button.setAttribute("aria-expanded", String(on));
      if (on) {
        refresh();
        close.focus();
      } else if (panel.contains(document.activeElement) || document.activeElement === document.body) button.focus();
    };
    const refresh = () => panel.hidden || parts.forEach((each) => each.refresh());
    button.addEventListener("click", () => show(panel.hidden));
    close.addEventListener("click", () => (show(false), button.focus()));
    panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") (event.stopPropagation(), show(false), button.focus());
    });
    document.addEventListener("pointerdown", (event) => {
      if (!panel.hidden && !panel.contains(event.target) && event.target !== button) show(false);
    });
    return { elements: [button, panel], refresh };
  }

  function mount(root, store) {
    const status = make("p", { class: "how", role: "status" });
    const say = (words, isFault = false) => {
      status.textContent = words;
      status.classList.toggle("fault", isFault);
    };
    const made = menu([config(store, say), figures(store, say), tables(store, say), address(say)], status);
    root.replaceChildren(...made.elements);
    for (const event of ["view", "worlds", "frame", "chosen"]) store.on(event, () => setTimeout(made.refresh)); // after the address is told
  }

  abm.take = { mount };
})((globalThis.abmNetwork ??= {}));
