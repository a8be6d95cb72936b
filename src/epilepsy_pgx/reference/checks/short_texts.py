"""Checks of the short forms: what page one says instead of a long text, whole and with an action.

The short form of a text has the id of the text behind `short-`. A text that is short itself needs
none.
"""

import re
from collections.abc import Iterator
from string import Formatter

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.checks.words import placeholders
from epilepsy_pgx.reference.rows import (
    ActionText,
    ClinicalContext,
    CuratedText,
    DecidingGene,
    DrugInteraction,
    DrugRule,
    DrugSafety,
    GeneTherapy,
    RuleRow,
    TableRow,
    TextForm,
)
from epilepsy_pgx.reference.texts import SHORT, short_id
from epilepsy_pgx.vocabulary import Tier

LIMITS = {"en": 140, "es": 170}
"""Letters of what page one says of one rule, action included, by language."""
_ASKS = (Tier.ACT, Tier.CONSIDER)
_OTHERS: tuple[type[RuleRow], ...] = (DrugSafety, GeneTherapy, ClinicalContext)
"""Rules whose action stands in their sentence."""
_IF_STARTED = "interaction-if-started"
_NAME, _FIGURE = 12, 2
"""Letters that stand for a place: a drug, a gene or a state; a figure."""
_FIGURES = frozenset({"percent_of_standard_dose"})
_ACTIONS = {
    "en": re.compile(
        r"\b(add|adjust|ask|avoid|check|choose|classify|consider|count|cover|change|discuss|"
        r"do not|drug\w* (as|in)|enter|examine|exclude|follow|give|keep|look for|lower|measure|"
        r"need|no valproate|not (before|into)|plan|prefer|prescriber|recommend|reduce|refer|"
        r"repeat|replace\w*|report|review\w*|revise|see|send|specialist|start|stop|stays|test|"
        r"titrate|treat\w*|try|type|use|watch|weigh\w*|ammonia now|ECG)\b",
        re.IGNORECASE,
    ),
    "es": re.compile(
        r"\b(ajustar|analizar|avisar|buscar|bajar|cambiar|clasificar\w*|comentar|comprobar|"
        r"completar\w*|confirmar|consultar|contar|cubrir|dar|derivar|elegir|especialista|evitar|"
        r"excluir|explorar|hacer|iniciar|mantener|medir|no (dar|sin|intravenosa|volver)|preguntar|"
        r"pensar|planificar|preferir|prescriptor|probar|reducir|repetir\w*|revisar|revisión|"
        r"sigue|sin valproato|solicitar|sopesa\w*|suspender|sustituir|tenerlo|tipificar|titular|"
        r"tratar|usar|valorar\w*|ver|vigilar|amonio ahora|electrocardiograma)\b",
        re.IGNORECASE,
    ),
}
"""Words that ask for something; one of them stands in each line of page one."""


@dataclass(frozen=True, slots=True)
class Combination:
    """Texts that stand together on page one, and the row that asks for them."""

    row: TableRow
    column: str
    ids: tuple[str, ...]


def combinations(package: Package) -> Iterator[Combination]:
    """Yield what the rows that may stand on page one say there."""
    for rule in package.rows(DrugRule):
        if rule.tier in _ASKS:
            for column in ("text_naive", "text_taking"):
                action = getattr(rule, column)
                yield Combination(
                    rule, column, (rule.text_id, action) if action else (rule.text_id,)
                )
            if rule.text_reaction:
                yield Combination(rule, "text_reaction", (rule.text_id, rule.text_reaction))
    for record in _OTHERS:
        for row in package.rows(record):
            if row.tier in _ASKS:
                yield Combination(row, "text_id", (row.text_id,))
    for pair in package.rows(DrugInteraction):
        if pair.tier in _ASKS:
            yield Combination(pair, "text_id", (pair.text_id, _IF_STARTED))
    for gene in package.rows(DecidingGene):
        if gene.tier_missing in _ASKS:
            yield Combination(gene, "text_id", (gene.text_id,))
            if gene.text_tolerated:
                yield Combination(gene, "text_tolerated", (gene.text_tolerated,))


def letters(text: str) -> int:
    """Return how long a text is, with something in each of its places."""
    total = 0
    for literal, name, _, _ in Formatter().parse(text):
        total += len(literal)
        if name is not None:
            total += _FIGURE if name in _FIGURES else _NAME
    return total


class _Texts:
    """The texts as page one says them."""

    def __init__(self, package: Package) -> None:
        self._texts = {(r.id, r.language): r.text for r in package.rows(CuratedText)}

    def said(self, ids: tuple[str, ...], language: str) -> str | None:
        """Return the short forms of some texts; None if one of them has no wording at all."""
        found = [
            self._texts.get((short_id(i), language)) or self._texts.get((i, language)) for i in ids
        ]
        known = [text for text in found if text is not None and placeholders(text) is not None]
        return " ".join(known) if len(known) == len(found) else None


@check(
    "short-text",
    "What page one says of a rule is short, whole, and holds what to do, in every language.",
    needs=("texts",),
)
def check_short_texts(package: Package) -> Found:
    """Put together what page one says of each rule that asks for something."""
    texts = _Texts(package)
    instead = {r.text_id: r.text_instead for r in package.rows(ActionText) if r.text_instead}
    forms = [(r.text_id, r.text_said) for r in package.rows(TextForm)]
    told: set[tuple[str, tuple[str, ...]]] = set()
    for said in combinations(package):
        weaker = tuple(instead.get(i, i) for i in said.ids)
        others = [tuple(to if i == of else i for i in said.ids) for of, to in forms]
        for language, limit in LIMITS.items():
            for ids in dict.fromkeys((said.ids, weaker, *others)):
                text = texts.said(ids, language)
                if text is None or (language, ids) in told:
                    continue
                told.add((language, ids))
                size = letters(text)
                # What gives way to a stronger action need not ask for anything itself.
                asks = ids != said.ids or _ACTIONS[language].search(text)
                if size > limit or not asks:
                    yield package.problem(
                        "short-text",
                        said.row.TABLE,
                        said.row,
                        said.column,
                        f"{size} letters in '{language}': {text}",
                        f"at most {limit} letters that say what to do",
                        f"Write the text {short_id(ids[0])} for page one.",
                    )


@check(
    "short-of-text",
    "A short form belongs to a text, and fills no place that the text does not.",
    needs=("texts",),
)
def check_short_places(package: Package) -> Found:
    """Compare the places of a short form with those of its text."""
    texts = {(r.id, r.language): r.text for r in package.rows(CuratedText)}
    for row in package.rows(CuratedText):
        if not row.id.startswith(f"{SHORT}-"):
            continue
        whole = texts.get((row.id.removeprefix(f"{SHORT}-"), row.language))
        given = (placeholders(whole or "") or set()) | {"drug", "Drug"}
        more = (placeholders(row.text) or set()) - given
        if whole is None or more:
            yield package.problem(
                "short-of-text",
                "texts",
                row,
                "id",
                row.id,
                f"only the places {sorted(given)}" if whole else "a text of the same name",
                "Write the places as the text does, or correct the id.",
            )
