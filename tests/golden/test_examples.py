"""The reports of the example patients, letter by letter.

`pytest tests/golden --update-golden` writes the expected files anew; read the difference before
it is kept.
"""

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from epilepsy_pgx.cli import commands
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.report.html import HtmlRenderer
from epilepsy_pgx.report.serialise import report_from_json, report_to_json
from epilepsy_pgx.report.wording import Wording
from tests.report.examples import NAMES, example_reports
from tests.said import fill_texts

EXPECTED = Path(__file__).parent / "expected"


SPANISH = "EX05"
"""The example that is kept in Spanish too."""
CLINIC = "EX05"
"""The example of which page one is kept alone too."""


@pytest.fixture(scope="module")
def renderer() -> HtmlRenderer:
    return HtmlRenderer(load_reference())


def test_every_example_has_a_report():
    assert sorted(example_reports()) == list(NAMES)


@pytest.mark.parametrize("form", ["html", "json"])
@pytest.mark.parametrize("name", NAMES)
def test_report_is_as_expected(name, form, renderer, request):
    report = example_reports()[name]
    text = renderer.render(report) if form == "html" else as_json(report)
    compare(text, EXPECTED / f"{name}.{form}", request)


@pytest.mark.parametrize("form", ["html", "json"])
def test_spanish_report_is_as_expected(form, request):
    report = example_reports("es")[SPANISH]
    page = HtmlRenderer(load_reference(), "es").render(report)
    text = page if form == "html" else as_json(report)
    compare(text, EXPECTED / f"{SPANISH}.es.{form}", request)


@pytest.mark.parametrize("language", ["en", "es"])
def test_page_one_alone_is_as_expected(language, request):
    report = example_reports(language)[CLINIC]
    page = HtmlRenderer(load_reference(), language, extract=True).render(report)
    compare(page, EXPECTED / f"{CLINIC}.{language}.clinic.html", request)


@pytest.mark.parametrize("name", ["EX01", "EX05", f"{SPANISH}.es"])
def test_render_gives_the_expected_page(name, tmp_path):
    source, out = tmp_path / "report.json", tmp_path / "page.html"
    report = report_from_json((EXPECTED / f"{name}.json").read_bytes())
    source.write_text(report_to_json(report), encoding="utf-8")
    done = CliRunner().invoke(
        commands, ["render", str(source), "--format", "html", "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    assert out.read_bytes() == (EXPECTED / f"{name}.html").read_bytes()


def as_json(report: PatientReport) -> str:
    """Return the JSON without the digests of its content, which change with every word."""
    text = report_to_json(fill_texts(report, Wording(load_reference(), report.language)))
    data = msgspec.json.decode(text)
    assert data["content"]["digest"].startswith("sha256:")
    return (
        msgspec.json.format(msgspec.json.encode({**data, "content": None}), indent=1).decode()
        + "\n"
    )


def compare(text: str, path: Path, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        path.write_text(text, encoding="utf-8", newline="\n")
    assert path.is_file(), "no expected report: run with --update-golden and read it"
    expected = path.read_text(encoding="utf-8").splitlines()
    assert text.splitlines() == expected
