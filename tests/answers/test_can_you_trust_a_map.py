"""Answers to assignment 5."""

from answers import AnswersTest, GraderTest


class TestRankCorrelation(AnswersTest):
    assignment, check = "05_can_you_trust_a_map", "rank_correlation"


class TestRandomisedLayers(AnswersTest):
    assignment, check = "05_can_you_trust_a_map", "randomised_layers"


class TestDeletionCurves(AnswersTest):
    assignment, check = "05_can_you_trust_a_map", "deletion_curves"


class TestPointingGame(AnswersTest):
    assignment, check = "05_can_you_trust_a_map", "pointing_game"


class TestThroughTheGrader(GraderTest):
    assignment = "05_can_you_trust_a_map"
