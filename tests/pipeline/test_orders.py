"""Orders and files come together, or a line and a page say why not."""

import hashlib
import shutil
from html import escape

import pytest

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.orders import read_entries, read_manifest, read_orders
from epilepsy_pgx.intake.sheet import read_sheet
from epilepsy_pgx.ledger.binding import read_binding
from epilepsy_pgx.ledger.signing import VARIABLE, is_signed
from epilepsy_pgx.pipeline.orders import join_orders, write_orders
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.vocabulary import GenomeBuild
from tests.command import run, table
from tests.ledger.test_signing import key

VCF = (
    "##fileformat=VCFv4.2\n##contig=<ID=chr10>\n"
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{names}\n"
)
ORDER = {
    "accession": "A1",
    "record_number": "77",
    "name": "Ada N.",
    "birth_date": "1990-02-03",
    "specimen": "blood",
    "collected": "2026-11-01",
    "received": "2026-11-02",
    "requester": "Dr W. Ward",
    "consent": "yes",
    "priority": ".",
    "genes_off": ".",
    "repeat_of": ".",
}
OTHER = {**ORDER, "accession": "A2", "record_number": "78", "name": "Bea M."}


def write(path, rows):
    head = list(rows[0])
    lines = ["\t".join(head), *("\t".join(r[c] for c in head) for r in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def vcf(folder, name, *samples):
    path = folder / name
    path.write_text(VCF.format(names="\t".join(samples)), encoding="utf-8")
    return path


def bound(path, accession="A1", sample="P1", **more):
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    row = {"accession": accession, "sample_id": sample, "vcf": path.name, "vcf_sha256": digest}
    return {**row, "vcf_sample": ".", "build": "GRCh38", **more}


def joined(folder, orders, manifest, earlier=()):
    found = join_orders(
        read_orders(write(folder / "orders.tsv", orders)),
        read_manifest(write(folder / "manifest.tsv", manifest)),
        [
            b
            for i, rows in enumerate(earlier)
            for b in read_manifest(write(folder / f"earlier{i}.tsv", rows))
        ],
    )
    return found, {t.accession: [(p.column, p.check) for p in t.problems] for t in found}


def test_what_fits_becomes_a_sheet(tmp_path, reference):
    one, two = vcf(tmp_path, "1.vcf", "P1"), vcf(tmp_path, "2.vcf", "x", "y")
    orders = [
        {**ORDER, "genes_off": "TSC2|OTC"},
        {**OTHER, "priority": "stat"},
        {**OTHER, "accession": "A3", "record_number": "79", "name": "Cy"},
    ]
    rows = [bound(one), bound(two, "A2", "P2", vcf_sample="y")]
    found, why = joined(tmp_path, orders, rows)
    assert why == {"A1": [], "A2": [], "A3": []}
    assert [(t.accession, t.state) for t in found] == [
        ("A2", "accepted"),
        ("A3", "waiting"),
        ("A1", "accepted"),
    ]
    write_orders(found, tmp_path / "out", Wording(reference))
    sheet = read_sheet(tmp_path / "out/samples.tsv", reference)
    first = next(r for r in sheet.rows if r.sample_id == "P1")
    assert first.genes_off == ("TSC2", "OTC")
    assert first.vcfs[0].resolve() == one
    assert first.vcf_digests == (f"sha256:{rows[0]['vcf_sha256']}",)
    assert (first.patient.accession, first.patient.requester) == ("A1", "Dr W. Ward")
    assert {r.vcf_sample for r in sheet.rows} == {"P1", "y"}


def test_every_fault_of_an_order_is_told_in_each_language(tmp_path, reference):
    cells = [
        {"record_number": ".", "name": ".", "consent": "no", "priority": "soon", "specimen": "."},
        {"accession": "A2", "collected": "1.11.2026"},
        {"accession": "A3", "received": "2026-10-01", "birth_date": "1990-02-04"},
        {"accession": "A4", "genes_off": "TSC2|OTC"},
    ]
    rows = [bound(vcf(tmp_path, "1.vcf", "P1"))]
    found, _ = joined(tmp_path, [{**ORDER, **c} for c in cells], rows)
    told = {f.said.text_id for one in found for f in one.faults}
    assert told == {
        *("order-lacks", "order-identifiers", "order-consent", "order-word", "order-date-form"),
        *("order-date-sequence", "order-other-person", "order-repeated"),
    }
    for language in ("en", "es"):
        words = Wording(reference, language)
        write_orders(found, tmp_path / "out", words)
        page = (tmp_path / "out/index.html").read_text(encoding="utf-8")
        assert all(escape(words.tell(f.said)) in page for one in found for f in one.faults)
        assert words.say("order-genes-off", genes="TSC2, OTC") in page


BAD_ORDERS = [
    ({"record_number": ".", "name": "."}, "order-identifiers"),
    ({"consent": "no"}, "order-consent"),
    ({"consent": "."}, "order-cell"),
    ({"specimen": "."}, "order-cell"),
    ({"requester": "."}, "order-cell"),
    ({"received": "2026-10-01"}, "order-date"),
    ({"collected": "1.11.2026"}, "order-date"),
    ({"birth_date": "2026-11-05"}, "order-date"),
    ({"received": "2999-01-01"}, "order-date"),
    ({"birth_date": "2999-01-01"}, "order-date"),
    ({"repeat_of": "A1"}, "order-repeat-of"),
    ({"priority": "soon"}, "order-cell"),
]


@pytest.mark.parametrize(("cells", "check"), BAD_ORDERS)
def test_an_order_that_lacks_something_is_refused_alone(tmp_path, cells, check):
    paths = vcf(tmp_path, "1.vcf", "P1"), vcf(tmp_path, "2.vcf", "P2")
    rows = [bound(paths[0]), bound(paths[1], "A2", "P2")]
    _, why = joined(tmp_path, [{**ORDER, **cells}, OTHER], rows)
    assert {c for _, c in why["A1"]} == {check}
    assert why["A2"] == []


@pytest.mark.parametrize(
    ("cells", "columns"),
    [
        ({"record_number": "77", "name": "Bea M."}, {"name", "repeat_of"}),
        ({"record_number": "77", "birth_date": "1990-02-04", "name": "Ada N."}, {"birth_date"}),
        ({"record_number": "77", "name": "Ada N."}, {"repeat_of"}),
        ({"record_number": ".", "name": "ADA N."}, {"repeat_of"}),
        ({"record_number": "77", "name": "Ada N.", "repeat_of": "A1"}, set()),
        ({"record_number": "78", "name": "Bea M."}, set()),
    ],
)
def test_a_patient_who_was_ordered_already_is_noticed(tmp_path, cells, columns):
    paths = vcf(tmp_path, "1.vcf", "P1"), vcf(tmp_path, "2.vcf", "P2")
    rows = [bound(paths[0]), bound(paths[1], "A2", "P2")]
    _, why = joined(tmp_path, [ORDER, {**OTHER, **cells}], rows)
    assert ({c for c, _ in why["A2"]}, why["A1"]) == (columns, [])


def swapped(folder):
    """Each file stands under the other patient's digest."""
    one, two = bound(vcf(folder, "1.vcf", "P1")), bound(vcf(folder, "2.vcf", "P2"), "A2", "P2")
    one["vcf"], two["vcf"] = two["vcf"], one["vcf"]
    return [one, two], (), {"A1": {"vcf_sha256", "vcf_sample"}, "A2": {"vcf_sha256", "vcf_sample"}}


def reused(folder):
    path = vcf(folder, "1.vcf", "P1")
    rows = [bound(path), bound(path, "A2", "P2", vcf_sample="P1")]
    return rows, (), {"A1": {"vcf_sha256"}, "A2": {"vcf_sha256"}}


def used_before(folder):
    old = bound(vcf(folder, "1.vcf", "P1"), "OLD", "P0", vcf_sample="P1")
    rows = [bound(folder / "1.vcf"), bound(vcf(folder, "2.vcf", "P2"), "A2", "P2")]
    return rows, ([old],), {"A1": {"vcf_sha256"}, "A2": set()}


def sample_id_again(folder):
    rows = [
        bound(vcf(folder, "1.vcf", "P1")),
        bound(vcf(folder, "2.vcf", "P2"), "A2", "p1", vcf_sample="P2"),
    ]
    return rows, (), {"A1": {"sample_id"}, "A2": {"sample_id"}}


def not_ordered(folder):
    rows = [bound(vcf(folder, "1.vcf", "P1")), bound(vcf(folder, "2.vcf", "P2"), "A9", "P2")]
    return rows, (), {"A1": set(), "A2": set(), "A9": {"accession"}}


def changed_since(folder):
    row = bound(vcf(folder, "1.vcf", "P1"))
    vcf(folder, "1.vcf", "P1", "Q")
    return (
        [row, bound(vcf(folder, "2.vcf", "P2"), "A2", "P2")],
        (),
        {"A1": {"vcf_sha256"}, "A2": set()},
    )


def missing_file(folder):
    row = bound(vcf(folder, "1.vcf", "P1"))
    (folder / "1.vcf").unlink()
    return [row, bound(vcf(folder, "2.vcf", "P2"), "A2", "P2")], (), {"A1": {"vcf"}, "A2": set()}


def another_sample(folder):
    rows = [bound(vcf(folder, "1.vcf", "P7")), bound(vcf(folder, "2.vcf", "P2", "P1"), "A2", "P3")]
    return rows, (), {"A1": {"vcf_sample"}, "A2": {"vcf_sample"}}


def bad_sample_id(name):
    def case(folder):
        rows = [
            bound(vcf(folder, "1.vcf", "P1"), sample=name, vcf_sample="P1"),
            bound(vcf(folder, "2.vcf", "P2"), "A2", "P2"),
        ]
        return rows, (), {"A1": {"sample_id"}, "A2": set()}

    return case


@pytest.mark.parametrize(
    "case",
    [
        *map(bad_sample_id, ("../../x", "Ñandú 1", "-rf", "P" * 65, ".hidden")),
        swapped,
        reused,
        used_before,
        sample_id_again,
        not_ordered,
        changed_since,
        missing_file,
        another_sample,
    ],
)
def test_a_file_that_may_be_somebody_elses_is_refused_with_its_reason(tmp_path, reference, case):
    rows, earlier, expected = case(tmp_path)
    found, why = joined(tmp_path, [ORDER, OTHER], rows, earlier)
    assert {name: {c for c, _ in faults} for name, faults in why.items()} == expected
    for language in ("es", "en"):
        words = Wording(reference, language)
        write_orders(found, tmp_path / "out", words)
        page = (tmp_path / "out/index.html").read_text(encoding="utf-8")
        assert f'<html lang="{language}">' in page
        for one in found:
            assert all(escape(words.tell(f.said)) in page for f in one.faults)
            assert (one.state == "refused") == bool(one.problems)
            assert (language == "en") == all(
                p.found in page for p in one.problems
            ) or not one.faults
    sheet = table(tmp_path / "out/samples.tsv")
    accepted = {t.bound.sample_id for t in found if t.state == "accepted"}
    assert {r["sample_id"] for r in sheet} == accepted


@pytest.mark.parametrize(
    "text",
    ["accession\n.\n", "accession\tname\nA\tx\nA\ty\n", "name\nx\n", "accession\tcolour\nA\tred\n"],
)
def test_a_sheet_of_another_form_is_a_mistake(tmp_path, text):
    path = tmp_path / "orders.tsv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError):
        read_orders(path)


def test_the_command_refuses_and_a_changed_file_fails_its_patient(root, tmp_path, monkeypatch):
    """What was bound when it was ordered is compared again when it is read."""
    source = root / "examples/vcf/EX08.vcf"
    path = shutil.copy(source, tmp_path / "1.vcf")
    row = bound(path, sample="P1", vcf_sample="EX08")
    write(tmp_path / "orders.tsv", [{**ORDER, "genes_off": "CYP2C9"}, {**OTHER, "consent": "no"}])
    write(tmp_path / "manifest.tsv", [row])
    words = ("orders", tmp_path / "orders.tsv", tmp_path / "manifest.tsv", "--out", tmp_path / "o")
    monkeypatch.delenv(VARIABLE, raising=False)
    done = run(*words, "--sign")
    assert (done.returncode, "ledger-key" in done.stderr) == (2, True)
    assert not (tmp_path / "o").exists()
    monkeypatch.setenv(VARIABLE, key(tmp_path / "own.pem"))
    done = run(*words, "--sign", "--language", "es")
    assert (done.returncode, "no consent" in done.stderr) == (3, True)
    assert "Rechazadas" in (tmp_path / "o/index.html").read_text(encoding="utf-8")
    signed = read_binding(tmp_path / "o")
    assert [b.accession for b in signed.bound] == ["A1"]
    assert is_signed(signed.digest, signed.signature, signed.public_key)
    assert run(*words).returncode == 3
    assert not (tmp_path / "o/bound.json").exists()
    assert len(list((tmp_path / "o/superseded").glob("bound.*.json"))) == 1
    sheet = (tmp_path / "o/samples.tsv").read_text(encoding="utf-8")
    bad = tmp_path / "o/bad.tsv"
    bad.write_text(sheet.replace(row["vcf_sha256"], "0" * 64), encoding="utf-8")
    words = ("run", "--vcf", path, "--build", "GRCh38", "--formats", "json", "--date", "2026-11-22")
    done = run(*words, "--samples", bad, "--out", tmp_path / "r1")
    assert (done.returncode, "Exclude a swap" in done.stderr) == (2, True)
    done = run(*words, "--samples", tmp_path / "o/samples.tsv", "--out", tmp_path / "r2")
    assert done.returncode == 0
    gene = next(g for g in table(tmp_path / "r2/cohort/genes.tsv") if g["gene"] == "CYP2C9")
    assert (gene["status"], gene["phenotype"]) == ("not_assessed", ".")
    (report,) = (tmp_path / "r2/reports").glob("*/P1/P1.json")
    assert '"notice-genes-off"' in report.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("person", "again", "check"),
    [
        ({}, "A1", None),
        ({}, "ZZZ", "order-repeated"),
        ({}, "A2", "order-repeat-of"),
        ({"record_number": "78", "name": "Bea M."}, "A1", "order-repeat-of"),
        ({"record_number": "78", "name": "Bea M."}, "Z-LAST-MONTH", None),
    ],
)
def test_an_order_repeats_one_of_the_same_patient(person, again, check, tmp_path):
    second = {**ORDER, **person, "accession": "A2", "repeat_of": again}
    _, other = read_orders(write(tmp_path / "orders.tsv", [ORDER, second]))
    found = [(f.problem.check, f.problem.line, f.problem.column) for f in other.faults]
    assert found == ([] if check is None else [(check, 3, "repeat_of")])


@pytest.mark.parametrize(
    ("column", "day", "today", "refused"),
    [
        ("received", "2026-11-03", "2026-11-02", True),
        ("received", "2026-11-03", "2026-11-03", False),
        ("birth_date", "2027-01-01", "2026-11-03", True),
    ],
)
def test_no_date_of_an_order_is_to_come(column, day, today, refused, tmp_path):
    path = write(tmp_path / "orders.tsv", [{**ORDER, column: day}])
    (order,) = read_orders(path, today)
    late = [f for f in order.faults if f.problem.found == "a date to come"]
    assert ([f.problem.column for f in late] == [column]) == refused


@pytest.mark.parametrize(
    ("column", "word", "shown"),
    [("priority", "soon", True), ("genes_off", "TSC3", True), ("birth_date", "3.2.1990", False)],
)
def test_a_refused_word_is_shown_unless_it_says_who_somebody_is(column, word, shown, tmp_path):
    path = write(tmp_path / "orders.tsv", [{**ORDER, column: word}])
    (order,) = read_orders(path, genes={"TSC2"})
    assert any(word in str(f.problem) for f in order.faults) == shown
    assert [f.problem.column for f in order.faults] == [column]


def test_an_entry_of_no_order_is_refused_with_its_line(tmp_path):
    path = write(
        tmp_path / "entries.tsv",
        [{"accession": "A1", "sex": "male"}, {"accession": "A01", "sex": "."}],
    )
    assert set(read_entries(path)) == {"A1", "A01"}
    with pytest.raises(InputError, match=r"entries\.tsv:3: accession: found an accession of no"):
        read_entries(path, {"A1"})


@pytest.mark.parametrize(
    ("ordered", "entered", "off"),
    [
        (".", ".", "."),
        ("TSC2", ".", "TSC2"),
        (".", "TSC2", "TSC2"),
        (None, "TSC2", "TSC2"),
        ("TSC2", "CYP2C9", "TSC2|CYP2C9"),
        ("TSC2|OTC", "OTC|TSC2", "TSC2|OTC"),
        ("TSC2", "TSC3", None),
        (".", "none", None),
    ],
)
def test_a_gene_is_off_if_the_order_or_the_entry_says_so(ordered, entered, off, tmp_path):
    order = {c: v for c, v in ORDER.items() if c != "genes_off" or ordered is not None}
    if ordered is not None:
        order["genes_off"] = ordered
    paths = (
        write(tmp_path / "orders.tsv", [order]),
        write(tmp_path / "manifest.tsv", [bound(vcf(tmp_path, "1.vcf", "P1"))]),
    )
    entries = write(tmp_path / "entries.tsv", [{"accession": "A1", "genes_off": entered}])
    done = run("orders", *paths, "--entries", entries, "--out", tmp_path / "out")
    if off is None:
        assert (done.returncode, "entries.tsv:2: genes_off" in done.stderr) == (2, True)
        return
    assert done.returncode == 0, done.stderr
    (row,) = table(tmp_path / "out/samples.tsv")
    assert row["genes_off"] == off
    assert [r["received"] for r in table(tmp_path / "out/orders.tsv")] == [ORDER["received"]]
    page = (tmp_path / "out/index.html").read_text(encoding="utf-8")
    assert ("switched off" in page) == (off != ".")


@pytest.mark.parametrize(
    ("genes", "refused"),
    [("TSC2|OTC", []), ("TSC2|OTCC", ["genes_off"]), ("nonsense", ["genes_off"]), (".", [])],
)
def test_a_gene_that_no_table_has_is_not_switched_off(genes, refused, tmp_path):
    path = write(tmp_path / "orders.tsv", [{**ORDER, "genes_off": genes}])
    (order,) = read_orders(path, genes={"TSC2", "OTC"})
    assert [f.problem.column for f in order.faults] == refused
    said = [{v.name: v.items for v in f.said.values}["words"] for f in order.faults]
    assert said in ([], [("OTC",)], [("OTC, TSC2",)])


@pytest.mark.parametrize("name", ["+Dan", "=HYPERLINK(x)", "@SUM(A1)", "-12", "O'Neil", "'t Hooft"])
def test_a_name_that_looks_like_a_formula_comes_whole_through_our_own_sheet(
    name, tmp_path, reference
):
    one = vcf(tmp_path, "1.vcf", "P1")
    taken, _ = joined(tmp_path, [{**ORDER, "name": name}], [bound(one)])
    write_orders(taken, tmp_path / "out", Wording(reference))
    sheet = read_sheet(tmp_path / "out/samples.tsv", reference, GenomeBuild.GRCH38)
    assert [row.patient.name for row in sheet.rows] == [name]
