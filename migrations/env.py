"""Where Alembic begins: it migrates the connection that ``annotator.migrate`` hands over, in that transaction."""

from alembic import context

from annotator import models as _models  # noqa: F401  # importing them fills the metadata
from annotator.database import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite cannot change a table in place
    transactional_ddl=True,  # both databases can, once pysqlite leaves transactions to us
)
with context.begin_transaction():
    context.run_migrations()
