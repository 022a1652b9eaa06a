"""Serve the app from this machine until Ctrl+C: the port, the words, the browser."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable

import uvicorn

from abm.experiment.store import ResultsError
from abm.view.app.base import Base
from abm.view.app.guard import LOOPBACK
from abm.view.app.server import make_app

HOST, PORT = "127.0.0.1", 8765
MOST_CONNECTIONS = 100
LEAVE = 2  # seconds that answers under way are waited for in the end


def serve(base: Base, host: str = HOST, port: int | None = None, browser: bool = True, say: Callable[[str], None] = print) -> None:
    """Serve until interrupted. Without a port: 8765, or a free one where that is taken. Raises `ResultsError` where it cannot."""
    made = bound(host, port)
    address = f"http://{_shown(host)}:{made.getsockname()[1]}/"
    server = make_server(base, host)
    say(address)
    if browser and has_screen():
        threading.Timer(0.5, webbrowser.open, [address]).start()
    with made:
        server.run(sockets=[made])


def make_server(base: Base, host: str = HOST) -> uvicorn.Server:
    """The server of what is offered, for a socket that is bound to `host`."""
    near = is_loopback(host)
    names = {*LOOPBACK, host.lower()} | (set() if near else {socket.gethostname().lower(), socket.getfqdn().lower()})
    app = make_app(base, names, any_address=not near, far=not near)
    return uvicorn.Server(
        uvicorn.Config(
            app,
            access_log=False,
            log_level="error",
            lifespan="on",
            ws="none",
            server_header=False,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_graceful_shutdown=LEAVE,
        )
    )


def has_screen() -> bool:
    """Whether a browser can open a window here; a text browser would take the terminal."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server on `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _shown(host: str) -> str:
    """The host as an address has it; one's own machine for "all addresses"."""
    if host in ("0.0.0.0", "::", ""):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def bound(host: str, port: int | None) -> socket.socket:
    """A socket that listens on the port, or on a free one where none was told and the usual one is taken."""
    for wanted in [PORT, 0] if port is None else [port]:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(host, wanted, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        except OSError as error:
            raise ResultsError(f"no such host {host!r}: {error.strerror or error}") from None
        made = socket.socket(family, kind, protocol)
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind(address)
            made.listen(MOST_CONNECTIONS)
            return made
        except OSError as error:
            made.close()
            why = error
    raise ResultsError(f"cannot serve on {host}, port {port or PORT}: {(why.strerror or str(why)).lower()}; give another with --port")
