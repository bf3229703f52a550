"""Grading a class, in the order of a submission's path.

``grade`` finds the files and leads them along it: ``merge`` (the student's cells into the pristine
notebook), ``worker`` with ``sandbox``, ``warm`` and ``inside`` (run it, walled off), ``results``,
``feedback`` and ``report`` (write it down). How an answer is asked and judged is in ``checking``.
"""
