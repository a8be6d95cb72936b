"""Find the variant of a build that a laboratory's name means."""

import re

from epilepsy_pgx.calling.variant_names import WrittenName, read_name
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.intake.contigs import load_contig_names
from epilepsy_pgx.intervals import Interval
from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.variants.equivalent import Place, make_place, place_of_name
from epilepsy_pgx.variants.hgvs import HgvsNamer
from epilepsy_pgx.variants.observed import normalise_key
from epilepsy_pgx.variants.sequence import SequenceSource, complement
from epilepsy_pgx.variants.transcripts import COORDINATE, Transcript, load_transcripts
from epilepsy_pgx.vocabulary import GenomeBuild

_VERSION = re.compile(r"\.\d+$")
_CODING = re.compile(rf"c\.({COORDINATE})(?:_({COORDINATE}))?([^0-9_+*-].*)")
_SUBSTITUTION = re.compile(r"([ACGT])>([ACGT])")
_GENOMIC = re.compile(r"g\.(\d{1,9})(?:_(\d{1,9}))?(?:([ACGT])>([ACGT])|(delins|del|dup|ins)(.*))")
_BASES = re.compile(r"[ACGT]+")


@dataclass(frozen=True, slots=True)
class Located:
    """The variant that a name means, or why it cannot be told."""

    key: VariantKey | None
    doubt: str = ""
    """Why not: last part of a text id `class-unused-…`."""
    likely: VariantKey | None = None
    """The variant in doubt, where only the version or the build is not that of the tables."""
    place: Place | None = None
    """What a name of a change of length says, where its own bases are not known."""
    span: Interval | None = None
    """The bases between which the variant lies, also where it cannot be told which it is."""
    gene: str = ""
    """Gene of the transcript that a c. description names, if it is one of the tables."""


class VariantLocator:
    """Finds variants of one build by their names."""

    def __init__(self, build: GenomeBuild, ref: Reference, sequences: SequenceSource) -> None:
        """Prepare the transcripts and the names of chromosomes."""
        self._build = build
        self._sequences = sequences
        self._transcripts = tuple(load_transcripts(ref, build).values())
        self._namer = HgvsNamer(load_transcripts(ref, build), sequences)
        self._contigs = load_contig_names(ref, build)

    def locate(self, text: str, build: str | None = None) -> Located:
        """Find the variant of a g. or c. description, or of a position with its alleles.

        A p. description names no variant: several may have it.

        Parameters
        ----------
        build
            What is said of the build beside the name, if anything is.
        """
        name = read_name(text)
        if name.coding:
            return self._by_coding(name)
        if name.genomic or name.key is not None:
            return self._by_position(name, name.build or build)
        return Located(None, "transcript")

    def _by_coding(self, name: WrittenName) -> Located:
        plain = name.unversioned
        exact = [t for t in self._transcripts if {t.accession, t.ensembl} & name.who]
        alike = exact or [t for t in self._transcripts if _names(t) & plain]
        if len(alike) != 1:
            return Located(None, "transcript")
        (transcript,) = alike
        key = self._on_transcript(name, transcript)
        others = {t.gene for t in self._transcripts if t is not transcript}
        if others & name.who:
            # Accession and symbol are of two genes.
            return Located(None, "name")
        if exact:
            if key:
                return Located(key)
            place = self._unread(place_of_name(name.coding, transcript))
            lost = name.lost if transcript.forward else complement(name.lost)
            told = place and replace(place, told=lost)
            return Located(None, "name", None, told, _span(name, transcript), transcript.gene)
        span = _span(name, transcript)
        return Located(None, "transcript", key, span=span, gene=transcript.gene)

    def _on_transcript(self, name: WrittenName, transcript: Transcript) -> VariantKey | None:
        """Return the variant that a c. description means on a transcript."""
        match = _CODING.fullmatch(name.coding)
        # The naming engine counts on from any base, over the edges of exons and introns.
        span = transcript.span_of(match[1], match[2] or match[1]) if match else None
        if match is None or span is None:
            return None
        # Among unknown bases it would move a change along the whole chromosome.
        if self._unread(place_of_name(name.coding, transcript)) is not None:
            return None
        key = self._namer.locate_coding_name(f"{transcript.accession}:{name.coding}")
        if key is None:
            return self._by_number(span, match[3], transcript)
        lost = name.lost if transcript.forward else complement(name.lost)
        if not self._agrees(key) or not _may_lose(key, lost):
            return None
        return normalise_key(key, self._sequences)

    def _by_number(
        self, span: tuple[int, int], change: str, transcript: Transcript
    ) -> VariantKey | None:
        """Return a substitution of one base, where the bases are not known here."""
        start, end = span
        match = _SUBSTITUTION.fullmatch(change)
        if match is None or end - start != 1:
            return None
        bases = (match[1], match[2])
        ref, alt = bases if transcript.forward else map(complement, bases)
        key = VariantKey(transcript.chrom, end, ref, alt)
        return key if self._agrees(key) else None

    def _by_position(self, name: WrittenName, build: str | None) -> Located:
        written = [name.key[0]] if name.key else sorted(name.who)
        if any(self._contigs.other_build(w) for w in written):
            return Located(None, "build")
        chroms = {c for w in written if (c := self._contigs.chrom(w)) is not None}
        if len(chroms) != 1:
            return Located(None, "transcript")
        proved = any(w.lower() in self._contigs.accessions for w in written)
        if not proved and build is not None and build != self._build.value:
            return Located(None, "build")
        (chrom,) = chroms
        if name.key is not None:
            key: VariantKey | None = VariantKey(chrom, *name.key[1:])
        else:
            key = self._of_genomic(chrom, name)
        if key is None:
            place = self._genomic_place(chrom, name) if proved else None
            match = _GENOMIC.fullmatch(name.genomic) if proved else None
            span = match and (chrom, int(match[1]) - 1, int(match[2] or match[1]))
            return Located(None, "name", place=place, span=span)
        if not self._agrees(key):
            return Located(None, "reference")
        key = normalise_key(key, self._sequences)
        if not proved and build is None:
            return Located(None, "build-unstated", key)
        return Located(key)

    def _of_genomic(self, chrom: str, name: WrittenName) -> VariantKey | None:
        """Return the variant of a g. description; None if bases are needed that are not known."""
        match = _GENOMIC.fullmatch(name.genomic)
        if match is None:
            return None
        first, last = int(match[1]), int(match[2] or match[1])
        if match[3]:
            return VariantKey(chrom, first, match[3], match[4]) if first == last else None
        kind, added = match[5], match[6]
        if kind in ("ins", "delins") and not _BASES.fullmatch(added):
            return None
        if kind == "ins":
            anchor = self._sequences.fetch(chrom, first - 1, first)
            return VariantKey(chrom, first, anchor, anchor + added) if anchor else None
        bases = self._sequences.fetch(chrom, first - 2, last) if 1 < first <= last else None
        if bases is None or (name.lost and name.lost != bases[1:]):
            return None
        if kind == "dup":
            return VariantKey(chrom, first - 1, bases[0], bases)
        return VariantKey(chrom, first - 1, bases, bases[0] + added)

    def _genomic_place(self, chrom: str, name: WrittenName) -> Place | None:
        """Return the place of a g. description of a change of length."""
        match = _GENOMIC.fullmatch(name.genomic)
        if match is None or match[3]:
            return None
        first, last = int(match[1]), int(match[2] or match[1])
        if not 1 < first <= last:
            return None
        place = self._unread(make_place(chrom, match[5], first - 1, last, match[6]))
        return place and replace(place, told=name.lost)

    def _unread(self, place: Place | None) -> Place | None:
        """Return a place if its bases are not known: where they are, they have been compared."""
        if place is None:
            return None
        known = self._sequences.fetch(place.chrom, place.start0 - 1, place.end0)
        return place if known is None or "N" in known else None

    def _agrees(self, key: VariantKey) -> bool:
        """Say whether REF is spelled, and the reference's wherever that is known."""
        if not _BASES.fullmatch(key.ref) or not _BASES.fullmatch(key.alt) or key.ref == key.alt:
            return False
        if key.pos > self._sequences.lengths[key.chrom]:
            return False
        return not self._sequences.contradicts(key.chrom, key.pos - 1, key.ref)


def _span(name: WrittenName, transcript: Transcript) -> Interval | None:
    """Return the bases that a c. description names on a transcript."""
    match = _CODING.fullmatch(name.coding)
    span = transcript.span_of(match[1], match[2] or match[1]) if match else None
    return span and (transcript.chrom, *span)


def _names(transcript: Transcript) -> set[str]:
    found = {transcript.gene, _VERSION.sub("", transcript.accession)}
    if transcript.ensembl is not None:
        found.add(_VERSION.sub("", transcript.ensembl))
    return found


def _may_lose(key: VariantKey, lost: str) -> bool:
    """Say whether the bases written after `del` or `dup` are those that change."""
    if not lost:
        return True
    bases = max(key.ref, key.alt, key=len)
    return lost in (bases, bases[1:])
