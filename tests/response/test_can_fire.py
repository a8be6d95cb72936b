"""A rule that no patient can meet is an error of its table."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from epilepsy_pgx.reference.check import open_package, run_checks
from epilepsy_pgx.reference.package import Reference, default_reference_dir
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.response.can_fire import CHECK, Asker, check_witnesses
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.witness_findings import Witnesses
from epilepsy_pgx.vocabulary import SiteStatus

Cells = dict[str, str]
Change = Callable[[Path], None]


def change(table: str, where: Cells, **new: str) -> Change:
    """Return a change of the cells of some rows."""

    def edit(folder: Path) -> None:
        path = folder / f"{table}.tsv"
        header, *lines = path.read_text(encoding="utf-8").splitlines()
        names = header.split("\t")
        rows = [dict(zip(names, line.split("\t"), strict=True)) for line in lines]
        hit = [r for r in rows if all(r[k] == v for k, v in where.items())]
        assert hit, where
        for row in hit:
            row.update(new)
        text = "\n".join([header, *("\t".join(r[n] for n in names) for r in rows)])
        path.write_text(text + "\n", encoding="utf-8")

    return edit


def asks(rule: str, **new: str) -> Change:
    return change("drug_rule_conditions", {"rule_id": rule, "kind": "finding"}, **new)


PLANTED: list[tuple[str, str, Change]] = [
    ("gene_therapy", "therapy-slc6a1-lof", asks("therapy-slc6a1-lof", value="gof_tested_plp")),
    (
        "gene_therapy",
        "therapy-pcdh19-female",
        asks("therapy-pcdh19-female", value="monoallelic_plp"),
    ),
    (
        "gene_therapy",
        "therapy-kcnq2-gof",
        change(
            "functional_evidence", {"gene": "KCNQ2", "protein_change": "p.Arg201His"}, verified="no"
        ),
    ),
    (
        "drug_rules",
        "clinical-conduction-lamotrigine",
        change("drug_rules", {"rule_id": "clinical-conduction-lamotrigine"}, drug="warfarin"),
    ),
    (
        "drug_safety",
        "fact-benzodiazepines",
        change("drug_safety", {"fact_id": "fact-benzodiazepines"}, drug="warfarin"),
    ),
    (
        "clinical_context",
        "context-neonates",
        change(
            "drug_rule_conditions",
            {"rule_id": "context-neonates"},
            kind="finding",
            subject="SLC6A1",
            operator="is",
            value="gof_tested_plp",
            if_missing="no",
        ),
    ),
    (
        "drug_interactions",
        "cannabidiol-valproate-liver",
        change(
            "drug_interactions",
            {"interaction_id": "cannabidiol-valproate-liver"},
            victim="cannabidiol",
        ),
    ),
    (
        "phenoconversion",
        "POLG",
        change("phenoconversion", {"gene": "CYP2C9", "drug": "amiodarone"}, gene="POLG"),
    ),
    (
        "deciding_genes",
        "CYP2C19",
        change("deciding_genes", {"drug": "brivaracetam"}, drug="amiodarone"),
    ),
    ("syndromes", "dravet|x", change("syndromes", {"syndrome": "dravet"}, syndrome="dravet|x")),
    (
        "cis_haplotypes",
        "POLG W748S-E1143G",
        change(
            "cis_haplotypes",
            {"member": "W748S"},
            hgvs_c="c.3428A>G",
            hgvs_p="p.Glu1143Gly",
            grch38="15-89318595-T-C",
            grch37="15-89861826-T-C",
        ),
    ),
]


LINE = "a drug that has a line in a report"
MET = "conditions that some patient of these tables meets"
SLC6A1 = "finding SLC6A1 is gof_tested_plp"
WHAT_IT_TAKES = {
    "therapy-slc6a1-lof": f"{MET} ({SLC6A1})",
    "therapy-pcdh19-female": f"{MET} (clinical affected is yes; finding PCDH19 is monoallelic_plp)",
    "therapy-kcnq2-gof": f"{MET} (finding KCNQ2 is gof_tested_plp)",
    "clinical-conduction-lamotrigine": LINE,
    "fact-benzodiazepines": LINE,
    "context-neonates": f"{MET} ({SLC6A1}; {SLC6A1}; {SLC6A1})",
    "cannabidiol-valproate-liver": "a pair of two different drugs of drugs.tsv",
    "POLG": "a gene that is called by named alleles",
    "CYP2C19": LINE,
    "dravet|x": "a word that a sample sheet can hold",
    "POLG W748S-E1143G": "members that count as one allele when a patient carries them",
}
"""What is said to be missing, by the row that is dead."""


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    folder = tmp_path / "reference"
    shutil.copytree(default_reference_dir(), folder)
    return folder


def test_every_shipped_rule_fires() -> None:
    package, problems = open_package(default_reference_dir())
    assert problems == []
    assert [str(p) for p in check_witnesses(package)] == []


def named(folder: Path) -> set[tuple[str, str]]:
    """Return table and row of all that the check names."""
    found = list(check_witnesses(open_package(folder)[0]))
    assert all(p.line > 1 and p.expected and p.check == "rule-can-fire" for p in found)
    return {(Path(p.file).stem, p.found) for p in found}


def test_dead_rules_are_named_with_their_lines(copied: Path) -> None:
    """All of them at once: the shipped tables name none, so that each is named for itself."""
    for _, _, plant in PLANTED:
        plant(copied)
    problems = list(check_witnesses(open_package(copied)[0]))
    assert {(Path(p.file).stem, p.found) for p in problems} == {p[:2] for p in PLANTED}
    for problem in problems:
        assert problem.line > 1
        assert problem.check == "rule-can-fire"
        assert problem.expected == WHAT_IT_TAKES[problem.found]
        assert problem.fix == "Correct the row or what it rests on, or remove it."


@pytest.mark.slow
@pytest.mark.parametrize(("table", "row", "plant"), PLANTED, ids=[p[1] for p in PLANTED])
def test_a_dead_rule_is_named_by_itself(copied: Path, table: str, row: str, plant: Change) -> None:
    plant(copied)
    assert (table, row) in named(copied)


@pytest.mark.slow
def test_the_command_runs_it_beside_the_others(copied: Path) -> None:
    asks("therapy-slc6a1-lof", value="gof_tested_plp")(copied)
    assert not run_checks(copied, only=["rule-can-fire"])
    (problem,) = run_checks(copied, only=["rule-can-fire"], further=[CHECK])
    assert problem.found == "therapy-slc6a1-lof"
    assert run_checks(copied, only=["sorted"], further=[CHECK]) == ()


def test_tables_that_cannot_be_read_are_left_to_other_checks(copied: Path) -> None:
    (copied / "drugs.tsv").unlink()
    package, _ = open_package(copied)
    assert list(check_witnesses(package)) == []


@pytest.fixture(scope="module")
def asker(reference: Reference, plain: ResponseEngine) -> Asker:
    return Asker(open_package(default_reference_dir())[0], plain, Witnesses(reference))


def row(kind: str, subject: str, operator: str, value: str) -> RuleCondition:
    return RuleCondition(1, "rule", kind, (subject,), operator, tuple(value.split("|")), "no")


def states(facts: PatientFacts, gene: str) -> set[str]:
    return {str(state) for state, _ in facts.findings[gene].states}


@pytest.mark.parametrize("other", ["none_found", "not_assessed", "vus", "lof_plp"])
def test_a_gene_with_a_variant_stands_beside_one_in_any_state(asker: Asker, other: str) -> None:
    """How far the one was read says nothing of the other."""
    rows = [row("finding", "SCN1A", "is", "lof_plp"), row("finding", "POLG", "is", other)]
    met = [
        facts
        for facts in asker.patients(rows, "valproate")
        if "lof_plp" in states(facts, "SCN1A") and other in states(facts, "POLG")
    ]
    assert met
    for facts in met:
        assert facts.coverage["SCN1A"].assessed
        assert facts.coverage["POLG"].assessed is (other != "not_assessed")


def test_every_state_of_a_gene_is_met(asker: Asker) -> None:
    rows = [row("finding", "POLG", "is", "vus")]
    found = set().union(*(states(facts, "POLG") for facts in asker.patients(rows, "valproate")))
    assert found >= {"lof_plp", "biallelic_plp", "monoallelic_plp", "vus", "benign_only"}
    assert found >= {"conflicting_class", "none_found", "not_assessed"}


@pytest.mark.parametrize(
    ("rows", "phenotypes"),
    [
        ([row("phenotype", "CYP2C9", "is", "Poor Metabolizer")], {"Poor Metabolizer"}),
        (
            [
                row("phenotype", "CYP2C9", "any_of", "Normal Metabolizer|Poor Metabolizer"),
                row("activity_score", "CYP2C9", "at_most", "0.5"),
            ],
            {"Poor Metabolizer"},
        ),
        (
            [
                row("phenotype", "CYP2C9", "is", "Normal Metabolizer"),
                row("activity_score", "CYP2C9", "at_most", "0.5"),
            ],
            None,
        ),
    ],
)
def test_one_result_meets_all_conditions_on_a_gene(
    asker: Asker, rows: list[RuleCondition], phenotypes: set[str] | None
) -> None:
    patients = [*asker.patients(rows, "phenytoin")]
    assert bool(patients) is (phenotypes is not None)
    for facts in patients:
        assert set(facts.genes["CYP2C9"].phenotypes) == phenotypes
        assert facts.genes["CYP2C9"].settled


def test_alleles_of_a_typed_gene_are_there_or_not(asker: Asker) -> None:
    rows = [
        row("allele", "HLA-B", "present", "*15:02"),
        row("allele", "HLA-B", "absent", "*15:11|*57:01"),
    ]
    facts = next(iter(asker.patients(rows, "carbamazepine")))
    assert facts.genes["HLA-B"].present == ("*15:02",)
    assert facts.genes["HLA-B"].absent == ("*15:11", "*57:01")


def test_a_position_carries_what_is_asked_on_both_copies(asker: Asker) -> None:
    rows = [row("site", "rs1051740", "carries", "C"), row("clinical", "affected", "is", "yes")]
    facts = next(iter(asker.patients(rows, "carbamazepine")))
    assert [(s.site, s.alleles, s.status) for s in facts.sites.values()] == [
        ("rs1051740", ("C", "C"), SiteStatus.CALLED)
    ]
    assert facts.clinical_value("affected") == ("yes",)


def test_an_entry_that_no_sheet_holds_is_no_patient(asker: Asker) -> None:
    assert not [*asker.patients([row("clinical", "affected", "is", "perhaps")], "valproate")]


def test_trials_are_counted_for_the_patient(asker: Asker) -> None:
    rows = [row("computed", "resistance", "is", "drug_resistant")]
    facts = next(iter(asker.patients(rows, "valproate")))
    assert str(facts.computed["resistance"]) == "drug_resistant"
