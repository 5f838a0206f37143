"""An object store on this machine."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Address of a server that answers as S3 does, on a free port of the loopback interface."""
    moto = pytest.importorskip("moto.server", reason="moto, which stands in for S3, is not installed")
    one = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    one.start()
    try:
        host, port = one.get_host_and_port()
        yield f"{host}:{port}"
    finally:
        one.stop()


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """A new bucket, as URL, and the query that says how to get there."""
    from pyarrow.fs import S3FileSystem

    for name, value in (("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")):
        monkeypatch.setenv(name, value)
    name = f"pictures-{uuid.uuid4().hex[:8]}"
    store = S3FileSystem(endpoint_override=server, scheme="http", region="us-east-1", allow_bucket_creation=True)
    store.create_dir(name)
    return f"s3://{name}", f"?endpoint_override={server}&scheme=http&region=us-east-1"
