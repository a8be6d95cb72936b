"""What every format of a report holds; a new one in the registry is tested by being there."""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from epilepsy_pgx.cli import commands
from epilepsy_pgx.cli.options import read_formats
from epilepsy_pgx.cli.release import form_of
from epilepsy_pgx.errors import ConfigError, InputError
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.report import formats
from epilepsy_pgx.report.authorise import authorise_report
from epilepsy_pgx.report.format import Format, RenderContext
from epilepsy_pgx.report.formats import DEFAULTS, FORMATS
from epilepsy_pgx.report.letterhead import Letterhead
from epilepsy_pgx.report.serialise import report_to_json
from epilepsy_pgx.report.superseded import Superseded, draft_paths, holds_final
from epilepsy_pgx.report.write import Renderers, render_report, write_reports
from epilepsy_pgx.statement import Message
from tests.report.examples import example_reports
from tests.syntax import nodes

FOLDER = Path(formats.__file__).parent
LIBRARIES = {"fhir": "fhir.resources", "pdf": "typst"}
HEAVY = ("fhir", "jinja2", "jsonschema", "numpy", "pandas", "pysam", "typst")


@pytest.fixture(params=FORMATS.values(), ids=FORMATS)
def form(request) -> Format:
    if request.param.extra:
        library = LIBRARIES.get(request.param.extra, request.param.extra)
        pytest.importorskip(library, reason=f"needs the extra {request.param.extra}")
    return request.param


@pytest.fixture(scope="module")
def draft():
    return example_reports()["EX05"]


@pytest.fixture(scope="module")
def final(draft):
    return authorise_report(draft, "Dr R. Release", "clinical geneticist", "2026-11-23")


def test_a_format_is_a_module_of_its_name():
    modules = {p.stem for p in FOLDER.glob("*.py")} - {"__init__"}
    assert {name.replace("_", "-"): name for name in modules}.keys() == set(FORMATS)
    for name, found in FORMATS.items():
        module = name.replace("-", "_")
        assert name == found.name
        assert importlib.import_module(f"{formats.__name__}.{module}").FORMAT is found


def test_a_new_module_is_found_and_offered_everywhere(tmp_path, draft):
    """In a fresh process, with a module in a folder of its own."""
    (tmp_path / "count.py").write_text(
        "from epilepsy_pgx.report.format import Format\n"
        "FORMAT = Format('count', 'count.txt', 'how many drugs', lambda context: lambda report: (\n"
        "    f'{context.language} {len(report.interpretation.drugs)}'.encode()), None)\n"
    )
    source = tmp_path / "EX05.json"
    source.write_text(report_to_json(draft))
    code = (
        "import importlib.util, sys\n"
        "spec = importlib.util.find_spec('epilepsy_pgx.report.formats')\n"
        f"spec.submodule_search_locations.append({str(tmp_path)!r})\n"
        "module = importlib.util.module_from_spec(spec)\n"
        "sys.modules[spec.name] = module\n"
        "spec.loader.exec_module(module)\n"
        "from epilepsy_pgx.cli import main\n"
        "sys.argv = ['epilepsy-pgx', *sys.argv[1:]]\n"
        "main()\n"
    )

    def run(*words):
        return subprocess.run(
            [sys.executable, "-c", code, *map(str, words)],
            text=True,
            capture_output=True,
            check=False,
        )

    assert "count" in run("run", "--help").stdout
    out = tmp_path / "out"
    made = run("render", source, "--format", "count", "--language", "es", "--out", out)
    assert made.returncode == 0, made.stderr
    assert out.read_text() == f"es {len(draft.interpretation.drugs)}"


def test_names_suffixes_and_summaries_serve_their_purpose(root):
    suffixes = [found.suffix for found in FORMATS.values()]
    assert len(set(suffixes)) == len(suffixes)
    with (root / "pyproject.toml").open("rb") as handle:
        extras = tomllib.load(handle)["project"]["optional-dependencies"]
    for found in FORMATS.values():
        assert found.summary
        assert "|" not in found.summary
        assert not found.extra or found.extra in extras
        assert not (found.default and found.extra), "the default must need nothing more"


def test_no_other_module_asks_which_format_it_is():
    source = FOLDER.parents[1]
    paths = {
        p for name in ("cli", "report", "cohort", "pipeline") for p in (source / name).rglob("*.py")
    }
    # What the commands on the curated tables print is no report.
    for path in sorted(paths - {source / "cli/reference.py"}):
        for node in nodes(path):
            if isinstance(node, ast.Compare | ast.List | ast.Tuple | ast.Set | ast.Dict):
                parts = [n for n in ast.walk(node) if isinstance(n, ast.Constant)]
                named = [n.value for n in parts if n.value in FORMATS]
                few = 0 if isinstance(node, ast.Compare) else 1
                assert len(named) <= few, f"{path.name}:{node.lineno}: {named}"


def test_heavy_libraries_come_with_the_first_report():
    code = (
        "import sys, epilepsy_pgx.report.formats\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    made = subprocess.run([sys.executable, "-c", code], text=True, capture_output=True, check=True)
    assert made.stdout.strip() == "[]"


def test_an_unknown_format_names_all():
    with pytest.raises(ConfigError) as error:
        read_formats("html,doc")
    assert error.value.problems[0].expected == ", ".join(FORMATS)
    with pytest.raises(ConfigError):
        read_formats(" , ")
    assert read_formats(" json,html,json") == ("json", "html")
    with pytest.raises(ValueError, match="doc"):
        render_report(example_reports()["EX05"], "doc", load_reference())


def test_the_same_report_gives_the_same_bytes(form, draft):
    first = render_report(draft, form.name, load_reference())
    renderers = Renderers(load_reference())
    renderers.render(example_reports()["EX01"], form.name)
    assert first == renderers.render(draft, form.name)


def test_a_renderer_is_made_once_for_each_language(form, draft, monkeypatch):
    made = []

    def renderer(context: RenderContext):
        made.append(context)
        return lambda report: report.language.encode()

    monkeypatch.setattr(
        "epilepsy_pgx.report.write.FORMATS",
        {form.name: replace(form, renderer=renderer), "other": replace(form, renderer=renderer)},
    )
    spanish = replace(draft, language="es")
    renderers = Renderers(load_reference())
    said = [renderers.render(r, form.name) for r in (draft, spanish, draft, spanish)]
    assert said == [b"en", b"es", b"en", b"es"]
    assert [c.language for c in made] == ["en", "es"]
    renderers.render(draft, "other")
    assert made[2] is made[0]
    assert made[0].wording is made[0].wording
    assert made[0].wording.language == "en"
    forced = Renderers(load_reference(), language="es")
    assert forced.render(draft, form.name) == b"es"


def test_a_file_says_whether_it_is_final(form, draft, final):
    made = {r.status: render_report(r, form.name, load_reference()) for r in (draft, final)}
    if form.is_final is None:
        assert made["draft"] == made["final"]
        return
    assert form.is_final(made["final"])
    assert not form.is_final(made["draft"])
    reasons = (Message("stop-bone-marrow-transplant"),)
    stopped = replace(draft, status="not reportable", not_reportable=reasons)
    assert not form.is_final(render_report(stopped, form.name, load_reference()))
    for nothing in (b"", b"\xff\x00", b"[]", b"null", b"{}", b'{"data": 1}', b'"final"'):
        assert not form.is_final(nothing)


def test_no_draft_goes_where_a_final_file_stands(form, draft, final, tmp_path):
    ref, sample = load_reference(), draft.patient.sample_id
    ((_, (path,)),) = write_reports([final], tmp_path, ref, (form.name,))
    assert path == draft_paths(tmp_path, sample)[form.name]
    assert holds_final(tmp_path, sample) == (form.is_final is not None)
    aside = Superseded(tmp_path / "superseded", tmp_path)
    aside.drafts(tmp_path, sample, "a test")
    assert path.exists() == (form.is_final is not None)


def test_a_final_report_takes_no_other_head(form, final):
    head = Letterhead(
        "Laboratory",
        ("Street",),
        "",
        b"<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'><path d='M0 0h8v8z'/></svg>",
    )
    ref = load_reference()
    if form.letterhead:
        with pytest.raises(ConfigError, match="final-letterhead"):
            render_report(final, form.name, ref, letterhead=head)
    else:
        own = render_report(final, form.name, ref)
        assert render_report(final, form.name, ref, letterhead=head) == own


def call(*words):
    return CliRunner().invoke(commands, list(map(str, words)), standalone_mode=False)


def test_render_offers_every_format_and_checks_the_language(form, draft, tmp_path):
    source, out = tmp_path / "EX05.json", tmp_path / "out"
    source.write_text(report_to_json(draft))
    for words in ((), ("--language", "en")):
        made = call("render", source, "--format", form.name, *words, "--out", out)
        assert made.return_value == 0, made.exception
        assert out.read_bytes() == render_report(draft, form.name, load_reference())
        out.unlink()
    made = call("render", source, "--format", form.name, "--language", "xx", "--out", out)
    assert made.exception.problems[0].check == "language-complete"
    assert not out.exists()


@pytest.mark.parametrize(
    ("name", "asked", "written"),
    [
        ("x.html", None, "html"),
        ("x.PDF", None, "pdf"),
        ("x.tsv", None, "tsv"),
        ("x.json", None, "json"),
        ("x.fhir.json", None, "fhir"),
        ("x.clinic.html", None, "clinic-html"),
        ("x.clinic.PDF", None, "clinic-pdf"),
        ("x.html", "clinic-html", "clinic-html"),
        ("x.clinic.pdf", "html", None),
        ("x.json", "fhir", "fhir"),
        ("x", None, "html"),
        ("x.page", "pdf", "pdf"),
        ("x.pdf", "html", None),
        ("x.html", "json", None),
        ("x.tsv", "pdf", None),
    ],
)
def test_the_ending_of_a_file_names_its_format(name, asked, written):
    if written is not None:
        assert form_of(Path(name), asked) == written
        return
    with pytest.raises(ConfigError) as refused:
        form_of(Path(name), asked)
    assert refused.value.problems[0].check == "render-format"


def test_a_final_report_stays_in_its_language(final, tmp_path):
    source, out = tmp_path / "final.json", tmp_path / "out"
    source.write_text(report_to_json(final))
    made = call("render", source, "--language", "es", "--out", out)
    assert isinstance(made.exception, InputError)
    assert not out.exists()


def test_defaults_stand_first():
    assert tuple(FORMATS)[: len(DEFAULTS)] == DEFAULTS == ("html", "json", "tsv")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("broken", "import a_library_that_nobody_has\n", "broken.py cannot be used: No module"),
        ("broken", "FORM = 1\n", "broken.py cannot be used: module"),
        ("broken", "FORMAT = 1\n", "broken.py: FORMAT is no Format"),
        (
            "pages",
            "FORMAT = Format('page-s', 'x', 's', lambda c: str.encode, None)\n",
            "pages.py: FORMAT has the name 'page-s'",
        ),
        (
            "pages",
            "FORMAT = Format('pages', 'html', 's', lambda c: str.encode, None)\n",
            "files end in '.html', as those of",
        ),
    ],
)
def test_a_module_that_cannot_be_a_format_is_named(tmp_path, monkeypatch, name, text, said):
    head = "from epilepsy_pgx.report.format import Format\n"
    (tmp_path / f"{name}.py").write_text(head + text)
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, f"{formats.__name__}.{name}", raising=False)
    try:
        with pytest.raises(ImportError, match=re.escape(said)):
            formats._find_formats()
    finally:
        sys.modules.pop(f"{formats.__name__}.{name}", None)
        if hasattr(formats, name):
            delattr(formats, name)
