"""The bases that both alleles of a variant share: the one place where they are found."""

from collections.abc import Callable


def trim(pos: int, ref: str, alt: str, keep: int = 0) -> tuple[int, str, str]:
    """Remove what both alleles share at either end, the last bases first.

    The order matters in repeats: taking the last bases first leaves the change at its leftmost
    place (Tan, Abecasis and Kang 2015, doi 10.1093/bioinformatics/btv112).

    Parameters
    ----------
    pos
        Of the first base of `ref`; counted from 0 or 1, as the answer is.
    keep
        Bases that each allele keeps: 1 for VCF, where an insertion or deletion has an anchor.

    Examples
    --------
    >>> trim(100, "CAAAT", "CAAT")
    (101, 'A', '')
    >>> trim(100, "CAAAT", "CAAT", keep=1)
    (100, 'CA', 'C')
    """
    spare = min(len(ref), len(alt)) - keep
    end = 0
    while end < spare and ref[-1 - end] == alt[-1 - end]:
        end += 1
    start = 0
    while start < spare - end and ref[start] == alt[start]:
        start += 1
    return pos + start, ref[start : len(ref) - end], alt[start : len(alt) - end]


def left_align(
    pos: int, ref: str, alt: str, base_at: Callable[[int], str | None]
) -> tuple[int, str, str]:
    """Move a trimmed insertion or deletion to the left while the bases before it are known.

    The method is that of VCF normalisation (Tan, Abecasis and Kang 2015, doi 10.1093/
    bioinformatics/btv112).

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


def shared_ends(ref: str, alt: str) -> tuple[int, int]:
    """Return how many bases two alleles share at the start and, of the rest, at the end.

    The first bases are taken first: that is how annotators shorten an allele, and it leaves the
    change of a repeat at its rightmost place.

    Examples
    --------
    >>> shared_ends("CAAAT", "CAAT")
    (3, 1)
    """
    most = min(len(ref), len(alt))
    start = 0
    while start < most and ref[start] == alt[start]:
        start += 1
    end = 0
    while end < most - start and ref[-1 - end] == alt[-1 - end]:
        end += 1
    return start, end
