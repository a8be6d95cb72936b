"""The parts of an installation as a bill of materials in CycloneDX, with their licences.

`python -m epilepsy_pgx.validation.sbom` prints it. It holds no time and no random number: the same
installation gives the same text.
"""

import json
import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Any

from epilepsy_pgx.reference.describe import read_meta
from epilepsy_pgx.reference.package import Reference, load_reference

PROGRAM = "epilepsy-pgx"
NOT_STATED = "not stated in its metadata"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LONGEST = 80
"""A field that holds the whole text of a licence is none that names it."""


def bill(ref: Reference) -> dict[str, Any]:
    """Return the bill of this installation: the program, its libraries, sources of the tables."""
    parts, links = _libraries()
    meta = read_meta(ref.path)
    tables = {
        "type": "data",
        "bom-ref": "tables",
        "name": meta["name"],
        "version": ref.version,
        "hashes": [{"alg": "SHA-256", "content": ref.digest.removeprefix("sha256:")}],
        "licenses": [{"license": {"id": licence["name"]}} for licence in meta["licenses"]],
    }
    sources = [
        {
            "type": "data",
            "bom-ref": f"source:{number}",
            "name": source["title"],
            "externalReferences": [{"type": "website", "url": source["path"]}],
        }
        for number, source in enumerate(meta["sources"], 1)
    ]
    own = _component(distribution(PROGRAM), "application")
    links[own["bom-ref"]] = sorted({*links[own["bom-ref"]], "tables"})
    links["tables"] = [source["bom-ref"] for source in sources]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": own},
        "components": [*parts, tables, *sources],
        "dependencies": [{"ref": name, "dependsOn": on} for name, on in sorted(links.items())],
    }


def _libraries() -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
    """Return the libraries that are needed, however deep, and which needs which."""
    parts: dict[str, dict[str, Any]] = {}
    links: dict[str, list[str]] = {}
    waiting = [PROGRAM]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        found = _installed(name)
        if found is None or _plain(name) in seen:
            continue
        seen.add(_plain(name))
        needs = _needs(found, extras=name == PROGRAM)
        links[_ref(found)] = sorted(_ref(n) for n in map(_installed, needs) if n is not None)
        waiting += needs
        if name != PROGRAM:
            parts[_ref(found)] = _component(found, "library")
    return [parts[key] for key in sorted(parts)], links


def _needs(part: Distribution, *, extras: bool) -> list[str]:
    """Return the names that a distribution needs, with those of its extras if they are wanted."""
    found = []
    for text in part.requires or ():
        needed, _, marker = text.partition(";")
        match = _NAME.match(needed)
        if match and (extras or "extra" not in marker) and _plain(match[0]) != PROGRAM:
            found.append(match[0])
    return found


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _ref(part: Distribution) -> str:
    return f"pkg:pypi/{_plain(part.metadata['Name'])}@{part.version}"


def _component(part: Distribution, kind: str) -> dict[str, Any]:
    return {
        "type": kind,
        "bom-ref": _ref(part),
        "name": part.metadata["Name"],
        "version": part.version,
        "purl": _ref(part),
        "licenses": [{"license": {"name": licence_of(part)}}],
    }


def licence_of(part: Distribution) -> str:
    """Return the licence that a distribution states."""
    for field in ("License-Expression", "License"):
        stated = " ".join(part.metadata[field].split()) if field in part.metadata else ""
        if stated and len(stated) <= _LONGEST and stated.upper() != "UNKNOWN":
            return stated
    named = part.metadata.get_all("Classifier") or []
    found = [c.rpartition(" :: ")[2] for c in named if c.startswith("License :: ")]
    return "; ".join(found) or NOT_STATED


def bill_text(ref: Reference) -> str:
    """Return the bill as text."""
    return json.dumps(bill(ref), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(bill_text(load_reference()))
