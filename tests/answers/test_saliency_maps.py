"""Answers to assignment 1; those to its first answer cell are in tests/submissions."""

from answers import AnswersTest


class TestSaliencyMaps(AnswersTest):
    assignment = "01_saliency_maps"
