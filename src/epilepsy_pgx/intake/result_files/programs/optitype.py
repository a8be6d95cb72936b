"""OptiType: a row for each solution, with two columns for each locus."""

import re

from epilepsy_pgx.intake.result_files.content import Content
from epilepsy_pgx.intake.result_files.reader import HlaReader, Pairs
from epilepsy_pgx.intake.result_files.source import Source

_COLUMN = re.compile(r"([A-Z]+\d*)([12])")


class OptiType(HlaReader):
    """Of several solutions none is chosen here."""

    name = "OptiType"
    file = "`result.tsv` with one solution"

    def accepts(self, content: Content) -> bool:
        """Look at the first and the last columns, and ask for loci between them."""
        if not content.rows:
            return False
        first, *loci = content.rows[0][1]
        return (
            first == ""
            and loci[-2:] == ["Reads", "Objective"]
            and all(_COLUMN.fullmatch(c) for c in loci[:-2])
        )

    def pairs(self, source: Source) -> Pairs:
        """Read the one solution; an empty cell is an allele that was not determined."""
        (_, header), *rows = source.content.rows
        if len(rows) != 1:
            raise source.fault(
                f"{len(rows)} solutions",
                "one solution",
                "Keep the header and the one row that you trust.",
            )
        cells = source.sized(rows[0][1], header, 2)
        pairs: Pairs = {}
        for column, name in zip(header[1:-2], cells[1:-2], strict=True):
            pairs.setdefault(column[:-1], []).extend([name] if name else [])
        return pairs


READER = OptiType()
