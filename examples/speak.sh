#!/usr/bin/env bash
# Speaks a text: sends the job, shows its progress, downloads its files into the current folder.
#   export RUNPOD_ENDPOINT=https://api.runpod.ai/v2/<endpoint id> RUNPOD_API_KEY=...
#   examples/speak.sh "Hello there." [VOICE]
# FORMATS says which timing files: srt,ass or the like; all without it.
set -euo pipefail
case "${1:-}" in
    -h | --help) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; exit ;;
esac
[ $# -le 2 ] || { echo "$0 takes at most 2 arguments: put one with spaces in quotes" >&2; exit 2; }
: "${RUNPOD_ENDPOINT:?the URL of the endpoint, https://api.runpod.ai/v2/<id>}"
: "${RUNPOD_API_KEY:?an API key}"
text=${1:?the text}
voice=${2:-default}

# Prints the answer. If the service refuses, its own sentence goes to stderr.
call() {
  local answer
  answer=$(curl -sS --fail-with-body "$RUNPOD_ENDPOINT/$1" -H "Authorization: Bearer $RUNPOD_API_KEY" \
    -H 'Content-Type: application/json' "${@:2}") || {
    echo "$answer" >&2
    return 1
  }
  echo "$answer"
}

job=$(jq -n --arg text "$text" --arg voice "$voice" '{input: {
  text: $text, voice: $voice, return_word_timings: true, timing_format: ($ENV.FORMATS // "all"),
  subtitles: {preset: "karaoke"}}}')
answer=$(call run -d "$job")
id=$(jq -r .id <<<"$answer")
shown=
while :; do
  state=$(call "status/$id")
  case $(jq -r .status <<<"$state") in
    COMPLETED) break ;;
    FAILED | CANCELLED | TIMED_OUT)
      jq -r '.error // .status' <<<"$state" >&2
      exit 1
      ;;
  esac
  now=$(jq -r '.status as $status | .output
    | if .stage? then "\(.stage) \(.done)/\(.total)" else $status end' <<<"$state")
  [ "$now" = "$shown" ] || echo "$now" >&2
  shown=$now
  sleep "${POLL_S:-1}"
done
jq -r '.output | .warnings[], (.timing_error // empty)' <<<"$state" >&2
jq -r '.output | .audio_url, (.timing_files // {})[]' <<<"$state" | while read -r url; do
  file=$(basename "${url%%\?*}")
  curl -sSfo "$file" "$url"
  echo "$file"
done
