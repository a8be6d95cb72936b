"""A class in INFO belongs to one allele; what cannot be read or placed is said."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from epilepsy_pgx.calling.class_words import load_class_words, read_class
from epilepsy_pgx.pipeline.extract import CLASS_ELSEWHERE, extract_group
from epilepsy_pgx.pipeline.listing import list_variants
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.reference.rows import ClassWord
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.variants.infoclass import assign_classes
from epilepsy_pgx.vocabulary import Classification, GenomeBuild
from tests.drawing import examples

C = Classification
P, LP, U, LB, B = C.PATHOGENIC, C.LIKELY_PATHOGENIC, C.UNCERTAIN, C.LIKELY_BENIGN, C.BENIGN
NONE, CONFLICT = C.NOT_CLASSIFIED, C.CONFLICTING
OLD = (
    "Variant Clinical Significance, 0 - Uncertain significance, 1 - not provided, 2 - Benign, "
    "3 - Likely benign, 4 - Likely pathogenic, 5 - Pathogenic, 6 - drug response, "
    "7 - histocompatibility, 255 - other"
)
CSQ = "Consequence annotations from Ensembl VEP. Format: Allele|Consequence|SYMBOL|CLIN_SIG"
ANN = "Functional annotations: 'Allele | Annotation | CLIN_SIG'"

WORDS = [
    # text, what bare numbers mean, class, words that are not known
    ("Pathogenic", "open", P, 0),
    ("pathogenic", "open", P, 0),
    ("P", "open", P, 0),
    ("PATH", "open", P, 0),
    ("5", "open", P, 0),
    ("5.0", "open", P, 0),
    ("Class 5", "open", P, 0),
    ("class_5", "open", P, 0),
    ("C5", "open", P, 0),
    ("ACMG 5", "open", P, 0),
    ("ACMG:5", "open", P, 0),
    ("class V", "open", P, 0),
    ("5 - Pathogenic", "open", P, 0),
    ("Pathogenic (class 5)", "open", P, 0),
    ("Pathogenic,_low_penetrance", "open", P, 0),
    ("Pathogenic|drug_response", "open", P, 0),
    ("Pathogenic&risk_factor", "open", P, 0),
    ("Pathogenic\\x2c_other", "open", P, 0),
    ("Pathogenic%2Cother", "open", P, 0),
    ("Pathogenic\\x3bother", "open", P, 0),
    ("Class\\x3d5", "open", P, 0),
    ("Pathogenic%3Bother", "open", P, 0),
    ("Patog\u00e9nica", "open", P, 0),
    ("5|255", "open", P, 0),
    ("5|255", "clinvar", P, 0),
    ("5|5|1", "clinvar", P, 0),
    ("Likely_pathogenic", "open", LP, 0),
    ("likely-pathogenic", "open", LP, 0),
    ("LPATH", "open", LP, 0),
    ("LP", "open", LP, 0),
    ("P/LP", "open", LP, 0),
    ("Pathogenic/Likely_pathogenic", "open", LP, 0),
    ("ACMG class 4", "open", LP, 0),
    ("Pathogenic/Likely_pathogenic/Pathogenic,_low_penetrance", "open", LP, 0),
    ("Pathogenic/Likely_pathogenic\\x2c_other", "open", LP, 0),
    ("4", "open", LP, 0),
    ("probable-pathogenic", "open", LP, 0),
    ("4|5", "clinvar", LP, 0),
    ("Uncertain_significance", "open", U, 0),
    ("VUS", "open", U, 0),
    ("VOUS", "open", U, 0),
    ("class 3", "open", U, 0),
    ("3", "acmg", U, 0),
    ("0", "clinvar", U, 0),
    ("Likely_benign", "open", LB, 0),
    ("LB", "open", LB, 0),
    ("3", "clinvar", LB, 0),
    ("probable-non-pathogenic", "open", LB, 0),
    ("Benign/Likely_benign", "open", LB, 0),
    ("2", "acmg", LB, 0),
    ("Benign", "open", B, 0),
    ("2", "clinvar", B, 0),
    ("1", "acmg", B, 0),
    ("Conflicting_interpretations_of_pathogenicity", "open", CONFLICT, 0),
    ("conflicting_classifications_of_pathogenicity|other", "open", CONFLICT, 0),
    ("benign&pathogenic", "open", CONFLICT, 0),
    ("2|5", "clinvar", CONFLICT, 0),
    ("Pathogenic(3)\\x2cBenign(1)", "open", CONFLICT, 0),
    ("drug_response", "open", NONE, 0),
    ("risk_factor", "open", NONE, 0),
    ("not_provided", "open", NONE, 0),
    ("no_classification_for_the_single_variant", "open", NONE, 0),
    ("255", "open", NONE, 0),
    ("1", "clinvar", NONE, 0),
    (".", "open", NONE, 0),
    # Two readings of a number: never the reassuring one.
    ("3", "open", U, 0),
    ("2", "open", LB, 0),
    ("1", "open", NONE, 0),
    # Words that no table knows.
    ("Pathogenicity_unclear", "open", NONE, 1),
    ("non-pathogenic", "open", NONE, 1),
    ("Pathogenic|brand_new_word", "open", P, 1),
    ("Benign|brand_new_word", "open", NONE, 1),
    ("True", "open", NONE, 1),
    ("9", "acmg", NONE, 1),
]


@pytest.mark.parametrize(("text", "coding", "expected", "unknown"), WORDS)
def test_words(text, coding, expected, unknown):
    found = read_class(text, load_class_words(), coding)
    assert (found.classification, len(found.unknown)) == (expected, unknown)


@given(
    st.from_regex(r"[a-z]{2,12}( [a-z]{2,9})?", fullmatch=True),
    st.sampled_from(["|", "&", ",", ";", "/", "\\x2c", "%2C"]),
)
@settings(max_examples=examples(300), deadline=None)
def test_a_word_that_no_table_knows_is_named(word, sign):
    """It never reassures, alone or beside a class, and never takes a pathogenic one away."""
    words = load_class_words()
    assume(word not in words.plain)
    for beside, expected in (("", NONE), ("Benign", NONE), ("VUS", NONE), ("Pathogenic", P)):
        found = read_class(sign.join(filter(None, [beside, word])), words, "open")
        assert found.unknown == (word,)
        assert found.classification is expected


def test_every_listed_word_is_read_as_listed(reference):
    words = load_class_words(reference)
    for row in reference.rows(ClassWord):
        coding = "open" if row.coding == "any" else row.coding
        found = read_class(row.word, words, coding)
        assert (found.unknown, found.classification) == ((), row.classification), row


ALLELES = [
    # value, alternative alleles, Number, class of each; None where it cannot be told
    ("P", "A", "1", ["P"]),
    ("P", "A", ".", ["P"]),
    ("P", "A", "A", ["P"]),
    ("P,_other", "A", "A", ["P,_other"]),
    ("B,P", "A", "R", ["P"]),
    ("B,P", "A", ".", ["B,P"]),
    ("B,P", "A", "A", None),
    ("P", "A", "R", None),
    ("P", "A", "G", None),
    ("P", "A,T", ".", None),
    ("P", "A,T", "1", None),
    ("P", "A,T", "A", None),
    ("B,P", "A,T", ".", ["B", "P"]),
    ("B,P", "A,T", "A", ["B", "P"]),
    (".,P", "A,T", "A", [".", "P"]),
    ("P,_other,B", "A,T", ".", ["P,_other", "B"]),
    ("B,P,LP", "A,T", "R", ["P", "LP"]),
    ("B,P,LP", "A,T", ".", ["P", "LP"]),
    ("B,P,LP,U", "A,T", ".", None),
    ("B,P", "A,T,C", ".", None),
    ("B,P", "A,T", "G", None),
    ("P", "A,<NON_REF>", ".", ["P", "."]),
    ("P", "A,<NON_REF>", "A", ["P", "."]),
    ("P", "A,*", "1", ["P", "."]),
    ("P,.", "A,*", "A", ["P", "."]),
    (".,P", "*,A", ".", [".", "P"]),
    ("B,P", "A,*,T", ".", ["B", ".", "P"]),
]


@pytest.mark.parametrize(("text", "alts", "number", "expected"), ALLELES)
def test_lists(text, alts, number, expected):
    assert assign_classes(text, alts.split(","), number) == expected


@given(
    st.lists(st.sampled_from(["P", "B", "."]), min_size=1, max_size=5),
    st.integers(1, 4),
    st.sampled_from(["A", "R", ".", "1", "G"]),
)
@settings(max_examples=examples(300), deadline=None)
def test_a_list_gives_each_allele_its_place_or_none(words, count, number):
    alts = ["A", "C", "T", "AA"][:count]
    found = assign_classes(",".join(words), alts, number)
    if found is None or count == 1:
        return
    assert len(found) == count
    assert found == words[-count:]


def read(reference, folder, header, info, genotype="0/2", alts="A,T", field="CLNSIG"):
    path = folder / "a.vcf"
    path.write_text(
        "##fileformat=VCFv4.2\n##contig=<ID=chr2,length=242193529>\n" + header + "\n"
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">\n'
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
        f"chr2\t166052882\t.\tG\t{alts}\t.\tPASS\t{info}\tGT\t{genotype}\n"
    )
    targets = load_targets(reference, GenomeBuild.GRCH38)
    return extract_group([path], None, None, targets, reference, Thresholds(class_field=field))


def info_line(name, number, kind, about="class"):
    return f'##INFO=<ID={name},Number={number},Type={kind},Description="{about}">'


@pytest.mark.parametrize(
    ("header", "info", "field", "expected"),
    [
        # The sample carries the second allele, T.
        (info_line("CLNSIG", ".", "String"), "CLNSIG=Pathogenic", "CLNSIG", "misfit"),
        (info_line("CLNSIG", "1", "String"), "CLNSIG=Pathogenic", "CLNSIG", "misfit"),
        (info_line("CLNSIG", "A", "String"), "CLNSIG=Pathogenic,Benign", "CLNSIG", "Benign"),
        (info_line("CLNSIG", "A", "String"), "CLNSIG=Pathogenic,.", "CLNSIG", None),
        (info_line("CLNSIG", "R", "String"), "CLNSIG=.,Pathogenic,LB", "CLNSIG", "LB"),
        (info_line("CLNSIG", "G", "String"), "CLNSIG=P,P,P,P,P,P", "CLNSIG", "misfit"),
        (info_line("CLNSIG", "A", "Integer", OLD), "CLNSIG=5,4", "CLNSIG", "4"),
        (info_line("CLNSIG", "A", "Integer", OLD), "CLNSIG=5,2|5", "CLNSIG", "2|perhaps cut off"),
        (info_line("CLNSIG", ".", "Integer"), "CLNSIG=Pathogenic", "CLNSIG", "no number"),
        (info_line("AC", "A", "Integer"), "CLNSIG=B,Pathogenic", "CLNSIG", "Pathogenic"),
        (info_line("CLNSIG", "0", "Flag"), "CLNSIG=B,Pathogenic", "CLNSIG", "Pathogenic"),
        (info_line("CLNSIG", ".", "String", OLD), "CLNSIG=5|255,2|3", "CLNSIG", "2|3"),
        (
            info_line("CLNSIG", ".", "String", OLD) + "\n" + info_line("CLNALLE", ".", "Integer"),
            "CLNSIG=5;CLNALLE=1",
            "CLNSIG",
            None,
        ),
        (
            info_line("CLNSIG", ".", "String", OLD) + "\n" + info_line("CLNALLE", ".", "Integer"),
            "CLNSIG=5,4;CLNALLE=2,1",
            "CLNSIG",
            "5",
        ),
        (info_line("ACMG", "A", "Integer"), "ACMG=5,1", "ACMG", "1"),
        (
            info_line("CSQ", ".", "String", CSQ),
            "CSQ=A|stop|SCN1A|pathogenic,T|syn|SCN1A|benign&other",
            "CSQ",
            "benign&other",
        ),
        (
            info_line("CSQ", ".", "String", CSQ),
            "CSQ=A|stop|SCN1A|pathogenic,T|syn|SCN1A|",
            "CSQ",
            None,
        ),
        (
            info_line("CSQ", ".", "String", CSQ),
            "CSQ=A|stop|SCN1A|pathogenic,T|syn|SCN1A|",
            "CSQ:CLIN_SIG",
            None,
        ),
        (info_line("CSQ", ".", "String", CSQ), "CSQ=C|stop|SCN1A|pathogenic", "CSQ", "misfit"),
        (info_line("ANN", ".", "String", ANN), "ANN=A|stop|pathogenic,T|syn|VUS", "ANN", "VUS"),
    ],
)
def test_fields_and_their_alleles(reference, tmp_path, header, info, field, expected):
    found = read(reference, tmp_path, header, info, field=field)
    (variant,) = found.observed
    assert variant.key.alt == "T"
    if expected == "misfit":
        assert not variant.info_fits
        assert variant.info_class in info
    else:
        assert (variant.info_class, variant.info_fits) == (expected, True)


@pytest.mark.parametrize(
    ("header", "field", "said"),
    [
        (info_line("AC", "A", "Integer"), "CLNSIG", False),
        (info_line("CLNSIG", ".", "String"), "CLNSIG", False),
        (info_line("CSQ", ".", "String", CSQ), "CLNSIG", True),
        (info_line("CSQ", ".", "String", CSQ), "CSQ:CLIN_SIG", False),
        (info_line("ClinVar_CLNSIG", ".", "String"), "CLNSIG", True),
        (info_line("ACMG", "1", "String"), "CLNSIG", True),
        (info_line("InterVar_automated", ".", "String"), "CLNSIG", True),
        (info_line("ACMG_classification", ".", "String"), "CLNSIG", True),
        (info_line("clinvar_significance", ".", "String"), "CLNSIG", True),
        (info_line("AC", "A", "Integer"), "LAB_CLASS", True),
        (info_line("CSQ", ".", "String", CSQ), "CSQ:CLASS", True),
        (info_line("CSQ", ".", "String", "Format: Allele|Consequence"), "CSQ", True),
    ],
)
def test_a_class_in_another_field_is_said(reference, tmp_path, header, field, said):
    found = read(reference, tmp_path, header, ".", "0/1", "A", field)
    assert (CLASS_ELSEWHERE in found.warnings) is said


def test_what_was_not_read_is_said(reference, tmp_path, capsys):
    for value, alts in (("Pathogenic_ish", "A"), ("Pathogenic", "A,T")):
        header = info_line("CLNSIG", ".", "String")
        found = read(reference, tmp_path, header, f"CLNSIG={value}", "0/1", alts)
        rows = list(list_variants(found, reference))
        assert not any("VCF INFO" in cell for row in rows for cell in row)
        said = capsys.readouterr().err
        assert "class in CLNSIG not read" in said
        assert "166052882" not in said


def test_a_second_record_adds_its_class(reference, tmp_path):
    header = info_line("CLNSIG", ".", "String")
    found = read(
        reference,
        tmp_path,
        header,
        ".\tGT\t0/1\nchr2\t166052882\t.\tG\tA\t.\tPASS\tCLNSIG=Pathogenic",
        "0/1",
        "A",
    )
    (variant,) = found.observed
    assert variant.info_class == "Pathogenic"


CSQ_NUM = CSQ + "|ALLELE_NUM"


@pytest.mark.parametrize(
    ("alts", "header", "info", "field", "expected"),
    [
        # A record that was split after its annotation still has the entries of the other allele.
        ("T", CSQ, "CSQ=A|stop|SCN1A|pathogenic,T|syn|SCN1A|", "CSQ", None),
        ("T", CSQ, "CSQ=A|stop|SCN1A|pathogenic,T|syn|SCN1A|benign", "CSQ", "benign"),
        ("T", CSQ, "CSQ=A|stop|SCN1A|pathogenic", "CSQ", "misfit"),
        ("T", CSQ_NUM, "CSQ=A|stop|SCN1A|pathogenic|1,T|syn|SCN1A|benign|2", "CSQ", "benign"),
        ("GA", CSQ, "CSQ=T|stop|SCN1A|pathogenic,A|syn|SCN1A|VUS", "CSQ", "VUS"),
        ("GA", CSQ, "CSQ=-|stop|SCN1A|pathogenic", "CSQ", "misfit"),
        ("T", "Format: SYMBOL|CLIN_SIG", "CSQ=SCN1A|pathogenic", "CSQ", "pathogenic"),
        # A record that was joined after it has the same number for each of its alleles.
        ("A,T", CSQ_NUM, "CSQ=A|stop|SCN1A|pathogenic|1,T|syn|SCN1A|benign|1", "CSQ", "benign"),
        ("A,T", CSQ_NUM, "CSQ=T|stop|SCN1A|benign|1,A|syn|SCN1A|pathogenic|1", "CSQ", "benign"),
        ("GT,T", CSQ_NUM, "CSQ=T|a|S|pathogenic|1,T|a|S|benign|2", "CSQ", "benign"),
        # One entry for each allele under one name, as ANNOVAR writes them.
        ("A,T", "", "CLNSIG=Pathogenic;ALLELE_END;CLNSIG=Benign;ALLELE_END", "CLNSIG", "Benign"),
        ("T", "", "CLNSIG=Pathogenic;ALLELE_END;CLNSIG=Benign;ALLELE_END", "CLNSIG", "misfit"),
        ("T", "", "CLNSIG=Benign;CLNSIG=Pathogenic", "CLNSIG", "misfit"),
        ("T", "", "CLNSIG=Benign;CLNSIG=Benign", "CLNSIG", "Benign"),
        ("A,C,T", "", "CLNSIG=Pathogenic;CLNSIG=Benign", "CLNSIG", "misfit"),
        ("T", "", "CLNSIG=Pathogenic,.", "CLNSIG", "misfit"),
        ("T", "", "CLNSIG=.,Pathogenic", "CLNSIG", "misfit"),
        ("T", "", "CLNSIG=Pathogenic,_other", "CLNSIG", "Pathogenic,_other"),
    ],
)
def test_a_record_that_was_split_or_joined_after_its_annotation(
    reference, tmp_path, alts, header, info, field, expected
):
    name = field if header else "CLNSIG"
    line = info_line(name, ".", "String", header or "class")
    found = read(reference, tmp_path, line, info, f"0/{alts.count(',') + 1}", alts, field)
    (variant,) = found.observed
    if expected == "misfit":
        assert not variant.info_fits
    else:
        assert (variant.info_class, variant.info_fits) == (expected, True)
