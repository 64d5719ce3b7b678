"""The studio's server: one page on 127.0.0.1 that drives this worker, or an endpoint on RunPod.

It serves the page of `studio/page/`, runs jobs through `handler.handle` in this process (or sends
them to RunPod), and serves the files that a job made. All bodies are JSON but for a clip's.

An error is `{"error": {"code", "message", "details"}}` with the status 400 (`invalid_request`),
403 (`forbidden`: another host or site), 404 (`not_found`), 409 (`conflict`), 411, 413
(`too_large`), 500 (`internal_error`), 502 (`runpod_error`) or 503 (`busy`); `message` is one
sentence with the remedy, and `details` a list of sentences. A job that fails is no error of the
server: see `GET /api/jobs/{id}`.

    GET /                          the page, index.html
    GET /page/<file>               the other files of studio/page/ (flat: .js .css .svg .png .woff2)
    GET /player/<file>             player.js, player_wave.js and player.css of timing/formats/
    GET /fonts/<file>              a font file, as `captions` names it in `font.url`; the name of a
                                   font of the worker is its bold letters of English

    GET /api/worker
        {"mode": "local" | "runpod", "endpoint_id": str | null,
         "version": str, "commit": str | null,            of this repository
         "engine": str | null, "device": str | null,      null for RunPod
         "clones": bool | null,                           null where it is not known (RunPod)
         "transcribes": bool | null,                      whether a clip needs no transcript
         "audio_formats": [str], "timing_formats": [str], "qualities": [str],
         "languages": [{"code", "name"}],                 English names, by name
         "presets": [str], "positions": [str],
         "styles": {style: values},                       as in `captions`, for 1080x1920
         "fonts": [str],                                  those that the worker can embed
         "default": {...}}                                an `input` to begin with

    POST /api/jobs {"input": {...}}                        -> 202 {"id", "status": "IN_QUEUE"}
        Any job of API.md: tts, timing, plan, list_voices, delete_voice, ... At most 1 MB. A tts job
        is to have timing_format "all", or at least "json" (for words and captions) and "ass".
    GET /api/jobs/{id}             RunPod's words for it:
        {"id", "status": "IN_QUEUE" | "IN_PROGRESS" | "COMPLETED" | "FAILED" | "CANCELLED",
         "progress": {"stage", "done", "total"} | null,    the last one
         "output": {...} | null,                           the reply; of a failed job code, message
                                                           and details (a list of sentences; that
                                                           of a wrong field begins with its name)
         "error": str | null,                              "code: sentence"
         "files": [{"kind": "audio" | "timing" | "part", "format", "name", "url", "download"}],
         "seconds": float | null}                          from its beginning to its end
        In `output` every link is a path of this server (the `url` of `files`). A link that cannot
        be served is null there, and `output.warnings` says why. Poll it each 200 ms; RunPod is
        asked once a second.
    POST /api/jobs/{id}/cancel     -> {"id", "status"}; a finished job stays as it is
    GET /api/jobs/{id}/files/<name>     the file, playable (Range); ?download=1 saves it by its name
    GET /api/jobs/{id}/words       -> {"words": [...], "segments": [...], "duration": seconds,
        "language", "method"}: as in the JSON timing file (API.md)
    POST /api/jobs/{id}/captions {"subtitles": {...}}      what a canvas draws: see below
        No job runs: the words keep their times. The same `subtitles` in a `timing` job with this
        job's id (`output.job_id`) make the files.

    GET /api/voices                the same as a job of `list_voices` -> 202 {"id", "status"}
    POST /api/voices?name=..&ref_text=..&language=..&consent=..   body: the clip, at most 100 MB
        -> 202 {"id", "status"}; its GET /api/jobs/{id} has the reply of `upload` as `output`
    DELETE /api/voices/{name}      -> 202 {"id", "status"}, as a job of `delete_voice`

    POST /api/endpoint {"endpoint_id", "api_key"}          -> the reply of GET /api/worker
        Asks RunPod whether it takes them (502 if not), and from then on drives that endpoint. The
        key stays in this process' memory. Jobs of before keep their ids and files.
    DELETE /api/endpoint           -> the reply of GET /api/worker; back to the local worker

The reply of `captions`. Lengths are pixels of a frame of `width` x `height`, times ms of the audio,
colours `#RRGGBBAA` (AA is the opacity):

    {"width", "height", "effect": "none" | "karaoke" | "active" | "box_word" | "pop" | "underline" |
        "reveal",
     "font": {"family", "url": str | null, "bold", "italic", "em", "ascent", "descent"},
        With a `url` (a font that the worker embeds) draw with that file: the CSS font size is
        `em * size`, a line is `size` high, its baseline `ascent * size` below its top (ascent +
        descent = 1). Without one the viewer's own font is meant, and the three are Arial's.
     "size", "letter_spacing", "outline", "shadow", "box": bool, "word_box_outline",
     "colours": {"primary", "highlight", "upcoming": str | null, "past": str | null, "outline"},
     "position": {"horizontal": "left" | "center" | "right", "vertical": "top" | "middle" |
        "bottom"},
     "margins": {"left", "right", "vertical"},
     "pop": {"scale", "full_ms", "ms"},
     "cues": [{"start_ms", "end_ms", "size", "sweeps": bool,
        "lines": [{"colour",
            "words": [{"text", "space", "rtl": bool, "start_ms", "end_ms", "word"}]}],
        "second": {"over": bool, "size", "rtl": bool, "lines": [str]} | null}]}

A cue's `size` is that of its letters, at most the style's. Words stand in the order of the screen,
from left to right, also in Arabic and Hebrew: draw each by itself, with the direction that `rtl`
says. `space` is what stands before it ("" or " "), `word` its index in `words`, `colour` that of
the line's letters (`colours.primary`, or one of voice_colours; it is also that of upcoming and past
words where these are null). A word is upcoming before start_ms, active until end_ms, past from
end_ms on; with start_ms = end_ms it is never active.

    none       every word has the line's colour
    karaoke    before start_ms the line's colour, from end_ms on `highlight`; between, the part from
               the left to (t - start_ms) / (end_ms - start_ms) of its width is `highlight`. In a
               cue with `"sweeps": false` (right-to-left words) it changes whole at start_ms
    active     upcoming / highlight / past
    box_word   upcoming / the line's colour / past, and while it is active a box of `highlight`
               behind it: its line's height and its width, `word_box_outline` wider on all sides
    pop        as active; for its first `ms` it is larger: `scale` for `full_ms`, then linearly to 1
    underline  as active, and underlined while it is active
    reveal     not drawn / the line's colour / past

`outline` is drawn around the letters (a stroke of 2 * outline under the fill, round joins), and
`shadow` offsets a copy in the outline's colour to the right and down. With `box` a box of
colours.outline stands behind each line, `outline` wider on all sides, and letters have no outline.
Lines are stacked without a gap; the block stands at the margins, in the middle between left and
right margin where it is centred.
"""

import asyncio
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, Response
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from studio.core import Studio
from studio.files import UNKNOWN_TYPE
from studio.guard import Guard
from studio.jobs import StudioJob
from studio.refusal import Refusal, bad_request, not_found
from timing.formats import htmlpage

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "studio" / "page"
PLAYER = ROOT / "timing" / "formats"
PLAYER_FILES = ("player.js", "player_wave.js", "player.css")
"""What of the formats' folder is for browsers."""

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
"""The files of the page that are served, by their endings."""

_SANDBOX = (
    "sandbox allow-scripts; default-src 'none'; media-src http: https:; "
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'"
)
"""For a job's HTML page: it is no part of the studio's own site, and cannot call it."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class JobBody(_Body):
    """The body of `POST /api/jobs`."""

    input: dict[str, Any]


class CaptionsBody(_Body):
    """The body of `POST /api/jobs/{id}/captions`."""

    subtitles: dict[str, Any] = {}


class EndpointBody(_Body):
    """The body of `POST /api/endpoint`."""

    endpoint_id: str
    api_key: str


def create_app(studio: Studio, page: Path = PAGE) -> FastAPI:
    """The application.

    page: the folder with index.html and what it needs.
    """
    app = FastAPI(title="studio", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Guard)
    _add_errors(app)
    _add_page(app, studio, page)
    _add_worker(app, studio)
    _add_jobs(app, studio)
    _add_results(app, studio)
    _add_voices(app, studio)
    return app


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(Refusal)
    def refuse(request: Request, refusal: Refusal) -> JSONResponse:
        return JSONResponse(refusal.body(), refusal.status)

    @app.exception_handler(RequestValidationError)
    def refuse_invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        faults = [_fault(one) for one in error.errors()]
        return refuse(request, Refusal(400, "invalid_request", "; ".join(faults), faults))

    @app.exception_handler(HTTPException)
    def refuse_route(request: Request, error: HTTPException) -> JSONResponse:
        known = {404: "there is nothing at this path", 405: "this path takes another method"}
        sentence = known.get(error.status_code, str(error.detail))
        code = "not_found" if error.status_code == 404 else "invalid_request"
        return refuse(request, Refusal(error.status_code, code, sentence))

    # For what nobody foresaw: the server logs the traceback after this answer.
    @app.exception_handler(500)
    def tell(request: Request, error: Exception) -> JSONResponse:
        sentence = "the studio failed; its terminal shows why: report these lines"
        return refuse(request, Refusal(500, "internal_error", sentence))


def _fault(error: Any) -> str:
    """A fault of a body: its field, what is wrong, but never the value, which may be a key."""
    names = [str(part) for part in error["loc"] if part not in ("body", "query", "path")]
    if error["type"] == "json_invalid":
        return "the body is no JSON; send one object"
    field = ".".join(names) or "the body"
    known = {"missing": "is required", "extra_forbidden": "is no known field"}
    return f"{field} {known.get(error['type'], 'is not valid: ' + error['msg'])}"


def _add_page(app: FastAPI, studio: Studio, page: Path) -> None:
    @app.get("/")
    def index() -> Response:
        return _served(page, "index.html")

    @app.get("/page/{name}")
    def of_page(name: str) -> Response:
        return _served(page, name)

    @app.get("/player/{name}")
    def of_player(name: str) -> Response:
        if name not in PLAYER_FILES:
            raise not_found(f"the player has no such file; it has {', '.join(PLAYER_FILES)}")
        return _served(PLAYER, name)

    @app.get("/fonts/{name}")
    def font(name: str) -> Response:
        # Its name is its hash.
        headers = {"cache-control": "private, max-age=86400, immutable"}
        return Response(studio.font(name), media_type="font/ttf", headers=headers)


def _served(folder: Path, name: str) -> Response:
    """A file of a folder. Raises Refusal for another name than one of its own files."""
    path = folder / name
    kind = _TYPES.get(path.suffix)
    if kind is None or name not in {entry.name for entry in folder.glob("*") if entry.is_file()}:
        raise not_found("the page has no such file")
    return FileResponse(path, media_type=kind)


def _add_worker(app: FastAPI, studio: Studio) -> None:
    @app.get("/api/worker")
    def worker() -> dict[str, Any]:
        return studio.describe()

    @app.post("/api/endpoint")
    def connect(body: EndpointBody) -> dict[str, Any]:
        studio.connect(body.endpoint_id, body.api_key)
        return studio.describe()

    @app.delete("/api/endpoint")
    def disconnect() -> dict[str, Any]:
        studio.disconnect()
        return studio.describe()


def _add_jobs(app: FastAPI, studio: Studio) -> None:
    @app.post("/api/jobs", status_code=202)
    def submit(body: JobBody) -> dict[str, Any]:
        return _begun(studio.submit(body.input))

    @app.get("/api/jobs/{job_id}")
    def state(job_id: str) -> dict[str, Any]:
        return studio.job(job_id).body()

    @app.post("/api/jobs/{job_id}/cancel")
    def cancel(job_id: str) -> dict[str, Any]:
        return _begun(studio.cancel(job_id))


def _begun(job: StudioJob) -> dict[str, Any]:
    return {"id": job.id, "status": job.status}


def _add_results(app: FastAPI, studio: Studio) -> None:
    @app.get("/api/jobs/{job_id}/files/{name}")
    def file(job_id: str, name: str, download: int = 0) -> Response:
        found, path = studio.file(job_id, name)
        if found.format == "html" and not download:
            link = studio.audio_of_page(job_id)
            content = path.read_bytes()
            return Response(
                htmlpage.with_link(content, link) if link else content,
                media_type="text/html; charset=utf-8",
                headers={"content-security-policy": _SANDBOX},
            )
        is_known = found.content_type != UNKNOWN_TYPE
        how = "inline" if is_known and not download and found.format != "html" else "attachment"
        return FileResponse(
            path, media_type=found.content_type, filename=name, content_disposition_type=how
        )

    @app.get("/api/jobs/{job_id}/words")
    def words(job_id: str) -> dict[str, Any]:
        times = studio.words(job_id)
        return {
            "words": times.get("words", []),
            "segments": times.get("segments", []),
            "duration": times.get("total_duration"),
            "language": times.get("language"),
            "method": times.get("method"),
        }

    @app.post("/api/jobs/{job_id}/captions")
    def captions(job_id: str, body: CaptionsBody) -> dict[str, Any]:
        return studio.captions(job_id, body.subtitles)


def _add_voices(app: FastAPI, studio: Studio) -> None:
    @app.get("/api/voices", status_code=202)
    def voices() -> dict[str, Any]:
        return _begun(studio.submit({"endpoint": "list_voices"}))

    @app.post("/api/voices", status_code=202)
    async def upload(
        request: Request,
        name: str,
        ref_text: str | None = None,
        language: str | None = None,
        consent: str | None = None,
    ) -> dict[str, Any]:
        given = {"ref_text": ref_text, "language": language, "consent": consent}
        fields = {key: value for key, value in given.items() if value}
        clip = await _received(request, studio)
        begin = studio.upload
        return _begun(await run_in_threadpool(begin, clip, {"voice_name": name, **fields}))

    @app.delete("/api/voices/{name:path}", status_code=202)
    def delete(name: str) -> dict[str, Any]:
        return _begun(studio.submit({"endpoint": "delete_voice", "voice_name": name}))


async def _received(request: Request, studio: Studio) -> Path:
    """The body of a request as a file. Raises Refusal if there is none."""
    clip = studio.clip_path()
    with ExitStack() as failed:
        failed.callback(clip.unlink, missing_ok=True)
        try:
            with clip.open("wb") as file:
                async for part in request.stream():
                    await asyncio.to_thread(file.write, part)
        except ClientDisconnect:
            raise bad_request("the upload was broken off; send the clip again") from None
        if not clip.stat().st_size:
            raise bad_request("the body is empty; send the bytes of the clip")
        failed.pop_all()
    return clip
