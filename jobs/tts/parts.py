"""The parts of a `tts` job: one audio file each, cut from the one speech in its pauses."""

from collections.abc import Sequence

from jobs.results.manifest import RenderedFile, StoredFile
from jobs.results.replies import PartFacts
from jobs.tts.request import SpeechRequest
from jobs.tts.synthesis import SynthesisResult
from storage import keys
from timing import parts
from timing.subtitles.cues import Cue
from timing.words import Timing
from tts.audio import encode
from worker.job import Job

_NO_MARKS = (
    "the text has no mark, so the whole is the only part; write [mark:name] where one begins"
)


def cut_parts(
    kind: str,
    request: SpeechRequest,
    job: Job,
    result: SynthesisResult,
    timing: Timing,
    cues: Sequence[Cue],
) -> tuple[list[RenderedFile], list[PartFacts], list[str]]:
    """The files of the parts in the job's folder, the facts about them, and warnings.

    kind: one of `timing.parts.KINDS`.
    result: the speech.
    timing: when each of its words sounds.
    cues: those of the whole speech, for parts that are cues.

    In a lossless format the files, one after the other, hold the samples of the whole. Raises
    AudioNotWritten.
    """
    found = parts.split(kind, result.script, timing, cues, result.names)
    if len(found) > parts.MAX_PARTS:
        return [], [], [
            f"no parts are made: there would be {len(found)}, and at most {parts.MAX_PARTS} are "
            "allowed; take longer ones, or cut the text into several jobs"
        ]  # fmt: skip
    cuts = parts.cuts(found, result.speech)
    form = encode.FORMATS[request.output_format]
    stored = [
        StoredFile(
            key=keys.part(job.id, index, form.extension),
            content_type=form.content_type,
            filename=f"{job.id}-{index}.{form.extension}",
        )
        for index in range(len(found))
    ]
    paths = [job.folder / file.filename for file in stored]
    speech = result.speech
    with job.stage("parts"):
        encode.write_parts(
            paths,
            cuts,
            speech.samples,
            speech.sample_rate,
            request.output_format,
            request.sample_rate,
        )
    edges_s = [0.0, *(cut / speech.sample_rate for cut in cuts), speech.duration_ms / 1000]
    facts = [
        PartFacts(
            index=index,
            text=part.text,
            voice=part.voice,
            start_time=round(edges_s[index], 3),
            end_time=round(edges_s[index + 1], 3),
        )
        for index, part in enumerate(found)
    ]
    files = [
        RenderedFile("part", str(index), file, path)
        for index, (file, path) in enumerate(zip(stored, paths, strict=True))
    ]
    is_unmarked = kind == parts.MARK and not result.script.marks
    return files, facts, [_NO_MARKS] if is_unmarked else []
