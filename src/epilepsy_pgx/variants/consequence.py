"""What a variant does to a transcript, in Sequence Ontology terms.

Small variants go through `bcftools csq` (Danecek and McCarthy 2017, doi 10.1093/bioinformatics/
btx100) on a copy of each gene whose coordinates start near its first base and whose unknown bases
are `N`. Structural variants, and parts of a gene without sequence, are judged by position alone.
"""

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from epilepsy_pgx.htslib import predict_with_csq
from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.variants.frame import FrameEffect, read_frame
from epilepsy_pgx.variants.observed import Span, read_change
from epilepsy_pgx.variants.sequence import SequenceSource
from epilepsy_pgx.variants.transcripts import Transcript

SEVERITY = (
    "transcript_ablation",
    "exon_loss_variant",
    "splice_acceptor_variant",
    "splice_donor_variant",
    "stop_gained",
    "frameshift_variant",
    "start_lost",
    "stop_lost",
    "transcript_amplification",
    "coding_transcript_variant",
    "missense_variant",
    "inframe_insertion",
    "inframe_deletion",
    "protein_altering_variant",
    "splice_region_variant",
    "stop_retained_variant",
    "start_retained_variant",
    "synonymous_variant",
    "coding_sequence_variant",
    "5_prime_UTR_variant",
    "3_prime_UTR_variant",
    "intron_variant",
    "not_assessed",
)
"""Terms in use, most severe first."""

TRUNCATING = frozenset(SEVERITY[:7])
"""Terms after which no normal protein is expected."""

_CSQ_TERMS = {
    "splice_acceptor": "splice_acceptor_variant",
    "splice_donor": "splice_donor_variant",
    "splice_region": "splice_region_variant",
    "stop_gained": "stop_gained",
    "frameshift": "frameshift_variant",
    "start_lost": "start_lost",
    "stop_lost": "stop_lost",
    "missense": "missense_variant",
    "inframe_insertion": "inframe_insertion",
    "inframe_deletion": "inframe_deletion",
    "inframe_altering": "protein_altering_variant",
    "stop_retained": "stop_retained_variant",
    "start_retained": "start_retained_variant",
    "synonymous": "synonymous_variant",
    "coding_sequence": "coding_sequence_variant",
    "feature_elongation": "protein_altering_variant",
    "feature_truncation": "protein_altering_variant",
    "5_prime_utr": "5_prime_UTR_variant",
    "3_prime_utr": "3_prime_UTR_variant",
    "intron": "intron_variant",
    "non_coding": "coding_sequence_variant",
}
_CELLS_WITH_CHANGE = 7
"""Parts of a csq entry that names an amino acid change."""
_EDGE = 1_000
"""Bases kept beside a transcript in its rebased copy."""
_LAST = Transcript("last", "last", "last", "last", True, ((0, 60),), 0, 60)
CANONICAL = 2
"""Intron bases of a canonical splice site."""
SPLICE_EXON = 3
"""Exon bases of the splice region."""
SPLICE_INTRON = 8
"""Intron bases of the splice region."""


def sort_terms(terms: Sequence[str] | frozenset[str] | set[str]) -> tuple[str, ...]:
    """Return the distinct terms, most severe first."""
    return tuple(sorted(set(terms), key=SEVERITY.index))


def spellings(key: VariantKey, sequences: SequenceSource, limit: int = 5_000) -> list[VariantKey]:
    """Return the leftmost and the rightmost spelling of an insertion or deletion.

    Anything else is returned as it is. Shifting stops where the sequence is not known.
    """
    change = read_change(key)
    start, end, removed = change.start0, change.end0, change.removed
    if bool(removed) == bool(change.added):
        return [key]
    moved = removed or change.added
    at = end
    while at - end < limit:
        base = sequences.fetch(key.chrom, at, at + 1)
        if base is None or base == "N" or base != moved[0]:
            break
        moved = moved[1:] + base
        at += 1
    shift = at - end
    if not shift:
        return [key]
    first = start + shift
    anchor = sequences.fetch(key.chrom, first - 1, first)
    if anchor is None:
        return [key]
    ref, alt = (anchor + moved, anchor) if removed else (anchor, anchor + moved)
    return [key, VariantKey(key.chrom, first, ref, alt)]


def locate(start0: int, end0: int, transcript: Transcript) -> frozenset[str]:
    """Return what a stretch of the genome touches, by position alone.

    An empty stretch stands for an insertion before `start0`; it touches a part only if it lies
    inside it.

    Returns
    -------
    frozenset
        Any of `coding`, `splice_donor`, `splice_acceptor`, `splice_region`, `5_prime_UTR`,
        `3_prime_UTR`, `intron`; empty outside the transcript.
    """
    def touches(low: int, high: int) -> bool:
        if start0 == end0:
            return low < start0 < high
        return start0 < high and end0 > low

    found = set()
    first, last = transcript.exons[0], transcript.exons[-1]
    for start, end in transcript.exons:
        if touches(max(start, transcript.cds_start), min(end, transcript.cds_end)):
            found.add("coding")
        if start < transcript.cds_start and touches(start, min(end, transcript.cds_start)):
            found.add("5_prime_UTR" if transcript.forward else "3_prime_UTR")
        if end > transcript.cds_end and touches(max(start, transcript.cds_end), end):
            found.add("3_prime_UTR" if transcript.forward else "5_prime_UTR")
        if (start, end) != first:
            if touches(start - CANONICAL, start):
                found.add("splice_acceptor" if transcript.forward else "splice_donor")
            if touches(start - SPLICE_INTRON, start + SPLICE_EXON):
                found.add("splice_region")
        if (start, end) != last:
            if touches(end, end + CANONICAL):
                found.add("splice_donor" if transcript.forward else "splice_acceptor")
            if touches(end - SPLICE_EXON, end + SPLICE_INTRON):
                found.add("splice_region")
    if any(touches(start, end) for start, end in transcript.introns):
        found.add("intron")
    return frozenset(found)


def judge_by_position(key: VariantKey, transcript: Transcript) -> tuple[str, ...]:
    """Return the terms that hold whatever the bases are; `not_assessed` for the rest.

    An insertion or deletion inside an exon, away from its splice regions, shifts the frame by
    its length alone.
    """
    change = read_change(key)
    start, end = change.start0, change.end0
    parts = locate(start, end, transcript)
    terms = set()
    if "splice_donor" in parts and start != end:
        terms.add("splice_donor_variant")
    if "splice_acceptor" in parts and start != end:
        terms.add("splice_acceptor_variant")
    if "coding" in parts:
        shifts = (len(key.alt) - len(key.ref)) % 3 and not parts - {"coding"}
        terms.add("frameshift_variant" if shifts else "not_assessed")
    if "splice_region" in parts and not terms & TRUNCATING:
        terms.add("splice_region_variant")
    for part in ("5_prime_UTR", "3_prime_UTR"):
        if part in parts:
            terms.add(f"{part}_variant")
    if "intron" in parts and not terms & TRUNCATING:
        terms.add("intron_variant")
    return sort_terms(terms)


def judge_span(span: Span, transcript: Transcript) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return the terms of a structural variant and the coding exons it covers.

    Returns
    -------
    terms
        Empty outside the transcript.
    exons
        1-based numbers among the coding exons of those with a lost or doubled coding base.
    """
    start, end = span.start0, max(span.end0, span.start0 + (span.kind == "INS"))
    if end <= transcript.start or start >= transcript.end:
        return (), ()
    exons = tuple(
        number
        for number, (low, high) in enumerate(transcript.coding, 1)
        if start < high and end > low
    )
    parts = locate(start, end, transcript)
    covers = start <= transcript.cds_start and end >= transcript.cds_end
    spliced = {p for p in parts if p in ("splice_donor", "splice_acceptor")}
    terms: set[str] = set()
    if span.kind == "DEL":
        if covers:
            terms.add("transcript_ablation")
        elif exons:
            terms.add("exon_loss_variant")
        terms |= {f"{p}_variant" for p in spliced}
    elif span.kind == "DUP":
        if covers:
            terms.add("transcript_amplification")
        elif exons:
            terms.add("coding_transcript_variant")
    elif exons or spliced:
        terms.add("coding_transcript_variant")
    if not terms:
        terms |= {f"{p}_variant" for p in parts if p.endswith("UTR")}
        terms |= {"splice_region_variant"} & {f"{p}_variant" for p in parts}
        terms |= {"intron_variant"} if "intron" in parts else set()
    return sort_terms(terms), exons


_STOP = re.compile(r"(\d+|delins(?:[A-Z][a-z]{2})*|ins(?:[A-Z][a-z]{2})*)Ter\)?$")
_SHORTENING = frozenset({"stop_gained", "frameshift_variant"})
_LENGTH_TERMS = _SHORTENING | {"stop_lost", "start_lost"}
_SILENT_TERMS = frozenset(
    {"synonymous_variant", "stop_retained_variant", "start_retained_variant"}
)
_SPLICE_SITES = ("splice_donor", "splice_acceptor")
_SPLICE_TERMS = frozenset({"splice_acceptor_variant", "splice_donor_variant"})
_LOST_TERMS = _SPLICE_TERMS | {"exon_loss_variant"}
_EFFECT_TERMS = {
    FrameEffect.STOP_GAINED: "stop_gained",
    FrameEffect.FRAMESHIFT: "frameshift_variant",
    FrameEffect.STOP_LOST: "stop_lost",
}
_CODING_TERMS = frozenset(
    {
        "stop_gained", "frameshift_variant", "start_lost", "stop_lost", "missense_variant",
        "inframe_insertion", "inframe_deletion", "protein_altering_variant", "synonymous_variant",
        "stop_retained_variant", "start_retained_variant", "coding_sequence_variant",
    }
)


def reconcile(
    readings: Sequence[tuple[str, ...]],
    protein: str | None,
    key: VariantKey,
    transcript: Transcript,
    sequences: SequenceSource,
) -> tuple[tuple[str, ...], bool]:
    """Bring the terms of the consequence engine together with the name of the protein change.

    Two engines read the same sequence, the first of them in every spelling of the variant. If a
    spelling leaves the splice sites whole, they are whole. Where the engines differ on whether
    the protein is cut short or prolonged, a plain translation decides; where that cannot, the
    more severe reading counts.

    Parameters
    ----------
    readings
        Terms from `run_csq`, for each spelling of which the engine said anything.
    protein
        Predicted change, `p.(…)`, or None.

    Returns
    -------
    terms
        Most severe first.
    differ
        True if the engines differ and nothing decides between them.
    """
    change = read_change(key)
    start, end = change.start0, change.end0
    parts = locate(start, end, transcript)
    whole = [terms for terms in readings if not _SPLICE_TERMS & set(terms)]
    named = _named_term(protein, key)
    found = set(_choose(whole or readings, named))
    if whole and len(whole) < len(readings):
        found.add("splice_region_variant")
    if change.removed and change.added:
        # A replacement has no other spelling: its position decides about the splice sites.
        found |= {f"{p}_variant" for p in ("splice_donor", "splice_acceptor") if p in parts}
    covers = any(start <= low and high <= end for low, high in transcript.coding)
    if covers and end - start > len(change.added):
        found |= {"exon_loss_variant", *(f"{p}_variant" for p in parts if p in _SPLICE_SITES)}
    if _LOST_TERMS & found or (named is None and protein != "p.(=)"):
        return sort_terms(found) or judge_by_position(key, transcript), False
    if _length_terms(found) == _length_terms({named} if named else set()):
        if named in _SHORTENING:
            found = (found - _SHORTENING) | {named}
        elif named is not None and not found & _CODING_TERMS:
            found.add(named)
        return sort_terms(found) or judge_by_position(key, transcript), False
    effect = read_frame(change, sequences, transcript)
    if effect is None and protein == "p.(=)":
        effect = FrameEffect.SAME
    if effect is None:
        return sort_terms(found | ({named} if named else set())), bool(found)
    return _decide(found, effect, named), False


def _decide(found: set[str], effect: FrameEffect, named: str | None) -> tuple[str, ...]:
    """Return the terms after a plain translation."""
    if effect is FrameEffect.ALTERED:
        found = found - _LENGTH_TERMS
        changing = _CODING_TERMS - _LENGTH_TERMS - _SILENT_TERMS
        if not found & changing:
            found.add(named if named in changing else "protein_altering_variant")
    elif effect is FrameEffect.SAME:
        found = (found - _CODING_TERMS) | (found & _SILENT_TERMS)
        if not found:
            found.add("synonymous_variant")
    else:
        found = (found - _CODING_TERMS) | {_EFFECT_TERMS[effect]}
    return sort_terms(found)


def _length_terms(terms: set[str]) -> set[str]:
    """Return what some terms say about the length of the protein, in one word each."""
    said = terms & _LENGTH_TERMS
    return {"stop_gained"} if said & _SHORTENING else said


def _choose(readings: Sequence[tuple[str, ...]], named: str | None) -> tuple[str, ...]:
    """Return the reading that the name confirms, else the most severe one."""
    wanted = _length_terms({named} if named else set())
    confirmed = [r for r in readings if _length_terms(set(r)) == wanted]
    return min(
        confirmed or readings,
        key=lambda terms: (SEVERITY.index(terms[0]), -len(terms), terms),
        default=(),
    )


def _named_term(change: str | None, key: VariantKey) -> str | None:
    """Return the term that a predicted protein change stands for; None if it says nothing."""
    if change is None or change in ("p.?", "p.(=)"):
        return None
    if "Met1?" in change:
        return "start_lost"
    if "ext" in change:
        return "stop_lost"
    if "fs" in change:
        return "frameshift_variant"
    if change.startswith("p.["):
        members = change[4:-2].split(";")
        stop = any(_STOP.search(m) for m in members)
        return "stop_gained" if stop else "protein_altering_variant"
    if _STOP.search(change):
        return "stop_gained"
    if "=" in change:
        return "synonymous_variant"
    if re.fullmatch(r"p\.\([A-Z][a-z]{2}\d+[A-Z][a-z]{2}\)", change):
        return "missense_variant"
    difference = len(key.alt) - len(key.ref)
    if "delins" in change:
        return "protein_altering_variant"
    return "inframe_insertion" if difference > 0 else "inframe_deletion"


def _gff_lines(transcript: Transcript, offset: int) -> list[str]:
    strand = "+" if transcript.forward else "-"
    name = transcript.gene

    def line(kind: str, start: int, end: int, phase: str, attributes: str) -> str:
        return "\t".join(
            (name, "t", kind, str(start - offset + 1), str(end - offset), ".", strand, phase,
             attributes)
        )

    coding = "biotype=protein_coding"
    own = f"Parent=transcript:{name}"
    lines = [
        line("gene", transcript.start, transcript.end, ".", f"ID=gene:{name};{coding};Name={name}"),
        line(
            "mRNA", transcript.start, transcript.end, ".",
            f"ID=transcript:{name};Parent=gene:{name};{coding}",
        ),
    ]
    done = 0
    for start, end in transcript.coding:
        lines.append(line("CDS", start, end, str(-done % 3), f"ID=CDS:{name};{own}"))
        done += end - start
    for start, end in transcript.exons:
        lines.append(line("exon", start, end, ".", own))
        low, high = (start, min(end, transcript.cds_start)), (max(start, transcript.cds_end), end)
        sides = ("five", "three") if transcript.forward else ("three", "five")
        for side, (first, last) in zip(sides, (low, high), strict=True):
            if first < last:
                lines.append(line(f"{side}_prime_UTR", first, last, ".", own))
    return lines


def _read_csq(text: str) -> tuple[str, ...]:
    terms = set()
    for part in text.split(","):
        if not part.startswith("@"):
            cells = part.split("|")
            words = cells[0].lstrip("*").split("&")
            if len(cells) < _CELLS_WITH_CHANGE:
                words = [w for w in words if not w.startswith("feature_")]
            terms |= {_CSQ_TERMS[w] for w in words if w in _CSQ_TERMS}
    return sort_terms(terms)


def run_csq(
    wanted: Mapping[str, tuple[Transcript, Sequence[VariantKey]]], sequences: SequenceSource
) -> dict[tuple[str, VariantKey], tuple[str, ...]]:
    """Return the terms of spelled-out variants by (gene, variant).

    Parameters
    ----------
    wanted
        Transcript and variants by gene. REF must be the installed sequence, without unknown
        bases; variants beyond the transcript get no entry.
    """
    if not any(keys for _, keys in wanted.values()):
        return {}
    contigs: list[str] = []
    gff, bases, records = ["##gff-version 3"], [], []
    names: list[tuple[str, VariantKey]] = []
    for gene, (transcript, keys) in wanted.items():
        if not keys:
            continue
        offset = max(0, transcript.start - _EDGE)
        length = min(transcript.end + _EDGE, sequences.lengths[transcript.chrom]) - offset
        contigs.append(f"##contig=<ID={gene},length={length}>")
        gff += _gff_lines(transcript, offset)
        text = sequences.fetch_padded(transcript.chrom, offset, offset + length)
        bases.append(f">{gene}\n" + "\n".join(text[i : i + 60] for i in range(0, length, 60)))
        for key in sorted(set(keys)):
            if not offset < key.pos <= offset + length - len(key.ref):
                continue
            cells = (gene, str(key.pos - offset), str(len(names)), key.ref, key.alt, ".", ".", ".")
            records.append("\t".join(cells))
            names.append((gene, key))
    if not names:
        return {}
    # csq remembers the last position of its previous run in the process and refuses an earlier
    # one on the same contig; a last record on a contig of its own clears its memory.
    contigs.append(f"##contig=<ID={_LAST.gene},length={_LAST.end}>")
    gff += _gff_lines(_LAST, 0)
    bases.append(f">{_LAST.gene}\nATG{'GCA' * 18}TAA")
    records.append(f"{_LAST.gene}\t31\t{_LAST.gene}\tG\tA\t.\t.\t.")
    head = ["##fileformat=VCFv4.2", *contigs, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"]
    with tempfile.TemporaryDirectory(prefix="epgx-") as scratch:
        folder = Path(scratch)
        for name, lines in (("a.fa", bases), ("a.gff", gff), ("a.vcf", [*head, *records])):
            (folder / name).write_text("\n".join(lines) + "\n", encoding="ascii")
        found = predict_with_csq(folder / "a.fa", folder / "a.gff", folder / "a.vcf", folder)
    found.pop(_LAST.gene)
    return {names[int(i)]: terms for i, text in found.items() if (terms := _read_csq(text))}
