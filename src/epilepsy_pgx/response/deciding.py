"""Which genes must be known before anything reassuring may be said about a drug."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from epilepsy_pgx.reference.conditions.base import Groups, members
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.statement import (
    Evidence,
    Message,
    Reason,
    ReasonKind,
    Statement,
    Subject,
    SubjectKind,
    Value,
    ValueKind,
)
from epilepsy_pgx.vocabulary import Exposure, GeneStatus, Origin, Response, Tier


@dataclass(frozen=True, slots=True)
class Deciding:
    """One gene that decides about one drug."""

    drug: str
    gene: str
    alleles: tuple[str, ...]
    """For a typed gene: the alleles that must be shown present or absent."""
    tier: Tier
    """How strongly a missing result asks for the test."""
    text_id: str
    text_tolerated: str | None
    blocks_benefit: bool
    evidence: Evidence


def load_deciding(ref: Reference, groups: Groups) -> dict[str, tuple[Deciding, ...]]:
    """Return the deciding genes by drug."""
    found: dict[str, list[Deciding]] = {}
    for row in ref.table("deciding_genes"):
        evidence = Evidence(
            row.need("source"), ".", row.many("citations"), "deciding_genes",
            f"{row['drug']} {row['gene']}", row["verified"] == "yes",
        )
        for drug in sorted(members(row.need("drug"), groups)):
            found.setdefault(drug, []).append(
                Deciding(
                    drug, row.need("gene"), row.many("alleles"), Tier(row.need("tier_missing")),
                    row.need("text_id"), row["text_tolerated"],
                    row["blocks_benefit"] == "yes", evidence,
                )
            )
    return {drug: tuple(items) for drug, items in found.items()}


def status_for(item: Deciding, facts: PatientFacts) -> GeneStatus:
    """Return how far a deciding gene was assessed for its drug.

    A typed gene is complete when a listed allele is present, or each is shown to be absent. A
    gene read for rare variants is as complete as its coverage. A star-allele gene is complete
    when every candidate leads to one phenotype and no rare allele is left open.
    """
    gene = facts.genes.get(item.gene)
    if item.alleles:
        if gene is None or not gene.assessed:
            return GeneStatus.NOT_ASSESSED
        known = set(gene.present) | set(gene.absent)
        if set(item.alleles) & set(gene.present) or set(item.alleles) <= known:
            return GeneStatus.COMPLETE
        return GeneStatus.PARTIAL if known & set(item.alleles) else GeneStatus.NOT_ASSESSED
    finding = facts.findings.get(item.gene)
    if finding is not None:
        return finding.status
    if gene is None or not gene.assessed:
        return GeneStatus.NOT_ASSESSED
    if gene.settled:
        return GeneStatus.COMPLETE
    return gene.status if gene.status is not GeneStatus.COMPLETE else GeneStatus.PARTIAL


def judge_deciding(
    items: tuple[Deciding, ...], facts: PatientFacts
) -> Mapping[Deciding, GeneStatus]:
    """Return the status of each deciding gene of a drug."""
    return {item: status_for(item, facts) for item in items}


def missing_statement(
    items: Sequence[Deciding], status: GeneStatus, facts: PatientFacts
) -> Statement:
    """Return the line that says that deciding genes are not known in full.

    Parameters
    ----------
    items
        Genes of one drug that share wording and status.
    status
        How far they were assessed.
    facts
        The patient.
    """
    first = items[0]
    tolerated = facts.exposure(first.drug) is Exposure.TAKING_TOLERATED
    text_id, tier = first.text_id, first.tier
    if tolerated and first.text_tolerated is not None:
        text_id, tier = first.text_tolerated, Tier.CONTEXT
    state = Message(f"gene-status-{status.replace('_', '-')}")
    read = facts.coverage.get(first.gene)
    if read is not None and read.known_absent and len(items) == 1:
        state = Message("gene-status-known-absent", (
            Value("absent", (str(read.known_absent),)), Value("total", (str(read.known_total),)),
        ))
    genes = tuple(item.gene for item in items)
    values = (Value("gene", genes), Value("status", messages=(state,)))
    unknown = status in (GeneStatus.NOT_ASSESSED, GeneStatus.NOT_REPORTABLE)
    return Statement(
        statement_id=f"deciding:{'+'.join(genes)}:{first.drug}", text_id=text_id, tier=tier,
        response=Response.NOT_ASSESSED if unknown else Response.PARTIAL,
        origin=Origin.GENOTYPE,
        reasons=(
            Reason(ReasonKind.STATUS, Subject(SubjectKind.GENE, genes), values),
            *_possible(items, facts),
        ),
        evidence=tuple(item.evidence for item in items), values=values, drugs=(first.drug,),
    )


def _possible(items: Sequence[Deciding], facts: PatientFacts) -> tuple[Reason, ...]:
    """Return the results that the data leave possible, for star-allele genes."""
    return tuple(
        Reason(
            ReasonKind.OPEN, Subject(SubjectKind.GENE, (item.gene,)),
            (Value("gene", (item.gene,)),
             Value("phenotypes", found.phenotypes, ValueKind.PHENOTYPE)),
        )
        for item in items
        if (found := facts.genes.get(item.gene)) is not None and len(found.phenotypes) > 1
    )


def missing_statements(
    judged: Mapping[Deciding, GeneStatus], facts: PatientFacts
) -> list[Statement]:
    """Return one line for each wording and status among the genes not known in full."""
    groups: dict[tuple[str, Tier, GeneStatus], list[Deciding]] = {}
    for item, status in judged.items():
        if status is not GeneStatus.COMPLETE:
            groups.setdefault((item.text_id, item.tier, status), []).append(item)
    return [missing_statement(items, key[2], facts) for key, items in groups.items()]
