"""The pages that tests and pictures look at: one of each kind, over the shipped corpus."""

from __future__ import annotations

EVENT = "/v1/events/kawlin-town-captured-2023-11-06"
ROW = "/v1/casualties?dataset=op1027&measure=killed&unit=person&group_by=population&row=state_forces"
PAGES = (
    "/v1/events",
    "/v1/events?location=Chin&type=riots",
    EVENT,
    "/v1/events/operation-1027",
    "/v1/events/battle-of-kawlin-2023/matches",
    "/v1/comparisons?location=Kawlin",
    "/v1/casualties",
    ROW,
    "/v1/displacements.html",
    "/v1/figures/myanmar-displaced-since-2023-10-26",
    "/v1/casualties/totals?group_by=month,claimant",
    "/v1/events/totals?group_by=week,state_or_region",
    "/v1/groups?limit=20",
    "/v1/groups/arakan-army",
    "/v1/locations?level=state_or_region",
    "/v1/locations/mmr005",
    "/v1/documents",
    "/v1/documents/004_84814d1eef1d8517",
    "/v1/datasets",
    "/v1/datasets/op1027",
    "/v1/changes?dataset=op1027",
    "/v1/releases",
    f"{EVENT}/history",
    "/v1/codebook",
    "/v1/codebook/qualifier",
    "/v1/methodology",
)
MANUAL = ("/docs/", "/docs/list_matches")
REFUSED = ("/v1/events?contry=MMR", "/v1/events?location=Yangn", "/v1/events/kawlin-town-captured", "/v1/nothing")
# What is pictured, each kind of page once, at these widths.
PICTURED = {
    "start": "/",
    "areas": "/?map=areas",
    "empty": "/?location=Kawlin&type=battles&group=AA",
    "event": EVENT,
    "events": PAGES[0],
    "casualties": ROW,
    "figure": PAGES[9],
    "totals": PAGES[10],
    "compare": "/compare?location=Kawlin",
    "sources": "/compare?of=sources&location=Kawlin",
    "periods": "/compare?of=periods&location=Sagaing",
    "group": PAGES[13],
    "place": PAGES[15],
    "document": PAGES[17],
    "dataset": PAGES[19],
    "changes": PAGES[20],
    "since": "/since",
    "codebook": PAGES[24],
    "manual": MANUAL[0],
    "operation": MANUAL[1],
    "refused": REFUSED[1],
}
WIDTHS = (360, 1100, 2400)
