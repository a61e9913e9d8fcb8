-- Passkeys (WebAuthn): what a person proves themselves with in place of a phone's codes.
CREATE TABLE passkey (
    id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person (id),
    -- Given by the authenticator; the same one is registered once, by one person.
    credential_id BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- What the library keeps of it, as JSON: the public key, its algorithm, how to reach the authenticator.
    document TEXT NOT NULL,
    -- The last signature count that was taken; it goes up, or stays 0 where the authenticator does not count.
    counter INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT;
CREATE INDEX passkey_by_person ON passkey (person_id);

-- Which texts of what waits were opened on the page, by whom and when first: written by the page's script.
CREATE TABLE text_opened (
    broadcast_id INTEGER NOT NULL REFERENCES broadcast (id),
    person_id INTEGER NOT NULL REFERENCES person (id),
    -- As the page names it: message, variant, channel, language.
    text TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (broadcast_id, person_id, text)
) STRICT, WITHOUT ROWID;
