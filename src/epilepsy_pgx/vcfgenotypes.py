"""Genotypes as bytes of VCF text: which are possible, and what is left of one that is not."""

import re

_GENOTYPE = re.compile(rb"[/|]?(?:\.|\d{1,9})(?:[/|](?:\.|\d{1,9}))*")
_NUMBERS = re.compile(rb"\d+")


def is_genotype(text: bytes, alts: int) -> bool:
    """Say whether bytes are a genotype of alleles that a record with so many in ALT has."""
    return bool(_GENOTYPE.fullmatch(text)) and all(int(n) <= alts for n in _NUMBERS.findall(text))


def without_others(text: bytes, alts: int) -> bytes:
    """Return a genotype without the alleles that its record does not have."""
    if not _GENOTYPE.fullmatch(text):
        return b"./."
    return _NUMBERS.sub(lambda n: n[0] if int(n[0]) <= alts else b".", text)


def without_first_mark(text: bytes) -> bytes:
    """Return a genotype without the phase mark before its first allele (VCF 4.4).

    Only where all marks say so is it phased: readers that do not know the mark count it as a copy.
    """
    return text[1:] if b"/" not in text else text[1:].replace(b"|", b"/")
