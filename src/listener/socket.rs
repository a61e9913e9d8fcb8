//! The Unix socket.

use std::{
    fs::{self, DirBuilder, Permissions},
    io,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use tokio::net::{UnixListener, UnixStream};

/// A bound Unix socket; its file is removed with it.
pub(super) struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

impl Socket {
    /// Binds within a directory that nobody else can enter, and moves the socket to its place once its mode is 0600:
    /// there is no instant at which others could connect. The move replaces a socket that was left over.
    pub(super) fn bind(path: &Path) -> io::Result<Socket> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let cover = path.with_file_name(format!(".{}", name.to_string_lossy()));
        // Left over by a daemon that died in between.
        let _ = fs::remove_dir_all(&cover);
        DirBuilder::new().mode(0o700).create(&cover)?;
        let hidden = cover.join("s");
        let bound = UnixListener::bind(&hidden).and_then(|listener| {
            fs::set_permissions(&hidden, Permissions::from_mode(0o600))?;
            fs::rename(&hidden, path)?;
            Ok(listener)
        });
        fs::remove_dir_all(&cover)?;
        Ok(Socket { listener: bound?, path: path.to_owned() })
    }

    pub(super) async fn accept(&self) -> io::Result<UnixStream> {
        self.listener.accept().await.map(|(stream, _)| stream)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // A leftover is replaced by the next daemon anyway.
        let _ = fs::remove_file(&self.path);
    }
}
