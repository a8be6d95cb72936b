"""Compare the consequence engine with the naming engine on random variants of one gene.

    python benchmarks/consequence_engines.py SCN1A GRCh38 10000 20261123

Variants are drawn over the installed bases of the gene: two thirds substitutions, one third
insertions, deletions and replacements of up to 12 bases. Prints the counts and every class of
difference with an example.
"""

import collections
import random
import re
import sys
import time

from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.variants.annotate import annotate_sites
from epilepsy_pgx.variants.frame import FrameEffect, read_frame
from epilepsy_pgx.variants.observed import normalise_key, read_change
from epilepsy_pgx.variants.sequence import SequenceSource, open_sequences
from epilepsy_pgx.variants.targets_coding import coding_targets
from epilepsy_pgx.variants.transcripts import load_transcripts
from epilepsy_pgx.vocabulary import GenomeBuild


def draw(chance: random.Random, source: SequenceSource, spans: list[tuple[str, int, int]]):
    chrom, start, end = chance.choices(spans, [e - s for _, s, e in spans])[0]
    at = chance.randrange(start + 1, end)
    size = chance.choice([0] * 8 + [1, 1, 2, 3, 3, 4, 6, 9, 12])
    ref = source.fetch(chrom, at, at + size + 1)
    if ref is None:
        return None
    kind = chance.random()
    if kind < 0.67:
        alt = chance.choice([b for b in "ACGT" if b != ref[0]])
        return VariantKey(chrom, at + 1, ref[0], alt)
    added = "".join(chance.choice("ACGT") for _ in range(chance.choice([1, 1, 2, 3, 3, 4, 6, 9])))
    if kind < 0.8:
        return VariantKey(chrom, at + 1, ref[0], ref[0] + added)
    if kind < 0.93 and size:
        return VariantKey(chrom, at + 1, ref, ref[0])
    return VariantKey(chrom, at + 1, ref, added) if added != ref else None


def from_names(coding: str, protein: str | None) -> str:
    """Return the class of a variant as its names tell it."""
    change = protein or ""
    place = coding.split(":c.")[1]
    inner = re.sub(r"[A-Z=>].*|del.*|dup.*|ins.*|inv.*", "", place)
    if (
        re.search(r"\d[+-][12](?!\d)", inner)
        or re.search(r"\d[+-]\d", inner)
        and "_" in inner
        and not re.fullmatch(r"-?\*?\d+[+-]\d+_-?\*?\d+[+-]\d+", inner)
    ):
        return "splice"
    if "Met1" in change and "?" in change:
        return "start"
    if "ext" in change:
        return "stop_lost"
    if "fs" in change:
        return "frameshift"
    if "Ter" in change and not re.search(r"Ter\d+=", change):
        return "stop_gained"
    if change in ("p.?", "p.(=)", ""):
        return "outside"
    if "=" in change:
        return "synonymous"
    if re.fullmatch(r"p\.\([A-Z][a-z]{2}\d+[A-Z][a-z]{2}\)", change):
        return "missense"
    return "inframe"


def from_terms(terms: tuple[str, ...]) -> str:
    """Return the class of a variant as its terms tell it."""
    order = (
        ("splice_acceptor_variant", "splice"),
        ("splice_donor_variant", "splice"),
        ("start_lost", "start"),
        ("stop_gained", "stop_gained"),
        ("frameshift_variant", "frameshift"),
        ("stop_lost", "stop_lost"),
        ("inframe_insertion", "inframe"),
        ("inframe_deletion", "inframe"),
        ("protein_altering_variant", "inframe"),
        ("missense_variant", "missense"),
        ("synonymous_variant", "synonymous"),
        ("stop_retained_variant", "synonymous"),
        ("start_retained_variant", "synonymous"),
        ("coding_sequence_variant", "coding"),
    )
    return next((word for term, word in order if term in terms), "outside")


def main(gene: str, build: str, count: int, seed: int) -> None:
    ref = load_reference()
    source = open_sequences(ref, GenomeBuild(build))
    targets = coding_targets(ref, GenomeBuild(build), [gene])
    spans = [(t.chrom, t.start0, t.end0) for t in targets]
    chance = random.Random(seed)
    keys: dict[VariantKey, None] = {}
    while len(keys) < count:
        key = draw(chance, source, spans)
        if key is not None:
            keys[normalise_key(key, source)] = None
    began = time.process_time()
    found = annotate_sites(keys, GenomeBuild(build), ref, source)
    spent = time.process_time() - began
    seen: collections.Counter[tuple[str, str]] = collections.Counter()
    examples: dict[tuple[str, str], list[str]] = {}
    for key, annotations in found.items():
        for a in annotations:
            if a.gene != gene:
                continue
            pair = from_terms(a.consequences), from_names(a.hgvs_c or ":c.?", a.hgvs_p)
            seen[pair] += 1
            examples.setdefault(pair, []).append(
                f"{key} {'&'.join(a.consequences)} {a.hgvs_c} {a.hgvs_p}"
            )
    transcript = load_transcripts(ref, GenomeBuild(build))[gene]
    thirds = wrong = 0
    for key, annotations in found.items():
        effect = read_frame(read_change(key), source, transcript)
        if effect is None:
            continue
        thirds += 1
        short = effect in (FrameEffect.STOP_GAINED, FrameEffect.FRAMESHIFT)
        for a in annotations:
            if a.gene == gene and a.truncating != short and "splice" not in a.consequences[0]:
                wrong += 1
                print("truncation differs:", key, effect, a.consequences, a.hgvs_c, a.hgvs_p)
    print(f"plain translation: {thirds} read, {wrong} differ on truncation")
    same = sum(n for (a, b), n in seen.items() if a == b)
    print(f"{gene} {build}: {sum(seen.values())} variants, {same} alike, {spent:.2f} s CPU")
    for pair, number in sorted(seen.items(), key=lambda item: -item[1]):
        print(f"{number:6d}  {pair[0]:12s} {pair[1]:12s}" + ("" if pair[0] == pair[1] else "  <>"))
        if pair[0] != pair[1]:
            for text in examples[pair][:6]:
                print("        ", text)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
