"""Answers to assignment 3."""

from answers import AnswersTest, GraderTest


class TestUpdateStep(AnswersTest):
    assignment, check = "03_class_visualization", "class_visualization_update_step"


class TestCreateClassVisualization(AnswersTest):
    assignment, check = "03_class_visualization", "create_class_visualization"


class TestTotalVariation(AnswersTest):
    assignment, check = "03_class_visualization", "total_variation"


class TestThroughTheGrader(GraderTest):
    assignment = "03_class_visualization"
