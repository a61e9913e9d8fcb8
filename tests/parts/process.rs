//! Starting a part, and ending it with everything that it started, whatever becomes of the test.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A shell that leads a process group of its own, runs the part in it, and waits for the end of its own standard input: the pipe
/// to it is held by the test process alone, so it ends when the handle is dropped and also when the tests are killed. Then it
/// runs the clean-up (`$0`) and kills its whole group.
const KEEPER: &str = r#""$@" </dev/null & read -r _; eval "$0"; kill -s KILL 0"#;

/// A running part.
pub struct Process {
    keeper: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command`, of which the program, the arguments, the environment and the folder are used. What it prints goes to
    /// `NAME.log` in `folder`.
    pub fn start(name: &str, command: &Command, folder: &Path) -> Self {
        Self::start_with_cleanup(name, command, folder, "")
    }

    /// The same, with a line for the shell that ends what left the process group.
    pub fn start_with_cleanup(name: &str, command: &Command, folder: &Path, cleanup: &str) -> Self {
        let log = folder.join(format!("{name}.log"));
        let output = File::create(&log).expect("the part's folder is writable");
        let mut keeper = Command::new("/bin/sh");
        keeper.args(["-c", KEEPER, cleanup]).arg(command.get_program()).args(command.get_args());
        for (key, value) in command.get_envs() {
            match value {
                Some(value) => keeper.env(key, value),
                None => keeper.env_remove(key),
            };
        }
        keeper.current_dir(command.get_current_dir().unwrap_or(folder));
        keeper.stdin(Stdio::piped()).process_group(0);
        keeper.stdout(output.try_clone().expect("a file can be shared")).stderr(output);
        let keeper = keeper.spawn().unwrap_or_else(|error| panic!("cannot start {name}: {error}"));
        Self { keeper, log }
    }

    /// What it has printed so far.
    pub fn printed(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("-- {} --\n{}", self.log.display(), self.printed());
        }
        drop(self.keeper.stdin.take());
        // The keeper kills itself with its group, so this is not a status to look at.
        let _ = self.keeper.wait();
    }
}

/// Runs a short program to its end and gives its standard output.
///
/// # Panics
/// When it cannot be started or fails; what it printed on standard error is in the message.
pub async fn run(command: Command) -> String {
    let mut command = tokio::process::Command::from(command);
    command.stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} ended with {}: {said}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Runs a command to its end, whatever that is: its exit code, and below it what it printed.
pub async fn ended(command: Command) -> String {
    let mut command = tokio::process::Command::from(command);
    command.stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}\n{}{}", output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

#[tokio::test]
async fn a_part_ends_with_its_handle_and_so_does_what_it_started() {
    let folder = super::folder::work();
    let mut command = Command::new("sh");
    command.args(["-c", "sleep 600 & echo $! $$; wait"]);
    let process = Process::start("nested", &command, folder.path());
    let printed =
        super::ready::until("two numbers", async || process.printed().ends_with('\n').then(|| process.printed()));
    let printed = printed.await;
    let numbers = printed.split_whitespace();
    assert!(numbers.clone().count() == 2 && numbers.clone().all(runs), "{printed}");
    drop(process);
    super::ready::until("both to end", async || (!numbers.clone().any(runs)).then_some(())).await;
}

/// Whether a process lives; one that ended and was not yet fetched by its parent does not.
fn runs(number: &str) -> bool {
    fs::read_to_string(format!("/proc/{number}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}
