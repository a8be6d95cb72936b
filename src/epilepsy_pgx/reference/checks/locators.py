"""Check of where in a source a statement stands."""

from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.locators import LOCATED
from epilepsy_pgx.reference.rows import Locator


@check("locator-row", "A locator is of a row that exists.", needs=("locators",))
def check_rows(package: Package) -> Found:
    """Look up the row of each locator.

    The source need not be one that the row cites: who looks a statement up elsewhere adds to its
    sources here, without touching the row.
    """
    known = {(row.TABLE, row.key) for record in LOCATED for row in package.every(record)}
    for at in package.rows(Locator):
        if (at.table, at.row) not in known:
            yield package.problem(
                "locator-row",
                "locators",
                at,
                "row",
                at.row,
                f"the key of a row of {at.table}.tsv",
                "Correct the key, or remove the locator of a row that is gone.",
            )
