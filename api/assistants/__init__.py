"""A server of the Model Context Protocol: assistants ask the same API, by tools that bound what they are given."""
