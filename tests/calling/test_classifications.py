from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epilepsy_pgx.calling.class_file import (
    LaboratoryClasses,
    LaboratoryRow,
    check_form,
    read_classifications,
)
from epilepsy_pgx.calling.class_words import parse_class
from epilepsy_pgx.calling.classifications import add_written_proteins, match_classes
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.model import Alias, ClassificationRecord, VariantKey
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.variants.annotate import Annotator
from epilepsy_pgx.variants.hgvs import HgvsNamer
from epilepsy_pgx.variants.sequence import SequenceSource, open_sequences
from epilepsy_pgx.variants.transcripts import load_transcripts
from epilepsy_pgx.vocabulary import Classification, GenomeBuild, join_classes
from tests.drawing import examples
from tests.response.builders import variant

BUILD = GenomeBuild.GRCH38
C = Classification


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Pathogenic", C.PATHOGENIC),
        ("Likely_pathogenic", C.LIKELY_PATHOGENIC),
        ("Pathogenic/Likely_pathogenic", C.LIKELY_PATHOGENIC),
        ("Pathogenic/Likely_pathogenic|drug_response", C.LIKELY_PATHOGENIC),
        ("Pathogenic,_low_penetrance", C.PATHOGENIC),
        ("likely pathogenic", C.LIKELY_PATHOGENIC),
        ("Uncertain_significance", C.UNCERTAIN),
        ("VUS", C.UNCERTAIN),
        ("Conflicting_interpretations_of_pathogenicity", C.CONFLICTING),
        ("Conflicting_classifications_of_pathogenicity|other", C.CONFLICTING),
        ("Benign/Likely_benign", C.LIKELY_BENIGN),
        ("Benign", C.BENIGN),
        ("Pathogenic|Benign", C.CONFLICTING),
        ("Uncertain_significance&Likely_benign", C.CONFLICTING),
        ("5", C.PATHOGENIC),
        ("class 4", C.LIKELY_PATHOGENIC),
        ("drug_response", C.NOT_CLASSIFIED),
        ("not_provided", C.NOT_CLASSIFIED),
        ("risk_factor", C.NOT_CLASSIFIED),
        ("", C.NOT_CLASSIFIED),
        ("Pathogenicity unknown", None),
        ("6", None),
        ("non-pathogenic", None),
    ],
)
def test_words(text: str, expected: Classification | None) -> None:
    assert parse_class(text) is expected


def read(tmp_path: Path, toy: Reference, source: SequenceSource, text: str) -> LaboratoryClasses:
    path = tmp_path / "classes.tsv"
    path.write_text(text, encoding="utf-8")
    return read_classifications(path, BUILD, toy, source)


def records(classes: LaboratoryClasses, sample: str, key: VariantKey) -> list[Any]:
    """Return what a sample that carries one variant is told of it."""
    touched = cast(
        "Any",
        {
            key: (
                SimpleNamespace(
                    gene="FWD", transcript="NM_000001.1", hgvs_c=None, hgvs_p=None, aliases=()
                ),
            )
        },
    )
    return list(match_classes(classes.for_sample(sample), touched).classes.get(key, ()))


HEADER = "build\tchrom\tpos\tref\talt\tclass\tdate\tlaboratory\tsample_id\n"


def test_position_and_name_meet(
    tmp_path: Path, toy: Reference, toy_source: SequenceSource, genome: str
) -> None:
    base = genome[399]
    alt = "A" if base != "A" else "C"
    key = VariantKey("2", 400, base, alt)
    namer = HgvsNamer(load_transcripts(toy, BUILD), toy_source)
    name = namer.name(key, load_transcripts(toy, BUILD)["FWD"]).coding
    text = (
        "hgvs\tbuild\tchrom\tpos\tref\talt\tclass\tdate\tlaboratory\tsample_id\n"
        f"{name}\t.\t.\t.\t.\t.\tPathogenic\t2026-05-01\tLab A\t.\n"
        f".\tGRCh38\tchr2\t400\t{base}\t{alt}\tVUS\t.\tLab B\tS1\n"
    )
    classes = read(tmp_path, toy, toy_source, text)
    assert [r.classification for r in records(classes, "S2", key)] == [C.PATHOGENIC]
    assert [r.classification for r in records(classes, "S1", key)] == [C.UNCERTAIN, C.PATHOGENIC]
    (record,) = records(classes, "S2", key)
    assert (record.who, record.date, record.act) == ("Lab A", "2026-05-01", True)


def test_spelling_is_normalised(
    tmp_path: Path, toy: Reference, toy_source: SequenceSource, genome: str
) -> None:
    padded = f"GRCh38\t2\t396\t{genome[395:402]}\t{genome[395:399] + genome[400:402]}"
    bare = f"GRCh38\t2\t399\t{genome[398:400]}\t{genome[398]}"
    classes = read(
        tmp_path,
        toy,
        toy_source,
        HEADER + f"{padded}\tLP\t2026-05-01\tLab\t.\n{bare}\tLP\t2026-05-01\tLab\t.\n",
    )
    (key,) = {r.key for r in classes.rows}
    assert key is not None
    assert len(records(classes, "S1", key)) == 1


def test_all_problems_at_once(
    tmp_path: Path, toy: Reference, toy_source: SequenceSource, genome: str
) -> None:
    base = genome[399]
    wrong = "A" if base != "A" else "C"
    lines = [
        f"GRCh38\t2\t400\t{wrong}\t{base}\tPathogenic\t2026-05-01\tLab\t.",
        f"GRCh38\t2\t400\t{base}\t{wrong}\tbad\t2026-05-01\tLab\t.",
        f"GRCh38\t2\t400\t{base}\t{wrong}\tPathogenic\t01/05/2026\tLab\t.",
        f"GRCh38\t2\t400\t{base}\t{wrong}\tPathogenic\t2026-05-01\t.\t.",
        f"GRCh37\t2\t400\t{base}\t{wrong}\tPathogenic\t2026-05-01\tLab\t.",
        f"GRCh38\t2\tabc\t{base}\t{wrong}\tPathogenic\t2026-05-01\tLab\t.",
        f"GRCh38\t2\t400\t{base}\t<DEL>\tPathogenic\t2026-05-01\tLab\t.",
        f"GRCh38\t2\t400\t{base}\t.\tPathogenic\t2026-05-01\tLab\t.",
        ".\t.\t.\t.\t.\tPathogenic\t2026-05-01\tLab\t.",
        "GRCh38\t2",
        f"GRCh38\t2\t400\t{base}\t{wrong}\tdrug_response\t2026-05-01\tLab\t.",
        f"GRCh38\t2\t400\t{base}\t{wrong} {wrong}\tPathogenic\t2026-05-01\tLab\t.",
        f"GRCh38\t2\t400\t{base}\tN\tPathogenic\t2026-05-01\tLab\t.",
        f"GRCh38\t2\t400\t{base}\t{base}\tPathogenic\t2026-05-01\tLab\t.",
    ]
    with pytest.raises(InputError) as caught:
        read(tmp_path, toy, toy_source, HEADER + "\n".join(lines) + "\n")
    (number,) = (p for p in caught.value.problems if p.line == 7)
    assert (number.column, number.found) == ("pos", "no number")
    found = {(p.line, p.check) for p in caught.value.problems}
    assert found == {
        (2, "classes-reference"),
        (3, "classes-class"),
        (4, "classes-date"),
        (5, "classes-laboratory"),
        (6, "classes-build"),
        (7, "classes-position"),
        (8, "classes-alleles"),
        (9, "classes-position"),
        (10, "classes-variant"),
        (11, "classes-cells"),
        (12, "classes-class"),
        (13, "classes-alleles"),
        (14, "classes-alleles"),
        (15, "classes-alleles"),
    }


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("NM_000001.2:c.1A>G", "classes-transcript"),
        ("c.1A>G", "classes-transcript"),
        ("NM_000001.1:p.Met1Val", "classes-transcript"),
        ("NM_000001.1:c.1C>G", "classes-name"),
        ("NM_000001.1:c.99999A>G", "classes-name"),
    ],
)
def test_names_that_cannot_be_read(
    tmp_path: Path, toy: Reference, toy_source: SequenceSource, name: str, check: str
) -> None:
    """Such a row stops nobody: it is kept without a variant, and the report names it."""
    classes = read(
        tmp_path, toy, toy_source, f"hgvs\tclass\tdate\tlaboratory\n{name}\tPathogenic\t.\tLab\n"
    )
    (row,) = classes.for_sample("S1")
    assert (row.key, row.line, row.variant) == (None, 2, name)
    assert row.doubt == check.replace("classes-", "class-unused-")
    # A change of the protein names no transcript that could be another.
    why = "class-unused-protein-none" if ":p." in row.variant else row.doubt
    assert match_classes((row,), {}).unused == ((row, why),)


def test_name_and_position_must_agree(
    tmp_path: Path, toy: Reference, toy_source: SequenceSource, genome: str
) -> None:
    base = genome[399]
    alt = "A" if base != "A" else "C"
    classes = read(
        tmp_path,
        toy,
        toy_source,
        "hgvs\tbuild\tchrom\tpos\tref\talt\tclass\tdate\tlaboratory\n"
        f"NM_000001.1:c.1A>G\tGRCh38\t2\t400\t{base}\t{alt}\tPathogenic\t.\tLab\n",
    )
    with pytest.raises(InputError, match="classes-agree"):
        classes.for_sample("S1")


@pytest.mark.parametrize(
    "header",
    [
        "hgvs\tclass\tdate\n",
        "hgvs\tclass\tdate\tlaboratory\tlaboratory\n",
        "chrom\tpos\tclass\tdate\tlaboratory\n",
        "hgvs\tclass\tdate\tlaboratory\tscore\n",
        "",
    ],
)
def test_header(tmp_path: Path, toy: Reference, toy_source: SequenceSource, header: str) -> None:
    with pytest.raises(InputError, match="classes-columns") as caught:
        read(tmp_path, toy, toy_source, header)
    assert {p.line for p in caught.value.problems} <= {0, 1}
    if "score" in header:
        assert [(p.line, p.column) for p in caught.value.problems] == [(1, "score")]


def test_absent_file(tmp_path: Path, toy: Reference, toy_source: SequenceSource) -> None:
    with pytest.raises(InputError, match="classes-readable"):
        read_classifications(tmp_path / "no.tsv", BUILD, toy, toy_source)


def test_byte_order_mark_and_blank_lines(
    tmp_path: Path, toy: Reference, toy_source: SequenceSource
) -> None:
    classes = read(
        tmp_path,
        toy,
        toy_source,
        "\ufeffhgvs\tclass\tdate\tlaboratory\n\nNM_000001.1:c.1A>G\tPathogenic\t.\tLab\n\t\t\t\n",
    )
    assert [r.key is not None for r in classes.rows] == [True]


ONE, TWO = VariantKey("2", 400, "A", "C"), VariantKey("2", 500, "G", "T")


def carried(*keys: VariantKey) -> Any:
    """Return invented names of the variants that a sample carries."""
    names = {
        ONE: SimpleNamespace(
            gene="G",
            transcript="NM_1.4",
            hgvs_c="NM_1.4:c.664C>T",
            hgvs_p="p.(Arg222Ter)",
            aliases=(Alias("c.631C>T p.(Arg211Ter)", "short isoform"),),
        ),
        TWO: SimpleNamespace(
            gene="H",
            transcript="NM_2.1",
            hgvs_c="NM_2.1:c.664C>T",
            hgvs_p="p.(Pro222Ser)",
            aliases=(),
        ),
    }
    return {key: (names[key],) for key in keys}


def row(
    variant: str = "x",
    key: VariantKey | None = None,
    word: Classification = C.PATHOGENIC,
    line: int = 2,
    sample: str = "",
) -> LaboratoryRow:
    return LaboratoryRow(
        line,
        sample,
        variant,
        word.value,
        ClassificationRecord(word, "Lab", None, "laboratory file", act=True),
        key,
        "" if key else "class-unused-transcript",
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("NM_1.1:c.664C>T", ONE),
        ("NM_1:c.664C>T", ONE),
        ("G:c.664C>T", ONE),
        ("NM_9.1(G):c.664C>T", ONE),
        ("G:p.Arg222Ter", ONE),
        ("G:p.(Arg222*)", ONE),
        ("G p.Arg222Ter", ONE),
        ("NP_77.1:p.Arg222Ter", ONE),
        ("NM_8.2:c.631C>T", ONE),
        ("ENST1.1:c.631C>T (p.Arg211Ter)", ONE),
        ("H:c.664C>T", TWO),
        ("NM_8.2:c.664C>T", None),
        ("K:c.664C>T", None),
        ("G:c.665C>T", None),
        ("c.664C>T", None),
        ("p.Arg222Ter", None),
        ("anything", None),
        ("", None),
    ],
)
def test_a_name_in_another_numbering(name: str, expected: VariantKey | None) -> None:
    """It counts for the one variant of the patient that has it, and the misfit is named."""
    found = match_classes((row(name),), carried(ONE, TWO))
    assert list(found.classes) == ([expected] if expected else [])
    assert bool(found.inexact) is bool(expected)
    assert bool(found.unused) is not bool(expected)
    shown = {ONE: "G NM_1.4:c.664C>T p.(Arg222Ter)", TWO: "H NM_2.1:c.664C>T p.(Pro222Ser)"}
    assert [name for _, name in found.inexact] == ([shown[expected]] if expected else [])


@pytest.mark.parametrize("word", [C.BENIGN, C.LIKELY_BENIGN, C.UNCERTAIN])
def test_a_class_that_may_reassure_needs_an_exact_match(word: Classification) -> None:
    found = match_classes((row("G:c.664C>T", word=word),), carried(ONE))
    assert found.classes == {}
    assert [reason for _, reason in found.unused] == ["class-unused-inexact"]
    assert list(match_classes((row(key=ONE, word=word),), carried(ONE)).classes) == [ONE]


def test_rows_that_differ_are_told() -> None:
    rows = (row(key=ONE), row(key=ONE, word=C.BENIGN, line=3), row(key=TWO, line=4))
    found = match_classes(rows, carried(ONE, TWO))
    assert found.differing == (rows[:2],)
    assert [r.classification for r in found.classes[ONE]] == [C.PATHOGENIC, C.BENIGN]


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, ONE, TWO, VariantKey("3", 1, "A", "C")]),
            st.sampled_from(["G:c.664C>T", "K:c.1A>G", "H:p.Pro222Ser", "."]),
            st.sampled_from([C.PATHOGENIC, C.BENIGN, C.UNCERTAIN]),
        ),
        max_size=6,
    )
)
@settings(max_examples=examples(200), deadline=None)
def test_every_row_is_used_or_named(
    drawn: list[tuple[VariantKey | None, str, Classification]],
) -> None:
    rows = [row(name, key, word, n) for n, (key, name, word) in enumerate(drawn)]
    found = match_classes(rows, carried(ONE, TWO))
    named = {r.line for r, _ in found.unused}
    used = {r.line for r in rows} - named
    for one in rows:
        if one.line in used:
            assert any(one.record in records for records in found.classes.values())
    exact = {r.line for r in rows if r.key in (ONE, TWO)}
    assert exact <= used


def test_a_bad_cell_fails_its_own_sample(
    tmp_path: Path, toy: Reference, toy_source: SequenceSource
) -> None:
    classes = read(
        tmp_path,
        toy,
        toy_source,
        "hgvs\tclass\tdate\tlaboratory\tsample_id\n"
        "NM_000001.1:c.1A>G\tPathogenic\t.\tLab\tS1\n"
        "NM_000001.1:c.1A>G\tPathogenic\t31.12.2025\tLab\tS2\n"
        "NM_000001.1:c.1A>G\tworse than ever\t.\tLab\tS3\n",
    )
    assert len(classes.for_sample("S1")) == 1
    assert classes.for_sample("S4") == ()
    with pytest.raises(InputError) as caught:
        classes.for_sample("s1")
    assert str(caught.value) == (
        "classes.tsv: sample_id: found a sample id that differs from the sheet's in its letter case"
        " only, expected the sheet's spelling [classes-sample]. Correct the sample id."
    )
    for sample in ("S2", "S3"):
        with pytest.raises(InputError, match="classes-(date|class)"):
            classes.for_sample(sample)


def test_a_bad_cell_of_a_row_for_all_fails_all(
    tmp_path: Path, toy: Reference, toy_source: SequenceSource
) -> None:
    classes = read(
        tmp_path,
        toy,
        toy_source,
        "hgvs\tclass\tdate\tlaboratory\nNM_000001.1:c.1A>G\tbad\t.\tLab\n",
    )
    with pytest.raises(InputError, match="classes-class"):
        classes.for_sample("S1")


def test_a_position_of_another_build_beside_a_name(
    tmp_path: Path, toy: Reference, toy_source: SequenceSource
) -> None:
    classes = read(
        tmp_path,
        toy,
        toy_source,
        "hgvs\tbuild\tchrom\tpos\tref\talt\tclass\tdate\tlaboratory\n"
        "NM_000001.1:c.1A>G\tGRCh37\t2\t7\tA\tC\tPathogenic\t.\tLab\n",
    )
    (one,) = classes.rows
    assert one.key is not None
    assert not one.doubt


@pytest.mark.parametrize("column", range(8))
@pytest.mark.parametrize("cell", ["Ada Lovelace", "10.12.1815", "ada@x.org"])
def test_a_cell_in_the_wrong_column_is_not_repeated(
    tmp_path: Path, toy: Reference, toy_source: SequenceSource, genome: str, column: int, cell: str
) -> None:
    base = genome[399]
    row = ["GRCh38", "2", "400", base, "A" if base != "A" else "C", "benign", "2026-05-01", "Lab"]
    row[column] = cell
    classes = read(tmp_path, toy, toy_source, HEADER + "\t".join(row) + "\tS1\n")
    assert (column == HEADER.split("\t").index("laboratory")) is not bool(classes.faults)
    assert not any(cell in str(p) for p in classes.faults)


@pytest.mark.parametrize("chrom", ["2", "chr2", "CHR2", "Chr2"])
def test_a_chromosome_is_read_under_its_names(
    tmp_path: Path, toy: Reference, toy_source: SequenceSource, genome: str, chrom: str
) -> None:
    base = genome[399]
    alt = "A" if base != "A" else "C"
    for name in (chrom, toy_source.accessions["2"], toy_source.accessions["2"].lower()):
        row = f"GRCh38\t{name}\t400\t{base}\t{alt}\tbenign\t.\tLab\tS1\n"
        classes = read(tmp_path, toy, toy_source, HEADER + row)
        assert [r.key for r in classes.rows] == [VariantKey("2", 400, base, alt)]


@pytest.mark.parametrize(
    ("classes", "expected", "differ"),
    [
        ((C.PATHOGENIC, C.LIKELY_PATHOGENIC), C.LIKELY_PATHOGENIC, False),
        ((C.BENIGN, C.LIKELY_BENIGN), C.LIKELY_BENIGN, False),
        ((C.PATHOGENIC, C.BENIGN), C.CONFLICTING, True),
        ((C.LIKELY_PATHOGENIC, C.UNCERTAIN), C.CONFLICTING, True),
        ((C.LIKELY_BENIGN, C.UNCERTAIN), C.CONFLICTING, True),
        ((C.PATHOGENIC, C.LIKELY_PATHOGENIC, C.BENIGN), C.CONFLICTING, True),
        ((C.PATHOGENIC, C.PATHOGENIC), C.PATHOGENIC, False),
    ],
)
def test_neighbouring_classes_do_not_conflict(
    classes: tuple[C, ...], expected: C, differ: bool
) -> None:
    assert join_classes(classes) is expected
    rows = tuple(row(f"{ONE}", key=ONE, word=word) for word in classes)
    assert bool(match_classes(rows, carried(ONE)).differing) is differ


def test_a_spreadsheet_and_remarks_are_read(
    tmp_path: Path, toy: Reference, toy_source: SequenceSource
) -> None:
    quoted = '"NM_000001.1:c.1A>G"\t"Pathogenic"\t"2026-05-01"\t"Lab, ward"\t\t\n'
    text = f'# our classes\n"hgvs"\t"class"\t"date"\t"laboratory"\t\t\n# a remark\n{quoted}'
    (one,) = read(tmp_path, toy, toy_source, text).rows
    assert (one.line, one.record.who, one.record.date) == (4, "Lab, ward", "2026-05-01")
    check_form(tmp_path / "classes.tsv")


def test_a_variant_is_not_repeated_in_a_log(
    tmp_path: Path, toy: Reference, toy_source: SequenceSource
) -> None:
    rows = "NM_000001.9:c.4G>T\tPathogenic\t.\tLab\nNM_000001.1:c.4N>T\tPathogenic\t.\tLab\nx\n"
    with pytest.raises(InputError) as caught:
        read(tmp_path, toy, toy_source, f"hgvs\tclass\tdate\tlaboratory\n{rows}")
    assert [p.line for p in caught.value.problems] == [2, 3, 4]
    assert not any("c.4" in str(p) for p in caught.value.problems)


@pytest.mark.parametrize("word", ["pathogenic", "benign"])
@pytest.mark.parametrize(
    ("written", "at", "used"),
    [
        # One C more among nine: all these bases are told by listed variants.
        ("NM_145239.3:c.649dup", 0, True),
        ("NM_145239.3:c.649dupC", 0, True),
        ("NM_145239.3:c.649dupG", 0, False),
        ("NC_000016.10:g.29813703dup", 0, True),
        ("NC_000016.10:g.29813703_29813704insC", 0, True),
        ("NC_000016.10:g.29813703_29813704insG", 0, False),
        ("GRCh38-16-29813703-C-CC", -9, True),
        ("GRCh38-16-29813694-G-GC", 0, True),
        ("GRCh38-16-29813694-G-GCC", 0, False),
        # In a stretch of which nothing is told, the place and what is added decide.
        ("NC_000016.10:g.29813940_29813941insTA", 237, True),
        ("NC_000016.10:g.29813940_29813941insTG", 237, False),
        ("NC_000016.10:g.29813942_29813943insTA", 237, None),
        ("NC_000016.10:g.29813941_29813942insTA", 237, False),
        ("GRCh38-16-29813942-A-ATA", 237, None),
    ],
)
def test_an_indel_is_found_in_any_spelling_without_bases(
    tmp_path: Path, package: Reference, written: str, at: int, used: bool | None, word: str
) -> None:
    """None: bases that are not known decide, and a class that reassures is not used."""
    source = open_sequences(package, GenomeBuild.GRCH38)
    pos = 29813703 + at
    base, unit = {0: ("C", "C"), -9: ("G", "C"), 237: ("C", "TA")}[at]
    key = VariantKey("16", pos, base, base + unit)
    path = tmp_path / "classes.tsv"
    path.write_text(f"hgvs\tclass\tlaboratory\n{written}\t{word}\tL\n", encoding="utf-8")
    rows = read_classifications(path, GenomeBuild.GRCH38, package, source).rows
    annotator = Annotator(package, GenomeBuild.GRCH38, source)
    found = match_classes(rows, annotator.annotate([key]), annotator.listed.compare)
    taken = used or (used is None and word != "benign")
    assert list(found.classes) == ([key] if taken else [])
    assert bool(found.inexact) is (used is None and taken)
    if used is None:
        told = found.unused if word == "benign" else [(r, r.doubt) for r, _ in found.inexact]
        assert [reason for _, reason in told] == ["class-unused-spelling"]


@pytest.mark.parametrize(("date", "fault"), [("2026-11-28", ""), ("2026-11-29", "classes-date")])
def test_no_class_is_of_a_day_to_come(
    tmp_path: Path, package: Reference, shipped: SequenceSource, date: str, fault: str
) -> None:
    path = tmp_path / "classes.tsv"
    path.write_text(
        f"hgvs\tclass\tlaboratory\tdate\nNM_001165963.4:c.664C>T\tpathogenic\tL\t{date}\n",
        encoding="utf-8",
    )
    read = read_classifications(path, shipped.build, package, shipped, "2026-11-28")
    assert [p.check for p in read.faults] == ([fault] if fault else [])
    assert len(read.rows) == (not fault)


def test_a_class_of_a_variant_that_nobody_carries_is_named() -> None:
    absent = row(key=TWO)
    assert match_classes((absent,), carried(ONE)).unused == ((absent, "class-unused-absent"),)


@pytest.mark.parametrize(
    ("coding", "alleles", "written", "taken"),
    [
        ("c.1618C>T", "C>T", "G:p.Gln540Ter", True),
        ("c.1618C>T", "C>T", "G p.(Q540*)", True),
        ("c.1618C>T", "C>T", "NP_1.1(G):p.Gln540Ter", True),
        # The codon, the first or the second amino acid is another one, or the gene is.
        ("c.1618C>T", "C>T", "G:p.Gln541Ter", False),
        ("c.1618C>T", "C>T", "G:p.Gln540Arg", False),
        ("c.1618C>T", "C>T", "G:p.Glu540Ter", False),
        ("c.1618C>T", "C>T", "K:p.Gln540Ter", False),
        ("c.1618-1C>T", "C>T", "G:p.Gln540Ter", False),
        ("c.*3C>T", "C>T", "G:p.Gln540Ter", False),
        # A shifted frame is named where the protein first differs.
        ("c.1618del", "AC>A", "G:p.Gln540ArgfsTer9", True),
        ("c.1618del", "AC>A", "G:p.Val542fs", True),
        ("c.1618del", "AC>A", "G:p.Gln540del", False),
        ("c.1618_1620del", "ACAG>A", "G:p.Gln540del", True),
        ("c.1618_1620del", "ACAG>A", "G:p.Gln540fs", False),
        ("c.1618_1619delinsTA", "CA>TA", "G:p.Gln540Ter", True),
        ("c.1618_1619insT", "A>AT", "G:p.Gln540Ter", True),
    ],
)
def test_a_change_of_the_protein_is_told_by_its_place_without_bases(
    coding: str, alleles: str, written: str, taken: bool
) -> None:
    """For a class that warns; one that may reassure is never taken so."""
    key = VariantKey("6", 100, *alleles.split(">"))
    one = SimpleNamespace(
        gene="G", transcript="NM_1.4", hgvs_c=f"NM_1.4:{coding}", hgvs_p=None, aliases=()
    )
    annotations: Any = {key: (one,)}
    found = match_classes((row(written),), annotations)
    assert list(found.classes) == ([key] if taken else [])
    assert [r.doubt for r, _ in found.inexact] == (["class-unused-protein"] if taken else [])
    soft = match_classes((row(written, word=C.BENIGN),), annotations)
    assert not soft.classes
    assert len(soft.unused) == 1


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("SCN5A p.Gly1637Val", True),
        ("SCN5A p.(Gly1638Val)", True),
        ("SCN5A p.Gly1639Val", False),
        ("SCN5A p.Gly1638Ter", False),
    ],
)
def test_a_change_of_the_protein_is_told_in_every_numbering(written: str, taken: bool) -> None:
    """The literature counts the longer isoform."""
    aliases = (Alias("c.4913G>T", "2016-residue isoform"),)
    one = SimpleNamespace(
        gene="SCN5A", transcript="NM_1.4", hgvs_c="NM_1.4:c.4910G>T", hgvs_p=None, aliases=aliases
    )
    annotations: Any = {ONE: (one,)}
    assert bool(match_classes((row(written),), annotations).classes) is taken


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("NM_130838.2:c.1633G>A", True),
        ("NM_130838.4(UBE3A):c.1633G>A", True),
        ("UBE3A:c.1633G>A", True),
        ("SYNGAP1:c.1633G>A", False),
        ("NM_006772.3:c.1633G>A", False),
        ("NM_006772.2:c.1633G>A", False),
        ("NM_000001.1(NOGENE):c.1633G>A", False),
        ("NM_130838.2 exon 9 c.1633G>A", True),
        ("UBE3A p.Gly545Arg", True),
        ("NP_570853.1:p.Gly545Arg", True),
        ("SYNGAP1 p.Gly545Arg", False),
        ("NP_000001.1(SYNGAP1):p.Gly545Arg", False),
    ],
)
def test_a_name_in_another_numbering_stays_in_its_gene(
    tmp_path: Path, package: Reference, written: str, taken: bool
) -> None:
    """`c.1633G>A` on another gene is no variant of this one."""
    sequences = open_sequences(package, BUILD)
    key = VariantKey("15", 25360443, "C", "T")
    annotations = Annotator(package, BUILD, sequences).annotate([key])
    text = f"hgvs\tclass\tlaboratory\tsample_id\n{written}\tPathogenic\tLab A\t.\n"
    classes = read(tmp_path, package, sequences, text)
    assert bool(match_classes(classes.rows, annotations).classes) is taken


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("NC_000002.12:g.166007000G>A", "class-unused-outside"),
        ("2-166007000-G-A\tGRCh38", "class-unused-outside"),
        ("NC_000006.12:g.33420400_33420401insA", "class-unused-outside"),
        ("NC_000006.12:g.33420400_33420402del", "class-unused-outside"),
        ("SYNGAP1:c.67+69_67+70insA", "class-unused-outside"),
        ("NM_006772.3:c.67+70del", "class-unused-outside"),
        ("NM_006772.2:c.67+70G>A", "class-unused-outside"),
        ("NM_006772.3:c.91C>T", "class-unused-absent"),
        ("NM_006772.3:c.67+2T>A", "class-unused-absent"),
        ("NM_999999.1:c.67+70G>A", "class-unused-transcript"),
    ],
)
def test_what_lies_where_nothing_is_read_is_not_called_absent(
    tmp_path: Path, package: Reference, name: str, reason: str
) -> None:
    targets = load_targets(package, BUILD)
    text = "hgvs\tbuild\tclass\tlaboratory\tsample_id\n"
    name, _, build = name.partition("\t")
    text += f"{name}\t{build or '.'}\tPathogenic\tLab A\t.\n"
    classes = read(tmp_path, package, targets.sequences, text)
    matched = match_classes(classes.rows, {}, read=targets.read)
    assert [why for _, why in matched.unused] == [reason]
    assert not match_classes(classes.rows, {}).unused[0][1] == "class-unused-outside"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("K:p.Gln540Ter", "class-unused-protein-none"),
        ("NG_9.1:g.1000A>T", "class-unused-sequence"),
        ("rs12345", "class-unused-unread"),
        ("NM_9.1:c.5A>T", "class-unused-transcript"),
    ],
)
def test_a_row_that_fits_nothing_says_why(written: str, reason: str) -> None:
    assert [why for _, why in match_classes((row(written),), carried(ONE)).unused] == [reason]


@pytest.mark.parametrize("ours", [None, "p.(Arg31Ter)"])
def test_the_laboratorys_protein_change_is_kept_as_its_own(
    tmp_path: Path, toy: Reference, toy_source: SequenceSource, ours: str | None
) -> None:
    """Where we have no p. name, that beside the laboratory's c. name is shown with who wrote it."""
    text = (
        "hgvs\tclass\tdate\tlaboratory\tsample_id\n"
        "NM_000009.1:c.91C>T (p.R31*)\tPathogenic\t2026-05-01\tLab A\t.\n"
    )
    key = VariantKey("6", 400, "C", "T")
    site = cast(
        "Any",
        SimpleNamespace(
            gene="G",
            transcript="NM_000009.1",
            hgvs_c="NM_000009.1:c.91C>T",
            hgvs_p=ours,
            aliases=(),
        ),
    )
    classes = read(tmp_path, toy, toy_source, text)
    matched = match_classes(classes.for_sample("S1"), {key: (site,)})
    found = replace(variant("G", protein=ours), key=key)
    (named,) = add_written_proteins([found], matched)
    assert named.classifications == found.classifications
    assert (named.hgvs_p, named.direction) == (ours, found.direction)
    assert named.aliases == (() if ours else (Alias("p.Arg31Ter", "Lab A"),))
