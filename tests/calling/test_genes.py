"""From VCF text about the toy gene to its diplotype: one trap of VCF at a time."""

from pathlib import Path

import pytest

from epilepsy_pgx.calling.genes import base_text, call_genes, sample_results, site_call
from epilepsy_pgx.model import GeneResult
from epilepsy_pgx.pipeline.extract import extract_group
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.variants.sites import OTHER, UNKNOWN
from epilepsy_pgx.variants.store import NOT_JUDGED, STATUS_OF, GenotypeStore
from epilepsy_pgx.vocabulary import GenomeBuild, SiteStatus
from tests.toy.vcf import LENGTH37, sound, vcf_text, with_records


def call(
    toy: Reference,
    folder: Path,
    text: str,
    *,
    build: GenomeBuild = GenomeBuild.GRCH38,
    covers: str | None = None,
) -> GeneResult:
    path = folder / "toy.vcf"
    path.write_text(text)
    found = extract_group([path], None, covers, load_targets(toy, build), toy, Thresholds())
    return sample_results(call_genes(found.store, toy), found.store, 0)["TOY1"]


CASES = [
    ("all reference", with_records(), "*1/*1", "complete"),
    ("heterozygous SNV", with_records("1001 A G GT 0/1"), "*1/*2", "complete"),
    ("homozygous SNV", with_records("1001 A G GT 1/1"), "*2/*2", "complete"),
    (
        "insertion and SNV in cis or trans: only cis has names",
        with_records("1001 A G GT 0/1", "1011 C CTT GT 0/1"),
        "*1/*3",
        "complete",
    ),
    ("phase decides", with_records("1001 A G GT 0|1", "1011 C CTT GT 0|1"), "*1/*3", "complete"),
    (
        "phase contradicts every name",
        with_records("1001 A G GT 0|1", "1011 C CTT GT 1|0"),
        "*2/UNDEFINED",
        "undefined",
    ),
    ("deletion in its listed spelling", with_records("1021 GAA G GT 0/1"), "*1/*4", "complete"),
    ("deletion with a longer REF", with_records("1021 GAAT GT GT 0/1"), "*1/*4", "complete"),
    (
        "insertion further right in a repeat, by the flanks of the table",
        with_records("1012 TT TTTT GT 0/1", "1001 A G GT 0/1", "1011 C . GT 0/0"),
        "*1/*3",
        "complete",
    ),
    ("SNV inside an MNV", with_records("1000 CA CG GT 0/1", "-1001"), "*1/*2", "complete"),
    ("third base at a defining site", with_records("1001 A T GT 0/1"), "*1/UNDEFINED", "undefined"),
    ("two alternatives in one record", with_records("1031 T C,A GT 1/2"), "*6/*7", "complete"),
    (
        "two alternatives in two records",
        with_records("1031 T C GT 0/1") + ("1031 T A GT 0/1",),
        "*6/*7",
        "complete",
    ),
    ("star allele over the site", with_records("1001 A * GT 0/1"), "*1/UNDEFINED", "undefined"),
    (
        "deletion over the site",
        with_records("1000 CAC C GT 0/1", "-1001"),
        "UNDEFINED",
        "not single",
    ),
    ("IUPAC allowed base", with_records("1001 A G GT 0|1", "1031 T A GT 0|1"), "*1/*7", "complete"),
    ("rare site missing", with_records("-1041"), "*1/*1", "partial"),
    (
        "genotype quality low at a rare site",
        with_records("1041 G . GT:GQ 0/0:3"),
        "*1/*1",
        "partial",
    ),
    ("depth low at a rare site", with_records("1041 G . GT:DP:AD 0/0:2:2"), "*1/*1", "partial"),
    (
        "filtered record at a rare site",
        with_records("1041 G . LowQual . GT 0/0"),
        "*1/*1",
        "partial",
    ),
    ("haploid call at a rare site", with_records("1041 G . GT 0"), "*1/*1", "partial"),
    (
        "reference block over a rare site",
        with_records("1040 C <NON_REF> PASS END=1045 GT:GQ 0/0:60", "-1041"),
        "*1/*1",
        "complete",
    ),
    (
        "reference block of no quality over a rare site",
        with_records("1040 C <NON_REF> PASS END=1045 GT:GQ 0/0:0", "-1041"),
        "*1/*1",
        "partial",
    ),
    (
        "physical phase sets in cis",
        with_records("1001 A G GT:PGT:PID 0/1:0|1:9_A", "1011 C CTT GT:PGT:PID 0/1:0|1:9_A"),
        "*1/*3",
        "complete",
    ),
    (
        "physical phase sets in trans",
        with_records("1001 A G GT:PGT:PID 0/1:0|1:9_A", "1011 C CTT GT:PGT:PID 0/1:1|0:9_A"),
        "*2/UNDEFINED",
        "undefined",
    ),
    (
        "two phase sets are free against each other",
        with_records("1001 A G GT:PS 0|1:1", "1011 C CTT GT:PS 1|0:2"),
        "*1/*3",
        "complete",
    ),
]


@pytest.mark.parametrize(
    ("records", "diplotype", "status"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_diplotype(toy, tmp_path, records, diplotype, status):
    result = call(toy, tmp_path, vcf_text(*sound(*records)))
    if status == "not single":
        assert any(diplotype in d for d in result.shown)
        return
    assert result.shown == (diplotype,)
    assert result.status == status


@pytest.mark.parametrize(
    "record",
    [
        "1041 G A GT:AD 0/1:40,2",
        "1041 G A GT:GQ 1/1:3",
        "1041 G A LowQual . GT 0/1",
        "1041 G A GT:DP:GQ 0/1:.:.",
    ],
)
def test_rare_allele_seen_badly_is_neither_called_nor_passed_over(toy, tmp_path, record):
    result = call(toy, tmp_path, vcf_text(*sound(*with_records(record))))
    assert result.shown == ("*1/*1", "*1/*5", "*5/*5")
    assert result.phenotypes == (
        "Normal Metabolizer",
        "Intermediate Metabolizer",
        "Poor Metabolizer",
    )
    assert result.caveats == ("caveat-doubtful-allele",)
    assert result.status == "ambiguous"


@pytest.mark.parametrize(
    ("records", "diplotype"),
    [
        (["1031 TCCCCCCCCCG CCCCCCCCCCA GT 0/1", "-1041"], "*1/UNDEFINED"),
        (["1031 T C GT 0/1", "1041 G A GT 0/1"], "*5/*6"),
    ],
)
def test_what_one_record_changes_is_on_one_chromosome(toy, tmp_path, records, diplotype):
    assert call(toy, tmp_path, vcf_text(*with_records(*records))).shown == (diplotype,)


def test_missing_core_site_widens_and_names_what_is_open(toy, tmp_path):
    result = call(toy, tmp_path, vcf_text(*with_records("1001 A G GT 0/1", "-1011")))
    assert result.shown == ("*1/*2", "*1/*3", "*3/UNDEFINED")
    assert result.status == "ambiguous"
    assert "caveat-core-site-missing" in result.caveats


def test_rare_allele_is_listed_as_not_excluded(toy, tmp_path):
    result = call(toy, tmp_path, vcf_text(*with_records("-1041")))
    assert result.not_excluded == ("*5",)
    assert result.missing_sites == ("rs5",)


def test_phase_assumption_is_said(toy, tmp_path):
    records = with_records("1001 A G GT 0/1", "1011 C CTT GT 0/1")
    assert "caveat-phase-assumed" in call(toy, tmp_path, vcf_text(*records)).caveats
    phased = with_records("1001 A G GT 0|1", "1011 C CTT GT 0|1")
    assert "caveat-phase-assumed" not in call(toy, tmp_path, vcf_text(*phased)).caveats


def test_nothing_read_is_not_assessed(toy, tmp_path):
    result = call(toy, tmp_path, vcf_text("500 A . GT 0/0"))
    assert (result.status, result.shown, result.phenotypes) == ("not_assessed", (), ())


def test_only_rare_sites_read_is_not_assessed(toy, tmp_path):
    result = call(toy, tmp_path, vcf_text("1041 G . GT 0/0"))
    assert result.status == "not_assessed"


def test_contradicting_records_give_no_genotype(toy, tmp_path):
    text = vcf_text(*with_records("1041 G A GT 0/1"), "1041 G A GT 1/1")
    result = call(toy, tmp_path, text)
    assert result.missing_sites == ("rs5",)
    assert result.sites[0].status == "conflict"


def test_repeated_record_with_the_same_genotype_is_accepted(toy, tmp_path):
    text = vcf_text(*with_records("1001 A G GT 0/1"), "1001 A G GT 1/0")
    assert call(toy, tmp_path, text).shown == ("*1/*2",)


def test_reference_base_that_differs_between_builds(toy, tmp_path):
    """In GRCh37 the reference base of rs4 is that of *6."""
    records = ("1 A . GT 0/0", "11 C . GT 0/0", "21 GAA . GT 0/0", "41 G . GT 0/0")
    for line, diplotype in (
        ("31 C . GT 0/0", "*6/*6"),
        ("31 C T GT 0/1", "*1/*6"),
        ("31 C T GT 1/1", "*1/*1"),
    ):
        text = vcf_text(*records, line, length=LENGTH37)
        assert call(toy, tmp_path, text, build=GenomeBuild.GRCH37).shown == (diplotype,)


def test_declared_regions_are_reference_and_the_rest_is_not(toy, tmp_path):
    bed = tmp_path / "callable.bed"
    bed.write_text("chr10\t990\t1035\n")
    result = call(toy, tmp_path, vcf_text("1001 A G GT 0/1"), covers=str(bed))
    assert result.shown == ("*1/*2",)
    assert result.missing_sites == ("rs5",)


def test_missing_call_inside_declared_regions_stays_missing(toy, tmp_path):
    bed = tmp_path / "callable.bed"
    bed.write_text("10\t0\t2000\n")
    text = vcf_text("1001 A G GT ./.", "1011 C CTT GT 0/0")
    assert call(toy, tmp_path, text, covers=str(bed)).missing_sites == ("rs1",)


@pytest.mark.parametrize(("contig", "length"), [("10", 133797422), ("NC_000010.11", None)])
def test_contig_spellings(toy, tmp_path, contig, length):
    text = vcf_text(*with_records("1001 A G GT 0/1"), contig=contig, length=length)
    assert call(toy, tmp_path, text).shown == ("*1/*2",)


def test_alleles_that_small_variants_cannot_show_are_never_excluded(reference, tmp_path):
    """A file in which every CYP2D6 position is reference may hold a whole-gene deletion."""
    targets = load_targets(reference, GenomeBuild.GRCH38)
    rows = [s for s in targets.sites.sites if s.gene == "CYP2D6"]
    lines = [f"{s.pos} {s.alleles[0]} . GT 0/0" for s in rows]
    path = tmp_path / "a.vcf"
    path.write_text(vcf_text(*lines, contig="chr22", length=50818468))
    found = extract_group([path], None, None, targets, reference, Thresholds())
    result = call_genes(found.store, reference, ["CYP2D6"])["CYP2D6"].results[0]
    assert result.shown == ("*1/*1",)
    assert result.status == "partial"
    assert result.not_excluded == ("*5", "*13", "*68")


def test_a_base_that_is_not_known_is_written_so() -> None:
    written = [base_text(("A", "G"), code) for code in (0, 1, UNKNOWN, OTHER)]
    assert written == ["A", "G", "?", "other"]


TC, GG, OPEN = (0, 1), (1, 1), (UNKNOWN, UNKNOWN)


def read_at(
    reference: Reference, gene: str, *samples: tuple[tuple[int, int], ...]
) -> GenotypeStore:
    """Return a store in which samples have these allele codes at the sites of one gene."""
    sites = load_targets(reference, GenomeBuild.GRCH38).sites
    store = GenotypeStore.empty(sites, tuple(f"S{n}" for n, _ in enumerate(samples)))
    for n, codes in enumerate(samples):
        for row, pair in zip(sites.by_gene[gene], codes, strict=True):
            if pair != OPEN:
                store.alleles[row, n] = pair
                store.status[row, n] = STATUS_OF[SiteStatus.CALLED]
                store.reason[row, n] = 0
    return store


@pytest.mark.parametrize(
    ("gene", "codes", "status", "shown", "missing", "caveats"),
    [
        ("EPHX1", (TC, GG), "complete", ["T/C", "G/G"], [], []),
        ("EPHX1", (TC, OPEN), "partial", ["T/C"], ["rs2234922"], []),
        ("EPHX1", ((0, UNKNOWN), GG), "partial", ["G/G"], ["rs1051740"], []),
        ("EPHX1", (OPEN, OPEN), "not_assessed", [], ["rs1051740", "rs2234922"], []),
        # Other variants of a gene that is read in full are reported elsewhere.
        ("SCN1A", (GG, TC), "partial", ["T/T", "C/T"], [], ["caveat-common-variants-only"]),
        ("SCN1A", (OPEN, OPEN), "not_assessed", [], ["rs2298771", "rs3812718"], []),
    ],
)
def test_a_gene_without_star_alleles(
    reference: Reference,
    gene: str,
    codes: tuple[tuple[int, int], ...],
    status: str,
    shown: list[str],
    missing: list[str],
    caveats: list[str],
) -> None:
    result = call_genes(read_at(reference, gene, codes), reference, [gene])[gene].results[0]
    assert result.status == status
    assert ["/".join(g.bases) for g in result.genotypes] == shown
    assert list(result.missing_sites) == missing
    assert list(result.caveats) == caveats
    assert (result.sites_assessed, result.sites_total) == (2 - len(missing), 2)
    assert (result.basis, result.candidate_count) == (("genotype", 1) if shown else ("none", 0))
    assert (result.diplotypes, result.phenotypes, result.activity_scores) == ((), (), ())


def test_quality_nobody_stated_takes_complete_from_its_own_sample_only(
    reference: Reference,
) -> None:
    codes = ((TC, GG), (TC, GG), (TC, OPEN), (OPEN, OPEN))
    store = read_at(reference, "EPHX1", *codes)
    first, second = store.sites.by_gene["EPHX1"]
    store.reason[first, [1, 2, 3]] = NOT_JUDGED
    call = call_genes(store, reference, ["EPHX1"])["EPHX1"]
    found = [call.results[n] for n in call.member]
    assert [r.status for r in found] == ["complete", "partial", "partial", "not_assessed"]
    hedged = ("caveat-quality-not-judged",)
    assert [r.caveats for r in found] == [(), hedged, hedged, ()]


def test_a_site_is_told_as_it_was_read(reference: Reference) -> None:
    store = read_at(reference, "EPHX1", (TC, OPEN))
    first, second = store.sites.by_gene["EPHX1"]
    store.depth[first, 0], store.quality[first, 0], store.phase[first, 0] = 0, 0, 0
    read, open_ = site_call(store, first, 0), site_call(store, second, 0)
    assert (read.site, read.gene, read.chrom, read.pos) == ("rs1051740", "EPHX1", "1", 225831932)
    assert (read.alleles, read.status, read.phased) == (("T", "C"), "called", True)
    assert (read.depth, read.quality) == (0, 0)
    assert (open_.alleles, open_.status, open_.phased) == ((), "not_assessed", False)
    assert (open_.depth, open_.quality) == (None, None)
