"""Checks of transcripts and of what is said about residues of proteins."""

from collections import defaultdict

from epilepsy_pgx.protein import ProteinChange
from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.genome import THREE, translate
from epilepsy_pgx.reference.rows import (
    AlignedProtein,
    CuratedTranscript,
    FunctionalEffect,
    ProteinFeature,
)

ONE = {three: one for one, three in THREE.items()}


NOT_COVERED = "not covered"
"""Words in a transcript's source that declare that its build breaks it; the gene is then named as
not assessed in that build, whatever sequence is there."""


def coding_lengths(row: CuratedTranscript) -> list[int]:
    """Return the coding bases of each exon of a transcript row, in genome order."""
    low, high = row.cds_start, row.cds_end
    exons = zip(row.exon_starts, row.exon_ends, strict=False)
    return [max(0, min(end, high) - max(start, low)) for start, end in exons]


@check(
    "exons-sound",
    "Exons are in order, hold the coding part, keep the frame, and are as long in both builds.",
    needs=("transcripts",),
)
def check_exons(package: Package) -> Found:
    """Look at the arithmetic of each transcript, then compare its builds."""
    lengths: dict[str, dict[str, tuple[CuratedTranscript, list[int]]]] = defaultdict(dict)
    for row in package.rows(CuratedTranscript):
        if NOT_COVERED in row.source:
            continue
        starts, ends = row.exon_starts, row.exon_ends
        bounds = [b for pair in zip(starts, ends, strict=False) for b in pair]
        fault = None
        if len(starts) != len(ends):
            fault = f"{len(starts)} starts and {len(ends)} ends"
        elif any(a >= b for a, b in zip(bounds, bounds[1:], strict=False)):
            fault = "exons that overlap or run backwards"
        elif sum(coding_lengths(row)) % 3:
            fault = f"{sum(coding_lengths(row))} coding bases"
        elif not any(s <= row.cds_start < e for s, e in zip(starts, ends, strict=True)):
            fault = "a coding start outside the exons"
        if fault:
            yield package.problem(
                "exons-sound",
                "transcripts",
                row,
                "exon_starts",
                fault,
                "exons in genome order with whole codons",
                "Take the exons from the source again.",
            )
        else:
            lengths[row.gene][row.build] = (row, coding_lengths(row))
    for gene, builds in lengths.items():
        if len(builds) == 2:
            (row, old), (_, new) = builds["GRCh37"], builds["GRCh38"]
            if [n for n in old if n] != [n for n in new if n]:
                yield package.problem(
                    "exons-sound",
                    "transcripts",
                    row,
                    "exon_starts",
                    f"other coding exons of {gene} than in GRCh38",
                    "coding exons of the same lengths in both builds",
                    "Check the lifted exons.",
                )


def known_proteins(package: Package) -> dict[str, str]:
    """Return the protein of each gene whose coding sequence or alignment is there."""
    found = {r.gene: r.aligned.replace("-", "") for r in package.rows(AlignedProtein)}
    genome = package.genome("GRCh38")
    for gene in genome.transcripts:
        coding = genome.coding_sequence(gene)
        if coding is not None:
            found[gene] = translate(coding).rstrip("*")
    return found


def _length_by_exons(package: Package) -> dict[str, int]:
    return {
        r.gene: sum(coding_lengths(r)) // 3 - 1
        for r in package.rows(CuratedTranscript)
        if r.build == "GRCh38"
    }


@check("protein-residues", "Residues named in the tables are those of the protein.")
def check_residues(package: Package) -> Found:
    """Compare protein changes and features with the sequence, or at least with its length."""
    proteins, lengths = known_proteins(package), _length_by_exons(package)
    lengths |= {gene: len(protein) for gene, protein in proteins.items()}
    for row in package.rows(FunctionalEffect):
        edit = ProteinChange.read(row.protein_change or "").edits[0]
        protein = proteins.get(row.gene)
        number = edit.first
        if number is None:
            continue
        if row.residue != number:
            yield package.problem(
                "protein-residues",
                "functional_evidence",
                row,
                "residue",
                row.residue,
                str(number),
                "Correct one of the columns.",
            )
        elif protein is not None and protein[number - 1 : number] != ONE.get(edit.before):
            there = THREE.get(protein[number - 1 : number], "the end")
            yield package.problem(
                "protein-residues",
                "functional_evidence",
                row,
                "protein_change",
                row.protein_change,
                f"{there} at residue {number} of {row.gene}",
                "Check the numbering of the isoform.",
            )
    for feature in package.rows(ProteinFeature):
        length = lengths.get(feature.gene)
        first, last = feature.start, feature.end
        if first > last or (length is not None and last > length):
            yield package.problem(
                "protein-residues",
                "protein_features",
                feature,
                "end",
                f"{first} to {last}",
                f"residues of {feature.gene}, which has {length or 'more'}",
                "Correct the bounds.",
            )


@check(
    "alignment-sound",
    "Aligned proteins are equally long, and the same as elsewhere.",
    needs=("paralogue_alignment",),
)
def check_alignment(package: Package) -> Found:
    """Compare aligned rows with each other, with their lengths and with coding sequences."""
    rows = package.rows(AlignedProtein)
    widths = {len(r.aligned) for r in rows}
    genome = package.genome("GRCh38")
    for row in rows:
        plain = row.aligned.replace("-", "")
        if len(widths) > 1:
            yield package.problem(
                "alignment-sound",
                "paralogue_alignment",
                row,
                "aligned",
                f"{len(row.aligned)} columns",
                "as many columns in each row",
                "Align the row again.",
            )
        if len(plain) != row.residues:
            yield package.problem(
                "alignment-sound",
                "paralogue_alignment",
                row,
                "residues",
                row.residues,
                str(len(plain)),
                "Correct the length.",
            )
        coding = genome.coding_sequence(row.gene)
        if coding is not None and translate(coding).rstrip("*") != plain:
            yield package.problem(
                "alignment-sound",
                "paralogue_alignment",
                row,
                "aligned",
                "another protein than the coding sequence gives",
                "the protein of the installed sequence",
                "Take the sequence of the MANE transcript.",
            )
