"""Every environment variable that the worker reads, in one class; CONFIG.md lists the same."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from errors import WorkerError


class SettingsInvalid(WorkerError):
    """Environment variables that the worker cannot start with; exits with this sentence."""


def _from(*names: str) -> AliasChoices:
    return AliasChoices(*names)


class Settings(BaseModel):
    """The worker's configuration. The first name of a field that is set and not empty counts."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    engine: Literal["preview"] = Field(
        "preview",
        validation_alias=_from("TTS_ENGINE"),
        description="Which engine speaks. `preview` is Piper on the CPU and clones nobody.",
    )
    home: Path = Field(
        Path(".worker"),
        validation_alias=_from("WORKER_HOME"),
        description="The folder for environments and models and, without a bucket, the files. "
        "setup_network_venv.py sets it: /runpod-volume/worker where a volume is "
        "mounted, else .worker beside it.",
    )
    bucket: str | None = Field(
        None,
        validation_alias=_from("S3_BUCKET", "BUCKET_NAME"),
        description="The bucket for voices, audio, timing files and manifests. Without it the "
        "worker keeps them under WORKER_HOME/store and answers file:// URLs.",
    )
    endpoint_url: str | None = Field(
        None,
        validation_alias=_from("AWS_ENDPOINT_URL", "BUCKET_ENDPOINT_URL"),
        description="The S3 server's URL, for everything that is not AWS.",
    )
    access_key_id: str | None = Field(
        None,
        validation_alias=_from("AWS_ACCESS_KEY_ID", "BUCKET_ACCESS_KEY_ID"),
        description="The bucket's key id.",
    )
    secret_access_key: SecretStr | None = Field(
        None,
        validation_alias=_from("AWS_SECRET_ACCESS_KEY", "BUCKET_SECRET_ACCESS_KEY"),
        description="The bucket's secret key.",
    )
    session_token: SecretStr | None = Field(
        None,
        validation_alias=_from("AWS_SESSION_TOKEN"),
        description="Only with temporary credentials; links signed with them end with them.",
    )
    region: str = Field(
        "us-east-1",
        validation_alias=_from("AWS_REGION", "AWS_DEFAULT_REGION"),
        description="The bucket's region.",
    )
    addressing: Literal["auto", "path", "virtual"] = Field(
        "auto",
        validation_alias=_from("S3_ADDRESSING"),
        description="How the bucket stands in a URL: `auto` is `path` where an endpoint URL is "
        "set and `virtual` on AWS.",
    )
    url_expires_s: int = Field(
        3600,
        ge=60,
        le=604_800,
        validation_alias=_from("URL_EXPIRES_S"),
        description="How long the links in a reply work, in seconds; S3 allows seven days.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO",
        validation_alias=_from("LOG_LEVEL"),
        description="How much the worker logs.",
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the settings; an empty variable counts as not set. Raises SettingsInvalid."""
        present = {name: value for name, value in environment.items() if value}
        try:
            return cls.model_validate(present)
        except ValidationError as error:
            wrong = [f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors()]
            raise SettingsInvalid(f"{'; '.join(wrong)} (CONFIG.md lists every variable)") from None
