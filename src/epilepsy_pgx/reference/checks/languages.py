"""Checks that a report is whole in every language of the texts table."""

from collections import defaultdict

from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.rows import RECORDS, CuratedText
from epilepsy_pgx.reference.texts import shown_words


@check(
    "language-complete",
    "Every text exists in every language that the package has.",
    needs=("texts",),
)
def check_languages(package: Package) -> Found:
    """Look for English texts that another language lacks: half a report would be misread."""
    languages: dict[str, set[str]] = defaultdict(set)
    for row in package.every(CuratedText):
        if row.language:
            languages[row.language].add(row.id)
    for row in package.rows(CuratedText):
        if row.language != "en":
            continue
        for language in sorted(languages.keys() - {"en"}):
            if row.id not in languages[language]:
                yield package.problem(
                    "language-complete",
                    "texts",
                    row,
                    "id",
                    row.id,
                    f"a text of this id in '{language}'",
                    "Translate it.",
                )


@check(
    "language-words", "Words of the tables that a report prints have their texts.", needs=("texts",)
)
def check_shown_words(package: Package) -> Found:
    """Look up the texts of drug names, classes, phenotypes, levels, sources and the like."""
    known = {row.id for row in package.rows(CuratedText) if row.language == "en"}
    for record in RECORDS:
        for row in package.rows(record):
            for column, word, text_id in shown_words(row):
                if text_id not in known:
                    yield package.problem(
                        "language-words",
                        record.TABLE,
                        row,
                        column,
                        word,
                        f"a text '{text_id}' in every language",
                        "Write it.",
                    )
