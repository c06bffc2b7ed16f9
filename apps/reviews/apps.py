"""Access reviews."""

from apps.common import apps as base


class ReviewsConfig(base.BaseConfig):
    default = True
    name = "apps.reviews"
    label = "reviews"
