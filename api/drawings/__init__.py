"""Drawings as SVG: timelines, bars and maps, made of plain data. Colours are classes of the stylesheet."""
