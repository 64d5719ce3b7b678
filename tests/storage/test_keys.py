import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import keys
from storage.keys import InvalidName

# Half of them dense in what breaks trees, half nearly names: dots, blanks, marks, ".wav".
NASTY = st.one_of(
    st.text(st.one_of(st.sampled_from("./\\ \0\n\x7f\x85\u202e\ud800%"), st.characters())),
    st.text(st.sampled_from("aZ9._- \u0301éह"), max_size=6),
    st.text(st.sampled_from("ab1-_."), min_size=1, max_size=6),
    st.text(st.sampled_from("wav."), max_size=9),
    st.text(st.sampled_from("voices/.jnav"), max_size=16),
)

UUID = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"


def test_the_names_are_those_of_the_contract() -> None:
    assert keys.voice_clip("kurt.wav") == "voices/kurt.wav"
    assert keys.voice_record("kurt") == "voices/kurt.json"
    assert keys.audio(keys.JobId("a1b2c3-u1"), "opus") == "output/a1b2c3-u1.opus"
    assert keys.timing(keys.JobId(f"sync-{UUID}-e1"), "srt") == f"timings/sync-{UUID}-e1.srt"
    assert keys.manifest(keys.JobId(UUID)) == f"jobs/{UUID}.json"


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("kurt", "kurt"),
        ("kurt.wav", "kurt"),
        ("KURT.WAV", "KURT"),
        ("kurt.wav.wav", "kurt"),
        ("Ju\u0308rgen", "Jürgen"),
        ("हिन्दी", "हिन्दी"),
        ("ทดสอบ", "ทดสอบ"),
        ("李 雷", "李 雷"),
        ("v1.2_a-b", "v1.2_a-b"),
        ("x" * 64 + ".wav", "x" * 64),
        ("anna/whisper", "anna/whisper"),
        ("anna/whisper.wav", "anna/whisper"),
        ("Ju\u0308rgen/fro\u0308hlich", "Jürgen/fröhlich"),
        ("x" * 64 + "/" + "y" * 64, "x" * 64 + "/" + "y" * 64),
        ("anna/voices", "anna/voices"),
        ("anna/a.json", "anna/a.json"),
    ],
)
def test_a_voice_name_is_kept_in_nfc_without_wav(raw: str, name: str) -> None:
    assert keys.voice_name(raw) == name


@pytest.mark.parametrize(
    "raw",
    [
        "", ".wav", ".", "..", "../kurt", "a\\b", ".kurt", "a..b", " kurt", "kurt ",
        "kurt .wav", "a  b", "a\tb", "a\nb", "a\0b", "a\u00a0b", "a\u202eb", "a%2fb", "a:b",
        "a*b", "a'b", "☃", "\u0301a", "\ud800", "x" * 65, "\U00020000" * 64,
        "a/", "/a", "/", "a//b", "a/b/c", "a/../b", "a/..", "../a", "a/.b", "./a", "a/ b", "a /b",
        "a\\b/c", "a/b\\c", "a/\u0301b", "a/\u3164", "a/\0", "a/.wav", "a.wav/b", "a\uff0fb",
        "voices/anna", "Voices/anna.wav", "anna.json/b", "anna.JSON/b", "a/" + "x" * 65,
        "x" * 65 + "/a", "a/" + "\U00020000" * 64, "a/" + "b" * 2000,
    ],
)  # fmt: skip
def test_other_voice_names_are_refused_with_what_is_allowed(raw: str) -> None:
    with pytest.raises(InvalidName) as refused:
        keys.voice_clip(raw)
    assert refused.value.code == "invalid_request"
    assert "1 to 64 letters, digits" in refused.value.sentence


@pytest.mark.parametrize("job_id", ["a", "a1b2c3-u1", "_x", "-", "a.b", UUID, "x" * 128])
def test_ids_of_runpod_are_allowed(job_id: str) -> None:
    assert keys.parse_job_id(job_id) == job_id


@pytest.mark.parametrize(
    "job_id",
    ["", ".", "..", ".a", "a..b", "../a", "a/b", "a\\b", "a b", "a\n", "é", "٣", "x" * 129],
)
def test_other_ids_are_refused(job_id: str) -> None:
    with pytest.raises(InvalidName, match="allowed: 1 to 128 of A-Z a-z 0-9"):
        keys.parse_job_id(job_id)


def test_formats_with_one_extension_have_keys_that_no_other_job_has() -> None:
    job, looks_like_it = keys.JobId("a"), keys.JobId("a.whisper")
    made = [
        keys.timing(job, "json"),
        keys.timing(job, "json", "json"),
        keys.timing(job, "whisper", "json"),
        keys.timing(looks_like_it, "json"),
        keys.timing(looks_like_it, "whisper", "json"),
    ]
    assert made == [
        "timings/a.json", "timings/a.json", "timings/whisper/a.whisper.json",
        "timings/a.whisper.json", "timings/whisper/a.whisper.whisper.json",
    ]  # fmt: skip
    assert keys.check_key(made[-1]) == made[-1]


@pytest.mark.parametrize("ext", ["", "WAV", "a.b", "../x", "w v", "é", "x" * 17])
def test_other_formats_are_refused(ext: str) -> None:
    for make in (keys.audio, keys.timing):
        with pytest.raises(InvalidName, match="allowed: 1 to 16 of a-z 0-9"):
            make(keys.parse_job_id("job"), ext)


@pytest.mark.parametrize(
    "key",
    [
        "", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/../b", "a/./b", ".tmp/a",
        "a/.b", "a\\b", "a\0b", "a\nb", "a\x7fb", "a\x85b", "a\ud800", "x" * 256, "é" * 128,
        "/".join(["x" * 205] * 5),
    ],
)  # fmt: skip
def test_nasty_keys_are_refused(key: str) -> None:
    with pytest.raises(InvalidName, match=r"invalid_request: .* is not a key; allowed: names"):
        keys.check_key(key)


@pytest.mark.parametrize("prefix", ["", "voices/", "voices/ku", "a/b/"])
def test_a_prefix_may_end_anywhere(prefix: str) -> None:
    assert keys.check_prefix(prefix) == prefix


@pytest.mark.parametrize("prefix", ["/", "../", "a/..", "a//", ".", "a\\", "a/."])
def test_a_prefix_that_no_key_has_is_refused(prefix: str) -> None:
    with pytest.raises(InvalidName, match="is not a prefix"):
        keys.check_prefix(prefix)


def test_a_long_name_is_quoted_in_part() -> None:
    assert len(InvalidName("key", "x" * 9000).sentence) < 400


@given(NASTY)
def test_an_accepted_voice_name_is_stable_and_its_keys_are_keys(raw: str) -> None:
    try:
        name = keys.voice_name(raw)
    except InvalidName:
        return
    assert keys.voice_name(name) == keys.voice_name(name + ".wav") == name
    assert name == unicodedata.normalize("NFC", name)
    clip = keys.check_key(keys.voice_clip(name))
    assert keys.voice_of(clip) == name
    assert keys.voice_of(keys.check_key(keys.voice_record(name))) is None
    assert clip.count("/") == 1 + name.count("/") <= 2
    assert [keys.speaker(name), keys.style_of(name)] == [*name.split("/"), ""][:2]
    assert len(name) <= keys.MAX_VOICE_NAME


@given(NASTY)
def test_voice_of_gives_only_names_that_lead_back_to_the_key(key: str) -> None:
    for candidate in (key, f"voices/{key}", f"voices/{key}.wav"):
        name = keys.voice_of(candidate)
        assert name is None or keys.voice_clip(name) == candidate


@given(NASTY, NASTY)
def test_two_jobs_never_share_a_key(one: str, other: str) -> None:
    made = set()
    for raw in (one, other):
        try:
            job_id = keys.parse_job_id(raw)
            names = [keys.audio(job_id, e) for e in ("wav", "mp3")]
            names += [keys.timing(job_id, e) for e in ("srt", "json")]
            names.append(keys.manifest(job_id))
        except InvalidName:
            return
        assert [keys.check_key(name) for name in names] == names
        made.update(names)
    assert len(made) == (5 if one == other else 10)


@given(NASTY)
def test_an_accepted_key_stays_in_the_tree(key: str) -> None:
    try:
        keys.check_key(key)
    except InvalidName:
        return
    assert not set(key.split("/")) & {"", ".", ".."}
    assert len(key.encode()) <= 1024
    assert keys.check_prefix(key) == key


@pytest.mark.parametrize(
    "sign", ["\u3164", "\u115f", "\u1160", "\uffa0", "\u2800", "\u034f", "\u200b", "\ufe0f"]
)
def test_a_name_with_an_invisible_character_is_refused_with_the_reason(sign: str) -> None:
    for name in (sign, f"anna{sign}", f"an{sign}na"):
        with pytest.raises(InvalidName) as refused:
            keys.voice_name(name)
        assert f"(it has the invisible character U+{ord(sign):04X})" in refused.value.sentence


def test_an_endless_name_is_not_read() -> None:
    """Each ".wav" at the end costs a look at the whole name."""
    with pytest.raises(InvalidName):
        keys.voice_name(".wav" * 2_500_000)


FILE_IDS = st.text(st.sampled_from("ab.-_"), min_size=1, max_size=5)


@given(FILE_IDS, FILE_IDS)
def test_a_file_belongs_to_the_one_job_that_its_key_is_made_for(one: str, other: str) -> None:
    try:
        owner, asked = keys.parse_job_id(one), keys.parse_job_id(other)
    except InvalidName:
        return
    files = [keys.audio(owner, "a"), keys.part(owner, 12, "a"), keys.timing(owner, "b")]
    with_folders = [keys.timing(owner, "a", "b"), keys.included(owner)]
    files += with_folders
    for key in files:
        assert keys.is_file_of(asked, key) == (owner == asked), key
        if key not in with_folders:
            assert key.startswith(keys.file_prefixes(owner))
    assert not keys.is_file_of(asked, keys.manifest(owner))
    assert keys.job_of(keys.manifest(owner)) == owner
    assert keys.job_of(keys.voice_job(owner)) is None


@given(NASTY)
def test_job_of_gives_only_ids_that_lead_back_to_the_key(key: str) -> None:
    for candidate in (key, f"jobs/{key}", f"jobs/{key}.json"):
        job_id = keys.job_of(candidate)
        assert job_id is None or keys.manifest(job_id) == candidate
        assert not keys.is_file_of(keys.JobId("a"), f"voices/{key}")


def test_the_entry_of_a_key_is_named_by_a_hash_alone() -> None:
    assert keys.idempotency("0" * 64) == f"idempotency/{'0' * 64}.json"
    for wrong in ("", "order-7", "../" + "0" * 61, "A" * 64, "0" * 65):
        with pytest.raises(keys.InvalidName):
            keys.idempotency(wrong)
