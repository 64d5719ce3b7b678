"""A store in a bucket of any S3 service; the only file that names boto3."""

import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import quote, urlsplit

import boto3.session
import botocore.session
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.httpsession import URLLib3Session
from botocore.loaders import Loader
from botocore.parsers import ResponseParserError
from botocore.utils import get_environ_proxies

from storage import keys
from storage.fetch import check_public
from storage.s3.endpoint import Style, address
from storage.s3.errors import NOT_S3, from_code, from_fault
from storage.s3.ssrf import PublicSession
from storage.store import RECORD_BYTES, NotFound, ObjectInfo, StorageError, TooLarge

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PROBE = b"f5-tts-worker probe"
_CONNECT_TIMEOUT_S = 10.0
_CONNECTIONS = 32
_PART_BYTES = 1 << 20
_TEMPORARY = (
    "links are signed with temporary credentials and end with them, perhaps before expires_at"
)


class S3Store:
    """Objects in one bucket; the client is built once, here, and shared by all threads.

    `bucket`, `endpoint_url`, `region` and `style` as storage.address takes them. Without
    `access_key` and `secret_key` the credentials come from boto3's own chain (profile, container,
    instance); nothing else is read from the environment. A request is tried `attempts` times,
    waiting `read_timeout_s` seconds for each answer. `called` gives other names for the variables
    that errors speak of. A `public_only` store connects to no private address and uses no proxy.
    Raises StorageError, and FetchRefused for a private address.
    """

    def __init__(
        self,
        bucket: str | None,
        *,
        region: str | None = None,
        endpoint_url: str | None = None,
        access_key: str | None = None,
        secret_key: str | None = None,
        session_token: str | None = None,
        style: Style = "auto",
        attempts: int = 5,
        read_timeout_s: float = 60.0,
        page_size: int = 1000,
        called: Mapping[str, str] = MappingProxyType({}),
        public_only: bool = False,
    ) -> None:
        self._called = called
        with self._translated():
            place = address(bucket, endpoint_url, region, style)
        if public_only and place.endpoint_url:
            parts = urlsplit(place.endpoint_url)
            check_public(
                parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443)
            )
        # Newer checksums are refused by R2, B2 and older MinIO (platform.md).
        config = Config(
            signature_version="s3v4",
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": place.style},
            retries={"mode": "standard", "total_max_attempts": attempts},
            connect_timeout=_CONNECT_TIMEOUT_S,
            read_timeout=read_timeout_s,
            max_pool_connections=_CONNECTIONS,
        )
        core = botocore.session.get_session()
        core.register_component("data_loader", _service_models())
        core.set_config_variable("ignore_configured_endpoint_urls", True)
        with self._translated():
            session = boto3.session.Session(botocore_session=core)
            self._client: S3Client = session.client(
                "s3",
                region_name=place.region,
                endpoint_url=place.endpoint_url,
                aws_access_key_id=access_key,
                aws_secret_access_key=secret_key,
                aws_session_token=session_token,
                config=config,
            )
            chained = None if access_key else session.get_credentials()
            self._is_temporary = bool(session_token or (chained and chained.token))
        self._client.meta.events.register("before-parameter-build.s3", _forbid_redirects)
        self._bucket = place.bucket
        self._page_size = page_size
        self._http: dict[str, Any] = {
            "verify": core.get_config_variable("ca_bundle") or True,
            "timeout": (_CONNECT_TIMEOUT_S, read_timeout_s),
        }
        if public_only:
            public = PublicSession(**self._http, max_pool_connections=_CONNECTIONS)
            answer: Any = public.answer  # what it gives counts, unlike those of other events
            self._client.meta.events.register("before-send.s3", answer)

    @property
    def warnings(self) -> tuple[str, ...]:
        """One where the links may end early; else none, since they work everywhere."""
        return (_TEMPORARY,) if self._is_temporary else ()

    def check(self) -> None:
        """Write, read, link to and delete a probe.

        The link is followed too: some S3 services know no such links, and some accept a wrong
        region or address in a request but not in a link.
        """
        key = f"probe-{uuid.uuid4().hex}"
        self.put(key, PROBE, "text/plain")
        try:
            if self.get(key) != PROBE or self._follow(self.url(key, 60)) != PROBE:
                raise StorageError("the store gives back other bytes", "check AWS_ENDPOINT_URL")
        except NotFound:
            raise StorageError(
                "the store does not show an object just written",
                "use a bucket whose reads follow its writes",
            ) from None
        finally:
            self.delete(key)

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """See Store."""
        self._upload(key, data, content_type)

    def put_file(self, key: str, path: Path, content_type: str) -> None:
        """See Store. One streamed PUT, so at most 5 GB and nothing half-uploaded to pay for."""
        with path.open("rb") as source:
            self._upload(key, source, content_type)

    def get(self, key: str, max_bytes: int = RECORD_BYTES) -> bytes:
        """See Store."""
        return b"".join(self._parts(key, max_bytes))

    def get_file(self, key: str, path: Path, max_bytes: int) -> None:
        """See Store."""
        with path.open("wb") as target:
            for part in self._parts(key, max_bytes):
                target.write(part)

    def stat(self, key: str) -> ObjectInfo | None:
        """See Store. A bucket that does not exist cannot be told from a missing object."""
        keys.check_key(key)
        try:
            with self._translated(key), _require_s3_fields():
                head = self._client.head_object(Bucket=self._bucket, Key=key)
                etag = head["ETag"].strip('"')
                return ObjectInfo(key, head["ContentLength"], head["LastModified"], etag)
        except NotFound:
            return None

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        """See Store. Sorted here: SeaweedFS lists `a/b` before `a-b`, unlike S3."""
        keys.check_prefix(prefix)
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix, PaginationConfig={"PageSize": self._page_size}
        )
        with self._translated(), _require_s3_fields():
            found = [
                ObjectInfo(item["Key"], item["Size"], item["LastModified"], item["ETag"].strip('"'))
                for page in pages
                for item in page.get("Contents", [])
                if not item["Key"].endswith("/")  # a console's marker of an empty folder
            ]
        return iter(sorted(found, key=lambda info: info.key))

    def delete(self, key: str) -> None:
        """See Store."""
        keys.check_key(key)
        try:
            with self._translated(key):
                self._client.delete_object(Bucket=self._bucket, Key=key)
        except NotFound:  # most services answer 204 all the same
            return

    def url(self, key: str, expires_s: int, filename: str | None = None) -> str:
        """See Store. Signed without a request; it ends early when a session token does."""
        params = {"Bucket": self._bucket, "Key": keys.check_key(key)}
        if filename is not None:
            params["ResponseContentDisposition"] = _attachment(filename)
        with self._translated():
            return self._client.generate_presigned_url(
                "get_object", Params=params, ExpiresIn=expires_s
            )

    def upload_url(self, key: str, expires_s: int) -> str:
        """See Store."""
        with self._translated():
            return self._client.generate_presigned_url(
                "put_object",
                Params={"Bucket": self._bucket, "Key": keys.check_key(key)},
                ExpiresIn=expires_s,
            )

    def _parts(self, key: str, max_bytes: int) -> Iterator[bytes]:
        """The object, counted as it comes: a client's own server may send without end."""
        keys.check_key(key)
        with self._translated(key):
            answer = self._client.get_object(Bucket=self._bucket, Key=key)
            with closing(answer["Body"]) as body:
                size = 0
                for part in body.iter_chunks(_PART_BYTES):
                    size += len(part)
                    if size > max_bytes:
                        raise TooLarge(max_bytes)
                    yield part

    def _upload(self, key: str, body: bytes | BinaryIO, content_type: str) -> None:
        keys.check_key(key)
        with self._translated():
            self._client.put_object(
                Bucket=self._bucket, Key=key, Body=body, ContentType=content_type
            )

    def _follow(self, url: str) -> bytes:
        """GET a signed link as a client would: without credentials, without redirects."""
        with self._translated():
            session = URLLib3Session(proxies=get_environ_proxies(url), **self._http)
            answer = session.send(AWSRequest(method="GET", url=url).prepare())
            body: bytes = answer.content
        if answer.status_code == 200:
            return body
        code = re.search(rb"<Code>(\w{1,64})</Code>", body)
        error = from_code(code[1].decode() if code else str(answer.status_code))
        raise StorageError(
            f"the store took an object but refuses the signed link to it: {error.problem}",
            f"{error.remedy}; the volume of a RunPod endpoint has no such links, a bucket does",
        )

    @contextmanager
    def _translated(self, key: str | None = None) -> Iterator[None]:
        """The one place where boto3's errors become ours; with `key`, a 404 is NotFound.

        Raised `from None`: the messages of botocore name hosts, and a job may bring its own bucket,
        of which nothing may reach a log.
        """
        try:
            yield
        except StorageError as error:
            raise self._with_setting_names(error) from None
        except ClientError as error:
            answer = error.response.get("Error", {})
            code = str(answer.get("Code", "none"))
            if code == "InvalidArgument" and "access key" in str(answer.get("Message")):
                code = "InvalidAccessKeyId"  # R2, of a key that is not of R2
            if key is not None and code in ("NoSuchKey", "404"):
                raise NotFound(key) from None
            raise self._with_setting_names(from_code(code)) from None
        except ResponseParserError:
            raise self._with_setting_names(StorageError(*NOT_S3)) from None
        except BotoCoreError as error:
            raise self._with_setting_names(from_fault(error)) from None

    def _with_setting_names(self, error: StorageError) -> StorageError:
        """The error with the names that whoever chose this bucket knows."""
        remedy = error.remedy
        for name, other in self._called.items():
            remedy = remedy.replace(name, other)
        return StorageError(error.problem, remedy, error.is_retryable)


@contextmanager
def _require_s3_fields() -> Iterator[None]:
    """Have an answer that lacks what S3 tells of an object be none of S3's."""
    try:
        yield
    except KeyError as error:
        raise ResponseParserError(f"no {error} in the answer") from None


class _ServiceModelLoader(Loader):
    """What botocore knows of S3, as it reads it from its own files; no credentials are in it."""

    @property
    def search_paths(self) -> list[str]:
        """A copy: boto3 adds a folder of its own for each session, and needs it for none here."""
        return [*super().search_paths]


@cache
def _service_models() -> _ServiceModelLoader:
    """One for all clients, and safe for several threads: to read it takes five sixths of the CPU
    time of a client, and every job with an `s3Config` makes one."""
    return _ServiceModelLoader()


def _forbid_redirects(context: dict[str, Any], **_: object) -> None:
    """Let a wrong region fail where botocore would correct it, for requests but not for links.

    Its correction also never ends at an address that answers every request with a redirect: it
    asks HEAD of the bucket for the region, and corrects that request by another such HEAD.
    """
    context.setdefault("s3_redirect", {})["redirected"] = True


def _attachment(filename: str) -> str:
    """RFC 6266: an ASCII name for old clients, the whole one for the others."""
    plain = re.sub(r'[^ -~]|["\\%]', "_", filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
