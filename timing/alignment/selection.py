"""Which aligners a job may use, and in which order they are asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Final

from errors import WorkerError
from timing.aligners import ALIGNERS
from timing.alignment.aligner import Aligner
from timing.token_times import ESTIMATE

AUTO: Final = "auto"
METHODS = (AUTO, *ALIGNERS, ESTIMATE)
"""What a client may ask for. AUTO asks the aligners one after the other, in this order."""


class TimingUnavailable(WorkerError):
    """A method was asked for by name that this worker does not have, or not for the language."""

    code: ClassVar[str] = "timing_unavailable"

    def __init__(self, method: str, language: str, available: Iterable[str]) -> None:
        names = ", ".join([AUTO, *available, ESTIMATE])
        super().__init__(
            f"this worker cannot time language '{language}' with '{method}'; it can with {names}"
        )


@dataclass(frozen=True)
class AlignerChain:
    """The aligners that a job may use.

    aligners: by name, in the order in which they are asked.
    language: ISO 639-1; all of them know it.
    is_auto: true if the client left the choice to the worker.
    others: those that do not know the language, and may be asked for passages of another one.
    """

    aligners: Mapping[str, Aligner]
    language: str
    is_auto: bool = True
    others: Mapping[str, Aligner] = field(default_factory=dict)

    def for_language(self, language: str) -> Mapping[str, Aligner]:
        """Those that know a language (ISO 639-1), in the order in which they are asked."""
        every = {**self.aligners, **self.others}
        return {
            name: every[name]
            for name in sorted(every, key=METHODS.index)
            if language in every[name].languages
        }

    @property
    def local(self) -> "AlignerChain":
        """The same chain without services."""
        local, others = (
            {name: one for name, one in aligners.items() if one.service is None}
            for aligners in (self.aligners, self.others)
        )
        return replace(self, aligners=local, others=others)

    @property
    def services(self) -> list[str]:
        """The names of the services, which are asked for what no local aligner can place."""
        return [name for name, aligner in self.aligners.items() if aligner.service]

    @property
    def max_window_ms(self) -> int:
        """The longest window that one of the aligners takes; 0 without any."""
        return max((aligner.max_window_ms for aligner in self.aligners.values()), default=0)


def select_aligners(method: str, aligners: Mapping[str, Aligner], language: str) -> AlignerChain:
    """The aligners that `method` stands for; none for the method `estimate`.

    method: one of METHODS.
    aligners: those that this worker built, by name.
    language: ISO 639-1.

    Raises `TimingUnavailable` if `method` names an aligner that is missing or lacks the language.
    """
    built = {name: aligners[name] for name in METHODS if name in aligners}
    usable = {name: one for name, one in built.items() if language in one.languages}
    if method == AUTO:
        allowed = {
            name: aligner
            for name, aligner in built.items()
            if aligner.service is None or aligner.service.allowed_in_auto
        }
        chosen = {name: one for name, one in allowed.items() if name in usable}
        others = {name: one for name, one in allowed.items() if name not in usable}
        return AlignerChain(chosen, language, others=others)
    if method == ESTIMATE:
        return AlignerChain({}, language, is_auto=False)
    if method not in usable:
        raise TimingUnavailable(method, language, usable)
    return AlignerChain({method: usable[method]}, language, is_auto=False)


def check_method(method: str, aligners: Mapping[str, Aligner], language: str) -> None:
    """Raise `TimingUnavailable` where `select_aligners` would, before anything is spoken."""
    select_aligners(method, aligners, language)
