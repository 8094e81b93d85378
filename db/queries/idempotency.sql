-- name: claim_key
-- The right to act for a key, unless someone has it or its answer is stored. It need not reach the
-- disk: a crash of the database that forgets it ends the transaction that would have relied on it.
INSERT INTO idempotency_key (operation, key, request_hash, lease_until, expires_at)
VALUES (%(operation)s, %(key)s, %(request_hash)s,
        now() + make_interval(secs => %(lease_seconds)s),
        now() + make_interval(hours => %(kept_hours)s))
ON CONFLICT (tenant_id, operation, key) DO UPDATE
SET request_hash = excluded.request_hash, token = excluded.token,
    lease_until = excluded.lease_until, created_at = now(), expires_at = excluded.expires_at,
    status = NULL, headers = NULL, body = NULL
WHERE idempotency_key.expires_at <= now()
   OR (idempotency_key.status IS NULL AND idempotency_key.lease_until <= now())
RETURNING token, set_config('synchronous_commit', 'off', true)

-- name: find_answer
-- What stands in the way of a claim: the answer, or the request that is still at work.
SELECT request_hash, status, headers, body FROM idempotency_key
WHERE operation = %(operation)s AND key = %(key)s

-- name: renew_claim
-- Whoever holds the claim keeps it for another while; no row means that it is lost.
UPDATE idempotency_key SET lease_until = now() + make_interval(secs => %(lease_seconds)s)
WHERE operation = %(operation)s AND key = %(key)s AND token = %(token)s AND status IS NULL

-- name: store_answer
-- The answer, in the transaction of the effect; no row means that the claim is lost.
UPDATE idempotency_key
SET status = %(status)s, headers = %(headers)s, body = %(body)s
WHERE operation = %(operation)s AND key = %(key)s AND token = %(token)s AND status IS NULL

-- name: release_claim
-- Nothing has happened: the key is free again.
DELETE FROM idempotency_key
WHERE operation = %(operation)s AND key = %(key)s AND token = %(token)s AND status IS NULL

-- name: delete_expired
-- Across tenants: the oldest of the keys whose time is over.
DELETE FROM idempotency_key
WHERE expires_at <= now() AND expires_at <= (
    SELECT max(expires_at) FROM (
        SELECT expires_at FROM idempotency_key ORDER BY expires_at LIMIT %(limit)s
    ) AS oldest)
