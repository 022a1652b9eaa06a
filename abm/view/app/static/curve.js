/* A chart with its title, and the values of worlds A and B in the quarter shown with what is between them. */
(function (abm) {
  "use strict";

  class Curve {
    /** `a` and `b` are values by quarter; `title` a text or an element; `gap` stands before the difference. */
    constructor({ name, title, unit = "", note = null, a = [], b = [], axis, teller, gap = "B − A: ", marked = false, height, scrub }) {
      const { make } = abm.element;
      Object.assign(this, { name, unit, a, b, axis, teller });
      this.text = typeof title === "string" ? title : title.textContent;
      this.cells = { a: make("b", {}), b: make("b", {}), gap: make("b", {}) };
      this.chart = new abm.chart.Chart({
        label: `${this.text}: curves of worlds A and B. They are in words too, below.`,
        height,
        scrub,
      });
      const side = (which) =>
        make("span", { class: which }, make("span", { class: `key key-${which}` }), `${which.toUpperCase()} `, this.cells[which]);
      const caption = make(
        "figcaption",
        {},
        typeof title === "string" ? make("span", { class: "title", title: note }, title) : title,
        unit ? make("span", { class: "unit" }, unit) : null,
        make("span", { class: "values" }, side("a"), side("b"), make("span", { class: "gap" }, gap, this.cells.gap)),
      );
      this.element = make("figure", { class: marked ? "curve marked" : "curve", "data-name": name }, caption, this.chart.element);
    }

    draw(width, quarters, frame) {
      const series = ["a", "b"].map((which) => ({ which, values: this[which] }));
      this.chart.draw({ width, quarters, series, axis: this.axis, mark: this.teller.mark, frame });
      this.move(frame);
    }

    at(which, frame) {
      return this[which][frame] ?? NaN;
    }

    /** Only the now-line and the numbers move. */
    move(frame) {
      const [a, b] = [this.at("a", frame), this.at("b", frame)];
      this.chart.move(frame);
      this.cells.a.textContent = this.teller.value(a);
      this.cells.b.textContent = this.teller.value(b);
      this.cells.gap.textContent = this.teller.change(b - a);
    }
  }

  const GAP = 14; // pixels between charts that stand side by side

  /** Draw curves in as many columns as there is room for. */
  function drawAll(grid, curves, columns, quarters, frame) {
    grid.dataset.columns = columns;
    const width = Math.floor((grid.clientWidth - GAP * (columns - 1)) / columns);
    for (const curve of curves) curve.draw(width, quarters, frame);
    abm.telling.put(
      grid,
      curves.map(({ element }) => element),
    );
  }

  /** Columns of charts that are at least so wide. */
  function columnsOf(grid, least) {
    return grid.clientWidth >= 2 * least + GAP ? 2 : 1;
  }

  abm.curve = { Curve, drawAll, columnsOf };
})((globalThis.abmNetwork ??= {}));
