"""From candidate diplotypes to phenotypes and activity scores, by table."""

from decimal import Decimal

from epilepsy_pgx.calling.definitions import UNDEFINED, GeneDefinition
from epilepsy_pgx.calling.diplotypes import DiplotypeCall
from epilepsy_pgx.genetics import Diplotype
from epilepsy_pgx.model import GeneResult
from epilepsy_pgx.reference.phenotypes import PhenotypeTable, allele_order
from epilepsy_pgx.vocabulary import Basis, GeneStatus

SHOWN_CANDIDATES = 32
"""Above this many candidates none are listed."""


def gene_status(call: DiplotypeCall, structural: tuple[str, ...] = ()) -> GeneStatus:
    """Say how much of a call the data decide.

    Parameters
    ----------
    structural
        Alleles of the gene that small variants cannot show: with any, no call is complete.
    """
    if not call.pairs:
        return GeneStatus.NOT_ASSESSED
    # The bases were read; it is the tables that know no allele with them.
    if all(UNDEFINED in pair for pair in call.pairs):
        return GeneStatus.UNDEFINED
    if len(call.pairs) > 1:
        return GeneStatus.AMBIGUOUS
    open_alleles = call.not_excluded or call.missing or structural
    return GeneStatus.PARTIAL if open_alleles else GeneStatus.COMPLETE


def result_of(call: DiplotypeCall, definition: GeneDefinition, table: PhenotypeTable) -> GeneResult:
    """Turn the call of one distinct genotype into a gene result, without its site details."""
    phenotypes: list[str] = []
    scores: list[Decimal] = []
    functions: list[tuple[str, str]] = []
    for pair in call.pairs:
        made = table.resolve(pair)
        phenotype, score, both = made.phenotype, made.score, made.functions
        if phenotype is not None and phenotype not in phenotypes:
            phenotypes.append(phenotype)
        if score is not None and score not in scores:
            scores.append(score)
        if both not in functions:
            functions.append(both)
    caveats = list(table.limits)
    if call.phase_assumed:
        caveats.append("caveat-phase-assumed")
    if call.not_excluded:
        caveats.append("caveat-rare-alleles-not-excluded")
    if call.core_missing and call.pairs:
        caveats.append("caveat-core-site-missing")
    if call.doubtful and call.pairs:
        caveats.append("caveat-doubtful-allele")
    if any(UNDEFINED in pair for pair in call.pairs):
        caveats.append("caveat-undefined-combination")
    # The phenotypes of all pairs stay, so that a warning never needs the list.
    unlisted = len(call.pairs) > SHOWN_CANDIDATES
    return GeneResult(
        gene=definition.gene,
        status=gene_status(call, definition.structural),
        basis=Basis.GENOTYPE if call.pairs else Basis.NONE,
        diplotypes=() if unlisted else tuple(map(Diplotype, call.pairs)),
        candidate_count=len(call.pairs),
        unlisted=unlisted,
        phenotypes=tuple(phenotypes),
        activity_scores=tuple(sorted(scores)),
        functions=tuple(functions),
        not_excluded=tuple(sorted((*call.not_excluded, *definition.structural), key=allele_order))
        if call.pairs
        else (),
        missing_sites=call.missing,
        caveats=tuple(caveats),
        sites_assessed=len(definition.rows) - len(call.missing),
        sites_total=len(definition.rows),
    )
