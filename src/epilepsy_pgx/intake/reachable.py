"""Prove that the records of the regions were reachable: no record is not yet no variant."""

from collections.abc import Iterable, Sequence

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.intake.callable import CallableRegions
from epilepsy_pgx.intake.contigs import ContigNames, cut_list
from epilepsy_pgx.intake.vcf import VcfFile
from epilepsy_pgx.intake.whole import FileKind
from epilepsy_pgx.vcftext import SHOWN_FAULTS, Cut, find_lines


def check_chromosomes(
    files: Sequence[VcfFile], needed: Iterable[str], names: ContigNames
) -> list[str]:
    """Compare the contigs of the records with the chromosomes that the regions need.

    Returns
    -------
    list
        What to say of contigs that no row knows.

    Raises
    ------
    InputError
        If a chromosome has no record, and there are names that no row knows: it may be there.
    """
    missing = sorted({*needed} - {c for f in files for c, _ in f.contig_names}, key=_order)
    unknown = {
        f.path: [n for n in f.body or () if names.chrom(n) is None and not names.is_other(n)]
        for f in files
    }
    problems, notes = [], []
    for path, listed in unknown.items():
        if listed and missing:
            problems.append(
                Problem(
                    str(path),
                    0,
                    "CHROM",
                    "vcf-contigs",
                    f"no record on chromosome {cut_list(missing)}, and contigs of unknown name: "
                    f"{cut_list(listed)}",
                    "names such as chr10, 10, NC_000010.11 or CM000672.2",
                    "Rename them with 'bcftools annotate --rename-chrs'; take the records out if "
                    "they are of no chromosome.",
                )
            )
        elif listed:
            notes.append(
                f"{path}: records on contigs of unknown name are not read: {cut_list(listed)}"
            )
    if problems:
        raise InputError(problems)
    return notes


def check_declared(
    files: Sequence[VcfFile], regions: CallableRegions, needed: Iterable[str], limit: float
) -> list[str]:
    """Compare the declared regions with the chromosomes that have records.

    Parameters
    ----------
    limit
        Bases of one chromosome without any record from which the declaration is not believed.

    Returns
    -------
    list
        What to say of chromosomes without a record that are believed, or of `all` are not.

    Raises
    ------
    InputError
        If variants were to be expected on a declared chromosome that has no record.
    """
    path = files[0].path
    missing = sorted({*needed} - {c for f in files for c, _ in f.contig_names}, key=_order)
    if regions.everything:
        return (
            [f"{path}: no record on chromosome {cut_list(missing)}, which is not read as reference"]
            if missing
            else []
        )
    problems, notes = [], []
    for chrom in missing:
        bases = regions.size(chrom)
        if bases >= limit:
            problems.append(
                Problem(
                    str(path),
                    0,
                    "CHROM",
                    "callable-no-record",
                    f"no record on chromosome {chrom}, of which {regions.name} declares {bases} "
                    "bases callable",
                    "some variants among so many bases",
                    "Give the whole file, or the regions that it was called in.",
                )
            )
        elif bases:
            notes.append(
                f"{path}: no record on chromosome {chrom}; the {bases} bases that "
                f"{regions.name} declares there are read as reference"
            )
    if problems:
        raise InputError(problems)
    return notes


def describe_faults(file: VcfFile, cut: Cut) -> list[str]:
    """Say of which records some genotypes are not read, by their lines."""
    lines: dict[tuple[str, int], int] = {}
    if (
        file.kind is not FileKind.BCF
        and file.local is None
        and any(not fault.line for fault in cut.faults)
    ):
        lines = find_lines(file.path, [(f.contig, f.pos) for f in cut.faults])
    notes = []
    for fault in cut.faults:
        line = fault.line or lines.get((fault.contig, fault.pos), 0)
        place = f"{file.path}:{line}" if line else str(file.path)
        notes.append(
            f"{place}: {fault.contig}:{fault.pos}: found a genotype in {fault.samples} sample(s) "
            f"with an allele that is none of the {fault.alts} in ALT; that allele counts as not "
            "read [vcf-genotype-allele]"
        )
    if cut.faulty > len(cut.faults):
        notes.append(f"{file.path}: and {cut.faulty - len(cut.faults)} more such records")
    return [*notes, *_describe_unsized(file, cut)]


def _describe_unsized(file: VcfFile, cut: Cut) -> list[str]:
    """Say which segments have no size, and that they are not read."""
    named = [
        (name, pos) for c, pos in cut.unsized for chrom, name in file.contig_names if c == chrom
    ]
    text = file.kind is not FileKind.BCF and file.local is None and named
    lines = find_lines(file.path, named) if text else {}
    notes = []
    for contig, pos in named[:SHOWN_FAULTS]:
        line = lines.get((contig, pos), 0)
        place = f"{file.path}:{line}" if line else str(file.path)
        notes.append(
            f"{place}: {contig}:{pos}: found a segment that is lost, gained or turned, without END "
            "and SVLEN; it is not read, and the genes that it may reach are not fully read "
            "[vcf-segment-size]"
        )
    if len(named) > SHOWN_FAULTS:
        notes.append(f"{file.path}: and {len(named) - SHOWN_FAULTS} more such segments")
    return notes


def _order(chrom: str) -> tuple[int, str]:
    return (int(chrom), "") if chrom.isdigit() else (99, chrom)
