"""Settle what a prediction leaves open: the comparison with the other patients, and the tables.

A prediction knows one batch. Whether a genome is that of another patient is known when all are
compared, and the texts are read when the page is drawn; so a report is settled where it is
written or tabled, and a prediction never waits.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.frozen import replace
from epilepsy_pgx.model import PatientReport, Provenance, SampleQuality
from epilepsy_pgx.pipeline.failures import Failure, Result
from epilepsy_pgx.quality.checks import IDENTITY
from epilepsy_pgx.quality.identity import Verdict, check_identity
from epilepsy_pgx.quality.withdraw import withdraw_coverage, withdraw_results
from epilepsy_pgx.reference.limits import limit_words
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.stages import TableStage, stage_digest
from epilepsy_pgx.report.build import ENTERED, Assessed, build_report, id_of_report
from epilepsy_pgx.report.parts import SharedParts
from epilepsy_pgx.report.quality import describe_quality
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.statement import Message
from epilepsy_pgx.vocabulary import CheckOutcome


class Settler:
    """Makes reports of predictions; parts that patients share are one object in all of them."""

    def __init__(self, ref: Reference, identity: Mapping[str, Verdict]) -> None:
        """Take what the comparison of all patients says, by sample id."""
        self.ref = ref
        self._identity = identity
        self._made_with = stage_digest(ref, TableStage.PREDICT)
        self._words = limit_words(ref)
        self._shared = SharedParts()

    @cached_property
    def _engine(self) -> ResponseEngine:
        # Needed for withdrawn reports alone.
        return ResponseEngine(self.ref)

    def settle(self, made: PatientReport, source: Path | None = None) -> PatientReport:
        """Return the report of one prediction.

        Parameters
        ----------
        source
            File that the prediction was read from.

        Raises
        ------
        InputError
            If the prediction rests on other tables.
        """
        if made.provenance.reference_digest != self._made_with:
            raise InputError.one(
                "results-tables",
                file="." if source is None else str(source),
                found="results that were made with other curated tables",
                expected="results of 'predict' with the tables that this command was given",
                fix="Run 'predict' again, or give this command the same tables.",
            )
        provenance = replace(
            made.provenance, reference_version=self.ref.version, reference_digest=self.ref.digest
        )
        quality = self._quality(made)
        if quality is not None and any(
            c.check == IDENTITY and c.outcome is CheckOutcome.FAILED for c in quality.checks
        ):
            return self._withdrawn(made, quality, provenance)
        settled = replace(
            made,
            report_id=id_of_report(made.patient, provenance),
            quality=quality,
            provenance=provenance,
        )
        return self._shared.report(settled)

    def _quality(self, made: PatientReport) -> SampleQuality | None:
        """Return the quality of a sample with what the comparison says of it."""
        verdict = self._identity.get(made.patient.sample_id)
        if verdict is None or made.quality is None:
            return made.quality
        (told,) = describe_quality([check_identity(verdict)], (), self._words, self.ref).checks
        checks = (told if c.check == IDENTITY else c for c in made.quality.checks)
        return replace(made.quality, checks=tuple(checks))

    def _withdrawn(
        self, made: PatientReport, quality: SampleQuality, provenance: Provenance
    ) -> PatientReport:
        """Return the report of a genome that may be another person's: nothing of it is used."""
        results = withdraw_results({g.gene: g for g in made.genes})
        coverage = withdraw_coverage({c.gene: c for c in made.coverage})
        facts = self._engine.facts(results, (), coverage, made.clinical)
        said = self._engine.interpret_facts(facts)
        entered = (m for m in made.interpretation.not_considered if m.text_id == ENTERED)
        known = Assessed(
            patient=made.patient,
            clinical=made.clinical,
            results=results,
            findings=(),
            coverage=coverage,
            not_reportable=_other_stops(made),
            warnings=made.warnings,
            quality=quality,
        )
        said = replace(said, not_considered=(*said.not_considered, *entered))
        return build_report(known, said, provenance, self.ref, made.language)


def _other_stops(made: PatientReport) -> tuple[Message, ...]:
    """Return why a report may not go out, beside the checks of its sample."""
    checks = () if made.quality is None else made.quality.checks
    failed = sum(c.outcome is CheckOutcome.FAILED for c in checks)
    return made.not_reportable[: len(made.not_reportable) - failed]


def settle_each(results: Iterable[Result], settler: Settler) -> Iterator[Result]:
    """Settle reports while they pass; failures pass as they are."""
    for result in results:
        yield result if isinstance(result, Failure) else settler.settle(result)
