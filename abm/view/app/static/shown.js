/* What is asked of the maps: show, ties, layout, region, filters and search; and the legend that answers. */
(function (abm) {
  "use strict";

  const { words } = abm;
  const { make, choice } = abm.element;
  const { symbolOf, swatch, regionsOf } = abm.controls;
  const SHOW = { both: "Both", a: "A", b: "B", difference: "Difference" },
    TIES = { acts: "Acts", trust: "Trust" };

  /** The bar above the maps. `store` is told; `choose(row)` is called with what the search found. */
  function bar(store, choose) {
    const layout = make("select", { id: "layout", change: () => store.set({ layout: layout.value }) });
    const region = make("select", { id: "region", change: () => store.set({ region: region.value }) });
    const made = make(
      "div",
      { id: "bar" },
      segments("show", "Show", SHOW, store),
      segments("ties", "Ties show", TIES, store),
      field("Layout", layout),
      field("Region", region),
      finder(),
    );
    abm.search.search(() => store.network || store.plain || { organisations: [], kinds: [] }, choose, made);
    let network = null;
    const refresh = () => {
      if (store.plain && store.plain !== network) fill(layout, region, (network = store.plain));
      for (const name of ["show", "ties"])
        for (const input of made.querySelectorAll(`[name="${name}"]`)) input.checked = input.value === store.view[name];
      if (network) layout.value = network.layouts[layoutOf(store)].id;
      region.value = store.view.region;
      if (network && region.selectedIndex < 0) region.value = "";
    };
    store.on("network", refresh);
    store.on("view", refresh);
    refresh();
    return made;
  }

  /** Radio buttons that look like one bar. */
  function segments(name, title, options, store) {
    const each = ([value, text]) =>
      make(
        "label",
        {},
        make("input", { type: "radio", name, value, checked: store.view[name] === value, change: () => store.set({ [name]: value }) }),
        make("span", {}, text),
      );
    return make("fieldset", { class: "segments" }, make("legend", {}, title), make("div", {}, Object.entries(options).map(each)));
  }

  function field(text, control) {
    return make("div", { class: `field ${control.id}` }, make("label", { for: control.id }, text), control);
  }

  function finder() {
    const box = make("input", {
      ...{ id: "search-box", type: "text", role: "combobox", placeholder: "Name or code", autocomplete: "off", spellcheck: "false" },
      ...{ "aria-expanded": "false", "aria-controls": "search-list", "aria-autocomplete": "list" },
    });
    return make(
      "div",
      { class: "field", id: "search" },
      make("label", { for: "search-box" }, "Find", make("span", { class: "hidden" }, " an organisation")),
      box,
      make("ul", { id: "search-list", role: "listbox", "aria-label": "Organisations found", hidden: true }),
      make("p", { id: "search-note", class: "note", role: "status" }),
    );
  }

  function fill(layout, region, network) {
    layout.replaceChildren(...network.layouts.map(({ id, name }) => make("option", { value: id }, name)));
    const options = regionsOf(network).map(({ code, name }) => make("option", { value: code }, name));
    region.replaceChildren(make("option", { value: "" }, `All of ${network.world}`), ...options);
  }

  /** The number of the layout asked for; the first where there is no such one. */
  function layoutOf({ view, plain }) {
    return Math.max(
      plain.layouts.findIndex((each) => each.id === view.layout),
      0,
    );
  }

  /** The filters: a tick box a kind of organisation and of tie, with its symbol and how many there are. */
  function filters(store) {
    const made = make("div", { id: "filters" });
    store.on("network", (network) => {
      const amount = (list, i) => list.reduce((sum, kind) => sum + (kind === i ? 1 : 0), 0);
      const kinds = network.organisations.map((each) => each.kind);
      const box = (kind, text, number, extra) => {
        const label = choice(
          "checkbox",
          `hide-${kind.id}`,
          text,
          !store.view.hide.includes(kind.id),
          (on) => hide(store, kind.id, !on),
          extra,
        );
        label.querySelector(".amount").textContent = words.number(number);
        return label;
      };
      const group = (title, boxes) => make("fieldset", { class: "ticks" }, make("legend", {}, title), boxes);
      made.replaceChildren(
        group(
          "Organisations",
          network.kinds.map((kind, i) => box(kind, kind.plural, amount(kinds, i), symbolOf(i))),
        ),
        group(
          "Ties",
          network.tie_kinds.map((kind, i) => box(kind, kind.name, amount(network.tieKind, i))),
        ),
      );
    });
    store.on("view", () => {
      for (const input of made.querySelectorAll("input")) input.checked = !store.view.hide.includes(input.name.slice(5));
    });
    return made;
  }

  function hide(store, id, on) {
    const others = store.view.hide.filter((each) => each !== id);
    store.set({ hide: on ? [...others, id].sort() : others });
  }

  /** What the lines stand for, with how many there are on each map. `found`: the scenes that show, with their letters. */
  function legend(root, found) {
    const { looks, network, view } = found[0].scene;
    const lines = looks.map((each, i) => {
      if (!found.some(({ scene }) => scene.counts[i])) return null;
      const numbers = found.map(({ letter, scene }) =>
        found.length > 1 ? `${letter} ${words.number(scene.counts[i])}` : words.number(scene.counts[i]),
      );
      return make("li", {}, swatch(each), `${words.capital(each.label)}: `, make("span", { class: "amount" }, numbers.join(" · ")));
    });
    const who = view.colour === "acts" ? "what it did to" : "how far it trusts";
    const shaded = found[0].scene.areas && network.layouts[view.layout].id !== "tiers" && network.layouts[view.layout].id !== "places";
    const note = make(
      "li",
      { class: "wide" },
      `The half of a line next to an organisation shows ${who} the other. ${network.layouts[view.layout].note}`,
    );
    root.replaceChildren(...lines.filter(Boolean), ...(shaded ? areas(found) : []), note);
  }

  /** What the colours of areas stand for: those that show. */
  function areas(found) {
    const { looks, what } = found[0].scene.areas.looks;
    const seen = new Set(found.flatMap(({ scene }) => Object.values(scene.areas.classes)));
    const each = looks.map(({ label, colour }, i) => {
      if (!seen.has(i)) return null;
      const box = make("span", { class: "area", "aria-hidden": "true" });
      box.style.backgroundColor = colour;
      return make("span", { class: "shade" }, box, label);
    });
    return [make("li", { class: "areas" }, `A system's area, ${what}:`, each)];
  }

  abm.shown = { bar, filters, legend, layoutOf };
})((globalThis.abmNetwork ??= {}));
