"""Which genes must be known before anything reassuring may be said about a drug."""

from collections.abc import Sequence
from typing import NamedTuple

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.conditions.base import Groups, members
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import DecidingGene
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


class GeneAssessment(NamedTuple):
    """All that a drug's line says about one deciding gene of a patient."""

    status: GeneStatus
    """How far the gene was assessed for the drug."""
    phenotypes: tuple[str, ...] = ()
    """The results that the data leave possible; empty if there is one, or none."""
    known_absent: int = 0
    """Of a gene whose sequence is not installed: curated variants shown to be absent."""
    known_total: int = 0


def load_deciding(ref: Reference, groups: Groups) -> dict[str, tuple[Deciding, ...]]:
    """Return the deciding genes by drug."""
    found: dict[str, list[Deciding]] = {}
    for row in ref.rows(DecidingGene):
        evidence = Evidence(
            row.source,
            ".",
            row.citations,
            row.TABLE,
            f"{'|'.join(row.drug)} {row.gene}",
            row.verified,
        )
        for drug in sorted(members(row.drug, groups)):
            found.setdefault(drug, []).append(
                Deciding(
                    drug,
                    row.gene,
                    row.alleles,
                    row.tier_missing,
                    row.text_id,
                    row.text_tolerated,
                    row.blocks_benefit,
                    evidence,
                )
            )
    return {drug: tuple(items) for drug, items in found.items()}


def classify_status(item: Deciding, facts: PatientFacts) -> GeneStatus:
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
        # One risk allele decides, whatever the other copy is; absence needs every one of them.
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
    # Complete data may still leave two phenotypes or an unread rare allele open.
    return gene.status if gene.status is not GeneStatus.COMPLETE else GeneStatus.PARTIAL


def assess_deciding(items: Sequence[Deciding], facts: PatientFacts) -> tuple[GeneAssessment, ...]:
    """Return what is known of each deciding gene of a drug."""
    return tuple(_assess(item, facts) for item in items)


def _assess(item: Deciding, facts: PatientFacts) -> GeneAssessment:
    found, read = facts.genes.get(item.gene), facts.coverage.get(item.gene)
    counts = (read.known_absent, read.known_total) if read and read.known_absent else (0, 0)
    several = found is not None and len(found.phenotypes) > 1
    return GeneAssessment(
        classify_status(item, facts), found.phenotypes if found and several else (), *counts
    )


def _missing_statement(
    genes: Sequence[tuple[Deciding, GeneAssessment]], exposure: Exposure
) -> Statement:
    """Return the line about genes of one drug that share wording and status."""
    first, known = genes[0]
    status, items = known.status, [item for item, _ in genes]
    tolerated = exposure is Exposure.TAKING_TOLERATED
    text_id, tier = first.text_id, first.tier
    # A hypersensitivity allele tells little of a drug that has been tolerated for months.
    if tolerated and first.text_tolerated is not None:
        text_id, tier = first.text_tolerated, Tier.CONTEXT
    state = Message(f"gene-status-{status.replace('_', '-')}")
    if all(known.known_absent for _, known in genes):
        absent = sum(known.known_absent for _, known in genes)
        total = sum(known.known_total for _, known in genes)
        state = Message(
            "gene-status-known-absent",
            (Value("absent", (str(absent),)), Value("total", (str(total),))),
        )
    names = tuple(item.gene for item in items)
    values = (Value("gene", names), Value("status", messages=(state,)))
    unknown = status in (GeneStatus.NOT_ASSESSED, GeneStatus.NOT_REPORTABLE)
    return Statement(
        statement_id=f"deciding:{'+'.join(names)}:{first.drug}",
        text_id=text_id,
        tier=tier,
        response=Response.NOT_ASSESSED if unknown else Response.PARTIAL,
        origin=Origin.GENOTYPE,
        reasons=(
            Reason(ReasonKind.STATUS, Subject(SubjectKind.GENE, names), values),
            *(_possible(item.gene, known.phenotypes) for item, known in genes if known.phenotypes),
        ),
        evidence=tuple(item.evidence for item in items),
        values=values,
        drugs=(first.drug,),
    )


def _possible(gene: str, phenotypes: tuple[str, ...]) -> Reason:
    """Return the results that the data leave possible, for a star-allele gene."""
    return Reason(
        ReasonKind.OPEN,
        Subject(SubjectKind.GENE, (gene,)),
        (Value("gene", (gene,)), Value("phenotypes", phenotypes, ValueKind.PHENOTYPE)),
    )


def missing_statements(
    items: Sequence[Deciding], assessments: Sequence[GeneAssessment], exposure: Exposure
) -> list[Statement]:
    """Return the lines that say that deciding genes are not known in full.

    Parameters
    ----------
    items
        Deciding genes of one drug.
    assessments
        What is known of each of them.
    exposure
        The patient's history with the drug.

    Returns
    -------
    list
        One for each wording and status. Genes of which bases were read share none with genes
        that were read at listed positions.
    """
    groups: dict[tuple[str, Tier, GeneStatus, bool], list[tuple[Deciding, GeneAssessment]]] = {}
    for item, known in zip(items, assessments, strict=True):
        if known.status is not GeneStatus.COMPLETE:
            listed = known.status is GeneStatus.PARTIAL and known.known_absent > 0
            key = (item.text_id, item.tier, known.status, listed)
            groups.setdefault(key, []).append((item, known))
    return [_missing_statement(genes, exposure) for genes in groups.values()]
