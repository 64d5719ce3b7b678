"""The Google aligner unchanged against a server on loopback that speaks Google's own protocol."""

import datetime
import json
from collections.abc import Sequence
from pathlib import Path

import grpc
import numpy as np
import pytest
from google.auth.credentials import Credentials
from google.auth.exceptions import RefreshError
from google.protobuf.duration_pb2 import Duration

from tests.support import google_server
from tests.support.google_server import Server, Spoken
from tests.timing.fixtures import (
    Sentence,
    align_speech,
    check_order,
    one_window,
    sentences,
    tokens,
    whole,
)
from timing.alignment.aligner import Aligner, RemoteService, WindowFailed
from timing.alignment.google import (
    MAX_WINDOW_MS,
    GoogleAligner,
    credentials_in,
    credentials_of,
    phrases,
    seconds,
)
from timing.alignment.sphinx import SphinxAligner
from timing.words import Timing
from tts.speech import Script, Speech


@pytest.fixture(scope="module")
def key() -> str:
    return google_server.key_json()


@pytest.fixture
def server(google_speech: Server) -> Server:
    google_speech.reset()
    return google_speech


@pytest.fixture
def google(server: Server, key: str) -> GoogleAligner:
    return GoogleAligner(
        credentials_of(key), endpoint=server.endpoint, timeout_s=60.0, pause_s=0.01
    )


def heard(sentence: Sentence, offset_ms: float = 0) -> list[Spoken]:
    """What a perfect recogniser hears: the spoken words with their true times."""
    found: list[Spoken] = []
    for said, start, end in zip(sentence.spoken, sentence.starts_ms, sentence.ends_ms, strict=True):
        edges = np.linspace(start, end, len(said) + 1) + offset_ms
        found += [
            (word, float(a), float(b))
            for word, a, b in zip(said, edges[:-1], edges[1:], strict=True)
        ]
    return found


def timed(google: GoogleAligner, sentence: Sentence) -> Timing:
    script, speech = one_window(sentence)
    timing = align_speech(script, speech, "google", {"google": google}, "en")
    check_order(timing.words, speech.duration_ms)
    assert [word.word for word in timing.words] == list(sentence.words)
    return timing


def errors_of(timing: Timing, starts_ms: Sequence[float]) -> list[float]:
    return [abs(word.start_ms - start) for word, start in zip(timing.words, starts_ms, strict=True)]


def failure(google: GoogleAligner) -> WindowFailed:
    sentence = sentences()[0]
    with pytest.raises(WindowFailed) as caught:
        google.align(sentence.samples, tokens(sentence), "en")
    return caught.value


def reason(google: GoogleAligner) -> str:
    return failure(google).reason


def test_it_is_a_service(google: GoogleAligner) -> None:
    assert google.service == RemoteService("Google Cloud Speech", allowed_in_auto=True)
    assert SphinxAligner().service is None


def test_words_on_a_grid_of_100_ms_are_placed(server: Server, google: GoogleAligner) -> None:
    errors: list[float] = []
    for sentence in sentences():
        server.answers = [heard(sentence)]
        timing = timed(google, sentence)
        assert {word.source for word in timing.words} == {"google"}
        assert all(word.is_heard for word in timing.words)
        assert timing.confidence <= 0.8
        errors += errors_of(timing, sentence.starts_ms)
    assert np.mean(errors) <= 40
    assert np.max(errors) <= 150


def test_what_is_asked(server: Server, google: GoogleAligner) -> None:
    sentence = sentences()[0]
    server.answers = [heard(sentence)]
    timed(google, sentence)
    request = server.requests[0]
    assert request.config.language_code == "en-US"
    assert request.config.enable_word_time_offsets
    assert not request.config.profanity_filter
    assert request.config.sample_rate_hertz == 16_000
    assert len(request.audio.content) == 2 * len(sentence.samples)
    hints = list(request.config.speech_contexts[0].phrases)
    assert " ".join(hints) == " ".join(tokens(sentence))
    assert server.tokens[0].startswith("Bearer ey")


def test_the_reply_says_that_audio_was_sent_and_what_it_cost(
    server: Server, google: GoogleAligner
) -> None:
    sentence = sentences()[0]
    server.answers = [heard(sentence)]
    timing = timed(google, sentence)
    sent = len(sentence.samples) / 16_000
    assert timing.billed_s == int(sent) + 1
    assert timing.warnings == (
        f"{sent:.1f} s of the audio were sent to Google Cloud Speech, which charges for "
        f"{int(sent) + 1} s",
    )
    server.bills = False
    assert timed(google, sentence).billed_s == int(np.ceil(sent))


def test_dropped_and_added_words_lose_none(server: Server, google: GoogleAligner) -> None:
    for drop in (2, 3, 5):
        dropped: list[int] = []
        errors: list[float] = []
        for sentence in sentences():
            words = heard(sentence)
            left = [word for i, word in enumerate(words) if i % drop != 1]
            server.answers = [[*left, ("extra", words[-1][2], words[-1][2] + 50)]]
            timing = timed(google, sentence)
            dropped += [not word.is_heard for word in timing.words]
            errors += errors_of(timing, sentence.starts_ms)
        assert any(dropped)
        assert not all(dropped)
        assert np.percentile(errors, 95) <= 250


def test_split_joined_and_misheard_words_keep_their_places(
    server: Server, google: GoogleAligner
) -> None:
    sentence = sentences()[2]
    words = heard(sentence)
    first, second, *rest = words
    half = (first[1] + first[2]) / 2
    split = [(first[0][:3], first[1], half), (first[0][3:], half, first[2])]
    joined = [(rest[0][0] + rest[1][0], rest[0][1], rest[1][2]), *rest[2:]]
    misheard = (second[0] + "ing", *second[1:])
    server.answers = [[*split, misheard, *joined]]
    timing = timed(google, sentence)
    assert {word.source for word in timing.words} == {"google"}
    assert max(errors_of(timing, sentence.starts_ms)) <= 250


def test_figures_in_the_answer_stand_for_the_spoken_words(
    server: Server, google: GoogleAligner
) -> None:
    sentence = sentences()[0]
    written = zip(sentence.words, sentence.starts_ms, sentence.ends_ms, strict=True)
    server.answers = [[(word, float(start), float(end)) for word, start, end in written]]
    timing = timed(google, sentence)
    assert {word.source for word in timing.words} == {"google"}
    assert max(errors_of(timing, sentence.starts_ms)) <= 250
    assert not all(word.is_heard for word in timing.words)


@pytest.mark.parametrize(
    ("status", "said", "calls"),
    [
        (grpc.StatusCode.UNAUTHENTICATED, "does not accept the credentials", 1),
        (grpc.StatusCode.PERMISSION_DENIED, "enable the Cloud Speech-to-Text API", 1),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "the quota at Google is used up", 1),
        (grpc.StatusCode.INVALID_ARGUMENT, "does not take such a request", 1),
        (grpc.StatusCode.DATA_LOSS, "Google failed", 1),
        (grpc.StatusCode.UNAVAILABLE, "Google cannot be reached", 3),
        (grpc.StatusCode.INTERNAL, "Google failed", 3),
    ],
)
def test_a_refusal_fails_the_window_with_its_reason(
    server: Server, google: GoogleAligner, status: grpc.StatusCode, said: str, calls: int
) -> None:
    server.answers = [status]
    given = failure(google)
    assert said in given.reason
    assert "secret" not in given.reason
    assert given.billed_s == 0
    assert len(server.requests) == calls


def test_what_was_unavailable_once_is_asked_again(server: Server, google: GoogleAligner) -> None:
    sentence = sentences()[0]
    server.answers = [grpc.StatusCode.UNAVAILABLE, heard(sentence)]
    assert timed(google, sentence).method == "google"
    assert len(server.requests) == 2


def test_a_slow_answer_fails_after_its_time(server: Server, key: str) -> None:
    hurried = GoogleAligner(credentials_of(key), endpoint=server.endpoint, timeout_s=1.5)
    server.answers = [3.0]
    assert reason(hurried) == "Google did not answer in time"
    assert len(server.requests) == 1


def test_nobody_there_fails_too(key: str, server: Server) -> None:
    alone = GoogleAligner(credentials_of(key), endpoint="localhost:1", timeout_s=2.0, pause_s=0.01)
    assert reason(alone) in ("Google cannot be reached", "Google did not answer in time")


def test_silence_and_a_window_too_long_fail(server: Server, google: GoogleAligner) -> None:
    server.answers = [[]]
    given = failure(google)
    assert given.reason == "Google heard no word in it"
    assert given.billed_s == int(len(sentences()[0].samples) / 16_000) + 1
    minute = np.zeros(16 * (MAX_WINDOW_MS + 1), np.float32)
    with pytest.raises(WindowFailed, match="longer than 55 s"):
        google.align(minute, ["one"], "en")


def test_only_windows_that_failed_are_sent_and_neighbours_together(
    server: Server, google: GoogleAligner
) -> None:
    script, speech, truth = whole(16_000)
    samples = np.array(speech.samples)
    lost = (1, 2, 7)
    for index in lost:
        span = speech.chunks[index]
        noise = np.random.default_rng(index).normal(0, 0.1, span.end - span.start)
        samples[span.start : span.end] = noise.astype(np.float32)
    first = 1000 * len(sentences()[1].samples) / 16_000
    server.answers = [
        [*heard(sentences()[1]), *heard(sentences()[2], first)],
        heard(sentences()[7]),
    ]
    damaged = Speech(samples, 16_000, speech.chunks)
    aligners: dict[str, Aligner] = {"google": google, "sphinx": SphinxAligner()}
    timing = align_speech(script, damaged, "auto", aligners, "en")
    check_order(timing.words, speech.duration_ms)
    assert {word.chunk for word in timing.words if word.source == "google"} == set(lost)
    assert timing.method == "sphinx"
    assert len(server.requests) == 2
    errors = [
        abs(word.start_ms - start)
        for word, start in zip(timing.words, truth, strict=True)
        if word.source == "google"
    ]
    assert np.mean(errors) <= 45
    assert timing.warnings[0].endswith("word times there come from google")
    assert "were sent to Google Cloud Speech" in timing.warnings[-1]


def test_google_refusing_leaves_the_estimate(server: Server, google: GoogleAligner) -> None:
    script, speech = one_window(sentences()[0])
    server.answers = [grpc.StatusCode.RESOURCE_EXHAUSTED]
    timing = align_speech(script, speech, "google", {"google": google}, "en")
    assert timing.method == "estimate"
    assert timing.confidence == pytest.approx(0.3)
    assert (
        "google: the quota at Google is used up; word times there are estimates"
        in timing.warnings[0]
    )
    assert timing.billed_s == 0


def damaged() -> tuple[Script, Speech]:
    """All sentences, three of them under noise, no two of which are neighbours."""
    script, speech, _ = whole(16_000)
    samples = np.array(speech.samples)
    for index in (1, 3, 7):
        span = speech.chunks[index]
        noise = np.random.default_rng(index).normal(0, 0.1, span.end - span.start)
        samples[span.start : span.end] = noise.astype(np.float32)
    return script, Speech(samples, 16_000, speech.chunks)


@pytest.mark.parametrize(
    "status", [grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.RESOURCE_EXHAUSTED]
)
def test_once_refused_it_is_not_asked_again_for_this_job(
    server: Server, google: GoogleAligner, status: grpc.StatusCode
) -> None:
    aligners: dict[str, Aligner] = {"google": google, "sphinx": SphinxAligner()}
    server.answers = [status]
    timing = align_speech(*damaged(), "auto", aligners, "en")
    assert len(server.requests) == 1
    assert {word.chunk for word in timing.words if word.source == "estimate"} == {1, 3, 7}
    assert len(timing.warnings) == 3
    assert ", google: " in timing.warnings[0]
    assert all("google: it was not asked again" in warning for warning in timing.warnings[1:])


def test_only_what_google_answered_counts_as_sent(server: Server, google: GoogleAligner) -> None:
    aligners: dict[str, Aligner] = {"google": google, "sphinx": SphinxAligner()}
    sent = len(sentences()[1].samples) / 16_000
    server.answers = [heard(sentences()[1]), grpc.StatusCode.RESOURCE_EXHAUSTED]
    timing = align_speech(*damaged(), "auto", aligners, "en")
    assert len(server.requests) == 2
    assert timing.warnings[-1].startswith(f"{sent:.1f} s of the audio were sent to Google")


def test_a_stop_is_seen_before_each_call(server: Server, google: GoogleAligner) -> None:
    class Stopped(Exception):
        pass

    def stop(done: int) -> None:
        if server.requests:
            raise Stopped

    aligners: dict[str, Aligner] = {"google": google, "sphinx": SphinxAligner()}
    server.answers = [[]]
    with pytest.raises(Stopped):
        align_speech(*damaged(), "auto", aligners, "en", stop)
    assert len(server.requests) == 1


class Revoked(Credentials):
    """A login that Google's token server does not know any more."""

    def refresh(self, request: object) -> None:
        raise RefreshError("invalid_grant: revoked")  # type: ignore[no-untyped-call]


def test_a_revoked_login_is_told_as_such_and_tried_once(server: Server) -> None:
    login = Revoked()  # type: ignore[no-untyped-call]
    lost = GoogleAligner(login, endpoint=server.endpoint, timeout_s=5.0, pause_s=60.0)
    assert reason(lost) == "the credentials give no access token; give a login that is valid"
    assert server.requests == []


def test_with_the_fallback_off_google_is_asked_by_name_only(server: Server, key: str) -> None:
    off = GoogleAligner(credentials_of(key), allowed_in_auto=False, endpoint=server.endpoint)
    script, speech = one_window(sentences()[0])
    server.answers = [heard(sentences()[0])]
    assert align_speech(script, speech, "auto", {"google": off}, "en").method == "estimate"
    assert server.requests == []
    assert align_speech(script, speech, "google", {"google": off}, "en").method == "google"


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (datetime.timedelta(seconds=1, milliseconds=200), 1.2),
        (datetime.timedelta(0), 0.0),
        (Duration(seconds=1, nanos=200_000_000), 1.2),
        (Duration(), 0.0),
        (1.2, 1.2),
        (0, 0.0),
    ],
)
def test_a_time_in_every_form_that_google_has_had(offset: object, expected: float) -> None:
    assert seconds(offset) == pytest.approx(expected)


def test_hints_are_whole_words_of_at_most_100_characters() -> None:
    words = [f"word{i}" for i in range(2000)]
    found = phrases(words)
    assert all(len(phrase) <= 100 for phrase in found)
    assert " ".join(found).split() == words
    assert len(phrases(words * 10)) == 500


def wrong_key(**changes: str) -> str:
    return json.dumps({**google_server.key_file(), **changes})


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("/secrets/google.json", "holds the path of a file, not JSON; put the file's content"),
        ("google.json", "holds the path of a file, not JSON"),
        (r"C:\key.json", "holds the path of a file, not JSON"),
        ("secret", "is not JSON; put the content of the key file there, whole"),
        ('{"type": ', "is not valid JSON (line 1, column 9)"),
        ("[1]", "is not the JSON object of a key file"),
        ('"{}"', "is JSON in quotes"),
        ("{}", "lacks type, project_id, private_key, client_email; give a service account's"),
        (wrong_key(private_key="", client_email=""), "lacks private_key, client_email"),
        (wrong_key(type="gdch"), "is of type 'gdch'"),
        ('{"type": "authorized_user"}', "authorized_user, is incomplete"),
        (wrong_key(private_key="abc"), "private_key of GOOGLE_CREDENTIALS_JSON is damaged"),
    ],
)
def test_wrong_credentials_are_told_with_the_remedy(raw: str, said: str) -> None:
    with pytest.raises(ValueError, match="GOOGLE_CREDENTIALS_JSON") as refusal:
        credentials_of(raw)
    assert said in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_a_key_with_escaped_line_breaks_is_understood(key: str) -> None:
    broken = json.loads(key)
    broken["private_key"] = broken["private_key"].replace("\n", "\\n")
    assert credentials_of(json.dumps(broken)).project_id == "captions-test"


def test_a_key_file_is_read(tmp_path: Path, key: str) -> None:
    path = tmp_path / "key.json"
    path.write_text(key)
    assert credentials_in(path).project_id == "captions-test"


USER = {"type": "authorized_user", "client_id": "a", "client_secret": "b", "refresh_token": "c"}
LOGINS = [
    USER,
    {
        "type": "impersonated_service_account",
        "service_account_impersonation_url": "https://iamcredentials.googleapis.com/v1/projects/-/"
        "serviceAccounts/worker@captions-test.iam.gserviceaccount.com:generateAccessToken",
        "source_credentials": USER,
    },
    {
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/a/"
        "providers/b",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": "https://sts.googleapis.com/v1/token",
        "credential_source": {"file": "/nowhere/token"},
    },
]


@pytest.mark.parametrize("login", LOGINS)
def test_a_login_of_another_type_is_taken_too(login: dict[str, object], tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_text(json.dumps(login))
    assert GoogleAligner(credentials_in(path)).service
    assert GoogleAligner(credentials_of(json.dumps(login))).service


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read (No such file or directory)"),
        ("hello", "is not JSON"),
        ("[]", "is not the JSON object of a key file"),
        ('{"type": "nonsense"}', "is of type 'nonsense'"),
        ('{"type": "external_account"}', "is incomplete"),
        ('{"type": "authorized_user"}', "is incomplete"),
    ],
)
def test_a_wrong_key_file_is_told_without_its_path(
    tmp_path: Path, content: str | None, said: str
) -> None:
    path = tmp_path / "key.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ValueError, match="GOOGLE_APPLICATION_CREDENTIALS") as refusal:
        credentials_in(path)
    assert said in str(refusal.value)
    assert str(tmp_path) not in str(refusal.value)


def test_json_in_the_place_of_a_path_is_told(key: str) -> None:
    with pytest.raises(ValueError, match="holds JSON, not a path"):
        credentials_in(Path(key))


def test_without_credentials_it_says_where_to_put_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    with pytest.raises(ValueError, match="there are no credentials; give GOOGLE_CREDENTIALS_JSON"):
        GoogleAligner(None)
