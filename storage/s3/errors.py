"""The errors of S3 and of the libraries below as StorageError: a problem and a remedy for each."""

import re
from http.client import HTTPException
from xml.etree.ElementTree import ParseError

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError, LocationValueError

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
_FULL = (
    "the store is full, or its quota is used up",
    "free some space in S3_BUCKET, or raise its quota",
)
_NO_CHANGES = (
    "the store can only be read",
    "check that AWS_ENDPOINT_URL and S3_BUCKET are not those of a read-only copy",
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
    "QuotaExceeded": _FULL,
    "InsufficientStorage": _FULL,
    "StorageFull": _FULL,
    "XMinioStorageFull": _FULL,
    "XMinioAdminBucketQuotaExceeded": _FULL,
    "507": _FULL,
    "MethodNotAllowed": _NO_CHANGES,
    "405": _NO_CHANGES,
    "RequestTimeTooSkewed": (
        "the clock of this machine is wrong, and so is every signature",
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
# What botocore's parsers raise for an answer that is well-formed and makes no sense.
_PARSING = (
    *(ValueError, TypeError, LookupError, AttributeError, ArithmeticError),
    *(RecursionError, ParseError, ResponseParserError),
)
LIBRARY_ERRORS: tuple[type[Exception], ...] = (
    *(BotoCoreError, ClientError, boto.UndefinedModelAttributeError),
    *(HTTPError, HTTPException, OSError),
    *_PARSING,
)
"""The errors that a call of a client may raise; `from_fault` has a sentence for each."""

_CONFIGURED = (
    "a setting of AWS is wrong, in the environment or in its configuration file",
    "correct it, or AWS_CONFIG_FILE",
)
_LOGIN = ("this machine's login to AWS gives no credentials", _CREDENTIALS)

# The first class that matches counts, so subclasses come before their bases.
_FAULTS: tuple[tuple[tuple[type[Exception], ...], tuple[str, str]], ...] = (
    ((boto.NoCredentialsError,), ("there are no credentials for the bucket", _CREDENTIALS)),
    ((boto.PartialCredentialsError,), ("half of the credentials is missing", _CREDENTIALS)),
    (
        (
            *(boto.CredentialRetrievalError, boto.MetadataRetrievalError, boto.NoAuthTokenError),
            *(boto.LoginError, boto.SSOError, boto.TokenRetrievalError),
            *(boto.RefreshWithMFAUnsupportedError, boto.UnknownCredentialError),
        ),
        _LOGIN,
    ),
    (
        (boto.ProfileNotFound,),
        ("there is no such AWS profile", "unset AWS_PROFILE, or correct it"),
    ),
    (
        (boto.ConfigParseError,),
        ("AWS's configuration file is damaged", "correct it, or AWS_CONFIG_FILE"),
    ),
    (
        (
            *(boto.InvalidConfigError, boto.ConfigNotFound, boto.InfiniteLoopConfigError),
            *(boto.InvalidRetryConfigurationError, boto.InvalidMaxRetryAttemptsError),
            *(boto.InvalidRetryModeError, boto.InvalidDefaultsMode),
            *(boto.InvalidS3AddressingStyleError, boto.InvalidChecksumConfigError),
            *(boto.InvalidS3UsEast1RegionalEndpointConfigError, boto.InvalidIMDSEndpointError),
            *(boto.InvalidSTSRegionalEndpointsConfigError, boto.InvalidIMDSEndpointModeError),
        ),
        _CONFIGURED,
    ),
    (
        (boto.InvalidProxiesConfigError,),
        ("the proxy of this machine is named wrongly", "correct HTTPS_PROXY and HTTP_PROXY"),
    ),
    (
        (
            *(boto.ParamValidationError, boto.InvalidDNSNameError, boto.InvalidHostLabelError),
            *(boto.UnsupportedS3ArnError, boto.UnsupportedS3AccesspointConfigurationError),
            *(boto.UnsupportedOutpostResourceError, boto.UnsupportedS3ControlArnError),
        ),
        _CODES["InvalidBucketName"],
    ),
    ((boto.InvalidRegionError,), ("this cannot be the name of a region", "check AWS_REGION")),
    ((boto.SSLError,), ("the store's TLS certificate was refused", "check AWS_ENDPOINT_URL")),
    (
        (boto.EndpointConnectionError, boto.ConnectTimeoutError, boto.ProxyConnectionError),
        _UNREACHED,
    ),
    (
        # IncompleteReadError is no subclass of HTTPClientError.
        (
            HTTPClientError,
            boto.ConnectionError,
            boto.IncompleteReadError,
            boto.ChecksumError,
            boto.FlexibleChecksumError,
        ),
        _BROKEN_OFF,
    ),
    ((boto.CapacityNotAvailableError,), _BUSY),
    ((boto.PaginationError,), NOT_S3),
    ((BotoCoreError, boto.UndefinedModelAttributeError), _UNKNOWN),
    ((LocationValueError,), NOT_S3),
    ((HTTPError, HTTPException, OSError), _BROKEN_OFF),
    (_PARSING, NOT_S3),
)
_RETRYABLE = (_UNREACHED, _BROKEN_OFF, _BUSY)


def code_of(error: ClientError) -> str:
    """The code of an error answer, which may have any shape."""
    details = error.response.get("Error", {})
    code = str(details.get("Code", "none"))
    if code == "InvalidArgument" and "access key" in str(details.get("Message")):
        return "InvalidAccessKeyId"  # R2 answers so if a key has not the length of its own
    return code


def from_code(code: str) -> StorageError:
    """The error for a code of S3. A code that does not look like one is not shown."""
    # The code comes from a server that a client may have chosen, and goes into a message.
    shown = code if re.fullmatch(r"\w{1,64}", code, re.ASCII) else "no code"
    texts = _CODES.get(code, _UNKNOWN)
    problem, remedy = texts
    return StorageError(f"{problem} ({shown})", remedy, texts is _BUSY)


def from_fault(error: Exception) -> StorageError:
    """The error for one of LIBRARY_ERRORS that is no answer. Only the class's name is shown."""
    texts = next((texts for kind, texts in _FAULTS if isinstance(error, kind)), _UNKNOWN)
    problem, remedy = texts
    return StorageError(f"{problem} ({type(error).__name__})", remedy, texts in _RETRYABLE)
