"""What to write in place of the names that other services use for fields and endpoints."""

import re

from pydantic import BaseModel

from jobs.schema.model_fields import field_names, nested_models

_MEANT = {
    "voice": "reference_audio ref_audio ref_audio_url ref_file ref_audio_path reference_audio_url "
    "reference_audio_path reference_voice reference_id speaker speaker_wav speaker_id speaker_name "
    "speaker_audio audio_prompt audio_prompt_path audio_prompt_url prompt_audio prompt_speech "
    "prompt_wav voice_url voice_sample voice_file voice_file_url voice_name voice_id voice_path "
    "clone_from clone_voice sample_url speaker_idx spk spk_id sid zero_shot_spk_id reference_wav "
    "ref_wav ref_wav_path refer_wav_path prompt_wav_path prompt_wav_url prompt_audio_url "
    "prompt_audio_path prompt_speech_path voice_reference narrator",
    "ref_text": "prompt_text transcript reference_transcript audio_prompt_text ref_transcript "
    "ref_audio_text reference_audio_text",
    "text": "prompt script content message tts_text ssml transcript input_text texts inputs",
    "output_format": "format audio_format file_format codec container encoding "
    "audio_encoding response_type audio_codec output",
    "response_format": "output_format format audio_format file_format codec",
    "input": "text script prompt content message",
    "language": "lang language_code locale lang_code language_id target_language text_language "
    "source_language language_idx text_lang",
    "nfe_step": "steps num_steps inference_steps num_inference_steps nfe_steps nfe num_step "
    "diffusion_steps num_diffusion_steps denoising_steps",
    "cfg_strength": "cfg cfg_scale cfg_value cfg_weight guidance guidance_scale text_guidance "
    "cfg_rate inference_cfg_rate voice_guidance style_guidance embedding_scale",
    "sway_sampling_coef": "sway sway_sampling sway_coef",
    "speed": "rate pace speaking_rate speech_rate speed_factor tempo speed_alpha "
    "speed_ratio speed_multiplier",
    "cross_fade_duration": "crossfade crossfade_duration cross_fade cross_fade_length",
    "seed": "random_seed",
    "loudness": "lufs target_lufs loudness_lufs target_loudness integrated_loudness volume "
    "volume_gain_db volume_multiplier gain",
    "target_rms": "volume loudness volume_gain_db volume_multiplier gain rms",
    "fix_duration": "duration target_duration duration_seconds",
    "remove_silence": "trim_silence remove_silences silence_removal",
    "normalize": "apply_text_normalization text_normalization normalize_text normalization_options "
    "enable_text_normalization normalization",
    "pronunciations": "pronunciation pronunciation_dict pronunciation_dictionary lexicon "
    "dictionary pronunciation_dictionary_locators lexicon_names phonemes",
    "return_word_timings": "timestamps word_timestamps return_timestamps timestamp_granularities "
    "word_timings timings subtitles_enabled captions enable_time_pointing subtitle_enable "
    "speech_mark_types alignment add_timestamps with_timestamps timestamp_type "
    "word_boundary word_level_timestamps return_alignment with_subtitles generate_subtitles",
    "timing_format": "subtitle_format caption_format subtitles_format",
    "second": "translation translations second_language secondary bilingual",
    "sample_rate": "sampling_rate samplerate sr sample_rate_hertz audio_sample_rate hz",
    "metadata": "meta custom_data custom tags user user_id user_data client_reference extra_data "
    "extra reference_number correlation_id external_id project_id "
    "title description",
    "voice_name": "name voice voice_id speaker speaker_name",
    "srt": "text gen_text script subtitle_file subtitles_file srt_file vtt_file captions_file",
    "srt_url": "subtitle_url subtitles_url captions_url",
    "voice_file_url": "audio_url url file_url clip_url voice_url ref_audio ref_audio_url "
    "reference_audio reference_audio_url speaker_wav audio sample_url audio_prompt wav_url",
    "audio_url": "url file_url audio_file_url audio input_audio audio_file media_url video_url "
    "source_url recording_url",
    "job_id": "id task_id request_id",
    "prefix": "search query filter",
    "after": "cursor page_token next_token next_after start_after offset",
    "limit": "page_size max_results per_page max_items count",
    "words": "entries pronunciations rules",
    "vertical": "top bottom",
    "primary_colour": "color colour font_color font_colour fontcolor text_color text_colour",
    "highlight_colour": "active_color active_colour word_color word_colour",
    "outline_colour": "stroke_color stroke_colour border_color border_colour",
    "outline": "stroke stroke_width outline_width border border_width",
    "size": "font_size fontsize text_size",
    "max_words": "words_per_line max_words_per_line words_per_cue words_per_caption",
    "max_chars_per_line": "max_chars chars_per_line max_line_width line_length",
    "max_lines": "max_line_count lines_per_cue",
    "case": "uppercase all_caps text_transform",
    "style": "animation effect",
    "position": "alignment align vertical_position",
}
_FIELDS_MEANT: dict[str, list[str]] = {}
for _ours, _theirs in _MEANT.items():
    for _name in _theirs.split():
        _FIELDS_MEANT.setdefault(_name, []).append(_ours)
"""For each name that others use, our fields that it may mean, in the order of _MEANT."""

_BESIDE = 'put it beside "input", not inside'
_LINKS = "sound travels as a link, not in the request"
_NO_SOUND = "sound"
"""Stands for the sentence of `_sound_as_link`."""
_IN_METADATA = "put it into the object metadata"
_TIMES = "leave it out: the times of the subtitle file or of the audio decide"
_CLIP = "leave it out: the voice's clip decides how it sounds"
_SAMPLING = "leave it out: the engine has seed, nfe_step and cfg_strength instead"
_REPLY_LINK = "leave it out: the reply has the audio as a link"
_WHOLE = "leave it out: the reply comes when all is spoken"
_DIVIDED = "leave it out: the worker divides the text itself"
_NO_EFFECTS = "leave it out: the worker makes speech only; mix other sound with it afterwards"
_NOTHING_LIKE_IT = "leave it out: the worker has nothing like it"
_TAG_OF_VOICE = "write one script, with [voice:anna] where another voice begins"
_TAG_OF_PAUSE = "write [pause:0.8s] in the script where a pause belongs"
_ONE_EACH = "leave it out, and send a job for each"
_INCLUDE = 'use include, such as ["words"]'
_FORMAT = 'use timing_format, such as "srt"'
_OUTSIDE = (
    "leave it out, and write its fields directly into the request, such as speed, output_format "
    "and sample_rate"
)
_SENTENCES = {
    "action": 'name the endpoint in "endpoint"',
    "task": 'name the endpoint in "endpoint"',
    "operation": 'name the endpoint in "endpoint"',
    "method": 'name the endpoint in "endpoint"',
    "input": 'write the script as "text", and the fields directly into the outer "input"',
    **dict.fromkeys(
        ("model", "model_id", "model_name", "model_type", "voice_engine", "engine", "tts_model",
         "version", "model_version", "checkpoint"),
        "leave it out: the settings of the worker choose the model",
    ),
    **dict.fromkeys(
        ("stream", "streaming", "stream_format", "optimize_streaming_latency", "latency",
         "streaming_mode", "stream_chunk_size", "auto_mode", "flush"),
        _WHOLE,
    ),
    **dict.fromkeys(("dry_run", "estimate", "estimate_only"), 'use "endpoint": "plan"'),
    **dict.fromkeys(
        ("webhook", "policy", "s3config", "s3_config"),
        _BESIDE,
    ),
    **dict.fromkeys(
        ("bucket", "bucket_name", "s3_bucket", "upload_to_s3", "s3"),
        'give the bucket as "s3Config" beside "input", not inside',
    ),
    **dict.fromkeys(
        ("callback", "callback_url", "webhook_url", "notify_url"),
        'name the URL as "webhook" beside "input", not inside',
    ),
    **dict.fromkeys(
        ("ttl", "execution_timeout", "low_priority"),
        'put it into the object "policy" beside "input"',
    ),
    "timeout": 'set "executionTimeout" in the object "policy" beside "input"',
    **dict.fromkeys(
        ("api_key", "apikey", "xi_api_key", "token", "authorization", "auth"),
        'leave it out, and send RunPod\'s key as the header "Authorization: Bearer KEY"',
    ),
    **dict.fromkeys(
        ("audio_base64", "audio", "audio_data", "audio_b64", "reference_audio_base64",
         "ref_audio_base64", "voice_base64", "speaker_audio_base64", "audio_bytes", "file",
         "files", "references", "audio_file"),
        _NO_SOUND,
    ),
    **dict.fromkeys(
        ("return_base64", "encode_as_base64", "output_base64", "return_audio", "base64",
         "return_download_link", "return_type"),
        _REPLY_LINK,
    ),
    **dict.fromkeys(
        ("instructions", "instruct", "emotion", "emotions", "voice_settings", "stability",
         "similarity_boost", "use_speaker_boost", "exaggeration", "pitch", "style_wav", "gender",
         "ssml_gender", "mood", "accent", "instruct_text", "style_prompt", "speaking_style",
         "style_degree", "tone", "voice_description", "speaker_embedding", "gpt_cond_latent",
         "alpha", "beta", "emo_alpha", "emo_vector", "emo_text", "emo_audio_prompt"),
        _CLIP,
    ),
    **dict.fromkeys(
        ("temperature", "top_p", "top_k", "repetition_penalty", "length_penalty", "min_p",
         "text_temp", "waveform_temp", "num_beams", "do_sample",
         "gpt_cond_len", "gpt_cond_chunk_len"),
        _SAMPLING,
    ),
    **dict.fromkeys(
        ("audio_config", "generation_config", "voice_setting", "audio_setting", "parameters",
         "options", "settings", "config", "params", "prosody"),
        _OUTSIDE,
    ),
    **dict.fromkeys(
        ("bitrate", "bit_rate", "mp3_bitrate", "bit_depth"),
        "leave it out: each output_format has a rate of its own",
    ),
    **dict.fromkeys(("channels", "channel", "stereo"), "leave it out: the audio is mono"),
    **dict.fromkeys(
        ("chunk_length", "chunk_size", "split_sentences", "custom_split_words", "max_chars",
         "enable_text_splitting", "text_split_method", "batch_size",
         "split_by_newline", "split_type", "split_text", "text_splitting", "chunk", "chunking",
         "chunk_length_schedule", "max_tokens", "max_new_tokens", "max_length",
         "max_text_tokens_per_segment", "max_text_tokens_per_sentence"),
        _DIVIDED,
    ),
    **dict.fromkeys(
        ("dialogue", "dialog", "conversation", "turns", "segments", "speakers", "voices",
         "multi_speaker", "multi_speaker_config", "speaker_voice_configs"),
        _TAG_OF_VOICE,
    ),
    **dict.fromkeys(
        ("pause", "pauses", "pause_duration", "break", "breaks", "delay", "silence",
         "sentence_silence", "silence_duration", "pause_between_sentences"),
        _TAG_OF_PAUSE,
    ),
    **dict.fromkeys(
        ("background_music", "music", "bgm", "background", "sound_effects", "effects",
         "audio_effects", "effects_profile_id", "reverb"),
        _NO_EFFECTS,
    ),
    **dict.fromkeys(
        ("enable_logging", "use_pvc_as_ivc", "cache", "enable_cache", "use_cache", "watermark",
         "apply_watermark", "add_wav_header", "translate"),
        _NOTHING_LIKE_IT,
    ),
    **dict.fromkeys(("n", "num_outputs", "num_samples"), _ONE_EACH),
    "words": _INCLUDE,
    **dict.fromkeys(("srt", "vtt", "ass", "lrc", "subtitle"), _FORMAT),
    **dict.fromkeys(
        ("previous_text", "next_text", "previous_request_ids", "next_request_ids"),
        "leave it out: send the whole script as one text",
    ),
    **dict.fromkeys(("text_type", "input_type"), "leave it out: text may be SSML or plain"),
    **dict.fromkeys(
        ("filename", "file_name", "output_path", "output_file", "save_path", "output_name"),
        "leave it out: the job's id names its files",
    ),
    "length_scale": "use speed, which goes the other way: speed 2 is length_scale 0.5",
    **dict.fromkeys(("fix_duration", "max_duration"), _TIMES),
    "early": "leave it out: only tts uploads the speech while it is made",
    "based_on": "leave it out: only tts uses the takes of an earlier job again",
    "return_word_timings": "leave it out: this endpoint always makes timing files",
}  # fmt: skip
_ABOUT = {
    **{_SAMPLING: "nfe_step", _OUTSIDE: "speed", _INCLUDE: "include", _FORMAT: "timing_format"},
    **dict.fromkeys(
        (_CLIP, _WHOLE, _DIVIDED, _TAG_OF_VOICE, _TAG_OF_PAUSE, _NO_EFFECTS, _ONE_EACH), "voice"
    ),
}
"""The sentences that help only with a request that has this field."""

_ENDPOINTS_MEANT = {
    "tts": "speech synthesize synthesis generate speak say text_to_speech text2speech infer "
    "inference predict run audio_speech create_speech v1_audio_speech",
    "dub": "dubbing subtitles_to_speech srt",
    "timing": "transcribe transcription stt align alignment asr subtitles captions timings whisper "
    "forced_alignment timestamps speech_to_text word_timings",
    "upload": "clone clone_voice voice_clone create_voice add_voice upload_voice voice_upload "
    "upload_url voices_add",
    "list_voices": "voices get_voices voice_list speakers",
    "delete_voice": "remove_voice voice_delete delete remove",
    "lexicon": "dictionary pronunciations pronunciation pronunciation_dictionary",
    "list_jobs": "jobs history get_jobs",
    "delete_job": "remove_job job_delete delete remove",
    "download": "get_audio audio file files get_file url",
    "status": "job get_job check",
    "plan": "estimate dry_run quote cost preview",
    "health": "ping info version ready healthz models metrics prometheus stats",
}
_ENDPOINT_MEANT: dict[str, list[str]] = {}
for _ours, _theirs in _ENDPOINTS_MEANT.items():
    for _name in _theirs.split():
        _ENDPOINT_MEANT.setdefault(_name, []).append(_ours)
"""For each name that others use for an endpoint, ours that it may mean."""

_CAPITAL = re.compile(r"(?<=[a-z0-9])[A-Z]")


def hint_for(name: str, model: type[BaseModel]) -> str:
    """What to write in place of an unknown field of a model; empty if nobody can guess."""
    name = _snake_case(name)
    if name in field_names(model):
        return f"use {name}"
    meant = _FIELDS_MEANT.get(name, [])
    if known := [field for field in meant if field in model.model_fields]:
        return _IN_METADATA if known == ["metadata"] else f"use {' or '.join(known)}"
    # The sentence of "input" is for that name alone: it says to write "text".
    others = [field for field in meant if field != "input"]
    for sentence in filter(None, map(_SENTENCES.get, [name, *others])):
        if sentence == _NO_SOUND:
            return _sound_as_link(model)
        if sentence == _WHOLE and "early" in model.model_fields:
            return f'{sentence}; "early": true uploads parts of it before that'
        if sentence not in _ABOUT or _ABOUT[sentence] in model.model_fields:
            return sentence
    if name == "style" and "voice" in model.model_fields:
        return 'name it in voice, as "anna/whisper"; the style of captions is subtitles.style'
    for field, nested in nested_models(model).items():
        if name in field_names(nested):
            return f"put it into the object {field}"
        if inner := next((other for other in meant if other in nested.model_fields), ""):
            return f"put it into the object {field}, as {inner}"
    return ""


def _sound_as_link(model: type[BaseModel]) -> str:
    """What to send in place of sound in the request, by the fields that the model has."""
    if "audio_url" in model.model_fields:
        return f"{_LINKS}: give its URL as audio_url"
    if "voice_file_url" in model.model_fields:
        return (
            f"{_LINKS}: give its URL as voice_file_url; without it the reply says where to PUT it"
        )
    if "voice" in model.model_fields:
        return f"{_LINKS}: give its URL as voice, or store it with the endpoint upload"
    return f"leave it out: {_LINKS}"


def endpoint_meant(name: str) -> list[str]:
    """The endpoints that another service's name may stand for; none if nobody can guess."""
    return _ENDPOINT_MEANT.get(_snake_case(name).replace("/", "_").strip("_ "), [])


def _snake_case(name: str) -> str:
    """The name of a field as we would write it: `output_format` of `outputFormat`."""
    short = name[:100].strip()
    return _CAPITAL.sub(r"_\g<0>", short).lower().replace("-", "_").replace(" ", "_")
