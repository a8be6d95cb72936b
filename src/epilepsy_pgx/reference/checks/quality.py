"""Checks of what samples are judged by."""

from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.limits import LIMITS
from epilepsy_pgx.reference.rows import CuratedRegion, QualityLimit


@check(
    "quality-limits",
    "Every limit that the quality checks apply is there once, and none "
    "besides; limits that bound a range are in order.",
    needs=("quality_limits",),
)
def check_limits(package: Package) -> Found:
    """Compare the names with those that the checks know."""
    rows = {r.name: r for r in package.rows(QualityLimit)}
    for name, row in rows.items():
        if name not in LIMITS:
            yield package.problem(
                "quality-limits",
                "quality_limits",
                row,
                "name",
                name,
                "a limit that a check applies",
                "Correct the name.",
            )
    for name in LIMITS:
        if name not in rows:
            yield package.problem(
                "quality-limits",
                "quality_limits",
                None,
                "name",
                None,
                f"a row for {name}",
                "Add the row.",
            )
    order = ("sex-depth-one-low", "sex-depth-one-high", "sex-depth-two-low")
    if all(name in rows for name in order):
        for low, high in zip(order, order[1:], strict=False):
            if rows[low].value >= rows[high].value:
                yield package.problem(
                    "quality-limits",
                    "quality_limits",
                    rows[low],
                    "value",
                    rows[low].value,
                    f"less than {high}",
                    "Correct one of the two.",
                )


@check(
    "quality-regions",
    "Regions begin before they end; what is read for genetic sex lies "
    "outside the regions that both sexes have twice.",
    needs=("quality_regions",),
)
def check_regions(package: Package) -> Found:
    """Look at each region, and at each pair on a chromosome of a build."""
    rows = package.rows(CuratedRegion)
    for row in rows:
        if row.start >= row.end:
            yield package.problem(
                "quality-regions",
                "quality_regions",
                row,
                "end",
                row.end,
                "a base after the start",
                "Correct the coordinates.",
            )
    shared = [r for r in rows if r.purpose == "shared"]
    for row in rows:
        for other in shared:
            if (
                row.purpose == "sex"
                and (row.build, row.chrom) == (other.build, other.chrom)
                and row.start < other.end
                and other.start < row.end
            ):
                yield package.problem(
                    "quality-regions",
                    "quality_regions",
                    row,
                    "start",
                    row.start,
                    f"a place outside {other.name}",
                    "Choose another window.",
                )
