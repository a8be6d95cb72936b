"""Generated patients."""

from decimal import Decimal

from hypothesis import strategies as st

from epilepsy_pgx.model import ClinicalEntry, DrugExposure, FailedDrug
from epilepsy_pgx.vocabulary import (
    Classification,
    Direction,
    FailureReason,
    GeneStatus,
    Sex,
    SiteStatus,
    Transplant,
    Zygosity,
)
from tests.response.builders import (
    HLA_ALLELES,
    PHENOTYPES,
    TODAY,
    VALPROATE_GENES,
    Case,
    covered,
    star_gene,
    takes,
    typed,
    unassessed,
    variant,
)

MONOGENIC = (*VALPROATE_GENES, "SCN1A", "SCN2A", "SCN8A", "KCNQ2", "CDKL5", "SLC2A1", "HMBS")
DRUGS = (
    "carbamazepine",
    "oxcarbazepine",
    "phenytoin",
    "lamotrigine",
    "valproate",
    "clobazam",
    "cannabidiol",
    "stiripentol",
    "cenobamate",
    "levetiracetam",
    "brivaracetam",
    "phenobarbital",
    "topiramate",
    "fluoxetine",
    "meropenem",
    "rifampicin",
)
SYNDROMES = (
    "dravet",
    "juvenile_myoclonic_epilepsy",
    "childhood_absence_epilepsy",
    "porphyria",
    "urea_cycle_disorder",
    "polg_disease",
    "short_qt",
    "liver_disease",
    "focal_epilepsy",
)


@st.composite
def star_results(draw, gene):
    diplotypes = draw(
        st.lists(st.sampled_from(sorted(PHENOTYPES[gene])), min_size=1, max_size=3, unique=True)
    )
    return star_gene(
        gene,
        *diplotypes,
        not_excluded=draw(st.sampled_from([(), ("*99",)])),
        lost_function=draw(st.booleans()),
    )


@st.composite
def typings(draw, gene):
    alleles = HLA_ALLELES[gene]
    present = draw(st.lists(st.sampled_from(alleles), max_size=2, unique=True))
    absent = [a for a in alleles if a not in present and draw(st.booleans())]
    return typed(gene, *present, absent=absent)


@st.composite
def variants(draw):
    gene = draw(st.sampled_from(MONOGENIC))
    return variant(
        gene,
        name=f"c.{draw(st.integers(1, 4))}A>G",
        classification=draw(st.sampled_from([None, *Classification])),
        own=draw(st.booleans()),
        zygosity=draw(st.sampled_from(list(Zygosity))),
        direction=draw(st.sampled_from(list(Direction))),
        truncating=draw(st.booleans()),
        status=draw(st.sampled_from([SiteStatus.CALLED, SiteStatus.LOW_QUALITY])),
    )


SIGNS = (
    "rash",
    "blisters",
    "mucosal_lesions",
    "swollen_lymph_nodes",
    "facial_swelling",
    "fever",
    "jaundice",
    "liver_dysfunction",
    "raised_liver_enzymes",
    "drowsiness",
    "encephalopathy",
    "hyperammonaemia",
    "raised_ammonia_without_symptoms",
    "vomiting",
    "abdominal_pain",
    "pancreatitis",
    "low_sodium",
    "suicidal_thoughts",
    "aggression",
    "psychosis",
    "visual_loss",
    "low_blood_counts",
    "unsteadiness",
    "double_vision",
    "nystagmus",
    "slurred_speech",
    "weakness",
    "severe_headache",
    "overdose",
)
signs = st.just(()) | st.lists(st.sampled_from(SIGNS), max_size=2, unique=True).map(tuple)


_maybe = st.sampled_from([None, True, False])


@st.composite
def entries(draw):
    current = draw(
        st.none()
        | st.lists(
            st.builds(
                takes,
                st.sampled_from(DRUGS),
                st.sampled_from([None, "2026-10-18", "2020-01-01"]),
                signs,
            ),
            max_size=4,
            unique_by=lambda d: d.drug,
        ).map(tuple)
    )
    if current and draw(st.booleans()):
        current = (*current, DrugExposure("zzz", False, entered="zzz"))
    failed = draw(
        st.none()
        | st.lists(
            st.builds(
                FailedDrug,
                st.sampled_from(DRUGS[:14]),
                st.just(True),
                st.sampled_from(list(FailureReason)),
                st.just("x"),
                st.none(),
                _maybe,
            ),
            max_size=3,
            unique_by=lambda d: d.drug,
        ).map(tuple)
    )
    return ClinicalEntry(
        affected=draw(_maybe),
        sex=draw(st.sampled_from([None, *Sex])),
        age_years=draw(st.none() | st.sampled_from([Decimal(v) for v in ("0.5", "7", "24", "70")])),
        onset_months=draw(st.none() | st.sampled_from([Decimal(v) for v in ("1", "2", "7", "90")])),
        syndromes=tuple(draw(st.lists(st.sampled_from(SYNDROMES), max_size=2, unique=True))),
        pregnant=draw(_maybe),
        pregnancy_potential=draw(_maybe),
        mitochondrial_suspected=draw(_maybe),
        transplant=draw(
            st.sampled_from([None, Transplant.NONE, Transplant.BONE_MARROW, Transplant.LIVER])
        ),
        current=current,
        failed=failed,
        signs=draw(signs),
        entry_date=draw(st.sampled_from([None, TODAY])),
    )


@st.composite
def cases(draw):
    genes = {}
    for gene in PHENOTYPES:
        if draw(st.booleans()):
            genes[gene] = draw(star_results(gene))
    for gene in HLA_ALLELES:
        if draw(st.booleans()):
            genes[gene] = draw(typings(gene) | st.just(unassessed(gene)))
    coverage = {}
    for gene in MONOGENIC:
        coverage |= covered(
            gene,
            status=draw(
                st.sampled_from([GeneStatus.COMPLETE, GeneStatus.PARTIAL, GeneStatus.NOT_ASSESSED])
            ),
        )
    findings = draw(st.lists(variants(), max_size=3))
    return Case(genes, tuple(findings), coverage, draw(entries()))
