"""Grading a class, in the order of a submission's path.

``grade`` finds the files and leads them along it: ``worker`` with ``merge`` (the notebook with the
instructor's checks), in a ``room`` behind ``walls`` (run it), ``results``,
``feedback`` and ``report`` (write it down). How an answer is asked and judged is in ``checking``.
"""
