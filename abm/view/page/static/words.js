/* Numbers and names as people read them. */
(function (abm) {
  "use strict";

  const NONE = "–",
    MINUS = "−";
  const thousands = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });

  /** A number with a real minus, no negative zero, and a dash where it is missing. */
  function number(value, places = 0, signed = false) {
    if (!Number.isFinite(value)) return NONE;
    const text = Math.abs(value).toLocaleString("en-GB", { minimumFractionDigits: places, maximumFractionDigits: places });
    if (!/[1-9]/.test(text)) return text;
    return (value < 0 ? MINUS : signed ? "+" : "") + text;
  }

  /** Thousands of pounds as millions or billions. */
  function money(thousand, signed = false) {
    if (!Number.isFinite(thousand)) return NONE;
    const millions = Math.abs(thousand) / 1000;
    const text = millions >= 999.5 ? number(millions / 1000, 2) : number(millions, millions >= 99.95 ? 0 : 1);
    const sign = !/[1-9]/.test(text) ? "" : thousand < 0 ? MINUS : signed ? "+" : "";
    return `${sign}£${text}${millions >= 999.5 ? "bn" : "m"}`;
  }

  function percent(share, places = 0, signed = false) {
    return Number.isFinite(share) ? `${number(100 * share, places, signed)}%` : NONE;
  }

  /** A difference of two shares. */
  function points(difference, places = 1) {
    return Number.isFinite(difference) ? `${number(100 * difference, places, true)} pts` : NONE;
  }

  function count(amount, word, plural = `${word}s`) {
    return `${thousands.format(amount)} ${amount === 1 ? word : plural}`;
  }

  /** 'Q4 2038/39', and in full for those who hear it. */
  function quarter(each) {
    return `Q${each.quarter} ${each.year}`;
  }

  function quarterInFull(each) {
    const months = ["April to June", "July to September", "October to December", "January to March"][each.quarter - 1];
    return `Quarter ${each.quarter} of ${each.year}, ${months}`;
  }

  /** A text as search compares it: small letters, no accents, apostrophes or other marks. */
  function plain(text) {
    return text
      .toLowerCase()
      .normalize("NFD")
      .replace(/[\u0300-\u036f'’.,&()-]/g, (mark) => ("-&(),.".includes(mark) ? " " : ""))
      .replace(/\s+/g, " ")
      .trim();
  }

  function shortened(text, most) {
    return text.length <= most ? text : `${text.slice(0, most - 1).trimEnd()}…`;
  }

  function capital(text) {
    return text.charAt(0).toUpperCase() + text.slice(1);
  }

  abm.words = { number, money, percent, points, count, quarter, quarterInFull, plain, shortened, capital, NONE };
})((globalThis.abmNetwork ??= {}));
