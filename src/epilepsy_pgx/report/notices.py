"""What page one says about what was given and could not be used, or was assumed."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from epilepsy_pgx.calling.class_file import LaboratoryRow
from epilepsy_pgx.calling.classifications import MatchedClasses
from epilepsy_pgx.calling.joined import KnownJoined
from epilepsy_pgx.model import ClassificationRecord, QualityCheck, VariantFinding, VariantKey
from epilepsy_pgx.reference.conditions.reasons import text_value
from epilepsy_pgx.response.monogenic import AssumedCis
from epilepsy_pgx.statement import Join, Message, Value, ValueKind
from epilepsy_pgx.variants.annotate import SiteAnnotation
from epilepsy_pgx.variants.infofrequency import UNPLACED, read_frequency
from epilepsy_pgx.variants.observed import ObservedVariant
from epilepsy_pgx.vocabulary import Check, CheckOutcome, Classification

SHOWN = 3
"""Rows for every carrier, and variants, that are named one by one; the others are counted."""
GENES_SHOWN = 5
"""Genes that are named with their count; of more the sum is told."""
LONGEST = 80
"""Characters of a value that are printed: a record can hold pages of annotation."""
_CAUSAL = (Classification.PATHOGENIC, Classification.LIKELY_PATHOGENIC)


def class_notices(
    matched: MatchedClasses, rows: Sequence[LaboratoryRow], file: str
) -> Iterator[Message]:
    """Say which classes of the laboratory's file were not used, or not as they are written.

    Every row of the patient is named. Of the rows that hold for every carrier, as in a list of a
    laboratory, the first are, the pathogenic ones before the others.
    """

    def of_row(text_id: str, row: LaboratoryRow, reason: str, **more: str) -> Message:
        return Message(
            text_id,
            (
                *_names(file=file, line=str(row.line), word=row.word, variant=row.variant, **more),
                Value("reason", (reason,), ValueKind.TEXT),
            ),
        )

    if file and not rows:
        yield Message("caveat-class-none", _names(file=file))
    own = [x for x in matched.unused if x[0].sample_id]
    shared = sorted(
        (x for x in matched.unused if not x[0].sample_id),
        key=lambda x: (x[0].record.classification not in _CAUSAL, x[0].line),
    )
    for row, reason in (*own, *shared[:SHOWN]):
        yield of_row("caveat-class-unused", row, reason)
    if rest := shared[SHOWN:]:
        causal = sum(r.record.classification in _CAUSAL for r, _ in rest)
        numbers = _names(file=file, number=str(len(rest)), causal=str(causal))
        yield Message("caveat-class-unused-more", numbers)
    for row, found in matched.inexact:
        yield of_row("caveat-class-inexact", row, row.doubt, found=found)
    for rows in matched.differing:
        words = Value("words", tuple(f"{r.word} ({file}:{r.line})" for r in rows))
        yield Message("caveat-class-differs", (*_names(variant=rows[0].variant), words))


def info_notices(unread: Sequence[tuple[ObservedVariant, tuple[str, ...]]]) -> Iterator[Message]:
    """Say which classes of the VCF were not read: an unknown word, or a list without its allele."""
    for variant, words in unread[:SHOWN]:
        where = _names(field=variant.info_field, variant=str(variant.key))
        if variant.info_fits:
            quoted = Value("words", tuple(f"'{w}'" for w in words))
            yield Message("caveat-info-class-words", (*where, quoted))
        else:
            value = variant.info_class or ""
            shown = value if len(value) <= LONGEST else f"{value[:LONGEST]}…"
            yield Message("caveat-info-class-list", (*where, *_names(value=shown)))
    if rest := len(unread) - SHOWN:
        if rest > 0:
            yield Message("caveat-info-class-more", _names(number=str(rest)))


def dispute_notices(findings: Iterable[VariantFinding]) -> Iterator[Message]:
    """Ask for a review of each class that a later one of a copy contradicts."""
    for finding in findings:
        if finding.disputed:
            name = " ".join(x for x in (finding.gene, finding.hgvs_c or str(finding.key)) if x)
            yield Message(
                "caveat-class-newer",
                (
                    *_names(variant=name),
                    Value("standing", messages=tuple(map(_record, finding.standing))),
                    Value("later", messages=tuple(map(_record, finding.later))),
                ),
            )


def conflict_notices(
    findings: Iterable[VariantFinding], conflicts: Mapping[VariantKey, str]
) -> Iterator[Message]:
    """Say what the submitters of ClinVar hold of a variant on which they differ."""
    for finding in findings:
        if finding.key in conflicts:
            said = conflicts[finding.key].replace("_", " ").split("|")
            name = f"{finding.gene} {finding.hgvs_c or finding.key}"
            yield Message(
                "caveat-clinvar-conflict", (*_names(variant=name), Value("words", tuple(said)))
            )


def copy_notices(
    carried: Mapping[VariantKey, Sequence[SiteAnnotation]], unread: Collection[VariantKey] | None
) -> Iterator[Message]:
    """Say which variants have a class in the copy of ClinVar that was not read, and what none has.

    Without a copy there is nothing to say.
    """
    if unread is None:
        return
    yield Message("caveat-clinvar-outside")
    lost = [k for k in carried if k in unread]
    for key in lost[:SHOWN]:
        gene = next((a.gene for a in carried[key]), "")
        yield Message("caveat-clinvar-several", _names(variant=f"{gene} {key}".strip()))
    if len(lost) > SHOWN:
        yield Message("caveat-clinvar-several-more", _names(number=str(len(lost) - SHOWN)))


def _record(record: ClassificationRecord) -> Message:
    """Return a class with who gave it, and when."""
    values = (
        text_value("class", "class", record.classification),
        Value("source", (record.who,), ValueKind.SOURCE),
    )
    if record.date is None:
        return Message("class-record-undated", values)
    return Message("class-record", (*values, Value("date", (record.date,))))


def annotation_notices(unread: Sequence[tuple[ObservedVariant, str]]) -> Iterator[Message]:
    """Say which annotations of the VCF could not be read in genes without bases."""
    for variant, field in unread[:SHOWN]:
        yield Message(
            "caveat-file-annotation-unread", _names(field=field, variant=str(variant.key))
        )
    if len(unread) > SHOWN:
        yield Message("caveat-file-annotation-more", _names(number=str(len(unread) - SHOWN)))


def listed_notices(annotations: Iterable[Sequence[SiteAnnotation]]) -> Iterator[Message]:
    """Say which variants may be, or hold, listed pathogenic ones."""
    for touched in annotations:
        for one in touched:
            if one.may_be:
                listed = Value("listed", one.may_be, join=Join.OR)
                yield Message("caveat-may-be-listed", (*_names(gene=one.gene), listed))
            if one.holds:
                listed = Value("listed", one.holds, join=Join.OR)
                yield Message("caveat-holds-listed", (*_names(gene=one.gene), listed))


def joined_notices(known: KnownJoined) -> Iterator[Message]:
    """Say which pathogenic changes neighbouring records may make together."""
    for one, annotation in known.open:
        if annotation.may_be:
            yield from listed_notices([(annotation,)])
            continue
        parts = Value("variants", tuple(map(str, one.parts)), join=Join.PLUS)
        name = annotation.hgvs_c or str(one.variant.key)
        yield Message("caveat-joined-possible", (*_names(gene=annotation.gene, listed=name), parts))


def unjudged_notices(counts: Mapping[str, int]) -> Iterator[Message]:
    """Say how many coding changes nobody judged, by gene or as a sum."""
    if not counts:
        return
    if len(counts) <= GENES_SHOWN:
        genes = tuple(f"{gene} ({n})" for gene, n in sorted(counts.items()))
        yield Message("caveat-coding-unjudged", (Value("genes", genes),))
        return
    numbers = _names(number=str(sum(counts.values())), genes=str(len(counts)))
    yield Message("caveat-coding-unjudged-more", numbers)


def frequency_notices(
    findings: Iterable[VariantFinding], observed: Iterable[ObservedVariant]
) -> Iterator[Message]:
    """Say which frequencies of the VCF could not be read, of the variants that are findings."""
    shown = {f.key for f in findings}
    unread = [
        (variant, field, text)
        for variant in observed
        if variant.key in shown
        for field, text in variant.info_frequencies
        if read_frequency(text) is None
    ]
    for variant, field, text in unread[:SHOWN]:
        value = text.removeprefix(UNPLACED)
        value = value if len(value) <= LONGEST else f"{value[:LONGEST]}…"
        names = _names(field=field, variant=str(variant.key), value=value)
        yield Message("caveat-frequency-unread", names)
    if len(unread) > SHOWN:
        yield Message("caveat-frequency-unread-more", _names(number=str(len(unread) - SHOWN)))


def check_notices(checks: Iterable[QualityCheck]) -> Iterator[Message]:
    """Say that a comparison with another test was asked for and could not be made."""
    for check in checks:
        if check.check is Check.FINGERPRINT and check.outcome is CheckOutcome.NOT_ASSESSED:
            compared = dict(check.measured)["compared"]
            yield Message("caveat-fingerprint-open", _names(compared=compared))


def cis_notices(assumed: Iterable[AssumedCis]) -> Iterator[Message]:
    """Say which variants were counted as one allele without proof of their phase."""
    for pair in assumed:
        names = tuple(f.hgvs_p or f.hgvs_c or str(f.key) for f in pair.findings)
        together = Value("variants", names, join=Join.PLUS)
        yield Message("caveat-cis-assumed", (*_names(gene=pair.gene), together))


def _names(**values: str) -> tuple[Value, ...]:
    """Return values that no language changes, by placeholder."""
    return tuple(Value(name, (value,)) for name, value in values.items())
