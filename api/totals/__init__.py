"""Totals that count nobody twice, as SQL. Knows no request.

Method: design/domain.md, Totals. Two ways lead to the same numbers, and their rows are added up (figures.py):

* Where a whole and its parts stand or fall together under every filter asked, what each adds was worked out when it
  was loaded, and a total is a plain sum over `joint_*` or `split_*` (loaded.py). By day, dataset, measure and type
  these were summed at load already, for totals that ask for nothing else (daily.py).
* Figures nested across events, places or periods, and all figures where a filter may part a whole from its own parts,
  are worked out for each question (nested.py).
"""
