//! A thousand real runs at once, and what watching them costs. Takes two minutes and two thousand
//! processes, so it runs only where `STEWARD_TEST_THOUSAND` is set; with `--nocapture` it prints
//! the figures.

use std::time::{Duration, Instant};

use steward::jobs::platform::IdempotencyKey;

use crate::house::{Ground, until};

const RUNS: usize = 1_000;

/// Seconds of processor time of this process so far: fields 14 and 15 of /proc/self/stat, in
/// hundredths.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("a kernel");
    let (_, rest) = stat.rsplit_once(')').expect("a name");
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let ticks = |field: usize| fields[field - 3].parse::<f64>().expect("a number");
    (ticks(14) + ticks(15)) / 100.0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_runs_are_watched_with_a_tenth_of_two_cores() {
    if std::env::var_os("STEWARD_TEST_THOUSAND").is_none() {
        return;
    }
    let ground = Ground::new(&[(
        "work",
        "i=0\nwhile [ ! -e go ]; do i=$((i+1)); echo \"::progress $i/1000 at work::\"; sleep 15; done\n",
    )]);
    let house = ground.live().await;
    let begin = Instant::now();
    let mut numbers = Vec::new();
    for _ in 0..RUNS {
        let run = house.authorized("work", None).await;
        numbers.push(house.dispatch(&run, &IdempotencyKey::random()).await.number);
    }
    println!("started {RUNS} runs in {:.1} s", begin.elapsed().as_secs_f64());
    // Past the first seconds, when looks are close.
    tokio::time::sleep(Duration::from_secs(25)).await;
    let (cpu, clock) = (cpu_seconds(), Instant::now());
    tokio::time::sleep(Duration::from_secs(60)).await;
    let share = (cpu_seconds() - cpu) / clock.elapsed().as_secs_f64();
    println!("watching {RUNS} runs takes {:.1} % of one core", share * 100.0);
    std::fs::write(ground.file("go"), "").expect("written");
    let last = *numbers.last().expect("a run");
    let begin = Instant::now();
    until("all are over", || numbers.iter().all(|number| !house.ends(*number).is_empty())).await;
    println!(
        "all {RUNS} ends were told within {:.1} s; the last is #{last}",
        begin.elapsed().as_secs_f64()
    );
    assert!(share < 0.2, "a tenth of two cores is 20 % of one; it took {:.1} %", share * 100.0);
}
