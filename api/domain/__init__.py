"""What the field and its words mean: code lists, bounds, releases, names, countries, methodology; and when a request is refused."""
