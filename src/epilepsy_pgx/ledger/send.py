"""Send a released report to another system as an HL7 version 2 message, and record its receipt."""

import socket
import time
from pathlib import Path

from epilepsy_pgx.errors import ConfigError, InputError, PgxError, Problem
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.ledger.book import Book, check_clock, editions
from epilepsy_pgx.ledger.editions import digest_of, files_of, finals, released_json
from epilepsy_pgx.ledger.entries import Entry
from epilepsy_pgx.ledger.owed import Call
from epilepsy_pgx.ledger.release import Act, held
from epilepsy_pgx.ledger.urgent import acknowledge
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.authorise import read_report_file, require_makers
from epilepsy_pgx.report.formats import FORMATS
from epilepsy_pgx.report.write import render_report

_START, _END = b"\x0b", b"\x1c\r"
MOST_ANSWER = 1 << 20


@dataclass(frozen=True, slots=True)
class Receiver:
    """A system that takes messages."""

    host: str
    port: int
    seconds: float = 30.0
    """How long to wait for the whole of its answer."""

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def send_edition(
    book: Book, results: Path, edition: str, receiver: Receiver, who: Act, ref: Reference
) -> list[Entry]:
    """Send an edition in every language; each receipt becomes an entry of the ledger.

    Raises
    ------
    InputError
        If there is no such edition, or the receiver did not accept it.
    ConfigError
        If the receiver cannot be reached or gives no answer.
    """
    standing = book.standing()
    found = editions(standing, edition, None)
    if not found:
        raise InputError.one(
            "edition-released",
            file=str(book.path),
            found=f"no released report '{edition}'",
            expected="id and version of one, such as 'R-0123456789AB v1'",
            fix="A draft is not sent. sqlite3 -readonly ledger.sqlite 'SELECT * FROM reports'.",
        )
    if any(s.state == "replaced" for s in found):
        last = [s for s in standing if s.sample == found[0].sample][-1]
        raise InputError.one(
            "send-replaced",
            file=str(book.path),
            found=f"{found[0].edition}, which was replaced",
            expected=f"{last.edition}, the last one ({last.state})",
        )
    wanted = " ".join(edition.split())
    # A withdrawal has files of its own, which come last.
    latest = {e.language: e for e in finals(book.entries()) if e.edition == wanted}
    with held(book):
        # What cannot be recorded is not sent.
        head = book.head()
        if head is not None:
            check_clock(head, who.time)
    recorded = []
    for entry in latest.values():
        path = released_json(book, entry)
        report, _ = read_report_file(path)
        message = _message(book, entry, path, report, ref)
        accepted = exchange(message, receiver)
        call = Call(str(receiver), note=f"HL7 message {accepted} accepted")
        language = entry.language
        try:
            entry = acknowledge(book, results, wanted, who, call, urgent=False, language=language)
        except PgxError as error:
            raise type(error)([*error.problems, _delivered(entry, receiver, accepted)]) from None
        recorded.append(entry)
    return recorded


def _message(book: Book, entry: Entry, path: Path, report: PatientReport, ref: Reference) -> bytes:
    """Return the message as it was released; where none was, made as the released files are.

    Raises
    ------
    InputError
        If the released file was changed, or other software or tables would make one.
    """
    name = FORMATS["hl7"].file_name(path.stem)
    digest = files_of(entry).files.get(name)
    if digest is None:
        if report.authorisation is None or report.authorisation.withdrawal is None:
            require_makers(report, str(path), ref)
        return render_report(report, "hl7", ref, book.settings().paper)
    released = path.with_name(name)
    data = released.read_bytes() if released.is_file() else b""
    if digest_of(data) != digest:
        raise InputError.one(
            "edition-files",
            file=str(released),
            found="a file that was changed, or nothing",
            expected=f"the message of {entry.edition} as it was released",
            fix="Bring it back from a backup; nothing was sent.",
        )
    return data


def _delivered(entry: Entry, receiver: Receiver, accepted: str) -> Problem:
    """Return what is to be known where a message arrived and its receipt was not recorded."""
    return Problem(
        str(receiver),
        0,
        ".",
        "send-recorded",
        f"{entry.edition} ({entry.language}) was delivered, message {accepted} was accepted",
        "a receipt in the ledger, which was not recorded",
        "Put right what stands above, and send it again: the receiver has it.",
    )


def exchange(message: bytes, receiver: Receiver) -> str:
    """Send a message and return its control id once the receiver accepted it.

    Raises
    ------
    InputError
        If it was not accepted.
    ConfigError
        If the receiver cannot be reached or gives no answer.
    """
    try:
        answer = _exchange(message, receiver)
    except OSError as error:
        raise ConfigError.one(
            "send-reached",
            column="--to",
            found=f"{receiver}: {error.strerror or error}",
            expected="a system that takes HL7 messages by MLLP and answers",
            fix="Nothing is recorded: send it again.",
        ) from None
    return accepted(answer, message.split(b"\r", 1)[0].split(b"|")[9].decode(), receiver)


def accepted(answer: str, control: str, receiver: Receiver) -> str:
    """Return the control id of a message if the answer says that it was accepted.

    Raises
    ------
    InputError
        If it does not.
    """
    fields = next(
        (s.split("|") for s in answer.split("\r") if s.startswith("MSA|")), ["MSA", "", ""]
    )
    code, about = (*fields[1:3], "", "")[:2]
    if code in ("AA", "CA") and about == control:
        return control
    found = f"answer '{code:.8}'" if about == control else "an answer to another message, or none"
    raise InputError.one(
        "send-accepted",
        column="--to",
        found=f"{found} from {receiver}",
        expected="AA, accepted",
        fix="Nothing is recorded: ask whoever runs the system, and send it again.",
    )


def _exchange(message: bytes, receiver: Receiver) -> str:
    """Frame a message by MLLP, and return the answer without its frame."""
    place = (receiver.host, receiver.port)
    until = time.monotonic() + receiver.seconds
    with socket.create_connection(place, timeout=receiver.seconds) as connection:
        connection.sendall(_START + message + _END)
        answer = b""
        while not answer.endswith(_END) and len(answer) < MOST_ANSWER:
            # The socket's own limit is one for each part: a part a second would go on for days.
            if (left := until - time.monotonic()) <= 0:
                raise TimeoutError("no whole answer in time")
            connection.settimeout(left)
            part = connection.recv(65536)
            if not part:
                break
            answer += part
    return answer.removeprefix(_START).removesuffix(_END).decode("utf-8", "replace")
