"""S3's and botocore's errors as StorageError: a problem and a remedy for each."""

import re

from botocore.exceptions import (
    BotoCoreError,
    ConfigParseError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    IncompleteReadError,
    InvalidRegionError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    ProxyConnectionError,
    SSLError,
)

from storage.store import StorageError

_CREDENTIALS = "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
_RIGHTS = (
    "the access key may not do this",
    "give AWS_ACCESS_KEY_ID the right to get, put and list the objects of S3_BUCKET, and to delete "
    "them if it is the worker's own",
)
_ELSEWHERE = ("the bucket is in another region", "set AWS_REGION to the bucket's own region")
_REDIRECTED = (
    "the store has another address",
    "set AWS_REGION to the bucket's own region, and AWS_ENDPOINT_URL with https if it wants that",
)
_TOKEN = (
    "the session token is wrong or has expired",
    "give fresh AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN",
)
_BUSY = (
    "the store was busy or broken at every attempt",
    "send the job again later, and check AWS_ENDPOINT_URL if it stays so",
)
NOT_S3 = (
    "the store does not answer as S3 does",
    "set AWS_ENDPOINT_URL to the service's S3 API, with no bucket and no path in it",
)
_UNKNOWN = (
    "the store refused the request",
    "check S3_BUCKET, AWS_REGION and AWS_ENDPOINT_URL",
)
# Codes of S3. The response to a HEAD has no body: there botocore's code is the HTTP status.
_CODES = {
    "InvalidAccessKeyId": (
        "the store does not know the access key",
        "check AWS_ACCESS_KEY_ID, and that AWS_ENDPOINT_URL is the service that gave it",
    ),
    "SignatureDoesNotMatch": ("the secret does not fit the key", "check AWS_SECRET_ACCESS_KEY"),
    "NoSuchBucket": (
        "the bucket does not exist",
        "check S3_BUCKET, and that AWS_ENDPOINT_URL has no bucket in it",
    ),
    "InvalidBucketName": ("this cannot be the name of a bucket", "check S3_BUCKET"),
    "AccessDenied": _RIGHTS,
    "AllAccessDisabled": _RIGHTS,
    "Unauthorized": ("the store refused the credentials", _CREDENTIALS),
    "401": ("the store refused the credentials", _CREDENTIALS),
    "403": ("the store refused the credentials", f"{_CREDENTIALS} and their rights on S3_BUCKET"),
    "404": ("the bucket was not found", "check S3_BUCKET and AWS_ENDPOINT_URL"),
    "301": _REDIRECTED,
    "302": _REDIRECTED,
    "307": _REDIRECTED,
    "308": _REDIRECTED,
    "PermanentRedirect": _ELSEWHERE,
    "TemporaryRedirect": _ELSEWHERE,
    "AuthorizationHeaderMalformed": _ELSEWHERE,
    "AuthorizationQueryParametersError": _ELSEWHERE,
    "IllegalLocationConstraintException": _ELSEWHERE,
    "RequestTimeTooSkewed": (
        "the clock of this machine is wrong, so every signature is",
        "set the clock; the AWS_ variables are not the cause",
    ),
    "ExpiredToken": _TOKEN,
    "ExpiredTokenException": _TOKEN,
    "InvalidToken": _TOKEN,
    "TokenRefreshRequired": _TOKEN,
    "SlowDown": _BUSY,
    "TooManyRequests": _BUSY,
    "RequestLimitExceeded": _BUSY,
    "429": _BUSY,
    "RequestTimeout": _BUSY,
    "InternalError": _BUSY,
    "ServiceUnavailable": _BUSY,
    "500": _BUSY,
    "502": _BUSY,
    "503": _BUSY,
    "504": _BUSY,
}
_UNREACHED = (
    "the store cannot be reached",
    "check AWS_ENDPOINT_URL and AWS_REGION, and that this machine may connect to it",
)
_BROKEN_OFF = (
    "the store broke the connection off or did not answer in time",
    "send the job again; if it stays so, check AWS_ENDPOINT_URL",
)
# The first class that matches counts, so subclasses come before their bases.
_FAULTS: tuple[tuple[type[BotoCoreError], tuple[str, str]], ...] = (
    (NoCredentialsError, ("there are no credentials for the bucket", _CREDENTIALS)),
    (PartialCredentialsError, ("half of the credentials is missing", _CREDENTIALS)),
    (ProfileNotFound, ("there is no such AWS profile", "unset AWS_PROFILE, or correct it")),
    (ConfigParseError, ("AWS's configuration file is damaged", "correct it, or AWS_CONFIG_FILE")),
    (ParamValidationError, _CODES["InvalidBucketName"]),
    (InvalidRegionError, ("this cannot be the name of a region", "check AWS_REGION")),
    (SSLError, ("the store's TLS certificate was refused", "check AWS_ENDPOINT_URL")),
    (EndpointConnectionError, _UNREACHED),
    (ConnectTimeoutError, _UNREACHED),
    (ProxyConnectionError, _UNREACHED),
    (HTTPClientError, _BROKEN_OFF),
    (IncompleteReadError, _BROKEN_OFF),  # no subclass of HTTPClientError
)
_RETRYABLE = (_UNREACHED, _BROKEN_OFF)


def from_code(code: str) -> StorageError:
    """The error for a code of S3. A code that does not look like one is not shown."""
    # The code comes from a server that a client may have chosen, and goes into a message.
    shown = code if re.fullmatch(r"\w{1,64}", code, re.ASCII) else "no code"
    problem, remedy = _CODES.get(code, _UNKNOWN)
    return StorageError(f"{problem} ({shown})", remedy, _CODES.get(code) is _BUSY)


def from_fault(error: BotoCoreError) -> StorageError:
    """The error for one of botocore's own, without a response. Only the class's name is shown."""
    texts = next((texts for kind, texts in _FAULTS if isinstance(error, kind)), _UNKNOWN)
    problem, remedy = texts
    return StorageError(f"{problem} ({type(error).__name__})", remedy, texts in _RETRYABLE)
