"""The filters that several resources share, each declared once, by what they ask about."""
