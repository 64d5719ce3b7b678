"""A store in a bucket of any S3 service; the only file that imports boto3."""

import re
import uuid
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, NamedTuple
from urllib.parse import quote, urlsplit

import boto3.session
import botocore.session
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.loaders import Loader
from botocore.parsers import ResponseParserError
from botocore.utils import get_environ_proxies

from storage import keys
from storage.fetch import MAX_FETCH_S, check_public
from storage.s3.endpoint import Address, Style, address
from storage.s3.errors import LIBRARY_ERRORS, NOT_S3, code_of, from_code, from_fault
from storage.s3.http import StoreSession
from storage.store import RECORD_BYTES, NotFound, ObjectInfo, StorageError, TooLarge

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# A server that writes a time zone wrongly would fill the log; `_in_utc` deals with such dates.
warnings.filterwarnings("ignore", "tzname .* identified but not understood")

PROBE = b"f5-tts-worker probe"
_CONNECT_TIMEOUT_S = 10.0
_CONNECTIONS = 32
_PART_BYTES = 1 << 20
_TEMPORARY = (
    "links are signed with temporary credentials and end with them, perhaps before expires_at"
)


_CHANGED = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict", "409"})
_CHANGED |= {"NoSuchKey", "404"}
_NOT_IMPLEMENTED = frozenset({"NotImplemented", "501"})


class _ConditionFailed(Exception):
    """The object was written or deleted since its etag was read."""


class _NoConditions(Exception):
    """The server refuses requests with a condition."""


class S3Store:
    """Objects in one bucket, by one client that all threads share.

    bucket, endpoint_url, region, style: as `storage.s3.endpoint.address` takes them.
    access_key, secret_key: without them boto3 looks for credentials (profile, container, instance);
        nothing else is read from the environment.
    session_token: only with temporary credentials.
    attempts: how often a request is sent at most.
    read_timeout_s: the seconds to wait for each part of a response, besides those for an upload.
    page_size: the keys on a page of a list.
    max_listed: the objects up to which a list is read; a server may send pages without end.
    setting_names: by environment variable, the name that errors show in its place.
    public_only: connect to no private address and through no proxy.
    max_answer_s: with `public_only`, the seconds after which a connection is shut down.

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
        max_listed: int = 200_000,
        setting_names: Mapping[str, str] = MappingProxyType({}),
        public_only: bool = False,
        max_answer_s: float = MAX_FETCH_S,
    ) -> None:
        self._setting_names = setting_names
        self._page_size = page_size
        self._max_listed = max_listed
        with self._translated():
            resolved = address(bucket, endpoint_url, region, style)
            _check_keys(access_key, secret_key, session_token)
            if public_only and resolved.endpoint_url:
                _check_public_endpoint(resolved.endpoint_url)
            core = _botocore_session()
            config = _client_config(resolved.style, attempts)
            credentials = _Credentials(access_key, secret_key, session_token or None)
            self._client, self._is_temporary = _connect(core, resolved, credentials, config)
        self._bucket = resolved.bucket
        url = self._client.meta.endpoint_url
        self._session = StoreSession(
            verify=core.get_config_variable("ca_bundle") or True,
            connect_timeout_s=_CONNECT_TIMEOUT_S,
            read_timeout_s=read_timeout_s,
            max_answer_s=max_answer_s if public_only else None,
            max_pool_connections=_CONNECTIONS,
            public_only=public_only,
            proxies=None if public_only else get_environ_proxies(url),
        )
        events = self._client.meta.events
        events.register("before-parameter-build.s3", _forbid_redirects)
        # The stubs type handlers as returning None; botocore uses what this one returns.
        answer: Any = self._session.answer
        events.register("before-send.s3", answer)

    @property
    def warnings(self) -> tuple[str, ...]:
        """One sentence if links may end early: they are signed with temporary credentials."""
        return (_TEMPORARY,) if self._is_temporary else ()

    def check(self) -> None:
        """Write, read, link to and delete a probe object.

        The link is followed too: some S3 services have no signed links, and some accept a wrong
        region or address in a request but not in a link.
        """
        key = f"probe-{uuid.uuid4().hex}"
        self.put(key, PROBE, "text/plain")
        try:
            if self.get(key) != PROBE or self._follow(self.url(key, 60)) != PROBE:
                raise StorageError(
                    "the store gives back other bytes than it got", "check AWS_ENDPOINT_URL"
                )
        except NotFound:
            raise StorageError(
                "the store does not show an object that was just written",
                "use a bucket that shows each object at once",
            ) from None
        finally:
            self.delete(key)

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """See Store."""
        self._upload(key, data, len(data), content_type)

    def put_if(self, key: str, data: bytes, content_type: str, etag: str | None) -> bool:
        """See Store. The etag is compared here too, for servers without such conditions."""
        info = self.stat(key)
        if (info.etag if info else None) != etag:
            return False
        condition: dict[str, Any] = (
            {"IfNoneMatch": "*"} if etag is None else {"IfMatch": f'"{etag}"'}
        )
        try:
            self._upload(key, data, len(data), content_type, condition)
        except _ConditionFailed:
            return False
        except _NoConditions:
            self._upload(key, data, len(data), content_type)
        return True

    def put_file(self, key: str, path: Path, content_type: str) -> None:
        """See Store. One streamed PUT: 5 GB at most, and never an unfinished multipart upload."""
        with path.open("rb") as source:
            self._upload(key, source, path.stat().st_size, content_type)

    def get(self, key: str, max_bytes: int = RECORD_BYTES) -> bytes:
        """See Store."""
        return b"".join(self._parts(key, max_bytes))

    def get_file(self, key: str, path: Path, max_bytes: int) -> None:
        """See Store."""
        with path.open("wb") as target:
            for part in self._parts(key, max_bytes):
                target.write(part)

    def stat(self, key: str) -> ObjectInfo | None:
        """See Store. A missing bucket looks like a missing object, because a HEAD has no body."""
        keys.check_key(key)
        try:
            with self._translated(key), _require_s3_fields():
                head = self._client.head_object(Bucket=self._bucket, Key=key)
                etag = head["ETag"].strip('"')
                return ObjectInfo(key, head["ContentLength"], _in_utc(head["LastModified"]), etag)
        except NotFound:
            return None

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        """See Store. Sorted here: SeaweedFS lists `a/b` before `a-b`, unlike S3."""
        keys.check_prefix(prefix)
        objects: list[ObjectInfo] = []
        with self._translated(), _require_s3_fields():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=prefix, PaginationConfig={"PageSize": self._page_size}
            )
            for page in pages:
                page["IsTruncated"]  # a web page does not have it
                objects += [
                    ObjectInfo(
                        item["Key"],
                        item["Size"],
                        _in_utc(item["LastModified"]),
                        item["ETag"].strip('"'),
                    )
                    for item in page.get("Contents", [])
                    # Some consoles make objects with such keys to show an empty folder.
                    if not item["Key"].endswith("/")
                ]
                if len(objects) > self._max_listed:
                    raise StorageError(
                        f"over {self._max_listed} objects are stored under one prefix",
                        "give S3_BUCKET to this worker alone, and delete what is not its own",
                    )
        return iter(sorted(objects, key=lambda info: info.key))

    def delete(self, key: str) -> None:
        """See Store."""
        keys.check_key(key)
        try:
            with self._translated(key):
                self._client.delete_object(Bucket=self._bucket, Key=key)
        except NotFound:  # most services answer 204 for a missing object too
            return

    def url(self, key: str, expires_s: int, filename: str | None = None) -> str:
        """See Store. Signing sends no request. The link ends early if a session token expires."""
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
        """The object in parts, counted on arrival: a client's own server may send without end."""
        keys.check_key(key)
        with self._translated(key):
            with ExitStack() as failed:
                failed.callback(self._session.close_unread)  # the headers make no sense to botocore
                response = self._client.get_object(Bucket=self._bucket, Key=key)
                failed.pop_all()
            with closing(response["Body"]) as body:
                # A web page has no ETag: a login page must not be taken for the object.
                with _require_s3_fields():
                    response["ETag"]
                if response.get("ContentLength", 0) > max_bytes:
                    raise TooLarge(max_bytes)
                size = 0
                for part in body.iter_chunks(_PART_BYTES):
                    size += len(part)
                    if size > max_bytes:
                        raise TooLarge(max_bytes)
                    yield part

    def _upload(
        self,
        key: str,
        body: bytes | BinaryIO,
        size: int,
        content_type: str,
        condition: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """Store the body of `size` bytes, and see that it is there.

        condition: IfMatch or IfNoneMatch of the request. Raises _ConditionFailed, _NoConditions.
        """
        keys.check_key(key)
        with self._translated():
            try:
                answer = self._client.put_object(
                    Bucket=self._bucket, Key=key, Body=body, ContentType=content_type, **condition
                )
            except ClientError as error:
                code = code_of(error)
                # 404: the object that had the etag was deleted since.
                if condition and code in _CHANGED:
                    raise _ConditionFailed from None
                if condition and code in _NOT_IMPLEMENTED:
                    raise _NoConditions from None
                raise
        # S3 answers with an ETag. A web server that says 200 to everything has stored nothing.
        if "ETag" not in answer:
            stored = self.stat(key)
            if stored is None or stored.size != size:
                raise self._with_setting_names(StorageError(*NOT_S3))

    def _follow(self, url: str) -> bytes:
        """GET a signed link as a client would: without credentials, without redirects."""
        with self._translated():
            response = self._session.answer(AWSRequest(method="GET", url=url).prepare())
            body: bytes = response.content
        if response.status_code == 200:
            return body
        code = re.search(rb"<Code>(\w{1,64})</Code>", body)
        error = from_code(code[1].decode() if code else str(response.status_code))
        raise StorageError(
            f"the store took an object but refuses the signed link to it: {error.problem}",
            f"{error.remedy}; RunPod's network volumes have no such links: use a bucket",
        )

    @contextmanager
    def _translated(self, key: str | None = None) -> Iterator[None]:
        """Translate the libraries' errors into StorageError; with `key`, a 404 into NotFound.

        Each is raised `from None`: botocore's messages name hosts, and nothing about a bucket that
        a job brings may reach a log.
        """
        try:
            yield
        except StorageError as error:
            raise self._with_setting_names(error) from None
        except ClientError as error:
            code = code_of(error)
            if key is not None and code in ("NoSuchKey", "404"):
                raise NotFound(key) from None
            raise self._with_setting_names(from_code(code)) from None
        except LIBRARY_ERRORS as error:
            raise self._with_setting_names(from_fault(error)) from None

    def _with_setting_names(self, error: StorageError) -> StorageError:
        """The error with the names in `setting_names` in place of the environment variables'."""
        remedy = error.remedy
        for name, other in self._setting_names.items():
            remedy = remedy.replace(name, other)
        return StorageError(error.problem, remedy, error.is_retryable)


def _check_public_endpoint(endpoint_url: str) -> None:
    """Raises FetchRefused unless every address behind the endpoint's host is public."""
    parts = urlsplit(endpoint_url)
    check_public(parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443))


def _botocore_session() -> botocore.session.Session:
    """A session that shares its service models and reads no endpoint from the environment."""
    session = botocore.session.get_session()
    session.register_component("data_loader", _service_models())
    session.set_config_variable("ignore_configured_endpoint_urls", True)
    return session


def _check_keys(access_key: str | None, secret_key: str | None, session_token: str | None) -> None:
    """Raise StorageError for a key with a character that cannot be sent.

    botocore would put a line break into a header, and would say that the network failed.
    """
    for value, is_sent, name, variable in (
        (access_key, True, "access key", "AWS_ACCESS_KEY_ID"),
        (secret_key, False, "secret key", "AWS_SECRET_ACCESS_KEY"),
        (session_token, True, "session token", "AWS_SESSION_TOKEN"),
    ):
        # Some services let people choose the secret key, which is never sent.
        is_right = not value or (
            value.isprintable() and not (is_sent and (" " in value or not value.isascii()))
        )
        if not is_right:
            raise StorageError(
                f"the {name} has a character in it that no such key has",
                f"copy {variable} again, as one line without spaces",
            )


class _Credentials(NamedTuple):
    access_key: str | None
    secret_key: str | None
    session_token: str | None


def _connect(
    core: botocore.session.Session, resolved: Address, credentials: _Credentials, config: Config
) -> "tuple[S3Client, bool]":
    """The client, and whether its credentials are temporary."""
    session = boto3.session.Session(botocore_session=core)
    client = session.client(
        "s3",
        region_name=resolved.region,
        endpoint_url=resolved.endpoint_url,
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        aws_session_token=credentials.session_token,
        config=config,
    )
    chained = None if credentials.access_key else session.get_credentials()
    return client, bool(credentials.session_token or (chained and chained.token))


def _client_config(style: Literal["path", "virtual"], attempts: int) -> Config:
    """The client's options; parameters as in S3Store."""
    return Config(
        signature_version="s3v4",
        # Since 1.36 botocore sends CRC checksums by default. R2, B2 and older MinIO refuse them:
        # https://github.com/aws/aws-cli/issues/9214
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": style},
        retries={"mode": "standard", "total_max_attempts": attempts},
    )


def _in_utc(moment: datetime) -> datetime:
    """A date of an answer. One whose zone is not understood counts as UTC, S3's only zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@contextmanager
def _require_s3_fields() -> Iterator[None]:
    """Treat a response without a field that S3 always sends (ETag, Size, ...) as not from S3.

    Raises ResponseParserError.
    """
    try:
        yield
    except KeyError as error:
        raise ResponseParserError(f"no {error} in the answer") from None


class _ServiceModelLoader(Loader):
    """botocore's loader of its own JSON files about S3; holds no credentials."""

    @property
    def search_paths(self) -> list[str]:
        """A copy, because boto3 appends a folder for each session; the shared list would grow."""
        return [*super().search_paths]


@cache
def _service_models() -> _ServiceModelLoader:
    """One loader for all clients; safe for several threads.

    Every job with an `s3Config` makes a client, and loading these files takes five sixths of the
    CPU time of that.
    """
    return _ServiceModelLoader()


def _forbid_redirects(context: dict[str, Any], **_: object) -> None:
    """Mark a request as redirected already, so that botocore does not correct a wrong region.

    botocore would correct it for requests but not for signed links. It would also never end at an
    address that answers every request with a redirect: it sends HEAD for the bucket to learn the
    region, and corrects that request by another such HEAD.
    """
    context.setdefault("s3_redirect", {})["redirected"] = True


def _attachment(filename: str) -> str:
    """A Content-Disposition (RFC 6266): an ASCII name for old clients, the full one for others."""
    plain = re.sub(r'[^ -~]|["\\%]', "_", filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
