"""Which texts something says: the tables by their columns, the software by id or by family.

An id that the code writes out is found in its source as a quoted string. An id that the code
makes of a prefix and a word belongs to a family, declared here with the words that it may have.
A test reads the source as a syntax tree and holds that no other family is made there.
"""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from epilepsy_pgx import statement, vocabulary
from epilepsy_pgx.clinical_entry import SUBJECTS
from epilepsy_pgx.reference.rows import (
    DrugInteraction,
    EntryWord,
    ExposureChange,
    ExposureMeasure,
    IsoformNumbering,
    Sign,
    SiteAllele,
    Syndrome,
    TableRow,
)
from epilepsy_pgx.reference.texts import shown_words, word_id

ENUMS: dict[str, tuple[type[StrEnum], ...]] = {
    "basis": (vocabulary.Basis,),
    "because": (statement.ReasonKind,),
    "because-state": (vocabulary.FindingState,),
    "check-outcome": (vocabulary.CheckOutcome,),
    "class": (vocabulary.Classification,),
    "context-resistance": (vocabulary.Resistance,),
    "direction": (vocabulary.Direction, vocabulary.EffectDirection),
    "exposure-change": (ExposureChange,),
    "exposure-measure": (ExposureMeasure,),
    "gene-status": (vocabulary.GeneStatus,),
    "label-asked-of": (vocabulary.Asked,),
    "label-brief": (vocabulary.Origin,),
    "label-class": (vocabulary.Classification,),
    "label-direction": (vocabulary.Direction,),
    "label-level": (vocabulary.LevelPart,),
    "label-origin": (vocabulary.Origin,),
    "label-response": (vocabulary.Response,),
    "label-tier": (vocabulary.Tier,),
    "label-zygosity": (vocabulary.Zygosity,),
    "prediction-status": (vocabulary.PredictionStatus,),
    "level": (vocabulary.LevelVerdict,),
    "level-part": (vocabulary.LevelPart,),
    "outcome": (vocabulary.Outcome,),
    "quality-check": (vocabulary.Check,),
    "quality-sex-not-stated": (vocabulary.Sex,),
    "reason": (vocabulary.FailureReason,),
    "relation": (vocabulary.Relation,),
    "status": (vocabulary.ReportState,),
    "status-gene": (vocabulary.GeneStatus,),
    "trial": (vocabulary.TrialUse,),
    "zygosity": (vocabulary.Zygosity,),
}
"""Families whose words are those of a closed list."""

COLUMNS = ("dataset", "interaction", "isoform", "size", "word")
"""Families whose words stand in a column, beside those that `shown_words` names."""

QUOTED: dict[str, tuple[str, ...]] = {
    "consequence": ("variants/consequence.py", "variants/annotate.py"),
    "label": ("report/view/first.py", "report/view/tables.py", "report/view/words.py"),
    "note": ("variants/annotate.py",),
    "parameter": ("pipeline/predict.py",),
    "quality-column": ("report/view/build.py",),
    "role": (
        "pipeline/cutting.py",
        "pipeline/predict.py",
        "pipeline/side_files.py",
        "report/build.py",
    ),
    "section": ("response/engine.py",),
    "site": ("variants/store.py",),
    "source": ("calling/clinvar.py", "response/engine.py", "response/local.py"),
}
"""Families whose words are strings of some modules."""

WORDS: dict[str, tuple[str, ...]] = {
    "allele": ("reference", "undefined"),
    "class-unused": ("build", "build-unstated", "name", "reference", "transcript"),
    "clinical": (
        *SUBJECTS,
        "current",
        "failed",
        "last_seizure",
        "regimen_current",
        "regimen_failed",
    ),
    "level-cause": ("albumin-g-l", "egfr-ml-min-173", "dialysis", "pregnant", "drug"),
    "level-unknown": ("steady", "kinetics", "settling", "hours"),
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


def _named(row: TableRow) -> Iterator[tuple[str, str | None]]:
    """Yield (family, word) of the words of a row that stand in a column of `COLUMNS`."""
    match row:
        case SiteAllele():
            yield "dataset", row.frequency_source
        case DrugInteraction():
            yield "interaction", row.effect
            yield "size", row.interaction_id
        case IsoformNumbering():
            yield "isoform", row.isoform
        case Sign():
            yield "word", row.sign
        case EntryWord():
            yield "word", row.word
        case Syndrome():
            yield "word", row.syndrome


def said_of_rows(rows: Iterable[TableRow]) -> set[str]:
    """Return the ids of the texts of words that some rows hold."""
    said: set[str] = set()
    for row in rows:
        said.update(text_id for _, _, text_id in shown_words(row))
        said.update(word_id(family, word) for family, word in _named(row) if word is not None)
    return said


def said_of_sources(sources: Iterable[str]) -> set[str]:
    """Return the ids of the texts for the parts of some sources."""
    return {word_id("source", part) for source in sources for part in source.split("; ")}
