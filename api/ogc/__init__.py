"""OGC API Features over the declarations of the resources: for GIS, adding only the translation."""
