"""One variant under all its names: the same place, and the same classes."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epilepsy_pgx.calling.class_file import read_classifications
from epilepsy_pgx.calling.classifications import match_classes
from epilepsy_pgx.calling.locate import VariantLocator
from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import ClassifiedVariant
from epilepsy_pgx.variants.annotate import Annotator
from epilepsy_pgx.variants.observed import normalise_key
from epilepsy_pgx.variants.sequence import SequenceSource
from epilepsy_pgx.variants.transcripts import load_transcripts
from epilepsy_pgx.vocabulary import Classification, GenomeBuild
from tests.drawing import examples
from tests.toy.genome import LENGTH, coding_places, flip

BUILD = GenomeBuild.GRCH38
CODING = (
    "{accession}:{c}",
    "{accession}({gene}):{c}",
    "{accession}({gene}):{c} ({p})",
    "{accession}:{c} {p1}",
    "{accession}: {c}",
)
"""Names on the transcript of the tables."""
PLACED = (
    "{nc}:g.{g}",
    "GRCh38:chr2:{pos}:{ref}:{alt}",
    "GRCh38 2-{pos}-{ref}-{alt}",
    "GRCh38:2:{pos2}:{ref2}:{alt2}",
)
"""Names by position, of which the build is known."""
OPEN = (
    "{base}.9:{c}",
    "{gene}:{c}",
    "{gene} {c}",
    "chr2:g.{g}",
    "chr2:{pos}:{ref}:{alt}",
    "{gene}:{p}",
    "{gene}:{p1}",
    "NP_7.1:{p}",
    "{gene} {p1}",
)
"""Names in which something is open, that one variant of the patient answers."""


def changes(genome: str, gene: str, seed: int) -> VariantKey:
    chance = random.Random(seed)
    place = chance.choice(coding_places(gene)[6:-6])
    bases, kind = genome[place], chance.randrange(3)
    if kind == 0:
        return VariantKey("2", place + 1, bases, chance.choice([b for b in "ACGT" if b != bases]))
    size = chance.randrange(1, 6)
    if kind == 1:
        return VariantKey("2", place + 1, genome[place : place + size + 1], bases)
    added = "".join(chance.choice("ACGT") for _ in range(size))
    return VariantKey("2", place + 1, bases, bases + added)


def one_letter(name: str) -> str:
    letters = {
        "Ala": "A", "Arg": "R", "Asn": "N", "Asp": "D", "Cys": "C", "Gln": "Q", "Glu": "E",
        "Gly": "G", "His": "H", "Ile": "I", "Leu": "L", "Lys": "K", "Met": "M", "Phe": "F",
        "Pro": "P", "Ser": "S", "Thr": "T", "Trp": "W", "Tyr": "Y", "Val": "V", "Ter": "*",
    }  # fmt: skip
    for word, letter in letters.items():
        name = name.replace(word, letter)
    return name.replace("(", "").replace(")", "")


def names_of(
    key: VariantKey, toy: Reference, source: SequenceSource, genome: str
) -> dict[str, str] | None:
    annotation = next(iter(Annotator(toy, BUILD, source).annotate([key])[key]), None)
    if annotation is None or annotation.hgvs_c is None or annotation.hgvs_p is None:
        return None
    start, ref, alt = key.pos, key.ref, key.alt
    if len(ref) == len(alt) == 1:
        g = f"{start}{ref}>{alt}"
    elif len(ref) > len(alt):
        g = f"{start + 1}_{start + len(ref) - 1}del{ref[1:]}"
    else:
        g = f"{start}_{start + 1}ins{alt[1:]}"
    return {
        "accession": annotation.transcript,
        "base": annotation.transcript.partition(".")[0],
        "gene": annotation.gene,
        "c": annotation.hgvs_c.partition(":")[2],
        "p": annotation.hgvs_p,
        "p1": one_letter(annotation.hgvs_p),
        "nc": source.accessions["2"],
        "g": g,
        "pos": str(start),
        "ref": ref,
        "alt": alt,
        # With two bases more on either side.
        "pos2": str(start - 2),
        "ref2": genome[start - 3 : start - 1] + ref + genome[start - 1 + len(ref)],
        "alt2": genome[start - 3 : start - 1] + alt + genome[start - 1 + len(ref)],
    }


@pytest.fixture(scope="session")
def classes_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("classes")


@pytest.mark.parametrize("word", ["pathogenic", "benign"])
@given(gene=st.sampled_from(["FWD", "REV"]), seed=st.integers(0, 10**6))
@settings(
    max_examples=examples(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_every_name_gives_the_same_class(
    toy: Reference,
    toy_source: SequenceSource,
    genome: str,
    classes_folder: Path,
    word: str,
    gene: str,
    seed: int,
) -> None:
    """A class that may reassure is given by exact names alone; all others by any name."""
    key = normalise_key(changes(genome, gene, seed), toy_source)
    values = names_of(key, toy, toy_source, genome)
    if values is None:
        return
    readable = "?" not in values["p"] and "=)" not in values["p"] and "[" not in values["p"]
    forms = [*CODING, *PLACED, *(f for f in OPEN if readable or "{p" not in f)]
    written = [f.format(**values) for f in forms]
    path = classes_folder / "c.tsv"
    path.write_text(
        "hgvs\tclass\tlaboratory\n" + "".join(f"{name}\t{word}\tLab\n" for name in written)
    )
    rows = read_classifications(path, BUILD, toy, toy_source).for_sample("S")
    carried = Annotator(toy, BUILD, toy_source).annotate([key])
    for form, row in zip(forms, rows, strict=True):
        found = match_classes((row,), carried)
        exact = form not in OPEN
        used = exact or word == "pathogenic"
        assert list(found.classes) == ([key] if used else []), (form, row.variant)
        assert bool(found.inexact) is (used and not exact), (form, row.variant)
        assert bool(found.unused) is not used, (form, row.variant)
        if used:
            (records,) = found.classes.values()
            assert {r.classification for r in records} == {Classification(word)}


@pytest.mark.slow
def test_an_ambiguous_protein_change_is_named_and_not_used(
    toy: Reference, toy_source: SequenceSource, genome: str, classes_folder: Path
) -> None:
    """Two variants of one patient with the same change of the protein."""
    places = coding_places("FWD")
    annotator = Annotator(toy, BUILD, toy_source)
    pairs: dict[str, list[VariantKey]] = {}
    for place in places[3:300]:
        for alt in "ACGT":
            if alt != genome[place]:
                key = VariantKey("2", place + 1, genome[place], alt)
                for one in annotator.annotate([key])[key]:
                    if one.hgvs_p and "=" not in one.hgvs_p:
                        pairs.setdefault(one.hgvs_p, []).append(key)
    name, keys = next((n, k) for n, k in pairs.items() if len(k) > 1)
    path = classes_folder / "p.tsv"
    path.write_text(f"hgvs\tclass\tlaboratory\nFWD:{name}\tpathogenic\tLab\n")
    rows = read_classifications(path, BUILD, toy, toy_source).for_sample("S")
    both = match_classes(rows, annotator.annotate(keys[:2]))
    assert not both.classes
    assert [reason for _, reason in both.unused] == ["class-unused-several"]
    alone = match_classes(rows, annotator.annotate(keys[:1]))
    assert list(alone.classes) == keys[:1]
    assert [row.doubt for row, _ in alone.inexact] == ["class-unused-protein"]


@pytest.mark.parametrize(
    ("name", "build", "doubt"),
    [
        ("NC_000002.11:g.400A>C", None, "build"),
        ("chr2:g.400A>C", "GRCh37", "build"),
        ("NC_000099.1:g.400A>C", None, "transcript"),
        ("NM_000001.1(REV):c.4A>C", None, "name"),
        ("NM_000009.1:c.4A>C", None, "transcript"),
        ("chr2:g.?", None, "transcript"),
        ("GRCh37:2:400:A:C", None, "build"),
        ("2:99999999:A:C", "GRCh38", "reference"),
        ("chr2:g.401_400del", "GRCh38", "name"),
    ],
)
def test_names_that_mean_nothing_here(
    toy: Reference, toy_source: SequenceSource, name: str, build: str | None, doubt: str
) -> None:
    found = VariantLocator(BUILD, toy, toy_source).locate(name, build)
    assert (found.key, found.likely, found.doubt) == (None, None, doubt)


def test_a_place_whose_bases_are_not_all_known(
    toy: Reference, toy_source: SequenceSource, genome: str
) -> None:
    """An N compares with nothing, so that the name is kept with its place, as it stands."""
    name = f"NC_000002.12:g.400_402del{genome[399:402]}"
    masked = replace(toy_source, slices={"2": ((0, genome[:400] + "N" + genome[401:]),)})
    found = VariantLocator(BUILD, toy, masked).locate(name)
    assert (found.key, found.doubt) == (None, "name")
    assert found.place is not None
    assert found.place.told == genome[399:402]
    wrong = f"NC_000002.12:g.400_402del{genome[499:502]}"
    assert VariantLocator(BUILD, toy, toy_source).locate(wrong).place is None


def test_bases_that_a_name_writes_must_be_there(
    toy: Reference, toy_source: SequenceSource, genome: str
) -> None:
    locator = VariantLocator(BUILD, toy, toy_source)
    right = genome[399]
    wrong = "A" if right != "A" else "C"
    assert locator.locate(f"chr2:g.400del{right}", "GRCh38").key is not None
    assert locator.locate(f"chr2:g.400del{wrong}", "GRCh38").key is None
    assert locator.locate(f"chr2:g.400{wrong}>{right}", "GRCh38").key is None


@pytest.mark.parametrize(("first", "last"), [(400, 400), (400, 401), (400, 409)])
def test_bases_that_are_doubled_are_bases_that_are_inserted(
    toy: Reference, toy_source: SequenceSource, genome: str, first: int, last: int
) -> None:
    locator = VariantLocator(BUILD, toy, toy_source)
    place = str(first) if first == last else f"{first}_{last}"
    doubled = locator.locate(f"chr2:g.{place}dup", "GRCh38").key
    inserted = locator.locate(
        f"chr2:g.{last}_{last + 1}ins{genome[first - 1 : last]}", "GRCh38"
    ).key
    assert doubled is not None
    assert inserted is not None
    assert normalise_key(doubled, toy_source) == normalise_key(inserted, toy_source)
    assert len(doubled.alt) - len(doubled.ref) == last - first + 1


def test_a_substitution_is_placed_by_its_number_where_no_bases_are_known(
    reference: Reference, shipped: SequenceSource
) -> None:
    """Each listed variant is found at the place the tables give it, in genes of either strand."""
    build = shipped.build
    locator = VariantLocator(build, reference, shipped)
    transcripts = load_transcripts(reference, build)
    listed = [
        row
        for row in reference.rows(ClassifiedVariant)
        if row.gene in transcripts and ">" in (row.hgvs_c or "") and row.place(build) is not None
    ]
    strands = set()
    for row in listed[::25]:
        transcript = transcripts[row.gene]
        found = locator.locate(f"{transcript.accession}:{row.hgvs_c}").key
        place = row.place(build)
        assert place is not None
        assert found == VariantKey(row.chrom, *place), row.variant
        strands.add(transcript.forward)
    assert strands == {True, False}


def test_a_number_that_no_base_of_the_transcript_has_is_no_place(
    reference: Reference, shipped: SequenceSource
) -> None:
    locator = VariantLocator(shipped.build, reference, shipped)
    transcript = load_transcripts(reference, shipped.build)["SCN1A"]
    for name in ("c.0A>G", "c.664C>C", "c.9999999A>G"):
        assert locator.locate(f"{transcript.accession}:{name}").key is None, name


NO_BASE = None
COORDINATES = {
    # What is written, and the 0-based base of the gene on the forward strand: `EXONS` and `CDS`
    # of the invented genome. Its first coding exon holds 1 to 120, the last begins with 322.
    "1": 340,
    "120": 459,
    "121": 700,
    "322": 1500,
    "462": 1640,
    "-1": 339,
    "-40": 300,
    "*1": 1641,
    "*59": 1699,
    "120+1": 460,
    "120+2": 461,
    "121-1": 699,
    "120+120": 579,
    # Beyond the middle of the intron another name is usual, and this one as clear.
    "120+240": 699,
    "121-240": 460,
    "321+1": 1190,
    "322-1": 1499,
    # An intron begins at the edge of an exon alone.
    "100+1": NO_BASE,
    "100-1": NO_BASE,
    "120-1": NO_BASE,
    "121+1": NO_BASE,
    "119+1": NO_BASE,
    "1-1": NO_BASE,
    "-5+1": NO_BASE,
    "-40-1": NO_BASE,
    "*5-1": NO_BASE,
    "*59+1": NO_BASE,
    "462+1": NO_BASE,
    # Beyond the intron is the next exon, and beyond the last base nothing.
    "120+241": NO_BASE,
    "121-241": NO_BASE,
    "120+0": NO_BASE,
    "0": NO_BASE,
    "463": NO_BASE,
    "-41": NO_BASE,
    "*60": NO_BASE,
    "99999999": NO_BASE,
}


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("gene", ["FWD", "REV"])
def test_a_coordinate_is_one_base_or_none(
    toy: Reference, toy_source: SequenceSource, genome: str, gene: str, known: bool
) -> None:
    """With the bases of the gene and without them, a name means the same."""
    source = toy_source if known else replace(toy_source, slices={})
    locator = VariantLocator(BUILD, toy, source)
    accession = load_transcripts(toy, BUILD)[gene].accession
    strand = genome if gene == "FWD" else flip(genome)
    for written, base in COORDINATES.items():
        ref = strand[base if base is not None else 400]
        alt = "A" if ref != "A" else "C"
        found = locator.locate(f"{accession}:c.{written}{ref}>{alt}")
        if base is None:
            # Whatever bases the name gives, it fits none.
            others = [locator.locate(f"{accession}:c.{written}{r}>{alt}") for r in "CGT"]
            assert {(f.key, f.likely, f.place, f.doubt) for f in (found, *others)} == {
                (None, None, None, "name")
            }, written
        elif gene == "FWD":
            assert (found.key, found.doubt) == (VariantKey("2", base + 1, ref, alt), ""), written
        else:
            mirrored = VariantKey("2", LENGTH - base, flip(ref), flip(alt))
            assert (found.key, found.doubt) == (mirrored, ""), written


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("gene", ["FWD", "REV"])
@pytest.mark.parametrize(
    ("written", "base", "size"),
    [
        ("5_7del", 344, 3),
        ("120+3_120+4del", 462, 2),
        ("120_120+2del", 459, 3),
        ("-3_2del", 337, 5),
        ("461_*2del", 1639, 4),
        ("7_5del", None, 0),
        ("100+1_100+2del", None, 0),
        ("119_121+1del", None, 0),
        ("5_463del", None, 0),
        ("5_7A>G", None, 0),
        ("5A>GG", None, 0),
    ],
)
def test_the_places_of_a_range_exist_and_are_in_order(
    toy: Reference,
    toy_source: SequenceSource,
    genome: str,
    gene: str,
    known: bool,
    written: str,
    base: int | None,
    size: int,
) -> None:
    source = toy_source if known else replace(toy_source, slices={})
    accession = load_transcripts(toy, BUILD)[gene].accession
    found = VariantLocator(BUILD, toy, source).locate(f"{accession}:c.{written}")
    if base is None:
        assert (found.key, found.likely, found.place, found.doubt) == (None, None, None, "name")
        return
    start = base if gene == "FWD" else LENGTH - base - size
    if known:
        bases = genome[start - 1 : start + size]
        gone = normalise_key(VariantKey("2", start, bases, bases[0]), toy_source)
        assert (found.key, found.place, found.doubt) == (gone, None, "")
    else:
        assert (found.key, found.doubt) == (None, "name")
        assert found.place is not None
        assert (found.place.start0, found.place.end0) == (start, start + size)
