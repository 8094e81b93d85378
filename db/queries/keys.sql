-- name: create_tenant
-- A tenant, unless there is one of that name.
INSERT INTO tenant (id, name, tier) VALUES (%(id)s, %(name)s, %(tier)s) ON CONFLICT DO NOTHING

-- name: find_tenant
-- A tenant by its id or its name.
SELECT id FROM tenant WHERE id = %(name)s OR name = %(name)s

-- name: create_key
-- Only the hash is kept.
INSERT INTO api_key (tenant_id, id, name, key_hash, last_four, scopes, queues, expires_at)
VALUES (%(tenant_id)s, %(id)s, %(name)s, %(key_hash)s, %(last_four)s, %(scopes)s, %(queues)s, %(expires_at)s)

-- name: find_actor
-- Whoever holds the key with this hash, unless it is revoked or has expired.
SELECT api_key.tenant_id, api_key.id AS key_id, api_key.scopes, api_key.queues, tenant.tier
FROM api_key JOIN tenant ON tenant.id = api_key.tenant_id
WHERE api_key.key_hash = %(key_hash)s AND api_key.revoked_at IS NULL
  AND (api_key.expires_at IS NULL OR api_key.expires_at > now())

-- name: has_ended
-- Whether a key that has been good is good no longer.
SELECT EXISTS (SELECT FROM api_key WHERE id = %(key_id)s AND (revoked_at IS NOT NULL OR expires_at <= now()))

-- name: find_good_keys
-- Those of these keys of the tenant that are neither revoked nor expired.
SELECT id FROM api_key
WHERE id = ANY(%(ids)s::text[]) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())

-- name: list_keys
-- The keys of a tenant, without their secrets.
SELECT id, name, last_four, scopes, queues, created_at, expires_at, revoked_at FROM api_key
WHERE tenant_id = %(tenant_id)s ORDER BY created_at

-- name: revoke_key
-- From now on it opens nothing; whoever remembers its hash is to forget it.
UPDATE api_key SET revoked_at = now() WHERE id = %(id)s AND revoked_at IS NULL
RETURNING encode(key_hash, 'hex')
