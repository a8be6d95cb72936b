"""Tell variants that a curated site already speaks for from those that no table documents."""

from epilepsy_pgx.intervals import Overlaps
from epilepsy_pgx.variants.record import Record, some
from epilepsy_pgx.variants.representation import (
    REF_BLOCK_ALTS,
    is_bases,
    is_breakend,
    read_codes,
    symbol_word,
)
from epilepsy_pgx.variants.sites import OTHER, SiteList


class CuratedRepresentations:
    """Knows every listed allele, in whatever way a record spells it."""

    def __init__(self, sites: SiteList) -> None:
        """Index the sites by chromosome and position."""
        self._sites = sites.sites
        self._rows = Overlaps((s.chrom, s.first - 1, s.last) for s in sites.sites)

    def explains(self, record: Record, number: int) -> bool:
        """Say whether the tables list all that an alternative allele changes.

        Another base at a curated position, an insertion that begins there, or a further change
        beside a listed one is not explained.

        Parameters
        ----------
        number
            1 for the first ALT.
        """
        alt = record.alts[number - 1]
        if not is_bases(alt) or not is_bases(record.ref):
            return False
        left = (
            {
                record.pos + i
                for i, (a, b) in enumerate(zip(record.ref, alt, strict=False))
                if a != b
            }
            if len(alt) == len(record.ref)
            else None
        )
        for row in self._rows.meeting(record.chrom, record.pos - 1, record.end):
            site = self._sites[row]
            if site.is_indel != (left is None):
                continue
            code = read_codes(site, record.pos, record.ref, record.alts)[0][number]
            if code in (OTHER, site.ref_code):
                continue
            if left is None:
                return True
            left -= set(range(site.pos, site.end + 1))
        return left is not None and not left


def unreadable_alleles(record: Record) -> tuple[int, ...]:
    """Return the numbers of alternative alleles that are neither bases nor symbols of VCF.

    `I` and `D` of arrays, `N` and other codes of uncertain bases, and `<NON_REF>` and its like, say
    that something is there, and not what: who carries one was not read at this place.
    """
    found = []
    for number, alt in enumerate(record.alts, 1):
        if alt in REF_BLOCK_ALTS:
            if not record.plain and some(record.carries(number)):
                found.append(number)
            continue
        if alt == "*" or symbol_word(alt) is not None or is_breakend(alt):
            continue
        if not is_bases(alt) or not is_bases(record.ref):
            found.append(number)
    return tuple(found)
