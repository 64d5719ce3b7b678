"""The request of `tts`."""

from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    AliasChoices,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from jobs.schema.fields import (
    MAX_URL,
    IdempotencyKey,
    Include,
    Pronunciations,
    SpokenLanguage,
    TimingFormats,
    Transcript,
    Whole,
    parse_clip_url,
    parse_voice_name,
)
from jobs.schema.metadata import Metadata
from jobs.schema.model import JobId, Request
from jobs.schema.subtitles import Subtitles
from jobs.schema.validation import choice_of
from timing.alignment import selection
from timing.parts import KINDS
from tts.audio import encode
from tts.languages import base_language

AUDIO_HINTS = {
    "mp4": "use m4a, which is sound in an MP4 file",
    **dict.fromkeys(("raw", "s16le", "linear16"), "use pcm, which is samples without a header"),
    **dict.fromkeys(("mpeg", "audio/mpeg"), "use mp3"),
    "audio/mp4": "use m4a",
    "vorbis": "use ogg",
    "webm": "use opus",
}
"""What to take in place of formats that other services have."""


QUALITIES = {"draft": 7, "standard": 16, "best": 32}
"""What a request may ask for as `quality`, and the sampling steps of each. F5 has pruned schedules
for the first two, so they lose less than their numbers say."""
QUALITY_HINTS = {
    **dict.fromkeys(("high", "hd", "premium", "ultra", "max", "maximum", "good"), "use best"),
    **dict.fromkeys(("medium", "normal", "default", "balanced"), "use standard"),
    **dict.fromkeys(("low", "fast", "turbo", "preview"), "use draft"),
}
"""What to take in place of the qualities that other services have."""

MIN_SPEED, FASTEST_SPEED = 0.3, 3.0
"""The paces that a request may ask for."""
MAX_SPEED = 2.0
"""The fastest pace of speech that is made to fit; above it nobody follows."""


def _voice(raw: str) -> str:
    """A voice's name as it is stored, or the http(s) URL of a clip."""
    return parse_clip_url(raw) if "://" in raw else parse_voice_name(raw)


class SpeechRequest(Request):
    """How to speak a text, whatever the text is: the fields that `tts` and `dub` share."""

    voice: Annotated[str, Field(max_length=MAX_URL), AfterValidator(_voice)] = Field(
        "default",
        validation_alias=AliasChoices("voice", "local_voice"),
        description="A voice's name, or the http(s) URL of a clip.",
    )
    ref_text: Transcript = Field(
        None,
        max_length=20_000,
        validation_alias=AliasChoices("ref_text", "reference_text"),
        description="Transcript of the reference clip; without it the one stored with the voice.",
    )
    language: SpokenLanguage = Field("en", description="ISO 639-1, with a region or without.")
    speed: float = Field(1.0, ge=MIN_SPEED, le=FASTEST_SPEED, description="Pace of the speech.")
    # JSON numbers above 2**53 - 1 are not exact in JavaScript.
    seed: Whole | None = Field(
        None,
        ge=0,
        le=2**53 - 1,
        description="Without it, the worker makes one of the job and returns it.",
    )
    quality: Annotated[str, choice_of(QUALITIES, QUALITY_HINTS)] = Field(
        "best", description="How much work goes into the sound (F5)."
    )
    nfe_step: Whole | None = Field(
        None, ge=4, le=64, description="Sampling steps (F5), in place of those of `quality`."
    )
    cfg_strength: float = Field(2.0, ge=0, le=10, description="Guidance (F5).")
    sway_sampling_coef: float = Field(-1.0, ge=-1, le=1, description="Sway sampling (F5).")
    target_rms: float = Field(0.1, ge=0.01, le=1, description="Loudness of the speech, RMS.")
    loudness: float | None = Field(
        None,
        ge=-36,
        le=-8,
        description="Integrated loudness of the speech in LUFS, in place of `target_rms`.",
    )
    cross_fade_duration: float = Field(0.15, ge=0, le=1, description="Seconds.")
    output_format: Annotated[str, choice_of(encode.FORMATS, AUDIO_HINTS)] = Field(
        "wav",
        validation_alias=AliasChoices("output_format", "response_format"),
        description="Format of the audio.",
    )
    # After `output_format`: its check needs that field's value, and pydantic goes in this order.
    sample_rate: Whole = Field(
        24000,
        description="Of the audio, in Hz.",
        json_schema_extra={"enum": [*encode.SAMPLE_RATES]},
    )
    normalize: bool = Field(True, description="Spell out numbers, money, units, abbreviations.")
    pronunciations: Pronunciations = Field(
        {}, max_length=200, description="Written word to what is said for it."
    )
    verify: bool = Field(
        False, description="Transcribe every chunk, and speak it again if the transcript differs."
    )
    timing_method: Annotated[str, choice_of(selection.METHODS)] = Field(
        selection.AUTO, description="How words are timed."
    )
    timing_format: TimingFormats = Field(
        ("srt",), description="Which timing files: one name, a list, or `all`."
    )
    parts: Annotated[str, choice_of(KINDS)] | None = Field(
        None, description="One audio file for each part too."
    )
    include: Include = Field(
        (), description="What the reply has of the timing files: words, segments, and so on."
    )
    subtitles: Subtitles = Field(Subtitles(), description="How words become cues, and look.")
    idempotency_key: IdempotencyKey | None = Field(
        None, description="The worker speaks only one of several requests with the same key."
    )
    metadata: Metadata = Field(
        None, description="Your own object; the reply and the record give it back."
    )

    @property
    def steps(self) -> int:
        """How many sampling steps the engine takes."""
        return QUALITIES[self.quality] if self.nfe_step is None else self.nfe_step

    @model_validator(mode="after")
    def _check_loudness(self) -> Self:
        if self.loudness is not None and "target_rms" in self.model_fields_set:
            raise ValueError(
                "loudness and target_rms both say how loud the speech is; leave one of them out"
            )
        return self

    @property
    def base_language(self) -> str:
        """The language without its region: what the engine, Whisper and the aligners know."""
        return base_language(self.language)

    @field_validator("sample_rate")
    @classmethod
    def _rate_of_format(cls, rate: int, info: ValidationInfo) -> int:
        # None if the format itself is wrong: then any rate that some format has will do.
        output_format = info.data.get("output_format")
        rates = encode.FORMATS[output_format].rates if output_format else encode.SAMPLE_RATES
        if rate not in rates:
            of_format = f", the rates of {output_format}" if output_format else ""
            raise ValueError(f"{rate} is none of {', '.join(map(str, rates))}{of_format}")
        return rate

    @property
    def makes_timings(self) -> bool:
        """Whether timing files are made."""
        return True


class _Scripted(Request):
    """The script: a base of its own, because faults are told in the order of the fields."""

    text: str = Field(
        min_length=1,
        max_length=20_000,
        validation_alias=AliasChoices("text", "gen_text"),
        description="The script.",
    )


class TtsRequest(SpeechRequest, _Scripted):
    """A script and how to speak it."""

    fix_duration: float | None = Field(
        None, ge=0.5, le=600, description="Exact length of the result in seconds."
    )
    max_duration: float | None = Field(
        None, ge=0.5, le=3600, description="The longest time that the speech may take, in seconds."
    )
    max_speed: float = Field(
        1.25, ge=1, le=MAX_SPEED, description="The fastest pace that `max_duration` may take."
    )
    based_on: JobId | None = Field(
        None, description="The id of a job whose takes are used again where nothing changed."
    )
    early: bool = Field(
        False, description="Upload the speech in parts while it is made, for players."
    )
    remove_silence: bool = Field(False, description="Shorten inner pauses over 1 s.")
    return_word_timings: bool = Field(False, description="Make timing files.")

    def summary(self) -> str:
        """Whose voice, and how long the script is."""
        voice = "behind a URL" if "://" in self.voice else self.voice
        return f"voice {voice}, {len(self.text)} characters"

    @property
    def makes_timings(self) -> bool:
        """Whether timing files are made: as `return_word_timings` says or, without that field, if
        the request says which files it wants or how they look, or what the reply includes."""
        if "return_word_timings" in self.model_fields_set:
            return self.return_word_timings
        asks = not self.model_fields_set.isdisjoint({"timing_format", "subtitles"})
        return asks or bool(self.include)

    @model_validator(mode="after")
    def _check_include(self) -> "TtsRequest":
        if self.include and not self.makes_timings:
            raise ValueError(
                "include needs the times of the words; leave return_word_timings out, or set it to "
                "true"
            )
        return self

    @model_validator(mode="after")
    def _check_early(self) -> "TtsRequest":
        late = {
            "fix_duration": self.fix_duration is not None,
            "max_duration": self.max_duration is not None,
            "loudness": self.loudness is not None,
            "verify": self.verify,
        }
        wrong = [name for name, is_given in late.items() if is_given]
        if self.early and wrong:
            raise ValueError(
                f"early does not go together with {' or '.join(wrong)}: the first part is final "
                "before the rest is spoken; leave one of them out"
            )
        return self

    @model_validator(mode="after")
    def _check_pace(self) -> "TtsRequest":
        is_exact = self.fix_duration is not None or self.max_duration is not None
        if self.based_on is not None and is_exact:
            raise ValueError(
                "based_on does not go together with fix_duration or max_duration, which speak all "
                "of the text at another pace; leave one of them out"
            )
        if self.max_duration is None:
            if "max_speed" in self.model_fields_set:
                raise ValueError("max_speed is for max_duration; give both, or leave max_speed out")
            return self
        if self.fix_duration is not None:
            raise ValueError(
                "fix_duration and max_duration do not go together; leave one of them out"
            )
        if self.speed > self.max_speed:
            raise ValueError(
                f"speed {self.speed:g} is more than max_speed {self.max_speed:g}; give a max_speed "
                f"of at least {self.speed:g}, or a lower speed"
            )
        return self
