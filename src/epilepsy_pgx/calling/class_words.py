"""The words in which classes come: one table for a laboratory's file and for INFO fields."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.reference.rows import ClassWord
from epilepsy_pgx.vocabulary import Classification, join_classes

_ESCAPE = re.compile(r"\\x([0-9a-fA-F]{2})|%([0-9a-fA-F]{2})")
"""A character by its code: ANNOVAR's `\\x2c`, and the percent encoding of VCF 4.3."""
_SEPARATORS = re.compile(r"[|&,;/\n\t]")
_BLANKS = re.compile(r"[\s_()\[\]{}:=\"'-]+")
_COUNT = re.compile(r"(?<=[a-z])\(\d+\)")
"""How many submitters gave a class: `Pathogenic(3)`."""
_WHOLE = re.compile(r"(\d+)\.0+")

_P, _LP = Classification.PATHOGENIC, Classification.LIKELY_PATHOGENIC
_B, _LB = Classification.BENIGN, Classification.LIKELY_BENIGN
_CAUTION = (
    _P,
    _LP,
    Classification.CONFLICTING,
    Classification.UNCERTAIN,
    Classification.NOT_CLASSIFIED,
    _LB,
    _B,
)
"""Where two readings of a number are possible, the one that stands first here is taken."""


@dataclass(frozen=True, slots=True)
class ClassWords:
    """Class by word, for what means the same everywhere and for the two codings of numbers."""

    plain: Mapping[str, Classification]
    acmg: Mapping[str, Classification]
    clinvar: Mapping[str, Classification]


@dataclass(frozen=True, slots=True)
class ReadClass:
    """A class, and the words that no table knows."""

    classification: Classification
    unknown: tuple[str, ...] = ()


@lru_cache(maxsize=8)
def load_class_words(ref: Reference | None = None) -> ClassWords:
    """Return the words of a data package; without one, those that came with the software."""
    tables: dict[str, dict[str, Classification]] = {"any": {}, "acmg": {}, "clinvar": {}}
    for row in (ref or load_reference()).shipped_rows(ClassWord):
        tables[row.coding][row.word] = row.classification
    return ClassWords(tables["any"], tables["acmg"], tables["clinvar"])


def read_class(text: str, words: ClassWords, coding: str = "acmg") -> ReadClass:
    """Read a class in the words of ClinVar, of ACMG/AMP, of annotation programs, or as numbers.

    Several words count as one class if they are neighbours on one side (`Pathogenic/Likely
    pathogenic` is likely pathogenic), as conflicting if not. Beside a word that is not known
    only a pathogenic class is kept: the word may have taken a reassuring one back.

    Parameters
    ----------
    text
        As written, with its escapes.
    words
        The table.
    coding
        What bare numbers mean: `acmg`, `clinvar`, or `open` where the more cautious reading
        holds.
    """
    plain = _ESCAPE.sub(lambda m: chr(int(m.group(1) or m.group(2), 16)), text)
    plain = _COUNT.sub("", unicodedata.normalize("NFKC", plain).lower())
    parts = [_BLANKS.sub(" ", p).strip(" .*") for p in _SEPARATORS.split(plain)]
    known = [_WHOLE.sub(r"\1", p) for p in parts if p]
    numbers = [p for p in known if p.isdecimal()]
    if coding == "open" and any(n not in words.acmg for n in numbers):
        coding = "clinvar"
    classes: set[Classification] = set()
    unknown: list[str] = []
    for word in known:
        found = _look_up(word, words, coding)
        if found is None:
            unknown.append(word)
        elif found is not Classification.NOT_CLASSIFIED:
            classes.add(found)
    joined = join_classes(classes)
    if unknown and joined not in (_P, _LP):
        joined = Classification.NOT_CLASSIFIED
    return ReadClass(joined, tuple(dict.fromkeys(unknown)))


def _look_up(word: str, words: ClassWords, coding: str) -> Classification | None:
    if not word.isdecimal():
        return words.plain.get(word)
    tables = {"acmg": (words.acmg,), "clinvar": (words.clinvar,)}.get(
        coding, (words.acmg, words.clinvar)
    )
    found = [t[word] for t in tables if word in t]
    return min(found, key=_CAUTION.index) if found else None


def parse_class(text: str, words: ClassWords | None = None) -> Classification | None:
    """Read a laboratory's class; None if it holds a word that is not known."""
    found = read_class(text, words or load_class_words())
    return None if found.unknown else found.classification
