"""Every room's tables, imported in one place so that foreign keys by name resolve and migrations see them all."""

from annotator.accounts import models as accounts
from annotator.annotations import models as annotations
from annotator.assignments import models as assignments
from annotator.audit import models as audit
from annotator.consent import models as consent
from annotator.languages import models as languages
from annotator.ledger import models as ledger
from annotator.mail import models as mail
from annotator.projects import models as projects
from annotator.prompts import models as prompts
from annotator.releases import models as releases
from annotator.review import models as review
from annotator.rights import models as rights

__all__ = [
    "accounts",
    "annotations",
    "assignments",
    "audit",
    "consent",
    "languages",
    "ledger",
    "mail",
    "projects",
    "prompts",
    "releases",
    "review",
    "rights",
]
