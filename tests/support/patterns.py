"""Every regular expression of the source tree, how it is used, and texts that may slow it down."""

import ast
import importlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import permutations, product
from pathlib import Path
from re import _constants as c  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

import regex

from tts.text.multilingual.languages import RULED, load
from tts.text.multilingual.rules import grammar

_PACKAGES = ("tts", "timing", "jobs", "storage", "worker", "studio")
_METHODS = ("search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer")
_FROM_DATA = ("tts/text/multilingual/languages.py", "tts/text/multilingual/rules.py")
"""Their functions compile the patterns of the languages' files, which `_rules_of_languages` has."""
_PATTERN = (re.Pattern, regex.Pattern)
_MANY = 30
"""A repetition of fewer is no loop over the text."""
_CATEGORIES = {c.CATEGORY_DIGIT: "7", c.CATEGORY_SPACE: " ", c.CATEGORY_WORD: "a7"}
_OTHERS = "a7A .-é字\n!"
"""One of these stands for a class that is given by what it lacks."""


@dataclass(frozen=True)
class Use:
    """A pattern, and a method that the code calls on it: `search`, `match`, `fullmatch`, `sub`.

    `sub` stands for all methods that go on after a match.
    """

    where: str
    pattern: Any
    method: str

    def run(self, text: str) -> None:
        """Do to a text what the code does."""
        given: str | bytes = text.encode() if isinstance(self.pattern.pattern, bytes) else text
        arguments = (given[:0], given) if self.method == "sub" else (given,)
        getattr(self.pattern, self.method)(*arguments)


def all_uses() -> list[Use]:
    """The uses of all patterns. Raises LookupError for one whose pattern cannot be found out."""
    files = [path for name in _PACKAGES for path in sorted(Path(name).rglob("*.py"))]
    trees = {path: ast.parse(path.read_text()) for path in files}
    trees = {path: tree for path, tree in trees.items() if _imports_patterns(tree)}
    modules = {
        path: importlib.import_module(".".join(path.with_suffix("").parts)) for path in trees
    }
    called = {path: _called_methods(tree) for path, tree in trees.items()}
    uses = [use for path, tree in trees.items() for use in _direct_uses(path, tree, modules[path])]
    unused: list[Use] = []
    for path, module in modules.items():
        for name, value in vars(module).items():
            scopes = [called[path]] if name.startswith("_") else called.values()
            methods = {method for scope in scopes for method in scope.get(name, ())}
            for pattern, is_rule in _patterns_in(value):
                where = f"{path}: {name}"
                known = {"fullmatch"} if is_rule else methods
                uses += [Use(where, pattern, method) for method in known]
                unused += [] if known else [Use(where, pattern, "sub")]
    uses += _rules_of_languages()
    used = {use.pattern for use in uses}
    # A pattern that no name leads to may be used in any way.
    uses += [use for use in unused if use.pattern not in used]
    return list({(use.pattern, use.method): use for use in uses}.values())


def _rules_of_languages() -> Iterator[Use]:
    """The rules in the files of languages; those that all languages share once."""
    shared = len(load("xx").rules)
    for tag in sorted(RULED):
        own = grammar(tag).rules if tag == "de" else grammar(tag).rules[:-shared]
        for rule in own:
            yield Use(f"{tag}: {rule.pattern.pattern}", rule.pattern, "match")


def texts(pattern: Any) -> Iterator[tuple[str, str, str]]:
    """What may slow a pattern down: a beginning, a sign to repeat, and an end."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode()
    common = "7aA .,-'/<[({\"&@$°½\n=+:"
    frequent = [sign for sign in common if sign in source or sign in "7aA "][:8]
    pairs = ["".join(pair) for pair in permutations(frequent, 2)]
    yield from product(("", "a\n"), [*dict.fromkeys(common + source[:100]), *pairs], ("☃",))
    yield from product(("", "a\n"), " \t", ("\nb",))
    if isinstance(pattern, re.Pattern):
        for before, unit in _loops(_parser.parse(source, pattern.flags & ~re.UNICODE), ""):
            yield from product((before,), (unit,), ("", "☃", "7"))
            yield "", before + unit, "☃"


def _imports_patterns(tree: ast.Module) -> bool:
    names = {
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }
    return bool(names & {"re", "regex"})


def _called_methods(tree: ast.Module) -> dict[str, set[str]]:
    """The methods that a file calls on patterns, by the name of the pattern."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in _METHODS:
            owner = node.value
            name = getattr(owner, "attr", getattr(owner, "id", ""))
            goes_on = node.attr not in ("search", "match", "fullmatch")
            found.setdefault(name, set()).add("sub" if goes_on else node.attr)
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.comprehension) and isinstance(node.iter, ast.Name):
            names = {name.id for name in ast.walk(node.target) if isinstance(name, ast.Name)}
            looped = set[str]().union(*(found.get(name, ()) for name in names))
            found.setdefault(node.iter.id, set()).update(looped)
    return found


def _direct_uses(path: Path, tree: ast.Module, module: ModuleType) -> Iterator[Use]:
    """The calls of `re.sub`, `re.search` and so on, and patterns that functions compile."""
    for scope in ast.walk(tree) if path.as_posix() not in _FROM_DATA else ():
        if not isinstance(scope, ast.FunctionDef):
            continue
        names = dict(vars(module))
        for node in ast.walk(scope):
            if isinstance(node, ast.Assign) and isinstance(
                node.value, ast.Constant | ast.JoinedStr
            ):
                names |= {
                    target.id: _value(node.value, names)
                    for target in node.targets
                    if isinstance(target, ast.Name)
                }
        for node in ast.walk(scope):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            owner, method = node.func.value, node.func.attr
            if not isinstance(owner, ast.Name) or owner.id not in ("re", "regex"):
                continue
            if method not in (*_METHODS, "compile"):
                continue
            where = f"{path}:{node.lineno}"
            # Escaped text has no repetition.
            if "escape" in ast.unparse(node.args[0]):
                continue
            source = _value(node.args[0], names)
            if source is None:
                raise LookupError(f"{where}: make the pattern a constant, so that it can be tested")
            goes_on = method not in ("search", "match", "fullmatch")
            flags = re.I if "re.I" in ast.unparse(node) else 0
            compiled = {"re": re.compile, "regex": regex.compile}[owner.id](source, flags)
            yield Use(where, compiled, "sub" if goes_on else method)


def _value(node: ast.expr, names: dict[str, Any]) -> Any:
    """The value of an expression; None if it depends on arguments."""
    try:
        return eval(compile(ast.Expression(node), "<pattern>", "eval"), names)
    except NameError:
        return None


def _patterns_in(value: object, is_rule: bool = False) -> Iterator[tuple[Any, bool]]:
    """The patterns in a value, and whether each belongs to a rule of whole words."""
    if isinstance(value, _PATTERN):
        yield value, is_rule
    elif isinstance(value, tuple | list):
        has_reading = len(value) == 2 and callable(value[1])
        for item in value:
            yield from _patterns_in(item, has_reading)


@cache
def _members(items: tuple[Any, ...]) -> str:
    """Some characters of a class."""
    if items and items[0][0] is c.NEGATE:
        lacking = set(_members(items[1:]))
        return "".join(sign for sign in _OTHERS if sign not in lacking)[:2]
    found = ""
    for kind, value in items:
        if kind is c.LITERAL:
            found += chr(value)
        elif kind is c.RANGE:
            found += chr(value[0])
        elif kind is c.CATEGORY:
            found += _CATEGORIES.get(value, "!a7")
    return found


def _signs(node: tuple[Any, Any]) -> str:
    """Some characters that a node of one character matches; nothing for other nodes."""
    kind, value = node
    if kind is c.LITERAL:
        return chr(value)
    if kind is c.IN:
        return _members(tuple(value))
    return "a" if kind in (c.ANY, c.NOT_LITERAL) else ""


def _inner(node: tuple[Any, Any]) -> list[Any]:
    """The alternatives of a node: each is a list of nodes."""
    kind, value = node
    if kind in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT):
        return [value[2]]
    if kind is c.SUBPATTERN:
        return [value[3]]
    if kind is c.BRANCH:
        return list(value[1])
    if kind is c.ATOMIC_GROUP:
        return [value]
    return [value[1]] if kind is c.ASSERT else []


def _example(nodes: Iterable[Any]) -> str:
    """A short text that the nodes match, or nearly."""
    text = ""
    for node in nodes:
        kind, value = node
        inner = _inner(node)
        is_loop = kind in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT)
        times = min(value[0], _MANY) if is_loop else 1
        if kind is c.ASSERT and value[0] > 0:
            continue
        if kind is c.ASSERT and text:
            continue
        text += (_signs(node)[:1] or (_example(inner[0]) if inner else "")) * times
    return text


def _loops(nodes: Iterable[Any], before: str) -> Iterator[tuple[str, str]]:
    """For each repetition: a text that leads to it, and what it repeats."""
    done: list[Any] = []
    for node in nodes:
        lead = before + _example(done)
        kind, value = node
        is_loop = kind in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT)
        if is_loop and value[1] >= _MANY:
            body = list(value[2])
            alone = _signs(body[0]) if len(body) == 1 else ""
            yield from ((lead, sign) for sign in alone[:6])
            if not alone:
                yield lead, _example(body)
        for inner in _inner(node):
            yield from _loops(inner, lead)
        done.append(node)
