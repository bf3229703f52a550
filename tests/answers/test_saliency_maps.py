"""Answers to assignment 1; those to its first answer cell are in tests/submissions."""

from answers import AnswersTest, GraderTest


class TestWeightedSaliencyMaps(AnswersTest):
    assignment, check = "01_saliency_maps", "weighted_saliency_maps"


class TestThroughTheGrader(GraderTest):
    assignment = "01_saliency_maps"
