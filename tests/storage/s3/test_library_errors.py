"""Every class of error of the libraries below an S3 store: none may reach a job untranslated.

A new version of a library may bring a new class: then it must be put in its place here.
"""

import http.client
import inspect
import socket
import ssl
import xml.etree.ElementTree as ElementTree
from types import ModuleType

import botocore.exceptions
import botocore.parsers
import pytest
import urllib3.exceptions

from storage.s3.errors import LIBRARY_ERRORS, from_fault
from storage.s3.store import S3Store
from storage.store import StorageError

RETRYABLE = (
    "the store cannot be reached",
    "the store broke the connection off or did not answer in time",
    "the store was busy or broken at every attempt",
)
BOTOCORE = {
    "the store was busy or broken at every attempt": "CapacityNotAvailableError",
    "AWS's configuration file is damaged": "ConfigParseError",
    "the proxy of this machine is named wrongly": "InvalidProxiesConfigError",
    "this cannot be the name of a region": "InvalidRegionError",
    "there are no credentials for the bucket": "NoCredentialsError",
    "the store does not answer as S3 does": "PaginationError",
    "half of the credentials is missing": "PartialCredentialsError",
    "there is no such AWS profile": "ProfileNotFound",
    "the store's TLS certificate was refused": "SSLError",
    "the store cannot be reached": """
        ConnectTimeoutError EndpointConnectionError ProxyConnectionError
    """,
    "this cannot be the name of a bucket": """
        InvalidDNSNameError InvalidHostLabelError ParamValidationError
        UnsupportedOutpostResourceError UnsupportedS3AccesspointConfigurationError
        UnsupportedS3ArnError UnsupportedS3ControlArnError
    """,
    "the store broke the connection off or did not answer in time": """
        ChecksumError ConnectionClosedError ConnectionError FlexibleChecksumError HTTPClientError
        IncompleteReadError ReadTimeoutError ResponseStreamingError
    """,
    "a setting of AWS is wrong, in the environment or in its configuration file": """
        ConfigNotFound InfiniteLoopConfigError InvalidChecksumConfigError InvalidConfigError
        InvalidDefaultsMode InvalidIMDSEndpointError InvalidIMDSEndpointModeError
        InvalidMaxRetryAttemptsError InvalidRetryConfigurationError InvalidRetryModeError
        InvalidS3AddressingStyleError InvalidS3UsEast1RegionalEndpointConfigError
        InvalidSTSRegionalEndpointsConfigError
    """,
    "this machine's login to AWS gives no credentials": """
        CredentialRetrievalError LoginAuthorizationCodeError LoginError LoginInsufficientPermissions
        LoginRefreshRequired LoginTokenLoadError MetadataRetrievalError NoAuthTokenError
        RefreshWithMFAUnsupportedError SSOError SSOTokenLoadError TokenRetrievalError
        UnauthorizedSSOTokenError UnknownCredentialError
    """,
    "the store refused the request": """
        AliasConflictParameterError ApiVersionNotFoundError AwsChunkedWrapperError
        BaseEndpointResolverError BotoCoreError DataNotFoundError EndpointProviderError
        EndpointResolutionError EndpointVariantError
        InvalidEndpointConfigurationError InvalidEndpointDiscoveryConfigurationError
        InvalidExpressionError MD5UnavailableError MissingDependencyException MissingParametersError
        MissingServiceIdError NoRegionError OperationNotPageableError RangeError
        ServiceNotInRegionError StubAssertionError StubResponseError UnStubbedResponseError
        UndefinedModelAttributeError UnknownClientMethodError UnknownEndpointError
        UnknownEndpointResolutionBuiltInName UnknownFIPSEndpointError UnknownKeyError
        UnknownParameterError UnknownRegionError UnknownServiceError UnknownServiceStyle
        UnknownSignatureVersionError UnknownTokenProviderError UnseekableStreamError
        UnsupportedS3ConfigurationError UnsupportedS3ControlConfigurationError
        UnsupportedServiceProtocolsError UnsupportedSignatureVersionError ValidationError
        WaiterConfigError WaiterError
    """,
}
"""botocore's classes by the sentence that each becomes. The last ones are not raised by our calls,
or need nothing that their own name, which is shown, does not say."""

ADDRESS = (urllib3.exceptions.LocationValueError, urllib3.exceptions.ProxySchemeUnsupported)
"""What urllib3 says of a wrong URL, which no other attempt makes right."""

NO_SENSE = (
    *(ValueError, UnicodeDecodeError, OverflowError, TypeError, KeyError, IndexError),
    *(AttributeError, ZeroDivisionError, RecursionError),
    *(ElementTree.ParseError, botocore.parsers.ResponseParserError),
)
"""What an answer may cause that is well-formed and makes no sense."""


@pytest.fixture(scope="module")
def store() -> S3Store:
    return S3Store("some-bucket", access_key="key", secret_key="secret")


def errors_of(module: ModuleType) -> list[type[Exception]]:
    """The classes of errors that a module defines; its warnings are logged and never raised."""
    return [
        kind
        for name, kind in inspect.getmembers(module, inspect.isclass)
        if not name.startswith("_")
        and issubclass(kind, Exception)
        and not issubclass(kind, Warning)
        and kind.__module__ == module.__name__
    ]


def translated(store: S3Store, kind: type[Exception]) -> StorageError:
    """What a call of the store raises when a library raises an error of this class."""
    with pytest.raises(StorageError) as failed, store._translated():
        raise kind.__new__(kind)
    return failed.value


def sentence(error: StorageError) -> str:
    return error.problem.rpartition(" (")[0]


def test_each_class_of_botocore(store: S3Store) -> None:
    found: dict[str, set[str]] = {}
    # A ClientError is an answer of S3, which has a code: test_errors.py has those.
    for kind in errors_of(botocore.exceptions):
        if issubclass(kind, botocore.exceptions.ClientError):
            continue
        error = translated(store, kind)
        found.setdefault(sentence(error), set()).add(kind.__name__)
        assert error.is_retryable == (sentence(error) in RETRYABLE)
    assert found == {key: set(names.split()) for key, names in BOTOCORE.items()}


@pytest.mark.parametrize("module", [urllib3.exceptions, http.client, ssl, socket])
def test_each_class_of_the_libraries_that_talk_to_the_server(module: ModuleType) -> None:
    kinds: list[type[Exception]] = [*errors_of(module), OSError, ConnectionError, TimeoutError]
    for kind in kinds:
        error = from_fault(kind.__new__(kind))
        assert issubclass(kind, LIBRARY_ERRORS)
        assert error.is_retryable != issubclass(kind, ADDRESS), kind


@pytest.mark.parametrize("kind", NO_SENSE)
def test_an_answer_that_makes_no_sense(store: S3Store, kind: type[Exception]) -> None:
    error = translated(store, kind)
    assert sentence(error) == "the store does not answer as S3 does"
    assert not error.is_retryable
