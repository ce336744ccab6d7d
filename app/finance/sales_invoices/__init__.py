"""Sales invoices of the client company: drafts, gapless numbers, files, payments."""
