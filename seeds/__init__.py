"""What the service is filled with, and how it is read: the coded corpus, the gazetteer, and one importer for each
published dataset.
"""
