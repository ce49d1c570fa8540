"""The front door of feedback."""

from motcua.feedback.actions import NewRating, rate
from motcua.feedback.queries import Asked, Average, Rating, asked, averages
from motcua.feedback.rules import LONGEST, OVER

__all__ = ["LONGEST", "OVER", "Asked", "Average", "NewRating", "Rating", "asked", "averages", "rate"]
