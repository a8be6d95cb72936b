"""Checks that a report is whole in every language of the texts table."""

from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.texts import shown_words


@check(
    "language-complete",
    "Every text exists in every language that the package has.",
    needs=("texts",),
)
def check_languages(package: Package) -> Found:
    """Look for English texts that another language lacks: half a report would be misread."""
    languages: dict[str, set[str | None]] = {}
    for row in package.every("texts"):
        if row["language"] is not None:
            languages.setdefault(row["language"], set()).add(row["id"])
    for row in package.rows("texts"):
        if row["language"] != "en" or row["id"] is None:
            continue
        for language in sorted(languages.keys() - {"en"}):
            if row["id"] not in languages[language]:
                yield package.problem(
                    "language-complete",
                    "texts",
                    row,
                    "id",
                    row["id"],
                    f"a text of this id in '{language}'",
                    "Translate it.",
                )


@check(
    "language-words", "Words of the tables that a report prints have their texts.", needs=("texts",)
)
def check_shown_words(package: Package) -> Found:
    """Look up the texts of drug names, classes, phenotypes, levels, sources and the like."""
    known = {row["id"] for row in package.rows("texts") if row["language"] == "en"}
    for table in package.tables:
        for row in package.rows(table):
            for column, text_id in shown_words(table, row):
                if text_id not in known:
                    yield package.problem(
                        "language-words",
                        table,
                        row,
                        column,
                        row[column],
                        f"a text '{text_id}' in every language",
                        "Write it.",
                    )
