"""Pages that gather several rooms."""

from flask import Blueprint, render_template

blueprint = Blueprint("portal", __name__)


@blueprint.get("/")
def home() -> str:
    """The front door."""
    return render_template("portal/home.html")
