"""A network in motion: one frame a quarter, everybody standing where they stood, colours on one scale."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from numpy.typing import NDArray
from PIL import Image

from abm.experiment.again import model_of, quarters_of
from abm.experiment.folder import read_manifest
from abm.experiment.store import ResultsError
from abm.model.network import OVERSIGHT
from abm.view import finding, lettering, style
from abm.view.network import looks, stand
from abm.view.network.compose import Shot, notes, painted, shot, standing, ties_key
from abm.view.network.figures import check_run, course_of, run_of, small
from abm.view.network.legend import Key
from abm.view.network.page import MARGIN, Page
from abm.view.network.scene import EVERYTHING, Scene, moment, scene

SUFFIXES = (".gif", ".mp4")
WIDTH, WIDER, HEIGHT, KEY = 9.0, 11.4, 7.4, 2.75  # inches; wider where there are names
DOTS = (110, 96, 82, 68)  # dots an inch that are tried, largest first
MOST_BYTES = 8_000_000
COLOURS = 224  # of the palette that all frames of a GIF share
FRAME, LAST = 350, 2500  # milliseconds that a frame stays, and the last one
Pixels = NDArray[np.uint8]


def animate(
    folder: Path | str,
    path: Path | str,
    scenario: str | None = None,
    point: int = 0,
    replicate: int = 0,
    scope: str = EVERYTHING,
    every: int = 1,
    layout: str | None = None,
    edges: str = "state",
    ties: Collection[str] | None = None,
    report: Callable[[str], None] = lambda words: None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Path:
    """Draw every `every`th quarter of a stored run as a film at `path`: .gif, or .mp4 where ffmpeg is installed; gives the path.

    Where the ends of ties stand, sizes and colours mean the same in all frames. `report` is told in words what goes on, `progress`
    the frames done and to do. A GIF is drawn smaller when it would have more than 8 MB. Raises `ResultsError` for what there is not.
    """
    folder, path = Path(folder), Path(path)
    ffmpeg = _check(path, every)
    facts = read_manifest(folder)
    which: dict[str, Any] = {"scenario": scenario, "point": point, "replicate": replicate}
    run = run_of(facts, **which)
    report(f"running {run.scenario} again")
    scenes = _scenes(folder, which, every, int(facts["quarters"]))
    shots = [shot(each, scope, layout, edges, ties or None) for each in scenes]
    film = Film(shots, facts, run.words(scenes[0], dated=False))
    report(f"drawing {style.count(len(shots), 'frame')}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if ffmpeg:
            _mp4(film, path, ffmpeg, progress)
        else:
            path.write_bytes(_gif(film, progress))
    except OSError as error:
        raise ResultsError(f"cannot write {path}: {error.strerror or error}") from None
    return path


def _check(path: Path, every: int) -> str:
    """ffmpeg's place, for an .mp4; '' for a .gif. Raises `ResultsError`."""
    if isinstance(every, bool) or int(every) != every or every < 1:
        raise ResultsError(f"every is a whole number of quarters from 1, got {every!r}")
    if path.suffix.lower() not in SUFFIXES:
        raise ResultsError(f"{path} ends in {path.suffix or 'nothing'}: films are saved as {', '.join(SUFFIXES)}")
    if path.suffix.lower() == ".gif":
        return ""
    found = shutil.which("ffmpeg")
    if not found:
        raise ResultsError(f"{path} needs ffmpeg, which is not installed here: save it as .gif")
    return found


def _scenes(folder: Path, which: dict[str, Any], every: int, quarters: int) -> list[Scene]:
    """The start, every `every`th quarter after it, and the last one."""
    check_run(folder, **which)
    found = [scene(model_of(folder, **which, quarters=0))]
    for model in quarters_of(folder, **which):
        if model.quarter % every == 0 or model.quarter == quarters:
            found.append(scene(model))
    return found[1:] if len(found) > 1 else found


class Film:
    """A page that is painted once, and whose ties and words change from shot to shot."""

    def __init__(self, shots: list[Shot], facts: dict[str, Any], subtitle: str) -> None:
        self.shots = shots
        with style.applied():
            first = shots[0]
            near = first.close != "england"
            self.page = Page(WIDER if near else WIDTH, HEIGHT)
            top = self.page.heading(course_of(shots, first.edges), subtitle)
            foot = self.page.footer(facts, notes(first))
            right = self.page.width - MARGIN - KEY
            room = right - 0.2 - MARGIN, top - foot
            main = standing(first, room, 0.8 if near else 0.45)
            main = main if near else stand.without_words(main)
            axes = self.page.panel(MARGIN, foot, MARGIN + room[0], top, main.extent, "main")
            painted(axes, first, main, self._look(first), named=near)
            self.lines = [each for each in axes.collections if isinstance(each, LineCollection)]
            self.pale = [self._paler(first, main, lines) for lines in self.lines]
            self._beside(right, foot, top, main)

    def _look(self, one: Shot) -> looks.Look:
        return looks.look(one.scene, one.edges, small(one))

    def _paler(self, one: Shot, main: stand.Stand, lines: LineCollection) -> NDArray[np.float64]:
        """What the opacity of each line was multiplied by when it was painted."""
        before = self._look(one).colours[lines.ties][:, 3]  # type: ignore[attr-defined]
        return np.asarray(lines.get_colors())[:, 3] / np.maximum(before, 1e-9)

    def _beside(self, left: float, foot: float, top: float, main: stand.Stand) -> None:
        """On the right: the quarter, its number, the course so far, and the key."""
        figure = self.page.figure
        self.when: Text = figure.text(
            left / self.page.width, (top - 0.05) / HEIGHT, "", size=style.TITLE, weight="bold", va="top", gid="when"
        )
        self.said: Text = figure.text(
            left / self.page.width, (top - 0.5) / HEIGHT, "", size=style.LABEL, color=style.MUTED, va="top", gid="said"
        )
        values = [course(one) for one in self.shots]
        known = [value for value in values if np.isfinite(value)]
        self.values, self.dot = values, Line2D([], [])
        below = top - 0.85
        if known and self.shots[0].edges in ("state", "act", "trust"):
            below -= 1.35
            self._course(left, below, values)
        axes = self.page.panel(left, foot, self.page.width - MARGIN, below - 0.25, name="key")
        key = Key(axes, below - 0.25 - foot)
        ties_key(key, looks.uncounted(self._look(self.shots[-1])), len(self.shots[0].scene.tie))
        key.gap()
        key.head("Organisations")
        key.symbols(self.shots[0].scene, main.shown)
        key.note("The area of a symbol grows with income.")
        if main.moved > 0.5:
            key.note(f"Where they crowd, symbols stand up to {main.moved:.0f} km from their place.")

    def _course(self, left: float, bottom: float, values: list[float]) -> None:
        """A small curve of the frames' numbers, with a dot at the present one."""
        axes = self.page.panel(
            left + 0.35, bottom + 0.15, self.page.width - MARGIN - 0.1, bottom + 1.15, (0, -0.05, max(2, len(values)) - 1, 1.05), "course"
        )
        quarters = np.arange(len(values))
        for level in (0.0, 0.5, 1.0):
            axes.add_line(Line2D([0, len(values) - 1], [level, level], color=style.RULE, linewidth=0.8))
            label = f"{level:.1f}" if self.shots[0].edges == "trust" else f"{level:.0%}"
            axes.annotate(label, (0, level), (-4, 0), textcoords="offset points", size=style.SMALLEST, ha="right", va="center")
        for place, across in ((0, "left"), (len(values) - 1, "right")):
            year = (
                self.shots[place].scene.year if place or len(values) == 1 or self.shots[-1].scene.year != self.shots[0].scene.year else ""
            )
            axes.annotate(year, (place, 0), (0, -12), textcoords="offset points", size=style.SMALLEST, ha=across, va="center")
        axes.add_line(Line2D(quarters, values, color=style.NAVY, linewidth=1.4, gid="course"))
        self.dot = Line2D(
            [], [], marker="o", markersize=6, color=style.AMBER, markeredgecolor=style.INK, linestyle="none", clip_on=False, gid="now"
        )
        axes.add_line(self.dot)

    def frame(self, number: int, dots: int) -> Pixels:
        """The picture of a shot, shaped (height, width, 3)."""
        one = self.shots[number]
        look = self._look(one)
        for lines, paler in zip(self.lines, self.pale, strict=True):
            colours = look.colours[lines.ties].copy()  # type: ignore[attr-defined]
            colours[:, 3] *= paler
            lines.set_colors(list(map(tuple, colours)))
        self.when.set_text(moment(one.scene.quarter, one.scene.year).capitalize())
        self.said.set_text("\n".join(lettering.wrapped(words(one), KEY, style.LABEL, most=2)))
        if np.isfinite(self.values[number]):
            self.dot.set_data([number], [self.values[number]])
        figure = self.page.figure
        figure.set_dpi(dots)
        canvas = figure.canvas
        assert isinstance(canvas, FigureCanvasAgg)
        with style.applied():
            canvas.draw()
        return np.asarray(canvas.buffer_rgba())[..., :3].copy()

    def frames(self, dots: int, progress: Callable[[int, int], None]) -> Iterator[Pixels]:
        """All pictures in order."""
        for number in range(len(self.shots)):
            yield self.frame(number, dots)
            progress(number + 1, len(self.shots))

    @property
    def figure(self) -> Figure:
        """The page."""
        return self.page.figure


def course(one: Shot) -> float:
    """The number that goes with a frame: the share of acts that are joint, or mean trust."""
    partners = one.scene.tie != OVERSIGHT
    if one.edges == "trust":
        return float(one.scene.trust[partners].mean()) if partners.any() else float("nan")
    return one.scene.joint


def words(one: Shot) -> str:
    """That number in words."""
    value = course(one)
    if not np.isfinite(value):
        return "no act yet"
    return f"mean trust {value:.2f}" if one.edges == "trust" else f"{value:.0%} of {one.scene.acts.sum():,} acts are collaborative"


def _gif(film: Film, progress: Callable[[int, int], None]) -> bytes:
    """The film as a GIF of at most MOST_BYTES, if any of DOTS gives that."""
    for dots in DOTS:
        data = _encoded(list(film.frames(dots, progress)))
        if len(data) <= MOST_BYTES:
            break
    return data


def _encoded(frames: list[Pixels]) -> bytes:
    """Frames in one palette, made of the first, the middle and the last, so that nothing flickers."""
    sample = np.concatenate([frames[0], frames[len(frames) // 2], frames[-1]])
    palette = Image.fromarray(sample).quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    images = [Image.fromarray(each).quantize(palette=palette, dither=Image.Dither.NONE) for each in frames]
    stays = [FRAME] * (len(images) - 1) + [LAST]
    out = io.BytesIO()
    comment = f"{finding.DISCLAIMER} {finding.SOURCES}".encode("ascii", "replace")
    images[0].save(out, "GIF", save_all=True, append_images=images[1:], duration=stays, loop=0, optimize=False, comment=comment)
    return out.getvalue()


def _mp4(film: Film, path: Path, ffmpeg: str, progress: Callable[[int, int], None]) -> None:
    """The film through ffmpeg, frame by frame. Raises `ResultsError` when it fails."""
    wide, high = (2 * (round(size * DOTS[0]) // 2) for size in (film.page.width, HEIGHT))
    sizes = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{wide}x{high}", "-r", f"{1000 / FRAME:.3f}", "-i", "-"]
    command = [
        ffmpeg,
        "-loglevel",
        "error",
        "-y",
        *sizes,
        "-c:v",
        "libx264",
        "-pix_fmt",
        "yuv420p",
        "-metadata",
        f"comment={finding.DISCLAIMER}",
        str(path),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stderr is not None
        try:
            for frame in film.frames(DOTS[0], progress):
                process.stdin.write(frame[:high, :wide].tobytes())
            process.stdin.close()
        except BrokenPipeError:
            pass
        said = process.stderr.read().decode("utf-8", "replace").strip()
    if process.returncode:
        path.unlink(missing_ok=True)
        raise ResultsError(f"ffmpeg could not make {path}: {said.splitlines()[-1] if said else 'no reason given'}")
