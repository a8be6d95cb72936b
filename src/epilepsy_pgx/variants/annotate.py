"""Put names, consequences and evidence to distinct variants, once each."""

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.genetics import SymbolicKind
from epilepsy_pgx.model import Alias, ClassificationRecord, FunctionalEvidence, VariantKey
from epilepsy_pgx.protein import ProteinChange, ProteinKind
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.variants.consequence import (
    TRUNCATING,
    classify_by_position,
    classify_span,
    may_lose_site,
    reconcile,
    sort_terms,
    within_exon,
)
from epilepsy_pgx.variants.csq import representations, run_csq
from epilepsy_pgx.variants.equivalent import ListedChanges
from epilepsy_pgx.variants.evidence import (
    NOT_IN_TABLE,
    KnownVariant,
    Spelled,
    direction_of_effect,
    load_evidence,
)
from epilepsy_pgx.variants.hgvs import HgvsNamer, Names, name_by_position
from epilepsy_pgx.variants.joined import Joined, join_neighbours
from epilepsy_pgx.variants.observed import ObservedVariant, Span, read_change, read_span
from epilepsy_pgx.variants.protein_names import NO_PREDICTION
from epilepsy_pgx.variants.published import published_elsewhere, published_outside, published_terms
from epilepsy_pgx.variants.sequence import SequenceSource
from epilepsy_pgx.variants.targets_coding import PATHOGENIC
from epilepsy_pgx.variants.transcripts import Transcript, by_chromosome, load_transcripts
from epilepsy_pgx.vocabulary import Direction, GenomeBuild

LONG_DELETION = 1_000
"""A spelled-out deletion of more bases is judged like a symbolic one."""
NMD_MARGIN = 50
"""A stop in the last coding exon, or in so many last bases of the exon before, may escape decay."""

BASIS_OF_WHOLE_SITE = {
    "note-splice-site-whole": "direction-basis-splice-site-whole",
    "note-start-whole": "direction-basis-start-whole",
    "note-stop-whole": "direction-basis-stop-whole",
    "note-site-unread": "direction-basis-site-unread",
}
"""What is said of the direction of a change that one spelling calls a loss and another does not,
by the note that it carries."""

MAY_BE_LISTED = "note-may-be-listed"
"""The note of a variant that may be a listed pathogenic one at another place of a repeat."""
_LISTED_REF = "note-ref-mismatch-listed"
"""The note of a variant with another REF than a listed one, where no sequence is known."""
HOLDS_LISTED = "note-holds-listed"
"""The note of a replacement of several bases that may hold a listed pathogenic variant."""

JOINED = "note-joined"
"""The note of a listed change that the file writes as several neighbouring records."""
JOINT_NOTE = "note-haplotype"
"""The note of a variant that is read together with another on the same chromosome copy."""
JOINT_POSSIBLE = "note-joined-possible"
"""The note of a variant that may be part of a listed change written as several records."""

UNJUDGED = "coding_sequence_variant"
"""The term of a coding change of which, without bases, nothing more can be said."""

HaplotypeKey = tuple[str, tuple[VariantKey, ...]]
"""Gene, and the variants on one copy of it in genome order."""


class AnnotationStatus(StrEnum):
    """Whether the bases of a variant could be read."""

    ASSESSED = "assessed"
    NO_SEQUENCE = "no_sequence"
    """The gene has none."""
    OUTSIDE_SEQUENCE = "outside_sequence"
    """It lies in a part of the gene without bases."""
    REF_MISMATCH = "ref_mismatch"
    STRUCTURAL = "structural"


UNREAD = (AnnotationStatus.NO_SEQUENCE, AnnotationStatus.OUTSIDE_SEQUENCE)
"""Of variants whose bases are not known here."""


@dataclass(frozen=True, slots=True)
class SiteAnnotation:
    """What a variant means on one transcript."""

    gene: str
    transcript: str
    consequences: tuple[str, ...]
    """Sequence Ontology terms, most severe first; `not_assessed` where REF is not the reference's
    base, and where a variant touches no part of the transcript."""
    hgvs_c: str | None
    protein: ProteinChange | None
    truncating: bool
    direction: Direction
    direction_basis: str
    """Id of the text that says where the direction comes from."""
    features: tuple[str, ...] = ()
    functional: tuple[FunctionalEvidence, ...] = ()
    aliases: tuple[Alias, ...] = ()
    curated_id: str | None = None
    classifications: tuple[ClassificationRecord, ...] = ()
    status: AnnotationStatus = AnnotationStatus.ASSESSED
    notes: tuple[str, ...] = ()
    """Ids of the texts table."""
    exons: tuple[int, ...] = ()
    """Coding exons that a structural variant covers."""
    may_be: tuple[str, ...] = ()
    """Listed pathogenic variants that this may be another spelling of."""
    holds: tuple[str, ...] = ()
    """Listed pathogenic variants that this may hold, beside other changes."""

    @property
    def hgvs_p(self) -> str | None:
        """The p. description."""
        return None if self.protein is None else self.protein.name


class Annotator:
    """Annotates variants of one build. Keep one and reuse it."""

    def __init__(self, ref: Reference, build: GenomeBuild, sequences: SequenceSource) -> None:
        """Prepare the tables and the naming engine."""
        self._sequences = sequences
        self._transcripts = load_transcripts(ref, build)
        self._by_chrom = by_chromosome(self._transcripts.values())
        self._evidence = load_evidence(ref, build)
        self._namer = HgvsNamer(self._transcripts, sequences)
        self.build = build
        self.listed = ListedChanges(self._evidence.listed, self._transcripts, sequences)
        self._joint: dict[HaplotypeKey, SiteAnnotation | None] = {}

    def join(self, observed: Sequence[ObservedVariant]) -> tuple[Joined, ...]:
        """Return every change that neighbouring records of one sample may make together."""
        return join_neighbours(observed, self.listed.base_at, self._sequences)

    def annotate(self, keys: Iterable[VariantKey]) -> dict[VariantKey, tuple[SiteAnnotation, ...]]:
        """Annotate distinct, normalised variants; empty where no transcript is touched."""
        hits = {key: self._hits(key) for key in dict.fromkeys(keys)}
        readings = self._readings(hits)
        return {
            key: tuple(self._annotate(key, t, readings.get((t.gene, key), ())) for t in touched)
            for key, touched in hits.items()
        }

    def annotate_haplotypes(
        self, groups: Iterable[HaplotypeKey]
    ) -> dict[HaplotypeKey, SiteAnnotation]:
        """Annotate small variants that lie on the same copy of a gene as one change each.

        A group is absent from the answer if its gene has no sequence or its variants cannot be
        written as one allele.
        """
        asked = tuple(dict.fromkeys(groups))
        new = [group for group in asked if group not in self._joint]
        self._joint.update(dict.fromkeys(new, None))
        self._joint.update(self._annotate_joint(new))
        return {group: found for group in asked if (found := self._joint[group]) is not None}

    def _annotate_joint(self, groups: Sequence[HaplotypeKey]) -> dict[HaplotypeKey, SiteAnnotation]:
        joined: dict[HaplotypeKey, tuple[VariantKey, Names]] = {}
        wanted: dict[str, tuple[Transcript, list[VariantKey]]] = {}
        # One name for the whole change needs the bases of every part of it.
        for gene, keys in groups:
            transcript = self._transcripts[gene]
            if any(self._status(k, transcript) or read_span(k) for k in keys):
                continue
            names = self._namer.name_allele(keys, transcript)
            whole = self._join(keys)
            if names.coding is None or names.protein is None or whole is None:
                continue
            joined[(gene, keys)] = whole, names
            wanted.setdefault(gene, (transcript, []))[1].append(whole)
        found = run_csq(wanted, self._sequences)
        annotations = {}
        for (gene, keys), (whole, names) in joined.items():
            transcript = self._transcripts[gene]
            readings = [found[(gene, whole)]] if (gene, whole) in found else []
            terms, said, _ = reconcile(readings, names.protein, whole, transcript, self._sequences)
            notes = (JOINT_NOTE, *said)
            if terms:
                annotations[(gene, keys)] = self._describe(
                    gene, transcript, terms, names, (), AnnotationStatus.ASSESSED, notes
                )
        return annotations

    def _join(self, keys: Sequence[VariantKey]) -> VariantKey | None:
        """Write variants of one chromosome copy as a single replacement."""
        ordered = sorted(keys)
        chrom, start = ordered[0].chrom, ordered[0].pos - 1
        end = max(k.pos - 1 + len(k.ref) for k in ordered)
        bases = self._sequences.fetch(chrom, start, end)
        if bases is None or "N" in bases:
            return None
        parts, at = [], start
        for key in ordered:
            change = read_change(key)
            # Two changes of one base cannot stand on one chromosome: the file contradicts itself.
            if change.start0 < at:
                return None
            parts += [bases[at - start : change.start0 - start], change.added]
            at = change.end0
        return VariantKey(chrom, start + 1, bases, "".join(parts) + bases[at - start :])

    def _known(self, key: VariantKey) -> tuple[KnownVariant, ...]:
        """Return the rows of the classified variants on a variant, however they spell it."""
        spelled: Spelled = key.chrom, key.pos, key.ref, key.alt
        others = self.listed.find(key).same
        return tuple(k for s in (spelled, *others) for k in self._evidence.known(s))

    def _perhaps_listed(self, found: SiteAnnotation, key: VariantKey) -> SiteAnnotation:
        """Add the listed pathogenic variants that a variant may be, or hold.

        What it may be is decided by bases that are not known here; what it holds is no longer
        that variant alone, whatever is known.
        """
        matches = self.listed.find(key)
        may_be = self._pathogenic(found.gene, matches.possible)
        if found.status is AnnotationStatus.ASSESSED:
            may_be = ()
        holds = self._pathogenic(found.gene, matches.within)
        notes = [n for n, said in ((MAY_BE_LISTED, may_be), (HOLDS_LISTED, holds)) if said]
        if not notes:
            return found
        return replace(found, may_be=may_be, holds=holds, notes=(*found.notes, *notes))

    def _pathogenic(self, gene: str, spelled: Iterable[Spelled]) -> tuple[str, ...]:
        """Return the names of the pathogenic ones among listed variants of a gene."""
        return tuple(
            f"{k.gene} {k.coding or k.name}"
            for k in (k for s in spelled for k in self._evidence.known(s))
            if k.gene == gene and k.record and k.record.classification in PATHOGENIC
        )

    def _hits(self, key: VariantKey) -> tuple[Transcript, ...]:
        span = read_span(key)
        change = span or read_change(key)
        start, end = change.start0, change.end0
        touched = [
            t
            for t in self._by_chrom.get(key.chrom, ())
            if t.start < max(end, start + 1) and start < t.end
        ]
        # A listed variant belongs to its gene, even where only another transcript reaches it.
        within = (k for s in self.listed.find(key).within for k in self._evidence.known(s))
        listed = dict.fromkeys(k.gene for k in (*self._known(key), *within))
        touched += [
            self._transcripts[gene]
            for gene in listed
            if gene in self._transcripts and self._transcripts[gene] not in touched
        ]
        return tuple(touched)

    def _status(self, key: VariantKey, transcript: Transcript) -> AnnotationStatus | None:
        """Return why the bases of a small variant cannot be used, or None."""
        partly = transcript.gene in self._sequences.coding_only
        if key.symbolic is None and self._sequences.contradicts(key.chrom, key.pos - 1, key.ref):
            return AnnotationStatus.REF_MISMATCH
        if set(key.alt) - set("ACGT") or not (partly or self._sequences.covers(transcript.gene)):
            return AnnotationStatus.NO_SEQUENCE
        if partly and not within_exon(key, transcript, self._sequences):
            return AnnotationStatus.OUTSIDE_SEQUENCE
        bases = self._sequences.fetch(key.chrom, key.pos - 1, key.pos - 1 + len(key.ref))
        if bases is None or "N" in bases:
            return AnnotationStatus.OUTSIDE_SEQUENCE
        return None if bases == key.ref else AnnotationStatus.REF_MISMATCH

    def _mismatch_note(self, key: VariantKey, gene: str) -> str:
        """Return the text id of what a REF contradicts."""
        if self._sequences.fetch(key.chrom, key.pos - 1, key.pos - 1 + len(key.ref)) is None:
            return _LISTED_REF
        typed = gene in self._sequences.typed
        return "note-ref-mismatch-typed" if typed else "note-ref-mismatch"

    def _readings(
        self, hits: Mapping[VariantKey, Sequence[Transcript]]
    ) -> dict[tuple[str, VariantKey], list[tuple[str, ...]]]:
        """Run the consequence engine over every small variant with known bases."""
        wanted: dict[str, tuple[Transcript, list[VariantKey]]] = {}
        spelled: dict[VariantKey, list[VariantKey]] = {}
        for key, touched in hits.items():
            for transcript in touched:
                if _long(key) or self._status(key, transcript):
                    continue
                if key not in spelled:
                    spelled[key] = representations(key, self._sequences)
                wanted.setdefault(transcript.gene, (transcript, []))[1].extend(spelled[key])
        found = run_csq(wanted, self._sequences)
        readings = {}
        for gene, (transcript, _) in wanted.items():
            for key, forms in spelled.items():
                seen = [found[(gene, f)] for f in forms if (gene, f) in found]
                if transcript in hits[key] and seen:
                    readings[(gene, key)] = seen
        return readings

    def _annotate(
        self, key: VariantKey, transcript: Transcript, readings: Sequence[tuple[str, ...]]
    ) -> SiteAnnotation:
        gene = transcript.gene
        span = _long(key)
        if span is not None:
            spelled = read_span(key) is None and not self._status(key, transcript)
            name = self._namer.name_coding(key, transcript) if spelled else None
            return self._structural(span, transcript, name)
        known = tuple(k for k in self._known(key) if k.gene == gene)
        status = self._status(key, transcript)
        if status is None:
            names = self._namer.name(key, transcript)
            terms, said, edit = reconcile(readings, names.protein, key, transcript, self._sequences)
            # One representation leaves the ATG whole: the name of another must not speak of p.Met1.
            if "note-start-whole" in said:
                names = Names(names.coding, NO_PREDICTION)
            elif edit is not None and _ends_in_exon(names):
                names = Names(names.coding, self._namer.name_protein(edit, transcript))
            published = published_elsewhere(key, known, transcript)
            found = self._describe(
                gene,
                transcript,
                sort_terms([*terms, *published]) or published_outside(known) or ("not_assessed",),
                names,
                known,
                AnnotationStatus.ASSESSED,
                (*said, *_other_transcript(published)),
            )
            return found if known else self._perhaps_listed(found, key)
        notes: tuple[str, ...] = (f"note-{status.replace('_', '-')}",)
        if status is AnnotationStatus.REF_MISMATCH:
            notes = (self._mismatch_note(key, gene),)
            # Where REF is not the reference's base, position and ALT mean nothing either.
            names, known, terms = Names(None, None), (), ("not_assessed",)
        else:
            first = known[0] if known else None
            names = _table_names(first, transcript)
            coding = names.coding or name_by_position(key, transcript)
            names = Names(coding, names.protein or self._evidence.implied(gene, coding, known))
            terms = _terms_of_name(names) or published_terms(key, known, transcript)
            if not terms:
                elsewhere = published_elsewhere(key, known, transcript)
                terms = classify_by_position(key, transcript)
                terms = sort_terms([*terms, *elsewhere]) or published_outside(known)
                terms = terms or ("not_assessed",)
                notes = (*_other_transcript(elsewhere), *notes)
                if may_lose_site(key, transcript) and not TRUNCATING & set(terms):
                    notes = ("note-site-unread", *notes)
        found = self._describe(gene, transcript, terms, names, known, status, notes)
        # That a variant may be listed outlives a REF that single bases of the tables contradict.
        doubted = status is AnnotationStatus.REF_MISMATCH and _LISTED_REF not in notes
        unlisted = not known and not doubted
        return self._perhaps_listed(found, key) if unlisted else found

    def _structural(self, span: Span, transcript: Transcript, name: str | None) -> SiteAnnotation:
        terms, exons = classify_span(span, transcript)
        direction, basis = direction_of_effect(terms, ())
        return SiteAnnotation(
            transcript.gene,
            transcript.accession,
            terms or ("intron_variant",),
            name,
            None,
            bool(TRUNCATING & set(terms)),
            direction,
            basis,
            status=AnnotationStatus.STRUCTURAL,
            notes=("note-structural",),
            exons=exons,
        )

    def _describe(
        self,
        gene: str,
        transcript: Transcript,
        terms: tuple[str, ...],
        names: Names,
        known: Sequence[KnownVariant],
        status: AnnotationStatus,
        notes: tuple[str, ...],
    ) -> SiteAnnotation:
        functional = self._evidence.tested(gene, names.protein, names.coding, known)
        direction, basis = direction_of_effect(terms, functional)
        if direction is Direction.NOT_DETERMINED:
            if status in UNREAD and UNJUDGED in terms and basis == NOT_IN_TABLE:
                basis = "direction-basis-no-sequence"
            basis = next((BASIS_OF_WHOLE_SITE[n] for n in notes if n in BASIS_OF_WHOLE_SITE), basis)
        truncating = bool(TRUNCATING & set(terms))
        residues = None if names.protein is None else names.protein.residues
        features = self._evidence.features(gene, residues) if residues and status else ()
        if truncating and _escapes_decay(terms, names.protein, transcript):
            notes = (*notes, "note-decay-escape")
        return SiteAnnotation(
            gene=gene,
            transcript=transcript.accession,
            consequences=terms,
            hgvs_c=names.coding,
            protein=names.protein,
            truncating=truncating,
            direction=direction,
            direction_basis=basis,
            features=features,
            functional=functional,
            aliases=self._evidence.aliases(gene, names.coding, names.protein),
            curated_id=known[0].name if known else None,
            classifications=tuple(k.record for k in known if k.record is not None),
            status=status,
            notes=notes,
        )


def _other_transcript(published: Sequence[str]) -> tuple[str, ...]:
    """Return the note that a published consequence is that on another transcript."""
    return ("note-other-transcript",) if published else ()


def _ends_in_exon(names: Names) -> bool:
    """Say whether a variant without a p. description has a c. one with a base of an exon."""
    exonic = re.search(r":c\.(\d+(?![\d+-])|[^_]+_\d+(?![\d+-]))", names.coding or "")
    return names.protein == NO_PREDICTION and exonic is not None


def _long(key: VariantKey) -> Span | None:
    """Return the interval of a structural variant, symbolic or spelled out, else None."""
    span = read_span(key)
    if span is not None:
        return span
    change = read_change(key)
    if change.end0 - change.start0 > LONG_DELETION:
        return Span(SymbolicKind.DEL, key.chrom, change.start0, change.end0)
    return None


def _table_names(known: KnownVariant | None, transcript: Transcript) -> Names:
    if known is None:
        return Names(None, None)
    coding = f"{transcript.accession}:{known.coding}" if known.coding else None
    return Names(coding, known.protein and known.protein.predicted())


def _terms_of_name(names: Names) -> tuple[str, ...]:
    """Return the terms that follow from a curated name; empty where it does not settle them."""
    if names.protein is None:
        return ()
    match names.protein.kind:
        case ProteinKind.START_LOST:
            return ("start_lost",)
        case ProteinKind.FRAMESHIFT:
            return ("frameshift_variant",)
        case ProteinKind.SUBSTITUTION:
            edit = names.protein.edits[0]
            if edit.before == "Ter":
                return ("stop_lost",)
            return ("stop_gained",) if edit.stops else ("missense_variant",)
    return ()


def _escapes_decay(
    terms: Sequence[str], protein: ProteinChange | None, transcript: Transcript
) -> bool:
    """Say whether a premature stop lies so late that the transcript may survive."""
    if protein is None or protein.residues is None:
        return False
    if not {"stop_gained", "frameshift_variant"} & set(terms):
        return False
    stop = protein.residues[0] + (protein.stop_after or 1) - 1
    last = transcript.coding[-1]
    # Decay needs an exon junction behind the stop: the last one, less the fifty bases.
    limit = transcript.coding_length - (last[1] - last[0])
    if len(transcript.coding) > 1:
        limit -= NMD_MARGIN
    return stop * 3 > limit


def annotate_sites(
    keys: Iterable[VariantKey], build: GenomeBuild, ref: Reference, sequences: SequenceSource
) -> dict[VariantKey, tuple[SiteAnnotation, ...]]:
    """Annotate distinct variants of one build.

    Parameters
    ----------
    keys
        Variants as `normalise_key` spells them.
    build, ref, sequences
        Build of the input, data package, installed bases.

    Returns
    -------
    dict
        One annotation for each transcript that a variant touches; empty outside all of them.
    """
    distinct = tuple(dict.fromkeys(keys))
    if not distinct:
        return {}
    return Annotator(ref, build, sequences).annotate(distinct)
