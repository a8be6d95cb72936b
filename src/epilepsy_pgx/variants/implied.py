"""What the genetic code says of a substitution whose residue is known, but not its codon.

Where no bases of a gene are installed, the tables may still name the amino acid of a residue: a
tested variant, a listed one or an aligned protein does. Its codons that fit the changed base leave
one amino acid, or a few.
"""

import re
from collections.abc import Iterable

from epilepsy_pgx.reference.genome import CODONS, THREE

_CODING = re.compile(r"(?:[^:]+:)?c\.(\d+)([ACGT])>([ACGT])")
_ONE = {three: one for one, three in THREE.items()}


def read_substitution(coding: str | None) -> tuple[int, int, str, str] | None:
    """Return residue, place in the codon from 0, and both bases of a substitution of one base.

    Examples
    --------
    >>> read_substitution("NM_000001.1:c.5A>G"), read_substitution("c.5+1A>G")
    ((2, 1, 'A', 'G'), None)
    """
    found = _CODING.fullmatch(coding or "")
    if found is None:
        return None
    number = int(found[1]) - 1
    return number // 3 + 1, number % 3, found[2], found[3]


def possible_changes(
    coding: str | None, amino_acids: Iterable[str], missense: bool = False
) -> frozenset[str]:
    """Return the p. changes that a substitution may be.

    Parameters
    ----------
    coding
        Its c. description on the transcript whose residues are meant.
    amino_acids
        What the tables say stands at the residue, in three letters. Where they do not agree,
        nothing follows.
    missense
        Whether it is known to replace an amino acid by another one.

    Returns
    -------
    frozenset
        As `p.Ala2Val`; a stop is `Ter`. Empty where nothing follows: no amino acid is known, or
        none of its codons has the base that is changed.

    Examples
    --------
    >>> sorted(possible_changes("c.5C>T", ["Ala"], True))
    ['p.Ala2Val']
    >>> sorted(possible_changes("c.4G>A", ["Gly"], True))
    ['p.Gly2Arg', 'p.Gly2Ser']
    """
    change, known = read_substitution(coding), {*amino_acids}
    if change is None or len(known) != 1:
        return frozenset()
    residue, place, old, new = change
    (before,) = known
    after = {
        THREE[CODONS[codon[:place] + new + codon[place + 1 :]]]
        for codon, one in CODONS.items()
        if one == _ONE.get(before) and codon[place] == old
    }
    if missense:
        after -= {before, "Ter"}
    return frozenset(f"p.{before}{residue}{a}" for a in after)
