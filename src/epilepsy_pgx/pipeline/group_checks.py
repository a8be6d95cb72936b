"""Check that the files of a group are of the stated build, reach the targets and hold classes."""

from collections.abc import Sequence

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.callable import CallableRegions
from epilepsy_pgx.intake.contigs import ContigNames
from epilepsy_pgx.intake.reachable import check_chromosomes, check_declared
from epilepsy_pgx.intake.vcf import BuildEvidence, VcfFile
from epilepsy_pgx.intake.whole import FileKind
from epilepsy_pgx.reference.limits import read_limits
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.variants.decode import SiteReader, Thresholds
from epilepsy_pgx.vocabulary import GenomeBuild

MISMATCH_FRACTION = 0.05
"""Above this part of the covered curated sites with another REF, the build is wrong."""


def class_field_read(files: Sequence[VcfFile], wanted: str) -> bool:
    """Say whether the field of the class is there, or the files hold no class at all."""
    asked = wanted != Thresholds().class_field
    return any(f.reads_class_from(wanted) for f in files) or not (
        asked or any(f.class_fields for f in files)
    )


def missing_frequency_fields(files: Sequence[VcfFile], wanted: Sequence[str]) -> list[str]:
    """Return a line for each named frequency field that no file has, alone or as a part."""
    held = {f for file in files for f in file.info_fields}
    parts = {f.rpartition(":")[2] for f in held}
    shown = "|".join(f.path.name for f in files)
    return [
        f"{shown}: warning: no INFO field '{name}' as --frequency-field names it: no population "
        "frequency was read from it"
        for name in wanted
        if name not in held | parts
    ]


def check_reach(
    files: Sequence[VcfFile],
    spans: Sequence[tuple[str, int, int]],
    regions: CallableRegions | None,
    contigs: ContigNames,
    ref: Reference,
) -> list[str]:
    """Prove that the records over the spans were reachable; return what to say of it."""
    needed = {chrom for chrom, _, _ in spans}
    notes = [note for file in files for note in file.notes]
    notes += check_chromosomes(files, needed, contigs)
    if regions is not None:
        limit = read_limits(ref)["callable-silent-bases"]
        notes += check_declared(files, regions, needed, limit)
    return notes


def check_covered(files: Sequence[VcfFile], sites: SiteReader, build: GenomeBuild) -> list[str]:
    """Use the REF bases of curated sites as the last witness of the build."""
    covered, wrong = len(sites.covered), sites.mismatches
    unproved = all(f.build_evidence is BuildEvidence.NONE for f in files)
    if wrong and wrong > MISMATCH_FRACTION * (covered + wrong):
        raise InputError.one(
            "vcf-build",
            file=str(files[0].path),
            found=f"REF bases that are not those of {build} at {wrong} of {covered + wrong} sites",
            expected=f"the reference bases of {build}, as stated",
            fix="State the build that the file was made with.",
        )
    if unproved and not sites.proved:
        raise InputError.one(
            "vcf-build",
            file=str(files[0].path),
            found="no record at any curated position, and a header that names no build",
            expected=f"proof that the file is {build}",
            fix="Check the build; add contig lengths to the header, or force-call the positions "
            "of 'epilepsy-pgx sites'.",
        )
    imputed = any({"DS", "GP"} & f.formats and "GQ" not in f.formats for f in files)
    reasons = {
        "caveat-ref-mismatch": bool(wrong),
        "caveat-no-curated-site": not covered,
        "caveat-no-checksum": any(f.kind is FileKind.VCF for f in files),
        "caveat-imputed": imputed,
    }
    return [text_id for text_id, holds in reasons.items() if holds]
