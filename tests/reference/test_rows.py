"""Each table has one record, which says of its columns what the schema says."""

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Literal, get_args, get_origin

import pytest

from epilepsy_pgx.errors import TableError
from epilepsy_pgx.reference.package import Reference, default_reference_dir, load_reference
from epilepsy_pgx.reference.rows import (
    ALLELES_BY_GENE,
    RECORDS,
    Allele,
    ClassifiedVariant,
    CuratedSite,
    CuratedTranscript,
    Drug,
    Gene,
    LoggedChange,
    TableRow,
    cell_readers,
)
from epilepsy_pgx.reference.schema import Column, read_schemas
from epilepsy_pgx.vocabulary import CallMethod

SCHEMAS, _ = read_schemas(default_reference_dir())
TYPES = {
    "string": {str},
    "integer": {int},
    "number": {Decimal},
    "boolean": {bool},
    "date": {dt.date},
}


def words_of(column: Column) -> frozenset[str] | None:
    return column.items.enum if column.delimiter else column.rule.enum


def test_every_table_has_one_record() -> None:
    assert sorted(r.TABLE for r in RECORDS) == sorted(SCHEMAS)


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.TABLE)
def test_record_and_schema_name_the_same_columns_alike(record: type[TableRow]) -> None:
    readers, columns = cell_readers(record), SCHEMAS[record.TABLE].columns
    assert [r.column for r in readers] == [c.name for c in columns]
    for reader, column in zip(readers, columns, strict=True):
        assert reader.required == column.required, column.name
        assert reader.listed == (column.delimiter is not None), column.name
        words = words_of(column)
        if get_origin(reader.kind) is Literal:
            assert set(get_args(reader.kind)) == words, column.name
        elif issubclass(reader.kind, StrEnum):
            assert words is not None, column.name
            assert words <= {w.value for w in reader.kind}, column.name
        else:
            yes_or_no = {bool} if words == {"yes", "no"} else set()
            assert reader.kind in TYPES[column.type] | yes_or_no, column.name


def test_shipped_tables_can_all_be_read() -> None:
    ref = load_reference()
    for record in RECORDS:
        assert len(ref.rows(record)) == len(ref.table(record.TABLE))


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.TABLE)
def test_a_row_is_written_as_it_was_read(record: type[TableRow]) -> None:
    ref = load_reference()
    raw = ref.table(record.TABLE).rows
    assert [row.cells() for row in ref.rows(record)] == [dict(row) for row in raw]
    assert [row.line for row in ref.rows(record)] == [row.line for row in raw]


def test_cells_become_values_of_their_type() -> None:
    ref = load_reference()
    gene = next(g for g in ref.rows(Gene) if g.gene == "SCN1A")
    assert gene.call_method is CallMethod.RARE_VARIANT
    assert gene.usual_allele is None
    assert gene.file == "genes.tsv"
    raw = next(r for r in ref.table("genes") if r["gene"] == "SCN1A")
    assert gene.line == raw.line
    assert (gene.grch38_start, gene.grch38_end) == gene.span("GRCh38")
    allele = ref.grouped(ALLELES_BY_GENE)["CYP2C9"][0]
    assert isinstance(allele.activity_value, Decimal)
    assert allele.usual is True
    assert all(t.exon_starts < t.exon_ends for t in ref.rows(CuratedTranscript))
    assert all(isinstance(n, int) for t in ref.rows(CuratedTranscript) for n in t.exon_starts)
    assert ref.rows(LoggedChange)[0].date.year >= 2026
    assert any(not d.groups for d in ref.rows(Drug))
    assert any(len(d.groups) > 1 for d in ref.rows(Drug))


def test_rows_are_read_once() -> None:
    ref = load_reference()
    assert ref.rows(Gene) is ref.rows(Gene)
    assert ref.grouped(ALLELES_BY_GENE) is ref.grouped(ALLELES_BY_GENE)


def test_groups_hold_each_row_once_in_file_order() -> None:
    ref = load_reference()
    groups = ref.grouped(ALLELES_BY_GENE)
    assert sorted((r for g in groups.values() for r in g), key=lambda r: r.line) == list(
        ref.rows(Allele)
    )
    assert all(len({r.gene for r in g}) == 1 for g in groups.values())


def test_places_are_those_of_the_build() -> None:
    ref = load_reference()
    site = ref.rows(CuratedSite)[0]
    assert site.place("GRCh38") == (site.grch38_pos, site.grch38_ref)
    assert site.place("GRCh37") == (site.grch37_pos, site.grch37_ref)
    variant = ref.rows(ClassifiedVariant)[0]
    assert variant.place("GRCh37") == (variant.grch37_pos, variant.grch37_ref, variant.grch37_alt)


def test_contigs_are_those_of_the_build() -> None:
    ref = load_reference()
    contigs = ref.contigs("GRCh38")
    assert contigs.lengths["1"] == 248956422
    assert contigs.accessions["X"] == "NC_000023.11"
    assert list(contigs.order.values()) == list(range(len(contigs.lengths)))
    assert ref.contigs("GRCh37").lengths["1"] == 249250621


def write_alleles(folder: Path, **cells: str) -> Reference:
    """Write a package of one allele, some of whose cells are given."""
    row = {
        "gene": "TOY1", "allele": "*1", "function": ".", "activity_value": "1.0", "tier": "core",
        "max_frequency": ".", "frequency_source": ".", "amp_tier": ".", "usual": "yes",
        "structural": "no", "structural_kind": ".", "seen_by": ".", "parent": ".",
        "reported_as": "*1", "verified": "yes", "source": "toy",
    } | cells  # fmt: skip
    text = "\t".join(row) + "\n" + "\t".join(row.values()) + "\n"
    (folder / "alleles.tsv").write_text(text, encoding="utf-8")
    return Reference(folder)


@pytest.mark.parametrize(
    ("column", "cell", "found", "expected"),
    [
        ("gene", ".", "nothing", "a value"),
        ("activity_value", "much", "much", "a number"),
        ("activity_value", "NaN", "NaN", "a number"),
        ("tier", "often", "often", "one of: core, rare"),
        ("usual", "perhaps", "perhaps", "one of: yes, no"),
    ],
)
def test_bad_cell_is_named(
    tmp_path: Path, column: str, cell: str, found: str, expected: str
) -> None:
    with pytest.raises(TableError) as caught:
        write_alleles(tmp_path, **{column: cell}).rows(Allele)
    (problem,) = caught.value.problems
    assert (problem.check, problem.file, problem.line, problem.column) == (
        "table-value", "alleles.tsv", 2, column,
    )  # fmt: skip
    assert (problem.found, problem.expected) == (found, expected)
    assert "reference check" in problem.fix


def test_every_bad_cell_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableError) as caught:
        write_alleles(tmp_path, usual="perhaps", gene=".").rows(Allele)
    assert [p.column for p in caught.value.problems] == ["gene", "usual"]


def test_column_of_a_curator_is_passed_over(tmp_path: Path) -> None:
    (row,) = write_alleles(tmp_path, own_note="x").rows(Allele)
    assert row.allele == "*1"


def test_number_keeps_its_digits(tmp_path: Path) -> None:
    (row,) = write_alleles(tmp_path, activity_value="0.50").rows(Allele)
    assert str(row.activity_value) == "0.50"
