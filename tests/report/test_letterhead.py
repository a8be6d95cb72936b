"""The laboratory's head: shown, bounded, and traceable."""

import base64
import hashlib
import json
import struct
import zlib
from dataclasses import replace

import pytest
from click.testing import CliRunner

from epilepsy_pgx.cli import commands
from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.report.letterhead import LARGEST_LOGO, LOGO, Letterhead, read_letterhead
from epilepsy_pgx.report.serialise import report_from_json, report_to_json
from epilepsy_pgx.report.write import render_report
from tests.report.examples import example_reports
from tests.report.test_pdf import pages_of

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><path d="M0 0h8v8z"/></svg>'
LONG = (
    "Institut für Medizinische Genetik und Pharmakogenomik der Universitätsklinik, Abteilung "
    "für Molekulare Diagnostik seltener Epilepsien und neurologischer Erkrankungen"
)


def png(width=6, height=4):
    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = (b"\0" + b"\x20\x40\x80\xff" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.fixture
def logo(tmp_path):
    path = tmp_path / "logo.png"
    path.write_bytes(png())
    return path


def head(logo=None):
    return read_letterhead(LONG, ("1 Main Street", " ", "City"), "ISO 15189 <no. 7>", logo)


def test_every_format_shows_or_names_it(logo):
    report, ref, shown = example_reports()["EX05"], load_reference(), head(logo)
    page = render_report(report, "html", ref, letterhead=shown).decode()
    assert base64.b64encode(png()).decode() in page
    assert "1 Main Street · City" in page
    assert "ISO 15189 &lt;no. 7&gt;" in page
    digest = "sha256:" + hashlib.sha256(png()).hexdigest()
    assert digest in page
    data = render_report(report, "json", ref, letterhead=shown)
    assert dict(report_from_json(data).provenance.parameters)[LOGO] == digest


def test_without_one_nothing_is_shown():
    report = example_reports()["EX05"]
    assert Letterhead().note(report) is report
    page = render_report(report, "html", load_reference()).decode()
    assert 'class="lab"' not in page
    assert "<img" not in page


def test_another_logo_replaces_the_noted_one():
    report = example_reports()["EX05"]
    twice = Letterhead(logo=b"<svg/>").note(Letterhead(logo=png()).note(report))
    assert twice == Letterhead(logo=b"<svg/>").note(report)
    assert Letterhead().note(twice) == report


@pytest.mark.parametrize("data", [png(), png(400, 10), SVG.encode()], ids=["png", "wide", "svg"])
@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_long_names_leave_page_one_on_one_page(data, paper, tmp_path):
    pytest.importorskip("typst", reason="needs the extra pdf")
    path = tmp_path / "logo"
    path.write_bytes(data)
    for name in ("EX01", "EX04", "EX05", "EX08"):
        made = render_report(example_reports()[name], "pdf", load_reference(), paper, head(path))
        pages = pages_of(made, tmp_path)
        assert "Universitätsklinik" in " ".join(pages[0].split())
        assert "Date and signature" in pages[0]
        assert "All anti-seizure drugs" in pages[1]


def test_pdf_with_a_logo_is_repeatable(logo):
    pytest.importorskip("typst", reason="needs the extra pdf")
    report, ref = example_reports()["EX07"], load_reference()
    first = render_report(report, "pdf", ref, letterhead=head(logo))
    assert first == render_report(report, "pdf", ref, letterhead=head(logo))
    assert first != render_report(report, "pdf", ref, letterhead=head())


@pytest.mark.parametrize("name", ["אורית בן־דוד (לוי)", "فاطمة الزهراء"])
def test_name_from_right_to_left_stands_apart_from_what_follows(name, tmp_path):
    pytest.importorskip("typst", reason="needs the extra pdf")
    report = example_reports()["EX07"]
    report = replace(report, patient=replace(report.patient, name=name))
    pages = pages_of(render_report(report, "pdf", load_reference()), tmp_path)
    for page in pages:
        born, record = report.patient.birth_date, report.patient.record_number
        first = next(line for line in page.splitlines() if record in line)
        assert first.index(born) < first.index(record)
        assert first.index(record) < first.index("Draft")


@pytest.mark.parametrize(
    ("data", "check"),
    [
        (b"GIF89a", "logo-format"),
        (b"\x89PNG\r\n\x1a\n" + bytes(LARGEST_LOGO), "logo-size"),
        (b"<svg><script>1</script></svg>", "logo-alone"),
        (b'<svg><image href="https://example.org/x.png"/></svg>', "logo-alone"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>', "logo-alone"),
    ],
)
def test_unfit_logo_is_refused(data, check, tmp_path):
    path = tmp_path / "logo"
    path.write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        read_letterhead(logo=path)
    assert caught.value.problems[0].check == check


def test_missing_logo_is_refused_before_anything_runs(tmp_path):
    source = tmp_path / "EX05.json"
    source.write_text(report_to_json(example_reports()["EX05"]), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        CliRunner().invoke(
            commands,
            [
                "render",
                str(source),
                "--logo",
                str(tmp_path / "none.png"),
                "--out",
                str(tmp_path / "x.html"),
            ],
            catch_exceptions=False,
            standalone_mode=False,
        )
    assert caught.value.problems[0].check == "logo-readable"


def test_run_takes_the_same_options(root, logo, tmp_path):
    done = CliRunner().invoke(
        commands,
        [
            "run",
            "--vcf",
            str(root / "examples/vcf/EX08.vcf"),
            "--build",
            "GRCh38",
            "--date",
            "2026-11-22",
            "--laboratory",
            "City genetics",
            "--address",
            "1 Main Street",
            "--accreditation",
            "ISO 15189",
            "--logo",
            str(logo),
            "--paper",
            "letter",
            "--formats",
            "html,json",
            "--out",
            str(tmp_path / "out"),
        ],
        catch_exceptions=False,
        standalone_mode=False,
    )
    assert done.return_value == 0
    (page,) = (tmp_path / "out/reports").rglob("*.html")
    assert "City genetics" in page.read_text(encoding="utf-8")
    (data,) = (tmp_path / "out/reports").rglob("*.json")
    assert LOGO in dict(json.loads(data.read_bytes())["provenance"]["parameters"])
