"""A results folder as an RO-Crate: `ro-crate-metadata.json` says in a standard way what the files are and what run made them.

The profile is Process Run Crate 0.5 (https://w3id.org/ro/wfrun/process/0.5), on RO-Crate 1.1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rocrate.model.contextentity import ContextEntity  # type: ignore[import-untyped]
from rocrate.rocrate import ROCrate  # type: ignore[import-untyped]

from abm.experiment.dictionary import ROWS
from abm.experiment.store import checksum, write_file

NAME = "ro-crate-metadata.json"
MANIFEST = "manifest.json"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
STATUS = "http://schema.org/{}ActionStatus"
CHECKSUM_TERM = {"sha256": "http://schema.org/sha256"}  # not among the terms of RO-Crate 1.1
FORMATS = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".yaml": "application/yaml",
}
TOLD = {
    "config.yaml": "The experiment with everything it names written out: abm run config.yaml runs it again",
    MANIFEST: "What was run, when, where and by which versions, where each setting came from, and checksums",
}
CODE_LICENCE = "https://spdx.org/licenses/{}"
DATA_LICENCE = "Results on England's own structure contain public sector information licensed under the Open Government Licence v3.0."


def write_crate(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write the metadata file for the files that `facts` (the manifest) names and `folder` has; no other file is touched.

    The manifest and its files have their last content by now. The same manifest and files give the same text.
    """
    text = json.dumps(crate(folder, facts), indent=1, ensure_ascii=False, sort_keys=True)
    write_file(folder / NAME, text + "\n")


def crate(folder: Path, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata as plain JSON-LD."""
    made = ROCrate(version="1.1")
    made.metadata.extra_terms.update(CHECKSUM_TERM)
    sums = {name: digest for name, digest in facts["files"].items() if (folder / name).is_file()}
    sums[MANIFEST] = checksum(folder / MANIFEST)
    files = {name: _file(made, folder, name, digest) for name, digest in sorted(sums.items())}
    _describe(made, facts)
    inputs = [file for name, file in files.items() if _is_input(name)]
    results = [file for name, file in files.items() if not _is_input(name)]
    action = _action(made, facts, inputs, results)
    made.root_dataset["mentions"] = action
    return _unpacked(made.metadata.generate())


def _is_input(name: str) -> bool:
    return name == "config.yaml" or name.startswith("tables/")


def _file(made: ROCrate, folder: Path, name: str, digest: str) -> Any:
    path = Path(name)
    told = {
        "name": name,
        "description": _told(path),
        "encodingFormat": FORMATS.get(path.suffix, "application/octet-stream"),
        "contentSize": str((folder / name).stat().st_size),
        "sha256": digest,
    }
    return made.add_file(dest_path=name, properties=told)


def _told(path: Path) -> str:
    if path.as_posix() in TOLD:
        return TOLD[path.as_posix()]
    if path.parts[0] == "tables":
        return "A table of England that the runs were made on"
    if path.parts[0] == "errors":
        return "What went wrong in a failed run (scenario-point-replicate)"
    if path.stem in ROWS:
        return ROWS[path.stem]
    return "A figure of the results" if path.suffix in (".png", ".svg") else "A file of the results"


def _describe(made: ROCrate, facts: Mapping[str, Any]) -> None:
    """The root: name, question, date, licence, and the profile that it keeps to."""
    profile = {"@type": "CreativeWork", "name": "Process Run Crate", "version": PROFILE.rsplit("/", 1)[1]}
    root = made.root_dataset
    root["name"] = facts.get("title") or facts["experiment"]
    root["description"] = facts.get("question") or f"Results of the experiment {facts['experiment']}."
    root["datePublished"] = facts.get("finished") or facts["started"]
    root["license"] = _licence(made, facts)
    root["conformsTo"] = made.add(ContextEntity(made, PROFILE, profile))


def _licence(made: ROCrate, facts: Mapping[str, Any]) -> Any:
    """The licence of the model, which its results are given under where nobody says otherwise."""
    spdx = _software(facts).get("license") or ""
    name = spdx or "See the licence of the model that made these results"
    words = {"@type": "CreativeWork", "name": name, "description": f"The licence of the model that made these results. {DATA_LICENCE}"}
    return made.add(ContextEntity(made, CODE_LICENCE.format(spdx) if spdx else "#licence", words))


def _software(facts: Mapping[str, Any]) -> Mapping[str, str]:
    return facts.get("software") or {}


def _tool(made: ROCrate, facts: Mapping[str, Any]) -> Any:
    """The program: this package, in its version and commit, and the packages that it stood on."""
    versions = dict(facts.get("versions") or {})
    version = versions.pop("ics-abm", "") or _software(facts).get("version", "")
    needs = [
        made.add(ContextEntity(made, f"#{name}", {"@type": "SoftwareApplication", "name": name, "softwareVersion": number}))
        for name, number in versions.items()
        if number
    ]
    told: dict[str, Any] = {
        "@type": "SoftwareApplication",
        "name": "abm",
        "description": "An agent-based model of collaboration in England's integrated care systems",
        "softwareVersion": version or "unknown",
        "softwareRequirements": needs,
    }
    url = _software(facts).get("url", "")
    if url:
        told["url"] = url
    code = facts.get("code") or {}
    if code.get("commit"):
        words = {"@type": "PropertyValue", "name": "git commit", "value": code["commit"]}
        if code.get("dirty"):
            words["description"] = "with changes that were not committed"
        told["identifier"] = made.add(ContextEntity(made, "#commit", words))
    return made.add(ContextEntity(made, url or "#abm", told))


def _action(made: ROCrate, facts: Mapping[str, Any], inputs: list[Any], results: list[Any]) -> Any:
    """The run of the program. It counts as failed when no run of the plan gave results."""
    runs, failed = facts["runs"], facts.get("failed", 0)
    command = facts.get("command") or "abm run config.yaml"
    told: dict[str, Any] = {
        "@type": "CreateAction",
        "name": f"Run of the experiment {facts['experiment']}",
        "description": f"{command}: {runs} runs of {facts['quarters']} quarters, {failed} of them failed",
        "instrument": _tool(made, facts),
        "object": inputs,
        "result": results,
        "startTime": facts["started"],
        "endTime": facts.get("finished") or facts["started"],
        "actionStatus": STATUS.format("Failed" if runs and failed == runs else "Completed"),
    }
    if runs and failed == runs:
        told["error"] = f"all {runs} runs failed: runs.csv and errors/ say why"
    agent = facts.get("agent")
    if agent:  # a person or organisation that the manifest names: {"id": an ORCID or web address, "name": ..., "type": Person}
        who = {"@type": agent.get("type", "Person"), "name": agent["name"]}
        told["agent"] = made.add(ContextEntity(made, agent.get("id") or "#agent", who))
    return made.add(ContextEntity(made, "#run", told))


def _unpacked(metadata: dict[str, Any]) -> dict[str, Any]:
    """Lists of one thing as that thing, as RO-Crate asks for; entities in the order of their ids."""
    graph = [
        {name: value[0] if isinstance(value, list) and len(value) == 1 else value for name, value in entity.items()}
        for entity in metadata["@graph"]
    ]
    return {**metadata, "@graph": sorted(graph, key=lambda entity: entity["@id"])}
