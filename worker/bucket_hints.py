"""What an operator probably meant where settings do not fit together, or have another name."""

import re
from collections.abc import Mapping

from messages import closest
from settings import Settings, is_quoted, variables_of

_SERVICE = r"(?:(?:AWS|S3|R2|B2|MINIO|SPACES|STORAGE)_)"
_LIKE = {
    "S3_BUCKET": re.compile(rf"{_SERVICE}*BUCKET(?:_NAME|_ID)?", re.IGNORECASE),
    "AWS_ACCESS_KEY_ID": re.compile(
        rf"{_SERVICE}+(?:ACCESS_)?KEY(?:_ID)?|{_SERVICE}+ACCESS_ID", re.IGNORECASE
    ),
    "AWS_SECRET_ACCESS_KEY": re.compile(
        rf"{_SERVICE}+(?:ACCESS_)?SECRET(?:_ACCESS)?(?:_KEY)?", re.IGNORECASE
    ),
    "AWS_ENDPOINT_URL": re.compile(
        rf"{_SERVICE}+(?:ENDPOINT(?:_URL)?|URL)(?:_S3)?|BUCKET_ENDPOINT", re.IGNORECASE
    ),
    "AWS_REGION": re.compile(rf"{_SERVICE}+REGION|BUCKET_REGION", re.IGNORECASE),
}
"""Names by which other programs call what the worker reads under the first one."""

_FIELDS = {
    "S3_BUCKET": "bucket",
    "AWS_ACCESS_KEY_ID": "access_key_id",
    "AWS_SECRET_ACCESS_KEY": "secret_access_key",
    "AWS_ENDPOINT_URL": "endpoint_url",
    "AWS_REGION": "region",
}

_LIKENESS = 0.9
"""How like one of ours the name of a variable must be to be taken for it, such as `TTS_ENGIN`."""


def bucket_hints(settings: Settings, environment: Mapping[str, str]) -> list[str]:
    """One sentence for each setting that seems to be missing; it names variables and no values.

    environment: the variables that the settings were read from.
    """
    variables = {name for name, value in environment.items() if value.strip()}
    unset = {name for name, field in _FIELDS.items() if getattr(settings, field) is None}
    hints = [
        f"{variable} is set, but the worker reads {name}"
        for variable in sorted(variables)
        for name, like in _LIKE.items()
        if name in unset and variable != name and like.fullmatch(variable)
    ]
    keys = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    missing = keys & unset
    if len(missing) == 1 and settings.has_bucket:
        hints.append(f"{missing.pop()} is not set")
    if not keys <= unset and not settings.has_bucket:
        hints.append(
            "there is a key for a bucket and no bucket: files stay on this machine, and links work "
            "on it only; set S3_BUCKET to the bucket's name"
        )
    return hints


def name_hints(settings: Settings, environment: Mapping[str, str]) -> list[str]:
    """One sentence for each variable that has nearly a setting's name, or a value in quotes.

    It names variables and no values; what `bucket_hints` says is not said again.
    """
    fields = {
        name: field for field, info in Settings.model_fields.items() for name in variables_of(info)
    }
    told = {hint.partition(" ")[0] for hint in bucket_hints(settings, environment)}
    hints = []
    for variable in sorted(name for name, value in environment.items() if value.strip()):
        if variable in fields:
            if is_quoted(environment[variable].strip()):
                hints.append(f"{variable} has quotes around its value: leave them out")
            continue
        name = closest(variable, fields, _LIKENESS)
        # RunPod sets variables of its own, which look like RUNPOD_POD_ID.
        if not name or variable in told or variable.startswith("RUNPOD_"):
            continue
        if fields[name] not in settings.model_fields_set:
            hints.append(f"{variable} is set, but the worker reads {name}")
    return hints
