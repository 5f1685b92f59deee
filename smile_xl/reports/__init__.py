"""From planning tables to pages: titles, blocks, formats and marks as plain data, for any book."""
