"""Chinese numbers, which num2words does not have."""

import re

_DIGITS = "零一二三四五六七八九"
# Powers of ten within a group of four digits, and of ten thousand between groups.
_PLACES = ("", "十", "百", "千")
_SCALES = ("", "万", "亿", "万亿")
# A longer number is a code, and is read digit by digit.
_MAX_DIGITS = 16
_MOBILE = re.compile(r"1[3-9]\d{9}")
_RANGE = re.compile(r"(?<=\d)(%?)\s?[-–—~〜～]\s?(?=\d)")
_SHARE = re.compile(r"(?<![\d/.])(\d{1,3})/(\d{1,3})(?![\d/])")
_MONEY = re.compile(r"(US\$|[$€£¥￥])(\d+(?:[.,]\d+)*[万亿]?)")
_CURRENCIES = {"US$": "美元", "$": "美元", "€": "欧元", "£": "英镑", "¥": "元", "￥": "元"}
# Before a measure word "two" is 两 rather than 二.
_MEASURES = "个個位天次种種条條张張件块塊只隻本杯辆輛名"
_FIGURE = re.compile(
    r"(?P<year>[12]\d{3})(?=年)|(?P<minus>(?<![0-9A-Za-z-])[-−])?"
    r"(?P<whole>\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.(?P<fraction>\d+))?(?P<percent>[%％])?"
)


def write_out_numbers(text: str) -> str:
    """Write the numbers of a text in Chinese: 1999年 -> 一九九九年, 50% -> 百分之五十."""
    text = _SHARE.sub(r"\2分之\1", text.replace("°C", "摄氏度"))
    text = _MONEY.sub(lambda match: match[2] + _CURRENCIES[match[1]], text)
    text = _RANGE.sub(r"\1到", text)
    return _FIGURE.sub(_spoken, text)


def number(digits: str) -> str:
    """An integer: 21 -> 二十一. Telephone numbers and leading zeros are read digit by digit."""
    if (
        len(digits) > _MAX_DIGITS
        or _MOBILE.fullmatch(digits)
        or (len(digits) > 1 and digits[0] == "0")
    ):
        return _one_by_one(digits)
    groups = [digits[max(0, end - 4) : end] for end in range(len(digits), 0, -4)]
    spoken, gap = "", False
    for scale, group in reversed(list(zip(_SCALES, groups, strict=False))):
        value = int(group)
        if not value:
            gap = True
            continue
        # One 零 stands for all zeros between two digits: 10 0005 is 十万零五.
        zero = "零" if spoken and (gap or value < 1000) else ""
        spoken += zero + _under_ten_thousand(value) + scale
        gap = False
    spoken = spoken or "零"
    return spoken[1:] if spoken.startswith("一十") else spoken


def _under_ten_thousand(value: int) -> str:
    spoken, gap = "", False
    for place in range(3, -1, -1):
        digit = value // 10**place % 10
        if digit:
            spoken += ("零" if spoken and gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = not digit
    return spoken


def _one_by_one(digits: str) -> str:
    return "".join(_DIGITS[int(digit)] for digit in digits)


def _spoken(match: re.Match[str]) -> str:
    if match["year"]:
        return _one_by_one(match["year"])
    whole = match["whole"].replace(",", "")
    follows = match.string[match.end() : match.end() + 1]
    spoken = "两" if whole == "2" and follows and follows in _MEASURES else number(whole)
    if match["fraction"]:
        spoken = number(whole) + "点" + _one_by_one(match["fraction"])
    percent = "百分之" if match["percent"] else ""
    return ("负" if match["minus"] else "") + percent + spoken
