//! The process that starts one command, waits for it, and writes down how it ended.
//!
//! It runs as `steward supervise RUNDIR`, in a session of its own, so that a run goes on when
//! Steward dies, and its exit status and resource use are known when Steward comes back. It
//! starts the command only if it is the first to claim the folder: two supervisors of one
//! folder run the command once.

use std::fs::File;
use std::io::{self, PipeReader, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, PidfdFlags, Signal};
use wait4::Wait4;

use super::output::CappedOutput;
use super::process::{ProcessId, usage_of_tree};
use super::rundir::{EndedBy, Exit, Launch, Marker, RunDir};
use crate::jobs::{Resources, Sample};

/// What a supervisor says on its standard output once the claim is settled.
pub const STARTED: &str = "started";

/// After the command has ended, its output is read for so long, in case that something which it
/// left behind still holds the pipe open.
const DRAIN: Duration = Duration::from_secs(1);

/// The unit of [`Resources`]' disk traffic, in bytes.
const BLOCK: u64 = 512;

/// Supervises the run in this folder to its end. Returns at once when the right to start it was
/// taken before.
pub fn supervise(folder: &Path) -> io::Result<()> {
    // Fails only for the leader of a group, which has no terminal's signals to fear.
    let _ = rustix::process::setsid();
    run_to_end(&RunDir::at(folder), &mut io::stdout())
}

/// Settles the claim, says so, and if it was won, runs the command.
pub(super) fn run_to_end(run: &RunDir, heard: &mut dyn Write) -> io::Result<()> {
    let launch = run.launch()?;
    let control = open_control(run)?;
    let me = ProcessId::of(std::process::id())?;
    let won = run.claim(&Marker::Supervisor(me))?;
    // Whoever waits for this line may be gone; the run goes on without them.
    let _ = writeln!(heard, "{STARTED}");
    if !won {
        return Ok(());
    }
    if run.cancel_requested() {
        return run.set_exit(&Exit::without_command(EndedBy::Cancel, None));
    }
    match Supervisor::spawn(run, &launch, control) {
        Ok(supervisor) => supervisor.run(),
        Err(error) => {
            let program = launch.arguments.first().map_or("", String::as_str);
            let error = format!("{program}: {error}");
            run.set_exit(&Exit::without_command(EndedBy::NotRun, Some(error)))
        }
    }
}

impl Exit {
    fn without_command(by: EndedBy, error: Option<String>) -> Exit {
        Exit { by, code: None, signal: None, error, resources: None }
    }
}

struct Supervisor<'a> {
    run: &'a RunDir,
    child: Child,
    group: Pid,
    /// Readable once the command has ended.
    ended: OwnedFd,
    control: OwnedFd,
    pipe: PipeReader,
    pipe_open: bool,
    output: CappedOutput,
    samples: Sampler,
    deadline: Instant,
    grace: Duration,
    /// Why the command was asked to end, and when it is killed.
    ending: Option<(EndedBy, Instant)>,
}

impl<'a> Supervisor<'a> {
    fn spawn(run: &'a RunDir, launch: &Launch, control: OwnedFd) -> io::Result<Supervisor<'a>> {
        let output = CappedOutput::new(run.create_file("output")?, launch.output_cap);
        let samples = Sampler::new(run.create_file("samples.jsonl")?);
        let (pipe, stdout) = io::pipe()?;
        let (program, arguments) = launch
            .arguments
            .split_first()
            .ok_or_else(|| io::Error::other("the command is empty"))?;
        let mut command = Command::new(resolve(program, &launch.folder));
        command
            .args(arguments)
            .current_dir(&launch.folder)
            .env_clear()
            .envs(&launch.environment)
            .stdin(Stdio::null())
            .stderr(stdout.try_clone()?)
            .stdout(stdout)
            .process_group(0);
        let child = command.spawn()?;
        // The command holds ends of the pipe that must be closed here, or it would never end.
        drop(command);
        let pid = i32::try_from(child.id()).map_err(io::Error::other)?;
        let group = Pid::from_raw(pid).ok_or_else(|| io::Error::other("a child without a pid"))?;
        run.set_command(&ProcessId::of(child.id())?)?;
        let now = Instant::now();
        Ok(Supervisor {
            run,
            ended: rustix::process::pidfd_open(group, PidfdFlags::empty())?,
            child,
            group,
            control,
            pipe,
            pipe_open: true,
            output,
            samples,
            // Longer than a century is the same as for ever, and no overflow.
            deadline: now + Duration::from_millis(launch.timeout_ms.min(1 << 42)),
            grace: Duration::from_millis(launch.grace_ms.min(1 << 42)),
            ending: None,
        })
    }

    fn run(mut self) -> io::Result<()> {
        while !self.step()? {}
        if self.ending.is_some() {
            self.end_group()?;
        }
        // The command is waited for only now: until then nothing else can get its number, and
        // with it the signals meant for its group.
        let last = self.samples.take(self.group.as_raw_nonzero().get())?;
        let end = self.child.wait4()?;
        self.drain(Instant::now() + DRAIN)?;
        self.output.finish()?;
        self.run.set_exit(&Exit {
            by: self.ending.map_or(EndedBy::Itself, |(by, _)| by),
            code: end.status.code(),
            signal: end.status.signal(),
            error: None,
            resources: Some(resources(&end.rusage, last)),
        })?;
        // What the command left running keeps a reader for its output.
        while self.pipe_open {
            self.discard()?;
        }
        Ok(())
    }

    /// Waits for the next thing to happen and sees to it; `true` once the command has ended.
    fn step(&mut self) -> io::Result<bool> {
        let now = Instant::now();
        if now >= self.samples.next {
            self.samples.take(self.group.as_raw_nonzero().get())?;
        }
        let limit = self.ending.map_or(self.deadline, |(_, kill)| kill);
        if now >= limit {
            self.limit_reached(now);
        }
        let limit = self.ending.map_or(self.deadline, |(_, kill)| kill.max(now + DRAIN));
        let wait = limit.min(self.samples.next).saturating_duration_since(now);
        let ready = self.wait(wait)?;
        if ready.output {
            self.read_output()?;
        }
        if ready.control {
            clear(&self.control);
        }
        if self.ending.is_none() && (ready.control && self.run.cancel_requested()) {
            self.ask_to_end(EndedBy::Cancel);
        }
        Ok(ready.ended)
    }

    fn limit_reached(&mut self, now: Instant) {
        match &mut self.ending {
            None => self.ask_to_end(EndedBy::TimeLimit),
            Some((_, kill)) => {
                *kill = now + DRAIN;
                self.signal(Signal::KILL);
            }
        }
    }

    fn ask_to_end(&mut self, by: EndedBy) {
        self.ending = Some((by, Instant::now() + self.grace));
        self.signal(Signal::TERM);
        // A stopped process acts on a signal only once it goes on.
        self.signal(Signal::CONT);
    }

    /// Gives what the command started in its group the rest of the grace time, then kills it.
    fn end_group(&mut self) -> io::Result<()> {
        let kill = self.ending.map_or_else(Instant::now, |(_, kill)| kill);
        self.drain(kill)?;
        self.signal(Signal::KILL);
        Ok(())
    }

    fn signal(&self, signal: Signal) {
        // Fails only when nobody of the group is left, which is what was wanted.
        let _ = rustix::process::kill_process_group(self.group, signal);
    }

    /// Reads output until nobody can write any more, or until the given moment.
    fn drain(&mut self, until: Instant) -> io::Result<()> {
        while self.pipe_open {
            let rest = until.saturating_duration_since(Instant::now());
            if rest.is_zero() {
                break;
            }
            let mut fds = [PollFd::new(&self.pipe, PollFlags::IN)];
            poll_for(&mut fds, rest)?;
            if !fds[0].revents().is_empty() {
                self.read_output()?;
            }
        }
        Ok(())
    }

    fn read_output(&mut self) -> io::Result<()> {
        let mut buffer = [0; 16 * 1024];
        match self.pipe.read(&mut buffer) {
            Ok(0) => self.pipe_open = false,
            Ok(read) => self.output.write(&buffer[..read])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        let mut buffer = [0; 16 * 1024];
        match self.pipe.read(&mut buffer) {
            Ok(0) => self.pipe_open = false,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn wait(&self, time: Duration) -> io::Result<Ready> {
        let mut fds = [
            PollFd::new(&self.ended, PollFlags::IN),
            PollFd::new(&self.control, PollFlags::IN),
            PollFd::new(&self.pipe, PollFlags::IN),
        ];
        // A closed pipe would be reported as ready for ever.
        let watched = if self.pipe_open { 3 } else { 2 };
        poll_for(&mut fds[..watched], time)?;
        let ready = |fd: &PollFd<'_>| !fd.revents().is_empty();
        Ok(Ready {
            ended: ready(&fds[0]),
            control: ready(&fds[1]),
            output: watched == 3 && ready(&fds[2]),
        })
    }
}

struct Ready {
    ended: bool,
    control: bool,
    output: bool,
}

/// Writes down what a run uses: every second in the first half minute, then less and less often,
/// so that an hour gives some 180 samples and a day 280.
struct Sampler {
    file: File,
    begin: Instant,
    next: Instant,
}

impl Sampler {
    fn new(file: File) -> Sampler {
        let begin = Instant::now();
        Sampler { file, begin, next: begin + Duration::from_millis(500) }
    }

    fn take(&mut self, root: i32) -> io::Result<Sample> {
        let age = self.begin.elapsed();
        let usage = usage_of_tree(root);
        let sample = Sample {
            at: (age.as_secs_f64() * 1000.0).round() / 1000.0,
            cpu_seconds: usage.cpu_seconds,
            memory: usage.memory,
            read: usage.read,
            written: usage.written,
        };
        let mut line = serde_json::to_vec(&sample)?;
        line.push(b'\n');
        self.file.write_all(&line)?;
        self.next = Instant::now() + (age / 30).max(Duration::from_secs(1));
        Ok(sample)
    }
}

/// A program with a slash is meant from the run's folder, another is looked for in `PATH`.
fn resolve(program: &str, folder: &Path) -> std::path::PathBuf {
    if program.contains('/') { folder.join(program) } else { program.into() }
}

fn open_control(run: &RunDir) -> io::Result<OwnedFd> {
    let path = run.control();
    match rustix::fs::mkfifoat(rustix::fs::CWD, &path, Mode::RUSR | Mode::WUSR) {
        Ok(()) | Err(rustix::io::Errno::EXIST) => {}
        Err(error) => return Err(error.into()),
    }
    // Open for writing too: else every writer that leaves would end the file.
    let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(rustix::fs::open(&path, flags, Mode::empty())?)
}

/// Takes what lies in the FIFO; what it is doesn't matter.
fn clear(control: &OwnedFd) {
    let mut buffer = [0_u8; 64];
    while rustix::io::read(control.as_fd(), &mut buffer).is_ok_and(|read| read == buffer.len()) {}
}

fn poll_for(fds: &mut [PollFd<'_>], time: Duration) -> io::Result<()> {
    // Rounded up, so that the moment has come when the call returns.
    let time = time + Duration::from_millis(1);
    let timeout = Timespec {
        tv_sec: i64::try_from(time.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: time.subsec_nanos().into(),
    };
    match poll(fds, Some(&timeout)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The kernel's count of what the ended command used, with the disk traffic last seen: wait4(2)
/// has such figures too, but the crate leaves them out.
fn resources(usage: &wait4::ResourceUsage, last: Sample) -> Resources {
    Resources {
        cpu_seconds: (usage.utime + usage.stime).as_secs_f64(),
        max_memory: usage.maxrss,
        blocks_read: last.read / BLOCK,
        blocks_written: last.written / BLOCK,
    }
}
