"""Outside results are read by closed lists, and what they state twice is compared."""

import random
import zipfile
from contextlib import suppress

import pytest

from epilepsy_pgx.calling.outside_calls import add_outside_calls, hla_result
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.genetics import Diplotype
from epilepsy_pgx.intake.hla import HlaTyping, join_typings, parse_hla_allele
from epilepsy_pgx.intake.outside_calls import load_outside_tables, read_outside_calls
from epilepsy_pgx.intake.result_files.source import UNNAMED, Program
from epilepsy_pgx.intake.result_files.star_allele_results import read_gene_calls
from epilepsy_pgx.model import GeneResult
from epilepsy_pgx.reference.phenotypes import INDETERMINATE
from epilepsy_pgx.vocabulary import GeneStatus
from tests.intake.result_files.test_star_allele_results import ALDY, CYRIUS, PHARMCAT, pack


@pytest.fixture(scope="module")
def tables(reference):
    return load_outside_tables(reference)


@pytest.fixture
def read(tmp_path, tables):
    def from_text(text):
        path = tmp_path / "outside.tsv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_outside_calls(path, tables)

    return from_text


def refused(read, text):
    with pytest.raises(InputError) as caught:
        read(text)
    return caught.value.problems


def test_every_listed_spelling_is_read_for_every_gene_it_fits(tables, reference, read):
    for row in reference.table("phenotype_words"):
        word, meant = row["word"], row["phenotype"]
        fitting = [g for g, t in tables.tables.items() if meant in t.words]
        if meant is None:
            assert tables.silent(word)
            continue
        assert fitting, word
        spellings = {
            word,
            word.upper(),
            word.lower(),
            f"  {word} ",
            word.replace(" ", "-"),
            word.replace("-", " ").replace(" ", "  "),
        }
        for gene in fitting:
            for text in spellings:
                assert tables.phenotype(gene, text) == meant, (gene, text)


def test_every_word_of_a_gene_is_read_as_itself(tables):
    for gene, table in tables.tables.items():
        for word in table.words:
            assert tables.phenotype(gene, word) == word
            assert tables.phenotype(gene, f"{word} ({word.lower()})") == word
            assert tables.phenotype(gene, f"{gene} {word}") == word


@pytest.mark.parametrize(
    ("gene", "word", "suggestion"),
    [
        ("CYP2C9", "Poor Metabolizzer", "Poor Metabolizer"),
        ("CYP2C9", "pooor metaboliser", "Poor Metabolizer"),
        ("CYP2C9", "Rapid Metabolizer", ""),
        ("CYP2C9", "normal function", ""),
        ("SLCO1B1", "Poor Metabolizer", ""),
        ("SLCO1B1", "Decresed Function", "Decreased Function"),
        ("CYP2C19", "*2/*2", ""),
        ("CYP2C19", "PMM", "Poor Metabolizer"),
        ("CYP2C19", "yes", ""),
        ("CYP2D6", "0.5", ""),
        ("CYP2C9", "Poor Metabolizer (NM)", ""),
        ("CYP2C9", "PM/IM", ""),
        ("CYP2C9", "PM (", ""),
        ("CYP2C9", "()", ""),
        ("CYP2C9", "?", ""),
        ("CYP2C9", "0", ""),
        ("CYP2C19", "Likely Metabolizer", ""),
        ("CYP1A2", "fastish", ""),
    ],
)
def test_an_unlisted_word_is_an_error_with_the_nearest(read, gene, word, suggestion):
    (problem,) = refused(read, f"{gene}\t\t{word}\n")
    assert (problem.line, problem.column) == (1, "phenotype")
    assert problem.expected.startswith(f"a phenotype of {gene}: ")
    assert suggestion in problem.fix


@pytest.mark.parametrize(
    "score",
    [
        "nan",
        "NaN",
        "inf",
        "-inf",
        "Infinity",
        "-1",
        "-0",
        "1e9",
        "1E0",
        "1,5",
        "1.5 ",
        "٠",
        "²",
        "one",
        "0x1",
        "1_0",
        "+1",
        ".5",
        "1.",
        "1.1",
        "0.75",
        "7",
        "100",
        "0.00001",
        "≥3.0",
    ],
)
def test_a_score_is_a_number_that_the_gene_can_have(read, score):
    if score == "1.5 ":
        assert read(f"CYP2C9\t\t\t{score}\n").calls[0].activity_score == 1.5
        return
    (problem,) = refused(read, f"CYP2C9\t\t\t{score}\n")
    assert (problem.line, problem.column) == (1, "activity score")


def test_a_gene_without_scores_is_given_none(read, tables):
    for gene, table in tables.tables.items():
        if table.method != "activity_score":
            (problem,) = refused(read, f"{gene}\t\t\t1.0\n")
            assert "no activity score" in problem.expected


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("cyp2c9", "CYP2C9"),
        ("CYP2C91", "CYP2C9"),
        ("CYP2C 9", "CYP2C9"),
        ("CYP-2C9", "CYP2C9"),
        ("CYP2C9 ", None),
        ("2C19", "CYP2C19"),
        ("CYP2C9*", "CYP2C9"),
        ("HLA B", "HLA-B"),
        ("hla-b", "HLA-B"),
        ("HLAB", "HLA-B"),
        ("UGT1A", "UGT1A"),
        ("CYP2D6.", "CYP2D6"),
        ("SLC01B1", "SLCO1B1"),
    ],
)
def test_a_misspelt_gene_is_an_error_with_the_nearest(read, name, suggestion):
    if suggestion is None:
        assert read(f"{name}\t*1/*1\n").calls[0].gene == name.strip()
        return
    (problem,) = refused(read, f"{name}\t*1/*1\n")
    assert suggestion in problem.fix


def test_other_genes_are_passed_over_and_named(read, tables):
    names = (
        "VKORC1",
        "DPYD",
        "NUDT15",
        "MT-RNR1",
        "TPMT",
        "F5",
        "CYP2C8",
        "CYP2C18",
        "CYP4F2",
        "UGT1A6",
        "UGT2B15",
        "SCN1A",
        "POLG",
        "ABCB1",
        "HLA-DRB1",
        "ZNF999",
    )
    rows = "".join(f"{n}\tanything at all\n" for n in names)
    found = read(rows + "CYP2C9\t*1/*3\n")
    assert found.passed_over == names
    assert [c.gene for c in found.calls] == ["CYP2C9"]
    assert read(rows).calls == ()
    for gene in tables.others:
        assert not tables.check_gene(gene)


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("", "."),
        ("# note\n\n", "."),
        ("CYP2C9\n", "diplotype"),
        ("CYP2C9\t\t\t\n", "diplotype"),
        ("CYP2C9 *1/*3\n", "gene"),
        ("CYP2C9,*1/*3\n", "gene"),
        ("CYP2C9;*1/*3;IM\n", "gene"),
        ("*1/*3\tCYP2C9\n", "gene"),
        ("S1\tCYP2C9\t*1/*3\n", "gene"),
        ("CYP2C9\tCYP2C19\n", "gene"),
        ("CYP2C9\t*1/*3\t\t\tLab A\n", "."),
        ("CYP2C9\t*1/*3\nCYP2C9\t*1/*3\n", "gene"),
        ("HLA-B\t*15:02/*40:01\nHLA-B\t*15:02/*40:01\n", "gene"),
        ("Gene\tDiplotype\tNote\nCYP2C9\t*1/*3\tx\n", "note"),
        ("Gene\tGene\n", "gene"),
        ("CYP2C9\t*1/*3\nGene\tDiplotype\tPhenotype\n", "gene"),
        ("CYP2C9\t*3\n", "diplotype"),
        ("CYP2C9\t*1/*2/*3\n", "diplotype"),
        ("CYP2C9\t1/3\n", "diplotype"),
        ("CYP2C9\t*1|*3\n", "diplotype"),
        ("CYP2C9\t/\n", "diplotype"),
        ("CYP2C9\tnormal\n", "diplotype"),
        ("CYP2C9\tPoor Metabolizer\n", "diplotype"),
        ("HLA-B\tpositive\n", "diplotype"),
        ("HLA-B\t\tPoor Metabolizer\n", "diplotype"),
        (b"CYP2C9\t*1/*3\0\n", "."),
        (b"CYP2C9\t*1/*3\t\xe9\n", "."),
        ("CYP2C9\t*1/*3\n".encode("utf-16"), "."),
        (b"\x1f\x8b\x08\x00", "."),
    ],
)
def test_what_has_another_form_is_an_error(read, text, column):
    assert column in [p.column for p in refused(read, text)]


@pytest.mark.parametrize(
    "text",
    [
        "CYP2C9\t*1/*3\n",
        "CYP2C9\t*3/*1",
        "CYP2C9\t*1/*3\t\t\n",
        "CYP2C9\t*1/*3\tIM\t1.0\r\n",
        "\ufeffCYP2C9\t*1/*3\n\n\n",
        "# PharmCAT\nCYP2C9\tCYP2C9*1/CYP2C9*3\tn/a\tn/a\n",
        '"CYP2C9"\t"*1/*3"\n',
        "Gene\tDiplotype\tPhenotype\tActivity Score\nCYP2C9\t*1/*3\tIM\t1\n",
        "phenotype\tgene\tdiplotype\nIM\tCYP2C9\t*1/*3\n",
        "CYP2C9\t*1/*3\t.\t.\t\t\t\n",
        "CYP2C9\t *1 / *3 \tIntermediate Metaboliser\n",
    ],
)
def test_usual_forms_are_read(read, text):
    (call,) = read(text).calls
    assert [sorted(pair) for pair in call.candidates] == [["*1", "*3"]]


@pytest.mark.parametrize(
    "row",
    [
        "CYP2C9\t*1/*1\tPoor Metabolizer",
        "CYP2C9\t*3/*3\tNM",
        "CYP2C9\t*1/*1\t\t0.5",
        "CYP2C9\t\tPM\t2.0",
        "CYP2C9\t*1/*3\tIM\t2",
        "CYP2C19\t*2/*2\tnormal",
        "CYP2D6\t*4/*4\tIM\t0",
        "CYP2D6\t*1x2/*1\tNM",
        "SLCO1B1\t*1/*1\tPoor Function",
        "UGT1A1\t*1/*1\tPM",
        "CYP2C19\t*1/*17\tUltrarapid Metabolizer",
        "CYP2D6\t*1/*1\t\t1",
        "CYP2D6\t*4/*999\tPM\t2",
    ],
)
def test_statements_that_contradict_each_other_are_refused(read, row):
    (problem,) = refused(read, row + "\n")
    assert problem.expected == "statements that agree"
    assert "*" not in problem.found


@pytest.mark.parametrize(
    "row",
    [
        "CYP2C9\t*1/*3\tIM\t1.0",
        "CYP2C19\t*2/*9\tPoor Metabolizer",
        "CYP2D6\t*1x2/*1\tUM\t3",
        "CYP2D6\t*4/*999\tPM\t0",
        "CYP2C19\t*1/*2\tIndeterminate",
        "UGT1A1\t*1/*80+*28\tIM",
        "UGT1A1\t*1/*28+*80\tIM",
        "ABCG2\trs2231142 reference (G)/rs2231142 variant (T)\tDF",
    ],
)
def test_statements_that_agree_are_read(read, row, reference):
    (call,) = read(row + "\n").calls
    result = add_outside_calls({}, [call], reference)[call.gene]
    assert call.phenotype in result.phenotypes
    assert (result.status is GeneStatus.COMPLETE) is (INDETERMINATE not in result.phenotypes)


@pytest.mark.parametrize(
    "row",
    [
        "CYP2C9\tno call",
        "CYP2C9\tUnknown/Unknown",
        "CYP2C9\t\tno result",
        "CYP2C9\tn/a\tn/a\tn/a",
        "CYP2C9\t-\t-\t-",
    ],
)
def test_no_result_is_no_result(read, row, reference):
    (call,) = read(row + "\n").calls
    assert not call.called
    result = add_outside_calls({}, [call], reference)["CYP2C9"]
    assert result.status is GeneStatus.NOT_ASSESSED


def own(gene, diplotype, phenotype, *scores):
    named = (Diplotype.read(diplotype),)
    return GeneResult(gene, GeneStatus.COMPLETE, "genotype", named, 1, (phenotype,), scores)


@pytest.mark.parametrize(
    ("gene", "mine", "word", "row", "contradicts"),
    [
        ("CYP2C9", "*3/*3", "Poor Metabolizer", "\tNM", True),
        ("CYP2C9", "*1/*1", "Normal Metabolizer", "\tPM", True),
        ("CYP2C9", "*1/*1", "Normal Metabolizer", "\t\t0.5", True),
        ("CYP2C9", "*1/*3", "Intermediate Metabolizer", "\t\t1.5", True),
        ("CYP2C9", "*1/*3", "Intermediate Metabolizer", "\tIM", False),
        ("CYP2C19", "*2/*2", "Poor Metabolizer", "\tUM", True),
        ("CYP2D6", "*1/*1", "Normal Metabolizer", "\tUM", False),
        ("CYP2D6", "*1/*1", "Normal Metabolizer", "\tIM", False),
        ("CYP2D6", "*4/*4", "Poor Metabolizer", "\tNM", True),
        ("CYP2D6", "*1/*4", "Intermediate Metabolizer", "\tPM", True),
        ("CYP2D6", "*1/*4", "Intermediate Metabolizer", "\t\t2", False),
    ],
)
def test_a_stated_phenotype_is_compared_with_the_genotypes(
    read, reference, gene, mine, word, row, contradicts
):
    (call,) = read(f"{gene}\t{row}\n").calls
    made = add_outside_calls({gene: own(gene, mine, word)}, [call], reference)[gene]
    assert ("caveat-outside-call-conflict" in made.caveats) is contradicts
    if contradicts:
        assert word in made.phenotypes
        assert len(made.phenotypes) > 1 or made.activity_scores
        assert made.status is GeneStatus.PARTIAL


@pytest.mark.parametrize(
    ("row", "present"),
    [
        ("*15:02/*40:01", {"*15:02"}),
        ("HLA-B*15:02/HLA-B*40:01", {"*15:02"}),
        ("B*15:02:01/B*57:01", {"*15:02", "*57:01"}),
        ("\t*15:02 positive", {"*15:02"}),
        ("\t*57:01 negative", set()),
        ("\t*15:02 positive;*57:01 negative", {"*15:02"}),
        ("*15:02", {"*15:02"}),
        ("*07:02/*08:01", set()),
    ],
)
def test_a_risk_allele_of_an_outside_row_counts_and_rules_nothing_out(read, row, present):
    (typing,) = read(f"HLA-B\t{row}\n").typings
    made = hla_result("HLA-B", typing, ["*15:02", "*57:01"])
    assert set(made.alleles_present) == present
    assert made.alleles_absent == ()
    assert made.status is not GeneStatus.COMPLETE


def typing(first, second, method="clinical"):
    alleles = tuple(None if a is None else parse_hla_allele(a) for a in (first, second))
    return HlaTyping("HLA-B", alleles, method, "Lab", None)


@pytest.mark.parametrize(
    ("given", "outside", "shown"),
    [
        (("15:02", "40:01"), ("15:02", "40:01"), {"15:02", "40:01"}),
        (("15:02", "40:01"), ("40:01", None), {"15:02", "40:01"}),
        (("40:01", None), ("15:02", "40:01"), {"15:02", "40:01"}),
        (("15", "40:01"), ("15:02", "40:01"), {"15:02", "40:01"}),
        (("07:02", "40:01"), ("15:02", None), None),
        (("15:01", "40:01"), ("15:02", "40:01"), None),
    ],
)
def test_two_typings_of_a_locus_are_compared(given, outside, shown):
    both = join_typings(typing(*given), typing(*outside, "research"))
    if shown is None:
        assert both is None
        return
    assert {a.two_field[0] for a in both.alleles} == shown
    assert (both.method == "clinical") is (both == typing(*given))


@pytest.fixture(scope="module")
def programs(reference):
    return {r["caller"]: Program(r["kind"], r["calls"]) for r in reference.table("outside_callers")}


@pytest.mark.parametrize("form", ["zip", "Aldy", "Cyrius", "PharmCAT", "own"])
def test_a_damaged_file_is_an_error_in_words(tmp_path, tables, programs, form):
    path = tmp_path / "file"
    if form == "zip":
        pack(path)
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            content = {n: archive.read(n) for n in names}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in names:
                archive.writestr(name, content[name] * (1 if name.endswith("tsv") else 40))
    else:
        path.write_text(
            {
                "Aldy": ALDY,
                "Cyrius": CYRIUS,
                "PharmCAT": PHARMCAT,
                "own": "CYP2C9\t*1/*3\tIM\t1.0\nHLA-B\t*15:02/*40:01\n",
            }[form]
        )
    whole = path.read_bytes()
    chance = random.Random(7)
    damaged = [whole[:cut] for cut in range(0, len(whole), max(1, len(whole) // 150))]
    for _ in range(600):
        bytes_ = bytearray(whole)
        for _ in range(chance.choice((1, 1, 2, 8))):
            bytes_[chance.randrange(len(bytes_))] = chance.choice(
                (0, 9, 10, 255, chance.randrange(256))
            )
        damaged.append(bytes(bytes_))
    damaged += [whole + whole, whole[5:], whole[:5] + whole[40:], b"PK\x03\x04", b"\0" * 100]
    for content in damaged:
        path.write_bytes(content)
        try:
            read_gene_calls(path, tables, programs)
        except InputError as error:
            for problem in error.problems:
                assert problem.found
                assert problem.file == str(path)


def test_archives_with_other_or_several_members(tmp_path, tables, programs):
    path = tmp_path / "results.zip"
    pack(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("tmp/notes.txt", "other")
    assert read_gene_calls(path, tables, programs)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("other/data.tsv", "x")
    with pytest.raises(InputError, match="several results"):
        read_gene_calls(path, tables, programs)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/metadata.txt", "Gene=CYP2D6\nSemanticType=SampleTable[Results]\n")
        archive.writestr("a/data.tsv", b"0" * (65 * 2**20))
    with pytest.raises(InputError, match="64 MB"):
        read_gene_calls(path, tables, programs)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("results.zip", path.read_bytes())
    with pytest.raises(InputError, match="lacks metadata"):
        read_gene_calls(path, tables, programs)


def test_a_folder_or_a_huge_file_is_refused(tmp_path, tables, programs):
    with pytest.raises(InputError, match="no regular file"):
        read_gene_calls(tmp_path, tables, programs)
    with pytest.raises(InputError, match="no file at this path"):
        read_gene_calls(tmp_path / "none", tables, programs)
    path = tmp_path / "huge"
    with path.open("wb") as handle:
        handle.truncate(65 * 2**20)
    with pytest.raises(InputError, match="64 MB"):
        read_gene_calls(path, tables, programs)


def test_hla_rows_of_a_report_of_pharmcat_count(tmp_path, tables, programs):
    path = tmp_path / "report.tsv"
    version, header, *rows = PHARMCAT.splitlines()
    cells = header.split("\t")
    row = dict.fromkeys(cells, "") | {"Gene": "HLA-B", "Source Diplotype": "*15:02/*40:01"}
    path.write_text("\n".join([version, header, *rows, "\t".join(row[c] for c in cells)]) + "\n")
    found = read_gene_calls(path, tables, programs)[UNNAMED]
    assert [t.gene for t in found.typings] == ["HLA-B"]


@pytest.mark.parametrize(
    ("old", "new", "stated"),
    [
        (
            "*1/*3\tIntermediate Metabolizer\t1.0",
            "*1/*3\tPoor Metabolizer\t1.0",
            "Poor Metabolizer",
        ),
        ("*1/*3\tIntermediate Metabolizer\t1.0", "*1/*3\tn/a\t1.0", None),
        ("*1/*3\tIntermediate Metabolizer\t1.0", "*1/*3\tQuick\t1.0", None),
    ],
)
def test_the_phenotype_of_a_program_is_a_candidate_of_its_own(
    tmp_path, tables, programs, reference, old, new, stated
):
    path = tmp_path / "report.tsv"
    assert old in PHARMCAT
    path.write_text(PHARMCAT.replace(old, new))
    rows = read_gene_calls(path, tables, programs)[UNNAMED]
    call = next(c for c in rows.calls if c.gene == "CYP2C9")
    alone = add_outside_calls({}, [call], reference)["CYP2C9"]
    mine = own("CYP2C9", "*1/*3", "Intermediate Metabolizer")
    beside = add_outside_calls({"CYP2C9": mine}, [call], reference)["CYP2C9"]
    for made in (alone, beside):
        assert ("Poor Metabolizer" in made.phenotypes) is (stated is not None)
        assert "Intermediate Metabolizer" in made.phenotypes


def test_a_name_that_a_program_misspells_is_an_error(tmp_path, tables, programs):
    path = tmp_path / "calls"
    path.write_text(ALDY.replace("CYP2C19", "cyp2c19"))
    with pytest.raises(InputError, match="Did you mean CYP2C19"):
        read_gene_calls(path, tables, programs)


@pytest.mark.parametrize("gene", ["", "CYP2C9", "CYP2C19", "UGT1A1", "HLA-B", "VKORC1"])
@pytest.mark.parametrize("cell", ["Ada Lovelace", "Lovelace, Ada", "1815-12-10", "ada@x.org"])
def test_a_cell_in_the_wrong_column_is_not_repeated(read, gene, cell):
    cells = [gene or cell, *[""] * 3]
    for place in range(1 if gene else 0, 4):
        row = [*cells[:place], cell, *cells[place + 1 :]]
        if gene == "VKORC1":
            assert read("\t".join(row) + "\n").passed_over == (gene,)
        else:
            assert not any(cell in str(p) for p in refused(read, "\t".join(row) + "\n")), row


@pytest.mark.parametrize("text", [CYRIUS, ALDY, PHARMCAT])
def test_a_cell_of_a_program_is_not_repeated(text, tmp_path, tables, programs):
    path = tmp_path / "results"
    lines = text.splitlines()
    for number in range(len(lines)):
        cells = lines[number].split("\t")
        for place in range(1, len(cells)):
            changed = [*cells[:place], "Ada Lovelace", *cells[place + 1 :]]
            path.write_text("\n".join([*lines[:number], "\t".join(changed), *lines[number + 1 :]]))
            with suppress(InputError):
                assert read_gene_calls(path, tables, programs)
                continue
            with pytest.raises(InputError) as caught:
                read_gene_calls(path, tables, programs)
            assert number == 0 or not any("Ada" in str(p) for p in caught.value.problems), changed


@pytest.mark.parametrize(
    ("row", "possible"),
    [
        ("HLA-B\t*15:01/*40:01 OR *15:02/*40:01", ("15:01", "15:02")),
        ("HLA-B\t*15:02/*40:01 OR *15:02/*44:03", ("15:02",)),
    ],
)
def test_alternative_types_all_stay(read, row, possible):
    (typing,) = read(f"{row}\n").typings
    assert typing.alleles[0].two_field == possible
    present = hla_result("HLA-B", typing, ["*15:02"])
    assert present.alleles_present == (("*15:02",) if possible == ("15:02",) else ())
    assert present.alleles_absent == ()


def test_alternative_types_of_a_report_all_stay(tmp_path, tables, programs):
    path = tmp_path / "report"
    header = next(x for x in PHARMCAT.splitlines() if x.startswith(("Gene\t", "Sample ID\t")))
    row = dict.fromkeys(header.split("\t"), "") | {
        "Gene": "HLA-B",
        "Source Diplotype": "*15:01/*40:01 OR *15:02/*40:01",
        "Sample ID": "S1",
    }
    path.write_text(header + "\n" + "\t".join(row[c] for c in header.split("\t")) + "\n")
    (found,) = read_gene_calls(path, tables, programs).values()
    assert found.typings[0].alleles[0].two_field == ("15:01", "15:02")


def test_a_locus_without_result_is_no_fault(read):
    assert read("HLA-B\tno call\n").typings == ()
    assert read("HLA-B\t\tnot tested\nCYP2C9\t*1/*3\n").typings == ()
    assert refused(read, "HLA-B\t\t\n")


@pytest.mark.parametrize("gene", ["CYP1A2", "CYP2A6", "UGT2B7", "CYP2C9", "CYP2C19"])
def test_a_name_that_no_table_knows_is_never_complete(read, reference, gene):
    (call,) = read(f"{gene}\t*1/*987\n").calls
    assert add_outside_calls({}, [call], reference)[gene].status is GeneStatus.PARTIAL


@pytest.mark.parametrize(
    ("gene", "pair", "word", "score", "words", "scores"),
    [
        ("CYP2C9", "*1/*3", "Intermediate Metabolizer", "1.0", ("Intermediate Metabolizer",), (1,)),
        (
            "CYP2C9",
            "*1/*1",
            "Normal Metabolizer",
            "0.0",
            ("Normal Metabolizer", "Poor Metabolizer"),
            (0, 2),
        ),
        ("CYP2C9", "n/a", "Poor Metabolizer", "", ("Poor Metabolizer",), ()),
        ("CYP2C9", "Unknown/Unknown", "Poor Metabolizer", "0.5", ("Poor Metabolizer",), (0.5,)),
        ("CYP2C9", "no call", "No Result", "n/a", (), ()),
        ("CYP2C19", "Unknown/Unknown", "Poor Metabolizer", "n/a", ("Poor Metabolizer",), ()),
        ("CYP2C9", "*1/*3", "x", "9", ("Intermediate Metabolizer",), (1,)),
    ],
)
def test_all_that_a_report_states_of_a_gene_stays(
    tmp_path, tables, programs, reference, gene, pair, word, score, words, scores
):
    path = tmp_path / "report"
    path.write_text(
        f"Gene\tSource Diplotype\tPhenotype\tActivity Score\n{gene}\t{pair}\t{word}\t{score}\n"
    )
    calls = read_gene_calls(path, tables, programs)[UNNAMED].calls
    made = add_outside_calls({}, calls, reference)[gene]
    assert (made.phenotypes, made.activity_scores) == (words, scores)
    assert made.status is (GeneStatus.PARTIAL if words else GeneStatus.NOT_ASSESSED)


def test_a_report_may_state_a_typed_allele_by_its_presence(tmp_path, tables, programs):
    path = tmp_path / "report"
    for word, found in (("*15:02 positive", [("15:02",)]), ("no result", None)):
        path.write_text(
            f"Gene\tSource Diplotype\tPhenotype\tActivity Score\nHLA-B\tUnknown/Unknown\t{word}\t\n"
        )
        typings = read_gene_calls(path, tables, programs)[UNNAMED].typings
        assert [t.alleles[0].two_field for t in typings] == (found or [])


def open_result(*phenotypes, scores=(), diplotypes=()):
    """Return a result of the listed diplotypes, or of more than are listed."""
    return GeneResult(
        "CYP2C9",
        GeneStatus.AMBIGUOUS,
        "genotype",
        tuple(map(Diplotype.read, diplotypes)),
        40,
        phenotypes,
        scores,
        unlisted=not diplotypes,
    )


@pytest.mark.parametrize("row", ["\tIndeterminate", "\tunknown"])
@pytest.mark.parametrize("diplotypes", [("*3/*3", "UNDEFINED/UNDEFINED"), ()])
def test_an_unsettled_word_takes_no_result_away(read, reference, row, diplotypes):
    mine = open_result("Poor Metabolizer", INDETERMINATE, scores=(0,), diplotypes=diplotypes)
    made = add_outside_calls({"CYP2C9": mine}, read(f"CYP2C9\t{row}\n").calls, reference)["CYP2C9"]
    assert "Poor Metabolizer" in made.phenotypes
    assert made.activity_scores == (0,)
    assert made.status is GeneStatus.PARTIAL


@pytest.mark.parametrize(
    ("row", "contradicts"),
    [("\tNM", True), ("*1/*1", True), ("\t\t2", True), ("\tPM", False), ("*3/*3", False)],
)
def test_many_candidates_are_compared_too(read, reference, row, contradicts):
    mine = open_result("Poor Metabolizer", "Intermediate Metabolizer", scores=(0, 1))
    made = add_outside_calls({"CYP2C9": mine}, read(f"CYP2C9\t{row}\n").calls, reference)["CYP2C9"]
    assert ("caveat-outside-call-conflict" in made.caveats) is contradicts
    assert ("Intermediate Metabolizer" in made.phenotypes) is contradicts
