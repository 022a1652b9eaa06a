/* One lever: its words, slider (or choice), number, marks of both worlds, and what is said when a value is refused. */
(function (abm) {
  "use strict";

  const { make } = abm.element;
  const { capital } = abm.words;
  const setting = abm.setting;
  const STATUS = { evidence: "from evidence", calibrated: "fitted to evidence", assumption: "an assumption" };

  /** Where a value stands between the hard ends of the slider, 0 to 1. */
  const place = (row, value) => (row.high > row.low ? Math.min(1, Math.max(0, (value - row.low) / (row.high - row.low))) : 0);

  /** The slider with what lies under it: plausible range, default, and where A and B stand. */
  function track(row, id, describedBy) {
    const band = make("span", { class: "plausible" }),
      tick = make("span", { class: "default" }),
      marks = setting.BOTH.map((which) => make("span", { class: `at ${which}` }));
    const [low, high] = row.plausible || [row.low, row.high];
    band.style.setProperty("--from", place(row, low));
    band.style.setProperty("--to", place(row, high));
    tick.style.setProperty("--at", place(row, row.default));
    const slider = make("input", {
      type: "range",
      id,
      min: row.low,
      max: row.high,
      step: setting.step(row),
      "aria-describedby": describedBy,
    });
    return {
      slider,
      marks,
      element: make("div", { class: "track" }, make("span", { class: "lies", "aria-hidden": "true" }, band, tick, marks), slider),
    };
  }

  /** What stands behind a lever, for those who ask. */
  function about(row) {
    const said = [["Unit", row.unit]];
    if (row.choices) said.push(["One of", row.choices.map(setting.text).join(", ")]);
    else said.push(["Allowed", setting.allowed(row)], ["Plausible", (row.plausible || []).map(setting.text).join(" to ")]);
    said.push(["Default", `${setting.text(row.default)}, ${STATUS[row.status] || row.status}`], ["Source", row.source]);
    const list = said.filter((each) => each[1]).flatMap(([term, words]) => [make("dt", {}, term), make("dd", {}, words)]);
    return make("details", { class: "about" }, make("summary", {}, "About"), make("dl", {}, list));
  }

  /** `moves()` gives the worlds that are moved ('a', 'b'). */
  class Lever {
    constructor(store, section, row, moves) {
      Object.assign(this, { store, section, row, moves, id: `lever-${section}-${row.name}` });
      this.words = row.words || capital(row.name.replaceAll("_", " "));
      this.changed = make("span", { class: "changed" });
      this.back = make("button", { type: "button", class: "put-back", click: () => this.putBack() }, "Put back");
      this.whose = make("span", { class: "hidden" });
      this.meaning = make("p", { class: "note meaning", id: `${this.id}-meaning` }, row.meaning);
      this.standings = setting.BOTH.map((which) => make("span", { class: which }));
      this.form = make("p", { class: "form", id: `${this.id}-form`, hidden: true });
      this.fault = make("p", { class: "fault", id: `${this.id}-fault`, role: "alert" });
      this.input = row.choices ? this.makeChoice() : this.makeSlider();
      this.element = make(
        "div",
        { class: "lever", "data-lever": row.name },
        make("label", { for: this.id }, this.words, this.whose),
        this.meaning,
        this.moved,
        make(
          "p",
          { class: row.choices ? "standings of-choice" : "standings" },
          this.standings,
          row.choices ? null : make("span", { class: "unit" }, row.unit),
        ),
        this.form,
        this.fault,
        make("div", { class: "foot" }, about(row), make("div", { class: "away" }, this.changed, this.back)),
      );
      this.back.setAttribute("aria-label", `Put back: ${this.words}`);
    }

    makeSlider() {
      const { slider, marks, element } = track(this.row, this.id, `${this.id}-meaning ${this.id}-form`);
      this.marks = marks;
      slider.addEventListener("input", () => this.take(setting.tidy(Number(slider.value))));
      this.box = make("input", {
        type: "text",
        inputmode: "decimal",
        autocomplete: "off",
        class: "number",
        "aria-label": `${this.words}, value`,
        "aria-describedby": `${this.id}-fault`,
        input: () => (this.typing = true),
        change: () => this.typed(),
        keydown: (event) => event.key === "Escape" && (event.stopPropagation(), this.forget()),
      });
      this.moved = make("div", { class: "mover" }, element, this.box);
      return slider;
    }

    makeChoice() {
      const varies = make("option", { value: "", disabled: true, hidden: true }, "as the scenario sets it");
      const options = this.row.choices.map((each) => make("option", { value: each }, setting.text(each)));
      const select = make(
        "select",
        { id: this.id, "aria-describedby": `${this.id}-meaning`, change: () => this.take(select.value) },
        varies,
        options,
      );
      this.moved = make("div", { class: "mover" }, select);
      return select;
    }

    /** A value from the slider or the choice. */
    take(value) {
      this.say("");
      setting.put(this.store, this.moves(), this.section, this.row, value);
      this.refresh();
    }

    /** A value typed into the box: taken, or refused in words with the worlds left as they are. */
    typed() {
      this.typing = false;
      const { value, fault } = setting.read(this.row, this.box.value);
      if (fault) this.say(`${fault} The worlds are left as they were.`);
      else this.take(value);
    }

    /** Let go of what was typed. */
    forget() {
      this.typing = false;
      this.say("");
      this.refresh();
    }

    putBack() {
      this.say("");
      setting.put(this.store, setting.BOTH, this.section, this.row, undefined);
      this.refresh();
      this.input.focus();
    }

    /** Say why a value was refused, beside the lever; "" when all is well. `byServer`: it goes when other worlds have come. */
    say(words, byServer = false) {
      this.fault.textContent = words;
      this.byServer = byServer;
      (this.box || this.input).setAttribute("aria-invalid", String(Boolean(words)));
    }

    /** Which worlds have it changed: 'a', 'b'. */
    changedIn() {
      return setting.BOTH.filter((which) => setting.changed(this.store, which, this.section).includes(this.row.name));
    }

    /** Show what the store says. What is being typed is left alone. */
    refresh() {
      const { store, section, row } = this;
      const values = setting.BOTH.map((which) => setting.value(store, which, section, row));
      const moves = this.moves(),
        own = values[moves.includes("b") ? 1 : 0],
        whose = moves.length > 1 ? "worlds A and B" : `world ${moves[0].toUpperCase()}`;
      const changed = this.changedIn();
      this.whose.textContent = `, ${whose}`;
      this.changed.textContent = changed.length ? `changed in ${changed.map((each) => each.toUpperCase()).join(", ")}` : "";
      this.back.classList.toggle("idle", !changed.length); // keeps its room: nothing moves while a slider does
      this.element.classList.toggle("is-a", moves[0] === "a" && moves.length === 1);
      values.forEach((value, i) => {
        this.standings[i].textContent = `${"AB"[i]} ${setting.isPlain(row, value) ? setting.text(value) : "varies"}`;
      });
      if (row.choices) this.input.value = row.choices.includes(own) ? own : "";
      else this.showNumbers(values, own);
      this.showForm();
    }

    showNumbers(values, own) {
      const isNumber = setting.isPlain(this.row, own);
      this.input.value = isNumber ? own : this.row.default;
      this.input.setAttribute("aria-valuetext", isNumber ? setting.spoken(this.row, own) : `Varies: ${setting.course(own)}`);
      this.marks.forEach((mark, i) => {
        mark.hidden = typeof values[i] !== "number";
        if (!mark.hidden) mark.style.setProperty("--at", place(this.row, values[i]));
      });
      if (this.typing || (this.fault.textContent && !this.byServer)) return;
      this.box.value = isNumber ? String(setting.tidy(own)) : "";
      this.box.placeholder = isNumber ? "" : "varies";
    }

    /** A lever that is set over time or by area: what it is, and that moving the slider makes it constant. */
    showForm() {
      const said = setting.BOTH.map((which) => this.formIn(which)).filter(Boolean);
      this.form.hidden = !said.length;
      this.form.textContent = said.join(" ");
    }

    formIn(which) {
      const { store, section, row } = this;
      const given = setting.given(store, which, section, row),
        value = setting.value(store, which, section, row);
      const world = `World ${which.toUpperCase()}: `;
      if (!setting.isPlain(row, value)) {
        const who = this.changedIn().includes(which) ? "set in the address as" : "the scenario sets";
        return `${world}${who} ${setting.course(value)}. Moving the ${row.choices ? "choice" : "slider"} makes it constant.`;
      }
      return setting.isPlain(row, given) ? "" : `${world}the scenario sets ${setting.course(given)}. It is constant now, until put back.`;
    }
  }

  abm.lever = { Lever };
})((globalThis.abmNetwork ??= {}));
