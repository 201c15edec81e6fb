//! What an administrator relies on: nobody runs what they may not, and everything is written down.

mod approvals;
mod audit;
mod changed_jobs;
mod files;
mod hostile;
mod limits;
mod people;
mod runs;
mod shared;
mod shipped;
mod ways_in;
mod world;
