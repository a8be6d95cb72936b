import csv
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.variants.hgvs import HgvsNamer, Names, name_by_position
from epilepsy_pgx.variants.observed import normalise_key
from epilepsy_pgx.variants.sequence import SequenceSource
from epilepsy_pgx.variants.transcripts import load_transcripts
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.drawing import examples
from tests.toy.genome import AT_AC, EXONS, LENGTH, coding_places

BUILD = GenomeBuild.GRCH38
GENE = "SCN1A"


@pytest.fixture(scope="session")
def namer(toy: Reference, toy_source: SequenceSource) -> HgvsNamer:
    return HgvsNamer(load_transcripts(toy, BUILD), toy_source)


@pytest.fixture(scope="session")
def shipped_namer(package: Reference, shipped: SequenceSource) -> HgvsNamer:
    return HgvsNamer(load_transcripts(package, shipped.build), shipped)


def truth(shared: Path) -> list[dict[str, str]]:
    with (shared / "truth" / "scn1a_variants.tsv").open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


@settings(
    max_examples=examples(100),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    gene=st.sampled_from(["FWD", "REV"]),
    place=st.integers(310, 1680),
    size=st.integers(1, 4),
    insert=st.booleans(),
    pads=st.tuples(*[st.integers(0, 5)] * 2),
    shift=st.integers(0, 8),
)
def test_equivalent_spellings_have_one_name(
    namer: HgvsNamer,
    toy: Reference,
    toy_source: SequenceSource,
    genome: str,
    gene: str,
    place: int,
    size: int,
    insert: bool,
    pads: tuple[int, int],
    shift: int,
) -> None:
    """Pad a variant on both sides and roll it along a repeat: key and name stay."""
    at = place if gene == "FWD" else LENGTH - place
    moved = genome[at : at + size]
    original = (
        VariantKey("2", at, genome[at - 1], genome[at - 1] + moved)
        if insert
        else VariantKey("2", at, genome[at - 1 : at + size], genome[at - 1])
    )
    first = at
    for _ in range(shift):
        follower = genome[first + size] if not insert else genome[first]
        if follower != moved[0]:
            break
        moved, first = moved[1:] + follower, first + 1
    left, right = first - 1 - pads[0], first + (0 if insert else size) + pads[1]
    ref = genome[left:right]
    cut = first - left
    alt = ref[:cut] + moved + ref[cut:] if insert else ref[:cut] + ref[cut + size :]
    other = VariantKey("2", left + 1, ref, alt)
    keys = {normalise_key(k, toy_source) for k in (original, other)}
    assert len(keys) == 1
    transcript = load_transcripts(toy, BUILD)[gene]
    names = {namer.name(k, transcript) for k in (original, other)}
    assert len(names) == 1
    assert names.pop().coding is not None


@pytest.mark.parametrize("gene", ["FWD", "REV"])
def test_intron_names(namer: HgvsNamer, toy: Reference, genome: str, gene: str) -> None:
    transcript = load_transcripts(toy, BUILD)[gene]
    done = 0
    for number, (start, end) in enumerate(EXONS[:-1]):
        done += end - max(start, 340)
        for offset, expected in ((0, f"{done}+1"), (1, f"{done}+2")):
            position = end + offset
            position = position if gene == "FWD" else LENGTH - 1 - position
            ref = genome[position]
            alt = "A" if ref != "A" else "C"
            name = namer.name(VariantKey("2", position + 1, ref, alt), transcript).coding
            assert re.search(r"c\.(\d+\+\d)", str(name)).group(1) == expected  # type: ignore[union-attr]
        begin = EXONS[number + 1][0]
        position = begin - 1 if gene == "FWD" else LENGTH - begin
        ref = genome[position]
        alt = "A" if ref != "A" else "T"
        name = namer.name(VariantKey("2", position + 1, ref, alt), transcript).coding
        assert f"c.{done + 1}-1" in str(name)
    assert AT_AC == 1


def test_coding_name_comes_back(
    namer: HgvsNamer, toy: Reference, toy_source: SequenceSource, genome: str
) -> None:
    for gene in ("FWD", "REV"):
        transcript = load_transcripts(toy, BUILD)[gene]
        for index in range(10, 440, 17):
            place = coding_places(gene)[index]
            ref = genome[place]
            key = VariantKey("2", place + 1, ref, "G" if ref != "G" else "T")
            name = namer.name(key, transcript).coding
            assert name is not None
            assert f"c.{index + 1}" in name
            assert namer.locate_coding_name(name) == key
            gone = normalise_key(
                VariantKey("2", place, genome[place - 1 : place + 1], genome[place - 1]), toy_source
            )
            name = namer.name(gone, transcript).coding
            assert name is not None
            back = namer.locate_coding_name(name)
            assert back is not None
            assert normalise_key(back, toy_source) == gone


@pytest.mark.parametrize("name", ["NM_000001.1:c.5", "NM_999999.1:c.1A>G", "nonsense", ""])
def test_unreadable_names(namer: HgvsNamer, name: str) -> None:
    assert namer.locate_coding_name(name) is None


def test_wrong_reference_has_no_name(namer: HgvsNamer, toy: Reference, genome: str) -> None:
    wrong = "A" if genome[399] != "A" else "C"
    alt = "G" if wrong != "G" and genome[399] != "G" else "T"
    transcript = load_transcripts(toy, BUILD)["FWD"]
    assert namer.name(VariantKey("2", 400, wrong, alt), transcript) == Names(None, None)


def test_last_residue_and_stop(namer: HgvsNamer, toy: Reference, genome: str) -> None:
    for gene in ("FWD", "REV"):
        transcript = load_transcripts(toy, BUILD)[gene]
        places = coding_places(gene)
        for index, expected in (
            (-6, rf"p\.\([A-Z][a-z]{{2}}{transcript.residues}\D"),
            (-1, rf"p\.\(Ter{transcript.residues + 1}"),
        ):
            place = places[index]
            for alt in "ACGT".replace(genome[place], ""):
                key = VariantKey("2", place + 1, genome[place], alt)
                assert re.match(expected, str(namer.name(key, transcript).protein))


def test_protein_name_behind_a_lost_stop_is_unknown(
    package: Reference, shipped: SequenceSource, shipped_namer: HgvsNamer
) -> None:
    """A deletion from the last codons into the untranslated part names no residue out there."""
    transcript = load_transcripts(package, shipped.build)[GENE]
    start = transcript.cds_start - 15
    bases = shipped.fetch("2", start, start + 31)
    assert bases is not None
    names = shipped_namer.name(VariantKey("2", start + 1, bases, bases[0]), transcript)
    assert names.coding is not None
    assert str(names.protein) == "p.?"


@pytest.mark.realdata
def test_published_substitutions(
    shared: Path, package: Reference, shipped: SequenceSource, shipped_namer: HgvsNamer
) -> None:
    transcript = load_transcripts(package, shipped.build)[GENE]
    rows = [
        r
        for r in truth(shared)
        if re.fullmatch("[ACGT]", r["ref_plus"]) and re.fullmatch("[ACGT]", r["alt_plus"])
    ]
    assert len(rows) == 373
    column = "pos_grch37" if shipped.build is GenomeBuild.GRCH37 else "pos_grch38"
    notation = []
    for row in rows:
        key = VariantKey("2", int(row[column]), row["ref_plus"], row["alt_plus"])
        names = shipped_namer.name(key, transcript)
        assert str(names.coding).split(":")[1] == row["hgvs_c_NM_001165963"]
        protein = str(names.protein).replace("(", "").replace(")", "")
        expected = row["hgvs_p_NP_001159435"] or "p.?"
        if protein != expected:
            notation.append((row["hgvs_c"], str(names.protein), row["hgvs_p_NP_001159435"]))
    # The source leaves the protein name of one nonsense variant blank and writes the loss of
    # the start codon as a substitution.
    assert sorted(notation) == [
        ("c.2134C>T", "p.(Arg712Ter)", ""),
        ("c.2T>C", "p.(Met1?)", "p.Met1Thr"),
    ]


SOURCE_ERRORS = {
    "c.1664_1667del4ins12": "inserted bases not given",
    "c.2727insG": "an insertion needs two flanking bases",
    "c.992T>del": "not a description",
    "c.4382_4285delTTTA": "ends before it begins",
    "c.5536_5369delAAAC": "ends before it begins",
    "c.429delGT": "one position, two bases",
    "c.1-?_6030+?del": "breakpoints not known",
    "c.3082delG": "the base there is not G in either numbering",
}
SHIFTED = {
    "c.3568delA": "c.3569del",
    "c.5531_5534delCAAA": "c.5536_5539del",
    "c.1488delA": "c.1489del",
}
"""Published away from the most 3' position."""
LEGACY = "ENST00000375405"
"""Its numbering lacks 33 coding bases, from c.2011 on."""
NOT_LEGACY = {"c.2427delG"}
"""Filed under that transcript, but only the main numbering has the base it names."""


@pytest.mark.realdata
def test_published_indels(
    shared: Path, package: Reference, shipped: SequenceSource, shipped_namer: HgvsNamer
) -> None:
    transcript = load_transcripts(package, shipped.build)[GENE]
    seen = set()
    for row in truth(shared):
        name = row["hgvs_c"]
        if not re.search("del|ins|dup", name):
            continue
        if name in SOURCE_ERRORS:
            seen.add(name)
            continue
        match = re.fullmatch(r"c\.(\d+)(?:_(\d+))?(?:het_)?(del|dup|ins)([ACGT]*)", name)
        assert match is not None, name
        first, last = int(match[1]), int(match[2] or match[1])
        old = row["transcript"].startswith(LEGACY) and first > 2010 and name not in NOT_LEGACY
        shift = 33 if old else 0
        place = f"{first + shift}" + (f"_{last + shift}" if last != first else "")
        key = shipped_namer.locate_coding_name(
            f"{transcript.accession}:c.{place}{match[3]}{match[4]}"
        )
        assert key is not None, name
        back = shipped_namer.name(normalise_key(key, shipped), transcript).coding
        bare = f"c.{place}{match[3]}" + (match[4] if match[3] == "ins" else "")
        assert str(back).split(":")[1] == SHIFTED.get(name, bare)
        seen.add(name)
    assert seen >= {*SOURCE_ERRORS, *SHIFTED}
    assert len(seen) == 78


@pytest.mark.parametrize(
    ("pos", "ref", "alt", "expected"),
    [
        (33423500, "C", "T", "c.91C>T"),
        (33423500, "CG", "TC", "c.91_92delinsTC"),
        (33423500, "CGA", "TGC", "c.91_93delinsTGC"),
        (33423500, "CG", "TG", None),  # the second base is no part of the change
        (33423500, "CGA", "TC", None),  # a length that changes needs the bases around
    ],
)
def test_a_replacement_has_its_name_by_position_alone(
    package: Reference, pos: int, ref: str, alt: str, expected: str | None
) -> None:
    transcript = load_transcripts(package, GenomeBuild.GRCH38)["SYNGAP1"]
    name = name_by_position(VariantKey("6", pos, ref, alt), transcript)
    assert name == (expected and f"{transcript.accession}:{expected}")
