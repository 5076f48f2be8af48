ALTER TABLE "script_versions" ADD COLUMN "assets" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "script_versions" ADD COLUMN "static" jsonb;