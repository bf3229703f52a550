"""Answers to assignment 3."""

from answers import AnswersTest


class TestClassVisualization(AnswersTest):
    assignment = "03_class_visualization"
