"""From candidate diplotypes to phenotypes and activity scores, by table."""

from dataclasses import dataclass
from decimal import Decimal

from epilepsy_pgx.calling.definitions import UNDEFINED, GeneDefinition
from epilepsy_pgx.calling.diplotypes import PairCall, allele_order
from epilepsy_pgx.errors import TableError
from epilepsy_pgx.model import GeneResult
from epilepsy_pgx.reference.package import Reference, Row
from epilepsy_pgx.vocabulary import GeneStatus

SHOWN_CANDIDATES = 32
"""Above this many candidates a table shows `*`."""

INDETERMINATE = "Indeterminate"
"""CPIC's word where an allele has no assigned function; also used for an allele without a name."""


@dataclass(frozen=True)
class PhenotypeTable:
    """How one gene's allele functions combine."""

    gene: str
    method: str
    """`function_pair`, `activity_score` or `none`."""
    pairs: dict[tuple[str, str], tuple[str, Decimal | None]]
    """Sorted pair of functions -> (phenotype, activity score)."""
    bands: tuple[tuple[Decimal, Decimal | None, str], ...]
    """(lowest score, highest score or None, phenotype)."""
    limits: tuple[str, ...]
    """Text ids of what a small-variant file cannot see in this gene."""

    def look_up(
        self, definition: GeneDefinition, pair: tuple[str, str]
    ) -> tuple[str | None, Decimal | None, tuple[str, str]]:
        """Return phenotype, activity score and the two functions of a diplotype.

        Raises
        ------
        TableError
            If the table has no row for a pair of functions in use.
        """
        functions = tuple(
            sorted("not defined" if a == UNDEFINED else definition.functions.get(a) or "."
                   for a in pair)
        )
        both = (functions[0], functions[1])
        if self.method == "none":
            return None, None, both
        if UNDEFINED in pair or "." in both:
            return INDETERMINATE, None, both
        scores = [definition.activity.get(a) for a in pair]
        score = None if None in scores else sum((s for s in scores if s is not None), Decimal(0))
        if self.bands:
            if score is None:
                return INDETERMINATE, None, both
            for low, high, phenotype in self.bands:
                if score >= low and (high is None or score <= high):
                    return phenotype, score, both
        if both not in self.pairs:
            raise TableError.one(
                "phenotype-exists", file="phenotypes.tsv",
                found=f"no phenotype for {self.gene} {both[0]} with {both[1]}",
                expected="one row for each pair of functions in use", fix="Add the row.",
            )
        phenotype, listed = self.pairs[both]
        return phenotype, listed if listed is not None else score, both


def load_phenotypes(ref: Reference, gene_row: Row) -> PhenotypeTable:
    """Read the phenotype rows of one gene."""
    gene = gene_row.need("gene")
    pairs: dict[tuple[str, str], tuple[str, Decimal | None]] = {}
    bands = []
    for row in ref.table("phenotypes").by("gene").get((gene,), ()):
        if row["method"] == "function_pair":
            first, second = sorted((row.need("function_1"), row.need("function_2")))
            score = Decimal(row.need("activity_score")) if row["activity_score"] else None
            pairs[first, second] = (row.need("phenotype"), score)
        else:
            high = Decimal(row.need("score_to")) if row["score_to"] else None
            bands.append((Decimal(row.need("score_from")), high, row.need("phenotype")))
    return PhenotypeTable(
        gene, gene_row.need("phenotype_method"), pairs, tuple(sorted(bands, key=lambda b: b[0])),
        gene_row.many("limits"),
    )


def gene_status(call: PairCall, structural: tuple[str, ...] = ()) -> GeneStatus:
    """Say how much of a call the data decide.

    Parameters
    ----------
    structural
        Alleles of the gene that small variants cannot show: with any, no call is complete.
    """
    if not call.pairs:
        return GeneStatus.NOT_ASSESSED
    if all(UNDEFINED in pair for pair in call.pairs):
        return GeneStatus.UNDEFINED
    if len(call.pairs) > 1:
        return GeneStatus.AMBIGUOUS
    open_alleles = call.not_excluded or call.missing or structural
    return GeneStatus.PARTIAL if open_alleles else GeneStatus.COMPLETE


def result_of(
    call: PairCall, definition: GeneDefinition, table: PhenotypeTable
) -> GeneResult:
    """Turn the call of one distinct genotype into a gene result, without its site details."""
    phenotypes: list[str] = []
    scores: list[Decimal] = []
    functions: list[tuple[str, str]] = []
    for pair in call.pairs:
        phenotype, score, both = table.look_up(definition, pair)
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
    shown = tuple("/".join(pair) for pair in call.pairs)
    return GeneResult(
        gene=definition.gene,
        status=gene_status(call, definition.structural),
        basis="genotype" if call.pairs else "none",
        diplotypes=shown if len(shown) <= SHOWN_CANDIDATES else ("*",),
        candidate_count=len(shown),
        phenotypes=tuple(phenotypes),
        activity_scores=tuple(sorted(scores)),
        functions=tuple(functions),
        not_excluded=tuple(
            sorted((*call.not_excluded, *definition.structural), key=allele_order)
        ) if call.pairs else (),
        missing_sites=call.missing,
        caveats=tuple(caveats),
        sites_assessed=len(definition.rows) - len(call.missing),
        sites_total=len(definition.rows),
    )
