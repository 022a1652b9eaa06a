/* Time: play, pause, step and scrub through the quarters, and the course of what the ties show above the slider. */
(function (abm) {
  "use strict";

  const { look, words } = abm;

  /** Milliseconds that a quarter stays while playing: the whole run in about 25 seconds. */
  function pace(frames) {
    return Math.min(Math.max(25000 / frames, 350), 1000);
  }

  /** Bring the player to life. `show(frame)` is called with every new quarter. */
  function player(network, first, show) {
    const { byId } = abm.element;
    const slider = byId("time"),
      play = byId("play"),
      last = network.quarters.length - 1;
    let frame = first,
      timer = 0;

    function go(number) {
      frame = Math.min(Math.max(number, 0), last);
      slider.value = String(frame);
      slider.setAttribute("aria-valuetext", words.quarterInFull(network.quarters[frame]));
      byId("now").textContent = words.quarter(network.quarters[frame]);
      byId("earlier").disabled = frame === 0;
      byId("later").disabled = frame === last;
      show(frame);
    }

    function stop() {
      clearInterval(timer);
      timer = 0;
      play.textContent = "Play";
    }

    function start() {
      if (frame === last) go(0);
      play.textContent = "Pause";
      timer = setInterval(() => {
        go(frame + 1);
        if (frame === last) stop();
      }, pace(network.quarters.length));
    }

    slider.max = String(last);
    slider.disabled = play.disabled = last === 0;
    slider.addEventListener("input", () => {
      stop();
      go(Number(slider.value));
    });
    play.addEventListener("click", () => (timer ? stop() : start()));
    const step = (by) => {
      stop();
      go(frame + by);
    };
    byId("earlier").addEventListener("click", () => step(-1));
    byId("later").addEventListener("click", () => step(1));
    go(first);
    return { stop, go };
  }

  /** Draw the courses of what the shown ties show, one line a scenario, with a mark at the quarter. `courses`: `values` from 0 to 1,
      `colour`, `dash`; `told` writes a value. */
  function drawCourse(canvas, courses, frame, slider, told) {
    const box = canvas.getBoundingClientRect(),
      ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(box.width * ratio);
    canvas.height = Math.round(box.height * ratio);
    const context = canvas.getContext("2d"),
      track = slider.getBoundingClientRect();
    context.scale(ratio, ratio);
    const from = track.left - box.left + 8,
      to = track.right - box.left - 8,
      top = 5,
      bottom = box.height - 5;
    const frames = courses[0].values.length;
    const x = (i) => (frames > 1 ? from + ((to - from) * i) / (frames - 1) : (from + to) / 2);
    const y = (value) => bottom - (bottom - top) * value;
    context.font = `11px ${abm.render.FONT}`;
    context.fillStyle = look.MUTED;
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const value of [0, 1]) {
      context.fillText(told(value), from - 6, y(value));
      line(
        context,
        [
          [from, y(value)],
          [to, y(value)],
        ],
        look.RULE,
        1,
      );
    }
    line(
      context,
      [
        [x(frame), 0],
        [x(frame), box.height],
      ],
      look.GREY,
      1,
    );
    for (const { values, colour, dash } of courses) {
      const known = values.map((value, i) => [x(i), y(value)]).filter((point) => Number.isFinite(point[1]));
      context.setLineDash(dash);
      line(context, known, colour, 2);
      context.setLineDash([]);
      context.beginPath();
      if (Number.isFinite(values[frame])) context.arc(x(frame), y(values[frame]), 3.5, 0, 2 * Math.PI);
      context.fillStyle = colour;
      context.fill();
    }
    endLabels(context, courses, to + 8, y, told);
  }

  /** The last value beside each line, moved apart where two would cover each other. */
  function endLabels(context, courses, x, y, told) {
    const found = courses
      .map(({ values, colour }) => ({ value: values[values.length - 1], colour }))
      .filter(({ value }) => Number.isFinite(value))
      .map((each) => ({ ...each, at: y(each.value) }))
      .sort((a, b) => a.at - b.at);
    if (found.length === 2 && found[1].at - found[0].at < 12) {
      const middle = (found[0].at + found[1].at) / 2;
      [found[0].at, found[1].at] = [middle - 6, middle + 6];
    }
    context.textAlign = "left";
    for (const { value, colour, at } of found) {
      context.fillStyle = colour;
      context.fillText(told(value), x, at);
    }
  }

  function line(context, points, colour, width) {
    context.beginPath();
    points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }

  abm.player = { player, drawCourse, pace };
})((globalThis.abmNetwork ??= {}));
