"""The client tries again, waits as asked, remembers, and says why it gave up."""

from pathlib import Path
from typing import Any

import pytest

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.reference.web import WebClient, require_shape
from tests.reference.server import Service, serve


def client(**values: Any) -> tuple[WebClient, list[float]]:
    """Return a client that only notes how long it would wait."""
    waits: list[float] = []
    defaults = {"sleep": waits.append, "clock": lambda: 0.0, "timeout": 5.0}
    return WebClient(**(defaults | values)), waits


def echo(path: str, asked: dict[str, str], body: Any) -> Any:
    return {"path": path, "asked": asked, "body": body}


def test_get_and_post() -> None:
    with serve(echo) as service:
        web, _ = client()
        got = web.get(f"{service.address}/allele", {"genesymbol": "eq.TOY1"})
        assert got == {"path": "/allele", "asked": {"genesymbol": "eq.TOY1"}, "body": None}
        assert web.post(f"{service.address}/x", {"ids": ["rs1"]})["body"] == {"ids": ["rs1"]}
        assert all(a.startswith("epilepsy-pgx/") for a in service.agents)


@pytest.mark.parametrize("failure", ["500", "503", "429", "truncated", "text"])
def test_failure_is_tried_again(failure: str) -> None:
    with serve(echo) as service:
        service.failures = [failure]
        web, waits = client()
        assert web.get(f"{service.address}/a")["path"] == "/a"
        assert len(service.requests) == 2
        assert max(waits) == (7.0 if failure == "429" else 1.0)


def test_pause_doubles_and_heeds_retry_after() -> None:
    with serve(echo) as service:
        service.failures = ["500", "500", "429"]
        web, waits = client(interval=0.0)
        web.get(f"{service.address}/a")
        assert [w for w in waits if w] == [1.0, 2.0, 7.0]


def test_slow_answer_times_out() -> None:
    with serve(echo) as service:
        service.failures = ["slow", "slow"]
        web, _ = client(timeout=0.1, attempts=2)
        with pytest.raises(InputError, match=r"no answer in time, 2 times.*service-reached"):
            web.get(f"{service.address}/a")


@pytest.mark.parametrize("address", ["file:///etc/hostname", "ftp://127.0.0.1/x", "etc/hostname"])
def test_only_a_web_service_is_asked(address: str) -> None:
    with pytest.raises(InputError, match=r"no address of a web service.*service-address"):
        client()[0].get(address)


def test_lasting_failure_is_an_input_error() -> None:
    with serve(echo) as service:
        service.failures = ["500"] * 4
        web, _ = client()
        with pytest.raises(InputError, match="status 500, 4 times"):
            web.get(f"{service.address}/a")
        assert len(service.requests) == 4


def test_wrong_address_is_not_tried_again() -> None:
    with serve(echo) as service:
        service.failures = ["404"]
        web, _ = client()
        with pytest.raises(InputError, match="status 404"):
            web.get(f"{service.address}/a")
        assert len(service.requests) == 1


def test_no_server() -> None:
    web, _ = client(attempts=2)
    with pytest.raises(InputError, match="no connection, 2 times"):
        web.get("http://127.0.0.1:9/a")


def test_requests_keep_their_distance() -> None:
    with serve(echo) as service:
        web, waits = client(interval=0.5)
        web.get(f"{service.address}/a")
        web.get(f"{service.address}/b")
        assert waits == [0.0, 0.5]


def test_cache_offline_and_age(tmp_path: Path) -> None:
    with serve(echo) as service:
        now = [1000.0]
        web, _ = client(cache=tmp_path, now=lambda: now[0], max_age=10.0)
        address = f"{service.address}/a"
        first = web.get(address)
        assert web.get(address) == first
        assert len(service.requests) == 1
        now[0] += 11
        web.get(address)
        assert len(service.requests) == 2
        offline, _ = client(cache=tmp_path, offline=True, now=lambda: 1e9)
        assert offline.get(address) == first
        assert web.previous(address) == first
        with pytest.raises(InputError, match="offline-answer"):
            offline.get(f"{service.address}/never")
        assert len(service.requests) == 2


def test_damaged_memory_is_asked_for_again(tmp_path: Path) -> None:
    with serve(echo) as service:
        web, _ = client(cache=tmp_path)
        web.get(f"{service.address}/a")
        for path in tmp_path.iterdir():
            path.write_text("{", encoding="utf-8")
        web.get(f"{service.address}/a")
        assert len(service.requests) == 2


@pytest.mark.parametrize("answer", [{}, [1], [{"name": "x"}], "text", None])
def test_changed_shape(answer: Any) -> None:
    with pytest.raises(InputError, match="service-shape"):
        require_shape("http://x", answer, ("name", "function"))


def test_shape_allows_more() -> None:
    assert require_shape("http://x", [{"name": 1, "more": 2}], ("name",)) == [
        {"name": 1, "more": 2}
    ]


def test_service_type() -> None:
    assert Service(echo).failures == []
