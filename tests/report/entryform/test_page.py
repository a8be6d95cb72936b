"""The entry form in a browser: what it writes is read back as it was entered."""

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest

from epilepsy_pgx.clinical_entry import ClinicalEntry
from epilepsy_pgx.intake.clinical import parse_clinical
from epilepsy_pgx.intake.druglist import UnreadListError, drug_words
from epilepsy_pgx.intake.phenopacket import read_phenopacket
from epilepsy_pgx.reference.package import Reference
from tests.intake.test_phenopacket import FULL
from tests.report.entryform.made import UNLISTED, WRONG, cases
from tests.report.entryform.session import ask_page

AXE = Path(
    os.environ.get("AXE_CORE", Path(__file__).parents[3] / "node_modules/axe-core/axe.min.js")
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NAMES = (
    *UNLISTED,
    *WRONG["name"],
    "Tegretol retard 400",
    "valproate sodium",
    "CARBAMAZEPINE",
    "Épival",
    "carbamazepine?",
    "VPA and CBZ",
    "x|y",
    "none",
    "keine",
)
FOREIGN = {
    "id": "x",
    "subject": {"id": "x"},
    "phenotypicFeatures": [
        {
            "type": {"id": "HP:0000988", "label": "Skin rash"},
            "onset": {"timestamp": "2024-01-01T00:00:00Z"},
        },
        {"type": {"id": "HP:0000716", "label": "Depression"}},
        {"type": {"id": "HP:0000252", "label": "Microcephaly"}},
    ],
    "medicalActions": [
        {"treatment": {"agent": {"id": "ATC:N03AF01", "label": "Carbawunder"}}},
        {"therapeuticRegimen": {"ontologyClass": {"id": "X:1", "label": "valproate and CLB"}}},
        {
            "treatment": {"agent": {"id": "X:2", "label": "lamotrigine"}},
            "treatmentTerminationReason": {"id": "X:3", "label": "Stevens-Johnson syndrome"},
        },
        {"procedure": {"code": {"id": "X:4", "label": "Temporal lobectomy"}}},
    ],
    "interpretations": [{"id": "i"}],
    "metaData": {"created": "2026-11-22T00:00:00Z"},
}
"""A packet of another program."""
USE = """
const set = (id, value, kind = "input") => {
  const e = document.getElementById(id);
  e.value = value; e.dispatchEvent(new Event(kind)); e.dispatchEvent(new Event("blur"));
};
const press = selector => document.querySelector(selector).click();
const noted = id => document.getElementById(id + "-note").textContent;
const saved = []; URL.createObjectURL = blob => { saved.push(blob); return "#"; };
const ui = out.ui = {};
press("#f-current_drugs .add");
set("f-current_drugs-0-name", "Tegretol");
ui.brand = noted("f-current_drugs-0-name");
set("f-current_drugs-0-name", "Wunderkraut");
ui.unlisted = noted("f-current_drugs-0-name");
set("f-current_drugs-0-name", "Tegretol");
set("f-current_drugs-0-dose", "400");
ui.unitless = noted("f-current_drugs-0-dose");
press("#save");
ui.refused = [saved.length, document.activeElement.id,
  document.querySelectorAll("#summary li").length, document.getElementById("summary").hidden];
set("f-sample", "P001");
set("f-current_drugs-0-dose-unit", "mg/day", "change");
set("f-current_drugs-0-level", "8.5");
set("f-current_drugs-0-level-unit", "mg/L", "change");
set("f-current_drugs-0-level_date", "2026-11-02");
set("f-entry_date", "2026-11-01");
ui.late = noted("f-current_drugs-0-level_date");
set("f-entry_date", "2026-11-22");
press("#f-signs input[value=rash]");
set("f-age_years", "200");
ui.range = noted("f-age_years");
ui.invalid = document.getElementById("f-age_years").getAttribute("aria-invalid");
set("f-age_years", "24");
press("#save");
ui.saved = saved.length ? await saved[0].text() : null;
ui.left = document.getElementById("summary").hidden;
ui.told = document.getElementById("told").textContent;
press("#f-current_drugs .remove");
ui.removed = F.current().lists.current_drugs.rows.length;
ui.opened = F.open(ui.saved || "", "P001.json");
ui.again = F.cellsOf(F.current());
ui.shown = document.getElementById("f-current_drugs-0-level-unit").value;
const odd = {id: "P9", subject: {id: "P9"}, measurements: [{assay: {id: "epilepsy-pgx:mood"},
  description: "gloomy|depression"}], interpretations: [{id: "i1"}]};
F.open(JSON.stringify(odd), "odd.json");
ui.odd = [noted("f-mood"), F.cellsOf(F.current()).mood[0],
  F.packetOf(F.current(), today).interpretations];
ui.bad = [F.open("{", "x"), F.open('{"resourceType": "Patient"}', "x"), F.open("[]", "x")];
ui.unlabelled = [...document.querySelectorAll("input:not([hidden]), select")]
  .filter(e => !(e.labels && e.labels.length) && !e.getAttribute("aria-label")).map(e => e.id);
ui.requests = performance.getEntriesByType("resource").length;
const before = out.errors.length, foreign = document.createElement("script");
foreign.textContent = "window.ran = true";
document.head.append(foreign);
ui.fetched = await fetch("https://example.org/").then(() => true, () => false);
await new Promise(done => setTimeout(done, 50));
ui.ran = window.ran === true;
ui.stopped = [...new Set(out.errors.splice(before))].sort();
"""


@pytest.fixture(scope="module")
def asked(reference: Reference) -> dict[str, Any]:
    """Return cases that are right, and cases of which some values are wrong."""
    other = copy.deepcopy(FULL)
    right, wrong = cases(reference, 60), cases(reference, 60, wrong=0.12, seed=11)
    return {
        "cases": [*right, *wrong],
        "packets": [other, {"subject": []}, FOREIGN],
        "names": list(NAMES),
    }


@pytest.fixture(scope="module")
def answers(
    reference: Reference, asked: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    return ask_page(reference, tmp_path_factory.mktemp("form"), asked, USE)


def as_sheet(ref: Reference, cells: dict[str, list[str]]) -> tuple[ClinicalEntry, set[str]]:
    row = {"sample_id": "P001"} | {column: "|".join(said) for column, said in cells.items()}
    entry, problems = parse_clinical(row, ref, file="samples.tsv", line=2)
    return entry, {p.column for p in problems}


pytestmark = pytest.mark.browser


def test_the_page_runs_without_a_fault(answers):
    assert answers["errors"] == []


def test_a_packet_is_read_as_its_cells(answers, asked, reference):
    right = 0
    for cells, said in zip(asked["cases"], answers["cases"], strict=True):
        entry, wrong = as_sheet(reference, cells)
        if wrong or said["faults"]:
            continue
        right += 1
        read = read_phenopacket(json.dumps(said["packet"]), reference, file="p", sample="P001")
        assert read.entry == entry, cells
        assert not read.problems
        assert read.unmapped == (), cells
    assert right > 55


def test_the_page_finds_what_intake_finds(answers, asked, reference):
    found = set()
    for cells, said in zip(asked["cases"], answers["cases"], strict=True):
        _, wrong = as_sheet(reference, cells)
        if "entry_date" not in cells:  # the page takes the day on which it is filled in
            continue
        assert {column for column, _ in said["faults"]} == wrong, (cells, said["faults"])
        found |= {text for _, text in said["faults"]}
    assert len(found) > 8, found


def test_a_packet_of_the_form_is_opened_as_it_was(answers, asked):
    for cells, said in zip(asked["cases"], answers["cases"], strict=True):
        assert said["cells"] == cells
        assert said["notes"] == {"kept": [], "lost": []}
        assert said["twice"], cells


def test_names_mean_what_intake_takes_them_for(answers, reference):
    for name, said in zip(NAMES, answers["names"], strict=True):
        try:
            read = drug_words(reference).read(name)
        except UnreadListError:
            read = ()
        if len(read) == 1:
            assert said.get("drug") == read[0].drug, name
            assert not said.get("wrong"), name
        else:
            assert said.get("wrong"), name


def test_a_packet_of_another_program_keeps_its_meaning(answers, reference):
    made, none, _ = answers["packets"]
    assert none is None
    before = read_phenopacket(json.dumps(FULL), reference, file="p", sample="P1")
    after = read_phenopacket(json.dumps(made["packet"]), reference, file="p", sample="P1")
    assert not after.problems
    one, other = before.entry, after.entry
    for name in (
        "affected",
        "sex",
        "weight_kg",
        "onset_months",
        "syndromes",
        "signs",
        "entry_date",
    ):
        assert getattr(one, name) == getattr(other, name), name
    drugs = [[(d.drug, d.start, d.reaction) for d in e.current or ()] for e in (one, other)]
    assert drugs[0] == drugs[1]
    ended = [[(d.drug, d.reason) for d in e.failed or ()] for e in (one, other)]
    assert ended[0] == ended[1]


def test_what_another_program_says_in_its_own_way_is_taken_over(answers, reference):
    made = answers["packets"][2]
    packet, notes = made["packet"], made["notes"]
    entry = read_phenopacket(json.dumps(packet), reference, file="p", sample="x").entry
    assert [d.drug for d in entry.current] == ["carbamazepine", "valproate", "clobazam"]
    assert [(d.drug, str(d.reason)) for d in entry.failed] == [
        ("lamotrigine", "severe_skin_or_DRESS")
    ]
    assert (entry.mood, entry.surgery, entry.signs) == (("depression",), ("resection",), ())
    assert notes["kept"] == ["Skin rash", "Microcephaly"]
    assert notes["lost"] == ["Carbawunder (ATC:N03AF01) → carbamazepine"]
    assert packet["interpretations"] == FOREIGN["interpretations"]
    labels = {f["type"]["label"] for f in packet["phenotypicFeatures"]}
    assert {"Skin rash", "Microcephaly"} <= labels


def test_the_form_is_filled_in_by_hand(answers, reference):
    ui = answers["ui"]
    assert ui["brand"] == "= carbamazepine"
    assert "Not in the tables" in ui["unlisted"]
    assert "No unit is guessed" in ui["unitless"]
    count, focus, listed, hidden = ui["refused"]
    assert (count, focus, hidden) == (0, "summary", False)
    assert listed == 2
    assert "Later than" in ui["late"]
    assert "0 to 130" in ui["range"]
    assert ui["invalid"] == "true"
    assert ui["left"]
    assert "P001.json" in ui["told"]
    entry = read_phenopacket(ui["saved"], reference, file="p", sample="P001").entry
    (drug,) = entry.current
    assert (drug.drug, str(drug.daily_dose), str(drug.levels[0].quantity)) == (
        "carbamazepine",
        "400 mg/day",
        "8.5 mg/L",
    )
    assert (entry.signs, entry.entry_date) == (("rash",), "2026-11-22")
    assert ui["removed"] == 0
    assert ui["opened"]
    assert ui["again"]["current_drugs"] == [
        "Tegretol[dose=400 mg/day;level=8.5 mg/L;level_date=2026-11-02]"
    ]
    assert ui["shown"] == "mg/L"


def test_an_unknown_word_is_kept_and_named(answers):
    said, cell, interpretations = answers["ui"]["odd"]
    assert "gloomy" in said
    assert cell == "gloomy|depression"
    assert interpretations == [{"id": "i1"}]
    assert answers["ui"]["bad"] == [False, False, False]


def test_every_control_has_a_label(answers):
    assert answers["ui"]["unlabelled"] == []


def test_nothing_is_sent_or_loaded(answers):
    ui = answers["ui"]
    assert ui["requests"] == 0
    assert not ui["fetched"]
    assert not ui["ran"]
    assert ui["stopped"] == ["connect-src", "script-src-elem"]


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing(dark, asked, reference, tmp_path):
    if not AXE.is_file():
        pytest.skip("no axe-core: npm install axe-core, or set AXE_CORE to its axe.min.js")
    script = "F.open(JSON.stringify(out.cases[1].packet), 'P001.json');"
    script += "document.querySelectorAll('details').forEach(d => d.open = true);"
    script += "F.current().sample = ''; F.save();"
    script += f"out.axe = (await axe.run(document, {{runOnly: {json.dumps(RULES)}}})).violations"
    script += ".map(v => [v.id, v.nodes[0].html]);"
    scheme = ("--blink-settings=preferredColorScheme=0",) if dark else ()
    library = AXE.read_text(encoding="utf-8").replace("</script", "<\\/script")
    answer = ask_page(reference, tmp_path, asked, script, library, scheme)
    assert answer["axe"] == []
