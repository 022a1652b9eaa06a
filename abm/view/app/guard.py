"""Between the network and the app: only names that are ours, only answers in words, and headers that keep a browser from doing more."""

from __future__ import annotations

import ipaddress
import json
import logging
from collections.abc import Awaitable, Callable, Collection, MutableMapping, Sequence
from typing import Any

LOOPBACK = ("localhost", "127.0.0.1", "::1")
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
BROKEN = ("Something went wrong in the server", ["The terminal in which it was started says more."])
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


def words_of(title: str, lines: Sequence[str] = ()) -> dict[str, Any]:
    """What is answered where something is wrong."""
    return {"error": {"title": title, "lines": list(lines)}}


class Guard:
    """Wraps an app. `names` are hosts that it answers to; `any_address` says whether any bare IP address will do as well.

    Another name is refused, because a page elsewhere could make its own name lead here (DNS rebinding); so is an API call that a
    browser says comes from another site. An exception is told in one line on the terminal and, without detail, to the browser.
    """

    def __init__(self, app: App, names: Collection[str] = LOOPBACK, any_address: bool = False) -> None:
        self.app, self.names, self.any_address = app, {name.lower() for name in names}, any_address

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = [*message.get("headers", []), *HEADERS]
                if not any(name == b"cache-control" for name, _ in headers):
                    headers.append((b"cache-control", b"no-store"))
                message["headers"] = headers
            await send(message)

        refusal = self.refusal(scope)
        if refusal is not None:
            await _answer(guarded, *refusal)
            return
        try:
            await self.app(scope, receive, guarded)
        except Exception as error:
            logging.getLogger("abm.view").error("%s failed: %s: %s (%s)", scope.get("path"), type(error).__name__, error, _where(error))
            if not begun:
                await _answer(guarded, 500, words_of(*BROKEN))

    def refusal(self, scope: Message) -> tuple[int, dict[str, Any]] | None:
        """Status and words where a request is not from here."""
        headers = {name.lower(): value.decode("latin-1") for name, value in scope.get("headers", [])}
        host = host_of(headers.get(b"host", ""))
        if host not in self.names and not (self.any_address and _is_address(host)):
            lines = [f"it answers to {', '.join(sorted(self.names))}; to let others in, start it with abm view --host"]
            return 400, words_of("This server does not answer to that name", lines)
        if str(scope.get("path", "")).startswith("/api/") and headers.get(b"sec-fetch-site") == "cross-site":
            return 403, words_of("This request comes from another site", ["open the page itself"])
        return None


def host_of(header: str) -> str:
    """The name in a Host header, without its port and brackets; '' for one that is not to be understood."""
    text = header.strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    name, _, port = text.partition(":")
    return name if not port or port.isdecimal() else ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _where(error: BaseException) -> str:
    """File and line in which an exception was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "?"


async def _answer(send: Send, status: int, told: dict[str, Any]) -> None:
    body = json.dumps(told, ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


__all__ = ["BROKEN", "HEADERS", "LOOPBACK", "Guard", "host_of", "words_of"]
