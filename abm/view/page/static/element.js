/* Making elements. Text only ever goes in as text, so that no name or title can become markup. */
(function (abm) {
  "use strict";

  /** `make("td", { class: "figure" }, "12", child)`. Attributes that are null or false are left out; functions are listeners. */
  function make(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (typeof value === "function") made.addEventListener(name, value);
      else if (value !== null && value !== false && value !== undefined) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return made;
  }

  /** A table: `head` is its columns' heads, `rows` arrays of cells (text, element, or several of these); the first cell of a row is its head. */
  function table({ caption, head, rows, figures = [] }) {
    const of = (tag, cell, i, scope) => make(tag, { class: figures.includes(i) ? "figure" : null, scope }, cell);
    return make(
      "table",
      { class: head.length === 4 ? "four" : null },
      caption ? make("caption", {}, caption) : null,
      make(
        "thead",
        {},
        make(
          "tr",
          {},
          head.map((cell, i) => of("th", cell, i, "col")),
        ),
      ),
      make(
        "tbody",
        {},
        rows.map((row) =>
          make(
            "tr",
            {},
            row.map((cell, i) => (i ? of("td", cell, i) : of("th", cell, i, "row"))),
          ),
        ),
      ),
    );
  }

  /** A radio button or tick box with its label. */
  function choice(type, name, text, checked, changed, extra = []) {
    const input = make("input", { type, name, change: () => changed(input.checked) });
    input.checked = checked;
    return make("label", { class: "choice" }, input, extra, make("span", {}, text), make("span", { class: "amount" }));
  }

  const byId = (name) => document.getElementById(name);

  abm.element = { make, table, choice, byId };
})((globalThis.abmNetwork ??= {}));
