"""Answers to assignment 2."""

from answers import AnswersTest, GraderTest


class TestFoolingImage(AnswersTest):
    assignment, check = "02_fooling_images", "fooling_image"


class TestFastGradientSign(AnswersTest):
    assignment, check = "02_fooling_images", "fast_gradient_sign"


class TestThroughTheGrader(GraderTest):
    assignment = "02_fooling_images"
