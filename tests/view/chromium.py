"""A headless Chromium driven through its pipe: no port, no network, no package."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"),
    *("--disable-component-update", "--disable-default-apps", "--disable-extensions", "--mute-audio", "--remote-debugging-pipe"),
    *("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--force-color-profile=srgb", "--hide-scrollbars"),
)
PATIENCE = 60  # seconds for any answer


def found() -> str | None:
    """The browser on this machine; None where there is none that can be driven by a pipe."""
    if sys.platform == "win32":
        return None
    return next((path for path in map(shutil.which, NAMES) if path), None)


def _address(path: Path | str) -> str:
    """What the browser is sent to: an http:// address as it is, a file by its own address."""
    text = str(path)
    return text if text.startswith("http://") else Path(text).resolve().as_uri()


class Page:
    """A page open in the browser. Keeps what the page asked of the network (`asked`) and wrote as errors (`errors`)."""

    def __init__(self, browser: Browser, target: str, session: str) -> None:
        self.browser, self.target, self.session = browser, target, session
        self.asked: list[str] = []
        self.errors: list[str] = []

    def call(self, method: str, **values: Any) -> dict[str, Any]:
        """A command of the DevTools protocol, and its result."""
        return self.browser.call(method, values, self.session)

    def go(self, path: Path | str) -> None:
        """Go to a file or an http:// address, and wait until it says that it is ready; what was asked and written before is forgotten."""
        self.asked.clear()
        self.errors.clear()
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=_address(path))
        self.wait("document.readyState === 'complete' && !!document.documentElement.dataset.ready")
        self.settled()

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression; a promise is awaited."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"].get("exception", {}).get("description") or answer["exceptionDetails"]["text"])
        return answer["result"].get("value")

    def wait(self, script: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + PATIENCE
        while not self.run(script):
            assert time.monotonic() < end, f"never true: {script}"
            time.sleep(0.02)

    def settled(self) -> None:
        """Wait for two frames to be drawn."""
        self.call("Page.bringToFront")  # a page behind another draws none
        self.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def key(self, name: str, text: str = "", modifiers: int = 0) -> None:
        """Press and let go of a key, such as 'Enter' or 'ArrowDown'; `text` is what it types."""
        codes = {
            "Enter": 13,
            "Tab": 9,
            "Escape": 27,
            "ArrowLeft": 37,
            "ArrowUp": 38,
            "ArrowRight": 39,
            "ArrowDown": 40,
            " ": 32,
            "Home": 36,
            "End": 35,
        }
        about = {"key": name, "code": name, "windowsVirtualKeyCode": codes.get(name, ord(name[0].upper())), "modifiers": modifiers}
        text = text or {"Enter": "\r", " ": " "}.get(name, name if len(name) == 1 else "")
        self.call("Input.dispatchKeyEvent", type="keyDown", **about, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    def type(self, text: str) -> None:
        """Put a text where the focus is."""
        self.call("Input.insertText", text=text)

    def mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        """A mouse event: mouseMoved, mousePressed, mouseReleased or mouseWheel."""
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def click(self, x: float, y: float) -> None:
        """Click at a point of the window."""
        self.mouse("mouseMoved", x, y)
        for kind in ("mousePressed", "mouseReleased"):
            self.mouse(kind, x, y, button="left", clickCount=1)

    def touch(self, kind: str, *points: tuple[float, float]) -> None:
        """touchStart, touchMove or touchEnd with fingers at these points."""
        self.call("Input.dispatchTouchEvent", type=kind, touchPoints=[{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)])

    def size(self, width: int, height: int, phone: bool = False, ratio: float = 1) -> None:
        """The window's size in CSS pixels."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=ratio, mobile=phone)
        self.call("Emulation.setTouchEmulationEnabled", enabled=phone)
        self.settled()

    def shot(self, path: Path | str, whole: bool = False) -> None:
        """A screenshot as PNG; `whole` takes in what lies below the window too."""
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        Path(path).write_bytes(base64.b64decode(answer["data"]))

    def close(self) -> None:
        """Close the page."""
        self.browser.pages.pop(self.session, None)
        self.browser.call("Target.closeTarget", {"targetId": self.target})


class Browser:
    """A running browser with a profile of its own, which is thrown away with it."""

    def __init__(self, path: str) -> None:
        self.profile = tempfile.mkdtemp(prefix="abm-chromium-")
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        command = f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}'
        arguments = [path, *FLAGS, f"--user-data-dir={self.profile}", "about:blank"]
        self.process = subprocess.Popen(
            ["bash", "-c", command, "bash", *arguments],
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self.input, self.output = open(ours_out, "wb", buffering=0), open(ours_in, "rb", buffering=0)
        self.number, self.rest = 0, b""
        self.pages: dict[str, Page] = {}

    def call(self, method: str, values: dict[str, Any] | None = None, session: str = "") -> dict[str, Any]:
        """Send a command and wait for its answer; events on the way are taken in."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": values or {}} | ({"sessionId": session} if session else {})
        self.input.write(json.dumps(message).encode() + b"\0")
        for answer in self._messages():
            if answer.get("id") == self.number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self._event(answer)
        raise AssertionError(f"the browser has gone; it was asked for {method}")

    def _messages(self) -> Iterator[dict[str, Any]]:
        while True:
            while b"\0" not in self.rest:
                assert select.select([self.output], [], [], PATIENCE)[0], f"the browser has not answered for {PATIENCE} seconds"
                more = self.output.read(1 << 16)
                if not more:
                    return
                self.rest += more
            line, self.rest = self.rest.split(b"\0", 1)
            yield json.loads(line)

    def _event(self, answer: dict[str, Any]) -> None:
        page, values = self.pages.get(answer.get("sessionId", "")), answer.get("params", {})
        if page is None:
            return
        if answer["method"] == "Network.requestWillBeSent":
            page.asked.append(values["request"]["url"])
        elif answer["method"] == "Runtime.exceptionThrown":
            page.errors.append(
                str(values["exceptionDetails"].get("exception", {}).get("description") or values["exceptionDetails"]["text"])
            )
        elif answer["method"] == "Log.entryAdded" and values["entry"]["level"] == "error":
            page.errors.append(values["entry"]["text"])

    def open(self, path: Path | str, width: int = 1280, height: int = 800, phone: bool = False, ratio: float = 1) -> Page:
        """Open a file or address at a window size, and wait until it says that it is ready."""
        target = self.call("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        page = self.pages[session] = Page(self, target, session)
        for domain in ("Page", "Runtime", "Network", "Log"):
            page.call(f"{domain}.enable")
        page.size(width, height, phone, ratio)
        page.go(path)
        return page

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with suppress(Exception):
            self.call("Browser.close")
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.input.close()
        self.output.close()
        shutil.rmtree(self.profile, ignore_errors=True)


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser for the time of a block; there must be one (`found`)."""
    path = found()
    assert path is not None
    with Browser(path) as running:
        yield running
