-- What PostgreSQL enforces in our schema, one object a row: its kind and name, and what it is. What an extension brought,
-- and who owns and may do what, is the operator's.
WITH ours AS (
    SELECT c.oid, c.relname AS name, c.relkind AS kind, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity
    FROM pg_class c
    WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
        AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
), objects (object, definition) AS (
    SELECT CASE kind WHEN 'r' THEN 'table ' WHEN 'v' THEN 'view ' WHEN 'm' THEN 'view ' ELSE 'relation ' END || name,
        CASE relpersistence WHEN 'p' THEN 'permanent' ELSE 'not permanent' END
        || CASE WHEN relrowsecurity OR relforcerowsecurity THEN ', with row security' ELSE '' END
        || CASE WHEN kind IN ('v', 'm') THEN ': ' || pg_get_viewdef(oid) ELSE '' END
    FROM ours WHERE kind NOT IN ('i', 'S', 't')
    UNION ALL
    SELECT 'column ' || o.name || '.' || a.attname,
        format_type(a.atttypid, a.atttypmod)
        || COALESCE(' collate ' || (SELECT collname FROM pg_collation WHERE oid = a.attcollation AND collname <> 'default'), '')
        || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
        || CASE WHEN a.attidentity <> '' THEN ' identity ' || CAST(a.attidentity AS text) ELSE '' END
        || CASE WHEN a.attgenerated <> '' THEN ' generated' ELSE '' END
        || COALESCE(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
    FROM ours o JOIN pg_attribute a ON a.attrelid = o.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE o.kind IN ('r', 'p', 'f')
    UNION ALL
    -- A NOT NULL stands with its column: whether it is a constraint too depends on PostgreSQL's version.
    SELECT 'constraint ' || c.conname || ' of ' || o.name,
        pg_get_constraintdef(c.oid) || CASE WHEN c.convalidated THEN '' ELSE ', not validated' END
    FROM ours o JOIN pg_constraint c ON c.conrelid = o.oid WHERE c.contype NOT IN ('n', 't')
    UNION ALL
    SELECT 'index ' || o.name,
        pg_get_indexdef(o.oid) || CASE WHEN i.indisvalid AND i.indisready AND i.indislive THEN '' ELSE ', not in use' END
    FROM ours o JOIN pg_index i ON i.indexrelid = o.oid
    UNION ALL
    SELECT 'sequence ' || o.name,
        format_type(s.seqtypid, NULL) || ' from ' || s.seqmin || ' to ' || s.seqmax || ' by ' || s.seqincrement
        || CASE WHEN s.seqcycle THEN ', round and round' ELSE '' END
    FROM ours o JOIN pg_sequence s ON s.seqrelid = o.oid
    UNION ALL
    SELECT 'trigger ' || t.tgname || ' on ' || o.name,
        pg_get_triggerdef(t.oid)
        || CASE t.tgenabled WHEN 'O' THEN '' WHEN 'D' THEN ', disabled' ELSE ', enabled ' || CAST(t.tgenabled AS text)::text END
    FROM ours o JOIN pg_trigger t ON t.tgrelid = o.oid WHERE NOT t.tgisinternal
    UNION ALL
    -- What enforces foreign keys is named only where it does not.
    SELECT 'enforcement (' || p.proname || ') of constraint ' || c.conname || ' on ' || o.name, 'disabled'
    FROM ours o JOIN pg_trigger t ON t.tgrelid = o.oid JOIN pg_constraint c ON c.oid = t.tgconstraint
        JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE t.tgisinternal AND t.tgenabled <> 'O'
    UNION ALL
    SELECT 'rule ' || r.rulename || ' on ' || o.name, pg_get_ruledef(r.oid)
    FROM ours o JOIN pg_rewrite r ON r.ev_class = o.oid WHERE r.rulename <> '_RETURN'
    UNION ALL
    SELECT 'policy ' || p.polname || ' on ' || o.name, COALESCE(pg_get_expr(p.polqual, p.polrelid), '')
    FROM ours o JOIN pg_policy p ON p.polrelid = o.oid
    UNION ALL
    SELECT 'inheritance of ' || o.name, 'from ' || i.inhparent::regclass::text
    FROM ours o JOIN pg_inherits i ON i.inhrelid = o.oid
    UNION ALL
    SELECT 'inheritance from ' || o.name, 'by ' || i.inhrelid::regclass::text
    FROM ours o JOIN pg_inherits i ON i.inhparent = o.oid WHERE o.kind = 'r'
    UNION ALL
    SELECT 'function ' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
        CASE WHEN p.prokind = 'a' THEN 'aggregate' ELSE pg_get_functiondef(p.oid) END
    FROM pg_proc p
    WHERE p.pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
        AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
    UNION ALL
    SELECT 'type ' || t.typname, 'of kind ' || CAST(t.typtype AS text)::text
    FROM pg_type t
    WHERE t.typnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND t.typtype IN ('d', 'e', 'r')
        AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
    UNION ALL
    SELECT 'event trigger ' || evtname, evtevent FROM pg_event_trigger WHERE evtenabled <> 'D'
        AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_event_trigger'::regclass AND d.objid = pg_event_trigger.oid AND d.deptype = 'e')
    UNION ALL
    SELECT 'setting session_replication_role', current_setting('session_replication_role')
    WHERE current_setting('session_replication_role') <> 'origin'
    UNION ALL
    SELECT 'setting ' || setting, 'for ' || COALESCE('database ' || d.datname, 'every database') || COALESCE(', role ' || r.rolname, '')
    FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) AS setting
        LEFT JOIN pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_roles r ON r.oid = s.setrole
    WHERE (s.setdatabase = 0 OR d.datname = current_database()) AND setting LIKE 'session_replication_role=%'
)
SELECT object, regexp_replace(replace(definition, quote_ident(current_schema()) || '.', ''), '[[:space:]]+', ' ', 'g') AS definition
FROM objects ORDER BY object COLLATE "C", definition COLLATE "C"
