"""Write the entry form into a folder."""

from pathlib import Path

from epilepsy_pgx.files import write_text
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.texts import check_language
from epilepsy_pgx.report.entryform.page import render_form
from epilepsy_pgx.report.entryform.questionnaire import render_questionnaire


def write_form(out: Path, ref: Reference, language: str = "en") -> tuple[Path, Path]:
    """Write the page and the questionnaire; return their paths.

    Parameters
    ----------
    out
        Folder to write into.
    ref
        The data package.
    language
        Language of both.

    Raises
    ------
    ConfigError
        If the tables lack texts of the language.
    """
    check_language(ref, language)
    page, questionnaire = out / "entry.html", out / "questionnaire.json"
    write_text(page, render_form(ref, language))
    write_text(questionnaire, render_questionnaire(ref, language))
    return page, questionnaire
