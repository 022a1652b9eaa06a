"""A real server of the dashboard in a thread, and questions to it over the network as a browser asks them."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlencode

from abm.view.app import serve
from abm.view.app.base import Base

SHORT = {"system": "tiny", "quarters": 6, "seed": 5}
RAMP = "{ramp: {from: 0.2, to: 0.8, start: 2024/25, end: 2025/26}}"


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Served(NamedTuple):
    """A server on this machine, as who asks it knows it."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def read(self, path: str) -> bytes:
        """What it gives at a path (without the first slash) that is there."""
        answer = self.get(f"/{path}")
        assert answer.status == 200, answer.body
        return answer.body

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)  # the model may have to be compiled first
        try:
            connection.request("GET", f"{path}?{urlencode(query)}" if query else path, headers=headers)
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def refused(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> tuple[int, str]:
        """Status and words of a refusal, which are JSON and no traceback."""
        answer = self.get(path, query, **headers)
        told = answer.json()["error"]
        words = " ".join([told["title"], *told["lines"]])
        assert told["title"] and "Traceback" not in words and "Error" not in words, words
        return answer.status, words


@contextmanager
def serving(base: Base, port: int = 0) -> Iterator[Served]:
    """A real server, on a free port if none is told."""
    bound, server = serve.bound(serve.HOST, port), serve.make_server(base)
    thread = threading.Thread(target=server.run, args=([bound],), daemon=True)
    thread.start()
    try:
        yield Served(bound.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(30)
        bound.close()
    assert not thread.is_alive()
