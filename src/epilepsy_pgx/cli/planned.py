"""The options of a run in batches: a sample sheet, or the plan that was made of it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from epilepsy_pgx.cli.options import Decorator, build_option, gather, path_option, sheet_option

if TYPE_CHECKING:
    from epilepsy_pgx.pipeline.planned import PlanFolder, PlannedSheet

batch_size_option = click.option(
    "--batch-size",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="Patients per batch; must be the number the run was planned with.",
)
sheet_build_option = build_option("Genome build of sheet rows without one.", required=False)


def _planned(
    sheet: Path | None, plan: Path | None, batch_size: int, build: str | None
) -> "PlannedSheet | PlanFolder | None":
    from epilepsy_pgx.pipeline.planned import PlanFolder, PlannedSheet
    from epilepsy_pgx.vocabulary import GenomeBuild

    if plan is not None:
        if sheet is not None:
            raise click.UsageError("Specify --samples or --plan, not both.")
        return PlanFolder(plan)
    if sheet is None:
        return None
    return PlannedSheet(sheet, batch_size, GenomeBuild(build) if build else None)


def _needed(planned: "PlannedSheet | PlanFolder | None") -> "PlannedSheet | PlanFolder":
    if planned is None:
        raise click.UsageError("Missing option '--samples' or '--plan'.")
    return planned


def planned_options(*more: Decorator, sheet: Decorator | None = None) -> Decorator:
    """Return the options of a run cut into batches: the parameter `planned`.

    Parameters
    ----------
    more
        Options to list behind that of the sheet.
    sheet
        The option of the sheet, if the command can do without.
    """
    gathered = gather(
        "planned",
        _planned,
        sheet or sheet_option("Sample sheet, to be cut into batches anew.", required=False),
        path_option("--plan", text="Folder of the plan that 'plan' wrote, in place of a sheet."),
        *more,
        batch_size_option,
        sheet_build_option,
    )
    if sheet is not None:
        return gathered
    needed = gather("planned", _needed)
    return lambda function: gathered(needed(function))
