DROP INDEX products_by_class;
DROP TABLE signal_counts;
DROP TABLE signal_reviews;
