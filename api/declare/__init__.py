"""What a resource is declared with: parameters, filters and columns, each once. Knows no table and no request.

A filter declared here is one entry in the description and one SQL expression. A column declared here stands in JSON,
in the CSV header, in GeoJSON and in the description.
"""
