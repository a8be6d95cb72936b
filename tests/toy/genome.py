"""The invented genome: chromosome 2 whole, and the slices of chromosomes 1 and 3 with a gene.

Chromosome 2 has 4,000 bases, with a coding gene on each strand that is drawn by chance. The genes
on 1 and 3 are short enough to be written by hand; what lies around them is not known.
"""

import random
from collections.abc import Mapping
from pathlib import Path

BASES = "ACGT"
STOPS = ("TAA", "TAG", "TGA")
PAIR = {"A": "T", "C": "G", "G": "C", "T": "A"}
CODONS = {
    a + b + c: "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"[i]
    for i, (a, b, c) in enumerate((a, b, c) for a in "TCAG" for b in "TCAG" for c in "TCAG")
}
LENGTH = 4_000
EXONS = ((300, 460), (700, 811), (1100, 1190), (1500, 1700))
"""Of the gene on the forward strand; the other gene is its mirror image, 2,000 bases on."""
CDS = (340, 1641)
AT_AC = 1
"""Number of the intron that begins with AT and ends with AC."""


def flip(bases: str) -> str:
    return "".join(PAIR[b] for b in reversed(bases))


def translate(coding: str) -> str:
    return "".join(CODONS[coding[i : i + 3]] for i in range(0, len(coding) - 2, 3))


def _gene(chance: random.Random) -> str:
    """Return 2,000 bases with the gene on them, forward."""
    bases = [chance.choice(BASES) for _ in range(2_000)]
    for number, (left, right) in enumerate(zip(EXONS, EXONS[1:], strict=False)):
        donor, acceptor = ("AT", "AC") if number == AT_AC else ("GT", "AG")
        bases[left[1] : left[1] + 2] = donor
        bases[right[0] - 2 : right[0]] = acceptor
    places = [p for s, e in EXONS for p in range(max(s, CDS[0]), min(e, CDS[1]))]
    assert len(places) % 3 == 0
    sense = [c for c in CODONS if c not in STOPS]
    coding = "ATG" + "".join(chance.choice(sense) for _ in range(len(places) // 3 - 2)) + "TAA"
    for place, base in zip(places, coding, strict=True):
        bases[place] = base
    return "".join(bases)


def chromosome(seed: int = 7) -> str:
    """Return the whole chromosome, forward strand."""
    chance = random.Random(seed)
    return _gene(chance) + flip(_gene(chance))


def coding_places(gene: str) -> list[int]:
    """Return the 0-based genome positions of a gene's coding bases, in transcript order."""
    places = [p for s, e in EXONS for p in range(max(s, CDS[0]), min(e, CDS[1]))]
    return places if gene == "FWD" else [LENGTH - 1 - p for p in places]


def edited_protein(genome: str, gene: str, start: int, removed: int, added: str) -> str:
    """Return the protein after a change within one coding exon, without any library."""
    pieces = []
    for s, e in EXONS:
        low, high = max(s, CDS[0]), min(e, CDS[1])
        if gene == "REV":
            low, high = LENGTH - high, LENGTH - low
        bases = genome[low:high]
        if low <= start and start + removed <= high:
            bases = bases[: start - low] + added + bases[start - low + removed :]
        pieces.append(bases if gene == "FWD" else flip(bases))
    tail = genome[CDS[1] : EXONS[-1][1]]
    if gene == "REV":
        tail = flip(genome[LENGTH - EXONS[-1][1] : LENGTH - CDS[1]])
    return translate("".join(pieces) + tail)


START, SHIFT = 1000, 1000
"""0-based start of the slices of 1 and 3 in GRCh38; GRCh37 lies this far after it."""

CODING = "ATGGCTCAGAAATTCGGACGTACCCTGTGGGATCCACAACGGTATCTGTAA"
"""17 codons of the short genes: M A Q K F G R T L W D P Q R Y L stop."""


def _short_gene(coding: str) -> str:
    """Lay a coding sequence into two exons, with 20 bases of intron, 13 before, 40 after.

    Exon 1 is 10..40 (coding from 13), exon 2 is 60..90 (coding to 84), 0-based.
    """
    before = "CATGCTAGCATTC"
    intron = "GTAAGCTTCAACTGCTTCAG"
    after = "GCATTGCCTAACGTTAGCCATGCAATTGCCGTACCATTGC"
    return before + coding[:27] + intron + coding[27:] + after


FORWARD = _short_gene(CODING)
BACKWARD = flip(FORWARD)


def write_bases(folder: Path, chroms: set[str], forward: Mapping[str, str]) -> None:
    """Write the bases of some chromosomes as a package holds them.

    `forward` has other bases of chromosome 1, by build.
    """
    for build, shift in (("GRCh38", 0), ("GRCh37", SHIFT)):
        first = START + shift + 1
        slices = (
            ("1", first, forward.get(build, FORWARD)),
            ("2", 1, chromosome()),
            ("3", first, BACKWARD),
        )
        place = folder / "sequences" / build
        place.mkdir(parents=True, exist_ok=True)
        text = "".join(
            f">{chrom}:{start}-{start + len(bases) - 1}\n{bases}\n"
            for chrom, start, bases in slices
            if chrom in chroms
        )
        (place / "toy.fa").write_text(text, encoding="ascii")
