"""Release a draft as a final report, and notice if either was changed since it was made."""

import hashlib
from datetime import date, timedelta
from pathlib import Path

from epilepsy_pgx import __version__
from epilepsy_pgx.authorisation import Authorisation
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.frozen import replace
from epilepsy_pgx.hidden import spell_hidden
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.content import changed_parts, sealed
from epilepsy_pgx.report.serialise import as_it_stands, read_report, report_to_json
from epilepsy_pgx.vocabulary import ReportState, ReportStatus

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
    name, role, replaces, reason = (
        spell_hidden(" ".join(text.split())) for text in (name, role, replaces, reason)
    )
    require_draft(report)
    if not name or not role:
        raise InputError.one(
            "authorise-who",
            column="--name and --role",
            found="an empty text",
            expected="the name and role of the person who releases the report",
        )
    given = _day_of_release(report, day)
    report = sealed(report)
    if (version > 1) != bool(replaces) or bool(replaces) != bool(reason):
        raise InputError.one(
            "authorise-amendment",
            column="--version, --replaces and --reason",
            found="an incomplete amendment",
            expected="all three, with a version above 1, or none of them",
        )
    digest = draft_digest(report_to_json(report).encode())
    given_by = Authorisation(name, role, given.isoformat(), digest, "", version, replaces, reason)
    if replaces:
        given_by = replace(given_by, state=ReportState.AMENDED)
    return release_as(report, given_by)


def release_as(report: PatientReport, given: Authorisation) -> PatientReport:
    """Return the final report of a draft with its authorisation sealed."""
    return replace(report, status=FINAL, authorisation=replace(given, seal=_seal(given)))


def require_draft(report: PatientReport, file: str = ".") -> None:
    """Raise if a report is none that may be released.

    Raises
    ------
    InputError
        If it is not reportable, or final.
    """
    if report.not_reportable or report.status != DRAFT or report.authorisation is not None:
        found = "not reportable" if report.not_reportable else report.status
        raise InputError.one(
            "authorise-draft",
            file=file,
            sample=report.patient.sample_id,
            found=f"a report that is {found}",
            expected="a draft",
            fix="A report that is not reportable is never released; a final one already is.",
        )


def _day_of_release(report: PatientReport, day: str) -> date:
    """Read the day of the release: not before that of the report, nor after today.

    Tomorrow is let pass, for it may have begun where the release is dated.
    """
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
            fix="Check the date, and the clock of the machine that made the report.",
        )
    today = date.today()
    if given > today + timedelta(days=1):
        raise InputError.one(
            "authorise-date",
            column="--date",
            found=day,
            expected=f"no day after {today.isoformat()}, today by this machine's clock",
            fix="Check the date, and the clock.",
        )
    return given


def require_makers(report: PatientReport, file: str, ref: Reference) -> None:
    """Raise if other software or tables than these made a report: they would say it otherwise.

    Raises
    ------
    InputError
        If they did.
    """
    made = report.provenance
    here = (__version__, ref.digest)
    if here != (made.software_version, made.reference_digest):
        raise InputError.one(
            "final-makers",
            file=file,
            found=f"a report of version {made.software_version}, {made.reference_digest}",
            expected=f"version {here[0]} and tables {here[1]}",
            fix="Use that version and those tables (--reference), or make the report again.",
        )


LARGEST = 256 * 2**20
"""Bytes that the file of a report may have."""


def read_report_file(path: Path) -> tuple[PatientReport, bytes]:
    """Read a report's file and its bytes; of a final report only what was authorised.

    Raises
    ------
    InputError
        If it cannot be read, is no report of this software, or was edited.
    """
    try:
        with path.open("rb") as handle:
            data = handle.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise ValueError(f"more than {LARGEST >> 20} MB")
        return read_verified(data, str(path)), data
    except OSError as error:
        raise InputError.one("report-readable", file=str(path), found=str(error)) from None
    except ValueError as error:
        raise InputError.one(
            "report-json",
            file=str(path),
            found=str(error),
            expected="a report that this software wrote as JSON",
        ) from None


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
        If a draft was changed since it was made, a final report lacks its authorisation, or it or
        the report was changed since.
    """
    report, as_written = read_report(data)
    given = report.authorisation
    if given is None and report.status != FINAL:
        # To take the digests of the report itself is quicker, and the same if it says all there is.
        if not as_written or sealed(report).content != report.content:
            _require_as_made(data, file)
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
    released = as_written and _digest(_draft_of(report)) == given.digest
    if not (released or draft_digest(data) == given.digest) or _seal(given) != given.seal:
        raise InputError.one(
            "final-unchanged",
            file=file,
            found="a final report that was changed after its release",
            expected="the report as it was authorised",
            fix="Use the file that 'authorise' wrote, or authorise a new draft.",
        )
    return report


def _require_as_made(data: bytes, file: str) -> None:
    """Raise if a draft does not say what it said when it was written."""
    import msgspec

    if changed := changed_parts(msgspec.json.decode(data)):
        raise InputError.one(
            "draft-unchanged",
            file=file,
            found=f"a draft that was edited since it was made: {', '.join(changed)}",
            expected="the draft as it was written",
            fix="Correct what it was made from, such as the sample sheet, and make it again.",
        )


def draft_digest(data: bytes) -> str:
    """Return the digest of the draft behind a report's JSON: `sha256:…`.

    It is taken over the data as they stand, not as this version reads them, so that a later
    version of the software neither overlooks a field nor adds one. For a draft that this software
    wrote it is the digest of the file.
    """
    import msgspec

    found = msgspec.json.decode(data)
    found["status"], found["authorisation"] = DRAFT, None
    return _digest(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")


def digest_of_draft(report: PatientReport) -> str:
    """Return the digest of a draft, or of the draft behind a final report."""
    given = report.authorisation
    return given.digest if given is not None else draft_digest(report_to_json(report).encode())


def _draft_of(report: PatientReport) -> bytes:
    """Return the draft behind a report of this version."""
    return as_it_stands(replace(report, status=DRAFT, authorisation=None))


def _digest(text: bytes) -> str:
    return f"sha256:{hashlib.sha256(text).hexdigest()}"


def _seal(given: Authorisation) -> str:
    """Return the digest of everything else that an authorisation says."""
    import msgspec

    return _digest(msgspec.json.encode(replace(given, seal=""), order="sorted"))
