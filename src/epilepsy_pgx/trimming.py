"""The bases that both alleles of a variant share: the one place where they are found."""


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
