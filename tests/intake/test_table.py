"""Sheets and side files as text: what ends a row, what a number is, whose fault a fault is."""

import os
from pathlib import Path

import pytest

from epilepsy_pgx.calling.class_file import read_classifications
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.callable import read_callable
from epilepsy_pgx.intake.clinical import COLUMNS as CLINICAL
from epilepsy_pgx.intake.contigs import load_contig_names
from epilepsy_pgx.intake.hla import read_hla
from epilepsy_pgx.intake.outside_tables import load_outside_tables
from epilepsy_pgx.intake.result_files.content import MOST_BYTES, ResultKind
from epilepsy_pgx.intake.result_files.registry import names_no_sample
from epilepsy_pgx.intake.result_files.star_allele_results import read_gene_calls
from epilepsy_pgx.intake.sheet import IDENTITY_COLUMNS, INPUT_COLUMNS, read_sheet
from epilepsy_pgx.intake.table import is_day, nearest, parse_number, read_table
from epilepsy_pgx.variants.sequence import open_sequences
from epilepsy_pgx.vocabulary import GenomeBuild

HEAD = "sample_id\tvcf\tbuild\tspecimen\tsigns\tcurrent_drugs"
ROW = "P1\ta.vcf\tGRCh38\tblood\trash|fever\tcarbamazepine[start=2026-11-01]"
OTHER = "P2\tb.vcf\tGRCh38\tblood\t.\tnone"


def write(folder, text, name="s.tsv"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


@pytest.mark.parametrize(
    "mark", ["\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
)
def test_only_a_line_feed_ends_a_row(reference, tmp_path, mark):
    text = f"{HEAD}\n{ROW.replace('blood', f'blood{mark}# 2 tubes')}\n{OTHER}\n"
    rows = read_sheet(write(tmp_path, text), reference).rows
    assert [r.sample_id for r in rows] == ["P1", "P2"]
    assert rows[0].clinical.signs == ("rash", "fever")
    assert [d.drug for d in rows[0].clinical.current] == ["carbamazepine"]


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}\n{ROW}\n{OTHER}\n",
        f"{HEAD}\r\n{ROW}\r\n{OTHER}\r\n",
        f"\ufeff{HEAD}\n{ROW}\n{OTHER}",
        f"{HEAD}\n\n{ROW}\n   \n{OTHER}\n\n\n",
        f"{HEAD}\t\t\n{ROW}\t\t\n{OTHER}\t\t\n\t\t\t\n",
        f"{HEAD}\n{ROW}\t\t\n{OTHER}\n",
        f"{HEAD}\n# a note\n{ROW}\n{OTHER}\n",
        f"{HEAD}\n{ROW.replace('blood', chr(34) + 'blood, EDTA' + chr(34))}\n{OTHER}\n",
    ],
)
def test_what_spreadsheets_and_editors_leave_is_read(reference, tmp_path, text):
    rows = read_sheet(write(tmp_path, text), reference).rows
    assert [r.sample_id for r in rows] == ["P1", "P2"]
    assert '"' not in (rows[0].patient.specimen or "")


FORM = {
    "cut in a cell": f"{HEAD}\n{OTHER}\n" + ROW[:30],
    "cut before the drugs": f"{HEAD}\n{OTHER}\n" + ROW.rpartition("\t")[0],
    "a cell more": f"{HEAD}\n{OTHER}\n{ROW}\tmore\n",
    "a column without a name": f"{HEAD.replace('specimen', '')}\n{OTHER}\n{ROW}\n",
    "the header again": f"{HEAD}\n{OTHER}\n{HEAD}\n{ROW}\n",
    "a column twice": f"{HEAD}\tsigns\n{OTHER}\t.\n{ROW}\t.\n",
    "a quoted line break": f"{HEAD}\n{OTHER}\n"
    + ROW.replace("carbamazepine[start=2026-11-01]", '"carbamazepine\nvalproate"')
    + "\n",
    "a quoted tab": f"{HEAD}\n{OTHER}\n" + ROW.replace("blood", '"blood\tx"') + "\n",
    "an open quote": f"{HEAD}\n{OTHER}\n" + ROW.replace("blood", '"blood') + "\n",
    "commas": f"{HEAD}\n{OTHER}\n{ROW}\n".replace("\t", ","),
    "semicolons": f"{HEAD}\n{OTHER}\n{ROW}\n".replace("\t", ";"),
    "old line ends": f"{HEAD}\r{OTHER}\r{ROW}\r",
    "UTF-16": f"{HEAD}\n{OTHER}\n{ROW}\n".encode("utf-16"),
    "UTF-16 without a mark": f"{HEAD}\n{OTHER}\n{ROW}\n".encode("utf-16-le"),
    "Latin-1": f"{HEAD}\n{OTHER}\n{ROW.replace('blood', 'Blüt')}\n".encode("latin-1"),
    "a NUL byte": f"{HEAD}\n{OTHER}\n{ROW.replace('blood', 'bl' + chr(0) + 'od')}\n",
    "a spreadsheet": b"PK\x03\x04" + b"x" * 40,
    "gzip": b"\x1f\x8b\x08" + b"x" * 40,
    "no id": f"{HEAD}\n{OTHER}\n{ROW.replace('P1', '.')}\n",
    "an id twice": f"{HEAD}\n{OTHER}\n{ROW.replace('P1', 'p2')}\n",
    "no header": f"{ROW}\n{OTHER}\n",
    "nothing": "",
    "a header alone": HEAD,
}


@pytest.mark.parametrize("name", FORM)
def test_a_fault_of_the_form_stops_the_sheet_in_words(reference, tmp_path, name):
    with pytest.raises(InputError) as caught:
        read_sheet(write(tmp_path, FORM[name]), reference)
    for problem in caught.value.problems:
        assert problem.found
        assert problem.fix not in ("", ".")
        assert "Ada" not in str(problem)


BAD = {
    "build": ("hg38", "grch38", "38", "GRCh39"),
    "birth_date": ("01.06.2021 Ada N.", "2021-6-1", "20210601", "2021-W01-1", "２０２１-06-01"),
    "collected": ("Ada", "2026-02-30"),
    "received": ("yesterday", "2026-13-01"),
    "affected": ("ja", "true", "1", "Ada"),
    "sex": ("f", "F", "woman", "Ada", "unknown"),
    "age_years": (
        "nan",
        "inf",
        "1e1",
        "1e400",
        "-1",
        "+5",
        "1_0",
        "0x10",
        "12,5",
        "１２",
        "131",
        "five",
        "5 y",
        "1 000",
        "٣",
    ),
    "weight_kg": ("0", "nan", "1_0", "70kg", "7e1", "501"),
    "onset_months": ("-1", "1e9", "1,5"),
    "syndromes": ("Ada", "drave", "|", "dravet, focal_epilepsy"),
    "pregnant": ("maybe", "Ada"),
    "pregnancy_potential": ("?", "possible"),
    "mitochondrial_suspected": ("unknown", "0"),
    "transplant": ("no", "kidney", "bone marrow"),
    "mri": ("yes", "no", "abnormal", "not done", "Ada"),
    "zone": ("Ada", "eloquent", "several|wide"),
    "diagnosis_confirmed": ("yes", "Ada"),
    "seizure_types": ("Ada", "grand mal", "|"),
    "last_seizure": ("yesterday", "Ada", "01.06.2021", "2026-02-30"),
    "seizures_per_month": ("often", "-1", "1e3"),
    "longest_interval_before": ("30", "2 m", "Ada", "3 mg", "-2 days"),
    "movement_disorder": ("Ada", "none|tremor"),
    "mood": ("Ada", "normal|anxiety"),
    "cognition": ("Ada", "normal|declining"),
    "adherence": ("yes", "Ada", "taken|not_taken"),
    "alcohol_drugs": ("Ada", "none|alcohol", "yes"),
    "sleep": ("Ada", "good|insomnia"),
    "stress": ("Ada", "yes", "low|high"),
    "surgery": ("Ada", "yes", "none|resection"),
    "stimulator": ("Ada", "yes", "none|vagus_nerve"),
    "diet": ("Ada", "yes", "none|ketogenic"),
    "egfr_ml_min_173": ("0", "900", "90 ml/min"),
    "dialysis": ("no", "Ada"),
    "albumin_g_l": ("4.1", "41 g/L", "Ada"),
    "signs": ("none", "rash, fever", "rsh", "|"),
    "current_drugs": (
        "no",
        "-",
        "none|carbamazepine",
        "carbamazepine valproate",
        "carbamazepine[start=1.1.2020]",
        "carbamazepine[",
        "|carbamazepine",
        "no carbamazepine",
        "carbamazepine[reaction=hives]",
        "carbamazepine[level=45 banana]",
        "carbamazepine[level=45]",
        "carbamazepine[level=-4 mg/L]",
        "carbamazepine[level=99999 mg/L]",
        "carbamazepine[level_date=2026-01-01]",
        "carbamazepine[dose=Ada]",
        "carbamazepine[dose=0 mg/day]",
        "carbamazepine[route=Ada]",
        "carbamazepine[formulation=Ada]",
    ),
    "failed_drugs": (
        "none|phenytoin",
        "phenytoin[reason=Ada]",
        "phenytoin rash",
        "?",
        "phenytoin[duration=4]",
    ),
    "planned_drugs": (
        "no",
        "none|phenytoin",
        "phenytoin[start=2026-01-01]",
        "phenytoin[",
        "phenytoin rash",
        "|phenytoin",
    ),
    "entry_date": ("today", "20.11.2026"),
    "outside_calls": ("a.tsv||b.tsv", "|", "Ada N. 2021-01-01"),
    "hla": ("Ada", "01.06.2021"),
    "classifications": ("Ada N",),
    "callable": ("yes", "Ada"),
    "phenopacket": ("Ada 2021-06-01", "-"),
    "vcf": ("|", "a.vcf|", "Ada"),
    "same_genome_as": ("P1", "p2", "Ada"),
    "genes_off": ("CYP2C99", "CYP2C9|Ada", "Ada"),
    "vcf_sha256": ("0" * 63, "|".join(["0" * 64] * 2), "Ada"),
    "fingerprint": ("Ada",),
}
GOOD = {"sample_id": "P1", "vcf": "a.vcf", "build": "GRCh38"}


@pytest.mark.parametrize(("column", "word"), [(c, w) for c, words in BAD.items() for w in words])
def test_a_fault_of_a_cell_fails_its_patient_alone_and_is_not_repeated(
    reference, tmp_path, column, word
):
    columns = [*GOOD, *([] if column in GOOD else [column])]
    row = {**GOOD, column: word}
    second = {**GOOD, "sample_id": "P2"}
    lines = ["\t".join(columns)]
    lines += ["\t".join(r.get(c, ".") for c in columns) for r in (row, second)]
    sheet = read_sheet(write(tmp_path, "\n".join(lines) + "\n"), reference)
    assert [r.sample_id for r in sheet.rows] == ["P2"]
    (faulty,) = sheet.faulty
    assert faulty.sample_id == "P1"
    for problem in faulty.problems:
        assert (problem.line, problem.sample) == (2, "P1")
        assert problem.column == column
        assert problem.fix not in ("", ".")
        assert "Ada" not in str(problem)
        assert "2021" not in str(problem)


def test_every_column_with_a_closed_list_has_bad_words():
    free = {
        "sample_id",
        "vcf_sample",
        "name",
        "record_number",
        "accession",
        "specimen",
        "requester",
    }
    assert {*INPUT_COLUMNS, *IDENTITY_COLUMNS, *CLINICAL} - free == set(BAD)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", "0"),
        ("12", "12"),
        ("0.5", "0.5"),
        (".5", "0.5"),
        ("12.", "12"),
        ("1e3", None),
        ("1_0", None),
        ("١", None),
        ("-1", None),
        ("NaN", None),
        ("Infinity", None),
        ("", None),
        ("1,5", None),
        ("0x1", None),
        ("1" * 400, None),
    ],
)
def test_plain_numbers(text, number):
    read = parse_number(text)
    assert (None if read is None else float(read)) == (None if number is None else float(number))


def test_days_are_days_of_the_calendar():
    assert is_day("2024-02-29")
    assert not any(is_day(x) for x in ("2023-02-29", "2024-2-29", "20240229", "", "٢٠٢٤-02-29"))


HLA = "sample_id\tgene\tallele_1\tallele_2\tmethod\tlaboratory\tdate"


@pytest.mark.parametrize(
    "text",
    [
        f"{HLA}\nP1\tHLA-B\t15:02\n",
        f"{HLA}\n\tHLA-B\t15:02\t40:01\tclinical\tLab\t.\n",
        HLA.replace("gene", "locus") + "\nP1\tHLA-B\t15:02\t40:01\tclinical\tLab\t.\n",
        f"{HLA}\nP1\tHLA-B\t15:02\t40:01\tclinical\tLab\t.\n".replace("\t", ";"),
    ],
)
def test_the_form_of_an_hla_file(tmp_path, text):
    with pytest.raises(InputError):
        read_hla(write(tmp_path, text), frozenset({"HLA-B"}))


@pytest.mark.parametrize(
    "line",
    ["2\t1_0\t20", "2\t１\t20", "2\t-1\t5", "2\t5\t5", "2\t1e1\t20", "2 1 20", "2\t1", "2\t1.0\t5"],
)
def test_a_bed_line_that_is_none(tmp_path, line, reference):
    path = write(tmp_path, f"2\t1\t5\n{line}\n", "a.bed")
    with pytest.raises(InputError) as caught:
        read_callable(path, load_contig_names(reference, GenomeBuild.GRCH38))
    assert [p.line for p in caught.value.problems] == [2]


def test_odd_white_space_around_a_place_of_a_bed_is_no_fault(tmp_path, reference):
    path = write(tmp_path, "2\t\x1c10\t20\x1f\n", "a.bed")
    found = read_callable(path, load_contig_names(reference, GenomeBuild.GRCH38))
    assert found.covers("2", 11, 20)


def test_a_cell_of_a_bed_does_not_end_its_line(tmp_path, reference):
    path = write(tmp_path, "2\t1\t5\ta\u2028b\n2\t10\t20\r\n", "a.bed")
    found = read_callable(path, load_contig_names(reference, GenomeBuild.GRCH38))
    assert found.covers("2", 11, 20)


SIDE_FILES = ("sheet", "HLA", "HLA, in two rows", "classes", "BED", "outside calls")


@pytest.mark.parametrize("reader", SIDE_FILES)
@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("pipe", "a pipe or a device"),
        ("device", "a pipe or a device"),
        ("folder", "a folder"),
        ("nothing", "no file at this path"),
        ("huge", "MB"),
    ],
)
def test_what_is_no_file_of_text_is_refused_by_every_reader(
    reference, tmp_path, monkeypatch, reader, kind, found
):
    """None waits for a pipe, and none reads a file of any size."""
    monkeypatch.setattr("epilepsy_pgx.intake.table.read_bytes.__defaults__", (100,))
    for kind_ in ResultKind:
        monkeypatch.setitem(MOST_BYTES, kind_, 100)
    path = tmp_path / "given"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path = Path("/dev/zero")
    elif kind == "folder":
        path.mkdir()
    elif kind == "huge":
        path.write_text("a\tb\n" * 100)
    names = load_contig_names(reference, GenomeBuild.GRCH38)
    sequences = open_sequences(reference, GenomeBuild.GRCH38)
    readers = {
        "sheet": lambda: read_sheet(path, reference),
        "HLA": lambda: read_hla(path, frozenset({"HLA-B"})),
        "HLA, in two rows": lambda: (
            names_no_sample(path, ResultKind.HLA) or read_hla(path, frozenset())
        ),
        "classes": lambda: read_classifications(path, GenomeBuild.GRCH38, reference, sequences),
        "BED": lambda: read_callable(path, names),
        "outside calls": lambda: read_gene_calls(path, load_outside_tables(reference), {}),
    }
    with pytest.raises(InputError, match=found):
        readers[reader]()


@pytest.mark.parametrize("cut", range(1, len(ROW), 3))
def test_no_cut_of_the_last_row_is_read(reference, tmp_path, cut):
    path = write(tmp_path, f"{HEAD}\n{OTHER}\n{ROW[:cut]}")
    try:
        sheet = read_sheet(path, reference)
    except InputError:
        return
    # Only the last cell can be cut and still be there: then it is at fault.
    assert [f.sample_id for f in sheet.faulty] == ["P1"] or [
        d.known for r in sheet.rows if r.sample_id == "P1" for d in r.clinical.current
    ] in ([True], [False])


def test_a_table_keeps_its_lines(tmp_path):
    table = read_table(write(tmp_path, "a\tb\n\n1\t2\n# x\n3\t4\n"), "check")
    assert table.rows == ((3, {"a": "1", "b": "2"}), (5, {"a": "3", "b": "4"}))


@pytest.mark.parametrize(
    "above", ["# exported on Monday\n", "# one\n\n# two\t\t\n", '"# quoted"\n']
)
def test_notes_above_the_header_are_passed_over(reference, tmp_path, above):
    sheet = read_sheet(
        write(tmp_path, above + "sample_id\tvcf\tbuild\nP1\ta.vcf\tGRCh38\n"), reference
    )
    assert [r.sample_id for r in sheet.rows] == ["P1"]


@pytest.mark.parametrize(
    ("word", "near"), [("F", "female"), ("m", "male"), ("y", "yes"), ("", None), ("Ada", None)]
)
def test_a_word_cut_short_has_a_suggestion(word, near):
    assert nearest(word, ("female", "male", "yes", "no")) == near
