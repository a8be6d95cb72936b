"""Invented patients for the tests of the response stage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from epilepsy_pgx.genetics import Diplotype, PhaseSet
from epilepsy_pgx.model import (
    ClassificationRecord,
    ClinicalEntry,
    DrugExposure,
    FailedDrug,
    GeneCoverage,
    GeneResult,
    VariantFinding,
    VariantKey,
)
from epilepsy_pgx.vocabulary import (
    Classification,
    Direction,
    FailureReason,
    GeneStatus,
    SiteStatus,
    Zygosity,
)

PHENOTYPES = {
    "CYP2C9": {
        "*1/*1": ("Normal Metabolizer", "2"),
        "*1/*2": ("Intermediate Metabolizer", "1.5"),
        "*1/*3": ("Intermediate Metabolizer", "1"),
        "*2/*2": ("Intermediate Metabolizer", "1"),
        "*2/*3": ("Poor Metabolizer", "0.5"),
        "*3/*3": ("Poor Metabolizer", "0"),
        "*3/*6": ("Poor Metabolizer", "0"),
    },
    "CYP2C19": {
        "*1/*1": ("Normal Metabolizer", None),
        "*1/*2": ("Intermediate Metabolizer", None),
        "*1/*9": ("Likely Intermediate Metabolizer", None),
        "*2/*9": ("Likely Poor Metabolizer", None),
        "*2/*2": ("Poor Metabolizer", None),
        "*1/*17": ("Rapid Metabolizer", None),
        "*17/*17": ("Ultrarapid Metabolizer", None),
    },
    "CYP2D6": {"*4/*4": ("Poor Metabolizer", "0"), "*1/*1": ("Normal Metabolizer", "2")},
    "CYP3A5": {"*1/*3": ("Intermediate Metabolizer", None), "*3/*3": ("Poor Metabolizer", None)},
}
_FUNCTIONS = {
    "*1": "Normal function",
    "*2": "No function",
    "*3": "No function",
    "*6": "No function",
    "*4": "No function",
    "*9": "Decreased function",
    "*17": "Increased function",
}
HLA_ALLELES = {
    "HLA-A": ("*31:01", "*24:02", "*33:03", "*02:07", "*11:01"),
    "HLA-B": (
        "*15:02",
        "*15:11",
        "*15:08",
        "*15:21",
        "*15:30",
        "*15:31",
        "*57:01",
        "*38:01",
        "*58:01",
        "*44:03",
        "*13:01",
        "*15:13",
        "*56:02",
        "*51:01",
        "*59:01",
    ),
}
CHROMOSOMES = {"OTC": "X", "CDKL5": "X", "PCDH19": "X", "PDHA1": "X", "POLG": "15"}
TODAY = "2026-11-22"


def star_gene(
    gene: str,
    *diplotypes: str,
    status: GeneStatus | None = None,
    not_excluded: tuple[str, ...] = (),
    lost_function: bool = False,
) -> GeneResult:
    """Return a result of a star-allele gene with one or more candidate diplotypes."""
    rows = [PHENOTYPES[gene][d] for d in diplotypes]
    if status is None:
        status = GeneStatus.COMPLETE if len(diplotypes) == 1 else GeneStatus.AMBIGUOUS
        status = GeneStatus.PARTIAL if not_excluded else status
    return GeneResult(
        gene=gene,
        status=status,
        basis="genotype",
        diplotypes=tuple(map(Diplotype.read, diplotypes)),
        candidate_count=len(diplotypes),
        phenotypes=tuple(dict.fromkeys(r[0] for r in rows)),
        activity_scores=tuple(sorted({Decimal(r[1]) for r in rows if r[1] is not None})),
        functions=tuple(
            dict.fromkeys(
                (_FUNCTIONS.get(a, "Unknown function"), _FUNCTIONS.get(b, "Unknown function"))
                for a, b in (d.split("/") for d in diplotypes)
            )
        ),
        not_excluded=not_excluded,
        lost_function=lost_function,
        sites_assessed=10,
        sites_total=10,
    )


def unassessed(gene: str) -> GeneResult:
    """Return a gene that nobody looked at."""
    return GeneResult(gene, GeneStatus.NOT_ASSESSED, "none", (), 0, (), ())


def typed(gene: str, *present: str, absent: Sequence[str] | None = None) -> GeneResult:
    """Return an HLA locus typed at two fields; `absent` defaults to all other known alleles."""
    if absent is None:
        absent = tuple(a for a in HLA_ALLELES[gene] if a not in present)
    return GeneResult(
        gene,
        GeneStatus.COMPLETE,
        "HLA typing",
        (),
        0,
        (),
        (),
        alleles_present=tuple(present),
        alleles_absent=tuple(absent),
    )


def variant(
    gene: str,
    *,
    name: str = "c.1A>G",
    protein: str | None = None,
    classification: Classification | None = Classification.PATHOGENIC,
    own: bool = True,
    zygosity: Zygosity = Zygosity.HETEROZYGOUS,
    direction: Direction = Direction.NOT_DETERMINED,
    truncating: bool = False,
    phase_set: PhaseSet | None = None,
    status: SiteStatus = SiteStatus.CALLED,
) -> VariantFinding:
    """Return a rare variant."""
    records = (
        ()
        if classification is None
        else (
            ClassificationRecord(
                classification,
                "the laboratory" if own else "a third-party copy",
                "2026-05-01" if own else None,
                "laboratory file" if own else "classified_variants",
                own,
            ),
        )
    )
    if truncating and direction is Direction.NOT_DETERMINED:
        direction = Direction.LOSS
    return VariantFinding(
        key=VariantKey(CHROMOSOMES.get(gene, "2"), 1000 + sum(map(ord, name)), "A", "G"),
        gene=gene,
        transcript="NM_1.1",
        consequences=("stop_gained",) if truncating else ("missense_variant",),
        hgvs_c=name,
        hgvs_p=protein,
        zygosity=zygosity,
        status=status,
        direction=direction,
        direction_basis="basis",
        truncating=truncating,
        classifications=records,
        phase_set=phase_set,
    )


def covered(*genes: str, status: GeneStatus = GeneStatus.COMPLETE) -> dict[str, GeneCoverage]:
    """Return coverage of genes that are read for rare variants."""
    return {g: GeneCoverage(g, "NM_1.1", status, "reason") for g in genes}


VALPROATE_GENES = ("POLG", "OTC", "CPS1", "ASS1", "ASL", "NAGS", "ARG1", "SLC25A15")


def takes(drug: str, start: str | None = None, reaction: tuple[str, ...] = ()) -> DrugExposure:
    """Return a known drug of the medication list."""
    return DrugExposure(drug, True, start, entered=drug, reaction=reaction)


def gave_up(
    drug: str, reason: FailureReason = FailureReason.LACK_OF_EFFECT, adequate: bool | None = True
) -> FailedDrug:
    """Return a known failed drug."""
    return FailedDrug(drug, True, reason, drug, None, adequate)


@dataclass(frozen=True)
class Case:
    """A patient."""

    genes: Mapping[str, GeneResult] = field(default_factory=dict)
    findings: tuple[VariantFinding, ...] = ()
    coverage: Mapping[str, GeneCoverage] = field(default_factory=dict)
    clinical: ClinicalEntry = ClinicalEntry()


def case(
    *genes: GeneResult,
    findings: Sequence[VariantFinding] = (),
    coverage: Mapping[str, GeneCoverage] | None = None,
    clinical: ClinicalEntry | None = None,
) -> Case:
    """Return a patient from parts."""
    return Case(
        {g.gene: g for g in genes}, tuple(findings), coverage or {}, clinical or ClinicalEntry()
    )
