"""What the studio refuses: other hosts, other sites, large bodies; and what its answers carry."""

import socket

import httpx
import pytest

from studio import guard
from tests.support.studio import Served, refused
from tests.support.waiting import PATIENCE_S


def host_of(served: Served) -> str:
    return served.url.removeprefix("http://")


def test_it_listens_on_127_0_0_1_alone(served: Served) -> None:
    port = int(host_of(served).rpartition(":")[2])
    for other in ("127.0.0.2", socket.gethostbyname(socket.gethostname())):
        if other != "127.0.0.1":
            with socket.socket() as probe:
                assert probe.connect_ex((other, port)) != 0, other


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "[::1", "0.0.0.0"]
)
@pytest.mark.parametrize("path", ["/", "/api/worker", "/api/jobs/x/files/y"])
def test_another_host_name_is_refused(served: Served, host: str, path: str) -> None:
    assert refused(served.get(path, headers={"Host": host}))[:2] == (403, "forbidden")


def test_localhost_and_a_forwarded_port_are_fine(served: Served) -> None:
    for host in ("localhost:9999", "127.0.0.1"):
        assert served.get("/api/worker", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1"])
def test_another_site_is_refused(served: Served, origin: str) -> None:
    before = served.get("/api/worker").json()
    for method, path in (
        ("POST", "/api/jobs"),
        ("POST", "/api/voices?name=anna"),
        ("POST", "/api/endpoint"),
        ("DELETE", "/api/voices/anna"),
        ("DELETE", "/api/endpoint"),
        ("GET", "/api/voices"),
    ):
        answer = served.client.request(method, path, headers={"Origin": origin})
        assert refused(answer)[:2] == (403, "forbidden")
        assert "access-control-allow-origin" not in answer.headers
    assert served.get("/api/worker").json() == before


def test_its_own_page_is_answered(served: Served) -> None:
    own = {"Origin": served.url, "Sec-Fetch-Site": "same-origin"}
    assert served.post("/api/jobs", {"input": {"text": "Hi."}}, headers=own).status_code == 202
    preflight = served.client.options("/api/jobs", headers={"Origin": "http://evil.example"})
    assert preflight.status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_request_without_an_origin_tells_its_site(served: Served, site: str) -> None:
    """As of an image, a script or a frame that another site has on its page."""
    headers = {"Sec-Fetch-Site": site}
    for path in ("/api/voices", "/api/worker", "/api/jobs/x/words"):
        assert refused(served.get(path, headers=headers))[:2] == (403, "forbidden")
    assert served.get("/", headers=headers).status_code == 200  # a link to the studio


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_a_form_is_no_request(served: Served, kind: str) -> None:
    headers = {"content-type": kind} if kind else {}
    body = b'{"input": {"text": "Hello."}}'
    answer = served.client.post("/api/jobs", content=body, headers=headers)
    assert refused(answer)[:2] == (400, "invalid_request")


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/api/jobs", guard.JSON_BYTES),
        ("/api/endpoint", guard.JSON_BYTES),
        ("/api/jobs/x/captions", guard.JSON_BYTES),
        ("/api/voices?name=a", guard.CLIP_BYTES),
    ],
)
def test_a_large_body_is_refused_before_it_is_sent(served: Served, path: str, limit: int) -> None:
    for size in (str(limit + 1), "9" * 5000):
        headers = {"Content-Length": size, "Content-Type": "application/json"}
        with socket.create_connection(("127.0.0.1", int(served.url.rpartition(":")[2]))) as raw:
            lines = [f"POST {path} HTTP/1.1", f"Host: {host_of(served)}"]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            raw.sendall("\r\n".join([*lines, "", ""]).encode())
            raw.settimeout(60)
            assert raw.recv(100).split()[1] in (b"413", b"400")


def test_a_body_without_a_length_is_refused(served: Served) -> None:
    chunks = (b'{"input": {}}' for _ in range(1))
    headers = {"content-type": "application/json"}
    answer = served.client.post("/api/jobs", content=chunks, headers=headers)
    assert refused(answer)[:2] == (411, "length_required")


@pytest.mark.parametrize("path", ["/", "/page/main.js", "/api/worker", "/api/none", "/fonts/x.ttf"])
def test_every_answer_carries_the_policy(served: Served, path: str) -> None:
    headers = served.get(path).headers
    policy = headers["content-security-policy"]
    assert policy == guard.CSP
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in headers


def test_a_refusal_shows_no_header_or_body(served: Served) -> None:
    answer = httpx.post(
        f"{served.url}/api/endpoint",
        json={"endpoint_id": 5, "api_key": "rpa_SECRETSECRET", "more": "rpa_OTHERSECRET"},
        trust_env=False,
        timeout=PATIENCE_S,
    )
    assert refused(answer)[0] == 400
    assert "SECRET" not in answer.text
