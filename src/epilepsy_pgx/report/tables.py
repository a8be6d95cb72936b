"""Rows of the tab-separated tables."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from epilepsy_pgx.hidden import spell_hidden
from epilepsy_pgx.model import (
    DrugPrediction,
    GeneQuality,
    GeneResult,
    PatientReport,
    SampleQuality,
    VariantFinding,
)
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.sharing import OfPart
from epilepsy_pgx.tsv import line, mark_formula
from epilepsy_pgx.variants.annotate import JOINT_NOTE

GENE_COLUMNS = (
    "sample_id",
    "gene",
    "diplotype",
    "candidates",
    "candidate_count",
    "not_excluded",
    "phenotype",
    "activity_score",
    "status",
    "missing_sites",
    "caveats",
)
VARIANT_COLUMNS = (
    "sample_id",
    "chrom",
    "pos",
    "ref",
    "alt",
    "gene",
    "transcript",
    "consequence",
    "hgvs_c",
    "hgvs_p",
    "zygosity",
    "status",
    "curated_id",
    "functional_class",
    "classification",
)
DRUG_COLUMNS = (
    "sample_id",
    "drug",
    "drug_class",
    "response",
    "tier",
    "exposure",
    "urgent",
    "conditional",
    "because",
    "statement",
    "source",
    "level",
    "rows",
    "not_assessed",
)


QUALITY_COLUMNS = ("sample_id", "kind", "name", "outcome", "measured", "limits")


def cell(value: object) -> str:
    """Write a value as a table cell: `.` if missing, no tab and no line break.

    Every cell of every table passes here. One that a spreadsheet would run as a formula gets an
    apostrophe in front, which spreadsheets read as: this is text.
    """
    if value is None or value == "" or value == ():
        return "."
    if isinstance(value, tuple):
        value = "|".join(map(str, value))
    text = spell_hidden(" ".join(str(value).split())) or "."
    return mark_formula(text)


def table_line(values: Iterable[object]) -> str:
    """Return the line of a table."""
    return line(map(cell, values))


def gene_cells(result: GeneResult) -> tuple[str, ...]:
    """Return the row of one gene result, behind the sample."""
    shown = result.shown
    single = shown[0] if len(shown) == 1 else None
    decided = not result.unlisted and not any("UNDEFINED" in d for d in result.diplotypes)
    caveats = [c.removeprefix("caveat-") for c in result.caveats]
    caveats += [f"undocumented:{name}" for name in result.undocumented]
    return tuple(
        cell(v)
        for v in (
            result.gene,
            single if decided else None,
            shown,
            result.candidate_count,
            result.not_excluded,
            result.phenotypes,
            tuple(str(s) for s in result.activity_scores),
            result.status.value,
            result.missing_sites,
            tuple(caveats),
        )
    )


def finding_cells(sample_id: str, finding: VariantFinding) -> tuple[str, ...]:
    """Return the row of one variant."""
    return tuple(
        cell(v)
        for v in (
            sample_id,
            finding.key.chrom,
            finding.key.pos,
            finding.key.ref,
            finding.key.alt,
            finding.gene,
            finding.transcript,
            "&".join(finding.consequences),
            finding.hgvs_c,
            finding.hgvs_p,
            finding.zygosity.value,
            finding.status.value,
            finding.curated_id,
            finding.direction.value,
            finding.classification.value,
        )
    )


MORE_COLUMNS = ("class_source", "frequency", "also_named", "notes", "joint_change")
"""Columns of the table of `annotate` behind those of every table of variants."""
JOINT_NOTES = frozenset({JOINT_NOTE, "note-haplotype-possible"})
"""Notes of a variant that is read together with another on the same chromosome copy."""


def more_cells(finding: VariantFinding) -> tuple[str, ...]:
    """Return where a class and a frequency come from, other names, and what qualifies the row."""
    records = (f"{r.who} {r.date}" if r.date else r.who for r in finding.classifications)
    frequencies = (
        f"{f.field or f.version or 'tables'}={f.value}{' (common)' * f.common}"
        for f in finding.frequencies
    )
    together = joint_names(finding)
    others = (a for a in finding.aliases if a.name not in together)
    names = (f"{a.name} ({a.isoform})" if a.isoform else a.name for a in others)
    notes = (n.removeprefix("note-") for n in finding.notes)
    every = (records, frequencies, names, notes, together)
    return tuple(cell(tuple(dict.fromkeys(v))) for v in every)


def joint_names(finding: VariantFinding) -> tuple[str, ...]:
    """Return the c. and p. names of the change that a variant makes with its neighbours."""
    if not JOINT_NOTES & set(finding.notes):
        return ()
    return tuple(a.name for a in finding.aliases if not a.isoform)


def drug_cells(drug: DrugPrediction, texts: Wording) -> Iterator[tuple[str, ...]]:
    """Yield a row per statement about a drug, behind the sample; one if there is none."""
    head = (drug.drug, drug.drug_class)
    missing = drug.not_assessed
    if not drug.statements:
        said = (drug.response.value, drug.tier.value, drug.exposure.value, "no", "no")
        yield tuple(cell(v) for v in (*head, *said, None, None, None, None, None, missing))
    for s in drug.statements:
        yield tuple(
            cell(v)
            for v in (
                *head,
                s.response.value,
                s.tier.value,
                drug.exposure.value,
                "yes" if s.urgent else "no",
                "yes" if s.conditional else "no",
                tuple(map(texts.tell, s.reasons)),
                texts.sentence(s),
                tuple(e.source for e in s.evidence),
                tuple(e.level for e in s.evidence),
                tuple(f"{e.table}:{e.row}" for e in s.evidence),
                missing,
            )
        )


Rows = Iterable[tuple[str, ...]]


class PatientTables:
    """Tells of patients in tables; of parts that patients share, once for all of them.

    Parameters
    ----------
    texts
        The language.
    """

    def __init__(self, texts: Wording) -> None:
        self._drugs: OfPart[DrugPrediction, Rows] = OfPart(lambda d: tuple(drug_cells(d, texts)))
        self._genes: OfPart[GeneResult, Rows] = OfPart(lambda g: (gene_cells(g),))
        self._quality: OfPart[SampleQuality, Rows] = OfPart(lambda q: tuple(quality_cells(q)))
        self._tails: OfPart[Rows, tuple[str, ...]] = OfPart(_tails)

    def genes(self, report: PatientReport) -> Iterator[tuple[str, ...]]:
        """Yield a row per gene."""
        return _of_sample(report, self._parts("genes", report))

    def drugs(self, report: PatientReport) -> Iterator[tuple[str, ...]]:
        """Yield a row per drug and statement; a drug without a statement has one row."""
        return _of_sample(report, self._parts("drugs", report))

    def quality(self, report: PatientReport) -> Iterator[tuple[str, ...]]:
        """Yield a row per check of the sample, then one per gene."""
        return _of_sample(report, self._parts("quality", report))

    def variants(self, report: PatientReport) -> Iterator[tuple[str, ...]]:
        """Yield a row per variant and gene."""
        return (finding_cells(report.patient.sample_id, f) for f in report.findings)

    def rows(self, table: str, report: PatientReport) -> Iterator[tuple[str, ...]]:
        """Yield the rows of one of the tables, by its name."""
        made = {
            "genes": self.genes,
            "variants": self.variants,
            "drugs": self.drugs,
            "quality": self.quality,
        }
        return made[table](report)

    def lines(self, table: str, report: PatientReport) -> str:
        """Return the rows of one of the tables as lines."""
        if table == "variants":
            return "".join(map(line, self.variants(report)))
        sample = cell(report.patient.sample_id)
        parts = self._parts(table, report)
        return "".join([sample + tail for rows in parts for tail in self._tails(rows)])

    def _parts(self, table: str, report: PatientReport) -> Iterable[Rows]:
        """Return the rows of each part of a report that a table tells of, behind the sample."""
        match table:
            case "genes":
                return map(self._genes, report.genes)
            case "drugs":
                return map(self._drugs, report.interpretation.drugs)
        return () if report.quality is None else (self._quality(report.quality),)

    def tsv(self, report: PatientReport) -> str:
        """Return one patient's drug lines as a table."""
        return line(DRUG_COLUMNS) + self.lines("drugs", report)


def _tails(rows: Rows) -> tuple[str, ...]:
    """Return rows as lines, from what stands behind the sample on."""
    return tuple("\t" + line(row) for row in rows)


def _of_sample(report: PatientReport, parts: Iterable[Rows]) -> Iterator[tuple[str, ...]]:
    sample = cell(report.patient.sample_id)
    return ((sample, *row) for rows in parts for row in rows)


def quality_cells(quality: SampleQuality) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a sample's checks and of its genes, behind the sample."""
    for check in quality.checks:
        measured = tuple(f"{name}={value}" for name, value in check.measured)
        limits = tuple(f"{name}={value}" for name, value in check.limits)
        yield tuple(cell(v) for v in ("check", check.check, check.outcome.value, measured, limits))
    yield from map(_gene_quality_cells, quality.genes)


@lru_cache(maxsize=4096)
def _gene_quality_cells(gene: GeneQuality) -> tuple[str, ...]:
    """Return the row of a gene's figures; those of many samples are the same."""
    values = (
        ("positions", gene.positions),
        ("usable", gene.usable),
        ("below_threshold", gene.below_threshold),
        ("depth_minimum", gene.depth_minimum),
        ("depth_median", gene.depth_median),
        ("quality_minimum", gene.quality_minimum),
        ("quality_median", gene.quality_median),
        ("tier1_tested", gene.tier1_tested),
        ("tier1_not_tested", "+".join(gene.tier1_not_tested)),
        ("tier2_tested", gene.tier2_tested),
        ("tier2_not_tested", "+".join(gene.tier2_not_tested)),
    )
    measured = tuple(f"{name}={'.' if v in (None, '') else v}" for name, v in values)
    return tuple(cell(v) for v in ("gene", gene.gene, None, measured, None))


def report_tsv(report: PatientReport, texts: Wording) -> str:
    """Return one patient's drug lines as a table."""
    return PatientTables(texts).tsv(report)
