DROP INDEX products_by_class;
DROP INDEX accounts_of_patients;
DROP TABLE signal_counts;
DROP TABLE signal_reviews;
