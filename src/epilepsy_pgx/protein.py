"""The p. descriptions of HGVS: the one place that reads and writes their text.

The engine that predicts them, the curated tables and the files of laboratories write the same
notation, with or without the parentheses of a prediction.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

from epilepsy_pgx.frozen import dataclass


class ProteinKind(StrEnum):
    """What a p. description says of one place."""

    UNKNOWN = "unknown"
    """`p.?`: no prediction."""
    UNCHANGED = "unchanged"
    """`p.(=)`: the protein is the same."""
    START_LOST = "start lost"
    EXTENSION = "extension"
    FRAMESHIFT = "frameshift"
    SUBSTITUTION = "substitution"
    SILENT = "silent"
    DELETION = "deletion"
    DUPLICATION = "duplication"
    INSERTION = "insertion"
    DELINS = "deletion-insertion"
    OTHER = "other"
    """A notation that is not read further than its place."""


_ENDS = (ProteinKind.FRAMESHIFT, ProteinKind.EXTENSION)
_WRITTEN = (ProteinKind.SUBSTITUTION, ProteinKind.INSERTION, ProteinKind.DELINS)


@dataclass(frozen=True, slots=True)
class ProteinEdit:
    """One change of a protein. Residues are 1-based; None where none is named."""

    kind: ProteinKind
    first: int | None = None
    last: int | None = None
    before: str = ""
    """Amino acid at the first residue, in three letters; `Ter` for a stop."""
    after: str = ""
    """Amino acids that stand there now, in three letters each."""
    stop_after: int | None = None
    """Residues from the first one to the new stop of a shifted frame."""

    @property
    def stops(self) -> bool:
        """True if what is written here ends in a stop codon."""
        return self.kind in _WRITTEN and self.after.endswith("Ter")


_PLACE = r"([A-Z][a-z]{2}|\*)(\d+)(?:_(?:[A-Z][a-z]{2}|\*)(\d+))?"
_EDIT = re.compile(rf"{_PLACE}(.*)")
_RESIDUES = re.compile(r"(?:[A-Z][a-z]{2})+")
_STOP_AFTER = re.compile(r"fsTer(\d+)")
_NUMBER = re.compile(r"(?<=[.(\[;_])([A-Z][a-z]{2}|\*)(\d+)")


@dataclass(frozen=True, slots=True)
class ProteinChange:
    """A p. description: the changes that lie on one copy of a protein, most often one."""

    name: str
    """As it was written, without an accession: `p.(Thr226Met)`."""
    edits: tuple[ProteinEdit, ...]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def read(cls, name: str) -> "ProteinChange":
        """Read a p. description, with or without an accession.

        Examples
        --------
        >>> change = ProteinChange.read("p.(Lys5_Gly9del)")
        >>> change.residues
        (5, 9)
        """
        return _read(name)

    @property
    def kind(self) -> ProteinKind:
        """The kind of a single change; other for several."""
        return self.edits[0].kind if len(self.edits) == 1 else ProteinKind.OTHER

    @property
    def residues(self) -> tuple[int, int] | None:
        """First and last residue that is named, up to where the frame is lost; None if none is."""
        numbers = [n for e in self._up_to(_ENDS) for n in (e.first, e.last) if n is not None]
        return (min(numbers), max(numbers)) if numbers else None

    @property
    def reach(self) -> int:
        """Greatest number of residues that is written, without those of an extension."""
        edits = self._up_to((ProteinKind.EXTENSION,))
        return max(max(e.last or 0, e.stop_after or 0) for e in edits)

    @property
    def substitution(self) -> str | None:
        """`p.Thr226Met` for one substituted residue, else None."""
        if self.kind is not ProteinKind.SUBSTITUTION:
            return None
        edit = self.edits[0]
        return f"p.{edit.before}{edit.first}{edit.after}"

    @property
    def stop_after(self) -> int | None:
        """Residues to the new stop of the first shifted frame that names it."""
        return next((e.stop_after for e in self.edits if e.stop_after is not None), None)

    def has(self, kind: ProteinKind) -> bool:
        """Say whether one of the changes is of a kind."""
        return any(e.kind is kind for e in self.edits)

    def predicted(self) -> "ProteinChange":
        """Return the description in the parentheses of a prediction."""
        return self if "(" in self.name else ProteinChange(f"p.({self.name[2:]})", self.edits)

    def renumbered(self, residues: int) -> "ProteinChange":
        """Return the description in the numbering of a protein that lacks some residues before."""
        return ProteinChange.read(_NUMBER.sub(lambda m: f"{m[1]}{int(m[2]) - residues}", self.name))

    def _up_to(self, ends: tuple[ProteinKind, ...]) -> Iterator[ProteinEdit]:
        for edit in self.edits:
            yield edit
            if edit.kind in ends:
                return


_LETTERS = {
    "A": "Ala",
    "C": "Cys",
    "D": "Asp",
    "E": "Glu",
    "F": "Phe",
    "G": "Gly",
    "H": "His",
    "I": "Ile",
    "K": "Lys",
    "L": "Leu",
    "M": "Met",
    "N": "Asn",
    "P": "Pro",
    "Q": "Gln",
    "R": "Arg",
    "S": "Ser",
    "T": "Thr",
    "V": "Val",
    "W": "Trp",
    "Y": "Tyr",
    "U": "Sec",
    "*": "Ter",
    "X": "Ter",
}
"""Amino acid by its letter; X is an old sign of the stop codon."""
_THREE = frozenset(_LETTERS.values())
_WORD = re.compile(rf"delins|del|dup|ins|ext|fs|(?:{'|'.join(sorted(_THREE))})|.", re.S | re.I)


def spell_out(name: str) -> str:
    """Return a p. description in three letters, `Ter` and no parentheses, however it is written.

    Examples
    --------
    >>> spell_out("p.(R222*)"), spell_out("p.r222x"), spell_out("NP_1.1:p.K5Rfs*7")
    ('p.Arg222Ter', 'p.Arg222Ter', 'p.Lys5ArgfsTer7')
    """
    plain = re.sub(r"[()\s]", "", name.rpartition(":")[2]).removeprefix("p.")
    if plain.startswith("["):
        return f"p.{plain}"
    if re.match(r"[a-z]\d", plain):
        plain = re.sub(r"(?<![a-z])[a-z](?![a-z])", lambda m: m[0].upper(), plain)
    short = re.match(r"[A-Z*]\d", plain) is not None
    found = []
    for word in _WORD.findall(plain):
        three = word.capitalize()
        if len(word) == 3 and three in _THREE:
            found.append(three)
        elif word in ("*", "X") or (short and word in _LETTERS):
            found.append(_LETTERS[word])
        else:
            found.append(word)
    told = re.sub(r"fs(\d)", r"fsTer\1", "".join(found))
    return "p." + re.sub(r"^([A-Z][a-z]{2})(\d+)\1$", r"\1\2=", told)


@lru_cache(maxsize=16_384)
def _read(name: str) -> ProteinChange:
    plain = name.rpartition(":")[2]
    members = plain.removeprefix("p.").replace("*", "Ter").split(";")
    return ProteinChange(plain, tuple(_read_edit(m.strip("[]()")) for m in members))


def _read_edit(text: str) -> ProteinEdit:
    if text in ("?", "="):
        return ProteinEdit(ProteinKind.UNKNOWN if text == "?" else ProteinKind.UNCHANGED)
    match = _EDIT.fullmatch(text)
    if match is None:
        return ProteinEdit(ProteinKind.OTHER)
    before, first, last, rest = match[1], int(match[2]), int(match[3] or match[2]), match[4]
    kind, after = _kind(rest, first)
    stop = _STOP_AFTER.search(rest) if kind is ProteinKind.FRAMESHIFT else None
    return ProteinEdit(kind, first, last, before, after, int(stop[1]) if stop else None)


def _kind(rest: str, first: int) -> tuple[ProteinKind, str]:
    """Return what follows a place as a kind, and the amino acids that it writes."""
    if rest == "?":
        return (ProteinKind.START_LOST if first == 1 else ProteinKind.UNKNOWN), ""
    if rest == "=":
        return ProteinKind.SILENT, ""
    if "ext" in rest:
        return ProteinKind.EXTENSION, ""
    if "fs" in rest:
        return ProteinKind.FRAMESHIFT, rest.partition("fs")[0]
    for mark, kind in (
        ("delins", ProteinKind.DELINS),
        ("ins", ProteinKind.INSERTION),
        ("del", ProteinKind.DELETION),
        ("dup", ProteinKind.DUPLICATION),
    ):
        if rest.startswith(mark):
            after = rest.removeprefix(mark)
            return kind, after if _RESIDUES.fullmatch(after) else ""
    if _RESIDUES.fullmatch(rest) and len(rest) == 3:
        return ProteinKind.SUBSTITUTION, rest
    return ProteinKind.OTHER, ""
