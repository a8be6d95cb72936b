"""A report speaks one language throughout, and no sentence of it claims too much.

For the first, every text is put into letters of another alphabet: a word in Latin letters that is
left in a rendering stands in the software and not in the texts table.
"""

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

from epilepsy_pgx import vocabulary
from epilepsy_pgx.intake.sheet import CLINICAL_COLUMNS
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.checks.words import CARELESS
from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.reference.rows import CuratedText
from epilepsy_pgx.report.fhir import report_to_fhir
from epilepsy_pgx.report.html import HtmlRenderer
from epilepsy_pgx.report.letterhead import Letterhead
from epilepsy_pgx.report.pdf_layout import Layout
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.variants.consequence import SEVERITY
from epilepsy_pgx.variants.store import REASONS
from tests.report.examples import NAMES, example_reports, examples_in

LETTERS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "абцдефгхийклмнопярстувшъьж")
WORD = re.compile(r"[a-z]{4,}")
COLUMN = re.compile(rf"цолумн ({'|'.join(CLINICAL_COLUMNS)})\b")
"""Where the page names a column of the sheet, as it is to be written there."""
LANGUAGES = ("en", "es")
KINDS = {
    "label-response": vocabulary.Response,
    "label-tier": vocabulary.Tier,
    "label-origin": vocabulary.Origin,
    "label-class": vocabulary.Classification,
    "label-direction": vocabulary.Direction,
    "label-zygosity": vocabulary.Zygosity,
    "status-gene": vocabulary.GeneStatus,
    "gene-status": vocabulary.GeneStatus,
    "reason": vocabulary.FailureReason,
    "word": vocabulary.Sex,
    "consequence": SEVERITY,
    "site": REASONS[1:],
}


class Visible(HTMLParser):
    """Collects what a reader or a screen reader meets, without sources and table rows."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self._hidden = 0
        self._sources = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._hidden += tag in ("style", "code", "script")
        self._sources |= given.get("id") == "citations"
        self.said += [given[a] or "" for a in ("aria-label", "alt", "title") if a in given]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "code", "script")
        if tag == "details":
            self._sources = False

    def handle_data(self, data: str) -> None:
        if not self._hidden and not self._sources:
            self.said.append(data)


def foreign(text: str) -> str:
    """Put a text into other letters, the names of its placeholders excepted."""
    return "".join(
        part if part.startswith("{") else part.lower().translate(LETTERS)
        for part in re.split(r"(\{\w+)", text)
    )


@pytest.fixture(scope="module")
def tables(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the curated tables with a language of other letters."""
    folder = tmp_path_factory.mktemp("tables") / "reference"
    shutil.copytree(root / "reference", folder)
    path = folder / "texts.tsv"
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines[1:]]
    lines += [f"{i}\txx\t{foreign(text)}" for i, language, text in rows if language == "en"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the page over all patients is kept."""
    return tmp_path_factory.mktemp("cohort") / "index.html"


@pytest.fixture(scope="module")
def reports(tables: Path, cohort: Path) -> dict[str, PatientReport]:
    """Return the examples in the language of other letters."""
    return examples_in("xx", tables, cohort)


def entered(report: PatientReport) -> set[str]:
    """Return the words that came in from outside: names, files, doses, sources of tests."""
    patient, made = report.patient, report.provenance
    values = [patient.name, patient.specimen, patient.requester, made.software]
    values += [name for v in made.callability.values for name in v.items]
    values += [f.name for f in made.inputs]
    values += [x for d in report.clinical.current or () for x in (d.dose, d.entered)]
    values += [x.quantity.unit for d in report.clinical.current or () for x in d.levels]
    said = [s for part in report.interpretation.context for s in part.statements]
    # Papers and catalogues keep their names in every language.
    values += [e.source for s in said for e in s.evidence if e.table == "level_ranges"]
    for finding in report.findings:
        values += [c.who for c in finding.classifications]
        values += [e.evidence.source for e in finding.functional]
    return {w for v in values if v for w in WORD.findall(v)} | {"sha256"}


def leftover(said: list[str], known: set[str]) -> set[str]:
    return {text for text in said if set(WORD.findall(COLUMN.sub(" ", text))) - known}


def strings(value: object) -> list[str]:
    if isinstance(value, dict):
        # The colour of a verdict or a count is no word.
        return [s for key, v in value.items() if key != "kind" for s in strings(v)]
    if isinstance(value, list):
        return [s for v in value for s in strings(v)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("name", NAMES)
def test_every_word_of_the_page_is_a_text(name, tables, reports):
    report = reports[name]
    page = HtmlRenderer(load_reference(tables), "xx").render(report)
    assert '<html lang="xx">' in page
    assert leftover(Visible(page).said, entered(report)) == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_word_of_the_pdf_is_a_text(name, tables, reports):
    report = reports[name]
    layout = Layout(report, ReportWords(Wording(load_reference(tables), "xx")), Letterhead(), "a4")
    data = layout.data(layout.plan(layout.room), True)
    for key in ("citations", "paper", "language", "software", "overflow"):
        del data[key]
    # What the file's header says of its caller stands as it is.
    data["quality"]["caller"] = []
    said = [re.sub(r" \([a-z_]+: [^()]*\)", "", s) for s in strings(data)]
    assert leftover(said, entered(report)) == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_sentence_of_the_bundle_is_a_text(name, tables, reports):
    report = reports[name]
    said: list[str] = []

    def collect(value: object, key: str = "") -> None:
        if isinstance(value, dict):
            for inner, part in value.items():
                collect(part, inner)
        elif isinstance(value, list):
            for part in value:
                collect(part, key)
        elif key in ("text", "conclusion", "valueString") and isinstance(value, str):
            said.append(re.sub(r" \([a-z_]+: [^()]*\)", "", value))

    collect(json.loads(report_to_fhir(report, load_reference(tables))))
    assert len(said) > 50
    alleles = set(WORD.findall("Reference"))
    assert leftover(said, entered(report) | alleles) == set()


def test_every_word_of_the_cohort_page_is_a_text(reports, cohort):
    page = cohort.read_text(encoding="utf-8")
    known = {w for r in reports.values() for w in entered(r)}
    # Messages about inputs are in English, as on the terminal.
    known |= set(WORD.findall((cohort.parent / "problems.tsv").read_text(encoding="utf-8")))
    assert leftover(Visible(page).said, known) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_every_word_of_the_software_has_its_text(kind, reference):
    wording = Wording(reference)
    for word in KINDS[kind]:
        slug = re.sub(r"[^a-z0-9]+", "-", str(word).lower()).strip("-")
        assert wording.has(f"{kind}-{slug}"), f"{kind}-{slug}"


@pytest.mark.parametrize("name", NAMES)
def test_spanish_numbers_have_a_comma(name, reference):
    report = example_reports("es")[name]
    page = HtmlRenderer(reference, "es").render(report)
    assert '<html lang="es">' in page
    known = "|".join(
        re.escape(x)
        for x in (
            *(f.name for f in report.provenance.inputs),
            *(f.hgvs_c or "-" for f in report.findings),
            *(e.evidence.source for f in report.findings for e in f.functional),
        )
    )
    said = re.sub(known, "", " ".join(Visible(page).said))
    said = re.sub(r"N[MP]_\d+\.\d+", "", said)
    assert re.findall(r"\S*\d\.\d(?!\d\d\b)\S*", said) == []


def test_spanish_is_not_english(reference):
    english, spanish = Wording(reference), Wording(reference, "es")
    ids = [row.id for row in reference.rows(CuratedText) if row.language == "en"]
    same = [
        i
        for i in ids
        if english._texts[i] == spanish._texts[i]
        and len(WORD.findall(re.sub(r"\{\w+(:[^}]*)?\}", "", english._texts[i]))) > 2
    ]
    assert same == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_no_sentence_claims_too_much(name, language, reference):
    report = example_reports(language)[name]
    said = Visible(HtmlRenderer(reference, language).render(report)).said
    layout = Layout(report, ReportWords(Wording(reference, language)), Letterhead(), "a4")
    data = layout.data(layout.plan(layout.room), True)
    said += strings({k: v for k, v in data.items() if k != "citations"})
    said += [s.text for d in report.interpretation.drugs for s in d.statements]
    for text in said:
        for pattern, why in CARELESS[language]:
            assert pattern.search(text) is None, (text, why)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Carbamazepine is safe for this patient."),
        ("en", "A normal risk."),
        ("en", "Predicted response: good"),
        ("en", "no action"),
        ("en", "The patient will respond to valproate."),
        ("en", "Drug of choice: valproate"),
        ("en", "ABCB1 explains the drug resistance."),
        ("en", "This test rules out a reaction."),
        ("es", "La carbamazepina es segura."),
        ("es", "Riesgo normal."),
        ("es", "Respuesta prevista: buena"),
        ("es", "sin acción"),
        ("es", "El paciente responderá al valproato."),
        ("es", "Fármaco de elección: valproato"),
        ("es", "ABCB1 explica la farmacorresistencia."),
        ("es", "El genotipo demuestra la causa."),
        ("es", "No se halló riesgo: sin riesgo."),
        ("es", "Puede darse por seguro."),
    ],
)
def test_forbidden_wording_is_found(language, text):
    assert any(pattern.search(text) for pattern, _ in CARELESS[language])


def test_every_language_has_its_forbidden_wording(reference):
    assert {row.language for row in reference.rows(CuratedText)} == set(CARELESS)


def test_incomplete_language_is_refused(root, tmp_path):
    from epilepsy_pgx.errors import ConfigError
    from epilepsy_pgx.reference.texts import check_language

    folder = tmp_path / "reference"
    shutil.copytree(root / "reference", folder)
    path = folder / "texts.tsv"
    lines = [
        x
        for x in path.read_text(encoding="utf-8").splitlines()
        if not x.startswith("label-drug\tes")
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="1 texts"):
        check_language(Reference(folder), "es")
    check_language(Reference(folder), "en")
