"""The FHIR bundle: what it says, what it never says, and that it hangs together."""

import builtins
import copy
import json
import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epilepsy_pgx.authorisation import Signatory
from epilepsy_pgx.cli import commands
from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.hidden import spell_hidden
from epilepsy_pgx.model import ClassificationRecord, GeneResult, VariantKey
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.rows import Drug
from epilepsy_pgx.report.authorise import authorise_report
from epilepsy_pgx.report.fhir import report_to_fhir
from epilepsy_pgx.report.fhir_checks import find_faults
from epilepsy_pgx.report.fhir_codes import ANSWERS, LOINC, TERMS
from epilepsy_pgx.report.fhir_entries import Entries
from epilepsy_pgx.report.fhir_statements import Statements
from epilepsy_pgx.report.letterhead import Letterhead
from epilepsy_pgx.report.serialise import report_from_json, report_to_json
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.write import render_report, write_reports
from epilepsy_pgx.statement import Message, Reason, ReasonKind, Subject, SubjectKind, Value
from epilepsy_pgx.vocabulary import (
    Classification,
    GeneStatus,
    Origin,
    ReportState,
    SiteStatus,
    Tier,
    Zygosity,
)
from tests.drawing import examples

pytest.importorskip("fhir.resources", reason="needs the extra fhir")

EXPECTED = Path(__file__).parents[1] / "golden" / "expected"
NAMES = tuple(f"EX0{n}" for n in range(1, 10))


@cache
def golden(name):
    return report_from_json((EXPECTED / f"{name}.json").read_bytes())


@cache
def tables():
    return load_reference()


@cache
def text_of(report, authorised_by=""):
    return report_to_fhir(report, tables(), authorised_by)


def bundle_of(report, **options):
    return json.loads(text_of(report, **options))


def resources(bundle, kind="Observation"):
    return [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind]


def the_report(bundle):
    (found,) = resources(bundle, "DiagnosticReport")
    return found


def codes(concept):
    return {c.get("code") for c in concept.get("coding", [])}


def parts(resource, code):
    return [c for c in resource.get("component", []) if code in codes(c["code"])]


def gene_of(resource):
    found = parts(resource, "48018-6")
    return found[0]["valueCodeableConcept"]["text"] if found else None


def of_code(bundle, code):
    return [r for r in resources(bundle) if code in codes(r["code"])]


def genotype(bundle, gene):
    (found,) = [r for r in of_code(bundle, "84413-4") if gene_of(r) == gene]
    return found


def with_gene(report, **changes):
    """Return a report whose first gene with one phenotype is changed, and that gene's name."""
    for number, gene in enumerate(report.genes):
        if gene.phenotype and gene.phenotype.endswith("Metabolizer"):
            changed = replace(gene, **changes)
            genes = (*report.genes[:number], changed, *report.genes[number + 1 :])
            return replace(report, genes=genes), gene.gene
    raise AssertionError("no gene with a phenotype")


def phenotype(bundle, gene):
    return [r for r in of_code(bundle, "53040-2") if r["code"]["text"].endswith(f": {gene}")]


@pytest.mark.parametrize("name", NAMES)
def test_library_reads_it_back_and_loses_nothing(name):
    from fhir.resources.R4B.bundle import Bundle

    text = text_of(golden(name))
    assert text.endswith("}\n")
    again = json.loads(Bundle.model_validate_json(text).model_dump_json())
    assert again == json.loads(text)


@pytest.mark.parametrize("name", NAMES)
def test_same_report_gives_the_same_bytes(name):
    text = text_of(golden(name))
    assert text.encode() == render_report(golden(name), "fhir", tables())


def test_bytes_do_not_depend_on_the_process():
    program = (
        "import sys; from epilepsy_pgx.reference.package import load_reference;"
        "from epilepsy_pgx.report.fhir import report_to_fhir;"
        "from epilepsy_pgx.report.serialise import report_from_json, report_to_json;"
        "report = report_from_json(open(sys.argv[1], 'rb').read());"
        "sys.stdout.buffer.write(report_to_fhir(report, load_reference()).encode())"
    )
    made = subprocess.run(
        [sys.executable, "-c", program, str(EXPECTED / "EX05.json")],
        check=True,
        capture_output=True,
        env={**os.environ, "PYTHONHASHSEED": "7"},
    ).stdout
    assert made == text_of(golden("EX05")).encode()


@pytest.mark.parametrize("name", NAMES)
def test_urls_are_unique_and_every_reference_resolves(name):
    bundle = bundle_of(golden(name))
    urls = [e["fullUrl"] for e in bundle["entry"]]
    assert len(set(urls)) == len(urls)
    assert all(u.startswith("urn:uuid:") for u in urls)
    text = json.dumps(bundle)
    assert text.count('"reference": "') > len(urls)
    for resource in resources(bundle):
        for item in (resource["subject"], *resource.get("derivedFrom", [])):
            assert item["reference"] in urls
    assert find_faults(bundle) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_gene_and_variant_of_the_report_is_there(name):
    report, bundle = golden(name), bundle_of(golden(name))
    found = [gene_of(r) for r in of_code(bundle, "84413-4")]
    assert found == [g.gene for g in report.genes]
    for gene in report.genes:
        made = genotype(bundle, gene.gene)
        assert ("dataAbsentReason" in made) != ("valueCodeableConcept" in made)
        if gene.status is GeneStatus.NOT_ASSESSED:
            assert codes(made["dataAbsentReason"]) == {"not-performed"}
        elif "valueCodeableConcept" in made:
            for pair in gene.shown:
                assert pair in made["valueCodeableConcept"]["text"]
    variants = of_code(bundle, "69548-6")
    assert len(variants) == len(report.findings)
    for made, finding in zip(variants, report.findings, strict=True):
        assert parts(made, "48004-6")[0]["valueCodeableConcept"]["coding"][0]["code"] == (
            finding.hgvs_c
        )
        assert parts(made, "69551-0")[0]["valueString"] == finding.key.alt
        span = parts(made, "81254-5")[0]["valueRange"]
        assert span["low"]["value"] == finding.key.pos


def regions(bundle):
    """Return the genes of each kind of region in the study that the report names."""
    by_url = {e["fullUrl"]: e["resource"] for e in bundle["entry"]}

    def of(resource, name):
        (found,) = [x for x in resource["extension"] if x["url"].endswith(f"/{name}")]
        return found

    study = by_url[of(the_report(bundle), "genomic-study-reference")["valueReference"]["reference"]]
    analysis = by_url[of(study, "genomic-study-analysis-ext")["valueReference"]["reference"]]
    told = of(analysis, "genomic-study-analysis-regions")["extension"]
    return {
        kind: {x["valueCodeableConcept"]["text"] for x in told if x["url"] == kind}
        for kind in ("studied", "called", "uncalled")
    }


@pytest.mark.parametrize("name", NAMES)
def test_one_observation_and_one_study_say_which_genes_were_read(name):
    report, bundle = golden(name), bundle_of(golden(name))
    found = [r for r in resources(bundle) if r["code"].get("text") == "How completely read"]
    assert [codes(r["code"]) for r in found] == [set()]
    assert "meta" not in found[0]
    words = " ".join(json.dumps(c) for c in found[0]["component"])
    assert all(item.gene in words for item in report.coverage)
    for part in found[0]["component"]:
        named = part.get("valueString") or part["dataAbsentReason"]["text"]
        for item in report.coverage:
            if item.gene in named.split(", "):
                assert item.assessed == ("valueString" in part)
    complete = {c.gene for c in report.coverage if c.status is GeneStatus.COMPLETE}
    every = {c.gene for c in report.coverage}
    assert regions(bundle) == {
        "studied": {c.gene for c in report.coverage if c.assessed},
        "called": complete,
        "uncalled": every - complete,
    }


def test_the_study_of_a_gene_that_failed_is_an_error_and_of_no_gene_is_not_told():
    report = golden("EX05")
    first, *rest = report.coverage
    failed = replace(report, coverage=(replace(first, status=GeneStatus.NOT_REPORTABLE), *rest))
    assert first.gene in regions(bundle_of(failed))["uncalled"]
    assert "Procedure" not in {
        e["resource"]["resourceType"] for e in bundle_of(replace(report, coverage=()))["entry"]
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_sentence_that_asks_for_something_is_there(name):
    report, bundle = golden(name), bundle_of(golden(name))
    said = [c["valueString"] for r in resources(bundle) for c in parts(r, "conclusion-string")]
    asked = [
        s.text
        for d in report.interpretation.drugs
        for s in d.statements
        if s.tier in (Tier.ACT, Tier.CONSIDER)
    ]
    assert [s for s in said if s in asked] == asked
    assert {s.text for s in report.interpretation.urgent} <= set(said)
    drugs = [
        c["valueCodeableConcept"]["text"] for r in resources(bundle) for c in parts(r, "51963-7")
    ]
    assert len(drugs) == len(asked)
    conclusion = the_report(bundle)["conclusion"]
    tell = Wording(load_reference(), report.language).tell
    for sentence in (
        *map(tell, report.limits),
        *map(tell, report.warnings),
        *(s.text for s in report.interpretation.urgent),
    ):
        assert sentence in conclusion


@pytest.mark.parametrize("name", NAMES)
def test_clinical_entry_is_never_a_genomic_implication(name):
    for resource in resources(bundle_of(golden(name))):
        label = "from the clinical entry, not from the genotype"
        if any(n["text"] == label for n in resource.get("note", [])):
            assert "meta" not in resource
            assert codes(resource["category"][0]) == {"therapy"}


@pytest.mark.parametrize("name", NAMES)
def test_no_variant_is_called_absent_and_no_normal_is_coded_without_a_full_reading(name):
    report, bundle = golden(name), bundle_of(golden(name))
    assert "LA9634-2" not in json.dumps(bundle)
    complete = {g.gene for g in report.genes if g.status is GeneStatus.COMPLETE}
    for resource in resources(bundle):
        coded = [
            c
            for part in parts(resource, "therapeutic-implication")
            for c in part["valueCodeableConcept"].get("coding", [])
        ]
        if coded:
            assert resource["code"]["text"].rsplit(": ", 1)[1] in complete


def test_implications_rest_on_what_their_reasons_name():
    bundle = bundle_of(golden("EX01"))
    by_url = {e["fullUrl"]: e["resource"] for e in bundle["entry"]}
    checked = 0
    for resource in resources(bundle):
        text = " ".join(c["valueString"] for c in parts(resource, "conclusion-string"))
        if not text:
            continue
        found = [by_url[r["reference"]] for r in resource.get("derivedFrom", [])]
        if text.startswith("A pathogenic SCN1A variant"):
            assert [(gene_of(f), codes(f["code"])) for f in found] == [("SCN1A", {"69548-6"})]
            assert "valueCodeableConcept" in found[0]
            checked += 1
        if text.startswith("HLA-B not assessed"):
            assert [gene_of(f) for f in found] == ["HLA-B"]
            assert "dataAbsentReason" in found[0]
            checked += 1
    assert checked > 5


def with_statement(report, **changes):
    """Return a report with one changed statement of the HLA typing, and its observation."""
    found = report.interpretation
    drug = next(d for d in found.drugs if d.drug == "phenytoin")
    changed = replace(
        drug,
        statements=(
            replace(
                drug.statements[0],
                text_id="label-read-back",
                action_id=None,
                hedged=False,
                **changes,
            ),
            *drug.statements[1:],
        ),
    )
    drugs = tuple(changed if d is drug else d for d in found.drugs)
    said = Wording(load_reference(), report.language).say("label-read-back")
    bundle = bundle_of(replace(report, interpretation=replace(found, drugs=drugs)))
    (made,) = [
        r
        for r in resources(bundle)
        if any(c["valueString"] == said for c in parts(r, "conclusion-string"))
    ]
    return made


def test_a_clinical_statement_that_names_a_gene_is_still_not_genomic():
    genomic = with_statement(golden("EX05"))
    assert genomic["meta"]["profile"][0].endswith("therapeutic-implication")
    clinical = with_statement(golden("EX05"), origin=Origin.CLINICAL)
    assert "meta" not in clinical
    assert "coding" not in clinical["code"]
    assert codes(clinical["category"][0]) == {"therapy"}
    assert clinical["derivedFrom"] == genomic["derivedFrom"]


def test_conditional_and_unverified_are_said():
    made = with_statement(
        golden("EX05"),
        conditional=True,
        resolve=(Message("resolve-class", (Value("gene", ("GENE-X",)),)),),
    )
    (verdict,) = parts(made, "therapeutic-implication")
    assert verdict["valueCodeableConcept"] == {"text": "avoid; act; conditional"}
    assert any("GENE-X" in n["text"] for n in made["note"])
    (evidence,) = golden("EX05").interpretation.urgent[0].evidence
    made = with_statement(golden("EX05"), evidence=(replace(evidence, verified=False),))
    (level,) = parts(made, "93044-6")
    assert level["valueCodeableConcept"]["text"].endswith("(not verified, for information only)")


def test_a_typed_allele_carries_its_warning():
    bundle = bundle_of(golden("EX05"))
    made = genotype(bundle, "HLA-B")
    assert made["valueCodeableConcept"]["text"] == "HLA-B *15:02/*40:01"
    assert made["method"]["text"] == "HLA typing"
    urgent = [
        r
        for r in resources(bundle)
        for c in parts(r, "therapeutic-implication")
        if c["valueCodeableConcept"]["text"] == "Stop or urgent; avoid; act"
    ]
    assert len(urgent) == 1
    assert parts(urgent[0], "51963-7")[0]["valueCodeableConcept"]["text"] == "carbamazepine"
    assert parts(urgent[0], "93044-6")[0]["valueCodeableConcept"]["text"].endswith("CPIC A")
    url = next(e["fullUrl"] for e in bundle["entry"] if e["resource"] == made)
    assert urgent[0]["derivedFrom"] == [{"reference": url}]


def test_identity_of_patient_specimen_and_order():
    bundle = bundle_of(golden("EX05"))
    (patient,) = resources(bundle, "Patient")
    (specimen,) = resources(bundle, "Specimen")
    (order,) = resources(bundle, "ServiceRequest")
    assert [i["value"] for i in patient["identifier"]] == ["MRN-1005", "EX05"]
    assert patient["name"] == [{"text": "Eve Aromatic"}]
    assert (patient["gender"], patient["birthDate"]) == ("female", "1978-12-24")
    assert specimen["accessionIdentifier"]["value"] == "A26-705"
    assert specimen["receivedTime"] == "2026-10-06"
    assert specimen["collection"]["collectedDateTime"] == "2026-10-05"
    assert order["requester"]["display"] == "Epilepsy clinic (invented)"


def test_a_patient_without_any_data_still_converts():
    report = golden("EX07")
    bare = replace(
        report,
        patient=replace(
            report.patient,
            name=None,
            birth_date=None,
            record_number=None,
            accession=None,
            specimen=None,
            collected=None,
            received=None,
            requester=None,
        ),
        clinical=replace(report.clinical, sex=None),
    )
    bundle = bundle_of(bare)
    (patient,) = resources(bundle, "Patient")
    assert set(patient) == {"resourceType", "identifier"}
    assert resources(bundle, "ServiceRequest") == []


@pytest.mark.parametrize("name", NAMES)
def test_a_draft_is_preliminary_everywhere(name):
    bundle = bundle_of(golden(name), authorised_by="Dr A. Nobody, clinical geneticist")
    assert the_report(bundle)["status"] == "preliminary"
    assert {r["status"] for r in resources(bundle)} == {"preliminary"}
    assert the_report(bundle)["conclusion"].startswith("Draft: not authorised\n")


def test_final_needs_both_the_status_and_a_name():
    final = replace(golden("EX05"), status="final")
    unsigned, signed = bundle_of(final), bundle_of(final, authorised_by="Dr A. Nobody, geneticist")
    assert the_report(unsigned)["status"] == "preliminary"
    assert the_report(bundle_of(final, authorised_by="  "))["status"] == "preliminary"
    assert the_report(signed)["status"] == "final"
    assert the_report(signed)["resultsInterpreter"] == [{"display": "Dr A. Nobody, geneticist"}]
    assert {r["status"] for r in resources(signed)} == {"final"}
    assert "Draft" not in the_report(signed)["conclusion"]


WITHDRAWAL = Signatory("Dr S. Second", "head of laboratory", "2026-11-24", "wrong specimen")


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("final", "final"),
        ("amended", "amended"),
        ("corrected", "corrected"),
        ("withdrawn", "entered-in-error"),
    ],
)
def test_a_released_report_tells_its_state_and_what_it_replaces(state, status):
    head = Letterhead("City genetics", ("1 Main Street", "City"))
    final = authorise_report(head.note(golden("EX05")), "Dr R", "geneticist", "2026-11-23")
    told = replace(
        final.authorisation,
        state=ReportState(state),
        version=2,
        replaces="R-OLD v1",
        reason="HLA typing corrected",
        time="2026-11-23T09:30:00+00:00",
        withdrawal=WITHDRAWAL if state == "withdrawn" else None,
    )
    final = replace(final, authorisation=told)
    bundle = json.loads(report_to_fhir(final, tables(), "Dr R, geneticist", b"%PDF-"))
    made = the_report(bundle)
    assert made["status"] == status
    assert {r["status"] for r in resources(bundle)} == {status}
    assert made["issued"] == told.time
    assert [x["value"] for x in made["identifier"]] == ["R-EXAMPLE", "R-EXAMPLE v2"]
    extension, *proposed, study = made["extension"]
    assert study["url"].endswith("/genomic-study-reference")
    assert extension["url"].endswith("/diagnosticReport-replaces")
    assert all(x["url"].endswith("/recommended-action") for x in proposed)
    assert len(proposed) == len(resources(bundle, "Task"))
    assert bool(proposed) == (state != "withdrawn")
    assert extension["valueReference"]["identifier"] == {"value": "R-OLD v1"}
    assert "HLA typing corrected" in extension["valueReference"]["display"]
    wrong = ", which was wrong" if state == "corrected" else ""
    assert f"R-OLD v1{wrong}: HLA typing corrected" in made["conclusion"]
    assert (state == "withdrawn") == made["conclusion"].startswith("Withdrawn on 2026-11-24")
    (pages,) = made["presentedForm"]
    assert (pages["contentType"], pages["data"]) == ("application/pdf", "JVBERi0=")
    (laboratory,) = (e for e in bundle["entry"] if e["resource"]["resourceType"] == "Organization")
    assert laboratory["resource"]["name"] == "City genetics"
    assert made["performer"] == [{"reference": laboratory["fullUrl"]}]


def test_not_reportable_has_no_results():
    failed = Message("quality-identity-differs")
    reason = Wording(load_reference()).tell(failed)
    report = replace(golden("EX05"), status="not reportable", not_reportable=(failed,))
    bundle = bundle_of(report)
    assert resources(bundle) == []
    assert the_report(bundle)["status"] == "cancelled"
    assert reason in the_report(bundle)["conclusion"]
    assert "15:02" not in json.dumps(bundle)
    refused = replace(golden("EX05"), status="final", not_reportable=(failed,))
    assert the_report(bundle_of(refused, authorised_by="X"))["status"] == "cancelled"


def test_an_unknown_status_is_refused():
    with pytest.raises(ValueError, match="finale"):
        bundle_of(replace(golden("EX05"), status="finale"))


def test_phenotype_is_coded_only_if_certain():
    report = golden("EX07")
    sure, gene = with_gene(report)
    value = parts(phenotype(bundle_of(sure), gene)[0], "53040-2")[0]["valueCodeableConcept"]
    assert codes(value)
    for changes, words in (
        ({"status": GeneStatus.PARTIAL}, "(partial)"),
        (
            {
                "status": GeneStatus.AMBIGUOUS,
                "phenotypes": ("Normal Metabolizer", "Poor Metabolizer"),
            },
            "Normal Metabolizer | Poor Metabolizer (ambiguous)",
        ),
        ({"phenotypes": ("Likely Poor Metabolizer",)}, "Likely Poor Metabolizer"),
        ({"lost_function": True}, "Normal Metabolizer"),
    ):
        changed, gene = with_gene(report, **changes)
        (made,) = phenotype(bundle_of(changed), gene)
        value = parts(made, "53040-2")[0]["valueCodeableConcept"]
        assert not codes(value)
        assert words in value["text"]


def test_phenotype_of_a_gene_not_assessed_is_not_told():
    changed, gene = with_gene(golden("EX07"), status=GeneStatus.NOT_ASSESSED)
    bundle = bundle_of(changed)
    assert phenotype(bundle, gene) == []
    assert "valueCodeableConcept" not in genotype(bundle, gene)


def test_co_medication_stands_beside_the_phenotype():
    report = golden("EX09")
    bundle = bundle_of(report)
    first = report.interpretation.adjusted_phenotypes[0]
    (made,) = phenotype(bundle, first.gene)
    assert any(first.adjusted.text in n["text"] for n in made["note"])


def test_too_many_candidates_are_no_genotype():
    bundle = bundle_of(golden("EX08"))
    made = genotype(bundle, "CYP2C19")
    assert codes(made["dataAbsentReason"]) == {"unknown"}
    assert "meta" not in made
    some = genotype(bundle, "CYP2B6")["valueCodeableConcept"]["text"]
    assert some == "CYP2B6 *1/*1 | *1/*4 | *4/*4 (ambiguous)"


def finding_bundle(**changes):
    report = golden("EX01")
    (finding,) = report.findings
    bundle = bundle_of(replace(report, findings=(replace(finding, **changes),)))
    (made,) = of_code(bundle, "69548-6")
    return bundle, made


@pytest.mark.parametrize("status", list(SiteStatus))
def test_only_a_seen_variant_is_present(status):
    _, made = finding_bundle(status=status)
    seen = status in (SiteStatus.CALLED, SiteStatus.PARTIAL)
    assert codes(made["valueCodeableConcept"]) == {"LA9633-4" if seen else "LA11884-6"}


@pytest.mark.parametrize(
    ("zygosity", "code"),
    [
        (Zygosity.HETEROZYGOUS, "LA6706-1"),
        (Zygosity.HOMOZYGOUS, "LA6705-3"),
        (Zygosity.HEMIZYGOUS, "LA6707-9"),
    ],
)
def test_allelic_state(zygosity, code):
    _, made = finding_bundle(zygosity=zygosity)
    assert codes(parts(made, "53034-5")[0]["valueCodeableConcept"]) == {code}


def test_unknown_zygosity_is_said_to_be_unknown():
    _, made = finding_bundle(zygosity=Zygosity.UNKNOWN)
    assert codes(parts(made, "53034-5")[0]["dataAbsentReason"]) == {"unknown"}


def test_coordinates_are_those_of_the_input():
    report = golden("EX09")
    finding = replace(golden("EX01").findings[0], key=VariantKey("2", 166909392, "GTC", "G"))
    bundle = bundle_of(replace(report, findings=(finding,)))
    (made,) = [r for r in of_code(bundle, "69548-6") if "valueCodeableConcept" in r]
    assert codes(parts(made, "62374-4")[0]["valueCodeableConcept"]) == {"LA14029-5"}
    assert codes(parts(made, "48013-7")[0]["valueCodeableConcept"]) == {"NC_000002.11"}
    assert codes(parts(made, "92822-6")[0]["valueCodeableConcept"]) == {"LA30102-0"}
    assert parts(made, "81254-5")[0]["valueRange"] == {
        "low": {"value": 166909392},
        "high": {"value": 166909394},
    }


def test_a_symbolic_allele_has_no_bases_and_no_end():
    _, made = finding_bundle(key=VariantKey("2", 166000000, "N", "<DEL>"), hgvs_c=None, hgvs_p=None)
    for code in ("69547-8", "69551-0", "81254-5", "48004-6"):
        assert parts(made, code) == []
    assert "2-166000000-N-<DEL>" in json.dumps(made)


def test_a_class_is_coded_only_if_it_is_the_laboratorys_own():
    own = ClassificationRecord(
        Classification.LIKELY_PATHOGENIC, "Laboratory (invented)", "2026-01-01", "file", True
    )
    for records, code, text in (
        ((own,), {"LA26332-9"}, "likely pathogenic"),
        ((replace(own, act=False),), set(), "likely pathogenic"),
        ((own, replace(own, classification=Classification.BENIGN)), set(), "conflicting classes"),
    ):
        bundle, _ = finding_bundle(classifications=records)
        (made,) = of_code(bundle, "diagnostic-implication")
        value = parts(made, "53037-8")[0]["valueCodeableConcept"]
        assert (codes(value), value["text"]) == (code, text)
    bundle, _ = finding_bundle(classifications=())
    assert of_code(bundle, "diagnostic-implication") == []


def test_drug_codes_come_from_verified_rows_only():
    rows = {r.drug: r for r in tables().rows(Drug)}
    seen = set()
    for name in NAMES:
        for resource in resources(bundle_of(golden(name))):
            for part in parts(resource, "51963-7"):
                value = part["valueCodeableConcept"]
                row = rows[value["text"]]
                coded = {c["code"] for c in value.get("coding", [])}
                assert bool(coded) == row.verified
                assert coded <= {row.rxnorm, *row.atc}
                seen.add(bool(coded))
    assert seen == {True, False}


HOSTILE = (
    '"}],"status":"final',
    "<script>alert(1)</script>",
    "O'Neil; DROP TABLE",
    "a\x00b\x1f\x7fc",
    "\u202egnp.exe",
    "عمر الخيّام",
    "𐐀\U0001f9ec",
    "x" * 5000,
    "  \t ",
    "é e\u0301",
    "\n\nfinal\n",
    "urn:uuid:0",
    "{{7*7}}",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_stay_names(text):
    from fhir.resources.R4B.bundle import Bundle

    report = golden("EX05")
    patient = replace(
        report.patient, name=text, record_number=text, accession=text, specimen=text, requester=text
    )
    made = report_to_fhir(replace(report, patient=patient), tables())
    Bundle.model_validate_json(made)
    bundle = json.loads(made)
    assert the_report(bundle)["status"] == "preliminary"
    (found,) = resources(bundle, "Patient")
    expected = " ".join(text.replace("\x00", " ").replace("\x1f", " ").replace("\x7f", " ").split())
    shown = " ".join(found.get("name", [{"text": ""}])[0]["text"].split())
    assert shown == spell_hidden(expected)


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=40), st.text(max_size=12))
def test_any_text_gives_a_bundle_in_utf_8(name, date):
    report = golden("EX07")
    patient = replace(
        report.patient,
        name=name,
        record_number=name,
        accession=name,
        birth_date=date,
        collected=date,
    )
    small = replace(report, patient=patient, genes=report.genes[:3], coverage=())
    made = report_to_fhir(small, tables())
    assert made.encode("utf-8").decode("utf-8") == made
    assert find_faults(json.loads(made)) == []


def test_a_lone_surrogate_does_not_break_the_bytes():
    report = golden("EX07")
    patient = replace(report.patient, name="a\ud800b")
    assert report_to_fhir(replace(report, patient=patient), tables()).encode("utf-8")


def test_a_statement_rests_on_what_its_reasons_are_about():
    """Genes and variants are known by what they are, not by their names in a sentence."""
    report = golden("EX01")
    finding = report.findings[0]
    variant = Subject(SubjectKind.VARIANT, (str(finding.key),), finding.gene)
    other = Subject(SubjectKind.VARIANT, (f"{finding.key}A",), finding.gene)
    gene = Subject(SubjectKind.GENE, (report.genes[0].gene,))
    field = Subject(SubjectKind.FIELD, ("sex",))
    drug = Subject(SubjectKind.DRUG, ("valproate",))
    made = Statements(Entries(report, load_reference(), "preliminary"), load_reference())
    first = report.interpretation.drugs[0].statements[0]
    for subject, expected in (
        (variant, ["finding/0"]),
        (other, [f"genotype/{finding.gene}", "coverage"]),
        (gene, [f"genotype/{report.genes[0].gene}"]),
        (field, []),
        (drug, []),
    ):
        reason = Reason(ReasonKind.GENE, subject)
        assert made._derived(replace(first, reasons=(reason,))) == expected


def test_two_patients_share_no_url():
    one, two = bundle_of(golden("EX01")), bundle_of(golden("EX02"))
    assert not {e["fullUrl"] for e in one["entry"]} & {e["fullUrl"] for e in two["entry"]}


def broken(change):
    bundle = copy.deepcopy(bundle_of(golden("EX01")))
    change(bundle, {e["resource"]["resourceType"]: e["resource"] for e in bundle["entry"]})
    return find_faults(bundle)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda b, r: r["DiagnosticReport"].update(status="finale"), "status 'finale'"),
        (lambda b, r: r["Observation"].update(status="registered"), "status 'registered'"),
        (lambda b, r: r["Procedure"].update(status="stopped"), "status 'stopped'"),
        (
            lambda b, r: r["DiagnosticReport"]["extension"][-1].update(
                valueReference=r["DiagnosticReport"]["subject"]
            ),
            "leads to a Patient",
        ),
        (
            lambda b, r: r["Observation"].update(subject={"reference": "urn:uuid:x"}),
            "leads nowhere",
        ),
        (
            lambda b, r: r["Observation"].update(subject=r["DiagnosticReport"]["result"][0]),
            "leads to a Observation",
        ),
        (lambda b, r: b["entry"].append(b["entry"][1]), "used twice"),
        (lambda b, r: r["Observation"].update(code={}), "no code"),
        (
            lambda b, r: r["Observation"].update(valueString="x", dataAbsentReason={"text": "y"}),
            "more than one value",
        ),
        (
            lambda b, r: r["Observation"]["component"].append({"code": {"text": "x"}}),
            "component without value",
        ),
        (
            lambda b, r: r["Observation"]["code"].update(
                coding=[{"system": LOINC, "code": "1-8", "display": "Acyclovir"}]
            ),
            "not on the list",
        ),
        (lambda b, r: r["DiagnosticReport"].update(status="final"), "authorised"),
        (lambda b, r: r["DiagnosticReport"].update(status="corrected"), "authorised"),
        (lambda b, r: r["DiagnosticReport"].update(status="cancelled"), "has results"),
        (lambda b, r: r["DiagnosticReport"]["result"].pop(), "exactly the observations"),
        (lambda b, r: b.update(type="transaction"), "not a collection"),
    ],
)
def test_checks_find(change, fault):
    assert any(fault in f for f in broken(change)), broken(change)


def test_an_implication_must_rest_on_something():
    def loosen(bundle, _):
        for resource in of_code(bundle, "therapeutic-implication"):
            resource.pop("derivedFrom")

    assert any("derived from nothing" in f for f in broken(loosen))


def test_codes_are_in_the_documents():
    text = (Path(__file__).parents[2] / "docs" / "fhir.md").read_text(encoding="utf-8")
    for code in (*TERMS, *(code for code, _ in ANSWERS)):
        assert f"`{code}`" in text, code


def test_missing_library_is_one_clear_line(monkeypatch):
    real = builtins.__import__

    def refuse(name, *rest, **named):
        if name.startswith("fhir"):
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ConfigError, match=r"epilepsy-pgx\[fhir\]") as caught:
        report_to_fhir(golden("EX01"), tables())
    assert "\n" not in str(caught.value)


def test_render_command_and_file_name(tmp_path):
    source, out = tmp_path / "source.json", tmp_path / "one.json"
    source.write_text(report_to_json(golden("EX05")), encoding="utf-8")
    done = CliRunner().invoke(
        commands,
        ["render", str(source), "--format", "fhir", "--out", str(out)],
        catch_exceptions=False,
        standalone_mode=False,
    )
    assert done.return_value == 0
    assert out.read_bytes() == report_to_fhir(golden("EX05"), tables()).encode()
    ((_, files),) = write_reports([golden("EX05")], tmp_path, tables(), ("json", "fhir"))
    assert [f.name for f in files] == ["EX05.json", "EX05.fhir.json"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_gene_status_has_words(language):
    report = golden("EX07")
    genes = tuple(
        GeneResult(f"TOY{n}", status, "none", (), 0, (), ()) for n, status in enumerate(GeneStatus)
    )
    bundle = bundle_of(replace(report, genes=genes, language=language))
    assert len(of_code(bundle, "84413-4")) == len(genes)
    assert all("dataAbsentReason" in r for r in of_code(bundle, "84413-4"))
