"""Chromosome 2 of the toy package: 4,000 invented bases with one coding gene on each strand."""

import random
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


def write_bases(folder: Path) -> None:
    """Write the chromosome as a package holds it, the same in both builds."""
    for build in ("GRCh37", "GRCh38"):
        target = folder / "sequences" / build
        target.mkdir(parents=True, exist_ok=True)
        (target / "toy.fa").write_text(f">2:1-{LENGTH}\n{chromosome()}\n", encoding="ascii")


def transcript_rows() -> str:
    """Return the rows of the table of transcripts: FWD forward, and REV, its mirror image."""
    mirrored = [(LENGTH - e, LENGTH - s) for s, e in reversed(EXONS)]
    rows = []
    for gene, accession, strand, exons, cds in (
        ("FWD", "NM_000001.1", "+", list(EXONS), CDS),
        ("REV", "NM_000002.1", "-", mirrored, (LENGTH - CDS[1], LENGTH - CDS[0])),
    ):
        starts = "|".join(str(s) for s, _ in exons)
        ends = "|".join(str(e) for _, e in exons)
        rows += [
            f"{gene} {accession} ENST0 {build} 2 {strand} {starts} {ends} {cds[0]} {cds[1]} toy\n"
            for build in ("GRCh37", "GRCh38")
        ]
    return "".join(rows)


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
