"""The commands `epilepsy-pgx reference ...`: read, call one function, write."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from epilepsy_pgx.cli.base import Exit, Group, say
from epilepsy_pgx.cli.options import PATH, build_option, gather, overlay_option
from epilepsy_pgx.errors import counted

_directory = click.argument("directory", type=PATH, required=False)


def _form(text: str, *forms: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(
        "--format", "form", type=click.Choice(["text", *forms]), default="text", help=text
    )


def _folder(given: Path | None) -> Path:
    from epilepsy_pgx.reference.package import default_reference_dir

    return given if given is not None else default_reference_dir()


@click.group(cls=Group)
def reference() -> None:
    """Work on the curated tables: check, compare, install sequences."""


@reference.command()
@_directory
@_form("For a person, a program, or GitHub's annotations.", "json", "github")
@click.option(
    "--git-ref",
    help="Compare with this commit, branch or tag: changed rows need a "
    "line in CHANGES.tsv and a higher version.",
)
@click.option("--only", multiple=True, help="Run only this check; may be repeated.")
@click.option("--list", "show", flag_value="list", help="List the checks and what each requires.")
@click.option(
    "--stats", "show", flag_value="stats", help="Check nothing: count what the tables hold."
)
@overlay_option
def check(
    directory: Path | None,
    form: str,
    git_ref: str | None,
    only: tuple[str, ...],
    show: str | None,
    overlay: Path | None,
) -> Exit:
    """Check every row of the tables; exit code 0 if no problem is found, else 2."""
    from epilepsy_pgx.reference.check import format_problems, list_checks, run_checks
    from epilepsy_pgx.response.can_fire import CHECK

    if show == "list":
        for item in list_checks():
            click.echo(f"{item.id}\t{item.description}")
        return Exit.DONE
    if show == "stats":
        from epilepsy_pgx.reference.package import load_reference
        from epilepsy_pgx.reference.stats import format_stats, table_stats

        click.echo(format_stats(table_stats(load_reference(_folder(directory))), form), nl=False)
        return Exit.DONE
    if overlay is not None:
        from epilepsy_pgx.reference.overlay_check import check_overlay

        if git_ref or only:
            raise click.UsageError("--overlay checks the overlay, with every check.")
        problems = check_overlay(overlay, _folder(directory))
    else:
        problems = run_checks(_folder(directory), git_ref, only or None, (CHECK,))
    click.echo(format_problems(problems, form), nl=False)
    return Exit.NOTHING_RAN if problems else Exit.DONE


@reference.command()
@click.argument("old")
@click.argument("new", required=False)
@_form("For a person or a program.", "json")
@click.option("--reports", is_flag=True, help="Also name the example reports that change.")
@overlay_option
@click.pass_context
def diff(
    ctx: click.Context, old: str, new: str | None, form: str, reports: bool, overlay: Path | None
) -> None:
    """Show what changed between two versions of the tables: folders or git refs.

    A git ref is looked up in the repository of the folder NEW, or of the tables in use.
    """
    from epilepsy_pgx.reference.diff import (
        changed_reports,
        diff_json,
        diff_states,
        diff_text,
        open_state,
        state_folder,
    )
    from epilepsy_pgx.reference.history import compare_tables

    package = Path(new) if new is not None and Path(new).is_dir() else _folder(None)
    later = new if new is not None else str(package)
    make = (ctx.find_object(dict) or {}).get("make_reports")
    if reports and make is None:
        raise click.UsageError("There are no example patients beside these tables.")
    before, after = open_state(old, package), open_state(later, package)
    names = None
    if reports and make is not None:
        with state_folder(old, package) as one, state_folder(later, package) as two:
            names = changed_reports(one, two, make)
    told = None
    if overlay is not None:
        from epilepsy_pgx.reference.overlay_check import touched

        told = touched(overlay, package, [*compare_tables(before, after.tables, after.schemas)])
    write = diff_json if form == "json" else diff_text
    click.echo(write(before, after, diff_states(before, after), names, told), nl=False)


def _places(cpic: str | None, ensembl: str | None, pharmcat: str | None) -> dict[str, str]:
    """Return where what is published lies, the usual addresses where none is given."""
    from epilepsy_pgx.reference import upstream as method

    return {
        "cpic": cpic or method.CPIC_API,
        "ensembl": ensembl or method.ENSEMBL_API,
        "pharmcat": pharmcat or method.PHARMCAT_DATA,
    }


@reference.command()
@_directory
@click.option(
    "--cache",
    type=PATH,
    default=Path(".epilepsy-pgx-upstream"),
    show_default=True,
    help="Cache folder for answers.",
)
@click.option("--offline", is_flag=True, help="Use cached answers only.")
@gather(
    "places",
    _places,
    click.option("--cpic", help="URL of the CPIC API."),
    click.option("--ensembl", help="Address of the Ensembl REST service."),
    click.option("--pharmcat", help="Address of the folder of PharmCAT's phenotype files."),
)
@_form("A table, JSON, or a proposal for git apply.", "json", "diff")
def upstream(
    directory: Path | None, cache: Path, offline: bool, places: dict[str, str], form: str
) -> None:
    """Compare the tables with CPIC, PharmCAT and Ensembl; print differences, change nothing."""
    from epilepsy_pgx.reference import upstream as method
    from epilepsy_pgx.reference.package import load_reference
    from epilepsy_pgx.reference.proposal import proposal_text
    from epilepsy_pgx.reference.web import WebClient

    ref = load_reference(_folder(directory))
    drifts = method.check_upstream(ref, WebClient(cache=cache, offline=offline), **places)
    if form == "diff":
        click.echo(proposal_text(ref, drifts), nl=False)
        return
    write = method.drift_json if form == "json" else method.drift_table
    click.echo(write(drifts), nl=False)


@reference.command()
@_directory
@build_option("Build of the slices; with --check both builds unless one is given.", required=False)
@click.option(
    "--fasta", help="FASTA of the build, whole or of one chromosome: a file, or an indexed URL."
)
@click.option("--download", "how", flag_value="download", help="Download the slices from Ensembl.")
@click.option("--ensembl", help="Address of the Ensembl REST service.")
@click.option("--gene", "genes", multiple=True, help="Install this gene only; may be repeated.")
@click.option(
    "--check",
    "how",
    flag_value="check",
    help="Install nothing: say how far each gene is read, and what a FASTA would add.",
)
def install(
    directory: Path | None,
    build: str | None,
    fasta: str | None,
    how: str | None,
    ensembl: str | None,
    genes: tuple[str, ...],
) -> None:
    """Install reference slices, verified against the tables; resumes an interrupted run."""
    from epilepsy_pgx.pipeline import sequences as method
    from epilepsy_pgx.reference.package import load_reference
    from epilepsy_pgx.vocabulary import GenomeBuild

    only_check = how == "check"
    if not only_check and (fasta is None) == (how != "download"):
        raise click.UsageError("Give one of --fasta and --download.")
    if build is None and (fasta is not None or not only_check):
        raise click.UsageError("Give the --build of the sequence.")
    ref = load_reference(_folder(directory))
    only = frozenset(genes) or None
    builds = [GenomeBuild(build)] if build else list(GenomeBuild)
    if only_check:
        lines = (line for b in builds for line in method.coverage_lines(ref, b, only, fasta))
        click.echo("\n".join(lines))
        return
    request = method.Request(builds[0], fasta, ensembl, only)
    with click.progressbar(length=1, label=f"Slices of {build}", file=sys.stderr) as bar:

        def show(now: int, of: int) -> None:
            bar.length = of
            bar.update(now - bar.pos)

        done, notes = method.install(ref, request, show)
    for note in notes:
        say(f"note: {note}")
    click.echo(
        f"{done.path}: {counted(done.slices, 'slice')}, {counted(done.bases, 'base')}, "
        f"{counted(len(done.genes), 'gene')} "
        f"proved, {done.digest}"
    )
    if only and not only & set(done.genes):
        say(f"error: not installed: {', '.join(sorted(only))}")
        raise click.exceptions.Exit(Exit.NOTHING_RAN)


@reference.command()
@_directory
@click.option("--dictionary", type=PATH, help="Write the data dictionary to this file.")
def describe(directory: Path | None, dictionary: Path | None) -> None:
    """Build datapackage.json from the schemas and the tables, and the data dictionary."""
    from epilepsy_pgx.reference.describe import dictionary_text, write_descriptor

    folder = _folder(directory)
    click.echo(str(write_descriptor(folder)))
    if dictionary is not None:
        dictionary.write_text(dictionary_text(folder), encoding="utf-8")
        click.echo(str(dictionary))


@reference.command()
@_directory
def sort(directory: Path | None) -> None:
    """Put the rows of the tables into the order of their keys; name the files that changed."""
    from epilepsy_pgx.reference.arrange import sort_tables

    for path in sort_tables(_folder(directory)):
        click.echo(str(path))


@reference.command()
@_directory
@click.option("--xlsx", type=PATH, required=True, help="Spreadsheet to write.")
@click.option("--table", "tables", multiple=True, help="Only this table; may be repeated.")
def export(directory: Path | None, xlsx: Path, tables: tuple[str, ...]) -> None:
    """Write the tables into a spreadsheet, one sheet each, every cell as text."""
    from epilepsy_pgx.reference.spreadsheet import export_xlsx

    written = export_xlsx(_folder(directory), xlsx, tables)
    click.echo(f"{xlsx}: {counted(len(written), 'table')}")


@reference.command("import")
@click.argument("spreadsheet", type=PATH)
@_directory
@click.option("--yes", is_flag=True, help="Write without asking.")
def import_(spreadsheet: Path, directory: Path | None, yes: bool) -> None:
    """Show what a spreadsheet changes in the tables, ask, and write it.

    Nothing is written unless every sheet can be read. Check and describe the tables afterwards.
    """
    from epilepsy_pgx.reference.spreadsheet import read_xlsx, write_proposal

    folder = _folder(directory)
    proposal = read_xlsx(spreadsheet, folder)
    click.echo(proposal.text, nl=False)
    if not proposal.tables:
        return
    if not yes:
        click.confirm("Write these changes?", abort=True, err=True)
    for path in write_proposal(proposal, folder):
        click.echo(str(path))
