"""Every check of genes, sites, alleles and variants finds its fault."""

from collections.abc import Callable
from pathlib import Path

import pytest

from epilepsy_pgx.reference.check import run_checks
from tests.reference.breaking import Broken, add, assert_found, change, drop, ids_of, row
from tests.toy.genome import FORWARD, SHIFT
from tests.toy.package import Tables, site, toy_tables, write_package


def same_as(first: str, second: str) -> Callable[[Tables], None]:
    """Give two alleles one definition."""

    def apply(tables: Tables) -> None:
        of_gene = [r for r in tables["allele_sites"] if r["gene"] == "TOY2"]
        tables["allele_sites"] = [r for r in tables["allele_sites"] if r not in of_gene]
        tables["allele_sites"] += [r for r in of_gene if r["allele"] != second]
        tables["allele_sites"] += [r | {"allele": second} for r in of_gene if r["allele"] == first]
        tables["sites"] = [r for r in tables["sites"] if r["site"] != "rs102"]
        tables["site_alleles"] = [r for r in tables["site_alleles"] if r["site"] != "rs102"]

    return apply


def also_matches(tables: Tables) -> None:
    """Add an allele that permits all that `*2` has."""
    tables["alleles"].append(
        row(tables, "alleles", gene="TOY2", allele="*3")
        | {"gene": "TOY2", "allele": "*5", "reported_as": "*5"}
    )
    tables["allele_sites"] += [
        {"gene": "TOY2", "allele": "*5", "site": "rs101", "base": b, "requirement": "allowed"}
        for b in "CT"
    ]


def score_of_pair(tables: Tables) -> None:
    """Give alleles values and one pair a score that is not their sum."""
    for allele, value in (("*1", "1"), ("*2", "0.5"), ("*3", "0"), ("*4", "0")):
        row(tables, "alleles", gene="TOY2", allele=allele)["activity_value"] = value
    pair = row(
        tables,
        "phenotypes",
        gene="TOY2",
        function_1="Decreased function",
        function_2="Normal function",
    )
    pair["activity_score"] = "1.0"


def overlapping_bands(tables: Tables) -> None:
    """Turn the gene to activity scores with two bands for one score."""
    score_of_pair(tables)
    tables["phenotypes"] = [r for r in tables["phenotypes"] if r["gene"] == "TOY1"] + [
        {
            "gene": "TOY2",
            "method": "activity_score",
            "score_from": a,
            "score_to": b,
            "phenotype": p,
            "verified": "yes",
        }
        for a, b, p in (("0", "1", "Poor Metabolizer"), ("1", "2", "Normal Metabolizer"))
    ]


RS101 = {"site": "rs101"}


POS = int(toy_tables()["sites"][0]["grch38_pos"])


BROKEN: list[Broken] = [
    ("required-value", "sites", change("sites", RS101, source="")),
    ("value-type", "sites", change("sites", RS101, grch38_pos="1e3")),
    (
        "value-type",
        "alleles",
        change("alleles", {"gene": "TOY2", "allele": "*2"}, max_frequency="1.5"),
    ),
    ("value-pattern", "sites", change("sites", RS101, rsid="101")),
    ("value-vocabulary", "genes", change("genes", {"gene": "TOYR"}, call_method="guess")),
    (
        "foreign-key",
        "allele_sites",
        change("allele_sites", {"gene": "TOY2", "allele": "*2"}, site="rs999"),
    ),
    (
        "ref-base",
        "sites",
        lambda t: (
            row(t, "sites", site="rs101").update(grch38_ref="A", grch37_ref="A"),
            t["site_alleles"].append(
                {"site": "rs101", "allele": "A", "hgvs_g": "NC_000001.11:g.1A>C"}
            ),
        ),
    ),
    (
        "ref-base",
        "classified_variants",
        change("classified_variants", {"gene": "TOYR"}, grch37_ref="C"),
    ),
    (
        "coding-sequence",
        "transcripts",
        change("transcripts", {"gene": "TOY2", "build": "GRCh37"}, cds_end=str(1083 + SHIFT)),
    ),
    ("position-on-contig", "sites", change("sites", RS101, grch37_pos="9001")),
    ("builds-agree", "sites", change("sites", RS101, grch37_pos=str(POS + SHIFT + 1))),
    (
        "builds-agree",
        "classified_variants",
        change("classified_variants", {"gene": "TOYR"}, grch37_alt="C"),
    ),
    (
        "bases-resolved",
        "site_alleles",
        lambda t: t["site_alleles"].append({"site": "rs101", "allele": "Y"}),
    ),
    ("site-bases", "sites", change("sites", RS101, default_allele="G")),
    (
        "site-bases",
        "allele_sites",
        change("allele_sites", {"gene": "TOY2", "allele": "*2"}, base="G"),
    ),
    (
        "indel-trimmed",
        "sites",
        lambda t: (
            row(t, "sites", site="rs102").update(
                grch38_ref="GAA", grch37_ref="GAA", default_allele="GAA"
            ),
            t["site_alleles"].__setitem__(2, {"site": "rs102", "allele": "GA"}),
            t["site_alleles"].__setitem__(3, {"site": "rs102", "allele": "GAA"}),
            row(t, "allele_sites", gene="TOY2", allele="*3").update(base="GA"),
        ),
    ),
    (
        "indel-left-aligned",
        "sites",
        lambda t: (
            row(t, "sites", site="rs102").update(
                grch38_pos=str(POS + 3),
                grch37_pos=str(POS + 3 + SHIFT),
                grch38_ref="AA",
                grch37_ref="AA",
                default_allele="AA",
            ),
            t["site_alleles"].__setitem__(2, {"site": "rs102", "allele": "A"}),
            t["site_alleles"].__setitem__(3, {"site": "rs102", "allele": "AA"}),
            row(t, "allele_sites", gene="TOY2", allele="*3").update(base="A"),
        ),
    ),
    (
        "indel-flanks",
        "sites",
        change("sites", {"site": "rs102"}, grch38_pos="5000", grch37_pos=str(5000 + SHIFT)),
    ),
    (
        "hgvs-names",
        "classified_variants",
        change("classified_variants", {"gene": "TOYR"}, hgvs_c="c.8C>A"),
    ),
    (
        "hgvs-names",
        "classified_variants",
        change("classified_variants", {"gene": "TOYR"}, hgvs_p="p.Gln3Leu"),
    ),
    (
        "hgvs-names",
        "site_alleles",
        change("site_alleles", {"site": "rs101", "allele": "T"}, hgvs_g="NC_000001.11:g.1020C>A"),
    ),
    ("rsid-one-to-one", "sites", change("sites", {"site": "rs102"}, rsid="rs101")),
    ("usual-allele", "genes", change("genes", {"gene": "TOY2"}, usual_allele="*2")),
    (
        "structural-declared",
        "alleles",
        change("alleles", {"gene": "TOY2", "allele": "*4"}, seen_by="."),
    ),
    ("allele-reproduced", "alleles", also_matches),
    ("alleles-distinct", "alleles", same_as("*2", "*3")),
    ("allele-tier", "alleles", change("alleles", {"gene": "TOY2", "allele": "*2"}, tier="rare")),
    (
        "phenotype-unique",
        "genes",
        drop("phenotypes", gene="TOY2", function_1="No function", function_2="No function"),
    ),
    ("phenotype-unique", "phenotypes", overlapping_bands),
    (
        "phenotype-unique",
        "phenotypes",
        add(
            "phenotypes",
            gene="TOY2",
            method="function_pair",
            function_1="No function",
            function_2="Decreased function",
            phenotype="Normal Metabolizer",
            verified="yes",
        ),
    ),
    ("activity-sum", "phenotypes", score_of_pair),
    (
        "frequency-read",
        "frequencies",
        change("frequencies", {"gene": "TOYR"}, grch38_pos="3999", grch37_pos="3999"),
    ),
    (
        "frequency-read",
        "frequencies",
        change("frequencies", {"gene": "TOYR"}, max_frequency="0.001", max_population="invented"),
    ),
    ("frequency-read", "frequencies", change("frequencies", {"gene": "TOYR"}, max_frequency="0.5")),
    ("cis-declared", "cis_haplotypes", drop("cis_haplotypes", member="second")),
    (
        "language-words",
        "phenotypes",
        lambda t: t["phenotypes"][0].update(phenotype="Rapid Metabolizer"),
    ),
    (
        "language-words",
        "protein_features",
        change("protein_features", {"gene": "TOYR"}, feature="outer loop 3-5"),
    ),
    (
        "language-words",
        "functional_evidence",
        change("functional_evidence", {"gene": "TOYR"}, method="divination"),
    ),
    (
        "act-source",
        "functional_evidence",
        change("functional_evidence", {"gene": "TOYR"}, source="curator, from memory"),
    ),
    (
        "allele-frequency",
        "alleles",
        change(
            "site_alleles",
            {"site": "rs101", "allele": "T"},
            frequency="0.2",
            frequency_source="invented",
        ),
    ),
    (
        "allele-frequency",
        "site_alleles",
        lambda t: (
            change(
                "site_alleles",
                {"site": "rs101", "allele": "T"},
                frequency="0.1",
                frequency_source="invented",
            )(t),
            change(
                "site_alleles",
                {"site": "rs101", "allele": "C"},
                frequency="0.95",
                frequency_source="invented",
            )(t),
        ),
    ),
    (
        "gene-consistent",
        "classified_variants",
        change("classified_variants", {"gene": "TOYR"}, chrom="1"),
    ),
    (
        "hgvs-names",
        "site_alleles",
        lambda t: (
            change("sites", {"site": "rs102"}, flank_right="AAT")(t),
            change(
                "site_alleles", {"site": "rs102", "allele": "G"}, hgvs_g="NC_000001.11:g.1023del"
            )(t),
        ),
    ),
    (
        "phenotype-unique",
        "genes",
        change("genes", {"gene": "TOY2"}, phenotype_method="activity_score"),
    ),
    ("phenotype-unique", "genes", change("genes", {"gene": "TOY2"}, phenotype_method="none")),
    ("no-orphans", "sites", change("sites", RS101, use="variant")),
    (
        "indel-trimmed",
        "classified_variants",
        change("classified_variants", {"gene": "TOYR"}, grch37_alt="G", grch38_alt="G"),
    ),
    (
        "no-orphans",
        "sites",
        lambda t: (
            t["sites"].append(site("rs103", POS + 1, "A")),
            t["site_alleles"].extend(
                [{"site": "rs103", "allele": "A"}, {"site": "rs103", "allele": "G"}]
            ),
        ),
    ),
    (
        "gene-consistent",
        "genes",
        change("genes", {"gene": "TOY2"}, grch38_start="2000", grch38_end="1000"),
    ),
    (
        "gene-consistent",
        "transcripts",
        change("transcripts", {"gene": "TOYR", "build": "GRCh37"}, strand="+"),
    ),
    (
        "gene-consistent",
        "transcripts",
        change("genes", {"gene": "TOY2"}, grch38_start="1050", grch38_end="1100"),
    ),
    ("gene-consistent", "sites", change("sites", RS101, chrom="2")),
    ("site-kind", "sites", change("sites", {"site": "rs102"}, kind="snv")),
    (
        "exons-sound",
        "transcripts",
        change("transcripts", {"gene": "TOYR", "build": "GRCh37"}, exon_starts="2050|2087"),
    ),
    (
        "exons-sound",
        "transcripts",
        change("transcripts", {"gene": "TOY2", "build": "GRCh38"}, exon_ends="1090|1040"),
    ),
    (
        "exons-sound",
        "transcripts",
        change("transcripts", {"gene": "TOY2", "build": "GRCh38"}, cds_end="1083"),
    ),
    (
        "protein-residues",
        "functional_evidence",
        change("functional_evidence", {"gene": "TOYR"}, protein_change="p.Phe6Leu", residue="6"),
    ),
    (
        "protein-residues",
        "functional_evidence",
        change("functional_evidence", {"gene": "TOYR"}, residue="6"),
    ),
    (
        "protein-residues",
        "protein_features",
        change("protein_features", {"gene": "TOYR"}, end="17"),
    ),
    (
        "alignment-sound",
        "paralogue_alignment",
        change("paralogue_alignment", {"gene": "TOY9"}, aligned="MAQKFGRTLWDPQRY"),
    ),
    (
        "alignment-sound",
        "paralogue_alignment",
        change("paralogue_alignment", {"gene": "TOYR"}, aligned="MAQKFGRTLWDPQRYV"),
    ),
    (
        "alignment-sound",
        "paralogue_alignment",
        change("paralogue_alignment", {"gene": "TOY9"}, residues="16"),
    ),
    ("typing-known", "hla_tags", change("hla_tags", {"site": "rs101"}, tags_allele="*99")),
    ("tiers-agree", "alleles", change("alleles", {"gene": "TOY2", "allele": "*2"}, amp_tier=".")),
    (
        "quality-limits",
        "quality_limits",
        change("quality_limits", {"name": "sex-depth-one-low"}, value="0.7"),
    ),
    ("quality-limits", "quality_limits", drop("quality_limits", name="call-maximum-bad")),
    (
        "quality-limits",
        "quality_limits",
        change("quality_limits", {"name": "call-maximum-bad"}, name="call-maximum"),
    ),
    (
        "quality-regions",
        "quality_regions",
        change("quality_regions", {"purpose": "sex"}, start="101"),
    ),
    (
        "quality-regions",
        "quality_regions",
        change("quality_regions", {"purpose": "sex"}, end="3000"),
    ),
]


@pytest.mark.parametrize("broken", BROKEN, ids=ids_of(BROKEN))
def test_broken_row_fails_with_its_check(tmp_path: Path, broken: Broken) -> None:
    assert_found(tmp_path, broken)


def test_other_base_in_one_build_needs_a_note(tmp_path: Path) -> None:
    tables = toy_tables()
    at = POS - 1001
    bases = {"GRCh37": FORWARD[:at] + "T" + FORWARD[at + 1 :]}
    row(tables, "sites", site="rs101")["grch37_ref"] = "T"
    folder = write_package(tmp_path / "toy", tables, bases=bases)
    found = {p.check for p in run_checks(folder)}
    assert "builds-agree" in found
    assert "ref-base" not in found
    row(tables, "sites", site="rs101")["note"] = "builds differ"
    folder = write_package(tmp_path / "other", tables, bases=bases)
    assert "builds-agree" not in {p.check for p in run_checks(folder)}


def test_declared_break_of_a_build_is_no_problem(tmp_path: Path) -> None:
    tables = toy_tables()
    where = row(tables, "transcripts", gene="TOYR", build="GRCh37")
    starts = where["exon_starts"].split("|")
    where["exon_starts"] = f"{starts[0]}|{int(starts[1]) + 1}"
    found = {p.check for p in run_checks(write_package(tmp_path / "broken", tables))}
    assert "exons-sound" in found
    where["source"] = "invented: gene not covered in this build"
    found = {p.check for p in run_checks(write_package(tmp_path / "declared", tables))}
    assert "exons-sound" not in found
