"""Files through the real server: chunks, size, cut connections."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.integration.gateway.conftest import Gateway
from tests.waiting import wait_until

MEBIBYTE = 1024 * 1024


def pieces(count: int, size: int = 256 * 1024) -> Iterator[bytes]:
    """What `requests` sends as chunks: a body of unknown length."""
    for number in range(count):
        yield (b"%d" % (number % 10)) * size


def memory(pid: int) -> int:
    """Bytes of resident memory at the highest."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def test_a_chunked_upload_is_streamed_past_memory_and_comes_back(gateway: Gateway) -> None:
    client = gateway.client().register()
    client("POST", "/v1/files?name=warm.txt", data=b"warm")
    before = memory(gateway.process.pid)
    answer = client("POST", "/v1/files?name=big.txt", data=pieces(80))
    told = answer.json()
    assert answer.status_code == 201, answer.text
    assert told["size"] == 20 * MEBIBYTE
    digest = sha256()
    for piece in pieces(80):
        digest.update(piece)
    assert told["sha256"] == digest.hexdigest()
    fetched = sha256()
    with client.get(f"/v1/files/{told['file_id']}", stream=True) as download:
        for piece in download.iter_content(MEBIBYTE):
            fetched.update(piece)
    assert fetched.hexdigest() == digest.hexdigest()
    assert memory(gateway.process.pid) - before < 8 * MEBIBYTE


def test_a_chunked_body_of_json_is_read_too(gateway: Gateway) -> None:
    body = iter([b'{"email": "a@example.com",', b' "password": "wrong wrong wrong"}'])
    answer = gateway.client()(
        "POST", "/v1/sessions", data=body, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "sign-in-refused")


def test_an_upload_over_the_limit_is_refused_without_reading_it_all(
    start_gateway: Any,
) -> None:
    gateway = start_gateway(MAX_FILE_BYTES=str(MEBIBYTE))
    client = gateway.client().register()
    announced = client("POST", "/v1/files?name=a.txt", data=b"a" * (MEBIBYTE + 1))
    assert (announced.status_code, announced.json()["code"]) == (413, "body-too-large")
    chunked = client("POST", "/v1/files?name=a.txt", data=pieces(5))
    assert chunked.status_code == 413
    assert client("POST", "/v1/files?name=a.txt", data=b"a" * MEBIBYTE).status_code == 201
    assert list((Path(gateway.env["FILES_DIR"]) / "incoming").iterdir()) == []


def test_a_cut_upload_leaves_nothing(gateway: Gateway) -> None:
    client = gateway.client().register()
    incoming = Path(gateway.env["FILES_DIR"]) / "incoming"
    with gateway.connect() as line:
        line.sendall(
            b"POST /v1/files?name=a.txt HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n"
            b"Authorization: " + client.token + b"\r\n\r\n" + b"a" * 200_000
        )
        wait_until(lambda: incoming.exists() and any(incoming.iterdir()), 10, "the upload")
    wait_until(lambda: not any(incoming.iterdir()), 10, "its removal")
    assert client.get("/health").status_code == 200


def test_an_upload_whose_line_breaks_goes_on_where_it_stopped(gateway: Gateway) -> None:
    client, body = gateway.client().register(), b"".join(pieces(20))
    wanted = {"name": "big.txt", "size": len(body), "sha256": sha256(body).hexdigest()}
    made = client.post("/v1/uploads", wanted)
    address = made.headers["Location"]
    with gateway.connect() as line:
        line.sendall(
            f"PATCH {address}?offset=0 HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
            "Authorization: ".encode()
            + client.token
            + b"\r\n\r\n"
            + body[:2_000_000]
        )
        wait_until(lambda: client.get(address).json()["offset"] > MEBIBYTE, 10, "the first bytes")

    def rest() -> Any:
        """Sent once the gateway has noticed that the first line is gone."""
        offset = client.get(address).json()["offset"]
        sent = client("PATCH", address, params={"offset": offset}, data=iter([body[offset:]]))
        return sent if sent.status_code == 200 else None

    assert wait_until(rest, 10, "the rest").json()["offset"] == len(body)
    stored = client.post(f"{address}/complete")
    assert (stored.status_code, stored.json()["sha256"]) == (201, wanted["sha256"])
    assert client.get(stored.headers["Location"]).content == body
    assert client.get(stored.headers["Location"], headers={"Accept-Encoding": "gzip"}).ok


def test_an_upload_of_nobody_is_refused_before_it_is_read(gateway: Gateway) -> None:
    answer = gateway.say(
        b"POST /v1/files?name=a.txt HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 401")
    assert b"Connection: close" in answer
