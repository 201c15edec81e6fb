//! Programs that run an argument as code, and which of their arguments that is. A value there
//! would be a program of whoever typed it.

use crate::catalog::Argument;

/// Programs that run the program that is named among their arguments.
const WRAPPERS: [&str; 27] = [
    "busybox",
    "chroot",
    "chrt",
    "docker",
    "doas",
    "env",
    "find",
    "flock",
    "ionice",
    "kubectl",
    "nice",
    "nohup",
    "nsenter",
    "parallel",
    "podman",
    "runuser",
    "script",
    "setsid",
    "ssh",
    "stdbuf",
    "su",
    "sudo",
    "systemd-run",
    "time",
    "timeout",
    "unshare",
    "xargs",
];

/// Where a program expects code.
#[derive(Clone, Copy)]
enum Code {
    /// Behind an option: a letter, alone or the last of several (`-c`, `-lc`), or a word. Behind the
    /// name of a script, options are the script's own.
    Behind(&'static [char], &'static [&'static str]),
    /// The same, also behind an argument that is no option.
    Anywhere(&'static [char], &'static [&'static str]),
    /// As a shell, which takes the letter wherever it stands, and other options behind it.
    Shell,
    /// As its first argument that is no option, unless one of the options brings the code from
    /// elsewhere; which options have a value of their own.
    First { elsewhere: &'static [&'static str], valued: &'static [&'static str] },
    /// Everything behind the name of the host, which a shell there puts together.
    BehindHost,
}

/// The parameters whose values would be run as code, each with the program that would do so.
pub fn run_as_code(arguments: &[Argument]) -> Vec<(&str, &str)> {
    let mut flat = Vec::new();
    flatten(arguments, &mut flat);
    let wraps = matches!(flat.first(), Some(Argument::Literal(program)) if is_wrapper(program));
    let mut found = Vec::new();
    for (at, argument) in flat.iter().enumerate() {
        let Argument::Literal(program) = argument else { continue };
        if at > 0 && !wraps {
            break;
        }
        let rest = &flat[at + 1..];
        for code in expected_by(base_name(program)) {
            found.extend(code.parameters(rest).into_iter().map(|name| (name, program.as_str())));
        }
    }
    found
}

fn flatten<'a>(arguments: &'a [Argument], flat: &mut Vec<&'a Argument>) {
    for argument in arguments {
        match argument {
            Argument::Group(inner) => flatten(inner, flat),
            argument => flat.push(argument),
        }
    }
}

fn base_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

fn is_wrapper(program: &str) -> bool {
    WRAPPERS.contains(&base_name(program))
}

fn expected_by(program: &str) -> &'static [Code] {
    // `python3.12` is python.
    let name = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    match name {
        "sh" | "bash" | "dash" | "zsh" | "ksh" | "mksh" | "ash" | "fish" | "csh" | "tcsh" => {
            &[Code::Shell]
        }
        "python" | "pypy" => &[Code::Behind(&['c'], &[])],
        "perl" | "ruby" | "lua" | "luajit" | "osascript" | "Rscript" | "julia" | "groovy" => {
            &[Code::Behind(&['e', 'E'], &["--eval"])]
        }
        "node" | "deno" | "bun" => &[Code::Behind(&['e', 'p'], &["--eval", "--print", "eval"])],
        "php" => &[Code::Behind(&['r', 'B', 'R', 'E'], &["--run"])],
        "pwsh" | "powershell" => {
            &[Code::Behind(&['c'], &["-Command", "-command", "-EncodedCommand"])]
        }
        "su" | "runuser" | "script" | "flock" => &[Code::Anywhere(&['c'], &["--command"])],
        "env" => &[Code::Behind(&['S'], &["--split-string"])],
        "awk" | "gawk" | "mawk" | "nawk" => &[
            Code::Anywhere(&['e'], &["--source"]),
            Code::First { elsewhere: &["-f", "--file"], valued: &["-F", "-v"] },
        ],
        "sed" | "gsed" => &[
            Code::Anywhere(&['e'], &["--expression"]),
            Code::First { elsewhere: &["-e", "-f", "--expression", "--file"], valued: &["-l"] },
        ],
        "watch" => &[Code::First { elsewhere: &[], valued: &["-n", "--interval"] }],
        "ssh" | "autossh" | "rsh" => &[Code::BehindHost],
        _ => &[],
    }
}

impl Code {
    /// The parameters among the arguments of a program that stand where it expects code.
    fn parameters<'a>(self, arguments: &[&'a Argument]) -> Vec<&'a str> {
        match self {
            Code::Shell => {
                let is_option = |text: &str| text.starts_with(['-', '+']);
                let takes_code =
                    |text: &str| is_cluster(text) && !text.starts_with("--") && text.contains('c');
                let at = arguments.iter().position(|a| literal(a).is_some_and(takes_code));
                let behind = at.map_or(&[][..], |at| &arguments[at + 1..]);
                let code = behind.iter().find(|a| !literal(a).is_some_and(is_option));
                code.and_then(|code| parameter(code)).into_iter().collect()
            }
            Code::Behind(letters, words) => behind_options(arguments, letters, words, false),
            Code::Anywhere(letters, words) => behind_options(arguments, letters, words, true),
            Code::First { elsewhere, valued } => {
                if arguments.iter().any(|a| literal(a).is_some_and(|t| elsewhere.contains(&t))) {
                    return Vec::new();
                }
                let first = positional(arguments, |option| valued.contains(&option));
                first.and_then(|at| parameter(arguments[at])).into_iter().collect()
            }
            Code::BehindHost => {
                // The letters of options that have a value: `ssh -p 22 -l root host command`.
                let valued = |option: &str| {
                    option.len() == 2
                        && option.ends_with(|c: char| "BbcDEeFIiJLlmOopQRSWw".contains(c))
                };
                let host = positional(arguments, valued);
                let behind = host.map_or(&[][..], |at| &arguments[at + 1..]);
                behind.iter().filter_map(|argument| parameter(argument)).collect()
            }
        }
    }
}

fn behind_options<'a>(
    arguments: &[&'a Argument],
    letters: &[char],
    words: &[&str],
    anywhere: bool,
) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut may_be_value = false;
    for (at, argument) in arguments.iter().enumerate() {
        let text = literal(argument).unwrap_or_default();
        if words.contains(&text) || (is_cluster(text) && text.ends_with(letters)) {
            found.extend(arguments.get(at + 1).and_then(|code| parameter(code)));
        } else if !text.starts_with('-') && !may_be_value && !anywhere {
            break;
        }
        may_be_value = text.starts_with('-');
    }
    found
}

/// Where the first argument stands that is no option, nor the value of one.
fn positional(arguments: &[&Argument], valued: impl Fn(&str) -> bool) -> Option<usize> {
    let mut at = 0;
    while let Some(argument) = arguments.get(at) {
        match literal(argument) {
            Some(option) if valued(option) => at += 2,
            Some(option) if option.starts_with('-') => at += 1,
            _ => return Some(at),
        }
    }
    None
}

/// `-c`, `-lc`: options of one letter, put together.
fn is_cluster(text: &str) -> bool {
    let letters = text.strip_prefix('-').unwrap_or_default();
    !letters.is_empty() && letters.chars().all(|c| c.is_ascii_alphanumeric())
}

fn literal(argument: &Argument) -> Option<&str> {
    match argument {
        Argument::Literal(text) => Some(text),
        Argument::Parameter(_) | Argument::Group(_) => None,
    }
}

fn parameter(argument: &Argument) -> Option<&str> {
    match argument {
        Argument::Parameter(name) => Some(name),
        Argument::Literal(_) | Argument::Group(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(command: &str, expect: &[&str]) {
        let argument = |word: &str| match word.strip_prefix('{').and_then(|w| w.strip_suffix('}')) {
            Some(name) => Argument::Parameter(name.to_owned()),
            None => Argument::Literal(word.to_owned()),
        };
        let arguments: Vec<Argument> = command.split(' ').map(argument).collect();
        let found: Vec<&str> = run_as_code(&arguments).into_iter().map(|(name, _)| name).collect();
        assert_eq!(found, expect, "{command}");
        // What may be left out is no safer.
        let (program, rest) = arguments.split_first().unwrap();
        let grouped = [program.clone(), Argument::Group(rest.to_vec())];
        assert_eq!(run_as_code(&grouped).len(), expect.len(), "{command}");
    }

    #[test]
    fn code_from_a_value_is_found() {
        check("sh -c {x}", &["x"]);
        check("/bin/bash -lc {x}", &["x"]);
        check("bash -c -e {x}", &["x"]);
        check("bash -euo pipefail -c {x}", &["x"]);
        check("env A=1 bash -c {x}", &["x"]);
        check("sudo -u app sh -c {x}", &["x"]);
        check("env -S {x}", &["x"]);
        check("python3 -c {x}", &["x"]);
        check("python3.12 -Bc {x} {y}", &["x"]);
        check("perl -ne {x} file", &["x"]);
        check("node --eval {x}", &["x"]);
        check("perl -I lib -e {x}", &["x"]);
        check("flock /lock -c {x}", &["x"]);
        check("awk -F , {x} file", &["x"]);
        check("sed -i {x} file", &["x"]);
        check("sed -n -e {x} file", &["x"]);
        check("su -c {x} app", &["x"]);
        check("ssh -p 22 {host} systemctl restart {x}", &["x"]);
        check("ssh host {x}", &["x"]);
        check("find . -exec sh -c {x} ;", &["x"]);
    }

    #[test]
    fn values_that_stay_values_are_left_alone() {
        check("sh -c echo {x}", &[]);
        check("sh -c echo _ {x} {y}", &[]);
        check("sh ./run.sh -- {x}", &[]);
        check("./deploy --shell sh -c {x}", &[]);
        check("python3 run.py -c {x}", &[]);
        check("grep -e {x} file", &[]);
        check("awk -v name=1 -f prog.awk {x}", &[]);
        check("awk {print} {x}", &["print"]);
        check("ssh {host} uptime", &[]);
        check("echo -c {x}", &[]);
        check("kubectl rollout restart {x}", &[]);
    }
}
