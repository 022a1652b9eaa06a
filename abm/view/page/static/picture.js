/* The picture as a PNG with title, legend and footer on it, and where it comes from in its metadata. */
(function (abm) {
  "use strict";

  const { look } = abm;
  const CRC = new Uint32Array(256).map((_, n) => {
    for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n;
  });

  function crc(bytes) {
    let value = 0xffffffff;
    for (const byte of bytes) value = CRC[(value ^ byte) & 255] ^ (value >>> 8);
    return (value ^ 0xffffffff) >>> 0;
  }

  /** An iTXt chunk: a keyword and a text in UTF-8, not compressed. */
  function textChunk(keyword, text) {
    const body = new TextEncoder().encode(`iTXt${keyword}\0\0\0\0\0${text}`);
    const chunk = new Uint8Array(body.length + 8),
      numbers = new DataView(chunk.buffer);
    numbers.setUint32(0, body.length - 4);
    chunk.set(body, 4);
    numbers.setUint32(body.length + 4, crc(body));
    return chunk;
  }

  /** A PNG's bytes with `facts` (name: text) put in behind its header. */
  function withText(png, facts) {
    const header = 33; // signature and IHDR
    const chunks = Object.entries(facts).map(([name, text]) => textChunk(name, text));
    const all = new Uint8Array(png.length + chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    all.set(png.subarray(0, header));
    let at = header;
    for (const chunk of chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    all.set(png.subarray(header), at);
    return all;
  }

  /** Words broken into lines no wider than `room` pixels in the context's font. */
  function lines(context, text, room) {
    const found = [];
    for (const word of text.split(/\s+/).filter(Boolean)) {
      const longer = found.length ? `${found[found.length - 1]} ${word}` : word;
      if (found.length && context.measureText(longer).width <= room) found[found.length - 1] = longer;
      else found.push(word);
    }
    return found;
  }

  /** A canvas with everything on it. `paint(context, width, height, ratio)` draws the network; `keys` are symbols or lines with a label. */
  function composed({ width, height, ratio, title, status, keys, notes, paint }) {
    const margin = 20,
      room = width - 2 * margin,
      canvas = document.createElement("canvas"),
      context = canvas.getContext("2d");
    const parts = [
      [title, 20, "600 ", look.INK],
      [status, 13, "", look.INK],
    ].map((part) => wrapped(context, part, room));
    const feet = notes.filter(Boolean).map((note) => wrapped(context, [note, 11, "", look.MUTED], room));
    const rows = keyRows(context, keys, room);
    const tall = (list) => list.reduce((sum, part) => sum + part.lines.length * part.size * 1.35 + 3, 0);
    const above = margin + tall(parts) + 6,
      below = above + height + 10;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round((below + rows.length * 20 + 8 + tall(feet) + margin) * ratio);
    const network = document.createElement("canvas");
    network.width = canvas.width;
    network.height = Math.round(height * ratio);
    paint(network.getContext("2d"), width, height, ratio);
    context.scale(ratio, ratio);
    context.fillStyle = look.PAPER;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(network, 0, above, width, height);
    write(context, parts, margin, margin);
    drawKeys(context, rows, margin, below);
    write(context, feet, margin, below + rows.length * 20 + 8);
    return canvas;
  }

  function wrapped(context, [text, size, weight, colour], room) {
    context.font = `${weight}${size}px ${abm.render.FONT}`;
    return { size, colour, font: context.font, lines: lines(context, text, room) };
  }

  function write(context, parts, left, top) {
    context.textBaseline = "top";
    context.textAlign = "left";
    for (const part of parts) {
      [context.font, context.fillStyle] = [part.font, part.colour];
      for (const line of part.lines) {
        context.fillText(line, left, top);
        top += part.size * 1.35;
      }
      top += 3;
    }
  }

  /** Keys in rows, each with its place from the left. */
  function keyRows(context, keys, room) {
    context.font = `13px ${abm.render.FONT}`;
    const rows = [[]];
    let left = 0;
    for (const key of keys) {
      const wide = 30 + context.measureText(key.label).width + 18;
      if (left + wide > room && left) {
        rows.push([]);
        left = 0;
      }
      rows[rows.length - 1].push({ ...key, left });
      left += wide;
    }
    return rows;
  }

  function drawKeys(context, rows, margin, top) {
    context.font = `13px ${abm.render.FONT}`;
    context.textBaseline = "middle";
    rows.forEach((row, i) =>
      row.forEach((key) => {
        const y = top + 20 * i + 9,
          x = margin + key.left;
        context.beginPath();
        if (key.shape) {
          look.symbol(context, key.shape, x + 11, y, 6);
          context.fillStyle = key.colour;
          context.fill();
          [context.strokeStyle, context.lineWidth] = [look.INK, 1];
        } else {
          context.moveTo(x, y);
          context.lineTo(x + 22, y);
          [context.strokeStyle, context.lineWidth] = [key.colour, 2 * key.width];
        }
        context.stroke();
        context.fillStyle = look.INK;
        context.fillText(key.label, x + 30, y);
      }),
    );
  }

  /** Hand a canvas to the reader as a PNG file with these facts in it. */
  async function save(canvas, facts, name) {
    const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
    const bytes = withText(new Uint8Array(await blob.arrayBuffer()), facts);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    return bytes;
  }

  abm.picture = { composed, save, withText, crc };
})((globalThis.abmNetwork ??= {}));
