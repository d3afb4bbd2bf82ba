DROP INDEX order_lines_by_product;
DROP TABLE levels;
