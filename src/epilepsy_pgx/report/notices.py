"""Sentences of page one about what was given and could not be used, or was assumed."""

from collections.abc import Iterable, Iterator, Sequence

from epilepsy_pgx.calling.classifications import LaboratoryRow, MatchedClasses
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.response.monogenic import AssumedCis
from epilepsy_pgx.variants.observed import ObservedVariant
from epilepsy_pgx.vocabulary import Classification

SHOWN = 3
"""Rows for every carrier, and variants, that are named one by one; the others are counted."""
LONGEST = 80
"""Characters of a value that are printed: a record can hold pages of annotation."""
_CAUSAL = (Classification.PATHOGENIC, Classification.LIKELY_PATHOGENIC)


def class_notices(
    matched: MatchedClasses, rows: Sequence[LaboratoryRow], file: str, texts: Wording
) -> Iterator[str]:
    """Say which classes of the laboratory's file were not used, or not as they are written.

    Every row of the patient is named. Of the rows that hold for every carrier, as in a list of a
    laboratory, the first are, the pathogenic ones before the others.
    """
    def row_values(row: LaboratoryRow) -> dict[str, str]:
        return {"file": file, "line": str(row.line), "word": row.word, "variant": row.variant}

    if file and not rows:
        yield texts.say("caveat-class-none", file=file)
    own = [x for x in matched.unused if x[0].sample_id]
    shared = sorted(
        (x for x in matched.unused if not x[0].sample_id),
        key=lambda x: (x[0].record.classification not in _CAUSAL, x[0].line),
    )
    for row, reason in (*own, *shared[:SHOWN]):
        yield texts.say("caveat-class-unused", reason=texts.say(reason), **row_values(row))
    if rest := shared[SHOWN:]:
        causal = sum(r.record.classification in _CAUSAL for r, _ in rest)
        yield texts.say(
            "caveat-class-unused-more", file=file, number=str(len(rest)), causal=str(causal)
        )
    for row, found in matched.inexact:
        yield texts.say(
            "caveat-class-inexact", found=found, reason=texts.say(row.doubt), **row_values(row)
        )
    for rows in matched.differing:
        words = ", ".join(f"{r.word} ({file}:{r.line})" for r in rows)
        yield texts.say("caveat-class-differs", variant=rows[0].variant, words=words)


def info_notices(
    unread: Sequence[tuple[ObservedVariant, tuple[str, ...]]], texts: Wording
) -> Iterator[str]:
    """Say which classes of the VCF were not read: an unknown word, or a list without its allele."""
    for variant, words in unread[:SHOWN]:
        text_id = "caveat-info-class-words" if variant.info_fits else "caveat-info-class-list"
        value = variant.info_class or ""
        yield texts.say(
            text_id, field=variant.info_field, variant=str(variant.key),
            words=", ".join(f"'{w}'" for w in words),
            value=value if len(value) <= LONGEST else f"{value[:LONGEST]}…",
        )
    if rest := len(unread) - SHOWN:
        if rest > 0:
            yield texts.say("caveat-info-class-more", number=str(rest))


def cis_notices(assumed: Iterable[AssumedCis], texts: Wording) -> Iterator[str]:
    """Say which variants were counted as one allele without proof of their phase."""
    for pair in assumed:
        names = " + ".join(f.hgvs_p or f.hgvs_c or str(f.key) for f in pair.findings)
        yield texts.say("caveat-cis-assumed", gene=pair.gene, variants=names)
