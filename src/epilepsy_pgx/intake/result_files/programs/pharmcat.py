"""PharmCAT: the report as a table (calls only), a row for each gene."""

from epilepsy_pgx.intake.hla import HlaTyping
from epilepsy_pgx.intake.outside_calls import OutsideRows
from epilepsy_pgx.intake.outside_tables import site_allele
from epilepsy_pgx.intake.result_files.content import Content, ResultKind
from epilepsy_pgx.intake.result_files.reader import ONE_UNNAMED, ResultReader
from epilepsy_pgx.intake.result_files.source import UNNAMED, Results, Source

_COLUMNS = ["Gene", "Source Diplotype", "Phenotype", "Activity Score"]
_SAMPLE = "Sample ID"
_UNKNOWN_PAIR = "Unknown/Unknown"


def _header(content: Content) -> tuple[int, list[str]] | None:
    """Return the header of a report, which may stand below a line with the version."""
    for line, cells in content.rows[:2]:
        named = cells[1:] if cells[0] == _SAMPLE else cells
        if named[: len(_COLUMNS)] == _COLUMNS:
            return line, cells
    return None


class PharmCat(ResultReader):
    """Diplotypes that are joined with ` OR ` are each a candidate."""

    name = "PharmCAT"
    kind = ResultKind.STAR_ALLELES
    file = "`report.tsv` (calls only)"
    samples = f"{ONE_UNNAMED}, or by name in the column `{_SAMPLE}`"

    def accepts(self, content: Content) -> bool:
        """Look for the header in the first two rows."""
        return _header(content) is not None

    def names_samples(self, content: Content) -> bool:
        """Look for the column of the sample."""
        found = _header(content)
        return found is not None and _SAMPLE in found[1]

    def read(self, source: Source) -> Results:
        """Read one row for each gene of a sample."""
        found = _header(source.content)
        assert found is not None
        first, header = found
        read: Results = {}
        listed: set[tuple[str, str]] = set()
        for line, cells in source.content.rows:
            if line <= first:
                continue
            row = dict(zip(header, (c.strip() for c in cells), strict=False))
            gene = row.get("Gene", "")
            sample = row.get(_SAMPLE, UNNAMED)
            if not gene or not row.get("Source Diplotype") or (_SAMPLE in row and not sample):
                raise source.fault("no sample, no gene or no diplotype", "all of them", line=line)
            if (sample, gene) in listed:
                raise source.fault(f"{gene} again", "one line for each gene", line=line)
            listed.add((sample, gene))
            made = _result(source, row, line)
            read[sample] = read.get(sample, OutsideRows()).joined(made)
        return read


def _result(source: Source, row: dict[str, str], line: int) -> OutsideRows:
    """Return what a row says of its gene."""
    gene, written = row["Gene"], row["Source Diplotype"]
    word, number = row.get("Phenotype", ""), row.get("Activity Score", "")
    none = source.tables.silent(written) or written == _UNKNOWN_PAIR
    if source.reads(gene, line):
        parts = () if none else written.split(" OR ")
        pairs = [tuple(map(site_allele, source.diplotype(p, line))) for p in parts]
        one = len(pairs) <= 1
        stated = source.phenotype(gene, word) if one else None
        return source.result(gene, pairs, stated, source.score(gene, number) if one else None)
    if gene in source.tables.typed:
        return OutsideRows(typings=_typings(source, gene, "" if none else written, word, line))
    return source.result(gene, ())


def _typings(source: Source, gene: str, pair: str, word: str, line: int) -> tuple[HlaTyping, ...]:
    """Return what a row says of a typed locus: by its alleles, else by `*57:01 positive`."""
    if not (pair or word.lower().endswith(("positive", "negative"))):
        return ()
    return (source.typing(gene, pair, word, line),)


READER = PharmCat()
