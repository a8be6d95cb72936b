"""Public genomes with published genotypes, and a peer's calls on the same input."""

import csv
import sys
from collections import Counter

import pytest

pytestmark = pytest.mark.realdata

PINNED_GENOTYPES = {
    "ABCG2": 0,
    "CYP2B6": 9,
    "CYP2C19": 3,
    "CYP2C9": 1,
    "CYP3A4": 1,
    "CYP3A5": 1,
    "SLCO1B1": 2,
    "UGT1A1": 301,
    "UGT2B7": 1,
    "CYP2D6": 70,
}
"""Genomes whose bases differ between the two panels at a position that both hold."""


@pytest.fixture(scope="module")
def concordance(root):
    sys.path.insert(0, str(root / "benchmarks"))
    try:
        import concordance as module
    finally:
        sys.path.pop(0)
    return module


@pytest.fixture(scope="module")
def targets(reference):
    from epilepsy_pgx.pipeline.targets import load_targets
    from epilepsy_pgx.vocabulary import GenomeBuild

    return load_targets(reference, GenomeBuild.GRCH38)


@pytest.fixture(scope="module")
def genomes(concordance, shared, reference, targets):
    return concordance.getrm(shared, reference, targets)


def test_no_published_genotype_reads_differently_without_a_reason(genomes):
    compared, _ = genomes
    assert len(compared) == 380
    assert [c for c in compared if "unexplained" in c.verdict or "without" in c.verdict] == []


def test_no_reason_is_needed_where_panels_saw_every_allele(genomes):
    compared, _ = genomes
    for gene in ("CYP2C9", "CYP2C19", "CYP3A5"):
        mine = [c for c in compared if c.gene == gene]
        assert Counter(c.verdict for c in mine) == {"same": 50}


@pytest.mark.parametrize(
    ("gene", "least"),
    [
        ("CYP2C9", 50),
        ("CYP2C19", 50),
        ("CYP3A4", 50),
        ("CYP3A5", 50),
        ("UGT2B7", 50),
        ("CYP2B6", 31),
        ("SLCO1B1", 36),
    ],
)
def test_single_candidates(genomes, gene, least):
    """CYP2B6: three genomes have a genotype quality of 0, 2 and 13 at rs2279343, which reads of
    a paralogue blur; the rest of the sets are questions of phase."""
    _, results = genomes
    single = sum(
        len(r[gene].diplotypes) == 1 and "UNDEFINED" not in r[gene].diplotypes[0]
        for r in results.values()
    )
    assert single >= least


def test_lower_quality_threshold_gives_more_single_calls_and_no_wrong_one(
    concordance, shared, reference, targets
):
    found = concordance.by_threshold(shared, reference, targets, (1,))[1]
    assert {gene: wrong for gene, (_, wrong) in found.items()} == dict.fromkeys(found, 0)
    assert found["CYP2B6"][0] >= 33


def test_the_same_samples_in_three_forms_agree_with_the_peer(
    concordance, shared, reference, targets
):
    counts = concordance.peer_samples(shared, reference, targets)
    assert len(counts) == 3 * 8
    for name, count in counts.items():
        assert sum(count.values()) == 496
        assert count["different"] == 0, name
        if name.startswith("ref "):
            assert count == {"same": 496}, name


@pytest.mark.slow
def test_every_pair_of_named_alleles(concordance, shared, reference, targets):
    counts = concordance.peer_pairs(shared, reference, targets)
    for name, count in counts.items():
        assert count["other"] == 0, name
        if name.startswith("unphased"):
            assert count["contained"] == count["peer's call among ours"], name


def test_a_site_that_the_panel_lacks_never_splits_an_allele(
    concordance, shared, reference, targets
):
    """The GRCh38 panel lacks rs2279343: *6 and *9 of CYP2B6 stay together."""
    calls = concordance.call_file(shared / "data/cohort_1kgp.GRCh38.vcf.gz", targets, reference)
    for found in calls.values():
        shown = found["CYP2B6"].diplotypes
        six = any("*6" in d for d in shown)
        nine = any("*9" in d for d in shown)
        assert six == nine or found["CYP2B6"].unlisted
        assert found["CYP2B6"].status != "complete"


def test_two_builds_of_one_cohort(concordance, shared, reference):
    """Every difference is one of base, phase, or a position that one panel lacks."""
    counts = concordance.two_builds(shared, reference)
    for gene, count in counts.items():
        assert sum(count.values()) == 2504, gene
        assert count["unexplained"] == 0, gene
    assert {g: c["genotype"] for g, c in counts.items()} == PINNED_GENOTYPES


def test_hla_types_of_real_samples(shared, tmp_path):
    """Typings as published, some ambiguous, go through the HLA reader."""
    from epilepsy_pgx.calling.outside_calls import hla_result
    from epilepsy_pgx.intake.hla import HLA_COLUMNS, parse_hla_allele, read_hla

    with (shared / "truth/hla_1000g.tsv").open(encoding="utf-8") as handle:
        typed = list(csv.DictReader(handle, delimiter="\t"))
    lines = ["\t".join(HLA_COLUMNS)]
    seen = set()
    for row in typed:
        known = parse_hla_allele(row["B"]) and parse_hla_allele(row["B.1"])
        if known and row["sample"] not in seen:
            seen.add(row["sample"])
            lines.append(
                "\t".join(
                    [row["sample"], "HLA-B", row["B"], row["B.1"], "clinical", "1000 Genomes", "."]
                )
            )
    path = tmp_path / "hla.tsv"
    path.write_text("\n".join(lines) + "\n")
    found = read_hla(path, frozenset({"HLA-B"}))
    assert len(found) > 600
    published = {row["sample"]: row["HLA-B*15:02"] for row in reversed(typed)}
    carriers = set()
    for sample, (typing,) in found.items():
        result = hla_result("HLA-B", typing, ["*15:02"])
        if result.alleles_present:
            carriers.add(sample)
            assert published[sample] != "0"
        if published[sample] not in ("", "0"):
            assert result.alleles_absent == ()
    assert len(carriers) == 10
