"""The commands that answer from the curated tables: `explain`, `selftest`."""

from typing import TYPE_CHECKING

import click

from epilepsy_pgx.cli import options
from epilepsy_pgx.cli.base import Exit, complain

if TYPE_CHECKING:
    from epilepsy_pgx.reference.package import Reference


@options.command()
@options.tables_option
def selftest(ref: "Reference") -> Exit:
    """Check known answers on this machine."""
    from epilepsy_pgx.pipeline.selftest import run_selftest

    wrong = run_selftest(ref, click.echo)
    if wrong:
        complain([f"{wrong} known answers are wrong: do not use this installation"])
        return Exit.BUG
    return Exit.DONE


@options.command()
@click.argument("words", nargs=-1, required=True, metavar="DRUG | GENE DIPLOTYPE | ROW-ID")
@click.option(
    "--gene",
    "genes",
    multiple=True,
    metavar="GENE=RESULT",
    help="Result to assume for a drug: CYP2C9=*1/*3, HLA-B=+*15:02, SCN1A=lof_plp, "
    "'CYP2C19=Poor Metabolizer'.",
)
@click.option(
    "--context",
    multiple=True,
    metavar="COLUMN=VALUE",
    help="Clinical entry to assume for a drug, as in the sample sheet.",
)
@options.language_option("the texts")
@options.tables_option
def explain(
    words: tuple[str, ...],
    genes: tuple[str, ...],
    context: tuple[str, ...],
    language: str,
    ref: "Reference",
) -> Exit:
    """Print the chain from a genotype, a drug or a table row to what a report would say.

    Examples: explain phenytoin --gene 'CYP2C9=*3/*3'; explain CYP2C19 '*2/*17';
    explain hla-b-1502-carbamazepine
    """
    from epilepsy_pgx.pipeline.explain import explain_words

    click.echo(explain_words(words, genes, context, ref, language), nl=False)
    return Exit.DONE
