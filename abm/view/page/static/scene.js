/* What is asked for and what of the network that shows: filters, classes, counts. Pure: nothing here draws. */
(function (abm) {
  "use strict";

  const { CLASSES, trustClass, changeClass } = abm.look;
  const NO_CLASS = 255,
    DIFFERENCE = 2;

  /** What is asked for at the start. `scenario` is a number of the document's scenarios, or DIFFERENCE. */
  function firstView(network) {
    const oversight = network.tie_kinds.findIndex((kind) => kind.id === "oversight");
    return {
      scenario: network.scenarios.length > 1 ? 1 : 0,
      frame: network.quarters.length - 1,
      colour: "acts", // or "trust"
      kinds: network.kinds.map(() => true),
      ties: network.tie_kinds.map((_, i) => i !== oversight),
      region: -1,
      layout: 0,
      chosen: -1,
    };
  }

  /** Which organisations pass the filters: 1 or 0 for each. */
  function shownOrganisations(network, view) {
    return Uint8Array.from(network.organisations, (each) =>
      view.kinds[each.kind] && (view.region < 0 || each.region === view.region) ? 1 : 0,
    );
  }

  /** Numbers of the ties whose kind is asked for and whose two ends show; none before there is a scenario to say how they stand. */
  function shownTies(network, view, organisations) {
    const found = [];
    if (!network.scenarios.length) return found;
    for (let tie = 0; tie < network.tieCount; tie++) {
      if (view.ties[network.tieKind[tie]] && organisations[network.source[tie]] && organisations[network.target[tie]]) found.push(tie);
    }
    return found;
  }

  function classesOf(view) {
    return CLASSES[view.scenario === DIFFERENCE ? `${view.colour}Difference` : view.colour];
  }

  /** 1 collaborative, 0 not, -1 no act. */
  function jointly(network, scenario, frame, tie) {
    const { codes, columns } = network.scenarios[scenario].states.act;
    return network.jointOf[codes[frame * columns + tie]];
  }

  /** The class of one tie, as its place in `classesOf(view)`; NO_CLASS where its number is missing. */
  function classOf(network, view, tie) {
    const { frame } = view;
    if (view.colour === "acts") {
      if (view.scenario !== DIFFERENCE) return 1 + jointly(network, view.scenario, frame, tie);
      const before = jointly(network, 0, frame, tie),
        after = jointly(network, 1, frame, tie);
      return before < 0 ? 0 : before === after ? 1 : after ? 3 : 2;
    }
    const trust = (scenario) => network.scenarios[scenario].states.trust.at(frame, tie);
    const value = view.scenario === DIFFERENCE ? Math.round(1e6 * (trust(1) - trust(0))) / 1e6 : trust(view.scenario);
    if (!Number.isFinite(value)) return NO_CLASS;
    return view.scenario === DIFFERENCE ? changeClass(value) : trustClass(value);
  }

  /** What passes the filters of a view, whatever the scenario and quarter: `organisations` (flags), `ties` (numbers). */
  function shownOf(network, view) {
    const organisations = shownOrganisations(network, view);
    return { organisations, ties: shownTies(network, view, organisations) };
  }

  /** What shows: `organisations` (flags), `ties` (numbers), `classes` (of every shown tie), `counts` (by class).
      `shown` spares the filtering, where the view's filters are those it was found with. */
  function scene(network, view, shown = shownOf(network, view)) {
    const { organisations, ties } = shown;
    const classes = Uint8Array.from(ties, (tie) => classOf(network, view, tie));
    const counts = classesOf(view).map(() => 0);
    for (const number of classes) if (number !== NO_CLASS) counts[number]++;
    const organisationCount = organisations.reduce((sum, flag) => sum + flag, 0);
    return { network, view, organisations, organisationCount, ties, classes, counts, looks: classesOf(view) };
  }

  /** Of some ties in one scenario and quarter: how many have an act, the share of these that is collaborative, and mean trust. */
  function summary(network, scenario, frame, ties) {
    const { act, trust } = network.scenarios[scenario].states,
      from = frame * trust.columns;
    let acts = 0,
      joint = 0,
      sum = 0,
      known = 0;
    for (let i = 0; i < ties.length; i++) {
      const is = network.jointOf[act.codes[from + ties[i]]],
        code = trust.codes[from + ties[i]];
      if (is >= 0) {
        acts++;
        joint += is;
      }
      if (code !== trust.missing) {
        known++;
        sum += code;
      }
    }
    return { ties: ties.length, acts, joint, share: acts ? joint / acts : NaN, trust: known ? (trust.scale * sum) / known : NaN };
  }

  /** The scenarios that a view shows numbers of. */
  function scenariosOf(view) {
    return view.scenario === DIFFERENCE ? [0, 1] : [view.scenario];
  }

  /** For every system's code the class (of `look.AREAS`) that its organisations' shown acts, or trust, put it in. */
  function areas(found) {
    const { network, view, ties } = found,
      looks = abm.look.AREAS[view.scenario === DIFFERENCE ? `${view.colour}Difference` : view.colour];
    const own = new Map();
    for (const tie of ties) {
      const { system } = network.organisations[network.source[tie]];
      if (system >= 0) (own.get(system) ?? own.set(system, []).get(system)).push(tie);
    }
    const classes = {};
    for (const [system, some] of own) {
      const [first, second] = scenariosOf(view).map(
        (number) => summary(network, number, view.frame, some)[view.colour === "acts" ? "share" : "trust"],
      );
      classes[network.organisations[system].code] = abm.look.areaClass(looks, second === undefined ? first : second - first);
    }
    return { looks, classes };
  }

  /** Share or mean trust of some ties through all quarters. */
  function course(network, scenario, ties, colour) {
    return network.quarters.map((_, frame) => {
      const { share, trust } = summary(network, scenario, frame, ties);
      return colour === "acts" ? share : trust;
    });
  }

  /** The chosen organisation's own ties of the kinds asked for, whoever the partner. */
  function tiesOfChosen(network, view) {
    return view.chosen < 0 ? [] : network.tiesOf[view.chosen].filter((tie) => view.ties[network.tieKind[tie]]);
  }

  /** Why nothing shows, in words; '' where something does. */
  function emptiness(found) {
    const { network, view } = found;
    if (!network.organisations.length) return "This network has no organisations.";
    if (!view.kinds.some(Boolean)) return "Nothing to show: no kind of organisation is ticked.";
    if (!found.organisationCount) return "Nothing to show: this region has no organisation of the kinds that are ticked.";
    if (found.ties.length) return "";
    if (!network.tieCount) return "These organisations have no ties.";
    if (!view.ties.some(Boolean)) return "No ties shown: no kind of tie is ticked.";
    return "No ties of the kinds that are ticked run between the organisations shown.";
  }

  abm.scene = {
    DIFFERENCE,
    NO_CLASS,
    firstView,
    shownOf,
    scene,
    classOf,
    classesOf,
    jointly,
    summary,
    scenariosOf,
    areas,
    course,
    tiesOfChosen,
    emptiness,
  };
})((globalThis.abmNetwork ??= {}));
