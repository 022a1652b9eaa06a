/* The stage: the maps of both worlds, or of one, or of what is between them, on one camera; and all that stands around them. */
(function (abm) {
  "use strict";

  const { words } = abm;
  const { make, byId } = abm.element;
  const { Picture, DIFFERENCE } = abm.maps;
  const SHOWN = { both: [0, 1], a: [0], b: [1], difference: [DIFFERENCE] }; // numbers of pictures
  const SOON = 200; // milliseconds of computing before the page says so
  const MEASURES = {
    // what the captions tell, by what the ties show
    acts: { name: "collaborative_share", says: "collaborative", value: (share) => words.percent(share, 1), gap: words.points },
    trust: { name: "trust", says: "mean trust", value: (mean) => words.number(mean, 3), gap: (by) => words.number(by, 3, true) },
  };

  class Stage {
    constructor(root, store) {
      Object.assign(this, { root, store, hovered: -1, waiting: false, camera: new abm.camera.Camera(), shown: {}, scenes: [] });
      this.pictures = [0, 1, DIFFERENCE].map((number) => new Picture(number));
      this.build();
      this.listen();
      this.pictures.forEach((picture) => this.pointing(picture));
    }

    // --- the page around ---------------------------------------------------------------------------------------------

    build() {
      const button = (text, label, click) => make("button", { type: "button", "aria-label": label, click }, text);
      const zoom = (factor) => () => this.near((camera, { width, height }) => camera.zoom(factor, width / 2, height / 2));
      this.busy = make("p", { id: "busy", role: "status" });
      this.empty = make("p", { id: "empty", hidden: true });
      this.hint = make(
        "p",
        { id: "hint", "aria-hidden": "true", hidden: true },
        "To zoom with the wheel, click the map first or hold Ctrl",
      );
      const tools = make(
        "div",
        { id: "zoom" },
        button("+", "Zoom in", zoom(1.5)),
        button("−", "Zoom out", zoom(1 / 1.5)),
        button("Fit", "Fit everything", () => this.whole()),
        button("?", "Keys and help", () => abm.keys?.help()),
      );
      this.maps = make("div", { id: "maps" }, ...this.pictures.map((picture) => picture.figure), tools, this.busy, this.empty, this.hint);
      this.player = make("div", { id: "player", role: "group", "aria-label": "Time" });
      this.legend = make("ul", { id: "legend", "aria-label": "What the lines stand for" });
      const keys = make(
        "p",
        { id: "stage-keys", class: "hidden" },
        "Plus and minus zoom, Shift with arrows moves, 0 shows everything, left and right go a quarter back or on.",
      );
      const bar = abm.shown.bar(this.store, (row) => this.choose(row, true));
      this.root.replaceChildren(bar, this.maps, this.player, this.legend, abm.shown.filters(this.store), keys);
      abm.play.mount(this.player, this.store);
      this.arrange();
    }

    listen() {
      const { store } = this;
      store.on("network", () => this.network());
      store.on("worlds", () => this.worlds());
      store.on("loading", (is) => this.loading(is));
      store.on("frame", () => this.refresh());
      store.on("chosen", () => this.refresh());
      store.on("view", (changed) => this.changed(changed));
      new ResizeObserver(() => this.resized()).observe(this.maps);
      this.loading(store.loading);
    }

    /** Say that worlds are being run, but only when it takes a while; what was there stays. */
    loading(is) {
      clearTimeout(this.soon);
      this.maps.setAttribute("aria-busy", String(is));
      if (!is) this.busy.classList.remove("on");
      this.soon = setTimeout(
        () => {
          this.busy.classList.toggle("on", is);
          this.busy.textContent = is ? (this.store.network ? "Running both worlds …" : "Starting the model … The first time on a machine this takes about half a minute.") : "";
        },
        is ? SOON : 0,
      );
    }

    // --- what is shown -----------------------------------------------------------------------------------------------

    network() {
      this.pictures.forEach((picture) => picture.use(this.store.network || this.store.plain));
      this.shown = {};
      this.lay();
      this.resized(true);
      this.refresh();
      this.whole();
    }

    worlds() {
      this.pictures.forEach((picture) => picture.use(this.store.network));
      this.refresh();
      this.draw();
      if (document.documentElement.dataset.ready === "yes") return;
      document.documentElement.dataset.ready = "yes";
      performance.mark("ready"); // how long it took is for tests to ask
    }

    changed(changed) {
      if (!this.store.plain) return this.arrange();
      if (changed.includes("layout")) this.lay();
      if (changed.includes("show")) this.arrange();
      this.refresh();
      if (changed.includes("layout") || changed.includes("region")) this.whole();
    }

    /** Stand the organisations as the layout asked for has them. */
    lay() {
      const layout = abm.shown.layoutOf(this.store);
      this.pictures.forEach(({ renderer }) => renderer.useLayout(layout));
    }

    /** Show the pictures asked for. */
    arrange() {
      const now = SHOWN[this.store.view.show] || SHOWN.both;
      this.pictures.forEach((picture) => (picture.figure.hidden = !now.includes(picture.number)));
      this.maps.dataset.show = String(now.length);
      this.hover(null, -1);
      this.resized();
    }

    get visible() {
      return this.pictures.filter((picture) => !picture.figure.hidden);
    }

    /** The view as the scene takes it. */
    viewOf(network, number) {
      const { view } = this.store,
        on = (kinds) => kinds.map((kind) => !view.hide.includes(kind.id));
      const region = view.region ? network.organisations.findIndex((each) => each.code === view.region) : -1;
      const [kinds, ties, layout] = [on(network.kinds), on(network.tie_kinds), abm.shown.layoutOf(this.store)];
      return { scenario: number, frame: view.frame, colour: view.ties, kinds, ties, region, layout, chosen: view.chosen };
    }

    /** What the filters let through, found again only when they or the network are others. */
    passing(network, view) {
      const key = JSON.stringify([view.kinds, view.ties, view.region]);
      if (this.shown.network !== network || this.shown.key !== key) this.shown = { network, key, of: abm.scene.shownOf(network, view) };
      return this.shown.of;
    }

    /** Find anew what shows, say it in words, and draw it with the next frame. */
    refresh() {
      const network = this.store.network || this.store.plain;
      if (!network || !this.pictures[0].renderer) return;
      this.scenes = this.visible.map((picture) => {
        const view = this.viewOf(network, picture.number);
        const found = (picture.found = abm.scene.scene(network, view, this.passing(network, view)));
        if (network.scenarios.length) found.areas = abm.scene.areas(found);
        return found;
      });
      this.tell(network);
      this.redraw();
    }

    redraw() {
      if (this.waiting) return;
      this.waiting = true;
      requestAnimationFrame(() => {
        this.waiting = false;
        this.draw();
      });
    }

    draw() {
      if (!this.scenes.length) return;
      const { network, view } = this.scenes[0];
      const marks = {
        hovered: this.hovered,
        chosen: view.chosen,
        chosenTies: this.store.network ? abm.scene.tiesOfChosen(network, view) : [],
      };
      this.visible.forEach((picture) => picture.draw(this.camera, picture.found, marks));
    }

    // --- in words ----------------------------------------------------------------------------------------------------

    tell(network) {
      const { store } = this,
        quarter = network.quarters[store.view.frame],
        empty = abm.scene.emptiness(this.scenes[0]);
      this.empty.textContent = store.network ? empty : "";
      this.empty.hidden = !store.network || !empty;
      if (!store.network) return;
      const titles = ["a", "b"].map((which) => titleOf(store, which));
      byId("status").textContent = [
        network.world,
        `${quarter.year} Q${quarter.quarter}`,
        `${lower(titles[0])} against ${lower(titles[1])}`,
        "same luck",
      ].join(" · ");
      document.title = `${titles[0]} against ${lower(titles[1])}: ${network.world}`;
      this.caption(titles);
      for (const picture of this.visible) picture.describe(titles[picture.number] || `${titles[1]} against ${titles[0]}`, quarter);
      abm.shown.legend(
        this.legend,
        this.visible.map(({ letter, found: scene }) => ({ letter, scene })),
      );
    }

    /** Under each map: whose it is, and its collaborative share or mean trust now. */
    caption(titles) {
      const { view } = this.store,
        { name, says, value, gap } = MEASURES[view.ties];
      const [a, b] = ["a", "b"].map((which) => this.mean(which, name));
      const where = view.region ? `${says} in the region` : says;
      const [first, second, between] = this.pictures;
      first.say(titles[0], value(a), where);
      second.say(titles[1], value(b), `${where}, ${gap(b - a)} on A`);
      between.say(`${titles[1]} against ${lower(titles[0])}`, gap(b - a), `(A ${value(a)}, B ${value(b)} ${where})`);
    }

    /** An outcome of a world in the quarter, of the region that is shown. */
    mean(which, name) {
      const { curves } = this.store.worlds[which],
        { view } = this.store;
      const of = (view.region && curves.region && curves.region[view.region]) || curves.all;
      return of[name]?.[view.frame] ?? NaN;
    }

    // --- camera ------------------------------------------------------------------------------------------------------

    resized(anyway = false) {
      const before = this.visible[0]?.width,
        changed = this.visible.map((picture) => picture.resized()).some(Boolean);
      const [picture] = this.visible;
      if ((!changed && !anyway) || !picture.width || !picture.renderer) return;
      if (!before || !this.camera.nearer) this.whole();
      this.redraw();
    }

    /** Show everything, or the region asked for. */
    whole() {
      const [{ renderer, width, height }] = this.visible;
      if (!renderer || !width) return;
      const margin = Math.min(width, height) * 0.03 + 8,
        region = this.scenes[0] ? this.scenes[0].view.region : -1,
        { organisations } = renderer.network;
      this.camera.fit(renderer.box(), width, height, margin);
      if (region >= 0)
        this.camera.fit(
          renderer.box((row) => organisations[row].region === region, false),
          width,
          height,
          margin + 16,
          false,
        );
      this.redraw();
    }

    /** Move the camera with `how(camera, picture)`, keeping something in sight. */
    near(how) {
      const [picture] = this.visible;
      if (!picture.renderer) return;
      how(this.camera, picture);
      this.camera.keep(picture.renderer.box(), picture.width, picture.height);
      this.redraw();
    }

    // --- pointing and choosing ---------------------------------------------------------------------------------------

    pointing(picture) {
      const partners = () =>
        this.scenes[0]
          ? abm.scene.tiesOfChosen(this.scenes[0].network, this.scenes[0].view).map((tie) => this.scenes[0].network.target[tie])
          : [];
      const at = (x, y, touch) => picture.at(x, y, touch, [this.store.view.chosen, ...partners()]);
      abm.camera.moves(picture.canvas, this.camera, {
        changed: () => this.near(() => undefined),
        point: (x, y) => this.hover(picture, x === null ? -1 : at(x, y, false), x, y),
        choose: (x, y, touch) => {
          const row = at(x, y, touch);
          this.choose(row === this.store.view.chosen ? -1 : row);
          if (touch) this.hover(picture, -1);
        },
        wanted: () => this.wheel(),
      });
      picture.canvas.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || (event.key.startsWith("Arrow") && !event.shiftKey)) return;
        if (!abm.camera.keyed(this.camera, event.key, picture.width, picture.height, () => this.whole())) return;
        event.preventDefault();
        this.near(() => undefined);
      });
    }

    /** Mark the organisation under the pointer on every map; its card is on the one that is pointed at. */
    hover(picture, row, x, y) {
      for (const each of this.pictures) if (each !== picture) each.point(-1);
      picture?.point(row, x, y);
      if (row === this.hovered) return;
      this.hovered = row;
      this.redraw();
    }

    wheel() {
      this.hint.hidden = false;
      clearTimeout(this.hinted);
      this.hinted = setTimeout(() => (this.hint.hidden = true), 1800);
    }

    /** Choose an organisation (-1: none); `look` moves the camera to it. */
    choose(row, look = false) {
      this.store.set(row < 0 ? { chosen: -1 } : { chosen: row, tab: "card" });
      const network = this.store.network || this.store.plain;
      byId("spoken").textContent = row < 0 ? "No organisation is chosen." : `Chosen: ${network.organisations[row].name}.`;
      if (row >= 0 && look) this.bring(row);
    }

    bring(row) {
      const [{ renderer, width, height }] = this.visible;
      renderer.place(this.camera);
      const [x, y] = [renderer.x[row], renderer.y[row]];
      if (x < 20 || y < 20 || x > width - 20 || y > height - 20) this.near((camera) => camera.pan(width / 2 - x, height / 2 - y));
    }
  }

  /** A world's title, and how many levers of it were moved. */
  function titleOf(store, which) {
    const { title, scenario, changed } = store.worlds[which];
    const number = (changed || []).length;
    return `${title || scenario}${number ? ` (${number} changed)` : ""}`;
  }

  /** A title within a sentence. */
  function lower(title) {
    return /^[A-Z][a-z]/.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title;
  }

  function mount(root, store) {
    abm.stage.now = new Stage(root, store);
  }

  abm.stage = { mount, now: null };
})((globalThis.abmNetwork ??= {}));
