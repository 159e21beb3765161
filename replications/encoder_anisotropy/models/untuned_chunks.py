"""The tiny masked-language model of the course recommender's study, of the chunks' own words: it stands for an untuned BERT."""

from replications.course_recommender.models.untuned import build

__all__ = ["build"]
