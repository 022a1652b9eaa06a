/* One of the maps: a canvas with its caption and the card beside the pointer. All maps share one camera. */
(function (abm) {
  "use strict";

  const { words } = abm;
  const { make } = abm.element;
  const { DIFFERENCE } = abm.scene;
  const LETTERS = ["A", "B", "B against A"];

  class Picture {
    /** `number`: 0 for world A, 1 for B, DIFFERENCE for what is between them. */
    constructor(number) {
      this.number = number;
      this.letter = LETTERS[number];
      this.canvas = make("canvas", {
        tabindex: "0",
        role: "application",
        "aria-roledescription": "map of the network",
        "aria-label": `${this.letter}: not there yet`,
        "aria-describedby": "stage-keys",
      });
      this.tip = make("div", { class: "tip", "aria-hidden": "true", hidden: true });
      this.caption = make("figcaption", {}, make("b", { class: "letter" }, this.letter));
      this.figure = make(
        "figure",
        { class: "picture", id: `picture-${number}` },
        make("div", { class: "frame" }, this.canvas, this.tip),
        this.caption,
      );
      this.context = this.canvas.getContext("2d", { alpha: false });
    }

    /** Draw another network, or the same one with other worlds. */
    use(network) {
      const same = this.renderer && this.renderer.network.outlines === network.outlines;
      if (same) this.renderer.network = network;
      else this.renderer = new abm.render.Renderer(network);
    }

    /** Take the size that the page gives it: true if that is another than before. */
    resized() {
      const [wide, tall, ratio] = [this.canvas.clientWidth, this.canvas.clientHeight, Math.min(window.devicePixelRatio || 1, 2)];
      if (!wide || !tall || (wide === this.width && tall === this.height && ratio === this.ratio)) return false;
      Object.assign(this, { width: wide, height: tall, ratio });
      this.canvas.width = Math.round(wide * ratio);
      this.canvas.height = Math.round(tall * ratio);
      return true;
    }

    draw(camera, found, marks) {
      this.found = found;
      if (!this.width || this.figure.hidden) return;
      this.renderer.small = Math.min(this.width, this.height) < 420 ? 0.72 : 1;
      this.renderer.draw(this.context, this.width, this.height, this.ratio, camera, found, marks);
      this.canvas.classList.toggle("near", camera.nearer);
    }

    /** The organisation under the pointer. */
    at(x, y, touch, also) {
      return this.found ? this.renderer.at(x, y, this.found, touch ? 18 : 7, also) : -1;
    }

    /** Who is under the pointer, and how it acts in both worlds. */
    point(row, x, y) {
      this.tip.hidden = row < 0;
      this.canvas.classList.toggle("over", row >= 0);
      if (row < 0) return;
      if (this.told !== row || this.toldOf !== this.found) this.tip.replaceChildren(...tipOf(this.found, row));
      [this.told, this.toldOf] = [row, this.found];
      const left = x + 14 + this.tip.offsetWidth > this.width ? x - 14 - this.tip.offsetWidth : x + 14;
      this.tip.style.left = `${Math.max(4, left)}px`;
      this.tip.style.top = `${Math.max(4, Math.min(y + 14, this.height - this.tip.offsetHeight - 4))}px`;
    }

    /** Title and number below the map. */
    say(title, value, note) {
      this.caption.replaceChildren(
        make("span", { class: "world" }, make("b", { class: "letter" }, this.letter), ` ${title}`),
        make("span", { class: "now" }, make("b", {}, value), note ? ` ${note}` : ""),
      );
    }

    /** What the map shows, for those who hear it. */
    describe(title, quarter) {
      const { found } = this;
      const ties = found.looks
        .map((each, i) => (found.counts[i] ? `${each.label}: ${words.number(found.counts[i])}` : ""))
        .filter(Boolean)
        .join(", ");
      this.canvas.setAttribute(
        "aria-label",
        `${this.letter}, ${title}${quarter ? `, ${words.quarterInFull(quarter)}` : ""}: ` +
          `${words.count(found.organisationCount, "organisation")}, ${ties || "no ties"}.`,
      );
    }
  }

  function tipOf(found, row) {
    const { network, view } = found,
      each = network.organisations[row],
      region = each.region >= 0 && each.region !== row ? ` · ${network.organisations[each.region].name}` : "";
    const ties = network.tiesOf[row].filter((tie) => view.ties[network.tieKind[tie]]);
    const told = network.scenarios.map((_, i) => {
      const { acts, share, trust } = abm.scene.summary(network, i, view.frame, ties);
      if (view.colour === "trust") return `${LETTERS[i]} ${words.number(trust, 2)}`;
      return `${LETTERS[i]} ${acts ? words.percent(share) : "no acts"}`;
    });
    const what = view.colour === "trust" ? "Its mean trust" : "Its acts that are collaborative";
    return [
      make("b", {}, each.name),
      make("span", {}, `${network.kinds[each.kind].name} · ${each.code}${region}`),
      told.length ? make("span", {}, `${what}: ${told.join(", ")}`) : "",
    ].filter(Boolean);
  }

  abm.maps = { Picture, LETTERS, DIFFERENCE };
})((globalThis.abmNetwork ??= {}));
