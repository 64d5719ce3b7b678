#!/usr/bin/env bash
# Speaks a subtitle file on its times, and lays the speech under a video:
#   export RUNPOD_ENDPOINT=https://api.runpod.ai/v2/<endpoint id> RUNPOD_API_KEY=...
#   examples/dub.sh FILE.srt [VOICE] [VIDEO]
# It saves the audio, and with a VIDEO also <id>.mp4: its pictures with the speech (needs ffmpeg).
# OVERFLOW (shift, trim or error) says what becomes of a cue that is too long at MAX_SPEED.
set -euo pipefail
case "${1:-}" in
    -h | --help) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; exit ;;
esac
[ $# -le 3 ] || { echo "$0 takes at most 3 arguments: put one with spaces in quotes" >&2; exit 2; }
: "${RUNPOD_ENDPOINT:?the URL of the endpoint, https://api.runpod.ai/v2/<id>}"
: "${RUNPOD_API_KEY:?an API key}"
file=${1:?a subtitle file, SRT or WebVTT}
voice=${2:-default}
video=${3:-}

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

answer=$(jq -n --rawfile srt "$file" --arg voice "$voice" '{input: {
  endpoint: "dub", srt: $srt, voice: $voice, overflow: ($ENV.OVERFLOW // "shift"),
  max_speed: ($ENV.MAX_SPEED // "1.3" | tonumber)}}' | call run -d @-)
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
while read -r url; do
  saved=$(basename "${url%%\?*}")
  curl -sSfo "$saved" "$url"
  echo "$saved"
done < <(jq -r '.output | .audio_url, (.timing_files // {})[]' <<<"$state")
if [ -n "$video" ]; then
  audio=$(basename "$(jq -r '.output.audio_url | split("?")[0]' <<<"$state")")
  ffmpeg -loglevel error -y -i "$video" -i "$audio" -map 0:v -map 1:a -c:v copy -c:a aac "$id.mp4"
  echo "$id.mp4"
fi
