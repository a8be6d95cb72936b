"""How what two reports on one patient say differs: by the ids of their statements, not by words."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields

from epilepsy_pgx.authorisation import Changes
from epilepsy_pgx.model import Patient, PatientReport
from epilepsy_pgx.report.build import all_statements
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import Tier

_NAMES = frozenset({"sample_id", "vcf_sample", "genetic_sex"})
_IDENTITY = tuple(f.name for f in fields(Patient) if f.name not in _NAMES)
_ORDER = (Tier.ACT, Tier.CONSIDER)


def compare_reports(before: PatientReport, after: PatientReport) -> Changes:
    """Return the statements that one report has and another has not, or makes otherwise."""
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
        tuple(_renamed(before, after)),
    )


def _renamed(before: PatientReport, after: PatientReport) -> Iterator[str]:
    """Yield the columns by which the later of two reports says otherwise who the patient is."""
    was, now = before.patient, after.patient
    yield from (c for c in _IDENTITY if getattr(was, c) != getattr(now, c))
    if before.clinical.sex != after.clinical.sex:
        yield "sex"


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
