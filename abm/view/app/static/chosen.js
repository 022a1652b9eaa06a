/* What the two worlds are: scenario of each, and the system, length, seed, replicate and design point that both share. */
(function (abm) {
  "use strict";

  const { make } = abm.element;
  const { count } = abm.words;
  const setting = abm.setting;
  const MOST_POINTS = 300; // more than these are told by number

  /** `label` above `input`, with a line below for words and one for faults. */
  function field(label, input, ...below) {
    return make("div", { class: "field" }, make("label", { for: input.id }, label), input, below);
  }

  /** The choice of one world's scenario. */
  function scenario(store, which, letGo) {
    const { scenarios } = store.start,
      titles = scenarios.map((each) => each.title || each.name);
    const select = make(
      "select",
      { id: `scenario-${which}`, "aria-describedby": `scenario-${which}-about`, change: () => take() },
      scenarios.map((each, i) =>
        make(
          "option",
          { value: each.name },
          titles.indexOf(titles[i]) === titles.lastIndexOf(titles[i]) ? titles[i] : `${titles[i]} (${each.name})`,
        ),
      ),
    );
    const about = make("p", { class: "note", id: `scenario-${which}-about` });
    const take = () => {
      const before = store.view[which];
      setting.choose(store, which, select.value);
      letGo(which, before);
    };
    return {
      element: make("div", { class: `world ${which}` }, field(`World ${which.toUpperCase()}`, select, about)),
      refresh() {
        select.value = store.view[which].scenario;
        about.textContent = scenarios.find((each) => each.name === store.view[which].scenario)?.description || "";
      },
    };
  }

  /** A whole number that both worlds share, refused in words outside its limits. */
  function whole(store, name, label, words = () => "") {
    const [low, high] = store.start.limits[name];
    const id = `run-${name}`;
    const fault = make("p", { class: "fault", id: `${id}-fault`, role: "alert" }),
      note = make("p", { class: "note" });
    const show = (text) => {
      fault.textContent = text;
      input.setAttribute("aria-invalid", String(Boolean(text)));
    };
    let typing = false;
    const refresh = () => {
      note.textContent = words(store.view[name]);
      if (!fault.textContent && !typing) input.value = store.view[name];
    };
    const input = make("input", {
      type: "text",
      inputmode: "numeric",
      autocomplete: "off",
      id,
      "aria-describedby": fault.id,
      input: () => (typing = true),
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      typing = false;
      show("");
      refresh();
    });
    input.addEventListener("change", () => {
      typing = false;
      const read = setting.read({ low, high, integer: true, unit: name }, input.value);
      show(read.fault ? `${read.fault.replace(/ \([a-z]+\)\.$/, ".")} The worlds are left as they were.` : "");
      if (!read.fault) store.set({ [name]: read.value });
    });
    return { element: field(label, input, note, fault), refresh };
  }

  /** A choice from a list of `[value, words]` that both worlds share. */
  function one(store, name, label, options, meant = (value) => value) {
    const made = options.map(([value, words]) => make("option", { value }, words));
    const select = make("select", { id: `run-${name}`, change: () => store.set({ [name]: meant(select.value) }) }, made);
    return { element: field(label, select), refresh: () => (select.value = String(store.view[name])) };
  }

  /** What a design point sets, in words. */
  function pointWords(start, point) {
    const words = Object.entries(point.settings || {}).map(([key, value]) => {
      const row = start.levers.find((each) => `levers.${each.name}` === key);
      return `${row ? row.words : setting.text(key.replace(/^\w+\./, ""))} ${setting.text(value)}`;
    });
    return `${point.point}: ${words.join(", ") || "as the scenario"}`;
  }

  /** The design point, only where there are several. */
  function points(store) {
    const { start } = store,
      all = start.points || [];
    if (all.length < 2) return [];
    if (all.length <= MOST_POINTS)
      return [
        one(
          store,
          "point",
          "Design point",
          all.map((each) => [each.point, pointWords(start, each)]),
          Number,
        ),
      ];
    const numbers = all.map((each) => each.point);
    start.limits.point ??= [Math.min(...numbers), Math.max(...numbers)];
    return [whole(store, "point", "Design point", (at) => pointWords(start, all.find((each) => each.point === at) || { point: at }))];
  }

  /** The part of the rail for what both worlds share: folded, with its words in the summary. */
  function run(store) {
    const { start } = store;
    const parts = [
      ...(start.systems.length > 1
        ? [
            one(
              store,
              "system",
              "System",
              start.systems.map((each) => [each.name, each.title || each.name]),
            ),
          ]
        : []),
      ...points(store),
      whole(store, "quarters", "Quarters", (quarters) => `${setting.text(quarters / 4)} years`),
      whole(store, "seed", "Seed", () => "What all chance is drawn from; the same in both worlds."),
      whole(store, "replicate", "Replicate", () => "Another number, other luck: the same again in both worlds."),
    ];
    const summary = make("summary", {});
    return {
      element: make(
        "details",
        { class: "run" },
        summary,
        parts.map((each) => each.element),
      ),
      refresh() {
        const { view } = store,
          system = start.systems.find((each) => each.name === view.system);
        const point = (start.points || []).length > 1 ? [`point ${view.point}`] : [];
        const said = [
          system?.title || view.system,
          ...point,
          count(view.quarters, "quarter"),
          `seed ${view.seed}`,
          `replicate ${view.replicate}`,
        ];
        summary.textContent = `Both worlds: ${said.filter(Boolean).join(", ")}`;
        for (const each of parts) each.refresh();
      },
    };
  }

  abm.chosen = { scenario, run };
})((globalThis.abmNetwork ??= {}));
