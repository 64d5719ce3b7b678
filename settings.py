"""Every environment variable that the worker reads, in one class; CONFIG.md lists the same."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasGenerator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from errors import WorkerError
from messages import did_you_mean, quote_value
from timing.aligners import ALIGNERS, GOOGLE, AlignerName
from tts.engines import ENGINES, F5, EngineName
from tts.hub_files import HubFile, parse_hub_file
from tts.languages import language_code, language_remedy


def variables_of(field: FieldInfo) -> list[str]:
    """The environment variables of a field of Settings; the first one that is set counts."""
    alias = field.validation_alias
    return [str(name) for name in (alias.choices if isinstance(alias, AliasChoices) else [alias])]


def is_quoted(value: str) -> bool:
    """Whether a value has quotes around it, as Docker's --env-file leaves them."""
    return len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"


class SettingsInvalid(WorkerError):
    """Environment variables with which the worker cannot start; it exits with this sentence."""


def _names(raw: str) -> list[str]:
    """The names of a comma-separated list; `none` is the empty list."""
    return [] if raw == "none" else [name.strip() for name in raw.split(",") if name.strip()]


def _lower(raw: Any) -> Any:
    """The value of a choice, which may be written in any case."""
    return raw.lower() if isinstance(raw, str) else raw


def _lower_names(raw: str) -> list[str]:
    return _names(raw.lower())


def _whisper_name(raw: str) -> str:
    """A model of Whisper; `none` in any case."""
    return "none" if raw.lower() == "none" else raw


def _log_level(raw: Any) -> Any:
    """A level in capitals; `WARN` is what RunPod's SDK calls WARNING."""
    level = raw.upper() if isinstance(raw, str) else raw
    return "WARNING" if level == "WARN" else level


def _device(raw: str) -> str:
    """A device of torch."""
    device = raw.lower()
    if not re.fullmatch(r"auto|cpu|cuda(:\d{1,3})?", device, re.ASCII):
        raise ValueError("give auto, cpu, cuda (the first GPU) or cuda:1 (the second)")
    return device


def _language(name: str) -> str:
    """The code of a language; of a tag such as `en-US` that of its language."""
    code = language_code(name)
    if code is None:
        is_several = all(map(language_code, name.replace(";", " ").split()))
        remedy = "separate several with commas" if is_several else language_remedy(name)
        raise ValueError(f"{quote_value(name)} is not a language code of ISO 639-1; {remedy}")
    return code


def _languages(raw: str) -> list[str]:
    """The codes of a comma-separated list of languages."""
    return [_language(name) for name in _names(raw)]


def _pairs(raw: str, example: str = "de=/models/german") -> dict[str, str]:
    """A comma-separated list of `name=value` as a dict."""
    pairs = [pair.partition("=") for pair in _names(raw)]
    for name, sign, value in pairs:
        if not name.strip() or not sign or not value.strip():
            raise ValueError(f"give pairs such as {example}, separated by commas")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _align_models(raw: str) -> dict[str, str]:
    """Models of whisperx by the language's code."""
    return {_language(name): model for name, model in _pairs(raw).items()}


def _revisions(raw: str) -> dict[str, str]:
    """Revisions by repository of the hub."""
    return _pairs(raw, "SWivid/F5-TTS=main")


def _hub_file(raw: Any) -> Any:
    """A file of the hub where the value names one; a path stays as it is."""
    if isinstance(raw, str) and raw.startswith(("https://", "http://")):
        raise ValueError("give a path on this machine, or hf://owner/repository/file")
    return (parse_hub_file(raw) or raw) if isinstance(raw, str) else raw


def _hub_name(raw: str) -> str:
    """A value that may name a file of the hub, checked."""
    parse_hub_file(raw)
    return raw


def _private_key_lines(account: str) -> list[str]:
    """The lines of the private key in a service account's JSON; none if it is another text."""
    # Not every login has a private key, and text that is no JSON fails later, with a sentence.
    with suppress(ValueError, KeyError, TypeError):
        lines = str(json.loads(account)["private_key"]).splitlines()
        # Line by line, because a log may show the key with real line breaks or as JSON's `\n`. The
        # first and the last line are the same in every key.
        return [line for line in lines if not line.startswith("-----")]
    return []


def _default_aligners(validated: dict[str, Any]) -> tuple[AlignerName, ...]:
    """The aligners that need no account, as far as the engine's environment has them."""
    extra = ENGINES[validated["engine"]].extra
    return tuple(
        name for name, spec in ALIGNERS.items() if extra in spec.extras and not spec.needs_account
    )


class Settings(BaseModel):
    """The worker's configuration. The first name of a field that is set and not empty counts."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",  # the environment has many other variables
        # An error must not show the value: it may be a secret.
        hide_input_in_errors=True,
        # A variable is its field's name in capitals, unless the field gives other names.
        alias_generator=AliasGenerator(validation_alias=str.upper),
    )

    engine: Annotated[EngineName, BeforeValidator(_lower)] = Field(
        F5,
        validation_alias=AliasChoices("TTS_ENGINE"),
        description="Which engine speaks. `f5` is F5-TTS; `preview` is Piper on the CPU and clones "
        "nobody.",
    )
    worker_id: str | None = Field(
        None,
        validation_alias=AliasChoices("RUNPOD_POD_ID"),
        description="The id that RunPod gives a worker; `health` shows it.",
    )
    f5_model: Annotated[str, AfterValidator(_hub_name)] = Field(
        "F5TTS_v1_Base",
        description="The architecture: the name of a config of f5_tts, or a YAML file like them, "
        "as a path or as hf://owner/repository/file.",
    )
    f5_ckpt_file: Annotated[Path | HubFile | None, BeforeValidator(_hub_file)] = Field(
        None,
        description="The weights, .safetensors or .pt, as a path or as hf://owner/repository/file; "
        "without it the published ones of F5_MODEL from the Hugging Face cache.",
    )
    f5_vocab_file: Annotated[Path | HubFile | None, BeforeValidator(_hub_file)] = Field(
        None,
        description="The vocabulary, one entry a line, as a path or as hf://owner/repository/file; "
        "without it the one packaged with f5-tts.",
    )
    f5_vocoder_dir: Path | None = Field(
        None,
        description="The folder of Vocos, config.yaml and pytorch_model.bin; without it the "
        "published one from the Hugging Face cache.",
    )
    f5_device: Annotated[str, AfterValidator(_device)] = Field(
        "auto",
        description="Where F5 runs: `cpu`, `cuda`, `cuda:1`; `auto` is CUDA where there is one.",
    )
    f5_dtype: Annotated[
        Literal["auto", "float32", "float16", "bfloat16"], BeforeValidator(_lower)
    ] = Field(
        "auto",
        description="Precision inside the transformer; `auto` is float16 on a GPU of compute "
        "capability 7 and up, else float32.",
    )
    f5_attention: Annotated[Literal["sdpa", "flash_attn"], BeforeValidator(_lower)] = Field(
        "sdpa",
        description="`flash_attn` is used where it is installed, on CUDA in half precision, and "
        "agrees with `sdpa` at the start; otherwise a log line says why not.",
    )
    model_revisions: Annotated[Mapping[str, str], BeforeValidator(_revisions)] = Field(
        {},
        description="Other revisions of repositories on the Hugging Face hub than those of "
        "requirements/models.toml, such as SWivid/F5-TTS=main, separated by commas.",
    )
    whisper_model: Annotated[str, AfterValidator(_whisper_name)] = Field(
        "small",
        description="What transcribes a voice that has no transcript: a faster-whisper name, the "
        "path of a CTranslate2 folder, or `none`.",
    )
    aligners: Annotated[tuple[AlignerName, ...], BeforeValidator(_lower_names)] = Field(
        default_factory=_default_aligners,
        description="Which aligners are loaded, separated by commas, or `none`: then times are "
        "estimated. Credentials of Google add `google`.",
    )
    align_languages: Annotated[tuple[str, ...], BeforeValidator(_languages)] = Field(
        ("en",),
        description="Languages whose whisperx model is loaded before the first job, ISO 639-1, "
        "separated by commas; others load on first use where their model is on the disk.",
    )
    align_models: Annotated[Mapping[str, str], BeforeValidator(_align_models)] = Field(
        {},
        description="Other whisperx models by language, such as `de=/models/german`, separated by "
        "commas: a Hugging Face name, a torchaudio bundle or the path of a folder.",
    )
    google_credentials_json: SecretStr | None = Field(
        None,
        description="A service account's key for Google Cloud Speech, or another login that "
        "Google's libraries take: the JSON itself.",
    )
    google_credentials_file: Path | None = Field(
        None,
        validation_alias=AliasChoices("GOOGLE_APPLICATION_CREDENTIALS"),
        description="The path of such a file, where GOOGLE_CREDENTIALS_JSON is not set.",
    )
    google_project: str | None = Field(
        None,
        validation_alias=AliasChoices("GOOGLE_CLOUD_PROJECT"),
        description="The project that pays, where it is not the credentials' own.",
    )
    google_fallback: Annotated[Literal["on", "off"], BeforeValidator(_lower)] = Field(
        "on",
        description="Whether `auto` sends windows that failed to Google.",
    )
    google_endpoint: str | None = Field(
        None,
        validation_alias=AliasChoices("GOOGLE_SPEECH_ENDPOINT"),
        description="Another host of the service, such as `eu-speech.googleapis.com`.",
    )
    home: Path = Field(
        Path(".worker"),
        validation_alias=AliasChoices("WORKER_HOME"),
        description="The folder for environments and models and, without a bucket, the files. "
        "setup_network_venv.py sets it: /runpod-volume/worker where a volume is "
        "mounted, else .worker beside it.",
    )
    bucket: str | None = Field(
        None,
        validation_alias=AliasChoices("S3_BUCKET", "BUCKET_NAME"),
        description="The bucket for voices, audio, timing files and records, unless the endpoint "
        "URL names it. Without both the worker keeps them under WORKER_HOME/store and answers "
        "file:// URLs.",
    )
    endpoint_url: str | None = Field(
        None,
        validation_alias=AliasChoices("AWS_ENDPOINT_URL", "BUCKET_ENDPOINT_URL"),
        description="The S3 service's URL, for everything but AWS; the bucket may be in it.",
    )
    access_key_id: str | None = Field(
        None,
        validation_alias=AliasChoices("AWS_ACCESS_KEY_ID", "BUCKET_ACCESS_KEY_ID"),
        description="The bucket's key id.",
    )
    secret_access_key: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("AWS_SECRET_ACCESS_KEY", "BUCKET_SECRET_ACCESS_KEY"),
        description="The bucket's secret key.",
    )
    session_token: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("AWS_SESSION_TOKEN"),
        description="Only with temporary credentials; links signed with them end with them.",
    )
    region: str | None = Field(
        None,
        validation_alias=AliasChoices("AWS_REGION", "AWS_DEFAULT_REGION"),
        description="The bucket's region; without it the one in the endpoint URL, else us-east-1.",
    )
    addressing: Annotated[Literal["auto", "path", "virtual"], BeforeValidator(_lower)] = Field(
        "auto",
        validation_alias=AliasChoices("S3_ADDRESSING"),
        description="How the bucket stands in a URL: `auto` is `path` where an endpoint URL is "
        "set or the bucket's name has a dot, and `virtual` on AWS.",
    )
    url_expires_s: int = Field(
        3600,
        ge=60,
        le=604_800,
        description="How long the links in a reply work, in seconds; S3 allows seven days.",
    )
    keep_takes: Annotated[Literal["on", "off"], BeforeValidator(_lower)] = Field(
        "on",
        description="Whether the takes of each job are stored, so that a job with `based_on` needs "
        "to speak only what changed.",
    )
    verify_tries: int = Field(
        3,
        ge=1,
        le=10,
        description="How often a chunk is spoken at most where a job asks to `verify`.",
    )
    max_concurrency: int = Field(
        2,
        ge=1,
        le=16,
        description="How many jobs a worker holds at once: one speaks while others are aligned, "
        "uploaded or wait.",
    )
    log_format: Annotated[Literal["text", "json"], BeforeValidator(_lower)] = Field(
        "text",
        description="Lines for people, or one JSON object a line.",
    )
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_log_level)
    ] = Field(
        "INFO",
        description="How much the worker logs.",
    )

    @property
    def secrets(self) -> list[str]:
        """The values that no output may show; of Google's private key, each line."""
        values = (getattr(self, name) for name in type(self).model_fields)
        secrets = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
        # Google's JSON may stand in a variable or in a file; both hold a private key.
        accounts = list(secrets)
        if self.google_credentials_file is not None:
            # A file that cannot be read has nothing to hide; the Google aligner reports it.
            with suppress(OSError, ValueError):
                accounts.append(self.google_credentials_file.read_text())
        keys = [line for account in accounts for line in _private_key_lines(account)]
        return [*secrets, self.access_key_id or "", *keys]

    @property
    def has_bucket(self) -> bool:
        """Whether files go into a bucket; its name may be in the endpoint URL."""
        return bool(self.bucket or self.endpoint_url)

    @property
    def aligners_to_load(self) -> tuple[AlignerName, ...]:
        """The aligners of ALIGNERS, and Google's service if there are credentials for it."""
        configured = self.google_credentials_json or self.google_credentials_file
        # ALIGNERS=none means that times are estimated, with credentials too.
        added = self.aligners and configured and GOOGLE not in self.aligners
        return (*self.aligners, GOOGLE) if added else self.aligners

    @property
    def loads_whisper(self) -> bool:
        """Whether Whisper is loaded: for an engine that clones, or where WHISPER_MODEL is set."""
        # An engine that does not clone needs no transcripts of clips, so the default is not loaded.
        is_wanted = ENGINES[self.engine].clones or "whisper_model" in self.model_fields_set
        return is_wanted and self.whisper_model != "none"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the settings, without white space around them, which comes with what is pasted.

        An empty variable counts as not set. Raises SettingsInvalid.
        """
        present = {name: value.strip() for name, value in environment.items() if value.strip()}
        try:
            return cls.model_validate(present)
        except ValidationError as error:
            # pydantic reports the default that needs another field too, where that field is wrong.
            wrong = [
                cls._sentence(fault, present)
                for fault in error.errors()
                if fault["type"] != "default_factory_not_called"
            ]
            # Each item of a list has a fault of its own, which may be of the whole value.
            raise SettingsInvalid("; ".join(dict.fromkeys(wrong))) from None

    @classmethod
    def _sentence(cls, fault: ErrorDetails, present: Mapping[str, str]) -> str:
        """The variable, its value and what to set it to. No field that can be wrong is a secret."""
        # The first part of `loc` is the alias that pydantic looked for, that is the variable.
        variable, *item = map(str, fault["loc"])
        # As it was set, and not as a validator left it; of a list the wrong item.
        value = fault["input"] if item else present[variable]
        context = fault.get("ctx", {})
        if "expected" in context:
            allowed = str(context["expected"]).replace("'", "")
            choices = allowed.replace(" or ", ", ").split(", ")
            if item:
                allowed = f"{allowed}, separated by commas, or none"
            is_several = item and any(sign in str(value) for sign in "; ")
            meant = "" if is_several else did_you_mean(str(value), choices)
            remedy = f"give {allowed}{meant}"
        elif "error" in context:
            remedy = str(context["error"])
        else:
            remedy = cls._whole_number(variable)
        if is_quoted(present[variable]):
            value = present[variable]
            remedy = "leave out the quotes around it"
        return f"{variable} is {quote_value(value)}: {remedy}"

    @classmethod
    def _whole_number(cls, variable: str) -> str:
        """What a variable that is a number must be."""
        fields = cls.model_fields.values()
        bounds = next(field.metadata for field in fields if variable in variables_of(field))
        least = next(bound.ge for bound in bounds if hasattr(bound, "ge"))
        most = next(bound.le for bound in bounds if hasattr(bound, "le"))
        unit = " of seconds" if variable.endswith("_S") else ""
        return f"give a whole number{unit} from {least} to {most}, without a unit"
