"""What the formats print is what the view holds: nothing of it is left out by one of them."""

import json
import re
import shutil
import subprocess
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache, partial
from html.parser import HTMLParser
from itertools import pairwise
from shutil import which
from typing import get_args, get_origin, get_type_hints

import pytest

from epilepsy_pgx.authorisation import Authorisation, Changes, Signatory
from epilepsy_pgx.model import Alias, FunctionalEvidence
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.report import html, pageone, pdf_layout, room
from epilepsy_pgx.report.build import all_statements
from epilepsy_pgx.report.html import HtmlRenderer
from epilepsy_pgx.report.letterhead import Letterhead
from epilepsy_pgx.report.pages import page_template
from epilepsy_pgx.report.pdf_layout import Layout
from epilepsy_pgx.report.room import short_pairs, unchecked_pairs
from epilepsy_pgx.report.view import build_view
from epilepsy_pgx.report.view.model import Hint, Target
from epilepsy_pgx.report.view.whole import View
from epilepsy_pgx.report.view.words import exon_runs, settle, source_level, status_word
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.report.write import render_report
from epilepsy_pgx.statement import Message, Value
from epilepsy_pgx.vocabulary import Direction, GeneStatus, Relation, ReportStatus, Tier
from tests.report.examples import NAMES, example_reports

HEAD = Letterhead("Laboratory of Nowhere", ("Empty Street 1", "99999 Nowhere"), "accredited")

# What one format says in another form: each needs a reason.
NOT_IN_HTML = {
    # The sentence in front of the genes tells what its figures are; on paper a table does.
    "quality.columns",
    "quality.genes.tiers.name",
    # As above: the page names the alleles of both sets in one list.
    "quality.genes.tiers.alleles",
}
NOT_IN_PDF = {
    # A column of its own, by set, says which alleles were not tested.
    "quality.genes.not_tested",
    # On paper these tables are paragraphs in two columns, which need no names of columns.
    "drugs.columns",
    "factors.columns",
    "orders.columns",
    "genes.columns",
    "variants.columns",
}
BOTH = (("html", NOT_IN_HTML), ("pdf", NOT_IN_PDF))
PAGE = "\f"
"""What stands between the texts of two pages."""


def atoms(value, path=""):
    """Return all that a view prints, each with the names of the fields that lead to it."""
    if isinstance(value, Target | Hint | Enum | bool | None):
        return
    if isinstance(value, str):
        if value:
            yield path, value
    elif isinstance(value, tuple):
        for item in value:
            yield from atoms(item, path)
    else:
        assert is_dataclass(value), (path, value)
        for f in fields(value):
            yield from atoms(getattr(value, f.name), f"{path}.{f.name}".lstrip("."))


def squeeze(text):
    """Take out white space, for lines break where the format likes, and hyphens with it.

    A hyphen at the end of a line is taken out by pdftotext.
    """
    return re.sub(r"[\s-]+", "", text)


class Text(HTMLParser):
    """The text of a page, and what its style prints on paper."""

    def __init__(self, page):
        super().__init__()
        self.said, self._style = [], False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self._style = tag == "style"

    def handle_data(self, data):
        if self._style:
            data = " ".join(re.findall(r'content:"((?:[^"\\]|\\[0-9a-f]+ )*)"', data))
            data = re.sub(r"\\([0-9a-f]+) ", lambda m: chr(int(m[1], 16)), data)
            self._style = False
        self.said.append(data)


def html_text(report, head=None):
    return squeeze(
        "".join(Text(HtmlRenderer(load_reference(), report.language, head).render(report)).said)
    )


def pdf_text(report, tmp_path, head=None):
    """Return the text of the pages, without head, foot and headings said again, and their view."""
    path = tmp_path / "made.pdf"
    plans = []
    whole = Layout.view
    with pytest.MonkeyPatch.context() as patch:
        # Page one is planned again where it runs over: the last plan is the one that is printed.
        patch.setattr(Layout, "view", lambda self, page: plans.append(page) or whole(self, page))
        path.write_bytes(render_report(report, "pdf", load_reference(), letterhead=head))
    text = subprocess.run(
        ["pdftotext", "-raw", str(path), "-"], check=True, capture_output=True, text=True
    ).stdout
    words = ReportWords(Wording(load_reference(), report.language))
    layout = Layout(report, words, head or Letterhead(), "a4")
    view = layout.view(plans[-1])
    first, *others = map(squeeze, text.split("\f")[:-1])
    edge = squeeze(" · ".join(view.identity.running) + view.status)
    foot = squeeze(view.use + view.page)
    kept = []
    for page in others:
        page = page.replace(squeeze(view.draft_mark), "")
        for part in (edge, foot):
            assert part in page
        page = re.sub(re.escape(foot) + r"\d+/\d+", "", page).replace(edge, "", 1)
        page = page.removeprefix(squeeze(view.status))
        kept.append(page)
    return PAGE.join((first, *kept)), view


def page_view(report, head=None, lines=room.LINES) -> View:
    head = head or Letterhead()
    words = ReportWords(Wording(load_reference(), report.language))
    plan = pageone.plan_page_one(report, words, lines - head.lines(room.WIDTH))
    return build_view(report, words, head, plan)


def missing(view, text, exempt, form):
    lost = []
    for path, atom in atoms(view):
        if path in exempt:
            continue
        # A sheet that is printed densely leaves the sources to the drug table.
        if (
            form == "pdf"
            and view.page_one.dense
            and path.startswith("page_one.")
            and (path.endswith(".source"))
        ):
            continue
        # A column of paper holds the first and the last letters of long alleles.
        shown = (
            pdf_layout.cut_name(atom) if form == "pdf" and path == "variants.rows.names" else atom
        )
        if squeeze(shown) not in text and not (form == "pdf" and parted(squeeze(shown), text)):
            lost.append((path, atom))
    return lost


def parted(words, text):
    """Say whether a text stands in two parts: it goes on overleaf, or, if long, in a column.

    What goes on overleaf does so where a page begins, though the figures of the page before may
    stand between its parts.
    """
    if any(f"{words[:at]}{PAGE}{words[at:]}" in text for at in range(1, len(words))):
        return True
    overleaf = range(8, len(words))
    pages = text.split(PAGE)
    for page, after in pairwise(pages):
        # A figure may stand at the head of the page on which it goes on.
        if any(page.endswith(words[:at]) and words[at:] in after for at in overleaf):
            return True
    if any(words[:at] in text and PAGE + words[at:] in text for at in overleaf):
        return True
    places = range(40, len(words) - 40)
    return any(words[:at] in text and words[at:] in text for at in places)


def lost_by(form, report, tmp_path, head=None):
    if form == "pdf":
        pytest.importorskip("typst", reason="needs the extra pdf")
        if which("pdftotext") is None:
            pytest.skip("needs pdftotext")
        text, view = pdf_text(report, tmp_path, head)
    else:
        text, view = html_text(report, head), page_view(report, head)
    return missing(view, text, dict(BOTH)[form], form)


def parts_of(kind, field="", owner=None):
    """Return the fields of a type, and of all below it, that can print, with their classes."""
    if kind is str:
        return {(owner, field)}
    if not isinstance(kind, type) or get_origin(kind):
        return set().union(*(parts_of(k, field, owner) for k in get_args(kind) if k is not ...))
    if not is_dataclass(kind):
        return set()
    hints = get_type_hints(kind)
    return set().union(*(parts_of(hints[f.name], f.name, kind.__name__) for f in fields(kind)))


def parts_in(value, field="", owner=None):
    """Return the fields with something to print in a value, with their classes."""
    if is_dataclass(value):
        return set().union(
            *(parts_in(getattr(value, f.name), f.name, type(value).__name__) for f in fields(value))
        )
    if isinstance(value, tuple):
        return set().union(*(parts_in(item, field, owner) for item in value))
    return {(owner, field)} if type(value) is str and value else set()


@cache
def varied():
    """Return reports that hold together everything that a view can hold, with their heads."""
    reports = {name: (report, None) for name, report in example_reports().items()}
    reports["spanish"] = example_reports("es")["EX05"], None
    one, five, seven = (example_reports()[n] for n in ("EX01", "EX05", "EX07"))
    noted = tuple(replace(f, notes=("note-site-unread",)) for f in one.findings)
    crowded = (Message("quality-sex-not-assessed"),) * 70
    reports["letterhead"] = replace(one, findings=noted, warnings=crowded), HEAD
    reports["refused"] = (
        replace(
            seven,
            status=ReportStatus.NOT_REPORTABLE,
            not_reportable=(Message("quality-sex-not-assessed"),),
        ),
        None,
    )
    reports["amended"] = (
        replace(
            five,
            status=ReportStatus.FINAL,
            authorisation=Authorisation(
                "Vera Sure",
                "geneticist",
                "2026-11-26",
                f"sha256:{'0' * 64}",
                "sha256:1",
                2,
                "R-BEFORE v1",
                "a new class",
                review=Signatory("Tess T.", "technician", "2026-11-25"),
                changes=Changes(("a:phenytoin",), drugs=("phenytoin",), genes=("SCN1A",)),
                valid_days=200,
                entry=7,
                entry_digest=f"sha256:{'7' * 64}",
            ),
        ),
        None,
    )
    finding = one.findings[0]
    withdrawn = tuple(
        replace(c, status=GeneStatus.NOT_REPORTABLE) if c.assessed else c for c in one.coverage
    )
    open_gene = replace(
        next(g for g in one.genes if g.sites), undocumented=("1-2-A-G",), not_excluded=("*99",)
    )
    urgent = replace(five.interpretation.urgent[0], resolve=(Message("quality-sex-not-assessed"),))
    unknown = Message("not-considered", (Value("word", ("Novumab",)),))
    reports["many"] = (
        replace(
            one,
            coverage=withdrawn,
            interpretation=replace(one.interpretation, urgent=(urgent,), not_considered=(unknown,)),
            genes=tuple(open_gene if g.gene == open_gene.gene else g for g in one.genes),
            findings=tuple(
                replace(
                    finding,
                    key=replace(finding.key, pos=finding.key.pos + n),
                    classifications=(),
                    aliases=(Alias("p.(Ala1Gly)"),),
                    notes=("note-site-unread",),
                    functional=(
                        FunctionalEvidence(
                            Relation.SAME_RESIDUE,
                            "SCN1A",
                            "p.Arg222Gln",
                            Direction.LOSS,
                            "electrophysiology",
                            replace(one.interpretation.monogenic[0].evidence[0], verified=False),
                        ),
                    ),
                )
                for n in range(6)
            ),
        ),
        None,
    )
    full = five.interpretation.urgent * 14
    reports["full"] = replace(five, interpretation=replace(five.interpretation, urgent=full)), None
    return reports


CASES = (*NAMES, "spanish", "letterhead", "refused", "amended", "many", "full")


@pytest.mark.parametrize("form", ["html", "pdf"])
@pytest.mark.parametrize("name", CASES)
def test_a_format_prints_the_whole_view(name, form, tmp_path):
    report, head = varied()[name]
    assert lost_by(form, report, tmp_path, head) == []


def test_the_reports_compared_hold_every_field_of_a_view():
    seen = set().union(*(parts_in(page_view(report, head)) for report, head in varied().values()))
    # A sheet without room names pairs of drugs behind page one.
    seen |= parts_in(page_view(varied()["EX04"][0], lines=1))
    assert sorted(parts_of(View) - seen) == []


def test_exemptions_name_what_views_hold():
    seen = {
        path for report, head in varied().values() for path, _ in atoms(page_view(report, head))
    }
    assert {*NOT_IN_HTML, *NOT_IN_PDF, *IN_FHIR} <= seen


@pytest.mark.parametrize("form", ["html", "pdf"])
@pytest.mark.parametrize("name", ["EX01", "EX05", "EX08"])
def test_sections_stand_in_the_order_of_the_view(name, form, tmp_path):
    report = example_reports()[name]
    if form == "pdf":
        text, view = pdf_text(report, tmp_path)
    else:
        text, view = html_text(report), page_view(report)
    place = 0
    for path, heading in atoms(view):
        if path.endswith("heading") and path != "drugs.quiet_heading":
            place = text.find(squeeze(heading), place)
            assert place >= 0, heading


def fhir_text(report):
    bundle = json.loads(render_report(report, "fhir", load_reference()))
    said = []

    def collect(value):
        if isinstance(value, dict | list):
            for part in value.values() if isinstance(value, dict) else value:
                collect(part)
        else:
            said.append(str(value))

    collect(bundle)
    return squeeze("\n".join(said))


def unread_in(report):
    """Return each gene that a bundle says was not read, with the reason that it gives."""
    bundle = json.loads(render_report(report, "fhir", load_reference()))
    return {
        (gene.split(" ")[0], part["code"]["text"].partition(": ")[2])
        for entry in bundle["entry"]
        for part in entry["resource"].get("component", ())
        if "dataAbsentReason" in part
        for gene in part["dataAbsentReason"].get("text", "").split(", ")
    }


IN_FHIR = (
    # The report's own state, and what its reader must know first.
    "refused.said",
    "page_one.urgent.lines.said.text",
    "page_one.urgent.lines.said.resolve",
    "page_one.current.not_considered.value",
    "page_one.limits.warnings",
    "methods.limits",
    # Results: what was found in each gene, and how far it was read.
    "genes.tables.rows.gene.text",
    "genes.tables.rows.undocumented",
    "genes.tables.rows.read",
    "genes.tables.rows.not_excluded",
    "genes.tables.rows.status",
    "genes.caveats.text",
    "genes.plain.gene.text",
    "genes.not_assessed.text",
    "variants.rows.gene.text",
    "variants.rows.consequences",
    "variants.rows.direction",
    "variants.rows.basis",
    "variants.rows.classes.text",
    "variants.rows.classes.who",
    "page_one.monogenic.findings.zygosity",
    # Coverage.
    "variants.exons.gene",
    "variants.exons.exons",
)
"""What a bundle carries of the view. Statements are compared by themselves, because a bundle has
one for each drug where a page joins drugs; quality, facts and versions have no resource in it."""
OF_A_REFUSED = ("refused.said", "page_one.current.not_considered.value", "page_one.limits.warnings")


def lost_by_fhir(report, shown=None):
    """Return what the bundle of a report, or of what is shown of it, leaves out."""
    text = fhir_text(shown or report)
    words = ReportWords(Wording(load_reference(), report.language))
    refused = bool(report.not_reportable)
    wanted = OF_A_REFUSED if refused else IN_FHIR
    # A gene that was read in full has a value, and needs no word for it.
    complete = status_word(GeneStatus.COMPLETE, words)
    # Where a page only counts the pairs that nobody checked, the bundle names them.
    counted = short_pairs(report, words)
    lost = [
        (path, atom.replace(counted, unchecked_pairs(report, words)))
        for path, atom in atoms(page_view(report))
    ]
    lost = [
        (path, atom)
        for path, atom in lost
        if path in wanted and atom != complete and squeeze(atom) not in text
    ]
    if refused:
        return lost
    told = unread_in(shown or report)
    lost += [
        ("coverage", item.gene)
        for item in report.coverage
        if not item.assessed and (item.gene, words.alone(item.reason).rstrip(" :")) not in told
    ]
    for statement in all_statements(report.interpretation):
        if statement.tier not in (Tier.ACT, Tier.CONSIDER):
            continue
        said = (
            words.sentence(statement),
            settle(statement.resolve, words),
            *map(words.tell, statement.reasons),
            *(f"{words.source_name(e)} ({e.table}: {e.row})" for e in statement.evidence),
            *(source_level(e, words) for e in statement.evidence),
        )
        lost += [(statement.statement_id, x) for x in said if squeeze(x) not in text]
    return lost


@pytest.mark.parametrize("name", [c for c in CASES if c != "letterhead"])
def test_fhir_carries_its_part_of_the_view(name):
    pytest.importorskip("fhir.resources", reason="needs the extra fhir")
    assert lost_by_fhir(varied()[name][0]) == []


def test_a_pdf_without_the_genes_not_read_is_found(tmp_path, monkeypatch):
    whole = Layout.data

    def without(self, *given):
        data = whole(self, *given)
        data["variants"]["unread"] = []
        return data

    monkeypatch.setattr(Layout, "data", without)
    lost = lost_by("pdf", example_reports()["EX01"], tmp_path)
    assert "variants.unread.value" in {path for path, _ in lost}


def test_a_page_without_what_settles_a_statement_is_found(tmp_path, monkeypatch):
    templates = tmp_path / "templates"
    shutil.copytree(html.TEMPLATES, templates)
    page = templates / "report.html"
    text = page.read_text(encoding="utf-8")
    cut = "{% if x.resolve %} <small>{{ x.resolve }}</small>{% endif %}"
    assert cut in text
    page.write_text(text.replace(cut, ""), encoding="utf-8")
    monkeypatch.setattr(html, "page_template", partial(page_template, folder=templates))
    lost = lost_by("html", example_reports()["EX08"], tmp_path)
    assert {path.rsplit(".", 1)[1] for path, _ in lost} == {"resolve"}


def test_a_bundle_without_a_limit_is_found():
    pytest.importorskip("fhir.resources", reason="needs the extra fhir")
    report = example_reports()["EX01"]
    shown = replace(report, limits=report.limits[1:])
    assert {path for path, _ in lost_by_fhir(report, shown)} == {"methods.limits"}


def test_exons_judged_in_full_are_joined():
    exons = ((1, 10, 10), (2, 20, 20), (3, 30, 12), (4, 5, 0), (5, 6, 0), (6, 7, 7))
    assert exon_runs(exons) == [("1–2", 30, 30), ("3", 12, 30), ("4–5", 0, 11), ("6", 7, 7)]
    assert exon_runs(()) == []
