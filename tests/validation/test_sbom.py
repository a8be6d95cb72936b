"""The bill of materials: every library with version and licence, the tables and their sources."""

import re
from importlib.metadata import requires, version

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.validation.sbom import NOT_STATED, bill, bill_text

SILENT = {"conda-inject", "fhirpathpy", "hgvs-weaver"}
"""Libraries whose metadata name no licence; docs/security.md says so."""


@pytest.fixture(scope="module")
def made(reference: Reference) -> dict:
    return bill(reference)


def test_every_library_that_is_needed_has_its_version(made) -> None:
    libraries = [c for c in made["components"] if c["type"] == "library"]
    listed = {c["name"].lower().replace("_", "-"): c["version"] for c in libraries}
    needed = [
        re.split("[^A-Za-z0-9._-]", r)[0] for r in requires("epilepsy-pgx") if "extra" not in r
    ]
    assert len(needed) > 5
    for name in needed:
        assert listed[name.lower()] == version(name)


def test_every_library_has_a_licence_or_says_that_none_is_stated(made) -> None:
    libraries = [c for c in made["components"] if c["type"] == "library"]
    assert len(libraries) > 20
    silent = {c["name"] for c in libraries if c["licenses"][0]["license"]["name"] == NOT_STATED}
    assert {n for n in silent if not n.startswith("snakemake-interface-")} <= SILENT


def test_the_tables_and_all_their_sources_are_parts(made, reference: Reference) -> None:
    data = {c["bom-ref"]: c for c in made["components"] if c["type"] == "data"}
    assert data["tables"]["version"] == reference.version
    assert data["tables"]["licenses"]
    assert len(data) > 8


def test_what_depends_on_what_are_parts_that_are_listed(made) -> None:
    known = {c["bom-ref"] for c in made["components"]} | {made["metadata"]["component"]["bom-ref"]}
    refs = [d["ref"] for d in made["dependencies"]]
    assert len(refs) == len(set(refs))
    for entry in made["dependencies"]:
        assert {entry["ref"], *entry["dependsOn"]} <= known


def test_the_same_installation_gives_the_same_text(reference: Reference) -> None:
    assert bill_text(reference) == bill_text(reference)
    assert not re.search(
        r"serialNumber|timestamp|https?://[^\"]*(pypi|pythonhosted)", bill_text(reference)
    )
