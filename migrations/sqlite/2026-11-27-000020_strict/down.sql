-- Whatever a STRICT table has, one that is not may have too: nothing is undone.
SELECT 1;
