"""The PDF, and the command that renders a report again."""

import re
import subprocess
from dataclasses import replace
from shutil import which

import pytest
from click.testing import CliRunner

from epilepsy_pgx.cli import commands
from epilepsy_pgx.errors import ConfigError, InputError
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.report.serialise import report_to_json
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.write import Renderers, render_report
from epilepsy_pgx.statement import Message, Reason, ReasonKind, Subject, SubjectKind, Value
from tests.report.examples import NAMES, drawn, example_reports


def pages_of(data, tmp_path):
    if which("pdftotext") is None:
        pytest.skip("needs pdftotext")
    path = tmp_path / "made.pdf"
    path.write_bytes(data)
    text = subprocess.run(
        ["pdftotext", "-raw", str(path), "-"], check=True, capture_output=True, text=True
    ).stdout
    return text.split("\f")[:-1]


def body_of(pages):
    """Return the text between head and foot of all pages, as one line."""
    parts = [
        page.partition("Decision support for")[0].lstrip().partition("\n")[2] for page in pages
    ]
    return " ".join(" ".join(parts).split())


@pytest.fixture(scope="module")
def pdf():
    pytest.importorskip("typst", reason="needs the extra pdf")
    return lambda report, **options: render_report(report, "pdf", load_reference(), **options)


@pytest.mark.parametrize("name", ["EX01", "EX04", "EX05", "EX08"])
@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_page_one_is_one_page_and_each_page_names_the_patient(name, paper, pdf, tmp_path):
    report = example_reports()[name]
    pages = pages_of(pdf(report, paper=paper), tmp_path)
    assert "Date and signature" in pages[0]
    assert "All anti-seizure drugs" in pages[1]
    for page in pages:
        assert report.patient.record_number in page
        assert report.patient.birth_date in page
        assert report.patient.accession in page
        assert "Draft" in page


def test_pdf_is_tagged_archival_and_stable(pdf):
    report = example_reports()["EX05"]
    data = pdf(report)
    assert data == pdf(report)
    assert b"pdfaid:part" in data
    assert b"/StructTreeRoot" in data


def test_markup_in_a_name_is_text(pdf, tmp_path):
    report = example_reports()["EX07"]
    patient = replace(report.patient, name='#panic("x") *b* $1$ <a>', requester="]#[")
    assert '#panic("x") *b* $1$ <a>' in pages_of(pdf(replace(report, patient=patient)), tmp_path)[0]


def test_final_report_has_no_draft_mark(pdf, tmp_path):
    report = replace(example_reports()["EX07"], status="final")
    assert not any("not authorised" in p for p in pages_of(pdf(report), tmp_path))


@pytest.mark.parametrize("form", ["html", "tsv", "json"])
def test_report_renders_again_to_the_same_bytes(form, tmp_path):
    report = example_reports()["EX03"]
    source, out = tmp_path / "EX03.json", tmp_path / f"again.{form}"
    source.write_text(report_to_json(report), encoding="utf-8")
    result = CliRunner().invoke(
        commands,
        ["render", str(source), "--format", form, "--out", str(out)],
        catch_exceptions=False,
        standalone_mode=False,
    )
    assert result.return_value == 0
    assert out.read_bytes() == render_report(report, form, load_reference())


@pytest.mark.parametrize("text", ["", "{}", "not json"])
def test_what_is_no_report_is_refused(text, tmp_path):
    source = tmp_path / "x.json"
    source.write_text(text)
    with pytest.raises(InputError) as caught:
        CliRunner().invoke(
            commands,
            ["render", str(source), "--out", str(tmp_path / "y")],
            catch_exceptions=False,
            standalone_mode=False,
        )
    assert caught.value.problems[0].check == "report-json"


def test_unknown_paper_is_refused(pdf):
    with pytest.raises(ConfigError):
        pdf(example_reports()["EX07"], paper="a5")


@pytest.mark.parametrize("urgent", [True, False])
def test_nothing_said_of_a_drug_is_lost_between_pages(urgent, pdf, tmp_path):
    """A row longer than a page is broken; no row runs over the foot of its page."""
    report = example_reports()["EX01"]
    drug = max(report.interpretation.drugs, key=lambda d: len(d.statements))
    marks = [f"Sentence {n} of many" for n in range(90)]
    told = replace(drug.statements[0], text_id="not-considered", action_id=None, further=())
    statements = tuple(
        replace(
            told,
            values=(Value("word", (f"{m}.",)),),
            reasons=(
                Reason(
                    ReasonKind.ALLELE,
                    Subject(SubjectKind.DRUG, ("x",)),
                    (Value("gene", ("because ",)), Value("alleles", (m,)), Value("basis", ("y",))),
                ),
            ),
        )
        for m in marks
    )
    drugs = tuple(
        replace(d, statements=statements) if d is drug else d for d in report.interpretation.drugs
    )
    report = replace(
        report,
        interpretation=replace(
            report.interpretation, drugs=drugs, urgent=statements if urgent else ()
        ),
    )
    data = pdf(report)
    text = pages_of(data, tmp_path)
    path = tmp_path / "made.pdf"
    boxes = subprocess.run(
        ["pdftotext", "-bbox", str(path), "-"], check=True, capture_output=True, text=True
    ).stdout
    lowest = max(float(y) for y in re.findall(r'yMax="([0-9.]+)">many', boxes))
    foot = min(float(y) for y in re.findall(r'yMin="([0-9.]+)"[^>]*>Decision<', boxes))
    assert lowest < foot
    assert all(any(f"because {m}" in " ".join(p.split()) for p in text[1:]) for m in marks)


def test_long_alleles_stay_on_the_page(pdf, tmp_path):
    report = example_reports()["EX01"]
    first = report.findings[0]
    bases = "ACGT" * 300
    report = replace(
        report,
        findings=(
            first,
            replace(
                first, key=replace(first.key, ref=f"A{bases}"), hgvs_c=f"{first.hgvs_c}del{bases}"
            ),
        ),
    )
    pages = pages_of(pdf(report), tmp_path)
    assert "Date and signature" in pages[0]
    other = replace(first, key=replace(first.key, pos=first.key.pos + 1))
    short = replace(report, findings=(first, other))
    assert len(pages) == len(pages_of(pdf(short), tmp_path / ".."))
    boxes = subprocess.run(
        ["pdftotext", "-bbox", str(tmp_path / "made.pdf"), "-"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    width = float(re.search(r'<page width="([0-9.]+)"', boxes)[1])
    assert max(float(x) for x in re.findall(r'xMax="([0-9.]+)"', boxes)) < width
    assert "AACGTACGTACGTACGTACGTACG…" in " ".join(pages)


def test_report_that_is_not_reportable_says_so_on_each_page(pdf, tmp_path):
    report = replace(
        example_reports()["EX07"],
        status="not reportable",
        not_reportable=(Message("quality-sex-not-assessed"),),
    )
    pages = pages_of(pdf(report), tmp_path)
    assert re.search(r"Not reportable\s+• Too little data on the X", pages[0])
    assert all("Not reportable" in p.strip().splitlines()[0] for p in pages)


def test_quality_of_the_sample_is_told(pdf, tmp_path):
    report = example_reports()["EX01"]
    text = " ".join(" ".join(pages_of(pdf(report), tmp_path)).split())
    assert "Quality of the sample" in text
    wording = Wording(load_reference())
    for check in report.quality.checks:
        label = wording.word("quality-check", check.check)
        assert f"{label}: {check.outcome.value}. {wording.tell(check.found)[:20]}" in text
    gene = next(g for g in report.quality.genes if g.tier1_not_tested)
    assert f"{gene.gene} {gene.usable}/{gene.positions} {gene.depth_median}" in text
    assert f"tier 1: {gene.tier1_not_tested[0]}" in text


@pytest.mark.parametrize("name", ["李小龙", "ณัฐ", "김민준"])
def test_letters_that_no_font_holds_stand_as_numbers(name, pdf, tmp_path):
    report = example_reports()["EX07"]
    report = replace(report, patient=replace(report.patient, name=name))
    page = pages_of(pdf(report), tmp_path)[0]
    assert f"[U+{ord(name[0]):04X}]" in page
    assert report.patient.record_number in page


def test_patients_of_a_run_leave_no_trace_in_each_other(pdf):
    """One compiler serves all; the bytes are those of a report made alone."""
    renderers = Renderers(load_reference())
    reports = example_reports()
    together = [renderers.render(reports[n], "pdf") for n in ("EX05", "EX01", "EX05")]
    assert together == [pdf(reports[n]) for n in ("EX05", "EX01", "EX05")]


@pytest.mark.parametrize("name", ["EX01", "EX05", "EX08"])
def test_each_number_of_the_pdf_leads_to_its_chain(name, pdf, tmp_path):
    report = replace(example_reports()[name], status="final")
    said = body_of(pages_of(pdf(report), tmp_path))
    body, chains = said.rsplit(" Evidence E1 ", 1)
    # The picture of a gene may stand between two lines of a chain.
    chains = re.sub(
        r"Variants of this patient on the protein.*?nothing of direction\. ", "", chains
    )
    used = {int(n) for n in re.findall(r"\bE(\d{1,3})\b(?!X)", body)}
    stated = {1} | {int(n) for n in re.findall(r"\bE(\d{1,3}) (?!→|;)", chains)}
    assert used
    assert used <= stated
    listed = chains.replace(" ", "")
    for drug in report.interpretation.drugs:
        for statement in drug.statements:
            if statement.reasons and any(e.citations for e in statement.evidence):
                assert all(e.row.replace(" ", "") in listed for e in statement.evidence), (
                    statement.text
                )


def test_pdf_tells_what_is_open_in_a_gene(pdf, tmp_path):
    report = replace(example_reports()["EX08"], status="final")
    said = body_of(pages_of(pdf(report), tmp_path))
    texts = dict(report.texts)
    silent = [g.gene for g in report.genes if not (g.sites_assessed or g.caveats)]
    assert f"Not assessed: {', '.join(silent)}" in said
    for gene in report.genes:
        if gene.not_excluded:
            assert f"{gene.gene} {', '.join(gene.not_excluded)}" in said
        assert all(variant in said for variant in gene.undocumented)
        assert all(texts[c] in said for c in gene.caveats)
    open_gene = next(g for g in report.genes if g.gene in said and g.not_excluded)
    assert f"{open_gene.sites_assessed}/{open_gene.sites_total}" in said


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", NAMES)
def test_an_example_has_at_most_five_pages(name, language, tmp_path):
    data = drawn(example_reports(language)[name], "pdf", language)
    assert len(pages_of(data, tmp_path)) <= 5
