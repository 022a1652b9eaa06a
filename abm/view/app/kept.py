"""The last few results of something costly: each is made once, also when several ask at a time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from abm.view.app.setting import RefusedError

T = TypeVar("T")
PATIENCE = 90.0  # seconds: the model may have to be compiled first


def busy() -> RefusedError:
    """What is said to whoever has waited too long."""
    return RefusedError("The server is busy", ["it is running other worlds, or still compiling the model; try again in a moment"], 503)


class _Entry(Generic[T]):
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.value: T | None = None


class Kept(Generic[T]):
    """At most `most` results, together no larger than `room` as `size` tells it (the last one made stays, whatever its size)."""

    def __init__(self, most: int, size: Callable[[T], int] = lambda value: 0, room: int = 0) -> None:
        self.most, self.size, self.room = most, size, room
        self._entries: OrderedDict[Hashable, _Entry[T]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The result under `key`; the first who asks makes it, the others wait. What `make` raises is raised and not kept."""
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
        if not entry.lock.acquire(timeout=PATIENCE):
            raise busy()
        try:
            if entry.value is None:
                entry.value = make()
            value = entry.value
        except BaseException:
            self._forget(key, entry)
            raise
        finally:
            entry.lock.release()
        self._drop_oldest()
        return value

    def _forget(self, key: Hashable, entry: _Entry[T]) -> None:
        with self._lock:
            if self._entries.get(key) is entry:
                del self._entries[key]

    def _drop_oldest(self) -> None:
        with self._lock:
            made = [(key, self.size(entry.value)) for key, entry in self._entries.items() if entry.value is not None]
            total = sum(size for _, size in made)
            for key, size in made[:-1]:
                if len(self._entries) <= self.most and (not self.room or total <= self.room):
                    return
                del self._entries[key]
                total -= size
