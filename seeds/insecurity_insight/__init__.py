"""The importer of Insecurity Insight's incidents, as they are on the Humanitarian Data Exchange."""
