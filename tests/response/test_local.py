"""What an overlay adds to what is said of a patient; it never makes a report less warning."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epilepsy_pgx.model import ClinicalEntry, Interpretation
from epilepsy_pgx.reference.overlay import LocalReference
from epilepsy_pgx.reference.overlay_check import open_reference
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.schema import read_schemas
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.local import load_contacts
from epilepsy_pgx.response.ordering import SEVERITY, TIERS
from epilepsy_pgx.response.rules import WARNINGS
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import Response, Tier
from tests.drawing import examples
from tests.reference.overlays import BASE, own_rule, reason, write_overlay
from tests.response.builders import Case, case, takes
from tests.response.strategies import cases
from tests.said import SpeakingEngine

GRADED = ("drug_rules", "drug_interactions", "drug_safety", "gene_therapy", "clinical_context")
LENNOX = ClinicalEntry(syndromes=("lennox_gastaut",), age_years=Decimal(12))


def ask(engine: ResponseEngine, patient: Case) -> Interpretation:
    return engine.interpret(patient.genes, patient.findings, patient.coverage, patient.clinical)


def speaking(folder: Path, **rows: list[dict[str, str]]) -> SpeakingEngine:
    return SpeakingEngine(open_reference(BASE, write_overlay(folder, rows)))


def table(name: str) -> list[dict[str, str]]:
    header, *lines = (BASE / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    return [dict(zip(header.split("\t"), x.split("\t"), strict=True)) for x in lines]


SHIPPED = {name: table(name) for name in GRADED}
SCHEMAS, _ = read_schemas(BASE)


def urgencies(name: str) -> tuple[str, ...]:
    """Return the words of a table for how urgent a row is, the mildest first."""
    words = next((c.rule.enum for c in SCHEMAS[name].columns if c.name == "critical"), None) or ()
    return tuple(word for word in ("no", "taking", "always") if word in words)


CRITICAL = {name: urgencies(name) for name in GRADED}
OTHERS = (Response.STANDARD, Response.AVOID_TOGETHER)
"""Words that no overlay gives a row: the latter is of pairs alone."""


@st.composite
def strengthened(draw: st.DrawFn, name: str) -> dict[str, str]:
    """Return a row of ours that an overlay makes stronger, or leaves as it is."""
    row = dict(draw(st.sampled_from(SHIPPED[name])))
    if "tier" in row and draw(st.booleans()):
        row["tier"] = draw(st.sampled_from([str(t) for t in TIERS[: _at(TIERS, row["tier"]) + 1]]))
    words = (r for r in Response if r is not Response.AVOID_TOGETHER)
    graver = [str(r) for r in words if r in WARNINGS and SEVERITY[r] < _rank(row)]
    if graver and draw(st.booleans()):
        row["response"] = draw(st.sampled_from(graver))
    if "critical" in row and draw(st.booleans()):
        words = CRITICAL[name]
        row["critical"] = draw(st.sampled_from(words[words.index(row["critical"]) :]))
    if row.get("text_taking") == "." and draw(st.booleans()):
        row["text_taking"] = "action-heart-taking"
    return row


def _rank(row: Mapping[str, str]) -> int:
    return SEVERITY[Response(row["response"])] if "response" in row else 0


def _at(order: Iterable[str], word: str) -> int:
    return [str(x) for x in order].index(word)


OWN = st.builds(
    own_rule,
    rule_id=st.sampled_from(["own-a", "own-b"]),
    drug=st.sampled_from(["levetiracetam", "valproate", "@aromatic", "carbamazepine|phenytoin"]),
    tier=st.sampled_from([str(t) for t in Tier]),
    response=st.sampled_from([str(r) for r in Response if r not in OTHERS]),
    priority=st.sampled_from(["1", "50"]),
    critical=st.sampled_from(["no", "taking", "always"]),
    effect=st.sampled_from(["information", "skin", "liver", "benefit", "dose"]),
    text_id=st.sampled_from(["rule-clinical-lgs-blockers", "rule-clinical-short-qt-rufinamide"]),
    text_taking=st.sampled_from([".", "action-heart-taking", "action-channel-taking"]),
    text_naive=st.sampled_from([".", "action-not-started"]),
)


@st.composite
def overlays(draw: st.DrawFn) -> dict[str, list[dict[str, str]]]:
    """Return tables of an overlay that needs no reason."""
    rows: dict[str, list[dict[str, str]]] = {}
    for name in GRADED:
        found = draw(st.lists(strengthened(name), max_size=4, unique_by=_key))
        if name == "drug_rules":
            found += draw(st.lists(OWN, max_size=2, unique_by=_key))
        if found:
            rows[name] = found
    rows["formulary"] = [{"drug": "valproate", "available": draw(st.sampled_from(["yes", "no"]))}]
    rows["jurisdictions"] = [{"jurisdiction": "European Union"}]
    return rows


def _key(row: Mapping[str, str]) -> str:
    return next(iter(row.values()))


def as_grave(now: Iterable[Statement], was: Statement) -> bool:
    """Say whether statements warn of the same, at least as strongly.

    One statement may speak of several drugs. Where a row of the hospital's own says what to do
    about one of them first, it stands in two, and both must be there.
    """
    strong = [
        s
        for s in now
        if SEVERITY[s.response] <= SEVERITY[was.response]
        and TIERS.index(s.tier) <= TIERS.index(was.tier)
        and s.urgent >= was.urgent
        and s.conditional <= was.conditional
    ]
    if any(s.statement_id == was.statement_id for s in strong):
        return True
    base = was.statement_id.removesuffix("+".join(was.drugs))
    covered = {d for s in strong if s.statement_id == base + "+".join(s.drugs) for d in s.drugs}
    return bool(was.drugs) and covered >= set(was.drugs)


REASSURING = (Response.STANDARD, Response.NO_RULE, Response.MAY_FAVOUR, Response.NOT_ASSESSED)


def less_warning(was: Interpretation, now: Interpretation) -> list[str]:
    """Name what one interpretation warns of and another does not."""
    lost = []
    for before, after in zip(was.drugs, now.drugs, strict=True):
        if before.response in WARNINGS and any(
            s.response in WARNINGS and not s.conditional for s in before.statements
        ):
            milder = SEVERITY[after.response] > SEVERITY[before.response]
        else:
            # The word above a line of which no warning is certain: any that asks for something
            # holds, and one that says that something was not assessed.
            reassures = after.response in REASSURING and after.response is not Response.NOT_ASSESSED
            milder = before.response in WARNINGS and reassures
        if milder:
            lost.append(f"{before.drug}: {after.response} for {before.response}")
        if TIERS.index(after.tier) > TIERS.index(before.tier):
            lost.append(f"{before.drug}: {after.tier} for {before.tier}")
        warned = [s for s in before.statements if s.response is not Response.NO_RULE]
        warned = [s for s in warned if s.response not in (Response.MAY_FAVOUR, Response.STANDARD)]
        lost += [s.statement_id for s in warned if not as_grave(after.statements, s)]
        notes = {s.statement_id for s in after.safety_notes}
        lost += [s.statement_id for s in before.safety_notes if s.statement_id not in notes]
    for one, other in ((was.urgent, now.urgent), (was.interactions, now.interactions)):
        lost += [s.statement_id for s in one if not as_grave(other, s)]
    lost += [s.statement_id for s in was.monogenic if not as_grave(now.monogenic, s)]
    said = [s for section in now.context for s in section.statements]
    lost += [
        s.statement_id
        for section in was.context
        for s in section.statements
        if s.tier in (Tier.ACT, Tier.CONSIDER) and not as_grave(said, s)
    ]
    return lost


@settings(
    max_examples=examples(15),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(rows=overlays(), patients=st.lists(cases(), min_size=3, max_size=3))
def test_no_overlay_makes_a_report_less_warning(
    rows: dict[str, list[dict[str, str]]],
    patients: list[Case],
    plain: ResponseEngine,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = write_overlay(tmp_path_factory.mktemp("own"), rows)
    engine = ResponseEngine(open_reference(BASE, folder))
    for patient in patients:
        assert less_warning(ask(plain, patient), ask(engine, patient)) == []


def test_the_property_sees_a_softer_row(plain: ResponseEngine, tmp_path: Path) -> None:
    softer = [r for r in SHIPPED["drug_rules"] if r["rule_id"] == "clinical-lgs-not-used"]
    folder = write_overlay(tmp_path, {"drug_rules": [softer[0] | {"tier": "context"}]})
    lost = less_warning(
        ask(plain, case(clinical=LENNOX)),
        ask(ResponseEngine(LocalReference(BASE, folder)), case(clinical=LENNOX)),
    )
    assert "clinical-lgs-not-used:gabapentin" in lost


def test_a_reason_stands_behind_the_statement(tmp_path: Path) -> None:
    (row,) = (r for r in SHIPPED["drug_rules"] if r["rule_id"] == "clinical-lgs-not-used")
    engine = speaking(
        tmp_path,
        drug_rules=[row | {"tier": "context"}],
        OVERRIDES=[
            reason("drug_rules", "clinical-lgs-not-used", "replace"),
            reason("drug_rules", "clinical-lgs-cannabidiol", "remove"),
            reason("drug_interactions", "stiripentol-norclobazam", "remove"),
        ],
    )
    taking = ClinicalEntry(
        syndromes=("lennox_gastaut",),
        age_years=Decimal(12),
        current=(takes("stiripentol"), takes("clobazam")),
    )
    found = {d.drug: d for d in ask(engine, case(clinical=taking)).drugs}
    why = "by this hospital: decided by the <b>board</b> (A. Invented, 2026-11-01)."
    gabapentin = " ".join(s.text for s in found["gabapentin"].statements)
    assert f"should not be used in it. {ACTION} Softened {why}" in gabapentin
    cannabidiol = next(
        s for s in found["cannabidiol"].statements if s.statement_id.startswith("clinical-lgs")
    )
    assert (cannabidiol.tier, cannabidiol.response) == (Tier.CONTEXT, Response.NO_RULE)
    assert cannabidiol.text.endswith(f"Set aside {why}")
    assert any(f"Set aside {why}" in s.text for s in found["clobazam"].statements)


ACTION = (
    "The prescriber chooses another drug for long-term treatment. Treatment of status epilepticus "
    "follows the local protocol and must not wait."
)


def test_the_formulary_stands_on_the_line_and_changes_no_verdict(
    plain: ResponseEngine, tmp_path: Path
) -> None:
    engine = speaking(
        tmp_path,
        formulary=[
            {"drug": "cannabidiol", "available": "no", "note": "two weeks"},
            {"drug": "carbamazepine", "available": "no"},
            {"drug": "felbamate", "available": "yes"},
        ],
    )
    patient = case(clinical=LENNOX)
    was, now = ask(plain, patient), ask(engine, patient)
    assert [(d.response, d.tier) for d in was.drugs] == [(d.response, d.tier) for d in now.drugs]
    said = {d.drug: d.statements[-1].text for d in now.drugs}
    assert said["carbamazepine"] == "Carbamazepine: not on the formulary of this hospital."
    assert said["cannabidiol"].endswith("of this hospital. Its note: two weeks.")
    assert "formulary" not in said["felbamate"]
    assert less_warning(was, now) == []


def test_labels_of_the_jurisdiction_stand_first_and_none_is_left_out(
    plain: ResponseEngine, tmp_path: Path
) -> None:
    engine = speaking(tmp_path, jurisdictions=[{"jurisdiction": "European Union"}])
    own = {r["fact_id"] for r in SHIPPED["drug_safety"] if "European Union" in r["jurisdiction"]}
    was, now = ask(plain, case()), ask(engine, case())
    assert any(d.safety_notes for d in now.drugs)
    for before, after in zip(was.drugs, now.drugs, strict=True):
        rows = [s.evidence[0].row for s in after.safety_notes]
        assert sorted(rows) == sorted(s.evidence[0].row for s in before.safety_notes)
        assert rows == sorted(rows, key=lambda row: row not in own)


def test_contacts_are_messages(tmp_path: Path, reference: Reference) -> None:
    people = [
        {"role": "the nurse", "contact": "4711"},
        {"role": "the pharmacy", "contact": "4712", "hours": "at night"},
    ]
    ref = open_reference(BASE, write_overlay(tmp_path, {"contacts": people}))
    assert [m.text_id for m in load_contacts(ref)] == ["contact", "contact-hours"]
    assert load_contacts(reference) == ()
