#!/usr/bin/env bash
# Makes two vertical videos of a job's files: captions burnt in, and captions that can be switched off.
#   examples/caption.sh NAME [PICTURE]      NAME.wav, NAME.ass and NAME.srt as speak.sh saves them
set -euo pipefail
case "${1:-}" in
    -h | --help) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; exit ;;
esac
[ $# -le 2 ] || { echo "$0 takes at most 2 arguments: put one with spaces in quotes" >&2; exit 2; }
name=${1:?the name of the files without their extension}
picture=${2:-}
if [ -n "$picture" ]; then
  still=(-loop 1 -framerate 25 -i "$picture")
else
  still=(-f lavfi -i color=c=0x203040:s=1080x1920:r=25)
fi
frame=scale=1080:1920:force_original_aspect_ratio=increase,crop=1080:1920
# In a filter a path needs escaping: the file is named from its own folder.
cd "$(dirname "$name")"
name=$(basename "$name")
seconds=$(ffprobe -loglevel error -show_entries format=duration -of default=nw=1:nk=1 "$name.wav")
ffmpeg -loglevel error -y "${still[@]}" -i "$name.wav" -vf "$frame,ass=$name.ass" \
  -c:v libx264 -pix_fmt yuv420p -c:a aac -t "$seconds" "$name-burnt.mp4"
ffmpeg -loglevel error -y "${still[@]}" -i "$name.wav" -i "$name.srt" -vf "$frame" \
  -map 0:v -map 1:a -map 2:s -c:v libx264 -pix_fmt yuv420p -c:a aac -c:s mov_text \
  -metadata:s:s:0 language=eng -t "$seconds" "$name-soft.mp4"
echo "$name-burnt.mp4"
echo "$name-soft.mp4"
