"""Authorise a report, and see whether an authorised report is still what was authorised."""

import hashlib
from dataclasses import replace

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.model import Authorisation, PatientReport
from epilepsy_pgx.report.serialise import report_to_json


def draft_digest(report: PatientReport) -> str:
    """Return the digest of a report as it was before it was authorised."""
    draft = replace(report, status="draft", authorisation=None)
    return "sha256:" + hashlib.sha256(report_to_json(draft).encode()).hexdigest()


def authorise_report(
    report: PatientReport,
    name: str,
    role: str,
    date: str,
    replaces: str | None = None,
    reason: str | None = None,
    version: int = 1,
) -> PatientReport:
    """Return the final report.

    Parameters
    ----------
    name, role
        Who authorises, and as what.
    date
        ISO date, passed in.
    replaces, reason
        For an amended report: id of the one it replaces, and what changed.
    version
        1 for a first report, more for an amended one.

    Raises
    ------
    InputError
        If the report is not a draft, or an amendment does not say what it replaces and why.
    """
    if report.status != "draft":
        raise InputError.one(
            "authorise-draft", file=report.report_id, found=f"a report that is {report.status}",
            expected="a draft",
            fix="A report that failed a check cannot be authorised; one that is final is amended "
            "by authorising a new draft with --replaces.",
        )
    if (version > 1) != (replaces is not None) or (replaces is None) != (reason is None):
        raise InputError.one(
            "authorise-amendment", file=report.report_id, column="--replaces",
            found="an amendment that is not complete",
            expected="--replaces, --reason and a version above 1 together, or none of them",
        )
    signed = Authorisation(name, role, date, draft_digest(report), version, replaces, reason)
    return replace(report, status="final", authorisation=signed)


def check_authorised(report: PatientReport) -> None:
    """Refuse a final report that nobody authorised, or that is not what was authorised.

    Raises
    ------
    InputError
        With what is wrong.
    """
    signed = report.authorisation
    if report.status == "final" and signed is None:
        found = "a final report without an authorisation"
    elif signed is not None and report.status != "final":
        found = f"an authorisation in a report that is {report.status}"
    elif signed is not None and signed.draft_digest != draft_digest(report):
        found = "a report that was changed after it was authorised"
    else:
        return
    raise InputError.one(
        "report-authorised", file=report.report_id, found=found,
        expected="the report as it was authorised",
        fix="Take the original file; a change is authorised as a new version.",
    )
