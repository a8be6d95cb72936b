"""Checks of the rule tables: can each rule fire, and may it say what it says?"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import cast

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
from epilepsy_pgx.reference.rows import (
    CONDITIONS_BY_RULE,
    RECORDS,
    CisMember,
    Citation,
    ClassifiedVariant,
    ClinicalContext,
    CuratedText,
    DecidingGene,
    Drug,
    DrugInteraction,
    DrugRule,
    DrugSafety,
    GeneTherapy,
    PhenotypeWithoutRule,
    RuleCondition,
    RuleRow,
    TableRow,
    Verified,
)
from epilepsy_pgx.vocabulary import Response, Tier

RULES: tuple[type[RuleRow], ...] = (DrugRule, DrugSafety, GeneTherapy, ClinicalContext)
"""Rows of the rule tables, which share the condition table."""
TIERED = (*RULES, DecidingGene, DrugInteraction)
"""Rows whose tier asks for more or less."""
CONDITIONS = RuleCondition.TABLE
UNHANDLED = PhenotypeWithoutRule.TABLE

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


def rule_rows(package: Package, *, every: bool = False) -> Iterator[RuleRow]:
    """Yield the rows of every rule table, with `every` those that broke its schema too."""
    for record in RULES:
        yield from package.every(record) if every else package.rows(record)


def drug_groups(package: Package) -> dict[str, set[str]]:
    """Return the drugs of each `@group` word, and each drug under its own name."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in package.rows(Drug):
        found[row.drug].add(row.drug)
        for group in row.groups:
            found[f"@{group}"].add(row.drug)
    return found


def drugs_of(words: Iterable[str], groups: dict[str, set[str]]) -> set[str]:
    """Return the drugs that a list of drugs and groups names."""
    return {d for word in words for d in groups.get(word, ())}


@check(
    "rule-conditions",
    "Conditions belong to a rule, and each drug rule has one.",
    needs=(CONDITIONS,),
)
def check_conditions(package: Package) -> Found:
    """Compare rule ids with the condition table, both ways."""
    rules: dict[str, str] = {}
    for rule in rule_rows(package, every=True):
        if rules.get(rule.key, rule.TABLE) != rule.TABLE:
            yield package.problem(
                "rule-conditions",
                rule.TABLE,
                rule,
                rule.KEY,
                rule.key,
                "an id that no other rule table uses",
                "Rename one of the rules.",
            )
        rules[rule.key] = rule.TABLE
    for needed, rows in package.grouped(CONDITIONS_BY_RULE).items():
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
    known = {r.rule_id for r in package.every(RuleCondition)}
    for row in package.rows(DrugRule):
        if row.rule_id not in known:
            yield package.problem(
                "rule-conditions",
                "drug_rules",
                row,
                "rule_id",
                row.rule_id,
                f"a condition in {CONDITIONS}.tsv",
                "Say when the rule holds.",
            )


@check(
    "rule-can-fire",
    "Each condition names things that exist, all of a rule can hold, and a patient made of the "
    "tables makes each row fire.",
    needs=(CONDITIONS,),
)
def check_can_fire(package: Package) -> Found:
    """Ask each condition whether anything could meet it, then the conditions together."""
    tables, groups = Tables(package), drug_groups(package)
    for rule in rule_rows(package) if package.has("drugs") else ():
        drugs = rule.drug if isinstance(rule, DrugRule | DrugSafety) else ()
        lost = [w for w in drugs if w not in groups]
        if lost:
            yield package.problem(
                "rule-can-fire",
                rule.TABLE,
                rule,
                "drug",
                ", ".join(lost),
                "drugs or @groups of drugs.tsv",
                "Correct the word or add the drug.",
            )
    for rule_id, rows in package.grouped(CONDITIONS_BY_RULE).items():
        faults = [(row, fault) for row in rows if (fault := problem_of(row, tables)) is not None]
        for row, fault in faults:
            cells = row.cells()
            found = " ".join(cells[c] or "." for c in ("kind", "subject", "operator", "value"))
            if fault.column == "if_missing":
                found = f"{row.if_missing} for {found}"
            yield package.problem(
                "rule-can-fire",
                CONDITIONS,
                row,
                fault.column,
                found,
                fault.expected,
                "Correct the condition.",
            )
        for gene in _unmet_genes(rows, tables) if not faults else ():
            yield package.problem(
                "rule-can-fire",
                CONDITIONS,
                rows[0],
                "rule_id",
                rule_id,
                f"conditions that one diplotype of {gene} meets",
                "Correct the conditions.",
            )


def _unmet_genes(rows: Iterable[RuleCondition], tables: Tables) -> list[str]:
    """Return the genes of which no diplotype meets all conditions of a rule."""
    by_gene: dict[str, set[int]] = {}
    for row in rows:
        diplotypes = tables.diplotypes.get(row.about)
        hits = None if diplotypes is None else diplotypes_of(row, diplotypes)
        if hits is not None:
            by_gene[row.about] = by_gene.get(row.about, hits) & hits
    return [gene for gene, hits in by_gene.items() if not hits]


def _genotype_only(rows: Sequence[RuleCondition]) -> str | None:
    """Return the one gene whose genotype decides alone, or None."""
    genes = {r.about for r in rows}
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
    diplotypes, groups = package.once(read_diplotypes), drug_groups(package)
    conditions = package.grouped(CONDITIONS_BY_RULE)
    held: dict[tuple[str, str], list[tuple[DrugRule, set[int]]]] = defaultdict(list)
    for row in package.rows(DrugRule):
        rows = conditions.get(row.rule_id, ())
        gene = _genotype_only(rows)
        if gene in diplotypes:
            hits = matching(rows, diplotypes[gene])
            for drug in drugs_of(row.drug, groups):
                held[drug, gene].append((row, hits))
    seen = set()
    for (_, gene), rules in held.items():
        for i, (row, hits) in enumerate(rules):
            for other, others in rules[:i]:
                pair = (row.rule_id, other.rule_id)
                if pair in seen or not hits & others:
                    continue
                responses = {row.response, other.response}
                warns = responses & set(WARNINGS) and responses & set(REASSURING)
                same_source = row.source == other.source
                differs = len(responses) > 1 or (
                    row.percent_of_standard_dose != other.percent_of_standard_dose
                )
                if warns or (same_source and differs and row.effect == other.effect):
                    seen.add(pair)
                    example = diplotypes[gene].names[min(hits & others)]
                    yield package.problem(
                        "rules-agree",
                        "drug_rules",
                        row,
                        "response",
                        f"'{row.response}' for {gene} {example}, where "
                        f"{other.rule_id} says '{other.response}'",
                        "rules that do not contradict each other",
                        "Correct the conditions or the source.",
                    )


@check(
    "warning-precondition", "No warning waits for a negative or normal result.", needs=(CONDITIONS,)
)
def check_warning_precondition(package: Package) -> Found:
    """Look for conditions of absence or normality under a rule that warns."""
    conditions = package.grouped(CONDITIONS_BY_RULE)
    for rule in rule_rows(package):
        if rule.response not in WARNINGS:
            continue
        for row in conditions.get(rule.key, ()):
            if is_negative(row):
                yield package.problem(
                    "warning-precondition",
                    CONDITIONS,
                    row,
                    "value",
                    f"{row.about} {row.operator} {row.compared} under '{rule.response}'",
                    "a condition of positive evidence",
                    "Let the positive finding alone fire the warning.",
                )


@check(
    "rule-repeat", "No row says what another one says of the same patients.", needs=(CONDITIONS,)
)
def check_repeats(package: Package) -> Found:
    """Look for rows of one text about one thing that ask for the same, in whatever order."""
    conditions = package.grouped(CONDITIONS_BY_RULE)
    seen: dict[tuple[object, ...], str] = {}
    for rule in rule_rows(package):
        # A figure that stands in the text makes it another one.
        told = ("drug", "gene", "section", "percent_of_standard_dose")
        about = [getattr(rule, name, None) for name in told]
        asked = frozenset(
            (c.kind, frozenset(c.subject), c.operator, frozenset(c.value), c.if_missing)
            for c in conditions.get(rule.key, ())
        )
        key = (rule.TABLE, rule.text_id, tuple(map(str, about)), asked)
        if key in seen:
            yield package.problem(
                "rule-repeat",
                rule.TABLE,
                rule,
                "text_id",
                f"{rule.text_id} on the conditions of {seen[key]}",
                "another text, or other conditions",
                "Remove one of the rows.",
            )
        seen.setdefault(key, rule.key)


@check(
    "phenotype-handled",
    "Each phenotype of a gene meets a rule of each drug that the gene "
    "decides on, or is declared to have none.",
    needs=("drug_rules", CONDITIONS),
)
def check_handled(package: Package) -> Found:
    """Ask every rule set of a drug and gene about every phenotype that a diplotype can have."""
    diplotypes, groups = package.once(read_diplotypes), drug_groups(package)
    conditions = package.grouped(CONDITIONS_BY_RULE)
    covered: dict[tuple[str, str], set[int]] = defaultdict(set)
    first: dict[tuple[str, str], DrugRule] = {}
    for row in package.rows(DrugRule):
        rows = conditions.get(row.rule_id, ())
        gene = _genotype_only(rows)
        if gene in diplotypes:
            for drug in drugs_of(row.drug, groups):
                covered[drug, gene] |= matching(rows, diplotypes[gene])
                first.setdefault((drug, gene), row)
    declared = {(r.drug, r.gene, r.phenotype): r for r in package.rows(PhenotypeWithoutRule)}
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
    for key, unused in declared.items():
        if key not in used:
            yield package.problem(
                "phenotype-handled",
                UNHANDLED,
                unused,
                "phenotype",
                " ".join(key),
                "a phenotype that the rules leave open",
                "Remove the row.",
            )


@check("act-source", "What asks for action is verified and cites a source that ships.")
def check_act(package: Package) -> Found:
    """Look at the source of each statement by its tier."""
    known = {r.key for r in package.rows(Citation)}
    for record in RECORDS:
        for row in _verified(package.rows(record)):
            memory = bool(_MEMORY.search(row.source))
            if row.verified and memory:
                yield package.problem(
                    "act-source",
                    record.TABLE,
                    row,
                    "verified",
                    "yes",
                    "no, for a fact from memory",
                    "Read the source and name it, or write 'no'.",
                )
            if isinstance(row, TIERED) and (fault := _tier_fault(row, memory, known)):
                yield package.problem("act-source", record.TABLE, row, *fault)


def _verified(rows: Sequence[TableRow]) -> Sequence[Verified]:
    """Return the rows of a table if its rows say whether they are verified, else none."""
    return cast(Sequence[Verified], rows) if rows and isinstance(rows[0], Verified) else ()


def _tier_fault(
    row: RuleRow | DecidingGene | DrugInteraction, memory: bool, known: Collection[str]
) -> tuple[str, str, str, str] | None:
    """Return (column, found, expected, fix) if a row asks for more than its source bears."""
    if isinstance(row, DecidingGene):
        column, tier = "tier_missing", row.tier_missing
    else:
        column, tier = "tier", row.tier
    cited = any(key in known for key in row.citations)
    if tier is Tier.ACT and (not row.verified or memory or not cited):
        found = (
            "an unverified row"
            if not row.verified
            else "a source from memory"
            if memory
            else "no citation that ships"
        )
        fix = "Cite the source or lower the tier."
        return column, found, "a verified row with a source that ships", fix
    if tier is Tier.CONSIDER and (not row.verified or memory):
        found = "an unverified row that asks for consideration"
        return column, found, "tier context or none", "Verify the row or lower the tier."
    return None


@check(
    "dose-unit",
    "Doses are percent of the standard dose; an amount needs a label behind it.",
    needs=("drug_rules",),
)
def check_dose(package: Package) -> Found:
    """Look for dose changes in texts and for amounts that no label states."""
    texts = {r.id: r.text for r in package.rows(CuratedText) if r.language == "en"}
    for row in package.rows(DrugRule):
        text = texts.get(row.text_id, "")
        percent = row.percent_of_standard_dose
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
                row.text_id,
                "a text with {percent_of_standard_dose}",
                "Let the text show the row's own figure.",
            )
        if _AMOUNT.search(text) and "label" not in row.source.lower():
            yield package.problem(
                "dose-unit",
                "drug_rules",
                row,
                "text_id",
                f"an amount in '{row.text_id}'",
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
    groups: dict[str, list[CisMember]] = defaultdict(list)
    for row in package.rows(CisMember):
        groups[row.haplotype].append(row)
    placed = {
        (r.gene, r.hgvs_c): f"{r.chrom}-{r.grch38_pos}-{r.grch38_ref}-{r.grch38_alt}"
        for r in package.rows(ClassifiedVariant)
        if r.hgvs_c
    }
    for name, rows in groups.items():
        if len({r.grch38 for r in rows}) < 2 or len({r.gene for r in rows}) > 1:
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
            other = placed.get((row.gene, row.hgvs_c or ""))
            if other is not None and other != row.grch38:
                yield package.problem(
                    "cis-declared",
                    "cis_haplotypes",
                    row,
                    "grch38",
                    row.grch38,
                    f"{other}, as in classified_variants.tsv",
                    "Correct one of the tables.",
                )
