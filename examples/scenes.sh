#!/usr/bin/env bash
# Makes a video of pictures that change at the marks of a script:
#   FORMATS=ffconcat examples/speak.sh "Two animals. [mark:cat] A cat. [mark:dog] And a dog."
#   examples/scenes.sh NAME [FOLDER]    NAME.wav and NAME.ffconcat as speak.sh saves them; FOLDER has a
#                                       picture for each mark (cat.png, dog.png), all of one size, and
#                                       start.png for what is said before the first mark
set -euo pipefail
case "${1:-}" in
    -h | --help) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; exit ;;
esac
[ $# -le 2 ] || { echo "$0 takes at most 2 arguments: put one with spaces in quotes" >&2; exit 2; }
name=${1:?the name of the files without their extension}
folder=${2:-.}
seconds=$(ffprobe -loglevel error -show_entries format=duration -of default=nw=1:nk=1 "$name.wav")
# The names of the pictures in a list are relative to the list.
list=$folder/.$(basename "$name").ffconcat
cp "$name.ffconcat" "$list"
trap 'rm -f "$list"' EXIT
ffmpeg -loglevel error -y -f concat -i "$list" -i "$name.wav" -vf fps=25,format=yuv420p \
  -c:v libx264 -c:a aac -t "$seconds" "$name.mp4"
echo "$name.mp4"
