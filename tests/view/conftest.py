"""A browser, a server of the dashboard, and a page of it, for the tests that want them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from abm.view.app.base import built_in
from tests.view import chromium
from tests.view.dashboard import SHORT, STAGE, STORE, VIEW
from tests.view.served import Served, serving


@pytest.fixture(scope="session")
def browser() -> Iterator[chromium.Browser]:
    with chromium.browser() as running:
        yield running


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    with serving(built_in()) as running:
        running.read(f"api/world{SHORT}&scenario=finance_oversight")  # compiles where nothing is compiled yet
        yield running


@pytest.fixture(scope="session")
def opened(browser: chromium.Browser, served: Served) -> chromium.Page:
    return browser.open(served.url + SHORT, 1440, 900)


@pytest.fixture
def page(opened: chromium.Page, served: Served) -> chromium.Page:
    """A page as it is at first, in a window of 1440 × 900; loaded again only where a test went elsewhere with it."""
    if opened.run("window.first") is None or not opened.run(f"performance.getEntriesByType('navigation')[0].name.endsWith({SHORT!r})"):
        opened.go(served.url + SHORT)
        opened.run(f"window.first = JSON.stringify({VIEW})")
    opened.run(f"(() => {{ abmNetwork.play.pause(); document.getElementById('help')?.close(); {STORE}.set(JSON.parse(first)); }})()")
    time.sleep(0.15)  # longer than the page waits before it runs worlds again
    opened.wait(f"!{STORE}.loading")
    opened.run(f"(() => {{ document.querySelectorAll('.notice').forEach((each) => each.remove()); {STAGE}.whole(); }})()")
    opened.errors.clear()
    return opened
