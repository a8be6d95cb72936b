"""An invented chromosome with one gene on each strand, as a data package."""

import json
import random
from pathlib import Path

from epilepsy_pgx.reference.package import Reference, load_reference

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


def write_table(folder: Path, name: str, columns: str, rows: list[str]) -> None:
    text = "\n".join(["\t".join(columns.split()), *("\t".join(r.split(" ; ")) for r in rows)])
    (folder / f"{name}.tsv").write_text(text + "\n", encoding="utf-8")


def make_package(folder: Path, *, sequence: bool = True) -> Reference:
    """Write the package: gene FWD on the forward strand, gene REV on the other."""
    genome = chromosome()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "datapackage.json").write_text(json.dumps({"version": "0"}), encoding="utf-8")
    write_table(
        folder,
        "contigs",
        "chrom build length refseq source",
        [f"2 ; {b} ; {LENGTH} ; NC_000002.{v} ; toy" for b, v in (("GRCh37", 11), ("GRCh38", 12))],
    )
    mirrored = [(LENGTH - e, LENGTH - s) for s, e in reversed(EXONS)]
    rows = []
    for gene, accession, strand, exons, cds in (
        ("FWD", "NM_000001.1", "+", list(EXONS), CDS),
        ("REV", "NM_000002.1", "-", mirrored, (LENGTH - CDS[1], LENGTH - CDS[0])),
    ):
        starts = "|".join(str(s) for s, _ in exons)
        ends = "|".join(str(e) for _, e in exons)
        rows += [
            f"{gene} ; {accession} ; ENST0 ; {b} ; 2 ; {strand} ; {starts} ; {ends}"
            f" ; {cds[0]} ; {cds[1]} ; toy"
            for b in ("GRCh37", "GRCh38")
        ]
    write_table(
        folder,
        "transcripts",
        "gene transcript ensembl build chrom strand exon_starts exon_ends cds_start cds_end source",
        rows,
    )
    write_table(
        folder,
        "genes",
        "gene call_method",
        ["FWD ; rare_variant", "REV ; rare_variant", "LOST ; rare_variant"],
    )
    write_table(
        folder,
        "functional_evidence",
        "gene protein_change residue entry direction method source citations verified note",
        [],
    )
    write_table(
        folder,
        "protein_features",
        "gene feature start end kind note source citations verified",
        ["FWD ; gate ; 5 ; 9 ; pore ; . ; toy ; . ; yes"],
    )
    write_table(
        folder, "paralogue_alignment", "gene residues aligned source citations verified", []
    )
    write_table(
        folder,
        "classified_variants",
        "variant gene chrom grch38_pos grch38_ref "
        "grch38_alt grch37_pos grch37_ref grch37_alt hgvs_c hgvs_p consequence classification "
        "source_class review_status review_stars source citations verified",
        [],
    )
    write_table(
        folder, "isoforms", "gene isoform residues first last shift source citations verified", []
    )
    if sequence:
        for build in ("GRCh37", "GRCh38"):
            target = folder / "sequences" / build
            target.mkdir(parents=True, exist_ok=True)
            (target / "toy.fa").write_text(f">2:1-{LENGTH}\n{genome}\n", encoding="ascii")
    return load_reference(folder)


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
