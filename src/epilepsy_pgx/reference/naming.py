"""HGVS names: of curated variants for the checks of the tables, c. names of all others too.

Rules of the HGVS recommendations 21.0 (https://hgvs-nomenclature.org): the most 3-prime
position of the transcript, duplication before insertion, deletion before deletion-insertion.
"""

from collections.abc import Callable

from epilepsy_pgx.reference.genome import (
    CodingTranscript,
    Genome,
    protein_change,
    reverse_complement,
)
from epilepsy_pgx.trimming import trim

LONGEST_SHIFT = 10_000
"""Bases over which a change is moved at most."""

BasesAt = Callable[[int, int], str | None]
Shifted = tuple[int, str]
"""(position, bases) after the move."""


def _shift(bases_at: BasesAt, pos: int, bases: str, step: int, deleted: bool) -> Shifted | None:
    """Roll a deletion or insertion as far as it goes; None if bases are not installed."""
    size = len(bases) if deleted else 0
    for _ in range(LONGEST_SHIFT):
        beside = pos + size if step > 0 else pos - 1
        base = bases_at(beside - 1, beside)
        if base is None or base == "N":
            return None
        if base != (bases[0] if step > 0 else bases[-1]):
            return pos, bases
        bases = bases[1:] + bases[0] if step > 0 else bases[-1] + bases[:-1]
        pos += step
    return None


def _repeats(bases_at: BasesAt, low: int, bases: str, step: int) -> bool | None:
    """Say whether the bases from `low` on are these; None if those that are installed agree."""
    order = range(len(bases) - 1, -1, -1) if step > 0 else range(len(bases))
    for i in order:
        base = bases_at(low - 1 + i, low + i)
        if base is None or base == "N":
            return None
        if base != bases[i]:
            return False
    return True


def _range(transcript: CodingTranscript, first: int, last: int) -> str:
    """Name an interval of 1-based genome positions in transcript order."""
    if transcript.strand == "-":
        first, last = last, first
    start, end = transcript.coding_name(first), transcript.coding_name(last)
    return start if start == end else f"{start}_{end}"


def name_change(
    transcript: CodingTranscript, bases_at: BasesAt, pos: int, ref: str, alt: str
) -> str | None:
    """Return the HGVS c. of a variant without its accession, or None if it takes other bases.

    The one normaliser of c. names. Most 3-prime means on the genome, read in the direction of
    the transcript: a change moves from an exon into the intron behind it and from an intron into
    the exon behind it, never from one exon into the next.

    Parameters
    ----------
    bases_at
        Forward bases of a 0-based, half-open interval of the transcript's chromosome; None where
        they are not installed.
    pos, ref, alt
        The variant on the forward strand; `pos` is 1-based.
    """

    def spell(bases: str) -> str:
        return bases if transcript.strand == "+" else reverse_complement(bases)

    if ref == alt:
        return f"c.{_range(transcript, pos, pos + len(ref) - 1)}="
    pos, ref, alt = trim(pos, ref, alt)
    if len(ref) == len(alt) == 1:
        return f"c.{transcript.coding_name(pos)}{spell(ref)}>{spell(alt)}"
    if ref and alt:
        kind = "inv" if alt == reverse_complement(ref) else f"delins{spell(alt)}"
        return f"c.{_range(transcript, pos, pos + len(ref) - 1)}{kind}"
    step = 1 if transcript.strand == "+" else -1
    shifted = _shift(bases_at, pos, ref or alt, step, bool(ref))
    if shifted is None:
        return None
    pos, bases = shifted
    size = len(bases)
    if ref:
        return f"c.{_range(transcript, pos, pos + size - 1)}del"
    low = pos - size if step > 0 else pos
    doubled = _repeats(bases_at, low, bases, step)
    if doubled is None:
        return None
    if doubled:
        return f"c.{_range(transcript, low, low + size - 1)}dup"
    return f"c.{_range(transcript, pos - 1, pos)}ins{spell(bases)}"


def coding_change(
    genome: Genome, gene: str, chrom: str, pos: int, ref: str, alt: str
) -> str | None:
    """Return the HGVS c. of a variant, or None if what it takes is not installed.

    A substitution needs the transcript; anything else needs the bases around it as well.
    """
    transcript = genome.transcripts.get(gene)
    if transcript is None or transcript.chrom != chrom:
        return None

    def bases_at(start0: int, end0: int) -> str | None:
        return genome.bases(chrom, start0, end0)

    return name_change(transcript, bases_at, pos, ref, alt)


def protein_name(genome: Genome, gene: str, chrom: str, pos: int, ref: str, alt: str) -> str | None:
    """Return the HGVS p. of a coding substitution, or None if it is none or not installed."""
    transcript = genome.transcripts.get(gene)
    coding = genome.coding_sequence(gene)
    pos, ref, alt = trim(pos, ref, alt)
    if transcript is None or coding is None or transcript.chrom != chrom:
        return None
    if len(ref) != 1 or len(alt) != 1:
        return None
    number = transcript.coding_name(pos)
    if not number.isdigit():
        return None
    base = alt if transcript.strand == "+" else reverse_complement(alt)
    return protein_change(coding, int(number), base)


def same_protein_name(found: str, computed: str) -> bool:
    """Compare two p. names, ignoring brackets of prediction and `Ter` against `*`."""

    def plain(name: str) -> str:
        name = name.replace("(", "").replace(")", "").replace("*", "Ter")
        return name.partition("ext")[0]

    return plain(found) == plain(computed)


def genomic_change(accession: str, pos: int, ref: str, alt: str, after: str = "") -> str | None:
    """Return the HGVS g. of a variant, or None if the bases after it do not decide.

    Parameters
    ----------
    accession
        Accession of the chromosome.
    pos, ref, alt
        The variant, left-aligned; `pos` is 1-based.
    after
        Bases that follow REF.
    """
    whole = ref + after
    first = pos
    pos, ref, alt = trim(pos, ref, alt)
    if len(ref) == len(alt) == 1:
        return f"{accession}:g.{pos}{ref}>{alt}"
    if bool(ref) == bool(alt):
        return None
    bases, at = ref or alt, pos - first
    ahead = at + len(ref)
    while ahead < len(whole) and whole[ahead] == bases[0]:
        bases = bases[1:] + bases[0]
        at, ahead = at + 1, ahead + 1
    if ahead >= len(whole):
        return None
    start, size = first + at, len(bases)
    if ref:
        name = f"{start}del" if size == 1 else f"{start}_{start + size - 1}del"
    elif at >= size and whole[at - size : at] == bases:
        name = f"{start - 1}dup" if size == 1 else f"{start - size}_{start - 1}dup"
    else:
        name = f"{start - 1}_{start}ins{bases}"
    return f"{accession}:g.{name}"
