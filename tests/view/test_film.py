"""View: films of networks have a frame a quarter, show each quarter's acts, and say in words what cannot be made."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

import abm
from abm.experiment.store import ResultsError
from abm.view import style
from abm.view.network import animation
from abm.view.network.scene import JOINT
from tests.view.readable import assert_readable


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "out"
    abm.sweep("tiny", path, ["quarters=8", "replicates=1", "scenarios=[baseline, finance_oversight]"], workers=1)
    return path


def test_a_film_has_a_frame_a_quarter_and_stands_still(folder: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    said: list[str] = []
    asked = {"every": 3, "report": said.append, "progress": lambda done, of: told.append((done, of))}
    path = animation.animate(folder, tmp_path / "a.gif", "finance_oversight", **asked)  # type: ignore[arg-type]
    with Image.open(path) as film:
        assert film.n_frames == 3  # quarters 3, 6 and the last, 8
        assert b"not a forecast" in film.info["comment"]
    assert said == ["running Finance-dominated oversight again", "drawing 3 frames"]
    assert told == [(1, 3), (2, 3), (3, 3)] and path.stat().st_size < animation.MOST_BYTES


def test_frames_show_each_quarters_acts(folder: Path) -> None:
    scenes = animation._scenes(folder, {"scenario": None, "point": 0, "replicate": 0}, 1, 8)
    film = animation.Film([animation.shot(each, "I1", None, "state", None) for each in scenes], {}, "")
    for number in (0, 7):
        film.frame(number, 50)
        one = film.shots[number].scene
        for each in film.lines:
            joint = one.act[each.ties] == JOINT  # type: ignore[attr-defined]
            assert (np.asarray(each.get_colors())[joint, :3] == to_rgb(style.NAVY)).all()
        assert film.when.get_text() == f"Q4 {one.year}" if number else "Q1 2024/25"
    assert_readable(film.figure)


def test_films_are_gif_or_mp4_and_ffmpeg_is_asked_for_in_words(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path, every, said in (("a.avi", 1, "films are saved as .gif, .mp4"), ("a.gif", 0, "a whole number of quarters from 1")):
        with pytest.raises(ResultsError, match=said):
            animation.animate(folder, tmp_path / path, every=every)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ResultsError, match="needs ffmpeg, which is not installed here"):
        animation.animate(folder, tmp_path / "a.mp4")


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for ffmpeg is a script")
def test_ffmpeg_is_given_every_frame_whole(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "ffmpeg"
    fake.write_text(
        f"#!{sys.executable}\nimport sys\nopen(sys.argv[-1], 'w').write(str(len(sys.stdin.buffer.read())) + ' ' + ' '.join(sys.argv))\n"
    )
    fake.chmod(fake.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", str(tmp_path))
    said = animation.animate(folder, tmp_path / "a.mp4", every=4).read_text().split()
    wide, high = map(int, said[said.index("-s") + 1].split("x"))
    assert wide % 2 == 0 and high % 2 == 0 and int(said[0]) == 2 * wide * high * 3
    fake.write_text(f"#!{sys.executable}\nimport sys\nsys.stdin.buffer.read()\nsys.exit('no such codec')\n")
    with pytest.raises(ResultsError, match=r"ffmpeg could not make .*no such codec"):
        animation.animate(folder, tmp_path / "b.mp4", every=8)
