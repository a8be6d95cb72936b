"""Stages annotate, call and respond: from an extraction to one report per patient."""

from collections.abc import Iterator, Mapping, Sequence

from epilepsy_pgx.calling.class_words import load_class_words
from epilepsy_pgx.calling.classifications import add_written_proteins, match_classes
from epilepsy_pgx.calling.clinvar import ClinvarClasses
from epilepsy_pgx.calling.file_annotations import unread_annotations
from epilepsy_pgx.calling.findings import (
    count_unjudged,
    find_haplotypes,
    make_findings,
    unread_classes,
)
from epilepsy_pgx.calling.frequencies import add_frequencies
from epilepsy_pgx.calling.genes import GeneCalls, call_genes, sample_results
from epilepsy_pgx.calling.joined import listed_among, mark_joined, match_joined, settle_joined
from epilepsy_pgx.calling.novel_variants import apply_novel_loss_of_function
from epilepsy_pgx.calling.outside_calls import add_outside_calls, hla_result
from epilepsy_pgx.errors import InputError, PgxError, Problem, gathering
from epilepsy_pgx.frozen import dataclass, names_of, replace
from epilepsy_pgx.intake.agreement import dated_to_come, entered_later, settle_age
from epilepsy_pgx.intake.clinvar import ClinvarFile
from epilepsy_pgx.intake.sheet import SampleRow
from epilepsy_pgx.model import (
    ClinicalEntry,
    GeneResult,
    InputFile,
    PatientReport,
    Provenance,
    SampleQuality,
    VariantFinding,
    VariantKey,
)
from epilepsy_pgx.pipeline.cutting import digest_file
from epilepsy_pgx.pipeline.extract import Extraction
from epilepsy_pgx.pipeline.gene_coverage import GeneCoverages
from epilepsy_pgx.pipeline.listing import clinvar_classes
from epilepsy_pgx.pipeline.scope import Scope, check_digests
from epilepsy_pgx.pipeline.side_files import ClassResults, OutsideResults, SideFiles
from epilepsy_pgx.pipeline.targets import Targets
from epilepsy_pgx.quality.checks import check_call_rate, check_mixture, check_sex
from epilepsy_pgx.quality.fingerprint import check_panel
from epilepsy_pgx.quality.genes import GeneMeasurer
from epilepsy_pgx.quality.identity import check_identity
from epilepsy_pgx.quality.withdraw import withdraw_coverage, withdraw_results
from epilepsy_pgx.reference.limits import limit_words, read_limits
from epilepsy_pgx.reference.overlay import LocalReference
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Gene, HlaAllele
from epilepsy_pgx.reference.stages import TableStage, stage_digest
from epilepsy_pgx.reference.texts import check_language
from epilepsy_pgx.report.build import ENTERED, Assessed, build_report
from epilepsy_pgx.report.notices import (
    annotation_notices,
    check_notices,
    cis_notices,
    class_notices,
    conflict_notices,
    copy_notices,
    dispute_notices,
    frequency_notices,
    info_notices,
    joined_notices,
    listed_notices,
    unjudged_notices,
)
from epilepsy_pgx.report.quality import describe_quality
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.monogenic import assumed_cis
from epilepsy_pgx.response.next_tests import next_tests_of
from epilepsy_pgx.statement import Message, Value
from epilepsy_pgx.variants.annotate import Annotator, SiteAnnotation
from epilepsy_pgx.variants.collect import Carriers
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.variants.joined import Joined
from epilepsy_pgx.variants.observed import ObservedVariant
from epilepsy_pgx.vocabulary import CallMethod, CheckOutcome, GenomeBuild


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What holds for all patients of a run."""

    created: str
    """ISO date or time of the report, passed in."""
    language: str = "en"
    """What reports are rendered in unless another language is asked for."""
    parameters: tuple[tuple[str, str], ...] = ()
    clinvar: tuple[ClinvarFile, ...] = ()
    """Copies of ClinVar that the user gave, one a build at most."""


PARAMETERS = {
    "quality": "genotype quality at least",
    "depth": "depth at least",
    "balance": "allele balance at least",
    "imputed_probability": "imputed probability at least",
    "imputed_r2": "imputation R2 at least",
    "class_field": "class field",
    "frequency_fields": "frequency fields",
    "gencall_score": "GenCall score at least",
    "other_reads": "reads of other alleles at most",
}
"""What a report calls a threshold, by its name; the texts table has the words."""


def describe_thresholds(thresholds: Thresholds) -> tuple[tuple[str, str], ...]:
    """Return the thresholds as parameters of a report."""
    shown = ((name, getattr(thresholds, name)) for name in names_of(Thresholds))
    # Fields that nobody named are no parameter of the report.
    return tuple(
        (PARAMETERS[name], ", ".join(value) if isinstance(value, tuple) else str(value))
        for name, value in shown
        if value != ()
    )


@dataclass(frozen=True, slots=True)
class _Group:
    """What the samples of one extraction share, and what each of its columns carries."""

    extraction: Extraction
    calls: dict[str, GeneCalls]
    annotator: Annotator
    annotations: Mapping[VariantKey, tuple[SiteAnnotation, ...]]
    measurer: GeneMeasurer
    coverages: GeneCoverages
    column: Mapping[str, int]
    """By the sample's name in the file."""
    observed: Mapping[int, Sequence[ObservedVariant]]
    joined: Mapping[int, Sequence[Joined]]
    """Changes that neighbouring records make together."""
    undocumented: Mapping[int, Sequence[Carriers]]

    def carried(self, column: int) -> list[ObservedVariant]:
        """Return what a sample carries, with listed changes that its records may make together."""
        listed = listed_among(self.joined.get(column, ()), self.annotations)
        return [*self.observed.get(column, ()), *listed]

    def ordered(self, row: SampleRow) -> "_Group":
        """Return the group without the variants of genes that were not ordered for a patient."""
        off = frozenset(row.genes_off)
        if not off:
            return self
        left = {
            key: tuple(a for a in found if a.gene not in off)
            for key, found in self.annotations.items()
        }
        hidden = {key for key, found in self.annotations.items() if found and not left[key]}
        seen = {c: [v for v in vs if v.key not in hidden] for c, vs in self.observed.items()}
        return replace(self, annotations=left, observed=seen)


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read of one patient beside the VCF."""

    outside: OutsideResults
    classes: ClassResults
    panel: Mapping[str, tuple[str, ...]] | None

    def panel_files(self, row: SampleRow) -> tuple[InputFile, ...]:
        """Return the file of another test's genotypes, if one was compared."""
        path = row.fingerprint
        return () if path is None else (digest_file("fingerprint", path),)


class Predictor:
    """Predicts for the patients of one extraction after another."""

    def __init__(self, ref: Reference, settings: RunSettings) -> None:
        """Compile the rules once."""
        check_language(ref, settings.language)
        self._ref = ref
        self._settings = settings
        self._engine = ResponseEngine(ref)
        self._next_tests = next_tests_of(ref, self._engine)
        self._limits, self._limit_words = read_limits(ref), limit_words(ref)
        self._hla = frozenset(r.gene for r in ref.rows(Gene) if r.call_method is CallMethod.TYPING)
        self._curated_hla: dict[str, set[str]] = {g: set() for g in self._hla}
        for row in ref.rows(HlaAllele):
            self._curated_hla.setdefault(row.gene, set()).add(row.allele)
        self._words = load_class_words(ref)
        self._gene_limits = {
            r.gene: r.limits
            for r in ref.rows(Gene)
            if r.call_method is CallMethod.RARE_VARIANT and r.limits
        }
        self._side_files = SideFiles(ref, settings.created[:10])
        self._clinvar: dict[GenomeBuild, ClinvarClasses | None] = {}
        self._copies = {f.build: (digest_file("ClinVar file", f.path),) for f in settings.clinvar}

    def predict(
        self, extraction: Extraction, rows: Sequence[SampleRow]
    ) -> Iterator[PatientReport | tuple[SampleRow, PgxError]]:
        """Yield a report, or what is wrong, for each sheet row in turn.

        The samples are not compared with each other: see `settle.py`.
        """
        group = self._read_group(extraction)
        for row in rows:
            missing = [p for p in extraction.sample_problems if p.sample == row.vcf_sample]
            if missing:
                yield row, InputError(replace(p, sample=row.sample_id) for p in missing)
                continue
            try:
                row, found = self._beside(row, extraction)
            except PgxError as error:
                yield row, InputError(replace(p, sample=row.sample_id) for p in error.problems)
                continue
            yield self._predict_one(row, group, found)

    def _beside(self, row: SampleRow, extraction: Extraction) -> tuple[SampleRow, _Known]:
        """Return a row with its age, and what its files say; faults of all files come at once."""
        faults: list[Problem] = []
        with gathering(faults):
            check_digests(row, extraction.inputs)
        with gathering(faults):
            row = with_age(row, self._settings.created[:10])
        with gathering(faults):
            panel = None if row.fingerprint is None else self._side_files.panel(row)
        with gathering(faults):
            outside = self._side_files.outside(row)
        with gathering(faults):
            classes = self._side_files.classes(
                row, extraction.targets.build, extraction.targets.sequences
            )
        if faults:
            raise InputError(faults)
        return row, _Known(outside, classes, panel)

    def _read_group(self, extraction: Extraction) -> _Group:
        """Work out once what the samples of an extraction share."""
        observed: dict[int, list[ObservedVariant]] = {}
        for variant in extraction.observed:
            observed.setdefault(variant.sample, []).append(variant)
        undocumented: dict[int, list[Carriers]] = {}
        for carriers in extraction.undocumented:
            for column in carriers.columns:
                undocumented.setdefault(column, []).append(carriers)
        targets = extraction.targets
        annotator = Annotator(self._ref, targets.build, targets.sequences)
        joined = {column: annotator.join(mine) for column, mine in observed.items()}
        keys = {v.key for v in extraction.observed} | {c.key for c in extraction.undocumented}
        keys |= {j.variant.key for found in joined.values() for j in found}
        return _Group(
            extraction,
            call_genes(extraction.store, self._ref),
            annotator,
            self._classified(annotator, sorted(keys), targets),
            GeneMeasurer(self._ref, extraction.store),
            GeneCoverages(extraction, self._ref),
            {name: i for i, name in enumerate(extraction.store.samples)},
            observed,
            joined,
            undocumented,
        )

    def _classified(
        self, annotator: Annotator, keys: Sequence[VariantKey], targets: Targets
    ) -> Mapping[VariantKey, tuple[SiteAnnotation, ...]]:
        """Annotate variants, with the classes of the user's copy of ClinVar of the build."""
        annotations = annotator.annotate(keys)
        build = targets.build
        if build not in self._clinvar:
            files = [f for f in self._settings.clinvar if f.build is build]
            self._clinvar[build] = clinvar_classes(files[0], targets, self._ref) if files else None
        copy = self._clinvar[build]
        if copy is None:
            return annotations
        copy.compare = annotator.listed.compare
        return copy.add_to(annotations)

    def _predict_one(self, row: SampleRow, group: _Group, found: _Known) -> PatientReport:
        """Return the report of one sheet row whose side files could be read."""
        outside, classes = found.outside, found.classes
        extraction, column = group.extraction, group.column[row.vcf_sample]
        results = self._gene_results(group, column, outside)
        findings, notices = self._findings(row, group.ordered(row), column, classes)
        files = [
            *outside.files,
            *classes.files,
            *found.panel_files(row),
            *self._copies.get(extraction.targets.build, ()),
        ]
        if row.phenopacket is not None:
            files.append(digest_file("phenopacket", row.phenopacket))
        quality, genetic_sex = self._assess_quality(
            row, extraction, results, column, group.measurer, found
        )
        coverage = group.coverages.of(column, group.carried(column))
        scope = Scope(row.genes_off)
        results, coverage = scope.results(results), scope.coverage(coverage)
        quality = scope.quality(quality)
        stopped = stopping_checks(row.clinical)
        if stopped or any(c.outcome is CheckOutcome.FAILED for c in quality.checks):
            results = withdraw_results(results)
            coverage, findings = withdraw_coverage(coverage), ()
        known = Assessed(
            patient=replace(row.patient, genetic_sex=genetic_sex),
            clinical=row.clinical,
            results=results,
            findings=findings,
            coverage=coverage,
            not_reportable=stopped,
            warnings=(
                *scope.notices(),
                *extraction.warnings_of(column),
                *entry_warnings(row),
                *notices,
                *outside.notes,
                *check_notices(quality.checks),
            ),
            quality=quality,
        )
        return self._report(known, row.unmapped, extraction, files)

    def _gene_results(
        self, group: _Group, column: int, outside: OutsideResults
    ) -> dict[str, GeneResult]:
        """Return the calls of one sample, with those that other laboratories made."""
        results = sample_results(group.calls, group.extraction.store, column)
        results = apply_novel_loss_of_function(
            results, group.undocumented.get(column, []), group.annotations
        )
        results = add_outside_calls(results, outside.calls, self._ref)
        for gene in sorted(self._hla):
            typed = hla_result(gene, outside.hla.get(gene), self._curated_hla[gene])
            tags = results[gene].sites if gene in results else ()
            results[gene] = replace(typed, sites=tags)
        return results

    def _findings(
        self, row: SampleRow, group: _Group, column: int, classes: ClassResults
    ) -> tuple[tuple[VariantFinding, ...], tuple[Message, ...]]:
        """Return the classified variants of one sample, and what is to be said of the classes."""
        mine, annotations = group.observed.get(column, []), group.annotations
        copy = self._clinvar.get(group.extraction.targets.build)
        carried = {v.key: annotations.get(v.key, ()) for v in mine}
        compare, joined = group.annotator.listed.compare, group.joined.get(column, ())
        matched = match_classes(classes.rows, carried, compare, group.extraction.targets.read)
        matched = match_joined(matched, joined, annotations, compare)
        known = settle_joined(joined, annotations, matched.classes)
        whole, alone = known.variants, known.without_parts(mine)
        haplotypes = group.annotator.annotate_haplotypes(find_haplotypes(mine, annotations))
        findings = make_findings(
            [*mine, *whole],
            annotations,
            matched.classes,
            row.clinical.sex,
            haplotypes=haplotypes,
            as_of=self._settings.created,
            words=self._words,
        )
        findings = mark_joined(findings, known, annotations)
        carried |= {v.key: annotations.get(v.key, ()) for v in whole}
        findings = tuple(
            replace(f, notes=(*f.notes, *self._gene_limits.get(f.gene, ())))
            for f in add_written_proteins(findings, matched)
        )
        findings = add_frequencies(findings, mine, self._ref, group.extraction.targets.build)
        return findings, (
            *cis_notices(assumed_cis(findings, self._engine.haplotypes)),
            *class_notices(matched, classes.rows, classes.name),
            *info_notices(unread_classes(mine, annotations, self._words)),
            *dispute_notices(findings),
            *conflict_notices(findings, {} if copy is None else copy.conflicts),
            *copy_notices(carried, None if copy is None else copy.unread),
            *annotation_notices(unread_annotations(mine, annotations)),
            *listed_notices(carried.values()),
            *joined_notices(known),
            *unjudged_notices(count_unjudged(alone, annotations, matched.classes, self._words)),
            *frequency_notices(findings, mine),
        )

    def _assess_quality(
        self,
        row: SampleRow,
        extraction: Extraction,
        results: Mapping[str, GeneResult],
        column: int,
        measurer: GeneMeasurer,
        known: _Known,
    ) -> tuple[SampleQuality, str | None]:
        """Return the quality of a sample, and the sex that its X chromosomes show."""
        sex, found = check_sex(extraction.readings, column, row.clinical.sex, self._limits)
        checks = (
            check_call_rate(extraction.store, column, self._limits),
            sex,
            check_mixture(extraction.readings, column, self._limits),
            check_identity(None),
            *check_panel(extraction.store, column, known.panel, self._limits),
        )
        quality = describe_quality(
            checks,
            measurer.measure(results, column),
            self._limit_words,
            self._ref,
            extraction.caller,
        )
        return quality, None if found is None else found.value

    def _report(
        self,
        known: Assessed,
        unmapped: Sequence[str],
        extraction: Extraction,
        files: Sequence[InputFile],
    ) -> PatientReport:
        settings = self._settings
        facts = self._engine.facts(known.results, known.findings, known.coverage, known.clinical)
        interpretation = self._engine.interpret_facts(facts)
        if not known.stopped:
            # A sample that failed its checks is repeated before anything else is ordered.
            found = self._next_tests.of(facts)
            interpretation = replace(interpretation, next_tests=found)
        if unmapped:
            # A packet's own words: no language changes them.
            words = (Message(ENTERED, (Value("word", (x,)),)) for x in unmapped)
            interpretation = replace(
                interpretation, not_considered=(*interpretation.not_considered, *words)
            )
        provenance = Provenance(
            software="epilepsy-pgx",
            software_version=_version(),
            reference_version=".",
            reference_digest=stage_digest(self._ref, TableStage.PREDICT),
            inputs=(*extraction.inputs, *files, *overlay_input(self._ref)),
            build=extraction.targets.build.value,
            callability=extraction.callability,
            created=settings.created,
            parameters=settings.parameters,
        )
        return build_report(known, interpretation, provenance, self._ref, settings.language)


def with_age(row: SampleRow, report: str) -> SampleRow:
    """Return a row with the patient's age, from the birth date if the entry gives none.

    Parameters
    ----------
    report
        ISO date of the report.

    Raises
    ------
    InputError
        If two statements of the row exclude each other.
    """
    clinical, wrong = settle_age(
        row.clinical, row.patient.birth_date, row.clinical.entry_date or report
    )
    wrong += entered_later(row.clinical, report)
    wrong += dated_to_come(row.patient, report)
    if wrong:
        raise InputError(
            Problem(
                row.sheet,
                row.line,
                column,
                check,
                found,
                expected,
                "Correct one of the two statements.",
                row.sample_id,
            )
            for column, check, found, expected in wrong
        )
    return replace(row, clinical=clinical)


def overlay_input(ref: Reference) -> tuple[InputFile, ...]:
    """Return the hospital's own tables as something that the report rests on."""
    if not isinstance(ref, LocalReference):
        return ()
    size = sum(path.stat().st_size for path in ref.overlay_files)
    name = ref.overlay.resolve().name
    return (InputFile("overlay", name, ref.overlay_digest, size),)


def entry_warnings(row: SampleRow) -> tuple[Message, ...]:
    """Return what a sheet's clinical entry lacks and rules ask for."""
    lacks = row.sheet != "." and row.clinical.age_years is None
    return (Message("caveat-age-missing"),) if lacks else ()


def stopping_checks(clinical: ClinicalEntry) -> tuple[Message, ...]:
    """Return the reasons for which no report may be authorised.

    Blood after a transplant of bone marrow carries the donor's genome.
    """
    stops = clinical.transplant == "bone_marrow"
    return (Message("stop-bone-marrow-transplant"),) if stops else ()


def _version() -> str:
    from epilepsy_pgx import __version__

    return __version__
