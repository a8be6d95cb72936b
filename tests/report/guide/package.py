"""The parts of the guide and of FHIR's core that our bundles are validated with, in one file.

Both packages are CC0. To make the file again::

    npm pack hl7.fhir.uv.genomics-reporting@3.0.0 hl7.fhir.r4b.core@4.3.0
    python -m tests.report.guide.package *.tgz
"""

import gzip
import json
import sys
import tarfile
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("definitions.json.gz")
KEPT = ("id", "min", "max", "type", "slicing", "contentReference", "sliceName")
Json = dict[str, Any]
RESOURCES = (
    "Bundle DiagnosticReport Observation Patient Specimen ServiceRequest Device Organization"
).split()


def element(found: Json) -> Json:
    """Return what of an element is validated."""
    kept = {k: v for k, v in found.items() if k in KEPT or k.startswith(("fixed", "pattern"))}
    if "binding" in found:
        binding = found["binding"]
        kept["binding"] = [binding["strength"], binding.get("valueSet", "").split("|")[0]]
    kept["constraint"] = [
        [c["key"], c["severity"], c["expression"]]
        for c in found.get("constraint", ())
        if "expression" in c
    ]
    return {k: v for k, v in kept.items() if v != []}


def needed(found: Json) -> bool:
    """Say whether a definition is one that our bundles touch."""
    url = found["url"]
    if found["resourceType"] in ("ValueSet", "CodeSystem"):
        return (
            "genomics-reporting" in url
            or url.startswith("http://hl7.org/fhir/ValueSet/")
            or (url.startswith("http://hl7.org/fhir/") and found["resourceType"] == "CodeSystem")
        )
    kind = found.get("kind")
    data_type = kind == "complex-type" and found.get("derivation") == "specialization"
    return "genomics-reporting" in url or data_type or found["id"] in RESOURCES


def codes_of(found: Json) -> Json:
    """Return the codes of a value set or code system."""

    def listed(concepts: list[Json]) -> list[str]:
        return [c for x in concepts for c in (x["code"], *listed(x.get("concept", [])))]

    if found["resourceType"] == "CodeSystem":
        complete = found.get("content") == "complete"
        return {"codes": listed(found.get("concept", [])) if complete else None}
    compose = found.get("compose", {})
    return {
        "include": [
            [
                i.get("system"),
                listed(i["concept"]) if "concept" in i else None,
                i.get("valueSet", []),
                bool(i.get("filter")),
            ]
            for i in compose.get("include", ())
        ],
        "exclude": bool(compose.get("exclude")),
    }


def main(packages: list[str]) -> None:
    """Write the file."""
    made: dict[str, Json] = {"StructureDefinition": {}, "ValueSet": {}, "CodeSystem": {}}
    for name in packages:
        with tarfile.open(name) as archive:
            for member in archive:
                kind = Path(member.name).name.split("-")[0]
                handle = archive.extractfile(member) if kind in made else None
                plain = member.name.startswith("package/") and member.name.count("/") == 1
                if handle is None or not plain or not member.name.endswith(".json"):
                    continue
                found = json.load(handle)
                if found.get("resourceType") != kind or not needed(found):
                    continue
                made[kind][found["url"]] = (
                    {
                        "type": found["type"],
                        "base": found.get("baseDefinition", ""),
                        "element": [element(e) for e in found["snapshot"]["element"]],
                    }
                    if kind == "StructureDefinition"
                    else codes_of(found)
                )
    asked = _bound(made["StructureDefinition"])
    made["ValueSet"] = {u: v for u, v in made["ValueSet"].items() if u in asked}
    systems = {i[0] for v in made["ValueSet"].values() for i in v["include"]}
    made["CodeSystem"] = {u: v for u, v in made["CodeSystem"].items() if u in systems}
    text = json.dumps(made, sort_keys=True, separators=(",", ":")).encode()
    FILE.write_bytes(gzip.compress(text, 9, mtime=0))


def _bound(definitions: Json) -> set[str]:
    return {e["binding"][1] for d in definitions.values() for e in d["element"] if "binding" in e}


if __name__ == "__main__":
    main(sys.argv[1:])
