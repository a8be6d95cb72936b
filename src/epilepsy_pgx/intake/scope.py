"""Cells of the sample sheet on the file of a patient, and on what was ordered."""

import re
from collections.abc import Callable, Mapping

from epilepsy_pgx.intake.table import nearest, not_listed
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Gene
from epilepsy_pgx.vocabulary import GenomeBuild

_SHA256 = re.compile(r"(?:sha256:)?([0-9a-fA-F]{64})")


def check_scope(
    cells: Mapping[str, str | None], ref: Reference, report: Callable[..., None]
) -> None:
    """Report genes that the tables do not have, and digests that are none."""
    if cells.get("genes_off") is None and cells.get("vcf_sha256") is None:
        return
    known = {row.gene for row in ref.rows(Gene)}
    for gene in split_list(cells.get("genes_off")):
        if gene not in known:
            near = nearest(gene, sorted(known))
            report(
                "genes_off",
                "sheet-gene",
                "a gene that the tables do not have",
                "genes of the tables, joined by |",
                f"Did you mean '{near}'?" if near else "Correct the cell.",
            )
    digests = split_list(cells.get("vcf_sha256"))
    files = split_list(cells.get("vcf"))
    wrong = [d for d in digests if not _SHA256.fullmatch(d)]
    if wrong or (digests and len(digests) != len(files)):
        report(
            "vcf_sha256",
            "sheet-digest",
            "what is no SHA-256" if wrong else f"{len(digests)} digests of {len(files)} files",
            "the SHA-256 of each VCF in 64 hexadecimal digits, joined by |",
            "Take it from the manifest.",
        )


def split_list(cell: str | None) -> tuple[str, ...]:
    """Return the items of a cell, which are joined by bars."""
    return tuple(word for item in (cell or "").split("|") if (word := item.strip()))


def read_digests(cell: str | None) -> tuple[str, ...]:
    """Return the digests of a cell as `sha256:…`."""
    found = (_SHA256.fullmatch(d) for d in split_list(cell))
    return tuple(f"sha256:{m[1].lower()}" for m in found if m is not None)


def read_build(
    word: str | None, default: GenomeBuild | None, report: Callable[..., None]
) -> GenomeBuild | None:
    """Return the build of a row; what is wrong with its word is reported."""
    if word is None:
        if default is None:
            report(
                "build",
                "sheet-build",
                "nothing",
                "GRCh37 or GRCh38",
                "State the build here or as genome_build in the configuration.",
            )
        return default
    try:
        return GenomeBuild(word)
    except ValueError:
        found, fix = not_listed(word, tuple(GenomeBuild))
        report("build", "sheet-build", found, "GRCh37 or GRCh38", fix)
        return None
