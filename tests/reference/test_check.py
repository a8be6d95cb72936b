"""Every named check finds the fault it is there for, and nothing else cries wolf."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from epilepsy_pgx.cli.reference import reference
from epilepsy_pgx.errors import Problem, TableError
from epilepsy_pgx.reference.check import format_problems, list_checks, run_checks
from epilepsy_pgx.reference.checks.numbers import read_numbers
from epilepsy_pgx.reference.describe import write_descriptor
from tests.reference.small import FORWARD, SHIFT, Row, site, small_tables, write_package
from tests.reference.test_level_checks import CHECKS as LEVELS

Tables = dict[str, list[Row]]


def row(tables: Tables, table: str, **where: str) -> Row:
    """Return the one row with some values."""
    found = [r for r in tables[table] if all(r.get(k) == v for k, v in where.items())]
    assert len(found) == 1
    return found[0]


def change(table: str, where: Row, **values: str) -> Callable[[Tables], None]:
    """Return a change of one row."""

    def apply(tables: Tables) -> None:
        row(tables, table, **where).update(values)

    return apply


def add(table: str, /, **values: str) -> Callable[[Tables], None]:
    """Return the addition of a row."""
    return lambda tables: tables[table].append(values)


def drop(table: str, **where: str) -> Callable[[Tables], None]:
    """Return the removal of a row."""
    return lambda tables: tables[table].remove(row(tables, table, **where))


def same_as(first: str, second: str) -> Callable[[Tables], None]:
    """Give two alleles one definition."""

    def apply(tables: Tables) -> None:
        tables["allele_sites"] = [r for r in tables["allele_sites"] if r["allele"] != second]
        tables["allele_sites"] += [
            r | {"allele": second} for r in tables["allele_sites"] if r["allele"] == first
        ]
        tables["sites"] = [r for r in tables["sites"] if r["site"] != "rs102"]
        tables["site_alleles"] = [r for r in tables["site_alleles"] if r["site"] != "rs102"]

    return apply


def also_matches(tables: Tables) -> None:
    """Add an allele that permits all that `*2` has."""
    tables["alleles"].append(
        row(tables, "alleles", allele="*3") | {"allele": "*5", "reported_as": "*5"}
    )
    tables["allele_sites"] += [
        {"gene": "TOY1", "allele": "*5", "site": "rs101", "base": b, "requirement": "allowed"}
        for b in "CT"
    ]


def score_of_pair(tables: Tables) -> None:
    """Give alleles values and one pair a score that is not their sum."""
    for allele, value in (("*1", "1"), ("*2", "0.5"), ("*3", "0"), ("*4", "0")):
        row(tables, "alleles", allele=allele)["activity_value"] = value
    pair = row(tables, "phenotypes", function_1="Decreased function", function_2="Normal function")
    pair["activity_score"] = "1.0"


def two_rules(tables: Tables) -> None:
    """Let another rule of the same source call the poor metaboliser standard."""
    rule = row(tables, "drug_rules", rule_id="toy-normal")
    tables["drug_rules"].append(rule | {"rule_id": "toy-other", "drug": "toyamide"})
    condition = row(tables, "drug_rule_conditions", rule_id="toy-poor")
    tables["drug_rule_conditions"].append(condition | {"rule_id": "toy-other"})


def overlapping_bands(tables: Tables) -> None:
    """Turn the gene to activity scores with two bands for one score."""
    score_of_pair(tables)
    tables["phenotypes"] = [
        {
            "gene": "TOY1",
            "method": "activity_score",
            "score_from": a,
            "score_to": b,
            "phenotype": p,
            "verified": "yes",
        }
        for a, b, p in (("0", "1", "Poor Metabolizer"), ("1", "2", "Normal Metabolizer"))
    ]


SYNDROME = {
    "syndrome": "toy_epilepsy",
    "name": "toy epilepsy",
    "group": "epilepsy",
    "source": "toy",
    "verified": "no",
}
RS101 = {"site": "rs101"}
POS = int(small_tables()["sites"][0]["grch38_pos"])

BROKEN: list[tuple[str, str, Callable[[Tables], None]]] = [
    ("required-value", "sites", change("sites", RS101, source="")),
    ("locator-row", "locators", change("locators", {"row": "toy-pair"}, row="toy-gone")),
    ("locator-row", "locators", lambda t: t["locators"][0].update(table="drug_rules")),
    ("value-type", "sites", change("sites", RS101, grch38_pos="1e3")),
    ("value-type", "alleles", change("alleles", {"allele": "*2"}, max_frequency="1.5")),
    ("value-pattern", "sites", change("sites", RS101, rsid="101")),
    ("value-vocabulary", "genes", change("genes", {"gene": "TOYR"}, call_method="guess")),
    (
        "value-empty",
        "texts",
        change("texts", {"id": "rule-toy-rare", "language": "en"}, text=" Avoid"),
    ),
    (
        "list-form",
        "drug_rule_conditions",
        change(
            "drug_rule_conditions",
            {"rule_id": "toy-normal"},
            value="Normal Metabolizer|Normal Metabolizer|Intermediate Metabolizer",
        ),
    ),
    ("primary-key", "citations", lambda t: t["citations"].append(dict(t["citations"][0]))),
    ("foreign-key", "allele_sites", change("allele_sites", {"allele": "*2"}, site="rs999")),
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
        change("transcripts", {"gene": "TOY1", "build": "GRCh37"}, cds_end=str(1083 + SHIFT)),
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
    ("site-bases", "allele_sites", change("allele_sites", {"allele": "*2"}, base="G")),
    (
        "indel-trimmed",
        "sites",
        lambda t: (
            row(t, "sites", site="rs102").update(
                grch38_ref="GAA", grch37_ref="GAA", default_allele="GAA"
            ),
            t["site_alleles"].__setitem__(2, {"site": "rs102", "allele": "GA"}),
            t["site_alleles"].__setitem__(3, {"site": "rs102", "allele": "GAA"}),
            row(t, "allele_sites", allele="*3").update(base="GA"),
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
            row(t, "allele_sites", allele="*3").update(base="A"),
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
    ("usual-allele", "genes", change("genes", {"gene": "TOY1"}, usual_allele="*2")),
    ("structural-declared", "alleles", change("alleles", {"allele": "*4"}, seen_by=".")),
    ("allele-reproduced", "alleles", also_matches),
    ("alleles-distinct", "alleles", same_as("*2", "*3")),
    ("allele-tier", "alleles", change("alleles", {"allele": "*2"}, tier="rare")),
    (
        "phenotype-unique",
        "genes",
        drop("phenotypes", function_1="No function", function_2="No function"),
    ),
    ("phenotype-unique", "phenotypes", overlapping_bands),
    (
        "phenotype-unique",
        "phenotypes",
        add(
            "phenotypes",
            gene="TOY1",
            method="function_pair",
            function_1="No function",
            function_2="Decreased function",
            phenotype="Normal Metabolizer",
            verified="yes",
        ),
    ),
    ("activity-sum", "phenotypes", score_of_pair),
    ("rule-conditions", "drug_rules", drop("drug_rule_conditions", rule_id="toy-rare")),
    (
        "rule-conditions",
        "drug_rule_conditions",
        change("drug_rule_conditions", {"rule_id": "toy-rare"}, rule_id="no-such-rule"),
    ),
    (
        "rule-can-fire",
        "drug_rule_conditions",
        change("drug_rule_conditions", {"rule_id": "toy-poor"}, value="Ultrarapid Metabolizer"),
    ),
    (
        "rule-can-fire",
        "drug_rule_conditions",
        add(
            "drug_rule_conditions",
            rule_id="toy-poor",
            kind="diplotype",
            subject="TOY1",
            operator="any_of",
            value="*1/*1",
            if_missing="no",
        ),
    ),
    (
        "rule-can-fire",
        "drug_rules",
        change("drug_rules", {"rule_id": "toy-rare"}, drug="@no_such_group"),
    ),
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
    ("rules-agree", "drug_rules", two_rules),
    (
        "warning-precondition",
        "drug_rule_conditions",
        add(
            "drug_rule_conditions",
            rule_id="toy-rare",
            kind="phenotype",
            subject="TOY1",
            operator="is",
            value="Normal Metabolizer",
            if_missing="no",
        ),
    ),
    (
        "phenotype-handled",
        "drug_rules",
        change("drug_rule_conditions", {"rule_id": "toy-normal"}, value="Normal Metabolizer"),
    ),
    ("act-source", "drug_rules", change("drug_rules", {"rule_id": "toy-poor"}, verified="no")),
    (
        "act-source",
        "drug_rules",
        change("drug_rules", {"rule_id": "toy-poor"}, source="from memory"),
    ),
    ("act-source", "drug_rules", change("drug_rules", {"rule_id": "toy-poor"}, citations=".")),
    (
        "dose-unit",
        "drug_rules",
        change("texts", {"id": "rule-toy-normal", "language": "en"}, text="Give 5 mg of {drug}."),
    ),
    ("cis-declared", "cis_haplotypes", drop("cis_haplotypes", member="second")),
    (
        "text-exists",
        "drug_rules",
        change("drug_rules", {"rule_id": "toy-rare"}, text_id="rule-toy-none"),
    ),
    (
        "text-translated",
        "texts",
        change("texts", {"id": "rule-toy-poor", "language": "es"}, text="{drug} al 50 %."),
    ),
    (
        "text-translated",
        "texts",
        change("texts", {"id": "deciding-toy", "language": "es"}, text="Estudiar {drug}."),
    ),
    ("language-complete", "texts", drop("texts", id="rule-toy-poor", language="es")),
    (
        "language-complete",
        "texts",
        add("texts", id="rule-toy-poor", language="fr", text="{percent_of_standard_dose} {drug}"),
    ),
    ("language-words", "drugs", change("drugs", {"drug": "toyzepam"}, drug="toyazone")),
    (
        "language-words",
        "drugs",
        change("drugs", {"drug": "toyzepam"}, drug_class="imaginary class"),
    ),
    (
        "language-words",
        "phenotypes",
        lambda t: t["phenotypes"][0].update(phenotype="Rapid Metabolizer"),
    ),
    (
        "language-words",
        "deciding_genes",
        change("deciding_genes", {"drug": "toyamide"}, source="CPIC; hearsay"),
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
        "wording-careful",
        "texts",
        change("texts", {"id": "rule-toy-rare", "language": "en"}, text="{drug} is safe."),
    ),
    (
        "wording-careful",
        "texts",
        change("texts", {"id": "rule-toy-rare", "language": "es"}, text="{drug} es seguro."),
    ),
    (
        "wording-careful",
        "texts",
        change("texts", {"id": "rule-toy-rare", "language": "es"}, text="Respuesta prevista."),
    ),
    (
        "wording-careful",
        "texts",
        lambda t: (
            change("texts", {"id": "rule-toy-rare", "language": "en"}, text="Do not stop {drug}.")(
                t
            ),
            change("drug_rules", {"rule_id": "toy-rare"}, text_reaction="rule-toy-rare")(t),
        ),
    ),
    (
        "text-exists",
        "drug_rules",
        change("drug_rules", {"rule_id": "toy-rare"}, text_naive="rule-toy-poor"),
    ),
    (
        "act-source",
        "functional_evidence",
        change("functional_evidence", {"gene": "TOYR"}, source="curator, from memory"),
    ),
    (
        "rule-can-fire",
        "drug_rule_conditions",
        change("drug_rule_conditions", {"rule_id": "toy-rare"}, operator="at_least"),
    ),
    (
        "rule-can-fire",
        "drug_rule_conditions",
        change("drug_rule_conditions", {"rule_id": "toy-normal"}, operator="is"),
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
        change("genes", {"gene": "TOY1"}, phenotype_method="activity_score"),
    ),
    ("phenotype-unique", "genes", change("genes", {"gene": "TOY1"}, phenotype_method="none")),
    (
        "syndrome-declared",
        "syndromes",
        lambda t: t.update(syndromes=[SYNDROME | {"drug_statement": "rows"}]),
    ),
    (
        "syndrome-declared",
        "syndromes",
        lambda t: t.update(syndromes=[SYNDROME | {"drug_statement": "none_read"}]),
    ),
    ("no-orphans", "sites", change("sites", RS101, use="variant")),
    (
        "indel-trimmed",
        "classified_variants",
        change("classified_variants", {"gene": "TOYR"}, grch37_alt="G", grch38_alt="G"),
    ),
    (
        "citation-exists",
        "drug_rules",
        change("drug_rules", {"rule_id": "toy-poor"}, citations="PMID:1|PMID:2"),
    ),
    (
        "citation-form",
        "citations",
        change("citations", {"key": "PMID:1"}, link="https://pubmed.ncbi.nlm.nih.gov/2/"),
    ),
    (
        "citation-form",
        "citations",
        add("citations", key="DOI:11.1/x", kind="article", title="Invented"),
    ),
    (
        "file-exists",
        "drug_rules",
        change("drug_rules", {"rule_id": "toy-poor"}, source="see evidence_table.tsv"),
    ),
    ("no-orphans", "citations", add("citations", key="PMID:3", kind="article", title="Unused")),
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
        change("genes", {"gene": "TOY1"}, grch38_start="2000", grch38_end="1000"),
    ),
    (
        "gene-consistent",
        "transcripts",
        change("transcripts", {"gene": "TOYR", "build": "GRCh37"}, strand="+"),
    ),
    (
        "gene-consistent",
        "transcripts",
        change("genes", {"gene": "TOY1"}, grch38_start="1050", grch38_end="1100"),
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
        change("transcripts", {"gene": "TOY1", "build": "GRCh38"}, exon_ends="1090|1040"),
    ),
    (
        "exons-sound",
        "transcripts",
        change("transcripts", {"gene": "TOY1", "build": "GRCh38"}, cds_end="1083"),
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
    (
        "drug-known",
        "drug_interactions",
        change("drug_interactions", {"interaction_id": "toy-pair"}, victim="toyzepam+nonsense"),
    ),
    (
        "pair-reviewed",
        "interaction_reviews",
        change("interaction_reviews", {"review_id": "toy-read"}, victim="toyzepam|tol"),
    ),
    (
        "pair-reviewed",
        "interaction_reviews",
        change("interaction_reviews", {"review_id": "toy-read"}, victim="@toy_blockers"),
    ),
    (
        "pair-reviewed",
        "interaction_reviews",
        change("interaction_reviews", {"review_id": "toy-read"}, verified="no"),
    ),
    (
        "pair-reviewed",
        "interaction_reviews",
        change(
            "interaction_reviews",
            {"review_id": "toy-read"},
            perpetrator="tol|toyzepam",
            victim="toyamide|tol",
        ),
    ),
    (
        "drug-name-unique",
        "drug_names",
        lambda t: (
            t["drug_names"].append({"name": "TOY-ex", "drug": "toyzepam", "kind": "brand"})
            or row(t, "drug_names", name="Toyex").update(name="toy ex")
        ),
    ),
    (
        "typing-known",
        "deciding_genes",
        change("deciding_genes", {"drug": "toyamide"}, alleles="*2|*99"),
    ),
    ("typing-known", "hla_tags", change("hla_tags", {"site": "rs101"}, tags_allele="*99")),
    ("tiers-agree", "alleles", change("alleles", {"allele": "*2"}, amp_tier=".")),
    (
        "quality-limits",
        "quality_limits",
        change("quality_limits", {"name": "sex-depth-one-low"}, value="0.7"),
    ),
    (
        "short-text",
        "drug_rules",
        change(
            "texts",
            {"id": "rule-toy-rare", "language": "en"},
            text=" ".join(["{drug}: avoid."] * 7),
        ),
    ),
    (
        "short-text",
        "drug_rules",
        change("texts", {"id": "rule-toy-rare", "language": "es"}, text="{drug}: malo."),
    ),
    (
        "short-text",
        "drug_rules",
        lambda t: t["texts"].extend(
            {"id": "short-rule-toy-rare", "language": lang, "text": "{drug}: a finding."}
            for lang in ("en", "es")
        ),
    ),
    (
        "short-of-text",
        "texts",
        lambda t: t["texts"].extend(
            {"id": "short-rule-toy-rare", "language": lang, "text": text}
            for lang, text in (("en", "Avoid, {gene}."), ("es", "Evitar, {gene}."))
        ),
    ),
    ("action-classified", "texts", add("texts", id="action-new", language="en", text="Ask.")),
    (
        "action-classified",
        "drug_rules",
        lambda t: (
            add("texts", id="action-new", language="en", text="Ask.")(t),
            change("drug_rules", {"rule_id": "toy-rare"}, text_taking="action-new")(t),
        ),
    ),
    (
        "action-classified",
        "actions",
        change("actions", {"text_id": "action-toy"}, text_instead="action-toy"),
    ),
    (
        "action-classified",
        "actions",
        change("actions", {"text_id": "action-toy"}, text_instead="."),
    ),
    (
        "action-once",
        "texts",
        lambda t: (
            t["texts"].extend(
                {"id": "action-zoy", "language": lang, "text": text}
                for lang, text in (("en", "Ask."), ("es", "Preguntar."))
            ),
            t["actions"].append({"text_id": "action-zoy", "class": "urgent"}),
        ),
    ),
    (
        "action-instead",
        "actions",
        change("actions", {"text_id": "action-toy"}, text_instead="deciding-toy"),
    ),
    (
        "action-ranks",
        "action_ranks",
        add(
            "action_ranks",
            **{"class": "continue", "over": "urgent", "when": "always", "if_possible": "yes"},
        ),
    ),
    (
        "action-ranks",
        "action_ranks",
        add(
            "action_ranks",
            **{"class": "change", "over": "stop", "when": "always", "if_possible": "yes"},
        ),
    ),
    (
        "first-id",
        "drug_rules",
        change("drug_rules", {"rule_id": "toy-poor"}, first_id="toy-normal"),
    ),
    (
        "first-id",
        "drug_rules",
        lambda t: [r.update(first_id="toy-once") for r in t["drug_rules"][:2]],
    ),
    (
        "text-numbers",
        "texts",
        change("texts", {"id": "rule-toy-rare", "language": "es"}, text="Evitar {drug} 2 meses."),
    ),
    ("dose-text", "drug_rules", lambda t: dose_in_words(t)),
    ("drug-known", "actions", change("actions", {"text_id": "action-toy"}, drugs="@nothing")),
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
    (
        "log-order",
        "CHANGES",
        add(
            "CHANGES",
            date="2026-10-01",
            version="2026.11.0",
            table="genes",
            key="*",
            change="added",
            reason="x",
            source="x",
        ),
    ),
]


def break_file(name: str, change_text: Callable[[str], str]) -> Callable[[Path], None]:
    """Return a change of a file's text."""

    def apply(folder: Path) -> None:
        path = folder / name
        text = path.read_bytes().decode("utf-8")
        path.write_bytes(change_text(text).encode("utf-8"))

    return apply


def drop_from_schema(name: str, key: str) -> Callable[[str], str]:
    """Return a change of a schema that removes a key of one field."""

    def apply(text: str) -> str:
        raw = json.loads(text)
        for field in raw["fields"]:
            if field["name"] == name:
                field.pop(key, None)
                if key == "vocabulary":
                    field["constraints"].pop("enum")
        return json.dumps(raw)

    return apply


def in_memory(folder: Path) -> None:
    """Loosen the schema and write a word that the software does not know."""
    break_file("schemas/drug_rules.json", drop_from_schema("tier", "vocabulary"))(folder)
    break_file("drug_rules.tsv", lambda t: t.replace("\tact\t", "\tperhaps\t", 1))(folder)


def dose_in_words(tables: Tables) -> None:
    """Write a dose into a rule's text that is not the rule's."""
    for language, text in (("en", "{Drug} at 75 %."), ("es", "{Drug} al 75 %.")):
        row(tables, "texts", id="rule-toy-poor", language=language)["text"] = text


def saved_as(name: str, encoding: str) -> Callable[[Path], None]:
    """Return the saving of a file in another encoding."""

    def apply(folder: Path) -> None:
        path = folder / name
        path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))

    return apply


BROKEN_FILES: list[tuple[str, str, Callable[[Path], None]]] = [
    ("file-text", "genes.tsv", break_file("genes.tsv", lambda t: t.replace("\n", "\r\n"))),
    ("file-text", "genes.tsv", break_file("genes.tsv", lambda t: t.rstrip("\n"))),
    (
        "value-quoted",
        "texts.tsv",
        break_file("texts.tsv", lambda t: t.replace("Avoid {drug}.", '"Avoid {drug}."')),
    ),
    (
        "value-quoted",
        "texts.tsv",
        break_file("texts.tsv", lambda t: t.replace("Avoid {drug}.", 'Avoid ""{drug}"".')),
    ),
    ("cell-count", "genes.tsv", break_file("genes.tsv", lambda t: t[:-1] + "\tmore\n")),
    ("header", "genes.tsv", break_file("genes.tsv", lambda t: t.replace("role", "part", 1))),
    ("table-described", "extra.tsv", lambda p: (p / "extra.tsv").write_text("a\n1\n") and None),
    ("table-described", "schemas/genes.json", lambda p: (p / "genes.tsv").unlink()),
    (
        "schema-form",
        "schemas/genes.json",
        break_file("schemas/genes.json", drop_from_schema("role", "description")),
    ),
    ("schema-form", "schemas/genes.json", break_file("schemas/genes.json", lambda t: t[:40])),
    (
        "descriptor-current",
        "datapackage.json",
        break_file("texts.tsv", lambda t: t.replace("Usual", "Common")),
    ),
    ("vocabulary", "drug_rules.tsv", in_memory),
    ("package-meta", "package.json", lambda p: (p / "package.json").unlink()),
]

ELSEWHERE = {"sorted", "changes-logged", "translation-stale", *LEVELS}
"""Checks with tests of their own: below, and those of the levels in their file."""


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """Return a valid package."""
    return write_package(tmp_path / "toy")


def test_sound_package_has_no_problem(sound: Path) -> None:
    assert run_checks(sound) == ()


@pytest.mark.parametrize(
    ("check", "table", "breaking"), BROKEN, ids=[f"{i}-{b[0]}" for i, b in enumerate(BROKEN)]
)
def test_broken_row_fails_with_its_check(
    tmp_path: Path, check: str, table: str, breaking: Callable[[Tables], None]
) -> None:
    tables = small_tables()
    breaking(tables)
    problems = run_checks(write_package(tmp_path / "toy", tables))
    found = [p for p in problems if p.check == check]
    assert found, [str(p) for p in problems]
    assert any(p.file.endswith(f"/{table}.tsv") for p in found)


@pytest.mark.parametrize(
    ("check", "name", "breaking"),
    BROKEN_FILES,
    ids=[f"{i}-{b[0]}" for i, b in enumerate(BROKEN_FILES)],
)
def test_broken_file_fails_with_its_check(
    sound: Path, check: str, name: str, breaking: Callable[[Path], None]
) -> None:
    breaking(sound)
    found = [p for p in run_checks(sound) if p.check == check]
    assert any(p.file.endswith(f"/{name}") for p in found), found


@pytest.mark.parametrize(
    ("breaking", "found"),
    [
        (break_file("genes.tsv", lambda t: t.replace("\n", "\r\n")), "3 line ends of Windows"),
        (saved_as("genes.tsv", "utf-8-sig"), "a byte order mark"),
        (saved_as("texts.tsv", "utf-16"), "UTF-16 text"),
        (break_file("genes.tsv", lambda t: t + "\n"), "an empty line"),
    ],
)
def test_a_file_saved_in_another_way_is_reported_once(
    sound: Path, breaking: Callable[[Path], None], found: str
) -> None:
    """Its rows are read all the same, so that nothing else seems to be missing."""
    breaking(sound)
    write_descriptor(sound)
    problems = [p for p in run_checks(sound) if p.check not in ("value-empty", "cell-count")]
    assert [p.found for p in problems] == [found]


def test_a_file_of_another_encoding_is_reported_once(sound: Path) -> None:
    path = sound / "texts.tsv"
    path.write_bytes(path.read_bytes().replace(b"bitual", b"bit\xfaal"))
    write_descriptor(sound)
    (problem,) = run_checks(sound)
    assert problem.found == "byte 0xfa"
    assert problem.line == 1 + path.read_bytes()[: path.read_bytes().index(b"\xfa")].count(b"\n")


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        ("0.5 % of 3,202", "0,5 % de 3.202"),
        ("8.2-fold", "8,2 veces"),
        ("HLA-B*15:02 and CYP2C9 *3 twice", "dos HLA-B*15:02"),
        ("a series of n-of-1 trials", "una serie"),
        ("{percent} % for 7 to 10 days", "de 7 a 10 días, {percent} %"),
    ],
)
def test_numbers_are_read_alike_in_both_languages(english: str, spanish: str) -> None:
    assert read_numbers(english, "en") == read_numbers(spanish, "es")


def test_what_is_left_and_what_is_taken_away_are_one_dose(tmp_path: Path) -> None:
    tables = small_tables()
    row(tables, "drug_rules", rule_id="toy-poor")["percent_of_standard_dose"] = "75"
    for language, text in (("en", "{Drug}: 25 % less."), ("es", "{Drug}: 25 % menos.")):
        row(tables, "texts", id="rule-toy-poor", language=language)["text"] = text
    problems = run_checks(write_package(tmp_path / "toy", tables))
    assert "dose-text" not in {p.check for p in problems}


def test_unsorted_rows_fail(tmp_path: Path) -> None:
    tables = small_tables()
    tables["alleles"].reverse()
    problems = run_checks(write_package(tmp_path / "toy", tables, in_order=False))
    assert [p.check for p in problems if p.file.endswith("alleles.tsv")] == ["sorted"]


def test_other_base_in_one_build_needs_a_note(tmp_path: Path) -> None:
    tables = small_tables()
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
    tables = small_tables()
    where = row(tables, "transcripts", gene="TOYR", build="GRCh37")
    starts = where["exon_starts"].split("|")
    where["exon_starts"] = f"{starts[0]}|{int(starts[1]) + 1}"
    found = {p.check for p in run_checks(write_package(tmp_path / "broken", tables))}
    assert "exons-sound" in found
    where["source"] = "invented: gene not covered in this build"
    found = {p.check for p in run_checks(write_package(tmp_path / "declared", tables))}
    assert "exons-sound" not in found


def test_two_sources_may_differ(tmp_path: Path) -> None:
    tables = small_tables()
    rule = row(tables, "drug_rules", rule_id="toy-poor")
    tables["drug_rules"].append(
        rule | {"rule_id": "toy-second", "source": "DPWG", "percent_of_standard_dose": "40"}
    )
    condition = row(tables, "drug_rule_conditions", rule_id="toy-poor")
    tables["drug_rule_conditions"].append(condition | {"rule_id": "toy-second"})
    assert run_checks(write_package(tmp_path / "toy", tables)) == ()


def test_declared_phenotype_needs_no_rule(tmp_path: Path) -> None:
    tables = small_tables()
    row(tables, "drug_rule_conditions", rule_id="toy-normal")["value"] = "Normal Metabolizer"
    declared = {
        "drug": "toyamide",
        "gene": "TOY1",
        "phenotype": "Intermediate Metabolizer",
        "reason": "no source",
        "citations": "PMID:1",
        "verified": "yes",
    }
    tables["phenotypes_without_rule"].append(declared)
    assert run_checks(write_package(tmp_path / "toy", tables)) == ()
    row(tables, "drug_rule_conditions", rule_id="toy-normal")["value"] += (
        "|Intermediate Metabolizer"
    )
    problems = run_checks(write_package(tmp_path / "other", tables))
    assert [p.check for p in problems] == ["phenotype-handled"]


def test_every_check_has_a_broken_package() -> None:
    tried = {b[0] for b in BROKEN} | {b[0] for b in BROKEN_FILES} | ELSEWHERE
    assert {c.id for c in list_checks()} <= tried


def test_checks_have_descriptions_and_kebab_ids() -> None:
    for item in list_checks():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", item.id)
        assert item.description.endswith(".")


def test_all_problems_are_reported_in_one_run(tmp_path: Path) -> None:
    tables = small_tables()
    row(tables, "sites", site="rs101")["grch38_pos"] = "x"
    row(tables, "alleles", allele="*2")["tier"] = "perhaps"
    row(tables, "drug_rules", rule_id="toy-poor")["verified"] = "no"
    problems = run_checks(write_package(tmp_path / "toy", tables))
    assert {"value-type", "value-vocabulary", "act-source"} <= {p.check for p in problems}


def test_problem_names_file_line_and_column(tmp_path: Path) -> None:
    tables = small_tables()
    row(tables, "sites", site="rs102")["rsid"] = "nonsense"
    folder = write_package(tmp_path / "toy", tables)
    problem = next(p for p in run_checks(folder) if p.check == "value-pattern")
    line = (folder / "sites.tsv").read_text(encoding="utf-8").splitlines()[problem.line - 1]
    assert "nonsense" in line
    assert (problem.column, problem.found) == ("rsid", "nonsense")
    assert problem.expected
    assert problem.fix


def test_only_and_unknown_check(sound: Path) -> None:
    assert run_checks(sound, only=["ref-base"]) == ()
    with pytest.raises(TableError, match="no-such-check"):
        run_checks(sound, only=["no-such-check"])


def test_folder_without_tables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="package-exists"):
        run_checks(tmp_path)


PROBLEM = Problem("reference/a,b.tsv", 3, "ref", "ref-base", "A", "G%", "Check: it.\nTwice.")


def test_formats() -> None:
    text = format_problems([PROBLEM])
    assert "reference/a,b.tsv:3: ref: found A, expected G% [ref-base]" in text
    data = json.loads(format_problems([PROBLEM], "json"))
    assert data["problems"][0]["line"] == 3
    github = format_problems([PROBLEM], "github")
    assert github.startswith("::error file=reference/a%2Cb.tsv,line=3,title=ref-base::")
    assert github.count("\n") == 1
    assert "G%25" in github
    assert "%0ATwice" in github
    assert format_problems([]) == "no problem found.\n"


def test_command_exit_codes(sound: Path) -> None:
    run = CliRunner()
    good = run.invoke(reference, ["check", str(sound)])
    assert (good.exit_code, good.output) == (0, "no problem found.\n")
    (sound / "genes.tsv").unlink()
    bad = run.invoke(reference, ["check", str(sound), "--format", "github"])
    assert bad.exit_code == 2
    assert "::error" in bad.output
    none = run.invoke(reference, ["check", str(sound / "schemas")])
    assert none.exit_code == 2
    assert "package-exists" in none.output
    listed = run.invoke(reference, ["check", "--list"])
    assert len(listed.output.splitlines()) == len(list_checks())


def test_shipped_tables_pass(root: Path) -> None:
    start = time.process_time()
    problems = run_checks(root / "reference")
    spent = time.process_time() - start
    assert not problems, "\n".join(str(p) for p in problems[:40])
    assert spent < 10


def test_descriptor_is_deterministic(sound: Path) -> None:
    first = (sound / "datapackage.json").read_bytes()
    assert write_descriptor(sound).read_bytes() == first
