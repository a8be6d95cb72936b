"""Release a draft as a final report, and notice if a final report was changed since."""

import hashlib
from dataclasses import replace
from datetime import date

from epilepsy_pgx.authorisation import Authorisation
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.report.serialise import report_from_json, report_to_json
from epilepsy_pgx.vocabulary import ReportStatus

DRAFT, FINAL = ReportStatus.DRAFT, ReportStatus.FINAL


def authorise_report(
    report: PatientReport,
    name: str,
    role: str,
    day: str,
    version: int = 1,
    replaces: str = "",
    reason: str = "",
) -> PatientReport:
    """Return the final report of a draft.

    Parameters
    ----------
    name, role
        Who is responsible for the release.
    day
        ISO date of the release.
    version, replaces, reason
        For an amended report: its number, above 1, the report that it replaces, and what changed.

    Raises
    ------
    InputError
        If the report is no draft, a name or role is missing, or the day is no date or lies before
        the day of the report, or an amendment does not say what it replaces and why.
    """
    name, role = " ".join(name.split()), " ".join(role.split())
    replaces, reason = " ".join(replaces.split()), " ".join(reason.split())
    _require_draft(report)
    if not name or not role:
        raise InputError.one(
            "authorise-who",
            column="--name and --role",
            found="an empty text",
            expected="the name and role of the person who releases the report",
        )
    given = _day_of_release(report, day)
    if (version > 1) != bool(replaces) or bool(replaces) != bool(reason):
        raise InputError.one(
            "authorise-amendment",
            column="--version, --replaces and --reason",
            found="an incomplete amendment",
            expected="all three, with a version above 1, or none of them",
        )
    digest = draft_digest(report_to_json(report).encode())
    given_by = Authorisation(name, role, given.isoformat(), digest, "", version, replaces, reason)
    return replace(report, status=FINAL, authorisation=replace(given_by, seal=_seal(given_by)))


def _require_draft(report: PatientReport) -> None:
    """Raise if a report is none that may be released."""
    if report.not_reportable or report.status != DRAFT or report.authorisation is not None:
        found = "not reportable" if report.not_reportable else report.status
        raise InputError.one(
            "authorise-draft",
            found=f"a report that is {found}",
            expected="a draft",
            fix="A report that is not reportable is never released; a final one already is.",
        )


def _day_of_release(report: PatientReport, day: str) -> date:
    """Read the day of the release, which is not before that of the report."""
    try:
        given = date.fromisoformat(day)
        made = date.fromisoformat(report.provenance.created[:10])
    except ValueError:
        raise InputError.one(
            "date", column="--date", found=repr(day), expected="a date such as 2026-03-31"
        ) from None
    if given < made:
        raise InputError.one(
            "authorise-date",
            column="--date",
            found=day,
            expected=f"a day from {made.isoformat()} on, when the report was made",
        )
    return given


def read_verified(data: bytes, file: str) -> PatientReport:
    """Read a report; a final one only if it is what was authorised.

    Parameters
    ----------
    file
        Its name, for the message.

    Raises
    ------
    ValueError
        If the data are not a report.
    InputError
        If a final report lacks its authorisation, or it or the report was changed since.
    """
    report = report_from_json(data)
    given = report.authorisation
    if given is None and report.status != FINAL:
        return report
    if given is None or report.status != FINAL or report.not_reportable:
        found = (
            "a final report that nobody authorised"
            if given is None
            else (f"an authorisation of a report that is {report.status}")
        )
        raise InputError.one(
            "final-authorised",
            file=file,
            found=found,
            expected="status and authorisation to agree",
            fix="Release the draft with 'authorise'.",
        )
    if draft_digest(data) != given.digest or _seal(given) != given.seal:
        raise InputError.one(
            "final-unchanged",
            file=file,
            found="a final report that was changed after its release",
            expected="the report as it was authorised",
            fix="Use the file that 'authorise' wrote, or authorise a new draft.",
        )
    return report


def draft_digest(data: bytes) -> str:
    """Return the digest of the draft behind a report's JSON: `sha256:…`.

    It is taken over the data as they stand, not as this version reads them, so that a later
    version of the software neither overlooks a field nor adds one. For a draft that this software
    wrote it is the digest of the file.
    """
    import msgspec

    found = msgspec.json.decode(data)
    found["status"], found["authorisation"] = DRAFT, None
    text = msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n"
    return f"sha256:{hashlib.sha256(text).hexdigest()}"


def _seal(given: Authorisation) -> str:
    fields = (
        given.name,
        given.role,
        given.date,
        given.digest,
        str(given.version),
        given.replaces,
        given.reason,
    )
    parts = "\0".join(fields)
    return f"sha256:{hashlib.sha256(parts.encode()).hexdigest()}"
