"""To which variants of a sample the ACMG/AMP classes of a laboratory's file belong.

A row that names no variant of a patient is kept and said: it is never passed over.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field

from epilepsy_pgx.calling.class_file import LaboratoryRow
from epilepsy_pgx.calling.variant_names import WrittenName, any_same_protein, read_name
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.intervals import Intervals
from epilepsy_pgx.model import Alias, ClassificationRecord, VariantFinding, VariantKey
from epilepsy_pgx.protein import ProteinChange, ProteinEdit, ProteinKind
from epilepsy_pgx.reference.genome import CODONS, THREE
from epilepsy_pgx.variants.annotate import SiteAnnotation
from epilepsy_pgx.variants.equivalent import Place, Sameness
from epilepsy_pgx.variants.observed import read_change
from epilepsy_pgx.variants.sequence import complement
from epilepsy_pgx.vocabulary import Classification, join_classes

Compare = Callable[[VariantKey | Place, VariantKey], Sameness]
_REASSURING = (Classification.BENIGN, Classification.LIKELY_BENIGN, Classification.UNCERTAIN)
"""Classes under which a rule may fall silent that speaks of a variant without a class."""
_PROTEIN = re.compile(r"(NP|XP)_|ENSP")
_SYMBOL = re.compile(r"(?!(?:ENS[TP]|CCDS|LRG)[0-9_])[A-Z][A-Z0-9]{2,}")
"""A gene, in capitals as HGNC has most, and no accession."""
_TWO_NAMES = "class-unused-names"
"""Text id: the changes of DNA and protein that a row names are not those of one variant."""
_OUTSIDE = "class-unused-outside"
"""Text id: the variant lies where nothing is read."""
_SPELLING = "class-unused-spelling"
"""Text id: bases that are not known here decide whether a row names a variant."""
_VERSION = re.compile(r"\.\d+$")
_CODING_PLACE = re.compile(r"c\.(\d+)(?:_(\d+))?(?:([ACGT])>([ACGT])$|(?=[a-z]))")
"""First and last base of a change in the coding sequence, and what one base is replaced by."""
NEAR_RESIDUES = 3
"""Residues behind a change of length at which the protein may first differ."""


def _as_spelled(meant: VariantKey | Place, key: VariantKey) -> Sameness:
    return Sameness.SAME if meant == key else Sameness.OTHER


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
    proteins: Mapping[VariantKey, tuple[Alias, ...]] = field(default_factory=dict)
    """The changes of the protein that laboratories write beside a class, each as that one's."""


def match_classes(
    rows: Sequence[LaboratoryRow],
    annotations: Mapping[VariantKey, tuple[SiteAnnotation, ...]],
    compare: Compare = _as_spelled,
    read: Intervals | None = None,
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
    compare
        Says whether a variant is the one that is meant, in whatever spelling.
    read
        The positions that are read; of a variant elsewhere nothing says whether it is there.
    """
    used: dict[VariantKey, list[LaboratoryRow]] = {}
    unused: list[tuple[LaboratoryRow, str]] = []
    inexact: list[tuple[LaboratoryRow, str]] = []
    for row in rows:
        name = read_name(row.variant)
        key, reason, odd = row.key, "class-unused-absent", row.doubt
        if key is None:
            key, proved = _by_name(row, name, annotations, compare)
            odd = "" if proved else odd
        if key not in annotations:
            meant = row.place if key is None else key
            key, odd = _elsewhere(meant, annotations, compare) or (key, odd)
        if key is None:
            alike = _named_alike(name, row.likely, annotations)
            alike = [k for k in alike if _may_lose(row, name.lost, k, compare)]
            alike = [k for k in alike if _of_gene(row, annotations[k])]
            reason = "class-unused-several" if len(alike) > 1 else _why_unplaced(row, name)
            if len(alike) == 1:
                key, odd = alike[0], "class-unused-protein" if name.on_protein_alone else row.doubt
        elif name.protein and not _has_protein(name, annotations.get(key, ())):
            odd = odd or _TWO_NAMES
        if odd and row.record.classification in _REASSURING:
            doubt = _too_doubtful(row, name, key, odd)
            key, reason = (None, doubt) if doubt else (key, reason)
        if key is None or not annotations.get(key):
            unused.append((row, _OUTSIDE if _lies_outside(row, read) else reason))
            continue
        used.setdefault(key, []).append(row)
        if odd:
            inexact.append((replace(row, doubt=odd), _shown(key, annotations[key])))
    return MatchedClasses(
        {k: tuple(dict.fromkeys(r.record for r in found)) for k, found in used.items()},
        tuple(unused),
        tuple(inexact),
        _differing(used.values()),
        {k: names for k, found in used.items() if (names := _written_proteins(found))},
    )


def _of_gene(row: LaboratoryRow, annotations: Sequence[SiteAnnotation]) -> bool:
    """Say whether a variant lies in the gene that is named, where the tables know which it is."""
    return not row.gene or any(a.gene == row.gene for a in annotations)


def _too_doubtful(row: LaboratoryRow, name: WrittenName, key: VariantKey | None, odd: str) -> str:
    """Return the text id of the reason why a class that would reassure is not used, or none."""
    if odd == _SPELLING:
        return _SPELLING
    if key is not None and row.key is None:
        return "class-unused-inexact"
    return _TWO_NAMES if odd == _TWO_NAMES and name.coding else ""


def _lies_outside(row: LaboratoryRow, read: Intervals | None) -> bool:
    """Say whether a variant lies where nothing is read, so that no file can show it."""
    if read is None or row.span is None:
        return False
    chrom, start, end = row.span
    return not read.meets(chrom, start, max(end, start + 1))


def _written_proteins(rows: Iterable[LaboratoryRow]) -> tuple[Alias, ...]:
    """Return the changes of the protein that rows name, with who names them."""
    named = ((read_name(r.variant).protein, r.record.who) for r in rows)
    return tuple(dict.fromkeys(Alias(name, who) for name, who in named if name))


def add_written_proteins(
    findings: Iterable[VariantFinding], matched: MatchedClasses
) -> tuple[VariantFinding, ...]:
    """Give a variant without a p. description of ours the one that the laboratory wrote.

    It stays the laboratory's: nothing is concluded from it.
    """
    return tuple(
        f if f.hgvs_p else replace(f, aliases=(*f.aliases, *matched.proteins.get(f.key, ())))
        for f in findings
    )


def _differing(used: Iterable[Sequence[LaboratoryRow]]) -> tuple[tuple[LaboratoryRow, ...], ...]:
    """Return the rows that give one variant classes that differ."""
    return tuple(
        tuple(found)
        for found in used
        if len({r.record.classification for r in found}) > 1
        and join_classes({r.record.classification for r in found}) is Classification.CONFLICTING
    )


def _elsewhere(
    meant: VariantKey | Place | None,
    annotations: Mapping[VariantKey, tuple[SiteAnnotation, ...]],
    compare: Compare,
) -> tuple[VariantKey, str] | None:
    """Return the one variant that is meant and spelled at another place, and what is in doubt."""
    if meant is None:
        return None
    found: dict[Sameness, list[VariantKey]] = {s: [] for s in Sameness}
    for key in annotations:
        found[compare(meant, key)].append(key)
    for kind in (Sameness.SAME, Sameness.POSSIBLE):
        if len(found[kind]) == 1:
            return found[kind][0], "" if kind is Sameness.SAME else _SPELLING
    return None


def _by_name(
    row: LaboratoryRow,
    name: WrittenName,
    annotations: Mapping[VariantKey, tuple[SiteAnnotation, ...]],
    compare: Compare,
) -> tuple[VariantKey | None, bool]:
    """Return the variant with the c. description of a row, and whether nothing is in doubt.

    The sequence of a gene may lack while its variants have known names. Bases behind `del` or
    `dup` are then proved by what is known of the place alone.
    """
    named = (k for k, t in annotations.items() if _is_coding(name, t))
    key = next((k for k in named if _may_lose(row, name.lost, k, compare)), None)
    return key, key is not None and (not name.lost or _is_placed(row, key, compare))


def _is_placed(row: LaboratoryRow, key: VariantKey, compare: Compare) -> bool:
    return row.place is not None and compare(row.place, key) is Sameness.SAME


def _may_lose(row: LaboratoryRow, lost: str, key: VariantKey, compare: Compare) -> bool:
    """Say whether the bases written behind `del` or `dup` may be those of a variant."""
    if not lost:
        return True
    if row.place is not None:
        return compare(row.place, key) is not Sameness.OTHER
    change = read_change(key)
    # In a repeat they may begin at another of its bases.
    bases = sorted(change.removed or change.added)
    return bases in (sorted(lost), sorted(complement(lost)))


def _is_coding(name: WrittenName, annotations: Sequence[SiteAnnotation]) -> bool:
    """Say whether a variant has this c. description on a transcript in this very version."""
    return any(
        name.coding and a.hgvs_c and a.transcript in name.who and name.coding == _coding(a)
        for a in annotations
    )


def _coding(annotation: SiteAnnotation) -> str:
    return read_name(annotation.hgvs_c).coding if annotation.hgvs_c else ""


def _has_protein(name: WrittenName, annotations: Sequence[SiteAnnotation]) -> bool:
    """Say whether a written change of the protein is that of a variant, as far as it is known."""
    known = [a for a in annotations if a.hgvs_p and "?" not in a.hgvs_p]
    names = [n for a in known for n in (a.hgvs_p, *_aliases(a)) if n]
    return not known or any_same_protein(name.protein, names)


def _aliases(annotation: SiteAnnotation) -> list[str]:
    return [part for alias in annotation.aliases for part in alias.name.split()]


def _shown(key: VariantKey, annotations: Sequence[SiteAnnotation]) -> str:
    first = annotations[0]
    return " ".join(x for x in (first.gene, first.hgvs_c or str(key), first.hgvs_p) if x)


def _named_alike(
    name: WrittenName,
    likely: VariantKey | None,
    annotations: Mapping[VariantKey, tuple[SiteAnnotation, ...]],
) -> list[VariantKey]:
    """Return the variants of which some name in use is the one written."""
    if not name.who:
        return [likely] if likely is not None and likely in annotations else []
    found = []
    for key, touched in annotations.items():
        if key == likely or any(_is_named(name, one) for one in touched):
            found.append(key)
    # Without bases a change of the protein is told by its place: less than a name, and enough
    # for a class that warns.
    return found or [
        key
        for key, touched in annotations.items()
        if any(_may_change(name, key, t) for t in touched)
    ]


def _why_unplaced(row: LaboratoryRow, name: WrittenName) -> str:
    """Return the text id of why a row names no variant of the sample."""
    if row.doubt != "class-unused-transcript" or name.coding:
        return row.doubt
    if name.protein:
        return "class-unused-protein-none"
    return "class-unused-sequence" if name.genomic or name.key else "class-unused-unread"


def _may_change(name: WrittenName, one_key: VariantKey, one: SiteAnnotation) -> bool:
    """Say whether a variant whose change of the protein is not known here may be the one written.

    Its c. description tells the residue, in the numbering of each isoform.
    """
    mine = {one.gene, _VERSION.sub("", one.transcript)} & {*name.unversioned, *name.who}
    if (one.hgvs_p and "?" not in one.hgvs_p) or not (mine and name.on_protein_alone):
        return False
    others = (read_name(a).coding for a in _aliases(one) if a.startswith("c."))
    return any(_may_make(name, one_key, coding) for coding in (_coding(one), *others))


def _may_make(name: WrittenName, one_key: VariantKey, coding: str) -> bool:
    """Say whether a change of coding bases may be one of the protein.

    A substitution has to make one codon of the first amino acid into one of the second; a change
    of length keeps the frame or shifts it.
    """
    changes = ProteinChange.read(name.protein)
    at = _CODING_PLACE.match(coding)
    if at is None or changes.residues is None or len(changes.edits) != 1:
        return False
    (edit,) = changes.edits
    offset = int(at[1]) - 1
    first, last = offset // 3, (int(at[2] or at[1]) - 1) // 3
    if at[3]:
        one_base = edit.kind is ProteinKind.SUBSTITUTION and edit.first == first + 1
        return one_base and _makes(edit, offset % 3, at[3], at[4])
    low, high = changes.residues
    shift = (len(one_key.alt) - len(one_key.ref)) % 3
    if bool(shift) is not (edit.kind is ProteinKind.FRAMESHIFT):
        return bool(shift) and edit.stops and low - 1 in range(first, last + NEAR_RESIDUES)
    # HGVS names the first residue that changes, which may lie behind the change of the DNA.
    return low - 1 <= last + NEAR_RESIDUES and high - 1 >= first


def _makes(edit: ProteinEdit, place: int, before: str, after: str) -> bool:
    """Say whether one base of a codon makes an amino acid into another."""
    return any(
        codon[place] == before
        and THREE[amino] == edit.before
        and THREE[CODONS[codon[:place] + after + codon[place + 1 :]]] == edit.after
        for codon, amino in CODONS.items()
    )


def _is_named(name: WrittenName, one: SiteAnnotation) -> bool:
    # Another version of a transcript: the match then counts as inexact.
    mine = {one.gene, _VERSION.sub("", one.transcript)} & {*name.unversioned, *name.who}
    if not mine and any(_SYMBOL.fullmatch(x) for x in name.who):
        # Another gene has the same number.
        return False
    aliases = _aliases(one)
    if name.coding:
        # These names stand by themselves: their sequence is in no table.
        others = {read_name(a).coding for a in aliases if a.startswith("c.")}
        return (bool(mine) and name.coding == _coding(one)) or name.coding in others
    if not name.protein:
        return False
    names = [a for a in aliases if a.startswith("p.")]
    if one.hgvs_p and "?" not in one.hgvs_p:
        if mine or any(_PROTEIN.match(x) for x in name.who):
            names.append(one.hgvs_p)
    return any_same_protein(name.protein, names)
