/* Of an organisation's card: its ties, what it did and what was done to it, and why it acted as it did, A and B side by side. */
(function (abm) {
  "use strict";

  const { words, telling } = abm;
  const FIRST = 6; // ties shown before "show all"

  /** The ties of both worlds as one list, as the server orders them. */
  function merged({ a, b }) {
    const key = (tie) => [tie.partner, tie.tie].join(" ");
    const others = new Map(b.ties.map((tie) => [key(tie), tie]));
    return a.ties.map((tie) => ({ key: key(tie), a: tie, b: others.get(key(tie)) || tie }));
  }

  /** Whether the two worlds do not do the same on a tie, either way. */
  function parts({ a, b }) {
    return a.act !== b.act || a.their_act !== b.their_act;
  }

  /** `folds.tie` is the key of the tie whose reasons are shown; `fold(change)` unfolds others; `choose(code)` goes to a partner. */
  function ties(answer, { folds, fold, choose }) {
    const { make } = abm.element;
    const all = merged(answer.worlds),
      apart = all.filter(parts),
      list = folds.only ? apart : all,
      open = list.findIndex(({ key }) => key === folds.tie);
    const shown = folds.ties ? list : list.slice(0, Math.max(FIRST, open + 1));
    if (!all.length) return [make("h3", {}, "Its ties"), make("p", {}, "It has no ties.")];
    const only = abm.element.choice("checkbox", "only-apart", "Only where A and B act differently", folds.only, (is) => fold({ only: is }));
    only.querySelector("input").dataset.key = "only-apart";
    return [
      make("h3", {}, "Its ties, and why it acted so"),
      make("p", {}, said(answer.worlds)),
      apart.length ? make("p", {}, `On ${apart.length} of ${words.count(all.length, "tie")} what is done differs between A and B.`) : null,
      apart.length || folds.only ? only : null,
      make("p", { class: "note" }, "A full dot is a collaborative act, an empty square one that is not; the number is trust, from 0 to 1."),
      list.length ? table(answer, shown, { folds, fold, choose }) : make("p", {}, "There is none in this quarter."),
      list.length > FIRST ? abm.cardMoney.more("ties", list.length, folds.ties, fold) : null,
    ];
  }

  function said({ a, b }) {
    const count = (ties, name) => ties.filter((tie) => tie[name]).length;
    const one = (letter, ties) => {
      const acting = ties.filter((tie) => tie.act),
        [own, back] = ["collaborative", "their_collaborative"].map((name) => count(acting, name));
      return `${letter}: ${own} of its ${words.count(acting.length, "act")} collaborative, ${back} towards it.`;
    };
    return a.ties.some((tie) => tie.act) ? `${one("A", a.ties)} ${one("B", b.ties)}` : "It chooses no acts: its ties are of oversight.";
  }

  function table(answer, list, { folds, fold, choose }) {
    const { make } = abm.element;
    const head = ["Partner", "It did, its trust", "Partner did, trust"].map((text) => make("th", { scope: "col" }, text));
    const rows = list.flatMap((tie) => {
      const open = tie.key === folds.tie;
      return [
        row(tie, open, { fold, choose }),
        open ? make("tr", { class: "why-row" }, make("td", { colspan: "3" }, abm.cardWhy.why(answer, tie, folds))) : null,
      ].filter(Boolean);
    });
    return make("table", { class: "ties" }, make("thead", {}, make("tr", {}, head)), make("tbody", {}, rows));
  }

  function row({ key, a, b }, open, { fold, choose }) {
    const { make } = abm.element;
    const at = a.stake_k ? `, ${telling.money(a.stake_k)} a year at stake` : "";
    const partner = make(
      "button",
      { type: "button", class: "go", "data-key": `partner-${a.partner}`, click: () => choose(a.partner) },
      telling.shortName(a.name),
    );
    const why = make(
      "button",
      {
        ...{ type: "button", class: "ask", "data-key": `why-${key}`, "aria-expanded": String(open) },
        ...{ "aria-label": `Why it acted so towards ${a.name}`, click: () => fold({ tie: open ? "" : key }) },
      },
      open ? "Close" : "Why?",
    );
    return make(
      "tr",
      { class: open ? "open" : null, "data-partner": a.partner },
      make(
        "th",
        { scope: "row" },
        partner,
        make("small", {}, `${words.capital(a.tie.replaceAll("_", " "))} tie${at}`),
        a.act || b.act ? why : null,
      ),
      make(
        "td",
        {},
        sides(a, b, (tie) => act(tie.act, tie.words, tie.collaborative, tie.trust)),
      ),
      make(
        "td",
        {},
        sides(a, b, (tie) => act(tie.their_act, tie.their_words, tie.their_collaborative, tie.trusted)),
      ),
    );
  }

  /** Both worlds' own, or one line where they say the same. */
  function sides(a, b, told) {
    const { make } = abm.element;
    const line = (letters, parts) => make("div", { class: "side" }, make("span", { class: "world" }, letters), ...parts);
    const [one, other] = [told(a), told(b)];
    return one.map(text).join() === other.map(text).join() ? [line("A, B", one)] : [line("A", one), line("B", other)];
  }

  const text = (part) => (typeof part === "string" ? part : part.className);

  function act(name, said, collaborative, trust) {
    const level = Number.isFinite(trust) ? words.number(trust, 2) : "";
    if (!name) return [["oversight, no act", level].filter(Boolean).join(", ")];
    const label = collaborative ? "collaborative:" : "not collaborative:";
    const sign = abm.element.make("span", { class: collaborative ? "joint" : "alone", role: "img", "aria-label": label });
    return [sign, [said || name.replaceAll("_", " "), level].filter(Boolean).join(", ")];
  }

  abm.cardTies = { ties, merged, parts };
})((globalThis.abmNetwork ??= {}));
