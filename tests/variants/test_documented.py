"""Which variants of a star-allele gene the tables speak for, and which nobody has documented."""

import pytest

from epilepsy_pgx.pipeline.extract import extract_group
from epilepsy_pgx.pipeline.inspection import Inspections, rows_of_files
from epilepsy_pgx.pipeline.job import NamedFiles
from epilepsy_pgx.pipeline.predict import Predictor, RunSettings
from epilepsy_pgx.pipeline.targets import load_targets
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.toy.vcf import sound, vcf_text

GENE, LENGTH = "CYP2C9", 133797422
SNV = "rs1057910"


@pytest.fixture(scope="module")
def targets(reference):
    return load_targets(reference, GenomeBuild.GRCH38)


@pytest.fixture
def ask(reference, targets, tmp_path):
    sites = [s for s in targets.sites.sites if s.gene == GENE]

    def predict(change):
        """Return the gene's result where all curated positions are reference but one record."""
        at = next(s.pos for s in sites if s.name == SNV)
        first = change.split(" ")[0]
        taken = at if first in ("at", "before") else None
        records = [f"{s.pos} {s.ref} . GT 0/0" for s in sites if s.pos != taken]
        place = {"at": at, "before": at - 1}[first]
        records.append(f"{place} {change.split(' ', 1)[1]}")
        records.sort(key=lambda r: int(r.split(" ")[0]))
        path = tmp_path / "in.vcf"
        path.write_text(vcf_text(*records, contig="chr10", length=LENGTH))
        found = extract_group([path], None, None, targets, reference, Thresholds())
        rows, _ = rows_of_files(NamedFiles((path,), GenomeBuild.GRCH38), Inspections(reference))
        report = next(Predictor(reference, RunSettings("2026-01-01")).predict(found, rows))
        return next(g for g in report.genes if g.gene == GENE)

    return predict


@pytest.mark.parametrize("change", ["at A C GT 0/1", "before TA TC GT 0/1"])
def test_a_listed_allele_is_documented_however_it_is_spelled(ask, change):
    result = ask(change)
    assert result.shown == ("*1/*3",)
    assert result.undocumented == ()


def test_another_base_at_a_curated_position_is_named(ask):
    result = ask("at A T GT 0/1")
    assert result.undocumented == ("NM_000771.4:c.1075A>T",)
    assert "Normal Metabolizer" not in result.phenotypes


def test_an_insertion_at_a_curated_position_withdraws_normal(ask):
    result = ask("at A AT GT 0/1")
    assert result.undocumented == ("10-94981296-A-AT",)
    assert "Normal Metabolizer" not in result.phenotypes


def test_a_second_change_beside_a_listed_one_is_named(ask):
    result = ask("before TA GC GT 0/1")
    assert result.undocumented == ("NM_000771.4:c.1074_1075delinsGC",)
    assert any("*3" in d for d in result.diplotypes)


LOST, OPEN = "caveat-novel-loss-of-function", "caveat-novel-site-may-be-lost"


@pytest.mark.parametrize(
    ("where", "offset", "ref", "alt", "caveat"),
    [
        ("start", -1, "AG", "A", LOST),
        ("start", -1, "A", "G", LOST),
        ("start", -1, "A", "ATTT", OPEN),
        ("start", 0, "G", "GTTT", OPEN),
        ("start", -4, "TCAG", "T", LOST),
        ("start", 0, "GCTT", "G", OPEN),
        ("end", 1, "G", "A", LOST),
        ("end", 0, "CGTA", "C", LOST),
        ("end", 1, "G", "GAAA", OPEN),
        ("end", 0, "C", "CAAA", OPEN),
        ("end", 2, "TAAG", "T", OPEN),
        ("end", -1, "A", "ACCC", OPEN),
        ("end", 0, "CG", "AT", LOST),
        ("end", -20, "CAAG", "C", "caveat-undocumented-variant"),
        ("atg", 1, "T", "C", LOST),
        ("atg", 0, "ATG", "ATT", LOST),
        ("atg", 1, "TGGA", "T", OPEN),
        ("atg", 0, "A", "ACCC", OPEN),
    ],
)
def test_a_site_without_sequence_that_may_be_lost_is_never_normal(
    reference, targets, tmp_path, where, offset, ref, alt, caveat
):
    assert not targets.sequences.covers(GENE)
    exons = [t for t in targets.coding if t.gene == GENE]
    base = {
        "start": exons[1].coding_start0,
        "end": exons[1].coding_end0,
        "atg": exons[0].coding_start0 + 1,
    }[where]
    path = tmp_path / "in.vcf"
    path.write_text(
        vcf_text(*sound(f"{base + offset} {ref} {alt} GT 0/1"), contig="chr10", length=LENGTH)
    )
    found = extract_group([path], None, None, targets, reference, Thresholds())
    rows, _ = rows_of_files(NamedFiles((path,), GenomeBuild.GRCH38), Inspections(reference))
    report = next(Predictor(reference, RunSettings("2026-01-01")).predict(found, rows))
    result = next(g for g in report.genes if g.gene == GENE)
    assert caveat in result.caveats
    assert caveat not in (LOST, OPEN) or "Normal Metabolizer" not in result.phenotypes


@pytest.mark.parametrize("alt", ["D", "I", "N", "R"])
def test_alleles_that_are_no_bases_leave_the_place_unread(reference, targets, tmp_path, alt):
    exon = next(t for t in targets.coding if t.gene == "SCN1A" and t.exon_number)
    at = exon.coding_start0 + 3
    bases = targets.sequences.fetch(exon.chrom, at - 1, at + 1)
    seen = []
    for alternative in (alt, "ACGT"[("ACGT".index(bases[0]) + 1) % 4]):
        path = tmp_path / "in.vcf"
        path.write_text(
            vcf_text(
                *sound(f"{at} {bases[0]} {alternative} GT 0/1", f"{at + 1} {bases[1]} . GT 0/0"),
                contig=f"chr{exon.chrom}",
                length=242193529,
            )
        )
        found = extract_group([path], None, None, targets, reference, Thresholds())
        seen.append((int(found.callable_bases.sum()), len(found.observed)))
    assert seen == [(1, 0), (2, 1)]


def test_a_chromosome_that_comes_back_is_not_counted_twice(reference, targets, tmp_path):
    exon = next(t for t in targets.coding if t.gene == "SCN1A" and t.exon_number)
    at = exon.coding_start0 + 3
    base = targets.sequences.fetch(exon.chrom, at - 1, at)
    text = vcf_text(
        *sound(f"{at} {base} . GT 0/0", f"{at} {base} . GT 0/0"),
        contig=f"chr{exon.chrom}",
        length=242193529,
    )
    *head, one, two = text.splitlines()
    contig = "##contig=<ID=chr3,length=198295559>"
    head.insert(2, contig)
    path = tmp_path / "in.vcf"
    other = one.replace(f"chr{exon.chrom}\t", "chr3\t")
    path.write_text("\n".join([*head, one, other, two]) + "\n")
    found = extract_group([path], None, None, targets, reference, Thresholds())
    assert int(found.callable_bases.sum()) == 1
