"""Recognise a curated allele in whatever way a record spells it.

The method is that of VCF normalisation (Tan, Abecasis and Kang 2015, doi 10.1093/bioinformatics/
btv112): trim what REF and ALT share, then move the change to the left as far as the known bases
around it allow.
"""

from collections.abc import Callable, Sequence

from epilepsy_pgx.trimming import shared_ends, trim
from epilepsy_pgx.variants.sites import OTHER, UNKNOWN, Site

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


def left_align(
    pos: int, ref: str, alt: str, base_at: Callable[[int], str | None]
) -> tuple[int, str, str]:
    """Move a trimmed insertion or deletion to the left while the bases before it are known.

    Parameters
    ----------
    base_at
        Reference base at a 1-based position, or None where it is not known.

    Examples
    --------
    A deletion of one T of three, written at the last of them:

    >>> bases = {98: "G", 99: "A", 100: "C", 101: "T", 102: "T", 103: "T", 104: "G"}
    >>> left_align(102, "TT", "T", bases.get)
    (100, 'CT', 'C')
    """
    pos, ref, alt = trim(pos, ref, alt, keep=1)
    if len(ref) != len(alt) and ref[0] != alt[0] and ref[-1] == alt[-1]:
        # Anchored on the base after the change instead of the one before it.
        anchor = base_at(pos - 1)
        if anchor is not None:
            pos, ref, alt = pos - 1, anchor + ref[:-1], anchor + alt[:-1]
    # One step of rolling: drop the last base and put the preceding base in front.
    while len(ref) != len(alt) and (len(ref) == 1 or len(alt) == 1) and ref[0] == alt[0]:
        if ref[-1] != alt[-1]:
            break
        before = base_at(pos - 1)
        if before is None:
            break
        pos, ref, alt = pos - 1, before + ref[:-1], before + alt[:-1]
    return pos, ref, alt


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
    if site.is_indel:
        return _read_indel(site, pos, ref, alts, open_ended)
    return _read_bases(site, pos, ref, alts, open_ended)


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
    left = site.flank_left
    # The flanks are in the tables, so indels can be aligned without a FASTA.
    context = left + site.ref + site.flank_right
    start = site.pos - len(left)

    def base_at(at: int) -> str | None:
        if start <= at < start + len(context):
            return context[at - start]
        return ref[at - pos] if pos <= at < pos + len(ref) else None

    listed = {
        left_align(site.pos, site.ref, allele, base_at): code
        for code, allele in enumerate(site.alleles)
        if allele != site.ref
    }
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
