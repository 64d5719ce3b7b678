"""What the S3 servers of the tests share: address and keys, the wait for readiness."""

import secrets
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field

from storage.s3.store import S3Store
from storage.store import StorageError

_READY_S = 90.0


def _key() -> str:
    return secrets.token_hex(8)


def _secret() -> str:
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class S3Server:
    """The address of an S3 service, and the key that owns its one bucket."""

    endpoint_url: str
    bucket: str
    access_key: str = field(default_factory=_key)
    secret_key: str = field(default_factory=_secret)
    region: str = "us-east-1"

    @property
    def environ(self) -> dict[str, str]:
        """The environment variables of a worker that stores its files here."""
        return {
            "S3_BUCKET": self.bucket,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_REGION": self.region,
            "AWS_ENDPOINT_URL": self.endpoint_url,
        }

    def store(self, *, attempts: int = 5, page_size: int = 1000) -> S3Store:
        return S3Store(
            self.bucket,
            region=self.region,
            endpoint_url=self.endpoint_url,
            access_key=self.access_key,
            secret_key=self.secret_key,
            attempts=attempts,
            page_size=page_size,
        )

    def is_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Wait until a signed write, read and delete succeed; False after 90 s or if it ends.

        The random key proves that the server is this one, not another that took the port.
        """
        store = self.store(attempts=1)
        end = time.monotonic() + _READY_S
        while time.monotonic() < end and process.poll() is None:
            with suppress(StorageError):
                store.check()
                return True
            time.sleep(0.05)
        return False
