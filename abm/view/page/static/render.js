/* The picture of a scene on a canvas. Outlines are kept as a bitmap, and so is all that hovering does not change. */
(function (abm) {
  "use strict";

  const { look, words } = abm;
  const { KINDS, INK, PAPER, LAND, BORDER, COAST, MUTED } = look;
  const FONT = "system-ui, -apple-system, 'Segoe UI', Arial, sans-serif";
  const PIECE = 64; // ties in one path: long paths are slow, and crossings within one do not add up

  class Renderer {
    /** `network` is what `abm.data.opened` gives. */
    constructor(network) {
      this.network = network;
      this.shapes = Object.fromEntries(Object.entries(network.outlines).map(([layer, areas]) => [layer, pathOf(areas)]));
      this.small = 1; // how much smaller than usual symbols are, for a small picture
      this.layers = {};
      this.x = new Float32Array(network.organisations.length);
      this.y = new Float32Array(network.organisations.length);
      this.useLayout(0);
    }

    /** Stand the organisations as the document's layout with this number has them. */
    useLayout(number) {
      this.layout = this.network.layouts[number];
      this.onMap = this.layout.id === "map" && "icb" in this.shapes;
      this.arched = this.layout.id === "tiers";
      const areas = (this.layout.areas || []).map(({ code, ring }) => ({ code, rings: [ring.flat()] })); // hexagons
      this.areas = areas.length ? pathOf(areas) : null;
      const systems = areas.length || !this.onMap ? areas : this.network.outlines.icb;
      this.systems = Object.fromEntries(systems.map((area) => [area.code, pathOf([area])]));
      this.layers = {};
    }

    /** The box [left, top, right, bottom] of the organisations that `wanted(row)` is true of, with their outlines where all are. */
    box(wanted = () => true, everything = true) {
      const { x, y } = this.layout;
      const box = [Infinity, Infinity, -Infinity, -Infinity];
      const take = (a, b) => {
        box[0] = Math.min(box[0], a);
        box[1] = Math.min(box[1], b);
        box[2] = Math.max(box[2], a);
        box[3] = Math.max(box[3], b);
      };
      x.forEach((_, i) => wanted(i) && take(x[i], y[i]));
      if (everything && this.onMap) {
        for (const { rings } of this.network.outlines.icb)
          for (const ring of rings) for (let i = 0; i < ring.length; i += 2) take(ring[i], ring[i + 1]);
      }
      if (everything) for (const { ring } of this.layout.areas || []) for (const corner of ring) take(...corner);
      if (everything) this.layout.labels.forEach((label) => take(label.x, label.y));
      return box[0] > box[2] ? [0, 0, 1, 1] : box;
    }

    /** Draw a scene. `marks`: `hovered` and `chosen` are rows (or -1), `chosenTies` numbers of ties. `ratio`: canvas pixels a pixel. */
    draw(context, width, height, ratio, camera, scene, marks) {
      this.place(camera);
      const faded = marks.chosen >= 0;
      const size = `${width},${height},${ratio},${camera.key()},${this.layout.id}`;
      const land = this.layer("land", size, width, height, ratio, (on) => this.drawLand(on, camera));
      const base = this.layer(
        "base",
        scene,
        width,
        height,
        ratio,
        (on) => {
          if (scene.areas) this.drawAreas(on, camera, scene.areas);
          on.drawImage(land, 0, 0, width, height);
          on.globalCompositeOperation = "source-over";
          this.drawTies(on, width, height, scene, faded);
          this.drawSymbols(on, scene.organisations, faded ? 0.45 : 1);
        },
        `${size},${faded}`,
      );
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.drawImage(base, 0, 0);
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      this.drawMarks(context, scene, marks);
      this.drawLabels(context, width, height, scene, marks);
    }

    /** Pixels of every organisation, and how large symbols are at this scale. */
    place(camera) {
      const { x, y } = this.layout;
      for (let i = 0; i < this.x.length; i++) {
        this.x[i] = x[i] * camera.k + camera.x;
        this.y[i] = y[i] * camera.k + camera.y;
      }
      this.k = camera.k;
      this.origin = [camera.x, camera.y];
      this.size = Math.min(Math.max(camera.k ** 0.7, 0.58), 1.9) * this.small;
    }

    /** A bitmap, drawn anew when what it shows (`of`, compared as such) or its `key` is another. */
    layer(name, of, width, height, ratio, paint, key = "") {
      const kept = this.layers[name];
      if (kept && kept.of === of && kept.key === key) return kept.canvas;
      const canvas = kept ? kept.canvas : document.createElement("canvas");
      const [wide, tall] = [Math.round(width * ratio), Math.round(height * ratio)];
      if (canvas.width !== wide || canvas.height !== tall) [canvas.width, canvas.height] = [wide, tall];
      const context = canvas.getContext("2d", { alpha: false });
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.globalAlpha = 1;
      context.fillStyle = PAPER;
      context.fillRect(0, 0, width, height);
      paint(context);
      this.layers[name] = { canvas, of, key };
      return canvas;
    }

    drawLand(context, camera) {
      if (!this.onMap && !this.areas) return;
      context.save();
      context.translate(camera.x, camera.y);
      context.scale(camera.k, camera.k);
      context.lineJoin = "bevel";
      const stroke = (path, colour, width) => {
        context.strokeStyle = colour;
        context.lineWidth = width / camera.k;
        context.stroke(path);
      };
      const { region, icb } = this.shapes;
      context.fillStyle = LAND;
      context.fill(this.areas || region || icb);
      stroke(this.areas || icb, this.areas ? COAST : BORDER, 0.8); // lines of up to one pixel are much quicker than wider ones
      if (region && !this.areas) stroke(region, COAST, 1);
      context.restore();
    }

    /** Systems in the colours of their classes; the land that is drawn next keeps them, and lays its borders over them. */
    drawAreas(context, camera, { looks, classes }) {
      context.save();
      context.translate(camera.x, camera.y);
      context.scale(camera.k, camera.k);
      for (const [code, path] of Object.entries(this.systems)) {
        if (!(classes[code] >= 0)) continue;
        context.fillStyle = looks.looks[classes[code]].colour;
        context.fill(path);
      }
      context.restore();
      context.globalCompositeOperation = "multiply";
    }

    /** Every tie as the half of its line that is nearer to who acts, class by class. */
    drawTies(context, width, height, scene, faded) {
      const byClass = scene.looks.map(() => []);
      const bold = scene.ties.length - scene.looks.reduce((sum, each, i) => sum + (each.pale ? scene.counts[i] : 0), 0);
      scene.ties.forEach((tie, i) => {
        const number = scene.classes[i];
        if (number < byClass.length && this.inside(tie, width, height)) byClass[number].push(tie);
      });
      const seen = byClass.reduce((sum, ties, i) => sum + (scene.looks[i].pale ? 0 : ties.length), 0);
      const strong = Math.min(Math.max(26 / Math.sqrt(Math.max(Math.min(seen, bold), 1)), 0.36), 0.9);
      context.lineCap = "butt";
      byClass.forEach((ties, number) => {
        const each = scene.looks[number];
        context.globalAlpha = (faded ? 0.25 : 1) * (each.pale ? Math.max(strong, 0.45) : strong);
        this.strokeHalves(context, ties, each.colour, each.width * this.lineScale());
      });
      context.globalAlpha = 1;
    }

    /** Lines get a little thicker as the picture comes nearer. */
    lineScale() {
      return Math.min(Math.max(this.size, 0.9), 1.8);
    }

    inside(tie, width, height) {
      const a = this.network.source[tie],
        b = this.network.target[tie],
        { x, y } = this;
      return !((x[a] < 0 && x[b] < 0) || (y[a] < 0 && y[b] < 0) || (x[a] > width && x[b] > width) || (y[a] > height && y[b] > height));
    }

    strokeHalves(context, ties, colour, width) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      for (let start = 0; start < ties.length; start += PIECE) {
        context.beginPath();
        for (let i = start; i < Math.min(start + PIECE, ties.length); i++) this.half(context, ties[i]);
        context.stroke();
      }
    }

    /** The half of a tie's line from its source to the middle; in tiers a tie along a row is an arch, half of which is a curve again. */
    half(context, tie) {
      const a = this.network.source[tie],
        b = this.network.target[tie],
        { x, y } = this;
      const middleX = (x[a] + x[b]) / 2,
        middleY = (y[a] + y[b]) / 2;
      context.moveTo(x[a], y[a]);
      if (!this.arched || this.network.organisations[a].kind !== this.network.organisations[b].kind)
        return context.lineTo(middleX, middleY);
      const rise = Math.min(0.3 * Math.abs(x[a] - x[b]), 60 * this.k);
      context.quadraticCurveTo((x[a] + middleX) / 2, (y[a] + middleY - rise) / 2, middleX, middleY - rise / 2);
    }

    /** All symbols that `shown` flags, councils first so that the few large ones lie on top. */
    drawSymbols(context, shown, alpha = 1) {
      const { organisations } = this.network;
      context.globalAlpha = alpha;
      context.lineWidth = 0.9;
      context.strokeStyle = INK;
      for (let kind = KINDS.length - 1; kind >= 0; kind--) {
        context.beginPath();
        organisations.forEach((each, i) => {
          if (each.kind === kind && shown[i]) look.symbol(context, KINDS[kind].shape, this.x[i], this.y[i], this.radius(i));
        });
        context.fillStyle = KINDS[kind].fill;
        context.fill();
        context.stroke();
      }
      context.globalAlpha = 1;
    }

    radius(row) {
      return KINDS[this.network.organisations[row].kind].radius * this.size;
    }

    /** The chosen and the hovered organisation with their ties and partners, in full colour. */
    drawMarks(context, scene, { hovered, chosen, chosenTies }) {
      const { network } = this,
        shown = new Uint8Array(network.organisations.length);
      const hoveredTies =
        hovered < 0 || hovered === chosen
          ? []
          : network.tiesOf[hovered].filter((tie) => scene.view.ties[network.tieKind[tie]] && scene.organisations[network.target[tie]]);
      const both = [...chosenTies, ...hoveredTies].flatMap((tie) => [tie, tie ^ 1]);
      context.globalAlpha = 1;
      scene.looks.forEach((each, number) => {
        const ties = both.filter((tie) => abm.scene.classOf(network, scene.view, tie) === number);
        this.strokeHalves(context, ties, each.colour, (each.width + 0.7) * this.lineScale());
      });
      for (const tie of both) shown[network.source[tie]] = shown[network.target[tie]] = 1;
      for (const row of [chosen, hovered]) if (row >= 0) shown[row] = 1;
      this.drawSymbols(context, shown);
      if (chosen >= 0) this.ring(context, chosen, 5, 2.5);
      if (hovered >= 0) this.ring(context, hovered, 3.5, 1.5);
    }

    ring(context, row, gap, width) {
      for (const [colour, thick] of [
        [PAPER, width + 2.5],
        [INK, width],
      ]) {
        context.beginPath();
        context.arc(this.x[row], this.y[row], this.radius(row) + gap, 0, 2 * Math.PI);
        context.strokeStyle = colour;
        context.lineWidth = thick;
        context.stroke();
      }
    }

    /** Names, most wanted first, as far as there is room. */
    drawLabels(context, width, height, scene, marks) {
      const taken = [],
        wanted = this.wanted(scene, marks),
        symbols = wanted.length ? this.symbolBoxes(scene, width, height) : [];
      context.textBaseline = "middle";
      context.textAlign = "left";
      context.lineJoin = "round";
      for (const label of this.layout.labels) this.fixedLabel(context, label);
      for (const { row, size, bold } of wanted) {
        const x = this.x[row],
          y = this.y[row];
        if (x < 0 || y < 0 || x > width || y > height) continue;
        const text = words.shortened(this.network.organisations[row].short, 38);
        context.font = `${bold ? "600 " : ""}${size}px ${FONT}`;
        const wide = context.measureText(text).width,
          away = this.radius(row) + 4;
        const middle = Math.min(Math.max(x - wide / 2, 4), width - wide - 4);
        const boxes = [
          [x + away, y - size / 2],
          [x - away - wide, y - size / 2],
          [middle, y - away - size],
          [middle, y + away],
        ];
        const possible = boxes
          .map(([left, top]) => [left - 1, top - 1, left + wide + 1, top + size + 1])
          .filter(
            (box) =>
              box[0] >= 2 && box[2] <= width - 2 && box[1] >= 2 && box[3] <= height - 2 && !taken.some((other) => overlap(box, other)),
          );
        const free = possible.find((box) => !symbols.some((other) => overlap(box, other))) || (bold && possible[0]);
        if (!free) continue;
        taken.push(free);
        halo(context, text, free[0] + 1, (free[1] + free[3]) / 2, bold ? INK : MUTED);
      }
    }

    /** Boxes of the symbols that show in the picture. */
    symbolBoxes(scene, width, height) {
      const found = [];
      for (let i = 0; i < this.x.length; i++) {
        const x = this.x[i],
          y = this.y[i],
          r = this.radius(i) - 1;
        if (scene.organisations[i] && x > -20 && y > -20 && x < width + 20 && y < height + 20) found.push([x - r, y - r, x + r, y + r]);
      }
      return found;
    }

    /** Rows to be named: chosen, hovered, partners of the chosen, then by kind as the scale grows. */
    wanted(scene, { hovered, chosen, chosenTies }) {
      const { network } = this,
        found = [],
        seen = new Set();
      const add = (row, size, bold) => row >= 0 && !seen.has(row) && seen.add(row) && found.push({ row, size, bold });
      add(chosen, 14, true);
      add(hovered, 14, true);
      if (chosen >= 0)
        chosenTies
          .slice()
          .sort((a, b) => network.pairs.stake_k[b >> 1] - network.pairs.stake_k[a >> 1])
          .slice(0, 40)
          .forEach((tie) => add(network.target[tie], 12, false));
      const least = this.layout.id === "tiers" ? [0, 3.4, 9, 9] : [0, 2.2, 5, 5];
      for (let kind = 0; kind < KINDS.length && chosen < 0; kind++) {
        if (this.k < least[kind]) continue;
        network.organisations.forEach(
          (each, i) => each.kind === kind && scene.organisations[i] && add(i, kind ? 12 : this.small < 1 ? 11 : 13, kind === 0),
        );
      }
      return found;
    }

    fixedLabel(context, label) {
      context.font = `600 12px ${FONT}`;
      halo(context, label.text, label.x * this.k + this.origin[0], label.y * this.k + this.origin[1], MUTED);
    }

    /** The shown organisation nearest to a point in pixels, no further than `reach` from its edge; -1 for none. */
    at(x, y, scene, reach, also = []) {
      let best = -1,
        least = reach;
      for (let i = 0; i < this.x.length; i++) {
        if (!scene.organisations[i] && !also.includes(i)) continue;
        const far = Math.hypot(this.x[i] - x, this.y[i] - y) - this.radius(i);
        if (far < least) [best, least] = [i, far];
      }
      return best;
    }
  }

  function pathOf(areas) {
    const path = new Path2D();
    for (const { rings } of areas) {
      for (const ring of rings) {
        path.moveTo(ring[0], ring[1]);
        for (let i = 2; i < ring.length; i += 2) path.lineTo(ring[i], ring[i + 1]);
        path.closePath();
      }
    }
    return path;
  }

  function overlap(a, b) {
    return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
  }

  function halo(context, text, x, y, colour) {
    context.strokeStyle = "rgba(255, 255, 255, 0.9)";
    context.lineWidth = 3.5;
    context.strokeText(text, x, y);
    context.fillStyle = colour;
    context.fillText(text, x, y);
  }

  abm.render = { Renderer, FONT };
})((globalThis.abmNetwork ??= {}));
