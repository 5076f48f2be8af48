-- The running role may not delete audit rows. This function, which belongs to the owner of the tables,
-- does it for rows that are old, and for no others.
CREATE FUNCTION "delete_old_audit"("until" timestamp with time zone, "most" integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  deleted bigint;
BEGIN
  IF "until" > now() - interval '30 days' THEN
    RAISE EXCEPTION 'Audit rows younger than 30 days stay' USING ERRCODE = 'insufficient_privilege';
  END IF;
  DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < "until" ORDER BY at LIMIT "most");
  GET DIAGNOSTICS deleted = ROW_COUNT;
  RETURN deleted;
END
$$;
REVOKE ALL ON FUNCTION "delete_old_audit"(timestamp with time zone, integer) FROM PUBLIC;
