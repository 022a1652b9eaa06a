/* The document (docs/interactive.md) opened: typed arrays and plain look-ups. Knows nothing of pages or pictures. */
(function (abm) {
  "use strict";

  const TYPES = { uint8: Uint8Array, int8: Int8Array, int16: Int16Array, int32: Int32Array };
  const FORMAT = "abm-network",
    VERSION = 1;

  /** Bytes of a base64 text. */
  function bytesOf(text) {
    const letters = atob(text),
      bytes = new Uint8Array(letters.length);
    for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
    return bytes;
  }

  /** Bytes without their zlib compression. */
  async function inflated(bytes) {
    if (typeof DecompressionStream === "undefined") {
      throw new Error("this browser is too old for the page: it needs one of 2023 or later (Chrome or Edge 80, Firefox 113, Safari 16.4)");
    }
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  /** A block of numbers: `at(frame, column)` gives the value, NaN where it is missing; `codes` are the whole numbers as stored. */
  class Table {
    constructor(block, codes) {
      Object.assign(this, {
        unit: block.unit,
        frames: block.frames,
        columns: block.columns,
        scale: block.scale,
        missing: block.missing,
        codes,
      });
    }

    at(frame, column) {
      const code = this.codes[frame * this.columns + column];
      return code === this.missing ? NaN : code * this.scale;
    }
  }

  /** A packed block as a Table. Rows were stored as differences from the row before, going round at the ends of their type. */
  async function unpacked(block) {
    const bytes = await inflated(bytesOf(block.data));
    const codes = new TYPES[block.type](bytes.buffer, 0, block.frames * block.columns);
    for (let i = block.columns; i < codes.length; i++) codes[i] += codes[i - block.columns];
    return new Table(block, codes);
  }

  /** The document with everything unpacked; ties 2i and 2i + 1 are the two directions of pair i. */
  async function opened(document) {
    if (document.format !== FORMAT || document.version !== VERSION) {
      throw new Error(`this is not a network of version ${VERSION} (it says ${document.format} ${document.version})`);
    }
    const network = { ...document, ...ties(document.pairs), organisations: organisations(document) };
    network.jointOf = Int8Array.from({ length: 256 }, (_, act) =>
      act < document.acts.length ? Number(document.acts[act].collaborative) : -1,
    );
    network.tiesOf = tiesByOrganisation(network);
    network.outlines = {};
    for (const [layer, areas] of Object.entries(document.outlines)) network.outlines[layer] = areas.map(area);
    network.scenarios = await Promise.all(
      document.scenarios.map(async (scenario) => ({ ...scenario, states: await states(scenario.states) })),
    );
    return network;
  }

  /** A scenario's packed blocks, by name, as Tables. */
  async function states(blocks) {
    const tables = await Promise.all(Object.values(blocks).map(unpacked));
    return Object.fromEntries(Object.keys(blocks).map((name, i) => [name, tables[i]]));
  }

  /** Columns of the directed ties. */
  function ties(pairs) {
    const count = 2 * pairs.a.length;
    const found = { tieCount: count, source: new Int32Array(count), target: new Int32Array(count), tieKind: new Uint8Array(count) };
    for (let tie = 0; tie < count; tie++) {
      const pair = tie >> 1;
      found.source[tie] = tie & 1 ? pairs.b[pair] : pairs.a[pair];
      found.target[tie] = tie & 1 ? pairs.a[pair] : pairs.b[pair];
      found.tieKind[tie] = pairs.kind[pair];
    }
    return found;
  }

  /** A row an organisation; `short` is its name without what every trust has in it, and with what tells an ICB from its place. */
  function organisations(document) {
    const { code, name, kind, region, system } = document.organisations;
    return code.map((_, i) => {
      const board = document.kinds[kind[i]].id === "icb" && !/\b(ICB|board)\b/i.test(name[i]);
      const short = board ? `${name[i]} ICB` : name[i].replace(/,? NHS (Foundation )?Trust$/, "");
      return { code: code[i], name: name[i], short, kind: kind[i], region: region[i], system: system[i] };
    });
  }

  /** For every organisation the ties that start from it. */
  function tiesByOrganisation(network) {
    const found = network.organisations.map(() => []);
    for (let tie = 0; tie < network.tieCount; tie++) found[network.source[tie]].push(tie);
    return found;
  }

  /** An area's rings as arrays of kilometres [x, y, x, y, ...]. */
  function area({ code, rings }) {
    return {
      code,
      rings: rings.map((steps) => {
        const ring = new Float32Array(steps.length);
        for (let i = 0, x = 0, y = 0; i < steps.length; i += 2) {
          x += steps[i];
          y += steps[i + 1];
          ring[i] = x / 10;
          ring[i + 1] = y / 10;
        }
        return ring;
      }),
    };
  }

  abm.data = { opened, states, unpacked, Table };
})((globalThis.abmNetwork ??= {}));
