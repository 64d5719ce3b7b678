"""What to write in place of the field names that other services use."""

from pydantic import BaseModel

from jobs.schema.model_fields import field_names, nested_models

_MEANT = {
    "voice": "reference_audio ref_audio ref_file ref_audio_path speaker speaker_wav speaker_id "
    "audio_prompt audio_prompt_path prompt_audio voice_url voice_sample clone_from",
    "text": "prompt script content message tts_text",
    "ref_text": "prompt_text transcript reference_transcript audio_prompt_text",
    "output_format": "format audio_format file_format stream_format codec",
    "response_format": "output_format format audio_format file_format codec",
    "input": "text script prompt content message",
    "language": "lang language_code locale",
    "nfe_step": "steps num_steps inference_steps num_inference_steps nfe_steps",
    "cfg_strength": "cfg cfg_scale cfg_value guidance guidance_scale",
    "speed": "rate pace speaking_rate speech_rate",
    "return_word_timings": "timestamps word_timestamps return_timestamps timestamp_granularities "
    "word_timings timings subtitles_enabled captions",
    "timing_format": "subtitle_format caption_format subtitles_format",
    "loudness": "lufs target_lufs loudness_lufs target_loudness integrated_loudness",
    "second": "translation translations second_language secondary bilingual",
    "sample_rate": "sampling_rate samplerate sr",
    "voice_name": "name voice voice_id",
    "srt": "text gen_text script subtitle_file subtitles_file srt_file vtt_file captions_file",
    "srt_url": "subtitle_url subtitles_url captions_url",
    "voice_file_url": "audio_url url file_url clip_url voice_url",
    "audio_url": "url file_url audio_file_url",
    "job_id": "id task_id request_id",
}
_FIELDS_MEANT: dict[str, list[str]] = {}
for _ours, _theirs in _MEANT.items():
    for _name in _theirs.split():
        _FIELDS_MEANT.setdefault(_name, []).append(_ours)
"""For each name that others use, our fields that it may mean, in the order of _MEANT."""

_BESIDE = 'put it beside "input", not into it'
_LINKS = "sound travels as a link, not in the request"
_UPLOAD = (
    f"{_LINKS}: the endpoint upload stores a clip, and says where to PUT a file that has no URL"
)
_TIMES = "leave it out: the times of the subtitle file or of the audio decide"
_SENTENCES = {
    "action": 'name the endpoint in "endpoint"',
    "task": 'name the endpoint in "endpoint"',
    "operation": 'name the endpoint in "endpoint"',
    "input": 'write the script as "text", and the fields directly into the outer "input"',
    "model": "leave it out: the settings of the worker choose the model",
    "stream": "leave it out: the reply comes when all is spoken",
    "webhook": _BESIDE,
    "policy": _BESIDE,
    "s3config": _BESIDE,
    "s3_config": _BESIDE,
    "audio_base64": _UPLOAD,
    "audio": _UPLOAD,
    "audio_data": _UPLOAD,
    "reference_audio_base64": _UPLOAD,
    "voice_base64": _UPLOAD,
    "file": _UPLOAD,
    "instructions": "leave it out: the voice's clip decides how it sounds",
    "emotion": "leave it out: the voice's clip decides how it sounds",
    **dict.fromkeys(("fix_duration", "max_duration"), _TIMES),
    "based_on": "leave it out: only tts uses the takes of an earlier job again",
    "return_word_timings": "leave it out: this endpoint always makes timing files",
}


def hint_for(name: str, model: type[BaseModel]) -> str:
    """What to write in place of an unknown field of a model; empty if nobody can guess."""
    name, known = name[:100].lower().replace("-", "_"), field_names(model)
    for field, nested in nested_models(model).items():
        if name in field_names(nested):
            return f"put it into the object {field}"
    for meant in _FIELDS_MEANT.get(name, []):
        if meant in known:
            return f"use {meant}"
    return _SENTENCES.get(name, "")
