"""Which neighbouring records of a sample make a change together that somebody classified.

The tables, a copy of ClinVar and a laboratory name a replacement of neighbouring bases as one
change, and callers write it as one record or as several. What one chromosome copy is proved to
carry is a finding as if it were one record. What it may carry is said, and is no finding.
"""

from collections.abc import Iterable, Mapping, Sequence

from epilepsy_pgx.calling.class_file import LaboratoryRow
from epilepsy_pgx.calling.classifications import Compare, MatchedClasses, match_classes
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.model import Alias, ClassificationRecord, VariantFinding, VariantKey
from epilepsy_pgx.variants.annotate import JOINED, JOINT_NOTE, JOINT_POSSIBLE, SiteAnnotation
from epilepsy_pgx.variants.joined import Joined
from epilepsy_pgx.variants.observed import ObservedVariant
from epilepsy_pgx.variants.targets_coding import PATHOGENIC

UNPROVED = "class-unused-phase"
"""Text id: a class of a change that the file may write as several records, unproved."""

Annotations = Mapping[VariantKey, tuple[SiteAnnotation, ...]]
Classes = Mapping[VariantKey, tuple[ClassificationRecord, ...]]


@dataclass(frozen=True, slots=True)
class KnownJoined:
    """The joined changes of one sample of which something is known."""

    sure: tuple[Joined, ...] = ()
    """Those that are findings."""
    open: tuple[tuple[Joined, SiteAnnotation], ...] = ()
    """Pathogenic ones that the sample may carry, on a gene each."""

    @property
    def variants(self) -> list[ObservedVariant]:
        """The changes that are findings, as the sample carries them."""
        return [j.variant for j in self.sure]

    @property
    def possible(self) -> list[ObservedVariant]:
        """The changes that the sample may carry."""
        return [j.variant for j, _ in self.open]

    def without_parts(self, observed: Iterable[ObservedVariant]) -> list[ObservedVariant]:
        """Return the variants of a sample that are not wholly part of a finding."""
        told = {(key, j.variant.copies) for j in self.sure for key in j.parts}
        return [v for v in observed if (v.key, v.copies) not in told]


def match_joined(
    matched: MatchedClasses, joined: Sequence[Joined], annotations: Annotations, compare: Compare
) -> MatchedClasses:
    """Give joined changes the classes of a laboratory's rows that no single record takes.

    Parameters
    ----------
    matched
        What the rows say of the sample's records.
    joined
        Changes that several records make.
    """
    rows = [row for row, _ in matched.unused]
    if not rows or not joined:
        return matched
    carried = {j.variant.key: annotations.get(j.variant.key, ()) for j in joined}
    more = match_classes(rows, carried, compare)
    sure = {j.variant.key for j in joined if j.sure}
    still = {id(row) for row, _ in more.unused}
    taken = [row for row in rows if id(row) not in still]
    unproved = _of_unproved(taken, carried, sure, compare)
    unused = [
        (row, UNPROVED if row in unproved else reason)
        for row, reason in matched.unused
        if id(row) in still or row in unproved
    ]
    return MatchedClasses(
        {**matched.classes, **{k: found for k, found in more.classes.items() if k in sure}},
        tuple(unused),
        (*matched.inexact, *(x for x in more.inexact if not _is_among(x[0], unproved))),
        (*matched.differing, *(r for r in more.differing if not any(x in unproved for x in r))),
        {**matched.proteins, **{k: names for k, names in more.proteins.items() if k in sure}},
    )


def _is_among(row: LaboratoryRow, rows: Sequence[LaboratoryRow]) -> bool:
    """Say whether a row is one of some, whatever is in doubt about it."""
    return any(row.line == other.line for other in rows)


def _of_unproved(
    rows: Sequence[LaboratoryRow], carried: Annotations, sure: set[VariantKey], compare: Compare
) -> list[LaboratoryRow]:
    """Return the rows that belong to a change which is not proved."""
    proved = {k: found for k, found in carried.items() if k in sure}
    return [r for r in rows if match_classes([r], proved, compare).unused]


def settle_joined(
    joined: Sequence[Joined], annotations: Annotations, classes: Classes
) -> KnownJoined:
    """Return those of the joined changes of a sample of which somebody knows something."""
    sure, open_ones = [], []
    for one in joined:
        key = one.variant.key
        for annotation in annotations.get(key, ()):
            records = (*classes.get(key, ()), *annotation.classifications)
            if one.sure and records:
                sure.append(one)
                break
            worst = any(r.classification in PATHOGENIC for r in records)
            if annotation.may_be or (worst and not one.sure):
                open_ones.append((one, annotation))
    return KnownJoined(tuple(sure), tuple(open_ones))


def listed_among(joined: Iterable[Joined], annotations: Annotations) -> list[ObservedVariant]:
    """Return the changes, proved or not, that are or may be listed: none of them is absent."""
    return [
        j.variant
        for j in joined
        if any(a.classifications or a.may_be for a in annotations.get(j.variant.key, ()))
    ]


def mark_joined(
    findings: Iterable[VariantFinding], known: KnownJoined, annotations: Annotations
) -> tuple[VariantFinding, ...]:
    """Say of findings that they are several records, or are or may be part of such a change."""
    whole = {j.variant.key for j in known.sure}
    parts: dict[tuple[str, VariantKey], dict[Alias, None]] = {}
    for one in known.sure:
        for site in annotations.get(one.variant.key, ()):
            names = [Alias(n) for n in _names(one, site)]
            for key in one.parts:
                parts.setdefault((site.gene, key), {}).update(dict.fromkeys(names))
    perhaps = {(a.gene, key) for j, a in known.open for key in j.parts}
    return tuple(_marked(f, whole, parts, perhaps) for f in findings)


def _names(one: Joined, site: SiteAnnotation) -> tuple[str, ...]:
    """Return the names of a joined change; as a VCF writes it where it has no other."""
    return tuple(n for n in (site.hgvs_c, site.hgvs_p) if n) or (str(one.variant.key),)


def _marked(
    finding: VariantFinding,
    whole: set[VariantKey],
    parts: Mapping[tuple[str, VariantKey], Mapping[Alias, None]],
    perhaps: set[tuple[str, VariantKey]],
) -> VariantFinding:
    place = finding.gene, finding.key
    notes = [*finding.notes]
    if finding.key in whole:
        notes.append(JOINED)
    if place in parts:
        notes.append(JOINT_NOTE)
    if place in perhaps:
        notes.append(JOINT_POSSIBLE)
    if len(notes) == len(finding.notes):
        return finding
    aliases = dict.fromkeys((*finding.aliases, *parts.get(place, ())))
    return replace(finding, notes=tuple(dict.fromkeys(notes)), aliases=tuple(aliases))


def with_open_notes(known: KnownJoined, annotations: Annotations) -> Annotations:
    """Return annotations in which the parts of a possible change say so.

    A table of all variants has them, whatever is known of their effect.
    """
    if not known.open:
        return annotations
    changed = dict(annotations)
    for one, whole in known.open:
        for key in one.parts:
            changed[key] = tuple(
                replace(a, notes=(*a.notes, JOINT_POSSIBLE))
                if a.gene == whole.gene and JOINT_POSSIBLE not in a.notes
                else a
                for a in changed.get(key, ())
            )
    return changed
