"""Pages for people: what an answer in JSON says, by a template of its own, with what else the same API says of it."""
