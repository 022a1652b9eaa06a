/* What went wrong, in words, above everything; with Try again where trying again may help. */
(function (abm) {
  "use strict";

  const { make, byId } = abm.element;

  /** Say something. `kind` tells notices apart: a new one takes the place of an old one of its kind. */
  function say(kind, title, lines, again = null) {
    forget(kind);
    const close = make("button", { type: "button", "aria-label": "Close this notice", click: () => box.remove() }, "×");
    const retry = again && make("button", { type: "button", class: "again", click: () => again() }, "Try again");
    const box = make(
      "div",
      { class: "notice", "data-kind": kind },
      make(
        "div",
        {},
        make("strong", {}, title),
        make(
          "ul",
          {},
          lines.map((line) => make("li", {}, String(line))),
        ),
      ),
      make("div", { class: "buttons" }, retry, close),
    );
    byId("notices").append(box);
    return box;
  }

  function forget(kind) {
    for (const box of byId("notices").querySelectorAll(`[data-kind="${kind}"]`)) box.remove();
  }

  abm.store.on("error", ({ title, lines, again }) => say("error", title, lines, again));
  abm.store.on("worlds", () => forget("error"));

  abm.notices = { say, forget };
})((globalThis.abmNetwork ??= {}));
