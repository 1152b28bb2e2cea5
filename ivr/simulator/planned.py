"""Failures of the REST interface that a test plans."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PlannedFailure:
    """How one REST request is answered.

    ``http_status`` and ``code`` as Twilio's (429 with 20429: too many requests; 500 with 20500).
    ``path`` narrows it to requests whose path contains it, such as "Messages". With
    ``after_accepting`` the request is obeyed all the same; with ``lost`` it is obeyed too, but
    the connection breaks before any answer. With ``unheard`` it breaks before the request is
    obeyed. With ``unanswered`` no answer comes until the product's own time-out has passed.
    """

    http_status: int = 429
    code: int = 20429
    message: str = "Too Many Requests"
    path: str = ""
    method: str = "POST"
    after_accepting: bool = False
    lost: bool = False
    unheard: bool = False
    unanswered: bool = False

    @property
    def is_obeyed(self) -> bool:
        """Whether the request is carried out all the same."""
        return self.after_accepting or self.lost

    @property
    def has_an_answer(self) -> bool:
        """Whether the product hears anything at all."""
        return not (self.lost or self.unheard or self.unanswered)

    def fits(self, method: str, path: str) -> bool:
        return method == self.method and self.path in path
