"""The language of the pages (not of the work): texts, dates and numbers, and the direction of the whole page."""

from datetime import datetime

from babel import Locale
from flask import Flask
from flask_babel import format_date, format_datetime, format_decimal, get_locale

from annotator.web.extensions import babel

LOCALES = ("en",)


def page_locale() -> Locale:
    """Return the locale of the page that is being made."""
    return get_locale() or Locale.parse(LOCALES[0])


def page_language() -> str:
    """Return the BCP 47 tag of the page, for ``<html lang>``."""
    return str(page_locale()).replace("_", "-")


def page_direction() -> str:
    """Return ``ltr`` or ``rtl``, for ``<html dir>``."""
    return str(page_locale().text_direction)


def show_moment(value: datetime) -> str:
    """Return a moment in words; all times on the pages are UTC and say so."""
    return f"{format_datetime(value, 'd MMMM y, HH:mm')} UTC"


def show_date(value: datetime) -> str:
    """Return the day of a moment in words."""
    return str(format_date(value, "d MMMM y"))


def show_month(value: datetime) -> str:
    """Return the month of a moment in words."""
    return str(format_date(value, "MMMM y"))


def show_number(value: float) -> str:
    """Return a number with the separators of the page's language."""
    return str(format_decimal(value))


def init_app(app: Flask) -> None:
    """Bind Babel, and give the templates what depends on the page's language."""
    babel.init_app(app, default_locale=LOCALES[0], default_timezone="UTC", locale_selector=lambda: LOCALES[0])
    app.jinja_env.globals.update(page_language=page_language, page_direction=page_direction)
    app.jinja_env.filters.update(moment=show_moment, day=show_date, month=show_month, number=show_number)
