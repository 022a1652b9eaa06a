/* How the panels beside the picture tell numbers: an outcome in its unit, money in plain figures, and axes that keep still. */
(function (abm) {
  "use strict";

  const { words } = abm;
  const SHARE = /^share\b/;
  const PLAIN_PLACES = [
    [20, 1],
    [2, 2],
    [0, 3],
  ];

  /** Thousands of pounds; below a million as thousands, which `words.money` rounds away. */
  function money(thousand, signed = false) {
    if (!Number.isFinite(thousand) || Math.abs(thousand) >= 999.5) return words.money(thousand, signed);
    if (Math.round(thousand) === 0) return "£0";
    return `${thousand < 0 ? "−" : signed ? "+" : ""}£${words.number(Math.abs(thousand))}k`;
  }

  /** How to tell values of an outcome with this unit, shown over this span: a value, a difference, a mark on the axis. */
  function teller(unit, span = 1) {
    if (SHARE.test(unit)) {
      const places = span < 0.03 ? 2 : 1;
      return {
        unit: `% ${unit.replace(SHARE, "").trim()}`.trim(),
        value: (value) => words.percent(value, places),
        change: (value) => words.points(value, places),
        mark: (value, step) => words.percent(value, placesOf(100 * step)),
      };
    }
    const places = unit === "systems" ? 0 : PLAIN_PLACES.find(([least]) => span >= least)[1];
    return {
      unit,
      value: (value) => words.number(value, places),
      change: (value) => words.number(value, places, true),
      mark: (value, step) => words.number(value, placesOf(step)),
    };
  }

  /** Decimals that a step needs: 0 for 5, 1 for 0.5, 2 for 0.25. */
  function placesOf(step) {
    let places = 0;
    while (places < 4 && Math.abs(step * 10 ** places - Math.round(step * 10 ** places)) > 1e-6) places++;
    return places;
  }

  /** A name without what every trust has in it. */
  function shortName(name) {
    return name.replace(/,? NHS (Foundation )?Trust$/, "");
  }

  /** '2029/30 Q1', as the player has it. */
  function quarter(each) {
    return `${each.year} Q${each.quarter}`;
  }

  // --- axes ------------------------------------------------------------------------------------------------------------

  const STEPS = [1, 2, 2.5, 5, 10];
  const MARKS = 3; // steps that an axis is cut into, about
  const FLATTEST = 0.02; // an axis spans at least this share of its largest value, so that rounding does not look like news
  const EMPTIEST = 0.4; // an axis is kept while the values take up at least this share of it

  /** Lowest and highest of numbers, leaving out those missing; null where there is none. */
  function extent(values) {
    let low = Infinity,
      high = -Infinity;
    for (const value of values) {
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return low <= high ? [low, high] : null;
  }

  /** An axis with round ends around [low, high]: `low`, `high`, `step`. */
  function axis([low, high]) {
    const least = Math.max(FLATTEST * Math.max(Math.abs(low), Math.abs(high)), 1e-3);
    const lacking = Math.max(0, least - (high - low)) / 2;
    const [from, to] = [low - lacking, high + lacking];
    const rough = (to - from) / MARKS,
      power = 10 ** Math.floor(Math.log10(rough));
    const step = power * STEPS.find((each) => each * power >= rough * 0.999);
    return { low: step * Math.floor(from / step + 1e-9), high: step * Math.ceil(to / step - 1e-9), step };
  }

  /** The axis that was there if the values still fit it well, else a new one: sliders may move without the axis jumping. */
  function steadyAxis(before, ends) {
    if (!ends) return before || { low: 0, high: 1, step: 0.5 };
    const [low, high] = ends;
    const fits = before && low >= before.low - 1e-12 && high <= before.high + 1e-12;
    const fresh = axis(ends);
    return fits && fresh.high - fresh.low >= EMPTIEST * (before.high - before.low) ? before : fresh;
  }

  function marksOf({ low, high, step }) {
    const count = Math.round((high - low) / step);
    return Array.from({ length: count + 1 }, (_, i) => low + i * step);
  }

  // --- putting things in place -----------------------------------------------------------------------------------------

  /** Put new children in; the focus stays on what has the same data-key. */
  function put(root, ...children) {
    const active = document.activeElement,
      key = root.contains(active) && active.dataset ? active.dataset.key : undefined;
    root.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined));
    if (key) root.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
  }

  /** Whether an element is laid out, that is, not in a tab behind. */
  function visible(root) {
    return root.getClientRects().length > 0;
  }

  /** Call `shown` when the element comes into sight and when its width changes. */
  function watch(root, shown) {
    let width = 0;
    new ResizeObserver(() => {
      const now = visible(root) ? root.clientWidth : 0;
      if (now !== width) {
        width = now;
        if (now) shown();
      }
    }).observe(root);
  }

  /** The two worlds' titles with their line: the legend of every panel. */
  function legend({ worlds }) {
    const { make } = abm.element;
    const one = (which) =>
      make("li", {}, make("span", { class: `key key-${which}` }), make("b", {}, which.toUpperCase()), ` ${worlds[which].title}`);
    return make("ul", { class: "worlds" }, one("a"), one("b"));
  }

  /** Radio buttons in a row: `options` are [key, label]. */
  function radios(name, title, options, chosen, changed) {
    const { make, choice } = abm.element;
    const each = options.map(([key, label]) => {
      const radio = choice("radio", name, label, key === chosen, () => changed(key));
      radio.querySelector("input").dataset.key = `${name}-${key}`;
      return radio;
    });
    return make("fieldset", { class: "by" }, make("legend", {}, title), each);
  }

  abm.telling = { money, teller, shortName, quarter, quarter, extent, axis, steadyAxis, marksOf, put, visible, watch, legend, radios };
})((globalThis.abmNetwork ??= {}));
