"""One system and its partners: the ICB in the middle, providers on the right, councils on the left, the region above, partners
of other systems below, bundled by system."""

from __future__ import annotations

import numpy as np

from abm.model.network import COUNCIL, ICB, PROVIDER, REGION
from abm.view import places
from abm.view.network.scene import Ints, Scene, short
from abm.view.network.stand import Stand, Word, sizes, worth

Room = tuple[float, float]
MOST_GROUPS = 7
SIDE = 1.75  # inches at the sides for names
FOOT, HEAD = 1.15, 0.7  # inches below for the bundles, above for the region


def around_icb(scene: Scene, system: str, room: Room, size: float = 1.0) -> Stand:
    """The system's own network. `scene` holds the ties to be drawn; those that touch no member have no place here."""
    own = scene.system == system
    touching = own[scene.source] | own[scene.target]
    ends = np.zeros(len(scene.codes), dtype=bool)
    ends[scene.source[touching]] = ends[scene.target[touching]] = True
    regions = ends & (scene.kind == REGION)
    shown = own | regions
    worded = room[0] > 4  # room for words
    side, foot, head = (SIDE, FOOT, HEAD) if worded else (0.35, 0.35, 0.35)
    middle = np.array([room[0] / 2, (room[1] + foot - head) / 2])
    half = room[0] / 2 - side, (room[1] - foot - head) / 2 - 0.1
    at = np.full((len(scene.codes), 2), np.nan)
    icb = np.flatnonzero(own & (scene.kind == ICB))
    at[icb] = middle
    right, left = _ordered(scene, own, PROVIDER), _ordered(scene, own, COUNCIL)
    at[right], at[left] = middle + _arc(len(right), *half), middle + _arc(len(left), -half[0], half[1])
    at[np.flatnonzero(regions)] = _row(int(regions.sum()), middle[0], room[1] - head / 2, room[0])
    step = min([9.0, *(2 * half[1] / max(1, len(side)) for side in (right, left))])
    cap = 0.42 * step * 72
    radius = np.minimum(size * sizes(scene, shown), cap)
    words = [Word(*_beside(at[i], radius[i], 1), short(scene.names[i], PROVIDER), "left", room=SIDE - 0.15, number=int(i)) for i in right]
    words += [Word(*_beside(at[i], radius[i], -1), scene.names[i], "right", room=SIDE - 0.15, number=int(i)) for i in left]
    words += [
        Word(at[i, 0], at[i, 1] - radius[i] / 72 - 0.05, scene.names[i], "center", "top", bold=True, room=1.9, number=int(i)) for i in icb
    ]
    words += [
        Word(*_beside(at[i], radius[i], 1), scene.names[i], "left", bold=True, number=int(i), room=2.5) for i in np.flatnonzero(regions)
    ]
    bundled = _bundles(scene, ends & ~shown, touching, at, words, (room[0], foot))
    focus = float(middle[0]), float(middle[1])
    extent, value = (0.0, 0.0, *room), worth(scene, shown, size)
    return Stand("ego", at, radius, shown, extent, 1.0, words=tuple(words), bend=0.1, focus=focus, worth=value, cap=cap, bundled=bundled)


def _ordered(scene: Scene, own: np.ndarray, kind: int) -> Ints:
    """A kind's members by name."""
    return np.array(sorted(np.flatnonzero(own & (scene.kind == kind)), key=lambda i: (scene.names[i], i)), dtype=np.int64)


def _arc(count: int, wide: float, high: float) -> places.Points:
    """Places on a flat arc from top to bottom, evenly down the page; `wide` below 0 is the left side."""
    y = high * (1 - (2 * np.arange(count) + 1) / max(1, count))
    return np.column_stack([wide * np.sqrt(1 - 0.62 * (y / high) ** 2), y])


def _row(count: int, middle: float, y: float, wide: float) -> places.Points:
    step = min(1.6, 0.9 * wide / max(1, count))
    return np.column_stack([middle + step * (np.arange(count) - (count - 1) / 2), np.full(count, y)])


def _beside(at: np.ndarray, radius: float, way: int) -> tuple[float, float]:
    return float(at[0] + way * (radius / 72 + 0.06)), float(at[1])


def _bundles(scene: Scene, outside: np.ndarray, touching: np.ndarray, at: places.Points, words: list[Word], room: Room) -> dict[str, int]:
    """Put partners outside into one place a system (the systems with the fewest ties share one); gives each place's organisations.

    `room` is the width of the panel and the height of the band below.
    """
    ends = np.concatenate([scene.source[touching], scene.target[touching]])
    ties = np.bincount(ends, minlength=len(scene.codes)) * outside
    systems = {str(code): int(ties[scene.system == code].sum()) for code in dict.fromkeys(scene.system[outside])}
    order = sorted(systems, key=lambda code: (-systems[code], code))
    groups = [[code] for code in order[:MOST_GROUPS]] if len(order) <= MOST_GROUPS else [[code] for code in order[: MOST_GROUPS - 1]]
    if len(order) > len(groups):
        groups.append(order[len(groups) :])
    groups.reverse()  # the most ties below the providers, who have most of them
    found = {}
    for group, spot in zip(groups, _row(len(groups), room[0] / 2, max(room[1] - 0.3, 0.1), room[0] * 1.1), strict=True):
        there = outside & np.isin(scene.system, group)
        at[there] = spot
        name = scene.name_of(group[0]) if len(group) == 1 else f"{len(group)} other systems"
        label = f"{name}\u00a0({int(there.sum())})"
        found[label] = int(there.sum())
        words.append(
            Word(float(spot[0]), float(spot[1]) - 0.13, label, "center", "top", room=min(1.5, 0.98 * room[0] / max(1, len(groups))))
        )
    return found


def spots(stand: Stand) -> places.Points:
    """Where the bundles stand."""
    outside = stand.at[~stand.shown & ~np.isnan(stand.at).any(axis=1)]
    return np.unique(outside, axis=0) if len(outside) else outside
