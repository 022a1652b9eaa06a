/* The parts of the page put together. A part that is missing or stumbles leaves its place empty; the others go on. */
(function (abm) {
  "use strict";

  const { store } = abm;
  const { byId, make } = abm.element;
  const PARTS = ["stage", "levers", "take", "curves", "card", "answers"]; // each has `mount(root, store)` and a root of its name
  const TABS = { curves: "Curves", card: "Organisation", answers: "Survey" };

  function mount(name) {
    try {
      abm[name]?.mount(byId(name), store);
    } catch (error) {
      console.error(error);
      byId(name).replaceChildren(make("p", { class: "note" }, "This part of the page could not be made; the rest works without it."));
    }
  }

  /** The tabs beside the maps: arrows go from one to the next, as is usual. */
  function tabs() {
    const names = Object.keys(TABS);
    const buttons = names.map((name) =>
      make(
        "button",
        { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": name, click: () => store.set({ tab: name }) },
        TABS[name],
      ),
    );
    const show = () => {
      names.forEach((name, i) => {
        const on = store.view.tab === name;
        buttons[i].setAttribute("aria-selected", String(on));
        buttons[i].tabIndex = on ? 0 : -1;
        byId(name).hidden = !on;
      });
    };
    byId("tabs").append(...buttons);
    byId("tabs").addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by) return;
      event.preventDefault();
      event.stopPropagation();
      const next = (names.indexOf(store.view.tab) + by + names.length) % names.length;
      store.set({ tab: names[next] });
      buttons[next].focus();
    });
    store.on("view", show);
    store.on("start", show);
    show();
  }

  /** Texts of what is offered, and the button that copies the link. */
  function frame({ disclaimer, sources, stamp, base }) {
    if (base?.title) byId("title").textContent = base.title;
    Object.entries({ disclaimer, sources, stamp }).forEach(([id, text]) => (byId(id).textContent = text || ""));
    byId("copy").addEventListener("click", async () => {
      const done = await abm.address.copy();
      if (done) byId("copy").textContent = byId("spoken").textContent = "Link copied";
      setTimeout(() => (byId("copy").textContent = "Copy link"), 2000);
    });
  }

  tabs();
  store.on("start", frame);
  store.on("error", () => (document.documentElement.dataset.ready ||= "failed"));
  store.on("start", () => PARTS.forEach(mount));
  store.open(abm.address.wanted);
})((globalThis.abmNetwork ??= {}));
