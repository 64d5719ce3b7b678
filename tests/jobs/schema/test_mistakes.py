"""What people write by mistake, and the exact sentence for each."""

from typing import Any

import pytest

import handler
from errors import WorkerError
from jobs.openai import SpeechRequest
from jobs.schema.hints import _FIELDS_MEANT, _SENTENCES, hint_for
from jobs.schema.model_fields import field_names
from jobs.schema.subtitles import Subtitles
from jobs.tts import TtsRequest
from tests.tts.test_languages import NOT_CODES
from timing.formats import ALL, FORMATS

KNOWN = ", ".join(field_names(TtsRequest))
KNOWN_OF_SUBTITLES = ", ".join(field_names(Subtitles))
NAMES = (
    "1 to 64 letters, digits, '.', '_', '-' and single inner spaces (250 bytes in all), with no "
    "'.' in front and no '..'"
)
UPLOAD = (
    "sound travels as a link, not in the request: the endpoint upload stores a clip, and says "
    "where to PUT a file that has no URL"
)
MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"reference_audio": "x"}, 'unknown field "reference_audio"; use voice'),
    ({"ref_audio": "x"}, 'unknown field "ref_audio"; use voice'),
    ({"speaker_wav": "x"}, 'unknown field "speaker_wav"; use voice'),
    ({"audio_prompt": "x"}, 'unknown field "audio_prompt"; use voice'),
    ({"voice_id": "x"}, "unknown field \"voice_id\", did you mean 'voice'?"),
    ({"format": "mp3"}, 'unknown field "format"; use output_format'),
    ({"stream_format": "sse"}, 'unknown field "stream_format"; use output_format'),
    ({"prompt": "Hi."}, 'unknown field "prompt"; use text'),
    ({"lufs": -14}, 'unknown field "lufs"; use loudness'),
    ({"num_inference_steps": 7}, 'unknown field "num_inference_steps"; use nfe_step'),
    ({"model": "f5"}, 'unknown field "model"; leave it out: the settings of the worker choose the '
     "model"),
    ({"stream": True}, 'unknown field "stream"; leave it out: the reply comes when all is spoken'),
    ({"webhook": "https://a.b"}, 'unknown field "webhook"; put it beside "input", not into it'),
    ({"s3Config": {}}, 'unknown field "s3Config"; put it beside "input", not into it'),
    ({"preset": "word"}, 'unknown field "preset"; put it into the object subtitles'),
    ({"font": "Arial"}, 'unknown field "font"; put it into the object subtitles'),
    ({"action": "tts"}, 'unknown field "action"; name the endpoint in "endpoint"'),
    ({"input": "Hi."}, 'unknown field "input"; write the script as "text", and the fields directly '
     'into the outer "input"'),
    ({"audio_base64": "UklGR"}, f'unknown field "audio_base64"; {UPLOAD}'),
    ({"qqqq": 1, "zzzz": 2},
     f'unknown field "qqqq"; known fields: {KNOWN}; unknown field "zzzz"'),
    ({"subtitles": {"qq": 1, "zz": 2}, "xx": 1},
     f'unknown field "subtitles.qq"; known fields: {KNOWN_OF_SUBTITLES}; unknown field '
     f'"subtitles.zz"; unknown field "xx"; known fields: {KNOWN}'),
    ({"speed": "1.0"}, 'speed must be a number, got "1.0"; write it without quotes'),
    ({"speed": "fast"}, 'speed must be a number, got "fast"'),
    ({"normalize": "True"}, 'normalize must be true or false, got "True"; write it without quotes'),
    ({"seed": 7.5}, "seed must be a whole number, got 7.5"),
    ({"seed": -1}, "seed must be at least 0, got -1"),
    ({"output_format": "mp4"}, 'output_format: "mp4" is none of wav, flac, mp3, ogg, opus, pcm, '
     "aac, m4a; m4a is sound in an MP4 file"),
    ({"output_format": "raw"}, 'output_format: "raw" is none of wav, flac, mp3, ogg, opus, pcm, '
     "aac, m4a; pcm is samples without a header"),
    ({"output_format": "aac", "sample_rate": 16_000}, "sample_rate: 16000 is none of 22050, "
     "24000, 44100, 48000, the rates of aac"),
    ({"timing_format": "txt"}, f'timing_format: "txt" is none of {", ".join(FORMATS)}; '
     "the reply has the text already; csv has each word with its times"),
    ({"timing_format": ["srt", "strt"]},
     f'timing_format: "strt" is none of {", ".join(FORMATS)}, did you mean \'srt\'?'),
    ({"timing_format": ["all", "strt"]},
     f'timing_format: "strt" is none of {", ".join(FORMATS)}, did you mean \'srt\'?'),
    ({"subtitles": {"translation": "Hallo."}},
     'unknown field "subtitles.translation"; use second'),
    ({"subtitles": {"second": {"text": "", "language": "french", "position": "below"}}},
     'subtitles.second.text must not be empty, got ""; subtitles.second.language: "french" is not '
     'a language code of ISO 639-1; use "fr"; subtitles.second.position: "below" is none of '
     "under, over"),
    ({"subtitles": {"second": "Hallo."}},
     'subtitles.second must be an object, got "Hallo."'),
    *(({"timing_format": name}, f'timing_format: "{name}" is none of {", ".join(FORMATS)}; {hint}')
      for name, hint in [("lrc_words", "use elrc"), ("verbose_json", "use whisper"),
                          ("imsc", "use ttml"), ("praat", "use textgrid"), ("resolve", "use edl")]),
    ({"timing_format": ["srt", 5]},
     'timing_format: ["srt", 5] is not a name, a list of names or "all"'),
    ({"text": "Hello. " * 3000},
     "text has 21000 characters, and at most 20000 are allowed; split it into several jobs"),
    ({"voice": "https://h/" + "a" * 5000},
     "voice has 5010 characters, and at most 4096 are allowed"),
    ({"voice": "voices/anna.wav"},
     'voice: "voices/anna.wav" is not a voice name; use the name only: \'anna\''),
    ({"voice": "C:\\clips\\anna.wav"},
     'voice: "C:\\\\clips\\\\anna.wav" is not a voice name; use the name only: \'anna\''),
    ({"voice": "data:audio/wav;base64,UklGR"},
     'voice: "data:audio/wav;base64,UklGR" is not a voice name; store the clip with the endpoint '
     "upload, then give the voice's name"),
    ({"voice": "anna\u3164"},
     "voice: 'anna\u3164' is not a voice name (it has the invisible character U+3164); allowed: "
     + NAMES),
    ({"voice": "s3://key:SECRET@bucket/anna.wav"},
     'voice: "s3://key:[hidden]@bucket/anna.wav" is not the URL of a clip; give https://host/path'),
    ({"pronunciations": {"a\nFORGED": "x"}},
     'pronunciations.a\\nFORGED: "a\\nFORGED" is not one written word; '
     "give one word without spaces"),
    ({"subtitles": {"primary_color": "#FFFFFF"}},
     "unknown field \"subtitles.primary_color\", did you mean 'primary_colour'?"),
    ({"endpoint": "timing"},
     "give job_id (of a finished tts job) or audio_url, one of them"),
    ({"endpoint": "timing", "job_id": "a", "return_word_timings": True},
     'unknown field "return_word_timings"; leave it out: this endpoint always makes timing files'),
    ({"endpoint": "timing", "audio_url": "https://h/" + "a" * 5000},
     "audio_url has 5010 characters, and at most 4096 are allowed"),
    ({"endpoint": "upload", "voice_name": "anna", "voice_file_url": "/home/me/anna.wav"},
     'voice_file_url: "/home/me/anna.wav" is not the URL of a clip; give https://host/path, or '
     "leave it out: then the reply says where to PUT the file"),
    ({"endpoint": "upload", "name": "anna", "audio_base64": "UklGR"},
     f'voice_name is required; unknown field "name"; use voice_name; unknown field "audio_base64"; '
     f"{UPLOAD}"),
    ({"endpoint": "download", "job_id": "a", "type": "video"},
     "type must be 'audio', 'timing' or 'part', got \"video\""),
    ({"endpoint": "download", "job_id": "a", "type": "part", "index": 1000},
     "index must be at most 999, got 1000"),
    ({"endpoint": "status", "id": "a"}, 'job_id is required; unknown field "id"; use job_id'),
    ({"endpoint": "status", "job_id": "a\u202eb\x9b"},
     "job_id: 'a\\u202eb\\x9b' is not a job id (it has the invisible character U+202E); allowed: 1 "
     "to 128 of A-Z a-z 0-9 '.' '_' '-', with no '.' in front and no '..'"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "sentence"), MISTAKES)
def test_a_mistake_gets_its_sentence(fields: dict[str, Any], sentence: str) -> None:
    script = {} if "endpoint" in fields else {"text": "Hi."}
    with pytest.raises(WorkerError) as raised:
        handler.parse(script | fields)
    assert raised.value.sentence == sentence


@pytest.mark.parametrize(
    ("fields", "field", "value"),
    [
        ({"output_format": "MP3"}, "output_format", "mp3"),
        ({"response_format": "Flac"}, "output_format", "flac"),
        ({"timing_method": "Sphinx"}, "timing_method", "sphinx"),
        ({"timing_format": "srt,vtt"}, "timing_format", ("srt", "vtt")),
        ({"timing_format": ["srt, VTT", "ass"]}, "timing_format", ("srt", "vtt", "ass")),
        ({"timing_format": "SRT, ass ,srt"}, "timing_format", ("srt", "ass")),
        ({"timing_format": ["ALL"]}, "timing_format", ALL),
        ({"timing_format": "srt,all"}, "timing_format", ALL),
        ({"timing_format": "whisper,all,TTML"}, "timing_format", ("whisper", *ALL, "ttml")),
        ({"timing_format": list(FORMATS)}, "timing_format", tuple(FORMATS)),
        ({"seed": 7.0}, "seed", 7),
        ({"nfe_step": 32.0}, "nfe_step", 32),
        ({"sample_rate": 48000.0}, "sample_rate", 48000),
        ({"language": "en-US"}, "language", "en-US"),
        ({"language": "de_at"}, "language", "de-AT"),
        ({"language": "ZH-Hant-TW"}, "language", "zh-TW"),
        ({"language": "EN"}, "language", "en"),
    ],
)
def test_what_is_meant_is_accepted(fields: dict[str, Any], field: str, value: object) -> None:
    found = getattr(handler.parse({"text": "Hi."} | fields)[1], field)
    assert found == value
    assert type(found) is type(value)


def test_whole_numbers_of_nested_objects_may_be_written_as_floats() -> None:
    subtitles = {"preset": "SOCIAL", "max_words": 4.0, "margins": {"left": 10.0}}
    request: Any = handler.parse({"text": "Hi.", "subtitles": subtitles})[1]
    assert request.subtitles.rules().max_words == 4
    assert request.subtitles.rendering_style().margins.left == 10


@pytest.mark.parametrize(("raw", "remedy"), NOT_CODES)
def test_what_is_no_language_is_refused(raw: str, remedy: str) -> None:
    for job in ({"text": "Hi."}, {"endpoint": "timing", "job_id": "a"}):
        with pytest.raises(WorkerError) as raised:
            handler.parse(job | {"language": raw})
        assert raised.value.sentence == (
            f'language: "{raw}" is not a language code of ISO 639-1; {remedy}'
        )


def test_every_hint_names_fields_that_exist() -> None:
    known = {name for one in handler.ENDPOINTS.values() for name in field_names(one.request)}
    known.update(field_names(SpeechRequest), field_names(Subtitles))
    for names in _FIELDS_MEANT.values():
        assert known.issuperset(names)


def test_no_hint_is_for_a_field_that_exists() -> None:
    known = field_names(TtsRequest)
    assert all(hint_for(name, TtsRequest) for name in _SENTENCES if name not in known)
