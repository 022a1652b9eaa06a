/* Curves beside the picture: outcomes of worlds A and B through the quarters, of all, by kind or by region, and the same in words. */
(function (abm) {
  "use strict";

  const CHIEF = ["collaborative_share", "trust", "deficit_share", "lasting_share", "unmet_need"];
  const BY = { all: "All", kind: "By kind", region: "By region" };
  const HEIGHTS = { all: 82, kind: 118, region: 88 };
  const OURS = ["by", "outcome", "region"]; // what of the page's view the curves depend on
  const NARROW = 170; // pixels that a chart needs where they stand side by side

  /** Mount the panel; it lives from the store's events on. */
  function mount(root, store) {
    return new Curves(root, store);
  }

  class Curves {
    constructor(root, store) {
      Object.assign(this, { root, store, curves: [], axes: new Map(), reading: false });
      const { make } = abm.element;
      this.head = make("div", { class: "panel-head" });
      this.grid = make("div", { class: "curves" });
      this.said = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Curves in numbers" });
      this.words = make(
        "details",
        { class: "in-words", toggle: () => this.tell() },
        make("summary", {}, "The same in numbers and words"),
        this.said,
      );
      root.classList.add("panel");
      root.replaceChildren(this.head, this.grid, this.words);
      store.on("start", () => this.draw());
      store.on("worlds", () => this.draw());
      store.on("view", (changed) => OURS.some((key) => changed.includes(key)) && this.draw());
      store.on("frame", () => this.move());
      abm.telling.watch(this.grid, () => this.draw());
      this.draw();
    }

    get ready() {
      const { worlds, network } = this.store;
      return Boolean(network && worlds.a && worlds.b);
    }

    /** What the page's view asks for, put right where it cannot be had. */
    get wanted() {
      const { view, start } = this.store;
      const of = (name) => start.outcomes.find((each) => each.name === name);
      const outcome = of(view.outcome) || of(CHIEF[0]) || start.outcomes[0];
      return { by: BY[view.by] ? view.by : "all", outcome, chief: CHIEF.map(of).filter(Boolean) };
    }

    // --- what is drawn -------------------------------------------------------------------------------------------------

    /** One chart's worth each: `title`, `outcome`, `a` and `b` (values), and `code` of its region. */
    facets({ by, outcome, chief }) {
      const { a, b } = this.store.worlds;
      const of = (world, group, code) => (group === "all" ? world.curves.all : world.curves[group]?.[code])?.[outcome.name];
      if (by === "all") {
        const all = chief.includes(outcome) ? chief : [outcome, ...chief];
        return all.map((each) => ({ title: each.words, outcome: each, a: a.curves.all[each.name], b: b.curves.all[each.name] }));
      }
      const groups = by === "kind" ? this.kinds() : this.regions().map(({ code, name }) => ({ code, title: name }));
      return groups.map(({ code, title }) => ({ code, title, outcome, a: of(a, by, code), b: of(b, by, code) }));
    }

    regions() {
      return this.store.network.regions.filter(({ code }) => this.store.worlds.a.curves.region?.[code]);
    }

    kinds() {
      const { kinds } = this.store.network;
      return kinds.filter(({ id }) => this.store.worlds.a.curves.kind?.[id]).map(({ id, plural }) => ({ code: id, title: plural }));
    }

    draw() {
      if (!this.store.start) return;
      if (!this.ready) {
        this.curves = [];
        abm.telling.put(this.grid, abm.element.make("p", { class: "note" }, "The curves come with the first run."));
        return;
      }
      const wanted = this.wanted;
      this.drawHead(wanted);
      const none = this.emptiness(wanted);
      if (none) {
        this.curves = [];
        abm.telling.put(this.grid, abm.element.make("p", { class: "note" }, none));
      } else if (this.grid.clientWidth) this.drawCharts(wanted);
      this.tell();
    }

    emptiness({ by, outcome }) {
      if (by === "kind" && !outcome.by_kind)
        return `“${outcome.words}” is not worked out by kind of organisation: it sets one kind beside another. Choose another.`;
      const known = this.facets(this.wanted).some(({ a, b }) => a?.some(Number.isFinite) || b?.some(Number.isFinite));
      if (!known) return `“${outcome.words}” is not known ${by === "all" ? "here" : BY[by].toLowerCase()}. Choose another outcome.`;
      return "";
    }

    /** The axis of a chart: one for all charts of an outcome, kept from draw to draw while it fits. */
    axisOf(outcome, by, facets) {
      const key = [outcome.name, by, this.store.view.system].join(" ");
      const values = facets.filter((each) => each.outcome === outcome).flatMap(({ a, b }) => [...(a || []), ...(b || [])]);
      const axis = abm.telling.steadyAxis(this.axes.get(key), abm.telling.extent(values));
      this.axes.set(key, axis);
      return axis;
    }

    drawCharts(wanted) {
      const facets = this.facets(wanted),
        { by } = wanted;
      const axes = new Map(facets.map(({ outcome }) => [outcome, this.axisOf(outcome, by, facets)]));
      this.curves = facets.map(({ title, outcome, code, a, b }) => {
        const axis = axes.get(outcome),
          teller = abm.telling.teller(outcome.unit, axis.high - axis.low),
          marked = by === "region" && this.store.view.region === code;
        return new abm.curve.Curve({
          ...{ name: code ?? outcome.name, a: a || [], b: b || [], axis, teller, marked, height: HEIGHTS[by] },
          ...{ title: by === "region" ? this.regionTitle(code, title, marked) : title, note: outcome.meaning },
          ...{
            unit: by === "all" ? teller.unit : "",
            gap: by === "region" ? "" : "B − A: ",
            scrub: (frame) => this.store.set({ frame }),
          },
        });
      });
      const columns = by === "region" ? abm.curve.columnsOf(this.grid, NARROW) : 1;
      abm.curve.drawAll(this.grid, this.curves, columns, this.store.worlds.a.quarters, this.store.view.frame);
      this.move();
    }

    /** A region's name: choose it, or let it go again. */
    regionTitle(code, title, marked) {
      const set = () => this.store.set({ region: marked ? "" : code });
      return abm.element.make(
        "button",
        { type: "button", class: "go title", "data-key": `region-${code}`, "aria-pressed": String(marked), click: set },
        title,
        marked ? abm.element.make("small", {}, " (chosen)") : null,
      );
    }

    // --- the quarter moves ---------------------------------------------------------------------------------------------

    move() {
      const { frame } = this.store.view;
      for (const curve of this.curves) curve.move(frame);
      const quarter = this.ready && this.store.worlds.a.quarters[frame];
      if (this.when && quarter) this.when.textContent = abm.telling.quarter(quarter);
      if (this.words.open) {
        clearTimeout(this.telling);
        this.telling = setTimeout(() => this.tell(), 150);
      }
    }

    // --- above and below -----------------------------------------------------------------------------------------------

    drawHead({ by, outcome, chief }) {
      const { make } = abm.element,
        { store } = this;
      this.when = make("b", {});
      const told = by !== "all" || !chief.includes(outcome);
      abm.telling.put(
        this.head,
        abm.telling.legend(store),
        abm.telling.radios("curves-by", "Curves of", Object.entries(BY), by, (key) => store.set({ by: key })),
        make("div", { class: "bar" }, this.outcomes(by, outcome, chief)),
        told ? make("p", { class: "note" }, `${outcome.words}: ${lowered(outcome.meaning)}, ${outcome.unit}.`) : null,
        make("p", { class: "note" }, this.when, ". Click or drag in a chart for another quarter."),
        this.sameness(),
      );
    }

    /** The choice of an outcome: one more beside the chief ones, or the one that is shown by kind and region. */
    outcomes(by, outcome, chief) {
      const { make } = abm.element,
        every = by === "all";
      const option = (value, text, selected) => make("option", { value, selected }, text),
        options = (list) => list.map((each) => option(each.name, `${each.words} (${each.unit})`, each === outcome));
      const rest = options(this.store.start.outcomes.filter((each) => !chief.includes(each)));
      const select = make(
        "select",
        { id: "curves-outcome", "data-key": "curves-outcome", change: () => this.store.set({ outcome: select.value }) },
        every
          ? [option("", "nothing more", chief.includes(outcome)), ...rest]
          : [make("optgroup", { label: "Chief outcomes" }, options(chief)), make("optgroup", { label: "Others" }, rest)],
      );
      return [make("label", { for: "curves-outcome" }, every ? "Also show" : "Outcome"), select];
    }

    sameness() {
      const { a, b } = this.store.worlds;
      const same = Object.entries(a.curves.all).every(([name, values]) => values.every((value, i) => value === b.curves.all[name]?.[i]));
      return same ? abm.element.make("p", { class: "note strong" }, "A and B do not differ: their lines lie on each other.") : null;
    }

    /** The table in numbers and words, made only when it is open. */
    tell() {
      if (!this.words.open || !this.ready) return;
      if (!this.curves.length) return this.said.replaceChildren(abm.element.make("p", { class: "note" }, "No curve is shown."));
      this.said.replaceChildren(...abm.curveWords.tables(this.curves, this.store.worlds.a.quarters, this.store.view.frame));
    }
  }

  /** The meaning as the rest of a sentence. */
  function lowered(text) {
    return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
  }

  abm.curves = { mount, CHIEF };
})((globalThis.abmNetwork ??= {}));
