"""Tell variants that a curated site already speaks for from those that no table documents."""

from bisect import bisect_left

from epilepsy_pgx.variants.record import Record
from epilepsy_pgx.variants.sites import OTHER, Site, SiteList
from epilepsy_pgx.variants.spelling import (
    REF_BLOCK_ALTS,
    is_bases,
    is_breakend,
    read_codes,
    symbol_word,
)


class CuratedSpellings:
    """Knows every listed allele, in whatever way a record spells it."""

    def __init__(self, sites: SiteList) -> None:
        """Index the sites by chromosome and position."""
        self._by_chrom: dict[str, tuple[list[int], list[Site]]] = {}
        for site in sites.sites:
            firsts, found = self._by_chrom.setdefault(site.chrom, ([], []))
            firsts.append(site.first)
            found.append(site)
        for chrom, (_, found) in self._by_chrom.items():
            found.sort(key=lambda s: s.first)
            self._by_chrom[chrom] = ([s.first for s in found], found)
        self._longest = max((s.last - s.first for s in sites.sites), default=0)

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
        for site in self._near(record):
            if site.is_indel != (left is None):
                continue
            code = read_codes(site, record.pos, record.ref, record.alts)[0][number]
            if code in (OTHER, site.ref_code):
                continue
            if left is None:
                return True
            left -= set(range(site.pos, site.end + 1))
        return left is not None and not left

    def _near(self, record: Record) -> list[Site]:
        if record.chrom not in self._by_chrom:
            return []
        firsts, sites = self._by_chrom[record.chrom]
        start = bisect_left(firsts, record.pos - self._longest)
        stop = bisect_left(firsts, record.end + 1)
        return [s for s in sites[start:stop] if s.last >= record.pos]


def unreadable_alleles(record: Record) -> tuple[int, ...]:
    """Return the numbers of alternative alleles that are neither bases nor symbols of VCF.

    `I` and `D` of arrays, `N` and other codes of uncertain bases, and `<NON_REF>` and its like, say
    that something is there, and not what: who carries one was not read at this place.
    """
    found = []
    for number, alt in enumerate(record.alts, 1):
        if alt in REF_BLOCK_ALTS:
            if ((record.first == number) | (record.second == number)).any():
                found.append(number)
            continue
        if alt == "*" or symbol_word(alt) is not None or is_breakend(alt):
            continue
        if not is_bases(alt) or not is_bases(record.ref):
            found.append(number)
    return tuple(found)
