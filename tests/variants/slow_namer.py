"""HGVS names by comparing whole strings, as slowly and simply as can be; no code of the package.

A variant is put into the bases of its surroundings, in the direction of the transcript. What the
old and the new string share at the front is cut off first, as much as there is, and then what they
share at the end: what is left is the change at its most 3-prime place. The protein is translated
with and without the change and the two are compared in the same way.
"""

import re
from dataclasses import dataclass
from functools import cache

from tests.variants.alignments import Gene, flip, number, spellings

THREE = dict(
    zip(
        "ACDEFGHIKLMNPQRSTVWY*X",
        "Ala Cys Asp Glu Phe Gly His Ile Lys Leu Met Asn Pro Gln Arg Ser Thr Val Trp Tyr "
        "Ter Xaa".split(),
        strict=True,
    )
)
REACH = 400
"""Bases on either side of a variant that are compared."""
UNREAD = "p.?"


def cut(old: str, new: str) -> tuple[int, str, str]:
    """Return what differs: length of the shared front, and both strings without shared ends."""
    front = 0
    while front < min(len(old), len(new)) and old[front] == new[front]:
        front += 1
    back = 0
    while back < min(len(old), len(new)) - front and old[-1 - back] == new[-1 - back]:
        back += 1
    return front, old[front : len(old) - back], new[front : len(new) - back]


@dataclass(frozen=True)
class Local:
    """The surroundings of a variant as transcribed, with and without it."""

    gene: Gene
    places: range
    """Genome position of each base, 0-based, in the direction of the transcript."""
    old: str
    new: str

    def numbered(self, first: int, last: int) -> str:
        one, two = (number(self.gene, self.places[i]) for i in (first, last))
        return one if one == two else f"{one}_{two}"


def surroundings(gene: Gene, pos: int, ref: str, alt: str) -> Local | None:
    """Put a VCF allele into the known bases around it; None if REF is another."""
    start = pos - 1
    low, high = start, start + len(ref)
    if gene.at(low, high) != ref:
        return None
    while low > gene.offset and start - low < REACH and gene.at(low - 1, low) != "N":
        low -= 1
    limit = gene.offset + len(gene.bases)
    while high < limit and high - start < REACH and gene.at(high, high + 1) != "N":
        high += 1
    old = gene.at(low, high)
    new = old[: start - low] + alt + old[start - low + len(ref) :]
    if gene.forward:
        return Local(gene, range(low, high), old, new)
    return Local(gene, range(high - 1, low - 1, -1), flip(old), flip(new))


def coding_name(gene: Gene, pos: int, ref: str, alt: str) -> str | None:
    """Return the c. description; None if the change moves to where bases are unknown."""
    here = surroundings(gene, pos, ref, alt)
    if here is None:
        return None
    front, removed, added = cut(here.old, here.new)
    last = front + len(removed) - 1
    if len(removed) == len(added) == 1:
        return f"c.{here.numbered(front, front)}{removed}>{added}"
    if removed and added:
        kind = "inv" if added == flip(removed) else f"delins{added}"
        return f"c.{here.numbered(front, last)}{kind}"
    if front + len(removed) == len(here.old):
        return None
    if removed:
        return f"c.{here.numbered(front, last)}del"
    if here.old[:front].endswith(added):
        return f"c.{here.numbered(front - len(added), front - 1)}dup"
    return f"c.{here.numbered(front - 1, front)}ins{added}"


def _exon_edits(gene: Gene, pos: int, ref: str, alt: str) -> list[tuple[int, int, str]]:
    """Return (place, bases removed, bases added) of each spelling that lies in one exon."""
    front, removed, added = cut(ref, alt)
    start, size = pos - 1 + front, len(removed)
    forms = [(start, added)]
    if bool(removed) != bool(added):
        forms = spellings(gene, start, size, added)
    return [
        (place, size, bases if added else "")
        for place, bases in forms
        if any(low <= place and place + size <= high for low, high in gene.exons)
    ]


def _touches_start(gene: Gene, edits: list[tuple[int, int, str]]) -> bool:
    codon = gene.coding()[:3]
    low, high = min(codon), max(codon) + 1
    return any(
        place < high and place + size > low if size else low <= place <= high
        for place, size, _ in edits
    )


@cache
def _own_protein(gene: Gene) -> str:
    return gene.protein()


def protein_names(gene: Gene, pos: int, ref: str, alt: str) -> set[str]:
    """Return the p. descriptions that may be given, the most telling one first by rights.

    More than one stands here where the bases alone do not decide: a change whose most 3-prime place
    straddles a splice site, or one that touches the start codon and may leave it whole. Of a
    replacement over a splice site nothing is said: the set is empty.
    """
    coding = coding_name(gene, pos, ref, alt)
    edits = _exon_edits(gene, pos, ref, alt)
    if coding is None:
        return {UNREAD}
    ends = re.findall(r"[-*]?\d+(?:[-+]\d+)?", re.sub(r"[a-zA-Z>]+$", "", coding))
    within = [re.fullmatch(r"[-*]?\d+", end) is not None for end in ends]
    if not any(within):
        return {UNREAD}
    if not all(within) and "delins" in coding:
        return set()
    if not edits:
        return {UNREAD}
    place, removed, added = edits[-1] if gene.forward else edits[0]
    if all(end[0] in "-*" for end in ends) and len({end[0] for end in ends}) == 1:
        return {"p.(=)", UNREAD}
    found = compare(_own_protein(gene), gene.protein(place, removed, added), len(added) - removed)
    if _touches_start(gene, edits):
        return {*found, "p.(Met1?)", UNREAD}
    return found if all(within) else {*found, UNREAD}


def _residue(protein: str, index: int) -> str:
    return f"{THREE[protein[index]]}{index + 1}"


def _spelled(residues: str) -> str:
    return "".join(THREE[r] for r in residues)


def _interval(protein: str, first: int, last: int) -> str:
    one, two = _residue(protein, first), _residue(protein, last)
    return one if one == two else f"{one}_{two}"


def compare(old: str, new: str, difference: int) -> set[str]:
    """Name the difference of two proteins, each with its stop as far as one was found.

    Parameters
    ----------
    difference
        Coding bases by which the new one is longer.
    """
    if old == new:
        return {"p.(=)"}
    front = cut(old, new)[0]
    here, expected = _residue(old, front), len(old) + difference // 3
    if new[front] == "*":
        # The end of a protein that lacks its last residues can be told in two ways.
        gone = f"p.({_interval(old, front, len(old) - 2)}del)"
        return {f"p.({here}Ter)", gone} if len(new) == expected else {f"p.({here}Ter)"}
    if difference % 3 == 0 and len(new) == expected and new.endswith("*"):
        name = _in_frame(old, *cut(old, new))
        # Bases inside the stop codon that make a new one: an insertion or an extension.
        longer = f"p.({here}{THREE[new[front]]}extTer{len(new) - len(old)})"
        return {name, longer} if front == len(old) - 1 else {name}
    far = len(new) - front if new.endswith("*") else "?"
    if front == len(old) - 1:
        # The stop itself: what is read instead, and how far.
        far = "?" if far == "?" else len(new) - len(old)
        return {f"p.({here}{THREE[new[front]]}extTer{far})"}
    if difference % 3 == 0 and (len(new) > expected or far == "?"):
        return {UNREAD, f"p.({here}_{_residue(old, len(old) - 1)}delins"}
    return {f"p.({here}{THREE[new[front]]}fsTer{far})"}


def _in_frame(old: str, front: int, removed: str, added: str) -> str:
    last = front + len(removed) - 1
    if len(removed) == len(added) == 1:
        return f"p.({_residue(old, front)}{THREE[added]})"
    if removed and added:
        return f"p.({_interval(old, front, last)}delins{_spelled(added)})"
    if removed:
        return f"p.({_interval(old, front, last)}del)"
    if old[:front].endswith(added):
        return f"p.({_interval(old, front - len(added), front - 1)}dup)"
    return f"p.({_interval(old, front - 1, front)}ins{_spelled(added)})"


_NEW_STOP = re.compile(
    r"p\.\(([A-Z][a-z]{2}\d+)(?:_([A-Z][a-z]{2}\d+))?(del)?ins([A-Z][a-z]{2})(\w*)Ter\)"
)
_LOST_STOP = re.compile(r"(p\.\([A-Z][a-z]{2}\d+_Ter\d+del)[a-zA-Z]*\)")


def plain(name: str) -> str:
    """Return a p. name in the one notation in which two of them are compared.

    A silent change has no place, a new stop behind other new residues is counted as that of a
    shifted frame, and what is read in place of a stop that went with other residues is left out.
    """
    name = name.replace("*", "Ter")
    if name.endswith("=)"):
        return "p.(=)"
    if match := _LOST_STOP.fullmatch(name):
        return match[1] + "ins"
    if match := _NEW_STOP.fullmatch(name):
        place = match[1] if match[3] else match[2]
        return f"p.({place}{match[4]}fsTer{2 + len(match[5]) // 3})"
    return name
