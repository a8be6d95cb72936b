"""What the variants of a gene amount to, and what follows for the drugs."""

from decimal import Decimal

import pytest

from epilepsy_pgx.genetics import PhaseSet
from epilepsy_pgx.model import ClinicalEntry, DrugExposure, DrugPrediction, VariantFinding
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.response.monogenic import (
    FindingState,
    assess_gene,
    count_alleles,
    load_cis_haplotypes,
)
from epilepsy_pgx.vocabulary import (
    Classification,
    Direction,
    GeneStatus,
    Response,
    SiteStatus,
    Tier,
    Zygosity,
)
from tests.response.builders import VALPROATE_GENES, Case, case, covered, takes, variant
from tests.said import SpeakingEngine, resolve_of

HET, HOM = Zygosity.HETEROZYGOUS, Zygosity.HOMOZYGOUS
T251I = variant("POLG", name="c.752C>T", protein="p.(Thr251Ile)")
P587L = variant("POLG", name="NM_002693.3:c.1760C>T", protein="p.Pro587Leu")
A467T = variant("POLG", name="c.1399G>A", protein="p.Ala467Thr")
W748S = variant("POLG", name="c.2243G>C", protein="p.Trp748Ser")
DRAVET = ClinicalEntry(affected=True, syndromes=("dravet",))


def states(
    *findings: VariantFinding,
    gene: str,
    status: GeneStatus = GeneStatus.COMPLETE,
    reference: Reference | None = None,
) -> set[str]:
    haplotypes = load_cis_haplotypes(reference).get(gene, ()) if reference else ()
    return {state for state, _ in assess_gene(gene, findings, status, haplotypes).states}


def drug(engine: SpeakingEngine, patient: Case, name: str) -> DrugPrediction:
    result = engine.interpret(patient.genes, patient.findings, patient.coverage, patient.clinical)
    return next(d for d in result.drugs if d.drug == name)


@pytest.mark.parametrize(
    ("finding", "state"),
    [
        (variant("SCN1A", truncating=True), "lof_plp"),
        (variant("SCN1A", direction=Direction.LOSS), "lof_plp"),
        (variant("SCN1A", direction=Direction.GAIN), "gof_tested_plp"),
        (variant("SCN1A"), "direction_not_determined_plp"),
        (variant("SCN1A", direction=Direction.MIXED), "conflicting_direction"),
        (variant("SCN1A", direction=Direction.CONFLICTING), "conflicting_direction"),
        (variant("SCN1A", classification=None, truncating=True), "lof_predicted_unclassified"),
        (
            variant("SCN1A", classification=Classification.CONFLICTING, truncating=True),
            "lof_predicted_unclassified",
        ),
        (variant("SCN1A", classification=Classification.UNCERTAIN, truncating=True), "vus"),
        (variant("SCN1A", classification=None), "vus"),
        (variant("SCN1A", classification=Classification.CONFLICTING), "conflicting_class"),
        (variant("SCN1A", classification=Classification.LIKELY_BENIGN), "benign_only"),
        (
            variant("SCN1A", classification=Classification.UNCERTAIN, direction=Direction.GAIN),
            "gof_tested_unclassified",
        ),
    ],
)
def test_direction_states(finding: VariantFinding, state: str) -> None:
    assert state in states(finding, gene="SCN1A")


def test_reading_states() -> None:
    assert states(gene="SCN1A") == {"none_found"}
    assert states(gene="SCN1A", status=GeneStatus.PARTIAL) == {"partial"}
    assert states(gene="SCN1A", status=GeneStatus.NOT_ASSESSED) == {"not_assessed"}
    assert states(gene="SCN1A", status=GeneStatus.NOT_REPORTABLE) == {"not_assessed"}
    unseen = variant("SCN1A", status=SiteStatus.NO_CALL)
    assert states(unseen, gene="SCN1A") == {"partial"}


def test_known_cis_variants_count_once(reference: Reference) -> None:
    """A carrier of T251I and P587L is not told that valproate is contraindicated."""
    assert "monoallelic_plp" in states(T251I, P587L, gene="POLG", reference=reference)
    assert "biallelic_plp" in states(T251I, P587L, gene="POLG")


def test_different_variants_count_twice_until_phased(reference: Reference) -> None:
    assert "biallelic_plp" in states(A467T, W748S, gene="POLG", reference=reference)
    assert "biallelic_plp" in states(T251I, P587L, A467T, gene="POLG", reference=reference)
    assert "biallelic_plp" in states(A467T, T251I, P587L, gene="POLG", reference=reference)


def test_phase_decides_where_the_input_has_it(reference: Reference) -> None:
    def phased(name: str, protein: str, phase: str) -> VariantFinding:
        group, side = phase.split(":")
        place = PhaseSet("15", group, int(side))
        return variant("POLG", name=name, protein=protein, phase_set=place)

    cis = (phased("c.1399G>A", "p.Ala467Thr", "7:0"), phased("c.2243G>C", "p.Trp748Ser", "7:0"))
    trans = (phased("c.752C>T", "p.Thr251Ile", "7:0"), phased("c.1760C>T", "p.Pro587Leu", "7:1"))
    apart = (phased("c.1399G>A", "p.Ala467Thr", "7:0"), phased("c.2243G>C", "p.Trp748Ser", "8:0"))
    assert "monoallelic_plp" in states(*cis, gene="POLG", reference=reference)
    assert "biallelic_plp" in states(*trans, gene="POLG", reference=reference)
    assert "biallelic_plp" in states(*apart, gene="POLG", reference=reference)


def test_homozygous_cis_haplotype_is_biallelic(reference: Reference) -> None:
    hom = (
        variant("POLG", name="c.752C>T", zygosity=HOM),
        variant("POLG", name="c.1760C>T", zygosity=HOM),
    )
    assert "biallelic_plp" in states(*hom, gene="POLG", reference=reference)


def test_cis_members_match_by_position_where_names_are_missing(reference: Reference) -> None:
    from dataclasses import replace

    from epilepsy_pgx.model import VariantKey

    for keys in (
        (VariantKey("15", 89330184, "G", "A"), VariantKey("15", 89325639, "G", "A")),
        (VariantKey("15", 89873415, "G", "A"), VariantKey("15", 89868870, "G", "A")),
    ):
        pair = [replace(variant("POLG"), key=key, hgvs_c=None, hgvs_p=None) for key in keys]
        haplotypes = load_cis_haplotypes(reference)["POLG"]
        assert count_alleles(pair, haplotypes) == 1


def test_second_variant_of_uncertain_class_leaves_it_open() -> None:
    other = variant("POLG", name="c.9A>G", classification=Classification.UNCERTAIN)
    found = states(A467T, other, gene="POLG")
    assert {"monoallelic_plp", "biallelic_possible"} <= found
    two_vus = (variant("POLG", name="c.8A>G", classification=Classification.UNCERTAIN), other)
    assert "biallelic_possible" not in states(*two_vus, gene="POLG")
    two_lost = (
        variant("POLG", name="c.8A>G", classification=None, truncating=True),
        variant("POLG", name="c.9A>G", classification=None, truncating=True),
    )
    assert "biallelic_possible" in states(*two_lost, gene="POLG")


def test_x_linked(reference: Reference) -> None:
    het = variant("OTC")
    assert "x_linked_heterozygous_plp" in states(het, gene="OTC")
    assert "monoallelic_plp" not in states(het, gene="OTC")
    assert "biallelic_plp" in states(variant("OTC", zygosity=Zygosity.HEMIZYGOUS), gene="OTC")


def test_heterozygous_otc_is_no_carrier(engine: SpeakingEngine) -> None:
    valproate = drug(engine, case(findings=[variant("OTC")]), "valproate")
    assert valproate.response is Response.AVOID
    assert valproate.tier is Tier.ACT


def test_polg_carrier_and_compound(engine: SpeakingEngine) -> None:
    grown = ClinicalEntry(age_years=Decimal(60))
    carrier = drug(engine, case(findings=[T251I, P587L], clinical=grown), "valproate")
    compound = drug(engine, case(findings=[A467T, W748S]), "valproate")
    assert carrier.response is Response.CAUTION
    assert carrier.tier is Tier.CONSIDER
    assert compound.response is Response.CONTRAINDICATED
    assert compound.tier is Tier.ACT


@pytest.mark.parametrize(
    ("current", "urgent"),
    [((takes("levetiracetam"),), False), ((takes("valproate"),), True), (None, True)],
    ids=["not-taken", "taken", "list-unknown"],
)
def test_a_polg_carrier_is_urgent_only_where_valproate_may_be_taken(
    engine: SpeakingEngine, current: tuple[DrugExposure, ...] | None, urgent: bool
) -> None:
    grown = ClinicalEntry(age_years=Decimal(60), current=current)
    patient = case(findings=[T251I, P587L], clinical=grown)
    valproate = drug(engine, patient, "valproate")
    (said,) = (s for s in valproate.statements if s.statement_id.startswith("polg-monoallelic"))
    assert (valproate.response, valproate.tier) == (Response.CAUTION, Tier.CONSIDER)
    assert said.urgent is urgent


def test_polg_read_at_known_sites_is_not_normal(engine: SpeakingEngine) -> None:
    patient = case(coverage=covered(*VALPROATE_GENES) | covered("POLG", status=GeneStatus.PARTIAL))
    valproate = drug(engine, patient, "valproate")
    assert valproate.response is Response.PARTIAL
    assert valproate.not_assessed == ("POLG",)
    assert "POLG disease is not excluded" in valproate.statements[0].text


@pytest.mark.parametrize("onset", [None, "1", "2", "7"])
def test_onset_never_softens_a_truncating_variant(
    engine: SpeakingEngine, onset: str | None
) -> None:
    patient = case(
        findings=[variant("SCN1A", truncating=True)],
        clinical=ClinicalEntry(affected=True, onset_months=Decimal(onset) if onset else None),
    )
    carbamazepine = drug(engine, patient, "carbamazepine")
    assert carbamazepine.response is Response.AVOID_MAINTENANCE
    assert carbamazepine.tier is Tier.ACT
    assert not carbamazepine.statements[0].conditional


@pytest.mark.parametrize(
    ("onset", "response", "conditional"),
    [
        ("2", Response.CAUTION, False),
        ("7", Response.AVOID_MAINTENANCE, False),
        (None, Response.AVOID_MAINTENANCE, True),
    ],
)
def test_untested_missense(
    engine: SpeakingEngine, onset: str | None, response: Response, conditional: bool
) -> None:
    patient = case(
        findings=[variant("SCN1A")],
        clinical=ClinicalEntry(affected=True, onset_months=Decimal(onset) if onset else None),
    )
    carbamazepine = drug(engine, patient, "carbamazepine")
    assert carbamazepine.response is response
    assert carbamazepine.tier is not Tier.ACT
    assert carbamazepine.statements[0].conditional is conditional


def test_gain_of_function_replaces_the_warning_unless_dravet(engine: SpeakingEngine) -> None:
    gain = variant("SCN1A", direction=Direction.GAIN)
    plain = case(findings=[gain], clinical=ClinicalEntry(affected=True, onset_months=Decimal(2)))
    dravet = case(findings=[gain], clinical=DRAVET)
    assert drug(engine, plain, "carbamazepine").response is Response.CAUTION
    assert drug(engine, dravet, "carbamazepine").response is Response.AVOID_MAINTENANCE
    for statement in drug(engine, plain, "carbamazepine").statements:
        assert statement.response is not Response.MAY_FAVOUR


@pytest.mark.parametrize(
    "findings",
    [
        [],
        [variant("SCN1A", classification=Classification.UNCERTAIN)],
        [variant("SCN1A", classification=Classification.BENIGN)],
    ],
)
def test_clinical_dravet_warns_whatever_scn1a_says(
    engine: SpeakingEngine, findings: list[VariantFinding]
) -> None:
    for coverage in ({}, covered("SCN1A"), covered("SCN1A", status=GeneStatus.PARTIAL)):
        patient = case(findings=findings, coverage=coverage, clinical=DRAVET)
        carbamazepine = drug(engine, patient, "carbamazepine")
        assert carbamazepine.response is Response.AVOID_MAINTENANCE
        assert carbamazepine.tier is Tier.ACT


def test_vus_alone_changes_nothing(engine: SpeakingEngine) -> None:
    vus = case(
        findings=[variant("SCN1A", classification=Classification.UNCERTAIN)],
        coverage=covered("SCN1A"),
        clinical=ClinicalEntry(affected=True),
    )
    lamotrigine = drug(engine, vus, "lamotrigine")
    assert lamotrigine.response is Response.NOT_ASSESSED
    assert lamotrigine.not_assessed == ("HLA-B",)


@pytest.mark.parametrize(
    ("affected", "response", "conditional"),
    [(True, Response.AVOID_MAINTENANCE, False), (None, Response.AVOID_MAINTENANCE, True)],
)
def test_affected_status_binds(
    engine: SpeakingEngine, affected: bool | None, response: Response, conditional: bool
) -> None:
    patient = case(
        findings=[variant("SCN1A", truncating=True)], clinical=ClinicalEntry(affected=affected)
    )
    prediction = drug(engine, patient, "phenytoin")
    assert prediction.response is response
    assert prediction.statements[0].conditional is conditional


def test_unaffected_relative_gets_context_only(engine: SpeakingEngine) -> None:
    patient = case(
        findings=[variant("SCN1A", truncating=True)],
        coverage=covered("SCN1A"),
        clinical=ClinicalEntry(affected=False),
    )
    prediction = drug(engine, patient, "phenytoin")
    assert prediction.response not in (Response.AVOID_MAINTENANCE, Response.STANDARD)
    assert any("entered as unaffected" in s.text for s in prediction.statements)


def test_low_quality_genotype_is_conditional(engine: SpeakingEngine) -> None:
    patient = case(findings=[variant("POLG", zygosity=HOM, status=SiteStatus.LOW_QUALITY)])
    valproate = drug(engine, patient, "valproate")
    assert valproate.response is Response.CONTRAINDICATED
    assert valproate.statements[0].conditional
    assert "independent method" in resolve_of(valproate.statements[0])


def test_states_are_ordered_and_closed() -> None:
    found = assess_gene("SCN1A", [variant("SCN1A", truncating=True)], GeneStatus.COMPLETE)
    order = list(FindingState)
    positions = [order.index(state) for state, _ in found.states]
    assert positions == sorted(positions)
