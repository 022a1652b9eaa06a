"""Experiment: a results folder is a valid Process Run Crate, says a validator that is kept off the network, and a broken one is not."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter
from rocrate_validator import services
from rocrate_validator.models import Severity, ValidationSettings
from rocrate_validator.utils.http import HttpRequester
from urllib3.response import HTTPResponse

from abm.experiment.crate import CHECKSUM_TERM, write_crate
from tests.experiment.by_hand import Made, make_folder

# Those terms of RO-Crate 1.1's JSON-LD context that a results folder uses, with its addresses (the context is CC0).
CONTEXT = "https://w3id.org/ro/crate/1.1/context"
TERMS = (
    "CreateAction CreativeWork Dataset Organization Person PropertyValue SoftwareApplication about actionStatus agent contentSize "
    "datePublished description encodingFormat endTime error hasPart identifier instrument license mentions name object result "
    "softwareRequirements softwareVersion startTime url value version"
).split()
OTHER_TERMS = {"File": "http://schema.org/MediaObject", "conformsTo": "http://purl.org/dc/terms/conformsTo"}


class _Shelf(BaseAdapter):
    """Serves the context and refuses all else: what the validator's cache is filled from."""

    def send(self, request: requests.PreparedRequest, **named: Any) -> requests.Response:
        assert request.url == CONTEXT, request.url
        text = json.dumps({"@context": {term: f"http://schema.org/{term}" for term in TERMS} | OTHER_TERMS}).encode()
        response = requests.Response()
        response.status_code, response.url, response.request = 200, CONTEXT, request
        response.headers["Content-Type"] = "application/ld+json"
        response.raw = HTTPResponse(io.BytesIO(text), headers=dict(response.headers), status=200, preload_content=False)
        return response

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_folder(tmp_path_factory.mktemp("crate") / "made")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("http") / "cache"
    requester = HttpRequester.initialize_cache(cache_path=str(path), cache_max_age=-1)
    requester.session.mount("https://", _Shelf())
    assert requester.get(CONTEXT).status_code == 200
    return path


def faults(folder: Path, cache: Path) -> list[str]:
    settings = ValidationSettings(
        rocrate_uri=str(folder),  # type: ignore[arg-type]
        profile_identifier="process-run-crate",
        requirement_severity=Severity.REQUIRED,
        offline=True,
        validate_profile_checks=False,  # that is, of the profile itself
        cache_path=cache,
    )
    return [str(issue.message) for issue in services.validate(settings).get_issues(Severity.REQUIRED)]


def metadata(folder: Path) -> dict[str, dict[str, Any]]:
    text = (folder / "ro-crate-metadata.json").read_text("utf-8")
    return {entity["@id"]: entity for entity in json.loads(text)["@graph"]}


def broken(folder: Path, to: Path, entity: str, name: str) -> Path:
    """A copy of the folder whose crate lacks one property."""
    shutil.copytree(folder, to)
    text = json.loads((folder / "ro-crate-metadata.json").read_text("utf-8"))
    next(each for each in text["@graph"] if each["@id"] == entity).pop(name)
    (to / "ro-crate-metadata.json").write_text(json.dumps(text), "utf-8")
    return to


def test_the_folder_is_a_valid_process_run_crate(folder: Path, cache: Path) -> None:
    assert faults(folder, cache) == []


def test_a_broken_crate_is_refused(folder: Path, cache: Path, tmp_path: Path) -> None:
    found = faults(broken(folder, tmp_path / "broken", "#run", "instrument"), cache)
    assert len(found) == 1 and "MUST have an instrument" in found[0]


def test_a_crate_whose_file_is_gone_is_refused_and_can_be_written_anew(folder: Path, cache: Path, tmp_path: Path) -> None:
    smaller = tmp_path / "smaller"
    shutil.copytree(folder, smaller)
    (smaller / "acts.parquet").unlink()
    found = faults(smaller, cache)
    assert len(found) == 1 and "acts.parquet" in found[0]
    write_crate(smaller, json.loads((smaller / "manifest.json").read_text("utf-8")))
    assert "acts.parquet" not in metadata(smaller)


def test_every_term_is_defined(folder: Path) -> None:
    known = {*TERMS, *OTHER_TERMS, *CHECKSUM_TERM, "@id", "@type"}
    for entity in metadata(folder).values():
        assert set(entity) <= known and entity["@type"] in known


def test_every_file_is_told_with_its_checksum_and_size(folder: Path) -> None:
    told = metadata(folder)
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {"ro-crate-metadata.json"}
    assert {name for name, entity in told.items() if entity["@type"] == "File"} == names
    for name in names:
        content = (folder / name).read_bytes()
        assert told[name]["sha256"] == hashlib.sha256(content).hexdigest()
        assert told[name]["contentSize"] == str(len(content))
        assert told[name]["description"] not in ("", "A file of the results") and "/" in told[name]["encodingFormat"]


def test_the_run_names_its_program_its_input_its_results_and_nobody(folder: Path) -> None:
    run, told = metadata(folder)["#run"], metadata(folder)
    assert told[run["instrument"]["@id"]]["softwareVersion"] == "0.1.0"
    assert told["#commit"]["value"].startswith("15a5e499")
    assert run["object"] == {"@id": "config.yaml"}
    assert {"@id": "outcomes.parquet"} in run["result"] and {"@id": "config.yaml"} not in run["result"]
    assert run["startTime"] == "2026-11-22T08:12:43+00:00" and run["endTime"] == "2026-11-22T08:12:48+00:00"
    assert run["actionStatus"] == "http://schema.org/CompletedActionStatus"
    assert "agent" not in run and not [entity for entity in told.values() if entity["@type"] in ("Person", "Organization")]


def test_a_failed_sweep_with_own_tables_and_a_named_agent_is_valid_too(tmp_path: Path, cache: Path) -> None:
    agent = {"name": "A. Person", "id": "https://orcid.org/0000-0000-0000-0000"}
    made = make_folder(tmp_path / "made", Made(replicates=1, points=(0.3,), facts={"agent": agent}))
    (made / "tables").mkdir()
    (made / "tables" / "icbs.csv").write_text("code\n", "utf-8")
    (made / "errors").mkdir()
    (made / "errors" / "baseline-0-0.txt").write_text("Traceback\n", "utf-8")
    facts = json.loads((made / "manifest.json").read_text("utf-8"))
    facts["files"] |= {"tables/icbs.csv": "00" * 32, "errors/baseline-0-0.txt": "11" * 32}
    write_crate(made, facts | {"failed": 2})
    told = metadata(made)
    run = told["#run"]
    assert run["actionStatus"] == "http://schema.org/FailedActionStatus" and run["error"].startswith("all 2 runs failed")
    assert told["#run"]["object"] == [{"@id": "config.yaml"}, {"@id": "tables/icbs.csv"}]
    assert told["#run"]["agent"] == {"@id": agent["id"]} and told[agent["id"]]["@type"] == "Person"
    assert faults(made, cache) == []


def test_writing_the_crate_touches_no_other_file_and_gives_the_same_bytes_again(folder: Path) -> None:
    def state() -> dict[Path, tuple[bytes, int]]:
        return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}

    crate, before = folder / "ro-crate-metadata.json", state()
    write_crate(folder, json.loads((folder / "manifest.json").read_text("utf-8")))
    after = state()
    assert before.pop(crate)[0] == after.pop(crate)[0] and before == after
