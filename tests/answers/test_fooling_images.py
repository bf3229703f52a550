"""Answers to assignment 2."""

from answers import AnswersTest


class TestFoolingImages(AnswersTest):
    assignment = "02_fooling_images"
