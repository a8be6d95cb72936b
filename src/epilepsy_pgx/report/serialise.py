"""The report as JSON: the form that every other one can be made from again."""

from functools import cache
from typing import TYPE_CHECKING, Any

from epilepsy_pgx.hidden import escape_hidden
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.report.content import sealed

if TYPE_CHECKING:
    import msgspec

SCHEMA_VERSION = "2.1"
"""Version of the JSON form; the first number changes when old readers would fail."""
_NESTED = "messages nested deeper than any report has them"


@cache
def _coders() -> "tuple[msgspec.json.Encoder, msgspec.json.Decoder[PatientReport]]":
    import msgspec

    encoder = msgspec.json.Encoder(decimal_format="string", order="deterministic")
    return encoder, msgspec.json.Decoder(PatientReport)


def report_to_json(report: PatientReport, *, compact: bool = False) -> str:
    """Write a report as JSON: the same report gives the same text.

    What is not released gets the digests of its content as it is written.

    Parameters
    ----------
    compact
        True for one line without spaces.
    """
    whole = sealed(report) if report.authorisation is None else report
    data = _coders()[0].encode(whole) + b"\n" if compact else as_it_stands(whole)
    return data.decode("utf-8")


def as_it_stands(report: PatientReport) -> bytes:
    """Write a report with the digests that it carries."""
    import msgspec

    return escape_hidden(msgspec.json.format(packed(report), indent=1)) + b"\n"


def packed(report: PatientReport) -> bytes:
    """Write a report with the digests that it carries, for another process to read as its own."""
    return _coders()[0].encode(report)


def report_from_json(text: str | bytes, *, own: bool = False) -> PatientReport:
    """Read a report back.

    Parameters
    ----------
    own
        True for lines that a stage of this run has written: no field is looked for in them.

    Raises
    ------
    ValueError
        If the text is not a report of this version, or lacks a field that one always has.
    """
    return _checked(text) if own else read_report(text)[0]


def read_report(text: str | bytes) -> tuple[PatientReport, bool]:
    """Read a report back, and say whether the text is what this version writes of it.

    If it is, nothing stands in the text that does not stand in the report.

    Raises
    ------
    ValueError
        As `report_from_json` does.
    """
    import msgspec

    report = _checked(text)
    data = text.encode("utf-8") if isinstance(text, str) else text
    as_written = as_it_stands(report)
    if data == as_written:
        return report, True
    try:
        found, written = msgspec.json.decode(data), msgspec.json.decode(as_written)
    except RecursionError:
        raise ValueError(_NESTED) from None
    # What was taken out must not read as something that is not said: an action, a kind of value.
    if found != written and (place := _missing(written, found)):
        raise ValueError(f"a report without `${place}`")
    return report, False


def _checked(text: str | bytes) -> PatientReport:
    """Return a report, if it is one of this version."""
    import msgspec

    try:
        report = _coders()[1].decode(text)
    except RecursionError:
        raise ValueError(_NESTED) from None
    except msgspec.ValidationError as error:
        found = msgspec.json.decode(text)
        written = found.get("schema_version") if isinstance(found, dict) else None
        if written in (None, SCHEMA_VERSION):
            raise
        raise _other_form(written) from error
    if report.schema_version != SCHEMA_VERSION:
        raise _other_form(report.schema_version)
    return report


class OtherFormError(ValueError):
    """A report that another version of the software wrote."""


def _missing(written: object, found: object, place: str = "") -> str:
    """Return the place of the first field that is written and was not found; else nothing."""
    if isinstance(written, dict) and isinstance(found, dict):
        for name, value in written.items():
            inner = f"{place}.{name}"
            if name not in found:
                return inner
            if missing := _missing(value, found[name], inner):
                return missing
    if isinstance(written, list) and isinstance(found, list):
        for number, pair in enumerate(zip(written, found, strict=False)):
            if missing := _missing(*pair, f"{place}[{number}]"):
                return missing
    return ""


def _other_form(written: object) -> "OtherFormError":
    shown = " ".join(str(written).split())
    return OtherFormError(
        f"a report of form {shown:.20}, where this version reads {SCHEMA_VERSION}: use the "
        "version of the software that the report names, or make the report anew"
    )


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a report."""
    import msgspec

    found = msgspec.json.schema(PatientReport)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "PatientReport",
        "description": "A report of epilepsy-pgx on one patient.",
        "version": SCHEMA_VERSION,
        **found,
    }
