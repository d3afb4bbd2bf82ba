DROP TABLE adverse_event_entries;
DROP TABLE adverse_event_administrations;
DROP TABLE adverse_events;
