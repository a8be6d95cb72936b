"""Checks that a number is the same wherever it stands: row, text and translation."""

import re
from collections import Counter

from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.rows import CuratedText, DrugRule

_PLACEHOLDER = re.compile(r"\{[^}]*\}")
# No part of a name: not HLA-B*15:02, CYP2C9, *2 or n-of-1.
_NUMBER = re.compile(r"(?<![\w.,:*-])\d+(?:[.,]\d+)*(?![\w:*])")
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?) ?%")
_THOUSANDS = {"en": ","}
"""What parts thousands, by language; a point in every other."""


def read_numbers(text: str, language: str) -> Counter[str]:
    """Count the numbers of a text, written alike whatever the language.

    Examples
    --------
    >>> read_numbers("of 3,202 people 0.5 %", "en") == read_numbers("0,5 % de 3.202", "es")
    True
    """
    thousands = _THOUSANDS.get(language, ".")
    grouped = re.compile(rf"(?<=\d){re.escape(thousands)}(?=\d{{3}}(?!\d))")
    found = _NUMBER.findall(_PLACEHOLDER.sub(" ", text))
    return Counter(grouped.sub("", number).replace(",", ".") for number in found)


@check(
    "text-numbers",
    "A translation has the numbers of the English text: doses, ages, percentages.",
    needs=("texts",),
)
def check_translated_numbers(package: Package) -> Found:
    """Compare each translation with the English text of its id."""
    english = {r.id: read_numbers(r.text, "en") for r in package.rows(CuratedText) if r.in_english}
    for row in package.rows(CuratedText):
        if row.in_english or row.id not in english:
            continue
        own, wanted = read_numbers(row.text, row.language), english[row.id]
        if own != wanted:
            yield package.problem(
                "text-numbers",
                "texts",
                row,
                "text",
                ", ".join(sorted((own - wanted).elements())) or "no such number",
                ", ".join(sorted((wanted - own).elements())) or "no number that English lacks",
                "Correct the text that is wrong.",
            )


@check(
    "dose-text",
    "A dose that a rule's text writes out is the rule's own.",
    needs=("drug_rules", "texts"),
)
def check_doses(package: Package) -> Found:
    """Look for percentages in the texts of rules that give a percentage of the standard dose."""
    texts = {r.id: r.text for r in package.rows(CuratedText) if r.in_english}
    for row in package.rows(DrugRule):
        percent = row.percent_of_standard_dose
        if percent is None:
            continue
        said = (row.text_id, row.text_naive, row.text_taking, row.text_reaction)
        for text_id in filter(None, said):
            written = _PERCENT.findall(texts.get(text_id, ""))
            # What is taken away says the same as what is left.
            if other := sorted({w for w in written if w not in (str(percent), str(100 - percent))}):
                yield package.problem(
                    "dose-text",
                    "drug_rules",
                    row,
                    "percent_of_standard_dose",
                    percent,
                    f"the {', '.join(other)} % of text '{text_id}'",
                    "Correct the number that is wrong; {percent_of_standard_dose} in the text "
                    "stands for the row's.",
                )
