"""Times as files of subtitles and of phonetics write them."""


def stamp(ms: int, point: str) -> str:
    """`HH:MM:SS<point>mmm`; hours grow past two digits."""
    seconds, ms = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{ms:03}"


def seconds(ms: int) -> str:
    """Seconds with three decimals."""
    return f"{ms // 1000}.{ms % 1000:03}"
