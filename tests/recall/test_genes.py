"""A stored gene result is told again only where what was stored proves it."""

from dataclasses import replace

import pytest

from epilepsy_pgx.recall.changes import TableChanges
from epilepsy_pgx.recall.genes import CAVEAT, GenesAgain
from epilepsy_pgx.vocabulary import GeneStatus, GenomeBuild
from tests.ledger.bench import example, tables
from tests.recall.bench import adding, changed, dropping, less_function, setting

ALL = [f"EX{n:02}" for n in range(1, 12)]


def told(ref, name, **more):
    """Return the results of an example by the new tables, and the subjects that stay open."""
    report = example(name)
    genes = {g.gene: replace(g, **more.get(g.gene, {})) for g in report.genes}
    again = GenesAgain(TableChanges(tables(), ref), GenomeBuild.GRCH38)
    results, still = again.results(genes)
    coverage, more_open = again.coverage({c.gene: c for c in report.coverage})
    return results, coverage, [o.subject for o in (*still, *more_open)]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return tmp_path_factory.mktemp("tables")


@pytest.mark.parametrize("name", ALL)
def test_the_same_tables_tell_the_same(name):
    report = example(name)
    results, coverage, still = told(tables(), name)
    assert (tuple(results.values()), tuple(coverage.values())) == (report.genes, report.coverage)
    assert still == []


def test_a_function_that_changed_changes_the_phenotypes_of_carriers_alone(base):
    ref = less_function(base)
    for name in ALL:
        before = {g.gene: g for g in example(name).genes}
        results, _, still = told(ref, name)
        other = {g: r for g, r in results.items() if g != "CYP2C9"}
        assert other == {g: r for g, r in before.items() if g != "CYP2C9"}
        carries = any("*2" in d.alleles for d in before["CYP2C9"].diplotypes)
        unlisted = before["CYP2C9"].unlisted
        assert (results["CYP2C9"] != before["CYP2C9"]) == (carries or unlisted), name
        assert still == (["CYP2C9"] if unlisted else [])
    assert told(ref, "EX04")[0]["CYP2C9"].phenotypes == ("Intermediate Metabolizer",)


def test_what_rests_on_more_than_alleles_is_not_told(base):
    """A phenotype that the old tables do not give from the stored alleles proves nothing."""
    odd = {"CYP2C9": {"phenotypes": ("Poor Metabolizer",)}}
    results, _, still = told(less_function(base), "EX04", **odd)
    assert still == ["CYP2C9"]
    assert results["CYP2C9"].phenotypes == ("Poor Metabolizer",)
    assert CAVEAT in results["CYP2C9"].caveats
    assert results["CYP2C9"].status is not GeneStatus.COMPLETE


def test_a_lost_function_stays_lost(base):
    lost = {
        "CYP2C9": {"lost_function": True, "phenotypes": ("Indeterminate",), "activity_scores": ()}
    }
    results, _, still = told(less_function(base), "EX04", **lost)
    assert results["CYP2C9"].phenotypes == ("Indeterminate",)
    assert results["CYP2C9"].lost_function
    assert still == []


def test_a_position_that_was_not_read_is_open_for_everybody(base):
    ref = changed(
        base / "site",
        sites=adding({"site": "rs1057910"}, site="rs999999999", grch38_pos="94981297"),
        site_alleles=adding({"site": "rs1057910", "allele": "C"}, site="rs999999999"),
        alleles=adding({"gene": "CYP2C9", "allele": "*3"}, allele="*999"),
        allele_sites=adding(
            {"gene": "CYP2C9", "allele": "*3", "site": "rs1057910"},
            allele="*999",
            site="rs999999999",
        ),
    )
    for name in ("EX02", "EX04"):
        results, _, still = told(ref, name)
        assert still == ["CYP2C9"]
        assert results["CYP2C9"].status is not GeneStatus.COMPLETE
        assert CAVEAT in results["CYP2C9"].caveats


def test_an_allele_of_known_positions_is_open_only_where_one_is_odd(base):
    """Who has the usual bases at all of them carries neither the old nor the new allele."""
    site = {"gene": "CYP2C9", "allele": "*3", "site": "rs1057910"}
    ref = changed(base / "defined", allele_sites=setting(site, requirement="allowed"))
    seen = {}
    for name in ALL:
        gene = next(g for g in example(name).genes if g.gene == "CYP2C9")
        odd = {s.site for s in gene.sites} | {*gene.missing_sites}
        seen[name] = told(ref, name)[2] == ["CYP2C9"]
        assert seen[name] == ("rs1057910" in odd or gene.status is GeneStatus.NOT_ASSESSED)
    assert len(set(seen.values())) == 2


def test_a_gene_that_the_tables_did_not_have_is_open(base):
    new = adding({"gene": "ABCB1"}, gene="NEW1", hgnc_id="HGNC:999999")
    results, _, still = told(changed(base / "gene", genes=new), "EX04")
    assert (results["NEW1"].status, still) == (GeneStatus.NOT_ASSESSED, ["NEW1"])
    rare = adding({"gene": "SCN1A"}, gene="NEW2", hgnc_id="HGNC:999998")
    _, coverage, still = told(changed(base / "rare", genes=rare), "EX04")
    assert (coverage["NEW2"].status, still) == (GeneStatus.NOT_ASSESSED, ["NEW2"])


def test_a_gene_that_is_read_otherwise_is_complete_no_more(base):
    edit = setting({"gene": "SCN1A", "build": "GRCh38"}, cds_end="165992420")
    _, coverage, still = told(changed(base / "transcript", transcripts=edit), "EX04")
    assert still == ["SCN1A"]
    assert coverage["SCN1A"].status is not GeneStatus.COMPLETE


def hla(ref, **typing):
    gene = next(g for g in example("EX05").genes if g.gene == "HLA-B")
    stored = replace(gene, **typing)
    again = GenesAgain(TableChanges(tables(), ref), GenomeBuild.GRCH38)
    results, still = again.results({"HLA-B": stored})
    mine = [o.subject for o in still if o.subject.startswith("HLA-B")]
    return results["HLA-B"], mine


def test_a_typing_shows_a_new_allele_where_it_was_exact(base):
    from epilepsy_pgx.genetics import Diplotype
    from epilepsy_pgx.vocabulary import Basis

    like = {"gene": "HLA-B", "allele": "*15:02"}
    ref = changed(base / "hla", hla_alleles=adding(like, allele="*99:01"))
    typed = {"basis": Basis.TYPING, "status": GeneStatus.COMPLETE, "caveats": ()}
    pair = (Diplotype(("*99:01", "*40:01")),)
    result, still = hla(ref, **typed, diplotypes=pair)
    assert "*99:01" in result.alleles_present
    assert not still
    result, still = hla(ref, **typed, diplotypes=(Diplotype(("*07:02", "*40:01")),))
    assert "*99:01" in result.alleles_absent
    for vague in (
        {"diplotypes": (Diplotype(("*99", "*40:01")),)},
        {"diplotypes": (Diplotype(("*07:02", "*40:01")), Diplotype(("*07:05", "*40:01")))},
        {"diplotypes": (Diplotype(("*07:02", "*40:01")),), "status": GeneStatus.PARTIAL},
    ):
        result, still = hla(ref, **{**typed, **vague})
        assert "*99:01" not in (*result.alleles_present, *result.alleles_absent)
        assert still == ["HLA-B*99:01"]
        assert result.status is GeneStatus.PARTIAL
    gone = changed(base / "gone", hla_alleles=dropping(gene="HLA-B", allele="*15:02"))
    result, still = hla(gone, **typed, diplotypes=pair, alleles_present=("*15:02",))
    assert (result.alleles_present, still) == ((), [])
