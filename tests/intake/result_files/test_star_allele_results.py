"""Result files of programs that call star alleles."""

import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from epilepsy_pgx.calling.outside_calls import add_outside_calls
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.genetics import Diplotype
from epilepsy_pgx.intake.outside_calls import OutsideCall, load_outside_tables
from epilepsy_pgx.intake.result_files.content import ResultKind
from epilepsy_pgx.intake.result_files.registry import names_no_sample
from epilepsy_pgx.intake.result_files.source import UNNAMED, Program
from epilepsy_pgx.intake.result_files.star_allele_results import calls_of, read_gene_calls
from epilepsy_pgx.model import GeneResult
from epilepsy_pgx.vocabulary import GeneStatus

FILES = Path(__file__).parent / "examples"
GENES = ("CYP2D6", "CYP2C19", "CYP2C9")
CYRIUS = (FILES / "cyrius.tsv").read_text()
ALDY = (FILES / "aldy.tsv").read_text()
PHARMCAT = (FILES / "pharmcat.report.tsv").read_text()
METADATA = (FILES / "pypgx.metadata.txt").read_text()
DATA = (FILES / "pypgx.data.tsv").read_text()


@pytest.fixture(scope="module")
def programs(reference):
    return {r["caller"]: Program(r["kind"], r["calls"]) for r in reference.table("outside_callers")}


@pytest.fixture(scope="module")
def of_genes(reference):
    """The lists of outside results, for some genes only."""
    every = load_outside_tables(reference)

    def of(genes):
        rest = every.others | (every.genes - set(genes))
        return replace(every, tables={g: every.tables[g] for g in genes}, others=rest)

    return of


def pack(path, metadata=METADATA, data=DATA, folder="tmpcty4c_cr/"):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(folder, "")
        archive.writestr(f"{folder}metadata.txt", metadata)
        archive.writestr(f"{folder}data.tsv", data)


@pytest.fixture
def read(tmp_path, programs, of_genes):
    def from_text(text, genes=GENES):
        path = tmp_path / "file.without.a.telling.name"
        path.write_text(text)
        return read_gene_calls(path, of_genes(genes), programs)

    return from_text


def candidates(rows):
    return {c.gene: ["/".join(pair) for pair in c.candidates] for c in rows.calls}


def test_cyrius(read):
    found = read(CYRIUS)
    assert {name: candidates(calls)["CYP2D6"] for name, calls in found.items()} == {
        "S1": ["*1/*10+*36"],
        "S2": ["*2x2/*4"],
        "S3": ["*1/*46", "*43/*45"],
        "S4": [],
        "S5": [],
        "S6": [],
        "S7": ["*4+*68/*5"],
    }
    assert all(c.research for rows in found.values() for c in rows.calls)


def test_aldy_keeps_every_solution_and_passes_over_other_genes(read):
    assert candidates(read(ALDY)["S1"]) == {
        "CYP2D6": ["*1/*4+*4", "*4+*4/*139"],
        "CYP2C19": ["*2/*2"],
    }


def test_pharmcat(read):
    genes = (*GENES, "SLCO1B1", "ABCG2")
    expected = {
        "CYP2C19": ["*1/*4", "*4/*17"],
        "CYP2C9": ["*1/*3"],
        "CYP2D6": ["*1/*2x2"],
        "SLCO1B1": [],
        "ABCG2": ["Reference/rs2231142"],
    }
    assert {n: candidates(c) for n, c in read(PHARMCAT, genes).items()} == {UNNAMED: expected}
    _, header, *rows = PHARMCAT.splitlines()
    named = [f"Sample ID\t{header}", *(f"{s}\t{row}" for s in ("S1", "S2") for row in rows)]
    found = read("\n".join(named) + "\n", genes)
    assert {n: candidates(c) for n, c in found.items()} == {"S1": expected, "S2": expected}


def test_pypgx_names_its_gene_in_the_archive(tmp_path, programs, of_genes):
    path = tmp_path / "renamed"
    pack(path)
    found = read_gene_calls(path, of_genes(GENES), programs)
    assert {name: candidates(calls) for name, calls in found.items()} == {
        "S1": {"CYP2D6": ["*4/*5"]},
        "S2": {"CYP2D6": []},
        "S3": {"CYP2D6": ["*2x2/*10"]},
        "S4": {"CYP2D6": []},
    }
    pack(path, METADATA.replace("CYP2D6", "DPYD"), DATA.replace("*4/*5", "Reference"))
    for rows in read_gene_calls(path, of_genes(GENES), programs).values():
        assert (rows.calls, rows.passed_over) == ((), ("DPYD",))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (CYRIUS.replace("*1/*10+*36\tPASS", "*1/*10+*36\tPASS\tmore"), 2),
        (CYRIUS.replace("*1/*10+*36\tPASS", "*1/*10+*36\tGood"), 2),
        (CYRIUS.replace("*1/*10+*36\tPASS", "*1\tPASS"), 2),
        (CYRIUS.replace("*1/*10+*36\tPASS", "*1/*2/*3\tPASS"), 2),
        (CYRIUS.replace("*1/*10+*36\tPASS", "*1/*2;*3/*4\tPASS"), 2),
        (CYRIUS.replace("*1/*10+*36\tPASS", "normal/normal\tPASS"), 2),
        (CYRIUS.replace("*1/*10+*36\tPASS", "None\tPASS"), 2),
        (CYRIUS.replace(";*43/*45", ""), 4),
        (CYRIUS.replace("S2", "S1"), 3),
        (CYRIUS.replace("Filter", "Filter\tActivityScore"), 1),
        ("Sample\tGenotype\tFilter\n", 0),
        (ALDY.replace("#Solution 2", "#Note 2"), 6),
        (ALDY.replace("\t2\t*4+*4/*139", "\t1\t*4+*4/*139"), 7),
        (ALDY.replace("\t2\t*4+*4/*139", "\t\t*4+*4/*139"), 7),
        (ALDY.replace("*4+*4/*139", "*4+*4"), 7),
        (ALDY.splitlines()[0], 0),
        (ALDY.splitlines()[0] + "\nS1\tCYP2D6\t1\n", 2),
        (PHARMCAT.replace("*1/*3", "*1"), 5),
        (PHARMCAT.replace("*1/*3", "*1 AND *3"), 5),
        (PHARMCAT.replace("*1/*3", ""), 5),
        (PHARMCAT.replace("CYP2C9", "CYP2C19"), 5),
        ("\n".join(PHARMCAT.splitlines()[:2]), 0),
        (DATA, 1),
        ("S1\tCYP2D6\t*1/*4\n", 1),
    ],
)
def test_what_is_not_understood_is_an_error_with_its_line(read, text, line):
    with pytest.raises(InputError) as caught:
        read(text)
    for problem in caught.value.problems:
        assert problem.line == line
        assert problem.found
        assert problem.expected


@pytest.mark.parametrize(
    ("metadata", "data"),
    [
        (METADATA.replace("Results", "Genotypes"), DATA),
        (METADATA.replace("Gene=", "Name="), DATA),
        (METADATA, DATA.replace("AlternativePhase", "Other")),
        (METADATA, DATA.replace("S2", "S1")),
        (METADATA, DATA.replace("\tDeletionHet", "")),
        (METADATA, DATA.replace("*4/*5", "*4")),
        (METADATA, DATA.splitlines()[0] + "\n"),
    ],
)
def test_archives_that_are_not_understood(tmp_path, programs, of_genes, metadata, data):
    path = tmp_path / "results.zip"
    pack(path, metadata, data)
    with pytest.raises(InputError):
        read_gene_calls(path, of_genes(GENES), programs)


def test_a_damaged_archive_is_an_error(tmp_path, programs, of_genes):
    path = tmp_path / "results.zip"
    pack(path)
    whole = path.read_bytes()
    for content in (whole[:100], whole.replace(b"data.tsv", b"else.tsv")):
        path.write_bytes(content)
        with pytest.raises(InputError):
            read_gene_calls(path, of_genes(GENES), programs)


def test_a_program_that_the_tables_do_not_list_is_refused(tmp_path, of_genes):
    path = tmp_path / "calls.tsv"
    path.write_text(CYRIUS)
    with pytest.raises(InputError):
        read_gene_calls(path, of_genes(GENES), {})


def test_the_sample_is_found_by_one_of_its_names(read, tmp_path):
    found = read(CYRIUS)
    calls, faults = calls_of(tmp_path, found, ("P001", "S2"))
    assert (candidates(calls), faults) == ({"CYP2D6": ["*2x2/*4"]}, ())
    for names in (("P001", "P001"), ("S1", "S2")):
        rows, faults = calls_of(tmp_path, found, names)
        assert rows.calls == ()
        assert [p.check for p in faults] == ["outside-sample"]
    assert "S1, S2, S3, S4, S5" in calls_of(tmp_path, found, ("P001",))[1][0].found
    rows, faults = calls_of(tmp_path, read(CYRIUS, ("CYP2C9",)), ("S1",))
    assert (rows.calls, rows.passed_over, faults) == ((), ("CYP2D6",), ())


def test_the_own_table_names_no_sample(read, tmp_path):
    assert candidates(read("CYP2C9\t*1/*3\n")[UNNAMED]) == {"CYP2C9": ["*1/*3"]}
    path = tmp_path / "calls.tsv"
    for text, answer in (
        ("CYP2C9\t*1/*3\n", True),
        (CYRIUS, False),
        (ALDY, False),
        (PHARMCAT, True),
        (f"Sample ID\t{PHARMCAT.splitlines()[1]}\n", False),
    ):
        path.write_text(text)
        assert names_no_sample(path, ResultKind.STAR_ALLELES) is answer
    assert not names_no_sample(tmp_path / "none.tsv", ResultKind.STAR_ALLELES)


def call(*texts, gene="CYP2D6", research=True):
    return OutsideCall(gene, tuple(tuple(t.split("/")) for t in texts), None, None, "f", research)


@pytest.mark.parametrize(
    ("text", "shown", "phenotype", "score"),
    [
        ("*1/*10+*36", "*1/*36+*10", "Normal Metabolizer", "1.25"),
        ("*36+*10/*1", "*1/*36+*10", "Normal Metabolizer", "1.25"),
        ("*1/*4+*4", "*1/*4x2", "Intermediate Metabolizer", "1"),
        ("*4/*2x2", "*2x2/*4", "Normal Metabolizer", "2"),
        ("*36x2+*10/*5", "*5/*36x2+*10", "Intermediate Metabolizer", "0.25"),
        ("*5/*4+*68", "*5/*68+*4", "Poor Metabolizer", "0"),
        ("*1/*13", "*1/*13", "Intermediate Metabolizer", "1"),
        ("*1/*4.021", "*1/*4", "Intermediate Metabolizer", "1"),
        ("*1.001x2/*4.021", "*1x2/*4", "Normal Metabolizer", "2"),
        ("*1/*4+*199", "*1/*199+*4", "Indeterminate", None),
        ("*1/*4.021.ALDY", "*1/*4.021.ALDY", "Indeterminate", None),
        ("*1/[*6 + *8]", "*1/[*6 + *8]", "Indeterminate", None),
        ("*1≥3/*1", "*1/*1≥3", "Ultrarapid Metabolizer", "4"),
    ],
)
def test_names_of_structural_alleles(reference, text, shown, phenotype, score):
    made = add_outside_calls({}, [call(text)], reference)["CYP2D6"]
    assert (made.shown, made.phenotypes) == ((shown,), (phenotype,))
    assert made.activity_scores == ((Decimal(score),) if score else ())
    assert made.status is GeneStatus.PARTIAL


@pytest.mark.parametrize("text", ["*1x2/*1", "*1+*17/*1", "*1/*1/*1"])
def test_copies_are_not_read_by_a_table_of_pairs(reference, text):
    made = add_outside_calls({}, [call(text, gene="CYP2C19")], reference)["CYP2C19"]
    assert made.phenotypes == ("Indeterminate",)


def own(*diplotypes, phenotypes=("Normal Metabolizer",), status=GeneStatus.COMPLETE, **more):
    return GeneResult(
        "CYP2C19",
        status,
        "genotype",
        tuple(map(Diplotype.read, diplotypes)),
        len(diplotypes),
        phenotypes,
        (),
        **more,
    )


def joined(reference, mine, *texts, research=True):
    made = call(*texts, gene="CYP2C19", research=research)
    return add_outside_calls({"CYP2C19": mine}, [made], reference)["CYP2C19"]


def test_a_research_program_rules_no_candidate_out(reference):
    open_ = own(
        "*1/*1",
        "*1/*2",
        phenotypes=("Normal Metabolizer", "Intermediate Metabolizer"),
        status=GeneStatus.AMBIGUOUS,
    )
    kept = joined(reference, open_, "*1/*1")
    assert (kept.shown, kept.phenotypes) == (open_.shown, open_.phenotypes)
    assert (kept.status, kept.basis) == (GeneStatus.AMBIGUOUS, "genotype")
    assert kept.caveats == ("caveat-outside-call-research",)
    laboratory = joined(reference, open_, "*1/*1", research=False)
    assert laboratory.shown == ("*1/*1",)
    more = joined(reference, open_, "*2/*1", "*2/*2")
    assert more.shown == ("*1/*2", "*2/*2", "*1/*1")
    assert "Poor Metabolizer" in more.phenotypes
    assert (more.status, more.candidate_count) == (GeneStatus.PARTIAL, 3)
    assert "caveat-outside-call-conflict" not in more.caveats
    many = joined(reference, own(unlisted=True), "*2/*2")
    assert many.shown == ("*",)
    assert "caveat-outside-call-conflict" in joined(reference, own("*1/*1"), "*2/*2").caveats


def test_the_order_of_the_haplotypes_is_no_contradiction(reference):
    same = joined(reference, own("*1/*2"), "*2/*1", research=False)
    assert same.shown == ("*1/*2",)
    assert "caveat-outside-call-conflict" not in same.caveats


@pytest.mark.parametrize(
    ("mine", "theirs", "contradicts"),
    [
        ("*1/*1", "*1/*5", False),
        ("*4/*4", "*5/*4", False),
        ("*1/*2", "*1/*5", True),
        ("*1/*2", "*1/*2x2", False),
        ("*1/*1", "*1/*2x2", True),
        ("*1/*1", "*5/*5", True),
        ("*1/*10", "*1/*36+*10", True),
        ("*1/*1", "*1≥3/*1", False),
    ],
)
@pytest.mark.parametrize("research", [True, False])
def test_what_only_copy_numbers_tell_is_no_contradiction(
    reference, mine, theirs, contradicts, research
):
    before = replace(own(mine), gene="CYP2D6")
    result = add_outside_calls({"CYP2D6": before}, [call(theirs, research=research)], reference)[
        "CYP2D6"
    ]
    assert ("caveat-outside-call-conflict" in result.caveats) is contradicts
    assert (mine in result.shown) is (contradicts or research)


def test_several_candidates_are_all_kept(reference):
    made = add_outside_calls({}, [call("*1/*46", "*43/*45")], reference)["CYP2D6"]
    assert made.shown == ("*1/*46", "*43/*45")
    assert made.phenotypes == ("Normal Metabolizer", "Indeterminate")


def test_a_gene_that_the_program_could_not_call_is_not_complete(reference):
    none = joined(reference, own("*1/*1"))
    assert (none.shown, none.status) == (("*1/*1",), GeneStatus.PARTIAL)
    assert none.caveats == ("caveat-outside-call-none",)
    alone = add_outside_calls({}, [call()], reference)["CYP2D6"]
    assert alone.status is GeneStatus.NOT_ASSESSED
    assert alone.caveats == ("caveat-outside-call-none",)


@pytest.mark.parametrize("research", [True, False])
def test_an_outside_call_does_not_hide_a_variant_without_an_allele(reference, research):
    broken = own(
        "*1/*1",
        phenotypes=("Indeterminate",),
        undocumented=("p.(Trp1Ter)",),
        caveats=("caveat-novel-loss-of-function",),
        lost_function=True,
    )
    for text in ("*1/*1", "*1/*17"):
        result = joined(reference, broken, text, research=research)
        assert result.lost_function
        assert result.undocumented == ("p.(Trp1Ter)",)
        assert "caveat-novel-loss-of-function" in result.caveats
        assert set(result.phenotypes) == {"Indeterminate"}
    both = replace(broken, diplotypes=(Diplotype.read("*2/*2"),))
    poor = joined(reference, both, "*2/*2", research=False)
    assert (poor.phenotypes, poor.lost_function) == (("Poor Metabolizer",), False)
    assert poor.undocumented == ("p.(Trp1Ter)",)
