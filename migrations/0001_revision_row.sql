INSERT INTO "routing_revision" ("id", "revision") VALUES (1, 0);
