"""One file per resource: its columns, filters, order and routes. No resource knows another."""
