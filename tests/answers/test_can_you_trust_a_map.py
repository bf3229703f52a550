"""Answers to assignment 5."""

from answers import AnswersTest


class TestCanYouTrustAMap(AnswersTest):
    assignment = "05_can_you_trust_a_map"
