"""The months in English, as answers and publishers write them whatever the language of the machine."""

from __future__ import annotations

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
# As they are written short, `Jan`.
SHORT_MONTHS = tuple(month[:3] for month in MONTHS)
