/* A small line chart of world A (dashed grey) and world B (solid navy) through the quarters. Its now-line can be clicked and dragged. */
(function (abm) {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";
  const LEFT = 44, // at least: wider where the marks on the axis are long
    LETTERS = 6.9, // pixels of a letter
    RIGHT = 18,
    TOP = 7,
    BOTTOM = 19,
    LETTER = 12; // pixels that a label needs
  const LINE = 17; // pixels that a mark on the axis needs
  const YEAR = 58; // pixels that a year's label needs
  const SWIPE = 6; // pixels after which a finger means the line and not the page

  function svg(tag, attributes, text) {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  /** A path through the values; it breaks where one is missing, unless most are (answers come once a year). */
  function pathOf(values, x, y) {
    const known = values.reduce((sum, value) => sum + Number.isFinite(value), 0),
      bridge = known < values.length / 2;
    let path = "",
      pen = "M";
    values.forEach((value, i) => {
      if (Number.isFinite(value)) {
        path += `${pen}${x(i).toFixed(1)},${y(value).toFixed(1)}`;
        pen = "L";
      } else if (!bridge) pen = "M";
    });
    return path;
  }

  /** Places of the labels at the ends of the lines, moved apart where they would cover each other. */
  function apart(places, low, high) {
    if (places.length < 2) return places;
    const [a, b] = places,
      gap = LETTER - Math.abs(a - b);
    if (gap <= 0) return places;
    const up = a <= b ? -1 : 1,
      moved = [a + (up * gap) / 2, b - (up * gap) / 2];
    const over = Math.max(0, Math.max(...moved) - high),
      under = Math.max(0, low - Math.min(...moved));
    return moved.map((place) => place - over + under);
  }

  class Chart {
    /** `label` is what it says to those who do not see; `scrub(frame)` is told where the now-line was dragged to. */
    constructor({ label, height = 104, scrub }) {
      this.height = height;
      this.frame = 0;
      this.element = svg("svg", { class: "chart", role: "img", "aria-label": label, height });
      this.ground = svg("g", {});
      this.lines = svg("g", {});
      this.now = svg("g", { class: "now-line" });
      this.element.append(this.ground, this.lines, this.now);
      if (scrub) this.dragged(scrub);
    }

    /** `series`: [{ which: "a" or "b", values }]; `quarters`: those of the world; `axis` is one of `telling`; `mark` tells its marks. */
    draw({ width, quarters, series, axis, mark, frame }) {
      Object.assign(this, { width, series, axis, count: quarters.length });
      this.left = Math.max(LEFT, 8 + LETTERS * Math.max(...abm.telling.marksOf(axis).map((value) => mark(value, axis.step).length)));
      this.element.setAttribute("width", width);
      this.element.setAttribute("viewBox", `0 0 ${width} ${this.height}`);
      this.ground.replaceChildren(...this.marks(mark), ...this.years(quarters));
      this.lines.replaceChildren(...this.paths());
      this.now.replaceChildren(
        svg("line", { y1: TOP - 4, y2: this.height - BOTTOM + 3 }),
        ...series.map(({ which }) => svg("circle", { r: 3.5, class: `dot-${which}` })),
      );
      this.move(frame);
    }

    x(frame) {
      return this.left + ((this.width - this.left - RIGHT) * (this.count > 1 ? frame : 0.5)) / Math.max(1, this.count - 1);
    }

    y(value) {
      const { low, high } = this.axis;
      return TOP + ((this.height - TOP - BOTTOM) * (high - value)) / (high - low);
    }

    /** Lines across with their values: as many as there is room for, the lowest and those at even steps from it. */
    marks(mark) {
      const all = abm.telling.marksOf(this.axis),
        every = Math.ceil(((all.length - 1) * LINE) / (this.height - TOP - BOTTOM)) || 1;
      return all
        .filter((_, i) => i % every === 0)
        .flatMap((value) => {
          const y = this.y(value);
          return [
            svg("line", { class: "grid", x1: this.left, x2: this.width - RIGHT, y1: y, y2: y }),
            svg("text", { class: "mark", x: this.left - 5, y: y + 4 }, mark(value, this.axis.step)),
          ];
        });
    }

    /** Years below: as many as there is room for. */
    years(quarters) {
      const first = quarters.flatMap((each, frame) => (each.quarter === 1 || frame === 0 ? [{ frame, text: each.year }] : []));
      const room = Math.max(1, Math.floor((this.width - this.left) / YEAR)),
        every = Math.ceil(first.length / room);
      return first
        .filter((_, i) => i % every === 0)
        .flatMap(({ frame, text }) => {
          const x = this.x(frame),
            middle = Math.max(YEAR / 2 - 8, Math.min(this.width - YEAR / 2 + 4, x));
          return [
            svg("line", { class: "grid", x1: x, x2: x, y1: this.height - BOTTOM, y2: this.height - BOTTOM + 4 }),
            svg("text", { class: "year", x: middle, y: this.height - 4 }, text),
          ];
        });
    }

    /** B below and A dashed above it, so that both are seen where they are one. */
    paths() {
      const x = (frame) => this.x(frame),
        y = (value) => this.y(value);
      const ends = this.series.map(({ values }) => values.findLast(Number.isFinite)).map((value) => (value === undefined ? NaN : y(value)));
      const known = ends.filter(Number.isFinite),
        places = known.length === ends.length ? apart(ends, TOP + 2, this.height - BOTTOM) : ends;
      const order = this.series.map((each, i) => ({ ...each, end: places[i] })).sort((one, other) => (one.which < other.which ? 1 : -1));
      return order.flatMap(({ which, values, end }) => [
        svg("path", { class: `line-${which}`, d: pathOf(values, x, y) }),
        ...(Number.isFinite(end) ? [svg("text", { class: `end end-${which}`, x: this.width - 3, y: end + 4 }, which.toUpperCase())] : []),
      ]);
    }

    /** Only the now-line moves. */
    move(frame) {
      this.frame = frame;
      if (!this.width) return;
      const x = this.x(Math.min(frame, this.count - 1));
      this.now.setAttribute("transform", `translate(${x.toFixed(1)},0)`);
      this.series.forEach(({ values }, i) => {
        const dot = this.now.children[i + 1],
          value = values[frame];
        dot.setAttribute("visibility", Number.isFinite(value) ? "visible" : "hidden");
        if (Number.isFinite(value)) dot.setAttribute("cy", this.y(value).toFixed(1));
      });
    }

    frameAt(event) {
      const inside = (event.clientX - this.element.getBoundingClientRect().left - this.left) / (this.width - this.left - RIGHT);
      return Math.max(0, Math.min(this.count - 1, Math.round(inside * (this.count - 1))));
    }

    /** A mouse moves the line at once; a finger once it goes sideways or taps, so that the page can be scrolled. */
    dragged(scrub) {
      let from = null,
        holding = false;
      const to = (event) => {
        const frame = this.frameAt(event);
        if (frame !== this.frame) scrub(frame);
      };
      this.element.classList.add("scrubbed");
      this.element.addEventListener("pointerdown", (event) => {
        if (event.button) return;
        from = event.clientX;
        holding = event.pointerType !== "touch";
        this.element.setPointerCapture(event.pointerId);
        if (holding) to(event);
      });
      this.element.addEventListener("pointermove", (event) => {
        if (from === null) return;
        holding ||= Math.abs(event.clientX - from) > SWIPE;
        if (holding) to(event);
      });
      this.element.addEventListener("pointerup", (event) => {
        if (from !== null) to(event);
        from = null;
      });
      this.element.addEventListener("pointercancel", () => (from = null));
    }
  }

  abm.chart = { Chart, svg, pathOf, apart };
})((globalThis.abmNetwork ??= {}));
