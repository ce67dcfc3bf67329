"""The code lists of documents, coding and history: how a record came to be and what stands behind it."""

from api.domain.codebook.code import Code, CodeList

VERIFICATION = CodeList(
    name="verification",
    title="Verification",
    description="What a document says about whether the account or the number has been checked.",
    codes=(
        Code(
            "not_stated",
            "Not stated",
            "A dataset's publisher gives the number and does not say how far it was checked.",
        ),
        Code("unverified", "Unverified", "The document passes it on and says nothing about a check."),
        Code("explicitly_unverified", "Explicitly unverified", "The document says that it could not be checked."),
        Code("disputed", "Disputed", "The document names somebody who denies it."),
        Code("corroborated", "Corroborated", "The document names a second, independent source for it."),
        Code(
            "confirmed",
            "Confirmed",
            "The document says that it was checked and holds, or its publisher vouches for it.",
        ),
    ),
)

CODING_STATUS = CodeList(
    name="coding_status",
    title="State of the coding",
    description="How far the coding of an event has come.",
    codes=(
        Code("draft", "Draft", "Coded in part, or not yet read through."),
        Code("coded", "Coded", "Coded in full by one coder."),
        Code("double_coded", "Double-coded", "Coded by two coders independently, and their differences settled."),
        Code("imported", "Imported", "Taken over from a published dataset as its publisher coded it."),
    ),
)

PUBLISHED_ON_BASIS = CodeList(
    name="published_on_basis",
    title="Basis of the publication date",
    description="Where a document's day of publication comes from.",
    codes=(
        Code("stated", "Stated", "The document prints its date."),
        Code("inferred", "Inferred", "The document prints no date; the record says what it was concluded from."),
    ),
)

CHANGE_ACTION = CodeList(
    name="change_action",
    title="Change",
    description="What happened to a record at one point of the history.",
    codes=(
        Code("created", "Created", "The record is new."),
        Code("updated", "Updated", "Something in the record was changed."),
        Code("deleted", "Deleted", "The record was withdrawn. Its id is never given to another record."),
        Code("merged", "Merged", "The record turned out to be the same as another, which replaces it."),
    ),
)
