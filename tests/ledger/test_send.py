"""A message counts as sent when the receiver says so, and nobody was told by that."""

import shutil
import socket
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest

from epilepsy_pgx.errors import ConfigError, InputError
from epilepsy_pgx.ledger.release import Amendment, release, withdraw
from epilepsy_pgx.ledger.send import Receiver, exchange, send_edition
from epilepsy_pgx.ledger.settings import Settings
from epilepsy_pgx.ledger.urgent import urgent_queue
from epilepsy_pgx.ledger.verify import verify
from tests.command import run
from tests.ledger.bench import act, example, ledger, put, since, tables, without
from tests.recall.bench import changed, setting

hl7 = pytest.importorskip("hl7", reason="hl7 is not installed")


@contextmanager
def laboratory_system(answer="AA", *, about=None, silent=False):
    """Run a system that takes one message after another, and keeps them."""
    got: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(10)

    def serve():
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                data = b""
                while not data.endswith(b"\x1c\r"):
                    data += connection.recv(65536)
                got.append(data[1:-2])
                if silent:
                    continue
                ack = hl7.parse(got[-1].decode()).create_ack(answer)
                if about is not None:
                    ack.segment("MSA")[2] = about
                connection.sendall(b"\x0b" + str(ack).encode() + b"\x1c\r")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield Receiver("127.0.0.1", server.getsockname()[1], 5), got
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(5)


def test_a_released_report_is_sent_and_its_receipt_recorded(tmp_path):
    with ledger(tmp_path) as book, laboratory_system() as (receiver, got):
        release(book, put(tmp_path, example()), act(), tables())
        (entry,) = send_edition(book, tmp_path, "R-EX05 v1", receiver, act(hour=10), tables())
        assert (entry.kind, entry.report) == ("acknowledged", "R-EX05")
        message = hl7.parse(got[0].decode())
        assert str(message.segment("OBR")[3]) == "R-EX05 v1"
        assert str(message.segment("OBR")[25]) == "F"
        assert str(message.segment("MSH")[10]) in entry.details
        # A machine has it; nobody was told.
        assert [i.state for i in urgent_queue(book, tmp_path)] == ["open"]
        withdraw(book, "R-EX05 v1", act(hour=11, reason="wrong specimen"), tables())
        send_edition(book, tmp_path, "R-EX05 v1", receiver, act(hour=12), tables())
        gone = hl7.parse(got[1].decode())
        assert {str(x[11]) for x in gone.segments("OBX")} == {"W"}
        # Whoever orders messages by time takes the withdrawal for the later one.
        for segment, field in (("MSH", 7), ("OBR", 22)):
            sent, later = (str(m.segment(segment)[field]) for m in (message, gone))
            assert (sent, later) == ("20261123090000+0000", "20261123110000+0000")


@pytest.mark.parametrize("formats", [("json", "hl7", "html", "fhir"), ("json", "html")])
def test_after_an_update_what_was_released_and_its_withdrawal_leave_the_house(formats, tmp_path):
    later = changed(tmp_path / "new", drug_names=setting({"name": "ACTH"}, drug="lamotrigine"))
    results = tmp_path / "r"
    with ledger(results, Settings(formats=formats)) as book, laboratory_system() as (to, got):
        done = release(book, put(tmp_path, example()), act(), tables())
        if "hl7" in formats:
            send_edition(book, results, "R-EX05 v1", to, act(hour=10), later)
            assert got[0] == (done.folder / "EX05.hl7").read_bytes()
        else:
            with pytest.raises(InputError, match="final-makers"):
                send_edition(book, results, "R-EX05 v1", to, act(hour=10), later)
        (gone,) = withdraw(book, "R-EX05 v1", act(hour=11, reason="wrong specimen"), later)
        assert len(list(gone.folder.iterdir())) == len(formats)
        assert 'status">Withdrawn<' in (gone.folder / "EX05.html").read_text(encoding="utf-8")
        send_edition(book, results, "R-EX05 v1", to, act(hour=12), later)
        message = hl7.parse(got[-1].decode())
        assert {str(x[11]) for x in message.segments("OBX")} == {"W"}
        for ref in (tables(), later):
            found = verify(book, ref)
            assert found.problems == ()


def test_what_was_replaced_is_not_sent_and_a_receipt_names_its_language(tmp_path):
    both = [example(), replace(example(), language="es")]
    with ledger(tmp_path) as book, laboratory_system() as (receiver, got):
        for report in both:
            release(book, put(tmp_path, report), act(), tables())
        sent = send_edition(book, tmp_path, "R-EX05 v1", receiver, act(hour=10), tables())
        assert [e.language for e in sent] == ["en", "es"]
        later = put(tmp_path, since(book, without(example(), "phenytoin")))
        why = act(hour=11, reason="new typing")
        release(book, later, why, tables(), Amendment("R-EX05 v1"))
        with pytest.raises(InputError, match="send-replaced"):
            send_edition(book, tmp_path, "R-EX05 v1", receiver, act(hour=12), tables())
        assert len(got) == 2
        send_edition(book, tmp_path, "R-EX05 v2", receiver, act(hour=12), tables())
        assert str(hl7.parse(got[2].decode()).segment("OBR")[25]) == "C"


@pytest.mark.parametrize("how", ["clock", "tail"])
def test_what_cannot_be_recorded_is_not_sent(how, tmp_path):
    with ledger(tmp_path) as book, laboratory_system() as (receiver, got):
        done = release(book, put(tmp_path, example()), act(hour=11), tables())
        hour = 9 if how == "clock" else 12
        if how == "tail":
            shutil.copytree(done.folder, done.folder.with_name("v9.en"))
        with pytest.raises((ConfigError, InputError), match=f"ledger-{how}"):
            send_edition(book, tmp_path, "R-EX05 v1", receiver, act(hour=hour), tables())
        assert got == []


def test_a_large_message_arrives_whole():
    message = b"MSH|^~\\&|A||||20261123||ORU^R01^ORU_R01|77|P|2.5.1\rOBX|1|ED|" + b"x" * 10_000_000
    with laboratory_system() as (receiver, got):
        assert exchange(message, receiver) == "77"
        assert got == [message]


@pytest.mark.parametrize(
    ("how", "error", "found"),
    [
        ({"answer": "AE"}, InputError, "answer 'AE'"),
        ({"answer": "AR"}, InputError, "answer 'AR'"),
        ({"about": "OTHER"}, InputError, "another message"),
        ({"silent": True}, InputError, "or none"),
    ],
)
def test_what_is_not_accepted_is_not_recorded(tmp_path, how, error, found):
    with ledger(tmp_path) as book, laboratory_system(**how) as (receiver, _):
        release(book, put(tmp_path, example()), act(), tables())
        before = len(book.entries())
        with pytest.raises(error, match=found):
            send_edition(book, tmp_path, "R-EX05 v1", receiver, act(hour=10), tables())
        assert len(book.entries()) == before


def test_a_system_that_is_not_there_and_a_draft_are_one_line(tmp_path):
    with ledger(tmp_path) as book:
        with pytest.raises(InputError, match="A draft is not sent"):
            send_edition(book, tmp_path, "R-EX05 v1", Receiver("127.0.0.1", 1), act(), tables())
        release(book, put(tmp_path, example()), act(), tables())
        with pytest.raises(ConfigError, match="Nothing is recorded"):
            send_edition(book, tmp_path, "R-EX05 v1", Receiver("127.0.0.1", 1), act(), tables())
    words = ("--name", "Dr S. Send", "--role", "technician")
    done = run("send", tmp_path, "R-EX05 v1", "--to", "nowhere", *words)
    assert (done.returncode, "HOST:PORT" in done.stderr) == (2, True)


def test_what_is_sent_is_the_file_that_was_released(tmp_path):
    settings = Settings(formats=("json", "hl7"), paper="letter")
    with ledger(tmp_path, settings) as book, laboratory_system() as (receiver, got):
        done = release(book, put(tmp_path, example()), act(), tables())
        (file,) = done.folder.glob("*.hl7")
        send_edition(book, tmp_path, "R-EX05 v1", receiver, act(hour=10), tables())
        assert got == [file.read_bytes()]
        file.write_bytes(file.read_bytes() + b"X")
        with pytest.raises(InputError, match="edition-files"):
            send_edition(book, tmp_path, "R-EX05 v1", receiver, act(hour=11), tables())
        assert len(got) == 1


def test_what_arrived_and_could_not_be_recorded_is_named_as_delivered(tmp_path, monkeypatch):
    def full(*given, **more):
        raise ConfigError.one("disk-full", found="no room")

    with ledger(tmp_path) as book, laboratory_system() as (receiver, got):
        release(book, put(tmp_path, example()), act(), tables())
        monkeypatch.setattr("epilepsy_pgx.ledger.send.acknowledge", full)
        with pytest.raises(ConfigError, match="R-EX05 v1 .en. was delivered") as caught:
            send_edition(book, tmp_path, "R-EX05 v1", receiver, act(hour=10), tables())
        assert [p.check for p in caught.value.problems] == ["disk-full", "send-recorded"]
        assert len(got) == 1
