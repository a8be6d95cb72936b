"""How what two reports on one patient say differs: by the ids of their statements, not by words."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from epilepsy_pgx.authorisation import Changes
from epilepsy_pgx.frozen import names_of
from epilepsy_pgx.model import GeneCoverage, GeneResult, Patient, PatientReport
from epilepsy_pgx.report.build import all_statements
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import GeneStatus, SiteStatus, Tier

_NAMES = frozenset({"sample_id", "vcf_sample", "genetic_sex"})
_IDENTITY = tuple(name for name in names_of(Patient) if name not in _NAMES)
GENOME = "genome"
"""Stands among the columns that say who a patient is."""
_CERTAIN = (GeneStatus.COMPLETE, GeneStatus.PARTIAL, GeneStatus.AMBIGUOUS, GeneStatus.UNDEFINED)
"""What is known of a gene, surest first; what stands not here is known of none."""
_ORDER = (Tier.ACT, Tier.CONSIDER)


def compare_reports(
    before: PatientReport, after: PatientReport, limits: Mapping[str, float] | None = None
) -> Changes:
    """Return the statements that one report has and another has not, or makes otherwise.

    Parameters
    ----------
    limits
        Of quality: with them it is also said if the genome is another one.
    """
    old, new = _told(before), _told(after)
    added, removed = new.keys() - old.keys(), old.keys() - new.keys()
    changed = {i for i in new.keys() & old.keys() if _weights(new[i]) != _weights(old[i])}
    differ = added | removed | changed
    said = [s for told in (new, old) for i in sorted(told) if i in differ for s in told[i]]
    return Changes(
        tuple(sorted(added)),
        tuple(sorted(removed)),
        tuple(sorted(changed)),
        _first(said, lambda s: s.drugs),
        _first(said, lambda s: () if s.drugs else _genes(s)),
        (*_renamed(before, after), *_genome(before, after, limits or {})),
        tuple(dict.fromkeys(_lost(before, after))),
    )


def _lost(before: PatientReport, after: PatientReport) -> Iterator[str]:
    """Yield the results of one report that the later one has not, or knows less surely."""
    now = {gene.gene: gene for gene in after.genes}
    for was in before.genes:
        yield from (f"{was.gene} {what}" for what in _lost_of_gene(was, now.get(was.gene)))
    kept = {(f.gene, f.key, f.hgvs_c) for f in after.findings}
    for found in before.findings:
        if (found.gene, found.key, found.hgvs_c) not in kept:
            yield f"{found.gene} {found.hgvs_c or found.key}"
    read = {c.gene: c for c in after.coverage}
    for had in before.coverage:
        has = read.get(had.gene)
        if _read_of(had) > _read_of(has):
            yield had.gene


def _read_of(coverage: GeneCoverage | None) -> tuple[bool, bool, int, int]:
    """Return how much of a gene was read, in an order."""
    if coverage is None:
        return False, False, 0, 0
    whole = coverage.status is GeneStatus.COMPLETE
    bases = sum(read for _, _, read in coverage.exons)
    return whole, coverage.assessed, 0 if whole else bases, coverage.known_absent


def _lost_of_gene(was: GeneResult, now: GeneResult | None) -> list[str]:
    """Return what a result no longer says of a gene: alleles, the diplotype, or what it means."""
    if now is None:
        return [*was.alleles_present, *(was.shown or was.phenotypes or was.alleles_absent)]
    named = {*now.alleles_present, *now.alleles_absent}
    lost = [a for a in was.alleles_present if a not in now.alleles_present]
    lost += [a for a in was.alleles_absent if a not in named]
    fewer = not 0 < now.candidate_count <= was.candidate_count
    another = was.candidate_count == 1 and was.diplotypes != now.diplotypes
    if was.candidate_count and (fewer or another):
        lost += was.shown or was.phenotypes
    kept = {*_bases_of(now)}
    lost += [" ".join(item) for item in _bases_of(was) if item not in kept]
    if not lost:
        lost += _less_sure(map(str, was.activity_scores), map(str, now.activity_scores))
        lost += _less_sure(was.phenotypes, now.phenotypes)
    if not lost and ({*now.not_excluded} - {*was.not_excluded} or _less_called(was, now)):
        lost += was.shown or was.alleles_absent
    return lost


def _less_called(was: GeneResult, now: GeneResult) -> bool:
    """Say whether a gene is less known than it was, by its status."""
    order = list(_CERTAIN)
    return was.status in order and order.index(was.status) < (
        order.index(now.status) if now.status in order else len(order)
    )


def _less_sure(was: Iterable[str], now: Iterable[str]) -> tuple[str, ...]:
    """Return the values of earlier if they are gone, or more are possible now."""
    before, after = tuple(was), tuple(now)
    return before if before and not 0 < len(after) <= len(before) else ()


def _bases_of(gene: GeneResult) -> Iterator[tuple[str, str]]:
    """Yield the sites of a gene of single variants at which all bases are known."""
    for genotype in gene.genotypes:
        if genotype.bases and "?" not in genotype.bases:
            yield genotype.site, "/".join(genotype.bases)


def _renamed(before: PatientReport, after: PatientReport) -> Iterator[str]:
    """Yield the columns by which the later of two reports says otherwise who the patient is."""
    was, now = before.patient, after.patient
    yield from (c for c in _IDENTITY if getattr(was, c) != getattr(now, c))
    if before.clinical.sex != after.clinical.sex:
        yield "sex"


def _genome(
    before: PatientReport, after: PatientReport, limits: Mapping[str, float]
) -> Iterator[str]:
    """Yield a word if two reports differ at more positions than two specimens of a person may."""
    was, now = _genotypes(before), _genotypes(after)
    both = was.keys() & now.keys()
    if limits and len(both) >= limits["identity-minimum-positions"]:
        differing = sum(was[site] != now[site] for site in both)
        if differing > limits["identity-differences"]:
            yield GENOME


def _genotypes(report: PatientReport) -> dict[str, tuple[str, ...]]:
    """Return the bases at each position of which a report has them, in order."""
    shown = {
        s.site: tuple(sorted(s.alleles))
        for gene in report.genes
        for s in gene.sites
        if s.status == SiteStatus.CALLED
    }
    read = {s.site: tuple(sorted(s.bases)) for gene in report.genes for s in gene.genotypes}
    return {site: bases for site, bases in {**shown, **read}.items() if {*bases} - {"?"}}


def _told(report: PatientReport) -> dict[str, list[Statement]]:
    """Return the statements of a report by id, however often each stands in it."""
    found: dict[str, list[Statement]] = {}
    for statement in all_statements(report.interpretation):
        found.setdefault(statement.statement_id, []).append(statement)
    return found


def _weights(statements: Iterable[Statement]) -> frozenset[object]:
    return frozenset((s.wording, s.tier, s.response, s.conditional, s.urgent) for s in statements)


def _genes(statement: Statement) -> tuple[str, ...]:
    subjects = (r.subject for r in statement.reasons)
    return tuple(name for s in subjects for name in ((s.gene,) if s.gene else s.names))


def _first(
    statements: list[Statement], names: Callable[[Statement], tuple[str, ...]]
) -> tuple[str, ...]:
    """Return the names that statements give, those of the strongest tier first."""
    best: dict[str, int] = {}
    for statement in statements:
        place = _ORDER.index(statement.tier) if statement.tier in _ORDER else len(_ORDER)
        for name in names(statement):
            best[name] = min(place, best.get(name, place))
    return tuple(sorted(best, key=lambda name: (best[name], name)))
