"""What an operator probably meant where the settings of the bucket do not fit together."""

import re
from collections.abc import Mapping

from settings import Settings

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
}
"""Names by which other programs call what the worker reads under the first one."""

_FIELDS = {
    "S3_BUCKET": "bucket",
    "AWS_ACCESS_KEY_ID": "access_key_id",
    "AWS_SECRET_ACCESS_KEY": "secret_access_key",
    "AWS_ENDPOINT_URL": "endpoint_url",
}


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
    has_key = not {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} <= unset
    if has_key and not settings.has_bucket:
        hints.append(
            "there is a key for a bucket and no bucket: files stay on this machine, and links work "
            "on it only; set S3_BUCKET to the bucket's name"
        )
    return hints
