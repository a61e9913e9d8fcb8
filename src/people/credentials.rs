//! Passwords, session tokens and API keys: how they are made, stored and compared.

use argon2::{
    Argon2,
    password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString},
};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::world::{Random, hex, random_hex};

/// The shortest password, in characters (NIST SP 800-63B allows 8 and advises 15 where it is the only factor).
pub const MIN_PASSWORD: usize = 12;

/// Hashes a password with argon2id. Takes tens of milliseconds: call it on a blocking thread.
///
/// # Errors
/// In words, when the password is too short or too long.
pub fn hash_password(password: &str, random: &dyn Random) -> Result<String, String> {
    if password.chars().count() < MIN_PASSWORD {
        return Err(format!("the password needs at least {MIN_PASSWORD} characters"));
    }
    if password.len() > 1024 {
        return Err("the password is longer than 1,024 bytes".to_owned());
    }
    let mut salt = [0_u8; 16];
    random.fill(&mut salt);
    let salt = SaltString::encode_b64(&salt).map_err(|error| error.to_string())?;
    Argon2::default()
        .hash_password(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(|error| error.to_string())
}

/// Whether the password is the one that was hashed. As slow as hashing.
pub fn verify_password(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// A fresh secret token of 256 bits, as it is shown once.
pub fn new_token(random: &dyn Random) -> String {
    random_hex::<32>(random)
}

/// The stored form of a token. A plain hash will do: tokens are random and long.
pub fn hash_token(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// Compares two hashes in constant time.
pub fn same(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

/// An API key: `ov_PREFIX_SECRET`. The prefix finds it, the secret proves it.
pub struct NewKey {
    /// What it begins with; stored as it is.
    pub prefix: String,
    /// The whole key, shown once.
    pub shown: String,
    /// The stored form.
    pub hash: Vec<u8>,
}

/// Makes a key.
pub fn new_key(random: &dyn Random) -> NewKey {
    let prefix = random_hex::<4>(random);
    let shown = format!("ov_{prefix}_{}", new_token(random));
    let hash = hash_token(&shown);
    NewKey { prefix, shown, hash }
}

/// The prefix of a key as it was shown.
pub fn key_prefix(shown: &str) -> Option<&str> {
    shown.strip_prefix("ov_")?.split('_').next().filter(|prefix| prefix.len() == 8)
}

/// The CSRF token of a session: derived from its secret, so that nothing more has to be stored.
pub fn csrf_token(session_token: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"csrf:");
    hash.update(session_token.as_bytes());
    hex(&hash.finalize())
}
