"""What files of one build are read for by other tables, and were not read for when stored.

It is told from what a file is read for, not from names: a position of the same name at another
place, or of other bases, was not read.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.pipeline.targets import Targets, load_targets
from epilepsy_pgx.recall.changes import TableChanges
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import (
    ALLELE_SITES_BY_GENE,
    ALLELES_BY_GENE,
    Allele,
    ClassifiedVariant,
    CuratedSite,
)
from epilepsy_pgx.variants.sites import Site, SiteList
from epilepsy_pgx.variants.targets_coding import PATHOGENIC
from epilepsy_pgx.vocabulary import Classification, GenomeBuild

_BENIGN = (Classification.BENIGN, Classification.LIKELY_BENIGN)


@dataclass(frozen=True, slots=True)
class Redefined:
    """How the positions or the named alleles of a gene differ."""

    alleles: tuple[str, ...]
    sites: frozenset[str]
    """Positions of what differs, old and new."""
    unread: frozenset[str]
    """Positions of the new tables that were not read as those which they are."""
    usual: frozenset[str]
    """Alleles that differ and that nobody is without: their position has the usual bases."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A variant that the new tables list, or call pathogenic for the first time."""

    name: str
    key: VariantKey
    known: bool
    """True if it was listed at this place, so that whoever was read there and had it has it."""


class Readings:
    """What the new tables read in files of one build and the old ones did not."""

    def __init__(self, changes: TableChanges, build: GenomeBuild) -> None:
        """Take the difference between the tables."""
        self._changes, self._build = changes, build

    @cached_property
    def _targets(self) -> tuple[Targets, Targets]:
        changes = self._changes
        old = load_targets(changes.old, self._build)
        # Without a difference nothing is worked out twice.
        return old, load_targets(changes.new, self._build) if changes.rows else old

    @cached_property
    def genes(self) -> frozenset[str]:
        """Genes whose exons are others, or that are read in another way."""
        old, new = (_exons(t) for t in self._targets)
        other = {g for g in old.keys() | new.keys() if old.get(g) != new.get(g)}
        return frozenset(other) | self._changes.read_otherwise

    @cached_property
    def redefined(self) -> Mapping[str, Redefined]:
        """Genes of which positions or alleles differ."""
        old, new = (_by_name(t.sites) for t in self._targets)
        unread: dict[str, set[str]] = {}
        sites: dict[str, set[str]] = {}
        for name in old.keys() | new.keys():
            before, after = old.get(name), new.get(name)
            if before == after:
                continue
            if after is not None and not _is_as_read(before, after):
                unread.setdefault(after.gene, set()).add(name)
            for site in (before, after):
                if site is not None:
                    sites.setdefault(site.gene, set()).add(name)
        for tag in self._changes.tags:
            for known in (old, new):
                if tag in known:
                    sites.setdefault(known[tag].gene, set()).add(tag)
        alleles = self._changes.alleles
        return {
            gene: self._redefined(gene, alleles.get(gene, frozenset()), sites, unread)
            for gene in sorted({*alleles, *sites, *unread})
        }

    def _redefined(
        self,
        gene: str,
        alleles: frozenset[str],
        sites: Mapping[str, set[str]],
        unread: Mapping[str, set[str]],
    ) -> Redefined:
        mine = set(sites.get(gene, ()))
        usual = set()
        for ref in (self._changes.old, self._changes.new):
            for row in ref.grouped(ALLELES_BY_GENE).get(gene, ()):
                if row.allele in alleles:
                    named = _bases_of(ref, row)
                    mine |= named.keys()
                    if not _is_shown(ref, row, named):
                        usual.add(row.allele)
        return Redefined(
            tuple(sorted(alleles)),
            frozenset(mine),
            frozenset(unread.get(gene, ())),
            frozenset(usual),
        )

    @cached_property
    def listed(self) -> Mapping[str, tuple[Listed, ...]]:
        """The variants of each gene that were not looked for, or not as pathogenic ones."""
        old, new = (self._classes(ref) for ref in (self._changes.old, self._changes.new))
        read = _spans(self._targets[0])
        found: dict[str, list[Listed]] = {}
        for (gene, key), (name, causal, benign) in new.items():
            before = old.get((gene, key))
            if causal and not (before and before[1]):
                found.setdefault(gene, []).append(Listed(name, key, before is not None))
            # Where the bases are read, nothing hangs on a benign one.
            elif before is None and not (benign and _is_within(key, read.get(gene, ()))):
                found.setdefault(gene, []).append(Listed(name, key, False))
        return {gene: tuple(rows) for gene, rows in found.items()}

    @cached_property
    def unlisted(self) -> frozenset[str]:
        """Genes of which fewer pathogenic variants are counted where they were not read."""
        old, new = (self._classes(ref) for ref in (self._changes.old, self._changes.new))
        return frozenset(
            place[0]
            for place, (_, causal, _) in old.items()
            if place not in new or (causal and not new[place][1])
        )

    def _classes(self, ref: Reference) -> dict[tuple[str, VariantKey], tuple[str, bool, bool]]:
        """Return each listed variant's name, if it is pathogenic, and if benign, by its place."""
        found: dict[tuple[str, VariantKey], tuple[str, bool, bool]] = {}
        for row in ref.rows(ClassifiedVariant):
            place = row.place(self._build)
            if not place:
                continue
            key = (row.gene, VariantKey(row.chrom, *place))
            _, causal, benign = found.get(key, ("", False, True))
            causal |= row.classification in PATHOGENIC
            found[key] = (row.variant, causal, benign and row.classification in _BENIGN)
        return found


def _by_name(sites: SiteList) -> dict[str, Site]:
    return {site.name: site for site in sites.sites}


def _exons(targets: Targets) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    for target in targets.coding:
        if target.exon_number:
            found.setdefault(target.gene, []).append(target)
    return found


def _spans(targets: Targets) -> dict[str, list[tuple[str, int, int]]]:
    found: dict[str, list[tuple[str, int, int]]] = {}
    for target in targets.coding:
        span = target.chrom, target.coding_start0, target.coding_end0
        found.setdefault(target.gene, []).append(span)
    return found


def _is_within(key: VariantKey, spans: Sequence[tuple[str, int, int]]) -> bool:
    start, end = key.pos - 1, key.pos - 1 + len(key.ref)
    return any(c == key.chrom and low <= start and end <= high for c, low, high in spans)


def _is_as_read(before: Site | None, after: Site) -> bool:
    """Say whether who has the usual bases at a position had them when it was read before.

    Another base that may stand there is a substitution, so that no spelling of it was passed over.
    """
    if before is None or replace(before, alleles=after.alleles) != after:
        return False
    other = set(before.alleles) ^ set(after.alleles)
    same = before.alleles[0] == after.alleles[0]
    return same and all(len(bases) == len(after.ref) for bases in other)


def _bases_of(ref: Reference, allele: Allele) -> dict[str, set[str]]:
    """Return the bases that an allele may have at each position that its definition names."""
    found: dict[str, set[str]] = {}
    for row in ref.grouped(ALLELE_SITES_BY_GENE).get(allele.gene, ()):
        if row.allele == allele.allele:
            found.setdefault(row.site, set()).add(row.base)
    return found


def _is_shown(ref: Reference, allele: Allele, named: Mapping[str, set[str]]) -> bool:
    """Say whether who carries an allele has a base that is not the usual one."""
    usual = _usual_bases(ref)
    return not allele.structural and any(usual.get(s) not in b for s, b in named.items())


def _usual_bases(ref: Reference) -> dict[str, str]:
    return {row.site: row.default_allele for row in ref.rows(CuratedSite)}


def unread_because(found: Redefined, odd: frozenset[str] | None) -> Iterator[str]:
    """Yield why what a gene showed may be read otherwise, one reason at most.

    Parameters
    ----------
    odd
        Positions without a call or with other bases than the usual ones; None if they are not
        stored, so that any may be.
    """
    if found.unread:
        yield f"positions that were not read: {', '.join(sorted(found.unread))}"
    elif found.usual or odd is None or found.sites & odd:
        named = ", ".join(found.alleles) or ", ".join(sorted(found.sites))
        yield f"alleles that are defined otherwise: {named}"
