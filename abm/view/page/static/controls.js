/* What is shown is asked for here: scenario, colours, filters, layout; and the legend that answers. */
(function (abm) {
  "use strict";

  const { look, words } = abm;
  const { make, choice, byId } = abm.element;
  const { DIFFERENCE } = abm.scene;

  /** Fill the controls. `set(change)` changes the view; `region(row)` and `layout(number)` do so and move the picture. */
  function controls(network, view, { set, region, layout }) {
    const { scenarios } = network;
    byId("scenario").hidden = scenarios.length < 2;
    if (scenarios.length > 1) {
      const titles = [...scenarios.map((each) => each.title), "Difference between the two"];
      radios(
        "scenario",
        titles.map((title, i) => [i, title]),
        view.scenario,
        (scenario) => set({ scenario }),
      );
    }
    const colours = Object.entries({ acts: "what was done", trust: "trust" });
    radios("colour", colours, view.colour, (colour) => set({ colour }));
    const organisations = network.kinds.map((_, i) => network.organisations.filter((each) => each.kind === i).length);
    ticks(
      "kinds",
      network.kinds.map((kind) => kind.plural),
      view.kinds,
      organisations,
      set,
      symbolOf,
    );
    const ties = network.tie_kinds.map((_, i) => network.tieKind.reduce((sum, kind) => sum + (kind === i ? 1 : 0), 0));
    ticks(
      "ties",
      network.tie_kinds.map((kind) => kind.name),
      view.ties,
      ties,
      set,
    );
    regions(network, region);
    byId("layout").hidden = network.layouts.length < 2;
    radios(
      "layout",
      network.layouts.map((each, i) => [i, each.name]),
      view.layout,
      layout,
    );
  }

  /** Radio buttons of [value, text]; `pick(value)` is told which. */
  function radios(name, options, now, pick) {
    byId(name).append(...options.map(([value, text]) => choice("radio", name, text, value === now, () => pick(value))));
  }

  /** Tick boxes that filter; `flags` is the view's own array. */
  function ticks(name, texts, flags, amounts, set, extra = () => []) {
    texts.forEach((text, i) => {
      const changed = (on) => {
        flags[i] = on;
        set({});
      };
      const label = choice("checkbox", `${name}-${i}`, text, flags[i], changed, extra(i));
      label.querySelector(".amount").textContent = words.number(amounts[i]);
      byId(name).append(label);
    });
  }

  /** The regions by name: `code`, `name`, `row`. */
  function regionsOf(network) {
    const rows = network.organisations
      .map(({ code, name, region }, row) => ({ code, name, row, is: region === row }))
      .filter(({ is }) => is);
    return rows.sort((a, b) => a.name.localeCompare(b.name));
  }

  /** The choice of a region, by name. */
  function regions(network, region) {
    const options = regionsOf(network).map(({ name, row }) => make("option", { value: String(row) }, name));
    byId("region").append(make("option", { value: "-1" }, `All of ${network.world}`), ...options);
    byId("region").addEventListener("change", (event) => region(Number(event.target.value)));
  }

  /** What symbols and lines of the scene stand for, with their numbers. */
  function legend(found) {
    const { network, view } = found;
    const kinds = network.kinds.map((kind, i) => {
      const amount = network.organisations.filter((each, row) => each.kind === i && found.organisations[row]).length;
      return amount ? make("li", {}, symbolOf(i), words.count(amount, spoken(kind.name), spoken(kind.plural))) : null;
    });
    const lines = found.looks.map((each, i) =>
      found.counts[i] ? make("li", {}, swatch(each), `${each.label}: ${words.number(found.counts[i])}`) : null,
    );
    const who = view.colour === "acts" ? "what it does to" : "how far it trusts";
    const hidden = network.tieCount - found.ties.length;
    const left = hidden ? ` ${words.count(hidden, "tie")} of ${words.number(network.tieCount)} filtered out.` : "";
    const half = make("li", { class: "wide" }, `The half of a line next to an organisation shows ${who} the other.${left}`);
    byId("legend").replaceChildren(...kinds.filter(Boolean), ...lines.filter(Boolean), half);
  }

  /** A short line as the ties of a class are drawn. */
  function swatch({ colour, width }) {
    const line = make("span", { class: "swatch", "aria-hidden": "true" });
    line.style.borderTopColor = colour;
    line.style.borderTopWidth = `${Math.max(2, 2.2 * width)}px`;
    return line;
  }

  /** A kind's name within a sentence. */
  function spoken(name) {
    return /^[A-Z]{2}/.test(name) ? name : name.toLowerCase();
  }

  /** A small canvas with the symbol of a kind of organisation. */
  function symbolOf(kind) {
    const { fill, shape } = look.KINDS[kind];
    const canvas = make("canvas", { width: 36, height: 36, "aria-hidden": "true" });
    canvas.style.cssText = "width: 18px; height: 18px";
    const context = canvas.getContext("2d");
    context.scale(2, 2);
    look.symbol(context, shape, 9, 9, shape === "square" || shape === "circle" ? 6 : 7);
    context.fillStyle = fill;
    context.fill();
    context.strokeStyle = look.INK;
    context.stroke();
    return canvas;
  }

  abm.controls = { controls, legend, regionsOf, swatch, symbolOf, spoken };
})((globalThis.abmNetwork ??= {}));
