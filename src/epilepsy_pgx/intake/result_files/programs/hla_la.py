"""HLA-LA: a row for each locus and chromosome, in G groups."""

import re

from epilepsy_pgx.intake.hla import UNSURE
from epilepsy_pgx.intake.result_files.content import Content
from epilepsy_pgx.intake.result_files.reader import HlaReader, Pairs
from epilepsy_pgx.intake.result_files.source import Source

_HEADER = ["Locus", "Chromosome", "Allele", "Q1"]
_SURE = 0.95
"""Lowest posterior probability of an allele that is taken over. The program's manual says only
that it is usually 1 or close to it; the limit is this project's own."""
_FLOAT = re.compile(r"[0-9]*\.?[0-9]+([eE][-+]?[0-9]{1,3})?|[0-9]+\.")


class HlaLa(HlaReader):
    """An allele that is not sure, or not the whole of its G group, stays open."""

    name = "HLA-LA"
    file = "`R1_bestguess_G.txt`"

    def accepts(self, content: Content) -> bool:
        """Look at the header."""
        return content.starts(_HEADER)

    def pairs(self, source: Source) -> Pairs:
        """Read one row each for the two chromosomes of a locus."""
        (_, header), *rows = source.content.rows
        if "perfectG" not in header:
            raise source.fault(
                "no column perfectG",
                "a result in G groups",
                "Use R1_bestguess_G.txt instead of R1_bestguess.txt.",
                1,
            )
        pairs: Pairs = {}
        seen: dict[str, list[str]] = {}
        for line, cells in rows:
            row = dict(zip(header, source.sized(cells, header, line), strict=True))
            locus = row["Locus"]
            seen.setdefault(locus, []).append(row["Chromosome"])
            sure = _probability(row["Q1"])
            if sure is None:
                raise source.fault("something else in Q1", "a probability", line=line)
            if row["perfectG"] not in ("0", "1"):
                raise source.fault("something else in perfectG", "0 or 1", line=line)
            certain = sure >= _SURE and row["perfectG"] == "1"
            name = row["Allele"].replace(";", "/")
            pairs.setdefault(locus, []).append(name if certain else f"{name}{UNSURE}")
        for chromosomes in seen.values():
            if sorted(chromosomes) != ["1", "2"]:
                raise source.fault(
                    f"{len(chromosomes)} rows of a locus, or other chromosomes",
                    "one row each for 1 and 2",
                )
        return pairs


def _probability(text: str) -> float | None:
    """Read a probability as programs print it, also as `9.9e-01`."""
    value = float(text) if _FLOAT.fullmatch(text) else -1.0
    return value if 0 <= value <= 1 else None


READER = HlaLa()
