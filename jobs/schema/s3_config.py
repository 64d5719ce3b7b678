"""`s3Config`: a job's own bucket for its files, in the form that RunPod's other workers use."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from jobs.schema.sentences import requirement
from jobs.schema.validation import InvalidRequest
from storage.fetch import MAX_FETCH_S
from storage.retry import ATTEMPTS, READ_TIMEOUT_S
from storage.store import Store


class S3Config(BaseModel):
    """The object beside `input` in a job. Unknown fields are ignored."""

    # White space comes with keys that are pasted. Errors must not quote the input, which is secret.
    model_config = ConfigDict(
        frozen=True, strict=True, hide_input_in_errors=True, str_strip_whitespace=True
    )

    access_id: str = Field(validation_alias="accessId", min_length=1, max_length=256)
    access_secret: SecretStr = Field(validation_alias="accessSecret", min_length=1, max_length=512)
    bucket_name: str | None = Field(None, validation_alias="bucketName", max_length=256)
    endpoint_url: str = Field(validation_alias="endpointUrl", min_length=1, max_length=1024)
    region: str | None = Field(None, max_length=64)
    session_token: SecretStr | None = Field(None, validation_alias="sessionToken", max_length=8192)


FIELD_NAMES = {
    "AWS_ACCESS_KEY_ID": "s3Config.accessId",
    "AWS_SECRET_ACCESS_KEY": "s3Config.accessSecret",
    "AWS_SESSION_TOKEN": "s3Config.sessionToken",
    "AWS_ENDPOINT_URL": "s3Config.endpointUrl",
    "AWS_REGION": "s3Config.region",
    "S3_BUCKET": "s3Config.bucketName",
}
"""The names that the store's errors use in place of the worker's environment variables."""


def job_store(s3_config: Any, worker_store: Store, max_answer_s: float = MAX_FETCH_S) -> Store:
    """The store for a job's files: the bucket of its `s3Config`, or the worker's own store.

    s3_config: the field as the client sent it, or None.
    worker_store: the store of jobs without it.
    max_answer_s: how long one answer of the client's bucket may take, in seconds.

    Errors name fields, never a value. Raises InvalidRequest, FetchRefused, StorageError.
    """
    if not s3_config:
        return worker_store
    try:
        config = S3Config.model_validate(s3_config)
    except ValidationError as error:
        faults = [
            ".".join(["s3Config", *map(str, fault["loc"])])
            + f" {requirement(fault)}"
            + ("" if fault["loc"] else " with accessId, accessSecret, endpointUrl and bucketName")
            for fault in error.errors(include_input=False)
        ]
        raise InvalidRequest(faults) from None
    # Here and not at the top: boto3 is large, and only a job with a bucket needs it.
    from storage.s3.store import S3Store

    token = config.session_token
    return S3Store(
        config.bucket_name,
        endpoint_url=config.endpoint_url,
        region=config.region,
        access_key=config.access_id,
        secret_key=config.access_secret.get_secret_value(),
        session_token=token.get_secret_value() if token else None,
        attempts=ATTEMPTS,
        read_timeout_s=READ_TIMEOUT_S,
        setting_names=FIELD_NAMES,
        # The client chose the host: it must not lead into the network of the worker.
        public_only=True,
        max_answer_s=max_answer_s,
    )
