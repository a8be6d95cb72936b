"""The bases that ship: a second reading against frames, splice sites and published bases."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import ClassifiedVariant, ShippedSequence
from epilepsy_pgx.variants.annotate import Annotator
from epilepsy_pgx.variants.hgvs import name_by_position
from epilepsy_pgx.variants.sequence import (
    SequenceSource,
    coding_sequence,
    complement,
    open_sequences,
    reads_through,
)
from epilepsy_pgx.variants.transcripts import Transcript, load_transcripts
from epilepsy_pgx.vocabulary import Direction, GenomeBuild

RESIDUES = {
    "CACNA1A": 2506,
    "CYP2D6": 497,
    "DEPDC5": 1603,
    "POLG": 1239,
    "SCN1A": 2009,
    "SCN1B": 218,
    "SLC2A1": 492,
    "TPP1": 563,
    "TSC1": 1164,
    "TSC2": 1807,
}
"""Length of each protein in UniProt."""
CODING_ONLY = frozenset({"DEPDC5", "SCN1B"})
UNUSUAL = {"CACNA1A": {("AT", "AC")}, "CYP2D6": {("GC", "AG")}, "SCN1A": {("AT", "AC")}}
"""Ends of introns that are not GT and AG, as the records of the genes have them."""


def intron_ends(source: SequenceSource, transcript: Transcript) -> list[tuple[str, str]]:
    """Return the first and last two bases of the introns between coding exons, as transcribed."""
    found = []
    for start, end in transcript.introns:
        if not transcript.cds_start < end <= transcript.cds_end or start < transcript.cds_start:
            continue
        left = source.fetch(transcript.chrom, start, start + 2)
        right = source.fetch(transcript.chrom, end - 2, end)
        assert left is not None
        assert right is not None
        ends = (left, right) if transcript.forward else (complement(right), complement(left))
        found.append(ends)
    return found


def test_the_genes_that_ship(package: Reference, shipped: SequenceSource) -> None:
    rows = [r for r in package.rows(ShippedSequence) if r.build is shipped.build]
    assert {r.gene for r in rows} == set(RESIDUES)
    assert shipped.coding_only == CODING_ONLY
    assert shipped.covered == set(RESIDUES) - CODING_ONLY
    assert shipped.typed == {r.gene for r in rows if r.kind != "copied"}


@pytest.mark.parametrize("gene", sorted(RESIDUES))
def test_coding_bases_are_one_frame(package: Reference, shipped: SequenceSource, gene: str) -> None:
    transcript = load_transcripts(package, shipped.build)[gene]
    coding = coding_sequence(shipped, transcript)
    assert coding is not None
    assert reads_through(coding)
    assert transcript.residues == RESIDUES[gene]
    (row,) = (
        r for r in package.rows(ShippedSequence) if (r.gene, r.build) == (gene, shipped.build)
    )
    assert row.coding_bases == len(coding)


@pytest.mark.parametrize("gene", sorted(set(RESIDUES) - CODING_ONLY))
def test_introns_begin_and_end_as_they_should(
    package: Reference, shipped: SequenceSource, gene: str
) -> None:
    ends = intron_ends(shipped, load_transcripts(package, shipped.build)[gene])
    assert set(ends) - {("GT", "AG")} == UNUSUAL.get(gene, set())


def test_published_bases_are_there(package: Reference, shipped: SequenceSource) -> None:
    """REF of each listed variant is the base found, in each gene."""
    seen = dict.fromkeys(RESIDUES, 0)
    for row in package.rows(ClassifiedVariant):
        site = row.site(shipped.build)
        if row.gene in seen and site is not None:
            pos, ref = site
            bases = shipped.fetch(row.chrom, pos - 1, pos - 1 + len(ref))
            assert bases in (None, ref), row.variant
            seen[row.gene] += bases is not None
    assert {g: n for g, n in seen.items() if n < 4} == {"CYP2D6": 0}
    assert seen["TSC2"] > 250
    assert seen["POLG"] > 100


@pytest.fixture(scope="session")
def annotator(package: Reference, shipped: SequenceSource) -> Annotator:
    return Annotator(package, shipped.build, shipped)


def substitution(
    package: Reference, source: SequenceSource, gene: str, base: int, alt: str
) -> VariantKey:
    """Return the variant that changes a coding base, 1-based, to another."""
    transcript = load_transcripts(package, source.build)[gene]
    place = transcript.genome_position(base - 1)
    ref = source.fetch(transcript.chrom, place, place + 1)
    assert ref is not None
    return VariantKey(
        transcript.chrom, place + 1, ref, alt if transcript.forward else complement(alt)
    )


def test_a_gene_without_introns_is_translated(
    package: Reference, shipped: SequenceSource, annotator: Annotator
) -> None:
    """DEPDC5: codons are read, and what needs a base of an intron is not."""
    key = substitution(package, shipped, "DEPDC5", 1264, "T")
    (found,) = annotator.annotate([key])[key]
    assert (found.status, found.consequences) == ("assessed", ("stop_gained",))
    assert found.hgvs_c == "NM_001242896.3:c.1264C>T"
    assert found.hgvs_p == "p.(Arg422Ter)"
    assert found.direction is Direction.LOSS
    transcript = load_transcripts(package, shipped.build)["DEPDC5"]
    start, end = transcript.coding[5]
    edge = shipped.fetch(transcript.chrom, end - 2, end)
    inside = shipped.fetch(transcript.chrom, start + 20, start + 22)
    assert edge is not None
    assert inside is not None
    beside = VariantKey(transcript.chrom, end - 1, edge, edge[0])
    within = VariantKey(transcript.chrom, start + 21, inside, inside[0])
    found_of = annotator.annotate([beside, within])
    assert found_of[beside][0].status == "outside_sequence"
    assert found_of[within][0].status == "assessed"
    assert found_of[within][0].consequences == ("frameshift_variant",)
    splice = VariantKey(transcript.chrom, end + 1, "G", "A")
    (lost,) = annotator.annotate([splice])[splice]
    assert lost.status == "outside_sequence"
    assert lost.consequences == ("splice_donor_variant",)


def test_a_mismatch_in_typed_bases_may_be_ours(
    package: Reference, shipped: SequenceSource, annotator: Annotator
) -> None:
    for gene, note in (("POLG", "note-ref-mismatch-typed"), ("CACNA1A", "note-ref-mismatch")):
        right = substitution(package, shipped, gene, 1000, "A")
        wrong = next(b for b in "ACGT" if b not in (right.ref, right.alt))
        key = replace(right, ref=wrong)
        (found,) = annotator.annotate([key])[key]
        assert found.status == "ref_mismatch"
        assert found.notes[0] == note


@pytest.mark.parametrize("build", list(GenomeBuild))
def test_listed_variants_tell_the_bases_of_genes_without_sequence(
    package: Reference, build: GenomeBuild
) -> None:
    """A record on the other strand of a listed variant has no name, and says why."""
    source = open_sequences(package, build)
    annotator = Annotator(package, build, source)
    genes = load_transcripts(package, build)
    rows = {r.gene: r for r in package.rows(ClassifiedVariant) if not source.covers(r.gene)}
    tried = 0
    for row in rows.values():
        place = row.place(build)
        if row.gene not in genes or place is None or not len(place[1]) == len(place[2]) == 1:
            continue
        right = VariantKey(row.chrom, *place)
        wrong = VariantKey(row.chrom, place[0], *map(complement, place[1:]))
        if row.gene in source.typed or source.fetch(row.chrom, place[0] - 1, place[0]):
            continue
        found = annotator.annotate([right, wrong])
        assert all(a.status == "no_sequence" for a in found[right] if a.gene == row.gene)
        for one in found[wrong]:
            assert (one.status, one.notes) == ("ref_mismatch", ("note-ref-mismatch-listed",))
            assert (one.hgvs_c, one.classifications) == (None, ())
        tried += 1
    assert tried > 30


def test_a_splice_site_without_sequence_has_its_name(package: Reference) -> None:
    build = GenomeBuild.GRCH38
    source = SequenceSource(build, "none", {}, {}, {})
    transcript = load_transcripts(package, build)["CHD2"]
    key = VariantKey(transcript.chrom, transcript.coding[1][1] + 1, "G", "A")
    (found,) = Annotator(package, build, source).annotate([key])[key]
    assert found.hgvs_c is not None
    assert found.hgvs_c.endswith("+1G>A")
    assert found.consequences == ("splice_donor_variant",)


@pytest.mark.realdata
def test_published_names_of_genes_without_sequence(
    shared: Path, package: Reference, shipped: SequenceSource
) -> None:
    """Position and consequence alone name each substitution as ClinVar did in 2021."""
    transcripts = load_transcripts(package, shipped.build)
    path = shared / "truth" / "variant_names_new_genes.tsv"
    with path.open(encoding="utf-8", newline="") as handle:
        rows = [r for r in csv.DictReader(handle, delimiter="\t") if r["gene"] in transcripts]
    single = [r for r in rows if len(r["ref"]) == len(r["alt"]) == 1]
    assert len(single) > 500
    for row in single:
        pos = int(row[f"{shipped.build.prefix}_pos"])
        key = VariantKey(row["chrom"], pos, row["ref"], row["alt"])
        assert name_by_position(key, transcripts[row["gene"]]) == row["hgvs_c"], row
