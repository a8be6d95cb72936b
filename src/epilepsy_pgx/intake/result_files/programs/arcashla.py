"""arcasHLA: a JSON object with the allele names of each locus."""

import re

from epilepsy_pgx.intake.result_files.content import Content
from epilepsy_pgx.intake.result_files.reader import HlaReader, Pairs
from epilepsy_pgx.intake.result_files.source import Source

_ALLELE = re.compile(r"[A-Z0-9]+\*\d{2,3}(:\S+)?")


class ArcasHla(HlaReader):
    """A locus with one name may be homozygous or half typed."""

    name = "arcasHLA"
    file = "`genotype.json`"

    def accepts(self, content: Content) -> bool:
        """Ask of every locus for a list of names that begin with it."""
        found = content.json
        return bool(found) and all(
            isinstance(names, list)
            and all(
                isinstance(n, str) and _ALLELE.fullmatch(n) and n.split("*")[0] == locus
                for n in names
            )
            for locus, names in (found or {}).items()
        )

    def pairs(self, source: Source) -> Pairs:
        """Take the object as it stands."""
        return source.content.json or {}


READER = ArcasHla()
