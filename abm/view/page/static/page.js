/* The page: controls, picture, player and tables put together. */
(function (abm) {
  "use strict";

  const { look, words } = abm;
  const { byId } = abm.element;
  const { DIFFERENCE } = abm.scene;
  const REFERENCE_LOOK = { colour: look.GREY, dash: [5, 3] },
    OWN_LOOK = { colour: look.NAVY, dash: [] };

  class Page {
    constructor(network) {
      Object.assign(this, { network, view: abm.scene.firstView(network), hovered: -1, sort: "stake", order: "kind", waiting: false });
      this.canvas = byId("canvas");
      this.context = this.canvas.getContext("2d", { alpha: false });
      this.renderer = new abm.render.Renderer(network);
      this.camera = new abm.camera.Camera();
      this.listen();
      this.pointing();
      this.player = abm.player.player(network, this.view.frame, (frame) => this.set({ frame }));
      new ResizeObserver(() => this.resized()).observe(byId("picture"));
      this.resized();
    }

    // --- state -----------------------------------------------------------------------------------------------------

    /** Change what is asked for and show it. */
    set(change) {
      Object.assign(this.view, change);
      this.found = abm.scene.scene(this.network, this.view);
      this.courses = "frame" in change && Object.keys(change).length === 1 ? this.courses : null;
      this.tables();
      this.redraw();
    }

    choose(row, from = "") {
      this.view.chosen = row;
      this.tables();
      this.redraw();
      if (row >= 0 && from === "search") this.bringIntoView(row);
      if (from === "panel") (document.querySelector('#panel [data-key="chosen"]') || byId("details")).focus({ preventScroll: false });
      const ties = abm.scene.tiesOfChosen(this.network, this.view).length;
      byId("spoken").textContent =
        row < 0 ? "No organisation is chosen." : `Chosen: ${this.network.organisations[row].name}, ${words.count(ties, "tie")}.`;
    }

    // --- drawing ---------------------------------------------------------------------------------------------------

    redraw() {
      if (this.waiting) return;
      this.waiting = true;
      requestAnimationFrame(() => {
        this.waiting = false;
        this.draw();
      });
    }

    marks() {
      return { hovered: this.hovered, chosen: this.view.chosen, chosenTies: abm.scene.tiesOfChosen(this.network, this.view) };
    }

    draw() {
      if (!this.found || !this.width) return;
      this.renderer.draw(this.context, this.width, this.height, this.ratio, this.camera, this.found, this.marks());
      this.canvas.classList.toggle("near", this.camera.nearer);
      this.drawCourse();
    }

    drawCourse() {
      const { network, view, found } = this,
        both = network.scenarios.length > 1;
      this.courses ??= network.scenarios.map((_, i) => ({
        values: abm.scene.course(network, i, found.ties, view.colour),
        ...(both && i === 0 ? REFERENCE_LOOK : OWN_LOOK),
      }));
      abm.player.drawCourse(
        byId("course"),
        this.courses,
        view.frame,
        byId("time"),
        view.colour === "acts" ? words.percent : (value) => words.number(value, value % 1 ? 2 : 0),
      );
      const what = view.colour === "acts" ? "Share of the shown ties' acts that are collaborative" : "Mean trust on the shown ties";
      const lines = both ? `: ${network.scenarios[1].title} (solid), ${network.scenarios[0].title} (dashed, grey)` : "";
      byId("course-note").textContent = `${what}${lines}.`;
    }

    resized() {
      const box = byId("picture").getBoundingClientRect(),
        first = !this.width;
      const wide = this.canvas.clientWidth,
        tall = this.canvas.clientHeight;
      if (!box.width || (wide === this.width && tall === this.height)) return;
      [this.width, this.height, this.ratio] = [wide, tall, Math.min(window.devicePixelRatio || 1, 2)];
      this.canvas.width = Math.round(wide * this.ratio);
      this.canvas.height = Math.round(tall * this.ratio);
      if (first || !this.camera.nearer) this.whole();
      this.redraw();
    }

    /** Show everything, or the region asked for. */
    whole() {
      const margin = Math.min(this.width, this.height) * 0.04 + 10,
        { region } = this.view;
      this.camera.fit(this.renderer.box(), this.width, this.height, margin);
      if (region >= 0)
        this.camera.fit(
          this.renderer.box((row) => this.network.organisations[row].region === region, false),
          this.width,
          this.height,
          margin + 20,
          false,
        );
      this.redraw();
    }

    /** Come near enough to tell the chosen organisation's partners apart. */
    closely() {
      const near = new Set([this.view.chosen, ...this.marks().chosenTies.map((tie) => this.network.target[tie])]);
      this.camera.fit(
        this.renderer.box((row) => near.has(row), false),
        this.width,
        this.height,
        Math.min(this.width, this.height) * 0.12 + 20,
        false,
      );
      this.redraw();
    }

    bringIntoView(row) {
      this.renderer.place(this.camera);
      const x = this.renderer.x[row],
        y = this.renderer.y[row];
      if (x < 20 || y < 20 || x > this.width - 20 || y > this.height - 20) this.camera.pan(this.width / 2 - x, this.height / 2 - y);
    }

    // --- words -----------------------------------------------------------------------------------------------------

    tables() {
      const { found, view, network } = this;
      const empty = abm.scene.emptiness(found);
      byId("empty").textContent = empty;
      byId("empty").hidden = !empty;
      byId("status").textContent = this.status();
      abm.controls.legend(found);
      byId("layout-note").textContent = network.layouts[view.layout].note;
      const choose = (row) => this.choose(row, "panel");
      const sorted = (key) => {
        this.sort = key;
        this.tables();
      };
      const closely = () => this.closely();
      keepingFocus(byId("panel"), () =>
        view.chosen < 0 ? abm.panel.overview(found) : abm.panel.chosen(found, { choose, closely, sort: this.sort, sorted }),
      );
      clearTimeout(this.rollTimer);
      if (byId("table").open) this.rollTimer = setTimeout(() => this.roll(), 120);
      this.describe();
    }

    /** What is shown, in a line. */
    status() {
      const { network, view } = this,
        { settings, replicate, paired } = network.run;
      const luck = paired ? "same random numbers in both" : "separate random numbers in each";
      const point = Object.entries(settings)
        .map(([name, value]) => `${name.split(".").at(-1)} ${value}`)
        .join(", ");
      return [
        network.world,
        abm.panel.scenarioTitle(network, view),
        point,
        words.quarter(network.quarters[view.frame]),
        `replicate ${replicate}`,
        view.scenario === DIFFERENCE ? luck : "",
      ]
        .filter(Boolean)
        .join(" · ");
    }

    roll() {
      const choose = (row) => this.choose(row, "panel");
      keepingFocus(byId("table-body"), () =>
        abm.roll.roll(this.found, choose, this.order, (key) => {
          this.order = key;
          this.roll();
        }),
      );
    }

    /** What the picture is, for those who hear it. */
    describe() {
      const { found, view, network } = this;
      const ties = found.looks
        .map((each, i) => (found.counts[i] ? `${each.label}: ${words.number(found.counts[i])}` : ""))
        .filter(Boolean)
        .join(", ");
      this.canvas.setAttribute(
        "aria-label",
        `Network of ${words.count(found.organisationCount, "organisation")} and ${words.count(found.ties.length, "tie")}, ` +
          `${abm.panel.scenarioTitle(network, view)}, ${words.quarterInFull(network.quarters[view.frame])}: ${ties || "no ties"}.`,
      );
    }

    /** Hear what the controls are asked. */
    listen() {
      abm.controls.controls(this.network, this.view, {
        set: (change) => this.set(change),
        region: (region) => {
          this.set({ region });
          this.whole();
        },
        layout: (layout) => this.lay(layout),
      });
      byId("table").addEventListener("toggle", () => byId("table").open && this.roll());
      abm.search.search(
        () => this.network,
        (row) => this.choose(row, "search"),
      );
      if (window.matchMedia("(max-width: 700px)").matches) byId("filters").open = false;
    }

    lay(layout) {
      this.renderer.useLayout(layout);
      this.set({ layout });
      this.whole();
    }

    // --- pointing --------------------------------------------------------------------------------------------------

    pointing() {
      const { canvas, camera } = this,
        partners = () => abm.scene.tiesOfChosen(this.network, this.view).map((tie) => this.network.target[tie]);
      const at = (x, y, touch) => this.renderer.at(x, y, this.found, touch ? 18 : 7, [this.view.chosen, ...partners()]);
      const moved = () => {
        camera.keep(this.renderer.box(), this.width, this.height);
        this.redraw();
      };
      abm.camera.moves(canvas, camera, {
        changed: moved,
        point: (x, y) => this.hover(x === null ? -1 : at(x, y, false), x, y),
        choose: (x, y, touch) => {
          const row = at(x, y, touch);
          this.choose(row === this.view.chosen ? -1 : row);
          if (touch) this.hover(-1);
        },
        wanted: () => this.hint(),
      });
      canvas.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.key === "Escape") return this.choose(-1);
        if (!abm.camera.keyed(camera, event.key, this.width, this.height, () => this.whole())) return;
        event.preventDefault();
        moved();
      });
      for (const [id, factor] of [
        ["nearer", 1.5],
        ["farther", 1 / 1.5],
      ]) {
        byId(id).addEventListener("click", () => {
          camera.zoom(factor, this.width / 2, this.height / 2);
          moved();
        });
      }
      byId("whole").addEventListener("click", () => this.whole());
      byId("save").addEventListener("click", () => this.save());
    }

    hover(row, x, y) {
      const card = byId("tip");
      card.hidden = row < 0;
      if (row !== this.hovered) {
        this.hovered = row;
        this.canvas.classList.toggle("over", row >= 0);
        if (row >= 0) card.replaceChildren(...abm.panel.tip(this.found, row).filter(Boolean));
        this.redraw();
      }
      if (row < 0) return;
      const left = x + 14 + card.offsetWidth > this.width ? x - 14 - card.offsetWidth : x + 14;
      card.style.left = `${Math.max(4, left)}px`;
      card.style.top = `${Math.max(4, Math.min(y + 14, this.height - card.offsetHeight - 4))}px`;
    }

    hint() {
      byId("hint").hidden = false;
      clearTimeout(this.hintTimer);
      this.hintTimer = setTimeout(() => (byId("hint").hidden = true), 1800);
    }

    /** The picture as it stands, as a file. */
    async save() {
      const { network, view, found } = this;
      const kinds = network.kinds
        .map((kind, i) => ({ label: kind.plural, shape: look.KINDS[i].shape, colour: look.KINDS[i].fill }))
        .filter((_, i) => view.kinds[i]);
      const ties = found.looks
        .map((each, i) => ({ label: `${each.label}: ${words.number(found.counts[i])}`, colour: each.colour, width: each.width }))
        .filter((_, i) => found.counts[i]);
      const status = byId("status").textContent,
        half = byId("legend").lastElementChild.textContent;
      const canvas = abm.picture.composed({
        width: this.width,
        height: this.height,
        ratio: 2,
        title: network.title,
        status,
        keys: [...kinds, ...ties],
        notes: [half, network.layouts[view.layout].note, network.disclaimer, network.sources, network.stamp],
        paint: (context, width, height, ratio) =>
          this.renderer.draw(context, width, height, ratio, this.camera, found, { ...this.marks(), hovered: -1 }),
      });
      const facts = {
        Title: network.title,
        Description: status,
        Disclaimer: network.disclaimer,
        Copyright: network.sources,
        ...network.provenance,
      };
      this.saved = await abm.picture.save(canvas, facts, `${words.plain(status).replace(/[^a-z0-9]+/g, "-")}.png`);
      this.redraw();
    }
  }

  /** Fill `box` with what `fill` gives; whoever had the focus in it has it again. */
  function keepingFocus(box, fill) {
    const key = box.contains(document.activeElement) ? document.activeElement.dataset.key : "";
    box.replaceChildren(...fill().filter(Boolean));
    if (key) box.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
  }

  /** Open the document in the page and start. */
  async function start() {
    try {
      const network = await abm.data.opened(JSON.parse(byId("data").textContent));
      abm.page = new Page(network);
      document.documentElement.dataset.ready = "yes";
    } catch (error) {
      byId("empty").textContent = `The network cannot be shown: ${error.message}.`;
      byId("empty").hidden = false;
      document.documentElement.dataset.ready = "failed";
      throw error;
    }
  }

  abm.start = start;
  start();
})((globalThis.abmNetwork ??= {}));
