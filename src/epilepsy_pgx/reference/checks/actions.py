"""Checks of what the texts ask for: every action has a class, and the ranks lead nowhere back."""

from collections import defaultdict

from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.checks.words import placeholders
from epilepsy_pgx.reference.rows import ActionRank, ActionText, CuratedText, DrugRule, TextForm
from epilepsy_pgx.reference.rows.words import FormWhen
from epilepsy_pgx.vocabulary import STOPPED, ActionClass, Response

ACTION = "action-"
"""First part of the ids of texts that say what to do."""


@check(
    "action-classified",
    "Every text that says what to do has a class, and what is said instead "
    "of a text asks for nothing that could be outranked.",
    needs=("actions", "texts"),
)
def check_classes(package: Package) -> Found:
    """Look up the texts of the action columns and of the ids that begin with `action-`."""
    classes = {r.text_id: r.action_class for r in package.every(ActionText)}
    instead = {r.text_instead for r in package.every(ActionText)}
    for row in package.rows(CuratedText):
        text_id = row.id
        if (
            text_id.startswith(ACTION)
            and row.language == "en"
            and text_id not in classes
            and text_id not in instead
        ):
            yield package.problem(
                "action-classified",
                "texts",
                row,
                "id",
                text_id,
                "an id of actions.tsv",
                "Give the action a class.",
            )
    for table in sorted(package.tables):
        for column in ("text_naive", "text_taking", "text_reaction"):
            for cell in package.cells(table, column):
                if cell.text not in classes:
                    yield package.problem(
                        "action-classified",
                        table,
                        cell,
                        column,
                        cell.text,
                        "an id of actions.tsv",
                        "Give the action a class.",
                    )
    for action in package.rows(ActionText):
        other = action.text_instead
        if other in classes:
            yield package.problem(
                "action-classified",
                "actions",
                action,
                "text_instead",
                other,
                "a text without a class",
                "Write what still holds.",
            )
        holding = action.action_class in (ActionClass.CONTINUE, ActionClass.ORDER)
        needed = holding or not action.text_id.startswith(ACTION)
        if other is None and needed:
            yield package.problem(
                "action-classified",
                "actions",
                action,
                "text_instead",
                None,
                "a text without the words that give way",
                "Write the finding, or the part that still holds.",
            )


@check(
    "action-once",
    "No two actions read the same: what is said once is known by its id.",
    needs=("actions", "texts"),
)
def check_once(package: Package) -> Found:
    """Compare the English wording of the actions."""
    classified = {r.text_id for r in package.every(ActionText)}
    seen: dict[str, str] = {}
    for row in package.rows(CuratedText):
        text_id, text = row.id, row.text or ""
        if row.language != "en" or text_id not in classified:
            continue
        if not text_id.startswith(ACTION):
            continue
        if text in seen:
            yield package.problem(
                "action-once",
                "texts",
                row,
                "text",
                text,
                "words that no other action has",
                f"Use {seen[text]}.",
            )
        seen.setdefault(text, text_id)


@check(
    "action-instead",
    "What is said instead of a text fills no place that the text does not.",
    needs=("actions", "texts"),
)
def check_places(package: Package) -> Found:
    """Compare the places of a text and of what may stand for it."""
    texts = {r.id: r.text or "" for r in package.every(CuratedText) if r.language == "en"}
    drug = {"drug", "Drug"}
    for row in package.rows(ActionText):
        other = row.text_instead
        if other is None or other not in texts or row.text_id not in texts:
            continue
        given = (placeholders(texts[row.text_id]) or set()) | drug
        if row.drugs:
            given |= {STOPPED}
        more = (placeholders(texts[other]) or set()) - given
        if more:
            yield package.problem(
                "action-instead",
                "actions",
                row,
                "text_instead",
                other,
                f"only the places {sorted(given)}",
                "Use the same names.",
            )


@check(
    "text-form",
    "What is said instead of a text fills no place that the text does not, and no drug in use is "
    "spoken of as one to consider.",
    needs=("text_forms", "texts", "drug_rules"),
)
def check_forms(package: Package) -> Found:
    """Compare the places of a text and of its other forms, and look for forms that are missing."""
    texts = {r.id: r.text or "" for r in package.every(CuratedText) if r.language == "en"}
    in_use = {r.text_id for r in package.every(TextForm) if r.when == FormWhen.TAKEN}
    for row in package.rows(TextForm):
        for asked, column, words in (
            ((FormWhen.SIGN,), "signs", row.signs),
            ((FormWhen.SYNDROME, FormWhen.SYNDROME_POSSIBLE), "syndromes", row.syndromes),
        ):
            if (row.when in asked) != bool(words):
                yield package.problem(
                    "text-form",
                    "text_forms",
                    row,
                    column,
                    "|".join(words),
                    f"{column} for `{'`, `'.join(asked)}`, none for any other form",
                    "Name them, or take them out.",
                )
        given = (placeholders(texts.get(row.text_id, "")) or set()) | {"drug", "Drug"}
        more = (placeholders(texts.get(row.text_said, "")) or set()) - given
        if more:
            yield package.problem(
                "text-form",
                "text_forms",
                row,
                "text_said",
                row.text_said,
                f"only the places {sorted(given)}",
                "Use the same names.",
            )
    for rule in package.rows(DrugRule):
        if rule.response == Response.MAY_FAVOUR and rule.text_id not in in_use:
            yield package.problem(
                "text-form",
                "drug_rules",
                rule,
                "text_id",
                rule.text_id,
                "a text with a row `taken` in text_forms.tsv",
                "Write what is said of the drug once it is in use.",
            )


@check(
    "action-ranks",
    "No class outranks one that outranks it, and a stop gives way to nothing.",
    needs=("action_ranks",),
)
def check_ranks(package: Package) -> Found:
    """Look for circles, and for what stands above a stop."""
    over: dict[str, set[str]] = defaultdict(set)
    for row in package.every(ActionRank):
        over[row.action_class or ""].add(row.over)

    def below(word: str) -> set[str]:
        found: set[str] = set()
        todo = [word]
        while todo:
            new = over.get(todo.pop(), set()) - found
            found |= new
            todo += new
        return found

    for row in package.rows(ActionRank):
        if row.action_class in below(row.over) or row.action_class == row.over:
            yield package.problem(
                "action-ranks",
                "action_ranks",
                row,
                "over",
                row.over,
                "a class that does not outrank it",
                "Remove one of the rows.",
            )
        if row.over == ActionClass.STOP:
            yield package.problem(
                "action-ranks",
                "action_ranks",
                row,
                "over",
                row.over,
                "a class other than stop",
                "Nothing takes the place of a stop.",
            )
