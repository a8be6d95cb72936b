"""How words of the tables are named in the texts table, and which of them a report prints."""

import re
import string
from collections.abc import Iterator
from functools import lru_cache

from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import (
    ClinicalContext,
    CuratedText,
    DecidingGene,
    Drug,
    DrugInteraction,
    DrugRule,
    DrugSafety,
    EnzymeModifier,
    FunctionalEffect,
    GeneTherapy,
    PhenotypeRule,
    ProteinFeature,
    Syndrome,
    TableRow,
)

_OTHER = re.compile(r"[^a-z0-9]+")
_WORD = re.compile(r"[a-z]{4}")
_PLACE = re.compile(r" (?:[A-Z]\d+|\d+-\d+)$")
"""The residue or interval at the end of a protein feature's name."""

SHOWN = frozenset(
    {"name", "drugclass", "phenotype", "level", "method", "feature", "strength", "word"}
)
"""Kinds of the texts for words of the tables that reports print."""
SOURCED = (ClinicalContext, DecidingGene, DrugInteraction, DrugRule, DrugSafety, GeneTherapy)
"""Rows whose `source` a report prints; parts that begin with a small letter are words."""


WHY = "why"
"""Kind of the texts that say what something decides that is not known."""
DO = "do"
"""Kind of the texts that say what to do about something that is not known."""
SHORT = "short"
"""Kind of the texts that say on page one what a longer text says behind it."""
ANTISEIZURE = "antiseizure"
"""Kind of the drugs whose class a report prints."""


@lru_cache(maxsize=4096)
def word_id(kind: str, value: str) -> str:
    """Return the id of the text of a table's word: kind and word in kebab case."""
    return f"{kind}-{_OTHER.sub('-', value.lower()).strip('-')}"


def short_id(text_id: str) -> str:
    """Return the id under which the short form of a text may stand, for page one."""
    return f"{SHORT}-{text_id}"


def why_id(text_id: str) -> str:
    """Return the id of the text that says what something decides that is not known."""
    return f"{WHY}-{text_id}"


def do_id(text_id: str) -> str:
    """Return the id of the text that says what to do about something that is not known."""
    return f"{DO}-{text_id}"


@lru_cache(maxsize=8)
def asked(ref: Reference) -> dict[str, frozenset[str]]:
    """Return the names in braces of each text, which are the same in every language, by id."""
    return {
        row.id: frozenset(name for _, name, _, _ in string.Formatter().parse(row.text) if name)
        for row in ref.rows(CuratedText)
        if row.language == "en"
    }


def split_feature(name: str) -> tuple[str, str]:
    """Return the name of a protein feature and the residues that stand behind it."""
    place = _PLACE.search(name)
    return (name[: place.start()], place[0]) if place else (name, "")


def _words(row: TableRow) -> Iterator[tuple[str, str | None, str]]:
    """Yield (column, word, kind of its text) of the words of a row that a report prints."""
    match row:
        case Drug():
            yield "drug", row.drug, "name"
            if row.kind == ANTISEIZURE:
                yield "drug_class", row.drug_class, "drugclass"
        case PhenotypeRule():
            yield "phenotype", row.phenotype, "phenotype"
        case DrugRule() | GeneTherapy() | ClinicalContext():
            yield "level", row.level, "level"
        case FunctionalEffect():
            yield "method", row.method, "method"
        case ProteinFeature():
            yield "feature", row.feature, "feature"
        case DrugInteraction():
            yield "analyte", row.analyte, "name"
        case EnzymeModifier():
            yield "strength", row.strength, "strength"
        case Syndrome():
            yield "syndrome", row.syndrome, "word"


def shown_words(row: TableRow) -> Iterator[tuple[str, str, str]]:
    """Yield (column, cell, id of the text) for each word of a row that a report prints."""
    for column, value, kind in _words(row):
        if value is not None and _WORD.search(word := split_feature(value)[0]):
            yield column, value, word_id(kind, word)
    if isinstance(row, SOURCED):
        for part in (row.source or "").split("; "):
            if part[:1].islower():
                yield "source", row.source, word_id("source", part)
    if isinstance(row, DrugInteraction) and row.size and row.interaction_id:
        yield "size", row.size, word_id("size", row.interaction_id)


def check_language(ref: Reference, language: str) -> None:
    """Refuse a language that lacks texts: half a report in another language is misread.

    Raises
    ------
    ConfigError
        If a text that English has is missing.
    """
    by_language: dict[str, set[str]] = {}
    for row in ref.rows(CuratedText):
        by_language.setdefault(row.language, set()).add(row.id)
    missing = by_language.get("en", set()) - by_language.get(language, set())
    if missing:
        raise ConfigError.one(
            "language-complete",
            file="texts.tsv",
            column="language",
            found=f"{len(missing)} texts that are not in '{language}'",
            expected="every text of the report",
            fix="Use --language en, or translate them.",
        )
