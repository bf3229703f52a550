"""Answers to assignment 4."""

from answers import AnswersTest, GraderTest


class TestGuidedBackpropagation(AnswersTest):
    assignment, check = "04_beyond_the_gradient", "guided_backpropagation"


class TestSmoothgrad(AnswersTest):
    assignment, check = "04_beyond_the_gradient", "smoothgrad"


class TestIntegratedGradients(AnswersTest):
    assignment, check = "04_beyond_the_gradient", "integrated_gradients"


class TestGradCam(AnswersTest):
    assignment, check = "04_beyond_the_gradient", "grad_cam"


class TestThroughTheGrader(GraderTest):
    assignment = "04_beyond_the_gradient"
