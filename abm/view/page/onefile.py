"""The one file: template, style, script and data put together, with nothing fetched from anywhere."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

SCRIPTS = (  # in the order that they build on each other
    *("words.js", "look.js", "data.js", "scene.js", "camera.js", "render.js"),  # no page needed
    *("element.js", "search.js", "player.js", "panel.js", "roll.js", "picture.js", "controls.js", "page.js"),
)
PROPERTY = "abm:"  # before the names of provenance in <meta>


@cache
def asset(name: str) -> str:
    """The text of a file of `static`."""
    return (files("abm.view.page") / "static" / name).read_text("utf-8").replace("\r\n", "\n")


def script() -> str:
    """All JavaScript as one text."""
    return "\n".join(f"// ---- {name}\n{asset(name).strip()}\n" for name in SCRIPTS)


def page_of(document: Mapping[str, Any]) -> str:
    """The page of a document (`abm.view.page.document.page_document`)."""
    code = script().strip()
    title = str(document["title"])
    last, scenarios = document["quarters"][-1], [str(each["title"]) for each in document["scenarios"]]
    told = (
        f"{document['world']}, {' against '.join(reversed(scenarios))}, up to Q{last['quarter']} {last['year']}. {document['disclaimer']}"
    )
    text = {
        "policy": _policy(f"\n{code}\n"),
        "title": title,
        "description": told,
        "generator": f"ics-abm {document['provenance'].get('abm_version', '')}".strip(),
        "disclaimer": document["disclaimer"],
        "sources": document["sources"],
        "stamp": document["stamp"] or "No provenance is known: this page was not made from a results folder.",
    }
    raw = {
        "meta": "\n".join(_meta(document)),
        "linked": in_script(_linked(document, told)),
        "style": asset("page.css").strip(),
        "data": in_script(document),
        "script": code,
    }
    parts = {name: html.escape(str(value)) for name, value in text.items()} | raw
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], asset("page.html"))  # one pass: what is put in is not looked at again


def in_script(value: Any) -> str:
    """JSON that may stand in a <script>: nothing in it can end the element or begin another."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    escapes = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
    return re.sub("[<>&\u2028\u2029]", lambda found: escapes[found[0]], text)


def _policy(code: str) -> str:
    """The browser runs our script only, and fetches nothing."""
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode("ascii")
    rules = ("default-src 'none'", f"script-src 'sha256-{digest}'", "style-src 'unsafe-inline'", "img-src data: blob:")
    return "; ".join([*rules, "base-uri 'none'", "form-action 'none'"])


def _meta(document: Mapping[str, Any]) -> list[str]:
    run = {"scenario": " against ".join(reversed([each["name"] for each in document["scenarios"]]))}
    run |= {name: document["run"][name] for name in ("point", "replicate")}
    facts = {**document["provenance"], **run, "disclaimer": document["disclaimer"]}
    return [f'<meta name="{html.escape(PROPERTY + name)}" content="{html.escape(str(value))}">' for name, value in facts.items()]


def _linked(document: Mapping[str, Any], told: str) -> dict[str, Any]:
    """JSON-LD: what this file is and where it comes from. The context is a name; nobody fetches it."""
    facts = {**document["provenance"], **{name: document["run"][name] for name in ("point", "replicate")}}
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": document["title"],
        "description": told,
        "abstract": document["question"],
        "creditText": document["sources"],
        "usageInfo": document["disclaimer"],
        "about": [{"@type": "Thing", "name": each["title"], "description": each["description"]} for each in document["scenarios"]],
        "additionalProperty": [{"@type": "PropertyValue", "name": name, "value": value} for name, value in facts.items()],
    }
