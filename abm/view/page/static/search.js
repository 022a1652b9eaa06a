/* Finding an organisation by name or code: a combo box that works by keyboard alone. */
(function (abm) {
  "use strict";

  const { plain, count } = abm.words;
  const MOST = 8;

  /** Rows that fit the text, the best first: code, then start of the name, start of a word, anywhere. */
  function matches(organisations, text) {
    const wanted = plain(text);
    if (!wanted) return [];
    const found = [];
    organisations.forEach((each, row) => {
      const name = plain(each.name),
        code = each.code.toLowerCase();
      const rank =
        code === wanted
          ? 0
          : name.startsWith(wanted)
            ? 1
            : code.startsWith(wanted)
              ? 2
              : ` ${name}`.includes(` ${wanted}`)
                ? 3
                : wanted.split(" ").every((word) => ` ${name}`.includes(` ${word}`))
                  ? 4
                  : name.includes(wanted)
                    ? 5
                    : -1;
      if (rank >= 0) found.push([rank, each.kind, name, row]);
    });
    found.sort((a, b) => a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : 1));
    return found.map((each) => each[3]);
  }

  /** Bring the search box to life; `current()` gives the network to search, `choose(row)` is called with what was found;
      the box is looked for in `root`. */
  function search(current, choose, root = document) {
    const { make } = abm.element;
    const [box, list, note] = ["box", "list", "note"].map((name) => root.querySelector(`#search-${name}`));
    let rows = [],
      active = -1;

    function close() {
      rows = [];
      active = -1;
      list.replaceChildren();
      list.hidden = true;
      box.setAttribute("aria-expanded", "false");
      box.removeAttribute("aria-activedescendant");
    }

    function open() {
      const network = current(),
        all = matches(network.organisations, box.value);
      close();
      rows = all.slice(0, MOST);
      note.textContent = !box.value.trim()
        ? ""
        : !all.length
          ? `No organisation with “${box.value.trim()}” in its name or code.`
          : all.length > MOST
            ? `${count(all.length, "organisation")} found; the first ${MOST} are listed.`
            : `${count(all.length, "organisation")} found.`;
      list.replaceChildren(
        ...rows.map((row, i) => {
          const each = network.organisations[row];
          const words = `${network.kinds[each.kind].name} · ${each.code}`;
          const pick = (event) => event.preventDefault() || take(i);
          return make(
            "li",
            { role: "option", id: `found-${i}`, "aria-selected": "false", mousedown: pick },
            each.name,
            make("small", {}, words),
          );
        }),
      );
      list.hidden = !rows.length;
      box.setAttribute("aria-expanded", String(rows.length > 0));
      if (rows.length) activate(0);
    }

    function activate(number) {
      active = (number + rows.length) % rows.length;
      [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === active)));
      list.children[active].scrollIntoView({ block: "nearest" });
      box.setAttribute("aria-activedescendant", `found-${active}`);
    }

    function take(number) {
      const row = rows[number];
      close();
      note.textContent = "";
      box.value = current().organisations[row].name;
      choose(row);
    }

    box.addEventListener("input", open);
    box.addEventListener("focus", () => box.select());
    box.addEventListener("blur", close);
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        if (list.hidden) box.value = note.textContent = "";
        close();
      } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) open();
        else activate(active + (event.key === "ArrowDown" ? 1 : -1));
      } else if (event.key === "Enter" && rows.length) {
        event.preventDefault();
        take(active);
      }
    });
  }

  abm.search = { matches, search };
})((globalThis.abmNetwork ??= {}));
