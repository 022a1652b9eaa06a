"""What a reader does with the rail of levers of an open dashboard, and what is read from it: for tests with a real browser."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from tests.view.chromium import Page

STORE = "abmNetwork.store"
STILL = f"!!{STORE}.network && !{STORE}.loading && {STORE}.worlds.b.key !== window.before"
AS_AT_FIRST = """(() => {
  const all = (selector) => document.querySelectorAll(selector);
  abmNetwork.store.set(JSON.parse(first));
  for (const box of all('#levers input[type=text]')) box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
  for (const group of all('#levers .group')) group.open = group.dataset.group === 'oversight';
  document.querySelector('#levers .let-go').hidden = true;
  all('#levers input[name=moves]')[1].click();
  all('#take-menu input[name=take-world]')[1].click();
  if (!document.querySelector('#take-menu').hidden) document.querySelector('#take-menu .close').click();
  document.querySelector('#levers').scrollTop = 0;
  window.before = null;
})()"""


def arrived(page: Page) -> None:
    page.wait(STILL)
    page.settled()


def mark(page: Page) -> None:
    """Remember which world B is shown, so that `arrived` waits for another."""
    page.run(f"void (window.before = {STORE}.worlds.b.key)")


def curve(page: Page, which: str = "b") -> list[float]:
    return list(page.run(f"{STORE}.worlds.{which}.curves.all.collaborative_share"))


def lever(name: str, inside: str) -> str:
    return f"document.querySelector('[data-lever={name}] {inside}')"


def slide(page: Page, name: str, value: float) -> None:
    """What a finger does with the slider."""
    page.run(f"(() => {{ const s = {lever(name, 'input[type=range]')}; s.value = {value}; s.dispatchEvent(new Event('input')); }})()")


def type_in(page: Page, name: str, text: str) -> None:
    page.run(f"{lever(name, '.number')}.focus(), {lever(name, '.number')}.select()")
    page.type(text)
    page.key("Enter")


def fault(page: Page, name: str) -> str:
    return str(page.run(f"{lever(name, '.fault')}.textContent"))


def choose(page: Page, selector: str, value: str) -> None:
    page.run(f"(() => {{ const s = document.querySelector('{selector}'); s.value = '{value}'; s.dispatchEvent(new Event('change')); }})()")


def address(page: Page) -> dict[str, str]:
    page.wait(f"location.search.includes({STORE}.query('both'))")
    return {key: values[0] for key, values in parse_qs(urlsplit(page.run("location.href")).query).items()}
