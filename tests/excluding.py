"""Which actions of a line exclude each other, for tests that look for none."""

from collections.abc import Sequence

from epilepsy_pgx.response.actions import ActionTable, Said


def excluding(said: Sequence[Said], table: ActionTable) -> tuple[tuple[str, str], ...]:
    """Return the pairs of texts in one line that exclude each other, the stronger first."""
    parts = [part for item in said for part in table.parts(item)]
    return tuple(
        (one.action.text_id, other.action.text_id)
        for one in parts
        for other in parts
        if table.outranks(one, other)
    )
