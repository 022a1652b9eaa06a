"""The dashboard as tests handle it: what its page holds, by name, and what a reader does with it."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from tests.view import chromium

VIEW, STAGE, STORE = "abmNetwork.store.view", "abmNetwork.stage.now", "abmNetwork.store"
QUARTERS = 12
SHORT = f"?quarters={QUARTERS}"


def picture(page: chromium.Page, number: int) -> np.ndarray:
    page.settled()
    text = page.run(f"document.querySelector('#picture-{number} canvas').toDataURL()")
    return np.array(Image.open(io.BytesIO(base64.b64decode(text.split(",")[1]))).convert("RGB")).astype(int)


def text(page: chromium.Page, selector: str) -> str:
    return str(page.run(f"document.querySelector({selector!r}).textContent"))


def press(page: chromium.Page, selector: str) -> None:
    page.run(f"document.querySelector({selector!r}).click()")
    page.settled()


def key(page: chromium.Page, *names: str) -> None:
    page.run("document.activeElement.blur()")
    for name in names:
        page.key(name)
    page.settled()


def again(page: chromium.Page, change: str) -> None:
    """Change a setting and wait for its worlds."""
    page.run(f"new Promise((done) => {{ {STORE}.on('worlds', done); {STORE}.set({change}); }})")
    page.settled()
