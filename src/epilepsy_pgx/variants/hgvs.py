"""HGVS names of variants on their transcripts.

The c. name comes from the normaliser of the table checks, most 3' position and `dup` before `ins`
in introns too; the p. name is what `protein_names` predicts from it. Descriptions are read here.
"""

import re
from collections.abc import Mapping, Sequence

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.protein import ProteinChange, ProteinKind
from epilepsy_pgx.reference.naming import name_change
from epilepsy_pgx.trimming import trim
from epilepsy_pgx.variants.observed import Change, read_change
from epilepsy_pgx.variants.protein_names import (
    NO_PREDICTION,
    SplicedEdit,
    predict_allele,
    predict_protein,
    spliced_bases,
)
from epilepsy_pgx.variants.sequence import SequenceSource, complement
from epilepsy_pgx.variants.transcripts import COORDINATE, Transcript

_DESCRIPTION = re.compile(
    rf"c\.({COORDINATE})(?:_({COORDINATE}))?"
    r"(?:([ACGT])>([ACGT])|(delins|ins)([ACGT]+)|(del|dup|inv)([ACGT]*))"
)
"""Places, bases of a substitution, kind and bases that come, or kind and bases that are told."""
_EXONIC = re.compile(r"([-*]?)(\d+)")


@dataclass(frozen=True, slots=True)
class Names:
    """HGVS names of one variant; None where no name can be given."""

    coding: str | None
    protein: ProteinChange | None


def name_by_position(key: VariantKey, transcript: Transcript) -> str | None:
    """Return the c. description of a replacement by as many bases, which needs no other bases."""
    if len(key.ref) != len(key.alt) or {*key.ref, *key.alt} - set("ACGT"):
        return None
    # What is the same at an end is no part of the change.
    if key.ref[0] == key.alt[0] or key.ref[-1] == key.alt[-1]:
        return None
    if not all(transcript.has_number(key.pos - 1 + at) for at in (0, len(key.ref) - 1)):
        return None
    name = name_change(transcript.numbering, lambda *_: None, key.pos, key.ref, key.alt)
    return f"{transcript.accession}:{name}" if name else None


class HgvsNamer:
    """Names variants of one build. Keep one and reuse it: it keeps the joined exons."""

    def __init__(self, transcripts: Mapping[str, Transcript], sequences: SequenceSource) -> None:
        """Prepare the transcripts."""
        self._by_accession = {t.accession: t for t in transcripts.values()}
        self._sequences = sequences
        self._joined: dict[str, str] = {}

    def name(self, key: VariantKey, transcript: Transcript) -> Names:
        """Name one variant.

        A name is None if it cannot be given: a position without sequence, or a REF that is not
        the reference's.
        """
        coding = self.name_coding(key, transcript)
        if coding is None:
            return Names(None, None)
        return Names(coding, self._protein_name(coding, transcript))

    def name_allele(self, keys: Sequence[VariantKey], transcript: Transcript) -> Names:
        """Name several variants that lie on the same chromosome copy as one allele.

        Names are None if one of the variants has none, or two change the same base.
        """
        changes = sorted(map(read_change, keys), key=lambda c: (c.start0, c.end0))
        if any(a.end0 > b.start0 for a, b in zip(changes, changes[1:], strict=False)):
            return Names(None, None)
        names = [
            self._member(c, changes, transcript) for c in self._joined_changes(changes, transcript)
        ]
        if None in names:
            return Names(None, None)
        members = [str(n) for n in (names if transcript.forward else names[::-1])]
        coding = f"[{';'.join(members)}]" if len(members) > 1 else members[0]
        return Names(f"{transcript.accession}:c.{coding}", self._joint(changes, transcript))

    def _joined_changes(self, changes: Sequence[Change], transcript: Transcript) -> list[Change]:
        """Return changes in order; what HGVS writes as one replacement is one.

        Those are changes that touch each other, and two of one codon with a base between them.
        """
        found: list[Change] = []
        for change in changes:
            between = None
            if found:
                before, gap = found[-1].end0, change.start0 - found[-1].end0
                codons = {_codon(p, transcript) for p in (before - 1, change.start0)}
                if gap == 1 and len(codons) == 1 and None not in codons:
                    between = self._sequences.fetch(transcript.chrom, before, before + 1)
                elif gap == 0:
                    between = ""
            if between is not None:
                one = found.pop()
                removed = one.removed + between + change.removed
                start, removed, added = trim(
                    one.start0, removed, one.added + between + change.added
                )
                change = Change(start, start + len(removed), removed, added)
            found.append(change)
        return found

    def _member(
        self, change: Change, others: Sequence[Change], transcript: Transcript
    ) -> str | None:
        """Return the c. name of one change of an allele, which does not move over another."""
        if set(change.added) - set("ACGT") or not transcript.has_number(change.start0):
            return None
        chrom = transcript.chrom
        taken = [
            range(c.start0 - (not c.removed), max(c.end0, c.start0 + 1))
            for c in others
            if not change.start0 <= c.start0 <= c.end0 <= change.end0
        ]

        def bases_at(start0: int, end0: int) -> str | None:
            if any(place in span for place in range(start0, end0) for span in taken):
                return "-" * (end0 - start0)
            return self._sequences.fetch(chrom, start0, end0)

        own = self._sequences.fetch(chrom, change.start0, change.end0) if change.removed else ""
        if own != change.removed:
            return None
        name = name_change(
            transcript.numbering, bases_at, change.start0 + 1, change.removed, change.added
        )
        return name and name.removeprefix("c.")

    def _joint(self, changes: Sequence[Change], transcript: Transcript) -> ProteinChange | None:
        """Return what becomes of the protein with all changes, `p.?` if one is not in an exon."""
        edits = []
        for change in changes:
            place = transcript.spliced_index(change.start0, len(change.removed))
            if place is None:
                return NO_PREDICTION
            size = len(change.removed)
            first = place if transcript.forward else place - size
            added = change.added if transcript.forward else complement(change.added)
            edits.append(SplicedEdit(first, first + size, added))
        found = predict_allele(sorted(edits), self._bases(transcript), transcript)
        return _up_to_spot(found, transcript)

    def name_protein(self, edit: Change, transcript: Transcript) -> ProteinChange:
        """Return the p. description of a change within one coding exon, `p.?` if there is none.

        The name of the variant itself may lie at another place of the same repeat, in the intron.
        """
        start, end, added = edit.start0, edit.end0, edit.added
        first, last = (start, end - 1) if edit.removed else (start - 1, start)
        if not transcript.forward:
            first, last, added = last, first, complement(added)
        one, two = transcript.coding_index(first), transcript.coding_index(last)
        if edit.removed:
            if one is None or two is None:
                return NO_PREDICTION
            return self._predict(one, two + 1, added, transcript)
        # Beside an exon's edge the other neighbour is a base of the intron.
        place = two if one is None else one + 1
        return NO_PREDICTION if place is None else self._predict(place, place, added, transcript)

    def _predict(self, first: int, last: int, added: str, transcript: Transcript) -> ProteinChange:
        """Predict from places in the coding sequence."""
        edit = SplicedEdit(transcript.leader + first, transcript.leader + last, added)
        found = predict_protein(edit, self._bases(transcript), transcript)
        return _up_to_spot(found, transcript)

    def _bases(self, transcript: Transcript) -> str:
        found = self._joined.get(transcript.accession)
        if found is None:
            found = spliced_bases(self._sequences, transcript)
            self._joined[transcript.accession] = found
        return found

    def _protein_name(self, coding: str, transcript: Transcript) -> ProteinChange | None:
        """Return what a c. name means for the protein; None outside the transcript."""
        match = _DESCRIPTION.fullmatch(coding.partition(":")[2])
        if match is None:
            return NO_PREDICTION
        ends = [_spliced_place(p, transcript) for p in (match[1], match[2] or match[1])]
        first, last = ends
        if first is None or last is None:
            return NO_PREDICTION
        bases = self._bases(transcript)
        if not 0 <= first <= last < len(bases):
            return None
        last += 1
        kind, added = match[5] or match[7], match[4] or match[6] or ""
        if kind == "ins":
            first = last = first + 1
        elif kind == "dup":
            first, added = last, bases[first:last]
        elif kind == "inv":
            added = complement(bases[first:last])
        found = predict_protein(SplicedEdit(first, last, added), bases, transcript)
        return _up_to_spot(found, transcript)

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

    def locate_coding_name(self, name: str) -> VariantKey | None:
        """Return the variant of a c. description such as `NM_000001.1:c.5A>G`.

        The version of the accession must be that of the tables. None if the description cannot
        be read, or its bases are not the reference's. A change of length stands where it is
        described.
        """
        accession, _, description = name.partition(":")
        transcript = self._by_accession.get(accession)
        match = _DESCRIPTION.fullmatch(description)
        if transcript is None or match is None:
            return None
        span = transcript.span_of(match[1], match[2] or match[1])
        removed = None if span is None else self._fetch(transcript, *span)
        if span is None or removed is None:
            return None
        start, end = span
        kind, told = match[5] or match[7], match[3] or match[8] or ""
        added = match[4] or match[6] or ""
        if not transcript.forward:
            told, added = complement(told), complement(added)
        if told and told != removed:
            return None
        if kind == "ins":
            return self._inserted(transcript, start, added) if end - start == 2 else None
        if kind == "dup":
            return self._inserted(transcript, end - 1, removed)
        if kind == "del":
            # VCF needs the base before.
            before = self._fetch(transcript, start - 1, start)
            key = (transcript.chrom, start)
            return None if before is None else VariantKey(*key, before + removed, before)
        added = complement(removed) if kind == "inv" else added
        return None if removed == added else VariantKey(transcript.chrom, start + 1, removed, added)

    def _inserted(self, transcript: Transcript, place0: int, added: str) -> VariantKey | None:
        """Return bases that come behind a base of the genome."""
        before = self._fetch(transcript, place0, place0 + 1)
        if before is None:
            return None
        return VariantKey(transcript.chrom, place0 + 1, before, before + added)

    def _fetch(self, transcript: Transcript, start0: int, end0: int) -> str | None:
        """Return the bases of an interval if every one of them is known."""
        bases = self._sequences.fetch(transcript.chrom, start0, end0)
        return None if bases is None or "N" in bases else bases


def _up_to_spot(change: ProteinChange, transcript: Transcript) -> ProteinChange:
    """Take back what a name says of residues behind the spot at which a build breaks the frame."""
    if transcript.spot is None:
        return change
    known = transcript.translated // 3
    if any(max(e.first or 0, e.last or 0) > known for e in change.edits):
        return NO_PREDICTION
    for edit in change.edits:
        if edit.kind is not ProteinKind.FRAMESHIFT or edit.first is None:
            continue
        if edit.stop_after is None or edit.first + edit.stop_after - 1 > known:
            return ProteinChange.read(f"p.({edit.before}{edit.first}fs)")
    return change


def _codon(position: int, transcript: Transcript) -> int | None:
    index = transcript.coding_index(position)
    return None if index is None else index // 3


def _spliced_place(coordinate: str, transcript: Transcript) -> int | None:
    """Return the 0-based place of a c. coordinate in the joined exons; None in an intron."""
    match = _EXONIC.fullmatch(coordinate)
    if match is None:
        return None
    number = int(match[2])
    before = {"-": -number, "": number - 1, "*": transcript.coding_length + number - 1}
    return transcript.leader + before[match[1]]
