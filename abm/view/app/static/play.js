/* Time: play, pause, step, scrub and speed. */
(function (abm) {
  "use strict";

  const { words } = abm;
  const { make } = abm.element;
  const SPEEDS = { slow: ["Slow", 1200], usual: ["Usual", 600], quick: ["Quick", 300] }; // milliseconds that a quarter stays

  let timer = 0,
    store = null,
    parts = {};

  const last = () => (store.network ? store.network.quarters.length - 1 : 0);

  function mount(root, its) {
    store = its;
    const button = (text, label, click, kind = null) =>
      make("button", { type: "button", class: kind, "aria-label": label, title: label, click }, text);
    parts = {
      play: make("button", { type: "button", id: "play", click: toggle }, "Play"),
      first: button("«", "First quarter", () => go(0), "far"),
      earlier: button("‹", "Quarter before", () => step(-1)),
      slider: make("input", {
        type: "range",
        id: "time",
        min: "0",
        max: "0",
        step: "1",
        "aria-label": "Quarter",
        input: () => go(Number(parts.slider.value)),
      }),
      later: button("›", "Next quarter", () => step(1)),
      end: button("»", "Last quarter", () => go(last()), "far"),
      now: make("output", { id: "now", for: "time" }),
      speed: make(
        "select",
        { id: "speed", change: () => timer && (pause(), play()) },
        Object.entries(SPEEDS).map(([value, [text]]) => make("option", { value, selected: value === "usual" }, text)),
      ),
    };
    const { first, earlier, slider, later, end, now, speed } = parts;
    root.append(parts.play, first, earlier, slider, later, end, now, make("label", { class: "speed" }, make("span", {}, "Speed"), speed));
    store.on("frame", show);
    store.on("worlds", show);
    document.addEventListener("visibilitychange", () => document.hidden && pause());
    show();
  }

  function show() {
    const { network, view } = store,
      none = !network || last() === 0;
    for (const part of ["play", "slider", "first", "earlier", "later", "end"]) parts[part].disabled = none;
    if (!network) return;
    const each = network.quarters[view.frame];
    parts.slider.max = String(last());
    parts.slider.value = String(view.frame);
    parts.slider.setAttribute("aria-valuetext", words.quarterInFull(each));
    parts.now.textContent = `${each.year} Q${each.quarter}`;
    // a button that goes off while it has the focus would lose it, so these stay on at the ends and only say so
    for (const [names, at] of [
      ["first earlier", 0],
      ["later end", last()],
    ])
      for (const name of names.split(" ")) parts[name].setAttribute("aria-disabled", String(none || view.frame === at));
  }

  /** Go to a quarter; who does so by hand wants it to stay. */
  function go(frame) {
    pause();
    store.set({ frame });
  }

  const step = (by) => store.network && go(store.view.frame + by);

  function play() {
    if (!store.network || timer) return;
    if (store.view.frame === last()) store.set({ frame: 0 });
    parts.play.textContent = "Pause";
    timer = setInterval(() => {
      store.set({ frame: store.view.frame + 1 });
      if (store.view.frame === last()) pause();
    }, SPEEDS[parts.speed.value][1]);
  }

  function pause() {
    clearInterval(timer);
    timer = 0;
    parts.play.textContent = "Play";
  }

  function toggle() {
    if (timer) pause();
    else play();
  }

  abm.play = { mount, play, pause, toggle, step, go, last, playing: () => timer !== 0 };
})((globalThis.abmNetwork ??= {}));
