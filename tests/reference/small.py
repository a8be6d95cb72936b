"""A small, valid, invented data package, to be broken in one place by each test.

Two genes. TOY1, forward strand of chromosome 1, has named alleles: `*1`, `*2` (a substitution),
`*3` (a deletion), `*4` (structural). TOYR, reverse strand of chromosome 2, is read for rare
variants. The schemas are those of the real package.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from epilepsy_pgx.reference.describe import write_descriptor
from epilepsy_pgx.reference.limits import LIMITS
from epilepsy_pgx.vocabulary import ReportState

SCHEMAS = Path(__file__).resolve().parents[2] / "reference" / "schemas"
SHIFT = 1000
"""GRCh37 lies this far after GRCh38."""

CODING = "ATGGCTCAGAAATTCGGACGTACCCTGTGGGATCCACAACGGTATCTGTAA"
"""17 codons: M A Q K F G R T L W D P Q R Y L stop."""


def reverse(bases: str) -> str:
    """Return the other strand."""
    return bases[::-1].translate(str.maketrans("ACGT", "TGCA"))


def _gene_bases(coding: str) -> str:
    """Lay a coding sequence into two exons, with 20 bases of intron, 13 before, 40 after.

    Exon 1 is 10..40 (coding from 13), exon 2 is 60..90 (coding to 84), 0-based.
    """
    before = "CATGCTAGCATTC"
    intron = "GTAAGCTTCAACTGCTTCAG"
    after = "GCATTGCCTAACGTTAGCCATGCAATTGCCGTACCATTGC"
    return before + coding[:27] + intron + coding[27:] + after


FORWARD = _gene_bases(CODING)
BACKWARD = reverse(FORWARD)
LENGTH = len(FORWARD)
START = 1000
"""0-based start of both slices in GRCh38."""

Row = dict[str, str]


def _transcript(gene: str, build: str, chrom: str, strand: str) -> Row:
    shift = START + (SHIFT if build == "GRCh37" else 0)
    exons = [(10, 40), (60, 90)]
    cds = (13, 84)
    if strand == "-":
        exons = sorted((LENGTH - e, LENGTH - s) for s, e in exons)
        cds = (LENGTH - cds[1], LENGTH - cds[0])
    return {
        "gene": gene,
        "transcript": f"NM_00000{chrom}.1",
        "ensembl": f"ENST0000000000{chrom}.1",
        "build": build,
        "chrom": chrom,
        "strand": strand,
        "exon_starts": "|".join(str(s + shift) for s, _ in exons),
        "exon_ends": "|".join(str(e + shift) for _, e in exons),
        "cds_start": str(cds[0] + shift),
        "cds_end": str(cds[1] + shift),
    }


def _position(coding: int) -> int:
    """Return the 1-based GRCh38 position of a coding base of TOY1."""
    return START + 13 + coding + (20 if coding > 27 else 0)


def _back(coding: int) -> int:
    """Return the 1-based GRCh38 position of a coding base of TOYR."""
    return 2 * START + LENGTH + 1 - _position(coding)


def site(name: str, pos: int, ref: str, **more: str) -> Row:
    """Return a row of the sites table on chromosome 1."""
    row = {
        "site": name,
        "gene": "TOY1",
        "use": "allele",
        "rsid": name,
        "chrom": "1",
        "grch38_pos": str(pos),
        "grch38_ref": ref,
        "grch37_pos": str(pos + SHIFT),
        "grch37_ref": ref,
        "default_allele": ref,
        "kind": "snv" if len(ref) == 1 else "indel",
        "grch37_verified": "yes",
    }
    return row | more


DEPTHS = {"sex-depth-one-low": "0.2", "sex-depth-one-high": "0.6", "sex-depth-two-low": "0.8"}


def small_tables() -> dict[str, list[Row]]:
    """Return the tables of the package, as rows by column name."""
    snv, deletion = _position(7), _position(10)
    rare = _back(7)
    key = f"2-{rare}-G-T"
    old_key = f"2-{rare + SHIFT}-G-T"
    second = _back(13)
    cis = {"haplotype": "TOYR pair", "gene": "TOYR", "citations": "PMID:1", "verified": "yes"}
    variant = {
        "gene": "TOYR",
        "chrom": "2",
        "verified": "yes",
        "citations": "PMID:1",
        "classification": "pathogenic",
    }
    rule = {
        "tier": "act",
        "citations": "PMID:1",
        "verified": "yes",
        "source": "CPIC",
        "origin": "genotype",
        "priority": "10",
        "effect": "dose",
        "critical": "no",
    }
    return {
        "contigs": [
            {"chrom": c, "build": b, "length": "9000", "refseq": f"NC_00000{c}.{v}"}
            for c in "12"
            for b, v in (("GRCh37", "10"), ("GRCh38", "11"))
        ],
        "genes": [
            {
                "gene": "TOY1",
                "call_method": "diplotype",
                "phenotype_method": "function_pair",
                "role": "drug-metabolising enzyme",
                "chrom": "1",
                "strand": "+",
                "transcript": "NM_000001.1",
                "usual_allele": "*1",
                "limits": "limit-copy-number",
            },
            {
                "gene": "TOYR",
                "call_method": "rare_variant",
                "phenotype_method": "none",
                "role": "ion channel or receptor",
                "chrom": "2",
                "strand": "-",
                "transcript": "NM_000002.1",
            },
        ],
        "transcripts": [
            _transcript(g, b, c, s)
            for g, c, s in (("TOY1", "1", "+"), ("TOYR", "2", "-"))
            for b in ("GRCh37", "GRCh38")
        ],
        "sites": [site("rs101", snv, "C"), site("rs102", deletion - 1, "GA")],
        "site_alleles": [
            {"site": "rs101", "allele": "C"},
            {"site": "rs101", "allele": "T", "hgvs_g": f"NC_000001.11:g.{snv}C>T"},
            {"site": "rs102", "allele": "G", "hgvs_g": f"NC_000001.11:g.{deletion + 2}del"},
            {"site": "rs102", "allele": "GA"},
        ],
        "alleles": [
            {
                "gene": "TOY1",
                "allele": "*1",
                "function": "Normal function",
                "tier": "core",
                "usual": "yes",
                "structural": "no",
                "reported_as": "*1",
                "verified": "yes",
            },
            {
                "gene": "TOY1",
                "allele": "*2",
                "function": "Decreased function",
                "tier": "core",
                "max_frequency": "0.1",
                "frequency_source": "invented",
                "usual": "no",
                "amp_tier": "1",
                "structural": "no",
                "reported_as": "*2",
                "verified": "yes",
            },
            {
                "gene": "TOY1",
                "allele": "*3",
                "function": "No function",
                "tier": "rare",
                "max_frequency": "0.001",
                "frequency_source": "invented",
                "usual": "no",
                "structural": "no",
                "reported_as": "*3",
                "verified": "yes",
            },
            {
                "gene": "TOY1",
                "allele": "*4",
                "function": "No function",
                "tier": "rare",
                "max_frequency": "0.001",
                "frequency_source": "invented",
                "usual": "no",
                "structural": "yes",
                "structural_kind": "deletion",
                "seen_by": "invented caller",
                "reported_as": "*4",
                "verified": "yes",
            },
        ],
        "allele_sites": [
            {
                "gene": "TOY1",
                "allele": "*2",
                "site": "rs101",
                "base": "T",
                "requirement": "required",
            },
            {
                "gene": "TOY1",
                "allele": "*3",
                "site": "rs102",
                "base": "G",
                "requirement": "required",
            },
        ],
        "phenotypes": [
            {
                "gene": "TOY1",
                "method": "function_pair",
                "function_1": a,
                "function_2": b,
                "phenotype": p,
                "verified": "yes",
            }
            for a, b, p in (
                ("Decreased function", "Decreased function", "Poor Metabolizer"),
                ("Decreased function", "No function", "Poor Metabolizer"),
                ("Decreased function", "Normal function", "Intermediate Metabolizer"),
                ("No function", "No function", "Poor Metabolizer"),
                ("No function", "Normal function", "Intermediate Metabolizer"),
                ("Normal function", "Normal function", "Normal Metabolizer"),
            )
        ],
        "citations": [
            {
                "key": "PMID:1",
                "kind": "article",
                "title": "Invented",
                "year": "2020",
                "link": "https://pubmed.ncbi.nlm.nih.gov/1/",
            }
        ],
        "texts": [
            {"id": i, "language": language, "text": text}
            for i, english, spanish in (
                ("action-toy", "Ask.", "Preguntar."),
                ("action-toy-left", "Look.", "Mirar."),
                ("deciding-toy", "Test {gene}.", "Estudiar {gene}."),
                ("drugclass-invented", "invented", "inventado"),
                ("interaction-toy", "{Drug} rises.", "{Drug} sube."),
                ("limit-copy-number", "Copy number is not seen.", "No se ve."),
                ("method-invented", "invented", "inventado"),
                ("name-toyamide", "toyamide", "toyamida"),
                ("order-toy", "Order {subject}.", "Pedir {subject}."),
                ("name-toyzepam", "toyzepam", "toyzepam"),
                ("phenotype-intermediate-metabolizer", "Intermediate", "intermedio"),
                ("phenotype-normal-metabolizer", "Normal", "normal"),
                ("phenotype-poor-metabolizer", "Poor", "lento"),
                ("rule-toy-normal", "Usual dose of {drug}.", "Dosis habitual de {drug}."),
                (
                    "rule-toy-poor",
                    "Give {drug} at {percent_of_standard_dose} %.",
                    "Dar {drug} al {percent_of_standard_dose} %.",
                ),
                ("rule-toy-rare", "Avoid {drug}.", "Evitar {drug}."),
                ("source-invented", "invented", "inventado"),
                ("tag-toy", "Type {gene}.", "Tipificar {gene}."),
                ("test-toy", "{subject}", "{subject}"),
            )
            for language, text in (("en", english), ("es", spanish))
        ],
        "drugs": [
            {
                "drug": "toyamide",
                "kind": "antiseizure",
                "groups": "toy_blockers",
                "citations": "PMID:1",
                "verified": "yes",
            },
            {"drug": "tol", "kind": "other", "citations": "PMID:1", "verified": "yes"},
            {"drug": "toyzepam", "kind": "antiseizure", "citations": "PMID:1", "verified": "yes"},
        ],
        "drug_rules": [
            rule
            | {
                "rule_id": "toy-normal",
                "drug": "toyamide",
                "response": "standard dosing",
                "tier": "none",
                "text_id": "rule-toy-normal",
            },
            rule
            | {
                "rule_id": "toy-poor",
                "drug": "@toy_blockers",
                "response": "adjust dose",
                "text_id": "rule-toy-poor",
                "percent_of_standard_dose": "50",
            },
            rule
            | {
                "rule_id": "toy-rare",
                "drug": "@toy_blockers",
                "response": "avoid",
                "text_id": "rule-toy-rare",
                "text_taking": "action-toy",
            },
        ],
        "drug_rule_conditions": [
            {
                "rule_id": "toy-normal",
                "kind": "phenotype",
                "subject": "TOY1",
                "operator": "any_of",
                "value": "Intermediate Metabolizer|Normal Metabolizer",
                "if_missing": "no",
            },
            {
                "rule_id": "toy-poor",
                "kind": "phenotype",
                "subject": "TOY1",
                "operator": "is",
                "value": "Poor Metabolizer",
                "if_missing": "no",
            },
            {
                "rule_id": "toy-rare",
                "kind": "finding",
                "subject": "TOYR",
                "operator": "is",
                "value": "lof_plp",
                "if_missing": "no",
            },
        ],
        "actions": [
            {"text_id": "action-toy", "class": "continue", "text_instead": "action-toy-left"}
        ],
        "action_ranks": [
            {"class": "stop", "over": "continue", "when": "taken", "if_possible": "yes"},
            {"class": "urgent", "over": "continue", "when": "sign_now", "if_possible": "yes"},
        ],
        "text_forms": [{"text_id": "action-toy", "when": "taken", "text_said": "action-toy-left"}],
        "side_by_side": [],
        "report_states": [
            {
                "state": state,
                "fhir_status": "preliminary",
                "obr25": "P",
                "obx11": "P",
                "citations": "PMID:1",
                "verified": "yes",
            }
            for state in ReportState
        ],
        "phenoconversion": [],
        "phenotypes_without_rule": [],
        "reportable_tiers": [
            {"gene": "TOY1", "allele": "*2", "tier": "1", "citations": "PMID:1", "verified": "yes"}
        ],
        "quality_limits": [
            {"name": name, "value": value, "unit": "x", "verified": "no"}
            for name, value in sorted({**dict.fromkeys(LIMITS, "1"), **DEPTHS}.items())
        ],
        "quality_regions": [
            {
                "build": "GRCh38",
                "chrom": "1",
                "start": "100",
                "end": "900",
                "purpose": "shared",
                "name": "invented",
                "verified": "no",
            },
            {
                "build": "GRCh38",
                "chrom": "1",
                "start": "3000",
                "end": "4000",
                "purpose": "sex",
                "name": "invented",
                "verified": "no",
            },
        ],
        "drug_names": [{"name": "Toyex", "drug": "toyamide", "kind": "brand"}],
        "drug_interactions": [
            {
                "interaction_id": "toy-pair",
                "perpetrator": "@toy_blockers",
                "victim": "toyzepam",
                "effect": "up",
                "tier": "context",
                "text_id": "interaction-toy",
                "citations": "PMID:1",
                "verified": "yes",
            }
        ],
        "test_items": [
            {
                "item": f"{kind}:*",
                "asked_of": "laboratory",
                "offered": "yes",
                "together": "no",
                "text_id": "test-toy",
                "text_order": "order-toy",
            }
            for kind in ("class", "field", "genotype", "list", "sequence", "site")
        ],
        "locators": [
            {
                "table": "drug_interactions",
                "row": "toy-pair",
                "citation": "PMID:1",
                "locator": "page 1",
                "read_on": "2026-11-01",
            }
        ],
        "interaction_reviews": [
            {
                "review_id": "toy-read",
                "perpetrator": "toyamide",
                "victim": "tol",
                "locator": "section 4.5",
                "read": "2026-11-28",
                "citations": "PMID:1",
                "verified": "yes",
            }
        ],
        "deciding_genes": [
            {
                "drug": "toyamide",
                "gene": "TOY1",
                "alleles": "*2",
                "tier_missing": "context",
                "text_id": "deciding-toy",
                "blocks_benefit": "no",
                "citations": "PMID:1",
                "verified": "yes",
            }
        ],
        "hla_tags": [
            {
                "site": "rs101",
                "gene": "TOY1",
                "tags_allele": "*2",
                "use": "ask_for_typing",
                "text_id": "tag-toy",
                "citations": "PMID:1",
                "verified": "yes",
            }
        ],
        "functional_evidence": [
            {
                "gene": "TOYR",
                "protein_change": "p.Phe5Leu",
                "residue": "5",
                "entry": "1",
                "direction": "loss_of_function",
                "method": "invented",
                "citations": "PMID:1",
                "verified": "yes",
            }
        ],
        "protein_features": [
            {
                "gene": "TOYR",
                "feature": "all",
                "start": "1",
                "end": "16",
                "kind": "domain",
                "citations": "PMID:1",
                "verified": "yes",
            }
        ],
        "paralogue_alignment": [
            {
                "gene": "TOY9",
                "residues": "15",
                "aligned": "MAQKFGRT-LWDPQRY",
                "citations": "PMID:1",
                "verified": "yes",
            },
            {
                "gene": "TOYR",
                "residues": "16",
                "aligned": "MAQKFGRTLWDPQRYL",
                "citations": "PMID:1",
                "verified": "yes",
            },
        ],
        "classified_variants": [
            variant
            | {
                "variant": "TOYR-7C>A",
                "grch38_pos": str(rare),
                "grch38_ref": "G",
                "grch38_alt": "T",
                "grch37_pos": str(rare + SHIFT),
                "grch37_ref": "G",
                "grch37_alt": "T",
                "hgvs_c": "c.7C>A",
                "hgvs_p": "p.Gln3Lys",
            }
        ],
        "frequencies": [
            {
                "gene": "TOYR",
                "chrom": "2",
                "grch38_pos": str(rare),
                "grch38_ref": "G",
                "grch38_alt": "T",
                "grch37_pos": str(rare + SHIFT),
                "grch37_ref": "G",
                "grch37_alt": "T",
                "frequency": "0.02",
                "version": "invented",
                "dataset_date": "2026",
                "source": "invented",
                "verified": "no",
            }
        ],
        "cis_haplotypes": [
            cis
            | {
                "member": "Q3K",
                "hgvs_c": "c.7C>A",
                "hgvs_p": "p.Gln3Lys",
                "grch38": key,
                "grch37": old_key,
            },
            cis
            | {
                "member": "second",
                "hgvs_c": "c.13T>C",
                "hgvs_p": "p.Phe5Leu",
                "grch38": f"2-{second}-A-G",
                "grch37": f"2-{second + SHIFT}-A-G",
            },
        ],
        "CHANGES": [
            {
                "date": "2026-11-01",
                "version": "2026.11.0",
                "table": "genes",
                "key": "*",
                "change": "added",
                "reason": "invented",
                "source": "invented",
            }
        ],
    }


def _filled(schema: Mapping[str, Any], row: Row) -> list[str]:
    """Return the cells of a row; required columns that a test has no view on get some value."""
    cells = []
    for field in schema["fields"]:
        name, constraints = field["name"], field.get("constraints", {})
        value = row.get(name)
        if value is None:
            value = "."
            if constraints.get("required"):
                default = {"boolean": "yes", "integer": "1", "number": "1"}.get(field["type"])
                value = default or (constraints.get("enum") or ["invented"])[0]
        cells.append(value)
    return cells


def write_package(
    folder: Path,
    tables: Mapping[str, list[Row]] | None = None,
    *,
    in_order: bool = True,
    describe: bool = True,
    bases: Mapping[str, str] | None = None,
    version: str = "2026.11.0",
) -> Path:
    """Write a package and return its folder.

    Parameters
    ----------
    folder
        Where to write; made if need be.
    tables
        Rows by table; those of `small_tables` if not given.
    in_order
        False keeps the rows as they come.
    describe
        False leaves out the descriptor.
    bases
        Other bases of the slice of a build, by build, for chromosome 1.
    version
        Version of the package.
    """
    rows_of = dict(tables if tables is not None else small_tables())
    (folder / "schemas").mkdir(parents=True, exist_ok=True)
    for name, rows in rows_of.items():
        shutil.copy(SCHEMAS / f"{name}.json", folder / "schemas" / f"{name}.json")
        schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
        names = [f["name"] for f in schema["fields"]]
        cells = [_filled(schema, r) for r in rows]
        if in_order and name != "CHANGES":
            key = [names.index(c) for c in schema["primaryKey"]]
            cells.sort(key=lambda c: [c[i] for i in key])
        lines = ["\t".join(names), *("\t".join(c) for c in cells)]
        (folder / f"{name}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for build, shift in (("GRCh38", 0), ("GRCh37", SHIFT)):
        place = folder / "sequences" / build
        place.mkdir(parents=True, exist_ok=True)
        first = START + shift + 1
        text = "".join(
            f">{chrom}:{first}-{first + LENGTH - 1}\n{slice_}\n"
            for chrom, slice_ in (("1", (bases or {}).get(build, FORWARD)), ("2", BACKWARD))
        )
        (place / "toy.fa").write_text(text, encoding="ascii")
    meta = {"name": "toy", "version": version, "licenses": [], "sources": []}
    (folder / "package.json").write_text(json.dumps(meta) + "\n", encoding="utf-8")
    if describe:
        write_descriptor(folder)
    return folder
