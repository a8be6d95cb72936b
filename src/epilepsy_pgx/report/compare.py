"""How what two reports on one patient say differs: by the ids of their statements, not by words."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields

from epilepsy_pgx.authorisation import Changes
from epilepsy_pgx.model import Patient, PatientReport
from epilepsy_pgx.report.build import all_statements
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import SiteStatus, Tier

_NAMES = frozenset({"sample_id", "vcf_sample", "genetic_sex"})
_IDENTITY = tuple(f.name for f in fields(Patient) if f.name not in _NAMES)
GENOME = "genome"
"""Stands among the columns that say who a patient is."""
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
    )


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
