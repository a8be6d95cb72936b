"""Checks of the frequencies of variants in populations."""

from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.rows import CuratedTranscript, VariantFrequency

BESIDE_EXON = 8
"""Bases beside a coding exon that are read of every gene."""


@check(
    "frequency-read",
    "A frequency is that of a variant that is read; the highest one names its population.",
    needs=("frequencies", "transcripts"),
)
def check_frequencies(package: Package) -> Found:
    """Compare each place with the coding exons of the gene in both builds."""
    exons = _exons(package)
    for row in package.rows(VariantFrequency):
        for build, column in (("GRCh38", "grch38_pos"), ("GRCh37", "grch37_pos")):
            pos, ref, _ = row.place(build)
            places = exons.get((row.gene, build), ())
            if not any(c == row.chrom and s < pos + len(ref) and pos <= e for c, s, e in places):
                yield package.problem(
                    "frequency-read",
                    row.TABLE,
                    row,
                    column,
                    f"{row.chrom}:{pos}",
                    f"a place in or beside a coding exon of {row.gene} in {build}",
                    "Remove the row: nobody would ask for it.",
                )
        highest = row.max_frequency
        if highest is not None and highest < row.frequency:
            yield package.problem(
                "frequency-read",
                row.TABLE,
                row,
                "max_frequency",
                highest,
                f"at least {row.frequency}, the frequency over all populations",
                "Correct one of the two.",
            )
        if (highest is None) != (row.max_population is None):
            yield package.problem(
                "frequency-read",
                row.TABLE,
                row,
                "max_population",
                row.max_population,
                "a population for the highest frequency, and none without it",
                "Correct one of the columns.",
            )


def _exons(package: Package) -> dict[tuple[str, str], list[tuple[str, int, int]]]:
    """Return what is read of each gene in each build, 0-based and half-open."""
    found: dict[tuple[str, str], list[tuple[str, int, int]]] = {}
    for row in package.rows(CuratedTranscript):
        coding = found.setdefault((row.gene, row.build), [])
        for start, end in zip(row.exon_starts, row.exon_ends, strict=False):
            low, high = max(start, row.cds_start), min(end, row.cds_end)
            if low < high:
                coding.append((row.chrom, low - BESIDE_EXON, high + BESIDE_EXON))
    return found
