"""Checks of the rule tables: can each rule fire, and may it say what it says?"""

import re
from collections import defaultdict
from collections.abc import Iterator

from epilepsy_pgx.reference.checks.genotypes import read_diplotypes
from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.conditions.base import Tables
from epilepsy_pgx.reference.conditions.registry import (
    diplotypes_of,
    is_genotypic,
    is_negative,
    matching,
    problem_of,
)
from epilepsy_pgx.reference.package import Row
from epilepsy_pgx.vocabulary import Response, Tier

RULE_TABLES = {
    "drug_rules": ("rule_id", "drug"),
    "drug_safety": ("fact_id", "drug"),
    "gene_therapy": ("therapy_id", None),
    "clinical_context": ("context_id", None),
}
"""Rule tables that share the condition table: key column, and column of the drugs."""
CONDITIONS = "drug_rule_conditions"
UNHANDLED = "phenotypes_without_rule"

WARNINGS = frozenset(
    {
        Response.CONTRAINDICATED,
        Response.AVOID,
        Response.AVOID_MAINTENANCE,
        Response.CAUTION,
        Response.ADJUST_DOSE,
        Response.CONSIDER_ALTERNATIVE,
        Response.INTERACTION,
    }
)
REASSURING = frozenset({Response.STANDARD, Response.MAY_FAVOUR})
_MEMORY = re.compile(r"\b(memory|knowledge)\b", re.IGNORECASE)
_AMOUNT = re.compile(r"\d\s*mg\b", re.IGNORECASE)


def rule_rows(package: Package) -> Iterator[tuple[str, str, Row]]:
    """Return (table, rule id, row) of every rule of every rule table."""
    for table, (key, _) in RULE_TABLES.items():
        if key in package.columns(table):
            for row in package.rows(table):
                yield table, row.need(key), row


def conditions_of(package: Package) -> dict[str, list[Row]]:
    """Return the condition rows by rule id."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in package.rows(CONDITIONS):
        found[row.need("rule_id")].append(row)
    return found


def drug_groups(package: Package) -> dict[str, set[str]]:
    """Return the drugs of each `@group` word, and each drug under its own name."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in package.rows("drugs"):
        found[row.need("drug")].add(row.need("drug"))
        for group in row.many("groups"):
            found[f"@{group}"].add(row.need("drug"))
    return found


def drugs_of(cell: str | None, groups: dict[str, set[str]]) -> set[str]:
    """Return the drugs that a cell of drugs and groups names."""
    return {d for word in (cell or "").split("|") for d in groups.get(word, ())}


@check(
    "rule-conditions",
    "Conditions belong to a rule, and each drug rule has one.",
    needs=(CONDITIONS,),
)
def check_conditions(package: Package) -> Found:
    """Compare rule ids with the condition table, both ways."""
    rules: dict[str | None, str] = {}
    for table, (key, _) in RULE_TABLES.items():
        for row in package.every(table):
            rule_id = row.get(key)
            if rules.get(rule_id, table) != table:
                yield package.problem(
                    "rule-conditions",
                    table,
                    row,
                    key,
                    rule_id,
                    "an id that no other rule table uses",
                    "Rename one of the rules.",
                )
            rules[rule_id] = table
    conditions = conditions_of(package)
    for needed, rows in conditions.items():
        if needed not in rules:
            yield package.problem(
                "rule-conditions",
                CONDITIONS,
                rows[0],
                "rule_id",
                needed,
                "the id of a rule",
                "Add the rule or remove the row.",
            )
    known = {r.get("rule_id") for r in package.every(CONDITIONS)}
    for row in package.rows("drug_rules"):
        if row["rule_id"] not in known:
            yield package.problem(
                "rule-conditions",
                "drug_rules",
                row,
                "rule_id",
                row["rule_id"],
                f"a condition in {CONDITIONS}.tsv",
                "Say when the rule holds.",
            )


@check(
    "rule-can-fire",
    "Each condition names things that exist, and all of a rule can hold.",
    needs=(CONDITIONS,),
)
def check_can_fire(package: Package) -> Found:
    """Ask each condition whether anything could meet it, then the conditions together."""
    tables, groups = Tables(package), drug_groups(package)
    for table, (_, column) in RULE_TABLES.items():
        if column not in package.columns(table):
            continue
        for row in package.rows(table):
            lost = [w for w in (row[column] or "").split("|") if w not in groups]
            if lost and package.has("drugs"):
                yield package.problem(
                    "rule-can-fire",
                    table,
                    row,
                    column,
                    ", ".join(lost),
                    "drugs or @groups of drugs.tsv",
                    "Correct the word or add the drug.",
                )
    for rule_id, rows in conditions_of(package).items():
        sound = True
        for row in rows:
            fault = problem_of(row, tables)
            if fault is not None:
                sound = False
                found = " ".join(row[c] or "." for c in ("kind", "subject", "operator", "value"))
                if fault.column == "if_missing":
                    found = f"{row['if_missing']} for {found}"
                yield package.problem(
                    "rule-can-fire",
                    CONDITIONS,
                    row,
                    fault.column,
                    found,
                    fault.expected,
                    "Correct the condition.",
                )
        if not sound:
            continue
        by_gene: dict[str, set[int]] = {}
        for row in rows:
            table_of_gene = tables.diplotypes.get(row["subject"] or "")
            if table_of_gene is not None:
                hits = diplotypes_of(row, table_of_gene)
                if hits is not None:
                    gene = table_of_gene.gene
                    by_gene[gene] = by_gene.get(gene, hits) & hits
        for gene, hits in by_gene.items():
            if not hits:
                yield package.problem(
                    "rule-can-fire",
                    CONDITIONS,
                    rows[0],
                    "rule_id",
                    rule_id,
                    f"conditions that one diplotype of {gene} meets",
                    "Correct the conditions.",
                )


def _genotype_only(rows: list[Row]) -> str | None:
    """Return the one gene whose genotype decides alone, or None."""
    genes = {r["subject"] for r in rows}
    if len(genes) == 1 and all(is_genotypic(r) for r in rows):
        return genes.pop()
    return None


@check(
    "rules-agree",
    "No genotype both warns and reassures about a drug, and no source says two "
    "things of one genotype.",
    needs=("drug_rules", CONDITIONS),
)
def check_agree(package: Package) -> Found:
    """Compare rules on the same drug by the diplotypes they hold for.

    Two sources may differ: they stand side by side in the report. One source may not.
    """
    diplotypes, groups = read_diplotypes(package), drug_groups(package)
    conditions = conditions_of(package)
    held: dict[tuple[str, str], list[tuple[Row, set[int]]]] = defaultdict(list)
    for row in package.rows("drug_rules"):
        rows = conditions.get(row.need("rule_id"), [])
        gene = _genotype_only(rows)
        if gene in diplotypes:
            hits = matching(rows, diplotypes[gene])
            for drug in drugs_of(row["drug"], groups):
                held[drug, gene].append((row, hits))
    seen = set()
    for (_, gene), rules in held.items():
        for i, (row, hits) in enumerate(rules):
            for other, others in rules[:i]:
                pair = (row["rule_id"], other["rule_id"])
                if pair in seen or not hits & others:
                    continue
                responses = {row["response"], other["response"]}
                warns = responses & set(WARNINGS) and responses & set(REASSURING)
                same_source = row["source"] == other["source"]
                differs = len(responses) > 1 or (
                    row.get("percent_of_standard_dose") != other.get("percent_of_standard_dose")
                )
                if warns or (same_source and differs and row.get("effect") == other.get("effect")):
                    seen.add(pair)
                    example = diplotypes[gene].names[min(hits & others)]
                    yield package.problem(
                        "rules-agree",
                        "drug_rules",
                        row,
                        "response",
                        f"'{row['response']}' for {gene} {example}, where "
                        f"{other['rule_id']} says '{other['response']}'",
                        "rules that do not contradict each other",
                        "Correct the conditions or the source.",
                    )


@check(
    "warning-precondition", "No warning waits for a negative or normal result.", needs=(CONDITIONS,)
)
def check_warning_precondition(package: Package) -> Found:
    """Look for conditions of absence or normality under a rule that warns."""
    conditions = conditions_of(package)
    for _, rule_id, rule in rule_rows(package):
        if rule.get("response") not in WARNINGS:
            continue
        for row in conditions.get(rule_id, []):
            if is_negative(row):
                yield package.problem(
                    "warning-precondition",
                    CONDITIONS,
                    row,
                    "value",
                    f"{row['subject']} {row['operator']} {row['value']} under '{rule['response']}'",
                    "a condition of positive evidence",
                    "Let the positive finding alone fire the warning.",
                )


@check(
    "phenotype-handled",
    "Each phenotype of a gene meets a rule of each drug that the gene "
    "decides on, or is declared to have none.",
    needs=("drug_rules", CONDITIONS),
)
def check_handled(package: Package) -> Found:
    """Ask every rule set of a drug and gene about every phenotype that a diplotype can have."""
    diplotypes, groups = read_diplotypes(package), drug_groups(package)
    conditions = conditions_of(package)
    covered: dict[tuple[str, str], set[int]] = defaultdict(set)
    first: dict[tuple[str, str], Row] = {}
    for row in package.rows("drug_rules"):
        rows = conditions.get(row.need("rule_id"), [])
        gene = _genotype_only(rows)
        if gene in diplotypes:
            for drug in drugs_of(row["drug"], groups):
                covered[drug, gene] |= matching(rows, diplotypes[gene])
                first.setdefault((drug, gene), row)
    declared: dict[tuple[str | None, str | None, str | None], Row] = {
        (r["drug"], r["gene"], r["phenotype"]): r for r in package.rows(UNHANDLED)
    }
    used = set()
    for (drug, gene), hits in sorted(covered.items()):
        table = diplotypes[gene]
        left: dict[str, int] = {}
        for i, phenotype in enumerate(table.phenotypes):
            if phenotype is not None and i not in hits:
                left.setdefault(phenotype, i)
        for phenotype, i in left.items():
            if (drug, gene, phenotype) in declared:
                used.add((drug, gene, phenotype))
            else:
                yield package.problem(
                    "phenotype-handled",
                    "drug_rules",
                    first[drug, gene],
                    "rule_id",
                    f"no rule on {drug} for {gene} {phenotype} ({table.names[i]})",
                    f"a rule, or a row of {UNHANDLED}.tsv",
                    "Add the rule or declare that there is none.",
                )
    for key, row in declared.items():
        if key not in used:
            yield package.problem(
                "phenotype-handled",
                UNHANDLED,
                row,
                "phenotype",
                " ".join(str(k) for k in key),
                "a phenotype that the rules leave open",
                "Remove the row.",
            )


@check("act-source", "What asks for action is verified and cites a source that ships.")
def check_act(package: Package) -> Found:
    """Look at the source of each statement by its tier."""
    known = {r["key"] for r in package.rows("citations")}
    for table in package.tables:
        columns = package.columns(table)
        for row in package.rows(table) if {"verified", "source"} <= columns else ():
            if row["verified"] == "yes" and _MEMORY.search(row["source"] or ""):
                yield package.problem(
                    "act-source",
                    table,
                    row,
                    "verified",
                    "yes",
                    "no, for a fact from memory",
                    "Read the source and name it, or write 'no'.",
                )
        tier = "tier" if "tier" in columns else "tier_missing"
        if table == "alleles" or not {tier, "verified", "source", "citations"} <= columns:
            continue
        for row in package.rows(table):
            cited = [c for c in row.many("citations") if c in known]
            memory = bool(_MEMORY.search(row["source"] or ""))
            if row[tier] == Tier.ACT and (row["verified"] != "yes" or memory or not cited):
                found = (
                    "an unverified row"
                    if row["verified"] != "yes"
                    else "a source from memory"
                    if memory
                    else "no citation that ships"
                )
                yield package.problem(
                    "act-source",
                    table,
                    row,
                    tier,
                    found,
                    "a verified row with a source that ships",
                    "Cite the source or lower the tier.",
                )
            elif row[tier] == Tier.CONSIDER and (row["verified"] != "yes" or memory):
                yield package.problem(
                    "act-source",
                    table,
                    row,
                    tier,
                    "an unverified row that asks for consideration",
                    "tier context or none",
                    "Verify the row or lower the tier.",
                )


@check(
    "dose-unit",
    "Doses are percent of the standard dose; an amount needs a label behind it.",
    needs=("drug_rules",),
)
def check_dose(package: Package) -> Found:
    """Look for dose changes in texts and for amounts that no label states."""
    texts = {r["id"]: r["text"] or "" for r in package.rows("texts") if r["language"] == "en"}
    for row in package.rows("drug_rules"):
        text = texts.get(row["text_id"], "")
        percent = row.get("percent_of_standard_dose")
        if percent is not None and not 1 <= float(percent) <= 200:
            yield package.problem(
                "dose-unit",
                "drug_rules",
                row,
                "percent_of_standard_dose",
                percent,
                "percent of the standard dose, 1 to 200",
                "Give the part of the dose, not the reduction.",
            )
        if percent is not None and "{percent_of_standard_dose}" not in text:
            yield package.problem(
                "dose-unit",
                "drug_rules",
                row,
                "text_id",
                row["text_id"],
                "a text with {percent_of_standard_dose}",
                "Let the text show the row's own figure.",
            )
        if _AMOUNT.search(text) and "label" not in (row["source"] or "").lower():
            yield package.problem(
                "dose-unit",
                "drug_rules",
                row,
                "text_id",
                f"an amount in '{row['text_id']}'",
                "percent of the standard dose",
                "Amounts may only be quoted from a label.",
            )


@check(
    "cis-declared",
    "A known cis pair names at least two variants of one gene, each as the other tables place it.",
    needs=("cis_haplotypes",),
)
def check_cis(package: Package) -> Found:
    """Compare the members of each haplotype with each other and with the classified variants."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in package.rows("cis_haplotypes"):
        groups[row.need("haplotype")].append(row)
    placed: dict[tuple[str | None, str | None], str] = {
        (r["gene"], r["hgvs_c"]): "-".join(
            str(r[c]) for c in ("chrom", "grch38_pos", "grch38_ref", "grch38_alt")
        )
        for r in package.rows("classified_variants")
        if r["hgvs_c"]
    }
    for name, rows in groups.items():
        if len({r["grch38"] for r in rows}) < 2 or len({r["gene"] for r in rows}) > 1:
            yield package.problem(
                "cis-declared",
                "cis_haplotypes",
                rows[0],
                "haplotype",
                name,
                "two different variants of one gene",
                "Add the other member.",
            )
        for row in rows:
            other = placed.get((row["gene"], row["hgvs_c"]))
            if other is not None and other != row["grch38"]:
                yield package.problem(
                    "cis-declared",
                    "cis_haplotypes",
                    row,
                    "grch38",
                    row["grch38"],
                    f"{other}, as in classified_variants.tsv",
                    "Correct one of the tables.",
                )
