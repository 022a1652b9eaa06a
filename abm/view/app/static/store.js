/* What is asked for, and what the server answered: the one place where both are kept. Draws nothing and names no element. */
(function (abm) {
  "use strict";

  const SHARED = ["system", "quarters", "seed", "replicate", "point"]; // of both worlds
  const WAIT = 120; // milliseconds of quiet before worlds are run again: a slider that is dragged asks once
  const KEPT = 12; // answers kept, the latest asked for last

  const listeners = {};
  const answers = new Map(); // address -> promise of a world, opened
  let running = null, // AbortController of the worlds being fetched
    timer = 0,
    asked = ""; // the setting whose worlds are shown, or on their way, or refused

  const store = {
    start: null, // /api/start
    network: null, // opened, with both worlds as its scenarios; null until they are there
    plain: null, // opened, without worlds: outlines and places, there a little earlier
    worlds: { a: null, b: null }, // /api/world, as the server gave them
    loading: false,
    view: {
      ...{ system: "", quarters: 40, seed: 0, replicate: 0, point: 0 },
      ...{ a: { scenario: "", levers: {}, parameters: {} }, b: { scenario: "", levers: {}, parameters: {} } },
      ...{
        frame: 0,
        chosen: -1,
        show: "both",
        ties: "acts",
        layout: "",
        region: "",
        outcome: "",
        by: "all",
        tab: "curves",
        hide: ["oversight"],
      },
    },

    /** Call `heard(detail)` at every `event`: "start", "network", "worlds", "loading", "frame", "chosen", "view", "error". */
    on(event, heard) {
      (listeners[event] ??= []).push(heard);
    },

    /** Change what is asked for (a shallow merge), say so, and run worlds again where their setting is another. */
    set(change) {
      const before = { ...store.view };
      Object.assign(store.view, change);
      store.view.frame = within(store.view.frame);
      const changed = Object.keys(change).filter((key) => store.view[key] !== before[key]);
      if (changed.includes("frame")) tell("frame", store.view.frame);
      if (changed.includes("chosen")) tell("chosen", store.view.chosen);
      if (changed.some((key) => key !== "frame" && key !== "chosen")) tell("view", changed);
      clearTimeout(timer);
      if (store.start && store.query("both") !== asked) timer = setTimeout(run, WAIT);
    },

    /** The query of world "a" or "b", or of "both", as the server takes it; `more` is put behind it. */
    query(which, more = {}) {
      const { view } = store,
        found = new URLSearchParams();
      for (const key of SHARED) found.set(key, String(view[key]));
      const world = (of, before) => {
        if (of.scenario) found.set(`${before}scenario`, of.scenario);
        for (const group of ["levers", "parameters"])
          for (const name of Object.keys(of[group] || {}).sort()) found.set(`${before}${group}.${name}`, String(of[group][name]));
      };
      if (which === "both") ["a", "b"].forEach((each) => world(view[each], `${each}.`));
      else world(view[which], "");
      for (const [key, value] of Object.entries(more)) if (value !== null && value !== undefined) found.set(key, String(value));
      return found.toString();
    },

    /** What the server answers to a path and query, as JSON. Throws an Error with `title` and `lines`, to be shown as words. */
    async fetch(path, query = "", signal = undefined) {
      let response;
      try {
        response = await globalThis.fetch(query ? `${path}?${query}` : path, { signal, headers: { Accept: "application/json" } });
      } catch (error) {
        if (error.name === "AbortError") throw error;
        throw told("The server does not answer", [
          "Nothing came back from the program that runs the model.",
          "Start it again with: abm view",
        ]);
      }
      const answer = await response.json().catch(() => null);
      if (response.ok && answer !== null) return answer;
      const { title, lines } = (answer && answer.error) || {};
      throw told(
        title || `The server could not answer (${response.status})`,
        lines || ["Its answer is not one that this page knows."],
        response.status,
      );
    },

    /** Fetch what is offered, take `wanted` (a part of the view) on top of the defaults, and run both worlds. */
    async open(wanted = {}) {
      try {
        store.start ??= await store.fetch("/api/start");
      } catch (error) {
        return failed(error, () => store.open(wanted));
      }
      const { a, b, ...shared } = store.start.defaults;
      const world = (given) => ({ levers: {}, parameters: {}, ...(typeof given === "string" ? { scenario: given } : given) });
      Object.assign(
        store.view,
        shared,
        { a: world(a), b: world(b), frame: Infinity },
        typeof wanted === "function" ? wanted(store.start) : wanted,
      );
      tell("start", store.start);
      return run();
    },

    /** Run both worlds (again), now. */
    again: () => run(),
  };

  function tell(event, detail) {
    for (const heard of listeners[event] || []) {
      try {
        heard(detail);
      } catch (error) {
        console.error(error); // one part of the page that stumbles does not stop the others
      }
    }
  }

  function told(title, lines, status = 0) {
    return Object.assign(new Error([title, ...lines].join(": ")), { title, lines, status });
  }

  /** A frame that is there: quarters are numbered from 0. */
  function within(frame) {
    const last = (store.network ? store.network.quarters.length : store.view.quarters) - 1;
    return Number.isNaN(frame) ? last : Math.min(Math.max(Math.trunc(Math.min(frame, last)), 0), last);
  }

  function loading(is) {
    store.loading = is;
    tell("loading", is);
  }

  function failed(error, again) {
    if (error.name === "AbortError") return;
    tell("error", {
      title: error.title || "Something went wrong in this page",
      lines: error.lines || [error.message],
      status: error.status || 0,
      again,
    });
  }

  /** Fetch network and worlds of what is asked for; what was asked before and has not come is let go. */
  async function run() {
    clearTimeout(timer);
    running?.abort();
    asked = store.query("both");
    const mine = (running = new AbortController()),
      stale = () => mine !== running || mine.signal.aborted;
    loading(true);
    try {
      const network = answer("/api/network", networkQuery(), mine.signal, (document) =>
        abm.data.opened({ ...document, quarters: [], scenarios: [] }),
      );
      const worlds = ["a", "b"].map((which) => answer("/api/world", store.query(which), mine.signal, opened));
      worlds.forEach((each) => each.catch(() => undefined)); // heard of below
      const plain = await network;
      if (stale()) return;
      if (!store.network) seen(plain); // nothing is shown yet; later the old picture stays until all is there
      const [a, b] = await Promise.all(worlds);
      if (stale()) return;
      arrived(plain, a, b);
    } catch (error) {
      if (!stale()) {
        running = null;
        loading(false);
        failed(error, run);
      }
    }
  }

  function arrived(plain, a, b) {
    if (!fits(plain, a) || !fits(plain, b))
      throw told("These two worlds cannot be laid over each other", ["They do not have the same organisations and ties."]);
    running = null;
    if (store.network && store.plain !== plain) keepPlace(store.plain, plain);
    store.worlds = { a: a.world, b: b.world };
    store.network = { ...plain, quarters: a.world.quarters, scenarios: [a.scenario, b.scenario] };
    store.view.frame = within(store.view.frame);
    seen(plain);
    loading(false);
    tell("worlds", store.worlds);
    tell("frame", store.view.frame);
  }

  function fits(plain, { scenario }) {
    return scenario.states.trust.columns === plain.tieCount && scenario.states.income.columns === plain.organisations.length;
  }

  /** A world with its states unpacked. */
  async function opened(world) {
    const { name = world.scenario, title, description } = world;
    return { world, scenario: { name, title, description, states: await abm.data.states(world.states) } };
  }

  /** What makes a network another: neither the levers, which act in it, nor luck. */
  function networkQuery() {
    const query = new URLSearchParams(store.query("a"));
    for (const key of [...query.keys()])
      if (key.startsWith("levers.") || ["quarters", "seed", "replicate"].includes(key)) query.delete(key);
    return query.toString();
  }

  /** Outlines and places of another network are there. */
  function seen(plain) {
    if (store.plain === plain) return;
    store.plain = plain;
    tell("network", plain);
  }

  /** What is chosen stays so in another network that has it. */
  function keepPlace(old, plain) {
    const code = old.organisations[store.view.chosen]?.code;
    store.view.chosen = plain.organisations.findIndex((each) => each.code === code);
    if (!plain.organisations.some((each) => each.code === store.view.region)) store.view.region = "";
  }

  /** What the server says to an address, opened; the last few are kept. An answer that failed is forgotten. */
  function answer(path, query, signal, open) {
    const address = `${path}?${query}`,
      kept = answers.get(address);
    const found = kept && !kept.signal.aborted ? kept : { signal, promise: store.fetch(path, query, signal).then(open) };
    answers.delete(address);
    answers.set(address, found);
    found.promise.then(
      () => (found.signal = { aborted: false }), // it is here: no later abort undoes it
      () => answers.get(address) === found && answers.delete(address),
    );
    while (answers.size > KEPT) answers.delete(answers.keys().next().value);
    return found.promise;
  }

  abm.store = store;
})((globalThis.abmNetwork ??= {}));
