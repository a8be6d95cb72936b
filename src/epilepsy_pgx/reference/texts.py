"""How words of the tables are named in the texts table, and which of them a report prints."""

import re
import string
from collections.abc import Iterator
from functools import lru_cache

from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.reference.package import Reference, Row

_OTHER = re.compile(r"[^a-z0-9]+")
_WORD = re.compile(r"[a-z]{4}")
_PLACE = re.compile(r" (?:[A-Z]\d+|\d+-\d+)$")
"""The residue or stretch at the end of a protein feature's name."""

SHOWN = {
    "drug": "name",
    "drug_class": "drugclass",
    "phenotype": "phenotype",
    "level": "level",
    "method": "method",
    "feature": "feature",
    "analyte": "name",
    "strength": "strength",
    "syndrome": "word",
}
"""Kind of the text for the words of a column that reports print."""
SHOWN_IN = {
    "drug": ("drugs",),
    "drug_class": ("drugs",),
    "phenotype": ("phenotypes",),
    "method": ("functional_evidence",),
    "feature": ("protein_features",),
    "analyte": ("drug_interactions",),
    "strength": ("phenoconversion",),
    "syndrome": ("syndromes",),
    "level": ("drug_rules", "gene_therapy", "clinical_context", "deciding_genes"),
}
SOURCED = (
    "clinical_context",
    "deciding_genes",
    "drug_interactions",
    "drug_rules",
    "drug_safety",
    "gene_therapy",
)
"""Tables whose `source` a report prints; parts that begin with a small letter are words."""


ANTISEIZURE = "antiseizure"
"""Kind of the drugs whose class a report prints."""


@lru_cache(maxsize=4096)
def word_id(kind: str, value: str) -> str:
    """Return the id of the text of a table's word: kind and word in kebab case."""
    return f"{kind}-{_OTHER.sub('-', value.lower()).strip('-')}"


@lru_cache(maxsize=8)
def asked(ref: Reference) -> dict[str, frozenset[str]]:
    """Return the names in braces of each text, which are the same in every language, by id."""
    return {
        row.need("id"): frozenset(
            name for _, name, _, _ in string.Formatter().parse(row["text"] or "") if name
        )
        for row in ref.table("texts")
        if row["language"] == "en"
    }


def split_feature(name: str) -> tuple[str, str]:
    """Return the name of a protein feature and the residues that stand behind it."""
    place = _PLACE.search(name)
    return (name[: place.start()], place[0]) if place else (name, "")


def shown_words(table: str, row: Row) -> Iterator[tuple[str, str]]:
    """Yield (column, id of the text) for each word of a row that a report prints."""
    for column, kind in SHOWN.items():
        value = row.get(column)
        if value is None or table not in SHOWN_IN[column]:
            continue
        if column == "drug_class" and row.get("kind") != ANTISEIZURE:
            continue
        word = split_feature(value)[0]
        if _WORD.search(word):
            yield column, word_id(kind, word)
    if table in SOURCED:
        for part in (row.get("source") or "").split("; "):
            if part[:1].islower():
                yield "source", word_id("source", part)
    name = row.get("interaction_id")
    if table == "drug_interactions" and row.get("size") and name is not None:
        yield "size", word_id("size", name)


def check_language(ref: Reference, language: str) -> None:
    """Refuse a language that lacks texts: half a report in another language is misread.

    Raises
    ------
    ConfigError
        If a text that English has is missing.
    """
    by_language: dict[str | None, set[str]] = {}
    for row in ref.table("texts"):
        by_language.setdefault(row["language"], set()).add(row.need("id"))
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
