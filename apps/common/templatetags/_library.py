"""The one library behind `{% load console %}`."""

from django import template

register = template.Library()
