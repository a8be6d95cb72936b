"""To which variants of a sample the ACMG/AMP classes of a laboratory's file belong.

A row that names no variant of a patient is kept and said: it is never passed over.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from epilepsy_pgx.calling.class_file import LaboratoryRow
from epilepsy_pgx.model import ClassificationRecord, VariantKey
from epilepsy_pgx.variants.annotate import SiteAnnotation
from epilepsy_pgx.vocabulary import Classification, join_classes

_REASSURING = (Classification.BENIGN, Classification.LIKELY_BENIGN, Classification.UNCERTAIN)
"""Classes under which a rule may fall silent that speaks of a variant without a class."""
_PROTEIN = re.compile(r"(NP|XP)_|ENSP")
_NAME = re.compile(r"(?P<who>[^:\s]+)[:\s]\s*(?P<change>[cp]\..+)")
_VERSION = re.compile(r"\.\d+$")


@dataclass(frozen=True, slots=True)
class MatchedClasses:
    """What the rows of a file say about the variants of one sample."""

    classes: Mapping[VariantKey, tuple[ClassificationRecord, ...]]
    unused: tuple[tuple[LaboratoryRow, str], ...] = ()
    """Rows that match no variant of the sample, each with the text id of the reason."""
    inexact: tuple[tuple[LaboratoryRow, str], ...] = ()
    """Rows taken for a variant that they name in another way, each with its name here."""
    differing: tuple[tuple[LaboratoryRow, ...], ...] = ()
    """Rows that give one variant different classes."""


def match_classes(
    rows: Sequence[LaboratoryRow], annotations: Mapping[VariantKey, tuple[SiteAnnotation, ...]]
) -> MatchedClasses:
    """Find the variants of one sample to which the rows belong.

    A description that cannot be placed (another transcript or version, a protein change) is
    taken for the one variant of the sample that has this name in some numbering, unless the
    class would reassure: that needs an exact match.

    Parameters
    ----------
    rows
        Those that hold for the sample.
    annotations
        Of the variants that the sample carries.
    """
    used: dict[VariantKey, list[LaboratoryRow]] = {}
    unused: list[tuple[LaboratoryRow, str]] = []
    inexact: list[tuple[LaboratoryRow, str]] = []
    for row in rows:
        key, reason, odd = row.key, "class-unused-absent", bool(row.doubt)
        if key is None:
            # The sequence of a gene may lack while its variants have known names.
            key = next((k for k, t in annotations.items() if row.variant in _codings(t)), None)
            odd = key is None
        if key is None:
            alike = _named_alike(row.variant, annotations)
            reason = "class-unused-several" if len(alike) > 1 else row.doubt
            if len(alike) == 1:
                key = alike[0] if row.record.classification not in _REASSURING else None
                reason = "class-unused-inexact"
        if key is None or not annotations.get(key):
            unused.append((row, reason))
            continue
        used.setdefault(key, []).append(row)
        if odd:
            inexact.append((row, _shown(key, annotations[key])))
    return MatchedClasses(
        {k: tuple(dict.fromkeys(r.record for r in found)) for k, found in used.items()},
        tuple(unused),
        tuple(inexact),
        tuple(
            tuple(found)
            for found in used.values()
            if len({r.record.classification for r in found}) > 1
            and join_classes({r.record.classification for r in found}) is Classification.CONFLICTING
        ),
    )


def _codings(annotations: Sequence[SiteAnnotation]) -> set[str]:
    return {a.hgvs_c for a in annotations if a.hgvs_c}


def _shown(key: VariantKey, annotations: Sequence[SiteAnnotation]) -> str:
    first = annotations[0]
    return " ".join(x for x in (first.gene, first.hgvs_c or str(key), first.hgvs_p) if x)


def _named_alike(
    text: str, annotations: Mapping[VariantKey, tuple[SiteAnnotation, ...]]
) -> list[VariantKey]:
    """Return the variants of which some name in use is the one written."""
    match = _NAME.fullmatch(text)
    if match is None:
        return []
    who = {x.strip(")") for x in match.group("who").split("(")}
    # Another version of a transcript: the match then counts as inexact.
    who |= {_VERSION.sub("", x) for x in who}
    changes = {_plain(x) for x in re.split(r"[\s,;]+(?=[cp]\.|\()", match.group("change"))}
    found = []
    for key, touched in annotations.items():
        for one in touched:
            mine = {one.gene, _VERSION.sub("", one.transcript)}
            names = {_plain(n.rpartition(":")[2]) for n in (one.hgvs_c, one.hgvs_p) if n}
            other = {_plain(part) for alias in one.aliases for part in alias.name.split()}
            if any(_PROTEIN.match(x) for x in who):
                other |= {n for n in names if n.startswith("p.") and "?" not in n}
            # These names stand by themselves: their sequence is in no table.
            if (mine & who and names & changes) or other & changes:
                found.append(key)
                break
    return found


def _plain(change: str) -> str:
    # p.(Arg222*) and p.Arg222Ter are one name.
    return change.replace("(", "").replace(")", "").replace("Ter", "*").strip()
