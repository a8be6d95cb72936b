"""The entry form as a FHIR R4 Questionnaire, for systems that have forms of their own."""

import json
from collections.abc import Iterator
from typing import Any

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.entryform.schema import form_schema
from epilepsy_pgx.report.fhir_codes import ATC, LOINC
from epilepsy_pgx.report.wording import Wording

Json = dict[str, Any]

UCUM = "http://unitsofmeasure.org"
SYSTEM = "urn:epilepsy-pgx:entry:"
"""Of the words of our own lists, followed by the field that they answer."""
_EXTENSIONS = "http://hl7.org/fhir/StructureDefinition/"
_SIMPLE = {"choice": "choice", "word": "choice", "words": "choice", "day": "date"}
_SIMPLE |= {"number": "decimal", "quantity": "quantity"}


def render_questionnaire(ref: Reference, language: str = "en") -> str:
    """Return the questionnaire as JSON.

    Parameters
    ----------
    ref
        The data package.
    language
        Language of titles and answers.
    """
    schema, wording = form_schema(ref, language), Wording(ref, language)
    sample = {
        "linkId": "sample_id",
        "text": wording.say("form-sample"),
        "type": "string",
        "required": True,
        "maxLength": 64,
    }
    questionnaire = {
        "resourceType": "Questionnaire",
        "id": "epilepsy-pgx-entry",
        "language": language,
        "url": f"{SYSTEM}questionnaire",
        "version": ref.version,
        "name": "EpilepsyPgxEntry",
        "title": wording.say("form-title"),
        "status": "active",
        "subjectType": ["Patient"],
        "description": wording.say("form-lead"),
        "item": [
            sample,
            *(
                {
                    "linkId": f"group.{group['name']}",
                    "text": group["title"],
                    "type": "group",
                    "item": [i for field in group["fields"] for i in _items(field, schema)],
                }
                for group in schema["groups"]
            ),
        ],
    }
    return json.dumps(questionnaire, ensure_ascii=False, indent=1) + "\n"


def _items(field: Json, schema: Json) -> Iterator[Json]:
    """Yield the items of a column: a list of drugs has its answer 'none' beside it."""
    if field["kind"] != "drugs":
        yield _item(field["name"], field, schema)
        return
    name = field["name"]
    yield {"linkId": f"{name}.none", "text": field["none"], "type": "boolean"}
    drug = {
        "linkId": f"{name}.name",
        "text": schema["texts"]["drug-name"],
        "type": "open-choice",
        "required": True,
        "answerOption": list(_drugs(schema)),
    }
    keys = (_item(f"{name}.{key['name']}", key, schema) for key in field["keys"])
    yield {
        "linkId": name,
        "text": field["title"],
        "type": "group",
        "repeats": True,
        "item": [drug, *keys],
    }


def _drugs(schema: Json) -> Iterator[Json]:
    """Yield the drugs that are known; the name of another is written as it is."""
    codes = schema["drugs"]["atc"]
    for drug, shown in schema["drugs"]["shown"].items():
        coding = (
            {"system": ATC, "code": codes[drug]}
            if drug in codes
            else {"system": f"{SYSTEM}drug", "code": drug}
        )
        yield {"valueCoding": coding | {"display": shown}}


def _item(link: str, field: Json, schema: Json) -> Json:
    kind = field["kind"]
    item: Json = {"linkId": link, "text": field["title"], "type": _SIMPLE[kind]}
    number = next((n for n in schema["numbers"] if n["column"] == link and n["written"]), None)
    if number is not None:
        code = number["codes"][0].partition(":")[2]
        item["code"] = [{"system": LOINC, "code": code, "display": number["written"][0]}]
    if kind == "words":
        item["repeats"] = True
    if "options" in field:
        item["answerOption"] = [_option(link, option, kind) for option in field["options"]]
    if kind == "number":
        item["extension"] = [
            {"url": f"{_EXTENSIONS}{name}", "valueDecimal": limit}
            for name, limit in zip(("minValue", "maxValue"), field["limits"], strict=True)
        ]
    if kind == "quantity":
        item["extension"] = [
            {
                "url": f"{_EXTENSIONS}questionnaire-unitOption",
                "valueCoding": {
                    "system": UCUM,
                    "code": schema["units"][unit]["ucum"],
                    "display": unit,
                },
            }
            for unit in (*field["units"], *field["unused"])
        ]
    return item


def _option(link: str, option: Json, kind: str) -> Json:
    coding = {"system": f"{SYSTEM}{link}", "code": option["word"], "display": option["label"]}
    found: Json = {"valueCoding": coding}
    if kind == "words" and option["alone"]:
        found["extension"] = [
            {"url": f"{_EXTENSIONS}questionnaire-optionExclusive", "valueBoolean": True}
        ]
    return found
