"""Check that what is weighed of each drug can hold for a patient, and has one place."""

from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.conditions.base import Tables
from epilepsy_pgx.reference.conditions.registry import problem_of
from epilepsy_pgx.reference.rows import CuratedText, PlannedMatter


@check(
    "planned-matters",
    "A matter that is weighed of each drug can be entered, and has a text and one place.",
    needs=("planned_matters",),
)
def check_matters(package: Package) -> Found:
    """Look at the condition, the text and the place of each matter."""
    tables = package.once(Tables)
    texts = {row.id for row in package.rows(CuratedText)}
    places: dict[int, str] = {}
    orders: dict[str, int] = {}
    for row in package.rows(PlannedMatter):
        fault = problem_of(row.condition, tables)
        if fault is not None:
            column, expected = fault
        elif row.text_id not in texts:
            column, expected = "text_id", "a text of texts.tsv"
        elif (
            places.setdefault(row.order, row.text_id) != row.text_id
            or orders.setdefault(row.text_id, row.order) != row.order
        ):
            column, expected = "order", "one place for all rows of a text, and for them alone"
        else:
            continue
        yield package.problem(
            "planned-matters",
            PlannedMatter.TABLE,
            row,
            column,
            row.cells()[column] or ".",
            expected,
            "Correct the row.",
        )
