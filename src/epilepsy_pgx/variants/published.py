"""What a published consequence says of a listed variant whose bases are not known here.

A consequence is published for all transcripts of a gene together, so a listed variant in an
intron of the main transcript may cut short the protein of another.
"""

from collections.abc import Iterable

from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.variants.consequence import SPLICE_TERMS, locate, sort_terms
from epilepsy_pgx.variants.evidence import KnownVariant
from epilepsy_pgx.variants.observed import read_change
from epilepsy_pgx.variants.transcripts import Transcript

_NON_CODING = frozenset({"intron_variant", "5_prime_UTR_variant", "3_prime_UTR_variant"})


def _parts(key: VariantKey, transcript: Transcript) -> frozenset[str]:
    change = read_change(key)
    return locate(change.start0, change.end0, transcript)


def _terms(known: Iterable[KnownVariant]) -> set[str]:
    return {term for row in known for term in row.consequence}


def published_terms(
    key: VariantKey, known: Iterable[KnownVariant], transcript: Transcript
) -> tuple[str, ...]:
    """Return the published terms of a variant in an exon or splice site of the transcript.

    A splice site counts as lost only by a substitution in it: an insertion or deletion may leave
    it whole, which its bases alone can tell.
    """
    parts, terms = _parts(key, transcript), _terms(known) - _NON_CODING
    if len(key.ref) != len(key.alt) or not parts & {"splice_donor", "splice_acceptor"}:
        terms -= SPLICE_TERMS
    return sort_terms(terms) if parts & {"coding", "splice_donor", "splice_acceptor"} else ()


def published_outside(known: Iterable[KnownVariant]) -> tuple[str, ...]:
    """Return the terms of a variant outside the transcript whose protein nobody says changes."""
    return sort_terms(_terms(known) & _NON_CODING)


def published_elsewhere(
    key: VariantKey, known: Iterable[KnownVariant], transcript: Transcript
) -> tuple[str, ...]:
    """Return the published terms of a variant that lies in an exon of another transcript only."""
    if _parts(key, transcript) & {"coding", "splice_donor", "splice_acceptor"}:
        return ()
    return sort_terms(_terms(known) - _NON_CODING - SPLICE_TERMS)
