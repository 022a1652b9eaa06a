"""The server's app: every answer is made of the query alone, so browsers cannot disturb each other, and it keeps no sessions."""

from __future__ import annotations

import threading
from collections.abc import Collection
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

from abm.experiment.store import ResultsError
from abm.view import page
from abm.view.app.answers import Answers, File
from abm.view.app.base import Base
from abm.view.app.guard import BROKEN, LOOPBACK, App, Guard, words_of
from abm.view.app.offer import start_json
from abm.view.app.setting import Query, RefusedError, Setting, one_world
from abm.view.app.world import Worlds, as_bytes

STATIC = Path(__file__).parent / "static"
PAGE_STATIC = Path(page.__file__).parent / "static"


def make_app(base: Base, names: Collection[str] = LOOPBACK, any_address: bool = False, far: bool = False) -> App:
    """The app of what is offered. `names` and `any_address` are as for `Guard`; `far` says that browsers are not on this machine."""
    worlds = Worlds(base)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> Any:
        threading.Thread(target=warm_up, args=(worlds,), daemon=True, name="warm up").start()
        yield

    app = FastAPI(title="abm view", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.worlds = worlds
    _say_words(app)
    _add_pages(app)
    _add_answers(app, base, worlds)
    if far:
        app.add_middleware(GZipMiddleware, minimum_size=2000, compresslevel=4)  # on this machine it costs more than it saves
    return Guard(app, names, any_address)


def warm_up(worlds: Worlds) -> None:
    """Load the compiled model, and run what the page asks for first."""
    choices = worlds.base.choices
    with suppress(Exception):  # the page asks for the same, and is told
        for query in ("", f"scenario={choices.worlds[1]}"):
            setting = one_world(Query(query), choices)
            worlds.network(setting.shared, setting.worlds[0])
            worlds.played(setting.shared, setting.worlds[0])


def _say_words(app: FastAPI) -> None:
    """Every refusal as JSON with a title and lines."""

    @app.exception_handler(RefusedError)
    def refused(_: Request, error: RefusedError) -> JSONResponse:
        return JSONResponse(words_of(error.title, error.lines), error.status)

    @app.exception_handler(ResultsError)
    def not_there(_: Request, error: ResultsError) -> JSONResponse:
        return JSONResponse(words_of("This is not to be had", str(error).splitlines()), 404)

    @app.exception_handler(404)
    def nothing_here(request: Request, _: HTTPException) -> JSONResponse:
        return JSONResponse(words_of("There is nothing at this address", [request.url.path[:200]]), 404)

    @app.exception_handler(405)
    def only_get(_: Request, __: HTTPException) -> JSONResponse:
        return JSONResponse(words_of("This server only answers questions (GET)"), 405)

    @app.exception_handler(Exception)
    def broken(_: Request, __: Exception) -> JSONResponse:  # it goes on to the guard, which tells the terminal
        return JSONResponse(words_of(*BROKEN), 500)


def _add_pages(app: FastAPI) -> None:
    @app.get("/")
    def index() -> Response:
        path = STATIC / "app.html"
        if not path.is_file():
            raise RefusedError("The page is not installed", [f"{path.name} is missing"], 404)
        return FileResponse(path, media_type="text/html; charset=utf-8")

    app.mount("/static/page", StaticFiles(directory=PAGE_STATIC))
    app.mount("/static", StaticFiles(directory=STATIC))


def _add_answers(app: FastAPI, base: Base, worlds: Worlds) -> None:
    start, answers = as_bytes(start_json(base)), Answers(worlds)

    def asked(request: Request) -> Query:
        return Query(request.scope["query_string"].decode("ascii", "replace"))

    def one(query: Query) -> Setting:
        return one_world(query, base.choices)

    @app.get("/api/start")
    def start_of_all(request: Request) -> Response:
        asked(request).done()
        return _json(start)

    @app.get("/api/network")
    def network(request: Request) -> Response:
        setting = one(asked(request))
        return _json(worlds.network(setting.shared, setting.worlds[0]))

    @app.get("/api/world")
    def world(request: Request) -> Response:
        setting = one(asked(request))
        return _json(worlds.played(setting.shared, setting.worlds[0]).answer)

    @app.get("/api/organisation")
    def organisation(request: Request) -> Response:
        return _json(answers.organisation(asked(request)))

    @app.get("/api/config")
    def config(request: Request) -> Response:
        return _file(answers.config(asked(request)))

    @app.get("/api/figure")
    def figure(request: Request) -> Response:
        return _file(answers.figure(asked(request)))

    @app.get("/api/table")
    def table(request: Request) -> Response:
        return _file(answers.table(asked(request)))


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json")


def _file(made: File) -> Response:
    return Response(made.content, media_type=made.type, headers={"content-disposition": f'attachment; filename="{made.name}"'})


__all__ = ["make_app", "warm_up"]
