/* The survey: what the leaders of worlds A and B would answer, item by item, with what real leaders answered where that is known. */
(function (abm) {
  "use strict";

  const { words } = abm;
  const SPARK = { width: 104, height: 40, edge: 5 };

  function mount(root, store) {
    return new Answers(root, store);
  }

  class Answers {
    constructor(root, store) {
      Object.assign(this, { root, store, place: "all", year: null, drawn: "" });
      const { make } = abm.element;
      this.head = make("div", { class: "panel-head" });
      this.list = make("div", { class: "items" });
      root.classList.add("panel");
      root.replaceChildren(this.head, this.list);
      for (const event of ["start", "worlds"]) store.on(event, () => this.draw());
      store.on("chosen", () => this.draw());
      store.on("view", (changed) => changed.includes("region") && this.draw());
      store.on("frame", () => this.ready && this.latest() !== this.year && this.draw());
      abm.telling.watch(root, () => this.draw());
      this.draw();
    }

    get ready() {
      const { network, worlds } = this.store;
      return Boolean(network && worlds.a && worlds.b);
    }

    /** Place of the last survey taken by the quarter shown; -1 before the first. A year's survey is taken in its last quarter. */
    latest() {
      const { quarters, survey } = this.store.worlds.a;
      const taken = quarters.slice(0, this.store.view.frame + 1).filter(({ quarter }) => quarter === 4);
      return Math.min(taken.length, survey.years.length) - 1;
    }

    // --- whose answers -------------------------------------------------------------------------------------------------

    /** Whose leaders can be asked: all, and the region and system of the chosen organisation (or the region chosen on the map). */
    places() {
      const { network, view, worlds } = this.store,
        { region = {}, system = {} } = worlds.a.survey,
        each = network.organisations[view.chosen];
      const found = [{ key: "all", label: `all ${network.world}`, of: (survey) => survey.all }];
      const add = (group, code, label) => found.push({ key: group, code, label, of: (survey) => survey[group][code] });
      const code = each ? network.organisations[each.region]?.code : view.region;
      const name = network.regions.find((one) => one.code === code)?.name;
      if (region[code]) add("region", code, `Region: ${name || code}`);
      const board = each && network.organisations[each.system];
      if (board && system[board.code]) add("system", board.code, `System: ${board.name}`);
      return found;
    }

    // --- drawing -------------------------------------------------------------------------------------------------------

    draw() {
      const { make } = abm.element;
      if (!this.ready) return abm.telling.put(this.list, make("p", { class: "note" }, "The survey comes with the first run."));
      if (!abm.telling.visible(this.root)) return;
      this.year = this.latest();
      const places = this.places(),
        place = places.find(({ key }) => key === this.place) || places[0];
      this.drawHead(places, place);
      const { a, b } = this.store.worlds;
      if (this.year < 0) {
        const words = a.survey.years.length
          ? "No survey has been taken by this quarter: leaders are asked in the last quarter of each year. Go on to Q4."
          : "This run is shorter than a year: leaders are asked in the last quarter of each year.";
        return abm.telling.put(this.list, make("p", {}, words));
      }
      const of = ({ survey }) => place.of(survey) || [];
      const items = a.survey.items.map((item, i) => this.item(item, { a: of(a).map((year) => year[i]), b: of(b).map((year) => year[i]) }));
      abm.telling.put(this.list, make("ol", {}, items));
    }

    drawHead(places, place) {
      const { make } = abm.element,
        { a } = this.store.worlds;
      const ask = (key) => {
        this.place = key;
        this.draw();
      };
      const options = places.map(({ key, label }) => [key, label]);
      const observed = a.survey.items.some((item) => Number.isFinite(item.observed));
      abm.telling.put(
        this.head,
        make("h2", {}, this.year < 0 ? "What leaders would answer" : `What leaders would answer, ${a.survey.years[this.year]}`),
        abm.telling.legend(this.store),
        make(
          "p",
          { class: "note" },
          "Simulated answers: the share of leaders who would agree, worked out from the state of each system. Nobody was asked. ",
          this.respondents(),
        ),
        observed
          ? make(
              "p",
              { class: "note" },
              make("span", { class: "key key-seen" }),
              "Answered by real leaders, where that was published: all of England, at the start.",
            )
          : null,
        abm.telling.radios("survey-place", "Leaders of", options, place.key, ask),
        places.length === 1 ? make("p", { class: "note" }, "Choose an organisation for the answers of its region and its system.") : null,
      );
    }

    /** How many leaders answer: '53 leaders answer each question (19 to “Our financial plan is realistic”).' */
    respondents() {
      const { items } = this.store.worlds.a.survey;
      const counts = items.map(({ respondents }) => respondents),
        most = Math.max(...counts);
      const few = items.filter(({ respondents }) => respondents < most).map((each) => `${each.respondents} to “${each.question}”`),
        fewer = few.length ? ` (${few.join(", ")})` : "";
      return `The real survey had ${words.count(most, "leader")} answer each question${fewer}, so its shares are known to some 13 points.`;
    }

    item(item, values) {
      const { make } = abm.element;
      const [a, b] = [values.a[this.year] ?? NaN, values.b[this.year] ?? NaN];
      const told = make(
        "p",
        { class: "values" },
        make("span", { class: "a" }, make("span", { class: "key key-a" }), "A ", make("b", {}, words.percent(a))),
        make("span", { class: "b" }, make("span", { class: "key key-b" }), "B ", make("b", {}, words.percent(b))),
        make("span", { class: "gap" }, "B − A: ", make("b", {}, words.points(b - a, 0))),
        Number.isFinite(item.observed) ? make("span", { class: "seen" }, `real leaders ${words.percent(item.observed)}`) : null,
      );
      return make(
        "li",
        { class: "item", "data-name": item.name },
        make("p", { class: "question" }, item.question),
        told,
        make(
          "div",
          { class: "pictures" },
          dots(a, b, item.observed),
          spark(values, this.year, this.store.worlds.a.survey.years, item.question),
        ),
      );
    }
  }

  /** A scale from none to all with A, B and what was observed on it. */
  function dots(a, b, observed) {
    const { svg } = abm.chart,
      at = (share) => `${(4 + 90 * share).toFixed(2)}%`;
    const picture = svg("svg", { class: "scale", height: 40, width: "100%", "aria-hidden": "true" });
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
      picture.append(svg("line", { class: "grid", x1: at(share), x2: at(share), y1: 3, y2: 23 }));
      if (share * 2 === Math.round(share * 2)) picture.append(svg("text", { class: "mark", x: at(share), y: 37 }, words.percent(share)));
    }
    picture.append(svg("line", { class: "rail", x1: at(0), x2: at(1), y1: 13, y2: 13 }));
    if (Number.isFinite(a) && Number.isFinite(b)) picture.append(svg("line", { class: "between", x1: at(a), x2: at(b), y1: 13, y2: 13 }));
    if (Number.isFinite(observed)) picture.append(svg("line", { class: "seen-mark", x1: at(observed), x2: at(observed), y1: 3, y2: 23 }));
    if (Number.isFinite(b)) picture.append(svg("circle", { class: "dot-b", cx: at(b), cy: 13, r: 5 }));
    if (Number.isFinite(a)) picture.append(svg("circle", { class: "dot-a", cx: at(a), cy: 13, r: 6 }));
    return picture;
  }

  /** The years' path, 0 to 1, with the year shown marked. */
  function spark(values, year, years, question) {
    const { svg, pathOf } = abm.chart,
      { width, height, edge } = SPARK;
    const x = (i) => edge + ((width - 2 * edge) * (years.length > 1 ? i : 0.5)) / Math.max(1, years.length - 1),
      y = (share) => edge + (height - 2 * edge) * (1 - share);
    const told = ["a", "b"].map(
      (which) => `${which.toUpperCase()}: ${values[which].map((share) => words.percent(share ?? NaN)).join(", ")}`,
    );
    const label = `${question}: by year from ${years[0]} to ${years.at(-1)}. ${told.join(". ")}.`;
    const picture = svg("svg", { class: "spark", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
    picture.append(svg("rect", { class: "box", x: 0.5, y: 0.5, width: width - 1, height: height - 1 }));
    picture.append(svg("line", { class: "now", x1: x(year), x2: x(year), y1: 1, y2: height - 1 }));
    for (const which of ["b", "a"]) picture.append(svg("path", { class: `line-${which}`, d: pathOf(values[which], x, y) }));
    if (years.length === 1)
      for (const which of ["b", "a"])
        if (Number.isFinite(values[which][0]))
          picture.append(svg("circle", { class: `dot-${which}`, cx: x(0), cy: y(values[which][0]), r: 3 }));
    return picture;
  }

  abm.answers = { mount };
})((globalThis.abmNetwork ??= {}));
