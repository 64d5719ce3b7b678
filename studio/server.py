"""The studio's server: one page on 127.0.0.1 that drives this worker, or an endpoint on RunPod.

It serves the page of `studio/page/`, runs jobs through `handler.handle` in this process (or sends
them to RunPod), and serves the files that a job made. All bodies are JSON but for a clip's.

An error is `{"error": {"code", "message", "details"}}` with the status 400 (`invalid_request`),
403 (`forbidden`: another host or site), 404 (`not_found`), 409 (`conflict`), 411, 413
(`too_large`), 502 (`runpod_error`) or 503 (`busy`); `message` is one sentence with the remedy, and
`details` a list of sentences. A job that fails is no error of the server: see `GET /api/jobs/{id}`.

    GET /                          the page, index.html
    GET /page/<file>               the other files of studio/page/ (flat: .js .css .svg .png .woff2)
    GET /player/<file>             player.js and player.css of timing/formats/
    GET /fonts/<file>              a font file of the worker, as `captions` names it in `font.url`

    GET /api/worker
        {"mode": "local" | "runpod", "endpoint_id": str | null,
         "version": str, "commit": str | null,            of this repository
         "engine": str | null, "device": str | null,      null for RunPod
         "clones": bool | null,                           null where it is not known (RunPod)
         "transcribes": bool | null,                      whether a clip needs no transcript
         "audio_formats": [str], "timing_formats": [str], "qualities": [str],
         "languages": [{"code", "name"}],                 English names, by name
         "presets": [str], "effects": {style: effect},
         "styles": {style: values}, "positions": [str],   values as in `captions`, in 1080x1920
         "fonts": [{"name", "bold": bool, "url"}],        those that the worker can embed
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
        be served is null there, and `output.warnings` says why. Poll it each 200 ms (RunPod: 1 s).
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
     "letter_spacing", "outline", "shadow", "box": bool, "word_box_outline",
     "colours": {"primary", "highlight", "upcoming", "past", "outline"},
     "position": {"horizontal": "left" | "center" | "right", "vertical": "top" | "middle" |
        "bottom"},
     "margins": {"left", "right", "vertical"},
     "pop": {"scale", "full_ms", "ms"},
     "cues": [{"start_ms", "end_ms", "size",
        "lines": [{"colour", "words": [{"text", "space", "start_ms", "end_ms", "word"}]}],
        "second": {"over": bool, "size", "lines": [str]} | null}],
     "warnings": [str]}

Words stand in the order of the screen, from left to right, also in Arabic and Hebrew: draw each by
itself (its own letters run as its script does). `space` is what stands before it ("" or " "),
`word` its index in `words`, `colour` the line's letters instead of `colours.primary` (voice_colours;
it is also the colour of upcoming and past words where `subtitles` names none). A word is upcoming
before start_ms, active until end_ms, past from end_ms on; start_ms = end_ms is never active.

    none       every word has the line's colour
    karaoke    before start_ms the line's colour, from end_ms on `highlight`; between, the part from
               the left to (t - start_ms) / (end_ms - start_ms) of its width is `highlight`. With
               `"sweeps": false` (a cue with right-to-left words) it changes whole at start_ms
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
