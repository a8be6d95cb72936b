"""Consequences against a translation of the edited gene that uses no library."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epilepsy_pgx.genetics import SymbolicKind
from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import ClassifiedVariant
from epilepsy_pgx.variants.annotate import Annotator, SiteAnnotation, annotate_sites
from epilepsy_pgx.variants.consequence import classify_by_position, classify_span
from epilepsy_pgx.variants.hgvs import HgvsNamer
from epilepsy_pgx.variants.observed import Span, normalise_key
from epilepsy_pgx.variants.sequence import SequenceSource
from epilepsy_pgx.variants.transcripts import load_transcripts
from epilepsy_pgx.vocabulary import Direction, GenomeBuild
from tests.drawing import examples
from tests.toy.genome import CDS, EXONS, LENGTH, coding_places, edited_protein, flip, translate

BUILD = GenomeBuild.GRCH38
SLOW = settings(
    max_examples=examples(120),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="session")
def annotator(toy: Reference, toy_source: SequenceSource) -> Annotator:
    return Annotator(toy, BUILD, toy_source)


def one(annotator: Annotator, key: VariantKey) -> SiteAnnotation:
    (annotation,) = annotator.annotate([key])[key]
    return annotation


def joined(annotator: Annotator, *keys: VariantKey) -> SiteAnnotation:
    return annotator.annotate_haplotypes([("FWD", keys)])[("FWD", keys)]


def at(gene: str, place: int) -> int:
    """Return the 0-based genome position of a position on the gene's own strand."""
    return place if gene == "FWD" else LENGTH - 1 - place


def snv(genome: str, gene: str, place: int) -> VariantKey:
    position = at(gene, place)
    return VariantKey("2", position + 1, genome[position], {"A": "C"}.get(genome[position], "A"))


def expected(before: str, after: str, difference: int) -> str:
    """Return the class of a change from the two proteins."""
    own, new = before.split("*")[0], after.split("*")[0]
    if after.startswith(before.split("*")[0] + "*"):
        return "synonymous"
    if difference % 3:
        return "truncating"
    if own.startswith(new) or len(new) < len(own) + difference // 3:
        return "truncating"
    if len(new) > len(own) + difference // 3:
        return "stop_lost"
    return "altering"


def seen(terms: tuple[str, ...]) -> str:
    if {"stop_gained", "frameshift_variant"} & set(terms):
        return "truncating"
    if "stop_lost" in terms:
        return "stop_lost"
    if {
        "missense_variant",
        "inframe_insertion",
        "inframe_deletion",
        "protein_altering_variant",
    } & set(terms):
        return "altering"
    return "synonymous"


@SLOW
@given(
    gene=st.sampled_from(["FWD", "REV"]),
    index=st.integers(4, 500),
    removed=st.integers(0, 7),
    added=st.text("ACGT", max_size=7),
)
def test_coding_changes_agree_with_translation(
    annotator: Annotator,
    toy_source: SequenceSource,
    genome: str,
    gene: str,
    index: int,
    removed: int,
    added: str,
) -> None:
    places = coding_places(gene)
    start = places[index % (len(places) - 20) + 4]
    spans = [(max(s, CDS[0]), min(e, CDS[1])) for s, e in EXONS]
    if gene == "REV":
        spans = [(LENGTH - e, LENGTH - s) for s, e in spans]
    low, high = next((s, e) for s, e in spans if s <= start < e)
    if not (low + 12 <= start and start + removed <= high - 12):
        return
    ref, alt = genome[start - 1 : start + removed], genome[start - 1] + added
    if ref == alt:
        return
    key = normalise_key(VariantKey("2", start, ref, alt), toy_source)
    annotation = one(annotator, key)
    before = edited_protein(genome, gene, low, 0, "")
    after = edited_protein(genome, gene, start, removed, added)
    wanted = expected(before, after, len(added) - removed)
    assert seen(annotation.consequences) == wanted, annotation
    assert annotation.truncating == (wanted == "truncating")
    assert "note-engines-differ" not in annotation.notes


@pytest.mark.parametrize("gene", ["FWD", "REV"])
def test_every_splice_site_base(annotator: Annotator, genome: str, gene: str) -> None:
    for left, right in zip(EXONS, EXONS[1:], strict=False):
        for offset in (0, 1):
            donor = one(annotator, snv(genome, gene, left[1] + offset))
            assert donor.consequences[0] == "splice_donor_variant", donor
            assert donor.truncating
            assert donor.direction is Direction.LOSS
            acceptor = one(annotator, snv(genome, gene, right[0] - 1 - offset))
            assert acceptor.consequences[0] == "splice_acceptor_variant", acceptor
            assert acceptor.truncating
        for offset in range(2, 8):
            beside = one(annotator, snv(genome, gene, left[1] + offset))
            assert "splice_region_variant" in beside.consequences
            assert not beside.truncating
        deep = one(annotator, snv(genome, gene, left[1] + 30))
        assert deep.consequences == ("intron_variant",)


@pytest.mark.parametrize("gene", ["FWD", "REV"])
def test_exon_boundaries(annotator: Annotator, genome: str, gene: str) -> None:
    for left, right in zip(EXONS, EXONS[1:], strict=False):
        for place in (left[1] - 1, right[0]):
            annotation = one(annotator, snv(genome, gene, place))
            assert "splice_region_variant" in annotation.consequences
            assert "-" not in str(annotation.hgvs_c)
            assert "+" not in str(annotation.hgvs_c)


@pytest.mark.parametrize("gene", ["FWD", "REV"])
def test_start_and_stop(annotator: Annotator, genome: str, gene: str) -> None:
    for offset in range(3):
        start = one(annotator, snv(genome, gene, CDS[0] + offset))
        assert start.consequences[0] == "start_lost"
        assert start.truncating
        assert start.hgvs_p == "p.(Met1?)"
    stop = one(annotator, snv(genome, gene, CDS[1] - 3))
    assert stop.consequences[0] == "stop_lost"
    assert not stop.truncating


@pytest.mark.parametrize(
    ("gene", "place", "term"),
    [
        (g, p, t)
        for g in ("FWD", "REV")
        for p, t in ((EXONS[0][0] + 3, "5_prime_UTR_variant"), (CDS[1] + 10, "3_prime_UTR_variant"))
    ],
)
def test_untranslated(annotator: Annotator, genome: str, gene: str, place: int, term: str) -> None:
    assert one(annotator, snv(genome, gene, place)).consequences == (term,)


def test_toy_gene_translates(genome: str) -> None:
    for gene in ("FWD", "REV"):
        bases = "".join(genome[p] for p in coding_places(gene))
        if gene == "REV":
            bases = flip(flip(bases)[::-1])[::-1]
            bases = "".join(
                {"A": "T", "C": "G", "G": "C", "T": "A"}[b]
                for b in (genome[p] for p in coding_places(gene))
            )
        protein = translate(bases)
        assert protein.startswith("M")
        assert protein.index("*") == len(protein) - 1


@pytest.mark.parametrize("gene", ["FWD", "REV"])
@pytest.mark.parametrize(
    ("kind", "first", "last", "term", "exons"),
    [
        ("DEL", 600, 900, "exon_loss_variant", (2,)),
        ("DEL", 100, 1900, "transcript_ablation", (1, 2, 3, 4)),
        ("DEL", 100, 900, "exon_loss_variant", (1, 2)),
        ("DEL", 900, 1900, "exon_loss_variant", (3, 4)),
        ("DUP", 100, 900, "coding_transcript_variant", (1, 2)),
        ("DUP", 600, 900, "coding_transcript_variant", (2,)),
        ("DUP", 100, 1900, "transcript_amplification", (1, 2, 3, 4)),
        ("DEL", 480, 520, "intron_variant", ()),
        ("INV", 600, 900, "coding_transcript_variant", (2,)),
    ],
)
def test_structural(
    annotator: Annotator,
    toy_source: SequenceSource,
    gene: str,
    kind: str,
    first: int,
    last: int,
    term: str,
    exons: tuple[int, ...],
) -> None:
    ends = sorted((at(gene, first), at(gene, last)))
    raw = VariantKey("2", ends[0], "N", f"<{kind}>")
    key = normalise_key(raw, toy_source, end=ends[1])
    annotation = one(annotator, key)
    assert annotation.consequences[0] == term
    assert annotation.exons == exons
    assert annotation.truncating == (kind == "DEL" and bool(exons))
    assert annotation.hgvs_c is None


@pytest.mark.parametrize(
    ("start", "end", "touched"),
    [(200, 300, False), (200, 301, True), (1699, 1900, True), (1700, 1900, False)],
)
def test_structural_edges(toy: Reference, start: int, end: int, touched: bool) -> None:
    transcript = load_transcripts(toy, BUILD)["FWD"]
    terms, exons = classify_span(Span(SymbolicKind.DEL, "2", start, end), transcript)
    assert bool(terms) is touched
    assert exons == ()


def test_long_deletion_is_structural(annotator: Annotator, genome: str) -> None:
    key = VariantKey("2", 101, genome[100:1900], genome[100])
    annotation = one(annotator, key)
    assert annotation.consequences[0] == "transcript_ablation"
    assert annotation.status == "structural"


def test_copy_number_decides(toy_source: SequenceSource) -> None:
    raw = VariantKey("2", 600, "N", "<CNV>")
    kinds = [
        normalise_key(raw, toy_source, end=900, copy_number=n, ploidy=p).alt
        for n, p in ((0, 2), (1, 2), (3, 2), (2, 2), (2, 1), (0, 1))
    ]
    assert [k[1:4] for k in kinds] == ["DEL", "DEL", "DUP", "CNV", "DUP", "DEL"]
    for copies, kind in ((1, "DEL"), (2, "CNV"), (3, "DUP")):
        assert normalise_key(raw, toy_source, end=900, copy_number=copies).alt[1:4] == kind


@pytest.mark.parametrize(
    ("alt", "sv_type", "expected"),
    [
        ("<DEL>", None, "<DEL:END=900>"),
        ("<DEL:ME:ALU>", "DEL", "<DEL:END=900>"),
        ("<DUP:TANDEM>", "DUP", "<DUP:END=900>"),
        ("<CN0>", None, "<DEL:END=900>"),
        ("<CN1>", None, "<DEL:END=900>"),
        ("<CN3>", None, "<DUP:END=900>"),
        ("<CN2>", None, "<CNV:END=900>"),
        ("<X>", "DEL", "<DEL:END=900>"),
        ("<X>", None, "<CNV:END=900>"),
        ("N[3:500[", "BND", "<BND:END=600>"),
        ("]3:500]N", "BND", "<BND:END=600>"),
    ],
)
def test_symbolic_spellings(
    toy_source: SequenceSource, alt: str, sv_type: str | None, expected: str
) -> None:
    raw = VariantKey("2", 600, "N", alt)
    key = normalise_key(raw, toy_source, end=900, sv_type=sv_type)
    assert key == VariantKey("2", 600, "N", expected)
    assert normalise_key(key, toy_source) == key


def test_reference_mismatch_is_not_interpreted(annotator: Annotator, genome: str) -> None:
    position = 350
    wrong = next(b for b in "ACGT" if b != genome[position])
    alt = next(b for b in "ACGT" if b not in (wrong, genome[position]))
    annotation = one(annotator, VariantKey("2", position + 1, wrong, alt))
    assert annotation.status == "ref_mismatch"
    assert annotation.consequences == ("not_assessed",)
    assert annotation.hgvs_c is None
    assert not annotation.truncating


def test_nothing_asked_nothing_done(toy: Reference, toy_source: SequenceSource) -> None:
    assert annotate_sites([], BUILD, toy, toy_source) == {}
    outside = VariantKey("2", 2, "A", "C")
    assert annotate_sites([outside], BUILD, toy, toy_source) == {outside: ()}


def test_two_changes_in_one_codon(annotator: Annotator, genome: str) -> None:
    places = coding_places("FWD")
    codon = next(
        i
        for i in range(30, 100, 3)
        if len({places[i], places[i + 2]}) == 2
        and places[i + 2] - places[i] == 2
        and "".join(genome[p] for p in places[i : i + 3])[0] != "T"
        and "".join(genome[p] for p in places[i : i + 3])[1] == "A"
        and "".join(genome[p] for p in places[i : i + 3])[2] not in "AG"
    )
    first = VariantKey("2", places[codon] + 1, genome[places[codon]], "T")
    second = VariantKey("2", places[codon + 2] + 1, genome[places[codon + 2]], "A")
    alone = annotator.annotate([first, second])
    assert not any(
        a.truncating
        for annotations in alone.values()
        for a in annotations
        if "stop_gained" not in a.consequences
    )
    joint = joined(annotator, first, second)
    assert "stop_gained" in joint.consequences
    assert joint.truncating


@SLOW
@given(
    gene=st.sampled_from(["FWD", "REV"]),
    exon=st.integers(0, 3),
    where=st.integers(0, 100),
    gap=st.integers(1, 9),
    first=st.tuples(st.integers(0, 3), st.text("ACGT", max_size=3)),
    second=st.tuples(st.integers(0, 3), st.text("ACGT", max_size=3)),
)
def test_joint_changes_agree_with_translation(
    annotator: Annotator,
    genome: str,
    gene: str,
    exon: int,
    where: int,
    gap: int,
    first: tuple[int, str],
    second: tuple[int, str],
) -> None:
    low, high = max(EXONS[exon][0], CDS[0]), min(EXONS[exon][1], CDS[1])
    if gene == "REV":
        low, high = LENGTH - high, LENGTH - low
    start = low + 12 + where % (high - low - 44)
    later = start + first[0] + gap
    keys = []
    for at_base, (removed, added) in ((start, first), (later, second)):
        ref, alt = genome[at_base - 1 : at_base + removed], genome[at_base - 1] + added
        if ref == alt:
            return
        keys.append(VariantKey("2", at_base, ref, alt))
    group = (gene, tuple(keys))
    joint = annotator.annotate_haplotypes([group]).get(group)
    if joint is None:
        return
    new = first[1] + genome[start + first[0] : later] + second[1]
    size = later + second[0] - start
    before = edited_protein(genome, gene, low, 0, "")
    after = edited_protein(genome, gene, start, size, new)
    wanted = expected(before, after, len(new) - size)
    assert seen(joint.consequences) == wanted, joint
    assert joint.truncating == (wanted == "truncating")


def test_frame_restored(annotator: Annotator, genome: str) -> None:
    start = 380
    lost = VariantKey("2", start, genome[start - 1 : start + 1], genome[start - 1])
    at_gain = start + 4
    gained = VariantKey("2", at_gain, genome[at_gain - 1], genome[at_gain - 1] + "C")
    joint = joined(annotator, lost, gained)
    assert "frameshift_variant" not in joint.consequences


def test_gene_without_sequence(tmp_path_factory: pytest.TempPathFactory, genome: str) -> None:
    from epilepsy_pgx.variants.sequence import open_sequences
    from tests.toy.package import write_toy

    ref = write_toy(tmp_path_factory.mktemp("bare"), sequence=False)
    annotator = Annotator(ref, BUILD, open_sequences(ref, BUILD))
    change = one(annotator, snv(genome, "FWD", 360))
    assert change.status == "no_sequence"
    assert change.consequences == ("coding_sequence_variant",)
    assert change.direction_basis == "direction-basis-no-sequence"
    assert (change.hgvs_c, change.hgvs_p) == ("NM_000001.1:c.21G>A", None)
    assert change.direction is Direction.NOT_DETERMINED
    assert one(annotator, snv(genome, "FWD", EXONS[0][1])).truncating
    inside = VariantKey("2", 381, genome[380:382], genome[380])
    assert one(annotator, inside).consequences == ("frameshift_variant",)
    threefold = VariantKey("2", 381, genome[380:384], genome[380])
    assert one(annotator, threefold).consequences == ("inframe_deletion",)


@pytest.mark.parametrize(
    ("name", "term"),
    [
        ("c.383+1A>G", "splice_donor_variant"),
        ("c.383+2T>C", "splice_donor_variant"),
        ("c.384-1C>T", "splice_acceptor_variant"),
        ("c.384-2A>G", "splice_acceptor_variant"),
        ("c.4476+1A>G", "splice_donor_variant"),
        ("c.4476+2T>A", "splice_donor_variant"),
        ("c.4477-1C>A", "splice_acceptor_variant"),
        ("c.4477-2A>T", "splice_acceptor_variant"),
        ("c.383+3A>G", "splice_region_variant"),
        ("c.602+1G>A", "splice_donor_variant"),
        ("c.603-2A>G", "splice_acceptor_variant"),
        ("c.603-3C>T", "splice_region_variant"),
        ("c.694+1del", "frameshift_variant"),
    ],
)
def test_shipped_splice_sites(
    package: Reference, shipped: SequenceSource, name: str, term: str
) -> None:
    """The introns that begin with AT and end with AC are read like the others."""
    transcript = load_transcripts(package, shipped.build)["SCN1A"]
    namer = HgvsNamer({"SCN1A": transcript}, shipped)
    key = namer.locate_coding_name(f"{transcript.accession}:{name}")
    assert key is not None
    key = normalise_key(key, shipped)
    (annotation,) = annotate_sites([key], shipped.build, package, shipped)[key]
    assert annotation.consequences[0] == term
    assert annotation.truncating == (term != "splice_region_variant")
    assert annotation.hgvs_c == f"{transcript.accession}:{name}"


def test_curated_names_fit_the_transcripts(package: Reference) -> None:
    """Position, strand and c. number of each curated substitution agree, sequence or not."""
    checked = 0
    for build in GenomeBuild:
        transcripts = load_transcripts(package, build)
        for row in package.rows(ClassifiedVariant):
            match = re.fullmatch(r"c\.(\d+)([ACGT])>([ACGT])", row.hgvs_c or "")
            if match is None:
                continue
            transcript = transcripts[row.gene]
            pos, *bases = row.place(build)
            index = transcript.coding_index(pos - 1)
            assert index is not None, row
            assert index + 1 == int(match[1]), row
            own = bases if transcript.forward else [flip(b) for b in bases]
            assert own == [match[2], match[3]], row
            checked += 1
    assert checked > 1_200


@pytest.mark.parametrize("gene", ["FWD", "REV"])
@pytest.mark.parametrize(
    ("first", "removed", "added", "term"),
    [
        (30, 1, 1, "coding_sequence_variant"),
        (30, 2, 2, "coding_sequence_variant"),
        (30, 1, 0, "frameshift_variant"),
        (30, 0, 4, "frameshift_variant"),
        (30, 2, 3, "frameshift_variant"),
        (30, 3, 0, "inframe_deletion"),
        (30, 0, 6, "inframe_insertion"),
        (30, 4, 1, "protein_altering_variant"),
        (0, 3, 0, "coding_sequence_variant"),
        (-3, 3, 0, "coding_sequence_variant"),
        (-2, 1, 1, "coding_sequence_variant"),
    ],
)
def test_what_length_alone_says(
    toy: Reference, gene: str, first: int, removed: int, added: int, term: str
) -> None:
    """A change inside a coding exon is never nothing, whatever its bases are."""
    transcript = load_transcripts(toy, BUILD)[gene]
    low = first % transcript.coding_length
    places = [transcript.genome_position(i) for i in range(low, low + max(removed, 1))]
    start = min(places)
    if removed and added:
        key = VariantKey("2", start + 1, "A" * removed, "C" * added)
    else:
        start -= removed > 0
        key = VariantKey("2", start + 1, "A" + "C" * removed, "A" + "G" * added)
    assert term in classify_by_position(key, transcript)
