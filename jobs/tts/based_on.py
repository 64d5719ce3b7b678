"""A `tts` job that is based on an earlier one: which of its takes are used again."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from math import prod
from typing import Any

from pydantic import ValidationError

from jobs.results import manifest
from jobs.results.manifest import StoredTake
from jobs.results.replies import TtsReply, WordShift
from jobs.schema.validation import InvalidRequest, validate
from jobs.tts.request import FASTEST_SPEED, MIN_SPEED, TtsRequest
from storage import keys
from storage.store import NotFound, TooLarge
from tts import takes
from tts.asr.verify import ChunkQuality
from tts.audio.join import EarlierLevels
from tts.speech import Pcm16, Speech
from tts.text.earlier_cuts import EarlierCuts
from worker.job import Job

OPTIONS = (
    "voice",
    "ref_text",
    "language",
    "speed",
    "quality",
    "nfe_step",
    "cfg_strength",
    "sway_sampling_coef",
    "target_rms",
    "loudness",
    "cross_fade_duration",
    "remove_silence",
    "output_format",
    "sample_rate",
    "normalize",
    "pronunciations",
)
"""The fields that a request takes from the job that it is based on, where it does not give them."""


JOINING = ("target_rms", "cross_fade_duration", "remove_silence")
"""The fields that say how takes become one speech."""

EARLY = "early"
"""The option that says that the takes became one speech in the manner of `early`. A request does
not take that field over, but the manner."""

BEHIND_URL = ""
"""The voice of a stored request whose voice is the URL of a clip."""

MAX_FACTORS, LEAST_GAIN = 100, 0.001
"""What makes a speech quieter, of all its takes together. Each factor is work for the whole speech,
and a speech has fewer than ten; a record with more, or quieter, is none of this worker's."""


@dataclass(frozen=True)
class Base:
    """What is known of the earlier job: its seed, its takes in order, how they were heard.

    is_joined_alike: whether its takes were made one speech with the options of the new job.
    is_early: whether its takes were made one speech in the manner of `early`.
    gain_db: by how much its speech was made louder for the loudness that the new job asks for, too.
    """

    job_id: str
    seed: int
    is_joined_alike: bool
    is_early: bool
    takes: Sequence[StoredTake]
    quality: Sequence[ChunkQuality]
    gain_db: float | None = None

    @property
    def cuts(self) -> EarlierCuts:
        """Where its script was cut."""
        return EarlierCuts([take.text for take in self.takes])

    def match(self, origins: Sequence[str]) -> dict[int, int]:
        """The index of the earlier take for each chunk, by the chunk's index, where there is one.

        origins: of each chunk, what its take is made of.

        What stands before and after the change keeps its own take also where a sentence is
        repeated.
        """
        olds = [take.origin for take in self.takes]
        shorter = min(len(olds), len(origins))
        front = 0
        while front < shorter and olds[front] == origins[front]:
            front += 1
        back = 0
        while back < shorter - front and olds[-1 - back] == origins[-1 - back]:
            back += 1
        matched = {index: index for index in range(front)}
        between: dict[str, list[int]] = defaultdict(list)
        # Last first, because they are taken from the end; all come last that stand elsewhere.
        for old in [*range(len(olds) - back, len(olds)), *range(front)][::-1]:
            between[olds[old]].append(old)
        for old in reversed(range(front, len(olds) - back)):
            between[olds[old]].append(old)
        for index in range(front, len(origins) - back):
            if candidates := between.get(origins[index]):
                # A sentence that is said more often than before is the same take again.
                matched[index] = candidates.pop() if len(candidates) > 1 else candidates[0]
        for step in range(1, back + 1):
            matched[len(origins) - step] = len(olds) - step
        return matched

    def fetch(
        self, matched: dict[int, int], job: Job, threads: Executor, sample_rate: int
    ) -> dict[int, Pcm16]:
        """The takes that are still in the store, by the index of the new chunk.

        matched: the index of the earlier take for each chunk.
        threads: fetch several at once.

        Raises StorageError, Cancelled.
        """

        def get(old: StoredTake) -> Pcm16 | None:
            job.stop.raise_if_cancelled()
            try:
                content = job.store.get(keys.take(old.sha256), takes.max_bytes(old.length))
                return takes.read(content, old.sha256, old.length, sample_rate)
            # Whoever owns the bucket may have written anything there: it counts as gone.
            except (NotFound, TooLarge, takes.TakeDamaged):
                return None

        running = {
            old: threads.submit(get, self.takes[old]) for old in dict.fromkeys(matched.values())
        }
        found = {old: future.result() for old, future in running.items()}
        return {index: take for index, old in matched.items() if (take := found[old]) is not None}

    def levels(self, reused: Mapping[int, int], count: int) -> EarlierLevels | None:
        """How loud the earlier speech is, so that what did not change stays as it is.

        reused: the index of the earlier take for each chunk.
        count: how many chunks the script has.
        """
        if not reused or not self.is_joined_alike or self.is_early:
            return None
        factors = [factor for take in self.takes for factor in take.quieter]
        if len(factors) > MAX_FACTORS or prod(factors) < LEAST_GAIN:
            return None
        new_index = {old: index for index, old in reused.items()}
        quieter: dict[int, list[float]] = defaultdict(list)
        following = count
        for old in reversed(range(len(self.takes))):
            if old in new_index:
                following = new_index[old]
            else:
                # From the end, so what comes earlier goes to the front.
                quieter[following][:0] = self.takes[old].quieter
        return EarlierLevels(set(range(count)) - set(reused), quieter)

    def quality_of(self, reused: dict[int, int]) -> list[ChunkQuality]:
        """How the takes that are used again were heard, if they were, with their new indices."""
        heard = {quality.chunk: quality for quality in self.quality}
        return [
            heard[old].model_copy(update={"chunk": index})
            for index, old in reused.items()
            if old in heard
        ]

    def warnings(self, matched: dict[int, int], found: dict[int, Pcm16]) -> list[str]:
        """What a client must know of takes that could not be used.

        matched: the index of the earlier take for each chunk.
        found: those that were in the store.
        """
        if not self.takes:
            return [
                f"job {self.job_id!r} has no takes that could be used again, so all of the text "
                "was spoken anew; takes are kept where KEEP_TAKES is on, and not with fix_duration"
            ]
        gone = len(matched) - len(found)
        if gone:
            return [
                f"{gone} of the takes of job {self.job_id!r} are gone from the store or damaged, "
                "so these chunks were spoken anew"
            ]
        if not matched:
            return [
                f"no chunk is the same as in job {self.job_id!r}, because the text, the voice or "
                "an option is another one; the whole text was spoken anew"
            ]
        return []

    def shifts(self, reused: dict[int, int], speech: Speech) -> list[WordShift]:
        """By how much the words that are not new moved, one entry where that changes.

        reused: the index of the earlier take for each chunk.
        """
        shifts: list[WordShift] = []
        for index, old in sorted(reused.items()):
            span = speech.chunks[index]
            start_ms = 1000 * span.start / speech.sample_rate
            moved_ms = round(start_ms - self.takes[old].start_ms, 1)
            if not shifts or shifts[-1].ms != moved_ms:
                shifts.append(WordShift(word=span.chunk.first_word, ms=moved_ms))
        return shifts


def load(request: TtsRequest, job: Job) -> tuple[TtsRequest, Base | None]:
    """The request with what it takes from the job that it is based on, and that job's takes.

    The request itself and None if it is based on none. Raises JobNotFound, InvalidRequest,
    StorageError.
    """
    if request.based_on is None:
        return request, None
    record = manifest.load_finished(job.store, request.based_on)
    facts = record.facts
    if not isinstance(facts, TtsReply):
        raise InvalidRequest(
            [f"based_on: {request.based_on!r} is not a job of the endpoint tts; give one that is"]
        )
    earlier = _earlier_options(record.options)
    given = request.model_fields_set
    taken = {name: value for name, value in earlier.items() if name not in given}
    if "output_format" in given:
        # The other format may not have that rate.
        taken.pop("sample_rate", None)
    if "quality" in given:
        # The steps of the other job would count, and not this quality.
        taken.pop("nfe_step", None)
    # A request has one of the two.
    if "target_rms" in given:
        taken.pop("loudness", None)
    if request.loudness is not None:
        taken.pop("target_rms", None)
    if "voice" in given:
        # The transcript is that of the other clip.
        taken.pop("ref_text", None)
    elif record.options.get("voice") == BEHIND_URL:
        raise InvalidRequest(
            [f"based_on: the voice of job {request.based_on!r} is a clip behind a URL; give voice"]
        )
    if facts.speed is not None and "speed" not in given:
        taken["speed"] = min(max(facts.speed, MIN_SPEED), FASTEST_SPEED)
    if "sample_rate" in given and "output_format" in taken:
        _check_rate(request.sample_rate, taken["output_format"])
    if request.early and taken.get("loudness") is not None:
        # The door knows of the request's own loudness alone.
        raise InvalidRequest(
            [
                f"early does not go together with the loudness of job {request.based_on!r}: the "
                "first part is final before the rest is spoken; leave early out, or give target_rms"
            ]
        )
    merged = request.model_copy(update=taken)
    before = TtsRequest.model_construct(**earlier)
    is_joined_alike = all(getattr(before, name) == getattr(merged, name) for name in JOINING)
    is_early = record.options.get(EARLY) is True
    if request.early and not is_early:
        raise InvalidRequest(
            [
                f"early: job {request.based_on!r} was made without early, and its loudness is "
                "that of the whole speech; leave early or based_on out"
            ]
        )
    is_as_loud = is_joined_alike and before.loudness == merged.loudness
    base = Base(
        request.based_on,
        facts.seed,
        is_joined_alike,
        is_early,
        record.takes,
        facts.quality or [],
        record.gain_db if is_as_loud else None,
    )
    return merged, base


def options_of(request: TtsRequest, base: Base | None) -> dict[str, Any]:
    """What the manifest holds for a job that is based on this one: the fields that were given.

    base: the job that this one is based on, if there is one.

    The URL of a clip is not among them, because it may be signed.
    """
    options = request.model_dump(mode="json", include=set(OPTIONS) & request.model_fields_set)
    if is_early(request, base):
        options[EARLY] = True
    return options | {"voice": BEHIND_URL} if "://" in request.voice else options


def is_early(request: TtsRequest, base: Base | None) -> bool:
    """Whether each take keeps its loudness whatever comes after it: then the samples before a
    change stay the same, too."""
    return request.early or (base is not None and base.is_early)


def _check_rate(sample_rate: int, output_format: str) -> None:
    """Raise InvalidRequest where the format of the earlier job lacks the rate of the new one."""
    # The door has compared it with the request's own format, which this request does not give.
    try:
        validate(
            TtsRequest, {"text": "-", "output_format": output_format, "sample_rate": sample_rate}
        )
    except InvalidRequest as error:
        remedy = "the format is that of the earlier job; give another rate, or output_format"
        raise InvalidRequest([f"{error.details[0]}; {remedy}"]) from None


def _earlier_options(stored: dict[str, Any]) -> dict[str, Any]:
    """The stored options that are ones; all of them count as missing if one is wrong."""
    known = {name: value for name, value in stored.items() if name in OPTIONS}
    if known.get("voice") == BEHIND_URL:
        del known["voice"]
    try:
        request = TtsRequest.model_validate({"text": "-", **known})
    except ValidationError:
        return {}
    return {name: getattr(request, name) for name in known}
