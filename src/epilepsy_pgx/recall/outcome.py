"""Whose actions change, how urgently, and by which rows of the tables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from enum import IntEnum

from epilepsy_pgx import __version__
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.recall.again import Made
from epilepsy_pgx.recall.changes import TableChanges
from epilepsy_pgx.recall.genes import Open
from epilepsy_pgx.reference.history import RowChange
from epilepsy_pgx.report.build import all_statements
from epilepsy_pgx.report.compare import compare_reports
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import Tier

_ALLELE_TABLES = frozenset({"alleles", "allele_sites", "hla_alleles"})
_GENE_TABLES = frozenset(
    {"phenotypes", "genes", "transcripts", "functional_evidence", "classified_variants"}
)
_WORDS = frozenset({"texts", "citations", "locators", "CHANGES"})
"""Tables that change how something is said, not what."""


class Rank(IntEnum):
    """How urgently a change has to be looked at."""

    URGENT = 0
    """Something urgent is said that was not."""
    ACT = 1
    """Something to act on is said that was not, or otherwise."""
    REMOVED = 2
    """The same as below, and because a corrected sheet takes a stored result or answer away."""
    LESS = 3
    """What was to be acted on is said no more: to be looked at before anybody relies on it."""
    CONSIDER = 4
    OTHER = 5
    """Nothing to act on or consider changes."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One statement that a report would make otherwise."""

    statement_id: str
    was: Statement | None
    now: Statement | None
    rows: tuple[str, ...]
    """`table key` of the rows that explain it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of one patient's report."""

    sample: str
    edition: str
    report_id: str
    rank: Rank
    taking: tuple[str, ...]
    """Drugs that the patient takes and that the changes are about."""
    differences: tuple[Difference, ...]
    open: tuple[Open, ...]
    draft: PatientReport | None = field(repr=False)

    @property
    def told(self) -> bool:
        """True if anything can be told."""
        return self.draft is not None

    @property
    def changes(self) -> bool:
        """True if something to act on or to consider changes."""
        return self.rank < Rank.OTHER

    @property
    def order(self) -> tuple[int, bool, str]:
        """Sorts those first who cannot wait."""
        return int(self.rank), not self.taking, self.sample


def outcome_of(
    stored: PatientReport, edition: str, made: Made, changes: TableChanges | None
) -> Outcome:
    """Compare a stored report with what it would say now."""
    sample = stored.patient.sample_id
    if made.report is None or changes is None:
        return Outcome(
            sample, edition, stored.report_id, Rank.OTHER, (), (), made.open, made.report
        )
    said = compare_reports(stored, made.report)
    was, now = _by_id(stored), _by_id(made.report)
    entry_changed = stored.clinical != made.report.clinical
    removed = tuple(f"removed {subject}" for subject in made.removed)
    tracer = _Tracer(stored, made.report, changes, entry_changed, removed)
    differences = tuple(
        Difference(i, was.get(i), now.get(i), tracer.rows(was.get(i), now.get(i)))
        for i in sorted({*said.added, *said.removed, *said.changed})
    )
    rank = min((_rank(d) for d in differences), default=Rank.OTHER)
    if rank is Rank.LESS and removed:
        rank = Rank.REMOVED
    if not stored.not_reportable and made.report.not_reportable:
        rank = Rank.URGENT
    current = {d.drug for d in made.report.clinical.current or ()}
    about = {drug for d in differences for drug in _drugs(d) if _rank(d) < Rank.OTHER}
    return Outcome(
        sample,
        edition,
        stored.report_id,
        rank,
        tuple(sorted(current & about)),
        differences,
        made.open,
        made.report,
    )


def _by_id(report: PatientReport) -> dict[str, Statement]:
    """Return the statements by id; of several the urgent one, else that of the first tier."""
    found: dict[str, Statement] = {}
    for statement in all_statements(report.interpretation):
        before = found.get(statement.statement_id)
        if before is None or (statement.urgent, statement.tier is Tier.ACT) > (
            before.urgent,
            before.tier is Tier.ACT,
        ):
            found[statement.statement_id] = statement
    return found


def _drugs(difference: Difference) -> set[str]:
    return {d for s in (difference.was, difference.now) if s is not None for d in s.drugs}


def _rank(difference: Difference) -> Rank:
    was, now = difference.was, difference.now
    if now is not None and now.urgent:
        return Rank.URGENT
    if now is not None and now.tier is Tier.ACT:
        return Rank.ACT
    if was is not None and (was.urgent or was.tier is Tier.ACT):
        return Rank.LESS
    if any(s is not None and s.tier is Tier.CONSIDER for s in (was, now)):
        return Rank.CONSIDER
    return Rank.OTHER


class _Tracer:
    """Finds the rows that changed and that a statement rests on."""

    def __init__(
        self,
        stored: PatientReport,
        now: PatientReport,
        changes: TableChanges,
        entry_changed: bool,
        removed: tuple[str, ...] = (),
    ) -> None:
        self._rows = [c for c in changes.rows if c.table not in _WORDS]
        self._genes_of = changes.genes_of
        self._alleles = _carried(stored)
        software = stored.provenance.software_version
        self._else = removed or (
            ("clinical entry",)
            if entry_changed
            else ("corrected results",)
            if stored.provenance.inputs != now.provenance.inputs
            else (f"software {software} to {__version__}",)
            if software != __version__
            else ("not traced to a row",)
        )

    def rows(self, was: Statement | None, now: Statement | None) -> tuple[str, ...]:
        """Return `table key` of each row behind a difference."""
        said = [s for s in (was, now) if s is not None]
        found = [f"{c.table} {c.key}" for c in self._rows if any(self._behind(c, s) for s in said)]
        return tuple(dict.fromkeys(found)) or self._else

    def _behind(self, change: RowChange, statement: Statement) -> bool:
        words = change.key.split(" ")
        rule = statement.statement_id.split(":", 1)[0]
        if any((e.table, e.row) == (change.table, change.key) for e in statement.evidence):
            return True
        if rule in (change.key, words[0]):
            return True
        genes = {r.subject.gene for r in statement.reasons if r.subject.gene}
        genes |= {n for r in statement.reasons for n in r.subject.names}
        genes |= {n for r in statement.reasons for v in r.values for n in v.items}
        if change.table in _ALLELE_TABLES:
            return words[0] in genes and words[1] in self._alleles.get(words[0], ())
        if change.table in _GENE_TABLES:
            return not genes.isdisjoint(self._genes_of(change))
        return bool(set(statement.drugs) & set(words))


def _carried(report: PatientReport) -> Mapping[str, set[str]]:
    """Return the alleles of each gene that a patient carries or may carry."""
    found: dict[str, set[str]] = {}
    for gene in report.genes:
        names = {name for d in gene.diplotypes for name in d.alleles}
        found[gene.gene] = {*names, *gene.alleles_present, *gene.not_excluded}
    return found


def sort_outcomes(outcomes: Sequence[Outcome]) -> Iterator[Outcome]:
    """Yield outcomes, those first who cannot wait."""
    yield from sorted(outcomes, key=lambda o: o.order)
