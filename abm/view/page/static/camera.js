/* Where the picture looks: from a layout's kilometres to pixels, and how fingers, wheel and keys move it. */
(function (abm) {
  "use strict";

  const FARTHEST = 0.7,
    NEAREST = 60; // times the scale at which all fits

  class Camera {
    constructor() {
      Object.assign(this, { k: 1, x: 0, y: 0, fitted: 1 }); // pixels = kilometres * k + (x, y)
    }

    /** Take in the box [left, top, right, bottom] in a picture of this size; `whole` when it is all there is. */
    fit([left, top, right, bottom], width, height, margin, whole = true) {
      const wide = Math.max(right - left, 1e-6),
        tall = Math.max(bottom - top, 1e-6);
      const k = Math.min(Math.max(width - 2 * margin, 10) / wide, Math.max(height - 2 * margin, 10) / tall);
      if (whole) this.fitted = k;
      this.k = Math.min(k, this.fitted * NEAREST);
      this.x = width / 2 - (this.k * (left + right)) / 2;
      this.y = height / 2 - (this.k * (top + bottom)) / 2;
    }

    /** Go `factor` times nearer, the point at (x, y) pixels staying where it is. */
    zoom(factor, x, y) {
      const k = Math.min(Math.max(this.k * factor, this.fitted * FARTHEST), this.fitted * NEAREST);
      this.x = x - ((x - this.x) * k) / this.k;
      this.y = y - ((y - this.y) * k) / this.k;
      this.k = k;
    }

    pan(dx, dy) {
      this.x += dx;
      this.y += dy;
    }

    /** Keep some of the box in the picture. */
    keep([left, top, right, bottom], width, height) {
      const inside = (start, from, to, size) => Math.min(Math.max(start, size / 4 - this.k * to), (3 * size) / 4 - this.k * from);
      this.x = inside(this.x, left, right, width);
      this.y = inside(this.y, top, bottom, height);
    }

    get nearer() {
      return this.k > this.fitted * 1.05;
    }

    key() {
      return `${this.k},${this.x},${this.y}`;
    }
  }

  /** Move `camera` as people do on `canvas`. Calls `changed()` after a move, `point(x, y, touch)` while hovering (null when gone)
      and `choose(x, y, touch)` on a click or tap; `wanted()` when somebody turns the wheel without a key or the focus. */
  function moves(canvas, camera, { changed, point, choose, wanted }) {
    const down = new Map();
    let travelled = 0;
    const where = (event) => {
      const box = canvas.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };

    canvas.addEventListener("pointerdown", (event) => {
      down.set(event.pointerId, where(event));
      if (down.size === 1) travelled = 0;
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      const [x, y] = where(event),
        touch = event.pointerType === "touch";
      if (!down.has(event.pointerId)) return touch ? undefined : point(x, y, false);
      const [oldX, oldY] = down.get(event.pointerId);
      travelled += Math.hypot(x - oldX, y - oldY);
      if (down.size === 1 && travelled > 4) camera.pan(x - oldX, y - oldY);
      if (down.size === 2) pinch(event.pointerId, [oldX, oldY], [x, y]);
      down.set(event.pointerId, [x, y]);
      if (travelled > 4) {
        point(null);
        changed();
      }
    });
    const up = (event) => {
      if (down.delete(event.pointerId) && event.type === "pointerup" && travelled <= 4)
        choose(...where(event), event.pointerType === "touch");
    };
    canvas.addEventListener("pointerup", up);
    canvas.addEventListener("pointercancel", up);
    canvas.addEventListener("pointerleave", () => point(null));

    function pinch(moving, from, to) {
      const [still] = [...down].filter(([id]) => id !== moving).map(([, place]) => place);
      const before = Math.hypot(from[0] - still[0], from[1] - still[1]),
        after = Math.hypot(to[0] - still[0], to[1] - still[1]);
      camera.pan((to[0] - from[0]) / 2, (to[1] - from[1]) / 2);
      if (before > 0) camera.zoom(after / before, (to[0] + still[0]) / 2, (to[1] + still[1]) / 2);
    }

    canvas.addEventListener(
      "wheel",
      (event) => {
        if (!(event.ctrlKey || event.metaKey || document.activeElement === canvas)) return wanted();
        event.preventDefault();
        camera.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.03 : 0.0015)), ...where(event));
        changed();
      },
      { passive: false },
    );
  }

  /** What a key does to the camera: true when it did something. */
  function keyed(camera, key, width, height, whole) {
    const step = 60,
      pans = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    if (key in pans) camera.pan(...pans[key]);
    else if (key === "+" || key === "=") camera.zoom(1.4, width / 2, height / 2);
    else if (key === "-" || key === "_") camera.zoom(1 / 1.4, width / 2, height / 2);
    else if (key === "0") whole();
    else return false;
    return true;
  }

  abm.camera = { Camera, moves, keyed };
})((globalThis.abmNetwork ??= {}));
