"""What a genotype from blood says of drugs once somebody else's liver metabolises them."""

from collections.abc import Iterable, Mapping

from epilepsy_pgx.frozen import replace
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import CuratedSite, Gene
from epilepsy_pgx.statement import Statement, Value
from epilepsy_pgx.vocabulary import Response

_ENZYME = "drug-metabolising enzyme"
_DOSE = "graft-dose"
_BESIDE = "as-graft"
_PERCENT = "percent_of_standard_dose"


def load_enzymes(ref: Reference) -> dict[str, str]:
    """Return the drug-metabolising enzyme by each word that a condition may ask it by."""
    enzymes = {row.gene for row in ref.rows(Gene) if row.role == _ENZYME}
    sites = {row.site: row.gene for row in ref.rows(CuratedSite) if row.gene in enzymes}
    return {gene: gene for gene in enzymes} | sites


def enzymes_asked(
    kinds: Iterable[tuple[str, str, str, str]], enzymes: Mapping[str, str]
) -> tuple[str, ...]:
    """Return the enzymes whose genotype the conditions of a rule ask for."""
    return tuple(sorted({enzymes[about] for _, about, *_ in kinds if about in enzymes}))


def beside_graft(said: Statement, enzymes: tuple[str, ...]) -> Statement:
    """Return what a rule on the genotype of enzymes says to whom a liver was transplanted.

    A dose that the genotype sets is the dose for a liver that is gone: the words for it are
    others. Whatever else is said stands, with the word that the donor's liver metabolises.
    """
    if said.response is not Response.ADJUST_DOSE:
        return replace(said, further=(*said.further, _BESIDE))
    kept = tuple(value for value in said.values if value.name != _PERCENT)
    return replace(said, text_id=_DOSE, values=(Value("gene", enzymes), *kept))
