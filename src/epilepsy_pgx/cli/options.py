"""Every option that several commands have, declared once, and the values made of options.

A command gets few values in place of many options: `gather` says what is made of which.
"""

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from epilepsy_pgx.cli.base import Command
from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.report.formats import CHOICES, DEFAULTS, FORMATS

if TYPE_CHECKING:
    from epilepsy_pgx.intake.clinvar import ClinvarFile
    from epilepsy_pgx.pipeline.job import Method, NamedFiles
    from epilepsy_pgx.pipeline.predict import RunSettings
    from epilepsy_pgx.pipeline.write import Output
    from epilepsy_pgx.reference.package import Reference
    from epilepsy_pgx.report.letterhead import Letterhead
    from epilepsy_pgx.report.wording import Wording
    from epilepsy_pgx.variants.record import Thresholds

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
PATH = click.Path(path_type=Path, readable=False)
"""A file that may not be read is its patient's problem, not a wrong command line."""
_BUILDS = click.Choice(["GRCh37", "GRCh38"])


def command(**given: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """Return what makes a function a command that knows `-v` and `-q`."""
    return click.command(cls=Command, **given)


def gather(name: str, make: Callable[..., Any], *options: Decorator) -> Decorator:
    """Give a command one value in place of several options.

    Parameters
    ----------
    name
        The command's parameter that gets the value.
    make
        Makes it; its parameters are named like the options, or like values that decorators above
        this one gather.
    options
        The options, as `--help` lists them; without those that stand by themselves above.

    Examples
    --------
    >>> @click.command()
    ... @gather("size", lambda high, wide: high * wide,
    ...         click.option("--high", type=int), click.option("--wide", type=int))
    ... def show(size):
    ...     return size
    >>> show.main(["--high", "2", "--wide", "3"], standalone_mode=False)
    6
    """
    takes = tuple(inspect.signature(make).parameters)

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def gathered(**given: Any) -> Any:
            value = make(**{word: given.pop(word) for word in takes})
            return function(**{name: value}, **given)

        gathered.__dict__.update(gives=name, takes=takes)
        made: Callable[..., Any] = gathered
        for option in reversed(options):
            made = option(made)
        return made

    return add


def build_option(text: str, *, required: bool) -> Decorator:
    """Return the option of the genome build."""
    return click.option("--build", type=_BUILDS, required=required, help=text)


def out_option(text: str) -> Decorator:
    """Return the option of what a command writes."""
    return click.option("--out", type=PATH, required=True, help=text)


def sheet_option(text: str = "Sample sheet.", *, required: bool = True) -> Decorator:
    """Return the option of the sample sheet."""
    return click.option("--samples", "sheet", type=PATH, required=required, help=text)


def language_option(of: str) -> Decorator:
    """Return the option of the language of something."""
    return click.option("--language", default="en", show_default=True, help=f"Language of {of}.")


def path_option(*names: str, text: str, required: bool = False) -> Decorator:
    """Return an option that names a file or folder."""
    return click.option(*names, type=PATH, required=required, help=text)


# The curated tables.


def _open_tables(reference: Path | None, overlay: Path | None) -> "Reference":
    if overlay is None:
        from epilepsy_pgx.reference.package import load_reference

        return load_reference(reference)
    # The checks of an overlay take longer to import than the tables take to read.
    from epilepsy_pgx.reference.overlay_check import open_checked

    return open_checked(reference, overlay)


overlay_option = path_option(
    "--overlay", text="Folder of a hospital's own rows, which lie over the curated tables."
)


tables_option = gather(
    "ref",
    _open_tables,
    path_option("--reference", text="Folder of the curated tables (default: shipped)."),
    overlay_option,
)
"""The parameter `ref`."""


def open_words(language: str, ref: "Reference") -> "Wording":
    """Return the words of a language that the tables have."""
    from epilepsy_pgx.reference.texts import check_language
    from epilepsy_pgx.report.wording import Wording

    check_language(ref, language)
    return Wording(ref, language)


page_language_option = gather("words", open_words, language_option("the page"), tables_option)
"""The parameter `words`, of a page that shows tables of the laboratory."""

# Files that the command line names, and how they are read.


def _join_files(files: tuple[Path, ...], vcfs: tuple[Path, ...]) -> tuple[Path, ...]:
    from epilepsy_pgx.pipeline.samples import distinct_files

    if not (files or vcfs):
        raise click.UsageError("Specify a VCF, as an argument or with --vcf.")
    return distinct_files([*vcfs, *files])


vcf_options = gather(
    "vcfs",
    _join_files,
    click.argument("files", type=PATH, nargs=-1, metavar="[VCF]..."),
    click.option(
        "--vcf",
        "vcfs",
        type=PATH,
        multiple=True,
        help="VCF, gVCF or BCF, compressed or not; repeatable. Files may also be given "
        "as plain arguments, so that patterns such as *.vcf.gz work.",
    ),
)
"""The parameter `vcfs`: each file after --vcf, or as a plain argument."""
named_build_option = build_option(
    "Genome build of the files; checked, never guessed.", required=True
)
callable_option = click.option(
    "--callable",
    "covers",
    default=None,
    metavar="all|BED",
    help="Where a position without a record is reference: a BED, or 'all' for a variants-only "
    "whole genome. Default: nowhere.",
)
fasta_option = path_option(
    "--reference-fasta",
    text="Indexed FASTA of the build; without it novel variants are sought in shipped slices only.",
)


def _frequency_option(text: str) -> Decorator:
    return click.option(
        "--frequency-field", "frequency_fields", multiple=True, metavar="FIELD", help=text
    )


def _thresholds(
    min_quality: int,
    min_depth: int,
    min_balance: float,
    min_gencall: float,
    class_field: str,
    frequency_fields: tuple[str, ...],
) -> "Thresholds":
    from epilepsy_pgx.variants.record import Thresholds

    return Thresholds(
        min_quality,
        min_depth,
        min_balance,
        class_field=class_field,
        frequency_fields=frequency_fields,
        gencall_score=min_gencall,
    )


threshold_options = gather(
    "thresholds",
    _thresholds,
    click.option(
        "--min-quality",
        type=int,
        default=20,
        show_default=True,
        help="Minimum genotype quality; a call below it counts as no call.",
    ),
    click.option(
        "--min-depth",
        type=int,
        default=8,
        show_default=True,
        help="Minimum read depth; a call below it counts as no call.",
    ),
    click.option(
        "--min-balance",
        type=float,
        default=0.2,
        show_default=True,
        help="Minimum fraction of reads for each allele of a heterozygous call.",
    ),
    click.option(
        "--min-gencall",
        type=click.FloatRange(0, 1),
        default=0.15,
        show_default=True,
        help="Minimum GenCall score of an array genotype.",
    ),
    click.option(
        "--class-field",
        default="CLNSIG",
        show_default=True,
        help="INFO field of the VCF with the ACMG class.",
    ),
    _frequency_option(
        "INFO field with the frequency of an allele in a population, such as gnomADe_AF; "
        "repeatable. The file's own AF, AC and AN are refused."
    ),
)
"""The parameter `thresholds`."""


def _stated(
    min_quality: int | None,
    min_depth: int | None,
    min_balance: float | None,
    min_gencall: float | None,
    class_field: str | None,
    frequency_fields: tuple[str, ...],
) -> dict[str, object]:
    given = {
        "quality": min_quality,
        "depth": min_depth,
        "balance": min_balance,
        "gencall_score": min_gencall,
        "class_field": class_field,
        "frequency_fields": frequency_fields or None,
    }
    return {name: value for name, value in given.items() if value is not None}


stated_thresholds = gather(
    "stated",
    _stated,
    click.option(
        "--min-quality",
        type=int,
        default=None,
        help="Minimum genotype quality of the extraction, to be checked.",
    ),
    click.option(
        "--min-depth",
        type=int,
        default=None,
        help="Minimum read depth of the extraction, to be checked.",
    ),
    click.option(
        "--min-balance",
        type=float,
        default=None,
        help="Minimum allele balance of the extraction, to be checked.",
    ),
    click.option(
        "--min-gencall",
        type=float,
        default=None,
        help="Minimum GenCall score of the extraction, to be checked.",
    ),
    click.option(
        "--class-field", default=None, help="Class field of the extraction, to be checked."
    ),
    _frequency_option("Frequency field of the extraction, to be checked; repeatable."),
)
"""The parameter `stated`: the thresholds that the user gave, by name."""


def _named_files(vcfs: tuple[Path, ...], build: str, covers: str | None) -> "NamedFiles":
    from epilepsy_pgx.pipeline.job import NamedFiles
    from epilepsy_pgx.vocabulary import GenomeBuild

    return NamedFiles(vcfs, GenomeBuild(build), covers)


def _method(ref: "Reference", reference_fasta: Path | None, thresholds: "Thresholds") -> "Method":
    from epilepsy_pgx.pipeline.job import Method

    return Method(ref, reference_fasta, thresholds)


with_files = gather("files", _named_files)
"""The parameter `files`, of `vcf_options`, `named_build_option` and `callable_option`."""
with_method = gather("method", _method)
"""The parameter `method`, of `fasta_option`, `tables_option` and `threshold_options`."""

# What is written.


def _open_copies(copies: tuple[Path, ...], day: str) -> "tuple[ClinvarFile, ...]":
    """Read the headers of copies of ClinVar; `day` is that of the report."""
    if not copies:
        return ()
    from epilepsy_pgx.intake.clinvar import open_clinvar

    return tuple(open_clinvar(path, day) for path in copies)


def _copies_of_today(copies: tuple[Path, ...]) -> "tuple[ClinvarFile, ...]":
    from datetime import date

    return _open_copies(copies, date.today().isoformat())


_clinvar_option = click.option(
    "--clinvar",
    "copies",
    type=PATH,
    multiple=True,
    help="ClinVar's VCF of the build, compressed or not; repeatable, one a build. Its classes "
    "inform and never ask for action.",
)
clinvar_option = gather("clinvar", _copies_of_today, _clinvar_option)
"""The parameter `clinvar`, for commands without a date of the report."""


def _settings(language: str, created: str | None, copies: tuple[Path, ...]) -> "RunSettings":
    from datetime import date

    from epilepsy_pgx.intake.table import is_day
    from epilepsy_pgx.pipeline.predict import RunSettings

    if created is None:
        created = date.today().isoformat()
    elif not is_day(created):
        raise ConfigError.one(
            "date", column="--date", found=repr(created), expected="a date such as 2026-03-31"
        )
    return RunSettings(created, language, clinvar=_open_copies(copies, created))


settings_options = gather(
    "settings",
    _settings,
    language_option("the report"),
    click.option(
        "--date",
        "created",
        default=None,
        metavar="YYYY-MM-DD",
        help="Date on the report (default: today).",
    ),
    _clinvar_option,
)
"""The parameter `settings`."""
formats_option = click.option(
    "--formats",
    default=",".join(DEFAULTS),
    show_default=True,
    help=f"Files to write for each patient, joined by commas: {', '.join(FORMATS)}.",
)
reports_option = click.option(
    "--reports",
    "chosen",
    type=click.Choice(CHOICES),
    default="all",
    show_default=True,
    help="Patients whose report files are written: all; those with an urgent, act or consider "
    "statement or a failed check; none. The tables include every patient.",
)


def read_formats(text: str) -> tuple[str, ...]:
    """Return the formats that `--formats` names.

    Raises
    ------
    ConfigError
        If it names none, or one that does not exist or cannot be written here.
    """
    chosen = tuple(dict.fromkeys(w.strip() for w in text.split(",") if w.strip()))
    if not chosen or not set(chosen) <= set(FORMATS):
        raise ConfigError.one(
            "formats", column="--formats", found=repr(text), expected=", ".join(FORMATS)
        )
    lacking = [problem for name in chosen for problem in FORMATS[name].lacking]
    if lacking:
        raise ConfigError(lacking)
    return chosen


def _letterhead(
    laboratory: str, address: tuple[str, ...], accreditation: str, logo: Path | None
) -> "Letterhead":
    from epilepsy_pgx.report.letterhead import read_letterhead

    return read_letterhead(laboratory, address, accreditation, logo)


letterhead_options = gather(
    "letterhead",
    _letterhead,
    click.option(
        "--laboratory",
        default="",
        help="Name of the laboratory, printed at the top of HTML and PDF.",
    ),
    click.option(
        "--address", multiple=True, metavar="LINE", help="Line of its address; repeatable."
    ),
    click.option("--accreditation", default="", help="Accreditation statement of the laboratory."),
    path_option(
        "--logo",
        text="Logo of the laboratory, PNG or SVG; its digest is one of the report's parameters.",
    ),
    click.option(
        "--paper",
        type=click.Choice(("a4", "letter")),
        default="a4",
        show_default=True,
        help="Paper size of page and PDF.",
    ),
)
"""The parameters `letterhead` and `paper`."""


def _output(out: Path, formats: str, chosen: str, paper: str, letterhead: "Letterhead") -> "Output":
    from epilepsy_pgx.pipeline.write import Output

    return Output(out, read_formats(formats), chosen, paper, letterhead)


with_output = gather("output", _output)
"""The parameter `output`, of `--out`, `--formats`, `--reports` and `letterhead_options`."""
