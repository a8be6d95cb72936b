"""Recognise a curated allele in whatever way a record spells it."""

from collections.abc import Sequence

from epilepsy_pgx.trimming import left_align, shared_ends
from epilepsy_pgx.variants.sites import OTHER, UNKNOWN, Site, listed_changes

REF_BLOCK_ALTS = frozenset({"<NON_REF>", "<*>", "<X>", "."})
"""Alternative alleles that stand for anything not seen."""


def is_bases(allele: str) -> bool:
    """Return True for a plain sequence: no symbol, no `*`, no `I` or `D` of an array."""
    return bool(allele) and not allele.strip("ACGT")


def symbol_word(allele: str) -> str | None:
    """Return the first word of a symbol of VCF, `DEL` of `<DEL:ME>`; None for any other allele."""
    return allele.strip("<>").split(":")[0].upper() if allele.startswith("<") else None


def is_breakend(allele: str) -> bool:
    """Return True for one end of a rearrangement: `G]17:198982]`, or `.A` and `A.` of one side."""
    return "[" in allele or "]" in allele or allele[:1] == "." or allele[-1:] == "."


def read_codes(site: Site, pos: int, ref: str, alts: Sequence[str]) -> tuple[list[int], bool]:
    """Translate a record's alleles into the codes of a curated site.

    Parameters
    ----------
    pos, ref, alts
        POS (1-based), REF and ALT of the record, which overlaps the site's span.

    Returns
    -------
    codes
        One code for REF and for each ALT, `OTHER` for an allele that the tables do not list.
    informs
        True if a reference call in this record says that the site is reference.

    Examples
    --------
    An invented site, inside an MNV and in a reference block:

    >>> site = Site("rs_toy1", "TOY1", "allele", "1", 101, "A", ("A", "G"), "", "")
    >>> read_codes(site, 100, "CA", ["CG", "TT"])
    ([0, 1, 100], True)
    >>> read_codes(site, 100, "CA", ["<NON_REF>"])
    ([0, 100], True)
    """
    open_ended = not alts or any(a in REF_BLOCK_ALTS for a in alts)
    read = _read_indel if site.is_indel else _read_bases
    codes, informs = read(site, pos, ref, alts, open_ended)
    if site.elsewhere:
        for number, elsewhere in enumerate(changes_elsewhere(site, pos, ref, alts), 1):
            if elsewhere and codes[number] == OTHER:
                codes[number] = site.ref_code
    return codes, informs


def changes_elsewhere(site: Site, pos: int, ref: str, alts: Sequence[str]) -> tuple[bool, ...]:
    """Say of each ALT whether all it changes is a listed change of another site.

    A base within the span of a listed deletion is a matter of that base's own site, and a listed
    deletion a matter of its own site where it takes along the base of another: allele tables name
    one change for such an allele and mean the usual bases at its other sites.

    Examples
    --------
    An invented deletion of two bases, the first of which has a site of its own:

    >>> site = Site("toy1del", "TOY1", "allele", "1", 100, "CAT", ("CAT", "C"), "", "",
    ...             frozenset({(101, "A", "G")}))
    >>> changes_elsewhere(site, 101, "A", ["G", "C"])
    (True, False)
    >>> read_codes(site, 101, "A", ["G", "C"])
    ([0, 0, 100], False)
    """

    def base_at(at: int) -> str | None:
        return ref[at - pos] if pos <= at < pos + len(ref) else None

    return tuple(
        is_bases(alt) and left_align(pos, ref, alt, base_at) in site.elsewhere for alt in alts
    )


def _read_bases(
    site: Site, pos: int, ref: str, alts: Sequence[str], open_ended: bool
) -> tuple[list[int], bool]:
    offset, width = site.pos - pos, len(site.ref)
    codes, informs = [site.ref_code], open_ended
    for alt in alts:
        if alt in REF_BLOCK_ALTS or not is_bases(alt):
            codes.append(OTHER)
            continue
        # An MNV states each of its bases; an indel states only its unchanged ends.
        if len(alt) == len(ref):
            seen = alt[offset : offset + width]
            informs = True
        else:
            shared, tail = shared_ends(ref, alt)
            inside = 0 <= offset and (offset + width <= shared or offset >= len(ref) - tail)
            seen = site.ref if inside else ""
        codes.append(site.alleles.index(seen) if seen in site.alleles else OTHER)
    return codes, informs


def _read_indel(
    site: Site, pos: int, ref: str, alts: Sequence[str], open_ended: bool
) -> tuple[list[int], bool]:
    listed = listed_changes(site)

    def base_at(at: int) -> str | None:
        return site.base_at(at) or (ref[at - pos] if pos <= at < pos + len(ref) else None)

    codes, spelled = [site.ref_code], False
    for alt in alts:
        if alt == "*":
            # A deletion of these bases that its own record spells.
            codes.append(UNKNOWN)
            continue
        if alt in REF_BLOCK_ALTS or not is_bases(alt):
            codes.append(OTHER)
            continue
        change = left_align(pos, ref, alt, base_at)
        if change in listed:
            codes.append(listed[change])
            spelled = True
            continue
        at, changed_ref, changed_alt = change
        anchored = len(changed_ref) != len(changed_alt) and changed_ref[0] == changed_alt[0]
        first, last = at + anchored, at + len(changed_ref) - 1
        inserted = anchored and first > last
        # `site.pos` is the anchor base, which the curated alleles share.
        beside = last <= site.pos or first > site.end
        if beside and not (inserted and at == site.pos):
            codes.append(site.ref_code)
        else:
            codes.append(OTHER)
    block = all(a in REF_BLOCK_ALTS for a in alts)
    return codes, spelled or block or (open_ended and pos <= site.pos < pos + len(ref))
