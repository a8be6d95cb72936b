"""pb-StarPhase: a JSON object with the diplotypes of each gene, star alleles and HLA alike.

The form is that of the program's user guide. A gene has several diplotypes if its variants could
not be phased, and the pair `NO_MATCH` if no known pair of alleles explains them; what the program
says of its variants and reads beside them is not needed here.
"""

from typing import Any

from epilepsy_pgx.intake.outside_calls import OutsideRows, site_allele
from epilepsy_pgx.intake.result_files.content import Content, ResultKind
from epilepsy_pgx.intake.result_files.reader import ONE_UNNAMED, ResultReader
from epilepsy_pgx.intake.result_files.source import UNNAMED, Results, Source

_KEYS = {"pbstarphase_version", "gene_details"}
_NO_CALL = "NO_MATCH"


class PbStarPhase(ResultReader):
    """Several diplotypes of a gene are each a candidate."""

    name = "pb-StarPhase"
    kind = ResultKind.STAR_ALLELES
    file = "the JSON of `--output-calls`"
    samples = ONE_UNNAMED

    def accepts(self, content: Content) -> bool:
        """Look for the program's version and its genes."""
        return content.json is not None and content.json.keys() >= _KEYS

    def names_samples(self, content: Content) -> bool:
        """Say no: the sheet names the sample."""
        return False

    def read(self, source: Source) -> Results:
        """Read the diplotypes of each gene; one of another form is refused."""
        genes = (source.content.json or {})["gene_details"]
        if not isinstance(genes, dict):
            raise source.fault("malformed gene_details", "an object with a name for each gene")
        rows = OutsideRows()
        for gene, details in genes.items():
            rows = rows.joined(_result(source, gene, details))
        return {UNNAMED: rows} if genes else {}


def _result(source: Source, gene: str, details: Any) -> OutsideRows:
    """Return what is said of a gene."""
    if source.reads(gene):
        pairs = _pairs(source, gene, details)
        return source.result(gene, (tuple(map(site_allele, pair)) for pair in pairs))
    if gene in source.tables.typed:
        pairs = _pairs(source, gene, details)
        written = " OR ".join("/".join(pair) for pair in pairs)
        return OutsideRows(typings=(source.typing(gene, written),) if written else ())
    return source.result(gene, ())


def _pairs(source: Source, gene: str, details: Any) -> list[tuple[str, str]]:
    """Return the diplotypes of a gene; none if the program found no pair for it."""
    listed = details.get("diplotypes") if isinstance(details, dict) else None
    if not isinstance(listed, list):
        raise source.fault(f"{gene} without a list of diplotypes", "a list, which may be empty")
    pairs = [_pair(source, gene, one) for one in listed]
    return [] if any(_NO_CALL in pair for pair in pairs) else pairs


def _pair(source: Source, gene: str, written: Any) -> tuple[str, str]:
    given = written if isinstance(written, dict) else {}
    first, second = given.get("hap1"), given.get("hap2")
    for side in (first, second):
        if not isinstance(side, str) or not side or side != side.strip() or "/" in side:
            raise source.fault(f"a malformed diplotype of {gene}", "two names: hap1 and hap2")
    if given.get("diplotype") != f"{first}/{second}":
        raise source.fault(
            f"a diplotype of {gene} that is not the pair of its haplotypes", "one statement"
        )
    return str(first), str(second)


READER = PbStarPhase()
