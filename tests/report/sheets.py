"""Patients of every kind as reports, and their pages one on sheets of paper."""

import re
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from epilepsy_pgx.authorisation import Authorisation, Changes, Signatory
from epilepsy_pgx.clinical_entry import DrugExposure
from epilepsy_pgx.model import PatientReport, PlannedDrug
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.report import html
from epilepsy_pgx.report.html import HtmlRenderer
from epilepsy_pgx.report.pageone import plan_page_one
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.statement import Message, Value
from epilepsy_pgx.vocabulary import ReportStatus
from tests.chromium import LAUNCH
from tests.report.examples import example_reports
from tests.response.builders import Case
from tests.response.strategies import DRUGS, cases

LONG = "Maximiliana Wolfeschlegelsteinhausenbergerdorff-Abendroth de la Concepción"
UNREAD = "coverage-no-sequence"
STYLES = ("style", "dense style")
"""Under which names the style of pages stands, and that of pages printed densely."""
_NO_ROOM = "height:0;margin:0;line-height:0"
"""Of what ends the page of a patient in a file with those of many."""
_DENSE = '<main class="dense">'


@cache
def patients(count: int) -> tuple[PatientReport, ...]:
    """Return generated patients, the same each time; their entries and formalities vary."""
    drawn: list[Case] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases())
    def collect(case: Case) -> None:
        drawn.append(case)

    collect()
    engine = ResponseEngine(load_reference())
    return tuple(_report(number, case, engine) for number, case in enumerate(drawn[:count]))


def _report(number: int, case: Case, engine: ResponseEngine) -> PatientReport:
    example = example_reports()["EX05"]
    clinical = case.clinical
    if number % 7 == 3:
        taken = tuple(DrugExposure(d, True, "2020-01-01", entered=d) for d in DRUGS[:9])
        clinical = replace(clinical, current=taken)
    if number % 5 == 2:
        planned = tuple(PlannedDrug(d, True, d) for d in ("cenobamate", "phenytoin"))
        clinical = replace(clinical, planned=planned)
    said = engine.interpret(case.genes, case.findings, case.coverage, clinical)
    odd = (Message("not-considered", (Value("word", ("Novumab",)),)),) * (number % 4)
    said = replace(
        said,
        next_tests=example.interpretation.next_tests,
        not_considered=(*said.not_considered, *odd),
    )
    released = Authorisation(
        LONG,
        "consultant clinical geneticist",
        "2026-11-26",
        f"sha256:{'0' * 64}",
        "sha256:1",
        2,
        "R-BEFORE v1",
        "a new class of a variant was given by the laboratory",
        review=Signatory("Tess T.", "technician", "2026-11-25"),
        changes=Changes(("a:phenytoin",), drugs=("phenytoin",), genes=("SCN1A",)),
        valid_days=200,
    )
    name = LONG if number % 3 == 1 else "Ada Nonsense"
    return replace(
        example,
        patient=replace(example.patient, name=name, sample_id=f"P{number:03d}", accession="A26-1"),
        language="es" if number % 2 else "en",
        report_id=f"R-{number:012d}",
        clinical=clinical,
        genes=tuple(case.genes.values()),
        findings=tuple(replace(f, direction_basis="") for f in case.findings),
        coverage=tuple(replace(c, reason=UNREAD) for c in case.coverage.values()),
        interpretation=said,
        status=ReportStatus.FINAL if number % 4 == 1 else ReportStatus.DRAFT,
        authorisation=released if number % 4 == 1 else None,
    )


def first_sheets(
    reports: Sequence[PatientReport],
    paper: str = "a4",
    *,
    short: bool = False,
    extract: bool = False,
) -> dict[str, str]:
    """Return page one of each report as HTML by sample id, and the styles of all as `STYLES`.

    Parameters
    ----------
    short
        True for the shortest page that there is.
    extract
        True for page one alone.
    """
    with pytest.MonkeyPatch.context() as patch:
        if short:
            patch.setattr(
                html,
                "plan_page_one",
                lambda report, words, *_, sheet: plan_page_one(report, words, 1, 1, sheet),
            )
        return _first_sheets(reports, paper, extract)


def _first_sheets(reports: Sequence[PatientReport], paper: str, extract: bool) -> dict[str, str]:
    ref = load_reference()
    renderers = {
        lang: HtmlRenderer(ref, lang, paper=paper, extract=extract) for lang in ("en", "es")
    }
    end = "</main>" if extract else '<div class="annex'
    made: dict[str, str] = {}
    for report in reports:
        page = renderers[report.language].render(report)
        style = STYLES[_DENSE in page]
        made.setdefault(style, page[page.index("<style>") : page.index("</head>")])
        body = page[page.index("<body>") + 6 : page.index(end)]
        made[report.patient.sample_id] = body + "</main>"
    return made


def printed(made: dict[str, str], folder: Path, browser: str) -> list[str]:
    """Print the first pages of many patients at once; return the text of each sheet.

    Those printed densely have a style of their own, so they are printed apart.
    """
    texts = []
    for dense, name in enumerate(STYLES):
        bodies = {
            sample: body
            for sample, body in made.items()
            if sample not in STYLES and (_DENSE in body) == bool(dense)
        }
        if bodies:
            texts += _printed(made[name], bodies, folder, browser)
    return texts


def _printed(style: str, bodies: dict[str, str], folder: Path, browser: str) -> list[str]:
    style = re.sub(r"body::before\{[^}]*\}", "", style)
    sheets = "".join(
        f'<div style="break-before:page">{body}<p style="{_NO_ROOM}">end-{name}</p></div>'
        for name, body in bodies.items()
    )
    source, out = folder / "sheets.html", folder / "sheets.pdf"
    source.write_text(f"<!doctype html><meta charset=utf-8>{style}<body>{sheets}", "utf-8")
    subprocess.run(
        [
            browser,
            *LAUNCH,
            "--no-pdf-header-footer",
            f"--user-data-dir={folder / 'profile'}",
            f"--print-to-pdf={out}",
            source.as_uri(),
        ],
        check=True,
        capture_output=True,
        timeout=300,
    )
    return texts_of(out)


def texts_of(path: Path) -> list[str]:
    """Return the text of each page of a PDF file."""
    done = subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True, text=True
    )
    return done.stdout.split("\f")[:-1]


def needs(program: str | None) -> str:
    """Return where a program is, or skip the test."""
    if program is None:
        pytest.skip("needs chromium and pdftotext")
    return program
