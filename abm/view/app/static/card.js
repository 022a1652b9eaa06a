/* The chosen organisation: who it is, its money, ledger, ties and path, in worlds A and B in the quarter shown. Asked of the server. */
(function (abm) {
  "use strict";

  const REST = 250; // milliseconds that the quarter must rest before it is asked for
  const KEPT = 30; // answers kept, the latest last

  function mount(root, store) {
    return new Card(root, store);
  }

  class Card {
    constructor(root, store) {
      Object.assign(this, { root, store, answer: null, shown: "", kept: new Map(), before: [], timer: 0, asked: 0 });
      this.folds = { tie: "", ties: false, only: false, in: false, out: false, moved: false, words: false };
      const { make } = abm.element;
      this.note = make("div", { class: "card-note", role: "status" });
      this.body = make("div", { class: "card-body" });
      root.classList.add("panel");
      root.replaceChildren(this.note, this.body);
      store.on("start", () => this.refresh());
      store.on("worlds", () => this.refresh());
      store.on("chosen", () => {
        if (!this.fromHere) this.before = [];
        this.refresh();
      });
      store.on("loading", (is) => this.answer && this.waiting(is));
      store.on("frame", () => this.moved());
      abm.telling.watch(root, () => this.sized());
      this.refresh();
    }

    /** Code of the chosen organisation, "" where there is none. */
    get chosen() {
      const { network, view } = this.store;
      return network?.organisations[view.chosen]?.code ?? "";
    }

    row(code) {
      return this.store.network.organisations.findIndex((each) => each.code === code);
    }

    get query() {
      const { network, view } = this.store;
      return this.store.query("both", { org: this.chosen, quarter: network.quarters[view.frame].number });
    }

    /** Another organisation is chosen from here; `back` when it is the one that was chosen before. */
    choose(code, back = false) {
      if (!back) this.before.push(this.chosen);
      this.folds.tie = "";
      this.fromHere = true;
      this.store.set({ chosen: code ? this.row(code) : -1 });
    }

    // --- asking ----------------------------------------------------------------------------------------------------------

    moved() {
      clearTimeout(this.timer);
      if (!this.chosen) return;
      for (const curve of this.path || []) curve.move(this.store.view.frame);
      if (this.query === this.shown) return this.waiting(false);
      this.waiting(true);
      this.timer = setTimeout(() => this.refresh(), REST);
    }

    sized() {
      if (this.answer && this.query === this.shown) this.drawPath();
      else this.refresh();
    }

    /** Show the card of what is asked for now, from what is kept or from the server. */
    async refresh() {
      clearTimeout(this.timer);
      const mine = ++this.asked;
      if (!this.store.network || !this.chosen) return this.nobody();
      if (!abm.telling.visible(this.root)) return;
      const { query } = this;
      if (query === this.shown) return this.waiting(false);
      this.waiting(true);
      try {
        const answer = this.kept.get(query) || (await this.store.fetch("/api/organisation", query));
        this.keep(query, answer);
        if (mine === this.asked) this.show(query, answer);
      } catch (error) {
        if (mine === this.asked) this.failed(error);
      }
    }

    keep(query, answer) {
      this.kept.delete(query);
      this.kept.set(query, answer);
      if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value);
    }

    waiting(is) {
      this.root.classList.toggle("waiting", is && Boolean(this.answer));
      this.root.setAttribute("aria-busy", String(is));
      if (is && !this.answer) this.body.replaceChildren();
      if (is && !this.answer) this.note.replaceChildren(abm.element.make("p", { class: "note" }, "Its books are being fetched …"));
      else this.note.replaceChildren();
    }

    failed(error) {
      const { make } = abm.element;
      this.root.setAttribute("aria-busy", "false");
      const again = make("button", { type: "button", "data-key": "card-again", click: () => this.refresh() }, "Try again");
      const lines = (error.lines || [error.message]).map((line) => make("p", {}, line));
      const old = this.answer ? make("p", { class: "note" }, "What is below is the card that was shown before.") : null;
      abm.telling.put(this.note, make("h3", {}, error.title || "The card could not be shown"), lines, again, old);
    }

    // --- showing ---------------------------------------------------------------------------------------------------------

    nobody() {
      const { make } = abm.element;
      Object.assign(this, { answer: null, shown: "", path: null });
      this.waiting(false);
      const words = this.store.network
        ? [
            make("h2", { tabindex: "-1", "data-key": "chosen" }, "No organisation is chosen"),
            make("p", {}, "Click one on the map, or find it by its name or code with the search box (key /)."),
            make(
              "p",
              { class: "note" },
              "Here will stand who it is, its money and payments in the quarter, its ties with trust and last acts, why it acted so, " +
                "and its path through time, in both worlds.",
            ),
          ]
        : [make("p", { class: "note" }, "Organisations come with the first run.")];
      this.note.replaceChildren();
      abm.telling.put(this.body, words);
      this.before = [];
    }

    show(query, answer) {
      const another = answer.organisation.code !== this.answer?.organisation.code;
      if (another) Object.assign(this.folds, { tie: "", ties: false, in: false, out: false });
      Object.assign(this, { answer, shown: query });
      this.waiting(false);
      this.draw();
      if (another && this.fromHere) this.root.querySelector('[data-key="chosen"]')?.focus();
      this.fromHere = false;
    }

    /** Everything again, from the answer that is there. */
    draw() {
      const { make } = abm.element,
        { answer, folds } = this;
      const fold = (change) => {
        Object.assign(folds, change);
        this.draw();
      };
      this.grid = make("div", { class: "curves" });
      this.words = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Its path in numbers" });
      this.spoken = make("details", { class: "in-words", open: folds.words, toggle: () => this.tell() });
      this.spoken.append(make("summary", { "data-key": "path-words" }, "The same in numbers and words"), this.words);
      abm.telling.put(
        this.body,
        this.head(answer),
        abm.telling.legend(this.store),
        abm.cardMoney.money(answer),
        abm.cardTies.ties(answer, { folds, fold, choose: (code) => this.choose(code) }),
        abm.cardMoney.ledger(answer, { folds, fold }),
        make("h3", {}, "Its path through time"),
        this.grid,
        this.spoken,
      );
      this.drawPath();
    }

    /** Its path in words, made only when it is open. */
    tell() {
      this.folds.words = this.spoken.open;
      if (!this.spoken.open || !this.path) return;
      this.words.replaceChildren(...abm.curveWords.tables(this.path, this.store.network.quarters, this.store.view.frame));
    }

    head({ organisation, quarter }) {
      const { make } = abm.element,
        { kinds } = this.store.network,
        { code, name, region, system, income_k: income } = organisation;
      const kind = kinds.find((each) => each.id === organisation.kind)?.name || abm.words.capital(organisation.kind);
      const who = [kind, code, region?.code !== code && region?.name, system && system.code !== code && `${system.name} system`].filter(
        Boolean,
      );
      const last = this.before.at(-1);
      const button = (key, text, click) => make("button", { type: "button", "data-key": key, click }, text);
      return [
        make("h2", { tabindex: "-1", "data-key": "chosen" }, name),
        make("p", {}, who.join(" · ")),
        Number.isFinite(income) && income > 0 ? make("p", {}, `Income ${abm.telling.money(income)} a year (in A).`) : null,
        make("p", { class: "note" }, `The card is of ${abm.words.quarterInFull(quarter)}.`),
        make(
          "div",
          { class: "bar" },
          last
            ? button("back", `Back to ${abm.words.shortened(this.store.network.organisations[this.row(last)]?.short ?? last, 30)}`, () =>
                this.choose(this.before.pop(), true),
              )
            : null,
          button("let-go", "Let go", () => this.choose("")),
        ),
      ];
    }

    drawPath() {
      if (!this.grid?.clientWidth) return;
      this.path = abm.cardMoney.path(this.answer, (frame) => this.store.set({ frame }));
      const columns = abm.curve.columnsOf(this.grid, 165);
      abm.curve.drawAll(this.grid, this.path, columns, this.store.network.quarters, this.store.view.frame);
      this.tell();
    }
  }

  abm.card = { mount };
})((globalThis.abmNetwork ??= {}));
