"""Whatever a report says beside statements is a text of the tables, filled to the last place."""

import ast
import string
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from epilepsy_pgx.model import Alias, ClinicalEntry, DrugExposure, Suggestion
from epilepsy_pgx.pipeline.predict import entry_warnings, stopping_checks
from epilepsy_pgx.pipeline.side_files import SideFiles
from epilepsy_pgx.quality.checks import CheckResult
from epilepsy_pgx.reference.limits import limit_words
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import CuratedText
from epilepsy_pgx.report.build import missing_transcripts
from epilepsy_pgx.report.html import HtmlRenderer
from epilepsy_pgx.report.notices import (
    SHOWN,
    cis_notices,
    class_notices,
    info_notices,
    unjudged_notices,
)
from epilepsy_pgx.report.quality import describe_quality
from epilepsy_pgx.report.serialise import report_from_json, report_to_json
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.statement import Message, Value, ValueKind
from epilepsy_pgx.vocabulary import CheckOutcome, Classification
from tests.report.examples import NAMES, example_reports
from tests.said import fill_texts
from tests.syntax import nodes

SOURCE = Path(__file__).parents[2] / "src" / "epilepsy_pgx"
LANGUAGES = ("en", "es")


def messages(value: object) -> Iterator[Message]:
    """Yield every message in a value, however deep."""
    if isinstance(value, Message):
        yield value
    if isinstance(value, tuple):
        for item in value:
            yield from messages(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from messages(getattr(value, field.name))


@pytest.fixture(scope="module")
def texts(reference: Reference) -> dict[tuple[str, str], str]:
    return {(row.id, row.language): row.text for row in reference.rows(CuratedText)}


def check(message: Message, texts: dict[tuple[str, str], str]) -> None:
    """Compare the values of a message with the places of its text."""
    given = [v.name for v in message.values]
    given += [v.name.capitalize() for v in message.values if v.kind is ValueKind.DRUG]
    optional = {v.name for v in message.values if v.kind is ValueKind.DRUG}
    optional |= {name.capitalize() for name in optional}
    assert len(set(given)) == len(given), message
    for language in LANGUAGES:
        text = texts[message.text_id, language]
        asked = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
        assert asked <= set(given) <= asked | optional, (message, text)
    for value in message.values:
        if value.kind is ValueKind.TEXT:
            for item in value.items:
                check(Message(item), texts)


@pytest.mark.parametrize("name", NAMES)
def test_messages_of_a_report_fill_their_texts(name, texts):
    found = list(messages(example_reports()[name]))
    assert len(found) > 5
    for message in found:
        check(message, texts)


def constants(path: Path) -> dict[str, str]:
    """Return the texts that a module gives a name at its top."""
    found = {}
    tree = nodes(path)[0]
    assert isinstance(tree, ast.Module)
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(text))):
                found[name] = text
    return found


def test_every_message_that_the_code_names_is_in_the_tables(texts):
    paths = [*SOURCE.rglob("*.py")]
    everywhere = {name: text for path in paths for name, text in constants(path).items()}
    named = set()
    for path in paths:
        # A name of the module itself comes before one that it imports.
        known = everywhere | constants(path)
        for node in nodes(path):
            match node:
                case ast.Call(func=ast.Name(id="Message"), args=[ast.Constant(value=text), *_]):
                    named.add(str(text))
                case ast.Call(func=ast.Name(id="Message"), args=[ast.Name(id=name), *_]):
                    named |= {known[name]} if name in known else set()
    assert {"caveat-class-none", "callability-declared", "not-considered-entered"} <= named
    assert {(i, language) for i in named for language in LANGUAGES} <= texts.keys()


def row(line: int, sample: str = "P1", word: str = "Pathogenic") -> Any:
    return SimpleNamespace(
        line=line,
        word=word,
        variant="NM_1.1:c.1A>G",
        sample_id=sample,
        doubt="class-unused-name",
        record=SimpleNamespace(classification=Classification.PATHOGENIC),
    )


def test_notices_of_classes_fill_their_texts(texts):
    reasons = sorted(
        i for i, language in texts if i.startswith("class-unused-") and language == "en"
    )
    own = [(row(n), reason) for n, reason in enumerate(reasons)]
    shared = [(row(n, ""), reasons[0]) for n in range(SHOWN + 2)]
    matched = cast(
        Any,
        SimpleNamespace(
            unused=(*own, *shared),
            inexact=((row(1), "G NM_1.1:c.1A>G"),),
            differing=((row(1), row(2, word="Benign")),),
        ),
    )
    found = [*class_notices(matched, (), "c.tsv")]
    assert len({m.text_id for m in found}) == 5
    for message in found:
        check(message, texts)


def test_notices_of_a_file_and_of_cis_fill_their_texts(texts):
    unread: Any = [
        (
            SimpleNamespace(
                info_fits=fits, info_class="x" * 200, info_field="CLNSIG", key="1-2-A-C"
            ),
            ("perhaps",),
        )
        for fits in (True, False, True, True)
    ]
    pair: Any = SimpleNamespace(
        gene="G",
        findings=[
            SimpleNamespace(hgvs_p="p.(Ala1Thr)", hgvs_c=None, key=""),
            SimpleNamespace(hgvs_p=None, hgvs_c="c.5A>C", key=""),
        ],
    )
    found = [*info_notices(unread), *cis_notices([pair])]
    assert len({m.text_id for m in found}) == 4
    for message in found:
        check(message, texts)


def test_every_outcome_of_a_check_fills_its_text(texts, reference):
    measured = {c.check: c.measured for r in example_reports().values() for c in r.quality.checks}
    prefixes = {
        "call rate": "quality-call-rate-",
        "genetic sex": "quality-sex-",
        "mixture": "quality-mixture-",
        "identity": "quality-identity-",
    }
    measured["identity"] = (("positions", "9"), ("compared", "2"))
    for name, prefix in prefixes.items():
        reasons = [i for i, language in texts if i.startswith(prefix) and language == "en"]
        assert len(reasons) > 2
        results = [CheckResult(name, CheckOutcome.FAILED, i, measured[name], ()) for i in reasons]
        for made in describe_quality(results, (), limit_words(reference), reference).checks:
            check(made.found, texts)


def test_other_messages_fill_their_texts(texts, reference):
    entry = ClinicalEntry(
        transplant="bone_marrow",
        current=(
            DrugExposure("x", False),
            DrugExposure("x", False, suggestion=Suggestion("valproate", "valproate")),
            DrugExposure("no such row", True),
        ),
    )
    sheet: Any = SimpleNamespace(line=2, clinical=entry, sheet="samples.tsv")
    made: Any = SimpleNamespace(
        passed_over=("DPYD", "TPMT"), typings=(SimpleNamespace(gene="HLA-A"),)
    )
    found = [
        *entry_warnings(sheet),
        *stopping_checks(entry),
        missing_transcripts(["G", "H"]),
        *SideFiles(reference)._notes(Path("calls.tsv"), made),
        *ResponseEngine(reference).interpret({}, (), {}, entry).not_considered,
        Message("callability-declared", (Value("file", ("panel.bed",)),)),
        Message("not-considered-entered", (Value("word", ("Asthma",)),)),
    ]
    assert len({m.text_id for m in found}) == 11
    for message in found:
        check(message, texts)


def test_warnings_of_an_extraction_have_no_places(texts):
    ids = {
        str(node.value)
        for name in ("extract.py", "group_checks.py")
        for node in nodes(SOURCE / "pipeline" / name)
        if isinstance(node, ast.Constant) and str(node.value).startswith("caveat-")
    }
    assert len(ids) > 5
    for text_id in ids:
        check(Message(text_id), texts)


@pytest.mark.parametrize("name", NAMES)
def test_what_a_report_says_beside_statements_has_no_language(name):
    english, spanish = example_reports()[name], example_reports("es")[name]
    for field in (
        "not_reportable",
        "limits",
        "warnings",
        "provenance",
        "quality",
        "findings",
        "coverage",
        "genes",
    ):
        assert getattr(english, field) == getattr(spanish, field), field
    assert english.interpretation.not_considered == spanish.interpretation.not_considered


@pytest.mark.parametrize("name", NAMES)
def test_json_carries_the_words_and_no_page_reads_them(name, reference):
    report = example_reports()[name]
    wording = Wording(reference)
    assert report == fill_texts(report, wording)
    assert report_to_json(fill_texts(report, wording)) == report_to_json(report)
    for message in messages(report):
        assert message.text == wording.tell(message)
    assert {c for g in report.genes for c in g.caveats} <= dict(report.texts).keys()
    silent = fill_texts(
        report,
        cast(Any, SimpleNamespace(tell=lambda _: "", say=lambda _: "", sentence=lambda _: "")),
    )
    assert {m.text for m in messages(silent)} == {""}
    renderer = HtmlRenderer(reference)
    assert renderer.render(silent) == renderer.render(report)
    assert report_from_json(report_to_json(silent)) == silent


def test_another_name_of_a_variant_has_its_isoform_in_the_language(reference):
    alias = Alias("c.1A>G p.?", "1998-residue isoform")
    words = {n: ReportWords(Wording(reference, n)) for n in LANGUAGES}
    assert words["en"].alias(alias) == "1998-residue isoform: c.1A>G p.?"
    assert words["es"].alias(alias) == "isoforma de 1998 residuos: c.1A>G p.?"
    assert words["es"].alias(replace(alias, isoform="")) == "c.1A>G p.?"


def test_many_changes_that_nobody_judged_are_one_line(reference):
    """Each gene with its count, or from six genes on the sum: common variants fill no page."""
    few = {"SYNGAP1": 2, "CHD2": 1}
    many = {f"G{n}": 3 for n in range(6)}
    assert list(unjudged_notices({})) == []
    for language in ("en", "es"):
        wording = Wording(reference, language)
        (said,) = unjudged_notices(few)
        assert "CHD2 (1)" in wording.tell(said)
        assert "SYNGAP1 (2)" in wording.tell(said)
        (said,) = unjudged_notices(many)
        assert "G0" not in wording.tell(said)
        assert " 18 " in wording.tell(said)
        assert " 6 gene" in wording.tell(said)


@pytest.mark.parametrize(
    ("language", "number", "said"),
    [
        ("en", "1", "after 1 day."),
        ("en", "365", "after 365 days."),
        ("en", "0", "after 0 days."),
        ("es", "1", "después de 1 día."),
        ("es", "21", "después de 21 días."),
    ],
)
def test_one_is_no_plural(language: str, number: str, said: str, reference: Reference) -> None:
    words = Wording(reference, language)
    assert words.say("label-valid", date="2026-11-20", days=number).endswith(said)
