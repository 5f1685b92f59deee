"""A dataset: Parquet files with one row per item, planned partition by partition, of any size and on any machine."""
