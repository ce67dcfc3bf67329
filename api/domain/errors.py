"""Everything a request can be refused for, each error with its HTTP status and title."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

# How alike two words are, 0 to 1: letters that are wrong, missing, too many or in the place of their neighbour tell against
# it. Of what is less alike than this, a suggestion would be a guess: one letter of three may be wrong, as in `MMX`.
likeness = DamerauLevenshtein.normalized_similarity
CLOSE_ENOUGH = 0.65
# How many wrong values of one parameter an error tells.
MOST_TOLD = 10
# How much of a message is told, which says what was asked.
_MOST_CHARACTERS = 2_000
# How many allowed values an error lists before it sends the reader to the description.
MOST_LISTED = 60
# For how many of them what is close to them is looked for, which costs more than all else that a refusal says.
MOST_SUGGESTED = 3
# How many faults of all parameters one answer tells; how many more there are it only counts.
MOST_FAULTS = 20


def nearest(written: str, known: Iterable[str], most: int = 1) -> list[str]:
    """The known words closest to what was written, best first; none where nothing is close."""
    found = process.extract(written, list(known), scorer=likeness, limit=most, score_cutoff=CLOSE_ENOUGH)
    return [match for match, _score, _index in found]


def suggestion(meant: str | None) -> str:
    """What a message ends with where something close to what was written is known; nothing else."""
    return "" if meant is None else f" Did you mean '{meant}'?"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with one parameter, and what would be right."""

    parameter: str
    message: str
    problem: type[Problem]
    did_you_mean: str | None = None
    allowed: Sequence[str] = ()
    candidates: Sequence[Mapping[str, str | None]] = ()
    # The one of several values that is wrong, where they are told apart; pages put another in its place.
    value: str | None = None

    def body(self) -> dict[str, object]:
        """The fault as one entry of a problem's `errors`."""
        found: dict[str, object] = {"parameter": _shortened(self.parameter), "message": _shortened(self.message)}
        if self.did_you_mean is not None:
            found["did_you_mean"] = self.did_you_mean
        if self.allowed:
            found["allowed"] = list(self.allowed[:MOST_LISTED])
            if len(self.allowed) > MOST_LISTED:
                found["allowed_total"] = len(self.allowed)
        if self.candidates:
            found["candidates"] = [dict(candidate) for candidate in self.candidates]
        return found


class Problem(Exception):
    """Something that ends a request with an answer of its own."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Internal error"
    meaning: ClassVar[str] = "Something failed on our side. The answer carries an id; the log has the rest."
    # What to do about it; its page says so.
    remedy: ClassVar[str] = "Ask again. If it stays, give the operator of the service the id in `instance`."

    def __init__(
        self,
        detail: str,
        *,
        faults: Sequence[Fault] = (),
        extra: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = tuple(faults)
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})


class UnknownParameter(Problem):
    status, slug, title = 400, "unknown-parameter", "Unknown parameter"
    meaning = "The address has a parameter that this resource does not know. It was refused rather than ignored."
    remedy = (
        "Take the name that `did_you_mean` suggests, or one of those in `allowed`. The manual at `/docs/` lists what "
        "each address takes."
    )


class RepeatedParameter(Problem):
    status, slug, title = 400, "repeated-parameter", "Parameter given twice"
    meaning = "A parameter that takes one value is given twice."
    remedy = "Give it once. Only lists may be given several times, as in `type=battles&type=riots`."


class InvalidValue(Problem):
    status, slug, title = 400, "invalid-value", "Invalid value"
    meaning = (
        "A parameter has a value that it cannot have: empty, of the wrong form, out of range, or not a known code."
    )
    remedy = "Read `message`: it says what the value should be. Where a parameter takes codes, `allowed` lists them."


class UnknownName(Problem):
    status, slug, title = 400, "unknown-name", "Unknown name"
    meaning = "A parameter names a group, place, event, document or dataset that is not here."
    remedy = "Look at `candidates` for what was perhaps meant, or search the lists with `q`."


class AmbiguousName(Problem):
    status, slug, title = 400, "ambiguous-name", "Ambiguous name"
    meaning = "Several records answer to that name. Use the id of the one that is meant; the candidates are listed."
    remedy = "Write the id of the one that is meant in place of its name, or narrow with `country` or `dataset`."


class ParametersDisagree(Problem):
    status, slug, title = 400, "parameters-disagree", "Parameters do not go together"
    meaning = "Two parameters contradict each other, or one needs another that is missing."
    remedy = "Read `message`: it names both parameters. Leave one out, or add the one that is missing."


class InvalidBody(Problem):
    status, slug, title = 400, "invalid-body", "Invalid body"
    meaning = "What was posted is no JSON object of parameters."
    remedy = 'Post an object such as `{"country": ["MMR"], "limit": 10}`, in UTF-8.'


class UnknownHost(Problem):
    status, slug, title = 400, "unknown-host", "Unknown host"
    meaning = "The Host header is missing, stands twice, or names a host that this service is not known to be."
    remedy = (
        "Ask under the address that the operator tells. An operator names it in `CONFLICT_EVENTS_PUBLIC_URLS`, and has "
        "the proxy pass on the Host header of its client."
    )


class NotForRedistribution(Problem):
    status, slug, title = 403, "not-for-redistribution", "Not for redistribution"
    meaning = "The dataset is marked as not for redistribution, by its terms or since these were not checked, so there is no snapshot of it."
    remedy = "Take it from its publisher, whom `/v1/datasets` names. What it says can be asked here."


class NotFound(Problem):
    status, slug, title = 404, "not-found", "Not found"
    meaning = "There is nothing at this address. Near matches are listed where there are any."
    remedy = "Check the address, and look at `near` for ids that are close. The manual at `/docs/` lists every address."


class MethodNotAllowed(Problem):
    status, slug, title = 405, "method-not-allowed", "Method not allowed"
    meaning = "The service is read-only: GET, HEAD and OPTIONS are answered, and POST where the path ends in `/query`."
    remedy = "Ask with GET, or post the question to the list's path with `/query` behind it. `Allow` in the answer names the methods that this address takes."


class NotAcceptable(Problem):
    status, slug, title = 406, "not-acceptable", "Not acceptable"
    meaning = "The Accept header names no format that this address has."
    remedy = "Leave the Accept header out, or name one of the media types that `detail` lists."


class BodyTooSlow(Problem):
    status, slug, title = 408, "body-too-slow", "Body too slow"
    meaning = "What was posted did not come whole within 30 seconds, and is waited for no longer."
    remedy = "Send it again, all at once; over a slow line, in several shorter requests."


class Withdrawn(Problem):
    status, slug, title = 410, "withdrawn", "Withdrawn"
    meaning = "The record was here and was withdrawn. Its tombstone says when and why; its id is never given to another record."
    remedy = "Where `tombstone` has `replaced_by`, use that record. Otherwise do not use the old one any more."


class BodyTooLong(Problem):
    status, slug, title = 413, "body-too-long", "Body too long"
    meaning = "The body is over 1,000,000 bytes."
    remedy = "Ask in several requests, with fewer values in each."


class AddressTooLong(Problem):
    status, slug, title = 414, "address-too-long", "Address too long"
    meaning = "The address is over 8,192 bytes."
    remedy = "Post the question as JSON to the same path with `/query` behind it, or ask in several requests."


class UnsupportedMediaType(Problem):
    status, slug, title = 415, "unsupported-media-type", "Unsupported media type"
    meaning = "A question is posted as JSON, and this body is told to be something else."
    remedy = "Send the header `Content-Type: application/json`."


class RangeNotSatisfiable(Problem):
    status, slug, title = 416, "range-not-satisfiable", "Range not satisfiable"
    meaning = "The Range header asks for a part that the file does not have, or for several at once."
    remedy = "Ask for one part of the file, `bytes=0-999`. `Content-Range` in the answer says how long the file is."


class TooManyRequests(Problem):
    status, slug, title = 429, "too-many-requests", "Too many requests"
    meaning = "This client address has asked more often than the operator allows. Retry-After says when to ask again."
    remedy = (
        "Wait for as many seconds as `Retry-After` says. One file of a whole list saves many requests for its pages."
    )


class DatabaseUnavailable(Problem):
    status, slug, title = 503, "database-away", "Database away"
    meaning = "The database does not answer, or it is not migrated. Retry-After says when to ask again."
    remedy = (
        "Wait for as many seconds as `Retry-After` says. An operator finds the reason in the log; "
        "`conflict-events migrate` brings the schema up to date."
    )


class ReadingCopyUnavailable(Problem):
    status, slug, title = 503, "reading-copy-away", "Reading copy away"
    meaning = "The data has changed, and what questions are answered from is still being made. Retry-After says when to ask again."
    remedy = "Wait for as many seconds as `Retry-After` says. One record by its id is answered meanwhile."


class RevisionUnavailable(Problem):
    status, slug, title = 503, "revision-away", "Revision not here yet"
    meaning = (
        "The data that answered are older than the revision that `Revision-At-Least` asks for, or than the cursor that `since` "
        "gives: a copy of the database has not got it yet. Retry-After says when to ask again."
    )
    remedy = (
        "Wait for as many seconds as `Retry-After` says. If it stays, that revision was lost, or is of another service: leave "
        "`Revision-At-Least` or `since` out, and take the `Revision` or the `cursor` of the answer."
    )


class Busy(Problem):
    status, slug, title = 503, "busy", "Too many at once"
    meaning = "As many requests of this kind as the service works on at once are being worked on. Retry-After says when to ask again."
    remedy = "Wait for as many seconds as `Retry-After` says, and ask for one thing after the other."


class TooMuchWork(Problem):
    status, slug, title = 503, "too-dear", "Too much work"
    meaning = (
        "The answer takes more time or memory than one request may, waiting for a busy machine included; `detail` says what it"
        " was ended at."
    )
    remedy = (
        "Ask for less at a time: a shorter period, fewer values, dimensions or facets. Where a small question ends so, the"
        " machine is overloaded: ask again later."
    )


class ChunksNeeded(Problem):
    status, slug, title = 505, "chunks-needed", "Newer protocol needed"
    meaning = (
        "The answer is too long to be measured first, and was asked for over HTTP/1.0, where a cut would not show."
    )
    remedy = "Ask over HTTP/1.1. An operator has nginx do so with `proxy_http_version 1.1;`."


class InternalError(Problem):
    pass


# Each kind that is declared above, in that order: each has a page, and its statuses stand in the description.
PROBLEMS: tuple[type[Problem], ...] = tuple(Problem.__subclasses__())


def _shortened(text: str) -> str:
    """A text without its middle, where it is long because what was asked is: bodies are a thousand times longer than addresses."""
    half = _MOST_CHARACTERS // 2
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:half]} … {text[-half:]}"


def refusal(faults: Sequence[Fault]) -> Problem:
    """The problem that tells these faults, the first of many; its class is the first fault's."""
    told = faults[:MOST_FAULTS]
    detail = " ".join(_shortened(fault.message) for fault in told)
    if len(faults) > len(told):
        detail += f" {len(faults) - len(told):,} more things are wrong."
    return faults[0].problem(detail, faults=told)
