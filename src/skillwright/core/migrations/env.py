"""Runs the migrations on the connection given in the config's attributes; Alembic executes this file."""

from alembic import context

from skillwright.core.schema import metadata

__all__: list[str] = []

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
