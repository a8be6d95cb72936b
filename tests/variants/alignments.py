"""Every alignment of an edited sequence, by comparing whole strings; no code of the package."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from tests.toy.genome import CODONS

Span = tuple[int, int]
RANKS = ("none", "synonymous", "altering", "stop_lost", "truncating", "start_lost", "lost")
REACH = 60
"""Bases compared on either side of an edit."""


TAIL = 300
"""Bases read behind the coding ones."""
_OTHER_STRAND = str.maketrans("ACGTN", "TGCAC")


def flip(bases: str) -> str:
    return bases.translate(_OTHER_STRAND)[::-1]


def translate(coding: str) -> str:
    """Return the residues as far as the first stop codon, and the stop."""
    residues = ""
    for i in range(0, len(coding) - 2, 3):
        # Bases that are not known are no stop codon.
        residues += CODONS.get(coding[i : i + 3], "X")
        if residues[-1] == "*":
            break
    return residues


@dataclass(frozen=True)
class Gene:
    """A transcript over the bases of its chromosome from `offset` on."""

    bases: str
    offset: int
    exons: Sequence[Span]
    cds: Span
    forward: bool

    def at(self, start: int, end: int) -> str:
        return self.bases[start - self.offset : end - self.offset]

    def pairs(self) -> list[Span]:
        """Intron bases of the splice sites."""
        introns = [(a[1], b[0]) for a, b in zip(self.exons, self.exons[1:], strict=False)]
        return [(s, s + 2) for s, _ in introns] + [(e - 2, e) for _, e in introns]

    def coding(self) -> list[int]:
        places = [p for s, e in self.exons for p in range(max(s, self.cds[0]), min(e, self.cds[1]))]
        return places if self.forward else places[::-1]

    def protein(self, start: int = 0, removed: int = 0, added: str = "") -> str:
        """Translate from the start codon to the end of the last exon, one edit within an exon."""
        pieces = []
        first, last = self.cds
        first, last = (first, last + TAIL) if self.forward else (first - TAIL, last)
        for low, high in self.exons:
            low, high = max(low, first), min(high, last)
            if low >= high:
                continue
            text = self.at(low, high)
            if low <= start and start + removed <= high and (removed or added):
                text = text[: start - low] + added + text[start - low + removed :]
            pieces.append(text)
        whole = "".join(pieces)
        return translate(whole if self.forward else flip(whole))


def spellings(gene: Gene, start: int, removed: int, added: str) -> list[tuple[int, str]]:
    """Return (place, bases) of each deletion or insertion that gives the same sequence."""
    low = max(gene.offset, start - REACH)
    window = gene.at(low, start + removed + REACH)
    at = start - low
    edited = window[:at] + added + window[at + removed :]
    found = []
    for place in range(len(window) - removed + 1):
        bases = window[place : place + removed] or edited[place : place + len(added)]
        if window[:place] + (bases if added else "") + window[place + removed :] == edited:
            found.append((low + place, bases))
    return found


def effect(gene: Gene, before: str, place: int, removed: int, added: str) -> str:
    """Return what an edit does to the protein if it lies in an exon; `none` in an intron."""
    inside = (
        any(s <= place and place + removed <= e for s, e in gene.exons)
        and gene.cds[0] < place + max(removed, 1)
        and place < gene.cds[1]
    )
    if not removed and place in gene.cds:
        inside = False
    if not inside:
        return "none"
    after = gene.protein(place, removed, added)
    own, new = before.split("*")[0], after.split("*")[0]
    if after.startswith(own + "*"):
        return "synonymous"
    change = len(added) - removed
    if change % 3 or own.startswith(new) or len(new) < len(own) + change // 3:
        return "truncating"
    return "stop_lost" if len(new) > len(own) + change // 3 else "altering"


def hits(pair: Span, place: int, removed: int, after_exon: bool) -> str:
    """Say whether a spelling takes a pair apart, lies on its edge, or leaves it alone."""
    if removed:
        return "lost" if place < pair[1] and place + removed > pair[0] else "free"
    if pair[0] < place < pair[1]:
        return "lost"
    return "edge" if place == (pair[0] if after_exon else pair[1]) else "free"


def read_splice(gene: Gene, before: str, start: int, removed: int, added: str) -> str | None:
    """Return the mildest reading of an edit; None if no spelling of it concerns a splice site."""
    pairs, count = gene.pairs(), len(gene.exons) - 1
    concerned, found = False, []
    for place, bases in spellings(gene, start, removed, added):
        said = {hits(pair, place, removed, i < count) for i, pair in enumerate(pairs)}
        concerned = concerned or bool(said - {"free"})
        found.append(
            "lost"
            if "lost" in said
            else effect(gene, before, place, removed, bases if added else "")
        )
    return min(found, key=RANKS.index) if concerned else None


@cache
def _index(gene: Gene) -> tuple[dict[int, int], int, int]:
    """Index of each exon base in the transcript, and those of the first and last coding base."""
    walked = [p for s, e in gene.exons for p in range(s, e)]
    walked = walked if gene.forward else walked[::-1]
    index = {p: i for i, p in enumerate(walked)}
    coding = gene.coding()
    return index, index[coding[0]], index[coding[-1]]


def number(gene: Gene, place: int) -> str:
    """Return the c. number of a 0-based place in an exon or intron."""
    index, first, last = _index(gene)

    def exonic(i: int) -> str:
        if i < first:
            return str(i - first)
        return f"*{i - last}" if i > last else str(i - first + 1)

    if place in index:
        return exonic(index[place])
    step = 1 if gene.forward else -1
    back = ahead = place
    while back not in index:
        back -= step
    while ahead not in index:
        ahead += step
    down, up = abs(place - back), abs(ahead - place)
    return f"{exonic(index[back])}+{down}" if down <= up else f"{exonic(index[ahead])}-{up}"


def name(gene: Gene, start: int, removed: int, added: str) -> str:
    """Return the c. description of a deletion or insertion, its most 3-prime spelling."""
    pick = max if gene.forward else min
    place, bases = pick(spellings(gene, start, removed, added))

    def interval(first: int, last: int) -> str:
        ends = (first, last) if gene.forward else (last, first)
        one, two = number(gene, ends[0]), number(gene, ends[1])
        return one if one == two else f"{one}_{two}"

    if removed:
        return f"c.{interval(place, place + removed - 1)}del"
    size = len(bases)
    low = place - size if gene.forward else place
    if gene.at(low, low + size) == bases:
        return f"c.{interval(low, low + size - 1)}dup"
    return f"c.{interval(place - 1, place)}ins{bases if gene.forward else flip(bases)}"


def distance(one: str, other: str) -> int:
    """Return the edit distance of two short texts."""

    @cache
    def rest(i: int, j: int) -> int:
        if i == len(one) or j == len(other):
            return len(one) - i + len(other) - j
        return min(
            rest(i + 1, j + 1) + (one[i] != other[j]), rest(i + 1, j) + 1, rest(i, j + 1) + 1
        )

    return rest(0, 0)


def keeps_pair(gene: Gene, pair: Span, start: int, removed: int, added: str) -> bool:
    """Say whether a shortest alignment of a replacement, or its own place, has the pair whole."""
    low, high = min(start, pair[0]) - 3, max(start + removed, pair[1]) + 3
    old = gene.at(low, high)
    new = gene.at(low, start) + added + gene.at(start + removed, high)
    bases, own = gene.at(*pair), pair[0] - low
    if len(old) == len(new) and new[own : own + 2] == bases:
        return True
    least = distance(old, new)
    return any(
        new[at : at + 2] == bases
        and distance(old[:own], new[:at]) + distance(old[own + 2 :], new[at + 2 :]) == least
        for at in range(len(new) - 1)
    )
