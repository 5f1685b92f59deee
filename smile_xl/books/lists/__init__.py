"""Files that other systems export, as rows: text in any of its forms, and native workbooks."""
