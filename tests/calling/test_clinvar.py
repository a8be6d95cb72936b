"""Classes of the user's copy of ClinVar belong to the variant, however either is spelled."""

from dataclasses import replace
from pathlib import Path

import pytest

from epilepsy_pgx.calling.class_words import load_class_words
from epilepsy_pgx.calling.clinvar import ClinvarClasses
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.clinvar import open_clinvar
from epilepsy_pgx.intake.contigs import load_contig_names
from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.variants.annotate import AnnotationStatus, Annotator, SiteAnnotation
from epilepsy_pgx.variants.fileannotation import load_consequence_words
from epilepsy_pgx.variants.observed import normalise_key
from epilepsy_pgx.variants.sequence import SequenceSource, open_sequences
from epilepsy_pgx.vocabulary import Classification, Direction, GenomeBuild
from tests.intake.test_clinvar import DAY, text, write

BUILD = GenomeBuild.GRCH38
C = Classification


def classes(
    folder: Path, toy: Reference, source: SequenceSource, rows: object, form: str = "plain"
) -> ClinvarClasses:
    file = open_clinvar(write(folder, form, text(rows=rows)), DAY)
    words = load_class_words(load_reference())
    return ClinvarClasses(file, load_contig_names(toy, BUILD), source, words, [("2", 0, 4000)])


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Pathogenic/Likely_pathogenic", C.LIKELY_PATHOGENIC),
        ("Pathogenic/Likely_pathogenic/Pathogenic,_low_penetrance", C.LIKELY_PATHOGENIC),
        ("Pathogenic/Likely_pathogenic/Likely_risk_allele", C.LIKELY_PATHOGENIC),
        ("Conflicting_classifications_of_pathogenicity|drug_response", C.CONFLICTING),
        ("Uncertain_significance/Uncertain_risk_allele", C.UNCERTAIN),
        ("Benign/Likely_benign", C.LIKELY_BENIGN),
        ("drug_response", None),
        ("Established_risk_allele", None),
        ("not_provided", None),
        ("no_classifications_from_unflagged_records", None),
        ("nobody_knows_this_word", None),
    ],
)
def test_words(
    tmp_path: Path,
    toy: Reference,
    toy_source: SequenceSource,
    genome: str,
    word: str,
    expected: Classification | None,
) -> None:
    alt = "A" if genome[399] != "A" else "C"
    # With a base more on either side.
    row = ("2", 399, genome[398:401], genome[398] + alt + genome[400], f"CLNSIG={word}")
    key = normalise_key(VariantKey("2", 400, genome[399], alt), toy_source)
    found = classes(tmp_path, toy, toy_source, [row]).read({key})
    assert [r.classification for r in found.values()] == ([expected] if expected else [])
    for record in found.values():
        assert (record.date, record.act) == ("2026-10-01", False)
        assert record.who == "ClinVar file, no star"


@pytest.mark.parametrize("form", ["plain", "indexed"])
@pytest.mark.parametrize("length", [2, 150, 250, 450])
def test_a_deletion_of_any_length_is_found(
    tmp_path: Path, toy: Reference, toy_source: SequenceSource, genome: str, length: int, form: str
) -> None:
    key = normalise_key(VariantKey("2", 400, genome[399 : 399 + length], genome[399]), toy_source)
    row = ("2", key.pos, key.ref, key.alt, "CLNSIG=Pathogenic")
    found = classes(tmp_path, toy, toy_source, [row], form).read({key})
    assert [r.classification for r in found.values()] == [C.PATHOGENIC]


def test_bases_of_another_build_are_refused(
    tmp_path: Path, toy: Reference, toy_source: SequenceSource, genome: str
) -> None:
    rows = []
    for pos in range(390, 420):
        wrong = "A" if genome[pos - 1] != "A" else "C"
        rows.append(("2", pos, wrong, genome[pos - 1], "CLNSIG=Benign"))
    key = VariantKey("2", 400, genome[399], "A" if genome[399] != "A" else "C")
    copy = classes(tmp_path, toy, toy_source, rows)
    with pytest.raises(InputError) as caught:
        copy.read({key})
    assert str(caught.value) == (
        f"{copy.file.path}: --clinvar: found bases that are not those of GRCh38, expected a copy of"
        " GRCh38, as its header says [clinvar-file]. Copy the file again."
    )


def test_bases_that_are_not_spelled_speak_of_no_build(
    tmp_path: Path, toy: Reference, toy_source: SequenceSource, genome: str
) -> None:
    key = VariantKey("2", 400, genome[399], "A" if genome[399] != "A" else "C")
    rows = [("2", pos, "N", "A", "CLNSIG=Benign") for pos in range(390, 420) if pos != 400]
    rows.append(("2", key.pos, key.ref, key.alt, "CLNSIG=Pathogenic"))
    assert classes(tmp_path, toy, toy_source, sorted(rows)).read({key}).keys() == {key}


@pytest.mark.parametrize("word", ["Benign", "Pathogenic"])
def test_a_benign_silent_variant_becomes_no_finding(
    tmp_path: Path, toy: Reference, toy_source: SequenceSource, genome: str, word: str
) -> None:
    annotator = Annotator(toy, BUILD, toy_source)
    keys = [VariantKey("2", p, genome[p - 1], a) for p in range(345, 460) for a in "ACGT"]
    every = annotator.annotate(k for k in keys if k.ref != k.alt)
    for terms, shown in (("synonymous_variant", word == "Pathogenic"), ("missense_variant", True)):
        key = next(k for k, t in every.items() if t and t[0].consequences == (terms,))
        copy = classes(
            tmp_path, toy, toy_source, [("2", key.pos, key.ref, key.alt, f"CLNSIG={word}")]
        )
        (one,) = copy.add_to({key: every[key]})[key]
        assert bool(one.classifications) is shown


@pytest.mark.parametrize(
    ("terms", "shown"),
    [
        (("synonymous_variant",), {"Pathogenic"}),
        (("not_assessed",), {"Pathogenic", "Uncertain_significance"}),
        (("missense_variant",), {"Pathogenic", "Uncertain_significance", "Benign"}),
    ],
)
def test_which_class_of_the_copy_makes_a_finding(
    tmp_path: Path,
    toy: Reference,
    toy_source: SequenceSource,
    genome: str,
    terms: tuple[str, ...],
    shown: set[str],
) -> None:
    """Of a variant whose bases nobody read, a benign class is no news either."""
    key = VariantKey("2", 400, genome[399], "A" if genome[399] != "A" else "C")
    (plain, *_) = Annotator(toy, BUILD, toy_source).annotate([key])[key]
    annotation = replace(plain, consequences=terms, classifications=())
    found = set()
    for word in ("Pathogenic", "Uncertain_significance", "Benign"):
        row = ("2", key.pos, key.ref, key.alt, f"CLNSIG={word}")
        (one,) = classes(tmp_path, toy, toy_source, [row]).add_to({key: (annotation,)})[key]
        if one.classifications:
            found.add(word)
    assert found == shown


def test_a_record_of_several_alleles_is_named_and_not_read(
    tmp_path: Path, toy: Reference, toy_source: SequenceSource, genome: str
) -> None:
    """Whose the class is, nothing says: not even where there are as many words as alleles."""
    alts = [a for a in "ACGT" if a != genome[399]]
    row = ("2", 400, genome[399], f"{alts[0]},{alts[1]}", "CLNSIG=Pathogenic,Benign")
    copy = classes(tmp_path, toy, toy_source, [row])
    keys = [VariantKey("2", 400, genome[399], alt) for alt in alts]
    assert copy.read(set(keys)) == {}
    assert copy.unread == set(keys[:2])


def test_an_indel_of_the_copy_is_found_without_bases(tmp_path: Path, package: Reference) -> None:
    text_of = text(rows=[("16", 29813694, "G", "GC", "CLNSIG=Pathogenic")])
    source = open_sequences(package, BUILD)
    copy = clinvar_of(tmp_path, package, source, text_of)
    key = VariantKey("16", 29813703, "C", "CC")
    assert copy.read({key}) == {}
    copy.compare = Annotator(package, BUILD, source).listed.compare
    assert [r.classification for r in copy.read({key}).values()] == [C.PATHOGENIC]


def clinvar_of(
    folder: Path, package: Reference, source: SequenceSource, content: str
) -> ClinvarClasses:
    file = open_clinvar(write(folder, "plain", content), DAY)
    names, words = load_contig_names(package, BUILD), load_class_words(package)
    return ClinvarClasses(file, names, source, words, [("16", 29813000, 29815000)])


@pytest.mark.parametrize(
    ("status", "stars"),
    [
        ("no_assertion_criteria_provided", "no star"),
        ("criteria_provided,_single_submitter", "one star"),
        ("criteria_provided,_multiple_submitters,_no_conflicts", "two stars"),
        ("reviewed_by_expert_panel", "three stars"),
        ("practice_guideline", "four stars"),
    ],
)
def test_stars_are_told_in_words(
    tmp_path: Path, toy: Reference, toy_source: SequenceSource, genome: str, status: str, stars: str
) -> None:
    alt = "A" if genome[399] != "A" else "C"
    row = ("2", 400, genome[399], alt, f"CLNREVSTAT={status};CLNSIG=Benign")
    key = VariantKey("2", 400, genome[399], alt)
    found = classes(tmp_path, toy, toy_source, [row]).read({key})
    assert found[key].who == f"ClinVar file, {stars}"


@pytest.mark.parametrize(
    ("gene", "said", "terms", "cut"),
    [
        ("SYN1:1", "SO:0001587|nonsense", ("stop_gained",), True),
        # The copy speaks of many transcripts, on which the variant is elsewhere.
        ("SYN1:1", "SO:0001587|nonsense,SO:0001627|intron_variant", ("stop_gained",), True),
        ("SYN1:1", "SO:0001583|missense_variant,SO:0001587|nonsense", ("missense_variant",), False),
        ("OTHER:2|SYN1:1", "SO:0001582|initiator_codon_variant", ("start_lost",), True),
        ("SYN1:1", "SO:0001820|inframe_indel", ("protein_altering_variant",), False),
        ("SYN1:1", "SO:0001627|intron_variant", ("not_assessed",), False),
        ("SYN1:1", "nonsense", ("not_assessed",), False),
        ("SYN1:1", "", ("not_assessed",), False),
        ("OTHER:2", "SO:0001587|nonsense", ("not_assessed",), False),
    ],
)
def test_the_copy_tells_the_consequence_where_no_bases_are_known(
    tmp_path: Path, package: Reference, gene: str, said: str, terms: tuple[str, ...], cut: bool
) -> None:
    info = f"CLNSIG=Pathogenic;GENEINFO={gene};MC={said}"
    source = open_sequences(package, BUILD)
    copy = clinvar_of(tmp_path, package, source, text(rows=[("16", 29813700, "C", "T", info)]))
    copy.terms = load_consequence_words(package).terms
    key = VariantKey("16", 29813700, "C", "T")
    unread = SiteAnnotation(
        "SYN1", "NM_1.3", ("not_assessed",), None, None, False, Direction.NOT_DETERMINED,
        "direction-basis-no-sequence", status=AnnotationStatus.NO_SEQUENCE,
    )  # fmt: skip
    (found,) = copy.add_to({key: (unread,)})[key]
    assert (found.consequences, found.truncating) == (terms, cut)
    assert found.direction is Direction.NOT_DETERMINED
    assert ("note-file-annotation-clinvar" in found.notes) is (terms != ("not_assessed",))
    # Own bases come first.
    known = replace(unread, status=AnnotationStatus.ASSESSED)
    assert copy.add_to({key: (known,)})[key][0].consequences == ("not_assessed",)


def test_what_was_not_read_is_said(
    tmp_path: Path,
    toy: Reference,
    toy_source: SequenceSource,
    genome: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    alts = [a for a in "ACGT" if a != genome[399]]
    rows = [
        ("2", 400, genome[399], f"{alts[0]},{alts[1]}", "CLNSIG=Pathogenic,Benign"),
        ("2", 401, genome[400], "A" if genome[400] != "A" else "C", "CLNSIG=word_two|word_one"),
    ]
    keys = {VariantKey("2", 400, genome[399], alt) for alt in alts}
    keys.add(VariantKey("2", 401, genome[400], rows[1][3]))
    copy = classes(tmp_path, toy, toy_source, rows)
    copy.read(keys)
    lines = [
        line.removeprefix(f"{copy.file.path}: ") for line in capsys.readouterr().err.split("\n")
    ]
    assert lines == [
        "warning: the class of 2 variant(s) was not read: their records list several alleles,"
        " split them (bcftools norm -m -)",
        "warning: class(es) in words that are not known: word one, word two",
        "",
    ]
