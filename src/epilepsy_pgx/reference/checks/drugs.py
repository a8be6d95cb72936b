"""Checks of drugs, their names, and of the genes and alleles they are tied to."""

import re
from collections import defaultdict

from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.checks.rules import drug_groups
from epilepsy_pgx.reference.rows import Allele, DecidingGene, Drug, DrugName, HlaAllele, HlaTag

DRUG_COLUMNS = (
    ("deciding_genes", "drug"),
    ("drug_interactions", "perpetrator"),
    ("drug_interactions", "victim"),
    ("interaction_reviews", "perpetrator"),
    ("interaction_reviews", "victim"),
    ("pairs_to_avoid", "perpetrator"),
    ("phenoconversion", "drug"),
    ("hla_alleles", "drug"),
    ("phenotypes_without_rule", "drug"),
    ("actions", "drugs"),
)
_BETWEEN = re.compile(r"[|+]")
_CLEARS = re.compile(r"\b(clear|exclude|rule_out|negative|absent)", re.IGNORECASE)


@check(
    "drug-known",
    "Every drug or @group that a table names is one of the drugs table.",
    needs=("drugs",),
)
def check_drugs(package: Package) -> Found:
    """Look up the words of all columns that name drugs; `+` joins drugs taken together."""
    known = drug_groups(package)
    for table, column in DRUG_COLUMNS:
        for cell in package.cells(table, column):
            lost = [w for w in _BETWEEN.split(cell.text) if w and w not in known]
            if lost:
                yield package.problem(
                    "drug-known",
                    table,
                    cell,
                    column,
                    ", ".join(lost),
                    "a drug or @group of drugs.tsv",
                    "Correct the word or add the drug.",
                )


@check(
    "drug-name-unique",
    "A name of a medication list means one drug, however it is written.",
    needs=("drugs", "drug_names"),
)
def check_names(package: Package) -> Found:
    """Compare all names without regard to case, blanks and hyphens."""

    def plain(name: str) -> str:
        return re.sub(r"[\s-]+", " ", name.casefold()).strip()

    meant: dict[str, set[str]] = defaultdict(set)
    for row in package.rows(Drug):
        meant[plain(row.drug)].add(row.drug)
    for synonym in package.rows(DrugName):
        meant[plain(synonym.name)].add(synonym.drug)
    for synonym in package.rows(DrugName):
        drugs = meant[plain(synonym.name)]
        if len(drugs) > 1:
            yield package.problem(
                "drug-name-unique",
                "drug_names",
                synonym,
                "name",
                synonym.name,
                "a name of one drug, not of " + " and ".join(sorted(drugs)),
                "Remove the name or make it longer.",
            )


@check(
    "typing-known",
    "Alleles that decide on a drug or are tagged are alleles of the tables, and "
    "no tag clears a drug.",
)
def check_typing(package: Package) -> Found:
    """Look up the alleles of deciding genes and of tags."""
    known = {(r.gene, r.allele) for r in package.every(HlaAllele)}
    known |= {(r.gene, r.allele) for r in package.every(Allele)}
    named = [(r, "alleles", r.gene, r.alleles) for r in package.rows(DecidingGene)]
    tagged = [(r, "tags_allele", r.gene, (r.tags_allele,)) for r in package.rows(HlaTag)]
    for line, column, gene, alleles in (*named, *tagged):
        lost = [a for a in alleles if (gene, a) not in known]
        if lost:
            yield package.problem(
                "typing-known",
                line.TABLE,
                line,
                column,
                ", ".join(lost),
                f"alleles of {gene}",
                "Correct the allele or add its row.",
            )
    typed = {(r.gene, r.allele, r.drug) for r in package.every(HlaAllele)}
    groups = drug_groups(package)
    for row in package.rows(DecidingGene):
        alone = [
            f"{a} with {d}"
            for a in row.alleles
            for w in row.drug
            for d in groups.get(w, ())
            if any(t[0] == row.gene for t in typed) and (row.gene, a, d) not in typed
        ]
        if alone:
            yield package.problem(
                "typing-known",
                "deciding_genes",
                row,
                "alleles",
                ", ".join(alone),
                "a pair of hla_alleles.tsv",
                "Add the pair with its source, or correct the row.",
            )
    for tag in package.rows(HlaTag):
        if _CLEARS.search(tag.use):
            yield package.problem(
                "typing-known",
                "hla_tags",
                tag,
                "use",
                tag.use,
                "a use that asks for typing at most",
                "A tag never shows that an allele is absent.",
            )
