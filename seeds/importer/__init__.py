"""What every importer of a publisher's file shares: reading it, tying its places, reporting and refusing."""
