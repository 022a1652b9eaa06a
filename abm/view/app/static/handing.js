/* Handing files and texts to the reader: fetched first, so that a refusal comes back as words and not as a broken file. */
(function (abm) {
  "use strict";

  const { make } = abm.element;

  /** The name that the server gives a file. */
  function named(response, otherwise) {
    const found = /filename="?([^";]+)"?/.exec(response.headers.get("Content-Disposition") || "");
    return found ? found[1] : otherwise;
  }

  /** A file of the server: `{name, blob}`. Throws an Error with `lines` that say what was wrong. */
  async function fetched(address, otherwise) {
    let response;
    try {
      response = await globalThis.fetch(address);
    } catch {
      throw Object.assign(new Error("The server does not answer."), {
        lines: ["The server does not answer. Start it again with: abm view"],
      });
    }
    if (response.ok) return { name: named(response, otherwise), blob: await response.blob() };
    const { error = {} } = (await response.json().catch(() => null)) || {};
    const lines = [error.title, ...(error.lines || [])].filter(Boolean);
    throw Object.assign(new Error(lines.join(" ")), {
      lines: lines.length ? lines : [`The server could not make it (${response.status}).`],
    });
  }

  /** Save a file under its name. */
  function save({ name, blob }) {
    const address = URL.createObjectURL(blob);
    const link = make("a", { href: address, download: name, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

  /** A link to a file of the server: `address()` is asked when it is used; `say` tells how it goes. */
  function link(words, spoken, address, otherwise, say) {
    const made = make("a", { class: "file", "aria-label": spoken }, words);
    made.addEventListener("click", async (event) => {
      event.preventDefault();
      if (made.getAttribute("aria-busy") === "true" || made.getAttribute("aria-disabled") === "true") return;
      made.setAttribute("aria-busy", "true");
      say(`Making ${spoken} …`);
      try {
        const file = await fetched(made.href, otherwise);
        save(file);
        say(`Saved as ${file.name}.`);
      } catch (error) {
        say(error.lines ? error.lines.join(" ") : String(error.message), true);
      }
      made.removeAttribute("aria-busy");
    });
    return {
      element: made,
      refresh() {
        const now = address();
        if (now) made.setAttribute("href", now);
        else made.removeAttribute("href");
        made.setAttribute("aria-disabled", String(!now));
      },
    };
  }

  /** Put a text on the clipboard; where the browser does not let us, mark it in its box for the reader to copy. */
  async function copied(text, box) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      box.focus();
      box.select();
      return document.execCommand("copy");
    }
  }

  /** A text to be copied: a box with a button. `set(text)` changes it. */
  function copy(label, id, say) {
    const box = make("input", { type: "text", readonly: true, id, focus: () => box.select() });
    const button = make("button", { type: "button" }, "Copy");
    button.setAttribute("aria-label", `Copy: ${label}`);
    button.addEventListener("click", async () => {
      say(
        (await copied(box.value, box))
          ? `${label}: copied.`
          : `This browser does not let a page copy. ${label} is marked: press Ctrl and C.`,
      );
    });
    return {
      element: make("div", { class: "copy" }, make("label", { for: id }, label), box, button),
      box,
      set: (text) => (box.value = text),
    };
  }

  abm.handing = { fetched, save, link, copy };
})((globalThis.abmNetwork ??= {}));
