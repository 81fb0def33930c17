"""Run by Alembic, on the connection that ``engine.store.migrations`` hands it."""

from alembic import context

from engine.store.lead_tables import leads

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=leads.metadata,
    render_as_batch=True,  # SQLite changes a column only by copying its table
)
with context.begin_transaction():
    context.run_migrations()
