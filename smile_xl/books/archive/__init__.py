"""The archive of cycles: inputs and results as Parquet files, whole versions only, the older ones kept."""
