"""Answers to assignment 4."""

from answers import AnswersTest


class TestBeyondTheGradient(AnswersTest):
    assignment = "04_beyond_the_gradient"
