/* Keys that work anywhere on the page, and the dialog that lists them. */
(function (abm) {
  "use strict";

  const { make } = abm.element;
  const KEYS = [
    ["Space", "play and pause"],
    ["← →", "a quarter back, a quarter on"],
    ["Home, End", "first quarter, last quarter"],
    ["1, 2, 3, 4", "show A and B, A, B, the difference"],
    ["/", "find an organisation"],
    ["Escape", "let go of the organisation, close what is open"],
    ["+ − 0", "on a map: nearer, farther, everything"],
    ["Shift with ← ↑ ↓ →", "on a map: move it"],
    ["?", "this list"],
  ];
  const SHOW = ["both", "a", "b", "difference"];
  const HOLDS = "input, select, textarea, [contenteditable], [role=combobox], [role=tab], dialog, [role=slider]"; // keys are theirs
  let on = true, // single keys can be switched off, for those whose software sends them
    dialog = null;

  function build() {
    const rows = KEYS.flatMap(([key, text]) => [make("dt", {}, make("kbd", {}, key)), make("dd", {}, text)]);
    const box = make("input", { type: "checkbox", checked: true, change: () => (on = box.checked) });
    dialog = make(
      "dialog",
      { id: "help", "aria-labelledby": "help-title" },
      make("h2", { id: "help-title" }, "Keys and help"),
      make(
        "p",
        {},
        "Two worlds that differ only in what you set are run on the same random numbers, so that what differs " +
          "between the maps is due to that. " +
          "Click an organisation to see who it is, what it did and why.",
      ),
      make("dl", {}, rows),
      make("label", { class: "choice" }, box, make("span", {}, "These keys are on")),
      make("p", {}, "The wheel zooms a map after a click on it, or with Ctrl. On a phone two fingers zoom."),
      make("button", { type: "button", click: () => dialog.close() }, "Close"),
    );
    document.body.append(dialog);
  }

  function help() {
    if (!dialog) build();
    if (!dialog.open) dialog.showModal();
  }

  /** Does a key: true when it did something. */
  function does(key, target) {
    const { store, play } = abm;
    if (key === "Escape") return store.view.chosen >= 0 && (abm.stage.now?.choose(-1), true);
    if (key === "?") return (help(), true);
    if (!on || !store.network) return false;
    if (key === " ") return !target.closest("button, summary, a, label, [role=button]") && (play.toggle(), true);
    if (key === "ArrowLeft" || key === "ArrowRight") return (play.step(key === "ArrowLeft" ? -1 : 1), true);
    if (key === "Home" || key === "End") return (play.go(key === "Home" ? 0 : play.last()), true);
    if (SHOW[Number(key) - 1]) return (store.set({ show: SHOW[Number(key) - 1] }), true);
    if (key === "/") return (document.getElementById("search-box")?.focus(), true);
    return false;
  }

  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !(target instanceof Element)) return;
    if (event.shiftKey && key !== "?" && key !== "/") return;
    if (
      target.closest(HOLDS) &&
      !(target.type === "checkbox" && key !== " ") &&
      !(target.type === "radio" && /^[1-4/?]$|^Escape$/.test(key))
    )
      return;
    if (does(key, target)) event.preventDefault();
  });

  abm.keys = { help };
})((globalThis.abmNetwork ??= {}));
