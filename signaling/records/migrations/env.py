"""Run by Alembic: migrate on the connection, and in the transaction, that `upgrade` has opened."""

from alembic import context

from signaling.records.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
