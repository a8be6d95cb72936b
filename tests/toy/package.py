"""The toy package: its tables, whole or in part, written as a package of reference tables.

Each file in `tables` has the columns that some test has a view on; the rest of the real schema is
filled in. What follows the code, such as one row for each state of a report, is made here.
"""

import json
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from epilepsy_pgx.reference.describe import write_descriptor
from epilepsy_pgx.reference.limits import LIMITS
from epilepsy_pgx.reference.package import Reference, default_reference_dir, load_reference
from epilepsy_pgx.vocabulary import ReportState
from tests.toy.genome import SHIFT, write_bases

TABLES = Path(__file__).resolve().parent / "tables"
SCHEMAS = default_reference_dir() / "schemas"

Row = dict[str, str]
Tables = dict[str, list[Row]]

SHORT, LONG = ("TOY2", "TOY9", "TOYR"), ("FWD", "LOST", "REV")
"""Genes that can be written by hand, and those that are drawn by chance."""

LIMIT_VALUES = {
    **dict.fromkeys(LIMITS, "1"),
    "callable-silent-bases": "10000",
    "mixture-minimum-depth": "15",
    "sex-depth-one-high": "0.6",
    "sex-depth-one-low": "0.2",
    "sex-depth-two-low": "0.8",
}


def site(name: str, pos: int, ref: str, **more: str) -> Row:
    """Return a row of the sites table on chromosome 1."""
    row = {
        "site": name,
        "gene": "TOY1",
        "use": "allele",
        "rsid": name,
        "chrom": "1",
        "grch38_pos": str(pos),
        "grch38_ref": ref,
        "grch37_pos": str(pos + SHIFT),
        "grch37_ref": ref,
        "default_allele": ref,
        "kind": "snv" if len(ref) == 1 else "indel",
        "grch37_verified": "yes",
    }
    return row | more


@cache
def _read(path: Path) -> tuple[tuple[str, ...], ...]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(tuple(line.split("\t")) for line in lines)


def toy_tables() -> Tables:
    """Return the tables of the package, as rows by column name, to be changed at will."""
    tables = {}
    for path in sorted(TABLES.glob("*.tsv")):
        names, *rows = _read(path)
        cells = [dict(zip(names, row, strict=True)) for row in rows]
        tables[path.stem] = [{k: v for k, v in row.items() if v != "."} for row in cells]
    tables["report_states"] = [
        {
            "state": state,
            "fhir_status": "preliminary",
            "obr25": "P",
            "obx11": "P",
            "citations": "PMID:1",
            "verified": "yes",
        }
        for state in ReportState
    ]
    tables["quality_limits"] = [
        {"name": name, "value": value, "unit": "x", "verified": "no"}
        for name, value in sorted(LIMIT_VALUES.items())
    ]
    return tables


def without(tables: Tables, *genes: str) -> Tables:
    """Return the tables without some genes, their sites, and the chromosomes of no other gene."""
    left = {
        name: [row for row in rows if row.get("gene") not in genes] for name, rows in tables.items()
    }
    sites = {row["site"] for row in left["sites"]}
    left["site_alleles"] = [row for row in left["site_alleles"] if row["site"] in sites]
    features = {f"feature-{row['feature']}" for row in left["protein_features"]}
    left["texts"] = [
        row
        for row in left["texts"]
        if not row["id"].startswith("feature-") or row["id"] in features
    ]
    placed = ("genes", "sites", "transcripts")
    chroms = {row["chrom"] for name in placed for row in left[name] if "chrom" in row}
    for name in ("contigs", "contig_names", "contig_lengths", "quality_regions"):
        left[name] = [row for row in left[name] if row.get("chrom", "") in {"", *chroms}]
    return left


def short_tables() -> Tables:
    """Return the tables of TOY2 and TOYR alone: a test can write out their whole chromosomes."""
    return without(toy_tables(), "TOY1", *LONG)


def _filled(schema: Mapping[str, Any], row: Row) -> list[str]:
    """Return the cells of a row; required columns that a test has no view on get some value."""
    cells = []
    for field in schema["fields"]:
        name, constraints = field["name"], field.get("constraints", {})
        value = row.get(name)
        if value is None:
            value = "."
            if constraints.get("required"):
                default = {"boolean": "yes", "integer": "1", "number": "1"}.get(field["type"])
                value = default or (constraints.get("enum") or ["invented"])[0]
        cells.append(value)
    return cells


def write_package(
    folder: Path,
    tables: Tables | None = None,
    *,
    in_order: bool = True,
    describe: bool = True,
    bases: Mapping[str, str] | None = None,
    version: str = "2026.11.0",
) -> Path:
    """Write a package and return its folder.

    Parameters
    ----------
    folder
        Where to write; made if need be.
    tables
        Rows by table; those of `toy_tables` if not given.
    in_order
        False keeps the rows as they come.
    describe
        False leaves out the descriptor.
    bases
        Other bases of the slice of a build, by build, for chromosome 1.
    version
        Version of the package.
    """
    rows_of = dict(tables if tables is not None else toy_tables())
    (folder / "schemas").mkdir(parents=True, exist_ok=True)
    for name, rows in rows_of.items():
        shutil.copy(SCHEMAS / f"{name}.json", folder / "schemas" / f"{name}.json")
        schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
        names = [f["name"] for f in schema["fields"]]
        cells = [_filled(schema, r) for r in rows]
        if in_order and name != "CHANGES":
            key = [names.index(c) for c in schema["primaryKey"]]
            cells.sort(key=lambda c: [c[i] for i in key])
        lines = ["\t".join(names), *("\t".join(c) for c in cells)]
        (folder / f"{name}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    write_bases(folder, {row["chrom"] for row in rows_of["contigs"]}, bases or {})
    meta = {"name": "toy", "version": version, "licenses": [], "sources": []}
    (folder / "package.json").write_text(json.dumps(meta) + "\n", encoding="utf-8")
    if describe:
        write_descriptor(folder)
    return folder


def write_toy(folder: Path, *, sequence: bool = True, coding: bool = True) -> Reference:
    """Write what is called in VCF files, TOY1 and the genes on chromosome 2, and load it.

    Parameters
    ----------
    folder
        Where to write; made if need be.
    sequence
        False leaves out all bases.
    coding
        False leaves TOY1 alone, so that nothing is wanted but its chromosome.
    """
    write_package(folder, without(toy_tables(), *SHORT, *(() if coding else LONG)))
    # Which fields of a VCF count as what is no invention.
    shutil.copy(default_reference_dir() / "quality_fields.tsv", folder)
    if not sequence:
        shutil.rmtree(folder / "sequences")
    return load_reference(folder)


def write_table(folder: Path, name: str, columns: str, rows: list[str]) -> None:
    """Write another table of a package; cells of a row are parted by ` ; `."""
    text = "\n".join(["\t".join(columns.split()), *("\t".join(r.split(" ; ")) for r in rows)])
    (folder / f"{name}.tsv").write_text(text + "\n", encoding="utf-8")
