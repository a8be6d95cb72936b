from pathlib import Path

import pytest

from epilepsy_pgx.errors import InputError, TableError
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import AlignedProtein, CuratedTranscript
from epilepsy_pgx.variants.sequence import (
    SequenceSource,
    coding_sequence,
    open_sequences,
    read_slices,
    reads_through,
)
from epilepsy_pgx.variants.targets_coding import coding_targets
from epilepsy_pgx.variants.transcripts import Transcript, load_transcripts
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.toy.genome import CDS, EXONS, LENGTH, translate
from tests.toy.package import write_table, write_toy

BUILD = GenomeBuild.GRCH38


def write_fasta(path: Path, contigs: dict[str, str]) -> Path:
    path.write_text("".join(f">{n}\n{b}\n" for n, b in contigs.items()), encoding="ascii")
    return path


@pytest.mark.parametrize("name", ["2", "chr2", "NC_000002.12"])
def test_fasta_contig_names(tmp_path: Path, genome: str, name: str) -> None:
    ref = write_toy(tmp_path / "package", sequence=False)
    fasta = write_fasta(tmp_path / "g.fa", {"other": "ACGT", name: genome.lower()})
    source = open_sequences(ref, BUILD, fasta)
    assert source.fetch("2", 100, 120) == genome[100:120]
    assert source.covers("FWD")
    assert source.covers("REV")
    assert source.label == "g.fa"
    assert source.fetch("2", LENGTH - 5, LENGTH + 5) is None
    assert source.fetch("3", 0, 5) is None


def test_fasta_of_another_build(tmp_path: Path, toy: Reference, genome: str) -> None:
    with pytest.raises(InputError, match="fasta-build"):
        open_sequences(toy, BUILD, write_fasta(tmp_path / "a.fa", {"2": genome + "A"}))
    with pytest.raises(InputError, match="fasta-contigs"):
        open_sequences(toy, BUILD, write_fasta(tmp_path / "b.fa", {"scaffold": genome}))
    with pytest.raises(InputError, match="fasta-bases"):
        open_sequences(toy, BUILD, write_fasta(tmp_path / "c.fa", {"2": genome[::-1]}))
    with pytest.raises(InputError, match="fasta-opens"):
        open_sequences(toy, BUILD, tmp_path / "absent.fa")


def test_few_different_bases_are_the_fastas_right(
    tmp_path: Path, toy: Reference, genome: str
) -> None:
    other = "A" if genome[10] != "A" else "C"
    bases = genome[:10] + other + genome[11:]
    source = open_sequences(toy, BUILD, write_fasta(tmp_path / "a.fa", {"2": bases}))
    assert source.fetch("2", 10, 11) == other


def test_gaps_are_unknown(tmp_path: Path, genome: str) -> None:
    ref = write_toy(tmp_path, sequence=False)
    folder = ref.path / "sequences" / "GRCh38"
    folder.mkdir(parents=True)
    (folder / "a.fa").write_text(
        f">2:101-200\n{genome[100:200]}\n>2:151-260\n{genome[150:260]}\n>2:301-310\n"
        f"{genome[300:310]}\n",
        encoding="ascii",
    )
    source = open_sequences(ref, BUILD)
    assert source.fetch("2", 100, 260) == genome[100:260]
    assert source.fetch("2", 250, 270) is None
    assert source.fetch("2", 99, 101) is None
    padded = source.fetch_padded("2", 255, 315)
    assert padded == genome[255:260] + "N" * 40 + genome[300:310] + "N" * 5
    assert not source.covered


@pytest.mark.parametrize(
    ("text", "check"),
    [
        (">2:1-4\nACG\n", "slice-length"),
        (">2:1-4\nACGX\n", "slice-length"),
        (">2\nACGT\n", "slice-length"),
        (">2:a-b\nACGT\n", "slice-length"),
    ],
)
def test_damaged_slices(tmp_path: Path, text: str, check: str) -> None:
    path = tmp_path / "x.fa"
    path.write_text(text, encoding="ascii")
    with pytest.raises(TableError, match=check):
        read_slices(path)


def test_slices_that_disagree(tmp_path: Path) -> None:
    ref = write_toy(tmp_path, sequence=False)
    folder = ref.path / "sequences" / "GRCh38"
    folder.mkdir(parents=True)
    (folder / "a.fa").write_text(">2:1-4\nACGT\n>2:3-6\nGAAA\n", encoding="ascii")
    with pytest.raises(TableError, match="slices-agree"):
        open_sequences(ref, BUILD)


@pytest.mark.parametrize(
    ("coding", "open_frame"),
    [
        ("ATGGCATAA", True),
        ("ATGGCATA", False),
        ("ATGTAATAA", False),
        ("CTGGCATAA", False),
        ("ATGGCAGCA", False),
        ("ATGNCATAA", False),
    ],
)
def test_open_frame(coding: str, open_frame: bool) -> None:
    assert reads_through(coding) is open_frame


def test_targets(toy: Reference) -> None:
    targets = coding_targets(toy, BUILD)
    assert len(targets) == 8
    forward = [t for t in targets if t.gene == "FWD"]
    assert [t.exon_number for t in forward] == [1, 2, 3, 4]
    assert forward[0].coding_start0 == CDS[0]
    assert forward[0].coding_end0 == EXONS[0][1]
    assert (forward[1].start0, forward[1].end0) == (EXONS[1][0] - 20, EXONS[1][1] + 20)
    backward = [t for t in targets if t.gene == "REV"]
    assert [t.exon_number for t in backward] == [4, 3, 2, 1]
    assert coding_targets(toy, BUILD, []) == ()
    assert {t.gene for t in coding_targets(toy, BUILD, ["REV", "LOST"])} == {"REV"}


def test_targets_without_sequence(tmp_path: Path) -> None:
    targets = coding_targets(write_toy(tmp_path, sequence=False), BUILD, ["FWD"])
    assert (targets[1].start0, targets[1].end0) == (EXONS[1][0] - 8, EXONS[1][1] + 8)


@pytest.mark.parametrize(
    ("left", "right", "covered"),
    [(0, 2, False), (1, 2, False), (2, 0, False), (2, 1, False), (2, 2, True), (3, 3, True)],
)
def test_covered_means_splice_sites_too(
    tmp_path: Path, genome: str, left: int, right: int, covered: bool
) -> None:
    ref = write_toy(tmp_path, sequence=False)
    folder = ref.path / "sequences" / "GRCh38"
    folder.mkdir(parents=True)
    lines = []
    for number, (start, end) in enumerate(EXONS):
        low = start if number == 0 else start - left
        high = end if number == len(EXONS) - 1 else end + right
        lines.append(f">2:{low + 1}-{high}\n{genome[low:high]}\n")
    (folder / "a.fa").write_text("".join(lines), encoding="ascii")
    source = open_sequences(ref, BUILD)
    assert source.covers("FWD") is covered
    assert not source.covers("REV")


def test_ends_of_the_transcript_need_no_splice_site(tmp_path: Path, genome: str) -> None:
    """Coding bases may begin and end with the transcript."""
    ref = write_toy(tmp_path, sequence=False)
    exons = [(CDS[0], EXONS[0][1]), *EXONS[1:-1], (EXONS[-1][0], CDS[1])]
    write_table(
        tmp_path,
        "transcripts",
        "gene transcript ensembl build chrom strand exon_starts exon_ends cds_start cds_end source",
        [
            "FWD ; NM_000001.1 ; ENST0 ; GRCh38 ; 2 ; + ; "
            f"{'|'.join(str(s) for s, _ in exons)} ; {'|'.join(str(e) for _, e in exons)} ; "
            f"{CDS[0]} ; {CDS[1]} ; toy"
        ],
    )
    folder = ref.path / "sequences" / "GRCh38"
    folder.mkdir(parents=True)
    first, last = CDS[0] + 1, CDS[1]
    (folder / "a.fa").write_text(
        f">2:{first}-{last}\n{genome[first - 1 : last]}\n", encoding="ascii"
    )
    assert open_sequences(ref, BUILD).covers("FWD")


@pytest.mark.parametrize("missing", range(4))
def test_every_exon_is_needed(tmp_path: Path, genome: str, missing: int) -> None:
    ref = write_toy(tmp_path, sequence=False)
    folder = ref.path / "sequences" / "GRCh38"
    folder.mkdir(parents=True)
    (folder / "a.fa").write_text(
        "".join(
            f">2:{start - 9}-{end + 10}\n{genome[start - 10 : end + 10]}\n"
            for number, (start, end) in enumerate(EXONS)
            if number != missing
        ),
        encoding="ascii",
    )
    assert not open_sequences(ref, BUILD).covers("FWD")


def test_coding_places_round_trip(toy: Reference) -> None:
    for transcript in load_transcripts(toy, BUILD).values():
        for index in range(transcript.coding_length):
            assert transcript.coding_index(transcript.genome_position(index)) == index
        assert transcript.coding_index(transcript.start) is None
        with pytest.raises(IndexError):
            transcript.genome_position(transcript.coding_length)


def test_shipped_sequence_is_the_protein(package: Reference, shipped: SequenceSource) -> None:
    """The shipped exons translate to the protein of the alignment, with real splice sites."""
    transcript = load_transcripts(package, shipped.build)["SCN1A"]
    coding = coding_sequence(shipped, transcript)
    assert coding is not None
    aligned = next(r for r in package.rows(AlignedProtein) if r.gene == "SCN1A")
    protein = translate(coding)
    assert len(protein) == 2010
    assert protein == aligned.aligned.replace("-", "") + "*"
    assert shipped.covers("SCN1A")
    pairs = []
    for start, end in transcript.introns:
        ends = shipped.fetch("2", start, start + 2), shipped.fetch("2", end - 2, end)
        if None not in ends:
            pairs.append(ends)
    # Read on the other strand: GT-AG, and two AT-AC introns.
    assert len(pairs) == 25
    assert pairs.count(("CT", "AC")) == 23
    assert pairs.count(("GT", "AT")) == 2


def test_both_builds_ship_the_same_exons(package: Reference) -> None:
    bases = []
    for build in GenomeBuild:
        source = open_sequences(package, build)
        transcript = load_transcripts(package, build)["SCN1A"]
        bases.append(coding_sequence(source, transcript))
    assert bases[0] == bases[1]


def test_transcripts_agree_between_builds(package: Reference) -> None:
    first, second = (load_transcripts(package, b) for b in GenomeBuild)
    assert first.keys() == second.keys()
    differ = {
        g
        for g in first
        if [e - s for s, e in first[g].coding] != [e - s for s, e in second[g].coding]
    }
    broken = {g for g, t in [*first.items(), *second.items()] if t.coding_length % 3}
    # One exon of this gene is a base short in the older build: its frame does not close, so it
    # is never covered there, and the row says so.
    assert differ == broken == {"NPRL3"}
    row = next(
        r
        for r in package.rows(CuratedTranscript)
        if r.gene == "NPRL3" and r.build == GenomeBuild.GRCH37.value
    )
    assert "not covered" in row.source


def test_exon_that_ends_where_the_coding_part_begins() -> None:
    for forward in (True, False):
        transcript = Transcript(
            "G",
            "NM_1.1",
            "ENST1",
            "2",
            forward,
            ((10, 20), (30, 45), (50, 65), (70, 80)),
            20 if forward else 30,
            65,
        )
        coding = ((30, 45), (50, 65))
        assert transcript.coding == (coding if forward else coding[::-1])
        assert transcript.coding_exons == transcript.coding
        assert transcript.coding_length == 30
        assert transcript.residues == 9
        assert transcript.introns == ((20, 30), (45, 50), (65, 70))
