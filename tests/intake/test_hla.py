"""HLA rows: the locus and the allele are two statements of one thing; no row is dropped."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epilepsy_pgx.calling.outside_calls import hla_result
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.hla import HLA_COLUMNS, HlaNames, locus_name, parse_hla_allele, read_hla
from epilepsy_pgx.intake.outside_calls import read_outside_calls
from epilepsy_pgx.intake.outside_tables import load_outside_tables
from tests.drawing import examples

LOCI = frozenset({"HLA-A", "HLA-B"})
CURATED = ["*15:02", "*40:01", "*57:01"]


def typed(folder, reference, *rows):
    path = folder / "hla.tsv"
    lines = ["\t".join(HLA_COLUMNS), *("\t".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_hla(path, LOCI, HlaNames.of(reference))


def row(gene="HLA-B", first="15:02", second="40:01", method="clinical", date="2026-03-02"):
    return ("P1", gene, first, second, method, "Lab", date)


@pytest.mark.parametrize(
    "gene", ["HLA-B", "B", "hla-b", "HLA_B", "HLA B", "HLAB", "b", "HLA-B*", "ＨＬＡ-Ｂ"]
)
def test_a_locus_as_people_write_it(tmp_path, reference, gene):
    (typing,) = typed(tmp_path, reference, row(gene))["P1"]
    assert typing.gene == locus_name(gene) == "HLA-B"


@pytest.mark.parametrize(
    "name",
    [
        "15:02",
        "*15:02",
        "B*15:02",
        "HLA-B*15:02",
        "B15:02",
        "b*15:02",
        "B*1502",
        "*1502",
        "B*15:02:01G",
        "B*15:02P",
        "B*150201",
        "HLA-B* 15:02",
        "15:02/15:02:01",
    ],
)
def test_an_allele_as_people_write_it(tmp_path, reference, name):
    (typing,) = typed(tmp_path, reference, row(first=name))["P1"]
    assert hla_result("HLA-B", typing, CURATED).alleles_present == ("*15:02", "*40:01")


@pytest.mark.parametrize(
    ("bad", "column"),
    [
        (row("HLA-Bw"), "gene"),
        (row("B1"), "gene"),
        (row(""), "gene"),
        (row("HLA-8"), "gene"),
        (row("DRB"), "gene"),
        (row("HLA-A"), "allele_1"),
        (row(first="A*15:02"), "allele_1"),
        (row(second="HLA-C*07:02"), "allele_2"),
        (row(first="B*15:02/A*31:01"), "allele_1"),
        (row(first="positive"), "allele_1"),
        (row(first="-"), "allele_1"),
        (row(second="n/a"), "allele_2"),
        (row(first="B75"), "allele_1"),
        (row(first="75"), "allele_1"),
        (row(first="62:01"), "allele_1"),
        (row(first="16:02"), "allele_1"),
        (row(first="15.02"), "allele_1"),
        (row(first="15:O2"), "allele_1"),
        (row(first="15:02e"), "allele_1"),
        (row(first="15:002"), "allele_1"),
        (row(first="15:00"), "allele_1"),
        (row(first="B*1500"), "allele_1"),
        (row(first="B*15020"), "allele_1"),
        (row(method="accredited"), "method"),
        (row(method=""), "method"),
        (row(date="02.03.2026"), "date"),
        (row(date="2026-3-2"), "date"),
    ],
)
def test_a_row_that_cannot_be_read_fails_its_sample_alone(tmp_path, reference, bad, column):
    other = ("P2", *row()[1:])
    if column == "allele_1" and bad[1] == "HLA-A":
        bad = ("P1", "HLA-A", "B*15:02", *bad[3:])
    found = typed(tmp_path, reference, bad, other)
    assert isinstance(found["P1"], InputError)
    assert column in {p.column for p in found["P1"].problems}
    assert all(p.line == 2 and p.fix for p in found["P1"].problems)
    assert len(found["P2"]) == 1


@pytest.mark.parametrize("again", [row(), row(first="07:02"), row("B")])
def test_a_locus_twice_is_never_settled_by_the_order_of_rows(tmp_path, reference, again):
    assert isinstance(typed(tmp_path, reference, row(), again)["P1"], InputError)


def test_loci_that_no_rule_asks_for_are_known(tmp_path, reference):
    rows = [
        ("P1", gene, "01:01", "02:01", "clinical", "Lab", ".")
        for gene in ("DRB1", "HLA-DQB1", "C", "DPB1", "MICA")
    ]
    assert [t.gene for t in typed(tmp_path, reference, *rows, row())["P1"]] == ["HLA-B"]


@pytest.mark.parametrize(
    ("name", "absent"), [("40/15:02", ["*57:01"]), ("15/40", ["*57:01"]), ("57:XX/15:02", [])]
)
def test_no_name_that_an_allele_may_have_is_excluded(name, absent, tmp_path, reference):
    (typing,) = typed(tmp_path, reference, row(first=name, second="07:02"))["P1"]
    left = hla_result("HLA-B", typing, CURATED)
    assert list(left.alleles_absent) == [a for a in absent if a[1:3] not in name] or not absent


def test_an_allele_that_may_be_expressed_is_not_excluded(tmp_path, reference):
    (typing,) = typed(tmp_path, reference, row(first="15:02/15:02N"))["P1"]
    assert "*15:02" in hla_result("HLA-B", typing, CURATED).alleles_present


@settings(max_examples=examples(300), deadline=None)
@given(data=st.data())
def test_a_garbled_cell_never_excludes_the_allele(tmp_path_factory, reference, data):
    """Of a typing with B*15:02, no garbled character of locus or allele excludes it in silence."""
    cells = list(row(gene="HLA-B", first="B*15:02", second="B*40:01"))
    which = data.draw(st.sampled_from([1, 2]))
    at = data.draw(st.integers(0, len(cells[which]) - 1))
    with_ = data.draw(st.sampled_from(["", "x", " ", "A", "-", ".", "*", ":", "_"]))
    cells[which] = cells[which][:at] + with_ + cells[which][at + 1 :]
    found = typed(tmp_path_factory.mktemp("hla"), reference, tuple(cells))["P1"]
    if isinstance(found, InputError):
        return
    result = hla_result("HLA-B", found[0], CURATED)
    assert "*15:02" not in result.alleles_absent or cells[2] in ("B*1:02", "B*5:02")


def test_names_of_loci_are_read_from_the_name(reference):
    assert parse_hla_allele("HLA-DRB1*15:01").loci == ("DRB1",)
    assert parse_hla_allele("B*15:02/15:13").loci == ("B",)
    assert HlaNames.of(reference).groups >= {"HLA-B*15", "HLA-A*31"}


@pytest.mark.parametrize(
    "cells",
    [
        ("15:02/15:25", "40:01"),
        ("15:25/15:02", "40:01"),
        ("B*15:25/B*15:02", "40:01"),
        ("HLA-B*15:02:01/HLA-B*15:11", "40:01"),
        ("40:01", "B*15:11/B*15:02"),
        ("15:02/40", "07:02"),
        ("/".join(f"15:{n:02}" for n in range(99, 0, -1)), "40:01"),
    ],
)
def test_one_of_several_names_is_asked_about_whatever_the_order_and_prefix(
    tmp_path, reference, cells
):
    (typing,) = typed(tmp_path, reference, row(first=cells[0], second=cells[1]))["P1"]
    result = hla_result("HLA-B", typing, CURATED)
    assert "*15:02" not in (*result.alleles_absent, *result.alleles_present)
    carrying = [p for p in result.diplotypes if "*15:02" in p]
    assert 0 < len(carrying) < len(result.diplotypes) <= 16


@pytest.mark.parametrize("cells", [("B*15:02/B*40:01", "."), ("", "15:02/40:01"), ("15:02/40", "")])
def test_both_alleles_in_one_cell_are_refused(tmp_path, reference, cells):
    found = typed(tmp_path, reference, row(first=cells[0], second=cells[1]))["P1"]
    assert isinstance(found, InputError)


@pytest.mark.parametrize("gene", ["HLA-C", "DRB1", "DQB1"])
def test_an_allele_of_an_asked_locus_in_a_row_of_another_is_not_dropped(tmp_path, reference, gene):
    rows = row(gene, "B*15:02", "B*40:01"), row("HLA-A", "02:01", "03:01")
    found = typed(tmp_path, reference, *rows)
    assert isinstance(found["P1"], InputError)


@pytest.mark.parametrize(
    "line",
    [
        "HLA-A\t*15:02/*40:01\t\t",
        "HLA-C\tB*15:02/B*40:01\t\t",
        "HLA-B\t*31:01/*02:01\t\t",
        "HLA-B\t*15:02/*40:01\t*15:02 negative\t",
        "HLA-B\t\t*15:02 positive;*15:02 negative\t",
    ],
)
def test_an_outside_typing_of_another_locus_or_against_itself_is_refused(tmp_path, reference, line):
    path = tmp_path / "o.tsv"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(InputError):
        read_outside_calls(path, load_outside_tables(reference))
