"""Reading the ledger in the browser, one file per page."""
