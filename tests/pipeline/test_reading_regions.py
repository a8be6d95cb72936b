"""What is read of a file, however it is sought, is the records over the wanted regions."""

import cyvcf2
import pysam
import pytest

from epilepsy_pgx.pipeline import write_listing as listing
from epilepsy_pgx.pipeline.extract import extract_group
from epilepsy_pgx.pipeline.job import Method, NamedFiles
from epilepsy_pgx.pipeline.listing import gene_lines
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.pipeline.write_listing import Listing, write_listing
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.variants.sites import Region, bed_text, merge_regions
from epilepsy_pgx.vocabulary import GenomeBuild
from epilepsy_pgx.worker.client import ask
from epilepsy_pgx.worker.jobs import ExtractionJob, Records
from tests.toy.vcf import vcf_text

REGIONS = [Region("10", 1000, 1010), Region("10", 1500, 1510), Region("10", 9000, 9010)]
RECORDS = (
    "990 ATTTTTTTTTTTTTT A GT 0/1",
    "992 A <*> PASS END=1502 GT 0/0",
    "1005 A G GT 0/1",
    "1008 " + "C" * 600 + " C GT 0/1",
    "1200 A G GT 0/1",
    "1505 A G GT 1/1",
    "1511 A G GT 1/1",
    "9001 A G GT 0/1",
    "9500 A G GT 0/1",
)


def bgzip(path):
    packed = path.with_name(path.name + ".gz")
    pysam.tabix_compress(str(path), str(packed), force=True)
    pysam.tabix_index(str(packed), preset="vcf", force=True)
    return packed


def read(job):
    assert isinstance(ask(job), Records)
    return [(r.POS, r.REF, tuple(r.ALT)) for r in cyvcf2.VCF(str(job.target))]


@pytest.mark.parametrize("gap", [0, 100, 2_000, 100_000])
def test_wider_stretches_give_the_same_records(tmp_path, gap):
    """A record over two regions comes once; one between two regions does not come."""
    plain = tmp_path / "a.vcf"
    plain.write_text(vcf_text(*RECORDS), encoding="utf-8")
    packed = bgzip(plain)
    names = (("10", "chr10"),)
    regions, intervals = tmp_path / "r.bed", tmp_path / "s.bed"
    regions.write_text(bed_text(merge_regions(REGIONS), names))
    intervals.write_text(bed_text(merge_regions(REGIONS, gap), names))
    scanned = read(ExtractionJob(plain, regions, tmp_path / "1.bcf", False))
    exact = read(ExtractionJob(packed, regions, tmp_path / "2.bcf", True))
    wide = read(ExtractionJob(packed, regions, tmp_path / "3.bcf", True, intervals=intervals))
    assert [pos for pos, _, _ in scanned] == [990, 992, 1005, 1008, 1505, 9001]
    assert scanned == exact == wide


def test_regions_join_over_a_gap_and_not_over_a_wider_one():
    assert merge_regions(REGIONS) == REGIONS
    assert merge_regions(REGIONS, 489) == REGIONS
    assert merge_regions(REGIONS, 490) == [Region("10", 1000, 1510), REGIONS[2]]
    other = [Region("10", 0, 5), Region("11", 6, 9)]
    assert merge_regions(other, 10) == other


@pytest.mark.parametrize("name", ["EX07.g.vcf.gz", "EX01.vcf.gz", "clinic.GRCh38.vcf.gz"])
def test_genes_are_called_alike_without_the_exons_of_other_genes(reference, root, name):
    path = root / "examples" / "vcf" / name
    build = GenomeBuild.GRCH38
    every = load_targets(reference, build)
    fewer = every.without_rare_variants()
    assert 0 < len(fewer.coding) < len(every.coding)
    assert {t.gene for t in fewer.coding}.isdisjoint(every.rare_genes)
    found = [
        list(gene_lines(extract_group([path], None, None, t, reference, Thresholds()), reference))
        for t in (every, fewer)
    ]
    assert found[0] == found[1]


@pytest.mark.parametrize(("covers", "whole"), [(None, False), ("all", True)])
def test_a_whole_genome_is_believed_on_the_exons_of_all_genes(
    reference, root, tmp_path, monkeypatch, covers, whole
):
    """Records in exons speak against a whole genome: fewer of them must not be looked at."""
    asked = []

    def note(vcfs, samples, covers, targets, ref, thresholds, *more):
        asked.append(targets)
        return extract_group(vcfs, samples, None, targets, ref, thresholds, *more)

    monkeypatch.setattr(listing, "extract_group", note)
    path = root / "examples" / "vcf" / "EX01.vcf.gz"
    write_listing(
        NamedFiles((path,), GenomeBuild.GRCH38, covers),
        Method(reference, None, Thresholds()),
        [Listing(tmp_path / "g.tsv", ("x",), lambda x: iter(()))],
        rare_variants=False,
    )
    held = {t.gene for t in asked[0].coding}
    assert bool(held & asked[0].rare_genes) is whole
