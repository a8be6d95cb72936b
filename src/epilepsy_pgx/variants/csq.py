"""Run `bcftools csq` over small variants (Danecek and McCarthy 2017, doi 10.1093/bioinformatics/
btx100), on a copy of each gene whose coordinates start near its first base and whose unknown
bases are `N`.
"""

from collections.abc import Mapping, Sequence

from epilepsy_pgx.errors import EngineError
from epilepsy_pgx.files import scratch_folder
from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.variants.consequence import sort_terms
from epilepsy_pgx.variants.observed import read_change
from epilepsy_pgx.variants.sequence import SequenceSource
from epilepsy_pgx.variants.transcripts import Transcript
from epilepsy_pgx.worker.client import ask
from epilepsy_pgx.worker.jobs import Consequences, CsqJob, Failure

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


def representations(
    key: VariantKey, sequences: SequenceSource, limit: int = 5_000
) -> list[VariantKey]:
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


def _gff_lines(transcript: Transcript, offset: int) -> list[str]:
    strand = "+" if transcript.forward else "-"
    name = transcript.gene

    def line(kind: str, start: int, end: int, phase: str, attributes: str) -> str:
        return "\t".join(
            (
                name,
                "t",
                kind,
                str(start - offset + 1),
                str(end - offset),
                ".",
                strand,
                phase,
                attributes,
            )
        )

    # csq reads the GFF3 dialect of Ensembl: prefixed ids and a biotype.
    coding = "biotype=protein_coding"
    own = f"Parent=transcript:{name}"
    lines = [
        line("gene", transcript.start, transcript.end, ".", f"ID=gene:{name};{coding};Name={name}"),
        line(
            "mRNA",
            transcript.start,
            transcript.end,
            ".",
            f"ID=transcript:{name};Parent=gene:{name};{coding}",
        ),
    ]
    done = 0
    for start, end in transcript.coding:
        # Phase in GFF: bases to skip before the next full codon.
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
        # `@POS` only points to the record that has the joint consequence.
        if not part.startswith("@"):
            cells = part.split("|")
            # `*` marks a consequence downstream of a stop codon.
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
        # Each gene gets a small contig: a chromosome of N would take 250 MB.
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
    head = ["##fileformat=VCFv4.2", *contigs, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"]
    with scratch_folder() as folder:
        job = CsqJob(
            folder / "a.fa", folder / "a.gff", folder / "a.vcf", len(records), folder / "csq.vcf"
        )
        for path, lines in ((job.fasta, bases), (job.gff, gff), (job.vcf, [*head, *records])):
            path.write_text("\n".join(lines) + "\n", encoding="ascii")
        answer = ask(job)
    if not isinstance(answer, Consequences):
        assert isinstance(answer, Failure)
        raise _no_answer(answer.message)
    # csq says something of every coding substitution: silence means that it read no transcript.
    if not answer.by_record and any(_is_coding(key, wanted[gene][0]) for gene, key in names):
        raise _no_answer(f"no consequence of any of {len(names)} variants")
    found = {int(i): _read_csq(text) for i, text in answer.by_record.items()}
    return {names[i]: terms for i, terms in found.items() if terms}


def _is_coding(key: VariantKey, transcript: Transcript) -> bool:
    single = len(key.ref) == len(key.alt) == 1
    return single and any(start < key.pos <= end for start, end in transcript.coding)


def _no_answer(found: str) -> EngineError:
    return EngineError.one(
        "consequence-engine",
        found=found,
        expected="the terms of bcftools csq",
        fix="The variants of these patients are not interpreted without them. Run it again, with "
        "more memory if there was too little.",
    )
