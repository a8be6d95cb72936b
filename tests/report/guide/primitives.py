"""The forms of primitive values in JSON, as https://hl7.org/fhir/R4B/datatypes.html gives them."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

_DAY = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?"
_ZONE = r"(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_PART = r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01])"
_TEXT = r"[ \r\n\t\S]+"
FORMS = {
    "base64Binary": r"([0-9a-zA-Z+/=]{4})+",
    "canonical": r"\S+",
    "code": r"[^\s]+( [^\s]+)*",
    "date": _PART + ")?)?",
    "dateTime": _PART + f"(T{_CLOCK}{_ZONE})?)?)?",
    "id": r"[A-Za-z0-9\-.]{1,64}",
    "instant": f"{_DAY}T{_CLOCK}{_ZONE}",
    "markdown": _TEXT,
    "oid": r"urn:oid:[0-2](\.(0|[1-9][0-9]*))+",
    "string": _TEXT,
    "time": _CLOCK,
    "uri": r"\S+",
    "url": r"\S+",
    "uuid": r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
}
LEAST = {"integer": None, "unsignedInt": 0, "positiveInt": 1}
_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"


def code_of(types: list[dict[str, Any]] | None, chosen: str) -> str:
    """Return the type of an element; of several the one that its name chooses."""
    for one in types or ():
        code = one["code"]
        if "System." in code:
            named = [e["valueUrl"] for e in one.get("extension", ()) if e["url"] == _TYPE]
            code = named[0] if named else "string"
        if not chosen or code.lower() == chosen.lower():
            return str(code)
    return ""


def is_primitive(code: str) -> bool:
    """Say whether values of a type have no children."""
    return code in FORMS or code in LEAST or code in ("boolean", "decimal", "xhtml")


def faults_of(value: Any, code: str) -> Iterator[str]:
    """Yield what is wrong with the form of a value."""
    if value == {} or value == "":
        yield f"nothing as {code}"
    elif code in FORMS:
        if not isinstance(value, str) or not re.fullmatch(FORMS[code], value):
            yield f"no {code}: {str(value)[:40]}"
        elif code in ("date", "dateTime", "instant") and not _is_in_calendar(value):
            yield f"no day: {value[:40]}"
    elif code in LEAST:
        least = LEAST[code]
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or (least is not None and value < least):
            yield f"no {code}: {str(value)[:40]}"
    elif code == "decimal" and (isinstance(value, bool) or not isinstance(value, int | float)):
        yield f"no decimal: {str(value)[:40]}"
    elif code == "boolean" and not isinstance(value, bool):
        yield f"no boolean: {str(value)[:40]}"
    elif code and not is_primitive(code) and not isinstance(value, dict):
        yield f"no {code}: {str(value)[:40]}"


def _is_in_calendar(text: str) -> bool:
    day = text.partition("T")[0]
    try:
        # The first day stands for a month or a year without one.
        date.fromisoformat(day + "-01" * (2 - day.count("-")))
    except ValueError:
        return False
    return True
