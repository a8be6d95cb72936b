"""Results of genes that are not known in full, and each way in which they may turn out.

What may turn out is made of the tables alone: alleles that rules ask for, pairs of named alleles
that rules tell apart, and variants that a gene can have.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from enum import Enum, auto
from functools import partial
from itertools import combinations_with_replacement

from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.genetics import Phase, PhaseSet
from epilepsy_pgx.model import (
    ClassificationRecord,
    GeneCoverage,
    GeneResult,
    SiteCall,
    VariantFinding,
)
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.phenotypes import PhenotypeTable
from epilepsy_pgx.reference.rows import CuratedSite, Gene, RuleCondition, SiteAllele
from epilepsy_pgx.reference.rows.words import Place
from epilepsy_pgx.response.candidates import GeneCandidates, widen
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.monogenic import GeneFinding, assess_gene
from epilepsy_pgx.response.witness_findings import Witnesses
from epilepsy_pgx.statement import ReasonKind, Value, ValueKind
from epilepsy_pgx.vocabulary import (
    Basis,
    CallMethod,
    Classification,
    FindingState,
    GeneStatus,
    SiteStatus,
    Zygosity,
)

_READ = (SiteStatus.CALLED, SiteStatus.REFERENCE)
_OWN = (Classification.PATHOGENIC, Classification.UNCERTAIN, Classification.BENIGN)
"""One class of each side that a laboratory may give."""
_WARNED = frozenset(FindingState) - {
    FindingState.VUS,
    FindingState.CONFLICTING_CLASS,
    FindingState.BENIGN_ONLY,
    FindingState.NONE_FOUND,
    FindingState.PARTIAL,
    FindingState.NOT_ASSESSED,
}
"""States of a variant that somebody calls pathogenic, or that is predicted to be."""
_BENIGN = (Classification.BENIGN, Classification.LIKELY_BENIGN)
_MOST_SITES = 6
"""Positions that an order names."""
ALL = "*"
"""Stands in the table of items for every subject of a kind."""


class Lists(Enum):
    """Which lists of drugs differ between the ways in which an item may turn out."""

    SAME = auto()
    FAILED = auto()
    """Drugs that were given up."""
    CURRENT = auto()
    """Drugs that are taken: on these nearly everything hangs."""


@dataclass(frozen=True, slots=True)
class OpenItem:
    """Something that is not known of a patient, and how it may turn out."""

    kind: str
    subject: str
    ways: Callable[[], Iterable[PatientFacts]]
    """The patient with each way in which it may turn out."""
    shown: Value
    """What it is about, as texts name it."""
    details: tuple[str, ...] = ()
    """Alleles or positions that an order names."""
    genes: tuple[str, ...] = ()
    """Genes whose results differ between the ways."""
    state: Hashable = None
    """What the ways depend on, of what is known of the genes."""
    lists: Lists = Lists.SAME
    place: int | None = None
    """Another place than that of its row: what is said hangs on it, or it is known to be open."""


def _plain(*names: str) -> Value:
    return Value("subject", names, ValueKind.PLAIN)


class OpenResults:
    """What of the genes is open.

    Parameters
    ----------
    ref
        The data package.
    engine
        Its rules.
    asked
        Conditions of the rules.
    """

    def __init__(
        self, ref: Reference, engine: ResponseEngine, asked: Iterable[RuleCondition]
    ) -> None:
        self._engine = engine
        self._witnesses = Witnesses(ref)
        self._sets: dict[object, tuple[GeneFinding, ...]] = {}
        self._states_asked = _states_asked(asked)
        self._classes: dict[str, tuple[GeneCandidates, ...]] = {}
        self._of_allele: dict[tuple[str, str], int] = {}
        self._kinds: dict[Hashable, int] = {}
        self._called: dict[tuple[str, tuple[str, ...], bool], GeneCandidates] = {}
        methods = {row.gene: row.call_method for row in ref.rows(Gene)}
        deciding = [item for items in engine.deciding.values() for item in items]
        alleles: dict[str, dict[str, None]] = {}
        names: dict[str, set[str]] = {}
        for row in asked:
            if row.kind == "allele":
                alleles.setdefault(row.about, {}).update(dict.fromkeys(row.value))
            if row.kind in ("allele", "diplotype"):
                names.setdefault(row.about, set()).update(
                    a for v in row.value for a in v.split("/")
                )
        for item in deciding:
            alleles.setdefault(item.gene, {}).update(dict.fromkeys(item.alleles))
        self._typed = {
            gene: tuple(sorted(found))
            for gene, found in sorted(alleles.items())
            if methods.get(gene) is CallMethod.TYPING
        }
        subjects = {row.about for row in asked} | {item.gene for item in deciding}
        self._starred = {
            gene: table
            for gene, table in sorted(engine.tables_of_genes.items())
            if gene in subjects
        }
        self._told_apart = names
        gene_of = {row.site: row.gene for row in ref.rows(CuratedSite)}
        bases: dict[str, list[str]] = {}
        for base in ref.rows(SiteAllele):
            bases.setdefault(base.site, []).append(base.allele)
        self._sites = {
            row.about: (gene_of.get(row.about, row.about), tuple(bases.get(row.about, ())))
            for row in sorted(asked, key=lambda r: r.about)
            if row.kind == "site"
            and methods.get(gene_of.get(row.about, "")) is CallMethod.SINGLE_VARIANT
        }

    def of(self, facts: PatientFacts) -> Iterator[OpenItem]:
        """Yield what of a patient's genes is open."""
        yield from self._typing(facts)
        yield from self._genotypes(facts)
        yield from self._positions(facts)
        for gene in self._engine.monogenic:
            found = facts.findings.get(gene)
            if found is not None:
                yield from self._unread(gene, found, facts)
                yield from self._variants(gene, found, facts)

    def _typing(self, facts: PatientFacts) -> Iterator[OpenItem]:
        for gene, alleles in self._typed.items():
            known = facts.genes.get(gene)
            seen, absent = (known.present, known.absent) if known and known.assessed else ((), ())
            left = tuple(a for a in alleles if a not in seen and a not in absent)
            if left:
                yield OpenItem(
                    "typing",
                    gene,
                    partial(_typed_ways, facts, gene, seen, absent, left),
                    _plain(gene),
                    left,
                    (gene,),
                    (seen, absent),
                )

    def _genotypes(self, facts: PatientFacts) -> Iterator[OpenItem]:
        for gene, table in self._starred.items():
            known = facts.genes.get(gene)
            if known is not None and known.settled and len(known.asked) < 2:
                continue
            yield OpenItem(
                "genotype",
                gene,
                partial(self._genotype_ways, facts, gene, known, table),
                _plain(gene),
                () if known is None else known.missing_sites[:_MOST_SITES],
                (gene,),
                known,
            )

    def _genotype_ways(
        self, facts: PatientFacts, gene: str, known: GeneCandidates | None, table: PhenotypeTable
    ) -> Iterator[PatientFacts]:
        return (with_gene(facts, gene, made) for made in self._results(gene, known, table))

    def _results(
        self, gene: str, known: GeneCandidates | None, table: PhenotypeTable
    ) -> Iterator[GeneCandidates]:
        """Yield each result that a gene with named alleles may turn out to have."""
        if known is None or not known.assessed:
            yield from self._every(gene, table)
            return
        lost = known.widened is ReasonKind.LOST_FUNCTION
        if known.unlisted or not known.asked:
            left = {*known.phenotypes}
            for made in self._every(gene, table):
                if not left or left & {*made.phenotypes}:
                    yield made
            return
        seen: set[object] = set()
        for sides in _open_pairs(known):
            # Of pairs that the tables do not tell apart, the first stands for all.
            alike = tuple(sorted([self._number_alike(gene, name, table) for name in sides]))
            if alike not in seen:
                seen.add(alike)
                yield self._made(gene, sides, table, lost)

    def _number_alike(self, gene: str, name: str, table: PhenotypeTable) -> int:
        """Return a number for all of an allele that the tables tell apart."""
        key = (gene, name)
        if key not in self._of_allele:
            alike = self._alike(gene, name, table)
            self._of_allele[key] = self._kinds.setdefault(alike, len(self._kinds))
        return self._of_allele[key]

    def _alike(self, gene: str, name: str, table: PhenotypeTable) -> Hashable:
        """Return all of an allele that the tables tell apart."""
        side = table.haplotype(name)
        # Whether a rule that asks for an allele means its copies too is the rule's to say.
        named = name in self._told_apart.get(gene, ()) or table.single(name) != name
        return (side.function, side.score, side.working, name if named else "")

    def _every(self, gene: str, table: PhenotypeTable) -> tuple[GeneCandidates, ...]:
        """Return a result for each pair of alleles that the tables tell apart."""
        if gene not in self._classes:
            alike: dict[object, str] = {}
            for name in table.named:
                alike.setdefault(self._alike(gene, name, table), name)
            pairs = combinations_with_replacement(alike.values(), 2)
            self._classes[gene] = tuple(self._made(gene, p, table, False) for p in pairs)
        return self._classes[gene]

    def _made(
        self, gene: str, sides: tuple[str, ...], table: PhenotypeTable, lost: bool
    ) -> GeneCandidates:
        key = (gene, sides, lost)
        if key not in self._called:
            made = table.resolve(sides)
            result = GeneResult(
                gene,
                GeneStatus.COMPLETE,
                Basis.GENOTYPE,
                (made.diplotype,),
                1,
                () if made.phenotype is None else (made.phenotype,),
                () if made.score is None else (made.score,),
                functions=(made.functions,),
                lost_function=lost,
            )
            self._called[key] = widen(result, table)
        return self._called[key]

    def _positions(self, facts: PatientFacts) -> Iterator[OpenItem]:
        for site, (gene, bases) in self._sites.items():
            call = facts.sites.get(site)
            if (call is not None and call.status in _READ) or facts.bases.get(site):
                continue
            yield OpenItem(
                "site",
                site,
                partial(_site_ways, facts, site, gene, bases),
                _plain(gene),
                (site,),
                (site,),
            )

    def _unread(self, gene: str, found: GeneFinding, facts: PatientFacts) -> Iterator[OpenItem]:
        """Yield a gene that was not read in full, if the software can read it at all."""
        if found.status is GeneStatus.COMPLETE or gene not in self._witnesses.chromosomes:
            return
        yield OpenItem(
            "sequence",
            gene,
            lambda: (with_finding(facts, made, read=True) for made in self._states(gene, found)),
            _plain(gene),
            (),
            (gene,),
            (found.status, findings_of(found)),
        )

    def _states(self, gene: str, found: GeneFinding) -> Iterable[GeneFinding]:
        """Return each state that a gene can be in once it is read."""
        seen = findings_of(found)
        if seen:
            return self._states_beside(gene, seen)
        # Genes of which the tables let the same happen share the variants that stand for it.
        alike = (
            self._witnesses.chromosomes[gene] == "X",
            frozenset(self._witnesses.directions.get(gene, ())),
            self._states_asked.get(gene),
        )
        if alike not in self._sets:
            self._sets[alike] = self._states_beside(gene, ())
        return (replace(state, gene=gene) for state in self._sets[alike])

    def _states_beside(
        self, gene: str, seen: tuple[VariantFinding, ...]
    ) -> tuple[GeneFinding, ...]:
        known = self._engine.haplotypes.get(gene, ())
        made: dict[object, GeneFinding] = {}
        for more in self._witnesses.sets_of(gene):
            state = assess_gene(gene, (*seen, *more), GeneStatus.COMPLETE, known)
            wanted = self._states_asked.get(gene, frozenset())
            key = tuple(
                (s, e.own_class, e.sound, e.disputed) for s, e in state.states if s in wanted
            )
            made.setdefault((state.status, key), state)
        return tuple(made.values())

    def _variants(self, gene: str, found: GeneFinding, facts: PatientFacts) -> Iterator[OpenItem]:
        """Yield what is open of the variants that were found in a gene."""
        seen = findings_of(found)
        if not seen:
            return
        known = self._engine.haplotypes.get(gene, ())

        def told(findings: Seen) -> PatientFacts:
            return with_finding(facts, assess_gene(gene, findings, found.status, known))

        warned = {f.key for state, e in found.states if state in _WARNED for f in e.findings}
        for one in seen:
            name = f"{gene} {one.hgvs_c or one.key}"
            place = Place.FIRST if one.key in warned else None
            if not any(record.act for record in one.classifications):
                yield OpenItem(
                    "class",
                    name,
                    partial(_told, told, [_classified(seen, one, word) for word in _OWN]),
                    _plain(name),
                    (),
                    (gene,),
                    (found.status, seen),
                    place=place,
                )
            if one.status not in _READ:
                yield OpenItem(
                    "confirmation",
                    name,
                    partial(_told, told, _confirmed(seen, one)),
                    _plain(name),
                    (),
                    (gene,),
                    (found.status, seen),
                    place=place,
                )
        pair = [f for f in seen if f.zygosity is Zygosity.HETEROZYGOUS]
        if any(a.phase_with(b) is Phase.UNKNOWN for a in pair[:1] for b in pair[1:]):
            yield OpenItem(
                "phase",
                gene,
                partial(_told, told, [_phased(seen, pair, copy) for copy in (0, 1)]),
                _plain(gene),
                tuple(f.hgvs_c or str(f.key) for f in pair),
                (gene,),
                (found.status, seen),
                place=Place.FIRST if warned.intersection(f.key for f in pair) else None,
            )


def _open_pairs(known: GeneCandidates) -> Iterator[tuple[str, ...]]:
    """Yield the pairs of alleles that a gene may turn out to have."""
    for diplotype in known.asked:
        yield diplotype.alleles
        for rare in known.not_excluded:
            for place in range(len(diplotype.alleles)):
                sides = [*diplotype.alleles]
                sides[place] = rare
                yield tuple(sides)


def _states_asked(asked: Iterable[RuleCondition]) -> dict[str, frozenset[str]]:
    """Return the states for which rules ask, by gene: what differs in others changes no line."""
    found: dict[str, set[str]] = {}
    for row in asked:
        if row.kind == "finding":
            found.setdefault(row.about, set()).update(row.value)
    return {gene: frozenset(states) for gene, states in found.items()}


def findings_of(found: GeneFinding) -> tuple[VariantFinding, ...]:
    """Return the variants behind the states of a gene, each once and with all its classes."""
    return found.whole or tuple(
        dict.fromkeys(f for _, evidence in found.states for f in evidence.findings)
    )


def with_gene(facts: PatientFacts, gene: str, result: GeneCandidates) -> PatientFacts:
    """Return the facts with another result of a gene."""
    return facts.changed(genes={**facts.genes, gene: result})


def with_finding(facts: PatientFacts, found: GeneFinding, *, read: bool = False) -> PatientFacts:
    """Return the facts with other states of a gene, which may have been read in full."""
    told = facts.with_finding(found)
    if not read:
        return told
    coverage: Mapping[str, GeneCoverage] = {
        **facts.coverage,
        found.gene: GeneCoverage(found.gene, ".", GeneStatus.COMPLETE, "."),
    }
    return told.changed(coverage=coverage)


def _typed_ways(
    facts: PatientFacts,
    gene: str,
    seen: tuple[str, ...],
    absent: tuple[str, ...],
    left: tuple[str, ...],
) -> Iterator[PatientFacts]:
    """Yield what typing may show: none of the alleles that are open, or one of them."""
    # Nobody has a third allele.
    for allele in (None, *(left if len(seen) < 2 else ())):
        shown = () if allele is None else (allele,)
        result = GeneResult(
            gene,
            GeneStatus.COMPLETE,
            Basis.TYPING,
            (),
            0,
            (),
            (),
            alleles_present=(*seen, *shown),
            alleles_absent=(*absent, *(a for a in left if a != allele)),
        )
        yield with_gene(facts, gene, widen(result))


def _site_ways(
    facts: PatientFacts, site: str, gene: str, bases: tuple[str, ...]
) -> Iterator[PatientFacts]:
    """Yield each genotype that a position may have."""
    for pair in combinations_with_replacement(bases, 2):
        yield facts.changed(sites={**facts.sites, site: _called_site(site, gene, pair)})


def _called_site(site: str, gene: str, bases: tuple[str, ...]) -> SiteCall:
    return SiteCall(
        site,
        gene,
        ".",
        0,
        SiteStatus.CALLED,
        bases,
        phased=False,
        depth=None,
        quality=None,
        reason=".",
    )


def _own(word: Classification) -> ClassificationRecord:
    return ClassificationRecord(word, "laboratory", None, "laboratory file", act=True)


Seen = tuple[VariantFinding, ...]


def _told(told: Callable[[Seen], PatientFacts], ways: Iterable[Seen]) -> Iterator[PatientFacts]:
    return map(told, ways)


def _classified(seen: Seen, one: VariantFinding, word: Classification) -> Seen:
    """Return variants of which the laboratory has classified one."""
    classes = (*one.classifications, _own(word))
    return tuple(replace(f, classifications=classes) if f == one else f for f in seen)


def _confirmed(seen: Seen, one: VariantFinding) -> tuple[Seen, Seen]:
    """Return variants of which one is shown to be there, or not to be."""
    called = replace(one, status=SiteStatus.CALLED)
    return tuple(called if f == one else f for f in seen), tuple(f for f in seen if f != one)


def _phased(seen: Seen, pair: list[VariantFinding], copy: int) -> Seen:
    """Return variants on one copy of the gene, or the first of some opposite to the others."""
    return tuple(
        replace(f, phase_set=PhaseSet(f.key.chrom, ALL, 0 if f == pair[0] else copy))
        if f in pair
        else f
        for f in seen
    )
