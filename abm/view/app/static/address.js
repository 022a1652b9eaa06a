/* The page's address holds the whole view: read once at the start, written as things change. */
(function (abm) {
  "use strict";

  const { store } = abm;
  const QUIET = 300; // milliseconds without a change before the address is written: browsers refuse to be told too often
  const CHOICES = {
    show: ["both", "a", "b", "difference"],
    ties: ["acts", "trust"],
    layout: ["map", "hexes", "tiers", "places"],
    by: ["all", "kind", "region"],
    tab: ["curves", "card", "answers"],
  };
  const HIDDEN = /^[a-z_]+(,[a-z_]+)*$/;
  let dropped = [],
    code = "", // of the organisation to choose when the network is there
    region = "",
    timer = 0,
    first = true; // nothing has been shown yet

  /** The part of the view that the address asks for; what it asks in vain is kept in `dropped`. */
  function wanted(start) {
    const view = {},
      worlds = { a: null, b: null };
    dropped = [];
    for (const [key, text] of new URLSearchParams(location.search)) {
      const why = taken(start, view, worlds, key, text);
      if (why) dropped.push(`${key}=${text}: ${why}`);
    }
    for (const which of ["a", "b"]) {
      const base = start.defaults[which],
        scenario = typeof base === "string" ? base : base.scenario;
      if (worlds[which]) view[which] = { scenario, ...worlds[which] };
    }
    return view;
  }

  /** Take one key of the address; gives why not. */
  function taken(start, view, worlds, key, text) {
    const [, which, rest] = key.match(/^([ab])\.(.+)$/) || [];
    if (which) return takenOfWorld(start, (worlds[which] ??= { levers: {}, parameters: {} }), rest, text);
    if (key in CHOICES) return one(CHOICES[key], text) || put(view, key, text);
    if (key === "system") return one(names(start.systems), text) || put(view, key, text);
    if (key === "outcome") return one(names(start.outcomes), text) || put(view, key, text);
    if (key === "org") return void (code = text);
    if (key === "region") return void (region = text);
    if (key === "hide")
      return text === "" ? put(view, key, []) : HIDDEN.test(text) ? put(view, key, text.split(",")) : "kinds with commas between them";
    const limits = { point: [0, Infinity], quarter: [0, Infinity], ...start.limits }[key];
    if (!limits) return "this page has no such setting";
    const number = Number(text);
    if (!/^\d{1,15}$/.test(text) || number < limits[0] || number > limits[1])
      return `a whole number from ${limits[0]}${Number.isFinite(limits[1]) ? ` to ${limits[1]}` : ""} is needed`;
    return put(view, key === "quarter" ? "frame" : key, number);
  }

  function takenOfWorld(start, world, key, text) {
    if (key === "scenario") return one(names(start.scenarios), text) || put(world, key, text);
    const [, group, name] = key.match(/^(levers|parameters)\.(.+)$/) || [];
    if (!group) return "a world has scenario, levers.NAME and parameters.NAME";
    if (group === "levers") {
      const why = one(names(start.levers), name, "no such lever");
      if (why) return why;
    }
    return put(world[group], name, text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text);
  }

  const names = (list) => (list || []).map((each) => each.name);

  function put(on, key, value) {
    on[key] = value;
    return "";
  }

  /** Why `text` is none of these; '' where it is one. */
  function one(list, text, why = "no such choice") {
    if (list.includes(text)) return "";
    return `${why}${list.length && list.length <= 8 ? `; there are ${list.join(", ")}` : ""}`;
  }

  /** The address of the view as it stands. */
  function link() {
    const { view, network } = store,
      more = {};
    const page = { show: "both", ties: "acts", region: "", outcome: "", by: "all", tab: "curves" };
    if (network) more.quarter = view.frame;
    if (network && view.chosen >= 0) more.org = network.organisations[view.chosen].code;
    for (const [key, usual] of Object.entries(page)) if (view[key] && view[key] !== usual) more[key] = view[key];
    if (view.layout && network && view.layout !== network.layouts[0].id) more.layout = view.layout;
    if (view.hide.join() !== "oversight") more.hide = view.hide.join();
    return `${location.origin}${location.pathname}?${store.query("both", more)}`;
  }

  function write() {
    clearTimeout(timer);
    if (first) return; // what was asked for is still on its way
    timer = setTimeout(() => history.replaceState(null, "", link()), QUIET);
  }

  /** Put the link where it can be pasted from; where the browser does not allow that, show it. */
  async function copy() {
    const text = link();
    history.replaceState(null, "", text);
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      abm.notices.say("link", "The link to this view", [text]);
      return false;
    }
  }

  function complain(lines) {
    abm.notices.say("address", "Some of the address was left out; the rest is shown", lines);
  }

  /** The organisation and region that were asked for by code, now that it is known who there is. */
  function arrive(network) {
    const chosen = network.organisations.findIndex((each) => each.code === code);
    if (code && chosen < 0) dropped.push(`org=${code}: ${network.world} has no organisation with this code`);
    if (region && !abm.controls.regionsOf(network).some((each) => each.code === region)) {
      dropped.push(`region=${region}: ${network.world} has no region with this code`);
      region = "";
    }
    if (dropped.length) complain(dropped);
    const found = { ...(chosen >= 0 ? { chosen } : {}), ...(region ? { region } : {}) };
    [code, region, dropped] = ["", "", []];
    if (Object.keys(found).length) store.set(found);
  }

  /** Overrides of the address that the server refuses are left out too, once. */
  function refused({ status, lines }) {
    const { a, b } = store.view;
    const none = ({ levers, parameters }) => !Object.keys(levers).length && !Object.keys(parameters).length;
    if (!first || status !== 422 || (none(a) && none(b))) return;
    dropped = [];
    store.set({ a: { ...a, levers: {}, parameters: {} }, b: { ...b, levers: {}, parameters: {} } });
    complain([...lines, "All changed levers and parameters of the address were left out."]);
  }

  store.on("network", arrive);
  store.on("error", refused);
  store.on("worlds", () => {
    first = false;
    write();
  });
  for (const event of ["frame", "chosen", "view"]) store.on(event, write);

  abm.address = { wanted, link, copy };
})((globalThis.abmNetwork ??= {}));
