DROP TABLE opening_stock;
