"""Rows of a sheet that take the place of what was entered: clinical entry, typings, outside calls.

Nothing of the patient's VCF is read. What its own calls would say beside a corrected result is
not stored, and is named. A column that the sheet has not changes nothing; what an empty cell takes
away is named.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from epilepsy_pgx.calling.classifications import match_classes
from epilepsy_pgx.calling.findings import class_notes
from epilepsy_pgx.calling.outside_calls import add_outside_calls, hla_result
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.intake.sheet import SampleRow, SampleSheet, read_sheet
from epilepsy_pgx.model import GeneResult, InputFile, PatientReport, VariantFinding
from epilepsy_pgx.pipeline.cutting import digest_file
from epilepsy_pgx.pipeline.predict import entry_warnings
from epilepsy_pgx.pipeline.side_files import OutsideResults, SideFiles
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.recall.genes import CAVEAT, Open
from epilepsy_pgx.recall.ordered import apply_scope
from epilepsy_pgx.recall.sheetcells import ROLES, SheetColumns, removed_from_entry
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Gene, HlaAllele
from epilepsy_pgx.report.build import Assessed
from epilepsy_pgx.variants.annotate import Annotator
from epilepsy_pgx.vocabulary import Basis, CallMethod, GeneStatus, GenomeBuild

LABORATORY = "laboratory file"
_OUTSIDE = "caveat-outside-call"
_TYPINGS = ("hla", "outside_calls")
"""Columns whose files may hold HLA types."""
_UNPARTED = "a file of a column that the sheet has not says otherwise: give both columns"


@dataclass(frozen=True, slots=True)
class Corrected:
    """What is known of a patient by the corrected sheet."""

    known: Assessed
    open: tuple[Open, ...]
    unmapped: tuple[str, ...] | None
    """Terms that the tables lack; None if the sheet has no packets."""
    files: tuple[InputFile, ...]
    roles: tuple[str, ...]
    """What the files are whose place these take."""
    removed: tuple[str, ...]
    """What was stored and an empty cell, or a file without it, takes away."""


class Corrections:
    """A corrected sheet."""

    def __init__(self, sheet: SampleSheet, ref: Reference, day: str) -> None:
        """Take its rows."""
        self._ref, self._day = ref, day
        self._rows = {row.sample_id: row for row in sheet.rows}
        self._columns = SheetColumns(sheet.columns)
        self._side_files = SideFiles(ref, day)
        self._curated: dict[str, set[str]] = {
            r.gene: set() for r in ref.rows(Gene) if r.call_method is CallMethod.TYPING
        }
        for row in ref.rows(HlaAllele):
            self._curated.setdefault(row.gene, set()).add(row.allele)
        self._annotators: dict[GenomeBuild, Annotator] = {}
        self.problems = tuple(p for faulty in sheet.faulty for p in faulty.problems)
        """What is wrong with rows that cannot be used."""
        self.faulty = {f.sample_id: tuple(f.problems) for f in sheet.faulty if f.sample_id}
        """The same by patient."""

    @property
    def samples(self) -> frozenset[str]:
        """The patients whose rows can be used."""
        return frozenset(self._rows)

    def apply(self, stored: PatientReport, known: Assessed) -> Corrected | None:
        """Return what is known with the row of a patient; None without a row.

        Raises
        ------
        InputError
            If the row, or a file that it names, cannot be used.
        """
        row = self._rows.get(stored.patient.sample_id)
        if row is None:
            return None
        row = self._columns.row_of(row, stored, self._day)
        outside = self._side_files.outside(row)
        results, still, gone = self._results(known.results, outside, stored)
        findings, more, class_files = self._classes(row, stored, known)
        if row.clinical.sex != stored.clinical.sex:
            more.append(Open("sex", "what the X chromosome shows, and the check of the sex"))
        kept = [w for w in known.warnings if w not in entry_warnings(_empty(row))]
        files = [*outside.files, *class_files]
        if row.phenopacket is not None:
            files.append(digest_file("phenopacket", row.phenopacket))
        gone += [*_classes_gone(known.findings, findings)]
        gone += removed_from_entry(stored.clinical, row.clinical)
        off = row.genes_off if self._columns.has("genes_off") else None
        entered, others, switched = apply_scope(
            replace(
                known,
                patient=replace(
                    row.patient,
                    vcf_sample=stored.patient.vcf_sample,
                    genetic_sex=stored.patient.genetic_sex,
                ),
                clinical=row.clinical,
                results=results,
                findings=findings,
                warnings=(*kept, *entry_warnings(row), *outside.notes),
            ),
            off,
        )
        return Corrected(
            entered,
            (*still, *more, *others),
            row.unmapped if self._columns.has("phenopacket") else None,
            tuple(files),
            tuple(role for column, role in ROLES.items() if self._columns.has(column)),
            tuple(dict.fromkeys((*gone, *switched))),
        )

    def _results(
        self, stored: Mapping[str, GeneResult], outside: OutsideResults, report: PatientReport
    ) -> tuple[dict[str, GeneResult], list[Open], list[str]]:
        """Return the results with the corrected typings and outside calls in place of the old.

        What is open then, and what was stored and is given no more, come with them.
        """
        results, still, gone = dict(stored), [], []
        given = {call.gene for call in outside.calls}
        for gene, result in stored.items():
            if gene in self._curated:
                kept = self._typed(result, report)
                results[gene] = kept or self._typing(result, outside)
                if kept is not None and gene in outside.hla and kept != self._typing(kept, outside):
                    still.append(Open(gene, _UNPARTED))
                if _told(result) and not _told(results[gene]):
                    gone.append(gene)
            elif self._columns.has("outside_calls") and _from_outside(result):
                # What the file shows by itself is not stored beside an outside call.
                results[gene] = _without_outside(result)
                still.append(Open(gene, "what the file itself shows beside the outside call"))
                gone += [gene] if gene not in given else []
        joined = add_outside_calls(results, outside.calls, self._ref)
        for subject in {o.subject for o in still} & given:
            result = joined[subject]
            weaker = result.status is GeneStatus.COMPLETE
            joined[subject] = replace(
                result,
                status=GeneStatus.PARTIAL if weaker else result.status,
                caveats=tuple(dict.fromkeys((*result.caveats, CAVEAT))),
            )
        return joined, still, gone

    def _typed(self, result: GeneResult, report: PatientReport) -> GeneResult | None:
        """Return the stored typing where the sheet takes nothing away from it, else None."""
        if not any(map(self._columns.has, _TYPINGS)):
            return result
        elsewhere = self._columns.may_come_from_elsewhere(report, *_TYPINGS)
        return result if elsewhere and _told(result) else None

    def _typing(self, result: GeneResult, outside: OutsideResults) -> GeneResult:
        typed = hla_result(result.gene, outside.hla.get(result.gene), self._curated[result.gene])
        return replace(typed, sites=result.sites)

    def _classes(
        self, row: SampleRow, stored: PatientReport, known: Assessed
    ) -> tuple[tuple[VariantFinding, ...], list[Open], tuple[InputFile, ...]]:
        """Return the findings with the laboratory's classes of the sheet, if it has any column."""
        if not self._columns.has("classifications"):
            return tuple(known.findings), [], ()
        build = GenomeBuild(stored.provenance.build)
        sequences = load_targets(self._ref, build).sequences
        classes = self._side_files.classes(row, build, sequences)
        if build not in self._annotators:
            self._annotators[build] = Annotator(self._ref, build, sequences)
        annotator = self._annotators[build]
        carried = annotator.annotate(f.key for f in known.findings) if classes.rows else {}
        matched = match_classes(classes.rows, carried, annotator.listed.compare)
        still = [
            Open(f"class of {unused.variant}", "no variant that is stored has this name")
            for unused, _ in matched.unused
            if unused.sample_id
        ]
        found = []
        for finding in known.findings:
            others = [r for r in finding.classifications if r.source != LABORATORY]
            records = (*matched.classes.get(finding.key, ()), *others)
            before = {*class_notes(finding.classifications, self._day), "note-class-old"}
            notes = [n for n in finding.notes if n not in before]
            found.append(
                finding
                if records == finding.classifications
                else replace(
                    finding,
                    classifications=records,
                    notes=(*notes, *class_notes(records, self._day)),
                )
            )
        return tuple(found), still, classes.files


def read_corrections(path: Path, ref: Reference, day: str) -> Corrections:
    """Read a corrected sheet; its column `vcf` may be missing.

    Raises
    ------
    InputError
        If its form is wrong, or no row can be used.
    """
    sheet = read_sheet(path, ref, GenomeBuild.GRCH38, files_needed=False)
    return Corrections(sheet, ref, day)


def _told(result: GeneResult) -> bool:
    return result.status is not GeneStatus.NOT_ASSESSED


def _from_outside(result: GeneResult) -> bool:
    return any(c.startswith(_OUTSIDE) for c in result.caveats)


def _classes_gone(
    before: Iterable[VariantFinding], after: Iterable[VariantFinding]
) -> Iterator[str]:
    """Yield the variants whose class of the laboratory is given no more."""
    classed = {f.key for f in after if _own(f)}
    yield from (f"class of {_named(f)}" for f in before if _own(f) and f.key not in classed)


def _own(finding: VariantFinding) -> bool:
    return any(r.source == LABORATORY for r in finding.classifications)


def _named(finding: VariantFinding) -> str:
    return finding.curated_id or " ".join(filter(None, (finding.gene, finding.hgvs_c)))


def _without_outside(result: GeneResult) -> GeneResult:
    """Return what is left of a gene whose result came from another place."""
    return replace(
        result,
        status=GeneStatus.NOT_ASSESSED,
        basis=Basis.NONE,
        diplotypes=(),
        candidate_count=0,
        phenotypes=(),
        activity_scores=(),
        functions=(),
        unlisted=False,
        caveats=(*(c for c in result.caveats if not c.startswith(_OUTSIDE)), CAVEAT),
    )


def _empty(row: SampleRow) -> SampleRow:
    return replace(row, line=1, clinical=replace(row.clinical, age_years=None))


def named_nowhere(samples: frozenset[str], seen: set[str], path: Path) -> None:
    """Raise if the sheet names patients of whom nothing is stored.

    Raises
    ------
    InputError
        If it does.
    """
    if lacking := sorted(samples - seen):
        shown = ", ".join(lacking[:5]) + (f" and {len(lacking) - 5} more" if lacking[5:] else "")
        raise InputError.one(
            "sheet-stored",
            file=str(path),
            column="sample_id",
            found=f"{shown}, of whom no result is stored",
            expected="patients of the results",
            fix="Correct the ids, or run these patients.",
        )
