"""Which texts something says: the tables by their columns, the software by id or by family.

An id that the code writes out is found in its source as a quoted string. An id that the code
makes of a prefix and a word belongs to a family, declared here with the words that it may have.
A test reads the source as a syntax tree and holds that no other family is made there.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from epilepsy_pgx import statement, vocabulary
from epilepsy_pgx.clinical_entry import SUBJECTS
from epilepsy_pgx.reference.package import Row
from epilepsy_pgx.reference.texts import shown_words, word_id

ENUMS: dict[str, tuple[type[StrEnum], ...]] = {
    "basis": (vocabulary.Basis,),
    "because": (statement.ReasonKind,),
    "because-state": (vocabulary.FindingState,),
    "check-outcome": (vocabulary.CheckOutcome,),
    "class": (vocabulary.Classification,),
    "context-resistance": (vocabulary.Resistance,),
    "direction": (vocabulary.Direction, vocabulary.EffectDirection),
    "gene-status": (vocabulary.GeneStatus,),
    "label-class": (vocabulary.Classification,),
    "label-direction": (vocabulary.Direction,),
    "label-origin": (vocabulary.Origin,),
    "label-response": (vocabulary.Response,),
    "label-tier": (vocabulary.Tier,),
    "label-zygosity": (vocabulary.Zygosity,),
    "quality-check": (vocabulary.Check,),
    "quality-sex-not-stated": (vocabulary.Sex,),
    "reason": (vocabulary.FailureReason,),
    "relation": (vocabulary.Relation,),
    "status": (vocabulary.ReportStatus,),
    "status-gene": (vocabulary.GeneStatus,),
    "zygosity": (vocabulary.Zygosity,),
}
"""Families whose words are those of a closed list."""

COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    "dataset": (("site_alleles", "frequency_source"),),
    "interaction": (("drug_interactions", "effect"),),
    "isoform": (("isoforms", "isoform"),),
    "size": (("drug_interactions", "interaction_id"),),
    "word": (("signs", "sign"), ("syndromes", "syndrome")),
}
"""Families whose words stand in a column, beside those that `shown_words` names."""

QUOTED: dict[str, tuple[str, ...]] = {
    "consequence": ("variants/consequence.py", "variants/annotate.py"),
    "label": ("report/view/first.py", "report/view/tables.py", "report/view/words.py"),
    "note": ("variants/annotate.py",),
    "parameter": ("pipeline/predict.py",),
    "quality-column": ("report/view/build.py",),
    "role": ("pipeline/extract.py", "pipeline/predict.py", "pipeline/side_files.py"),
    "section": ("response/engine.py",),
    "site": ("variants/store.py",),
    "source": ("response/engine.py",),
}
"""Families whose words are strings of some modules."""

WORDS: dict[str, tuple[str, ...]] = {
    "allele": ("reference", "undefined"),
    "class-unused": ("build", "name", "reference", "transcript"),
    "clinical": (*SUBJECTS, "current", "failed", "regimen_current", "regimen_failed"),
    "word": tuple(word for column in SUBJECTS.values() for word, _ in column.choices),
}
"""Families whose words stand nowhere else as they are."""

_ID = re.compile(r"[\"']([a-z][a-z0-9]*(?:-[a-z0-9]+)*)[\"']")
_STRING = re.compile(r"\"([^\"\n]*)\"")


def _sources(folder: Traversable, path: str = "") -> Iterator[tuple[str, str]]:
    for item in folder.iterdir():
        name = f"{path}{item.name}"
        if item.is_dir():
            yield from _sources(item, f"{name}/")
        elif name.endswith((".py", ".html", ".typ")) and name != "reference/text_use.py":
            yield name, item.read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def said_by_code() -> frozenset[str]:
    """Return the ids that the code may say, whatever the tables hold."""
    source = dict(_sources(files("epilepsy_pgx")))
    said = {text_id for text in source.values() for text_id in _ID.findall(text)}
    for prefix, enums in ENUMS.items():
        said |= {word_id(prefix, word.value) for words in enums for word in words}
    for prefix, modules in QUOTED.items():
        for module in modules:
            said |= {word_id(prefix, word) for word in _STRING.findall(source[module])}
    for prefix, listed in WORDS.items():
        said |= {word_id(prefix, word) for word in listed}
    return frozenset(said)


def said_of_tables(tables: Mapping[str, Iterable[Row]]) -> set[str]:
    """Return the ids of the texts of words that some tables hold."""
    said = {
        text_id
        for table, rows in tables.items()
        for row in rows
        for _, text_id in shown_words(table, row)
    }
    for rows in tables.values():
        for row in rows:
            for part in (row.get("source") or "").split("; "):
                said.add(word_id("source", part))
    for prefix, columns in COLUMNS.items():
        for table, column in columns:
            for row in tables.get(table, ()):
                said |= {word_id(prefix, word) for word in row.many(column)}
    return said
