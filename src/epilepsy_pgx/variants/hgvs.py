"""HGVS names of variants on their transcripts.

The c. name of one variant comes from the normaliser of the table checks, most 3' position and
`dup` before `ins` in introns too; hgvs-weaver predicts the protein change, joins several variants
into one allele and reads descriptions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.protein import ProteinChange, ProteinKind
from epilepsy_pgx.reference.naming import name_change
from epilepsy_pgx.variants.observed import Change, read_change
from epilepsy_pgx.variants.sequence import SequenceSource, complement
from epilepsy_pgx.variants.transcripts import Transcript

NO_PREDICTION = ProteinChange.read("p.?")


@dataclass(frozen=True, slots=True)
class Names:
    """HGVS names of one variant; None where no name can be given."""

    coding: str | None
    protein: ProteinChange | None


class _Provider:
    """Transcripts and sequences in the form that hgvs-weaver asks for."""

    def __init__(self, transcripts: Mapping[str, Transcript], sequences: SequenceSource) -> None:
        self._by_accession = {t.accession: t for t in transcripts.values()}
        self._sequences = sequences
        self._chromosomes = {a: c for c, a in sequences.accessions.items()}

    def get_transcript(self, transcript_ac: str, reference_ac: str | None) -> dict[str, Any]:
        transcript = self._by_accession[transcript_ac]
        ordered = transcript.exons if transcript.forward else transcript.exons[::-1]
        exons, at = [], 0
        for start, end in ordered:
            exons.append(
                {
                    "transcript_start": at,
                    "transcript_end": at + end - start,
                    "reference_start": start,
                    "reference_end": end - 1,
                    "alt_strand": 1 if transcript.forward else -1,
                    "cigar": f"{end - start}=",
                }
            )
            at += end - start
        return {
            "ac": transcript_ac,
            "gene": transcript.gene,
            "cds_start_index": transcript.leader,
            "cds_end_index": transcript.leader + transcript.coding_length - 1,
            "strand": 1 if transcript.forward else -1,
            "reference_accession": self._sequences.accessions[transcript.chrom],
            "exons": exons,
        }

    def get_seq(self, ac: str, start: int, end: int | None, kind: object) -> str:
        if ac in self._chromosomes:
            chrom = self._chromosomes[ac]
            length = self._sequences.lengths[chrom]
            last = length if end is None else min(end, length)
            return self._sequences.fetch_padded(chrom, min(start, last), last)
        transcript = self._by_accession[ac]
        bases = "".join(
            self._sequences.fetch_padded(transcript.chrom, s, e) for s, e in transcript.exons
        )
        return (bases if transcript.forward else complement(bases))[start:end]

    def get_symbol_accessions(
        self, symbol: str, source_kind: str, target_kind: str
    ) -> list[tuple[str, str]]:
        # The protein is named after its transcript: its own accession is not in the tables.
        return [("protein_accession", f"{symbol}p")] if target_kind == "protein_accession" else []

    def get_identifier_type(self, identifier: str) -> str:
        return "genomic_accession" if identifier in self._chromosomes else "transcript_accession"


def genomic_name(key: VariantKey, accession: str) -> str:
    """Return the g. description of a spelled-out variant, as it is spelled."""
    change = read_change(key)
    start, end, removed, added = change.start0, change.end0, change.removed, change.added
    if len(removed) == len(added) == 1:
        text = f"{end}{removed}>{added}"
    elif not removed:
        text = f"{start}_{start + 1}ins{added}"
    else:
        place = f"{end}" if len(removed) == 1 else f"{start + 1}_{end}"
        if not added:
            text = f"{place}del"
        # `complement` also reverses.
        elif len(removed) > 1 and added == complement(removed):
            text = f"{place}inv"
        else:
            text = f"{place}delins{added}"
    return f"{accession}:g.{text}"


def name_by_position(key: VariantKey, transcript: Transcript) -> str | None:
    """Return the c. description of a substitution of one base, which needs no other bases."""
    if not len(key.ref) == len(key.alt) == 1 or {key.ref, key.alt} - set("ACGT"):
        return None
    if not transcript.has_number(key.pos - 1):
        return None
    name = name_change(transcript.numbering, lambda *_: None, key.pos, key.ref, key.alt)
    return f"{transcript.accession}:{name}" if name else None


def _up_to_spot(change: ProteinChange, transcript: Transcript) -> ProteinChange:
    """Take back what a name says of residues behind the spot at which a build breaks the frame."""
    known = transcript.translated // 3
    if any(max(e.first or 0, e.last or 0) > known for e in change.edits):
        return NO_PREDICTION
    for edit in change.edits:
        if edit.kind is not ProteinKind.FRAMESHIFT or edit.first is None:
            continue
        if edit.stop_after is None or edit.first + edit.stop_after - 1 > known:
            return ProteinChange.read(f"p.({edit.before}{edit.first}fs)")
    return change


class HgvsNamer:
    """Names variants of one build. Keep one and reuse it: it caches sequence."""

    def __init__(self, transcripts: Mapping[str, Transcript], sequences: SequenceSource) -> None:
        """Prepare the naming engine."""
        import weaver

        self._weaver = weaver
        self._sequences = sequences
        self._mapper = weaver.VariantMapper(_Provider(transcripts, sequences))

    def name(self, keys: Sequence[VariantKey], transcript: Transcript) -> Names:
        """Name one variant, or several that lie on the same chromosome copy as one allele.

        A name is None if the engine refuses: a position without sequence, or a REF that is not
        the reference's.
        """
        coding = self._coding_name(keys, transcript)
        if coding is None:
            return Names(None, None)
        return Names(coding, self._protein_name(coding, transcript))

    def name_protein(self, edit: Change, transcript: Transcript) -> ProteinChange:
        """Return the p. description of a change within one coding exon, `p.?` if there is none.

        The name of the variant itself may lie at another place of the same repeat, in the intron.
        """
        start, end, added = edit.start0, edit.end0, edit.added
        first, last = (start, end - 1) if edit.removed else (start - 1, start)
        if not transcript.forward:
            first, last, added = last, first, complement(added)
        numbers = [transcript.coding_index(first), transcript.coding_index(last)]
        if not edit.removed:
            # Beside an exon's edge the other neighbour is a base of the intron.
            numbers = [
                n if n is not None else None if m is None else m + step
                for n, m, step in ((numbers[0], numbers[1], -1), (numbers[1], numbers[0], 1))
            ]
        if None in numbers:
            return NO_PREDICTION
        place = "_".join(str(n + 1) for n in numbers if n is not None)
        kind = f"delins{added}" if edit.removed and added else f"ins{added}" if added else "del"
        name = f"{transcript.accession}:c.{place}{kind}"
        return self._protein_name(name, transcript) or NO_PREDICTION

    def _protein_name(self, coding: str, transcript: Transcript) -> ProteinChange | None:
        try:
            parsed = self._weaver.parse(coding)
            protein = self._mapper.c_to_p(parsed, f"{transcript.accession}p").format()
        except (self._weaver.HGVSError, ValueError):
            return None
        change = ProteinChange.read(str(protein))
        if change.reach > transcript.residues + 1:
            # After a stop loss hgvs-weaver translates past the end of the transcript, into
            # residues that do not exist.
            return NO_PREDICTION
        return change if transcript.spot is None else _up_to_spot(change, transcript)

    def name_coding(self, key: VariantKey, transcript: Transcript) -> str | None:
        """Return the c. description of one variant, or None if no name can be given."""
        chrom = key.chrom
        bases = self._sequences.fetch(chrom, key.pos - 1, key.pos - 1 + len(key.ref))
        if bases != key.ref or set(key.ref + key.alt) - set("ACGT"):
            return None

        def bases_at(start0: int, end0: int) -> str | None:
            return self._sequences.fetch(chrom, start0, end0)

        if not transcript.has_number(key.pos - 1):
            return None
        name = name_change(transcript.numbering, bases_at, key.pos, key.ref, key.alt)
        return f"{transcript.accession}:{name}" if name else None

    def _coding_name(self, keys: Sequence[VariantKey], transcript: Transcript) -> str | None:
        if len(keys) == 1:
            return self.name_coding(keys[0], transcript)
        if not all(transcript.has_number(k.pos - 1) for k in keys):
            return None
        accession = self._sequences.accessions[transcript.chrom]
        # Variants on one chromosome copy share a bracket: g.[a;b] (HGVS, alleles).
        described = [genomic_name(k, accession).split(":g.")[1] for k in sorted(keys)]
        text = f"{accession}:g.[{';'.join(described)}]"
        try:
            coding = self._mapper.g_to_c(self._weaver.parse(text), transcript.accession)
            return str(self._mapper.normalize_variant(coding).format())
        except (self._weaver.HGVSError, ValueError):
            return None

    def locate_coding_name(self, name: str) -> VariantKey | None:
        """Return the variant of a c. description such as `NM_000001.1:c.5A>G`.

        The version of the accession must be that of the tables. None if the description cannot
        be read, or its bases are not the reference's.
        """
        try:
            genomic = self._mapper.c_to_g(self._weaver.parse(name))
            accession, position, removed, added = self._mapper.to_spdi(genomic).split(":")
        except (self._weaver.HGVSError, ValueError, KeyError):
            return None
        chrom = next((c for c, a in self._sequences.accessions.items() if a == accession), None)
        if chrom is None:
            return None
        start = int(position)
        if removed and added:
            return VariantKey(chrom, start + 1, removed, added)
        # SPDI has no anchor base, VCF needs one.
        anchor = self._sequences.fetch(chrom, start - 1, start)
        if anchor is None:
            return None
        return VariantKey(chrom, start, anchor + removed, anchor + added)
