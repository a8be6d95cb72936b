"""Give variants the class that the user's copy of ClinVar has for them.

It stays the class of a third party. It is added to what is known; what it may change is a matter
of `VariantFinding`.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field

from epilepsy_pgx.calling.class_words import ClassWords, read_class
from epilepsy_pgx.calling.file_annotations import OUTSIDE, SILENT, with_entries
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.intake.clinvar import ClinvarFile, ClinvarRecord
from epilepsy_pgx.intake.contigs import ContigNames
from epilepsy_pgx.intervals import Interval
from epilepsy_pgx.model import CLINVAR_FILE, ClassificationRecord, VariantKey
from epilepsy_pgx.variants.annotate import UNJUDGED, UNREAD, SiteAnnotation
from epilepsy_pgx.variants.consequence import TRUNCATING, sort_terms
from epilepsy_pgx.variants.equivalent import NEAR, Sameness
from epilepsy_pgx.variants.infoclass import FileAnnotation
from epilepsy_pgx.variants.observed import normalise_key
from epilepsy_pgx.variants.representation import is_bases
from epilepsy_pgx.variants.sequence import SequenceSource
from epilepsy_pgx.vocabulary import Classification

_log = logging.getLogger(__name__)
SOURCES = (
    "ClinVar file, no star",
    "ClinVar file, one star",
    "ClinVar file, two stars",
    "ClinVar file, three stars",
    "ClinVar file, four stars",
)
"""What the report calls the source, by the number of stars."""
BESIDE = 200
"""Bases on either side of a variant in which another spelling of it is sought."""
_FEW = 5
"""Records with other bases than the reference's that may be the file's own faults."""
_BENIGN = (Classification.BENIGN, Classification.LIKELY_BENIGN)
_SILENT = OUTSIDE | SILENT

Annotations = Mapping[VariantKey, tuple[SiteAnnotation, ...]]


@dataclass(slots=True)
class ClinvarClasses:
    """A copy of ClinVar, and what it is read with."""

    file: ClinvarFile
    names: ContigNames
    sequences: SequenceSource
    words: ClassWords
    targets: Sequence[Interval]
    """What is read of a copy without an index, once."""
    terms: Mapping[str, str] = field(default_factory=dict)
    """Consequence by its identifier in the Sequence Ontology."""
    entries: dict[VariantKey, tuple[FileAnnotation, ...]] = field(default_factory=dict)
    """What the copy says of the consequence of a variant that it gives a class, by gene."""
    conflicts: dict[VariantKey, str] = field(default_factory=dict)
    """The classes of the submitters, counted, where they conflict: CLNSIGCONF as written."""
    unread: set[VariantKey] = field(default_factory=set)
    """Variants of a record that lists several alleles: whose its class is, nothing says."""
    compare: Callable[[VariantKey, VariantKey], Sameness] | None = None
    """Says whether two spellings are one change, where bases are not known."""
    _kept: tuple[ClinvarRecord, ...] | None = None

    def add_to(self, annotations: Annotations) -> dict[VariantKey, tuple[SiteAnnotation, ...]]:
        """Return annotations with the classes of the copy.

        A class that is benign, or one of a silent variant that is not pathogenic or conflicting,
        makes no finding of a variant that was none.

        Raises
        ------
        InputError
            If the file is damaged, or its bases are not those of its build.
        """
        found = self.read({key for key, touched in annotations.items() if touched})
        return {
            key: tuple(self._with_class(key, one, found[key]) for one in touched)
            if key in found
            else touched
            for key, touched in annotations.items()
        }

    def _with_class(
        self, key: VariantKey, annotation: SiteAnnotation, record: ClassificationRecord
    ) -> SiteAnnotation:
        known = _add_class(annotation, record)
        return known if known is annotation else with_entries(known, self.entries.get(key, ()))

    def read(self, keys: set[VariantKey]) -> dict[VariantKey, ClassificationRecord]:
        """Return the classes of some variants."""
        spelled = [k for k in keys if is_bases(k.ref) and is_bases(k.alt)]
        regions = [
            (k.chrom, max(0, k.pos - 1 - BESIDE), k.pos + len(k.ref) + BESIDE) for k in spelled
        ]
        found: dict[VariantKey, ClassificationRecord] = {}
        lengths = _by_length(spelled)
        unknown: set[str] = set()
        right = wrong = 0
        for record in self._records(regions) if regions else ():
            key = VariantKey(record.chrom, record.pos, record.ref, record.alt)
            if not is_bases(key.ref) or not is_bases(key.alt):
                continue
            # Of unknown bases nothing can be right or wrong.
            bases = self.sequences.fetch(key.chrom, key.pos - 1, key.pos - 1 + len(key.ref))
            if bases is not None and "N" not in bases:
                right, wrong = right + (bases == key.ref), wrong + (bases != key.ref)
            key = self._carried(normalise_key(key, self.sequences), keys, lengths)
            if key not in keys:
                continue
            if record.several:
                self.unread.add(key)
                continue
            read = read_class(record.word, self.words, "open")
            unknown.update(read.unknown)
            if read.classification is not Classification.NOT_CLASSIFIED:
                if record.conflict not in ("", "."):
                    self.conflicts[key] = record.conflict
                self.entries[key] = self._entries_of(record)
                found[key] = ClassificationRecord(
                    read.classification,
                    SOURCES[record.stars],
                    self.file.date,
                    CLINVAR_FILE,
                    act=False,
                )
        # Under the coordinates of another build a base agrees by chance, one time in four.
        if wrong > max(_FEW, right):
            raise InputError.one(
                "clinvar-file",
                file=str(self.file.path),
                column="--clinvar",
                found=f"bases that are not those of {self.file.build.value}",
                expected=f"a copy of {self.file.build.value}, as its header says",
                fix="Copy the file again.",
            )
        self._warn(unknown)
        return found

    def _entries_of(self, record: ClinvarRecord) -> tuple[FileAnnotation, ...]:
        """Return what a record says of the consequence, of whichever of its genes.

        It says so over many transcripts: a protein that one of them leaves whole is not cut short.
        """
        terms = {self.terms[i] for i in record.consequences if i in self.terms} - OUTSIDE
        if terms - TRUNCATING:
            terms -= TRUNCATING
        said = sort_terms(terms)
        return tuple(FileAnnotation("clinvar", gene, terms=said) for gene in record.genes if said)

    def _warn(self, unknown: set[str]) -> None:
        """Say on standard error what of the copy was not read."""
        if self.unread:
            _log.warning(
                "%s: warning: the class of %d variant(s) was not read: their records list several "
                "alleles, split them (bcftools norm -m -)",
                self.file.path,
                len(self.unread),
            )
        if unknown:
            _log.warning(
                "%s: warning: class(es) in words that are not known: %s",
                self.file.path,
                ", ".join(sorted(unknown)),
            )

    def _carried(
        self,
        key: VariantKey,
        keys: set[VariantKey],
        lengths: Mapping[tuple[str, int], Sequence[VariantKey]],
    ) -> VariantKey:
        """Return the spelling in which a variant of the copy is carried, else its own."""
        added = len(key.alt) - len(key.ref)
        if key in keys or not added or self.compare is None:
            return key
        near = (k for k in lengths.get((key.chrom, added), ()) if abs(k.pos - key.pos) <= NEAR)
        return next((k for k in near if self.compare(key, k) is Sameness.SAME), key)

    def _records(self, regions: Sequence[Interval]) -> Iterable[ClinvarRecord]:
        if self.file.index is not None:
            return self.file.records(regions, self.names)
        if self._kept is None:
            self._kept = tuple(self.file.records(self.targets, self.names))
        return self._kept


def _by_length(keys: Iterable[VariantKey]) -> dict[tuple[str, int], list[VariantKey]]:
    """Group changes of length by chromosome and bases added."""
    found: dict[tuple[str, int], list[VariantKey]] = {}
    for key in keys:
        if len(key.ref) != len(key.alt):
            found.setdefault((key.chrom, len(key.alt) - len(key.ref)), []).append(key)
    return found


def _add_class(annotation: SiteAnnotation, record: ClassificationRecord) -> SiteAnnotation:
    # A class makes a finding of a variant that was passed over. A benign one must not: most
    # silent variants of a genome have one.
    silent = set(annotation.consequences) <= _SILENT
    weak = record.classification in _BENIGN or (
        silent and record.classification is Classification.UNCERTAIN
    )
    terms = set(annotation.consequences)
    unread = silent or "not_assessed" in terms
    unread = unread or (annotation.status in UNREAD and UNJUDGED in terms)
    if unread and weak and not annotation.classifications:
        return annotation
    return replace(annotation, classifications=(*annotation.classifications, record))
