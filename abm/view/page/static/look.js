/* What things look like: colours (those of abm/view/style.py), shapes, and the classes that ties are told apart by. */
(function (abm) {
  "use strict";

  const NAVY = "#003087",
    SKY = "#41B6E6",
    AMBER = "#FFB81C",
    PLUM = "#7C2855",
    GREY = "#768692";
  const INK = "#212B32",
    MUTED = "#4C6272",
    RULE = "#D8DDE0",
    PAPER = "#FFFFFF";
  const BRONZE = "#A86400"; // the amber, dark enough for a thin line on white
  const LAND = "#F3F5F6",
    BORDER = "#C5CED4",
    COAST = GREY;

  /** Kinds of organisation, in their order: fill, shape, radius in pixels where a kilometre is one pixel. */
  const KINDS = [
    { fill: GREY, shape: "diamond", radius: 9 },
    { fill: NAVY, shape: "square", radius: 5.5 },
    { fill: SKY, shape: "circle", radius: 3.9 },
    { fill: AMBER, shape: "triangle", radius: 4.4 },
  ];

  const TRUST_EDGES = [0.4, 0.5, 0.6, 0.7];
  const TRUST_COLOURS = ["#867F6E", "#676A6E", "#4B546C", "#243E6E", "#00224E"]; // cividis, its dark half
  const CHANGE_EDGES = [-0.1, -0.02, 0.02, 0.1];

  /** Classes of ties by what is shown: label, colour and width in pixels; the order is that of drawing. */
  const CLASSES = {
    acts: [
      { label: "no act: oversight", colour: GREY, width: 0.7 },
      { label: "transactional", colour: BRONZE, width: 0.9 },
      { label: "collaborative", colour: NAVY, width: 0.9 },
    ],
    trust: ["under 0.4", "0.4 to 0.5", "0.5 to 0.6", "0.6 to 0.7", "0.7 or more"].map((label, i) => ({
      label,
      colour: TRUST_COLOURS[i],
      width: 0.6 + 0.25 * i,
    })),
    actsDifference: [
      { label: "no act: oversight", colour: RULE, width: 0.5, pale: true },
      { label: "the same in both", colour: BORDER, width: 0.5, pale: true },
      { label: "no longer collaborative", colour: BRONZE, width: 1.1 },
      { label: "newly collaborative", colour: NAVY, width: 1.1 },
    ],
    trustDifference: [
      { label: "about the same (±0.02)", colour: BORDER, width: 0.5, pale: true },
      { label: "lower by up to 0.1", colour: "#A8793A", width: 0.8 },
      { label: "higher by up to 0.1", colour: "#5F86C4", width: 0.8 },
      { label: "lower by 0.1 or more", colour: "#8A4B00", width: 1.2 },
      { label: "higher by 0.1 or more", colour: NAVY, width: 1.2 },
    ],
  };

  const TINTS = ["#F1CF9A", "#F8E7CB", "#F3F5F6", "#D8E4F3", "#B3CCEA"], // from transactional to collaborative, pale enough for lines
    DEPTHS = ["#FBF9F2", "#EBEFF2", "#D6E2EF", "#BDD1E9", "#9DBCE2"];

  /** Classes of areas by what is shown: edges between them, what they are shares or means of, and labels and colours. */
  const AREAS = {
    acts: areas([0.2, 0.4, 0.6, 0.8], "share collaborative", TINTS, ["under 20%", "20 to 40%", "40 to 60%", "60 to 80%", "80% or more"]),
    trust: areas([0.4, 0.5, 0.6, 0.7], "mean trust", DEPTHS, ["under 0.4", "0.4 to 0.5", "0.5 to 0.6", "0.6 to 0.7", "0.7 or more"]),
    actsDifference: areas([-0.25, -0.05, 0.05, 0.25], "change of the share collaborative", TINTS, [
      ...["lower by 25 pts or more", "lower by 5 to 25", "about the same", "higher by 5 to 25", "higher by 25 pts or more"],
    ]),
    trustDifference: areas([-0.1, -0.02, 0.02, 0.1], "change of mean trust", TINTS, [
      ...["lower by 0.1 or more", "lower by 0.02 to 0.1", "about the same", "higher by 0.02 to 0.1", "higher by 0.1 or more"],
    ]),
  };

  function areas(edges, what, colours, labels) {
    return { edges, what, looks: labels.map((label, i) => ({ label, colour: colours[i] })) };
  }

  /** Class of an area's number; -1 where it is missing. */
  function areaClass({ edges }, value) {
    return Number.isFinite(value) ? edges.filter((edge) => value >= edge).length : -1;
  }

  /** Class of a trust, and of a difference of two. */
  function trustClass(trust) {
    let number = 0;
    while (number < TRUST_EDGES.length && trust >= TRUST_EDGES[number]) number++;
    return number;
  }

  function changeClass(change) {
    const [muchLess, less, more, muchMore] = CHANGE_EDGES;
    if (change <= muchLess) return 3;
    if (change >= muchMore) return 4;
    if (change < less) return 1;
    return change > more ? 2 : 0;
  }

  /** Add a symbol to the path being made. */
  function symbol(context, shape, x, y, r) {
    if (shape === "circle") {
      context.moveTo(x + r, y);
      context.arc(x, y, r, 0, 2 * Math.PI);
      return;
    }
    const corners = {
      square: [-r, -r, r, -r, r, r, -r, r],
      diamond: [0, -r, r, 0, 0, r, -r, 0],
      triangle: [0, -1.1 * r, 1.1 * r, 0.85 * r, -1.1 * r, 0.85 * r],
    }[shape];
    context.moveTo(x + corners[0], y + corners[1]);
    for (let i = 2; i < corners.length; i += 2) context.lineTo(x + corners[i], y + corners[i + 1]);
    context.closePath();
  }

  abm.look = {
    NAVY,
    SKY,
    AMBER,
    PLUM,
    GREY,
    INK,
    MUTED,
    RULE,
    PAPER,
    BRONZE,
    LAND,
    BORDER,
    COAST,
    KINDS,
    CLASSES,
    AREAS,
    areaClass,
    trustClass,
    changeClass,
    symbol,
  };
})((globalThis.abmNetwork ??= {}));
