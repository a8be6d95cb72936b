"""Every check of drugs, rules, texts and the log finds its fault."""

from collections.abc import Callable
from pathlib import Path

import pytest

from epilepsy_pgx.reference.check import run_checks
from epilepsy_pgx.reference.checks.numbers import read_numbers
from epilepsy_pgx.reference.checks.urgency import asks_today
from tests.reference.breaking import Broken, add, assert_found, change, drop, ids_of, row
from tests.toy.package import Row, Tables, toy_tables, write_package


def two_rules(tables: Tables) -> None:
    """Let another rule of the same source call the poor metaboliser standard."""
    rule = row(tables, "drug_rules", rule_id="toy-normal")
    tables["drug_rules"].append(rule | {"rule_id": "toy-other", "drug": "toyamide"})
    condition = row(tables, "drug_rule_conditions", rule_id="toy-poor")
    tables["drug_rule_conditions"].append(condition | {"rule_id": "toy-other"})


SYNDROME = {
    "syndrome": "toy_epilepsy",
    "name": "toy epilepsy",
    "group": "epilepsy",
    "source": "toy",
    "verified": "no",
}


def dose_in_words(tables: Tables) -> None:
    """Write a dose into a rule's text that is not the rule's."""
    for language, text in (("en", "{Drug} at 75 %."), ("es", "{Drug} al 75 %.")):
        row(tables, "texts", id="rule-toy-poor", language=language)["text"] = text


def urgent_unmarked(tables: Tables) -> None:
    """Ask for somebody today in a row that stands outside the urgent box."""
    said = row(tables, "texts", id="action-toy", language="en")
    said["text"] = "Avoid {drug}, ask the prescriber today."
    for rule in tables["drug_rules"]:
        if rule["text_id"] == "rule-toy-rare":
            rule["critical"] = "no"


def contraindicated_unmarked(tables: Tables) -> None:
    """Call a pair contraindicated whose row asks for nobody where both drugs are taken."""
    pair = row(tables, "drug_interactions", interaction_id="toy-pair")
    said = row(tables, "texts", id=pair["text_id"], language="en")
    said["text"] += " Contraindicated by the label."
    pair["critical"] = "no"


def said_twice(tables: Tables) -> None:
    """Say of the same patients what another row says of them, its conditions turned around."""
    rule = row(tables, "drug_rules", rule_id="toy-poor")
    tables["drug_rules"].append(rule | {"rule_id": "toy-poor-again"})
    asked = [r for r in tables["drug_rule_conditions"] if r["rule_id"] == "toy-poor"]
    tables["drug_rule_conditions"] += [r | {"rule_id": "toy-poor-again"} for r in asked[::-1]]


def matters(*rows: Row) -> Callable[[Tables], None]:
    """Return the addition of the table of what is weighed before a planned drug."""
    first = {
        "matter_id": "toy-child",
        "order": "1",
        "text_id": "action-toy",
        "kind": "clinical",
        "subject": "age_years",
        "operator": "less_than",
        "value": "18",
        "taken": "yes",
    }
    return lambda tables: tables.update(planned_matters=[first | row for row in rows])


BROKEN: list[Broken] = [
    ("planned-matters", "planned_matters", matters({"subject": "no_such_field"})),
    ("planned-matters", "planned_matters", matters({"operator": "any_of"})),
    ("planned-matters", "planned_matters", matters({"text_id": "no-such-text"})),
    ("planned-matters", "planned_matters", matters({}, {"matter_id": "toy-other", "order": "2"})),
    (
        "planned-matters",
        "planned_matters",
        matters({}, {"matter_id": "toy-other", "text_id": "action-toy-left"}),
    ),
    ("rule-repeat", "drug_rules", said_twice),
    ("locator-row", "locators", change("locators", {"row": "toy-pair"}, row="toy-gone")),
    ("locator-row", "locators", lambda t: t["locators"][0].update(table="drug_rules")),
    (
        "value-empty",
        "texts",
        change("texts", {"id": "rule-toy-rare", "language": "en"}, text=" Avoid"),
    ),
    (
        "list-form",
        "drug_rule_conditions",
        change(
            "drug_rule_conditions",
            {"rule_id": "toy-normal"},
            value="Normal Metabolizer|Normal Metabolizer|Intermediate Metabolizer",
        ),
    ),
    ("primary-key", "citations", lambda t: t["citations"].append(dict(t["citations"][0]))),
    ("rule-conditions", "drug_rules", drop("drug_rule_conditions", rule_id="toy-rare")),
    (
        "rule-conditions",
        "drug_rule_conditions",
        change("drug_rule_conditions", {"rule_id": "toy-rare"}, rule_id="no-such-rule"),
    ),
    (
        "rule-can-fire",
        "drug_rule_conditions",
        change("drug_rule_conditions", {"rule_id": "toy-poor"}, value="Ultrarapid Metabolizer"),
    ),
    (
        "rule-can-fire",
        "drug_rule_conditions",
        add(
            "drug_rule_conditions",
            rule_id="toy-poor",
            kind="diplotype",
            subject="TOY2",
            operator="any_of",
            value="*1/*1",
            if_missing="no",
        ),
    ),
    (
        "rule-can-fire",
        "drug_rules",
        change("drug_rules", {"rule_id": "toy-rare"}, drug="@no_such_group"),
    ),
    ("rules-agree", "drug_rules", two_rules),
    (
        "warning-precondition",
        "drug_rule_conditions",
        add(
            "drug_rule_conditions",
            rule_id="toy-rare",
            kind="phenotype",
            subject="TOY2",
            operator="is",
            value="Normal Metabolizer",
            if_missing="no",
        ),
    ),
    (
        "phenotype-handled",
        "drug_rules",
        change("drug_rule_conditions", {"rule_id": "toy-normal"}, value="Normal Metabolizer"),
    ),
    ("act-source", "drug_rules", change("drug_rules", {"rule_id": "toy-poor"}, verified="no")),
    (
        "act-source",
        "drug_rules",
        change("drug_rules", {"rule_id": "toy-poor"}, source="from memory"),
    ),
    ("act-source", "drug_rules", change("drug_rules", {"rule_id": "toy-poor"}, citations=".")),
    (
        "dose-unit",
        "drug_rules",
        change("texts", {"id": "rule-toy-normal", "language": "en"}, text="Give 5 mg of {drug}."),
    ),
    (
        "text-exists",
        "drug_rules",
        change("drug_rules", {"rule_id": "toy-rare"}, text_id="rule-toy-none"),
    ),
    (
        "text-translated",
        "texts",
        change("texts", {"id": "rule-toy-poor", "language": "es"}, text="{drug} al 50 %."),
    ),
    (
        "text-translated",
        "texts",
        change("texts", {"id": "deciding-toy", "language": "es"}, text="Estudiar {drug}."),
    ),
    ("language-complete", "texts", drop("texts", id="rule-toy-poor", language="es")),
    (
        "language-complete",
        "texts",
        add("texts", id="rule-toy-poor", language="fr", text="{percent_of_standard_dose} {drug}"),
    ),
    ("language-words", "drugs", change("drugs", {"drug": "toyzepam"}, drug="toyazone")),
    (
        "language-words",
        "drugs",
        change("drugs", {"drug": "toyzepam"}, drug_class="imaginary class"),
    ),
    (
        "language-words",
        "deciding_genes",
        change("deciding_genes", {"drug": "toyamide"}, source="CPIC; hearsay"),
    ),
    (
        "wording-careful",
        "texts",
        change("texts", {"id": "rule-toy-rare", "language": "en"}, text="{drug} is safe."),
    ),
    (
        "wording-careful",
        "texts",
        change("texts", {"id": "rule-toy-rare", "language": "es"}, text="{drug} es seguro."),
    ),
    (
        "wording-careful",
        "texts",
        change("texts", {"id": "rule-toy-rare", "language": "es"}, text="Respuesta prevista."),
    ),
    (
        "wording-careful",
        "texts",
        lambda t: (
            change("texts", {"id": "rule-toy-rare", "language": "en"}, text="Do not stop {drug}.")(
                t
            ),
            change("drug_rules", {"rule_id": "toy-rare"}, text_reaction="rule-toy-rare")(t),
        ),
    ),
    (
        "text-exists",
        "drug_rules",
        change("drug_rules", {"rule_id": "toy-rare"}, text_naive="rule-toy-poor"),
    ),
    (
        "rule-can-fire",
        "drug_rule_conditions",
        change("drug_rule_conditions", {"rule_id": "toy-rare"}, operator="at_least"),
    ),
    (
        "rule-can-fire",
        "drug_rule_conditions",
        change("drug_rule_conditions", {"rule_id": "toy-normal"}, operator="is"),
    ),
    (
        "syndrome-declared",
        "syndromes",
        lambda t: t.update(syndromes=[SYNDROME | {"drug_statement": "rows"}]),
    ),
    (
        "syndrome-declared",
        "syndromes",
        lambda t: t.update(syndromes=[SYNDROME | {"drug_statement": "none_read"}]),
    ),
    (
        "citation-exists",
        "drug_rules",
        change("drug_rules", {"rule_id": "toy-poor"}, citations="PMID:1|PMID:2"),
    ),
    (
        "citation-form",
        "citations",
        change("citations", {"key": "PMID:1"}, link="https://pubmed.ncbi.nlm.nih.gov/2/"),
    ),
    (
        "citation-form",
        "citations",
        add("citations", key="DOI:11.1/x", kind="article", title="Invented"),
    ),
    (
        "file-exists",
        "drug_rules",
        change("drug_rules", {"rule_id": "toy-poor"}, source="see evidence_table.tsv"),
    ),
    ("no-orphans", "citations", add("citations", key="PMID:3", kind="article", title="Unused")),
    (
        "drug-known",
        "drug_interactions",
        change("drug_interactions", {"interaction_id": "toy-pair"}, victim="toyzepam+nonsense"),
    ),
    (
        "pair-avoided",
        "drug_interactions",
        change("locators", {"row": "toy-pair"}, jurisdiction="US", asks="avoid"),
    ),
    (
        "pair-avoided",
        "drug_interactions",
        change("texts", {"id": "interaction-toy", "language": "en"}, text="Avoid the pair."),
    ),
    (
        "pair-avoided",
        "drug_interactions",
        add(
            "pairs_to_avoid",
            interaction_id="toy-pair",
            grade="avoid",
            locator="section 4",
            citations="PMID:1",
        ),
    ),
    (
        "pair-reviewed",
        "interaction_reviews",
        change("interaction_reviews", {"review_id": "toy-read"}, victim="toyzepam|tol"),
    ),
    (
        "pair-reviewed",
        "interaction_reviews",
        change("interaction_reviews", {"review_id": "toy-read"}, victim="@toy_blockers"),
    ),
    (
        "pair-reviewed",
        "interaction_reviews",
        change("interaction_reviews", {"review_id": "toy-read"}, verified="no"),
    ),
    (
        "pair-reviewed",
        "interaction_reviews",
        change(
            "interaction_reviews",
            {"review_id": "toy-read"},
            perpetrator="tol|toyzepam",
            victim="toyamide|tol",
        ),
    ),
    (
        "drug-name-unique",
        "drug_names",
        lambda t: (
            t["drug_names"].append({"name": "TOY-ex", "drug": "toyzepam", "kind": "brand"})
            or row(t, "drug_names", name="Toyex").update(name="toy ex")
        ),
    ),
    (
        "typing-known",
        "deciding_genes",
        change("deciding_genes", {"drug": "toyamide"}, alleles="*2|*99"),
    ),
    (
        "short-text",
        "drug_rules",
        change(
            "texts",
            {"id": "rule-toy-rare", "language": "en"},
            text=" ".join(["{drug}: avoid."] * 7),
        ),
    ),
    (
        "short-text",
        "drug_rules",
        change("texts", {"id": "rule-toy-rare", "language": "es"}, text="{drug}: malo."),
    ),
    (
        "short-text",
        "drug_rules",
        lambda t: t["texts"].extend(
            {"id": "short-rule-toy-rare", "language": lang, "text": "{drug}: a finding."}
            for lang in ("en", "es")
        ),
    ),
    ("urgent-words", "drug_rules", urgent_unmarked),
    ("contraindicated-pairs", "drug_interactions", contraindicated_unmarked),
    (
        "short-of-text",
        "texts",
        lambda t: t["texts"].extend(
            {"id": "short-rule-toy-rare", "language": lang, "text": text}
            for lang, text in (("en", "Avoid, {gene}."), ("es", "Evitar, {gene}."))
        ),
    ),
    ("action-classified", "texts", add("texts", id="action-new", language="en", text="Ask.")),
    (
        "action-classified",
        "drug_rules",
        lambda t: (
            add("texts", id="action-new", language="en", text="Ask.")(t),
            change("drug_rules", {"rule_id": "toy-rare"}, text_taking="action-new")(t),
        ),
    ),
    (
        "action-classified",
        "actions",
        change("actions", {"text_id": "action-toy"}, text_instead="action-toy"),
    ),
    (
        "action-classified",
        "actions",
        change("actions", {"text_id": "action-toy"}, text_instead="."),
    ),
    (
        "action-once",
        "texts",
        lambda t: (
            t["texts"].extend(
                {"id": "action-zoy", "language": lang, "text": text}
                for lang, text in (("en", "Ask."), ("es", "Preguntar."))
            ),
            t["actions"].append({"text_id": "action-zoy", "class": "urgent"}),
        ),
    ),
    (
        "action-instead",
        "actions",
        change("actions", {"text_id": "action-toy"}, text_instead="deciding-toy"),
    ),
    (
        "text-form",
        "text_forms",
        change("text_forms", {"text_id": "action-toy"}, text_said="deciding-toy"),
    ),
    ("text-form", "text_forms", change("text_forms", {"text_id": "action-toy"}, when="sign")),
    (
        "text-form",
        "drug_rules",
        change("drug_rules", {"rule_id": "toy-normal"}, response="may favour"),
    ),
    (
        "action-ranks",
        "action_ranks",
        add(
            "action_ranks",
            **{"class": "continue", "over": "urgent", "when": "always", "if_possible": "yes"},
        ),
    ),
    (
        "action-ranks",
        "action_ranks",
        add(
            "action_ranks",
            **{"class": "change", "over": "stop", "when": "always", "if_possible": "yes"},
        ),
    ),
    ("report-states", "report_states", drop("report_states", state="withdrawn")),
    (
        "first-id",
        "drug_rules",
        change("drug_rules", {"rule_id": "toy-poor"}, first_id="toy-normal"),
    ),
    (
        "first-id",
        "drug_rules",
        lambda t: [r.update(first_id="toy-once") for r in t["drug_rules"][:2]],
    ),
    (
        "text-numbers",
        "texts",
        change("texts", {"id": "rule-toy-rare", "language": "es"}, text="Evitar {drug} 2 meses."),
    ),
    ("dose-text", "drug_rules", lambda t: dose_in_words(t)),
    ("drug-known", "actions", change("actions", {"text_id": "action-toy"}, drugs="@nothing")),
    (
        "date-to-come",
        "CHANGES",
        add(
            "CHANGES",
            date="2999-10-01",
            version="2026.11.0",
            table="genes",
            key="*",
            change="added",
            reason="x",
            source="x",
        ),
    ),
    (
        "log-order",
        "CHANGES",
        add(
            "CHANGES",
            date="2026-10-01",
            version="2026.11.0",
            table="genes",
            key="*",
            change="added",
            reason="x",
            source="x",
        ),
    ),
]


@pytest.mark.parametrize("broken", BROKEN, ids=ids_of(BROKEN))
def test_broken_row_fails_with_its_check(tmp_path: Path, broken: Broken) -> None:
    assert_found(tmp_path, broken)


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        ("0.5 % of 3,202", "0,5 % de 3.202"),
        ("8.2-fold", "8,2 veces"),
        ("HLA-B*15:02 and CYP2C9 *3 twice", "dos HLA-B*15:02"),
        ("a series of n-of-1 trials", "una serie"),
        ("{percent} % for 7 to 10 days", "de 7 a 10 días, {percent} %"),
    ],
)
def test_numbers_are_read_alike_in_both_languages(english: str, spanish: str) -> None:
    assert read_numbers(english, "en") == read_numbers(spanish, "es")


def test_what_is_left_and_what_is_taken_away_are_one_dose(tmp_path: Path) -> None:
    tables = toy_tables()
    row(tables, "drug_rules", rule_id="toy-poor")["percent_of_standard_dose"] = "75"
    for language, text in (("en", "{Drug}: 25 % less."), ("es", "{Drug}: 25 % menos.")):
        row(tables, "texts", id="rule-toy-poor", language=language)["text"] = text
    problems = run_checks(write_package(tmp_path / "toy", tables))
    assert "dose-text" not in {p.check for p in problems}


def test_two_sources_may_differ(tmp_path: Path) -> None:
    tables = toy_tables()
    rule = row(tables, "drug_rules", rule_id="toy-poor")
    tables["drug_rules"].append(
        rule | {"rule_id": "toy-second", "source": "DPWG", "percent_of_standard_dose": "40"}
    )
    condition = row(tables, "drug_rule_conditions", rule_id="toy-poor")
    tables["drug_rule_conditions"].append(condition | {"rule_id": "toy-second"})
    assert run_checks(write_package(tmp_path / "toy", tables)) == ()


def test_declared_phenotype_needs_no_rule(tmp_path: Path) -> None:
    tables = toy_tables()
    row(tables, "drug_rule_conditions", rule_id="toy-normal")["value"] = "Normal Metabolizer"
    declared = {
        "drug": "toyamide",
        "gene": "TOY2",
        "phenotype": "Intermediate Metabolizer",
        "reason": "no source",
        "citations": "PMID:1",
        "verified": "yes",
    }
    tables["phenotypes_without_rule"].append(declared)
    assert run_checks(write_package(tmp_path / "toy", tables)) == ()
    row(tables, "drug_rule_conditions", rule_id="toy-normal")["value"] += (
        "|Intermediate Metabolizer"
    )
    problems = run_checks(write_package(tmp_path / "other", tables))
    assert [p.check for p in problems] == ["phenotype-handled"]


@pytest.mark.parametrize(
    ("text", "today"),
    [
        ("See today: sodium, fluids; confusion: emergency.", True),
        ("Prescriber now; vomiting, jaundice: stop, emergency.", True),
        ("Low blood counts and fever: emergency department at once.", True),
        ("{Perpetrator} with {analyte}: avoid; if both are taken: blood count now.", True),
        ("Prescriber reviews it; rash, fever, sore mouth: stop at once, emergency.", False),
        ("{gene} {status}: type it before a start, or now if taken.", False),
        ("Reaction on record: stop at once if taken, with cover; never again.", False),
        ("Ask if both are needed; agitation, fever, stiffness: doctor at once.", False),
        ("Urgent specialist review; nobody stops it alone.", True),
        ("Do not start it now; choose another drug.", False),
        ("The prescriber sets the dose.", False),
    ],
)
def test_words_of_urgency_are_told_from_signs_to_come(text: str, today: bool) -> None:
    assert asks_today(text) is today
