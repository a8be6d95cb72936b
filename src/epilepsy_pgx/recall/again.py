"""A stored report made again, from what it holds, without the patient's files."""

from collections.abc import Iterable, Iterator

from epilepsy_pgx import __version__
from epilepsy_pgx.authorisation import name_edition
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.ledger.stale import RETOLD
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.pipeline.predict import overlay_input, stopping_checks
from epilepsy_pgx.recall.changes import TableChanges
from epilepsy_pgx.recall.corrections import Corrected, Corrections
from epilepsy_pgx.recall.entered import read_otherwise
from epilepsy_pgx.recall.genes import GenesAgain, Open
from epilepsy_pgx.recall.sheetcells import ROLES
from epilepsy_pgx.recall.variants import VariantsAgain
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.build import Assessed, build_report
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.next_tests import next_tests_of
from epilepsy_pgx.statement import Message, Value
from epilepsy_pgx.vocabulary import GenomeBuild

NOTICE, NOTICE_OPEN = RETOLD, "notice-retold-open"
NOTICE_REMOVED = "notice-retold-removed"
_TYPING = frozenset({ROLES["hla"], ROLES["outside_calls"]})
"""Files that may hold the typing of a locus that nobody asked for."""
_NOTICES = frozenset({NOTICE, NOTICE_OPEN, NOTICE_REMOVED})


@dataclass(frozen=True, slots=True)
class Made:
    """A report as it would read now."""

    report: PatientReport | None
    """None if it cannot be told at all."""
    open: tuple[Open, ...]
    """What cannot be told without the file."""
    removed: tuple[str, ...] = ()
    """What was stored and a corrected sheet takes away."""


class Remaker:
    """Makes stored reports again with other tables, or with corrected entries."""

    def __init__(
        self,
        new: Reference,
        made_with: Iterable[Reference],
        day: str,
        corrections: Corrections | None = None,
    ) -> None:
        """Compile the new rules once.

        Parameters
        ----------
        made_with
            Tables that may have made the stored reports.
        day
            ISO date of the new reports.
        corrections
            Rows of a sheet that take the place of what was entered.
        """
        self._new, self._day, self._corrections = new, day, corrections
        self._old = {ref.digest: ref for ref in (new, *made_with)}
        self._engine = ResponseEngine(new)
        self._next_tests = next_tests_of(new, self._engine)
        self._changes: dict[str, TableChanges] = {}
        self._genes: dict[tuple[str, GenomeBuild], GenesAgain] = {}
        self._variants: dict[tuple[str, GenomeBuild], VariantsAgain] = {}

    @property
    def tables(self) -> tuple[Reference, ...]:
        """The tables that may have made stored results, the new ones first."""
        return tuple(self._old.values())

    def changes(self, report: PatientReport) -> TableChanges | None:
        """Return what differs from the tables that made a report; None if they are not there."""
        made = report.provenance.reference_digest
        if made not in self._changes:
            if made not in self._old:
                return None
            self._changes[made] = TableChanges(self._old[made], self._new)
        return self._changes[made]

    def remake(self, stored: PatientReport) -> Made:
        """Return a stored report as it would read now."""
        made = stored.provenance
        changes = self.changes(stored)
        if stored.not_reportable:
            return Made(None, (Open("report", "it was not reportable: nothing of it counts"),))
        if changes is None:
            why = f"the tables that made it are not given: {made.reference_version}"
            return Made(None, (Open("report", f"{why} {made.reference_digest[:23]}…"),))
        known, still = self._assess(stored, changes)
        corrected = self._corrected(stored, known)
        removed: tuple[str, ...] = ()
        if corrected is not None:
            known, still = corrected.known, [*still, *corrected.open]
            removed = corrected.removed
        notices = [w for w in known.warnings if w.text_id not in _NOTICES]
        known = replace(known, warnings=(*notices, *_notices(stored, still, removed)))
        report = self._report(stored, known, corrected)
        still += [Open(subject, "removed by the corrected sheet") for subject in removed]
        return Made(report, tuple(dict.fromkeys(still)), removed)

    def with_next_tests(self, report: PatientReport) -> PatientReport:
        """Return a report with what is worth ordering: dear, so for a draft only."""
        if report.not_reportable:
            return report
        facts = self._engine.facts(
            {g.gene: g for g in report.genes},
            report.findings,
            {c.gene: c for c in report.coverage},
            report.clinical,
        )
        said = replace(report.interpretation, next_tests=self._next_tests.of(facts))
        return replace(report, interpretation=said)

    def _assess(self, stored: PatientReport, changes: TableChanges) -> tuple[Assessed, list[Open]]:
        """Return what was known of a patient, as the new tables read it."""
        name, build = changes.old.digest, GenomeBuild(stored.provenance.build)
        if (name, build) not in self._genes:
            self._genes[name, build] = GenesAgain(changes, build)
            self._variants[name, build] = VariantsAgain(changes, build, self._day)
        genes = self._genes[name, build]
        typed = any(f.role in _TYPING for f in stored.provenance.inputs)
        results, still = genes.results({g.gene: g for g in stored.genes}, typed=typed)
        coverage, more = genes.coverage({c.gene: c for c in stored.coverage})
        findings, others = self._variants[name, build].findings(stored.findings, coverage)
        still += [*more, *others, *_reading(stored, changes)]
        return Assessed(
            patient=stored.patient,
            clinical=stored.clinical,
            results=results,
            findings=findings,
            coverage=coverage,
            warnings=stored.warnings,
            quality=stored.quality,
        ), still

    def _corrected(self, stored: PatientReport, known: Assessed) -> Corrected | None:
        if self._corrections is None:
            return None
        return self._corrections.apply(stored, known)

    def _report(
        self, stored: PatientReport, known: Assessed, corrected: Corrected | None
    ) -> PatientReport:
        known = replace(known, not_reportable=stopping_checks(known.clinical))
        facts = self._engine.facts(known.results, known.findings, known.coverage, known.clinical)
        said = self._engine.interpret_facts(facts)
        unmapped = (
            [m for m in stored.interpretation.not_considered if m.text_id == _ENTERED]
            if corrected is None or corrected.unmapped is None
            else [Message(_ENTERED, (Value("word", (w,)),)) for w in corrected.unmapped]
        )
        said = replace(said, not_considered=(*said.not_considered, *unmapped))
        inputs = [f for f in stored.provenance.inputs if f.role != "overlay"]
        if corrected is not None:
            inputs = [f for f in inputs if f.role not in corrected.roles] + [*corrected.files]
        provenance = replace(
            stored.provenance,
            software_version=__version__,
            reference_version=self._new.version,
            reference_digest=self._new.digest,
            inputs=(*inputs, *overlay_input(self._new)),
            created=self._day,
        )
        report = build_report(known, said, provenance, self._new, stored.language)
        return replace(report, laboratory=stored.laboratory)


_ENTERED = "not-considered-entered"


def _reading(stored: PatientReport, changes: TableChanges) -> Iterator[Open]:
    """Yield what is open because files, or entries, are read otherwise now."""
    for table in changes.reading:
        yield Open(f"table {table}", "files are read otherwise now")
    yield from read_otherwise(stored, changes)


def _notices(
    stored: PatientReport, still: Iterable[Open], removed: tuple[str, ...]
) -> Iterator[Message]:
    """Say on page one that the report was made from stored results, and what is open."""
    made = stored.provenance
    name = name_edition(stored.report_id, stored.authorisation)
    values = (Value("report", (name,)), Value("date", (made.created[:10],)))
    yield Message(NOTICE, values)
    if subjects := tuple(dict.fromkeys(o.subject for o in still)):
        yield Message(NOTICE_OPEN, (Value("subjects", subjects),))
    if removed:
        yield Message(NOTICE_REMOVED, (Value("subjects", removed),))
