"""Sign-in and its links."""

from flask import Blueprint, render_template

blueprint = Blueprint("accounts", __name__)


@blueprint.get("/sign-in")
def sign_in() -> str:
    """Show the sign-in form."""
    return render_template("accounts/sign_in.html")
