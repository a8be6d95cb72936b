"""The commands `epilepsy-pgx reference ...`: read, call one function, write."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from epilepsy_pgx.cli.base import Exit, Group, say
from epilepsy_pgx.cli.options import PATH, build_option

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
@click.option("--list", "listing", is_flag=True, help="List the checks and what each requires.")
def check(
    directory: Path | None, form: str, git_ref: str | None, only: tuple[str, ...], listing: bool
) -> Exit:
    """Check every row of the tables; exit code 0 if no problem is found, else 2."""
    from epilepsy_pgx.reference.check import format_problems, list_checks, run_checks
    from epilepsy_pgx.response.can_fire import CHECK

    if listing:
        for item in list_checks():
            click.echo(f"{item.id}\t{item.description}")
        return Exit.DONE
    problems = run_checks(_folder(directory), git_ref, only or None, (CHECK,))
    click.echo(format_problems(problems, form), nl=False)
    return Exit.NOTHING_RAN if problems else Exit.DONE


@reference.command()
@click.argument("old")
@click.argument("new", required=False)
@_form("For a person or a program.", "json")
@click.option("--reports", is_flag=True, help="Also name the example reports that change.")
@click.pass_context
def diff(ctx: click.Context, old: str, new: str | None, form: str, reports: bool) -> None:
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
    write = diff_json if form == "json" else diff_text
    click.echo(write(before, after, diff_states(before, after), names), nl=False)


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
@click.option("--cpic", help="URL of the CPIC API.")
@click.option("--ensembl", help="Address of the Ensembl REST service.")
@_form("A table, or JSON.", "json")
def upstream(
    directory: Path | None,
    cache: Path,
    offline: bool,
    cpic: str | None,
    ensembl: str | None,
    form: str,
) -> None:
    """Compare the tables with CPIC and Ensembl; print the differences, change nothing."""
    from epilepsy_pgx.reference import upstream as method
    from epilepsy_pgx.reference.package import load_reference
    from epilepsy_pgx.reference.web import WebClient

    drifts = method.check_upstream(
        load_reference(_folder(directory)),
        WebClient(cache=cache, offline=offline),
        cpic=cpic or method.CPIC_API,
        ensembl=ensembl or method.ENSEMBL_API,
    )
    write = method.drift_json if form == "json" else method.drift_table
    click.echo(write(drifts), nl=False)


@reference.command()
@_directory
@build_option("Build of the slices.", required=True)
@click.option("--fasta", help="Indexed FASTA of the build: a path or a URL.")
@click.option("--download", is_flag=True, help="Download the slices from Ensembl.")
@click.option("--ensembl", help="Address of the Ensembl REST service.")
def install(
    directory: Path | None, build: str, fasta: str | None, download: bool, ensembl: str | None
) -> None:
    """Install reference slices, verified against the tables; resumes an interrupted run."""
    from epilepsy_pgx.reference import install as method
    from epilepsy_pgx.reference.package import load_reference
    from epilepsy_pgx.reference.web import WebClient
    from epilepsy_pgx.vocabulary import GenomeBuild

    if (fasta is None) == (not download):
        raise click.UsageError("Give one of --fasta and --download.")
    chosen = GenomeBuild(build)
    ref = load_reference(_folder(directory))
    address = ensembl or method.ENSEMBL[chosen]
    intervals = method.wanted_intervals(ref, chosen)
    if fasta is not None:
        fetch = method.fetch_from_fasta(fasta, sorted({s[0] for s in intervals}))
    else:
        fetch = method.fetch_from_ensembl(WebClient(), address)
    with click.progressbar(
        length=len(intervals), label=f"Slices of {build}", file=sys.stderr
    ) as bar:
        done = method.install_sequences(
            ref,
            chosen,
            fetch,
            source=Path(fasta).name if fasta else address,
            progress=lambda now, _: bar.update(now - bar.pos),
        )
    for note in done.notes:
        say(f"note: {note}")
    click.echo(
        f"{done.path}: {done.slices} slices, {done.bases} bases, {len(done.genes)} genes "
        f"proved, {done.digest}"
    )


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
