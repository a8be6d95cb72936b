"""What the entry form asks, made from the declarations and tables that the sheet is read by."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from epilepsy_pgx.clinical_entry import COLUMNS, ENTRY_WORDS, Column, TermKind
from epilepsy_pgx.intake.clinical import EXCLUSIVE
from epilepsy_pgx.intake.drug_details import CURRENT, CURRENT_KEYS, FAILED, FAILED_KEYS
from epilepsy_pgx.intake.druglist import NOTHING, drug_words
from epilepsy_pgx.intake.packet_columns import PREFIX
from epilepsy_pgx.intake.packet_drugs import NO_DRUG
from epilepsy_pgx.intake.packet_measurements import NUMBERS
from epilepsy_pgx.intake.packet_terms import REASONS, SIGN_OF_REASON, normal
from epilepsy_pgx.intake.sheet import SAMPLE_ID
from epilepsy_pgx.intake.table import DAY_FORM, NUMBER_FORM
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import (
    WORDS_BY_COLUMN,
    Drug,
    DrugName,
    EntryWord,
    LevelAnalyte,
    OntologyTerm,
    Sign,
    Syndrome,
    Unit,
)
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.vocabulary import FailureReason

Json = dict[str, Any]

PLANNED = "planned_drugs"
KEYS: Mapping[str, Mapping[str, Column]] = {CURRENT: CURRENT_KEYS, FAILED: FAILED_KEYS, PLANNED: {}}
"""The lists of drugs, with what may be said of each drug."""
TITLES = {
    CURRENT: "form-current-drugs",
    FAILED: "form-failed-drugs",
    PLANNED: "form-planned-drugs",
    "affected": "form-affected",
    "diagnosis_confirmed": "form-diagnosis",
    "last_seizure": "form-last-seizure",
    "longest_interval_before": "form-longest-interval",
    "entry_date": "form-entry-date",
    "start": "form-start",
    "dose": "form-dose",
    "dose_since": "form-dose-since",
    "formulation": "form-formulation",
    "route": "form-route",
    "product_since": "form-product-since",
    "level": "form-level",
    "free_level": "form-free-level",
    "metabolite_level": "form-metabolite-level",
    "level_date": "form-level-date",
    "level_hours": "form-level-hours",
    "reaction": "form-reaction",
    "reason": "form-reason",
    "adequate": "form-adequate",
    "stop": "form-stop",
    "highest_dose": "form-highest-dose",
    "duration": "form-duration",
    "highest_level": "form-highest-level",
}
"""The texts that name a field; the others are named as reports name them, or by their word."""
HEADINGS = {
    "entry": "form-entry",
    "person": "form-person",
    "seizures": "form-seizures",
    "drugs": "form-drugs",
    "signs": "form-signs",
    "life": "form-life",
    "treatments": "form-treatments",
    "organs": "form-organs",
}
"""The texts above the groups of columns, in the order in which the form asks them."""
_OTHER = "form-other"
LISTS = {
    CURRENT: ("form-add-current", "form-none-current"),
    FAILED: ("form-add-failed", "form-none-failed"),
    PLANNED: ("form-add-planned", "form-none-planned"),
}
"""Of a list of drugs: the texts of its button, and of its answer that there is none."""
SAID = (
    "form-unknown",
    "form-unit-of",
    "form-unit-choose",
    "form-drug-name",
    "form-drug-number",
    "form-remove",
    "form-details",
    "form-search",
    "form-range",
    "form-day-form",
    "form-to-correct",
    "form-count-correct",
    "form-count-none",
    "form-count-filled",
    "form-clear-sure",
    "form-saved",
    "form-read",
    "form-kept",
    "form-not-taken",
    "form-unreadable",
    "form-drug-unlisted",
    "form-drug-like",
    "form-single-dose",
    "form-wrong-sample",
    "form-wrong-word",
    "form-wrong-number",
    "form-wrong-unit",
    "form-wrong-range",
    "form-wrong-day",
    "form-wrong-after",
    "form-wrong-order",
    "form-wrong-alone",
    "form-wrong-level",
    "form-wrong-drug",
    "form-wrong-none",
    "form-wrong-pair",
    "form-wrong-planned",
    "form-wrong-onset",
    "form-wrong-key",
    "form-wrong-text",
)
"""The texts that the script of the page says."""
_KINDS = {TermKind.SEIZURE.value: "seizure_types", TermKind.SIGN.value: "signs"}
_KINDS |= {TermKind.SYNDROME.value: "syndromes", TermKind.EPILEPSY.value: "affected"}
"""Columns of terms whose kind is no column."""
_SPELLINGS = {"generalised": "generalized", "haem": "hem", "aemia": "emia", "apnoea": "apnea"}
"""Spellings of our words and of the ontologies' labels."""


def form_schema(ref: Reference, language: str) -> Json:
    """Return everything that the page and the questionnaire ask and check.

    Parameters
    ----------
    ref
        The data package.
    language
        Language of titles and words.
    """
    wording = Wording(ref, language)
    return {
        "language": language,
        "version": ref.version,
        "prefix": PREFIX,
        "nothing": NOTHING,
        "forms": {
            "sample": SAMPLE_ID.pattern,
            "number": NUMBER_FORM.pattern,
            "day": DAY_FORM.pattern,
        },
        "groups": list(_groups(ref, wording)),
        "units": {
            row.unit: {
                "kind": row.kind.value,
                "factor": float(row.factor),
                "ucum": row.ucum[0],
                "codes": list(row.ucum),
                "spellings": list(row.spellings),
            }
            for row in ref.rows(Unit)
        },
        "exclusive": [[a.column, a.word, b.column, b.word] for a, b in EXCLUSIVE],
        "drugs": _drugs(ref, wording),
        "meanings": _meanings(ref),
        "reasons": [[reason, pattern.pattern] for reason, pattern in REASONS],
        "signs_of_reasons": {reason: list(signs) for reason, signs in SIGN_OF_REASON.items()},
        "reasons_of_signs": {row.sign: row.reason for row in ref.rows(Sign)},
        "numbers": [
            {
                "column": n.column,
                "codes": list(n.codes),
                "units": {unit: float(factor) for unit, factor in n.units.items()},
                "written": n.written,
            }
            for n in NUMBERS
        ],
        "levels": [
            {"drug": r.drug, "part": r.part.value, "analyte": r.analyte, "loinc": list(r.loinc)}
            for r in ref.rows(LevelAnalyte)
            if r.loinc
        ],
        "texts": {text_id.removeprefix("form-"): template(wording, text_id) for text_id in SAID},
    }


def template(wording: Wording, text_id: str) -> str:
    """Return a text with its placeholders as they stand in the table."""
    names = wording.placeholders(text_id)
    return wording.say(text_id, **{name: f"{{{name}}}" for name in names})


def title_of(name: str, column: Column, wording: Wording) -> str:
    """Return what a field is called."""
    text_id = TITLES.get(name)
    if text_id is not None:
        return wording.say(text_id)
    subject = column.subject or name
    said = wording.word("clinical", subject)
    return said if said != subject else name.replace("_", " ")


def _groups(ref: Reference, wording: Wording) -> Iterator[Json]:
    """Yield the groups of columns, each with its title and fields."""
    named = dict.fromkeys((*HEADINGS, *(c.heading for c in COLUMNS)))
    for heading in named:
        columns = [c for c in COLUMNS if c.heading == heading]
        if columns:
            yield {
                "name": heading,
                "title": wording.say(HEADINGS.get(heading, _OTHER)),
                "fields": [_column(c, ref, wording) for c in columns],
            }


def _column(column: Column, ref: Reference, wording: Wording) -> Json:
    if column.name not in KEYS:
        return _field(column.name, column, ref, wording)
    add, none = (wording.say(text_id) for text_id in LISTS[column.name])
    keys = [_field(name, key, ref, wording) for name, key in KEYS[column.name].items()]
    title = title_of(column.name, column, wording)
    return {
        "name": column.name,
        "title": title,
        "kind": "drugs",
        "add": add,
        "none": none,
        "keys": keys,
    }


def _field(name: str, column: Column, ref: Reference, wording: Wording) -> Json:
    """Return one field: its kind says what its answers are."""
    field: Json = {"name": name, "title": title_of(name, column, wording)}
    if column.choices:
        field |= {"kind": "choice", "options": _choices(column, wording)}
    elif column.day:
        field["kind"] = "day"
    elif column.table:
        field["kind"] = "words" if column.several else "word"
        field["options"] = list(_words(name, column, ref, wording))
    else:
        assert column.limits is not None, name
        field["kind"] = "quantity" if column.unit_kinds else "number"
        field["limits"] = [float(limit) for limit in column.limits]
        rows = ref.rows(Unit)
        field["units"] = [r.unit for r in rows if r.kind in column.unit_kinds]
        field["unused"] = [r.unit for r in rows if r.kind in column.unused_kinds]
        field["undetected"] = column.undetected
    return field


def _choices(column: Column, wording: Wording) -> list[Json]:
    found = []
    for word, stands_for in column.choices:
        family = "reason" if isinstance(stands_for, FailureReason) else "word"
        found.append({"word": word, "label": wording.word(family, word), "alone": True})
    return found


def _words(name: str, column: Column, ref: Reference, wording: Wording) -> Iterator[Json]:
    """Yield the words of a table, each with the term or procedure that says the same."""
    terms = _terms(ref)
    if column.table == ENTRY_WORDS:
        for row in ref.grouped(WORDS_BY_COLUMN).get(name, ()):
            option: Json = {"word": row.word, "alone": row.alone}
            term = terms.get((name, row.word))
            if term is not None:
                option["feature"] = term
            elif row.labels:
                option["procedure"] = row.labels[0]
                option["labels"] = [normal(label) for label in row.labels]
            yield option | {"label": wording.word("word", row.word)}
        return
    words = (
        [row.sign for row in ref.rows(Sign)]
        if column.table == Sign.TABLE
        else [row.syndrome for row in ref.rows(Syndrome)]
    )
    said = {word: wording.word("word", word) for word in words}
    for word in sorted(words, key=lambda w: said[w].casefold()):
        term = terms.get((column.table, word))
        how = "feature" if column.table == Sign.TABLE else "disease"
        option = {"word": word, "alone": False, "label": said[word]}
        yield option | ({how: term} if term else {})


def _key(label: str) -> str:
    """Return the form in which our words and labels of ontologies are compared."""
    text = normal(label)
    for one, other in _SPELLINGS.items():
        text = text.replace(one, other)
    words = (re.sub(r"(?<=\w\w\w)s$", "", word) for word in text.split())
    return " ".join(word for word in words if word not in ("onset", "a", "the"))


@lru_cache(maxsize=8)
def _terms(ref: Reference) -> Mapping[tuple[str, str], list[str]]:
    """Return (identifier, label) of the terms that say just what a word of a column says.

    A term that is narrower than the word would say more than was entered: it is never written.
    """
    named: dict[tuple[str, str], set[str]] = {}
    for row in ref.rows(EntryWord):
        word = row.word.replace("_", " ")
        forms = {_key(row.name), _key(word), *map(_key, row.labels)}
        if row.column == _KINDS[TermKind.SEIZURE]:
            forms.add(_key(f"{word} seizure"))
        named[row.column, row.word] = forms
    for sign in ref.rows(Sign):
        named["signs", sign.sign] = {_key(sign.name), _key(sign.sign.replace("_", " "))}
    for syndrome in ref.rows(Syndrome):
        word = syndrome.syndrome
        named["syndromes", word] = {_key(syndrome.name), _key(word.replace("_", " "))}
    found: dict[tuple[str, str], list[str]] = {}
    for term in ref.rows(OntologyTerm):
        if len(term.words) == 1:
            key = (_KINDS.get(term.kind, term.kind), term.words[0])
            if _key(term.label) in named.get(key, ()):
                found.setdefault(key, [term.term, term.label])
    return found


def _meanings(ref: Reference) -> Json:
    """Return the identifiers of terms by column and words, by which packets of others are read."""
    found: dict[str, dict[str, list[str]]] = {}
    for row in ref.rows(OntologyTerm):
        if row.kind != TermKind.ONSET:
            column = _KINDS.get(row.kind, row.kind)
            found.setdefault(column, {}).setdefault("|".join(row.words), []).append(row.term)
    for sign in ref.rows(Sign):
        for term in sign.hpo:
            found["signs"].setdefault(sign.sign, []).append(term)
    return found


def _drugs(ref: Reference, wording: Wording) -> Json:
    """Return what the names of drugs mean, and the words that may stand beside them."""
    words = drug_words(ref)
    rows = ref.rows(Drug)
    codes = {f"ATC:{code}": row.drug for row in rows for code in row.atc}
    codes |= {f"RXNORM:{row.rxnorm}": row.drug for row in rows if row.rxnorm is not None}
    return {
        "names": [[row.name, row.drug] for row in ref.rows(DrugName)],
        "also": [[row.name, row.also] for row in ref.rows(DrugName) if row.also],
        "shown": {row.drug: wording.word("name", row.drug) for row in rows},
        "atc": {row.drug: row.atc[0] for row in rows if len(row.atc) == 1},
        "codes": codes,
        "beside": sorted(words.beside),
        "joins": sorted(words.joins),
        "refused": sorted({*words.no_answer, *NO_DRUG, NOTHING}),
    }
