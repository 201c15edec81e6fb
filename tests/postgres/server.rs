//! A PostgreSQL of the test's own, in a folder that goes with it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running server.
pub struct Server {
    child: Child,
    port: u16,
    folder: tempfile::TempDir,
}

/// A server begins within this, on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

impl Server {
    /// Starts a server with an empty database; `None` where there is none on this machine.
    pub fn start() -> Option<Server> {
        let Some(programs) = programs() else {
            eprintln!("skipped: there is no PostgreSQL here (Debian: apt-get install postgresql)");
            return None;
        };
        let folder = tempfile::Builder::new().prefix("steward-pg").tempdir_in("/tmp");
        let folder = folder.expect("a folder");
        // The server refuses to run as root, so that everything is somebody else's there.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).expect("a mode");
        let data = folder.path().join("data");
        let made = as_nobody(&programs.join("initdb"))
            .args(["--auth=trust", "--username=steward", "--no-sync", "-E", "UTF8"])
            .args(["--locale=C.UTF-8", "-D"])
            .arg(&data)
            .stdout(Stdio::null())
            .output()
            .expect("initdb");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        // Free a moment ago; nobody else asks for it in between.
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let log = fs::File::create(folder.path().join("log")).expect("a log");
        let child = as_nobody(&programs.join("postgres"))
            .args(["-F", "-h", "127.0.0.1", "-p", &port.to_string(), "-c", "max_connections=60"])
            .arg("-k")
            .arg(folder.path())
            .arg("-D")
            .arg(&data)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("postgres");
        let server = Server { child, port, folder };
        server.wait();
        Some(server)
    }

    pub fn url(&self) -> String {
        format!("postgres://steward@127.0.0.1:{}/postgres", self.port)
    }

    fn wait(&self) {
        let limit = Instant::now() + LIMIT;
        loop {
            let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            if log.contains("ready to accept connections") {
                return;
            }
            assert!(Instant::now() < limit, "the server does not begin:\n{log}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is killed, and its folder goes: nothing in it has to be whole.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where the server's programs are: on the path, or where Debian puts them.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    if let Ok(versions) = fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    folders.into_iter().find(|f| f.join("initdb").exists() && f.join("postgres").exists())
}

/// A program, run by a user who is not root.
fn as_nobody(program: &Path) -> Command {
    if !rustix::process::geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--pdeathsig=KILL"]);
    command.arg(program).env("HOME", "/tmp").current_dir("/tmp");
    command
}
