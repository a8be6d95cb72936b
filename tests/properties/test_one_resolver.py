"""A diplotype means the same wherever it comes from; every way to state a result warns alike."""

from decimal import Decimal
from itertools import combinations_with_replacement

import pytest

from epilepsy_pgx.calling.definitions import define_gene
from epilepsy_pgx.calling.diplotypes import DiplotypeCall, allele_order
from epilepsy_pgx.calling.outside_calls import add_outside_calls
from epilepsy_pgx.calling.phenotypes import result_of
from epilepsy_pgx.intake.clinical import parse_clinical
from epilepsy_pgx.intake.outside_tables import OutsideCall
from epilepsy_pgx.reference.check import open_package
from epilepsy_pgx.reference.checks.genotypes import read_diplotypes
from epilepsy_pgx.reference.explain import explain_diplotype
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.phenotypes import INDETERMINATE, load_all_phenotypes
from epilepsy_pgx.reference.rows import EnzymeModifier, RuleCondition
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.explain import _diplotype_result
from epilepsy_pgx.variants.sites import load_sites
from epilepsy_pgx.vocabulary import GeneStatus, GenomeBuild, Response
from tests.conftest import ROOT

REF = load_reference(ROOT / "reference")
TEXTS = Wording(REF)
TABLES = load_all_phenotypes(REF)
GENES = sorted(TABLES)
ASKED = sorted({r.about for r in REF.rows(RuleCondition) if r.about in TABLES})
NAMED_IN_RULES = {
    word for r in REF.rows(RuleCondition) if r.kind in ("diplotype", "allele") for word in r.value
}
MEDICATION = "|".join(sorted({r.drug for r in REF.rows(EnzymeModifier)}))


@pytest.fixture(scope="module")
def engine():
    return ResponseEngine(REF)


@pytest.fixture(scope="module")
def checked():
    package, problems = open_package(ROOT / "reference")
    assert not problems
    return read_diplotypes(package)


def made(result):
    return (
        result.phenotypes[0] if result.phenotypes else None,
        result.activity_scores[0] if result.activity_scores else None,
    )


@pytest.mark.parametrize("gene", GENES)
def test_every_path_reads_every_diplotype_alike(gene, checked):
    table = TABLES[gene]
    definition = define_gene(REF, load_sites(REF, GenomeBuild.GRCH38), gene)
    number = {name: i for i, name in enumerate(checked[gene].names)}
    names = dict.fromkeys(a for both in checked[gene].names for a in both.split("/"))
    for pair in combinations_with_replacement(names, 2):
        ordered = tuple(sorted(pair, key=allele_order))
        call = DiplotypeCall((ordered,), (), False, (), False)
        called = result_of(call, definition, table)
        outside = add_outside_calls({}, [OutsideCall(gene, (pair,), None, None, "f")], REF)[gene]
        explained = _diplotype_result(gene, ["/".join(pair)], table)
        i = number["/".join(pair)]
        assert (
            made(called)
            == made(outside)
            == made(explained)
            == (checked[gene].phenotypes[i], checked[gene].scores[i])
        ), pair
        assert called.functions == outside.functions == explained.functions, pair


def test_explain_reads_the_same_table():
    for gene in GENES:
        for name in TABLES[gene].named[:2]:
            chain = explain_diplotype(REF, gene, f"{name}/{name}")
            word = TABLES[gene].resolve((name, name)).phenotype
            assert any(word in link.statement for link in chain) if word else True


@pytest.mark.parametrize(
    "joined",
    [(gene, allele) for gene in GENES for allele in TABLES[gene].functions if "+" in allele],
    ids=" ".join,
)
def test_a_name_with_a_plus_is_one_allele(joined):
    gene, allele = joined
    table = TABLES[gene]
    turned = "+".join(reversed(allele.split("+")))
    for partner in table.named:
        there = table.resolve((allele, partner))
        assert there == table.resolve((turned, partner))
        assert there.phenotype == table.pairs.get(there.functions, (INDETERMINATE,))[0]


def test_a_plus_counts_copies_only_where_copies_vary():
    for gene, table in TABLES.items():
        usual = next(a for a in table.named if "+" not in a)
        twice = table.haplotype(f"{usual}+{usual}")
        assert (twice.working == 2) is table.copies, gene


def representatives(table):
    """Return one diplotype of each meaning, and every one that a rule names."""
    found = {}
    for d in table.diplotypes:
        rule = bool({str(d.diplotype), *d.diplotype.alleles} & NAMED_IN_RULES)
        found.setdefault((d.phenotype, d.score, d.functions, str(d.diplotype) if rule else ""), d)
    return list(found.values())[:400]


def lines(engine, gene, call, clinical):
    result = add_outside_calls({}, [call], REF)
    said = engine.interpret(result, (), {}, clinical)
    fired = {
        (p.drug, e.row)
        for p in said.drugs
        for s in p.statements
        for e in s.evidence
        if s.response not in (Response.STANDARD, Response.NO_RULE) and e.table == "drug_rules"
    }
    open_ = {p.drug for p in said.drugs if gene in p.not_assessed}
    standard = {p.drug for p in said.drugs if p.response is Response.STANDARD}
    return fired, open_, standard


@pytest.mark.parametrize(
    "current",
    [None, "none", pytest.param(MEDICATION, marks=pytest.mark.slow)],
    ids=["unknown", "none", "many"],
)
@pytest.mark.parametrize("gene", ASKED)
def test_every_way_to_state_a_result_fires_the_same_lines(gene, current, engine):
    table = TABLES[gene]
    clinical, problems = parse_clinical({"current_drugs": current}, REF, file=".", line=0)
    assert not problems
    known = {}
    for d in representatives(table):
        pair = d.diplotype.alleles
        forms = {
            "diplotype": (OutsideCall(gene, (pair,), None, None, "f")),
            "phenotype": OutsideCall(gene, (), d.phenotype, None, "f"),
            "all": OutsideCall(gene, (pair,), d.phenotype, d.score, "f"),
        }
        if d.score is not None and d.phenotype != INDETERMINATE:
            forms["score"] = OutsideCall(gene, (), None, d.score, "f")
            forms["both"] = OutsideCall(gene, (), d.phenotype, d.score, "f")
        for call in forms.values():
            key = (call.candidates, call.phenotype, call.activity_score)
            if key not in known:
                known[key] = lines(engine, gene, call, clinical)
        expected, _, _ = known[(pair,), None, None]
        for name, call in forms.items():
            result = add_outside_calls({}, [call], REF)[gene]
            if len(result.phenotypes) != 1 or d.phenotype == INDETERMINATE:
                assert result.status is not GeneStatus.COMPLETE, (d, name)
            fired, open_, standard = known[call.candidates, call.phenotype, call.activity_score]
            assert expected <= fired, (d, name, expected - fired)
            relevant = {drug for drug, _ in expected}
            assert not standard & relevant, (d, name)
            if d.phenotype == INDETERMINATE:
                decides = {
                    i.drug for items in engine.deciding.values() for i in items if i.gene == gene
                }
                assert decides <= open_, (d, name)


@pytest.mark.parametrize("drug", ["paroxetine", "duloxetine", "sertraline", "fluconazole"])
def test_co_medication_reads_every_form_alike(drug, engine):
    clinical, _ = parse_clinical({"current_drugs": drug}, REF, file=".", line=0)

    def adjusted(call):
        said = engine.interpret(add_outside_calls({}, [call], REF), (), {}, clinical)
        return {a.gene: TEXTS.tell(a.adjusted) for a in said.adjusted_phenotypes}

    for gene in ASKED:
        table = TABLES[gene]
        for d in representatives(table):
            if d.phenotype == INDETERMINATE:
                continue
            pair = d.diplotype.alleles
            exact = adjusted(OutsideCall(gene, (pair,), None, None, "f"))
            stated = adjusted(OutsideCall(gene, (), d.phenotype, None, "f"))
            assert exact.keys() == stated.keys()
            if d.score is not None:
                assert adjusted(OutsideCall(gene, (), None, d.score, "f")) == exact
            for name, text in exact.items():
                assert text.rsplit(" ", 1)[0] in stated[name] or text == stated[name]


@pytest.mark.parametrize("gene", [g for g in GENES if TABLES[g].method == "activity_score"])
def test_every_score_of_a_phenotype_is_among_its_candidates(gene):
    table = TABLES[gene]
    for d in table.diplotypes:
        if d.score is not None and d.phenotype != INDETERMINATE:
            assert d.score in table.scores_of(d.phenotype)
            assert table.phenotypes_of(d.score) == (d.phenotype,)
    for odd in ("NaN", "Infinity", "-Infinity", "-1", "1e9", "0.1", "1.1", "21"):
        assert table.phenotypes_of(Decimal(odd)) == (), odd
