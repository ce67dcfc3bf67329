"""The request header by which a client names the revision that it has seen: no answer may be of an older one.

Where several copies of the database are read, one may be behind another by what it has not been sent yet.
"""

from __future__ import annotations

import time

from flask import request

from api.domain.errors import Fault, InvalidValue, RevisionUnavailable, refusal
from api.store.revision import is_at_least, is_token, number_of

HEADER = "Revision-At-Least"
# The header of every answer from the data that tells its revision.
REVISION = "Revision"
# How long a request waits for a revision, and when to ask again after that.
WAIT_SECONDS, _RETRY_SECONDS = 5, 5


def refuse_unreadable_revision() -> None:
    """Refuses what cannot be a revision."""
    wanted = request.headers.get(HEADER)
    if wanted is not None and not is_token(wanted):
        message = f"{HEADER} cannot be read: it takes what an answer's {REVISION} header says, such as '7-0a1b2c3d'."
        raise refusal([Fault(HEADER, message, InvalidValue)])


def suffices(token: str) -> bool:
    """Whether an answer of this revision may be given to the current request."""
    wanted = request.headers.get(HEADER)
    return wanted is None or is_at_least(token, wanted)


def refuse_unless_awaited(token: str, until: float) -> None:
    """Refuses to wait on for the wanted revision once this moment has come, or where waiting cannot bring it, since this one has its
    number or a higher one. Errors: RevisionUnavailable."""
    wanted = request.headers[HEADER]
    if number_of(token) < number_of(wanted) and time.monotonic() < until:
        return
    detail = f"The data here are of revision {token}, and not of {wanted} or a newer one. Ask again in a moment."
    raise revision_unavailable(detail)


def revision_unavailable(detail: str) -> RevisionUnavailable:
    """The refusal of what a later state of the data would answer, with when to ask again."""
    return RevisionUnavailable(detail, headers={"Retry-After": str(_RETRY_SECONDS)})
