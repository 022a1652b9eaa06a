/* The setting of a world as people change it: what each lever stands at, where that comes from, and what may be typed. Names no element. */
(function (abm) {
  "use strict";

  const { number } = abm.words;
  const BOTH = ["a", "b"];

  /** The step of a slider: whole numbers, or a power of ten that makes some fifty to five hundred steps. */
  function step(row) {
    if (row.integer) return 1;
    return 10 ** Math.floor(Math.log10((row.high - row.low) / 50));
  }

  /** A value as it is read: '0.6', 'with and through', or the words for a schedule as they are. */
  function text(value) {
    if (typeof value !== "number") return String(value ?? abm.words.NONE).replaceAll("_", " ");
    return number(value, Math.min(6, (String(tidy(value)).split(".")[1] || "").length));
  }

  /** A number without the dust of binary arithmetic. */
  const tidy = (value) => Number(value.toPrecision(12));

  /** Whether it is a value and not a text that means a schedule, a ramp or areas. */
  const isPlain = (row, value) => (row.choices ? row.choices.includes(value) : typeof value === "number");

  /** A schedule, ramp or setting by area, which the server tells as JSON, in words: '0.6 from 2024/25, then 0.9 from 2030/31'. */
  function course(told) {
    let form = told;
    try {
      if (typeof told === "string") form = JSON.parse(told);
    } catch {
      return told; // as somebody wrote it into the address
    }
    const when = (at) => (/^\d+$/.test(at) ? `quarter ${at}` : at);
    if (form === null || typeof form !== "object") return text(form);
    if (form.schedule)
      return Object.entries(form.schedule)
        .map(([at, value]) => `${text(value)} from ${when(at)}`)
        .join(", then ");
    if (form.ramp)
      return `${text(form.ramp.from)} in ${when(form.ramp.start)}, moving evenly to ${text(form.ramp.to)} in ${when(form.ramp.end)}`;
    const areas = { regions: "region", systems: "system" };
    const own = Object.entries(areas).flatMap(([key, word]) =>
      Object.entries(form[key] || {}).map(([code, value]) => `${course(value)} in ${word} ${code}`),
    );
    return [...(form.national === undefined || form.national === null ? [] : [`${course(form.national)} in general`]), ...own].join("; ");
  }

  /** A value with its unit, as it is said aloud. */
  const spoken = (row, value) => (row.choices || typeof value !== "number" ? course(value) : `${text(value)}, ${row.unit}`);

  /** What may be given, in words. */
  function allowed(row) {
    if (row.choices) return row.choices.map(text).join(", ");
    return `${text(row.low)} to ${text(row.high)}${row.integer ? ", whole numbers" : ""}`;
  }

  /** What was typed: `{value}`, or `{fault}` in words. */
  function read(row, typed) {
    const plain = typed.trim().replace("−", "-");
    const value = plain === "" ? NaN : Number(plain);
    const may = `It takes ${allowed(row)} (${row.unit}).`;
    const shown = plain ? `“${abm.words.shortened(plain, 20)}”` : "Nothing";
    if (!Number.isFinite(value)) return { fault: `${shown} is not a number. ${may}` };
    if (value < row.low || value > row.high) return { fault: `${plain} is out of range. ${may}` };
    if (row.integer && !Number.isInteger(value)) return { fault: `${plain} is not a whole number. ${may}` };
    return { value };
  }

  /** The value that a setting of the address stands for: numbers are text there. */
  function meant(row, value) {
    return !row.choices && typeof value === "string" && value.trim() && Number.isFinite(Number(value)) ? Number(value) : value;
  }

  const heard = new Map(); // what worlds have told that levers stand at where nobody has moved them

  /** What a lever stands at before anybody has moved it, as the world told; undefined while no world has told it. */
  function known(store, which, section, row) {
    const { view } = store,
      made = store.worlds[which],
      key = `${section}.${row.name}`;
    const place = (scenario) => [view.system, view.point, scenario, key].join(" ");
    const told =
      made && made.scenario === view[which].scenario && !store.loading && !made.changed.includes(key)
        ? made.set[section]?.[row.name]
        : undefined;
    if (told !== undefined) heard.set(place(made.scenario), told);
    return heard.get(place(view[which].scenario));
  }

  /** The same, and where no world has told it yet: as the design point or scenario sets it, else the default. */
  function given(store, which, section, row) {
    const told = known(store, which, section, row);
    if (told !== undefined) return told;
    const point = (store.start.points || []).find((each) => each.point === store.view.point);
    const scenario = store.start.scenarios.find((each) => each.name === store.view[which].scenario);
    return point?.settings?.[`${section}.${row.name}`] ?? scenario?.[section]?.[row.name] ?? row.default;
  }

  /** What a lever stands at in a world. */
  function value(store, which, section, row) {
    const own = store.view[which][section]?.[row.name];
    return own === undefined ? given(store, which, section, row) : meant(row, own);
  }

  /** Names of a section that have been moved away from what the scenario sets, in one world. */
  const changed = (store, which, section) => Object.keys(store.view[which][section] || {});

  /** How many values have been changed, in both worlds together. */
  const changes = (store) =>
    BOTH.reduce((all, which) => all + changed(store, which, "levers").length + changed(store, which, "parameters").length, 0);

  /** Move a lever in some worlds; `undefined` puts it back. */
  function put(store, worlds, section, row, value) {
    const change = {};
    for (const which of worlds) {
      const own = { ...store.view[which][section] };
      if (value === undefined || value === known(store, which, section, row)) delete own[row.name];
      else own[row.name] = value;
      change[which] = { ...store.view[which], [section]: own };
    }
    store.set(change);
  }

  /** Put everything back as the scenarios set it. */
  function putAllBack(store) {
    store.set(Object.fromEntries(BOTH.map((which) => [which, { ...store.view[which], levers: {}, parameters: {} }])));
  }

  /** Give a world another scenario, as that scenario is. */
  function choose(store, which, scenario) {
    store.set({ [which]: { ...store.view[which], scenario, levers: {}, parameters: {} } });
  }

  abm.setting = {
    BOTH,
    step,
    text,
    isPlain,
    course,
    tidy,
    spoken,
    allowed,
    read,
    given,
    value,
    changed,
    changes,
    put,
    putAllBack,
    choose,
  };
})((globalThis.abmNetwork ??= {}));
