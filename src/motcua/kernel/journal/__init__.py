"""The journal (nhật ký hệ thống): an entry for every act, chained for each subject, sealed in signed batches."""
