"""What the new tables read in a file, and the old ones did not, is never told as `no change`."""

import pytest

from epilepsy_pgx.recall.changes import TableChanges
from epilepsy_pgx.recall.genes import GenesAgain
from epilepsy_pgx.recall.readings import Readings
from epilepsy_pgx.reference.rows import ClassifiedVariant
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.ledger.bench import example, tables
from tests.recall.bench import adding, changed, dropping, setting

TAG = {"site": "rs1061235"}
AT_17 = {"site": "rs12248560"}
NEW = {"site": "rs9999999", "rsid": "rs9999999", "grch38_pos": "159692840"}
LOCUS = {"gene": "HLA-DRB1", "hgnc_id": "HGNC:4948"}
TAG_T = {**TAG, "allele": "T"}

CASES = {
    "a new position of a typed gene": (
        {"sites": adding(TAG, **NEW), "site_alleles": adding(TAG_T, site="rs9999999")},
        "HLA-A",
    ),
    "a new position of a gene of rare variants that had none": (
        {"sites": adding(TAG, **NEW, gene="TSC1"), "site_alleles": adding(TAG_T, site="rs9999999")},
        "TSC1",
    ),
    "a new locus": ({"genes": adding({"gene": "HLA-B"}, **LOCUS)}, "HLA-DRB1"),
    "another place of a position": ({"sites": setting(AT_17, grch38_pos="94761901")}, "CYP2C19"),
    "another place of a tag": ({"sites": setting(TAG, grch38_pos="29945522")}, "HLA-A"),
    "another usual base": ({"sites": setting(TAG, default_allele="T")}, "HLA-A"),
    "other bases around a position": ({"sites": setting(AT_17, flank_left="A")}, "CYP2C19"),
    "another gene of a position": ({"sites": setting(TAG, gene="CYP2C9")}, "CYP2C9"),
    "a tag that means another allele": ({"hla_tags": setting(TAG, tags_allele="*31:02")}, "HLA-A"),
    "a base of another length": (
        {"site_alleles": adding({**AT_17, "allele": "T"}, allele="CAA")},
        "CYP2C19",
    ),
    "an allele that nothing shows": (
        {"alleles": adding({"gene": "CYP2C9", "allele": "*1"}, allele="*999", usual="no")},
        "CYP2C9",
    ),
    "an allele that small variants do not show": (
        {"alleles": setting({"gene": "CYP2C9", "allele": "*3"}, structural="yes")},
        "CYP2C9",
    ),
    "other exons of a gene of named alleles": (
        {"transcripts": setting({"gene": "CYP2C9"}, cds_start="94938700")},
        "CYP2C9",
    ),
}


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return tmp_path_factory.mktemp("tables")


def still_open(ref, name):
    report = example(name)
    again = GenesAgain(TableChanges(tables(), ref), GenomeBuild(report.provenance.build))
    results, still = again.results({g.gene: g for g in report.genes})
    return results, {o.subject for o in still}


@pytest.mark.parametrize("what", CASES)
def test_what_was_not_read_as_such_is_open_for_everybody(what, base):
    edits, gene = CASES[what]
    ref = changed(base / what.replace(" ", "-"), **edits)
    for name in ("EX04", "EX05", "EX07"):
        results, subjects = still_open(ref, name)
        assert gene in subjects, name
        assert results[gene].status != "complete"


@pytest.mark.parametrize(
    ("name", "edits"),
    [
        ("note", {"sites": setting(AT_17, note="x", grch37_verified="no", name="y")}),
        ("frequency", {"site_alleles": setting(AT_17, frequency="0.5")}),
    ],
)
def test_what_no_file_is_read_for_leaves_nothing_open(name, edits, base):
    assert still_open(changed(base / name, **edits), "EX04")[1] == set()


def test_another_place_in_a_build_concerns_its_files_alone(base):
    ref = changed(base / "other-build", sites=setting(AT_17, grch37_pos="96521658"))
    assert still_open(ref, "EX04")[1] == set()
    assert "CYP2C19" in still_open(ref, "EX09")[1]


def test_a_new_locus_is_not_typed_where_no_typing_was_given(base):
    """Without a file that may hold its typing there is nothing that a file could tell."""
    ref = changed(base / "locus", genes=adding({"gene": "HLA-B"}, **LOCUS))
    again = GenesAgain(TableChanges(tables(), ref), GenomeBuild.GRCH38)
    stored = {g.gene: g for g in example("EX04").genes}
    results, still = again.results(stored, typed=False)
    assert results["HLA-DRB1"].caveats == ("caveat-hla-not-typed",)
    assert still == []


@pytest.mark.parametrize(
    ("edit", "listed", "known"),
    [
        (setting({"variant": "ALDH7A1-1279G>C"}, grch38_pos="126552065"), True, False),
        (setting({"variant": "ALDH7A1-1279G>C"}, classification="benign"), False, False),
        (dropping(variant="ALDH7A1-1279G>C"), False, False),
    ],
)
def test_a_listed_variant_is_known_by_its_place(edit, listed, known, base):
    ref = changed(base / str(id(edit)), classified_variants=edit)
    readings = Readings(TableChanges(tables(), ref), GenomeBuild.GRCH38)
    found = {row.name: row.known for rows in readings.listed.values() for row in rows}
    assert found == ({"ALDH7A1-1279G>C": known} if listed else {})
    assert "ALDH7A1" in readings.unlisted
    back = Readings(TableChanges(ref, tables()), GenomeBuild.GRCH38).listed
    assert [row.name for row in back["ALDH7A1"]] == ["ALDH7A1-1279G>C"]


@pytest.mark.parametrize(
    ("classification", "listed"),
    [
        ("uncertain_significance", True),
        ("conflicting", True),
        ("likely_benign", False),
        ("benign", False),
    ],
)
def test_a_newly_listed_variant_that_says_something_is_asked_for(classification, listed, base):
    """Also where the bases are read: a silent change is stored by nobody."""
    row = next(r for r in tables().rows(ClassifiedVariant) if r.gene == "SCN1A")
    before = changed(
        base / f"without-{classification}", classified_variants=dropping(variant=row.variant)
    )
    after = changed(
        base / f"with-{classification}",
        classified_variants=setting({"variant": row.variant}, classification=classification),
    )
    found = Readings(TableChanges(before, after), GenomeBuild.GRCH38).listed
    assert [r.name for r in found.get("SCN1A", ())] == ([row.variant] if listed else [])
