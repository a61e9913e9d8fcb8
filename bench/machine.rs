//! What this machine does, and what a process cost it.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// How many fdatasyncs of one page a second the disk under `folder` does just now.
pub fn fdatasyncs_a_second(folder: &Path) -> f64 {
    let path = folder.join("probe");
    let mut file = File::create(&path).expect("the folder is writable");
    let (start, mut count) = (Instant::now(), 0_u32);
    while start.elapsed() < Duration::from_millis(400) {
        file.write_all(&[7; 4096]).expect("the disk has room");
        file.sync_data().expect("the disk works");
        count += 1;
    }
    let rate = f64::from(count) / start.elapsed().as_secs_f64();
    fs::remove_file(path).expect("the file is ours");
    rate
}

/// What a process has used so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Used {
    /// User and system time, in seconds.
    pub cpu: f64,
    /// The most memory it had at once since [`forget_peak`], in bytes.
    pub peak: u64,
    /// The bytes it made the kernel write to disk.
    pub written: u64,
}

impl Used {
    /// By a process that runs.
    pub fn by(pid: u32) -> Used {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // The name in brackets may hold spaces; utime and stime are the 12th and 13th fields after it, in hundredths.
        let fields: Vec<u64> = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .skip(1)
            .map(|field| field.parse().unwrap_or_default())
            .collect();
        let ticks = fields.get(10..12).map_or(0, |times| times.iter().sum());
        Used {
            cpu: ticks as f64 / 100.0,
            peak: field(pid, "status", "VmHWM:") * 1024,
            written: field(pid, "io", "write_bytes:"),
        }
    }

    /// What was used since `before`; the peak is not a difference.
    pub fn since(self, before: Used) -> Used {
        Used { cpu: self.cpu - before.cpu, peak: self.peak, written: self.written.saturating_sub(before.written) }
    }
}

/// The memory that a process has now, in bytes.
pub fn resident(pid: u32) -> u64 {
    field(pid, "status", "VmRSS:") * 1024
}

/// Lets the peak of a process begin anew.
pub fn forget_peak(pid: u32) {
    fs::write(format!("/proc/{pid}/clear_refs"), "5").expect("the process is ours");
}

fn field(pid: u32, file: &str, name: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

/// Watches for moments at which this process stood still: what came in meanwhile looks as if it had come at once.
pub struct Stalls {
    over: Arc<AtomicBool>,
    watching: JoinHandle<Duration>,
}

impl Stalls {
    /// From now on.
    #[allow(clippy::disallowed_methods, reason = "a benchmark's own clock")]
    pub fn watch() -> Stalls {
        let over = Arc::new(AtomicBool::new(false));
        let seen = over.clone();
        let watching = thread::spawn(move || {
            let mut longest = Duration::ZERO;
            while !seen.load(Relaxed) {
                let before = Instant::now();
                thread::sleep(Duration::from_millis(1));
                longest = longest.max(before.elapsed());
            }
            longest
        });
        Stalls { over, watching }
    }

    /// The longest of them.
    pub fn longest(self) -> Duration {
        self.over.store(true, Relaxed);
        self.watching.join().expect("the watch ends when it is told to")
    }
}

/// The machine in a few words: cores, processor, memory.
pub fn name() -> String {
    let first = |file: &str, key: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(key)).map(str::to_owned);
        line.and_then(|line| line.split_once(':').map(|(_, value)| value.trim().to_owned())).unwrap_or_default()
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{cores} cores, {}, {} of memory", first("/proc/cpuinfo", "model name"), first("/proc/meminfo", "MemTotal"))
}
