"""The dashboard's app served on a free port of this machine, for tests with a real browser."""

from __future__ import annotations

import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn


class Served:
    """A running server: `url` is its address; `stop` ends it, after which nobody answers there."""

    def __init__(self, app: Any, port: int = 0) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", port))
        self.port = self.socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        self.server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on", ws="none", timeout_graceful_shutdown=1))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]}, daemon=True)
        self.thread.start()
        end = time.monotonic() + 30
        while not self.server.started:
            assert time.monotonic() < end, "the server does not start"
            time.sleep(0.01)

    def read(self, path: str) -> bytes:
        """What it answers; the first world may have to be compiled."""
        with urllib.request.urlopen(self.url + path, timeout=300) as answer:
            return bytes(answer.read())

    def stop(self) -> None:
        """End it."""
        self.server.should_exit = True
        self.thread.join(15)
        self.socket.close()


@contextmanager
def serving(app: Any, port: int = 0) -> Iterator[Served]:
    """The app served for the time of a block."""
    served = Served(app, port)
    try:
        yield served
    finally:
        served.stop()
